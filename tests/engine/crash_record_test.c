/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * crash_record_test - who was in a plugin when the process ended, told by the process after it.
 *
 * The one that ends is a child of the test; what it leaves behind is a file.
 */
#include "crash_record.h"

#include "folder.h"
#include "logged.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct scratch {
    char folder[FOLDER_NAME], file[96];
} scratch;

static int set_up(void **state)
{
    scratch *of = calloc(1, sizeof(*of));

    folder_make(of->folder);
    snprintf(of->file, sizeof(of->file), "%s/crashes", of->folder);
    logged_begin();
    *state = of;
    return 0;
}

static int tear_down(void **state)
{
    scratch *of = *state;

    logged_end();
    folder_remove(of->folder);
    free(of);
    return 0;
}

static pm_crash_record *open_record(const scratch *of)
{
    pm_errors *errors = pm_errors_new();
    pm_crash_record *record = pm_crash_record_open(of->file, errors);

    if (record == NULL)
        fail_msg("%s", pm_errors_nth(errors, 0));
    pm_errors_free(errors);
    return record;
}

/* ---- Ends a process can have ---- */

static void fault(void)
{
    /* Sent, not caused: the compiler may not think about it. */
    raise(SIGSEGV);
}

static void be_killed(void)
{
    raise(SIGKILL);
}

static volatile char sink;

__attribute__((noinline)) static void dive(unsigned depth)
{
    volatile char room[4096];

    room[depth % sizeof(room)] = (char)depth;
    if (depth < UINT32_MAX) /* never reached: the stack is far smaller */
        dive(depth + 1);
    sink = room[0];
}

static void fill_the_stack(void)
{
    dive(0);
}

static void end_properly(void)
{
}

/* A process that ends while it shows a message to the plugin; the plugin beside it is at another.
 */
