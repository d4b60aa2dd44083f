/* SPDX-License-Identifier: BSD-2-Clause */
/* series_chain - the revisions of one patch set and their picture; see series_chain.h. */
#include "series_chain.h"

#include "commands.h"
#include "ink.h"
#include "json.h"
#include "series_json.h"
#include "table.h"

#include <stdlib.h>
#include <time.h>

#define MOST_REVISIONS 500
#define MOST_COLUMNS   20 /* of branches beside each other */
#define MOST_MISSING   1000

/* ---- Reading it ------------------------------------------------------------------------------ */

typedef struct reader {
    pm_store *store;
    pm_arena *arena;
    int64_t deadline_us;
    pm_table *seen; /* of pm_revision, by id: a person may have pinned a circle */
    pm_chain *chain;
} reader;

static int by_part(const void *a, const void *b)
{
    const pm_store_message *left = a, *right = b;

    if (left->part != right->part)
        return left->part < right->part ? -1 : 1;
    return pm_slice_compare(left->message_id, right->message_id);
}

static pm_status read_messages(const reader *from, pm_revision *into)
{
    pm_status status = pm_store_messages(from->store, from->arena, into->series.id,
                                         from->deadline_us, &into->messages, &into->message_count);

    if (status != PM_OK)
        return status;
    if (into->message_count > 0)
        qsort(into->messages, into->message_count, sizeof(into->messages[0]), by_part);
    while (into->reply_count < into->message_count && into->messages[into->reply_count].part < 0)
        into->reply_count++;
    return PM_OK;
}

/* Append a revision, unless it is there or there are too many. series may be borrowed. */
static pm_status append(const reader *into, const pm_series *series, bool known,
                        pm_revision *before)
{
    pm_chain *chain = into->chain;
    pm_revision *made;

    if (pm_table_get(into->seen, series->id) != NULL)
        return PM_OK;
    if (chain->count == MOST_REVISIONS) {
        chain->cut = true;
        return PM_OK;
    }
    made = pm_alloc(into->arena, sizeof(*made));
    if (made == NULL || pm_table_put(into->seen, series->id, made) != PM_OK)
        return PM_LIMIT;
    *made = (pm_revision){.series = *series,
                          .known = known,
                          .before = before,
                          .depth = before == NULL ? 0 : before->depth + 1,
                          .newest = series->date};
    chain->items[chain->count++] = made;
    return read_messages(into, made);
}

static int by_date(const void *a, const void *b)
{
    const pm_series *left = a, *right = b;

    if (left->date != right->date)
        return left->date < right->date ? -1 : 1;
    if (left->revision != right->revision)
        return left->revision < right->revision ? -1 : 1;
    return pm_slice_compare(left->id, right->id);
}

static pm_status append_followers(const reader *into, pm_revision *before)
{
    pm_series *followers = NULL;
    size_t count = 0;
    pm_status status = pm_store_find(into->store, into->arena, PM_KEY_SUPERSEDES, before->series.id,
                                     PM_STORE_FIND_MOST, into->deadline_us, &followers, &count);

    if (status == PM_OK && count > 0)
        qsort(followers, count, sizeof(followers[0]), by_date);
    for (size_t i = 0; status == PM_OK && i < count; i++)
        status = append(into, &followers[i], true, before);
    return status;
}

/* The oldest revision may have been forgotten since; then only its id is known. */
static pm_status append_root(const reader *into, pm_slice id)
{
    pm_series series;
    pm_slice root = id;
    pm_status status = pm_store_series(into->store, into->arena, id, into->deadline_us, &series);

    if (status != PM_OK)
        return status;
    status = pm_store_chain(into->store, into->arena, id, into->deadline_us, &root);
    if (status == PM_OK && !pm_slice_equal(root, id))
        status = pm_store_series(into->store, into->arena, root, into->deadline_us, &series);
    if (status == PM_OK)
        return append(into, &series, true, NULL);
    if (status != PM_ABSENT)
        return status;
    series = (pm_series){.id = root, .total = -1, .title = PM_EMPTY, .author = PM_EMPTY};
    return append(into, &series, false, NULL);
}

