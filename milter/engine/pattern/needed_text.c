/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * needed_text - which text a regular expression cannot match without; see needed_text.h.
 *
 * A sequence is read from left to right with a run: all that the part since the last unknown can
 * consume, as a set of strings, as long as that set is small. Where it cannot be continued, at a
 * dot or a star, the run ends; every match contains one of its strings. The best of all runs is
 * kept. Where no run ever ended, the run is all that the sequence can consume, and a sequence
 * around it can go on with it.
 */
#include "needed_text.h"

#define MOST_DEPTH   16
#define LEAST_LENGTH 2
#define MOST_CLASS   4 /* bytes in a class that is taken for its alternatives */

typedef struct reader {
    pm_slice text; /* the expression */
    size_t at;
    pm_needed_flags flags;
    bool unsure; /* something we do not know stands there: nothing is said */
    unsigned depth;
} reader;

/* What is known of a part of the expression. */
typedef struct part {
    bool exact; /* strings are all that it can consume, the empty one perhaps among them */
    pm_string_set strings; /* else it has none */
    pm_needed_text needed; /* when it is not exact */
} part;

/* A sequence while it is read. */
typedef struct sequence {
    pm_string_set run;
    pm_needed_text needed;
    bool broken; /* the run does not begin at the beginning any more */
} sequence;

/* ---- Sets of strings ---- */

static const pm_string_set only_empty = {.count = 1};

static pm_slice string_at(const pm_string_set *set, size_t nth)
{
    return (pm_slice){set->items[nth].bytes, set->items[nth].len};
}

static size_t shortest(const pm_string_set *set)
{
    size_t least = set->count == 0 ? 0 : set->items[0].len;

    for (size_t i = 1; i < set->count; i++) {
        if (set->items[i].len < least)
            least = set->items[i].len;
    }
    return least;
}

static size_t longest(const pm_string_set *set)
{
    size_t most = 0;

    for (size_t i = 0; i < set->count; i++) {
        if (set->items[i].len > most)
            most = set->items[i].len;
    }
    return most;
}

/* Add a string; false when there is no room. */
static bool add_string(pm_string_set *set, const char *bytes, size_t len)
{
    if (set->count == PM_NEEDED_MOST || len > PM_NEEDED_LONGEST)
        return false;
    set->items[set->count].len = len;
    if (len > 0)
        memcpy(set->items[set->count].bytes, bytes, len);
    set->count++;
    return true;
}

static bool add_all(pm_string_set *set, const pm_string_set *more)
{
    for (size_t i = 0; i < more->count; i++) {
        if (!add_string(set, more->items[i].bytes, more->items[i].len))
            return false;
    }
    return true;
}

/* Every string of set with every string of tail behind it; false, and no change, without room. */
static bool multiply(pm_string_set *set, const pm_string_set *tail)
{
    pm_string_set product = {.count = 0};

    if (set->count * tail->count > PM_NEEDED_MOST ||
        longest(set) + longest(tail) > PM_NEEDED_LONGEST)
        return false;
    for (size_t i = 0; i < set->count; i++) {
        for (size_t j = 0; j < tail->count; j++) {
            size_t len = set->items[i].len;

            memcpy(product.items[product.count].bytes, set->items[i].bytes, len);
            memcpy(product.items[product.count].bytes + len, tail->items[j].bytes,
                   tail->items[j].len);
            product.items[product.count++].len = len + tail->items[j].len;
        }
    }
    *set = product;
    return true;
}

/* Longer is better; for the same length, fewer. */
static bool is_better(const pm_string_set *set, const pm_string_set *than)
{
    size_t one = shortest(set), other = shortest(than);

    return one != other ? one > other : set->count < than->count;
}

static bool is_same(const pm_string_set *set, const pm_string_set *as)
{
    if (set->count != as->count)
        return false;
    for (size_t i = 0; i < set->count; i++) {
        if (!pm_slice_equal(string_at(set, i), string_at(as, i)))
            return false;
    }
    return true;
}

