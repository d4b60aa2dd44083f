/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arena - memory that is given back all at once, with a budget that hostile mail cannot exceed.
 *
 * One arena belongs to one message (or one snapshot) and to one thread at a time. Under a sanitizer
 * every allocation is a malloc of its own, so that an overrun is seen.
 *
 * Not a general allocator: nothing is given back singly.
 */
#ifndef PM_ARENA_H
#define PM_ARENA_H

#include "slice.h"

typedef struct pm_arena pm_arena;

/* An arena that hands out at most budget bytes, counted in whole steps of the largest alignment
 * (16). NULL when there is no memory. */
pm_arena *pm_arena_new(size_t budget) __attribute__((warn_unused_result));

/* Everything handed out becomes invalid; the arena is as new. Keeps one block for the next message.
 */
void pm_arena_reset(pm_arena *arena);

/* NULL is allowed. */
void pm_arena_free(pm_arena *arena);

/* size bytes, cleared, aligned for any type; they live until reset or free. NULL past the budget
 * (the caller answers PM_LIMIT) or without memory. size 0 is fine and gives a pointer not to use.
 */
void *pm_alloc(pm_arena *arena, size_t size) __attribute__((warn_unused_result));

/* count things of size bytes; NULL also when the product does not fit in a size_t. */
void *pm_alloc_array(pm_arena *arena, size_t count, size_t size)
    __attribute__((warn_unused_result));

/* A copy of the bytes, with a NUL behind them that is not counted in its length. data is NULL past
 * the budget. */
pm_slice pm_copy(pm_arena *arena, pm_slice bytes) __attribute__((warn_unused_result));

/* text in lower case (ASCII's); borrowed when it is so already, as most is. data is NULL past the
 * budget. */
pm_slice pm_lowered(pm_arena *arena, pm_slice text) __attribute__((warn_unused_result));

/* printf into the arena, NUL-terminated. data is NULL past the budget. */
pm_slice pm_print(pm_arena *arena, const char *format, ...)
    __attribute__((warn_unused_result, format(printf, 2, 3)));

/* An array that grows: *items has room for *room things of size bytes of which used are taken.
 * Makes room for one more, moving them if need be (the old place is not given back). PM_LIMIT past
 * the budget, and then nothing has changed. */
pm_status pm_grow(pm_arena *arena, void *items, size_t *room, size_t used, size_t size)
    __attribute__((warn_unused_result));

/* Bytes handed out since the last reset, each piece rounded up to its alignment, and the budget. */
size_t pm_arena_used(const pm_arena *arena);
size_t pm_arena_budget(const pm_arena *arena);

#endif
