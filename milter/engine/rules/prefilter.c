/* SPDX-License-Identifier: BSD-2-Clause */
/* prefilter - of thousands of rules, the few whose condition can hold; see prefilter.h. */
#include "prefilter.h"

#include "clock.h"
#include "literals.h"

#define MOST_TEXT (1024 * 1024) /* patterns see no more of a value, either */

/* The rules that one thing speaks for. */
typedef struct rule_list {
    uint32_t *numbers;
    size_t count, room;
} rule_list;

/* What is looked for in the values of one term. */
typedef struct watch {
    const pm_term *term;
    pm_table *equal, *under; /* of rule_list; NULL: nothing */
    size_t longest_folder;   /* in under */
    pm_literals *literals;   /* NULL: none */
    rule_list **by_literal;  /* by the literals' numbers */
    size_t literal_room;
} watch;

struct pm_prefilter {
    pm_arena *arena;
    pm_table *watches; /* by the term's name */
    rule_list always;
    size_t rules; /* how many */
};

/* ---- Choosing what to look for ---- */

#define COUNTING_BUDGET ((size_t)64 * 1024 * 1024)
#define NEVER           1e9 /* costs so much that the rule is better tried always */

/* How many rules might look for the same; what many look for is most likely common in mail. */
typedef struct popularity {
    pm_arena *arena;
    pm_table *counts; /* of size_t, by key() */
} popularity;

/* What a need is counted under; data is NULL past the budget. */
static pm_slice key(char *into, size_t size, const pm_need *need)
{
    size_t len = 1 + need->term->name.len + 1 + need->text.len;

    if (len > size)
        return (pm_slice){NULL, 0};
    *into++ = (char)need->kind;
    memcpy(into, need->term->name.data, need->term->name.len);
    into += need->term->name.len;
    *into++ = '\0';
    for (size_t i = 0; i < need->text.len; i++)
        *into++ =
            need->kind == PM_NEED_CONTAINS ? pm_lower(need->text.data[i]) : need->text.data[i];
    return (pm_slice){into - len, len};
}

static void count_need(void *context, const pm_need *need)
{
    popularity *known = context;
    char bytes[512];
    pm_slice name = key(bytes, sizeof(bytes), need);
    size_t *count = name.data == NULL ? NULL : pm_table_get(known->counts, name);

    if (count != NULL) {
        ++*count;
        return;
    }
    count = pm_alloc(known->arena, sizeof(*count));
    name = name.data == NULL ? name : pm_copy(known->arena, name);
    if (count == NULL || name.data == NULL || pm_table_put(known->counts, name, count) != PM_OK)
        return; /* it counts as rare: slower at worst */
    *count = 1;
}

/* Fields with few values, which many letters share. */
static bool is_common(pm_slice name)
{
    static const char *const common[] = {"kind",     "project",  "prefix",    "tag",
                                         "path.how", "list-tag", "subsystem", NULL};

    for (size_t i = 0; common[i] != NULL; i++) {
        if (pm_slice_equal(name, pm_slice_of(common[i])))
            return true;
    }
    return false;
}

/* Of how many letters it may be so, at a guess: 1 is hardly any, 64 is many. */
static double commonness(const pm_need *need)
{
    /* From 11 bytes on not only what is found costs less, but also the search. */
    static const double by_length[] = {64, 64, 64, 32, 16, 8, 4, 2, 1, 1, 1, 0.25};
    const size_t longest = sizeof(by_length) / sizeof(by_length[0]) - 1;
    size_t slashes = 0;

    switch (need->kind) {
    case PM_NEED_EQUAL:
        if (need->term->type == PM_FIELD_NUMBER)
            return 16; /* most are small ones */
        return is_common(need->term->name) ? 64 : 2;
    case PM_NEED_UNDER:
        for (size_t i = 0; i < need->text.len; i++)
            slashes += need->text.data[i] == '/';
        return slashes == 0 ? 16 : slashes == 1 ? 4 : 1;
    case PM_NEED_CONTAINS:
        return by_length[need->text.len > longest ? longest : need->text.len];
    }
    return 64;
}

