/* SPDX-License-Identifier: BSD-2-Clause */
/* words_test - what a header field's value says once it is unfolded and decoded; message-ids. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "words.h"

#define BUDGET ((size_t)1024 * 1024)

static int open_arena(void **state)
{
    *state = pm_arena_new(BUDGET);
    return *state == NULL ? -1 : 0;
}

static int close_arena(void **state)
{
    pm_arena_free(*state);
    return 0;
}

typedef struct decoding {
    pm_slice value, wanted;
} decoding;

static void check(pm_arena *arena, const decoding *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        pm_slice got = pm_words_decode(arena, cases[i].value);

        if (!pm_slice_equal(got, cases[i].wanted))
            fail_msg("\"%.*s\" became \"%.*s\", not \"%.*s\"", PM_FMT(cases[i].value), PM_FMT(got),
                     PM_FMT(cases[i].wanted));
        assert_true(pm_slice_is_utf8(got));
    }
}

#define CASE(value, wanted)                                                                        \
    {                                                                                              \
        {value, sizeof(value) - 1},                                                                \
        {                                                                                          \
            wanted, sizeof(wanted) - 1                                                             \
        }                                                                                          \
    }
#define CHECK(arena, cases) check(arena, cases, sizeof(cases) / sizeof(*(cases)))

static void a_plain_value_is_borrowed(void **state)
{
    static const char *const values[] = {"[PATCH 0/3] mend the roof", "caf\xc3\xa9", "tab\tin it",
                                         "100% = ? sure"};

    for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
        pm_slice got = pm_words_decode(*state, pm_slice_of(values[i]));
        assert_ptr_equal(got.data, values[i]);
        assert_int_equal(got.len, strlen(values[i]));
    }
    assert_int_equal(pm_arena_used(*state), 0);
}

static void a_fold_becomes_its_white_space(void **state)
{
    static const decoding cases[] = {
        CASE("one\n two", "one two"),
        CASE("one\r\n two", "one two"),
        CASE("one\r\n\ttwo\tthree", "one two\tthree"),
        CASE("one\n \t two", "one \t two"),
        CASE("one \n two", "one  two"),
        CASE("\n one\n ", "one"),
        CASE("one\n two\n three", "one two three"),
        CASE("one\n \n two", "one  two"),
    };

    CHECK(*state, cases);
}

static void control_characters_become_spaces(void **state)
{
    static const decoding cases[] = {
        CASE("a\001b\033[31mc\177d", "a b [31mc d"),
        CASE("a\0b", "a b"),
        CASE("a\rb", "a b"),
        CASE("a\nb", "a b"),
        CASE("a\tb", "a\tb"),
        CASE("a\xc2\x9b"
             "31mb",
             "a 31mb"), /* CSI, as a C1 control character */
        CASE("a\xc2\xa0"
             "b",
             "a\xc2\xa0"
             "b"),                                    /* a no-break space is none */
        CASE("=?utf-8?q?a=00b=0Ac=1Bd?=", "a b c d"), /* hidden in a word */
        CASE("=?utf-8?q?a=0D=0A_b?=", "a b"),
        CASE("=?utf-8?q?a=C2=85b?=", "a b"),
    };

    CHECK(*state, cases);
}

static void eight_bit_text_is_utf8_or_else_latin1(void **state)
{
    static const decoding cases[] = {
        CASE("caf\xc3\xa9", "caf\xc3\xa9"),
        CASE("caf\xe9", "caf\xc3\xa9"),
        CASE("caf\xe9 caf\xc3\xa9", "caf\xc3\xa9 caf\xc3\xa9"), /* each byte by itself */
        CASE("\xff\xfe", "\xc3\xbf\xc3\xbe"),
        CASE("cut \xe2\x82", "cut \xc3\xa2"), /* U+0082 is a control character */
        CASE("caf\xe9 =?utf-8?q?caf=C3=A9?=", "caf\xc3\xa9 caf\xc3\xa9"),
    };

    CHECK(*state, cases);
}

