/* SPDX-License-Identifier: BSD-2-Clause */
/* pattern_test - patterns match what they say, within limits, and know which text they need. */
#include "pattern.h"

#include "../base/generator.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static pm_pattern *compiled(const char *expression, const char *flags)
{
    char message[256] = "";
    pm_pattern *pattern =
        pm_pattern_compile(pm_slice_of(expression), pm_slice_of(flags), message, sizeof(message));

    if (pattern == NULL)
        fail_msg("/%s/%s is refused: %s", expression, flags, message);
    return pattern;
}

static void what_matches_is_told_with_its_place(void **state)
{
    static const struct {
        const char *expression, *flags, *text, *match; /* NULL: it does not match */
    } cases[] = {
        {"b+", "", "abbc", "bb"},
        {"B+", "", "abbc", NULL},
        {"B+", "i", "abbc", "bb"},
        {"^b", "", "a\nb", NULL},
        {"^b", "m", "a\nb", "b"},
        {"a$", "m", "a\r\nb", "a"},
        {"a$", "", "a\n", "a"},
        {"a.*z", "", "a\nz", NULL},
        {"a.*z", "s", "a\nz", "a\nz"},
        {"a.b", "", "a\rb", NULL},
        {"a\\Rb", "", "a\r\nb", "a\r\nb"},
        {"a b # c", "x", "ab", "ab"},
        {"^.$", "", "\xC3\xA9", NULL},
        {"^.$", "u", "\xC3\xA9", "\xC3\xA9"},
        {"\xC3\x89", "iu", "\xC3\xA9", "\xC3\xA9"},
        {"b", "u",
         "\xFF"
         "b",
         "b"},
        {"", "", "", ""},
        {"a|b", "", "", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pm_pattern *pattern = compiled(cases[i].expression, cases[i].flags);
        pm_slice match = PM_EMPTY;
        pm_status status = pm_pattern_match(pattern, pm_slice_of(cases[i].text), &match);

        if (status != (cases[i].match == NULL ? PM_ABSENT : PM_OK) ||
            (status == PM_OK && !pm_slice_equal(match, pm_slice_of(cases[i].match))))
            fail_msg("/%s/%s on \"%s\" gives %d, \"%.*s\"", cases[i].expression, cases[i].flags,
                     cases[i].text, status, PM_FMT(match));
        pm_pattern_free(pattern);
    }
}

static void what_cannot_be_compiled_is_told(void **state)
{
    static const struct {
        const char *expression, *flags, *message;
    } cases[] = {
        {"a(b", "", "the pattern cannot be used: missing closing parenthesis, at its byte 4"},
        {"a", "ig", "\"g\" is no flag of a pattern (there are i m s x u)"},
        {"(*UTF)a", "",
         "the pattern cannot be used: using UTF is disabled by the application, at "
         "its byte 7"},
        {"\\C", "u",
         "the pattern cannot be used: using \\C is disabled by the application, at its "
         "byte 3"},
    };
    char message[256];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_null(pm_pattern_compile(pm_slice_of(cases[i].expression),
                                       pm_slice_of(cases[i].flags), message, sizeof(message)));
        assert_string_equal(message, cases[i].message);
    }
}

/* A text of size bytes that repeats piece. */
static char *repeated(const char *piece, size_t size)
{
    char *text = malloc(size);
    size_t len = strlen(piece);

    assert_non_null(text);
    for (size_t i = 0; i < size; i++)
        text[i] = piece[i % len];
    return text;
}

