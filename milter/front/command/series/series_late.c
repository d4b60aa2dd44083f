/* SPDX-License-Identifier: BSD-2-Clause */
/* series_late - what of the decision log would now be marked otherwise; see series_late.h. */
#include "series_late.h"

#include "clock.h"
#include "commands.h"
#include "decision_json.h"
#include "decision_log.h"
#include "difference.h"
#include "ink.h"
#include "series_chain.h"
#include "table.h"

#include <stdlib.h>
#include <unistd.h>

#define ASK_US        60000000
#define LINE_MEMORY   ((size_t)16 << 20) /* a line, and its series as the store has it */
#define LONGEST_CHAIN 1000

static int64_t deadline(void)
{
    return pm_clock_us() + ASK_US;
}

bool pm_late_has_log(const char *folder)
{
    char name[PM_DECISION_LOG_NAME];

    for (unsigned nth = 0; nth < 2; nth++) /* it may be turned away just now */
        if (pm_decision_log_name(folder, nth, name) && access(name, F_OK) == 0)
            return true;
    return false;
}

/* ---- Looking ---- */

typedef struct survey {
    const pm_late_question *asked;
    pm_arena *line;  /* of one line */
    pm_table *known; /* pm_marked by series; one that joined another is not asked for again */
    pm_table *found; /* pm_late_found by queue id and message */
    pm_status status;
} survey;

static pm_slice kept(pm_arena *arena, pm_slice text, bool *failed)
{
    const pm_slice copy = pm_copy(arena, text);

    *failed |= copy.data == NULL;
    return copy;
}

/* Without the rest of the series, of which there may be millions. */
static pm_marked *keep_marked(pm_arena *arena, const pm_marked *from)
{
    pm_marked *to = pm_alloc(arena, sizeof(*to));
    pm_slice *names = pm_alloc_array(arena, from->subsystem_count, sizeof(*names));
    bool failed = false;

    if (to == NULL || names == NULL)
        return NULL;
    for (size_t i = 0; i < from->subsystem_count; i++)
        names[i] = kept(arena, from->subsystems[i], &failed);
    *to = (pm_marked){.series = kept(arena, from->series, &failed),
                      .project = kept(arena, from->project, &failed),
                      .inbox = kept(arena, from->inbox, &failed),
                      .supersedes = kept(arena, from->supersedes, &failed),
                      .chain = kept(arena, from->chain, &failed),
                      .subsystems = names,
                      .subsystem_count = from->subsystem_count};
    return failed ? NULL : to;
}

static pm_status look(survey *in, pm_slice series, const pm_marked **known_out)
{
    const pm_late_question *asked = in->asked;
    pm_marked *known = pm_table_get(in->known, series), now;
    pm_status status;

    *known_out = known;
    if (known != NULL)
        return PM_OK;
    status = pm_late_look(asked->store, in->line, series, deadline(), &now);
    if (status != PM_OK)
        return status;
    known = keep_marked(asked->arena, &now);
    *known_out = known;
    return known == NULL ? PM_LIMIT : pm_table_put(in->known, known->series, known);
}

/* Does the series come after the one that is asked about, or is it that one? */
static pm_status is_behind(survey *in, const pm_marked *known, bool *so_out)
{
    const pm_slice wanted = in->asked->behind;
    pm_status status = PM_OK;

    *so_out = wanted.len == 0;
    for (unsigned hops = 0; !*so_out && status == PM_OK && hops < LONGEST_CHAIN; hops++) {
        *so_out = pm_slice_equal(known->series, wanted);
        if (*so_out || known->supersedes.len == 0)
            return PM_OK;
        status = look(in, known->supersedes, &known);
    }
    return status == PM_ABSENT ? PM_OK : status;
}

static pm_slice key_of(pm_arena *arena, pm_slice queue_id, pm_slice message_id)
{
    return pm_print(arena, "%.*s %.*s", PM_FMT(queue_id), PM_FMT(message_id));
}

