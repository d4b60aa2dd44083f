/* SPDX-License-Identifier: BSD-2-Clause */
/* store_test - the memory of series on a real SQLite file. */
#include "clock.h"
#include "place.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#define assert_slice(slice, text)                                                                  \
    do {                                                                                           \
        pm_slice got_ = (slice);                                                                   \
        assert_int_equal(got_.len, strlen(text));                                                  \
        assert_memory_equal(got_.data, (text), strlen(text));                                      \
    } while (0)

static pm_memo cover(const char *id, unsigned revision, const char *title)
{
    return (pm_memo){.message_id = pm_slice_of(id),
                     .part = 0,
                     .series = {.id = pm_slice_of(id),
                                .flags = PM_SERIES_ROOT,
                                .revision = revision,
                                .total = 2,
                                .date = 1000 + revision,
                                .last_seen = 1000 + revision,
                                .title = pm_slice_of(title),
                                .author = PM_LIT("ann@example.org"),
                                .author_name = PM_LIT("ann author"),
                                .project = PM_LIT("linux"),
                                .inbox = PM_LIT("kvm.linux")}};
}

static void a_series_is_found_again_by_its_references_and_keys(void **state)
{
    place *here = *state;
    pm_store *store = place_open(here);
    pm_memo memo = cover("v1@example.org", 1, "frob: Fix it");
    pm_series series, *found;
    pm_slice id;
    size_t count;
    int part;

    assert_int_equal(pm_store_remember(store, &memo, world_soon()), PM_OK);
    assert_int_equal(
        pm_store_reference(store, here->arena, PM_LIT("v1@example.org"), world_soon(), &id, &part),
        PM_OK);
    assert_slice(id, "v1@example.org");
    assert_int_equal(part, 0);
    assert_int_equal(pm_store_reference(store, here->arena, PM_LIT("other@example.org"),
                                        world_soon(), &id, NULL),
                     PM_ABSENT);
    assert_int_equal(pm_store_series(store, here->arena, id, world_soon(), &series), PM_OK);
    assert_slice(series.title, "frob: Fix it");
    assert_slice(series.inbox, "kvm.linux");
    assert_int_equal(pm_store_find(store, here->arena, PM_KEY_TITLE, PM_LIT("frob fix it"), 10,
                                   world_soon(), &found, &count),
                     PM_OK);
    assert_int_equal(count, 1);
    assert_int_equal(pm_store_find(store, here->arena, PM_KEY_AUTHOR, PM_LIT("bob@example.org"), 10,
                                   world_soon(), &found, &count),
                     PM_OK);
    assert_int_equal(count, 0);
    pm_store_close(store);
}

static void what_was_remembered_is_there_after_a_restart(void **state)
{
    place *here = *state;
    pm_store *store = place_open(here);
    pm_memo memo = cover("v1@example.org", 1, "frob: Fix it");
    pm_series series;

    assert_int_equal(pm_store_remember(store, &memo, world_soon()), PM_OK);
    pm_store_close(store);
    store = place_open(here);
    assert_int_equal(
        pm_store_series(store, here->arena, PM_LIT("v1@example.org"), world_soon(), &series),
        PM_OK);
    assert_true(pm_store_verify(store, here->errors));
    pm_store_close(store);
}

static void an_author_s_series_come_newest_first(void **state)
{
    place *here = *state;
    pm_store *store = place_open(here);
    pm_memo first = cover("v1@example.org", 1, "one"), second = cover("v2@example.org", 2, "two");
    pm_series *found;
    size_t count;

    assert_int_equal(pm_store_remember(store, &second, world_soon()), PM_OK);
    assert_int_equal(pm_store_remember(store, &first, world_soon()), PM_OK);
    assert_int_equal(pm_store_find(store, here->arena, PM_KEY_AUTHOR, PM_LIT("ann@example.org"), 10,
                                   world_soon(), &found, &count),
                     PM_OK);
    assert_int_equal(count, 2);
    assert_slice(found[0].title, "two");
    pm_store_close(store);
}

