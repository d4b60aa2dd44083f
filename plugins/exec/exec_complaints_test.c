/* SPDX-License-Identifier: BSD-2-Clause */
/* exec_complaints_test - what of a program's standard error reaches the log. */
#include "complaints.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SECOND (1000 * 1000)

typedef struct told {
    char last[2048];
    unsigned lines, left_out;
} told;

static void tell(void *context, const char *line, unsigned left_out)
{
    told *into = context;

    snprintf(into->last, sizeof(into->last), "%s", line);
    into->lines++;
    into->left_out += left_out;
}

static bool add(pm_exec_complaints *to, const char *text, int64_t now_us)
{
    return pm_exec_complaints_add(to, text, strlen(text), now_us);
}

static void lines_are_told_when_they_are_whole(void **state)
{
    told heard = {.lines = 0};
    pm_exec_complaints of = {.tell = tell, .context = &heard};

    (void)state;
    assert_true(add(&of, "one\ntw", 5 * SECOND));
    assert_int_equal(heard.lines, 1);
    assert_string_equal(heard.last, "one");
    add(&of, "o\r\n\n\nthree", 5 * SECOND);
    assert_int_equal(heard.lines, 2);
    assert_string_equal(heard.last, "two");
    pm_exec_complaints_end(&of, 5 * SECOND);
    assert_int_equal(heard.lines, 3);
    assert_string_equal(heard.last, "three");
    assert_string_equal(pm_exec_complaints_last(&of), "three");
}

static void they_are_printable_and_not_too_long(void **state)
{
    told heard = {.lines = 0};
    pm_exec_complaints of = {.tell = tell, .context = &heard};
    char longest[2000];

    (void)state;
    pm_exec_complaints_add(&of, "\x1b[31m\ta\0\xff\n", 10, 0);
    assert_string_equal(heard.last, "\\x1b[31m a\\x00\\xff");
    memset(longest, '\x01', sizeof(longest));
    pm_exec_complaints_add(&of, longest, sizeof(longest), 0);
    pm_exec_complaints_add(&of, "\nnext\n", 6, 0);
    assert_int_equal(heard.lines, 3);
    assert_string_equal(heard.last, "next");
}

static void of_many_lines_the_first_are_told_and_then_one_a_second(void **state)
{
    told heard = {.lines = 0};
    pm_exec_complaints of = {.tell = tell, .context = &heard};

    (void)state;
    for (int i = 0; i < 50; i++)
        add(&of, "again\n", 3 * SECOND);
    assert_int_equal(heard.lines, PM_EXEC_COMPLAINTS_AT_ONCE);
    add(&of, "more\nand more\n", 4 * SECOND);
    assert_int_equal(heard.lines, PM_EXEC_COMPLAINTS_AT_ONCE + 1);
    assert_int_equal(heard.left_out, 40);
    assert_string_equal(heard.last, "more");
    assert_string_equal(pm_exec_complaints_last(&of), "and more");
    for (int i = 0; i < 50; i++)
        add(&of, "later\n", 1000 * (int64_t)SECOND);
    assert_int_equal(heard.lines, 2 * PM_EXEC_COMPLAINTS_AT_ONCE + 1);
}

static void a_mebibyte_in_a_second_is_a_flood(void **state)
{
    static char much[PM_EXEC_FLOOD];
    told heard = {.lines = 0};
    pm_exec_complaints of = {.tell = tell, .context = &heard};

    (void)state;
    memset(much, 'x', sizeof(much));
    assert_true(pm_exec_complaints_add(&of, much, sizeof(much), 0));
    assert_true(pm_exec_complaints_add(&of, much, sizeof(much), SECOND));
    assert_false(pm_exec_complaints_add(&of, "x", 1, 2 * SECOND - 1));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_told_when_they_are_whole),
        cmocka_unit_test(they_are_printable_and_not_too_long),
        cmocka_unit_test(of_many_lines_the_first_are_told_and_then_one_a_second),
        cmocka_unit_test(a_mebibyte_in_a_second_is_a_flood),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
