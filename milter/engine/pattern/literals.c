/* SPDX-License-Identifier: BSD-2-Clause */
/* literals - which of thousands of literals stand in a text; see literals.h. */
#include "literals.h"

#include "table.h"

#include <limits.h>

#define LENGTHS 4 /* of literals, that are told apart */
#define CASE_BIT                                                                                   \
    0x20 /* that of ASCII letters; other bytes that differ in it are compared in vain */
#define MOST_STRIDE                                                                                \
    8 /* more grams of a literal would fill the bitmap more than they spare looks                  \
       */

typedef struct literal {
    pm_slice text; /* in lower case */
    size_t number;
} literal;

/* A gram of a literal. */
typedef struct place {
    uint64_t gram;
    uint32_t offset; /* in the literal */
    uint32_t number; /* of the literal */
    uint32_t next;   /* the next in its bucket, + 1; 0 ends it */
} place;

/* The literals of about one length, and all of their grams that are known. */
typedef struct group {
    size_t least;      /* bytes of its literals */
    size_t size;       /* of a gram: more stand seldom by chance, fewer make a longer stride */
    size_t stride;     /* grams known of a literal; one place in so many is looked at */
    uint64_t mask;     /* of a gram's bytes, without CASE_BIT */
    size_t word_mask;  /* the bitmap has one word more */
    unsigned slot_log; /* there are 1 << slot_log buckets */
    uint64_t *words;
    uint32_t *buckets; /* index + 1 of the first place; 0: none */
    place *places;
    size_t count; /* of places; 0: there is no such literal */
} group;

struct pm_literals {
    pm_arena *arena;
    pm_table *numbers; /* of literal, by its text */
    literal **items;
    size_t count, room;
    group groups[LENGTHS]; /* the longest first */
    unsigned char lower[UCHAR_MAX + 1];
};

