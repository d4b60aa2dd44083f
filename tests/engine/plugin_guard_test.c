/* SPDX-License-Identifier: BSD-2-Clause */
/* plugin_guard_test - when a plugin is left out, for how long, and what brings it back. Time is
 * what the test says it is. */
#include "plugin_guard.h"

#include "folder.h"
#include "log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define BUDGET ((int64_t)100 * 1000)
#define SECOND ((int64_t)1000 * 1000)

typedef struct bench {
    pm_guard *guard;
    pm_guarded *plugin;
    int64_t now;
} bench;

static int set_up(void **state)
{
    bench *of = calloc(1, sizeof(*of));

    pm_log_set_output(open("/dev/null", O_WRONLY | O_CLOEXEC), false);
    of->guard = pm_guard_new();
    of->plugin = pm_guard_plugin(of->guard, "puppet", "1", BUDGET);
    of->now = 1000 * SECOND;
    *state = of;
    return 0;
}

static int tear_down(void **state)
{
    bench *of = *state;

    pm_guard_free(of->guard);
    free(of);
    return 0;
}

static pm_admission enter(bench *of, pm_visit *visit)
{
    return pm_guard_enter(of->plugin, PM_LIT("m@example.org"), of->now, visit);
}

/* One message that takes so long; what the guard said at its door. */
static pm_admission scan(bench *of, int64_t takes_us)
{
    pm_visit visit;
    const pm_admission said = enter(of, &visit);

    if (said != PM_ADMITTED)
        return said;
    of->now += takes_us;
    pm_guard_leave(of->plugin, &visit, PM_OK, of->now, 0);
    return said;
}

static pm_guarded_state state_of(const bench *of)
{
    pm_guarded_state state;

    assert_true(pm_guard_nth(of->guard, 0, of->now, &state));
    return state;
}

static void make_it_pause(bench *of)
{
    for (int i = 0; i < 5; i++)
        assert_int_equal(scan(of, 2 * BUDGET), PM_ADMITTED);
    assert_true(state_of(of).paused);
}

static void a_plugin_within_its_time_is_always_asked(void **state)
{
    bench *of = *state;

    for (int i = 0; i < 10000; i++)
        assert_int_equal(scan(of, BUDGET), PM_ADMITTED);
    assert_int_equal(state_of(of).scans, 10000);
    assert_int_equal(state_of(of).overruns, 0);
    assert_int_equal(state_of(of).spent_us, 10000 * BUDGET);
}

static void one_slow_scan_in_a_thousand_is_forgiven(void **state)
{
    bench *of = *state;

    for (int i = 0; i < 100 * 1000; i++)
        assert_int_equal(scan(of, i % 1000 == 0 ? 3 * BUDGET : 10), PM_ADMITTED);
    assert_int_equal(state_of(of).overruns, 100);
}

static void slow_again_and_again_is_left_out_and_tried_later(void **state)
{
    bench *of = *state;

    make_it_pause(of);
    assert_int_equal(scan(of, 10), PM_PAUSED);
    of->now += SECOND - 1;
    assert_int_equal(scan(of, 10), PM_PAUSED);
    of->now += 1;
    assert_int_equal(scan(of, 10), PM_ADMITTED);
    assert_false(state_of(of).paused);
    assert_int_equal(scan(of, 10), PM_ADMITTED);
    assert_int_equal(state_of(of).refused, 2);
}

static void only_one_message_tries_it(void **state)
{
    bench *of = *state;
    pm_visit trial, other;

    make_it_pause(of);
    of->now += SECOND;
    assert_int_equal(enter(of, &trial), PM_ADMITTED);
    assert_int_equal(enter(of, &other), PM_PAUSED);
    pm_guard_leave(of->plugin, &trial, PM_OK, of->now + 10, 0);
    assert_int_equal(enter(of, &other), PM_ADMITTED);
    pm_guard_leave(of->plugin, &other, PM_OK, of->now + 10, 0);
}

static void each_failed_trial_doubles_the_pause_up_to_five_minutes(void **state)
{
    bench *of = *state;
    int64_t pause = SECOND;

    make_it_pause(of);
    for (int i = 0; i < 12; i++) {
        of->now += pause;
        assert_int_equal(scan(of, 2 * BUDGET), PM_ADMITTED);
        pause = pause * 2 > 300 * SECOND ? 300 * SECOND : pause * 2;
        of->now += pause - 1;
        assert_int_equal(scan(of, 10), PM_PAUSED);
        of->now -= pause - 1;
    }
}

static void scans_that_never_end_keep_others_out(void **state)
{
    bench *of = *state;
    pm_visit first, second, third;

    assert_int_equal(enter(of, &first), PM_ADMITTED);
    assert_int_equal(enter(of, &second), PM_ADMITTED);
    of->now += 11 * BUDGET;
    assert_int_equal(enter(of, &third), PM_PAUSED);
    assert_int_equal(state_of(of).stuck, 2);
    of->now += 1000 * SECOND; /* still inside: no trial would end any better */
    assert_int_equal(enter(of, &third), PM_PAUSED);
    pm_guard_leave(of->plugin, &first, PM_OK, of->now, 0);
    pm_guard_leave(of->plugin, &second, PM_OK, of->now, 0);
    of->now += SECOND;
    assert_int_equal(scan(of, 10), PM_ADMITTED);
    assert_int_equal(state_of(of).stuck, 0);
}