static void die(const scratch *of, const char *version, const char *message_id, void (*end)(void))
{
    const pid_t child = fork();
    int status;

    assert_true(child >= 0);
    if (child == 0) {
        pm_crash_record *record = pm_crash_record_open(of->file, NULL);
        const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

        dup2(null, STDERR_FILENO);
        signal(SIGSEGV, SIG_DFL); /* cmocka would go on with the next test */
        pm_crash_record_catch(record);
        pm_crash_record_enter(record, pm_crash_record_plugin(record, "beside", "1"),
                              pm_slice_of("other@example.org"));
        pm_crash_record_enter(record, pm_crash_record_plugin(record, "puppet", version),
                              pm_slice_of(message_id));
        end();
        pm_crash_record_end(record);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(end == end_properly || !WIFEXITED(status) || WEXITSTATUS(status) != 0);
}

static unsigned strikes(pm_crash_record *record, const char *name, const char *version)
{
    return pm_crash_record_strikes(record, pm_crash_record_plugin(record, name, version));
}

static bool blames(pm_crash_record *record, const char *name, const char *message_id)
{
    return pm_crash_record_blames(record, pm_crash_record_plugin(record, name, "1"),
                                  pm_slice_of(message_id));
}

/* ---- What is told of them ---- */

static void a_crash_is_told_with_the_plugin_and_the_message(void **state)
{
    scratch *of = *state;
    pm_crash_record *record;

    die(of, "1", "bad@example.org", fault);
    record = open_record(of);
    assert_true(blames(record, "puppet", "bad@example.org"));
    assert_false(blames(record, "puppet", "good@example.org"));
    assert_int_equal(strikes(record, "puppet", "1"), 1);
    assert_non_null(strstr(logged(), "plugin=puppet mid=bad@example.org signal=SEGV"));
    pm_crash_record_close(record);
}

static void those_beside_the_one_that_crashed_are_not_blamed(void **state)
{
    scratch *of = *state;
    pm_crash_record *record;

    die(of, "1", "bad@example.org", fault);
    record = open_record(of);
    assert_false(blames(record, "beside", "other@example.org"));
    assert_int_equal(strikes(record, "beside", "1"), 0);
    assert_null(strstr(logged(), "plugin=beside"));
    pm_crash_record_close(record);
}

static void a_stack_that_overflows_is_a_crash_too(void **state)
{
    scratch *of = *state;
    pm_crash_record *record;

    die(of, "1", "deep@example.org", fill_the_stack);
    record = open_record(of);
    assert_true(blames(record, "puppet", "deep@example.org"));
    pm_crash_record_close(record);
}

static void a_process_that_is_killed_accuses_nobody(void **state)
{
    scratch *of = *state;
    pm_crash_record *record;

    die(of, "1", "first@example.org", be_killed);
    die(of, "1", "second@example.org", be_killed);
    record = open_record(of);
    assert_false(blames(record, "puppet", "first@example.org"));
    assert_false(blames(record, "puppet", "second@example.org"));
    assert_int_equal(strikes(record, "puppet", "1"), 0);
    assert_non_null(strstr(logged(), "ended without a word"));
    pm_crash_record_close(record);
}

static void killed_twice_at_the_same_message_may_be_an_accident(void **state)
{
    scratch *of = *state;
    pm_crash_record *record;

    die(of, "1", "tried-again@example.org", be_killed);
    die(of, "1", "tried-again@example.org", be_killed);
    record = open_record(of);
    assert_false(blames(record, "puppet", "tried-again@example.org"));
    assert_int_equal(strikes(record, "puppet", "1"), 0);
    pm_crash_record_close(record);
}

static void killed_three_times_at_the_same_message_is_no_accident(void **state)
{
    scratch *of = *state;
    pm_crash_record *record;

    for (int i = 0; i < 3; i++)
        die(of, "1", "huge@example.org", be_killed);
    record = open_record(of);
    assert_true(blames(record, "puppet", "huge@example.org"));
    assert_int_equal(strikes(record, "puppet", "1"), 1);
    assert_non_null(strstr(logged(), "each time patchmarkd ended without a word"));
    pm_crash_record_close(record);
}

static void who_came_out_alive_in_between_is_not_blamed(void **state)
{
    scratch *of = *state;
    pm_crash_record *record;
    int plugin;

    for (int i = 0; i < 2; i++)
        die(of, "1", "slow@example.org", be_killed);
    record = open_record(of);
    plugin = pm_crash_record_plugin(record, "puppet", "1");
    pm_crash_record_leave(record,
                          pm_crash_record_enter(record, plugin, PM_LIT("slow@example.org")));
    pm_crash_record_close(record);
    die(of, "1", "slow@example.org", be_killed);
    record = open_record(of);
    assert_false(blames(record, "puppet", "slow@example.org"));
    pm_crash_record_close(record);
}

static void who_crashed_with_a_message_stays_blamed_for_it(void **state)
{
    scratch *of = *state;
    pm_crash_record *record;
    int plugin;

    die(of, "1", "bad@example.org", fault);
    record = open_record(of);
    plugin = pm_crash_record_plugin(record, "puppet", "1");
    pm_crash_record_leave(record, pm_crash_record_enter(record, plugin, PM_LIT("bad@example.org")));
    assert_true(blames(record, "puppet", "bad@example.org"));
    pm_crash_record_close(record);
}

static void messages_without_an_id_are_not_taken_for_one_that_kills(void **state)
{
    scratch *of = *state;
    pm_crash_record *record;

    for (int i = 0; i < 4; i++)
        die(of, "1", "", be_killed);
    record = open_record(of);
    assert_false(blames(record, "puppet", ""));
    assert_int_equal(strikes(record, "puppet", "1"), 0);
    pm_crash_record_close(record);
}

static void a_proper_end_in_the_middle_of_a_message_blames_nobody(void **state)
{
    scratch *of = *state;
    pm_crash_record *record;

    die(of, "1", "late@example.org", end_properly);
    die(of, "1", "late@example.org", end_properly);
    record = open_record(of);
    assert_false(blames(record, "puppet", "late@example.org"));
    assert_string_equal(logged(), "");
    pm_crash_record_close(record);
}

static void three_crashes_are_counted_and_a_new_version_begins_again(void **state)
{
    scratch *of = *state;
    pm_crash_record *record;

    die(of, "1", "a@example.org", fault);
    die(of, "1", "b@example.org", fault);
    die(of, "1", "c@example.org", fault);
    record = open_record(of);
    assert_int_equal(strikes(record, "puppet", "1"), 3);
    assert_int_equal(strikes(record, "puppet", "2"), 0);
    assert_false(blames(record, "puppet", "a@example.org"));
    pm_crash_record_close(record);
}

static void who_has_left_is_not_blamed(void **state)
{
    scratch *of = *state;
    pm_crash_record *record = open_record(of);
    const int plugin = pm_crash_record_plugin(record, "puppet", "1");
    const int visit = pm_crash_record_enter(record, plugin, PM_LIT("done@example.org"));

    assert_true(visit >= 0);
    pm_crash_record_leave(record, visit);
    pm_crash_record_close(record);
    die(of, "1", "bad@example.org", fault);
    record = open_record(of);
    assert_false(blames(record, "puppet", "done@example.org"));
    pm_crash_record_close(record);
}

static void a_file_that_is_none_of_ours_is_made_anew(void **state)
{
    scratch *of = *state;
    pm_crash_record *record;
    FILE *file = fopen(of->file, "we");

    for (int i = 0; i < 200000; i++)
        fputc(i % 251, file);
    fclose(file);
    record = open_record(of);
    assert_int_equal(strikes(record, "puppet", "1"), 0);
    assert_string_equal(logged(), "");
    pm_crash_record_close(record);
}

static void two_processes_do_not_share_a_record(void **state)
{
    scratch *of = *state;
    pm_crash_record *record = open_record(of);
    pm_errors *errors = pm_errors_new();

    assert_null(pm_crash_record_open(of->file, errors));
    assert_non_null(strstr(pm_errors_nth(errors, 0), "is patchmarkd running twice?"));
    assert_null(pm_crash_record_open("/nowhere/crashes", errors));
    assert_non_null(strstr(pm_errors_nth(errors, 1), "/nowhere/crashes"));
    pm_errors_free(errors);
    pm_crash_record_close(record);
}

static void must_refuse(const scratch *of, const char *why)
{
    pm_errors *errors = pm_errors_new();

    assert_null(pm_crash_record_open(of->file, errors));
    if (strstr(pm_errors_nth(errors, 0), why) == NULL)
        fail_msg("\"%s\" expected: %s", why, pm_errors_nth(errors, 0));
    pm_errors_free(errors);
}

/* One who cuts it short ends us. */
static void a_file_that_others_could_write_is_not_mapped(void **state)
{
    scratch *of = *state;
    const char *other = folder_write(of->folder, "other", "");

    pm_crash_record_close(open_record(of));
    assert_int_equal(chmod(of->file, 0620), 0);
    must_refuse(of, "others may write it");
    assert_int_equal(chmod(of->file, 0600), 0);
    if (geteuid() == 0) {
        assert_int_equal(chown(of->file, 1, (gid_t)-1), 0);
        must_refuse(of, "belongs to another user");
    }
    assert_int_equal(unlink(of->file), 0);

    /* Its name leads to what is kept for something else. */
    assert_int_equal(link(other, of->file), 0);
    must_refuse(of, "has other names");
    assert_int_equal(unlink(of->file), 0);
    assert_int_equal(symlink(other, of->file), 0);
    must_refuse(of, "cannot be kept");
    assert_int_equal(unlink(of->file), 0);
    assert_int_equal(mkfifo(of->file, 0600), 0);
    must_refuse(of, "no regular file");
    assert_string_equal(logged(), "");
}

static void no_room_means_unwatched_not_refused(void **state)
{
    scratch *of = *state;
    pm_crash_record *record = open_record(of);
    int plugin = pm_crash_record_plugin(record, "puppet", "1");
    char name[16];

    for (int i = 0; i < 256; i++)
        assert_int_equal(pm_crash_record_enter(record, plugin, PM_LIT("m@example.org")), i);
    assert_int_equal(pm_crash_record_enter(record, plugin, PM_LIT("m@example.org")), -1);
    pm_crash_record_leave(record, -1);
    pm_crash_record_leave(record, 7);
    assert_int_equal(pm_crash_record_enter(record, plugin, PM_LIT("m@example.org")), 7);

    for (int i = 0; i < 63; i++) {
        snprintf(name, sizeof(name), "p%d", i);
        assert_true(pm_crash_record_plugin(record, name, "1") >= 0);
    }
    plugin = pm_crash_record_plugin(record, "one-more", "1");
    assert_int_equal(plugin, -1);
    assert_int_equal(pm_crash_record_strikes(record, plugin), 0);
    assert_false(pm_crash_record_blames(record, plugin, PM_LIT("m@example.org")));
    assert_int_equal(pm_crash_record_enter(record, plugin, PM_LIT("m@example.org")), -1);
    pm_crash_record_close(record);
}

static void *come_and_go(void *argument)
{
    pm_crash_record *record = argument;
    const int plugin = 0;

    for (int i = 0; i < 2000; i++)
        pm_crash_record_leave(record,
                              pm_crash_record_enter(record, plugin, PM_LIT("m@example.org")));
    return NULL;
}

static void threads_come_and_go_at_once(void **state)
{
    scratch *of = *state;
    pm_crash_record *record = open_record(of);
    pthread_t threads[8];

    pm_crash_record_plugin(record, "puppet", "1");
    for (int i = 0; i < 8; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, come_and_go, record), 0);
    for (int i = 0; i < 8; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(pm_crash_record_enter(record, 0, PM_LIT("last@example.org")), 0);
    pm_crash_record_close(record);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    static const struct CMUnitTest tests[] = {
        TEST(a_crash_is_told_with_the_plugin_and_the_message),
        TEST(those_beside_the_one_that_crashed_are_not_blamed),
        TEST(a_stack_that_overflows_is_a_crash_too),
        TEST(a_process_that_is_killed_accuses_nobody),
        TEST(killed_twice_at_the_same_message_may_be_an_accident),
        TEST(killed_three_times_at_the_same_message_is_no_accident),
        TEST(who_came_out_alive_in_between_is_not_blamed),
        TEST(who_crashed_with_a_message_stays_blamed_for_it),
        TEST(messages_without_an_id_are_not_taken_for_one_that_kills),
        TEST(a_proper_end_in_the_middle_of_a_message_blames_nobody),
        TEST(three_crashes_are_counted_and_a_new_version_begins_again),
        TEST(who_has_left_is_not_blamed),
        TEST(a_file_that_is_none_of_ours_is_made_anew),
        TEST(two_processes_do_not_share_a_record),
        TEST(a_file_that_others_could_write_is_not_mapped),
        TEST(no_room_means_unwatched_not_refused),
        TEST(threads_come_and_go_at_once),
    };

    return cmocka_run_group_tests_name("crash_record", tests, NULL, NULL);
}
