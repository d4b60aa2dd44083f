/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * thread - which series a letter belongs to, and what it inherits from it: a reply gets the
 * project, inbox, subsystems and revision of what it answers, a patch those of its cover.
 *
 * In whatever order they arrive: a patch names the cover it answers before that cover is here.
 * Where the letter cannot know, its series is called after the message it most likely hangs from;
 * when that one comes and knows better, the memory makes one series of both. Without a memory the
 * letter's own fields decide. Manual: thread.md.
 *
 * Not which series supersedes which: that is the plugin revision's.
 */
#include <patchmark/plugin.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_IDS = 21,      /* of a thread: the newest that are looked at, and its root */
    MOST_LOOK_UPS = 10, /* of these, how many the memory is asked for */
    MOST_REFERENCES = 200,
    TOGETHER_SECONDS = 20 * 60, /* parts without any threading that were sent as one */
    MOST_JOINS = 4,
    MOST_INHERITED = 6, /* subsystems */
};

struct instance {
    const pm_host *host;
};

typedef enum role {
    ROLE_ROOT, /* a cover, a pull request, a lone patch that has no cover */
    ROLE_PART,
    ROLE_REPLY, /* also what is no patch mail at all */
} role;

/* What the letter says of its place, and what was found out. */
typedef struct place {
    const pm_host *host;
    pm_scan *scan;
    role role;
    bool is_cover;
    pm_slice message_id, ids[MOST_IDS]; /* what it answers, nearest first */
    unsigned id_count;
    int64_t revision, part, total, date;

    pm_slice series_id;         /* empty: it belongs to none */
    const pm_series *series;    /* known in the memory; else NULL */
    pm_slice through;           /* the id that led to it */
    pm_slice joins[MOST_JOINS]; /* series that turn out to be this one */
    unsigned join_count;
} place;