static void a_chain_is_walked_to_its_oldest_revision(void **state)
{
    place *here = *state;
    pm_store *store = place_open(here);
    pm_link to_first = {PM_LIT("v2@example.org"), PM_LIT("v1@example.org"), PM_LIT("title"), 0.9,
                        false};
    pm_link to_second = {PM_LIT("v3@example.org"), PM_LIT("v2@example.org"), PM_LIT("title"), 0.9,
                         false};
    pm_slice chain;

    assert_int_equal(pm_store_link(store, &to_first, world_soon()), PM_OK);
    assert_int_equal(pm_store_link(store, &to_second, world_soon()), PM_OK);
    assert_int_equal(
        pm_store_chain(store, here->arena, PM_LIT("v3@example.org"), world_soon(), &chain), PM_OK);
    assert_slice(chain, "v1@example.org");
    pm_store_close(store);
}

static void what_a_person_pinned_is_not_replaced(void **state)
{
    place *here = *state;
    pm_store *store = place_open(here);
    pm_memo memo = cover("v2@example.org", 2, "frob");
    pm_link pinned = {PM_LIT("v2@example.org"), PM_LIT("right@example.org"), PM_LIT("ann said so"),
                      1, true};
    pm_link guessed = {PM_LIT("v2@example.org"), PM_LIT("wrong@example.org"), PM_LIT("title"), 0.9,
                       false};
    pm_series series;

    assert_int_equal(pm_store_remember(store, &memo, world_soon()), PM_OK);
    assert_int_equal(pm_store_link(store, &pinned, world_soon()), PM_OK);
    assert_int_equal(pm_store_link(store, &guessed, world_soon()), PM_OK);
    assert_int_equal(
        pm_store_series(store, here->arena, PM_LIT("v2@example.org"), world_soon(), &series),
        PM_OK);
    assert_slice(series.supersedes, "right@example.org");
    assert_true((series.flags & PM_SERIES_PINNED) != 0);
    pm_store_close(store);
}

static void what_is_unpinned_is_evidence_s_again(void **state)
{
    place *here = *state;
    pm_store *store = place_open(here);
    pm_memo memo = cover("v2@example.org", 2, "frob");
    pm_link link = {PM_LIT("v2@example.org"), PM_LIT("v1@example.org"), PM_LIT("a person"), 1,
                    true};
    pm_series series;

    assert_int_equal(pm_store_remember(store, &memo, world_soon()), PM_OK);
    assert_int_equal(pm_store_link(store, &link, world_soon()), PM_OK);
    link.pinned = false;
    assert_int_equal(pm_store_unpin(store, &link, world_soon()), PM_OK);
    assert_int_equal(pm_store_series(store, here->arena, link.series, world_soon(), &series),
                     PM_OK);
    assert_slice(series.supersedes, "v1@example.org");
    assert_int_equal(series.flags & PM_SERIES_PINNED, 0);
    link.predecessor = PM_LIT("v0@example.org");
    assert_int_equal(pm_store_link(store, &link, world_soon()), PM_OK);
    assert_int_equal(pm_store_series(store, here->arena, link.series, world_soon(), &series),
                     PM_OK);
    assert_slice(series.supersedes, "v0@example.org");
    link.predecessor = PM_EMPTY;
    assert_int_equal(pm_store_unpin(store, &link, world_soon()), PM_OK);
    assert_int_equal(pm_store_series(store, here->arena, link.series, world_soon(), &series),
                     PM_OK);
    assert_slice(series.supersedes, "");
    pm_store_close(store);
}

/* ---- Notes ---- */

static void put_note(pm_store *store, const char *plugin, const char *key, const char *value,
                     int64_t expires)
{
    const pm_note note = {pm_slice_of(plugin), pm_slice_of(key), pm_slice_of(value), expires};

    assert_int_equal(pm_store_note(store, &note, 1, world_soon()), PM_OK);
}

/* "" when it is not known. */
static pm_slice noted(place *here, pm_store *store, const char *plugin, const char *key,
                      int64_t now)
{
    pm_slice value = PM_EMPTY;
    pm_status status = pm_store_noted(store, here->arena, pm_slice_of(plugin), pm_slice_of(key),
                                      now, world_soon(), &value);

    assert_true(status == PM_OK || status == PM_ABSENT);
    return value;
}

