/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * condition - whether what a rule asks for is so, and what must be so for that; see condition.h.
 *
 * Not the reader of conditions: condition_read.c is.
 */
#include "condition_tree.h"

#include "clock.h"

#define MOST_HEADERS 100 /* fields of one name that a rule looks at */

/* ---- The values of a term ---- */

pm_view pm_view_of(const pm_letter *letter, const pm_facts *facts, int64_t deadline_us)
{
    pm_view view = {.letter = letter, .facts = facts, .deadline_us = deadline_us};

    /* Rules are named "file:rule" and come after all plugins, whose names have no colon. */
    while (view.fact_count < facts->count && strchr(facts->items[view.fact_count].by, ':') == NULL)
        view.fact_count++;
    return view;
}

static bool is_late(pm_view *view)
{
    if (view->deadline_us != 0 && pm_clock_us() > view->deadline_us)
        view->late = true;
    return view->late;
}

/* The next fact of this name, or NULL. */
static const pm_found *next_fact(const pm_term *term, const pm_view *view, pm_cursor *at)
{
    if (term->fact == NULL)
        return NULL;
    while (at->fact < view->fact_count) {
        const pm_found *found = &view->facts->items[at->fact++];

        if (found->decl == term->fact)
            return found;
    }
    return NULL;
}

/* A plugin that reports a fact under the name of a field with one value knows better than the
 * field. */
static bool is_overruled(const pm_term *term, const pm_view *view)
{
    pm_cursor at = {0};

    return term->fact != NULL && term->field != NULL && !term->field->many &&
           next_fact(term, view, &at) != NULL;
}

/* The number of the next value of the letter itself; false when it has no more to give. */
static bool next_of_letter(const pm_term *term, const pm_view *view, pm_cursor *at,
                           unsigned *nth_out)
{
    if (at->fact > 0 || (term->field == NULL && term->header == NULL))
        return false;
    if (at->nth == 0 && is_overruled(term, view))
        at->nth = 1;
    *nth_out = at->nth++;
    if (term->header != NULL)
        return *nth_out < MOST_HEADERS;
    return *nth_out == 0 || term->field->many;
}

bool pm_term_next(const pm_term *term, const pm_view *view, pm_cursor *at, pm_slice *value_out)
{
    const pm_found *found;
    unsigned nth;

    if (next_of_letter(term, view, at, &nth) &&
        (term->header != NULL
             ? pm_message_decoded(view->letter->message, term->header, nth, value_out)
             : term->field->text(view->letter, nth, value_out)) == PM_OK)
        return true;
    found = next_fact(term, view, at);
    if (found != NULL)
        *value_out = found->text;
    return found != NULL;
}

bool pm_term_next_number(const pm_term *term, const pm_view *view, pm_cursor *at,
                         int64_t *number_out)
{
    const pm_found *found;
    unsigned nth;

    if (next_of_letter(term, view, at, &nth) &&
        term->field->number(view->letter, nth, number_out) == PM_OK)
        return true;
    found = next_fact(term, view, at);
    if (found != NULL)
        *number_out = found->number;
    return found != NULL;
}

/* ---- Asking ---- */

static bool compares(pm_comparison how, int64_t value, int64_t with)
{
    switch (how) {
    case PM_IS_EQUAL:
        return value == with;
    case PM_IS_LESS:
        return value < with;
    case PM_IS_LESS_OR_EQUAL:
        return value <= with;
    case PM_IS_MORE:
        return value > with;
    case PM_IS_MORE_OR_EQUAL:
        return value >= with;
    }
    return false;
}

bool pm_condition_passes_number(const pm_condition *test, int64_t value)
{
    for (size_t i = 0; i < test->count; i++) {
        if (compares(test->comparison, value, test->numbers[i]))
            return true;
    }
    return false;
}

