/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * shortlog - the list of patches in a cover letter, as git shortlog prints it: "Name (N):" and
 * indented titles, possibly wrapped.
 *
 * Rows are counted against N, so that prose that looks like one is not taken for it.
 */
#ifndef PM_SHORTLOG_H
#define PM_SHORTLOG_H

#include "arena.h"

typedef struct pm_shortlog_entry {
    pm_slice author;
    pm_slice title; /* unwrapped */
} pm_shortlog_entry;

typedef struct pm_shortlog {
    pm_shortlog_entry *entries;
    size_t count;  /* 0 when there is no shortlog */
    pm_slice text; /* where it stands */
} pm_shortlog;

/* The shortlog of text, outside quoting. PM_LIMIT past the budget (at most 5,000 entries). */
pm_status pm_shortlog_find(pm_arena *arena, pm_slice text, pm_shortlog *shortlog_out);

#endif
