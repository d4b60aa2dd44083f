/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * postgres_test - the store in a PostgreSQL that this test starts and stops itself, in a folder of
 * its own, on a Unix socket; skipped when the package is not installed.
 */
#include "clock.h"
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <pthread.h>
#include <pwd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <libpq-fe.h>

/* ---- A server of our own ---- */

static struct {
    char folder[64], programs[128], where[160];
    const struct passwd *user; /* who runs it: PostgreSQL refuses root */
    pid_t pid;                 /* 0: none */
} server;

static bool find_programs(void)
{
    glob_t found;
    bool is_there = glob("/usr/lib/postgresql/*/bin/postgres", 0, NULL, &found) == 0;

    if (is_there) {
        const char *newest = found.gl_pathv[found.gl_pathc - 1];

        snprintf(server.programs, sizeof(server.programs), "%.*s",
                 (int)(strrchr(newest, '/') - newest), newest);
        globfree(&found);
    }
    return is_there;
}

/* In a child: become the user, say nothing, and end when the test does. */
static void run_program(const char *name, const char *arguments)
{
    char path[192], command[512];
    int log;

    snprintf(path, sizeof(path), "%s/log", server.folder);
    snprintf(command, sizeof(command), "exec %s/%s %s", server.programs, name, arguments);
    if (server.user != NULL && (setgroups(0, NULL) != 0 || setgid(server.user->pw_gid) != 0 ||
                                setuid(server.user->pw_uid) != 0))
        _exit(126);
    prctl(PR_SET_PDEATHSIG, SIGQUIT);
    log = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (log < 0 || chdir(server.folder) != 0)
        _exit(126);
    dup2(log, 1);
    dup2(log, 2);
    execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
}

static int wait_for_end(pid_t pid)
{
    int status = -1;

    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return status;
}

static void start_server(void)
{
    char arguments[160];
    const int64_t until = pm_clock_us() + 60000000;
    const struct timespec nap = {0, 50000000};

    snprintf(arguments, sizeof(arguments),
             "-D data -k %s -h '' -F -c max_connections=60 -c dynamic_shared_memory_type=mmap",
             server.folder);
    server.pid = fork();
    assert_true(server.pid >= 0);
    if (server.pid == 0)
        run_program("postgres", arguments);
    while (PQping(server.where) != PQPING_OK) {
        assert_int_equal(waitpid(server.pid, NULL, WNOHANG), 0);
        assert_true(pm_clock_us() < until);
        nanosleep(&nap, NULL);
    }
}

/* SIGINT: ask connections to go; SIGQUIT: at once, as a crash would. */
static void stop_server(int how)
{
    if (server.pid == 0)
        return;
    kill(server.pid, how);
    wait_for_end(server.pid);
    server.pid = 0;
}

static int make_server(void **state)
{
    pid_t child;

    (void)state;
    if (!find_programs())
        return 0;
    if (geteuid() == 0)
        server.user = getpwnam("postgres");
    strcpy(server.folder, "/tmp/patchmark-pg-XXXXXX");
    if (mkdtemp(server.folder) == NULL)
        return -1;
    if (server.user != NULL && chown(server.folder, server.user->pw_uid, server.user->pw_gid) != 0)
        return -1;
    child = fork();
    if (child == 0)
        run_program("initdb", "-D data -A trust -U patchmark -E UTF8 --locale=C -N");
    if (child < 0 || wait_for_end(child) != 0)
        return -1;
    snprintf(server.where, sizeof(server.where), "host=%s user=patchmark dbname=postgres",
             server.folder);
    start_server();
    return 0;
}

static int drop_server(void **state)
{
    char command[128];

    (void)state;
    if (server.folder[0] == '\0')
        return 0;
    stop_server(SIGINT);
    snprintf(command, sizeof(command), "rm -rf '%s'", server.folder);
    return system(command);
}

/* ---- Each test has a database ---- */

typedef struct place {
    char where[224];
    pm_arena *arena;
    pm_errors *errors;
} place;

static void order_server(const char *where, const char *sql)
{
    PGconn *handle = PQconnectdb(where);
    PGresult *result = PQexec(handle, sql);

    if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK)
        fail_msg("%s: %s", sql, PQerrorMessage(handle));
    PQclear(result);
    PQfinish(handle);
}

static int make_place(void **state)
{
    static unsigned number;
    place *here = calloc(1, sizeof(*here));
    char sql[64];

    assert_non_null(here);
    here->arena = pm_arena_new(64 << 20);
    here->errors = pm_errors_new();
    *state = here;
    if (server.pid == 0)
        return 0;
    snprintf(sql, sizeof(sql), "CREATE DATABASE test%u", ++number);
    order_server(server.where, sql);
    snprintf(here->where, sizeof(here->where), "postgres:host=%s user=patchmark dbname=test%u",
             server.folder, number);
    return 0;
}

