/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * world - made-up series for the tests of the store, and the rows that lie in it afterwards, as
 * text that can be compared.
 */
#ifndef PM_WORLD_H
#define PM_WORLD_H

#include "store.h"

#define WORLD_SERIES   6
#define WORLD_MESSAGES 64 /* at the most */

typedef struct world {
    pm_memo memos[WORLD_MESSAGES];
    size_t count;
} world;

/* Series with covers, without, with parts sent twice, with replies before and after all else. */
void world_make(world *made, pm_arena *arena);

/* In another order; the same seed gives the same. */
void world_shuffle(world *shuffled, unsigned seed);

/* Everything a walk finds, one a line. */
pm_slice world_dump(pm_store *store, pm_arena *arena);

/* Far enough in the future. */
int64_t world_soon(void);

#endif