pm_status pm_chain_read(pm_store *store, pm_arena *arena, pm_slice id, int64_t deadline_us,
                        pm_chain *chain_out)
{
    const reader into = {.store = store,
                         .arena = arena,
                         .deadline_us = deadline_us,
                         .seen = pm_table_new(arena),
                         .chain = chain_out};
    pm_status status;

    *chain_out = (pm_chain){.items = pm_alloc_array(arena, MOST_REVISIONS, sizeof(pm_revision *))};
    if (into.seen == NULL || chain_out->items == NULL)
        return PM_LIMIT;
    status = append_root(&into, id);
    for (size_t i = 0; status == PM_OK && i < chain_out->count; i++)
        status = append_followers(&into, chain_out->items[i]);
    for (size_t i = chain_out->count; status == PM_OK && i-- > 0;) {
        const pm_revision *at = chain_out->items[i];

        if (at->before != NULL && at->before->newest < at->newest)
            at->before->newest = at->newest;
    }
    return status;
}

/* ---- Its words ------------------------------------------------------------------------------- */

void pm_revision_name(const pm_series *series, char name[PM_REVISION_NAME])
{
    const char *rfc = series->flags & PM_SERIES_RFC ? "RFC " : "";
    const char *resend = series->flags & PM_SERIES_RESEND ? " resend" : "";

    if (series->reroll > 0)
        snprintf(name, PM_REVISION_NAME, "%sv%u.%u%s", rfc, (unsigned)series->revision,
                 (unsigned)series->reroll, resend);
    else
        snprintf(name, PM_REVISION_NAME, "%sv%u%s", rfc, (unsigned)series->revision, resend);
}

void pm_print_minute(int64_t seconds, char text[PM_MINUTE])
{
    time_t when = (time_t)seconds;
    struct tm parts;

    if (seconds == 0 || gmtime_r(&when, &parts) == NULL ||
        strftime(text, PM_MINUTE, "%Y-%m-%d %H:%M", &parts) == 0)
        snprintf(text, PM_MINUTE, "%s", "no date");
}

/* The parts that have arrived, from 1, each once: the next one behind *at; 0 past the last. */
static int next_part(const pm_revision *of, size_t *at)
{
    while (*at < of->message_count) {
        int part = of->messages[(*at)++].part;

        if (part > 0 && (*at == of->message_count || of->messages[*at].part != part))
            return part;
    }
    return 0;
}

static int count_parts(const pm_revision *of)
{
    size_t at = of->reply_count;
    int count = 0;

    while (next_part(of, &at) > 0)
        count++;
    return count;
}

static void print_range(const char *before, int from, int to)
{
    if (from == to)
        printf("%s%d", before, from);
    else
        printf("%s%d-%d", before, from, to);
}

/* "(missing 3, 5-7)" */
static void print_missing(const pm_revision *of)
{
    const char *before = " (missing ";
    size_t at = of->reply_count;
    int expected = 1, part;

    if (count_parts(of) >= of->series.total)
        return;
    pm_ink_set(PM_INK_NO);
    do {
        part = next_part(of, &at);
        if (part == 0 || part > of->series.total)
            part = of->series.total + 1;
        if (part > expected) {
            print_range(before, expected, part - 1);
            before = ", ";
        }
        expected = part + 1;
    } while (part <= of->series.total);
    fputs(")", stdout);
    pm_ink_set(PM_INK_PLAIN);
}

typedef struct replier {
    pm_slice author;
    unsigned count;
} replier;

#define MOST_REPLIERS 200

static size_t count_repliers(const pm_revision *of, replier repliers[MOST_REPLIERS])
{
    size_t count = 0;

    for (size_t i = 0; i < of->reply_count; i++) {
        const pm_slice author = of->messages[i].author;
        size_t at = 0;

        while (at < count && !pm_slice_equal(repliers[at].author, author))
            at++;
        if (author.len == 0 || at == MOST_REPLIERS)
            continue;
        if (at == count)
            repliers[count++] = (replier){author, 0};
        repliers[at].count++;
    }
    return count;
}

static int most_replies_first(const void *a, const void *b)
{
    const replier *left = a, *right = b;

    return left->count != right->count ? (left->count < right->count ? 1 : -1)
                                       : pm_slice_compare(left->author, right->author);
}

/* " (ann@example.org 3, bob@example.org and 2 others)": whoever has most to say comes first. */
static void print_repliers(const pm_revision *of)
{
    enum { SHOWN = 3 };
    replier repliers[MOST_REPLIERS];
    const size_t count = count_repliers(of, repliers);

    qsort(repliers, count, sizeof(repliers[0]), most_replies_first);
    for (size_t i = 0; i < count && i < SHOWN; i++) {
        fputs(i == 0 ? " (" : ", ", stdout);
        pm_put_text(stdout, repliers[i].author);
        if (repliers[i].count > 1)
            printf(" %u", repliers[i].count);
    }
    if (count > SHOWN)
        printf(" and %zu other%s", count - SHOWN, count == SHOWN + 1 ? "" : "s");
    if (count > 0)
        fputs(")", stdout);
}

