/* SPDX-License-Identifier: BSD-2-Clause */
/* message_test - envelope, header fields and body, however the bytes come in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "message.h"

static int open_message(void **state)
{
    *state = pm_message_new(NULL);
    return *state == NULL ? -1 : 0;
}

static int close_message(void **state)
{
    pm_message_free(*state);
    return 0;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_message, close_message)

static void assert_slice(pm_slice got, const char *wanted)
{
    if (!pm_slice_equal(got, pm_slice_of(wanted)))
        fail_msg("got \"%.*s\", not \"%s\"", PM_FMT(got), wanted);
}

static void assert_field(pm_message *message, const char *name, unsigned nth, const char *wanted)
{
    pm_slice value;

    if (pm_message_header(message, name, nth, &value) != PM_OK)
        fail_msg("there is no %s number %u", name, nth);
    assert_slice(value, wanted);
}

static void read_text(pm_message *message, const char *text)
{
    pm_message_reset(message);
    pm_message_read(message, pm_slice_of(text));
}

/* ---- The envelope ---- */

static void the_envelope_loses_its_brackets(void **state)
{
    pm_message *message = *state;

    pm_message_set_sender(message, PM_LIT("<ann@example.org>"));
    pm_message_add_recipient(message, PM_LIT("list@example.org"));
    pm_message_add_recipient(message, PM_LIT(" < bob@example.org > "));
    assert_slice(pm_message_sender(message), "ann@example.org");
    assert_int_equal(pm_message_recipients(message), 2);
    assert_slice(pm_message_recipient(message, 0), "list@example.org");
    assert_slice(pm_message_recipient(message, 1), "bob@example.org");
    assert_slice(pm_message_recipient(message, 2), "");
}

static void a_bounce_has_an_empty_sender(void **state)
{
    pm_message_set_sender(*state, PM_LIT("<>"));
    assert_slice(pm_message_sender(*state), "");
    assert_false(pm_message_cut(*state));
}

static void the_envelope_is_a_copy(void **state)
{
    char address[] = "<ann@example.org>";

    pm_message_set_sender(*state, pm_slice_of(address));
    memset(address, 'x', sizeof(address) - 1);
    assert_slice(pm_message_sender(*state), "ann@example.org");
}

/* ---- The header ---- */

static void fields_are_found_by_name_and_number(void **state)
{
    pm_message *message = *state;
    pm_slice value;

    read_text(message, "Received: one\nSubject: hello\nreceived: two\nRECEIVED: three\n\nbody\n");
    assert_int_equal(pm_message_headers(message), 4);
    assert_field(message, "received", 0, "one");
    assert_field(message, "Received", 1, "two");
    assert_field(message, "rEcEiVeD", 2, "three");
    assert_field(message, "Subject", 0, "hello");
    assert_int_equal(pm_message_header(message, "Received", 3, &value), PM_ABSENT);
    assert_int_equal(pm_message_header(message, "Receive", 0, &value), PM_ABSENT);
    assert_int_equal(pm_message_header(message, "", 0, &value), PM_ABSENT);
    assert_slice(pm_message_header_at(message, 2)->name, "received");
    assert_null(pm_message_header_at(message, 4));
    assert_slice(pm_message_body(message), "body\n");
}

static void a_message_in_memory_is_borrowed(void **state)
{
    const char *text = "Subject: hello\n\nbody\n";
    pm_slice value;

    read_text(*state, text);
    assert_int_equal(pm_message_header(*state, "Subject", 0, &value), PM_OK);
    assert_ptr_equal(value.data, text + 9);
    assert_ptr_equal(pm_message_body(*state).data, text + 16);
    assert_ptr_equal(pm_message_text(*state).data, text + 16);
}

