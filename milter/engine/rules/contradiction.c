/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * contradiction - can a condition hold at all? See contradiction.h.
 *
 * `or` and `not (... and ...)` are ways that part; each is followed until tests are left that must
 * hold and tests that must not. A term with one value must pass them all with it; a term with many
 * needs, for each test that must hold, a value that passes none of those that must not.
 */
#include "contradiction.h"

#include "condition_tree.h"

#define MOST_CLAIMS 128
#define MOST_STEPS  5000 /* ways that part and part again; past them it "can hold" */
#define MOST_WORDS  1000 /* of a list: more of them are hardly all excluded */

/* A test, and whether it must hold or must not. */
typedef struct claim {
    const pm_condition *test;
    bool holds;
} claim;

typedef struct search {
    claim claims[MOST_CLAIMS];
    size_t count;
    unsigned steps;
    pm_contradiction found; /* at the last way that was closed */
    bool seldom;            /* of any way */
} search;

/* ---- Patterns that match nothing ---- */

/* A pattern of plain bytes, "^", "$" and "." alone, in which something stands in front of "^" or
 * behind "$", where neither means the ends of a line within the text. */
static bool has_an_end_inside(pm_slice pattern)
{
    bool text = false, ended = false, inside = false;

    for (size_t i = 0; i < pattern.len; i++) {
        const char c = pattern.data[i];

        if (c == '^') {
            inside = inside || text;
        } else if (c == '$') {
            ended = true;
        } else if (strchr("\\|()[]{}*+?\n\r", c) != NULL) { /* and NUL */
            return false;
        } else {
            inside = inside || ended;
            text = true;
        }
    }
    return inside;
}

static bool has_capital(pm_slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (pm_lower(text.data[i]) != text.data[i])
            return true;
    return false;
}

/* Does every match need a capital letter? */
static bool needs_capital(const pm_pattern *pattern)
{
    const pm_slice *literals;
    size_t count, capitals;

    if (pm_pattern_nocase(pattern))
        return false;
    for (size_t nth = 0; pm_pattern_literals(pattern, nth, &literals, &count) == PM_OK; nth++) {
        capitals = 0;
        for (size_t i = 0; i < count; i++)
            capitals += has_capital(literals[i]);
        if (count > 0 && capitals == count)
            return true;
    }
    return false;
}

/* Is the pattern of a MATCHES test one that no value of its term can match: an end of the text in
 * its middle, a capital letter where there are only small ones? */
static bool matches_nothing(const pm_condition *test)
{
    const pm_token *written = test->token_count == 0 ? NULL : &test->tokens[test->token_count - 1];

    if (written == NULL || written->type != PM_TOKEN_PATTERN)
        return false;
    if (written->flags.len == 0 && has_an_end_inside(written->text))
        return true;
    return pm_term_is_small(test->term) && needs_capital(test->pattern);
}

/* ---- Claims about one term ---- */

typedef enum multitude { MANY, ONE, ONE_MOSTLY } multitude;

/* How many values a term can have at a time. */
static multitude how_many(const pm_term *term)
{
    if (term->field != NULL && !term->field->many)
        return term->fact == NULL ? ONE : ONE_MOSTLY;
    /* A letter is for one project, unless a series has changed its own. */
    return pm_slice_equal(term->name, PM_LIT("project")) ? ONE_MOSTLY : MANY;
}

static bool same_term(const pm_term *a, const pm_term *b)
{
    return pm_slice_equal(a->name, b->name);
}

/* May this one text be the value that a claim in the range asks for? first: that claim. */
static bool text_fits(const claim *claims, size_t count, const claim *first, bool one,
                      pm_slice value)
{
    /* What is empty is absent, where there is one value. */
    if (one && value.len == 0 && first->test->term->fact == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        const claim *at = &claims[i];

        if (!same_term(at->test->term, first->test->term) || (at->holds && !one && at != first))
            continue;
        if (pm_condition_passes(at->test, value) != at->holds)
            return false;
    }
    return true;
}