static double cost_of(const void *context, const pm_need *need)
{
    const popularity *known = context;
    char bytes[512];
    pm_slice name = key(bytes, sizeof(bytes), need);
    const size_t *count = name.data == NULL ? NULL : pm_table_get(known->counts, name);

    if (need->kind == PM_NEED_CONTAINS && need->text.len < PM_LITERAL_LEAST)
        return NEVER;
    /* Eight rules that look for the same make it twice as dear: it costs them all, and is likely
     * common. */
    return commonness(need) * (1 + (count == NULL ? 0 : (double)*count / 8));
}

/* ---- Building ---- */

static pm_status add_rule(pm_arena *arena, rule_list *list, size_t number)
{
    if (list->count > 0 && list->numbers[list->count - 1] == number)
        return PM_OK;
    if (pm_grow(arena, &list->numbers, &list->room, list->count, sizeof(*list->numbers)) != PM_OK)
        return PM_LIMIT;
    list->numbers[list->count++] = (uint32_t)number;
    return PM_OK;
}

static watch *find_watch(pm_prefilter *prefilter, const pm_term *term)
{
    watch *found = pm_table_get(prefilter->watches, term->name);

    if (found != NULL)
        return found;
    found = pm_alloc(prefilter->arena, sizeof(*found));
    if (found == NULL || pm_table_put(prefilter->watches, term->name, found) != PM_OK)
        return NULL;
    found->term = term;
    return found;
}

/* The list under key in *table, which is made when it is wanted first. NULL past the budget. */
static rule_list *list_in_table(pm_arena *arena, pm_table **table, pm_slice key)
{
    rule_list *list;

    if (*table == NULL)
        *table = pm_table_new(arena);
    if (*table == NULL)
        return NULL;
    list = pm_table_get(*table, key);
    if (list != NULL)
        return list;
    list = pm_alloc(arena, sizeof(*list));
    return list == NULL || pm_table_put(*table, key, list) != PM_OK ? NULL : list;
}

static rule_list *list_of_literal(pm_arena *arena, watch *at, pm_slice text)
{
    size_t number, count;

    if (at->literals == NULL)
        at->literals = pm_literals_new(arena);
    if (at->literals == NULL)
        return NULL;
    count = pm_literals_count(at->literals);
    if (pm_grow(arena, &at->by_literal, &at->literal_room, count, sizeof(*at->by_literal)) !=
            PM_OK ||
        pm_literals_add(at->literals, text, &number) != PM_OK)
        return NULL;
    if (number == count)
        at->by_literal[number] = pm_alloc(arena, sizeof(rule_list));
    return at->by_literal[number];
}

static pm_status add_need(pm_prefilter *prefilter, size_t number, const pm_need *need)
{
    watch *at = find_watch(prefilter, need->term);
    rule_list *list = NULL;

    if (at == NULL)
        return PM_LIMIT;
    switch (need->kind) {
    case PM_NEED_EQUAL:
        list = list_in_table(prefilter->arena, &at->equal, need->text);
        break;
    case PM_NEED_UNDER:
        list = list_in_table(prefilter->arena, &at->under, need->text);
        if (need->text.len > at->longest_folder)
            at->longest_folder = need->text.len;
        break;
    case PM_NEED_CONTAINS:
        list = list_of_literal(prefilter->arena, at, need->text);
        break;
    }
    return list == NULL ? PM_LIMIT : add_rule(prefilter->arena, list, number);
}

static pm_status add_condition(pm_prefilter *prefilter, size_t number,
                               const pm_condition *condition, const popularity *known)
{
    pm_need needs[PM_NEEDS_MOST];
    size_t count = pm_condition_needs(condition, cost_of, known, needs);

    for (size_t i = 0; i < count; i++) {
        if (cost_of(known, &needs[i]) >= NEVER)
            count = 0;
    }
    if (count == 0)
        return add_rule(prefilter->arena, &prefilter->always, number);
    for (size_t i = 0; i < count; i++) {
        if (add_need(prefilter, number, &needs[i]) != PM_OK)
            return PM_LIMIT;
    }
    return PM_OK;
}