/* The line was read into memory that the next one needs. */
static pm_status keep(survey *in, pm_slice line, const pm_marked *known)
{
    pm_arena *arena = in->asked->arena;
    pm_late_found *found = pm_alloc(arena, sizeof(*found));
    const pm_decision *decision;
    pm_record record;
    pm_marked now;
    pm_slice key;

    if (found == NULL || pm_record_read(arena, line, &record) != PM_OK ||
        pm_late_would(arena, &record.decision, known, &now) != PM_OK)
        return PM_LIMIT;
    found->decision = record.decision;
    decision = &found->decision;
    found->late = (pm_late){.marked_at = decision->time,
                            .queue_id = decision->queue_id,
                            .message_id = decision->message_id,
                            .because = PM_EMPTY,
                            .correction = PM_EMPTY,
                            .was = decision->marked,
                            .now = now};
    found->place = pm_table_count(in->found);
    key = key_of(arena, decision->queue_id, decision->message_id);
    return key.data == NULL ? PM_LIMIT : pm_table_put(in->found, key, found);
}

static pm_status survey_decision(survey *in, pm_slice line, const pm_decision *decision)
{
    const pm_marked *known;
    pm_slice series;
    pm_marked now;
    pm_status status;
    bool behind = false;

    if (!decision->delivered || decision->time < in->asked->since)
        return PM_OK;
    status = pm_store_reference(in->asked->store, in->line, decision->message_id, deadline(),
                                &series, NULL);
    if (status == PM_OK)
        status = look(in, series, &known);
    if (status == PM_OK)
        status = is_behind(in, known, &behind);
    if (status == PM_OK && behind)
        status = pm_late_would(in->line, decision, known, &now);
    if (status != PM_OK || !behind)
        return status == PM_ABSENT ? PM_OK : status; /* it was forgotten */
    return pm_marked_difference(&decision->marked, &now) == 0 ? PM_OK : keep(in, line, known);
}

/* Why, when it still is as was told then. */
static pm_status survey_late(survey *in, const pm_late *late)
{
    const pm_slice key = key_of(in->line, late->queue_id, late->message_id);
    pm_late_found *found = key.data == NULL ? NULL : pm_table_get(in->found, key);
    bool failed = false;

    if (found == NULL)
        return PM_OK;
    found->told = pm_marked_difference(&late->now, &found->late.now) == 0;
    found->late.time = found->told ? late->time : 0;
    found->late.because = kept(in->asked->arena, found->told ? late->because : PM_EMPTY, &failed);
    found->late.correction =
        kept(in->asked->arena, found->told ? late->correction : PM_EMPTY, &failed);
    return failed ? PM_LIMIT : PM_OK;
}

static bool survey_line(void *context, pm_slice line)
{
    survey *in = context;
    pm_record record;

    pm_arena_reset(in->line);
    if (pm_record_read(in->line, line, &record) != PM_OK)
        return true;
    switch (record.type) {
    case PM_RECORD_DECISION:
        in->status = survey_decision(in, line, &record.decision);
        break;
    case PM_RECORD_LATE:
        in->status = survey_late(in, &record.late);
        break;
    }
    return in->status == PM_OK;
}

/* ---- Sorting ---- */

static int by_series(const void *a, const void *b)
{
    const pm_late_found *left = *(pm_late_found *const *)a, *right = *(pm_late_found *const *)b;

    return pm_slice_compare(left->late.now.series, right->late.now.series);
}

static int newest_first(const void *a, const void *b)
{
    const pm_late_found *left = *(pm_late_found *const *)a, *right = *(pm_late_found *const *)b;
    const int series = by_series(a, b);

    if (left->newest != right->newest)
        return left->newest > right->newest ? -1 : 1;
    if (series != 0)
        return series;
    if (left->decision.time != right->decision.time)
        return left->decision.time > right->decision.time ? -1 : 1;
    return left->place > right->place ? -1 : left->place < right->place;
}

