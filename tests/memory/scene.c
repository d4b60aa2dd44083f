/* SPDX-License-Identifier: BSD-2-Clause */
/* scene - a list with a memory; see scene.h. */
#include "scene.h"

#include "clock.h"
#include "folder.h"
#include "strbuf.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

const pm_plugin *pm_plugin_entry_project(void);
const pm_plugin *pm_plugin_entry_revision(void);
const pm_plugin *pm_plugin_entry_thread(void);

#define BEGINNING 1767607200 /* Monday, 5 January 2026, 10:00 UTC */
#define MOST_MAIL (4 << 20)

static const pm_static_plugin linked[] = {{"project", pm_plugin_entry_project},
                                          {"revision", pm_plugin_entry_revision},
                                          {"thread", pm_plugin_entry_thread},
                                          {NULL, NULL}};

static const char configuration[] =
    "instance lists.example.org\n"
    "plugins thread project revision\n"
    "limits { time 60s }\n" /* never to be reached, however slow the build */
    "project widget { lists dev.example.org; words widget; paths drivers/ core/ }\n"
    "project gadget { words gadget; paths gizmo/ }\n"
    "rule cog   { why \"w\"; when path under drivers/cog; then subsystem \"cog\" weight 6 }\n"
    "rule wheel { why \"w\"; when path under drivers/wheel; then subsystem \"wheel\" weight 6 }\n";

struct scene {
    pm_snapshot *snapshot;
    char folder[64], file[80];
    pm_store *store;
    pm_message *message;
    pm_arena *arena; /* of what is asked */
    pm_strbuf mail;
};

static int64_t soon(void)
{
    return pm_clock_us() + 60000000;
}

static pm_snapshot *load(const char *text)
{
    const pm_snapshot_options options = {.text = text, .static_plugins = linked};
    pm_errors *errors = pm_errors_new();
    pm_snapshot *snapshot = pm_snapshot_load(&options, errors);

    for (size_t i = 0; pm_errors_nth(errors, i) != NULL; i++)
        print_error("%s\n", pm_errors_nth(errors, i));
    pm_errors_free(errors);
    assert_non_null(snapshot);
    return snapshot;
}

/* In memory where there is such a place: a disk that has to be waited for shows nothing here. */
static void open_store(scene *of)
{
    const char *parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    pm_errors *errors = pm_errors_new();

    snprintf(of->folder, sizeof(of->folder), "%s/patchmark-scene.XXXXXX", parent);
    assert_non_null(mkdtemp(of->folder));
    snprintf(of->file, sizeof(of->file), "%s/series.db", of->folder);
    of->store = pm_store_open(of->file, false, errors);
    for (size_t i = 0; pm_errors_nth(errors, i) != NULL; i++)
        print_error("%s\n", pm_errors_nth(errors, i));
    pm_errors_free(errors);
    assert_non_null(of->store);
}

static void close_store(scene *of)
{
    pm_store_close(of->store);
    folder_remove(of->folder);
}

scene *scene_new(void)
{
    scene *made = calloc(1, sizeof(*made));

    assert_non_null(made);
    made->snapshot = load(configuration);
    made->message = pm_message_new(NULL);
    made->arena = pm_arena_new(64 << 20);
    assert_true(made->message != NULL && made->arena != NULL);
    pm_strbuf_init(&made->mail, MOST_MAIL);
    open_store(made);
    return made;
}

void scene_free(scene *of)
{
    close_store(of);
    pm_strbuf_free(&of->mail);
    pm_arena_free(of->arena);
    pm_message_free(of->message);
    pm_snapshot_unref(of->snapshot);
    free(of);
}

void scene_forget(scene *of)
{
    pm_arena_reset(of->arena);
    close_store(of);
    open_store(of);
}

void scene_mailmap(scene *of, const char *text)
{
    char name[] = "/tmp/patchmark-mailmap.XXXXXX", with[2048];
    int file = mkstemp(name);

    assert_true(file >= 0);
    if (text != NULL)
        assert_int_equal(write(file, text, strlen(text)), strlen(text));
    snprintf(with, sizeof(with), "%splugin revision { mailmap %s }\n", configuration, name);
    pm_snapshot_unref(of->snapshot);
    of->snapshot = load(text == NULL ? configuration : with);
    close(file);
    unlink(name); /* it has been read */
}

