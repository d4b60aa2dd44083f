/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store_inside - what the files of the store share, and ask of each other.
 *
 * For these files only: everybody else includes store.h.
 */
#ifndef PM_STORE_INSIDE_H
#define PM_STORE_INSIDE_H

#include "database.h"
#include "lookup_cache.h"
#include "pool.h"
#include "rows.h"
#include "store.h"
#include "writer.h"

#include <stdatomic.h>

/* How long connecting may take where no mail waits. */
#define PM_STORE_OPEN_US 5000000

struct pm_store {
    const pm_driver *driver;
    char *where;
    bool read_only;
    pm_writer *writer;      /* NULL when read_only */
    pm_lookup_cache *found; /* NULL when what others write is not found out in time */
    pm_pool *pool;
    pm_turns *turns;
    atomic_uint_least64_t late;
    atomic_uint notes; /* orders of them */
};

/* ---- store_lookup.c ---- */

/* What is asked on a connection; anything but PM_LATER is an answer. */
typedef pm_status (*pm_question)(const pm_rows *rows, void *context);

/* Ask on whichever connection is free. */
pm_status pm_store_ask(pm_store *store, pm_arena *arena, int64_t deadline_us, pm_question asked,
                       void *context);

/* The same on one that only looks up, for what takes a while. */
pm_status pm_store_ask_pool(pm_store *store, pm_rows *rows, pm_question asked, void *context);

#endif