static void a_note_is_its_plugin_s_until_it_expires(void **state)
{
    place *here = *state;
    pm_store *store = place_open(here);

    put_note(store, "tea", "lid", "two\nlines", 100);
    assert_slice(noted(here, store, "tea", "lid", 99), "two\nlines");
    assert_slice(noted(here, store, "tea", "lid", 100), "");
    assert_slice(noted(here, store, "coffee", "lid", 99), "");
    assert_slice(noted(here, store, "tea", "li", 99), "");
    pm_store_close(store);
    store = place_open(here);
    assert_slice(noted(here, store, "tea", "lid", 99), "two\nlines");
    put_note(store, "tea", "lid", "shorter", 50);
    assert_slice(noted(here, store, "tea", "lid", 49), "shorter");
    assert_slice(noted(here, store, "tea", "lid", 50), "");
    put_note(store, "tea", "lid", "", 0);
    assert_slice(noted(here, store, "tea", "lid", 1), "");
    pm_store_close(store);
}

static void a_note_beyond_its_limits_is_refused(void **state)
{
    static const char longest[PM_NOTE_VALUE_MOST + 1];
    place *here = *state;
    pm_store *store = place_open(here);
    const pm_slice tea = PM_LIT("tea"), key = PM_LIT("key");
    const pm_note wrong[] = {
        {tea, PM_EMPTY, key, 9},
        {tea, {longest, PM_NOTE_KEY_MOST + 1}, key, 9},
        {tea, key, {longest, PM_NOTE_VALUE_MOST + 1}, 9},
        {PM_EMPTY, key, key, 9},
    };

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(pm_store_note(store, &wrong[i], 1, world_soon()), PM_FAULT);
    pm_store_close(store);
}

static pm_status count_note(void *context, const pm_note *note)
{
    size_t *count = context;

    (void)note;
    ++*count;
    return PM_OK;
}

/* How many a plugin has is looked at with every 64th order, the first one too. */
static void of_too_many_notes_those_that_expire_first_go(void **state)
{
    enum { ORDERS = 65, EACH_ORDER = 160 };
    place *here = *state;
    pm_store *store = place_open(here);
    size_t count = 0;
    const pm_walk walk = {.context = &count, .note = count_note};

    for (unsigned order = 0; order < ORDERS; order++) {
        pm_note notes[EACH_ORDER];

        for (unsigned i = 0; i < EACH_ORDER; i++)
            notes[i] = (pm_note){PM_LIT("tea"), pm_print(here->arena, "%u.%u", order, i),
                                 PM_LIT("x"), 1000000 - order * EACH_ORDER - i};
        assert_int_equal(pm_store_note(store, notes, EACH_ORDER, world_soon()), PM_OK);
    }
    assert_int_equal(pm_store_walk(store, &walk, world_soon()), PM_OK);
    assert_int_equal(count, PM_NOTES_MOST);
    assert_slice(noted(here, store, "tea", "0.0", 1), "x");
    assert_slice(noted(here, store, "tea", "64.159", 1), "");
    pm_store_close(store);
}

/* ---- Paths ---- */

static void see(pm_store *store, const char *project, const char *path)
{
    const pm_slice one = pm_slice_of(path);
    const pm_paths_seen seen = {pm_slice_of(project), &one, 1, 1000};

    assert_int_equal(pm_store_see_paths(store, &seen, world_soon()), PM_OK);
}

/* What ends so, with spaces between. */
static pm_slice paths(place *here, pm_store *store, const char *project, const char *tail)
{
    pm_slice *found, joined = PM_EMPTY;
    size_t count;

    assert_int_equal(pm_store_paths(store, here->arena, pm_slice_of(project), pm_slice_of(tail),
                                    world_soon(), &found, &count),
                     PM_OK);
    for (size_t i = 0; i < count; i++)
        joined =
            pm_print(here->arena, "%.*s%s%.*s", PM_FMT(joined), i > 0 ? " " : "", PM_FMT(found[i]));
    return joined;
}