/* Put a set among the best, if it is one of them. */
static void keep(pm_needed_text *needed, const pm_string_set *set)
{
    size_t at = needed->count;

    if (shortest(set) < LEAST_LENGTH)
        return;
    for (size_t i = 0; i < needed->count; i++) {
        if (is_same(set, &needed->sets[i]))
            return;
    }
    while (at > 0 && is_better(set, &needed->sets[at - 1]))
        at--;
    if (at == PM_NEEDED_SETS)
        return;
    if (needed->count < PM_NEEDED_SETS)
        needed->count++;
    memmove(&needed->sets[at + 1], &needed->sets[at],
            (needed->count - at - 1) * sizeof(needed->sets[0]));
    needed->sets[at] = *set;
}

/* ---- Sequences ---- */

/* What follows is not known: the next run begins with one of start. */
static void break_run(sequence *in, const pm_string_set *start)
{
    keep(&in->needed, &in->run);
    in->run = *start;
    in->broken = true;
}

static void append(sequence *in, const pm_string_set *set)
{
    if (!multiply(&in->run, set))
        break_run(in, set);
}

typedef enum times { ONCE, AT_LEAST_ONCE, OPTIONAL, ANY_NUMBER } times;

/* A part that can consume exactly the strings of set, so often. */
static void append_exact(sequence *in, const pm_string_set *set, times how_often)
{
    pm_string_set with_nothing = *set;

    switch (how_often) {
    case ONCE:
        append(in, set);
        break;
    case AT_LEAST_ONCE:
        append(in, set);
        break_run(in, set); /* its last time, which what follows stands beside */
        break;
    case OPTIONAL:
        if (add_string(&with_nothing, "", 0))
            append(in, &with_nothing);
        else
            break_run(in, &only_empty);
        break;
    case ANY_NUMBER:
        break_run(in, &only_empty);
        break;
    }
}

static void append_part(sequence *in, const part *inner, times how_often)
{
    if (inner->exact) {
        append_exact(in, &inner->strings, how_often);
        return;
    }
    break_run(in, &only_empty);
    if (how_often == OPTIONAL || how_often == ANY_NUMBER)
        return;
    for (size_t i = 0; i < inner->needed.count; i++)
        keep(&in->needed, &inner->needed.sets[i]);
}

/* ---- Reading ---- */

static void read_alternatives(reader *in, part *all_out);

static bool at_end(const reader *in)
{
    return in->at >= in->text.len;
}

static char peek(const reader *in)
{
    return at_end(in) ? '\0' : in->text.data[in->at];
}

/* With flag x, white space and comments mean nothing. */
static void skip_extended(reader *in)
{
    while (in->flags.extended && !at_end(in)) {
        char c = peek(in);

        if (c == '#') {
            while (!at_end(in) && peek(in) != '\n' && peek(in) != '\r')
                in->at++;
        } else if (pm_is_space(c)) {
            in->at++;
        } else {
            return;
        }
    }
}

/* A number at *at; false when there is none. */
static bool read_count(const reader *in, size_t *at, unsigned *count_out)
{
    size_t start = *at;

    *count_out = 0;
    while (*at < in->text.len && pm_is_digit(in->text.data[*at]) && *at - start < 6)
        *count_out = *count_out * 10 + (unsigned)(in->text.data[(*at)++] - '0');
    return *at > start;
}

/* {n}, {n,} or {n,m}. Other braces are plain here and quantifiers for other versions of pcre2. */
static times read_braces(reader *in)
{
    size_t at = in->at + 1;
    unsigned least, most;

    if (!read_count(in, &at, &least)) {
        in->unsure = true;
        return ANY_NUMBER;
    }
    if (at < in->text.len && in->text.data[at] == ',') {
        at++;
        (void)read_count(in, &at, &most);
    }
    if (at >= in->text.len || in->text.data[at] != '}') {
        in->unsure = true;
        return ANY_NUMBER;
    }
    in->at = at + 1;
    return least == 0 ? ANY_NUMBER : AT_LEAST_ONCE;
}

/* The quantifier behind something, if there is one. */
static times read_quantifier(reader *in)
{
    times found;

    skip_extended(in);
    switch (peek(in)) {
    case '?':
        found = OPTIONAL;
        in->at++;
        break;
    case '*':
        found = ANY_NUMBER;
        in->at++;
        break;
    case '+':
        found = AT_LEAST_ONCE;
        in->at++;
        break;
    case '{':
        found = read_braces(in);
        break;
    default:
        return ONCE;
    }
    skip_extended(in);
    if (peek(in) == '?' || peek(in) == '+')
        in->at++; /* lazy, possessive */
    return found;
}