/* The newest decision of each series; the list is in the order of series. */
static void find_newest(pm_late_list *list)
{
    for (size_t from = 0, to; from < list->count; from = to) {
        int64_t newest = list->items[from]->decision.time;

        for (to = from; to < list->count && by_series(&list->items[from], &list->items[to]) == 0;
             to++)
            if (list->items[to]->decision.time > newest)
                newest = list->items[to]->decision.time;
        for (size_t i = from; i < to; i++)
            list->items[i]->newest = newest;
    }
}

static pm_status sort(const survey *in, pm_late_list *list)
{
    list->count = pm_table_count(in->found);
    list->items = pm_alloc_array(in->asked->arena, list->count, sizeof(pm_late_found *));
    if (list->items == NULL)
        return PM_LIMIT;
    if (list->count == 0)
        return PM_OK;
    for (size_t i = 0; i < list->count; i++)
        list->items[i] = pm_table_nth(in->found, i, NULL);
    qsort(list->items, list->count, sizeof(pm_late_found *), by_series);
    find_newest(list);
    qsort(list->items, list->count, sizeof(pm_late_found *), newest_first);
    return PM_OK;
}

pm_status pm_late_list_read(const pm_late_question *asked, pm_late_list *list_out,
                            pm_errors *errors)
{
    survey in = {.asked = asked,
                 .line = pm_arena_new(LINE_MEMORY),
                 .known = pm_table_new(asked->arena),
                 .found = pm_table_new(asked->arena),
                 .status = PM_OK};

    *list_out = (pm_late_list){0};
    if (in.line == NULL || in.known == NULL || in.found == NULL)
        in.status = PM_LIMIT;
    else
        (void)pm_decision_log_read(asked->folder, UINT64_MAX, survey_line, &in, errors);
    pm_arena_free(in.line);
    return in.status == PM_OK ? sort(&in, list_out) : in.status;
}

/* ---- For people ---- */

static void print_id(pm_slice id)
{
    if (id.len == 0) {
        fputs("none", stdout);
        return;
    }
    putchar('<');
    pm_put_text(stdout, id);
    putchar('>');
}

static void print_text(pm_slice text)
{
    pm_put_text(stdout, text.len == 0 ? PM_LIT("none") : text);
}

static void print_subsystems(const pm_marked *marked)
{
    for (size_t i = 0; i < marked->subsystem_count; i++) {
        fputs(i > 0 ? ", " : "", stdout);
        pm_put_text(stdout, marked->subsystems[i]);
    }
    if (marked->subsystem_count == 0)
        fputs("none", stdout);
}

static void print_aspect(pm_aspect aspect, const pm_marked *marked)
{
    switch (aspect) {
    case PM_ASPECT_INBOX:
        print_text(marked->inbox);
        break;
    case PM_ASPECT_PROJECT:
        print_text(marked->project);
        break;
    case PM_ASPECT_SUBSYSTEMS:
        print_subsystems(marked);
        break;
    case PM_ASPECT_SERIES:
        print_id(marked->series);
        break;
    case PM_ASPECT_CHAIN:
        print_id(marked->chain);
        break;
    case PM_ASPECT_SUPERSEDES:
        print_id(marked->supersedes);
        break;
    case PM_ASPECT_TAGS: /* the rest does not come late */
    case PM_ASPECT_KIND:
    case PM_ASPECT_REVISION:
    case PM_ASPECT_PART:
    case PM_ASPECT_FIELDS:
    case PM_ASPECT_RECIPIENTS:
    case PM_ASPECT_QUARANTINE:
    case PM_ASPECT_DISCARD:
    case PM_ASPECT_REJECT:
    case PM_ASPECTS:
        break;
    }
}

