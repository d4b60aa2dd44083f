/* SPDX-License-Identifier: BSD-2-Clause */
/* project_test - which project the plugin takes a letter for, how sure it is, and what it says. */
#include <harness.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

const pm_plugin *pm_plugin_entry_project(void);

/* Three projects that share a list, as kernel, tests and emulator do. */
static const char settings[] = "project companion {\n"
                               "    words companion companion-test\n"
                               "    lists shared@lists.example.org\n"
                               "    paths x86/tests.cfg\n"
                               "}\n"
                               "project kernel {\n"
                               "    words net-next \"6.*\"\n"
                               "    lists shared.lists.example.org *.lists.example.org\n"
                               "    paths arch/ drivers/ include/ Makefile\n"
                               "}\n"
                               "project kernel { paths mm/ }\n"
                               "project emulator {\n"
                               "    words emu\n"
                               "    lists emu@elsewhere.example.org\n"
                               "    paths hw/ include/hw/ Makefile\n"
                               "}\n";

static pm_bench *new_bench(void)
{
    pm_bench *bench = pm_bench_new(pm_plugin_entry_project(), settings);

    if (pm_bench_problem(bench) != NULL)
        fail_msg("%s", pm_bench_problem(bench));
    return bench;
}

static void add_path(pm_bench *bench, const char *path, const char *how)
{
    pm_bench_text(bench, "path", path);
    pm_bench_text(bench, "path.how", how);
}

static void check_weight(const pm_bench *bench, const char *project, double weight)
{
    const double got = pm_bench_weight_of(bench, "project", project) +
                       pm_bench_weight_of(bench, "project.other", project);

    if (got < weight - 0.001 || got > weight + 0.001)
        fail_msg("%s weighs %f, not %f", project, got, weight);
}

static void words_compare_without_case(void **state)
{
    static const struct {
        const char *word, *project;
    } cases[] = {{"companion", "companion"},
                 {"Companion-Test", "companion"},
                 {"NET-NEXT", "kernel"},
                 {"6.1", "kernel"},
                 {"6.", "kernel"},
                 {"EMU", "emulator"},
                 {"16.1", NULL},
                 {"companion-tests", NULL},
                 {"PATCH", NULL},
                 {"", NULL}};
    pm_bench *bench = new_bench();

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pm_bench_mail(bench, "Subject: x\n\n");
        pm_bench_text(bench, "prefix", cases[i].word);
        assert_int_equal(pm_bench_scan(bench), PM_OK);
        if (pm_bench_facts(bench, "project") != (cases[i].project == NULL ? 0 : 1))
            fail_msg("\"%s\"", cases[i].word);
        if (cases[i].project != NULL) {
            assert_string_equal(pm_bench_fact_text(bench, "project", 0), cases[i].project);
            check_weight(bench, cases[i].project, 10);
        }
    }
    pm_bench_free(bench);
}

static void two_words_of_one_project_count_once(void **state)
{
    pm_bench *bench = new_bench();

    (void)state;
    pm_bench_mail(bench, "Subject: x\n\n");
    pm_bench_text(bench, "prefix", "net-next");
    pm_bench_text(bench, "prefix", "6.1");
    pm_bench_text(bench, "prefix", "emu");
    assert_int_equal(pm_bench_scan(bench), PM_OK);
    check_weight(bench, "kernel", 10);
    check_weight(bench, "emulator", 10);
    pm_bench_free(bench);
}

static void paths_count_by_their_share(void **state)
{
    pm_bench *bench = new_bench();

    (void)state;
    pm_bench_mail(bench, "Subject: x\n\n");
    add_path(bench, "arch/x86/a.c", "whole");
    add_path(bench, "mm/b.c", "resolved");
    add_path(bench, "hw/c.c", "whole");
    add_path(bench, "nowhere/d.c", "whole");
    assert_int_equal(pm_bench_scan(bench), PM_OK);
    check_weight(bench, "kernel", 5);
    check_weight(bench, "emulator", 2.5);
    assert_string_equal(pm_bench_fact_reason(bench, "project", 0), "paths arch/ ... (2 of 4)");
    assert_string_equal(pm_bench_fact_reason(bench, "project.other", 0), "paths hw/ (1 of 4)");
    pm_bench_free(bench);
}