/* Add one byte as a string of its own. */
static void add_byte(const reader *in, pm_string_set *set, char c)
{
    char byte = in->flags.nocase ? pm_lower(c) : c;

    (void)add_string(set, &byte, 1);
}

/* A class, [...]. One of few plain bytes gives these; of any other, set stays empty. */
static void read_class(reader *in, pm_string_set *set)
{
    size_t start = ++in->at, len;
    pm_slice inside;
    bool plain;

    if (peek(in) == '^')
        in->at++;
    if (peek(in) == ']')
        in->at++;
    while (!at_end(in) && peek(in) != ']') {
        char c = peek(in);
        char mark = in->at + 1 < in->text.len ? in->text.data[in->at + 1] : '\0';

        if (c == '\\') {
            in->at++;
            if (mark == 'Q' || mark == 'E')
                in->unsure = true;
        } else if (c == '[' && (mark == ':' || mark == '.' || mark == '=')) {
            /* [:alpha:] and its kin, or so it seems. */
            in->at += 2;
            while (!at_end(in) && peek(in) != ']')
                in->at++;
        }
        in->at++;
    }
    if (at_end(in)) {
        in->unsure = true;
        return;
    }
    len = in->at++ - start;
    inside = pm_slice_cut(in->text, start, start + len);
    plain = len >= 1 && len <= MOST_CLASS;
    for (size_t i = 0; plain && i < len; i++)
        plain = strchr("^]\\[-", inside.data[i]) == NULL && (unsigned char)inside.data[i] < 0x80;
    for (size_t i = 0; plain && i < len; i++)
        add_byte(in, set, inside.data[i]);
}

typedef enum atom {
    ATOM_EXACT,   /* consumes one of a set of strings */
    ATOM_NOTHING, /* consumes nothing: ^ $ \b */
    ATOM_UNKNOWN, /* consumes something */
} atom;

static atom read_escape(reader *in, pm_string_set *set)
{
    char c;

    in->at++;
    c = peek(in);
    in->at++;
    if (c == 't' || c == 'n') {
        add_byte(in, set, c == 't' ? '\t' : '\n');
        return ATOM_EXACT;
    }
    if (c != '\0' && strchr("bBAzZ", c) != NULL)
        return ATOM_NOTHING;
    if (c != '\0' && strchr("dDwWsShHvVR", c) != NULL)
        return ATOM_UNKNOWN;
    /* Of other letters and of digits we know nothing; all else stands for itself. */
    if (pm_is_alpha(c) || pm_is_digit(c) || c == '\0' || (unsigned char)c >= 0x80)
        in->unsure = true;
    else
        add_byte(in, set, c);
    return ATOM_EXACT;
}

/* A character that stands for itself: several bytes with flag u, so that a quantifier means them
 * all. */
static void read_plain(reader *in, pm_string_set *set)
{
    size_t start = in->at++;

    add_byte(in, set, in->text.data[start]);
    if (!in->flags.utf || (unsigned char)in->text.data[start] < 0x80)
        return;
    while (((unsigned char)peek(in) & 0xC0) == 0x80)
        in->at++;
    set->count = 0;
    (void)add_string(set, in->text.data + start, in->at - start);
}

/* The opening of a group. looks_out: it looks around, consumes nothing and may even have to fail.
 */
static void read_opening(reader *in, bool *looks_out)
{
    static const struct {
        const char *opening;
        bool looks;
    } kinds[] = {{"(?:", false}, {"(?>", false}, {"(?=", true},
                 {"(?!", true},  {"(?<=", true}, {"(?<!", true}};
    pm_slice rest = pm_slice_after(in->text, in->at);
    char second = rest.len > 1 ? rest.data[1] : '\0';

    *looks_out = false;
    if (second != '?' && second != '*') {
        in->at++;
        return;
    }
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (pm_slice_starts(rest, pm_slice_of(kinds[i].opening))) {
            in->at += strlen(kinds[i].opening);
            *looks_out = kinds[i].looks;
            return;
        }
    }
    in->unsure = true; /* options, names, conditions, recursion, verbs */
}

