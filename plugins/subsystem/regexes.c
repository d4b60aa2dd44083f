/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * regexes - which of many regular expressions are in a text, at the price of one look at the text.
 *
 * Three parts: reading an expression for the literals it needs, the automaton (Aho-Corasick, case
 * folded, over classes of bytes) that finds them, and running pcre2 on what is left. The first errs
 * on the safe side: of syntax it does not know it says nothing, and the expression is always run.
 */
#include "regexes.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <stdlib.h>
#include <string.h>

enum {
    MOST_EXPRESSIONS = 4096,
    MOST_STATES = 32768, /* the next expression is run on every text */
    LONGEST_EXPRESSION = 2000,
    DEEPEST_GROUP = 16,
    MATCH_LIMIT = 100000,
    HEAP_LIMIT_KIB = 4096,
};

static unsigned char lower(char byte)
{
    unsigned char c = (unsigned char)byte;

    return c >= 'A' && c <= 'Z' ? (unsigned char)(c - 'A' + 'a') : c;
}

/* ---- What an expression needs ---------------------------------------------------------------- */

struct needed {
    char text[PM_NEEDED_MOST][PM_NEEDED_LENGTH + 1];
    size_t count; /* 0: nothing is known to be needed */
};

struct reader {
    const char *at, *end;
    bool lost; /* met syntax we do not know: nothing may be concluded */
};

static size_t shortest(const struct needed *needed)
{
    size_t least = needed->count == 0 ? 0 : PM_NEEDED_LENGTH;

    for (size_t i = 0; i < needed->count; i++) {
        size_t length = strlen(needed->text[i]);

        least = length < least ? length : least;
    }
    return least;
}

/* Of two things that are both needed, look for the one that is rarer: the longer. */
static void keep_better(struct needed *best, const struct needed *other)
{
    if (shortest(other) > shortest(best))
        *best = *other;
}

static void keep_run(struct needed *best, char *run, size_t *length)
{
    if (*length > shortest(best)) {
        best->count = 1;
        memcpy(best->text[0], run, *length);
        best->text[0][*length] = '\0';
    }
    *length = 0;
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static void skip_blanks(struct reader *in)
{
    while (in->at < in->end && is_blank(*in->at))
        in->at++;
    if (in->at < in->end && *in->at == '#')
        in->at = in->end; /* a comment; an expression is one line */
}

/* Behind a '['. A ']' that comes first is a member. */
static void skip_class(struct reader *in)
{
    if (in->at < in->end && *in->at == '^')
        in->at++;
    if (in->at < in->end && *in->at == ']')
        in->at++;
    while (in->at < in->end && *in->at != ']') {
        if (*in->at == '[' ||
            (*in->at == '\\' && in->end - in->at > 1 && (in->at[1] == 'Q' || in->at[1] == 'E')))
            in->lost = true; /* [:alpha:] and quoting have ends of their own */
        in->at += *in->at == '\\' && in->end - in->at > 1 ? 2 : 1;
    }
    if (in->at < in->end)
        in->at++;
}

typedef enum quantifier { ONCE, MAYBE, MANY } quantifier;

/* From the '{' of "{3}" or "{0,2}" to its '}'. A brace that is only a brace is not our business. */
static bool skip_count(struct reader *in)
{
    const char *first = in->at + 1;

    for (in->at = first; in->at < in->end && *in->at != '}'; in->at++)
        if (!(*in->at >= '0' && *in->at <= '9') && !(*in->at == ',' && in->at > first))
            in->lost = true;
    if (in->at == first || in->at == in->end)
        in->lost = true;
    return !in->lost;
}

/* How often the item before may stand: MAYBE when not at all, MANY when at least once. */
static quantifier read_quantifier(struct reader *in)
{
    quantifier how = ONCE;

    skip_blanks(in);
    if (in->at == in->end)
        return ONCE;
    if (*in->at == '*' || *in->at == '?') {
        how = MAYBE;
    } else if (*in->at == '+') {
        how = MANY;
    } else if (*in->at == '{') {
        how = in->end - in->at > 1 && in->at[1] == '0' ? MAYBE : MANY;
        if (!skip_count(in))
            return how;
    } else {
        return ONCE;
    }
    in->at++;
    if (in->at < in->end && (*in->at == '?' || *in->at == '+'))
        in->at++; /* lazy or possessive */
    skip_blanks(in);
    if (in->at < in->end && strchr("*?+{", *in->at) != NULL)
        in->lost = true;
    return how;
}

/* Behind a backslash. The byte it stands for, or 0 for what is not one certain byte. */
static char read_escape(struct reader *in)
{
    char c = in->at < in->end ? *in->at++ : '\0';

    if (c == '\0')
        in->lost = true;
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
        if (strchr("bBdDsSwWAzZhHvVRnrtK", c) == NULL)
            in->lost = true;
        return '\0';
    }
    return c;
}