/* ---- Sending ---- */

static void add_ids(pm_strbuf *mail, const char *field, const char *ids)
{
    pm_slice rest = pm_slice_of(ids), id;

    pm_strbuf_add_text(mail, field);
    while (pm_slice_next_word(&rest, &id))
        pm_strbuf_printf(mail, " <%.*s>", PM_FMT(id));
    pm_strbuf_add_byte(mail, '\n');
}

pm_slice scene_print(scene *of, const letter *sent)
{
    const time_t when = BEGINNING + 60 * (time_t)sent->minute;
    pm_strbuf *mail = &of->mail;
    char date[64];
    struct tm parts;

    strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S +0000", gmtime_r(&when, &parts));
    pm_strbuf_clear(mail);
    pm_strbuf_printf(mail,
                     "From: %s\nTo: dev@example.org\nList-Id: <dev.example.org>\n"
                     "Subject: %s\nDate: %s\nMessage-ID: <%s>\n",
                     sent->from == NULL ? "Ann Author <ann@example.org>" : sent->from,
                     sent->subject, date, sent->id);
    if (sent->answers != NULL)
        add_ids(mail, "In-Reply-To:", sent->answers);
    if (sent->thread != NULL || sent->answers != NULL)
        add_ids(mail, "References:", sent->thread == NULL ? sent->answers : sent->thread);
    if (sent->headers != NULL)
        pm_strbuf_add_text(mail, sent->headers);
    pm_strbuf_printf(mail, "\n%s", sent->body == NULL ? "Hello.\n" : sent->body);
    assert_false(mail->failed);
    return pm_strbuf_slice(mail);
}

const pm_outcome *scene_send_beside(const scene *of, pm_message *message, pm_slice mail)
{
    pm_message_reset(message);
    pm_message_read(message, mail);
    return pm_examine(of->snapshot, of->store, message, PM_LIT("4XyZ"));
}

const pm_outcome *scene_send_bytes(scene *of, pm_slice mail)
{
    const pm_outcome *outcome = scene_send_beside(of, of->message, mail);

    assert_non_null(outcome);
    assert_false(outcome->partial);
    assert_false(outcome->memory_failed);
    return outcome;
}

const pm_outcome *scene_send(scene *of, const letter *sent)
{
    return scene_send_bytes(of, scene_print(of, sent));
}

void scene_send_all(scene *of, const letter *letters, size_t count)
{
    for (size_t i = 0; i < count; i++)
        (void)scene_send(of, &letters[i]); /* what the memory says counts */
}

/* ---- Looking ---- */

static const char *keep(scene *of, pm_slice text)
{
    pm_slice copy = pm_print(of->arena, "%.*s%c", PM_FMT(text), 0);

    assert_non_null(copy.data);
    return copy.data;
}

const char *scene_series(scene *of, const char *message_id)
{
    pm_slice series = PM_EMPTY;
    pm_status status =
        pm_store_reference(of->store, of->arena, pm_slice_of(message_id), soon(), &series, NULL);

    assert_true(status == PM_OK || status == PM_ABSENT);
    return keep(of, status == PM_OK ? series : PM_EMPTY);
}

int scene_part(scene *of, const char *message_id)
{
    pm_slice series;
    int part = 0;

    assert_int_equal(
        pm_store_reference(of->store, of->arena, pm_slice_of(message_id), soon(), &series, &part),
        PM_OK);
    return part;
}

const pm_series *scene_known(scene *of, const char *series)
{
    pm_series *known = pm_alloc(of->arena, sizeof(*known));

    assert_non_null(known);
    if (pm_store_series(of->store, of->arena, pm_slice_of(series), soon(), known) != PM_OK)
        fail_msg("no series %s is known", series);
    return known;
}

const char *scene_supersedes(scene *of, const char *series)
{
    return keep(of, scene_known(of, series)->supersedes);
}

const char *scene_why(scene *of, const char *series)
{
    return keep(of, scene_known(of, series)->supersedes_why);
}

size_t scene_count(scene *of)
{
    uint64_t series, chains;

    assert_int_equal(pm_store_count(of->store, soon(), &series, &chains), PM_OK);
    return (size_t)series;
}

