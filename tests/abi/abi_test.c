/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * abi_test - plugins of other days in today's host: the first one there was, ones that are newer
 * and say that they can do without, ones that cannot.
 *
 * The modules are plugin_1_0.c compiled with other versions in its descriptor; see CMakeLists.txt.
 */
#include "clock.h"
#include "plugin_host.h"
#include "plugin_load.h"
#include "snapshot.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char mail[] = "Subject: [PATCH v3 0/1] widget: count\nTo: dev@example.org\n\nText.\n";

static pm_snapshot *load(const char *text)
{
    const pm_snapshot_options options = {.text = text};
    pm_errors *errors = pm_errors_new();
    pm_snapshot *snapshot = pm_snapshot_load(&options, errors);

    for (size_t i = 0; pm_errors_nth(errors, i) != NULL; i++)
        print_error("%s\n", pm_errors_nth(errors, i));
    assert_non_null(snapshot);
    pm_errors_free(errors);
    return snapshot;
}

/* Everything the plugin of the first day does, in a host of today. */
static void a_plugin_built_for_1_0_loads_and_works(void **state)
{
    pm_snapshot *snapshot = load("plugin-directory \"" MODULES "\"\n"
                                 "plugins plugin-1-0\n"
                                 "plugin plugin-1-0 { least 12; moods glad sad }\n"
                                 "project widget { lists dev.example.org }\n");
    pm_message *message = pm_message_new(NULL);
    const pm_found *found;
    pm_letter *letter;
    pm_facts facts;

    (void)state;
    pm_message_read(message, PM_LIT(mail));
    assert_int_equal(pm_letter_read(message, NULL, &letter), PM_OK);
    pm_facts_init(&facts, pm_message_arena(message), snapshot->vocabulary);
    assert_int_equal(pm_plugin_scan(snapshot->plugins[0], letter, &facts, NULL,
                                    pm_clock_us() + 10 * 1000 * 1000, PM_EMPTY),
                     PM_OK);
    assert_int_equal(facts.count, 2);
    found = pm_facts_nth(&facts, PM_LIT("old.title"), 0);
    assert_non_null(found);
    assert_true(pm_slice_equal(found->text, PM_LIT("widget: count!")));
    assert_true(pm_slice_equal(found->reason, PM_LIT("as ever")));
    assert_true(found->weight == 2.5);
    found = pm_facts_nth(&facts, PM_LIT("old.sum"), 0);
    assert_non_null(found);
    assert_int_equal(found->number, 3012);
    pm_message_free(message);
    pm_snapshot_unref(snapshot);
}

static void versions_that_do_not_fit_are_refused_by_name(void **state)
{
    static const struct {
        const char *name, *sentence;
    } cases[] = {
        {"plugin-1-99", "refused: plugin-1-99 wants plugin ABI 1.99, this host offers 1."},
        {"plugin-2-0", "refused: plugin-2-0 wants plugin ABI 2.0, this host offers 1."},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pm_errors *errors = pm_errors_new();

        assert_null(pm_plugin_load(MODULES, pm_slice_of(cases[i].name), NULL, errors));
        if (strstr(pm_errors_nth(errors, 0), cases[i].sentence) == NULL)
            fail_msg("\"%s\" was said", pm_errors_nth(errors, 0));
        pm_errors_free(errors);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plugin_built_for_1_0_loads_and_works),
        cmocka_unit_test(versions_that_do_not_fit_are_refused_by_name),
    };

    return cmocka_run_group_tests_name("abi", tests, NULL, NULL);
}
