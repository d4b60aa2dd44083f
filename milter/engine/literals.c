/* SPDX-License-Identifier: BSD-2-Clause */
/* literals - which of thousands of literals stand in a text; see literals.h. */
#include "literals.h"

#include "table.h"

#include <limits.h>

#define GRAM_SIZES 3 /* eight bytes, which stand nearly nowhere by chance; four; three */

typedef struct literal {
    pm_slice text;   /* in lower case */
    uint64_t gram;   /* the bytes picked, the last one lowest */
    uint32_t behind; /* bytes of text up to the end of its gram */
    uint32_t next;   /* the next in its bucket, + 1; 0 ends it */
    size_t number;
} literal;

/* The literals whose gram has so many bytes: as many as they are long enough for. */
typedef struct grams {
    size_t size;       /* of a gram */
    uint64_t mask;     /* of its bytes */
    unsigned bit_log;  /* the bitmap has 1 << bit_log bits */
    unsigned slot_log; /* and so many buckets */
    uint64_t *bits;
    uint32_t *buckets; /* index + 1 of the first literal; 0: none */
    size_t count;
} grams;

struct pm_literals {
    pm_arena *arena;
    pm_table *numbers; /* of literal, by its text */
    literal **items;
    size_t count, room;
    grams sets[GRAM_SIZES];
    unsigned char lower[UCHAR_MAX + 1];
};

pm_literals *pm_literals_new(pm_arena *arena)
{
    pm_literals *made = pm_alloc(arena, sizeof(*made));

    if (made == NULL)
        return NULL;
    made->arena = arena;
    made->numbers = pm_table_new(arena);
    made->sets[0] = (grams){.size = 8, .mask = UINT64_MAX};
    made->sets[1] = (grams){.size = 4, .mask = 0xFFFFFFFF};
    made->sets[2] = (grams){.size = 3, .mask = 0x00FFFFFF};
    for (unsigned c = 0; c <= UCHAR_MAX; c++)
        made->lower[c] = (unsigned char)pm_lower((char)c);
    return made->numbers == NULL ? NULL : made;
}

pm_status pm_literals_add(pm_literals *literals, pm_slice text, size_t *number_out)
{
    char *lower = pm_alloc(literals->arena, text.len);
    literal *made = pm_alloc(literals->arena, sizeof(*made)), *known;

    if (lower == NULL || made == NULL)
        return PM_LIMIT;
    for (size_t i = 0; i < text.len; i++)
        lower[i] = pm_lower(text.data[i]);
    made->text = (pm_slice){lower, text.len};
    known = pm_table_get(literals->numbers, made->text);
    if (known != NULL) {
        *number_out = known->number;
        return PM_OK;
    }
    if (pm_grow(literals->arena, &literals->items, &literals->room, literals->count,
                sizeof(*literals->items)) != PM_OK ||
        pm_table_put(literals->numbers, made->text, made) != PM_OK)
        return PM_LIMIT;
    made->number = *number_out = literals->count;
    literals->items[literals->count++] = made;
    return PM_OK;
}

/* Multiplicative hashing: the upper bits of the product. */
static uint32_t spread(uint64_t gram, unsigned log)
{
    return (uint32_t)((gram * UINT64_C(0x9E3779B97F4A7C15)) >> (64 - log));
}

/* The gram that ends in front of byte `behind` of the literal. */
static uint64_t gram_at(const literal *of, size_t behind, uint64_t mask)
{
    uint64_t gram = 0;

    for (size_t i = behind < 8 ? 0 : behind - 8; i < behind; i++)
        gram = gram << 8 | (unsigned char)of->text.data[i];
    return gram & mask;
}

/* Make room for count grams: a bitmap that is at most 1/16 full, and not larger than it must be. */
static bool make_room(pm_literals *literals, grams *set, size_t count)
{
    set->bit_log = 10;
    while (set->bit_log < 22 && ((size_t)1 << set->bit_log) < count * 16)
        set->bit_log++;
    set->slot_log = set->bit_log - 3;
    set->bits = pm_alloc_array(literals->arena, ((size_t)1 << set->bit_log) / 64, 8);
    set->buckets = pm_alloc_array(literals->arena, (size_t)1 << set->slot_log, 4);
    return set->bits != NULL && set->buckets != NULL;
}

