/* SPDX-License-Identifier: BSD-2-Clause */
/* path_cache - which paths were written a short while ago; see path_cache.h. */
#include "path_cache.h"

#include <stdint.h>
#include <stdlib.h>

#define SLOTS 16384 /* of two in one slot the later one stays */

struct pm_path_cache {
    uint64_t slots[SLOTS]; /* hashes; 0: free */
};

pm_path_cache *pm_path_cache_new(void)
{
    return calloc(1, sizeof(pm_path_cache));
}

void pm_path_cache_free(pm_path_cache *cache)
{
    free(cache);
}

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t len)
{
    const unsigned char *at = bytes;

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ at[i]) * 0x100000001b3ULL;
    return (hash ^ hash >> 32) * 0x9e3779b97f4a7c15ULL; /* so that low bits depend on all */
}

/* 64 bits tell paths apart; who finds two of one hash keeps one of them out of the store. */
bool pm_path_cache_add(pm_path_cache *cache, pm_slice project, pm_slice path, int64_t month)
{
    uint64_t hash = hash_bytes(0xcbf29ce484222325ULL, &month, sizeof(month));
    uint64_t *slot;

    if (cache == NULL)
        return true;
    hash = hash_bytes(hash, project.data, project.len);
    hash = hash_bytes(hash, path.data, path.len) | 1;
    slot = &cache->slots[hash >> 32 & (SLOTS - 1)];
    if (*slot == hash)
        return false;
    *slot = hash;
    return true;
}

void pm_path_cache_clear(pm_path_cache *cache)
{
    if (cache != NULL)
        *cache = (pm_path_cache){{0}};
}