static void read_branches(struct reader *in, unsigned depth, struct needed *needed_out);

/* Behind a '('. true when it is a group with content; false for an option such as (?i). */
static bool read_group(struct reader *in, unsigned depth, struct needed *inner)
{
    if (in->at < in->end && *in->at == '*') {
        in->lost = true;
        return false;
    }
    if (in->at < in->end && *in->at == '?') {
        in->at++;
        while (in->at < in->end && strchr("ims", *in->at) != NULL)
            in->at++;
        if (in->at < in->end && *in->at == ')') {
            in->at++;
            return false;
        }
        if (in->at == in->end || *in->at != ':') {
            in->lost = true; /* looking around, names, x switched: not worth knowing */
            return false;
        }
        in->at++;
    }
    if (depth == DEEPEST_GROUP) {
        in->lost = true;
        return false;
    }
    read_branches(in, depth + 1, inner);
    if (in->at == in->end)
        in->lost = true;
    else
        in->at++; /* the ')' */
    return true;
}

/* Up to '|', ')' or the end. */
static void read_branch(struct reader *in, unsigned depth, struct needed *best)
{
    char run[PM_NEEDED_LENGTH];
    size_t length = 0;

    best->count = 0;
    for (skip_blanks(in); in->at < in->end && !in->lost; skip_blanks(in)) {
        char c = *in->at;

        if (c == '|' || c == ')')
            break;
        if ((unsigned char)c >= 0x80)
            in->lost = true; /* pcre2 takes some of these for blanks */
        in->at++;
        if (c == '(') {
            struct needed inner = {.count = 0};

            keep_run(best, run, &length);
            if (read_group(in, depth, &inner) && read_quantifier(in) != MAYBE)
                keep_better(best, &inner);
            continue;
        }
        if (c == '\\') {
            c = read_escape(in);
        } else if (c == '[') {
            skip_class(in);
            c = '\0';
        } else if (strchr(".^$", c) != NULL) {
            c = '\0';
        }

        quantifier how = read_quantifier(in);

        if (c == '\0' || how == MAYBE || length == PM_NEEDED_LENGTH)
            keep_run(best, run, &length);
        if (c != '\0' && how != MAYBE)
            run[length++] = (char)lower(c);
        if (how == MANY)
            keep_run(best, run, &length);
    }
    keep_run(best, run, &length);
}

/* All alternatives: one of the literals of each of them. */
static void read_branches(struct reader *in, unsigned depth, struct needed *needed_out)
{
    struct needed all = {.count = 0};
    bool known = true;

    for (;;) {
        struct needed one;

        read_branch(in, depth, &one);
        if (one.count == 0 || all.count + one.count > PM_NEEDED_MOST) {
            known = false;
        } else if (known) {
            memcpy(all.text[all.count], one.text, one.count * sizeof(one.text[0]));
            all.count += one.count;
        }
        if (in->lost || in->at == in->end || *in->at != '|')
            break;
        in->at++;
    }
    if (!known)
        all.count = 0;
    *needed_out = all;
}

size_t pm_regex_needs(pm_slice expression, char needed_out[PM_NEEDED_MOST][PM_NEEDED_LENGTH + 1])
{
    struct reader in = {.at = expression.data, .end = expression.data + expression.len};
    struct needed needed;

    read_branches(&in, 0, &needed);
    /* One byte is in every text: not worth looking for. */
    if (in.lost || in.at != in.end || shortest(&needed) < 2)
        return 0;
    memcpy(needed_out, needed.text, needed.count * sizeof(needed.text[0]));
    return needed.count;
}

/* ---- The automaton --------------------------------------------------------------------------- */

struct hit { /* a literal ends in this state */
    uint32_t expression;
    uint32_t next; /* another one that does, from 1; 0: none */
};

struct expression {
    pcre2_code *code;
    uint32_t id;
    bool always; /* nothing is known that it needs */
};

struct pm_regexes {
    struct expression *items;
    size_t count, room;
    pcre2_compile_context *compile;
    pcre2_match_context *match;

    /* While literals are added, next[] has the tree of them, 0 for no way on; sealed, the whole
     * automaton. State 0 is the beginning. */
    unsigned char class_of[256]; /* 0: in no literal */
    size_t classes;
    char (*literals)[PM_NEEDED_LENGTH + 1];
    uint32_t *owner; /* of each literal */
    size_t literal_count, literal_room;
    size_t literal_bytes;
    uint16_t *next;      /* [state * classes + class] */
    uint32_t *first_hit; /* of a state, from 1; 0: none */
    struct hit *hits;
    size_t states;
};