static void values_keep_everything_but_one_space(void **state)
{
    read_text(*state, "A:one\nB:  two\nC:\tthree\nD: four \nE:\nF: \nG\t: seven\nH: a: b\n\n");
    assert_field(*state, "A", 0, "one");
    assert_field(*state, "B", 0, " two");
    assert_field(*state, "C", 0, "\tthree");
    assert_field(*state, "D", 0, "four ");
    assert_field(*state, "E", 0, "");
    assert_field(*state, "F", 0, "");
    assert_field(*state, "G", 0, "seven");
    assert_field(*state, "H", 0, "a: b");
}

static void folded_values_stay_folded(void **state)
{
    read_text(*state, "Subject: one\n two\n\tthree\nTo:\n a@example.org\n\nbody");
    assert_field(*state, "Subject", 0, "one\n two\n\tthree");
    assert_field(*state, "To", 0, "\n a@example.org");
    assert_slice(pm_message_body(*state), "body");
}

static void crlf_mail_is_read_like_any_other(void **state)
{
    read_text(*state, "Subject: one\r\n two\r\nTo: a\r\n\r\nbody\r\n");
    assert_field(*state, "Subject", 0, "one\r\n two");
    assert_field(*state, "To", 0, "a");
    assert_slice(pm_message_body(*state), "body\r\n");
    assert_slice(pm_message_text(*state), "body\r\n");
}

static void a_lone_cr_does_not_end_a_header(void **state)
{
    read_text(*state, "Subject: one\rTo: nobody\n\nbody\rmore\n");
    assert_int_equal(pm_message_headers(*state), 1);
    assert_field(*state, "Subject", 0, "one\rTo: nobody");
    assert_slice(pm_message_body(*state), "body\rmore\n");
}

static void a_nul_byte_ends_nothing(void **state)
{
    pm_slice value;

    pm_message_read(*state, PM_LIT("Subject: a\0b\n\nbo\0dy\n"));
    assert_int_equal(pm_message_header(*state, "Subject", 0, &value), PM_OK);
    assert_true(pm_slice_equal(value, PM_LIT("a\0b")));
    assert_true(pm_slice_equal(pm_message_body(*state), PM_LIT("bo\0dy\n")));
    assert_int_equal(pm_message_decoded(*state, "Subject", 0, &value), PM_OK);
    assert_slice(value, "a b");
}

static void what_is_no_field_ends_the_header(void **state)
{
    static const struct {
        const char *text, *body;
        size_t fields;
    } cases[] = {
        {"A: 1\nno colon here\nB: 2\n", "no colon here\nB: 2\n", 1},
        {"A: 1\n: no name\n", ": no name\n", 1},
        {"A: 1\ncaf\xe9: 8-bit name\n", "caf\xe9: 8-bit name\n", 1},
        {"A: 1\ntwo words: value\n", "two words: value\n", 1},
        {" begins with a blank\nA: 1\n\nbody", " begins with a blank\nA: 1\n\nbody", 0},
        {"no header at all\n", "no header at all\n", 0},
        {"\nbody", "body", 0},
        {"\r\nbody", "body", 0},
        {"A: 1\nB", "B", 1},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        read_text(*state, cases[i].text);
        if (pm_message_headers(*state) != cases[i].fields)
            fail_msg("\"%s\" has %zu fields", cases[i].text, pm_message_headers(*state));
        assert_slice(pm_message_body(*state), cases[i].body);
    }
}

