/* SPDX-License-Identifier: BSD-2-Clause */
/* late - would a message now be marked otherwise? See late.h. */
#include "late.h"

#include "decide.h"

#include <stdlib.h>

pm_status pm_late_look(pm_store *store, pm_arena *arena, pm_slice series, int64_t deadline_us,
                       pm_marked *known_out)
{
    pm_known known;
    pm_slice chain;
    pm_status status = pm_store_known(store, arena, series, deadline_us, &known);

    if (status == PM_OK)
        status = pm_store_chain(store, arena, series, deadline_us, &chain);
    if (status != PM_OK)
        return status;
    *known_out = (pm_marked){.series = series,
                             .project = known.series.project,
                             .inbox = known.series.inbox,
                             .supersedes = known.series.supersedes,
                             .chain = chain,
                             .subsystems = known.series.subsystems,
                             .subsystem_count = known.series.subsystem_count};
    return PM_OK;
}

/* ---- What is inherited ---- */

/* The weights of the plugin thread; memory_late_test compares with what it does. */
typedef struct inheritance {
    double weight[PM_LABELS]; /* 0: not inherited */
} inheritance;

static const inheritance inherits[] = {
    [PM_ROLE_ROOT] = {{[PM_LABEL_PROJECT] = 2, [PM_LABEL_INBOX] = 0, [PM_LABEL_SUBSYSTEM] = 1}},
    [PM_ROLE_PART] = {{[PM_LABEL_PROJECT] = 12, [PM_LABEL_INBOX] = 5, [PM_LABEL_SUBSYSTEM] = 2}},
    [PM_ROLE_REPLY] = {{[PM_LABEL_PROJECT] = 30, [PM_LABEL_INBOX] = 30, [PM_LABEL_SUBSYSTEM] = 6}},
};

#define MOST_INHERITED 6 /* subsystems */

/* ---- Adding up ---- */

typedef struct sum {
    pm_slice value;
    double weight;
    size_t place; /* breaks ties */
} sum;

typedef struct sums {
    sum items[PM_DECISION_MOST + MOST_INHERITED];
    size_t count;
} sums;

static void add(sums *to, pm_slice value, double weight)
{
    for (size_t i = 0; i < to->count; i++)
        if (pm_slice_equal(to->items[i].value, value)) {
            to->items[i].weight += weight;
            return;
        }
    if (to->count < sizeof(to->items) / sizeof(to->items[0])) {
        to->items[to->count] = (sum){value, weight, to->count};
        to->count++;
    }
}

static int heavier_first(const void *a, const void *b)
{
    const sum *left = a, *right = b;

    if (left->weight != right->weight)
        return left->weight > right->weight ? -1 : 1;
    return left->place < right->place ? -1 : left->place > right->place;
}

static void add_own(sums *to, const pm_words *words)
{
    for (size_t i = 0; i < words->own_count; i++)
        add(to, words->own[i].value, words->own[i].weight);
}

/* The heaviest, or none. */
static pm_slice foremost(sums *of)
{
    if (of->count == 0)
        return PM_EMPTY;
    qsort(of->items, of->count, sizeof(of->items[0]), heavier_first);
    return of->items[0].value;
}

/* ---- What it would be ---- */

static pm_slice project_now(const pm_decision *decision, const pm_marked *known, double weight)
{
    sums of = {.count = 0};

    add_own(&of, &decision->words[PM_LABEL_PROJECT]);
    if (known->project.len > 0 && weight > 0)
        add(&of, known->project, weight);
    return foremost(&of);
}

/* In another project, what was said of this one's subsystems counts no more: it came from the other
 * one's MAINTAINERS. */
static pm_status subsystems_now(pm_arena *arena, const pm_decision *decision,
                                const pm_marked *known, double weight, pm_marked *now)
{
    const bool moved =
        !pm_slice_equal(now->project, decision->marked.project) && decision->marked.project.len > 0;
    sums of = {.count = 0};
    pm_slice *names;

    for (size_t i = 0; weight > 0 && i < known->subsystem_count && i < MOST_INHERITED; i++)
        add(&of, known->subsystems[i], weight / (double)(1u << i));
    if (!moved || of.count == 0)
        add_own(&of, &decision->words[PM_LABEL_SUBSYSTEM]);
    (void)foremost(&of);
    if (of.count > PM_SUBSYSTEMS_MOST)
        of.count = PM_SUBSYSTEMS_MOST;
    names = pm_alloc_array(arena, of.count, sizeof(*names));
    if (names == NULL)
        return PM_LIMIT;
    for (size_t i = 0; i < of.count; i++)
        names[i] = of.items[i].value;
    now->subsystems = names;
    now->subsystem_count = of.count;
    return PM_OK;
}

static pm_status inbox_now(pm_arena *arena, const pm_decision *decision, const pm_marked *known,
                           double weight, pm_marked *now)
{
    sums of = {.count = 0};
    pm_slice slug;

    add_own(&of, &decision->words[PM_LABEL_INBOX]);
    if (known->inbox.len > 0 && weight > 0)
        add(&of, known->inbox, weight);
    slug = foremost(&of);
    if (slug.len == 0)
        slug = now->subsystem_count > 0 ? now->subsystems[0] : PM_LIT("unsorted");
    now->inbox = now->project.len == 0
                     ? slug
                     : pm_print(arena, "%.*s.%.*s", PM_FMT(slug), PM_FMT(now->project));
    return now->inbox.data == NULL ? PM_LIMIT : PM_OK;
}

pm_status pm_late_would(pm_arena *arena, const pm_decision *decision, const pm_marked *known,
                        pm_marked *now_out)
{
    static const inheritance nothing;
    const inheritance *as =
        decision->heir.len > 0 ? &inherits[pm_decision_role(decision)] : &nothing;
    const bool follows = pm_decision_is(decision, PM_KIND_COVER) ||
                         pm_decision_is(decision, PM_KIND_PATCH); /* something */

    *now_out = (pm_marked){
        .series = known->series,
        .project = project_now(decision, known, as->weight[PM_LABEL_PROJECT]),
        .supersedes = follows ? known->supersedes : decision->marked.supersedes,
        .chain = known->chain,
    };
    if (subsystems_now(arena, decision, known, as->weight[PM_LABEL_SUBSYSTEM], now_out) != PM_OK)
        return PM_LIMIT;
    return inbox_now(arena, decision, known, as->weight[PM_LABEL_INBOX], now_out);
}
