/* SPDX-License-Identifier: BSD-2-Clause */
/* replay - what another configuration would change, added up; see replay.h. */
#include "replay.h"

#include "field.h"

#include <stdlib.h>

#define MEMORY       ((size_t)256 * 1024 * 1024)
#define TEXT_LONGEST 300 /* bytes of what an example quotes */

/* One message that goes through. */
typedef struct pair {
    pm_replay *replay;
    const char *origin;
    const pm_outcome *here, *there;
    unsigned difference;
} pair;

bool pm_replay_begin(pm_replay *replay, const char *here, const char *there, size_t most)
{
    *replay = (pm_replay){.here = here, .there = there, .most = most};
    replay->arena = pm_arena_new(MEMORY);
    if (replay->arena == NULL)
        return false;
    for (size_t i = 0; i < PM_REPLAY_SORTS; i++) {
        replay->tables[i] = pm_table_new(replay->arena);
        if (replay->tables[i] == NULL)
            return false;
    }
    return true;
}

void pm_replay_end(pm_replay *replay)
{
    pm_arena_free(replay->arena);
}

/* ---- Examples ---- */

/* A copy that is not too long and does not end inside a character; NULL past the memory. */
static const char *keep(const pm_replay *replay, pm_slice text)
{
    size_t end = text.len < TEXT_LONGEST ? text.len : TEXT_LONGEST;

    while (end > 0 && end < text.len && ((unsigned char)text.data[end] & 0xc0) == 0x80)
        end--;
    return pm_copy(replay->arena, pm_slice_cut(text, 0, end)).data;
}

static const char *keep_aspect(const pm_replay *replay, pm_aspect aspect, const pm_outcome *outcome)
{
    pm_strbuf text;
    const char *kept;

    pm_strbuf_init(&text, 64 * 1024);
    pm_aspect_print(aspect, outcome, &text);
    kept = keep(replay, pm_strbuf_slice(&text));
    pm_strbuf_free(&text);
    return kept;
}

static pm_slice subject_of(const pm_letter *letter)
{
    pm_slice subject = PM_EMPTY;

    if (letter == NULL || pm_field_find(PM_LIT("subject"))->text(letter, 0, &subject) != PM_OK)
        return PM_EMPTY;
    return subject;
}

/* Without memory the group goes without. shown: what the example tells of it; PM_ASPECTS: no
 * more. */
static void add_example(const pair *of, pm_replay_group *group, pm_aspect shown)
{
    const pm_letter *letter = of->here->letter != NULL ? of->here->letter : of->there->letter;
    pm_replay *replay = of->replay;
    pm_replay_example made = {.message_id =
                                  keep(replay, letter == NULL ? PM_EMPTY : letter->message_id),
                              .subject = keep(replay, subject_of(letter)),
                              .origin = keep(replay, pm_slice_of(of->origin))};

    if (shown < PM_ASPECTS) {
        made.from = keep_aspect(replay, shown, of->here);
        made.to = keep_aspect(replay, shown, of->there);
    }
    if (made.message_id == NULL || made.subject == NULL || made.origin == NULL ||
        pm_grow(replay->arena, &group->examples, &group->example_room, group->example_count,
                sizeof(made)) != PM_OK)
        return;
    group->examples[group->example_count++] = made;
}

/* ---- Groups ---- */

/* NULL past the memory. */
static pm_replay_group *make_group(pm_replay *replay, pm_replay_sort sort, const char *name,
                                   const char *to, pm_replay_change change, pm_slice key)
{
    pm_replay_group *group = pm_alloc(replay->arena, sizeof(*group));

    if (group == NULL)
        return NULL;
    *group = (pm_replay_group){.change = change};
    group->name = pm_copy(replay->arena, pm_slice_of(name)).data;
    if (to != NULL)
        group->to = pm_copy(replay->arena, pm_slice_of(to)).data;
    key = pm_copy(replay->arena, key);
    if (group->name == NULL || (to != NULL && group->to == NULL) || key.data == NULL ||
        pm_table_put(replay->tables[sort], key, group) != PM_OK)
        return NULL;
    return group;
}

