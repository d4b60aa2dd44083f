/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fault_test - what goes wrong below the store: a full disk, a file that was deleted, replaced or
 * damaged, a lock that is not released, an order that cannot be carried out. Calls come back, say
 * so, and all is well again when the reason has gone.
 */
#include "clock.h"
#include "place.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

static pm_status remember(place *here, pm_store *store, size_t nth)
{
    return pm_store_remember(store, &here->mail.memos[nth], world_soon());
}

static pm_status look_up(place *here, pm_store *store, size_t nth)
{
    pm_slice id;

    return pm_store_reference(store, here->arena, here->mail.memos[nth].message_id, world_soon(),
                              &id, NULL);
}

/* Until the store has found out that all is well again; the test's own time limit ends this. */
static void wait_until_known(place *here, pm_store *store, size_t nth)
{
    const struct timespec nap = {0, 10000000};

    while (look_up(here, store, nth) != PM_OK)
        nanosleep(&nap, NULL);
}

static void run_sql(const place *here, const char *sql)
{
    sqlite3 *other;

    assert_int_equal(sqlite3_open(here->file, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
}

/* ---- The disk ---- */

/* A limit for the size of files stands for a disk that is full. */
static void set_file_limit(rlim_t bytes)
{
    struct rlimit limit;

    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_full_disk_costs_marks_and_is_got_over(void **state)
{
    place *here = *state;
    pm_store *store = place_open(here);
    pm_store_state how;

    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(remember(here, store, 0), PM_OK);
    set_file_limit(16 << 10);
    assert_int_equal(remember(here, store, 1), PM_LATER);
    while (pm_store_get_state(store, &how), how.reason[0] == '\0')
        usleep(10000);
    assert_non_null(strstr(how.reason, "disk"));
    assert_int_equal(look_up(here, store, 0), PM_OK);
    set_file_limit(RLIM_INFINITY);
    wait_until_known(here, store, 1); /* it was kept */
    assert_int_equal(remember(here, store, 2), PM_OK);
    pm_store_get_state(store, &how);
    assert_string_equal(how.reason, "");
    assert_true(pm_store_verify(store, here->errors));
    pm_store_close(store);
}

static void a_file_that_was_deleted_is_made_anew(void **state)
{
    place *here = *state;
    pm_store *store = place_open(here);

    assert_int_equal(remember(here, store, 0), PM_OK);
    place_clear(here);
    assert_int_equal(remember(here, store, 1), PM_OK);
    assert_int_equal(look_up(here, store, 1), PM_OK);
    assert_int_equal(look_up(here, store, 0), PM_ABSENT);
    pm_store_close(store);

    store = place_open(here);
    assert_int_equal(look_up(here, store, 1), PM_OK);
    assert_true(pm_store_verify(store, here->errors));
    pm_store_close(store);
}

static void a_file_that_was_replaced_is_the_one_that_is_used(void **state)
{
    place *here = *state, other = *here;
    pm_store *store = place_open(here), *backup;

    snprintf(other.file, sizeof(other.file), "%s/backup.db", here->folder);
    backup = place_open(&other);
    assert_int_equal(remember(&other, backup, 5), PM_OK);
    pm_store_close(backup);
    assert_int_equal(remember(here, store, 0), PM_OK);
    place_clear(here);
    assert_int_equal(rename(other.file, here->file), 0);
    usleep(20000); /* a moment after a write, look-ups do not ask the file system again */
    assert_int_equal(look_up(here, store, 5), PM_OK);
    assert_int_equal(look_up(here, store, 0), PM_ABSENT);
    assert_int_equal(remember(here, store, 1), PM_OK);
    assert_true(pm_store_verify(store, here->errors));
    pm_store_close(store);
}

/* Rubbish in the place of every page but the first. */
static void damage(const place *here)
{
    FILE *file;
    long size;

    run_sql(here, "PRAGMA wal_checkpoint(TRUNCATE)");
    file = fopen(here->file, "r+");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    size = ftell(file);
    assert_true(size > 8192);
    assert_int_equal(fseek(file, 4096, SEEK_SET), 0);
    for (long at = 4096; at < size; at++)
        fputc((int)(at % 251), file);
    assert_int_equal(fclose(file), 0);
}

static void a_damaged_file_is_reported_and_can_be_replaced(void **state)
{
    place *here = *state;
    pm_store *store = place_open(here);
    pm_status status;

    for (size_t i = 0; i < here->mail.count; i++)
        assert_int_equal(remember(here, store, i), PM_OK);
    pm_store_close(store);
    damage(here);
    store = place_open(here);
    status = look_up(here, store, 0);
    assert_true(status == PM_FAULT || status == PM_LATER);
    status = remember(here, store, 0);
    assert_true(status == PM_FAULT || status == PM_LATER);
    assert_false(pm_store_verify(store, here->errors));
    assert_true(pm_errors_count(here->errors) > 0);

    place_clear(here);
    wait_until_known(here, store, 0); /* what was kept is in the new one */
    assert_int_equal(remember(here, store, 1), PM_OK);
    pm_store_close(store);
}

static void a_file_cut_short_does_not_end_the_program(void **state)
{
    place *here = *state;
    pm_store *store = place_open(here);

    for (size_t i = 0; i < here->mail.count; i++)
        assert_int_equal(remember(here, store, i), PM_OK);
    run_sql(here, "PRAGMA wal_checkpoint(TRUNCATE)");
    assert_int_equal(truncate(here->file, 6000), 0);
    for (size_t i = 0; i < here->mail.count; i++)
        assert_int_not_equal(look_up(here, store, i), PM_LIMIT);
    assert_int_not_equal(pm_store_remember(store, &here->mail.memos[0], pm_clock_us() + 100000),
                         PM_LIMIT);
    pm_store_close(store);
}

/* As somebody who may not write there; root may everywhere. */
static void a_folder_that_is_read_only_is_named(void **state)
{
    place *here = *state;
    int status = 0;
    pid_t child;

    assert_int_equal(chmod(here->folder, 0555), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const char *said;

        if (geteuid() == 0 && setuid(65534) != 0)
            _exit(3);
        if (pm_store_open(here->file, false, here->errors) != NULL)
            _exit(1);
        said = pm_errors_nth(here->errors, 0);
        _exit(said != NULL && strstr(said, here->file) != NULL ? 0 : 2);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(chmod(here->folder, 0755), 0);
    assert_int_equal(status, 0);
}

static void another_program_s_database_is_left_alone(void **state)
{
    place *here = *state;

    run_sql(here, "CREATE TABLE bookmarks (url TEXT)");
    assert_null(pm_store_open(here->file, false, here->errors));
    assert_non_null(strstr(pm_errors_nth(here->errors, 0), "another program"));
}

/* ---- Locks and deadlines ---- */

/* Somebody has the whole file to himself: the store opens, answers PM_LATER, and is there when the
 * lock is released. */
static void a_store_that_is_locked_out_comes_back(void **state)
{
    place *here = *state;
    pm_store *store;
    pm_slice id;
    sqlite3 *other;

    store = place_open(here);
    assert_int_equal(remember(here, store, 0), PM_OK);
    pm_store_close(store);
    assert_int_equal(sqlite3_open(here->file, &other), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(other, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE", NULL, NULL, NULL),
        SQLITE_OK);
    store = place_open(here);
    assert_int_equal(pm_warnings_count(here->errors), 1);
    assert_int_equal(pm_store_reference(store, here->arena, here->mail.memos[0].message_id,
                                        pm_clock_us() + 20000, &id, NULL),
                     PM_LATER);
    assert_int_equal(pm_store_remember(store, &here->mail.memos[1], pm_clock_us() + 20000),
                     PM_LATER);
    assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
    wait_until_known(here, store, 0);
    wait_until_known(here, store, 1);
    pm_store_close(store);
}

static void a_deadline_that_has_passed_is_a_deadline(void **state)
{
    static const int64_t past[] = {0, -1, INT64_MIN};
    place *here = *state;
    pm_store *store = place_open(here);
    pm_slice id;

    for (size_t i = 0; i < sizeof(past) / sizeof(past[0]); i++) {
        const pm_status status = pm_store_remember(store, &here->mail.memos[i], past[i]);

        assert_true(status == PM_LATER || status == PM_OK);
        assert_int_equal(pm_store_reference(store, here->arena, here->mail.memos[9].message_id,
                                            past[i], &id, NULL),
                         PM_LATER);
        wait_until_known(here, store, i);
    }
    pm_store_close(store);
}

typedef struct reader {
    place *here;
    pm_store *store;
    unsigned failed;
} reader;

static void *read_many(void *context)
{
    reader *mine = context;
    pm_arena *arena = pm_arena_new(8 << 20);

    for (size_t i = 0; i < 200; i++) {
        pm_slice id;
        const pm_memo *memo = &mine->here->mail.memos[i % mine->here->mail.count];

        pm_arena_reset(arena);
        mine->failed += pm_store_reference(mine->store, arena, memo->message_id, world_soon(), &id,
                                           NULL) != PM_OK;
    }
    pm_arena_free(arena);
    return NULL;
}

static void more_look_ups_than_connections_all_get_their_answer(void **state)
{
    enum { READERS = 30 };
    place *here = *state;
    pm_store *store = place_open(here);
    pthread_t threads[READERS];
    reader readers[READERS];

    for (size_t i = 0; i < here->mail.count; i++)
        assert_int_equal(remember(here, store, i), PM_OK);
    for (size_t i = 0; i < READERS; i++) {
        readers[i] = (reader){here, store, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, read_many, &readers[i]), 0);
    }
    for (size_t i = 0; i < READERS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(readers[i].failed, 0);
    }
    pm_store_close(store);
}

/* ---- Orders ---- */

static void *remember_nth(void *context)
{
    reader *mine = context;

    mine->failed = remember(mine->here, mine->store, mine->failed) != PM_OK;
    return NULL;
}

/* All wait while the file is locked, so that they are one batch; the database refuses one. */
static void an_order_that_cannot_be_carried_out_spoils_no_other(void **state)
{
    enum { TOGETHER = 8, WRONG = 3 };
    place *here = *state;
    pm_store *store = place_open(here);
    pthread_t threads[TOGETHER];
    reader writers[TOGETHER];
    pm_store_state how;
    sqlite3 *other;

    run_sql(here, "CREATE TRIGGER picky BEFORE INSERT ON reference "
                  "WHEN NEW.message_id = 's0.3@example.org' BEGIN SELECT RAISE(ABORT, 'no'); END");
    assert_int_equal(sqlite3_open(here->file, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    for (unsigned i = 0; i < TOGETHER; i++) {
        writers[i] = (reader){here, store, i};
        assert_int_equal(pthread_create(&threads[i], NULL, remember_nth, &writers[i]), 0);
    }
    do
        pm_store_get_state(store, &how);
    while (how.queued < TOGETHER - 1); /* the thread has taken the first */
    assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
    for (unsigned i = 0; i < TOGETHER; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(writers[i].failed, i == WRONG);
    }
    assert_int_equal(look_up(here, store, WRONG), PM_ABSENT);
    pm_store_get_state(store, &how);
    assert_int_equal(how.committed, TOGETHER - 1);
    assert_int_equal(how.dropped, 1);
    assert_false(how.away);
    pm_store_close(store);
}

static void ids_that_are_none_are_refused(void **state)
{
    static const pm_slice wrong[] = {
        {"", 0}, {"a b@example.org", 15}, {"a\0@example.org", 14}, {"\xff@example.org", 13}};
    place *here = *state;
    pm_store *store = place_open(here);

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        pm_memo memo = here->mail.memos[0];
        const pm_link link = {wrong[i], PM_LIT("a@example.org"), PM_EMPTY, 1, false};
        pm_slice id;

        memo.series.id = wrong[i];
        assert_int_equal(pm_store_remember(store, &memo, world_soon()), PM_FAULT);
        assert_int_equal(pm_store_link(store, &link, world_soon()), PM_FAULT);
        assert_int_equal(pm_store_reference(store, here->arena, wrong[i], world_soon(), &id, NULL),
                         PM_ABSENT);
    }
    pm_store_close(store);
}

static void a_series_with_new_mail_is_not_forgotten(void **state)
{
    place *here = *state;
    pm_store *store = place_open(here);
    uint64_t gone, all = 0;

    for (size_t i = 0; i < 250; i++) {
        pm_memo memo = here->mail.memos[0];

        memo.message_id = memo.series.id = pm_print(here->arena, "%zu@example.org", i);
        memo.series.last_seen = (int64_t)(i % 2) * 86400;
        assert_int_equal(pm_store_remember(store, &memo, world_soon()), PM_OK);
    }
    do {
        assert_int_equal(pm_store_forget(store, 86400, 10000, world_soon(), &gone), PM_OK);
        all += gone;
    } while (gone > 0);
    assert_int_equal(all, 125);
    assert_true(pm_store_verify(store, here->errors));
    pm_store_close(store);
}

/* A reply came first, and nothing else for two years: that, too, is forgotten. */
static void a_reply_to_what_never_came_is_forgotten(void **state)
{
    place *here = *state;
    pm_store *store = place_open(here);
    const pm_memo *reply = &here->mail.memos[here->mail.count - 1];
    pm_series series;
    pm_slice id;
    uint64_t gone;

    assert_true(reply->answers);
    assert_int_equal(pm_store_remember(store, reply, world_soon()), PM_OK);
    assert_int_equal(
        pm_store_reference(store, here->arena, reply->message_id, world_soon(), &id, NULL), PM_OK);
    assert_int_equal(pm_store_series(store, here->arena, id, world_soon(), &series), PM_ABSENT);
    assert_int_equal(pm_store_forget(store, 1 << 30, 10000, world_soon(), &gone), PM_OK);
    assert_int_equal(gone, 1);
    assert_int_equal(
        pm_store_reference(store, here->arena, reply->message_id, world_soon(), &id, NULL),
        PM_ABSENT);
    pm_store_close(store);
}

/* v1 -> v3 -> v2 -> v1, as nobody but a person could link them. */
static void a_circle_of_links_has_one_chain(void **state)
{
    static const char *const ids[] = {"b@example.org", "c@example.org", "a@example.org"};
    place *here = *state;
    pm_store *store = place_open(here);
    pm_slice chain;

    for (size_t i = 0; i < 3; i++) {
        const pm_link link = {pm_slice_of(ids[i]), pm_slice_of(ids[(i + 1) % 3]), PM_EMPTY, 1,
                              true};
        assert_int_equal(pm_store_link(store, &link, world_soon()), PM_OK);
    }
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(
            pm_store_chain(store, here->arena, pm_slice_of(ids[i]), world_soon(), &chain), PM_OK);
        assert_true(pm_slice_equal(chain, PM_LIT("a@example.org")));
    }
    pm_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PLACE(a_full_disk_costs_marks_and_is_got_over),
        IN_PLACE(a_file_that_was_deleted_is_made_anew),
        IN_PLACE(a_file_that_was_replaced_is_the_one_that_is_used),
        IN_PLACE(a_damaged_file_is_reported_and_can_be_replaced),
        IN_PLACE(a_file_cut_short_does_not_end_the_program),
        IN_PLACE(a_folder_that_is_read_only_is_named),
        IN_PLACE(another_program_s_database_is_left_alone),
        IN_PLACE(a_store_that_is_locked_out_comes_back),
        IN_PLACE(a_deadline_that_has_passed_is_a_deadline),
        IN_PLACE(more_look_ups_than_connections_all_get_their_answer),
        IN_PLACE(an_order_that_cannot_be_carried_out_spoils_no_other),
        IN_PLACE(ids_that_are_none_are_refused),
        IN_PLACE(a_series_with_new_mail_is_not_forgotten),
        IN_PLACE(a_reply_to_what_never_came_is_forgotten),
        IN_PLACE(a_circle_of_links_has_one_chain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
