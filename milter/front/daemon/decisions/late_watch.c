/* SPDX-License-Identifier: BSD-2-Clause */
/* late_watch - notices late evidence; see late_watch.h. */
#include "late_watch.h"

#include "clock.h"
#include "decision_json.h"
#include "decision_tail.h"
#include "table.h"

#include <stdlib.h>

#define MOST_DECISIONS 20000
#define MOST_BYTES     ((size_t)32 << 20)
#define ROUND_MEMORY   ((size_t)64 << 20) /* of all that one message makes us look at */
#define LINE_MEMORY    ((size_t)4 << 20)
#define ASK_US         200000
#define MOST_FOLLOWERS 32 /* series that come after one, directly or not */

struct pm_late_watch {
    pm_store *store;
    pm_tail *tail;
    pm_arena *round; /* of one message */
    pm_arena *line;  /* of one decision */
};

pm_late_watch *pm_late_watch_new(pm_store *store)
{
    pm_late_watch *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return NULL;
    made->store = store;
    made->tail = pm_tail_new(MOST_DECISIONS, MOST_BYTES);
    made->round = pm_arena_new(ROUND_MEMORY);
    made->line = pm_arena_new(LINE_MEMORY);
    if (made->tail != NULL && made->round != NULL && made->line != NULL)
        return made;
    pm_late_watch_free(made);
    return NULL;
}

void pm_late_watch_free(pm_late_watch *watch)
{
    if (watch == NULL)
        return;
    pm_tail_free(watch->tail);
    pm_arena_free(watch->round);
    pm_arena_free(watch->line);
    free(watch);
}

static int64_t soon(void)
{
    return pm_clock_us() + ASK_US;
}

/* All of it as one number, never 0: two that are equal are, as far as anybody will see. */
static uint64_t digest(pm_arena *arena, const pm_marked *marked)
{
    const pm_slice names = pm_memory_join(arena, marked->subsystems, marked->subsystem_count);
    const pm_slice text =
        pm_print(arena, "%.*s\n%.*s\n%.*s\n%.*s\n%.*s\n%.*s", PM_FMT(marked->series),
                 PM_FMT(marked->project), PM_FMT(marked->inbox), PM_FMT(marked->supersedes),
                 PM_FMT(marked->chain), PM_FMT(names));

    return text.data == NULL ? 1 : pm_hash(text) | 1;
}

/* ---- What was before ---- */

static void recall_decision(pm_late_watch *watch, pm_slice line, const pm_decision *decision)
{
    const pm_tail_entry entry = {.line = line,
                                 .message_id = decision->message_id,
                                 .queue_id = decision->queue_id,
                                 .series = decision->marked.series};

    if (decision->delivered)
        pm_tail_add(watch->tail, &entry);
}

static void recall_late(pm_late_watch *watch, const pm_late *late)
{
    pm_tail_entry *entry = pm_tail_find(watch->tail, late->message_id, late->queue_id);

    if (entry == NULL)
        return;
    entry->told =
        pm_marked_difference(&late->was, &late->now) == 0 ? 0 : digest(watch->line, &late->now);
    if (!pm_slice_equal(entry->series, late->now.series))
        pm_tail_move(watch->tail, entry, late->now.series);
}

void pm_late_watch_recall(pm_late_watch *watch, pm_slice line)
{
    pm_record record;

    pm_arena_reset(watch->line);
    if (pm_record_read(watch->line, line, &record) != PM_OK)
        return;
    switch (record.type) {
    case PM_RECORD_DECISION:
        recall_decision(watch, line, &record.decision);
        break;
    case PM_RECORD_LATE:
        recall_late(watch, &record.late);
        break;
    }
}

/* ---- What a message changes ---- */

/* One message, and what is told because of it. */
typedef struct round {
    pm_late_watch *watch;
    const pm_arrival *arrival;
    int64_t time;
    pm_strbuf *lines;
    unsigned told;
    pm_slice seen[MOST_FOLLOWERS]; /* series that were looked at, and wait for it */
    size_t seen_count;
} round;

/* A patch is no evidence against itself: what spoke against it was marked at the same moment, on
 * another connection. A cover is, when it has inherited from patches that came before it. */
static pm_slice reason(const round *in, const pm_decision *decision)
{
    const pm_arrival *arrival = in->arrival;
    const bool itself = pm_slice_equal(decision->message_id, arrival->message_id);

    return itself && arrival->role != PM_ROLE_ROOT ? PM_EMPTY : arrival->message_id;
}

static void tell(round *in, const pm_decision *decision, const pm_marked *now)
{
    const pm_late late = {.time = in->time,
                          .marked_at = decision->time,
                          .queue_id = decision->queue_id,
                          .message_id = decision->message_id,
                          .because = reason(in, decision),
                          .correction = PM_EMPTY,
                          .was = decision->marked,
                          .now = *now};

    pm_late_add_json(in->lines, &late);
    in->told++;
}