static void a_message_may_end_anywhere(void **state)
{
    static const struct {
        const char *text, *subject;
    } cases[] = {
        {"Subject: a\n\n", "a"}, {"Subject: a\n", "a"}, {"Subject: a", "a"},
        {"Subject: a\r", "a"},   {"Subject:", ""},      {"Subject: a\n b", "a\n b"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        read_text(*state, cases[i].text);
        assert_field(*state, "Subject", 0, cases[i].subject);
        assert_slice(pm_message_body(*state), "");
        assert_slice(pm_message_text(*state), "");
    }
    read_text(*state, "");
    assert_int_equal(pm_message_headers(*state), 0);
    assert_slice(pm_message_text(*state), "");
}

static void mbox_lines_in_front_are_passed_over(void **state)
{
    static const char *const fronts[] = {
        "From ann@example.org Sat Nov 21 03:40:38 2026\n",
        ">From ann@example.org Sat Nov 21 03:40:38 2026\n",
        "From - Sat Nov 21 03:40:38 2026\r\n",
        "From a\n>From b\n",
    };

    for (size_t i = 0; i < sizeof(fronts) / sizeof(*fronts); i++) {
        char text[200];

        snprintf(text, sizeof(text), "%sSubject: a\nFrom : ann@example.org\n\nFrom here on\n",
                 fronts[i]);
        read_text(*state, text);
        assert_int_equal(pm_message_headers(*state), 2);
        assert_field(*state, "From", 0, "ann@example.org");
        assert_slice(pm_message_body(*state), "From here on\n");
    }
}

static void a_from_field_with_a_blank_before_its_colon_is_no_mbox_line(void **state)
{
    read_text(*state, "From : ann@example.org\nSubject: a\n\n");
    assert_int_equal(pm_message_headers(*state), 2);
    assert_field(*state, "From", 0, "ann@example.org");
}

static void three_hundred_and_four_fields_are_kept(void **state)
{
    char text[304 * 12 + 8];
    size_t length = 0;

    for (unsigned i = 0; i < 304; i++)
        length += (size_t)snprintf(text + length, sizeof(text) - length, "X: %u\n", i);
    snprintf(text + length, sizeof(text) - length, "\nbody");
    read_text(*state, text);
    assert_int_equal(pm_message_headers(*state), 304);
    assert_field(*state, "x", 303, "303");
    assert_slice(pm_message_body(*state), "body");
    assert_false(pm_message_cut(*state));
}

static void references_of_sixty_kilobytes_are_one_field(void **state)
{
    size_t size = 60 * 1024;
    char *text = malloc(size + 1);
    pm_slice value;

    assert_non_null(text);
    memset(text, 'r', size);
    memcpy(text, "References: ", 12);
    for (size_t at = 100; at + 100 < size; at += 100)
        memcpy(text + at, "\n ", 2);
    memcpy(text + size - 6, "\n\nbody", 6);
    text[size] = '\0';
    read_text(*state, text);
    assert_int_equal(pm_message_headers(*state), 1);
    assert_int_equal(pm_message_header(*state, "References", 0, &value), PM_OK);
    assert_int_equal(value.len, size - 12 - 6);
    assert_int_equal(pm_message_decoded(*state, "References", 0, &value), PM_OK);
    assert_slice(pm_message_body(*state), "body");
    free(text);
}

static void decoded_fields_are_for_people(void **state)
{
    pm_slice value;

    read_text(*state, "Subject: =?utf-8?q?caf=C3=A9?=\n =?utf-8?q?_au?= lait\nTo:  plain \n\n");
    assert_int_equal(pm_message_decoded(*state, "subject", 0, &value), PM_OK);
    assert_slice(value, "caf\xc3\xa9 au lait");
    assert_int_equal(pm_message_decoded(*state, "To", 0, &value), PM_OK);
    assert_slice(value, "plain");
    assert_int_equal(pm_message_decoded(*state, "Cc", 0, &value), PM_ABSENT);
}

static void the_date_is_seconds_since_1970(void **state)
{
    static const struct {
        const char *value;
        int64_t wanted;
    } cases[] = {
        {"Sat, 21 Nov 2026 03:40:38 +0100", 1795228838},
        {"21 Nov 2026 02:40:38 +0000", 1795228838},
        {"Sat, 21 Nov 2026 02:40:38 GMT", 1795228838},
        {"Sat, 21 Nov 26 02:40:38 UT", 1795228838},
        {"Fri, 20 Nov 2026 19:40:38 -0700 (MST)", 1795228838},
        {"Sat, 21 Nov\n 2026 03:40:38\n\t+0100", 1795228838},
        {"Sat Nov 21 02:40:38 2026", 1795228838},
        {"Sat, 21 Nov 2026 02:40 +0000", 1795228800},
        {"Thu, 1 Jan 1970 00:00:00 +0000", 0},
        {"Wed, 31 Dec 1969 23:59:59 +0000", -1},
    };
    static const char *const none[] = {"", "soon", "Sat, 32 Nov 2026 03:40:38 +0100",
                                       "21 Foo 2026 02:40:38 +0000", "\xff\xfe"};
    char text[300];
    int64_t seconds;

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        snprintf(text, sizeof(text), "Date: %s\n\n", cases[i].value);
        read_text(*state, text);
        seconds = 1;
        assert_int_equal(pm_message_date(*state, &seconds), PM_OK);
        if (seconds != cases[i].wanted)
            fail_msg("\"%s\" is %lld", cases[i].value, (long long)seconds);
    }
    for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
        snprintf(text, sizeof(text), "Date: %s\n\n", none[i]);
        read_text(*state, text);
        if (pm_message_date(*state, &seconds) != PM_ABSENT)
            fail_msg("\"%s\" is %lld", none[i], (long long)seconds);
    }
    snprintf(text, sizeof(text), "Date: %0250d\n\n", 1);
    read_text(*state, text);
    assert_int_equal(pm_message_date(*state, &seconds), PM_ABSENT);
    read_text(*state, "Subject: none\n\n");
    assert_int_equal(pm_message_date(*state, &seconds), PM_ABSENT);
}

