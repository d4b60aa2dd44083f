/* SPDX-License-Identifier: BSD-2-Clause */
/* lookup_cache - what was found a short while ago; see lookup_cache.h. */
#include "lookup_cache.h"

#include "clock.h"
#include "packed_series.h"
#include "table.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#define BUCKETS       16384
#define MOST_CHANGES  2048 /* of a transaction that are told apart */
#define LARGEST_ENTRY (64 << 10)
#define STEP          256 /* of what is allocated: what one leaves shall fit the next */

typedef enum entry_kind { SERIES, REFERENCE } entry_kind;

/* A series is a packed one behind it; a reference the series it belongs to, and the texts of both
 * behind it. */
typedef struct entry {
    uint64_t hash;
    entry_kind kind;
    size_t size;                 /* of all of it */
    struct entry *next;          /* in its bucket */
    struct entry *newer, *older; /* by when they were asked for */
    pm_slice key;
    pm_slice series; /* of a reference */
    int part;
    pm_known known[]; /* of a series: one */
} entry;

struct pm_lookup_cache {
    size_t room;
    atomic_int_least64_t trusted_until_us;
    atomic_uint_least64_t age;

    uint64_t changed[MOST_CHANGES]; /* hashes; of whoever has the connection that writes */
    size_t changed_count;           /* more than MOST_CHANGES: all */

    pthread_mutex_t lock; /* of what follows */
    size_t used;
    entry *newest, *oldest;
    entry *buckets[BUCKETS];
};

pm_lookup_cache *pm_lookup_cache_new(size_t room)
{
    pm_lookup_cache *cache = calloc(1, sizeof(*cache));

    if (cache == NULL)
        return NULL;
    cache->room = room;
    pthread_mutex_init(&cache->lock, NULL);
    return cache;
}

/* ---- Entries; all of this is called with the lock held ---- */

static void take_out_of_line(pm_lookup_cache *cache, entry *at)
{
    if (at->newer != NULL)
        at->newer->older = at->older;
    else
        cache->newest = at->older;
    if (at->older != NULL)
        at->older->newer = at->newer;
    else
        cache->oldest = at->newer;
}

static void put_in_front(pm_lookup_cache *cache, entry *at)
{
    at->newer = NULL;
    at->older = cache->newest;
    if (cache->newest != NULL)
        cache->newest->newer = at;
    else
        cache->oldest = at;
    cache->newest = at;
}

static entry **bucket_of(pm_lookup_cache *cache, uint64_t hash)
{
    return &cache->buckets[hash % BUCKETS];
}

static void drop(pm_lookup_cache *cache, entry *dropped)
{
    entry **at = bucket_of(cache, dropped->hash);

    while (*at != dropped)
        at = &(*at)->next;
    *at = dropped->next;
    take_out_of_line(cache, dropped);
    cache->used -= dropped->size;
    free(dropped);
}

static entry *find(pm_lookup_cache *cache, entry_kind kind, pm_slice key, uint64_t hash)
{
    entry *at = *bucket_of(cache, hash);

    while (at != NULL && (at->hash != hash || at->kind != kind || !pm_slice_equal(at->key, key)))
        at = at->next;
    return at;
}

static void add(pm_lookup_cache *cache, entry *added)
{
    entry **bucket = bucket_of(cache, added->hash);
    entry *old = find(cache, added->kind, added->key, added->hash);

    if (old != NULL)
        drop(cache, old);
    added->next = *bucket;
    *bucket = added;
    put_in_front(cache, added);
    cache->used += added->size;
    while (cache->used > cache->room)
        drop(cache, cache->oldest);
}

static void drop_all(pm_lookup_cache *cache)
{
    for (entry *at = cache->newest, *older; at != NULL; at = older) {
        older = at->older;
        free(at);
    }
    cache->newest = cache->oldest = NULL;
    cache->used = 0;
    memset(cache->buckets, 0, sizeof(cache->buckets));
}

void pm_lookup_cache_free(pm_lookup_cache *cache)
{
    if (cache == NULL)
        return;
    drop_all(cache);
    pthread_mutex_destroy(&cache->lock);
    free(cache);
}

/* ---- Who looks up ---- */

static bool is_trusted(const pm_lookup_cache *cache)
{
    return cache != NULL && atomic_load(&cache->trusted_until_us) > pm_clock_us();
}

/* With the lock held when it is there. */
static entry *ask_for(pm_lookup_cache *cache, entry_kind kind, pm_slice key)
{
    const uint64_t hash = pm_hash(key);
    entry *found;

    pthread_mutex_lock(&cache->lock);
    found = find(cache, kind, key, hash);
    if (found == NULL) {
        pthread_mutex_unlock(&cache->lock);
        return NULL;
    }
    take_out_of_line(cache, found);
    put_in_front(cache, found);
    return found;
}