/* Put the literal into the emptiest bucket its grams offer: one gram that a thousand literals
 * share, as "drm/" is, must not make each of its places in a mail cost a thousand comparisons. */
static void place(grams *set, literal *of, uint32_t *loads)
{
    uint32_t best = UINT32_MAX;
    uint32_t slot;

    for (size_t behind = set->size; behind <= of->text.len; behind++) {
        uint64_t gram = gram_at(of, behind, set->mask);
        uint32_t load = loads[spread(gram, set->slot_log)];

        if (load >= best)
            continue;
        best = load;
        of->gram = gram;
        of->behind = (uint32_t)behind;
    }
    slot = spread(of->gram, set->slot_log);
    loads[slot]++;
    of->next = set->buckets[slot];
    set->buckets[slot] = (uint32_t)of->number + 1;
    slot = spread(of->gram, set->bit_log);
    set->bits[slot / 64] |= UINT64_C(1) << slot % 64;
    set->count++;
}

/* The set that a literal belongs to. */
static grams *set_of(pm_literals *literals, const literal *of)
{
    grams *set = literals->sets;

    while (set->size > of->text.len)
        set++;
    return set;
}

pm_status pm_literals_ready(pm_literals *literals)
{
    size_t counts[GRAM_SIZES] = {0};
    uint32_t *loads[GRAM_SIZES];

    for (size_t i = 0; i < literals->count; i++)
        counts[set_of(literals, literals->items[i]) - literals->sets]++;
    for (size_t i = 0; i < GRAM_SIZES; i++) {
        grams *set = &literals->sets[i];

        if (!make_room(literals, set, counts[i]))
            return PM_LIMIT;
        loads[i] = pm_alloc_array(literals->arena, (size_t)1 << set->slot_log, 4);
        if (loads[i] == NULL)
            return PM_LIMIT;
    }
    for (size_t i = 0; i < literals->count; i++) {
        grams *set = set_of(literals, literals->items[i]);

        place(set, literals->items[i], loads[set - literals->sets]);
    }
    return PM_OK;
}

size_t pm_literals_count(const pm_literals *literals)
{
    return literals->count;
}

/* Does the literal stand where its gram was found, ending in front of byte `end`? */
static bool stands(const pm_literals *literals, const literal *of, pm_slice text, size_t end)
{
    const char *start;

    if (end < of->behind || text.len - (end - of->behind) < of->text.len)
        return false;
    start = text.data + (end - of->behind);
    for (size_t i = 0; i < of->text.len; i++) {
        if (literals->lower[(unsigned char)start[i]] != (unsigned char)of->text.data[i])
            return false;
    }
    return true;
}

/* A pass being made. */
typedef struct pass {
    const pm_literals *literals;
    pm_slice text;
    uint64_t *seen;
    pm_literal_found found;
    void *context;
} pass;

/* The bitmap says that a gram may end in front of byte `end`. */
static void look(const pass *in, const grams *set, uint64_t gram, size_t end)
{
    uint32_t at = set->buckets[spread(gram, set->slot_log)];

    while (at != 0) {
        size_t number = at - 1;
        const literal *of = in->literals->items[number];
        uint64_t bit = UINT64_C(1) << number % 64;

        at = of->next;
        if (of->gram != gram || (in->seen[number / 64] & bit) != 0 ||
            !stands(in->literals, of, in->text, end))
            continue;
        in->seen[number / 64] |= bit;
        in->found(in->context, number);
    }
}

static inline bool may_stand(const grams *set, uint64_t gram)
{
    uint32_t bit = spread(gram, set->bit_log);

    return (set->bits[bit / 64] >> bit % 64 & 1) != 0;
}

/* All literals of one set. */
static void find_in_set(const pass *in, const grams *of)
{
    const grams set = *of;
    uint64_t window = 0;

    if (set.count == 0)
        return;
    for (size_t i = 0; i < in->text.len; i++) {
        window = window << 8 | in->literals->lower[(unsigned char)in->text.data[i]];
        if (i + 1 >= set.size && may_stand(&set, window & set.mask))
            look(in, &set, window & set.mask, i + 1);
    }
}

void pm_literals_find(const pm_literals *literals, pm_slice text, uint64_t *seen,
                      pm_literal_found found, void *context)
{
    const pass in = {literals, text, seen, found, context};

    for (size_t i = 0; i < GRAM_SIZES; i++)
        find_in_set(&in, &literals->sets[i]);
}