/* "cover and 3 of 4 patches (missing 2), 5 replies (ann@example.org 5)" */
static void print_parts(const pm_revision *of)
{
    const pm_series *series = &of->series;
    bool root = (series->flags & PM_SERIES_ROOT) != 0;

    if (series->total <= 1) {
        fputs(root ? "one message" : "its first message has not been seen", stdout);
    } else {
        fputs(root ? "cover and " : "no cover seen, ", stdout);
        printf("%d of %d patches", count_parts(of), (int)series->total);
        print_missing(of);
    }
    if (of->reply_count > 0)
        printf(", %zu %s", of->reply_count, of->reply_count == 1 ? "reply" : "replies");
    print_repliers(of);
}

pm_slice pm_evidence(const pm_series *series)
{
    static const pm_slice person = PM_LIT("; " PM_BY_A_PERSON);
    const pm_slice why = series->supersedes_why;

    return pm_slice_ends(why, person) ? pm_slice_cut(why, 0, why.len - person.len) : PM_EMPTY;
}

/* "supersedes v1 by 0.97: v1; same title; ..." */
static void print_link(const pm_revision *of)
{
    const pm_series *series = &of->series;
    bool pinned = (series->flags & PM_SERIES_PINNED) != 0;
    char name[PM_REVISION_NAME];
    pm_slice why;

    if (series->supersedes.len == 0) {
        fputs("supersedes nothing", stdout);
    } else if (of->before == NULL || !of->before->known) {
        fputs("supersedes <", stdout);
        pm_put_text(stdout, series->supersedes);
        fputs(">", stdout);
    } else {
        pm_revision_name(&of->before->series, name);
        printf("supersedes %s", name);
    }
    if (pinned)
        fputs(", as a person has said", stdout);
    else
        printf(", weight %.2f", series->supersedes_weight);
    why = pinned ? pm_evidence(series) : series->supersedes_why;
    if (why.len > 0 && series->supersedes.len > 0) {
        fputs(": ", stdout);
        pm_put_text(stdout, why);
    }
}

/* ---- Its picture ----------------------------------------------------------------------------- */

typedef struct picture {
    const pm_chain *chain;
    pm_slice title; /* as it was printed last */
} picture;

/* One line below the head of a revision. */
static void begin_line(const char *columns, bool goes_on)
{
    printf("%s%s       ", columns, goes_on ? "|" : " ");
}

static void draw_revision(picture *in, const pm_revision *of, const char *columns, bool goes_on)
{
    const pm_series *series = &of->series;
    char name[PM_REVISION_NAME], date[PM_MINUTE];

    pm_print_minute(series->date, date);
    pm_revision_name(series, name);
    printf("%s* ", columns);
    pm_ink_set(PM_INK_STRONG);
    printf("%-7s", of->known ? name : "?");
    pm_ink_set(PM_INK_PLAIN);
    printf(" %s  ", of->known ? date : "not remembered");
    pm_ink_set(PM_INK_FAINT);
    fputs("<", stdout);
    pm_put_text(stdout, series->id);
    fputs(">", stdout);
    pm_ink_set(PM_INK_PLAIN);
    fputs("\n", stdout);
    if (!of->known)
        return;

    if (!pm_slice_equal(in->title, series->title)) {
        begin_line(columns, goes_on);
        pm_put_text(stdout, series->title);
        fputs("\n", stdout);
        in->title = series->title;
    }
    begin_line(columns, goes_on);
    print_parts(of);
    fputs("\n", stdout);
    if (series->supersedes.len > 0 || (series->flags & PM_SERIES_PINNED) != 0) {
        begin_line(columns, goes_on);
        print_link(of);
        fputs("\n", stdout);
    }
}

/* The revision behind this one that leads to the newest of all: the trunk. */
static const pm_revision *find_trunk(const picture *in, const pm_revision *of)
{
    const pm_revision *best = NULL;

    for (size_t i = 0; i < in->chain->count; i++) {
        const pm_revision *at = in->chain->items[i];

        if (at->before == of && (best == NULL || at->newest >= best->newest))
            best = at;
    }
    return best;
}