pm_regexes *pm_regexes_new(void)
{
    pm_regexes *regexes = calloc(1, sizeof(*regexes));

    if (regexes == NULL)
        return NULL;
    regexes->compile = pcre2_compile_context_create(NULL);
    regexes->match = pcre2_match_context_create(NULL);
    if (regexes->compile == NULL || regexes->match == NULL) {
        pm_regexes_free(regexes);
        return NULL;
    }
    pcre2_set_max_pattern_length(regexes->compile, LONGEST_EXPRESSION);
    pcre2_set_match_limit(regexes->match, MATCH_LIMIT);
    pcre2_set_heap_limit(regexes->match, HEAP_LIMIT_KIB);
    return regexes;
}

void pm_regexes_free(pm_regexes *regexes)
{
    if (regexes == NULL)
        return;
    for (size_t i = 0; i < regexes->count; i++)
        pcre2_code_free(regexes->items[i].code);
    pcre2_compile_context_free(regexes->compile);
    pcre2_match_context_free(regexes->match);
    free(regexes->items);
    free(regexes->literals);
    free(regexes->owner);
    free(regexes->next);
    free(regexes->first_hit);
    free(regexes->hits);
    free(regexes);
}

static void explain(char *why_out, size_t room, const char *why)
{
    size_t length = strlen(why);

    if (room == 0)
        return;
    if (length >= room)
        length = room - 1;
    memcpy(why_out, why, length);
    why_out[length] = '\0';
}

static bool grow(void *items, size_t *room, size_t wanted, size_t size)
{
    void **array = items;
    size_t larger = *room == 0 ? 64 : *room;

    if (wanted <= *room)
        return true;
    while (larger < wanted)
        larger *= 2;

    void *moved = realloc(*array, larger * size);

    if (moved == NULL)
        return false;
    *array = moved;
    *room = larger;
    return true;
}

static bool add_literals(pm_regexes *regexes, pm_slice expression, bool *always_out)
{
    char needed[PM_NEEDED_MOST][PM_NEEDED_LENGTH + 1];
    size_t count = pm_regex_needs(expression, needed);
    size_t room = regexes->literal_room;
    size_t bytes = 0;

    for (size_t i = 0; i < count; i++)
        bytes += strlen(needed[i]);
    *always_out = count == 0 || regexes->literal_bytes + bytes >= MOST_STATES;
    if (*always_out)
        return true;
    if (!grow(&regexes->literals, &room, regexes->literal_count + count, sizeof(needed[0])) ||
        !grow(&regexes->owner, &regexes->literal_room, regexes->literal_count + count,
              sizeof(*regexes->owner)))
        return false;
    for (size_t i = 0; i < count; i++) {
        memcpy(regexes->literals[regexes->literal_count], needed[i], sizeof(needed[0]));
        regexes->owner[regexes->literal_count++] = (uint32_t)regexes->count;
    }
    regexes->literal_bytes += bytes;
    return true;
}

bool pm_regexes_add(pm_regexes *regexes, pm_slice expression, uint32_t id, char *why_out,
                    size_t why_room)
{
    const uint32_t options = PCRE2_EXTENDED | PCRE2_MULTILINE | PCRE2_NEVER_UTF | PCRE2_NEVER_UCP |
                             PCRE2_NEVER_BACKSLASH_C;
    bool always = false;
    PCRE2_SIZE offset = 0;
    int error = 0;

    if (regexes->count == MOST_EXPRESSIONS) {
        explain(why_out, why_room, "there are more than 4,096 of them");
        return false;
    }

    pcre2_code *code = pcre2_compile((PCRE2_SPTR)expression.data, expression.len, options, &error,
                                     &offset, regexes->compile);

    if (code == NULL) {
        char message[128] = "";

        pcre2_get_error_message(error, (PCRE2_UCHAR *)message, sizeof(message));
        explain(why_out, why_room, message);
        return false;
    }
    if (!grow(&regexes->items, &regexes->room, regexes->count + 1, sizeof(*regexes->items)) ||
        !add_literals(regexes, expression, &always)) {
        pcre2_code_free(code);
        explain(why_out, why_room, "out of memory");
        return false;
    }
    pcre2_jit_compile(code, PCRE2_JIT_COMPLETE); /* without it the same happens, only slower */
    regexes->items[regexes->count++] =
        (struct expression){.code = code, .id = id, .always = always};
    return true;
}

