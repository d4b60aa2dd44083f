/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * order - one thing that is to be written, as a copy that is fit to be kept.
 *
 * The caller goes away at its deadline, whatever the database is doing at that moment; and what
 * mail says is made text here, once, that every database takes.
 */
#ifndef PM_ORDER_H
#define PM_ORDER_H

#include "store.h"

typedef enum pm_forgetting {
    PM_FORGET_SERIES, /* last seen before then */
    PM_FORGET_PATHS,  /* last seen in a month that was over by then */
    PM_FORGET_NOTES,  /* that have expired by then */
} pm_forgetting;

/* Exactly one of memo, link, unpin, notes, paths, or forgetting (all of them NULL). */
typedef struct pm_order {
    const pm_memo *memo;
    const pm_link *link;
    const pm_link *unpin; /* instead of what a person has said */
    const pm_note *notes;
    size_t note_count;
    bool trims; /* what the plugins of these notes have beyond what they may is forgotten */
    const pm_paths_seen *paths;
    pm_forgetting forgetting;
    int64_t forget_before;
    unsigned forget_most;
} pm_order;

/* PM_FAULT: its ids are none. PM_LIMIT past the arena's budget. */
pm_status pm_order_copy(pm_arena *arena, const pm_order *order, pm_order *copy_out);

#endif
