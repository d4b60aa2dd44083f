/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * condition_trace - how near a condition came to holding, for people who wonder why a rule did not
 * fire. Every test is asked, so it is slow; what fires is decided in condition.c.
 */
#ifndef PM_CONDITION_TRACE_H
#define PM_CONDITION_TRACE_H

#include "condition.h"

typedef struct pm_trace {
    bool holds;
    unsigned failed;      /* the fewest tests that must come out otherwise for it to hold */
    unsigned telling;     /* tests that passed and that few letters pass: no "kind", no "project" */
    const pm_token *test; /* the first that failed, as it is written: so many tokens; else NULL */
    size_t token_count;
} pm_trace;

/* The view is of one letter, as condition.h makes it. What is told is borrowed from the condition.
 */
pm_trace pm_condition_trace(const pm_condition *condition, pm_view *view);

/* The test that failed, as it is written, on one line; empty past the arena's budget. */
pm_slice pm_trace_text(pm_arena *arena, const pm_trace *trace);

#endif