static void a_pattern_that_tries_everything_is_stopped(void **state)
{
    /* The first of each tries exponentially many ways at one place; the others are quadratic, too
     * little work at each place for pcre2's own limits to see. */
    static const struct {
        const char *expression, *piece;
    } cases[] = {{"(a+)+$", "a"},
                 {"(a|aa)+b", "a"},
                 {"a+[bc]d", "a"},
                 {"\\s+x[yz]", " "},
                 {"(?<![xy])a*+[dz]", "a"},
                 {"(*NO_JIT)a+[bc]d", "a"},
                 {"(*NO_START_OPT)a+[bc]d", "a"},
                 {"(*ANYCRLF)(?:a|b)*+[bc]d", "a"},
                 {"\\Gx|(?<![xy])a*+[dz]", "a"}};
    enum { SIZE = 1 << 20 };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pm_pattern *pattern = compiled(cases[i].expression, "");
        char *text = repeated(cases[i].piece, SIZE);

        /* So that no glance at the last byte settles it. */
        memcpy(text + SIZE - 12, "x.d.b.yz!ac!", 12);
        if (pm_pattern_match(pattern, (pm_slice){text, SIZE}, NULL) != PM_LIMIT)
            fail_msg("/%s/ is not stopped", cases[i].expression);
        free(text);
        pm_pattern_free(pattern);
    }
}

static void a_long_text_is_searched_to_its_end_and_no_further_than_a_mebibyte(void **state)
{
    enum { SIZE = (1 << 20) + 10 };
    char *text = repeated("ab\n", SIZE);
    pm_pattern *pattern = compiled("(?<=x)needle", "u");
    pm_slice match;

    (void)state;
    for (size_t at = (1 << 20) - 7; at > 1; at = at * 3 / 4) {
        memcpy(text + at, "xneedle", 7);
        assert_int_equal(pm_pattern_match(pattern, (pm_slice){text, SIZE}, &match), PM_OK);
        assert_ptr_equal(match.data, text + at + 1);
        memcpy(text + at, "ab\nab\na", 7);
    }
    memcpy(text + (1 << 20) - 6, "xneedle", 7);
    assert_int_equal(pm_pattern_match(pattern, (pm_slice){text, SIZE}, &match), PM_ABSENT);
    pm_pattern_free(pattern);
    free(text);
}

/* What a search in windows finds is what a search in one go finds. */
static void windows_change_no_answer(void **state)
{
    enum { SIZE = 5000, NOWHERE = SIZE + 1 };
    static const struct {
        const char *expression;
        size_t at;
    } cases[] = {
        {"^a", 0},        {"\\Ab", NOWHERE},    {"(?<=\\n)b\\Z", NOWHERE},
        {"\\Gx|b", 4001}, {"(^x|ba)", NOWHERE}, {"a(*COMMIT)c|b", NOWHERE},
        {"[^ab]", 4000},  {"b$", 4001},
    };
    char *text = repeated("a", SIZE);

    (void)state;
    memcpy(text + 4000, "\nb\n", 3);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pm_pattern *pattern = compiled(cases[i].expression, "m");
        pm_slice match = {text, 0};
        pm_status status = pm_pattern_match(pattern, (pm_slice){text, SIZE}, &match);
        size_t at = status == PM_OK ? (size_t)(match.data - text) : NOWHERE;

        if (at != cases[i].at)
            fail_msg("/%s/m gives %d at %zu", cases[i].expression, status, at);
        pm_pattern_free(pattern);
    }
    free(text);
}

static void bytes_that_are_no_text_do_no_harm(void **state)
{
    pm_pattern *bytes = compiled("\\xFF.", "s"), *utf = compiled("a.", "us");
    enum { SIZE = 5000 };
    char *text = repeated("\x80", SIZE);

    (void)state;
    assert_int_equal(pm_pattern_match(bytes, (pm_slice){"\0\xFF\0", 3}, NULL), PM_OK);
    assert_int_equal(pm_pattern_match(bytes, (pm_slice){NULL, 0}, NULL), PM_ABSENT);
    /* A window must not begin inside a character, even where there is none. */
    memcpy(text + SIZE - 2, "ab", 2);
    assert_int_equal(pm_pattern_match(utf, (pm_slice){text, SIZE}, NULL), PM_OK);
    free(text);
    pm_pattern_free(bytes);
    pm_pattern_free(utf);
}

/* ---- Literals ---- */