static bool equal(pm_slice a, pm_slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static bool is_text(pm_slice slice, const char *text)
{
    return equal(slice, (pm_slice){text, strlen(text)});
}

/* ---- Reading the letter ---- */

static int64_t number(const place *at, const char *field, int64_t otherwise)
{
    int64_t value;

    return at->host->letter_number(at->scan, field, 0, &value) == PM_OK ? value : otherwise;
}

static void add_id(place *at, pm_slice id)
{
    for (unsigned i = 0; i < at->id_count; i++)
        if (equal(at->ids[i], id))
            return;
    if (at->id_count < MOST_IDS && id.len > 0 && !equal(id, at->message_id))
        at->ids[at->id_count++] = id;
}

/* In-Reply-To first, then References from their end: the nearest know best. Postfix cuts a field at
 * 60,000 bytes, and then the nearest are missing; In-Reply-To still has the first hop. The last
 * place is the root's, however long the thread is. */
static void read_ids(place *at)
{
    pm_slice id, references[MOST_REFERENCES];
    unsigned count = 0, left;

    for (unsigned nth = 0; at->host->letter_text(at->scan, "in-reply-to", nth, &id) == PM_OK; nth++)
        add_id(at, id);
    while (count < MOST_REFERENCES &&
           at->host->letter_text(at->scan, "reference", count, &references[count]) == PM_OK)
        count++;
    for (left = count; left > 0 && at->id_count < MOST_IDS - 1; left--)
        add_id(at, references[left - 1]);
    if (left > 0)
        add_id(at, references[0]);
}

/* ---- Message-IDs of one run ---- */

/*
 * git send-email and b4 number the messages they send in one go: 20261121.4711-3-ann@example.org,
 * 20261121-topic-v2-3-0a1b2c3d@example.org. The number stands between two dashes, behind a
 * beginning that no other run has; gitgitgadget's covers carry ".git." instead.
 */
typedef struct run {
    pm_slice before, after; /* of the number */
    int64_t number;
} run;

enum { LEAST_BEFORE = 10, MOST_DIGITS = 4 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The last number of the local part that stands between dashes. */
static bool read_run(pm_slice id, run *out)
{
    const char *at = id.len == 0 ? NULL : memchr(id.data, '@', id.len);
    size_t end = at == NULL ? 0 : (size_t)(at - id.data);

    while (end-- > LEAST_BEFORE) {
        size_t from = end;

        if (id.data[end] != '-')
            continue;
        while (from > LEAST_BEFORE && is_digit(id.data[from - 1]))
            from--;
        if (from == end || end - from > MOST_DIGITS || id.data[from - 1] != '-')
            continue;
        *out = (run){.before = {id.data, from}, .after = {id.data + end, id.len - end}};
        for (size_t i = from; i < end; i++)
            out->number = out->number * 10 + (id.data[i] - '0');
        return true;
    }
    return false;
}

/* b4 ends an id with a hash of the message, so that only what goes before the number counts there;
 * git's ends are equal, and then the number is all that differs. */
static bool same_run(pm_slice a, pm_slice b)
{
    run left, right;

    return read_run(a, &left) && read_run(b, &right) && equal(left.before, right.before) &&
           left.number != right.number;
}

static bool is_from_run(pm_slice id)
{
    run ignored;

    return read_run(id, &ignored);
}

/* Of what the letter answers from ids[from] on, the farthest that was sent in one run with id: its
 * root. NULL when there is none. */
static const pm_slice *root_of_run(const place *at, unsigned from, pm_slice id)
{
    for (unsigned i = at->id_count; i-- > from;)
        if (equal(at->ids[i], id) || same_run(at->ids[i], id))
            return &at->ids[i];
    return NULL;
}

/* ---- What the letter says of its place ---- */

/* "1/1" below the message it was sent with: that one is its cover, 0/1. */
static bool has_cover_of_its_run(const place *at)
{
    return at->part == 1 && at->total == 1 && root_of_run(at, 0, at->message_id) != NULL;
}

static role find_role(const place *at, pm_slice kind)
{
    if (at->is_cover || is_text(kind, "pull"))
        return ROLE_ROOT;
    if (is_text(kind, "patch"))
        return at->total > 1 || has_cover_of_its_run(at) ? ROLE_PART : ROLE_ROOT;
    return ROLE_REPLY;
}

static bool read_place(place *at)
{
    pm_slice kind;

    if (at->host->letter_text(at->scan, "kind", 0, &kind) != PM_OK)
        return false;
    if (at->host->letter_text(at->scan, "message-id", 0, &at->message_id) != PM_OK)
        at->message_id = (pm_slice){"", 0};
    at->revision = number(at, "revision", 1);
    at->part = number(at, "part", -1);
    at->total = number(at, "total", -1);
    at->date = number(at, "date", 0);
    at->is_cover = is_text(kind, "cover");
    read_ids(at);
    at->role = find_role(at, kind);
    return true;
}

/* ---- Asking the memory ---- */

/* The series of a message that has arrived. */
static bool ask(const place *at, pm_slice message_id, pm_slice *series_out, int32_t *part_out)
{
    return message_id.len > 0 &&
           at->host->reference(at->scan, message_id, series_out, part_out) == PM_OK;
}

static const pm_series *known_series(const place *at, pm_slice id)
{
    const pm_series *series;

    return at->host->series(at->scan, id, &series) == PM_OK ? series : NULL;
}

static bool has_as_many_parts(const place *at, const pm_series *series)
{
    return series->total < 0 || at->total < 0 || series->total == at->total;
}

/* Is this series the one that the part belongs to? A partial re-roll (v5.1 3/7) belongs to its v5.
 */
static bool fits(const place *at, const pm_series *series)
{
    return series->revision == at->revision && has_as_many_parts(at, series);
}

/* The same of a part that answers the series: many write the revision into the cover's title alone,
 * and then the parts are all of the first one. */
static bool fits_as_answer(const place *at, const pm_series *series)
{
    pm_slice author;

    if (fits(at, series))
        return true;
    return at->revision == 1 && (series->flags & PM_SERIES_ROOT) != 0 &&
           has_as_many_parts(at, series) &&
           at->host->letter_text(at->scan, "author", 0, &author) == PM_OK &&
           equal(author, series->author);
}

static void settle(place *at, pm_slice series_id, const pm_series *series, pm_slice through)
{
    at->series_id = series_id;
    at->series = series;
    at->through = through;
}

/* Twice is once: a message that has been here, from another list, stays where it is. */
static bool find_itself(place *at)
{
    pm_slice id;

    if (!ask(at, at->message_id, &id, NULL))
        return false;
    settle(at, id, known_series(at, id), id);
    return true;
}

/* ---- Parts without threading ---- */

static bool has_title(const pm_series *series, pm_slice title)
{
    for (size_t i = 0; i < series->title_count; i++)
        if (equal(series->titles[i], title))
            return true;
    return false;
}

/* A cover whose shortlog is whole knows which patches are its own. */
static bool knows_its_parts(const pm_series *cover)
{
    return cover->total > 0 && cover->title_count >= (size_t)cover->total;
}

/* Can the patches of one be the other's? A whole shortlog tells; and one number has one patch. */
static bool patches_agree(const place *at, const pm_series *own, const pm_series *other)
{
    const pm_series *cover = at->role == ROLE_ROOT ? own : other;
    const pm_series *parts = at->role == ROLE_ROOT ? other : own;

    if (parts->title_count == 0)
        return true;
    if ((cover->flags & PM_SERIES_ROOT) != 0 && knows_its_parts(cover))
        return has_title(cover, parts->titles[0]);
    return other->rank != at->part || has_title(other, parts->titles[0]);
}

/* Were the two sent as one: same author, revision and number of patches, within minutes? When both
 * come from numbered runs, from the same one. */
static bool sent_together(const place *at, const pm_series *own, const pm_series *other)
{
    int64_t apart = other->date - at->date;

    if (apart < -TOGETHER_SECONDS || apart > TOGETHER_SECONDS || other->total != at->total ||
        !fits(at, other) || equal(other->id, at->message_id))
        return false;
    if (is_from_run(at->message_id) && is_from_run(other->id) &&
        !same_run(at->message_id, other->id))
        return false;
    return patches_agree(at, own, other);
}

/* Is the series called after one of its own parts, because none of them named a cover? */
static bool is_called_after_a_part(const place *at, const pm_series *series)
{
    pm_slice id;
    int32_t part;

    return (series->flags & PM_SERIES_ROOT) == 0 && ask(at, series->id, &id, &part) && part > 0;
}

/* A cover that names the patch; then the nearest in time; then by id, so that the order of arrival
 * does not matter. */
static bool is_nearer(const place *at, const pm_series *a, const pm_series *b)
{
    const bool a_names = (a->flags & PM_SERIES_ROOT) != 0 && knows_its_parts(a);
    const bool b_names = (b->flags & PM_SERIES_ROOT) != 0 && knows_its_parts(b);
    const int64_t a_apart = llabs(a->date - at->date), b_apart = llabs(b->date - at->date);

    if (a_names != b_names)
        return a_names;
    if (a_apart != b_apart)
        return a_apart < b_apart;
    return a->id.len != b->id.len ? a->id.len < b->id.len
                                  : memcmp(a->id.data, b->id.data, a->id.len) < 0;
}

static const pm_series *nth_of_author(const place *at, unsigned nth)
{
    const pm_series *series;
    pm_slice author;

    return at->host->letter_text(at->scan, "author", 0, &author) == PM_OK &&
                   at->host->find_series(at->scan, PM_KEY_AUTHOR, author, nth, &series) == PM_OK
               ? series
               : NULL;
}

/* A part that names nothing, or nothing that it belongs to. The series is called after its cover,
 * or else after the lowest part. */
static bool find_sent_together(place *at)
{
    const pm_series *own, *other, *nearest = NULL;

    if (at->host->own_series(at->scan, &own) != PM_OK)
        return false;
    for (unsigned nth = 0; (other = nth_of_author(at, nth)) != NULL; nth++)
        if (sent_together(at, own, other) && (nearest == NULL || is_nearer(at, other, nearest)))
            nearest = other;
    if (nearest == NULL)
        return false;
    settle(at, nearest->id, nearest, nearest->id);
    if (at->part < nearest->rank && is_called_after_a_part(at, nearest)) {
        at->joins[at->join_count++] = nearest->id;
        at->series_id = at->message_id;
    }
    return true;
}

/* A cover that comes after parts that did not name it. */
static void join_sent_together(place *at)
{
    const pm_series *own, *other;

    if (!at->is_cover || at->total < 2 || at->host->own_series(at->scan, &own) != PM_OK)
        return;
    for (unsigned nth = 0; at->join_count < MOST_JOINS && (other = nth_of_author(at, nth)) != NULL;
         nth++)
        if (sent_together(at, own, other) && is_called_after_a_part(at, other)) {
            at->joins[at->join_count++] = other->id;
            if (at->series == NULL)
                settle(at, at->series_id, other, other->id);
        }
}

/* ---- The series ---- */

static void find_series_of_root(place *at)
{
    settle(at, at->message_id, known_series(at, at->message_id), at->message_id);
    join_sent_together(at);
}

typedef bool (*fitting)(const place *at, const pm_series *series);

/* Into the series of a message that it answers, if that one has arrived and the part fits there. */
static bool follow(place *at, pm_slice id, fitting fit)
{
    const pm_series *series;
    pm_slice series_id;

    if (!ask(at, id, &series_id, NULL))
        return false;
    series = known_series(at, series_id);
    if (series == NULL || !fit(at, series))
        return false;
    settle(at, series_id, series, id);
    return true;
}

/* A part that answers what has not come yet: that is its cover, or leads to it. */
static bool expect(place *at, pm_slice id, fitting fit)
{
    const pm_series *series;
    pm_slice ignored;

    if (ask(at, id, &ignored, NULL))
        return false; /* it has come, and is something else */
    series = known_series(at, id);
    if (series != NULL && !fit(at, series))
        return false;
    settle(at, id, series, id);
    return true;
}

static void find_series_of_part(place *at)
{
    const pm_slice *root = root_of_run(at, 0, at->message_id);

    if (find_itself(at))
        return;
    /* Its own run says best what its root is, whatever the run itself answers and the subjects say.
     */
    if (root != NULL &&
        (follow(at, *root, has_as_many_parts) || expect(at, *root, has_as_many_parts)))
        return;
    if (root == NULL && at->id_count > 0 && follow(at, at->ids[0], fits_as_answer))
        return;
    if (root == NULL && at->id_count > 0 && !is_from_run(at->message_id) &&
        expect(at, at->ids[0], fits_as_answer))
        return;
    if (!find_sent_together(at))
        settle(at, at->message_id, known_series(at, at->message_id), at->message_id);
}

/* The series of the nearest message that has arrived. One that has not, but was sent in a run, is a
 * patch or a cover: nothing behind its run's root can be meant, even if that is here. */
static void find_series_of_reply(place *at)
{
    pm_slice id;

    if (find_itself(at) || at->id_count == 0)
        return;
    for (unsigned i = 0; i < at->id_count && i < MOST_LOOK_UPS; i++) {
        const pm_slice *root = NULL;

        if (!ask(at, at->ids[i], &id, NULL)) {
            if (!is_from_run(at->ids[i]))
                continue;
            root = root_of_run(at, i, at->ids[i]);
            id = *root;
            (void)ask(at, *root, &id, NULL);
        }
        settle(at, id, known_series(at, id), at->ids[i]);
        return;
    }
    id = at->ids[at->id_count - 1];
    if (at->id_count > MOST_LOOK_UPS)
        (void)ask(at, id, &id, NULL);
    settle(at, id, known_series(at, id), at->ids[at->id_count - 1]);
}

static void find_series(place *at)
{
    switch (at->role) {
    case ROLE_ROOT:
        find_series_of_root(at);
        break;
    case ROLE_PART:
        find_series_of_part(at);
        break;
    case ROLE_REPLY:
        find_series_of_reply(at);
        break;
    }
}

/* ---- Saying so ---- */

/* The reason is phrase, and the message that led to the series when one did. */
static pm_status report(const place *at, const char *name, pm_slice text, int64_t value,
                        double weight, const char *phrase)
{
    char reason[400];
    int through = at->through.len < 300 ? (int)at->through.len : 300;
    int length = through > 0 ? snprintf(reason, sizeof(reason), "%s <%.*s>", phrase, through,
                                        at->through.data)
                             : snprintf(reason, sizeof(reason), "%s", phrase);
    const pm_fact fact = {
        .size = sizeof(fact),
        .name = name,
        .text = text,
        .number = value,
        .weight = weight,
        .reason = {reason, (size_t)length},
    };

    return at->host->add_fact(at->scan, &fact);
}

/* How much what is inherited weighs beside what the letter says itself. */
typedef struct inheritance {
    const char *reason;
    double project, inbox, subsystem; /* 0: not inherited */
} inheritance;

/* A reply says nothing of its own that goes before what it answers; a patch has its own paths, and
 * is filed with its series; a cover that comes late leans on its patches when it says little. */
static const inheritance inherits[] = {
    [ROLE_ROOT] = {"its series", 2, 0, 1},
    [ROLE_PART] = {"part of", 12, 5, 2},
    [ROLE_REPLY] = {"answers", 30, 30, 6},
};

static pm_status report_inherited(const place *at)
{
    const pm_series *series = at->series;
    const inheritance *as = &inherits[at->role];
    double weight = as->subsystem;
    pm_status status = PM_OK;

    if (series->project.len > 0)
        status = report(at, "project", series->project, 0, as->project, as->reason);
    if (status == PM_OK && series->inbox.len > 0 && as->inbox > 0)
        status = report(at, "inbox", series->inbox, 0, as->inbox, as->reason);
    for (size_t i = 0; status == PM_OK && i < series->subsystem_count && i < MOST_INHERITED; i++) {
        status = report(at, "subsystem", series->subsystems[i], 0, weight, as->reason);
        weight /= 2;
    }
    if (status == PM_OK && series->revision > 0)
        status = report(at, "thread.revision", (pm_slice){"", 0}, series->revision, 1, as->reason);
    return status;
}

static pm_status report_series(const place *at)
{
    pm_status status = PM_OK;

    if (at->series_id.len > 0 && at->series_id.len <= 1024)
        status = report(at, "series", at->series_id, 0, 1, "the thread");
    for (unsigned i = 0; status == PM_OK && i < at->join_count; i++)
        status = report(at, "series.joins", at->joins[i], 0, 1, "sent together with");
    return status;
}

static pm_status scan_letter(void *instance, pm_scan *scan)
{
    const pm_slice none = {"", 0};
    place at = {.host = ((const struct instance *)instance)->host,
                .scan = scan,
                .series_id = none,
                .through = none};
    pm_status status;

    if (!read_place(&at))
        return PM_ABSENT;
    find_series(&at);
    status = report_series(&at);
    if (status == PM_OK && at.series != NULL)
        status = report_inherited(&at);
    else if (status == PM_OK && at.role == ROLE_REPLY && at.id_count > 0)
        status =
            report(&at, "thread.unknown", none, 1, 1, "answers a message that is not remembered");
    return status;
}

static pm_status open_thread(const pm_host *host, const pm_settings *settings, void **instance_out)
{
    struct instance *of = malloc(sizeof(*of));

    if (of == NULL) {
        host->problem(settings, NULL, "no memory");
        return PM_FAULT;
    }
    of->host = host;
    *instance_out = of;
    return PM_OK;
}

static const pm_fact_decl facts[] = {
    {"series", PM_FACT_TEXT, "the Message-ID of the root of the series it belongs to"},
    {"series.joins", PM_FACT_TEXT,
     "a series that turns out to be this one: its parts came before their root was known"},
    {"project", PM_FACT_TEXT, "the project of its series"},
    {"subsystem", PM_FACT_TEXT, "the subsystems of its series"},
    {"inbox", PM_FACT_TEXT, "the inbox of its series"},
    {"thread.revision", PM_FACT_NUMBER, "the revision of its series"},
    {"thread.unknown", PM_FACT_NUMBER, "1: it answers a message that is not remembered"},
    {NULL, PM_FACT_TEXT, NULL},
};

static const pm_plugin plugin = {
    .size = sizeof(plugin),
    .abi_major = PM_ABI_MAJOR,
    .abi_minor = 1,
    .name = "thread",
    .version = "1.0",
    .summary = "Which series a letter belongs to, and what it inherits from it",
    .facts = facts,
    .open = open_thread,
    .scan = scan_letter,
    .close = free,
};

PM_PLUGIN_ENTRY(thread)
{
    return &plugin;
}
