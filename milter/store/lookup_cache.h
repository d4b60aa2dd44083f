/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lookup_cache - series and references that were found a short while ago, in memory: a thread is
 * asked for with each of its mails, and who sends most has hundreds of series that each new one of
 * theirs is compared with.
 *
 * Not what is known: that something is missing here says nothing. What this process writes is taken
 * out when it is committed; what others write is found out by whoever calls pm_lookup_cache_trust,
 * and until then at most, what is here counts.
 */
#ifndef PM_LOOKUP_CACHE_H
#define PM_LOOKUP_CACHE_H

#include "memory.h"

typedef struct pm_lookup_cache pm_lookup_cache; /* many threads at once */

/* One that takes about room bytes at the most; what was not asked for longest goes. NULL without
 * memory. */
pm_lookup_cache *pm_lookup_cache_new(size_t room) __attribute__((warn_unused_result));
void pm_lookup_cache_free(pm_lookup_cache *cache); /* NULL is allowed */

/* ---- Who looks up. A NULL cache has nothing and takes nothing. ---- */

/* True: it is here, with its results in the arena. part_out may be NULL. */
bool pm_lookup_cache_series(pm_lookup_cache *cache, pm_arena *arena, pm_slice id,
                            pm_known *known_out);
bool pm_lookup_cache_reference(pm_lookup_cache *cache, pm_arena *arena, pm_slice message_id,
                               pm_slice *series_out, int *part_out);

/* Counts what was taken out. Asked for before the database is: what is put in is what was known
 * then, and is not taken when something was taken out since. */
uint64_t pm_lookup_cache_age(pm_lookup_cache *cache);

/* The id of the series may not be empty. */
void pm_lookup_cache_put_series(pm_lookup_cache *cache, uint64_t age, const pm_known *known);
void pm_lookup_cache_put_reference(pm_lookup_cache *cache, uint64_t age, pm_slice message_id,
                                   pm_slice series, int part);

/* ---- Who has the connection that writes: one thread at a time. NULL is allowed. ---- */

/* What is here counts until then (pm_clock_us): others have not written. */
void pm_lookup_cache_trust(pm_lookup_cache *cache, int64_t until_us);

/* Others have, or nobody knows. */
void pm_lookup_cache_clear(pm_lookup_cache *cache);

/* What a transaction changes: the series, and the reference of the message, that has this id. */
void pm_lookup_cache_change(pm_lookup_cache *cache, pm_slice id);
void pm_lookup_cache_change_all(pm_lookup_cache *cache);

/* It has ended, whichever way: what it changed is taken out. Before anybody hears of it. */
void pm_lookup_cache_settle(pm_lookup_cache *cache);

#endif
