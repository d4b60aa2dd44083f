/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pool - the states that scripts run in. scan() is called on many threads, and a state serves one
 * at a time: it is taken, used, and given back. States are made when they are asked for.
 */
#ifndef PATCHMARK_LUA_POOL_H
#define PATCHMARK_LUA_POOL_H

#include "sandbox.h"

#include <stdbool.h>

typedef struct pool pool;

/* Makes a state that is ready to use; NULL for want of memory. Called on any thread. */
typedef sandbox *(*pool_make)(void *context);

/* Up to `most` states, 1 to 256. NULL for want of memory. */
pool *pool_new(unsigned most, pool_make make, void *context);
void pool_free(pool *states); /* all have been given back; NULL is allowed */

/* A state for the caller alone. NULL when all were in use for wait_us microseconds, or for want of
 * memory. */
sandbox *pool_take(pool *states, int64_t wait_us);

/* Give it back; or away, when it is spoiled: another one is made when it is needed. */
typedef enum pool_condition { POOL_CLEAN, POOL_SPOILED } pool_condition;
void pool_give(pool *states, sandbox *box, pool_condition condition);

#endif
