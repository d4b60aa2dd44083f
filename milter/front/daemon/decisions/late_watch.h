/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * late_watch - notices that a message has brought late evidence: which of the newest decisions
 * would be otherwise now that its series is known better.
 *
 * Asks the memory of series, and so belongs behind the answer to the MTA. For one thread at a time.
 * What it misses (the store is away, the decision is too old) `patchmark series late` still finds.
 */
#ifndef PM_LATE_WATCH_H
#define PM_LATE_WATCH_H

#include "decision.h"
#include "store.h"
#include "strbuf.h"

typedef struct pm_late_watch pm_late_watch;

/* A decision as it comes. Borrowed. */
typedef struct pm_arrival {
    pm_role role;  /* what says nothing of its series may still be one that was taken for a root */
    pm_slice line; /* as it is written, without its LF */
    pm_slice message_id, queue_id, series;
    const pm_slice *joins; /* series that turned out to be this one */
    size_t join_count;
    bool delivered;    /* false: nobody has its marks, and it is not kept */
    bool moves;        /* see outcome.h */
    bool more_follows; /* of its series, and is in the memory already: that is the evidence then,
                        * and not this one */
} pm_arrival;

/* store must stay open until the end. NULL without memory. */
pm_late_watch *pm_late_watch_new(pm_store *store) __attribute__((warn_unused_result));
void pm_late_watch_free(pm_late_watch *watch); /* NULL is allowed */

/* A line that was written before, or by somebody else: a decision is kept, what was told of one is
 * not told again. Other lines are passed over. */
void pm_late_watch_recall(pm_late_watch *watch, pm_slice line);

/* Keep this one; compare it and the earlier ones with what is known now, tell what is otherwise
 * (lines of the log, added to lines_out). time is seconds since 1970. Returns how many were told.
 */
unsigned pm_late_watch_arrival(pm_late_watch *watch, const pm_arrival *arrival, int64_t time,
                               pm_strbuf *lines_out);

#endif