static void the_longest_beginning_of_a_path_counts_and_equals_share_it(void **state)
{
    pm_bench *bench = new_bench();

    (void)state;
    pm_bench_mail(bench, "Subject: x\n\n");
    add_path(bench, "include/hw/a.h", "whole");
    add_path(bench, "Makefile", "whole");
    assert_int_equal(pm_bench_scan(bench), PM_OK);
    check_weight(bench, "emulator", 7.5);
    check_weight(bench, "kernel", 2.5);
    pm_bench_free(bench);
}

static void of_a_cut_path_only_the_end_is_known(void **state)
{
    pm_bench *bench = new_bench();

    (void)state;
    pm_bench_mail(bench, "Subject: x\n\n");
    add_path(bench, "hw/deep/a.c", "unknown");
    add_path(bench, "hw/deep/b.c", "ambiguous");
    add_path(bench, "arch/c.c", "whole");
    assert_int_equal(pm_bench_scan(bench), PM_OK);
    check_weight(bench, "emulator", 0);
    check_weight(bench, "kernel", 10);
    pm_bench_free(bench);
}

static void a_list_has_one_name_with_at_or_dot(void **state)
{
    static const struct {
        const char *field, *value, *project;
    } cases[] = {
        {"list", "emu.elsewhere.example.org", "emulator"},
        {"addressee", "emu@elsewhere.example.org", "emulator"},
        {"addressee", "Emu@Elsewhere.Example.ORG", "emulator"},
        {"list", "any.lists.example.org", "kernel"},
        {"addressee", "any@lists.example.org", "kernel"},
        {"addressee", "lists@example.org", NULL},
        {"addressee", "someone@example.org", NULL},
        {"list", "other.elsewhere.example.org", NULL},
    };
    pm_bench *bench = new_bench();

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pm_bench_mail(bench, "Subject: x\n\n");
        pm_bench_text(bench, cases[i].field, cases[i].value);
        assert_int_equal(pm_bench_scan(bench), PM_OK);
        if (pm_bench_facts(bench, "project") != (cases[i].project == NULL ? 0 : 1))
            fail_msg("%s %s", cases[i].field, cases[i].value);
        if (cases[i].project != NULL)
            check_weight(bench, cases[i].project, 3);
    }
    pm_bench_free(bench);
}

static void a_shared_list_is_the_largest_projects(void **state)
{
    pm_bench *bench = new_bench();

    (void)state;
    pm_bench_mail(bench, "Subject: x\n\n");
    pm_bench_text(bench, "list", "shared.lists.example.org");
    assert_int_equal(pm_bench_scan(bench), PM_OK);
    check_weight(bench, "kernel", 3);
    check_weight(bench, "companion", 0.9);
    pm_bench_free(bench);
}

static void who_names_a_list_wins_over_a_whole_domain(void **state)
{
    pm_bench *bench = pm_bench_new(pm_plugin_entry_project(),
                                   "project big { lists *.lists.example.org; paths a/ b/ }\n"
                                   "project small { lists small@lists.example.org }\n");

    (void)state;
    pm_bench_mail(bench, "Subject: x\n\n");
    pm_bench_text(bench, "list", "small.lists.example.org");
    assert_int_equal(pm_bench_scan(bench), PM_OK);
    check_weight(bench, "small", 3);
    check_weight(bench, "big", 0);
    pm_bench_free(bench);
}

static void the_list_named_first_weighs_most(void **state)
{
    pm_bench *bench = new_bench();

    (void)state;
    pm_bench_mail(bench, "Subject: x\n\n");
    pm_bench_text(bench, "addressee", "someone@example.org");
    pm_bench_text(bench, "addressee", "emu@elsewhere.example.org");
    pm_bench_text(bench, "addressee", "any@lists.example.org");
    pm_bench_text(bench, "list", "any.lists.example.org");
    assert_int_equal(pm_bench_scan(bench), PM_OK);
    check_weight(bench, "emulator", 3);
    check_weight(bench, "kernel", 2);
    pm_bench_free(bench);
}

