/* SPDX-License-Identifier: BSD-2-Clause */
/* slice_test - every way to look at borrowed bytes, by tables and against slow and simple twins. */
#include "slice.h"

#include "generator.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const pm_slice nothing = {NULL, 0};

static void expect(pm_slice got, pm_slice wanted, const char *input)
{
    if (!pm_slice_equal(got, wanted))
        fail_msg("\"%s\": got \"%.*s\", not \"%.*s\"", input, PM_FMT(got), PM_FMT(wanted));
}

static void a_cut_stays_within_the_slice(void **state)
{
    static const struct {
        size_t from, to;
        const char *expected;
    } cases[] = {
        {0, 5, "abcde"}, {1, 3, "bc"}, {0, 99, "abcde"}, {3, PM_NOWHERE, "de"},
        {5, 5, ""},      {9, 12, ""},  {4, 2, ""},       {PM_NOWHERE, PM_NOWHERE, ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        expect(pm_slice_cut(PM_LIT("abcde"), cases[i].from, cases[i].to),
               pm_slice_of(cases[i].expected), cases[i].expected);
    expect(pm_slice_after(PM_LIT("abc"), 2), PM_LIT("c"), "after 2");
    expect(pm_slice_after(PM_LIT("abc"), 4), PM_LIT(""), "after 4");
}

/* A slice of zeroes is what many structs begin with. */
static void nothing_is_an_empty_slice_everywhere(void **state)
{
    pm_slice rest = nothing, out;
    int64_t value;

    (void)state;
    assert_null(pm_slice_cut(nothing, 0, 3).data);
    assert_int_equal(pm_slice_after(nothing, 3).len, 0);
    assert_true(pm_slice_equal(nothing, PM_EMPTY));
    assert_true(pm_slice_equal_nocase(nothing, PM_EMPTY));
    assert_true(pm_slice_starts(nothing, nothing));
    assert_true(pm_slice_starts_nocase(PM_LIT("a"), nothing));
    assert_true(pm_slice_ends(PM_LIT("a"), nothing));
    assert_false(pm_slice_starts(nothing, PM_LIT("a")));
    assert_int_equal(pm_slice_compare(nothing, PM_EMPTY), 0);
    assert_true(pm_slice_compare(nothing, PM_LIT("a")) < 0);
    assert_int_equal(pm_slice_find(nothing, nothing), 0);
    assert_int_equal(pm_slice_find_nocase(nothing, nothing), 0);
    assert_int_equal(pm_slice_find_last(nothing, nothing), 0);
    assert_int_equal(pm_slice_find(nothing, PM_LIT("a")), PM_NOWHERE);
    assert_int_equal(pm_slice_find_byte(nothing, 'a'), PM_NOWHERE);
    assert_int_equal(pm_slice_trim(nothing).len, 0);
    assert_int_equal(pm_slice_trim_end(nothing).len, 0);
    assert_false(pm_slice_next_line(&rest, &out));
    assert_false(pm_slice_next_word(&rest, &out));
    assert_int_equal(pm_slice_to_int(nothing, &value), PM_ABSENT);
    assert_true(pm_slice_is_utf8(nothing));
    assert_true(pm_slice_is_ascii(nothing));
    assert_int_equal(pm_slice_utf8_length(nothing), 0);
}

static void case_is_that_of_ascii_alone(void **state)
{
    (void)state;
    assert_true(pm_slice_equal_nocase(PM_LIT("PATCH"), PM_LIT("patch")));
    assert_true(pm_slice_equal_nocase(PM_LIT("[v2]_9@`{"), PM_LIT("[V2]_9@`{")));
    assert_false(pm_slice_equal_nocase(PM_LIT("@"), PM_LIT("`"))); /* 0x20 apart, no letters */
    assert_false(pm_slice_equal_nocase(PM_LIT("["), PM_LIT("{")));
    assert_false(pm_slice_equal_nocase(PM_LIT("\xc3\x84"), PM_LIT("\xc3\xa4"))); /* A-umlaut */
    assert_false(pm_slice_equal_nocase(PM_LIT("ab"), PM_LIT("abc")));
    for (int c = 0; c < 256; c++) {
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

        assert_int_equal(pm_is_alpha((char)c), letter);
        assert_int_equal(pm_is_digit((char)c), c >= '0' && c <= '9');
        assert_int_equal(pm_lower((char)c), (char)(c >= 'A' && c <= 'Z' ? c + 32 : c));
    }
}

static void starts_and_ends(void **state)
{
    static const struct {
        const char *slice, *other;
        bool starts, starts_nocase, ends;
    } cases[] = {
        {"abc", "ab", true, true, false},     {"abc", "bc", false, false, true},
        {"abc", "abc", true, true, true},     {"abc", "abcd", false, false, false},
        {"abc", "", true, true, true},        {"", "a", false, false, false},
        {"Re: x", "re:", false, true, false}, {"aXa", "a", true, true, true},
        {"abc", "aBC", false, true, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        pm_slice slice = pm_slice_of(cases[i].slice), other = pm_slice_of(cases[i].other);

        if (pm_slice_starts(slice, other) != cases[i].starts ||
            pm_slice_starts_nocase(slice, other) != cases[i].starts_nocase ||
            pm_slice_ends(slice, other) != cases[i].ends)
            fail_msg("\"%s\" and \"%s\"", cases[i].slice, cases[i].other);
    }
}

static void bytes_sort_unsigned_and_prefixes_first(void **state)
{
    static const pm_slice sorted[] = {{"", 0},     {"\0", 1},   {"\0\0", 2}, {"A", 1},
                                      {"a", 1},    {"a\0", 2},  {"ab", 2},   {"b", 1},
                                      {"\x7f", 1}, {"\x80", 1}, {"\xff", 1}, {"\xff\x01", 2}};

    (void)state;
    for (size_t a = 0; a < COUNT(sorted); a++)
        for (size_t b = 0; b < COUNT(sorted); b++) {
            int order = pm_slice_compare(sorted[a], sorted[b]);

            if ((order > 0) - (order < 0) != (a > b) - (a < b))
                fail_msg("%zu and %zu: %d", a, b, order);
        }
}

/* The twins: one place after the other, byte by byte. */
static bool stands_at(pm_slice slice, size_t at, pm_slice needle, bool nocase)
{
    if (needle.len > slice.len - at)
        return false;
    for (size_t i = 0; i < needle.len; i++) {
        char a = slice.data[at + i], b = needle.data[i];

        if (nocase ? pm_lower(a) != pm_lower(b) : a != b)
            return false;
    }
    return true;
}

static void finding_agrees_with_looking_everywhere(void **state)
{
    uint64_t random = 5;

    (void)state;
    for (int round = 0; round < 30000; round++) {
        char bytes[24], sought[5];
        pm_slice slice = {bytes, draw_below(&random, sizeof(bytes) + 1)};
        pm_slice needle = {sought, draw_below(&random, sizeof(sought) + 1)};
        size_t first = PM_NOWHERE, last = PM_NOWHERE, nocase = PM_NOWHERE, byte = PM_NOWHERE;

        draw_bytes(&random, bytes, sizeof(bytes), "aAb\0", 4);
        draw_bytes(&random, sought, sizeof(sought), "aAb\0", 4);
        for (size_t at = 0; at <= slice.len; at++) {
            if (stands_at(slice, at, needle, false)) {
                first = first == PM_NOWHERE ? at : first;
                last = at;
            }
            if (nocase == PM_NOWHERE && stands_at(slice, at, needle, true))
                nocase = at;
            if (byte == PM_NOWHERE && at < slice.len && bytes[at] == sought[0])
                byte = at;
        }
        assert_int_equal(pm_slice_find(slice, needle), first);
        assert_int_equal(pm_slice_find_last(slice, needle), last);
        assert_int_equal(pm_slice_find_nocase(slice, needle), nocase);
        assert_int_equal(pm_slice_find_byte(slice, sought[0]), byte);
    }
}

static void white_space_is_trimmed_at_the_ends_alone(void **state)
{
    static const struct {
        const char *text, *trimmed, *end_trimmed;
    } cases[] = {
        {" a ", "a", " a"},
        {"\t\r\n\f\v a b \v\f\n\r\t", "a b", "\t\r\n\f\v a b"},
        {"", "", ""},
        {" \n ", "", ""},
        {"a", "a", "a"},
        {"\xc2\xa0"
         "a",
         "\xc2\xa0"
         "a",
         "\xc2\xa0"
         "a"}, /* a no-break space is none of ours */
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        expect(pm_slice_trim(pm_slice_of(cases[i].text)), pm_slice_of(cases[i].trimmed),
               cases[i].text);
        expect(pm_slice_trim_end(pm_slice_of(cases[i].text)), pm_slice_of(cases[i].end_trimmed),
               cases[i].text);
    }
    expect(pm_slice_trim((pm_slice){" \0 ", 3}), (pm_slice){"\0", 1}, "a NUL is no space");
}

static void lines_end_with_lf_or_crlf(void **state)
{
    static const struct {
        const char *text;
        const char *lines[5];
    } cases[] = {
        {"", {NULL}},
        {"a", {"a", NULL}},
        {"a\n", {"a", NULL}},
        {"a\nb", {"a", "b", NULL}},
        {"a\r\nb\r\n", {"a", "b", NULL}},
        {"\n\n", {"", "", NULL}},
        {"\r\n", {"", NULL}},
        {"a\rb\n", {"a\rb", NULL}},       /* a lone CR ends nothing */
        {"a\r\r\nb", {"a\r", "b", NULL}}, /* only one CR belongs to the LF */
        {"a\r", {"a\r", NULL}},
        {"\r", {"\r", NULL}},
        {"\n\r", {"", "\r", NULL}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        pm_slice rest = pm_slice_of(cases[i].text), line;
        size_t n = 0;

        for (; pm_slice_next_line(&rest, &line); n++) {
            if (cases[i].lines[n] == NULL)
                fail_msg("case %zu: one line too many", i);
            expect(line, pm_slice_of(cases[i].lines[n]), cases[i].text);
        }
        assert_null(cases[i].lines[n]);
        assert_int_equal(rest.len, 0);
    }
}

static void lines_cover_all_of_the_text(void **state)
{
    uint64_t random = 6;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        char bytes[40];
        pm_slice text = {bytes, draw_below(&random, sizeof(bytes) + 1)}, rest = text, line;
        const char *expected = bytes;

        draw_bytes(&random, bytes, sizeof(bytes), "a\r\n\0", 4);
        while (pm_slice_next_line(&rest, &line)) {
            const char *end = line.data + line.len;

            assert_ptr_equal(line.data, expected);
            assert_int_equal(pm_slice_find_byte(line, '\n'), PM_NOWHERE);
            if (end < bytes + text.len)
                end += *end == '\r' ? 2 : 1;
            if (end > bytes + text.len || (end < bytes + text.len && end[-1] != '\n'))
                fail_msg("round %d: a line ends in the middle", round);
            assert_ptr_equal(rest.data, end);
            expected = end;
        }
        assert_ptr_equal(expected, bytes + text.len);
    }
}

static void words_are_what_stands_between_white_space(void **state)
{
    static const struct {
        const char *text;
        const char *words[4];
    } cases[] = {
        {"", {NULL}},           {" \t\n", {NULL}},
        {"a", {"a", NULL}},     {"  a\tbc \r\n d ", {"a", "bc", "d", NULL}},
        {"one", {"one", NULL}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        pm_slice rest = pm_slice_of(cases[i].text), word;
        size_t n = 0;

        for (; pm_slice_next_word(&rest, &word); n++) {
            if (cases[i].words[n] == NULL)
                fail_msg("\"%s\": one word too many", cases[i].text);
            expect(word, pm_slice_of(cases[i].words[n]), cases[i].text);
        }
        assert_null(cases[i].words[n]);
    }
}

static void numbers_are_read_whole_or_not_at_all(void **state)
{
    static const struct {
        const char *text;
        pm_status status;
        int64_t value;
    } cases[] = {
        {"0", PM_OK, 0},
        {"007", PM_OK, 7},
        {"+5", PM_OK, 5},
        {"-5", PM_OK, -5},
        {"-0", PM_OK, 0},
        {"9223372036854775807", PM_OK, INT64_MAX},
        {"-9223372036854775808", PM_OK, INT64_MIN},
        {"9223372036854775808", PM_LIMIT, 0},
        {"-9223372036854775809", PM_LIMIT, 0},
        {"99999999999999999999999", PM_LIMIT, 0},
        {"00000000000000000000000000000012", PM_OK, 12},
        {"", PM_ABSENT, 0},
        {"-", PM_ABSENT, 0},
        {"+", PM_ABSENT, 0},
        {"--1", PM_ABSENT, 0},
        {"+-1", PM_ABSENT, 0},
        {" 1", PM_ABSENT, 0},
        {"1 ", PM_ABSENT, 0},
        {"1a", PM_ABSENT, 0},
        {"0x10", PM_ABSENT, 0},
        {"1.5", PM_ABSENT, 0},
        {"99999999999999999999999x", PM_ABSENT, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t value = 4711;
        pm_status status = pm_slice_to_int(pm_slice_of(cases[i].text), &value);

        if (status != cases[i].status)
            fail_msg("\"%s\": status %d", cases[i].text, status);
        assert_true(value == (status == PM_OK ? cases[i].value : 4711));
    }
}

static void a_printed_number_is_read_back(void **state)
{
    uint64_t random = 7;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        int64_t value = (int64_t)(draw(&random) >> draw_below(&random, 64)), back = 0;
        char text[32];

        if (draw_below(&random, 2) == 0)
            value = -value;
        snprintf(text, sizeof(text), "%" PRId64, value);
        assert_int_equal(pm_slice_to_int(pm_slice_of(text), &back), PM_OK);
        assert_true(back == value);
    }
}

/* The twin: put the bits together as the first byte says, then ask whether the result may be
 * written in that many bytes. */
static size_t utf8_twin(const unsigned char *at, size_t left)
{
    static const struct {
        unsigned char mask, lead;
        uint32_t least;
    } forms[] = {{0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};

    for (size_t form = 0; left > 0 && form < COUNT(forms); form++) {
        uint32_t point = at[0] & (unsigned char)~forms[form].mask;

        if ((at[0] & forms[form].mask) != forms[form].lead)
            continue;
        if (form + 1 > left)
            return 0;
        for (size_t i = 1; i <= form; i++) {
            if ((at[i] & 0xc0) != 0x80)
                return 0;
            point = point << 6 | (at[i] & 0x3f);
        }
        if (point < forms[form].least || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
            return 0;
        return form + 1;
    }
    return 0;
}

static void check_utf8(const unsigned char *bytes, size_t len)
{
    pm_slice slice = {(const char *)bytes, len};
    size_t expected = utf8_twin(bytes, len);

    if (pm_slice_utf8_length(slice) != expected || (expected == len) != pm_slice_is_utf8(slice))
        fail_msg("%02x %02x %02x %02x, %zu bytes", bytes[0], bytes[1], bytes[2], bytes[3], len);
}

static void utf8_is_that_of_rfc_3629(void **state)
{
    /* Where ranges begin and end, and their neighbours. */
    static const unsigned char edges[] = {0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f,
                                          0xa0, 0xbf, 0xc0, 0xc2, 0xf0, 0xff};
    unsigned char bytes[4] = {0};

    (void)state;
    for (unsigned first = 0; first < 256; first++) {
        bytes[0] = (unsigned char)first;
        check_utf8(bytes, 1);
        for (unsigned second = 0; second < 256; second++) {
            bytes[1] = (unsigned char)second;
            /* Longer texts have more than one character in them, which the twin does not count. */
            if (first >= 0xc0)
                check_utf8(bytes, 2);
            for (size_t third = 0; first >= 0xe0 && third < COUNT(edges); third++) {
                bytes[2] = edges[third];
                check_utf8(bytes, 3);
                for (size_t fourth = 0; first >= 0xf0 && fourth < COUNT(edges); fourth++) {
                    bytes[3] = edges[fourth];
                    check_utf8(bytes, 4);
                }
            }
        }
    }
}

/* Eight bytes are looked at together: one that is not ASCII must be seen in every place. */
static void one_odd_byte_is_seen_anywhere(void **state)
{
    char text[40];

    (void)state;
    for (size_t len = 1; len <= sizeof(text); len++)
        for (size_t at = 0; at < len; at++) {
            pm_slice slice = {text, len};

            memset(text, 'a', sizeof(text));
            assert_true(pm_slice_is_ascii(slice));
            assert_true(pm_slice_is_utf8(slice));
            text[at] = '\x80';
            assert_false(pm_slice_is_ascii(slice));
            assert_false(pm_slice_is_utf8(slice));
            if (at + 1 < len) {
                memcpy(text + at, "\xc3\xa4", 2);
                assert_false(pm_slice_is_ascii(slice));
                assert_true(pm_slice_is_utf8(slice));
            }
        }
}

static void mixed_text_is_valid_when_each_character_is(void **state)
{
    static const pm_slice pieces[] = {
        {"a", 1},
        {"plain text", 10},
        {"\xc3\xa9", 2},
        {"\xe2\x82\xac", 3},
        {"\xf0\x9f\x90\xa7", 4},
        {"\n", 1},
        {"\xed\xa0\x80", 3}, /* a surrogate: bad */
        {"\xc0\xaf", 2},     /* overlong: bad */
    };
    uint64_t random = 8;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        size_t count = draw_below(&random, 12), len = 0;
        bool valid = true;
        char text[200];

        for (size_t i = 0; i < count; i++) {
            size_t piece = draw_below(&random, round % 2 == 0 ? 6 : COUNT(pieces));

            memcpy(text + len, pieces[piece].data, pieces[piece].len);
            len += pieces[piece].len;
            valid = valid && piece < 6;
        }
        assert_int_equal(pm_slice_is_utf8((pm_slice){text, len}), valid);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cut_stays_within_the_slice),
        cmocka_unit_test(nothing_is_an_empty_slice_everywhere),
        cmocka_unit_test(case_is_that_of_ascii_alone),
        cmocka_unit_test(starts_and_ends),
        cmocka_unit_test(bytes_sort_unsigned_and_prefixes_first),
        cmocka_unit_test(finding_agrees_with_looking_everywhere),
        cmocka_unit_test(white_space_is_trimmed_at_the_ends_alone),
        cmocka_unit_test(lines_end_with_lf_or_crlf),
        cmocka_unit_test(lines_cover_all_of_the_text),
        cmocka_unit_test(words_are_what_stands_between_white_space),
        cmocka_unit_test(numbers_are_read_whole_or_not_at_all),
        cmocka_unit_test(a_printed_number_is_read_back),
        cmocka_unit_test(utf8_is_that_of_rfc_3629),
        cmocka_unit_test(one_odd_byte_is_seen_anywhere),
        cmocka_unit_test(mixed_text_is_valid_when_each_character_is),
    };

    return cmocka_run_group_tests_name("slice", tests, NULL, NULL);
}