pm_prefilter *pm_prefilter_new(pm_arena *arena, const pm_condition *const *conditions, size_t count)
{
    pm_prefilter *made = pm_alloc(arena, sizeof(*made));
    popularity known = {.arena = pm_arena_new(COUNTING_BUDGET)};
    const watch *at;

    if (made == NULL || known.arena == NULL)
        goto no_memory;
    made->arena = arena;
    made->rules = count;
    made->watches = pm_table_new(arena);
    known.counts = pm_table_new(known.arena);
    if (made->watches == NULL || known.counts == NULL)
        goto no_memory;
    for (size_t i = 0; i < count; i++)
        pm_condition_tell_needs(conditions[i], count_need, &known);
    for (size_t i = 0; i < count; i++) {
        if (add_condition(made, i, conditions[i], &known) != PM_OK)
            goto no_memory;
    }
    for (size_t i = 0; (at = pm_table_nth(made->watches, i, NULL)) != NULL; i++) {
        if (at->literals != NULL && pm_literals_ready(at->literals) != PM_OK)
            goto no_memory;
    }
    pm_arena_free(known.arena);
    return made;
no_memory:
    pm_arena_free(known.arena);
    return NULL;
}

/* ---- Looking ---- */

/* One pass over the values of a term. */
typedef struct looking {
    const watch *at;
    uint64_t *wanted; /* the rules worth trying */
} looking;

static void want(uint64_t *wanted, const rule_list *list)
{
    for (size_t i = 0; list != NULL && i < list->count; i++)
        wanted[list->numbers[i] / 64] |= UINT64_C(1) << list->numbers[i] % 64;
}

static void want_literal(void *context, size_t number)
{
    const looking *in = context;

    want(in->wanted, in->at->by_literal[number]);
}

/* Every folder that path lies under, and path itself, as far as one is looked for: a path of a
 * million folders would cost its length squared. */
static void look_under(const looking *in, pm_slice path)
{
    for (size_t i = 0; i <= path.len && i <= in->at->longest_folder; i++) {
        if (i == path.len || path.data[i] == '/')
            want(in->wanted, pm_table_get(in->at->under, pm_slice_cut(path, 0, i)));
    }
}

/* Of numbers, only equal ones are looked for. */
static void look_at_numbers(const looking *in, const pm_view *view)
{
    pm_cursor at = {0};
    int64_t number;

    while (pm_term_next_number(in->at->term, view, &at, &number))
        want(in->wanted, pm_table_get(in->at->equal, pm_number_key(&number)));
}

static bool look(looking *in, pm_arena *arena, pm_view *view)
{
    pm_cursor at = {0};
    uint64_t *seen = NULL;
    pm_slice value;

    if (in->at->term->type != PM_FIELD_TEXT) {
        look_at_numbers(in, view);
        return true;
    }
    if (in->at->literals != NULL) {
        seen = pm_alloc_array(arena, pm_literals_count(in->at->literals) / 64 + 1, sizeof(*seen));
        if (seen == NULL)
            return false;
    }
    for (unsigned count = 1; pm_term_next(in->at->term, view, &at, &value); count++) {
        if (in->at->equal != NULL)
            want(in->wanted, pm_table_get(in->at->equal, value));
        if (in->at->under != NULL)
            look_under(in, value);
        if (in->at->literals != NULL)
            pm_literals_find(in->at->literals, pm_slice_cut(value, 0, MOST_TEXT), seen,
                             want_literal, in);
        if (count % 64 == 0 && view->deadline_us != 0 && pm_clock_us() > view->deadline_us) {
            view->late = true;
            return true;
        }
    }
    return true;
}

uint64_t *pm_prefilter_run(const pm_prefilter *prefilter, pm_arena *arena, pm_view *view)
{
    uint64_t *wanted = pm_alloc_array(arena, prefilter->rules / 64 + 1, sizeof(*wanted));
    looking in = {.wanted = wanted};

    if (wanted == NULL)
        return NULL;
    want(wanted, &prefilter->always);
    for (size_t i = 0; (in.at = pm_table_nth(prefilter->watches, i, NULL)) != NULL; i++) {
        if (!look(&in, arena, view))
            return NULL;
        if (view->late)
            break;
    }
    return wanted;
}