/* A group with its quantifier. */
static void read_group(reader *in, sequence *into)
{
    part inner;
    bool looks;

    read_opening(in, &looks);
    if (in->depth == MOST_DEPTH)
        in->unsure = true;
    if (in->unsure)
        return;
    in->depth++;
    read_alternatives(in, &inner);
    in->depth--;
    if (peek(in) != ')')
        in->unsure = true;
    in->at++;
    if (looks)
        inner = (part){.exact = true, .strings = only_empty};
    append_part(into, &inner, read_quantifier(in));
}

/* Anything else with its quantifier. */
static void read_atom(reader *in, sequence *into)
{
    pm_string_set set = {.count = 0};
    atom what = ATOM_EXACT;

    switch (peek(in)) {
    case '[':
        read_class(in, &set);
        what = set.count > 0 ? ATOM_EXACT : ATOM_UNKNOWN;
        break;
    case '\\':
        what = read_escape(in, &set);
        break;
    case '^':
    case '$':
        in->at++;
        what = ATOM_NOTHING;
        break;
    case '.':
        in->at++;
        what = ATOM_UNKNOWN;
        break;
    case '?':
    case '*':
    case '+':
    case '{':
        in->unsure = true;
        break;
    default:
        read_plain(in, &set);
    }
    if (in->unsure)
        return;
    if (what == ATOM_UNKNOWN) {
        (void)read_quantifier(in);
        break_run(into, &only_empty);
        return;
    }
    append_exact(into, what == ATOM_NOTHING ? &only_empty : &set, read_quantifier(in));
}

/* Up to "|", ")" or the end. */
static void read_sequence(reader *in, part *part_out)
{
    sequence read = {.run = only_empty};

    while (!in->unsure) {
        skip_extended(in);
        if (at_end(in) || peek(in) == '|' || peek(in) == ')')
            break;
        if (peek(in) == '(')
            read_group(in, &read);
        else
            read_atom(in, &read);
    }
    if (read.broken) {
        keep(&read.needed, &read.run);
        *part_out = (part){.exact = false, .needed = read.needed};
    } else {
        *part_out = (part){.exact = true, .strings = read.run};
    }
}

/* What one of two must be, or needs. */
static void join(part *into, const part *other)
{
    const pm_string_set *one = into->exact ? &into->strings : &into->needed.sets[0];
    const pm_string_set *two = other->exact ? &other->strings : &other->needed.sets[0];
    pm_string_set both = *one;
    const bool exact = into->exact && other->exact;
    const bool known = one->count > 0 && two->count > 0 && add_all(&both, two);

    *into = (part){.exact = exact && known};
    if (into->exact)
        into->strings = both;
    else if (known)
        keep(&into->needed, &both);
}

/* a|b|c, up to ")" or the end. */
static void read_alternatives(reader *in, part *all_out)
{
    part other;

    read_sequence(in, all_out);
    while (!in->unsure && peek(in) == '|') {
        in->at++;
        read_sequence(in, &other);
        join(all_out, &other);
    }
}

/* What contains another string of the set need not be looked for. */
static void drop_longer(pm_string_set *set)
{
    const pm_string_set all = *set;

    set->count = 0;
    for (size_t i = 0; i < all.count; i++) {
        bool needless = false;

        for (size_t j = 0; j < all.count && !needless; j++) {
            /* Of two equal ones the first is kept. */
            needless = (all.items[j].len < all.items[i].len ||
                        (all.items[j].len == all.items[i].len && j < i)) &&
                       pm_slice_find(string_at(&all, i), string_at(&all, j)) != PM_NOWHERE;
        }
        if (!needless)
            (void)add_string(set, all.items[i].bytes, all.items[i].len);
    }
}

void pm_needed_text_find(pm_slice expression, pm_needed_flags flags, pm_needed_text *needed_out)
{
    reader in = {.text = expression, .flags = flags};
    part all;

    needed_out->count = 0;
    /* In UTF-8 more letters than those of ASCII have another case: K is also the Kelvin sign. */
    if (flags.nocase && flags.utf)
        return;
    if (pm_slice_find_byte(expression, '\0') != PM_NOWHERE)
        return;
    read_alternatives(&in, &all);
    if (in.unsure || !at_end(&in))
        return;
    if (all.exact)
        keep(&all.needed, &all.strings);
    for (size_t i = 0; i < all.needed.count; i++)
        drop_longer(&all.needed.sets[i]);
    *needed_out = all.needed;
}