/* ---- Piece by piece ---- */

static void added_fields_are_stored_as_given(void **state)
{
    char value[] = "one\r\n two\n three";

    pm_message_add_header(*state, PM_LIT("Subject "), pm_slice_of(value));
    memset(value, 'x', sizeof(value) - 1);
    assert_field(*state, "Subject", 0, "one\r\n two\n three");
    assert_slice(pm_message_header_at(*state, 0)->name, "Subject");
}

static void the_text_follows_what_is_added_later(void **state)
{
    pm_message_add_body(*state, PM_LIT("=41"));
    assert_slice(pm_message_text(*state), "=41");
    pm_message_add_header(*state, PM_LIT("Content-Transfer-Encoding"), PM_LIT("quoted-printable"));
    assert_slice(pm_message_text(*state), "A");
    pm_message_add_body(*state, PM_LIT("=42"));
    assert_slice(pm_message_text(*state), "AB");
}

static void an_empty_piece_of_body_is_nothing(void **state)
{
    assert_true(pm_message_add_body(*state, PM_EMPTY));
    assert_slice(pm_message_body(*state), "");
    assert_true(pm_message_add_body(*state, PM_LIT("a")));
    assert_true(pm_message_add_body(*state, PM_EMPTY));
    assert_slice(pm_message_body(*state), "a");
}

static void reset_forgets_everything(void **state)
{
    pm_message *message = *state;

    pm_message_set_sender(message, PM_LIT("ann@example.org"));
    pm_message_add_recipient(message, PM_LIT("bob@example.org"));
    pm_message_add_header(message, PM_LIT("Subject"), PM_LIT("a"));
    pm_message_add_body(message, PM_LIT("body"));
    assert_slice(pm_message_text(message), "body");
    pm_message_reset(message);
    assert_slice(pm_message_sender(message), "");
    assert_int_equal(pm_message_recipients(message), 0);
    assert_int_equal(pm_message_headers(message), 0);
    assert_slice(pm_message_body(message), "");
    assert_slice(pm_message_text(message), "");
    assert_false(pm_message_cut(message));
    assert_int_equal(pm_arena_used(pm_message_arena(message)), 0);
}