/* Count the message in its group. */
static void count(const pair *of, pm_replay_sort sort, const char *name, const char *to,
                  pm_replay_change change, pm_aspect shown)
{
    pm_replay *replay = of->replay;
    pm_replay_group *group;
    pm_strbuf key;

    pm_strbuf_init(&key, 64 * 1024);
    pm_strbuf_printf(&key, "%u\n%s\n%s", (unsigned)change, name, to == NULL ? "" : to);
    group = pm_table_get(replay->tables[sort], pm_strbuf_slice(&key));
    if (group == NULL)
        group = make_group(replay, sort, name, to, change, pm_strbuf_slice(&key));
    pm_strbuf_free(&key);
    if (group == NULL) {
        replay->left_out++;
        return;
    }
    group->count++;
    group->different += of->difference != 0;
    for (unsigned i = 0; i < PM_ASPECTS; i++)
        group->behind[i] += of->difference >> i & 1;
    if (group->example_count < replay->most)
        add_example(of, group, shown);
}

static bool differs_in(const pair *of, pm_aspect aspect)
{
    return of->difference >> aspect & 1;
}

/* ---- By inbox and by field ---- */

static void count_aspects(const pair *of)
{
    if (differs_in(of, PM_ASPECT_INBOX)) {
        const char *from = keep_aspect(of->replay, PM_ASPECT_INBOX, of->here);
        const char *to = keep_aspect(of->replay, PM_ASPECT_INBOX, of->there);

        if (from == NULL || to == NULL)
            of->replay->left_out++;
        else
            count(of, PM_REPLAY_INBOXES, from, to, PM_REPLAY_OTHERWISE, PM_ASPECTS);
    }
    for (unsigned i = PM_ASPECT_INBOX + 1; i < PM_ASPECTS; i++)
        if (differs_in(of, (pm_aspect)i))
            count(of, PM_REPLAY_FIELDS, pm_aspect_name((pm_aspect)i), NULL, PM_REPLAY_OTHERWISE,
                  (pm_aspect)i);
}

/* ---- By rule and by plugin ---- */

/* All that a rule or plugin has said of the letter, to be compared. */
static void print_words(const pm_outcome *outcome, const char *by, pm_strbuf *into)
{
    const pm_verdict *verdict = &outcome->verdict;

    pm_strbuf_clear(into);
    for (size_t i = 0; outcome->facts != NULL && i < outcome->facts->count; i++) {
        const pm_found *found = &outcome->facts->items[i];

        if (strcmp(found->by, by) == 0)
            pm_strbuf_printf(into, "%s %lld %.6g %.*s\n", found->decl->name,
                             (long long)found->number, found->weight, PM_FMT(found->text));
    }
    for (size_t i = 0; i < verdict->field_count; i++)
        if (strcmp(pm_rule_id(verdict->fields[i].rule), by) == 0)
            pm_strbuf_printf(into, "%.*s: %.*s\n", PM_FMT(verdict->fields[i].name),
                             PM_FMT(verdict->fields[i].value));
}

static bool say_the_same(const pair *of, const char *by)
{
    pm_strbuf here, there;
    bool same;

    pm_strbuf_init(&here, 1024 * 1024);
    pm_strbuf_init(&there, 1024 * 1024);
    print_words(of->here, by, &here);
    print_words(of->there, by, &there);
    same = pm_slice_equal(pm_strbuf_slice(&here), pm_strbuf_slice(&there));
    pm_strbuf_free(&here);
    pm_strbuf_free(&there);
    return same;
}

static bool has_fired(const pm_outcome *outcome, const char *id)
{
    for (size_t i = 0; i < outcome->verdict.fired_count; i++)
        if (strcmp(pm_rule_id(outcome->verdict.fired[i]), id) == 0)
            return true;
    return false;
}

/* What an example of a rule or plugin tells: the inbox, when that is what changes. */
static pm_aspect telling(const pair *of)
{
    return differs_in(of, PM_ASPECT_INBOX) ? PM_ASPECT_INBOX : PM_ASPECTS;
}