bool pm_lookup_cache_series(pm_lookup_cache *cache, pm_arena *arena, pm_slice id,
                            pm_known *known_out)
{
    entry *found = is_trusted(cache) ? ask_for(cache, SERIES, id) : NULL;
    pm_known *copy;

    if (found == NULL)
        return false;
    copy = pm_packed_copy(arena, found->known, found->size - sizeof(*found));
    pthread_mutex_unlock(&cache->lock);
    if (copy != NULL)
        *known_out = *copy;
    return copy != NULL;
}

bool pm_lookup_cache_reference(pm_lookup_cache *cache, pm_arena *arena, pm_slice message_id,
                               pm_slice *series_out, int *part_out)
{
    entry *found = is_trusted(cache) ? ask_for(cache, REFERENCE, message_id) : NULL;
    pm_slice series;

    if (found == NULL)
        return false;
    series = pm_copy(arena, found->series);
    if (series.data != NULL) {
        *series_out = series;
        if (part_out != NULL)
            *part_out = found->part;
    }
    pthread_mutex_unlock(&cache->lock);
    return series.data != NULL;
}

uint64_t pm_lookup_cache_age(pm_lookup_cache *cache)
{
    return cache == NULL ? 0 : atomic_load(&cache->age);
}

static void put(pm_lookup_cache *cache, uint64_t age, entry *made)
{
    made->hash = pm_hash(made->key);
    pthread_mutex_lock(&cache->lock);
    if (atomic_load(&cache->age) == age) {
        add(cache, made);
        made = NULL;
    }
    pthread_mutex_unlock(&cache->lock);
    free(made);
}

/* NULL: it is too large, or there is no memory; it is not kept then. */
static entry *make(entry_kind kind, size_t size)
{
    entry *made = NULL;

    if (size <= LARGEST_ENTRY)
        made = malloc((sizeof(*made) + size + STEP - 1) / STEP * STEP);
    if (made != NULL)
        *made = (entry){.kind = kind, .size = sizeof(*made) + size};
    return made;
}

void pm_lookup_cache_put_series(pm_lookup_cache *cache, uint64_t age, const pm_known *known)
{
    entry *made = cache == NULL ? NULL : make(SERIES, pm_packed_size(known));

    if (made == NULL)
        return;
    made->key = pm_packed_write(made->known, known)->series.id;
    put(cache, age, made);
}

void pm_lookup_cache_put_reference(pm_lookup_cache *cache, uint64_t age, pm_slice message_id,
                                   pm_slice series, int part)
{
    entry *made = cache == NULL ? NULL : make(REFERENCE, message_id.len + series.len);
    char *texts;

    if (made == NULL)
        return;
    texts = (char *)made->known;
    memcpy(texts, message_id.data, message_id.len);
    memcpy(texts + message_id.len, series.data, series.len);
    made->key = (pm_slice){texts, message_id.len};
    made->series = (pm_slice){texts + message_id.len, series.len};
    made->part = part;
    put(cache, age, made);
}

/* ---- Who writes ---- */

void pm_lookup_cache_trust(pm_lookup_cache *cache, int64_t until_us)
{
    if (cache != NULL)
        atomic_store(&cache->trusted_until_us, until_us);
}

void pm_lookup_cache_change(pm_lookup_cache *cache, pm_slice id)
{
    if (cache == NULL || cache->changed_count > MOST_CHANGES)
        return;
    if (cache->changed_count < MOST_CHANGES)
        cache->changed[cache->changed_count] = pm_hash(id);
    cache->changed_count++;
}

void pm_lookup_cache_change_all(pm_lookup_cache *cache)
{
    if (cache != NULL)
        cache->changed_count = MOST_CHANGES + 1;
}

/* Two ids of one hash both go. */
static void drop_hash(pm_lookup_cache *cache, uint64_t hash)
{
    for (entry *at = *bucket_of(cache, hash), *next; at != NULL; at = next) {
        next = at->next;
        if (at->hash == hash)
            drop(cache, at);
    }
}

void pm_lookup_cache_settle(pm_lookup_cache *cache)
{
    if (cache == NULL || cache->changed_count == 0)
        return;
    pthread_mutex_lock(&cache->lock);
    atomic_fetch_add(&cache->age, 1);
    if (cache->changed_count > MOST_CHANGES)
        drop_all(cache);
    for (size_t i = 0; cache->changed_count <= MOST_CHANGES && i < cache->changed_count; i++)
        drop_hash(cache, cache->changed[i]);
    pthread_mutex_unlock(&cache->lock);
    cache->changed_count = 0;
}

void pm_lookup_cache_clear(pm_lookup_cache *cache)
{
    pm_lookup_cache_change_all(cache);
    pm_lookup_cache_settle(cache);
}
