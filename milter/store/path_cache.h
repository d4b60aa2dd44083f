/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * path_cache - which paths have been written to the store a short while ago: most letters change
 * files that others have changed before, and then cost no statement.
 *
 * Not what is known: that a path is missing here says nothing. One thread at a time, the writer's.
 */
#ifndef PM_PATH_CACHE_H
#define PM_PATH_CACHE_H

#include "slice.h"

typedef struct pm_path_cache pm_path_cache; /* of fixed size, 128 KiB */

pm_path_cache *pm_path_cache_new(void) __attribute__((warn_unused_result)); /* NULL: no memory */
void pm_path_cache_free(pm_path_cache *cache);                              /* NULL is allowed */

/* Add a path of a project that was seen in a month. False: it was there. A NULL cache never has
 * one. */
bool pm_path_cache_add(pm_path_cache *cache, pm_slice project, pm_slice path, int64_t month);

/* What was added may not have been written, or is there no more. NULL is allowed. */
void pm_path_cache_clear(pm_path_cache *cache);

#endif