static bool number_fits(const claim *claims, size_t count, const claim *first, bool one,
                        int64_t value)
{
    for (size_t i = 0; i < count; i++) {
        const claim *at = &claims[i];

        if (!same_term(at->test->term, first->test->term) || (at->holds && !one && at != first))
            continue;
        if (at->test->test == PM_TEST_NUMBER &&
            pm_condition_passes_number(at->test, value) != at->holds)
            return false;
        if (at->test->test == PM_TEST_PRESENT && !at->holds)
            return false;
    }
    return true;
}

/* Some text of those that the claim allows; true also when there are too many to try. */
static bool some_word_fits(const claim *claims, size_t count, const claim *of, bool one)
{
    const pm_table *words = of->test->words;
    pm_slice word;

    if (pm_table_count(words) > MOST_WORDS)
        return true;
    for (size_t i = 0; i < pm_table_count(words); i++) {
        (void)pm_table_nth(words, i, &word);
        if (text_fits(claims, count, of, one, word))
            return true;
    }
    return false;
}

/* Between two numbers that are compared with, nothing changes: those beside them are enough. */
static bool some_number_fits(const claim *claims, size_t count, const claim *of, bool one)
{
    for (size_t i = 0; i < count; i++) {
        const pm_condition *test = claims[i].test;

        if (!same_term(test->term, of->test->term) || test->test != PM_TEST_NUMBER)
            continue;
        for (size_t j = 0; j < test->count; j++) {
            const int64_t number = test->numbers[j];

            if (number_fits(claims, count, of, one, number) ||
                (number > INT64_MIN && number_fits(claims, count, of, one, number - 1)) ||
                (number < INT64_MAX && number_fits(claims, count, of, one, number + 1)))
                return true;
        }
    }
    return false;
}

/* Does whatever passes one test pass the other? Only where it is plain. */
static bool includes(const pm_condition *wide, const pm_condition *narrow)
{
    if (wide->test == PM_TEST_PRESENT)
        return narrow->test == PM_TEST_PRESENT || narrow->test == PM_TEST_UNDER ||
               narrow->test == PM_TEST_NUMBER;
    if (wide->test != narrow->test)
        return false;
    if (wide->test == PM_TEST_MATCHES)
        return wide->pattern == narrow->pattern;
    for (size_t i = 0; wide->test == PM_TEST_UNDER && i < narrow->count; i++)
        if (!pm_condition_passes(wide, narrow->paths[i]))
            return false;
    return wide->test == PM_TEST_UNDER;
}

/* Can the claim hold beside all claims about its term? one: the term has a single value. */
static bool is_possible(const claim *claims, size_t count, const claim *of, bool one)
{
    const pm_condition *test = of->test;

    if (test->test == PM_TEST_IN)
        return some_word_fits(claims, count, of, one);
    if (test->test == PM_TEST_NUMBER)
        return some_number_fits(claims, count, of, one);
    if (test->test == PM_TEST_UNDER && test->count == 0)
        return false;
    if (test->test == PM_TEST_MATCHES && matches_nothing(test))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!claims[i].holds && same_term(claims[i].test->term, test->term) &&
            includes(claims[i].test, test))
            return false;
    return true;
}

/* A field that always has one of a few values needs one that all claims leave. */
static bool leaves_a_value(const claim *claims, size_t count, const claim *of)
{
    const char *const *values = pm_term_values(of->test->term);

    if (values == NULL || how_many(of->test->term) != ONE)
        return true;
    for (; *values != NULL; values++)
        if (text_fits(claims, count, of, true, pm_slice_of(*values)))
            return true;
    return false;
}

/* Can all claims about the term of the last one hold together? */
static bool agree(const claim *claims, size_t count, bool one)
{
    const claim *last = &claims[count - 1];

    for (size_t i = 0; i < count; i++)
        if (claims[i].holds && same_term(claims[i].test->term, last->test->term) &&
            !is_possible(claims, count, &claims[i], one))
            return false;
    return leaves_a_value(claims, count, last);
}

static bool is_empty(const pm_condition *test)
{
    return (test->test == PM_TEST_IN && pm_table_count(test->words) == 0) ||
           ((test->test == PM_TEST_UNDER || test->test == PM_TEST_NUMBER) && test->count == 0);
}