static void a_path_is_found_by_how_it_ends_in_its_project(void **state)
{
    place *here = *state;
    pm_store *store = place_open(here);

    see(store, "tea", "pot/deep/lid.c");
    see(store, "tea", "pot/deep/lid.c");
    see(store, "tea", "cup/steep/lid.c");
    see(store, "tea", "cup/steep/LID.c");
    see(store, "tea", "cup/a_b!%/x.c");
    see(store, "tea", "cup/axb!%/x.c");
    see(store, "tea", "top.c"); /* is never cut */
    see(store, "coffee", "mill/deep/lid.c");
    assert_slice(paths(here, store, "tea", "deep/lid.c"), "pot/deep/lid.c");
    assert_slice(paths(here, store, "tea", "lid.c"), "cup/steep/lid.c pot/deep/lid.c");
    assert_slice(paths(here, store, "tea", "eep/lid.c"), "");
    assert_slice(paths(here, store, "tea", "a_b!%/x.c"), "cup/a_b!%/x.c");
    assert_slice(paths(here, store, "tea", "top.c"), "");
    assert_slice(paths(here, store, "coffee", "lid.c"), "mill/deep/lid.c");
    assert_slice(paths(here, store, "", "lid.c"), "");
    assert_true(pm_store_verify(store, here->errors));
    pm_store_close(store);
}

/* However many of them a letter has, and the second time they cost nothing. */
static void all_paths_of_a_letter_are_kept(void **state)
{
    place *here = *state;
    pm_store *store = place_open(here);
    pm_slice many[29];
    const pm_paths_seen seen = {PM_LIT("tea"), many, 29, 1000};

    for (unsigned i = 0; i < 29; i++)
        many[i] = pm_print(here->arena, "pot/%u/lid%u.c", i, i);
    assert_int_equal(pm_store_see_paths(store, &seen, world_soon()), PM_OK);
    assert_int_equal(pm_store_see_paths(store, &seen, world_soon()), PM_OK);
    for (unsigned i = 0; i < 29; i++)
        assert_true(pm_slice_equal(
            paths(here, store, "tea", pm_print(here->arena, "lid%u.c%c", i, 0).data), many[i]));
    pm_store_close(store);
}

static void old_series_are_forgotten_with_all_that_points_to_them(void **state)
{
    place *here = *state;
    pm_store *store = place_open(here);
    pm_memo old = cover("v1@example.org", 1, "old"), recent = cover("v9@example.org", 9, "new");
    pm_series *found;
    pm_slice id;
    size_t count;
    uint64_t gone;

    assert_int_equal(pm_store_remember(store, &old, world_soon()), PM_OK);
    assert_int_equal(pm_store_remember(store, &recent, world_soon()), PM_OK);
    assert_int_equal(pm_store_forget(store, 1005, 10000, world_soon(), &gone), PM_OK);
    assert_int_equal(gone, 1);
    assert_int_equal(
        pm_store_reference(store, here->arena, PM_LIT("v1@example.org"), world_soon(), &id, NULL),
        PM_ABSENT);
    assert_int_equal(pm_store_find(store, here->arena, PM_KEY_AUTHOR, PM_LIT("ann@example.org"), 10,
                                   world_soon(), &found, &count),
                     PM_OK);
    assert_int_equal(count, 1);
    pm_store_close(store);
}

/* Another program holds the write lock: the call comes back at its deadline, look-ups go on, and
 * what was asked is written once the lock is free. */