static void encoded_words_are_decoded(void **state)
{
    static const decoding cases[] = {
        CASE("=?utf-8?q?caf=C3=A9?=", "caf\xc3\xa9"),
        CASE("=?UTF-8?Q?caf=c3=a9?=", "caf\xc3\xa9"),
        CASE("=?utf-8?b?Y2Fmw6k=?=", "caf\xc3\xa9"),
        CASE("=?utf-8?B?Y2Fmw6k?=", "caf\xc3\xa9"), /* no padding */
        CASE("=?utf-8?B?Y2Fm?=", "caf"),
        CASE("=?utf-8?B?Y2E?=", "ca"),
        CASE("=?utf-8?B?Yw?=", "c"),
        CASE("=?utf-8?B?Y?=", ""),
        CASE("=?iso-8859-1?q?caf=E9?=", "caf\xc3\xa9"),
        CASE("=?windows-1252?q?=80_5?=", "\xe2\x82\xac 5"),
        CASE("=?koi8-r?b?0NLJ18XU?=", "\xd0\xbf\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82"),
        CASE("=?utf-8?q?a_b=5Fc?=", "a b_c"),
        CASE("=?us-ascii*en-gb?q?colour?=", "colour"),
        CASE("=?utf-8?q?\?=", ""),
        CASE("[PATCH] =?utf-8?q?caf=C3=A9?= au lait", "[PATCH] caf\xc3\xa9 au lait"),
        CASE("x  =?utf-8?q?a?=   y", "x  a   y"),
    };

    CHECK(*state, cases);
}

static void adjacent_words_are_joined(void **state)
{
    static const decoding cases[] = {
        CASE("=?utf-8?q?caf?= =?utf-8?q?=C3=A9?=", "caf\xc3\xa9"),
        CASE("=?utf-8?q?caf?=\n =?utf-8?q?=C3=A9?=", "caf\xc3\xa9"),
        CASE("=?utf-8?q?caf?=\r\n\t =?utf-8?q?=C3=A9?=", "caf\xc3\xa9"),
        CASE("=?utf-8?q?caf?==?utf-8?q?=C3=A9?=", "caf\xc3\xa9"),
        CASE("=?utf-8?q?a_?= =?utf-8?q?b?=", "a b"),
        CASE("=?utf-8?q?a?= x =?utf-8?q?b?=", "a x b"),
        CASE("=?utf-8?q?a?= =?iso-8859-1?q?=E9?=", "a\xc3\xa9"),
        CASE("=?utf-8?q?a?= =?utf-8?b?Yg==?=", "ab"),
        /* Each word padded by itself: a library we know drops the second. */
        CASE("=?utf-8?b?Y2Fmw6k=?= =?utf-8?b?Y2Fmw6k=?=", "caf\xc3\xa9"
                                                          "caf\xc3\xa9"),
    };

    CHECK(*state, cases);
}

static void a_character_may_be_split_between_two_words(void **state)
{
    static const decoding cases[] = {
        CASE("=?utf-8?q?caf=C3?= =?utf-8?q?=A9?=", "caf\xc3\xa9"),
        CASE("=?utf-8?b?ww==?= =?UTF-8?b?qQ==?=", "\xc3\xa9"),
        CASE("=?utf-8?b?ww==?=\n =?utf-8?q?=A9?=", "\xc3\xa9"),
        CASE("=?gb2312?b?1tA=?= =?gb2312?b?zsQ=?=", "\xe4\xb8\xad\xe6\x96\x87"),
        CASE("=?gb2312?b?1g==?= =?gb2312?b?0M7E?=", "\xe4\xb8\xad\xe6\x96\x87"),
    };

    CHECK(*state, cases);
}

static void words_are_decoded_where_the_rfc_has_none(void **state)
{
    static const decoding cases[] = {
        CASE("\"=?utf-8?q?Ann=C3=A9?=\" <ann@example.org>", "\"Ann\xc3\xa9\" <ann@example.org>"),
        CASE("pre=?utf-8?q?fix?=ed", "prefixed"),
        CASE("(=?utf-8?q?a?=)", "(a)"),
        CASE("=?utf-8?q?blanks in it?=", "blanks in it"),
        CASE("=?utf-8?q?really?\?=", "really?"),
    };

    CHECK(*state, cases);
}

