/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * decision_tail - the newest decisions in memory, found by their series and by their message: what
 * late evidence is compared with. Past its room the oldest one goes.
 *
 * For one thread at a time. Not what is late; see late_watch.h.
 */
#ifndef PM_DECISION_TAIL_H
#define PM_DECISION_TAIL_H

#include "slice.h"

#include <stdint.h>

typedef struct pm_tail pm_tail;

typedef struct pm_tail_entry {
    pm_slice line; /* of the log, without its LF */
    pm_slice message_id, queue_id;
    pm_slice series;    /* as far as is known; see pm_tail_move */
    uint64_t looked_at; /* for who looks: what was known of the series then; 0: not yet */
    uint64_t told; /* and what was told of the decision; 0: nothing, or that all is as it was */
} pm_tail_entry;

/* At most so many decisions, in at most so many bytes. NULL without memory. */
pm_tail *pm_tail_new(size_t most, size_t most_bytes) __attribute__((warn_unused_result));
void pm_tail_free(pm_tail *tail); /* NULL is allowed */

/* Keep a copy of one. Without memory it is not kept. */
void pm_tail_add(pm_tail *tail, const pm_tail_entry *entry);

/* The newest decision of a series, then the ones before; NULL past the last. */
pm_tail_entry *pm_tail_first(const pm_tail *tail, pm_slice series);
pm_tail_entry *pm_tail_next(const pm_tail_entry *entry);

/* The decision about a message under one queue id, or NULL. */
pm_tail_entry *pm_tail_find(const pm_tail *tail, pm_slice message_id, pm_slice queue_id);

/* It belongs to another series: it is that one's newest now, and has not been looked at. Without
 * memory it stays where it is. */
void pm_tail_move(pm_tail *tail, pm_tail_entry *entry, pm_slice series);

#endif