static void the_list_tag_says_what_the_list_says(void **state)
{
    pm_bench *bench = new_bench();

    (void)state;
    pm_bench_mail(bench, "Subject: x\n\n");
    pm_bench_text(bench, "list-tag", "Emu");
    assert_int_equal(pm_bench_scan(bench), PM_OK);
    check_weight(bench, "emulator", 3);
    pm_bench_free(bench);
}

/* The same author, hour and list; three projects. */
static void companion_series_on_one_list_come_apart(void **state)
{
    pm_bench *bench = new_bench();

    (void)state;
    pm_bench_mail(bench, "Subject: x\n\n");
    pm_bench_text(bench, "addressee", "shared@lists.example.org");
    pm_bench_text(bench, "prefix", "companion-test");
    add_path(bench, "x86/tests.cfg", "whole");
    assert_int_equal(pm_bench_scan(bench), PM_OK);
    check_weight(bench, "companion", 20.9);
    check_weight(bench, "kernel", 3);

    pm_bench_mail(bench, "Subject: x\n\n");
    pm_bench_text(bench, "addressee", "shared@lists.example.org");
    add_path(bench, "include/a.h", "whole");
    add_path(bench, "hw/b.c", "whole");
    add_path(bench, "hw/c.c", "whole");
    assert_int_equal(pm_bench_scan(bench), PM_OK);
    check_weight(bench, "emulator", 20.0 / 3);
    check_weight(bench, "kernel", 10.0 / 3 + 3);
    pm_bench_free(bench);
}

/* So that a rule for project == "companion" does not see every letter of the list it shares. */
static void only_the_foremost_is_called_the_project(void **state)
{
    pm_bench *bench = new_bench();

    (void)state;
    pm_bench_mail(bench, "Subject: x\n\n");
    pm_bench_text(bench, "list", "shared.lists.example.org");
    add_path(bench, "arch/a.c", "whole");
    assert_int_equal(pm_bench_scan(bench), PM_OK);
    assert_int_equal(pm_bench_facts(bench, "project"), 2);
    assert_string_equal(pm_bench_fact_text(bench, "project", 0), "kernel");
    assert_string_equal(pm_bench_fact_text(bench, "project", 1), "kernel");
    assert_int_equal(pm_bench_facts(bench, "project.other"), 1);
    assert_string_equal(pm_bench_fact_text(bench, "project.other", 0), "companion");
    pm_bench_free(bench);
}

static void of_equals_the_first_block_wins(void **state)
{
    pm_bench *bench = new_bench();

    (void)state;
    pm_bench_mail(bench, "Subject: x\n\n");
    pm_bench_text(bench, "prefix", "emu");
    pm_bench_text(bench, "prefix", "companion");
    assert_int_equal(pm_bench_scan(bench), PM_OK);
    assert_string_equal(pm_bench_fact_text(bench, "project", 0), "companion");
    assert_string_equal(pm_bench_fact_text(bench, "project.other", 0), "emulator");
    pm_bench_free(bench);
}

static void a_letter_that_says_nothing_has_no_project(void **state)
{
    pm_bench *bench = new_bench();

    (void)state;
    pm_bench_mail(bench, "Subject: lunch\n\nAt noon?\n");
    assert_int_equal(pm_bench_scan(bench), PM_OK);
    assert_int_equal(pm_bench_facts(bench, NULL), 0);
    pm_bench_free(bench);
}