static bool any_number(const pm_condition *condition, pm_view *view)
{
    pm_cursor at = {0};
    int64_t number;

    while (pm_term_next_number(condition->term, view, &at, &number)) {
        if (pm_condition_passes_number(condition, number))
            return true;
    }
    return false;
}

static bool is_present(const pm_condition *condition, pm_view *view)
{
    pm_cursor at = {0};
    pm_slice text;
    int64_t number;

    if (condition->term->type != PM_FIELD_TEXT) {
        while (pm_term_next_number(condition->term, view, &at, &number)) {
            if (condition->term->type == PM_FIELD_NUMBER || number != 0)
                return true;
        }
        return false;
    }
    while (pm_term_next(condition->term, view, &at, &text)) {
        if (text.len > 0)
            return true;
    }
    return false;
}

static bool lies_under(pm_slice path, pm_slice folder)
{
    return pm_slice_starts(path, folder) &&
           (path.len == folder.len || path.data[folder.len] == '/');
}

static bool value_passes(const pm_condition *condition, pm_slice value, pm_view *view)
{
    pm_status found;

    if (condition->test == PM_TEST_IN)
        return pm_table_get(condition->words, value) != NULL;
    if (condition->test == PM_TEST_UNDER) {
        for (size_t i = 0; i < condition->count; i++) {
            if (lies_under(value, condition->paths[i]))
                return true;
        }
        return false;
    }
    found = pm_pattern_match(condition->pattern, value, NULL);
    if (found == PM_LIMIT)
        view->limited = true;
    return found == PM_OK;
}

bool pm_condition_passes(const pm_condition *test, pm_slice value)
{
    pm_view none = {.letter = NULL};

    return test->test == PM_TEST_PRESENT ? value.len > 0 : value_passes(test, value, &none);
}

static bool any_value(const pm_condition *condition, pm_view *view)
{
    pm_cursor at = {0};
    pm_slice value;
    unsigned seen = 0;

    while (pm_term_next(condition->term, view, &at, &value)) {
        if (value_passes(condition, value, view))
            return true;
        /* A look at the clock costs as much as a short match; a slow one is worth it. */
        if ((++seen % 32 == 0 || view->limited) && is_late(view))
            return false;
    }
    return false;
}

static bool holds(const pm_condition *condition, pm_view *view)
{
    const pm_condition *child = condition->children;

    if (view->late)
        return false;
    switch (condition->test) {
    case PM_TEST_ALL:
        while (child != NULL && holds(child, view))
            child = child->next;
        return child == NULL;
    case PM_TEST_ANY:
        while (child != NULL && !holds(child, view))
            child = child->next;
        return child != NULL;
    case PM_TEST_NOT:
        return !holds(child, view);
    case PM_TEST_PRESENT:
        return is_present(condition, view);
    case PM_TEST_NUMBER:
        return any_number(condition, view);
    case PM_TEST_IN:
    case PM_TEST_UNDER:
    case PM_TEST_MATCHES:
        return any_value(condition, view);
    }
    return false;
}

bool pm_condition_holds(const pm_condition *condition, pm_view *view)
{
    /* Late within a "not" is not true, either. */
    return holds(condition, view) && !view->late;
}

/* ---- What surely is so ---- */

/* Needs of which one is met. */
typedef struct choice {
    pm_need items[PM_NEEDS_MOST];
    size_t count; /* 0: none is known */
    double cost;
} choice;

/* How needs are chosen. */
typedef struct choosing {
    pm_need_cost cost;
    const void *context;
} choosing;

