/* SPDX-License-Identifier: BSD-2-Clause */
/* table - a hash table from bytes to a pointer; see table.h. */
#include "table.h"

#include <pthread.h>
#include <sys/random.h>

typedef struct entry {
    pm_slice key;
    uint64_t hash;
    void *value;
} entry;

struct pm_table {
    pm_arena *arena;
    entry *entries; /* in the order of insertion */
    size_t count, room;
    uint32_t *slots; /* index + 1 into entries, 0 is free; open addressing, at most half full */
    size_t slot_count;
};

static uint64_t seed[2];

static void draw_seed(void)
{
    if (getrandom(seed, sizeof(seed), GRND_NONBLOCK) != (ssize_t)sizeof(seed))
        seed[0] = (uintptr_t)&seed; /* early boot: address layout is the best there is */
}

static uint64_t rotate(uint64_t word, unsigned bits)
{
    return word << bits | word >> (64 - bits);
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

/* SipHash-1-3 (Aumasson and Bernstein, 2012, with fewer rounds as hash tables use it). */
uint64_t pm_hash(pm_slice bytes)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    uint64_t v[4], word, last = (uint64_t)bytes.len << 56;
    size_t at = 0;

    pthread_once(&once, draw_seed);
    v[0] = seed[0] ^ 0x736f6d6570736575ULL;
    v[1] = seed[1] ^ 0x646f72616e646f6dULL;
    v[2] = seed[0] ^ 0x6c7967656e657261ULL;
    v[3] = seed[1] ^ 0x7465646279746573ULL;
    for (; at + 8 <= bytes.len; at += 8) {
        memcpy(&word, bytes.data + at, 8);
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    }
    for (size_t i = 0; at + i < bytes.len; i++)
        last |= (uint64_t)(unsigned char)bytes.data[at + i] << (8 * i);
    v[3] ^= last;
    sip_round(v);
    v[0] ^= last;
    v[2] ^= 0xff;
    sip_round(v);
    sip_round(v);
    sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

pm_table *pm_table_new(pm_arena *arena)
{
    pm_table *table = pm_alloc(arena, sizeof(*table));

    if (table != NULL)
        table->arena = arena;
    return table;
}

/* The slot that holds key, or the free one where it belongs. */
static uint32_t *find_slot(const pm_table *table, pm_slice key, uint64_t hash)
{
    for (size_t at = hash & (table->slot_count - 1);; at = (at + 1) & (table->slot_count - 1)) {
        uint32_t *slot = &table->slots[at];
        const entry *held = *slot == 0 ? NULL : &table->entries[*slot - 1];

        if (held == NULL || (held->hash == hash && pm_slice_equal(held->key, key)))
            return slot;
    }
}

static pm_status make_slots(pm_table *table)
{
    size_t wanted = table->slot_count == 0 ? 16 : table->slot_count * 2;
    uint32_t *slots;

    if (table->count * 2 < table->slot_count)
        return PM_OK;
    slots = wanted > UINT32_MAX ? NULL : pm_alloc_array(table->arena, wanted, sizeof(*slots));
    if (slots == NULL)
        return PM_LIMIT;
    table->slots = slots;
    table->slot_count = wanted;
    for (size_t i = 0; i < table->count; i++)
        *find_slot(table, table->entries[i].key, table->entries[i].hash) = (uint32_t)i + 1;
    return PM_OK;
}

pm_status pm_table_put(pm_table *table, pm_slice key, void *value)
{
    uint64_t hash = pm_hash(key);
    uint32_t *slot;

    if (make_slots(table) != PM_OK)
        return PM_LIMIT;
    slot = find_slot(table, key, hash);
    if (*slot != 0) {
        table->entries[*slot - 1].value = value;
        return PM_OK;
    }
    if (pm_grow(table->arena, &table->entries, &table->room, table->count, sizeof(entry)) != PM_OK)
        return PM_LIMIT;
    table->entries[table->count++] = (entry){key, hash, value};
    *slot = (uint32_t)table->count;
    return PM_OK;
}

void *pm_table_get(const pm_table *table, pm_slice key)
{
    uint32_t slot;

    if (table->slot_count == 0)
        return NULL;
    slot = *find_slot(table, key, pm_hash(key));
    return slot == 0 ? NULL : table->entries[slot - 1].value;
}

size_t pm_table_count(const pm_table *table)
{
    return table->count;
}

void *pm_table_nth(const pm_table *table, size_t nth, pm_slice *key_out)
{
    if (nth >= table->count)
        return NULL;
    if (key_out != NULL)
        *key_out = table->entries[nth].key;
    return table->entries[nth].value;
}