static int drop_place(void **state)
{
    place *here = *state;

    pm_arena_free(here->arena);
    pm_errors_free(here->errors);
    free(here);
    return 0;
}

static void need_server(void)
{
    if (server.pid != 0)
        return;
    print_message("skipped: PostgreSQL's server is not installed (package postgresql)\n");
    skip();
}

static pm_store *open_store(place *here)
{
    pm_store *store = pm_store_open(here->where, false, here->errors);

    if (store == NULL || pm_warnings_count(here->errors) > 0)
        fail_msg("%s", pm_errors_nth(here->errors, 0));
    return store;
}

static const char *conninfo(const place *here)
{
    return here->where + strlen("postgres:");
}

/* ---- The tests ---- */

/* Two exchangers, each with half of the mail, at the same time. */
#define SENDERS 8

typedef struct sender {
    pm_store *store;
    const world *mail;
    size_t first;
    unsigned failed;
} sender;

static void *send_some(void *context)
{
    sender *mine = context;

    for (size_t i = mine->first; i < mine->mail->count; i += SENDERS)
        mine->failed +=
            pm_store_remember(mine->store, &mine->mail->memos[i], world_soon()) != PM_OK;
    return NULL;
}

static void a_store_of_the_first_format_is_migrated(void **state)
{
    place *here = *state;
    pm_store *store;

    need_server();
    order_server(
        conninfo(here),
        WORLD_FORMAT_1("BIGINT", "",
                       "") "CREATE TABLE patchmark_format (format BIGINT NOT NULL PRIMARY KEY);"
                           "INSERT INTO patchmark_format VALUES (1)");
    assert_null(pm_store_open(here->where, true, here->errors));
    store = open_store(here);
    world_is_migrated(store, here->arena);
    pm_store_close(store);
    store = pm_store_open(here->where, true, here->errors);
    assert_non_null(store);
    pm_store_close(store);
}

static void two_exchangers_on_one_server_agree(void **state)
{
    place *here = *state;
    pm_store *stores[2];
    pthread_t threads[SENDERS];
    sender senders[SENDERS];
    pm_slice alone;
    world mail;

    need_server();
    world_make(&mail, here->arena);
    stores[0] = open_store(here);
    world_remember(stores[0], &mail);
    alone = world_dump(stores[0], here->arena);
    for (unsigned seed = 1; seed <= 8; seed++) {
        order_server(conninfo(here), "TRUNCATE series, series_key, reference, link");
        world_shuffle(&mail, seed);
        stores[1] = open_store(here);
        for (unsigned i = 0; i < SENDERS; i++) {
            senders[i] = (sender){stores[i % 2], &mail, i, 0};
            assert_int_equal(pthread_create(&threads[i], NULL, send_some, &senders[i]), 0);
        }
        for (unsigned i = 0; i < SENDERS; i++) {
            pthread_join(threads[i], NULL);
            assert_int_equal(senders[i].failed, 0);
        }
        world_same(world_dump(stores[0], here->arena), alone, seed);
        world_same(world_dump(stores[1], here->arena), alone, seed);
        assert_true(pm_store_verify(stores[1], here->errors));
        pm_store_close(stores[1]);
    }
    pm_store_close(stores[0]);
}