/* The tree of all literals; a state for each different beginning. */
static void plant(pm_regexes *regexes)
{
    regexes->states = 1;
    for (size_t i = 0; i < regexes->literal_count; i++) {
        size_t state = 0;

        for (const char *c = regexes->literals[i]; *c != '\0'; c++) {
            uint16_t *way =
                &regexes->next[state * regexes->classes + regexes->class_of[(unsigned char)*c]];

            if (*way == 0)
                *way = (uint16_t)regexes->states++;
            state = *way;
        }
        regexes->hits[i + 1] =
            (struct hit){.expression = regexes->owner[i], .next = regexes->first_hit[state]};
        regexes->first_hit[state] = (uint32_t)i + 1;
    }
}

/* Breadth first: where a state has no way on, go on from the longest end of it that is a beginning.
 */
static bool complete(pm_regexes *regexes)
{
    uint16_t *queue = calloc(regexes->states, sizeof(*queue));
    uint16_t *fallback = calloc(regexes->states, sizeof(*fallback));
    size_t head = 0, tail = 0;

    if (queue == NULL || fallback == NULL) {
        free(queue);
        free(fallback);
        return false;
    }
    queue[tail++] = 0;
    while (head < tail) {
        size_t state = queue[head++];

        for (size_t kind = 1; kind < regexes->classes; kind++) {
            uint16_t *way = &regexes->next[state * regexes->classes + kind];
            uint16_t other =
                state == 0 ? 0 : regexes->next[fallback[state] * regexes->classes + kind];

            if (*way == 0) {
                *way = other;
                continue;
            }
            fallback[*way] = other;
            queue[tail++] = *way;

            /* What ends in the other ends here as well: hang its hits behind ours. */
            uint32_t *end = &regexes->first_hit[*way];

            while (*end != 0)
                end = &regexes->hits[*end].next;
            *end = regexes->first_hit[other];
        }
    }
    free(queue);
    free(fallback);
    return true;
}

bool pm_regexes_seal(pm_regexes *regexes)
{
    bool ok = true;

    regexes->classes = 1;
    for (size_t i = 0; i < regexes->literal_count; i++)
        for (const char *c = regexes->literals[i]; *c != '\0'; c++)
            if (regexes->class_of[(unsigned char)*c] == 0)
                regexes->class_of[(unsigned char)*c] = (unsigned char)regexes->classes++;

    if (regexes->literal_count > 0) {
        size_t states = regexes->literal_bytes + 1;

        regexes->next = calloc(states * regexes->classes, sizeof(*regexes->next));
        regexes->first_hit = calloc(states, sizeof(*regexes->first_hit));
        regexes->hits = calloc(regexes->literal_count + 1, sizeof(*regexes->hits));
        ok = regexes->next != NULL && regexes->first_hit != NULL && regexes->hits != NULL;
        if (ok) {
            plant(regexes);
            ok = complete(regexes);
        }
    }
    for (unsigned c = 'A'; c <= 'Z'; c++)
        regexes->class_of[c] = regexes->class_of[lower((char)c)];
    free(regexes->literals);
    free(regexes->owner);
    regexes->literals = NULL;
    regexes->owner = NULL;
    return ok;
}

/* ---- Asking ---------------------------------------------------------------------------------- */

/* Mark the expressions one of whose literals is in text. */
static void mark(const pm_regexes *regexes, pm_slice text, uint64_t *marks)
{
    size_t state = 0;

    if (regexes->states == 0)
        return;
    for (size_t i = 0; i < text.len; i++) {
        state =
            regexes
                ->next[state * regexes->classes + regexes->class_of[(unsigned char)text.data[i]]];
        for (uint32_t at = regexes->first_hit[state]; at != 0; at = regexes->hits[at].next) {
            uint32_t expression = regexes->hits[at].expression;

            marks[expression / 64] |= UINT64_C(1) << expression % 64;
        }
    }
}

size_t pm_regexes_find(const pm_regexes *regexes, pm_slice text, uint32_t *ids, size_t room)
{
    uint64_t marks[MOST_EXPRESSIONS / 64];
    pcre2_match_data *data = NULL;
    size_t found = 0;

    memset(marks, 0, (regexes->count + 63) / 64 * sizeof(marks[0]));
    for (size_t i = 0; i < regexes->count; i++)
        if (regexes->items[i].always)
            marks[i / 64] |= UINT64_C(1) << i % 64;
    mark(regexes, text, marks);

    for (size_t word = 0; word < (regexes->count + 63) / 64 && found < room; word++) {
        for (uint64_t left = marks[word]; left != 0 && found < room; left &= left - 1) {
            const struct expression *item =
                &regexes->items[word * 64 + (size_t)__builtin_ctzll(left)];

            if (data == NULL)
                data = pcre2_match_data_create(1, NULL);
            if (data == NULL)
                break;
            if (pcre2_match(item->code, (PCRE2_SPTR)text.data, text.len, 0, 0, data,
                            regexes->match) >= 0)
                ids[found++] = item->id;
        }
    }
    pcre2_match_data_free(data);
    return found;
}