/* The nth set of needs that a single test has; false behind the last one. */
static bool nth_needs(const pm_condition *condition, size_t nth, choice *needs_out)
{
    const pm_slice *literals;
    pm_need *items = needs_out->items;
    size_t count;

    needs_out->count = 0;
    switch (condition->test) {
    case PM_TEST_IN:
        count = pm_table_count(condition->words);
        if (nth > 0 || count > PM_NEEDS_MOST)
            return false;
        for (size_t i = 0; i < count; i++) {
            items[i] = (pm_need){condition->term, PM_NEED_EQUAL, PM_EMPTY};
            (void)pm_table_nth(condition->words, i, &items[i].text);
        }
        break;
    case PM_TEST_UNDER:
        count = condition->count;
        if (nth > 0 || count > PM_NEEDS_MOST)
            return false;
        for (size_t i = 0; i < count; i++)
            items[i] = (pm_need){condition->term, PM_NEED_UNDER, condition->paths[i]};
        break;
    case PM_TEST_MATCHES:
        if (pm_pattern_literals(condition->pattern, nth, &literals, &count) != PM_OK)
            return false;
        for (size_t i = 0; i < count; i++)
            items[i] = (pm_need){condition->term, PM_NEED_CONTAINS, literals[i]};
        break;
    case PM_TEST_NUMBER:
        count = condition->count;
        if (nth > 0 || count > PM_NEEDS_MOST || condition->comparison != PM_IS_EQUAL)
            return false;
        for (size_t i = 0; i < count; i++)
            items[i] =
                (pm_need){condition->term, PM_NEED_EQUAL, pm_number_key(&condition->numbers[i])};
        break;
    case PM_TEST_ALL:
    case PM_TEST_ANY:
    case PM_TEST_NOT:
    case PM_TEST_PRESENT:
        return false;
    }
    needs_out->count = count;
    return count > 0;
}

void pm_condition_tell_needs(const pm_condition *condition, pm_need_told told, void *context)
{
    const bool several = condition->test == PM_TEST_ALL || condition->test == PM_TEST_ANY;
    choice one;

    for (const pm_condition *at = several ? condition->children : NULL; at != NULL; at = at->next)
        pm_condition_tell_needs(at, told, context);
    for (size_t nth = 0; nth_needs(condition, nth, &one); nth++) {
        for (size_t i = 0; i < one.count; i++)
            told(context, &one.items[i]);
    }
}

static void keep_cheaper(choice *best, const choice *other)
{
    if (other->count > 0 && (best->count == 0 || other->cost < best->cost))
        *best = *other;
}

static void choose(const pm_condition *condition, const choosing *by, choice *best_out);

/* All of the conditions must hold: the cheapest of what one of them needs. */
static void choose_of_all(const pm_condition *child, const choosing *by, choice *best_out)
{
    choice one;

    for (; child != NULL; child = child->next) {
        choose(child, by, &one);
        keep_cheaper(best_out, &one);
    }
}

/* One of them must: what any of them needs. */
static void choose_of_any(const pm_condition *child, const choosing *by, choice *best_out)
{
    choice one;

    for (; child != NULL; child = child->next) {
        choose(child, by, &one);
        if (one.count == 0 || best_out->count + one.count > PM_NEEDS_MOST) {
            best_out->count = 0;
            return;
        }
        memcpy(best_out->items + best_out->count, one.items, one.count * sizeof(one.items[0]));
        best_out->count += one.count;
        best_out->cost += one.cost;
    }
}

static void choose(const pm_condition *condition, const choosing *by, choice *best_out)
{
    choice one;

    best_out->count = 0;
    best_out->cost = 0;
    if (condition->test == PM_TEST_ALL)
        choose_of_all(condition->children, by, best_out);
    if (condition->test == PM_TEST_ANY)
        choose_of_any(condition->children, by, best_out);
    for (size_t nth = 0; nth_needs(condition, nth, &one); nth++) {
        one.cost = 0;
        for (size_t i = 0; i < one.count; i++)
            one.cost += by->cost(by->context, &one.items[i]);
        keep_cheaper(best_out, &one);
    }
}

size_t pm_condition_needs(const pm_condition *condition, pm_need_cost cost, const void *context,
                          pm_need needs[PM_NEEDS_MOST])
{
    const choosing by = {cost, context};
    choice best;

    choose(condition, &by, &best);
    memcpy(needs, best.items, best.count * sizeof(best.items[0]));
    return best.count;
}