static void it_remembers_what_sqlite_remembers(void **state)
{
    place *here = *state;
    pm_store *postgres, *sqlite;
    const pm_link link = {PM_LIT("s2.0@example.org"), PM_LIT("s0.0@example.org"),
                          PM_LIT("same title"), 0.75, true};
    const pm_note notes[] = {{PM_LIT("tea"), PM_LIT("b"), PM_LIT("two\nlines"), 2000},
                             {PM_LIT("tea"), PM_LIT("a"), {"caf\xe9 \0!", 7}, 3000},
                             {PM_LIT("pot"), PM_LIT("a"), PM_LIT("gone"), 1000}};
    char folder[] = "/tmp/patchmark-both-XXXXXX", command[64], file[64];
    uint64_t gone, size;
    pm_slice *paths;
    size_t count;
    world mail;

    need_server();
    assert_non_null(mkdtemp(folder));
    snprintf(file, sizeof(file), "%s/series.db", folder);
    world_make(&mail, here->arena);
    postgres = open_store(here);
    sqlite = pm_store_open(file, false, here->errors);
    assert_non_null(sqlite);
    world_remember(postgres, &mail);
    world_remember(sqlite, &mail);
    assert_int_equal(pm_store_link(postgres, &link, world_soon()), PM_OK);
    assert_int_equal(pm_store_link(sqlite, &link, world_soon()), PM_OK);
    assert_int_equal(pm_store_note(postgres, notes, 3, world_soon()), PM_OK);
    assert_int_equal(pm_store_note(sqlite, notes, 3, world_soon()), PM_OK);
    world_same(world_dump(postgres, here->arena), world_dump(sqlite, here->arena), 0);
    assert_int_equal(pm_store_forget(postgres, 100000, 10000, world_soon(), &gone), PM_OK);
    assert_int_equal(gone, 1); /* of which only an early reply came */
    assert_int_equal(pm_store_forget(sqlite, 100000, 10000, world_soon(), &gone), PM_OK);
    world_same(world_dump(postgres, here->arena), world_dump(sqlite, here->arena), 0);
    assert_int_equal(pm_store_forget_notes(postgres, 1000, 100, world_soon(), &gone), PM_OK);
    assert_int_equal(gone, 1);
    assert_int_equal(pm_store_forget_notes(sqlite, 1000, 100, world_soon(), &gone), PM_OK);
    assert_int_equal(pm_store_paths(postgres, here->arena, PM_LIT("linux"), PM_LIT("3/file1.c"),
                                    world_soon(), &paths, &count),
                     PM_OK);
    assert_int_equal(count, 1);
    assert_true(pm_slice_equal(paths[0], PM_LIT("core/3/file1.c")));
    assert_int_equal(pm_store_forget_paths(postgres, 120 * 86400, 1000, world_soon(), &gone),
                     PM_OK);
    assert_true(gone > 0);
    assert_int_equal(pm_store_forget_paths(sqlite, 120 * 86400, 1000, world_soon(), &gone), PM_OK);
    world_same(world_dump(postgres, here->arena), world_dump(sqlite, here->arena), 0);
    assert_int_equal(pm_store_size(postgres, world_soon(), &size), PM_OK);
    assert_true(size > 0);
    pm_store_close(postgres);
    pm_store_close(sqlite);
    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    assert_int_equal(system(command), 0);
}

static void *open_and_close(void *context)
{
    pm_errors *errors = pm_errors_new();
    pm_store *store = pm_store_open(context, false, errors);
    bool fine = store != NULL && pm_warnings_count(errors) == 0;

    pm_store_close(store);
    pm_errors_free(errors);
    return fine ? context : NULL;
}

static void tables_are_made_once_by_many_at_once(void **state)
{
    place *here = *state;
    pthread_t threads[6];
    void *done;

    need_server();
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, open_and_close, here->where), 0);
    for (size_t i = 0; i < 6; i++) {
        pthread_join(threads[i], &done);
        assert_non_null(done);
    }
}

static void a_store_of_a_newer_format_is_refused(void **state)
{
    place *here = *state;

    need_server();
    pm_store_close(open_store(here));
    order_server(conninfo(here), "INSERT INTO patchmark_format VALUES (99)");
    assert_null(pm_store_open(here->where, false, here->errors));
    assert_non_null(strstr(pm_errors_nth(here->errors, 0), "newer format"));
}

static void an_empty_database_is_not_written_by_who_only_reads(void **state)
{
    place *here = *state;

    need_server();
    assert_null(pm_store_open(here->where, true, here->errors));
    assert_non_null(strstr(pm_errors_nth(here->errors, 0), "it is empty"));
}

static void a_locked_table_answers_at_the_deadline(void **state)
{
    place *here = *state;
    pm_store *store;
    PGconn *other;
    pm_series series;
    world mail;

    need_server();
    world_make(&mail, here->arena);
    store = open_store(here);
    other = PQconnectdb(conninfo(here));
    PQclear(PQexec(other, "BEGIN; LOCK TABLE series IN ACCESS EXCLUSIVE MODE"));
    assert_int_equal(pm_store_remember(store, &mail.memos[0], pm_clock_us() + 50000), PM_LATER);
    assert_int_equal(pm_store_series(store, here->arena, mail.memos[0].series.id,
                                     pm_clock_us() + 50000, &series),
                     PM_LATER);
    PQclear(PQexec(other, "ROLLBACK"));
    PQfinish(other);
    /* What was asked for is written now, or was already. */
    for (int64_t until = world_soon(); pm_store_series(store, here->arena, mail.memos[0].series.id,
                                                       world_soon(), &series) != PM_OK;)
        assert_true(pm_clock_us() < until);
    pm_store_close(store);
}

/* The server goes away, and comes back: calls answer PM_LATER meanwhile, soon; what could not be
 * written then is written afterwards. */
