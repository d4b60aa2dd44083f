/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table - a hash table from bytes to a pointer, in an arena.
 *
 * Keys come from mail, so the hash is seeded once a process: who writes mail cannot choose
 * collisions. Iteration goes in the order of insertion.
 *
 * Not for concurrent change; many threads may read one that no longer changes.
 */
#ifndef PM_TABLE_H
#define PM_TABLE_H

#include "arena.h"

typedef struct pm_table pm_table;

/* An empty table that lives in the arena. NULL past the arena's budget. */
pm_table *pm_table_new(pm_arena *arena) __attribute__((warn_unused_result));

/* Put value under key, in place of what was there. The key's bytes are borrowed: they must live as
 * long as the table. PM_LIMIT past the arena's budget. */
pm_status pm_table_put(pm_table *table, pm_slice key, void *value)
    __attribute__((warn_unused_result));

/* The value under key, or NULL. */
void *pm_table_get(const pm_table *table, pm_slice key);

/* How many keys there are. */
size_t pm_table_count(const pm_table *table);

/* The nth entry put in, from 0, or NULL past the last. key_out may be NULL. */
void *pm_table_nth(const pm_table *table, size_t nth, pm_slice *key_out);

/* The seeded hash itself, for those who keep their own buckets. Differs from run to run. */
uint64_t pm_hash(pm_slice bytes);

#endif
