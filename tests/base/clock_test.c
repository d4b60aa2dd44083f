/* SPDX-License-Identifier: BSD-2-Clause */
/* clock_test - two clocks, each in microseconds. */
#include "clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>

#include <cmocka.h>

static void the_clock_for_durations_never_goes_back(void **state)
{
    int64_t before = pm_clock_us();

    (void)state;
    for (int i = 0; i < 10000; i++) {
        int64_t now = pm_clock_us();

        assert_true(now >= before);
        before = now;
    }
}

static void durations_are_in_microseconds(void **state)
{
    const struct timespec pause = {.tv_nsec = 3000000};
    int64_t before = pm_clock_us();

    (void)state;
    /* At least this long, and nothing said about how much longer. */
    assert_int_equal(nanosleep(&pause, NULL), 0);
    assert_true(pm_clock_us() - before >= 3000);
}

static void the_wall_clock_is_the_time_of_day(void **state)
{
    time_t before = time(NULL);
    int64_t now = pm_clock_wall_us();
    time_t after = time(NULL);

    (void)state;
    /* time(2) may lag a tick behind. */
    assert_true(now / 1000000 >= before);
    assert_true(now / 1000000 <= after + 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_clock_for_durations_never_goes_back),
        cmocka_unit_test(durations_are_in_microseconds),
        cmocka_unit_test(the_wall_clock_is_the_time_of_day),
    };

    return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
