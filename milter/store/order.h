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

/* Exactly one of memo, link, or forgetting (both NULL). */
typedef struct pm_order {
    const pm_memo *memo;
    const pm_link *link;
    int64_t forget_before;
    unsigned forget_most; /* series */
} pm_order;

/* PM_FAULT: its ids are none. PM_LIMIT past the arena's budget. */
pm_status pm_order_copy(pm_arena *arena, const pm_order *order, pm_order *copy_out);

#endif