static void a_locked_store_answers_at_the_deadline(void **state)
{
    place *here = *state;
    pm_store *store = place_open(here);
    pm_memo memo = cover("v1@example.org", 1, "frob");
    pm_series series;
    sqlite3 *other;
    pm_status status;

    assert_int_equal(sqlite3_open(here->file, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(pm_store_remember(store, &memo, pm_clock_us() + 20000), PM_LATER);
    assert_int_equal(
        pm_store_series(store, here->arena, PM_LIT("v1@example.org"), world_soon(), &series),
        PM_ABSENT);
    assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
    pm_store_close(store);

    store = place_open(here);
    status = pm_store_series(store, here->arena, PM_LIT("v1@example.org"), world_soon(), &series);
    assert_int_equal(status, PM_OK);
    pm_store_close(store);
}

static void a_file_that_is_no_store_is_refused_with_its_name(void **state)
{
    place *here = *state;
    FILE *file = fopen(here->file, "w");

    assert_non_null(file);
    for (unsigned i = 0; i < 300; i++)
        fputs("this is a letter, not a database\n", file);
    fclose(file);
    assert_null(pm_store_open(here->file, false, here->errors));
    assert_int_equal(pm_errors_count(here->errors), 1);
    assert_non_null(strstr(pm_errors_nth(here->errors, 0), here->file));
}

static void a_store_of_a_newer_format_is_refused(void **state)
{
    place *here = *state;
    sqlite3 *other;

    pm_store_close(place_open(here));
    assert_int_equal(sqlite3_open(here->file, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "PRAGMA user_version = 99", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
    assert_null(pm_store_open(here->file, false, here->errors));
    assert_non_null(strstr(pm_errors_nth(here->errors, 0), "format 99"));
}

static pm_memo reply_by(const char *id, const char *author)
{
    return (pm_memo){.message_id = pm_slice_of(id),
                     .part = -1,
                     .author = pm_slice_of(author),
                     .answers = true,
                     .series = {.id = PM_LIT("v1@example.org"), .last_seen = 1}};
}

static void a_store_of_the_first_format_is_brought_to_the_newest(void **state)
{
    static const char back[] = "ALTER TABLE reference DROP COLUMN author; PRAGMA user_version = 1";
    const pm_memo before = reply_by("old@example.org", "ann@example.org");
    const pm_memo since = reply_by("young@example.org", "bob@example.org");
    place *here = *state;
    pm_store *store = place_open(here);
    pm_store_message *messages;
    sqlite3 *other;
    size_t count;

    assert_int_equal(pm_store_remember(store, &before, world_soon()), PM_OK);
    pm_store_close(store);
    assert_int_equal(sqlite3_open(here->file, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, back, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);

    store = place_open(here);
    assert_int_equal(pm_store_remember(store, &since, world_soon()), PM_OK);
    assert_int_equal(pm_store_messages(store, here->arena, PM_LIT("v1@example.org"), world_soon(),
                                       &messages, &count),
                     PM_OK);
    assert_int_equal(count, 2);
    assert_true(pm_slice_equal(messages[0].message_id, PM_LIT("old@example.org")));
    assert_int_equal(messages[0].author.len, 0);
    assert_true(pm_slice_equal(messages[1].author, PM_LIT("bob@example.org")));
    assert_true(pm_store_verify(store, here->errors));
    pm_store_close(store);
}

static void a_store_of_the_first_format_is_migrated(void **state)
{
    place *here = *state;
    pm_store *store;
    sqlite3 *other;

    assert_int_equal(sqlite3_open(here->file, &other), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(other,
                     WORLD_FORMAT_1("INT", " STRICT",
                                    " STRICT, WITHOUT ROWID") "PRAGMA user_version = 1; PRAGMA "
                                                              "application_id = 0x706d726b;",
                     NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(other);
    assert_null(pm_store_open(here->file, true, here->errors));
    assert_non_null(strstr(pm_errors_nth(here->errors, 0), "of an older format"));
    store = place_open(here);
    world_is_migrated(store, here->arena);
    pm_store_close(store);
    store = pm_store_open(here->file, true, here->errors);
    assert_non_null(store);
    pm_store_close(store);
}

static void a_folder_that_is_missing_is_named(void **state)
{
    place *here = *state;

    assert_null(pm_store_open("/nowhere/at/all.db", false, here->errors));
    assert_non_null(strstr(pm_errors_nth(here->errors, 0), "/nowhere/at/all.db"));
}

#define WRITERS 8
#define EACH    50

typedef struct job {
    pm_store *store;
    unsigned number;
    unsigned failed;
} job;

static void *remember_many(void *context)
{
    job *mine = context;
    pm_arena *arena = pm_arena_new(16 << 20);

    for (unsigned i = 0; i < EACH; i++) {
        char id[64];
        pm_series series;
        pm_memo memo;

        snprintf(id, sizeof(id), "%u.%u@example.org", mine->number, i);
        memo = cover(id, 1 + i, "many");
        if (pm_store_remember(mine->store, &memo, world_soon()) != PM_OK ||
            pm_store_series(mine->store, arena, pm_slice_of(id), world_soon(), &series) != PM_OK)
            mine->failed++;
        pm_arena_reset(arena);
    }
    pm_arena_free(arena);
    return NULL;
}

static void many_threads_write_and_read_at_once(void **state)
{
    place *here = *state;
    pm_store *store = place_open(here);
    pthread_t threads[WRITERS];
    job jobs[WRITERS];

    for (unsigned i = 0; i < WRITERS; i++) {
        jobs[i] = (job){store, i, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, remember_many, &jobs[i]), 0);
    }
    for (unsigned i = 0; i < WRITERS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(jobs[i].failed, 0);
    }
    assert_true(pm_store_verify(store, here->errors));
    pm_store_close(store);
}

/* A child remembers and tells each success through a pipe until it is killed; all it told is there.
 */
static void nothing_acknowledged_is_lost_to_a_kill(void **state)
{
    place *here = *state;

    for (unsigned round = 0; round < 5; round++) {
        int told[2];
        unsigned number, last = 0;
        pid_t child;
        pm_store *store;

        assert_int_equal(pipe(told), 0);
        child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            store = pm_store_open(here->file, false, NULL);
            for (number = 1; store != NULL; number++) {
                char id[64];
                pm_memo memo;

                snprintf(id, sizeof(id), "%u.%u@example.org", round, number);
                memo = cover(id, 1, "killed");
                if (pm_store_remember(store, &memo, world_soon()) != PM_OK ||
                    write(told[1], &number, sizeof(number)) != (ssize_t)sizeof(number))
                    break;
            }
            _exit(1);
        }
        close(told[1]);
        while (last < 20 + 7 * round &&
               read(told[0], &number, sizeof(number)) == (ssize_t)sizeof(number))
            last = number;
        kill(child, SIGKILL);
        while (read(told[0], &number, sizeof(number)) == (ssize_t)sizeof(number))
            last = number;
        close(told[0]);
        waitpid(child, NULL, 0);
        assert_true(last >= 20);

        store = place_open(here);
        assert_true(pm_store_verify(store, here->errors));
        for (number = 1; number <= last; number++) {
            char id[64];
            pm_series series;

            snprintf(id, sizeof(id), "%u.%u@example.org", round, number);
            assert_int_equal(
                pm_store_series(store, here->arena, pm_slice_of(id), world_soon(), &series), PM_OK);
        }
        pm_store_close(store);
    }
}

static void a_store_that_root_makes_belongs_to_whom_its_folder_belongs(void **state)
{
    place *here = *state;
    struct stat about;
    char log[128];

    if (geteuid() != 0)
        skip();
    assert_int_equal(chown(here->folder, 12345, 23456), 0);
    pm_store *store = place_open(here);
    snprintf(log, sizeof(log), "%s-wal", here->file);
    assert_int_equal(stat(here->file, &about), 0);
    assert_int_equal(about.st_uid, 12345);
    assert_int_equal(about.st_gid, 23456);
    assert_int_equal(about.st_mode & 0777, 0640);
    assert_int_equal(stat(log, &about), 0);
    assert_int_equal(about.st_uid, 12345);
    pm_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PLACE(a_store_that_root_makes_belongs_to_whom_its_folder_belongs),
        IN_PLACE(a_series_is_found_again_by_its_references_and_keys),
        IN_PLACE(what_was_remembered_is_there_after_a_restart),
        IN_PLACE(an_author_s_series_come_newest_first),
        IN_PLACE(a_chain_is_walked_to_its_oldest_revision),
        IN_PLACE(what_a_person_pinned_is_not_replaced),
        IN_PLACE(what_is_unpinned_is_evidence_s_again),
        IN_PLACE(a_note_is_its_plugin_s_until_it_expires),
        IN_PLACE(a_note_beyond_its_limits_is_refused),
        IN_PLACE(of_too_many_notes_those_that_expire_first_go),
        IN_PLACE(a_path_is_found_by_how_it_ends_in_its_project),
        IN_PLACE(all_paths_of_a_letter_are_kept),
        IN_PLACE(old_series_are_forgotten_with_all_that_points_to_them),
        IN_PLACE(a_locked_store_answers_at_the_deadline),
        IN_PLACE(a_file_that_is_no_store_is_refused_with_its_name),
        IN_PLACE(a_store_of_a_newer_format_is_refused),
        IN_PLACE(a_store_of_the_first_format_is_brought_to_the_newest),
        IN_PLACE(a_store_of_the_first_format_is_migrated),
        IN_PLACE(a_folder_that_is_missing_is_named),
        IN_PLACE(many_threads_write_and_read_at_once),
        IN_PLACE(nothing_acknowledged_is_lost_to_a_kill),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