static void count_rules(const pair *of)
{
    const pm_verdict *here = &of->here->verdict, *there = &of->there->verdict;

    for (size_t i = 0; i < here->fired_count; i++) {
        const char *id = pm_rule_id(here->fired[i]);

        if (!has_fired(of->there, id))
            count(of, PM_REPLAY_RULES, id, NULL, PM_REPLAY_ONLY_HERE, telling(of));
        else if (!say_the_same(of, id))
            count(of, PM_REPLAY_RULES, id, NULL, PM_REPLAY_OTHERWISE, telling(of));
    }
    for (size_t i = 0; i < there->fired_count; i++)
        if (!has_fired(of->here, pm_rule_id(there->fired[i])))
            count(of, PM_REPLAY_RULES, pm_rule_id(there->fired[i]), NULL, PM_REPLAY_ONLY_THERE,
                  telling(of));
}

static bool is_plugin(const char *by)
{
    return strchr(by, ':') == NULL; /* rules are called file:rule */
}

/* Is one of the first nth facts by the same author? */
static bool was_asked(const pm_facts *facts, size_t nth, const char *by)
{
    for (size_t i = 0; i < nth; i++)
        if (strcmp(facts->items[i].by, by) == 0)
            return true;
    return false;
}

static void count_plugins(const pair *of)
{
    const pm_facts *here = of->here->facts, *there = of->there->facts;

    for (size_t i = 0; i < here->count; i++) {
        const char *by = here->items[i].by;

        if (!is_plugin(by) || was_asked(here, i, by) || say_the_same(of, by))
            continue;
        count(of, PM_REPLAY_PLUGINS, by, NULL,
              was_asked(there, there->count, by) ? PM_REPLAY_OTHERWISE : PM_REPLAY_ONLY_HERE,
              telling(of));
    }
    for (size_t i = 0; i < there->count; i++) {
        const char *by = there->items[i].by;

        if (is_plugin(by) && !was_asked(there, i, by) && !was_asked(here, here->count, by))
            count(of, PM_REPLAY_PLUGINS, by, NULL, PM_REPLAY_ONLY_THERE, telling(of));
    }
}

/* ---- From outside ---- */

static bool is_cut_short(const pm_outcome *outcome)
{
    return outcome->partial || outcome->memory_failed;
}

void pm_replay_add(pm_replay *replay, const char *origin, const pm_outcome *here,
                   const pm_outcome *there)
{
    const pair of = {replay, origin, here, there, pm_outcome_difference(here, there)};

    replay->messages++;
    replay->different += of.difference != 0;
    replay->partial += is_cut_short(here) || is_cut_short(there);
    count_aspects(&of);
    count_rules(&of);
    /* What plugins weigh otherwise is only news where it changes something. */
    if (of.difference != 0 && here->facts != NULL && there->facts != NULL)
        count_plugins(&of);
}

static int most_frequent_first(const void *a, const void *b)
{
    const pm_replay_group *const *left = a, *const *right = b;
    const pm_replay_group *one = *left, *other = *right;
    int order;

    if (one->count != other->count)
        return one->count > other->count ? -1 : 1;
    order = strcmp(one->name, other->name);
    if (order == 0 && one->to != NULL && other->to != NULL)
        order = strcmp(one->to, other->to);
    return order != 0 ? order : (int)one->change - (int)other->change;
}

pm_replay_groups pm_replay_sorted(const pm_replay *replay, pm_replay_sort sort)
{
    pm_replay_groups groups = {.count = pm_table_count(replay->tables[sort])};

    groups.items = pm_alloc_array(replay->arena, groups.count, sizeof(pm_replay_group *));
    if (groups.items == NULL)
        return (pm_replay_groups){.count = 0};
    for (size_t i = 0; i < groups.count; i++)
        groups.items[i] = pm_table_nth(replay->tables[sort], i, NULL);
    if (groups.count > 0)
        qsort(groups.items, groups.count, sizeof(groups.items[0]), most_frequent_first);
    return groups;
}
