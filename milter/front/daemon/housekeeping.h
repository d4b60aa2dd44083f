/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * housekeeping - a thread that keeps the memory of series within its limits: at the start and then
 * about once an hour, in small steps with pauses in between, so that mail never waits for it.
 *
 * Not what has to go; see retention.h.
 */
#ifndef PM_HOUSEKEEPING_H
#define PM_HOUSEKEEPING_H

#include "store.h"

/* The limits from now on; see pm_retention. To be called before the start, too. */
void pm_housekeeping_set(int64_t age_us, uint64_t most_bytes);

/* Start it. store must stay open until the stop; NULL: there is nothing to do. Without a thread,
 * which is logged, the memory only grows. */
void pm_housekeeping_start(pm_store *store);

/* End it: at once, or after the small step it is at. Nothing happens when it was not started. */
void pm_housekeeping_stop(void);

#endif