static void what_is_no_encoded_word_stays(void **state)
{
    static const decoding cases[] = {
        CASE("=?", "=?"),
        CASE("=?utf-8", "=?utf-8"),
        CASE("=?utf-8?q", "=?utf-8?q"),
        CASE("=?utf-8?q?", "=?utf-8?q?"),
        CASE("=?utf-8?q?a", "=?utf-8?q?a"),
        CASE("=?utf-8?q?a?", "=?utf-8?q?a?"),
        CASE("=??q?a?=", "=??q?a?="),
        CASE("=?utf-8?x?a?=", "=?utf-8?x?a?="),
        CASE("=?utf-8?qq?a?=", "=?utf-8?qq?a?="),
        CASE("if (a =?b) =?utf-8?q?c?=", "if (a =?b) c"),
    };

    CHECK(*state, cases);
}

static void a_charset_that_lies_loses_nothing_readable(void **state)
{
    static const decoding cases[] = {
        CASE("=?utf-8?q?caf=E9?=", "caf\xc3\xa9"),
        CASE("=?us-ascii?q?caf=C3=A9?=", "caf\xc3\xa9"),
        CASE("=?unknown-8bit?q?caf=E9?=", "caf\xc3\xa9"),
        CASE("=?no-such-charset?q?caf=C3=A9?=", "caf\xc3\xa9"),
        CASE("=?utf-8//IGNORE?q?caf=C3=A9?=", "caf\xc3\xa9"),
        CASE("=?../../etc/passwd?q?a?=", "a"),
        CASE("=?euc-jp?q?a=FFb?=", "a\xef\xbf\xbd"
                                   "b"),
        CASE("=?utf-8?q?=ZZ=4?=", "=ZZ"), /* the last one is cut off, the library drops it */
        CASE("=?utf-8?b?Y!2Fm?=", "caf"),
    };

    CHECK(*state, cases);
}

/* A value of count times piece, in the arena. */
static pm_slice repeated(pm_arena *arena, pm_slice piece, size_t count)
{
    char *bytes = pm_alloc(arena, piece.len * count);

    assert_non_null(bytes);
    for (size_t i = 0; i < count; i++)
        memcpy(bytes + i * piece.len, piece.data, piece.len);
    return (pm_slice){bytes, piece.len * count};
}

static void a_value_of_too_many_words_is_left_alone(void **state)
{
    pm_slice value = pm_slice_trim(repeated(*state, PM_LIT("=?utf-8?q?a?= "), 300));
    pm_slice decoded = pm_words_decode(*state, value);

    assert_int_equal(decoded.len, 300);

    value = pm_slice_trim(repeated(*state, PM_LIT("=?utf-8?q?a?= "), 301));
    decoded = pm_words_decode(*state, value);
    assert_true(pm_slice_equal(decoded, value));
}

static void a_word_of_absurd_length_is_none(void **state)
{
    pm_slice text = repeated(*state, PM_LIT("a"), 3000);
    pm_slice value = pm_print(*state, "=?utf-8?q?%.*s?=", PM_FMT(text));

    assert_true(pm_slice_equal(pm_words_decode(*state, value), value));
    value = pm_print(*state, "=?utf-8?q?%.*s?=", 1000, text.data);
    assert_int_equal(pm_words_decode(*state, value).len, 1000);
}

static void past_the_budget_there_is_no_answer(void **state)
{
    pm_arena *small = pm_arena_new(8);

    (void)state;
    assert_non_null(small);
    assert_null(pm_words_decode(small, PM_LIT("a longer value\n than eight bytes")).data);
    assert_null(pm_words_decode(small, PM_LIT("=?utf-8?q?a_longer_value?=")).data);
    assert_null(pm_words_decode(small, PM_LIT("caf\xe9 caf\xe9 caf\xe9")).data);
    assert_non_null(pm_words_decode(small, PM_LIT("a plain value of any length")).data);
    pm_arena_free(small);
}

