/* SPDX-License-Identifier: BSD-2-Clause */
/* foreign_test - what came with the mail under our prefix is counted, however much it is. */
#include "foreign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static unsigned known(const pm_foreign *of)
{
    const pm_foreign_name *name;
    unsigned count = 0;

    for (size_t i = 0; (name = pm_foreign_nth(of, i)) != NULL; i++)
        count += name->count;
    return count;
}

static void a_name_is_one_in_whatever_case(void **state)
{
    pm_foreign of = {.arena = NULL};

    (void)state;
    pm_foreign_begin(&of);
    assert_null(pm_foreign_nth(&of, 0));
    pm_foreign_add(&of, PM_LIT("Patchmark-Kind"));
    pm_foreign_add(&of, PM_LIT("Patchmark-Inbox"));
    pm_foreign_add(&of, PM_LIT("PATCHMARK-kind"));
    assert_string_equal(pm_foreign_nth(&of, 0)->name, "patchmark-kind");
    assert_int_equal(pm_foreign_nth(&of, 0)->count, 2);
    assert_string_equal(pm_foreign_nth(&of, 1)->name, "patchmark-inbox");
    assert_int_equal(pm_foreign_nth(&of, 1)->count, 1);
    assert_null(pm_foreign_nth(&of, 2));
    pm_foreign_end(&of);
}

static void the_next_message_begins_without_any(void **state)
{
    pm_foreign of = {.arena = NULL};

    (void)state;
    for (int i = 0; i < 3; i++) {
        pm_foreign_begin(&of);
        assert_null(pm_foreign_nth(&of, 0));
        assert_int_equal(of.seen, 0);
        pm_foreign_add(&of, PM_LIT("Patchmark-Kind"));
        assert_int_equal(pm_foreign_nth(&of, 0)->count, 1);
    }
    pm_foreign_end(&of);
}

static void past_the_limits_they_are_seen_and_not_known(void **state)
{
    static const unsigned lengths[] = {0, 1000}; /* the second one: past the memory for names */
    char name[1100];

    (void)state;
    for (size_t length = 0; length < 2; length++) {
        pm_foreign of = {.arena = NULL};

        pm_foreign_begin(&of);
        for (unsigned i = 0; i < 2 * PM_FOREIGN_MOST; i++) {
            snprintf(name, sizeof(name), "Patchmark-%0*u", (int)lengths[length], i % 5000);
            pm_foreign_add(&of, pm_slice_of(name));
        }
        assert_int_equal(of.seen, 2 * PM_FOREIGN_MOST);
        assert_in_range(known(&of), 100, PM_FOREIGN_MOST);
        pm_foreign_end(&of);
    }
}

static void without_memory_they_are_seen(void **state)
{
    pm_foreign of = {.arena = NULL};

    (void)state;
    pm_foreign_add(&of, PM_LIT("Patchmark-Kind"));
    assert_int_equal(of.seen, 1);
    assert_null(pm_foreign_nth(&of, 0));
    pm_foreign_end(&of);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_one_in_whatever_case),
        cmocka_unit_test(the_next_message_begins_without_any),
        cmocka_unit_test(past_the_limits_they_are_seen_and_not_known),
        cmocka_unit_test(without_memory_they_are_seen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