static void reading_keeps_the_envelope(void **state)
{
    pm_message_set_sender(*state, PM_LIT("ann@example.org"));
    pm_message_read(*state, PM_LIT("Subject: one\n\nfirst"));
    pm_message_read(*state, PM_LIT("Subject: two\n\nsecond"));
    assert_slice(pm_message_sender(*state), "ann@example.org");
    assert_int_equal(pm_message_headers(*state), 1);
    assert_field(*state, "Subject", 0, "two");
    assert_slice(pm_message_text(*state), "second");
}

/* ---- Limits ---- */

static void fields_past_the_limit_are_left_out(void **state)
{
    const pm_message_limits limits = {.memory = 1 << 20, .headers = 2, .body = 100};
    pm_message *message = pm_message_new(&limits);
    pm_slice value;

    (void)state;
    assert_non_null(message);
    pm_message_read(message, PM_LIT("A: 1\nB: 2\nC: 3\n\nbody"));
    assert_int_equal(pm_message_headers(message), 2);
    assert_int_equal(pm_message_header(message, "C", 0, &value), PM_ABSENT);
    assert_slice(pm_message_body(message), "body");
    assert_true(pm_message_cut(message));

    pm_message_reset(message);
    for (unsigned i = 0; i < 3; i++)
        pm_message_add_header(message, PM_LIT("A"), PM_LIT("1"));
    assert_int_equal(pm_message_headers(message), 2);
    assert_true(pm_message_cut(message));
    pm_message_free(message);
}

static void body_past_the_limit_is_left_out(void **state)
{
    const pm_message_limits limits = {.memory = 1 << 20, .headers = 10, .body = 10};
    pm_message *message = pm_message_new(&limits);

    (void)state;
    assert_non_null(message);
    assert_true(pm_message_add_body(message, PM_LIT("12345678")));
    assert_false(pm_message_cut(message));
    assert_false(pm_message_add_body(message, PM_LIT("90123")));
    assert_false(pm_message_add_body(message, PM_LIT("4")));
    assert_slice(pm_message_body(message), "1234567890");
    assert_true(pm_message_cut(message));

    pm_message_reset(message);
    pm_message_read(message, PM_LIT("A: 1\n\n1234567890"));
    assert_false(pm_message_cut(message));
    pm_message_read(message, PM_LIT("A: 1\n\n12345678901"));
    assert_slice(pm_message_body(message), "1234567890");
    assert_true(pm_message_cut(message));
    pm_message_free(message);
}

static void a_body_that_just_fits_is_not_cut(void **state)
{
    const pm_message_limits limits = {.memory = 1 << 20, .headers = 10, .body = 10};
    pm_message *message = pm_message_new(&limits);

    (void)state;
    assert_non_null(message);
    assert_false(pm_message_add_body(message, PM_LIT("1234567890")));
    assert_false(pm_message_cut(message));
    pm_message_free(message);
}

static void a_header_of_the_budgets_size_leaves_room_to_read_the_rest(void **state)
{
    const pm_message_limits limits = {.memory = 64 * 1024, .headers = 1000, .body = 1 << 20};
    pm_message *message = pm_message_new(&limits);
    char large[4096];
    pm_slice value;

    (void)state;
    assert_non_null(message);
    memset(large, 'x', sizeof(large));
    pm_message_add_header(message, PM_LIT("Subject"), PM_LIT("=?utf-8?q?caf=C3=A9?="));
    for (unsigned i = 0; i < 100; i++)
        pm_message_add_header(message, PM_LIT("X"), (pm_slice){large, sizeof(large)});
    while (pm_message_add_body(message, (pm_slice){large, sizeof(large)}))
        ;
    assert_true(pm_message_cut(message));
    assert_int_equal(pm_message_decoded(message, "Subject", 0, &value), PM_OK);
    assert_slice(value, "caf\xc3\xa9");
    assert_true(pm_arena_used(pm_message_arena(message)) <= limits.memory);
    pm_message_free(message);
}