static void compare(round *in, pm_tail_entry *entry, const pm_marked *known)
{
    pm_arena *arena = in->watch->line;
    pm_record record;
    pm_marked now;
    uint64_t told = 0;

    pm_arena_reset(arena);
    if (pm_record_read(arena, entry->line, &record) != PM_OK || record.type != PM_RECORD_DECISION ||
        pm_late_would(arena, &record.decision, known, &now) != PM_OK)
        return;
    if (pm_marked_difference(&record.decision.marked, &now) != 0)
        told = digest(arena, &now);
    if (told != entry->told)
        tell(in, &record.decision, &now);
    entry->told = told;
}

static bool is_seen(const round *in, pm_slice series)
{
    for (size_t i = 0; i < in->seen_count; i++)
        if (pm_slice_equal(in->seen[i], series))
            return true;
    return false;
}

static void add_series(round *in, pm_slice series)
{
    if (in->seen_count < MOST_FOLLOWERS && !is_seen(in, series))
        in->seen[in->seen_count++] = series;
}

/* What supersedes it belongs to its chain. */
static void add_followers(round *in, pm_slice series)
{
    pm_series *found;
    size_t count;

    if (pm_store_find(in->watch->store, in->watch->round, PM_KEY_SUPERSEDES, series, MOST_FOLLOWERS,
                      soon(), &found, &count) != PM_OK)
        return;
    for (size_t i = 0; i < count; i++)
        if (pm_tail_first(in->watch->tail, found[i].id) != NULL)
            add_series(in, found[i].id);
}

static void compare_series(round *in, pm_slice series)
{
    pm_tail_entry *entry = pm_tail_first(in->watch->tail, series);
    pm_marked known;
    uint64_t looked_at;

    if (entry != NULL &&
        pm_late_look(in->watch->store, in->watch->round, series, soon(), &known) == PM_OK) {
        looked_at = digest(in->watch->round, &known);
        for (; entry != NULL; entry = pm_tail_next(entry)) {
            if (entry->looked_at == looked_at)
                continue;
            compare(in, entry, &known);
            entry->looked_at = looked_at;
        }
    }
    add_followers(in, series);
}

/* The decisions of a series that is there no more go with their messages. */
static void move_joined(round *in, pm_slice series)
{
    pm_late_watch *watch = in->watch;
    pm_tail_entry *entry = pm_tail_first(watch->tail, series), *next;
    pm_marked ignored;
    pm_slice to;

    if (entry == NULL ||
        pm_late_look(watch->store, watch->round, series, soon(), &ignored) != PM_ABSENT)
        return;
    for (; entry != NULL; entry = next) {
        next = pm_tail_next(entry);
        if (pm_store_reference(watch->store, watch->round, entry->message_id, soon(), &to, NULL) ==
                PM_OK &&
            !pm_slice_equal(to, series))
            pm_tail_move(watch->tail, entry, to);
    }
}

static void keep(pm_late_watch *watch, const pm_arrival *arrival)
{
    const pm_tail_entry entry = {.line = arrival->line,
                                 .message_id = arrival->message_id,
                                 .queue_id = arrival->queue_id,
                                 .series = arrival->series};

    if (arrival->delivered)
        pm_tail_add(watch->tail, &entry);
}

/* What the letter saw was not changed by it: then nothing of its series is otherwise because of it.
 */
static bool brings_something(const pm_arrival *arrival)
{
    if (!arrival->moves)
        return false;
    switch (arrival->role) {
    case PM_ROLE_ROOT:
        return true;
    case PM_ROLE_PART:
        return !arrival->more_follows;
    case PM_ROLE_REPLY:
        break;
    }
    return false;
}

unsigned pm_late_watch_arrival(pm_late_watch *watch, const pm_arrival *arrival, int64_t time,
                               pm_strbuf *lines_out)
{
    round in = {.watch = watch, .arrival = arrival, .time = time, .lines = lines_out};
    const bool was_root = !pm_slice_equal(arrival->series, arrival->message_id) &&
                          pm_tail_first(watch->tail, arrival->message_id) != NULL;

    pm_arena_reset(watch->round);
    if (was_root)
        move_joined(&in, arrival->message_id);
    for (size_t i = 0; i < arrival->join_count; i++)
        move_joined(&in, arrival->joins[i]);
    if (brings_something(arrival) || was_root)
        add_series(&in, arrival->series);
    /* A cover's own word may take the place of what it has just inherited from its patches. */
    if (!arrival->more_follows)
        keep(watch, arrival);
    for (size_t i = 0; i < in.seen_count; i++) /* it grows meanwhile */
        compare_series(&in, in.seen[i]);
    if (arrival->more_follows)
        keep(watch, arrival);
    return in.told;
}