/* A line of revisions one below the other; what branches off it stands to its right, above what
 * follows. */
static void draw_line(picture *in, const pm_revision *at, const char *columns)
{
    char inner[2 * MOST_COLUMNS + 1];

    snprintf(inner, sizeof(inner), "%s%s", columns,
             strlen(columns) < 2 * MOST_COLUMNS - 2 ? "| " : "");
    while (at != NULL) {
        const pm_revision *trunk = find_trunk(in, at);

        draw_revision(in, at, columns, trunk != NULL);
        for (size_t i = 0; i < in->chain->count; i++) {
            const pm_revision *branch = in->chain->items[i];

            if (branch->before != at || branch == trunk)
                continue;
            printf("%s|\\\n", columns);
            draw_line(in, branch, inner);
        }
        if (trunk != NULL)
            printf("%s|\n", columns);
        at = trunk;
    }
}

void pm_chain_draw(const pm_chain *chain)
{
    const pm_series *newest = &chain->items[0]->series;
    picture in = {.chain = chain};

    for (size_t i = 1; i < chain->count; i++)
        if (chain->items[i]->series.date >= newest->date)
            newest = &chain->items[i]->series;
    in.title = newest->title;
    pm_ink_set(PM_INK_STRONG);
    pm_put_text(stdout, newest->title);
    pm_ink_set(PM_INK_PLAIN);
    fputs("\n", stdout);
    if (newest->author.len > 0) {
        pm_put_text(stdout, newest->author);
        fputs(", ", stdout);
    }
    if (newest->inbox.len > 0) {
        pm_put_text(stdout, newest->inbox);
        fputs(newest->project.len > 0 ? "." : ", ", stdout);
    }
    if (newest->project.len > 0) {
        pm_put_text(stdout, newest->project);
        fputs(", ", stdout);
    }
    printf("%zu revision%s%s\n\n", chain->count, chain->count == 1 ? "" : "s",
           chain->cut ? " and more" : "");
    draw_line(&in, chain->items[0], "");
}

/* ---- For tools ------------------------------------------------------------------------------- */

static json_t *parts_as_json(const pm_revision *of)
{
    json_t *array = json_array();
    int last = -1;

    for (size_t i = of->reply_count; i < of->message_count; i++) {
        if (of->messages[i].part != last)
            json_array_append_new(array, json_integer(of->messages[i].part));
        last = of->messages[i].part;
    }
    return array;
}

static json_t *missing_as_json(const pm_revision *of)
{
    json_t *array = json_array();
    size_t at = of->reply_count;
    int part = next_part(of, &at);

    for (int expected = 1; of->series.total > 1 && expected <= of->series.total &&
                           json_array_size(array) < MOST_MISSING;
         expected++) {
        if (part == expected)
            part = next_part(of, &at);
        else
            json_array_append_new(array, json_integer(expected));
    }
    return array;
}

static json_t *messages_as_json(const pm_revision *of, size_t from, size_t to)
{
    json_t *array = json_array();

    for (size_t i = from; i < to; i++)
        json_array_append_new(array, pm_json_text(of->messages[i].message_id));
    return array;
}

/* Who wrote the replies, in their order; null where that is not known. */
static json_t *repliers_as_json(const pm_revision *of)
{
    json_t *array = json_array();

    for (size_t i = 0; i < of->reply_count; i++)
        json_array_append_new(array, of->messages[i].author.len == 0
                                         ? json_null()
                                         : pm_json_text(of->messages[i].author));
    return array;
}

bool pm_chain_print_json(const pm_chain *chain)
{
    for (size_t i = 0; i < chain->count; i++) {
        const pm_revision *at = chain->items[i];
        json_t *object = pm_series_as_json(&at->series);
        bool printed;

        pm_series_add_link(object, &at->series);
        json_object_set_new(object, "chain", pm_json_text(chain->items[0]->series.id));
        json_object_set_new(object, "known", json_boolean(at->known));
        json_object_set_new(object, "parts", parts_as_json(at));
        json_object_set_new(object, "missing", missing_as_json(at));
        json_object_set_new(object, "messages",
                            messages_as_json(at, at->reply_count, at->message_count));
        json_object_set_new(object, "replies", messages_as_json(at, 0, at->reply_count));
        json_object_set_new(object, "repliers", repliers_as_json(at));
        printed = pm_json_print(object);
        json_decref(object);
        if (!printed)
            return false;
    }
    return true;
}