static void without_memory_nothing_fails_and_cut_says_so(void **state)
{
    (void)state;
    for (size_t memory = 0; memory < 600; memory++) {
        const pm_message_limits limits = {.memory = memory, .headers = 10, .body = 1000};
        pm_message *message = pm_message_new(&limits);
        pm_slice value;

        assert_non_null(message);
        pm_message_set_sender(message, PM_LIT("<ann@example.org>"));
        pm_message_add_recipient(message, PM_LIT("<bob@example.org>"));
        pm_message_add_header(message, PM_LIT("Subject"), PM_LIT("=?utf-8?q?a?="));
        pm_message_add_header(message, PM_LIT("Content-Transfer-Encoding"), PM_LIT("base64"));
        pm_message_add_body(message, PM_LIT("Y2Fmw6k="));
        if (pm_message_decoded(message, "Subject", 0, &value) != PM_OK)
            assert_true(pm_message_cut(message));
        pm_message_text(message);
        assert_true(pm_message_cut(message)); /* the index alone takes more */
        assert_true(pm_arena_used(pm_message_arena(message)) <= memory);
        pm_message_read(message, PM_LIT("Subject: a\n\nbody"));
        assert_slice(pm_message_body(message), "body");
        pm_message_free(message);
    }
}

/* ---- Any split gives the same message ---- */

/* A small generator of our own, so that a failure can be seen again. */
static unsigned draw(uint64_t *seed, unsigned below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(*seed >> 33) % below;
}

/* Where the last one was found is remembered; that must not be seen. */
static void fields_are_found_in_whatever_order_they_are_asked_for(void **state)
{
    static const char *const names[] = {"a", "b", "Cc", "none"}, *const capitals[] = {"A", "B",
                                                                                      "CC"};
    enum { FIELDS = 60, ASKED = 5000 };
    pm_message *message = *state;
    pm_slice added[3][FIELDS], value;
    size_t counts[4] = {0};
    uint64_t random = 1;

    for (unsigned i = 0; i < FIELDS; i++) {
        const size_t name = i % 2 > 0 ? draw(&random, 3) : 2;
        char text[8];

        snprintf(text, sizeof(text), "%u", i);
        pm_message_add_header(message, pm_slice_of(i % 3 > 0 ? names[name] : capitals[name]),
                              pm_slice_of(text));
        added[name][counts[name]++] = pm_message_header_at(message, i)->value;
        for (unsigned asked = 0; asked < ASKED / FIELDS; asked++) {
            const size_t which = draw(&random, 4), nth = draw(&random, FIELDS);
            const pm_status found = pm_message_header(message, names[which], (unsigned)nth, &value);

            assert_int_equal(found, nth < counts[which] ? PM_OK : PM_ABSENT);
            if (found == PM_OK)
                assert_ptr_equal(value.data, added[which][nth].data);
        }
    }
}

static size_t make_mail(uint64_t *seed, char *text, size_t room)
{
    static const char *const fields[] = {"Subject: [PATCH] mend\n the roof\n",
                                         "X-Empty:\n",
                                         "Content-Type: text/plain; charset=utf-8\n",
                                         "Content-Transfer-Encoding: quoted-printable\n",
                                         "Content-Transfer-Encoding: base64\n",
                                         "Content-Type: multipart/mixed; boundary=\"b\"\n",
                                         "To: a@example.org,\r\n\tb@example.org\r\n",
                                         "Content-Type: text/plain;\n charset=iso-8859-1\n"};
    static const char *const lines[] = {"--b\n",
                                        "--b--\n",
                                        "\n",
                                        "caf=C3=A9 =\n",
                                        "Y2Fmw6k=\n",
                                        "caf\xc3\xa9\r\n",
                                        "caf\xe9\n",
                                        "Content-Type: text/x-patch\n",
                                        "+int main(void)\n",
                                        "=",
                                        "\r"};
    size_t length = 0;

    for (unsigned i = draw(seed, 6); i > 0; i--)
        length += (size_t)snprintf(text + length, room - length, "%s", fields[draw(seed, 8)]);
    length += (size_t)snprintf(text + length, room - length, "\n");
    for (unsigned i = draw(seed, 20); i > 0; i--)
        length += (size_t)snprintf(text + length, room - length, "%s", lines[draw(seed, 11)]);
    return length;
}