static void a_server_that_went_away_is_found_again(void **state)
{
    place *here = *state;
    const struct timespec nap = {0, 20000000};
    pm_store *store;
    pm_series series;
    pm_store_state how;
    pm_slice id;
    world mail;

    need_server();
    world_make(&mail, here->arena);
    store = open_store(here);
    assert_int_equal(pm_store_remember(store, &mail.memos[0], world_soon()), PM_OK);
    stop_server(SIGQUIT);
    assert_int_equal(pm_store_remember(store, &mail.memos[1], pm_clock_us() + 100000), PM_LATER);
    assert_int_equal(pm_store_reference(store, here->arena, mail.memos[0].message_id,
                                        pm_clock_us() + 100000, &id, NULL),
                     PM_LATER);
    for (int64_t until = world_soon(); pm_store_get_state(store, &how), !how.away;) {
        assert_true(pm_clock_us() < until);
        nanosleep(&nap, NULL);
    }
    assert_non_null(strstr(how.reason, "PostgreSQL"));
    /* Nobody waits any more: the deadline is in an hour. */
    assert_int_equal(pm_store_remember(store, &mail.memos[2], pm_clock_us() + 3600000000),
                     PM_LATER);
    start_server();
    for (int64_t until = world_soon();
         pm_store_reference(store, here->arena, mail.memos[2].message_id, world_soon(), &id,
                            NULL) != PM_OK;) {
        assert_true(pm_clock_us() < until);
        nanosleep(&nap, NULL);
    }
    assert_int_equal(
        pm_store_reference(store, here->arena, mail.memos[1].message_id, world_soon(), &id, NULL),
        PM_OK);
    assert_int_equal(pm_store_series(store, here->arena, id, world_soon(), &series), PM_OK);
    assert_int_equal(series.title_count, 9);
    pm_store_close(store);
}

/* A server that takes connections and says nothing. */
static void a_server_that_does_not_answer_costs_no_more_than_the_deadline(void **state)
{
    place *here = *state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char folder[] = "/tmp/patchmark-mute-XXXXXX";
    int mute = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    pm_store *store;
    pm_slice id;

    assert_non_null(mkdtemp(folder));
    snprintf(address.sun_path, sizeof(address.sun_path), "%s/.s.PGSQL.5432", folder);
    assert_int_equal(bind(mute, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(mute, 50), 0);
    snprintf(here->where, sizeof(here->where), "postgres:host=%s user=x dbname=x", folder);
    store = pm_store_open(here->where, false, here->errors);
    assert_non_null(store);
    assert_int_equal(pm_warnings_count(here->errors), 1);
    assert_int_equal(pm_store_reference(store, here->arena, PM_LIT("a@example.org"),
                                        pm_clock_us() + 30000, &id, NULL),
                     PM_LATER);
    close(mute);
    pm_store_close(store);
    unlink(address.sun_path);
    rmdir(folder);
}

static void a_wrong_connection_string_is_refused(void **state)
{
    place *here = *state;

    assert_null(pm_store_open("postgres:hots=nowhere", false, here->errors));
    assert_non_null(strstr(pm_errors_nth(here->errors, 0), "hots"));
}

static void bytes_that_are_no_text_spoil_nothing(void **state)
{
    place *here = *state;
    pm_store *store;
    pm_memo memo;
    pm_slice id;
    world mail;

    need_server();
    world_make(&mail, here->arena);
    store = open_store(here);
    memo = mail.memos[0];
    memo.series.title = (pm_slice){"caf\xe9 \0!", 7};
    assert_int_equal(pm_store_remember(store, &memo, world_soon()), PM_OK);
    memo.message_id = (pm_slice){"\xff@example.org", 13};
    assert_int_equal(pm_store_remember(store, &memo, world_soon()), PM_FAULT);
    assert_int_equal(
        pm_store_reference(store, here->arena, memo.message_id, world_soon(), &id, NULL),
        PM_ABSENT);
    pm_store_close(store);
}

#define POSTGRES_TEST(name) cmocka_unit_test_setup_teardown(name, make_place, drop_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        POSTGRES_TEST(it_remembers_what_sqlite_remembers),
        POSTGRES_TEST(a_store_of_the_first_format_is_migrated),
        POSTGRES_TEST(two_exchangers_on_one_server_agree),
        POSTGRES_TEST(tables_are_made_once_by_many_at_once),
        POSTGRES_TEST(a_store_of_a_newer_format_is_refused),
        POSTGRES_TEST(an_empty_database_is_not_written_by_who_only_reads),
        POSTGRES_TEST(a_locked_table_answers_at_the_deadline),
        POSTGRES_TEST(bytes_that_are_no_text_spoil_nothing),
        POSTGRES_TEST(a_server_that_went_away_is_found_again),
        POSTGRES_TEST(a_server_that_does_not_answer_costs_no_more_than_the_deadline),
        POSTGRES_TEST(a_wrong_connection_string_is_refused),
    };

    return cmocka_run_group_tests(tests, make_server, drop_server);
}