static void the_text_a_pattern_needs_is_known(void **state)
{
    static const struct {
        const char *expression, *flags, *literals; /* of a set joined by " | ", the sets by " & " */
    } cases[] = {
        {"abc", "", "abc"},
        {"^KVM: n?(VMX|SVM)\\b", "", "KVM: nVMX | KVM: nSVM | KVM: VMX | KVM: SVM"},
        {"ab?cde", "", "abcde | acde"},
        {"abc?", "", "ab"},
        {"abc*def+gh", "", "def & fgh & ab"},
        {"abc{0,3}", "", "ab"},
        {"abc{2}", "", "abc"},
        {"a\\.b\\/c", "", "a.b/c"},
        {"a[.]b", "", "a.b"},
        {"x[a-c]yz", "", "yz"},
        {"x[abc]yz", "", "xayz | xbyz | xcyz"},
        {"x[abcde]yz", "", "yz"},
        {"[Vv]irt", "", "Virt | virt"},
        {"(net|wifi): (add|drop)\\b", "", "net: add | net: drop | wifi: add | wifi: drop"},
        {"(a|b|c|d|e)(a|b|c|d|e)xy", "", "axy | bxy | cxy | dxy | exy"},
        {"ab(?:cd|.)ef", "", "ab & ef"},
        {"ab(?:cde|ef.)", "", "ab & cde | ef"},
        {"(ab)?cd", "", "cd"},
        {"(ab)*cd(?!e)fg", "", "cdfg"},
        {"^ab$", "m", "ab"},
        {"x[]a]yzz", "", "yzz"},
        {"x[^]a]yzz", "", "yzz"},
        {"x[[:alpha:]]yzz", "", "yzz"},
        {"x[a\\]b]yzz", "", "yzz"},
        {"^(drm|fbdev): ", "", "drm:  | fbdev: "},
        {"drm|fbdev", "", "drm | fbdev"},
        {"(?:net|wifi)", "", "net | wifi"},
        {"foobar|x", "", ""},
        {"foobar|", "", ""},
        {"(foobar)?", "", ""},
        {"(foobar)+", "", "foobar"},
        {"(?=foobar)x", "", ""},
        {"(?!foobar)xyz", "", "xyz"},
        {"(?<!foobar)xyz", "", "xyz"},
        {"ABC", "i", "abc"},
        {"ABC", "iu", ""},
        {"(?i)abc", "", ""},
        {"a b c # d", "x", "abc"},
        {"a\\ b", "x", "a b"},
        {"a\\tb", "", "a\tb"},
        {"abc\\d", "", "abc"},
        {"abc\\x41", "", ""},
        {"abc\\Qd|e\\E", "", ""},
        {"a\xC3\xA9"
         "bc",
         "",
         "a\xC3\xA9"
         "bc"},
        {"ab\xC3\xA9*cde", "u", "cde & ab"},
        {"ab\xC3\xA9?cde", "u",
         "ab\xC3\xA9"
         "cde | abcde"},
        {"a{,3}bcd", "", ""},
        {"(a)\\1bcd", "", ""},
        {"(?<n>a)bcd", "", ""},
        {"(?(?=a)abc|def)", "", ""},
        {"", "", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pm_pattern *pattern = compiled(cases[i].expression, cases[i].flags);
        char joined[256] = "";
        const pm_slice *literals;
        size_t count;

        for (size_t nth = 0; pm_pattern_literals(pattern, nth, &literals, &count) == PM_OK; nth++)
            for (size_t j = 0; j < count; j++)
                snprintf(joined + strlen(joined), sizeof(joined) - strlen(joined), "%s%.*s",
                         j > 0     ? " | "
                         : nth > 0 ? " & "
                                   : "",
                         PM_FMT(literals[j]));
        if (strcmp(joined, cases[i].literals) != 0)
            fail_msg("/%s/%s needs \"%s\"", cases[i].expression, cases[i].flags, joined);
        assert_int_equal(pm_pattern_nocase(pattern), strchr(cases[i].flags, 'i') != NULL);
        pm_pattern_free(pattern);
    }
}

static bool one_stands(const pm_slice *literals, size_t count, bool nocase, pm_slice text)
{
    for (size_t i = 0; i < count; i++) {
        if ((nocase ? pm_slice_find_nocase(text, literals[i]) : pm_slice_find(text, literals[i])) !=
            PM_NOWHERE)
            return true;
    }
    return false;
}

/* Random patterns of all constructs the analysis knows, and of some that it does not, on random
 * texts of few letters: where one matches, one of its literals must stand. */
static void wherever_a_pattern_matches_one_of_its_literals_stands(void **state)
{
    static const char *const pieces[] = {
        "a",   "b",   "c",    "ab",   "(",    ")",   "(?:", "|",     "?",        "*",   "+",
        "{2}", ".",   "[ab]", "[^a]", "^",    "$",   "\\b", "\\",    "(?=",      "(?!", "{",
        "}",   "[",   "]",    "-",    "#",    " ",   "\\.", "{0,1}", "??",       "+?",  "(?>",
        "\\d", "\\Q", "\\E",  "A",    "(?i)", "\\1", ",",   "(?|",   "\xC3\xA9", "[.]", "\n"};
    static const char letters[] = "aaabbbccABC.# -\xC3\xA9\n1";
    static const char *const flags[] = {"", "i", "x", "u", "m", "xi", "iu"};
    uint64_t random = 11;
    size_t tried = 0, told = 0;

    (void)state;
    for (int round = 0; round < 60000; round++) {
        char expression[64] = "", message[256];
        size_t parts = 1 + draw_below(&random, 8);
        pm_slice flag = pm_slice_of(flags[draw_below(&random, 7)]);
        const pm_slice *literals;
        pm_pattern *pattern;
        size_t count;

        for (size_t i = 0; i < parts; i++)
            strcat(expression, pieces[draw_below(&random, sizeof(pieces) / sizeof(pieces[0]))]);
        pattern = pm_pattern_compile(pm_slice_of(expression), flag, message, sizeof(message));
        if (pattern == NULL)
            continue;
        told += pm_pattern_literals(pattern, 0, &literals, &count) == PM_OK;
        for (int letter = 0; letter < 30; letter++) {
            char bytes[12];
            pm_slice text = {bytes, draw_below(&random, sizeof(bytes) + 1)};

            draw_bytes(&random, bytes, text.len, letters, sizeof(letters) - 1);
            if (pm_pattern_match(pattern, text, NULL) != PM_OK)
                continue;
            tried++;
            for (size_t nth = 0; pm_pattern_literals(pattern, nth, &literals, &count) == PM_OK;
                 nth++)
                if (!one_stands(literals, count, pm_pattern_nocase(pattern), text))
                    fail_msg("/%s/%.*s matches \"%.*s\" without its literal \"%.*s\"", expression,
                             PM_FMT(flag), PM_FMT(text), PM_FMT(literals[0]));
        }
        pm_pattern_free(pattern);
    }
    assert_true(tried > 1000);
    assert_true(told > 1000);
}

/* ---- Threads ---- */

static void *match_often(void *pattern)
{
    for (int i = 0; i < 2000; i++) {
        if (pm_pattern_match(pattern, PM_LIT("[PATCH] KVM: nVMX: x"), NULL) != PM_OK)
            return pattern;
    }
    return NULL;
}

static void many_threads_match_at_once(void **state)
{
    pm_pattern *pattern = compiled("KVM: n?(VMX|SVM)", "");
    pthread_t threads[4];

    (void)state;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, match_often, pattern), 0);
    for (size_t i = 0; i < 4; i++) {
        void *result;

        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_null(result);
    }
    pm_pattern_free(pattern);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_matches_is_told_with_its_place),
        cmocka_unit_test(what_cannot_be_compiled_is_told),
        cmocka_unit_test(a_pattern_that_tries_everything_is_stopped),
        cmocka_unit_test(a_long_text_is_searched_to_its_end_and_no_further_than_a_mebibyte),
        cmocka_unit_test(windows_change_no_answer),
        cmocka_unit_test(bytes_that_are_no_text_do_no_harm),
        cmocka_unit_test(the_text_a_pattern_needs_is_known),
        cmocka_unit_test(wherever_a_pattern_matches_one_of_its_literals_stands),
        cmocka_unit_test(many_threads_match_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