/* The ids in value, each followed by a "|". */
static void check_ids(const char *value, const char *wanted)
{
    char found[512] = "";
    size_t length = 0;
    pm_slice rest = pm_slice_of(value), id;

    while (pm_words_next_id(&rest, &id))
        length += (size_t)snprintf(found + length, sizeof(found) - length, "%.*s|", PM_FMT(id));
    if (strcmp(found, wanted) != 0)
        fail_msg("\"%s\" has the ids \"%s\", not \"%s\"", value, found, wanted);
    assert_int_equal(rest.len, 0);
}

static void message_ids_are_found_in_whatever_surrounds_them(void **state)
{
    static const struct {
        const char *value, *wanted;
    } cases[] = {
        {"<1@example.org>", "1@example.org|"},
        {"<1@example.org> <2@example.org>\n\t<3@example.org>",
         "1@example.org|2@example.org|3@example.org|"},
        {"<1@example.org><2@example.org>", "1@example.org|2@example.org|"},
        {"<1@example.org>,<2@example.org>", "1@example.org|2@example.org|"},
        {"\n <1@example.org>", "1@example.org|"},
        {"< 1@example.org >", "1@example.org|"},
        {"<\r\n 1@example.org>", "1@example.org|"},
        {"<no-at-sign>", "no-at-sign|"},
        {"1@example.org", "1@example.org|"},
        {"1@example.org, 2@example.org", "1@example.org|2@example.org|"},
        {"Message of Tuesday from \"Ann\" <1@example.org>", "1@example.org|"},
        {"<1@example.org> (Ann's message of Tuesday)", "1@example.org|"},
        {"<1@example.org> from ann@example.org", "1@example.org|ann@example.org|"},
        {"\xe2\x80\x99"
         "1@example.org\xe2\x80\x99",
         "1@example.org|"},
        {"<broken <1@example.org>", "1@example.org|"},
        {"<1@example.org", "1@example.org|"},
        {"<1@example.org <2@example.org>", "1@example.org|2@example.org|"},
        {"<your message of Tuesday> <1@example.org>", "1@example.org|"},
        {"<>", ""},
        {"< >", ""},
        {"<", ""},
        {">", ""},
        {"", ""},
        {"Your message of Tuesday", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        check_ids(cases[i].value, cases[i].wanted);
}

static void references_of_sixty_kilobytes_are_read_to_the_end(void **state)
{
    pm_slice rest = repeated(*state, PM_LIT("<a-rather-long-id@example.org>\n "), 2000), id;
    size_t count = 0;

    while (pm_words_next_id(&rest, &id)) {
        assert_true(pm_slice_equal(id, PM_LIT("a-rather-long-id@example.org")));
        count++;
    }
    assert_int_equal(count, 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_plain_value_is_borrowed, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(a_fold_becomes_its_white_space, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(control_characters_become_spaces, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(eight_bit_text_is_utf8_or_else_latin1, open_arena,
                                        close_arena),
        cmocka_unit_test_setup_teardown(encoded_words_are_decoded, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(adjacent_words_are_joined, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(a_character_may_be_split_between_two_words, open_arena,
                                        close_arena),
        cmocka_unit_test_setup_teardown(words_are_decoded_where_the_rfc_has_none, open_arena,
                                        close_arena),
        cmocka_unit_test_setup_teardown(what_is_no_encoded_word_stays, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(a_charset_that_lies_loses_nothing_readable, open_arena,
                                        close_arena),
        cmocka_unit_test_setup_teardown(a_value_of_too_many_words_is_left_alone, open_arena,
                                        close_arena),
        cmocka_unit_test_setup_teardown(a_word_of_absurd_length_is_none, open_arena, close_arena),
        cmocka_unit_test(past_the_budget_there_is_no_answer),
        cmocka_unit_test(message_ids_are_found_in_whatever_surrounds_them),
        cmocka_unit_test_setup_teardown(references_of_sixty_kilobytes_are_read_to_the_end,
                                        open_arena, close_arena),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
