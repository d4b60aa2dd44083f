/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * marks - the header fields that carry an outcome, and the removal of those that only claim to.
 *
 * Forms: RFC 5322 section 2.2 (ASCII, folded below 78 columns), RFC 8601 section 5 (remove what is
 * not ours before adding what is), RFC 6648 (no X-). Field by field: marks.md.
 */
#ifndef PM_MARKS_H
#define PM_MARKS_H

#include "outcome.h"

/* Fill in removals: every field whose name begins with the prefix, without case, in an order in
 * which no removal renumbers one still to come on Postfix or Sendmail. PM_LIMIT past the budget. */
pm_status pm_marks_remove(pm_message *message, pm_slice prefix, pm_outcome *outcome);

/* Fill in marks from the rest of the outcome. PM_LIMIT past the budget: as many as fit. */
pm_status pm_marks_add(pm_arena *arena, const pm_config *config, pm_outcome *outcome);

#endif