/* The first claim that alone excludes the last one. */
static claim find_other(const search *in, bool one)
{
    const claim last = in->claims[in->count - 1];

    for (size_t i = 0; i + 1 < in->count; i++) {
        const claim pair[] = {in->claims[i], last};

        if (!same_term(pair[0].test->term, last.test->term))
            continue;
        if (!agree(pair, 2, one))
            return pair[0];
    }
    return (claim){.test = NULL};
}

/* Is the last claim in the way of those before it? Then it is noted. */
static bool closes(search *in)
{
    const claim *last = &in->claims[in->count - 1];
    const multitude values = how_many(last->test->term);
    const bool surely = !agree(in->claims, in->count, values == ONE);

    if (!surely && (values != ONE_MOSTLY || agree(in->claims, in->count, true)))
        return false;
    in->found = (pm_contradiction){.test = last->test,
                                   .holds = last->holds,
                                   .empty = last->holds && is_empty(last->test),
                                   .seldom = !surely};
    in->found.alone = !agree(last, 1, values != MANY);
    if (!in->found.alone) {
        const claim other = find_other(in, values != MANY);

        in->found.other = other.test;
        in->found.other_holds = other.holds;
    }
    in->found.seldom = in->found.seldom || in->found.empty;
    in->seldom = in->seldom || in->found.seldom;
    return true;
}

/* ---- Ways ---- */

/* What is still to be looked at: a condition, and its siblings behind it. */
typedef struct goal {
    const pm_condition *condition;
    bool holds, siblings;
    const struct goal *next;
} goal;

static bool follow(search *in, const goal *goals);

/* One of the children is enough. */
static bool follow_any(search *in, const goal *from, const goal *behind)
{
    for (const pm_condition *at = from->condition->children; at != NULL; at = at->next) {
        const goal way = {at, from->holds, false, behind};

        if (follow(in, &way))
            return true;
    }
    return false;
}

static bool follow_test(search *in, const goal *from, const goal *behind)
{
    bool open;

    if (in->count == MOST_CLAIMS)
        return true;
    in->claims[in->count++] = (claim){from->condition, from->holds};
    open = !closes(in) && follow(in, behind);
    in->count--;
    return open;
}

/* Is there a way for all the goals to be reached? */
static bool follow(search *in, const goal *goals)
{
    const pm_condition *at = goals == NULL ? NULL : goals->condition;
    goal rest, inner;
    const goal *behind;

    if (at == NULL || ++in->steps > MOST_STEPS)
        return true;
    behind = goals->next;
    if (goals->siblings && at->next != NULL) {
        rest = (goal){at->next, goals->holds, true, goals->next};
        behind = &rest;
    }
    switch (at->test) {
    case PM_TEST_NOT:
        inner = (goal){at->children, !goals->holds, false, behind};
        return follow(in, &inner);
    case PM_TEST_ALL:
    case PM_TEST_ANY:
        if ((at->test == PM_TEST_ANY) == goals->holds)
            return follow_any(in, goals, behind);
        inner = (goal){at->children, goals->holds, true, behind};
        return follow(in, &inner);
    case PM_TEST_PRESENT:
    case PM_TEST_IN:
    case PM_TEST_UNDER:
    case PM_TEST_MATCHES:
    case PM_TEST_NUMBER:
        break;
    }
    return follow_test(in, goals, behind);
}

pm_contradiction pm_contradiction_find(const pm_condition *condition, const pm_condition *when_not)
{
    const goal not = {when_not, false, false, NULL};
    const goal all = {condition, true, false, when_not == NULL ? NULL : &not };
    search in = {.count = 0};

    if (follow(&in, &all))
        return (pm_contradiction){.test = NULL};
    in.found.seldom = in.seldom;
    return in.found;
}

bool pm_contradiction_allows(const pm_condition *condition, pm_supposed supposed,
                             const pm_term *term, const pm_table *words)
{
    const pm_condition test = {.test = PM_TEST_IN, .term = term, .words = words};
    const goal all = {condition, true, false, NULL};
    const goal first = {&test, supposed == PM_HAS_ONE, false, &all};
    search in = {.count = 0};

    return follow(&in, &first);
}