static void assert_same(pm_message *a, pm_message *b)
{
    assert_int_equal(pm_message_headers(a), pm_message_headers(b));
    for (size_t i = 0; i < pm_message_headers(a); i++) {
        assert_true(
            pm_slice_equal(pm_message_header_at(a, i)->name, pm_message_header_at(b, i)->name));
        assert_true(
            pm_slice_equal(pm_message_header_at(a, i)->value, pm_message_header_at(b, i)->value));
    }
    assert_true(pm_slice_equal(pm_message_body(a), pm_message_body(b)));
    assert_true(pm_slice_equal(pm_message_text(a), pm_message_text(b)));
    assert_true(pm_slice_is_utf8(pm_message_text(a)));
}

static void any_split_into_pieces_gives_the_same_message(void **state)
{
    pm_message *whole = *state, *pieces = pm_message_new(NULL);
    uint64_t seed = 1;
    char text[4096];

    assert_non_null(pieces);
    for (unsigned round = 0; round < 1000; round++) {
        size_t length = make_mail(&seed, text, sizeof(text));
        pm_slice body;

        pm_message_reset(whole);
        pm_message_reset(pieces);
        pm_message_read(whole, (pm_slice){text, length});
        for (size_t i = 0; i < pm_message_headers(whole); i++) {
            const pm_header *header = pm_message_header_at(whole, i);
            pm_message_add_header(pieces, header->name, header->value);
        }
        body = pm_message_body(whole);
        while (body.len > 0) {
            size_t cut = 1 + draw(&seed, draw(&seed, 2) == 0 ? 3 : 60);
            assert_true(pm_message_add_body(pieces, pm_slice_cut(body, 0, cut)));
            body = pm_slice_after(body, cut);
        }
        assert_same(whole, pieces);
    }
    pm_message_free(pieces);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_envelope_loses_its_brackets),
        TEST(a_bounce_has_an_empty_sender),
        TEST(the_envelope_is_a_copy),
        TEST(fields_are_found_by_name_and_number),
        TEST(a_message_in_memory_is_borrowed),
        TEST(values_keep_everything_but_one_space),
        TEST(folded_values_stay_folded),
        TEST(crlf_mail_is_read_like_any_other),
        TEST(a_lone_cr_does_not_end_a_header),
        TEST(a_nul_byte_ends_nothing),
        TEST(what_is_no_field_ends_the_header),
        TEST(a_message_may_end_anywhere),
        TEST(mbox_lines_in_front_are_passed_over),
        TEST(a_from_field_with_a_blank_before_its_colon_is_no_mbox_line),
        TEST(three_hundred_and_four_fields_are_kept),
        TEST(references_of_sixty_kilobytes_are_one_field),
        TEST(decoded_fields_are_for_people),
        TEST(the_date_is_seconds_since_1970),
        TEST(added_fields_are_stored_as_given),
        TEST(the_text_follows_what_is_added_later),
        TEST(an_empty_piece_of_body_is_nothing),
        TEST(reset_forgets_everything),
        TEST(reading_keeps_the_envelope),
        TEST(fields_are_found_in_whatever_order_they_are_asked_for),
        cmocka_unit_test(fields_past_the_limit_are_left_out),
        cmocka_unit_test(body_past_the_limit_is_left_out),
        cmocka_unit_test(a_body_that_just_fits_is_not_cut),
        cmocka_unit_test(a_header_of_the_budgets_size_leaves_room_to_read_the_rest),
        cmocka_unit_test(without_memory_nothing_fails_and_cut_says_so),
        TEST(any_split_into_pieces_gives_the_same_message),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
