/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * retention - how long series are remembered, and how much room they may take: what is past either
 * limit is forgotten, what was seen longest ago first. Paths go by the same limits, after the
 * series; notes of plugins go when they have expired.
 *
 * Not when that happens: a thread of the daemon and `patchmark series forget` decide.
 */
#ifndef PM_RETENTION_H
#define PM_RETENTION_H

#include "store.h"

typedef struct pm_retention {
    int64_t age_us;      /* series without mail for that long go; 0: none go for their age */
    uint64_t most_bytes; /* what all may take, as pm_store_used tells it; 0: no limit */

    /* Called between two small steps, to let others have the store for a while. False: it is
     * enough. NULL: no pauses. */
    bool (*pause)(void *context);
    void *context;
} pm_retention;

typedef struct pm_forgotten {
    uint64_t aged;    /* series that went for their age */
    uint64_t crowded; /* and for want of room */
    uint64_t paths, notes;
    uint64_t used; /* bytes taken now; 0: the database does not tell */
} pm_forgotten;

/* Forget what is past the limits at now_us (pm_clock_wall_us), and give the room back. PM_LATER:
 * the store was away, or pause said that it is enough. *forgotten_out says what went until then. A
 * database that does not tell what it takes has no limit for it. */
pm_status pm_retention_enforce(pm_store *store, const pm_retention *limits, int64_t now_us,
                               pm_forgotten *forgotten_out);

#endif