static void time_spent_waiting_for_others_is_excused(void **state)
{
    bench *of = *state;
    pm_visit visit;

    for (int i = 0; i < 100; i++) {
        assert_int_equal(enter(of, &visit), PM_ADMITTED);
        of->now += 2 * BUDGET;
        pm_guard_leave(of->plugin, &visit, PM_LATER, of->now, 2 * BUDGET);
    }
    assert_int_equal(state_of(of).overruns, 0);
    assert_int_equal(state_of(of).faults, 100);
}

static void a_reload_forgives_nothing(void **state)
{
    bench *of = *state;

    make_it_pause(of);
    assert_ptr_equal(pm_guard_plugin(of->guard, "puppet", "1", BUDGET), of->plugin);
    assert_int_equal(scan(of, 10), PM_PAUSED);
}

static void without_a_guard_everybody_is_admitted(void **state)
{
    pm_visit visit;

    (void)state;
    assert_null(pm_guard_plugin(NULL, "puppet", "1", BUDGET));
    assert_int_equal(pm_guard_enter(NULL, PM_LIT("m@example.org"), 1, &visit), PM_ADMITTED);
    pm_guard_leave(NULL, &visit, PM_OK, 2, 0);
    pm_guard_end(NULL);
    pm_guard_free(NULL);
}

static void a_file_that_cannot_be_kept_is_an_error_and_mail_goes_on(void **state)
{
    bench *of = *state;
    pm_errors *errors = pm_errors_new();

    assert_false(pm_guard_remember_in(of->guard, "/nowhere/crashes", errors));
    assert_int_equal(pm_errors_count(errors), 1);
    assert_int_equal(scan(of, 10), PM_ADMITTED);
    pm_errors_free(errors);
}

/* ---- Crashes ---- */

typedef enum moment { MOMENT_OPENING, MOMENT_MAIL } moment;

/* A process that ends in the plugin, of which the file knows then. */
static void crash(const char *file, moment when, const char *message_id)
{
    const pid_t child = fork();
    int status;

    assert_true(child >= 0);
    if (child == 0) {
        pm_guard *guard = pm_guard_new();
        pm_guarded *plugin;
        pm_visit visit;

        signal(SIGSEGV, SIG_DFL); /* cmocka would go on with the next test */
        (void)pm_guard_remember_in(guard, file, NULL);
        plugin = pm_guard_plugin(guard, "puppet", "1", BUDGET);
        if (when == MOMENT_OPENING)
            (void)pm_guard_enter_opening(plugin, &visit);
        else
            (void)pm_guard_enter(plugin, pm_slice_of(message_id), 1, &visit);
        raise(SIGSEGV); /* sent, not caused: the compiler may not think about it */
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
}

/* What the process after them lets it do: be opened, and see a message. */
static void is_let(const char *file, pm_admission open, pm_admission scan)
{
    pm_guard *guard = pm_guard_new();
    pm_guarded *plugin;
    pm_visit visit;

    assert_true(pm_guard_remember_in(guard, file, NULL));
    plugin = pm_guard_plugin(guard, "puppet", "1", BUDGET);
    assert_int_equal(pm_guard_enter_opening(plugin, &visit), open);
    if (open == PM_ADMITTED)
        pm_guard_leave_opening(plugin, &visit);
    assert_int_equal(pm_guard_enter(plugin, PM_LIT("other@example.org"), 1, &visit), scan);
    if (scan == PM_ADMITTED)
        pm_guard_leave(plugin, &visit, PM_OK, 2, 0);
    pm_guard_free(guard);
}

static void what_mail_made_crash_is_opened_and_shown_no_mail(void **state)
{
    char folder[FOLDER_NAME];
    const char *file;

    (void)state;
    folder_make(folder);
    file = folder_file(folder, "crashes");
    crash(file, MOMENT_MAIL, "1@example.org");
    crash(file, MOMENT_MAIL, "2@example.org");
    is_let(file, PM_ADMITTED, PM_ADMITTED);
    crash(file, MOMENT_MAIL, "3@example.org");
    is_let(file, PM_ADMITTED, PM_SWITCHED_OFF);
    folder_remove(folder);
}

static void what_crashed_as_it_was_opened_is_opened_three_times(void **state)
{
    char folder[FOLDER_NAME];
    const char *file;

    (void)state;
    folder_make(folder);
    file = folder_file(folder, "crashes");
    crash(file, MOMENT_OPENING, NULL);
    crash(file, MOMENT_OPENING, NULL);
    is_let(file, PM_ADMITTED, PM_ADMITTED);
    crash(file, MOMENT_OPENING, NULL);
    is_let(file, PM_SWITCHED_OFF, PM_SWITCHED_OFF);
    folder_remove(folder);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    static const struct CMUnitTest tests[] = {
        TEST(a_plugin_within_its_time_is_always_asked),
        TEST(one_slow_scan_in_a_thousand_is_forgiven),
        TEST(slow_again_and_again_is_left_out_and_tried_later),
        TEST(only_one_message_tries_it),
        TEST(each_failed_trial_doubles_the_pause_up_to_five_minutes),
        TEST(scans_that_never_end_keep_others_out),
        TEST(time_spent_waiting_for_others_is_excused),
        TEST(a_reload_forgives_nothing),
        TEST(without_a_guard_everybody_is_admitted),
        TEST(a_file_that_cannot_be_kept_is_an_error_and_mail_goes_on),
        TEST(what_mail_made_crash_is_opened_and_shown_no_mail),
        TEST(what_crashed_as_it_was_opened_is_opened_three_times),
    };

    return cmocka_run_group_tests_name("plugin_guard", tests, NULL, NULL);
}