static void print_series(const pm_late_question *asked, pm_slice id)
{
    pm_series series;

    pm_ink_set(PM_INK_STRONG);
    if (pm_store_series(asked->store, asked->arena, id, deadline(), &series) == PM_OK &&
        series.title.len > 0)
        pm_put_text(stdout, series.title);
    else
        fputs("(no title)", stdout);
    pm_ink_set(PM_INK_FAINT);
    fputs("  ", stdout);
    print_id(id);
    pm_ink_set(PM_INK_PLAIN);
    putchar('\n');
}

static void print_found(const pm_late_found *found)
{
    const pm_decision *decision = &found->decision;
    const pm_late *late = &found->late;
    const unsigned changes = pm_marked_difference(&late->was, &late->now);
    char date[PM_MINUTE];

    pm_print_minute(decision->time, date);
    printf("    %s  ", date);
    pm_put_text(stdout, decision->kind);
    if (decision->part >= 0)
        printf(" %d/%d", decision->part, decision->total);
    fputs("  ", stdout);
    print_id(decision->message_id);
    putchar('\n');
    for (unsigned i = 0; i < PM_ASPECTS; i++) {
        if ((changes >> i & 1) == 0)
            continue;
        printf("        %-10s  ", pm_aspect_name((pm_aspect)i));
        print_aspect((pm_aspect)i, &late->was);
        fputs(" -> ", stdout);
        print_aspect((pm_aspect)i, &late->now);
        putchar('\n');
    }
    if (late->because.len > 0) {
        fputs("        because of  ", stdout);
        print_id(late->because);
        putchar('\n');
    } else if (late->correction.len > 0) {
        fputs("        because of  ", stdout);
        print_text(late->correction);
        putchar('\n');
    }
}

void pm_late_list_print(const pm_late_list *list, const pm_late_question *asked, size_t limit)
{
    const size_t shown = limit == 0 || limit > list->count ? list->count : limit;

    for (size_t i = 0; i < shown; i++) {
        if (i == 0 || by_series(&list->items[i - 1], &list->items[i]) != 0)
            print_series(asked, list->items[i]->late.now.series);
        print_found(list->items[i]);
    }
    if (shown < list->count)
        printf("... and %zu more (--limit 0 lists all)\n", list->count - shown);
}

/* ---- For programs ---- */

void pm_late_list_print_json(const pm_late_list *list, size_t limit)
{
    pm_strbuf line;

    pm_strbuf_init(&line, PM_DECISION_LINE_LONGEST);
    for (size_t i = 0; i < list->count && (limit == 0 || i < limit); i++) {
        pm_strbuf_clear(&line);
        pm_late_add_json(&line, &list->items[i]->late);
        fwrite(pm_strbuf_slice(&line).data, 1, line.len, stdout);
    }
    pm_strbuf_free(&line);
}

bool pm_late_list_note(const pm_late_list *list, const pm_late_question *asked, pm_slice correction,
                       size_t *noted_out, pm_errors *errors)
{
    const unsigned corrected = 1u << PM_ASPECT_SUPERSEDES | 1u << PM_ASPECT_CHAIN;
    pm_strbuf lines;
    bool fine;

    *noted_out = 0;
    pm_strbuf_init(&lines, SIZE_MAX / 4);
    for (size_t i = list->count; i > 0; i--) { /* the log has the oldest first */
        const pm_late_found *found = list->items[i - 1];
        pm_late late = found->late;

        if (found->told || (pm_marked_difference(&late.was, &late.now) & corrected) == 0)
            continue;
        late.time = pm_clock_wall_us() / 1000000;
        late.because = PM_EMPTY;
        late.correction = correction;
        pm_late_add_json(&lines, &late);
        ++*noted_out;
    }
    fine =
        *noted_out == 0 ||
        (!lines.failed && pm_decision_log_append(asked->folder, pm_strbuf_slice(&lines), errors));
    pm_strbuf_free(&lines);
    return fine;
}
