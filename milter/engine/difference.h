/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * difference - in which respects two outcomes for the same message are not the same: what a reader
 * of its marks, or the MTA, would notice.
 *
 * Confidence and reasons are left out: they change with every weight.
 */
#ifndef PM_DIFFERENCE_H
#define PM_DIFFERENCE_H

#include "outcome.h"
#include "strbuf.h"

typedef enum pm_aspect {
    PM_ASPECT_INBOX,
    PM_ASPECT_PROJECT,
    PM_ASPECT_SUBSYSTEMS,
    PM_ASPECT_TAGS,
    PM_ASPECT_KIND,
    PM_ASPECT_REVISION,
    PM_ASPECT_PART,
    PM_ASPECT_SERIES,
    PM_ASPECT_CHAIN,
    PM_ASPECT_SUPERSEDES,
    PM_ASPECT_FIELDS,
    PM_ASPECT_RECIPIENTS,
    PM_ASPECT_QUARANTINE,
    PM_ASPECT_DISCARD,
    PM_ASPECT_REJECT,
    PM_ASPECTS, /* how many there are */
} pm_aspect;

const char *pm_aspect_name(pm_aspect aspect); /* "inbox" */

/* What the outcome says of it, as text for people; nothing when it says nothing. */
void pm_aspect_print(pm_aspect aspect, const pm_outcome *outcome, pm_strbuf *into);

/* A bit (1u << aspect) for each in which they differ; 0: none. */
unsigned pm_outcome_difference(const pm_outcome *one, const pm_outcome *other);

#endif