pm_literals *pm_literals_new(pm_arena *arena)
{
    static const struct {
        size_t least, size;
    } lengths[LENGTHS] = {{11, 5}, {6, 4}, {4, 4}, {PM_LITERAL_LEAST, 3}};
    pm_literals *made = pm_alloc(arena, sizeof(*made));

    if (made == NULL)
        return NULL;
    made->arena = arena;
    made->numbers = pm_table_new(arena);
    for (size_t i = 0; i < LENGTHS; i++) {
        made->groups[i] = (group){.least = lengths[i].least, .size = lengths[i].size};
        memset(&made->groups[i].mask, (unsigned char)~CASE_BIT, lengths[i].size);
    }
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

#define GOLDEN UINT64_C(0x9E3779B97F4A7C15)

/* Multiplicative hashing: the upper bits of the product. */
static uint32_t spread(uint64_t gram, unsigned log)
{
    return (uint32_t)((gram * GOLDEN) >> (64 - log));
}

/* Is the gram perhaps known? Two bits in one word of the bitmap say so: the second one is in the
 * cache already when the first one is not enough. This is where the time goes: no shift in it is by
 * a number that the compiler does not know. */
static inline bool may_be_known(const uint64_t *words, size_t word_mask, uint64_t gram)
{
    const uint64_t hash = gram * GOLDEN;
    const uint64_t word = words[hash >> 48 & word_mask];

    if (__builtin_expect((word >> (hash >> 42 & 63) & 1) == 0, 1))
        return false;
    return (word >> (hash >> 36 & 63) & 1) != 0;
}

static void mark_known(uint64_t *words, size_t word_mask, uint64_t gram)
{
    const uint64_t hash = gram * GOLDEN;

    words[hash >> 48 & word_mask] |= UINT64_C(1) << (hash >> 42 & 63) | UINT64_C(1)
                                                                            << (hash >> 36 & 63);
}

/* The gram at the first of 8 bytes. */
static inline uint64_t gram_at(const char *bytes, uint64_t mask)
{
    uint64_t gram;

    memcpy(&gram, bytes, sizeof(gram));
    return gram & mask;
}

/* What is left of a text, with room behind it to read grams from. */
typedef struct ending {
    char bytes[2 * sizeof(uint64_t)];
} ending;

static ending ending_of(pm_slice text, size_t at)
{
    const size_t left = text.len - at;
    ending made = {{0}};

    memcpy(made.bytes, text.data + at, left < sizeof(uint64_t) ? left : sizeof(uint64_t));
    return made;
}

/* The same of a literal, which may end within the 8 bytes. */
static uint64_t gram_of(const literal *of, size_t offset, uint64_t mask)
{
    const ending rest = ending_of(of->text, offset);

    return gram_at(rest.bytes, mask);
}

/* Where the literals belong to, by their length. */
static group *group_of(pm_literals *literals, const literal *of)
{
    group *at = literals->groups;

    while (at->least > of->text.len)
        at++;
    return at;
}

/* Make room for the grams of count literals. A look that a full bitmap causes in vain costs as much
 * as twenty places passed over, so it is at most 1/32 full; and not larger than it must be. */
static bool make_room(pm_arena *arena, group *of, size_t count)
{
    const size_t grams = count * of->stride;
    unsigned log = 4;

    while (log < 16 && ((size_t)1 << log) < grams)
        log++;
    of->word_mask = ((size_t)1 << log) - 1;
    of->slot_log = log + 1;
    of->words = pm_alloc_array(arena, (size_t)1 << log, sizeof(*of->words));
    of->buckets = pm_alloc_array(arena, (size_t)1 << of->slot_log, sizeof(*of->buckets));
    of->places = pm_alloc_array(arena, grams, sizeof(*of->places));
    return of->words != NULL && of->buckets != NULL && of->places != NULL;
}

/* The first of `stride` neighbouring grams whose buckets are the emptiest: what a thousand literals
 * share, as "drm/" is, must not make each of its places in a mail cost a thousand comparisons. */
static size_t best_offset(const group *in, const literal *of, const uint32_t *loads)
{
    const size_t last = of->text.len - (in->size + in->stride - 1);
    uint64_t least = UINT64_MAX;
    size_t best = 0;

    for (size_t offset = 0; offset <= last; offset++) {
        uint64_t load = 0;

        for (size_t i = offset; i < offset + in->stride; i++)
            load += loads[spread(gram_of(of, i, in->mask), in->slot_log)];
        if (load < least) {
            least = load;
            best = offset;
        }
    }
    return best;
}

static void add_grams(group *to, const literal *of, uint32_t *loads)
{
    const size_t first = best_offset(to, of, loads);

    for (size_t i = first; i < first + to->stride; i++) {
        const uint64_t gram = gram_of(of, i, to->mask);
        const uint32_t slot = spread(gram, to->slot_log);

        to->places[to->count++] =
            (place){gram, (uint32_t)i, (uint32_t)of->number, to->buckets[slot]};
        to->buckets[slot] = (uint32_t)to->count;
        mark_known(to->words, to->word_mask, gram);
        loads[slot]++;
    }
}

pm_status pm_literals_ready(pm_literals *literals)
{
    size_t counts[LENGTHS] = {0}, shortest[LENGTHS] = {0};
    uint32_t *loads[LENGTHS];

    for (size_t i = 0; i < literals->count; i++) {
        const literal *at = literals->items[i];
        const size_t nth = (size_t)(group_of(literals, at) - literals->groups);

        if (counts[nth]++ == 0 || at->text.len < shortest[nth])
            shortest[nth] = at->text.len;
    }
    for (size_t i = 0; i < LENGTHS; i++) {
        group *at = &literals->groups[i];

        if (counts[i] == 0)
            continue;
        at->stride = shortest[i] - at->size + 1;
        if (at->stride > MOST_STRIDE)
            at->stride = MOST_STRIDE;
        if (!make_room(literals->arena, at, counts[i]))
            return PM_LIMIT;
        loads[i] = pm_alloc_array(literals->arena, (size_t)1 << at->slot_log, sizeof(*loads[i]));
        if (loads[i] == NULL)
            return PM_LIMIT;
    }
    for (size_t i = 0; i < literals->count; i++) {
        group *at = group_of(literals, literals->items[i]);

        add_grams(at, literals->items[i], loads[at - literals->groups]);
    }
    return PM_OK;
}

size_t pm_literals_count(const pm_literals *literals)
{
    return literals->count;
}

/* Does the literal stand in the text from byte `start` on? */
static bool stands(const pm_literals *literals, const literal *of, pm_slice text, size_t start)
{
    if (text.len - start < of->text.len)
        return false;
    for (size_t i = 0; i < of->text.len; i++) {
        if (literals->lower[(unsigned char)text.data[start + i]] != (unsigned char)of->text.data[i])
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

/* The bitmap says that a known gram may begin at a byte of the text. */
static void look(const pass *in, const group *of, uint64_t gram, size_t begin)
{
    uint32_t at = of->buckets[spread(gram, of->slot_log)];

    while (at != 0) {
        const place *known = &of->places[at - 1];
        const size_t number = known->number;
        const uint64_t bit = UINT64_C(1) << number % 64;

        at = known->next;
        if (known->gram != gram || begin < known->offset || (in->seen[number / 64] & bit) != 0 ||
            !stands(in->literals, in->literals->items[number], in->text, begin - known->offset))
            continue;
        in->seen[number / 64] |= bit;
        in->found(in->context, number);
    }
}

/* All literals of one group. */
static void find_in_group(const pass *in, const group *of)
{
    /* In registers: as far as the compiler knows, found() may change anything. */
    const uint64_t *const words = of->words;
    const size_t word_mask = of->word_mask, stride = of->stride;
    const uint64_t mask = of->mask;
    const pm_slice text = in->text;
    size_t at = 0;
    uint64_t gram;
    ending rest;

    if (of->count == 0 || text.len < of->size)
        return;
    if (text.len >= sizeof(gram)) {
        const size_t last = text.len - sizeof(gram);

        for (; at <= last; at += stride) {
            gram = gram_at(text.data + at, mask);
            if (may_be_known(words, word_mask, gram))
                look(in, of, gram, at);
        }
    }
    if (at > text.len - of->size)
        return;
    rest = ending_of(text, at);
    for (size_t from = at; at <= text.len - of->size; at += stride) {
        gram = gram_at(rest.bytes + (at - from), mask);
        if (may_be_known(words, word_mask, gram))
            look(in, of, gram, at);
    }
}

void pm_literals_find(const pm_literals *literals, pm_slice text, uint64_t *seen,
                      pm_literal_found found, void *context)
{
    const pass in = {literals, text, seen, found, context};

    for (size_t i = 0; i < LENGTHS; i++)
        find_in_group(&in, &literals->groups[i]);
}
