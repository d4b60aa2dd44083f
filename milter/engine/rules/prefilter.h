/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * prefilter - of thousands of rules, the few whose condition can hold for a letter.
 *
 * Each condition is asked what must be so when it holds (a literal in the title, a path under a
 * folder, a list's name). All that is looked for in one pass over each field; conditions of which
 * nothing is known are always tried. It only leaves out what cannot hold: the answer is the same
 * without it.
 */
#ifndef PM_PREFILTER_H
#define PM_PREFILTER_H

#include "condition.h"

typedef struct pm_prefilter pm_prefilter; /* in an arena; read-only once it is ready */

/* For the conditions of all rules, in their order. NULL past the arena's budget. */
pm_prefilter *pm_prefilter_new(pm_arena *arena, const pm_condition *const *conditions, size_t count)
    __attribute__((warn_unused_result));

/* A bitmap of the rules worth trying, in the arena; NULL past its budget. When the view becomes
 * late it is not complete. */
uint64_t *pm_prefilter_run(const pm_prefilter *prefilter, pm_arena *arena, pm_view *view)
    __attribute__((warn_unused_result));

#endif