static void add_list(pm_strbuf *text, const char *name, const pm_slice *list, size_t count)
{
    pm_strbuf_printf(text, "\n  %s:", name);
    for (size_t i = 0; i < count; i++)
        pm_strbuf_printf(text, " [%.*s]", PM_FMT(list[i]));
}

static pm_status dump_series(void *context, const pm_series *series)
{
    pm_strbuf *text = context;

    pm_strbuf_printf(text, "series %.*s: flags %u v%u.%u of %d, rank %d, date %lld, seen %lld",
                     PM_FMT(series->id), series->flags, series->revision, series->reroll,
                     series->total, series->rank, (long long)series->date,
                     (long long)series->last_seen);
    pm_strbuf_printf(text, "\n  \"%.*s\" by %.*s (%.*s), change-id \"%.*s\", %.*s.%.*s",
                     PM_FMT(series->title), PM_FMT(series->author), PM_FMT(series->author_name),
                     PM_FMT(series->change_id), PM_FMT(series->inbox), PM_FMT(series->project));
    add_list(text, "subsystems", series->subsystems, series->subsystem_count);
    add_list(text, "patches", series->titles, series->title_count);
    add_list(text, "paths", series->paths, series->path_count);
    for (size_t i = 0; i < series->claim_count; i++)
        pm_strbuf_printf(text, "\n  claims %.*s v%u %.*s", PM_FMT(series->claims[i].message_id),
                         series->claims[i].revision, PM_FMT(series->claims[i].how));
    pm_strbuf_add_byte(text, '\n');
    return PM_OK;
}

static pm_status dump_reference(void *context, const pm_store_message *message, pm_slice series)
{
    pm_strbuf_printf(context, "message %.*s of %.*s, part %d, by %.*s\n",
                     PM_FMT(message->message_id), PM_FMT(series), message->part,
                     PM_FMT(message->author));
    return PM_OK;
}

static pm_status dump_link(void *context, const pm_link *link)
{
    if (link->predecessor.len > 0 || link->pinned)
        pm_strbuf_printf(context, "link %.*s to %.*s: %.*s, %.4f%s\n", PM_FMT(link->series),
                         PM_FMT(link->predecessor), PM_FMT(link->why), link->weight,
                         link->pinned ? ", pinned" : "");
    return PM_OK;
}

static pm_status dump_note(void *context, const pm_note *note)
{
    pm_strbuf_printf(context, "note of %.*s: %.*s is \"%.*s\"\n", PM_FMT(note->plugin),
                     PM_FMT(note->key), PM_FMT(note->value));
    return PM_OK;
}

static pm_status dump_path(void *context, pm_slice project, pm_slice path, int64_t seen)
{
    pm_strbuf_printf(context, "path %.*s of \"%.*s\", seen %lld\n", PM_FMT(path), PM_FMT(project),
                     (long long)seen);
    return PM_OK;
}

pm_slice scene_dump(scene *of)
{
    pm_strbuf text;
    const pm_walk walk = {&text, dump_series, dump_reference, dump_link, dump_note, dump_path};
    pm_slice dump;

    pm_strbuf_init(&text, 16 << 20);
    assert_int_equal(pm_store_walk(of->store, &walk, soon()), PM_OK);
    assert_false(text.failed);
    dump = pm_copy(of->arena, pm_strbuf_slice(&text));
    assert_non_null(dump.data);
    pm_strbuf_free(&text);
    return dump;
}

pm_store *scene_store(const scene *of)
{
    return of->store;
}

void scene_verify(scene *of)
{
    pm_errors *errors = pm_errors_new();
    bool whole = pm_store_verify(of->store, errors);

    for (size_t i = 0; pm_errors_nth(errors, i) != NULL; i++)
        print_error("%s\n", pm_errors_nth(errors, i));
    pm_errors_free(errors);
    assert_true(whole);
}

void says(pm_slice got, const char *wanted)
{
    if (!pm_slice_equal(got, pm_slice_of(wanted)))
        fail_msg("\"%.*s\" is not \"%s\"", PM_FMT(got), wanted);
}

void is_text(const char *got, const char *wanted)
{
    says(pm_slice_of(got), wanted);
}
