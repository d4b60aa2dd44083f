/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pool - the connections that look-ups run on.
 *
 * A look-up never connects: a name that is not resolved, a server that does not answer, a file that
 * is locked are waited for by a thread of the pool's own, and tried again until they are back.
 */
#ifndef PM_POOL_H
#define PM_POOL_H

#include "database.h"

/* As many look-ups at once as there are likely processors; more only wait for each other below. */
#define PM_POOL_SIZE 8

typedef struct pm_pool pm_pool; /* many threads at once */

/* Open with first, a connection made with the same where, or with none when it is NULL. NULL
 * without memory; first is then still the caller's. */
pm_pool *pm_pool_start(const pm_driver *driver, const char *where, bool read_only, void *first)
    __attribute__((warn_unused_result));

/* All connections must have been given back. NULL is allowed. */
void pm_pool_stop(pm_pool *pool);

/* A sound connection for one look-up. NULL when none came free by the deadline, and at once while
 * none can be had. */
void *pm_pool_take(pm_pool *pool, int64_t deadline_us);
void pm_pool_give_back(pm_pool *pool, void *connection);

#endif
