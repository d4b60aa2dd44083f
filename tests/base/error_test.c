/* SPDX-License-Identifier: BSD-2-Clause */
/* error_test - how errors read, how many there can be, and what "did you mean" means. */
#include "error.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void an_error_names_its_place(void **state)
{
    static const struct {
        const char *file;
        unsigned line, column;
        const char *expected;
    } cases[] = {
        {"a.rules", 12, 5, "a.rules:12:5: no fact \"x\""},
        {"a.rules", 12, 0, "a.rules:12: no fact \"x\""},
        {"a.rules", 0, 0, "a.rules: no fact \"x\""},
        {"a.rules", 0, 5, "a.rules: no fact \"x\""},
        {NULL, 0, 0, "no fact \"x\""},
        {NULL, 12, 5, "no fact \"x\""},
        {"100%s.rules", 1, 0, "100%s.rules:1: no fact \"x\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pm_errors *errors = pm_errors_new();

        pm_error_at(errors, cases[i].file, cases[i].line, cases[i].column, "no fact \"%s\"", "x");
        assert_string_equal(pm_errors_nth(errors, 0), cases[i].expected);
        assert_null(pm_errors_nth(errors, 1));
        pm_errors_free(errors);
    }
}

static void errors_and_warnings_stay_in_order_and_are_counted_apart(void **state)
{
    pm_errors *errors = pm_errors_new();

    (void)state;
    pm_error_at(errors, "a", 1, 0, "first");
    pm_warning_at(errors, "a", 2, 3, "second");
    pm_warning_at(errors, NULL, 0, 0, "third");
    pm_error_at(errors, "a", 4, 0, "fourth");
    assert_int_equal(pm_errors_count(errors), 2);
    assert_int_equal(pm_warnings_count(errors), 2);
    assert_string_equal(pm_errors_nth(errors, 0), "a:1: first");
    assert_string_equal(pm_errors_nth(errors, 1), "a:2:3: warning: second");
    assert_string_equal(pm_errors_nth(errors, 2), "warning: third");
    assert_string_equal(pm_errors_nth(errors, 3), "a:4: fourth");
    assert_null(pm_errors_nth(errors, 4));
    pm_errors_free(errors);
}

static void after_a_hundred_the_rest_is_only_counted(void **state)
{
    pm_errors *errors = pm_errors_new();

    (void)state;
    for (unsigned i = 1; i <= 250; i++)
        pm_error_at(errors, "a", i, 0, "wrong");
    pm_warning_at(errors, "a", 251, 0, "odd");
    assert_int_equal(pm_errors_count(errors), 250);
    assert_int_equal(pm_warnings_count(errors), 1);
    assert_string_equal(pm_errors_nth(errors, 99), "a:100: wrong");
    assert_null(pm_errors_nth(errors, 100));
    pm_errors_free(errors);
}

static void a_sentence_that_is_too_long_is_cut_and_says_so(void **state)
{
    pm_errors *errors = pm_errors_new();
    char file[4097];
    const char *line;

    (void)state;
    memset(file, 'f', sizeof(file) - 1);
    file[sizeof(file) - 1] = '\0';
    pm_error_at(errors, file, 7, 1, "begins %9000d", 1);
    line = pm_errors_nth(errors, 0);
    assert_non_null(line);
    assert_memory_equal(line, file, 4096);
    assert_memory_equal(line + 4096, ":7:1: begins ", 13);
    assert_string_equal(line + strlen(line) - 3, "...");
    assert_in_range(strlen(line), 4096, 8000);
    pm_errors_free(errors);
}

static void without_memory_for_errors_nothing_happens(void **state)
{
    (void)state;
    pm_error_at(NULL, "a", 1, 1, "wrong");
    pm_warning_at(NULL, "a", 1, 1, "odd");
    assert_int_equal(pm_errors_count(NULL), 0);
    assert_int_equal(pm_warnings_count(NULL), 0);
    assert_null(pm_errors_nth(NULL, 0));
    pm_errors_free(NULL);
}

static void the_nearest_name_is_found(void **state)
{
    static const char *const names[] = {"subject.shouts", "title", "path", "path.lines", "rfc",
                                        "part",           "tag",   NULL};
    static const struct {
        const char *written, *expected;
    } cases[] = {
        {"subject.shuots", "subject.shouts"}, /* two letters changed places */
        {"subject.shout", "subject.shouts"},
        {"Title", "title"},
        {"title", "title"},
        {"tilte", "title"},
        {"titel", "title"},
        {"xxtle", "title"},
        {"xxxle", NULL},  /* three edits */
        {"paht", "path"}, /* a swap is one edit; "part" is as near and stands behind */
        {"pat", "path"},
        {"pah", "path"},
        {"rf", "rfc"},
        {"r", NULL},
        {"", NULL},
        {"lines", NULL},
        {"tga", "tag"},
        {"prt", "part"},
        {"ptra", NULL}, /* two edits are half of its letters */
        {"pathlines", "path.lines"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *near = pm_nearest(pm_slice_of(cases[i].written), names);

        if (near != cases[i].expected &&
            (near == NULL || cases[i].expected == NULL || strcmp(near, cases[i].expected) != 0))
            fail_msg("\"%s\": got %s", cases[i].written, near == NULL ? "nothing" : near);
    }
}

static void very_long_words_are_near_to_nothing(void **state)
{
    static char longest[64], longer[65], written[4000];
    const char *const names[] = {longest, longer, NULL};

    (void)state;
    memset(longest, 'n', sizeof(longest) - 1);
    memset(longer, 'n', sizeof(longer) - 1);
    memset(written, 'n', sizeof(written));
    assert_ptr_equal(pm_nearest((pm_slice){written, 62}, names), longest);
    assert_null(pm_nearest((pm_slice){written, 64}, names));
    assert_null(pm_nearest((pm_slice){written, sizeof(written)}, names));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_names_its_place),
        cmocka_unit_test(errors_and_warnings_stay_in_order_and_are_counted_apart),
        cmocka_unit_test(after_a_hundred_the_rest_is_only_counted),
        cmocka_unit_test(a_sentence_that_is_too_long_is_cut_and_says_so),
        cmocka_unit_test(without_memory_for_errors_nothing_happens),
        cmocka_unit_test(the_nearest_name_is_found),
        cmocka_unit_test(very_long_words_are_near_to_nothing),
    };

    return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