static void what_makes_no_sense_in_a_block_is_a_problem(void **state)
{
    static const struct {
        const char *settings, *problem;
    } cases[] = {
        {"project a { words \"two words\" }", "words: \"two words\" is not a word"},
        {"project a { words [PATCH] }", "words: \"[PATCH]\" is not a word"},
        {"project a { words \"\" }", "words: \"\" is not a word"},
        {"project a { lists linux-kernel }", "lists: \"linux-kernel\" is not a List-Id"},
        {"project a { paths /usr }", "paths: \"/usr\" is not the beginning of a path"},
        {"project a { paths ./usr }", "paths: \"./usr\" is not"},
        {"project a { paths *.c }", "paths: \"*.c\" is not"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pm_bench *bench = pm_bench_new(pm_plugin_entry_project(), cases[i].settings);

        assert_non_null(pm_bench_problem(bench));
        if (strstr(pm_bench_problem(bench), cases[i].problem) == NULL)
            fail_msg("%s: %s", cases[i].settings, pm_bench_problem(bench));
        pm_bench_free(bench);
    }
}

static void sixty_four_projects_are_the_most(void **state)
{
    char many[65 * 32] = "";
    pm_bench *bench;

    (void)state;
    for (size_t i = 0, used = 0; i < 65; i++)
        used += (size_t)snprintf(many + used, sizeof(many) - used, "project p%zu { }\n", i);
    bench = pm_bench_new(pm_plugin_entry_project(), many);
    assert_string_equal(pm_bench_problem(bench), "more than 64 projects (leave some out)");
    pm_bench_free(bench);
}

static void long_addresses_and_patterns_full_of_stars_are_cheap(void **state)
{
    pm_bench *bench = pm_bench_new(pm_plugin_entry_project(),
                                   "project a { lists \"*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b\" }\n");
    char address[400];

    (void)state;
    pm_bench_mail(bench, "Subject: x\n\n");
    memset(address, 'a', sizeof(address) - 1);
    address[sizeof(address) - 1] = '\0';
    pm_bench_text(bench, "addressee", address);
    for (int i = 0; i < 600; i++)
        pm_bench_text(bench, "addressee", address + 100);
    assert_int_equal(pm_bench_scan(bench), PM_OK);
    assert_int_equal(pm_bench_facts(bench, NULL), 0);
    pm_bench_free(bench);
}

static void it_stands_every_trial(void **state)
{
    pm_bench *bench = new_bench();
    const char *wrong;

    (void)state;
    pm_bench_mail(bench, "Subject: x\n\n");
    pm_bench_text(bench, "prefix", "emu");
    pm_bench_text(bench, "addressee", "shared@lists.example.org");
    add_path(bench, "arch/x86/a.c", "whole");
    wrong = pm_bench_trials(bench);
    if (wrong != NULL)
        fail_msg("%s", wrong);
    pm_bench_free(bench);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_compare_without_case),
        cmocka_unit_test(two_words_of_one_project_count_once),
        cmocka_unit_test(paths_count_by_their_share),
        cmocka_unit_test(the_longest_beginning_of_a_path_counts_and_equals_share_it),
        cmocka_unit_test(of_a_cut_path_only_the_end_is_known),
        cmocka_unit_test(a_list_has_one_name_with_at_or_dot),
        cmocka_unit_test(a_shared_list_is_the_largest_projects),
        cmocka_unit_test(who_names_a_list_wins_over_a_whole_domain),
        cmocka_unit_test(the_list_named_first_weighs_most),
        cmocka_unit_test(the_list_tag_says_what_the_list_says),
        cmocka_unit_test(companion_series_on_one_list_come_apart),
        cmocka_unit_test(only_the_foremost_is_called_the_project),
        cmocka_unit_test(of_equals_the_first_block_wins),
        cmocka_unit_test(a_letter_that_says_nothing_has_no_project),
        cmocka_unit_test(what_makes_no_sense_in_a_block_is_a_problem),
        cmocka_unit_test(sixty_four_projects_are_the_most),
        cmocka_unit_test(long_addresses_and_patterns_full_of_stars_are_cheap),
        cmocka_unit_test(it_stands_every_trial),
    };

    return cmocka_run_group_tests_name("project", tests, NULL, NULL);
}
