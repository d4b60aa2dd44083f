/* SPDX-License-Identifier: BSD-2-Clause */
/* regexes_test - what expressions need, and which of many match. */
#include "regexes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static pm_slice slice_of(const char *text)
{
    return (pm_slice){text, strlen(text)};
}

static void what_an_expression_needs_is_read_from_it(void **state)
{
    static const struct {
        const char *expression;
        const char *needs; /* with a blank between alternatives; "" when nothing is known */
    } cases[] = {
        {"tegra", "tegra"},
        {"[^a-z]tegra", "tegra"},
        {"axp[128]", "axp"},
        {"bcm283*", "bcm28"},
        {"colou?r", "colo"},
        {"go+gle", "gle"},
        {"a|bb", ""},
        {"aa|bbb", "aa bbb"},
        {"\\b(?i:Clang|LLVM)\\b", "clang llvm"},
        {"(?:\\b|_)xdp(?:\\b|_)", "xdp"},
        {"(devm_)?hwmon_device_(un)?register(|_with_info)", "hwmon_device_"},
        {"struct\\s+phylink", "phylink"},
        {"phylink\\.h", "phylink.h"},
        {"two words", "twowords"},
        {"x{0}yes", "yes"},
        {"(no){0,2}yes", "yes"},
        {"(no)*yes", "yes"},
        {"(yes){2}", "yes"},
        {"before#comment", "before"},
        {"[]a]xy[b-d]", "xy"},
        {"q", ""},
        {".*", ""},
        {"", ""},
        {"(foo|)bar|baz", "bar baz"},
        {"(foo", ""},
        {"foo)", ""},
        {"a{b|c}dd", ""},
        {"\\Qa|b\\E", ""},
        {"(?!not)this", ""},
        {"(?-x: a)bcd", ""},
        {"[[:alpha:]]bcd", ""},
        {"(abc)\\1def", ""},
        {"(*UTF)abc", ""},
        {"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
         "abcdefghijklmnopqrstuvwxyzabcdef"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char needed[PM_NEEDED_MOST][PM_NEEDED_LENGTH + 1];
        char shown[1024] = "";
        size_t count = pm_regex_needs(slice_of(cases[i].expression), needed);

        for (size_t n = 0; n < count; n++) {
            strcat(shown, n == 0 ? "" : " ");
            strcat(shown, needed[n]);
        }
        if (strcmp(shown, cases[i].needs) != 0)
            fail_msg("%s: needs \"%s\", not \"%s\"", cases[i].expression, cases[i].needs, shown);
    }
}

static pm_regexes *regexes_of(const char *const *expressions, size_t count)
{
    pm_regexes *regexes = pm_regexes_new();
    char why[128];

    assert_non_null(regexes);
    for (size_t i = 0; i < count; i++)
        assert_true(pm_regexes_add(regexes, slice_of(expressions[i]), (uint32_t)(i * 10), why,
                                   sizeof(why)));
    assert_true(pm_regexes_seal(regexes));
    return regexes;
}

static void each_text_gets_the_expressions_that_match_it(void **state)
{
    static const char *const expressions[] = {
        "tegra", "[^a-z]tegra", "(?i)RAID", "^top/", "raid[0-9]",
        "s t m", ".c$",         "hers",     "he",    "she",
    };
    static const struct {
        const char *text;
        const char *ids;
    } cases[] = {
        {"drivers/tegra.c", "0 10 60"},
        {"xtegra", "0"},
        {"lib/raid6/x.h", "20 40"},
        {"lib/Raid/x.h", "20"},
        {"top/x", "30"},
        {"a/top/x", ""},
        {"stm32", "50"},
        {"s t m", ""},
        {"ushers", "70 80 90"},
        {"", ""},
    };
    pm_regexes *regexes = regexes_of(expressions, sizeof(expressions) / sizeof(expressions[0]));

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint32_t ids[16];
        char shown[256] = "";
        size_t count = pm_regexes_find(regexes, slice_of(cases[i].text), ids, 16);

        for (size_t n = 0; n < count; n++)
            snprintf(shown + strlen(shown), sizeof(shown) - strlen(shown), "%s%u",
                     n == 0 ? "" : " ", (unsigned)ids[n]);
        if (strcmp(shown, cases[i].ids) != 0)
            fail_msg("\"%s\": \"%s\" match, not \"%s\"", cases[i].text, cases[i].ids, shown);
    }
    pm_regexes_free(regexes);
}

static void no_more_are_written_than_there_is_room_for(void **state)
{
    static const char *const expressions[] = {"aa", "aaa", "a{2}", "."};
    pm_regexes *regexes = regexes_of(expressions, 4);
    uint32_t ids[2] = {77, 77};

    (void)state;
    assert_int_equal(pm_regexes_find(regexes, slice_of("aaaa"), ids, 1), 1);
    assert_int_equal(ids[0], 0);
    assert_int_equal(ids[1], 77);
    assert_int_equal(pm_regexes_find(regexes, slice_of("aaaa"), ids, 0), 0);
    pm_regexes_free(regexes);
}

static void a_broken_expression_is_refused_with_the_reason(void **state)
{
    pm_regexes *regexes = pm_regexes_new();
    char why[64] = "";

    (void)state;
    assert_false(pm_regexes_add(regexes, slice_of("(open"), 1, why, sizeof(why)));
    assert_non_null(strstr(why, "parenthesis"));
    assert_true(pm_regexes_seal(regexes));
    assert_int_equal(pm_regexes_find(regexes, slice_of("(open"), (uint32_t[1]){0}, 1), 0);
    pm_regexes_free(regexes);
}

static void an_expression_that_runs_wild_does_not_match(void **state)
{
    static const char *const expressions[] = {"(a+)+$|x(a+)+b"};
    pm_regexes *regexes = regexes_of(expressions, 1);
    char text[4001];
    uint32_t id;

    (void)state;
    memset(text, 'a', 4000);
    text[0] = 'x';
    text[3999] = 'c';
    assert_int_equal(pm_regexes_find(regexes, (pm_slice){text, 4000}, &id, 1), 0);
    pm_regexes_free(regexes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_an_expression_needs_is_read_from_it),
        cmocka_unit_test(each_text_gets_the_expressions_that_match_it),
        cmocka_unit_test(no_more_are_written_than_there_is_room_for),
        cmocka_unit_test(a_broken_expression_is_refused_with_the_reason),
        cmocka_unit_test(an_expression_that_runs_wild_does_not_match),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
