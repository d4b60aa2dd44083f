/* SPDX-License-Identifier: BSD-2-Clause */
/* mime_test - the text of a message, whatever it is wrapped in, and what the guard refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mime.h"

#define BUDGET ((size_t)32 * 1024 * 1024)

static int open_arena(void **state)
{
    pm_mime_start();
    *state = pm_arena_new(BUDGET);
    return *state == NULL ? -1 : 0;
}

static int close_arena(void **state)
{
    pm_arena_free(*state);
    return 0;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_arena, close_arena)

typedef struct reading {
    const char *type, *encoding;
    pm_slice body, wanted;
} reading;

#define BYTES(text)                                                                                \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }

static pm_slice text_of(pm_arena *arena, const char *type, const char *encoding, pm_slice body,
                        bool *cut_out)
{
    const pm_mime_type about = {pm_slice_of(type), pm_slice_of(encoding)};

    *cut_out = false;
    return pm_mime_text(arena, &about, body, cut_out);
}

static void check(pm_arena *arena, const reading *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool cut;
        pm_slice got = text_of(arena, cases[i].type, cases[i].encoding, cases[i].body, &cut);

        if (!pm_slice_equal(got, cases[i].wanted))
            fail_msg("\"%s\", \"%s\", \"%.*s\": the text is \"%.*s\", not \"%.*s\"", cases[i].type,
                     cases[i].encoding, PM_FMT(cases[i].body), PM_FMT(got),
                     PM_FMT(cases[i].wanted));
        assert_true(pm_slice_is_utf8(got));
        assert_false(cut);
    }
}

#define CHECK(arena, cases) check(arena, cases, sizeof(cases) / sizeof(*(cases)))

/* ---- One part ---- */

static void plain_text_is_not_copied(void **state)
{
    static const struct {
        const char *type, *encoding, *body;
    } cases[] = {
        {"", "", "hello\n"},
        {"text/plain", "7bit", "hello\n"},
        {"text/plain; charset=us-ascii", "", "hello\n"},
        {"TEXT/PLAIN; CHARSET=\"UTF-8\"; format=flowed", "8BIT", "caf\xc3\xa9\n"},
        {"text/plain;\n\tcharset=utf8", "binary", "\xe2\x82\xac\xf0\x9f\x90\xa7"},
        {"text/plain", "", "caf\xc3\xa9, not declared\n"},
        {"text/x-patch; charset=utf-8", "8bit", "--- a/x\n"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        pm_slice body = pm_slice_of(cases[i].body), got;
        bool cut;

        got = text_of(*state, cases[i].type, cases[i].encoding, body, &cut);
        assert_ptr_equal(got.data, body.data);
        assert_int_equal(got.len, body.len);
    }
    assert_int_equal(pm_arena_used(*state), 0);
}

static void transfer_encodings_are_undone(void **state)
{
    static const reading cases[] = {
        {"text/plain", "quoted-printable", BYTES("a=3Db =\nc\n"), BYTES("a=b c\n")},
        {"text/plain", "Quoted-Printable", BYTES("a=3db =\r\nc\r\n"), BYTES("a=b c\r\n")},
        {"text/plain; charset=utf-8", " quoted-printable ", BYTES("caf=C3=A9"),
         BYTES("caf\xc3\xa9")},
        {"text/plain; charset=utf-8", "base64", BYTES("Y2Fmw6kK\n"), BYTES("caf\xc3\xa9\n")},
        {"text/plain; charset=utf-8", "BASE64;", BYTES("Y2Fm\r\nw6kK\r\n"), BYTES("caf\xc3\xa9\n")},
        {"", "base64", BYTES("aGkK"), BYTES("hi\n")},
        {"text/plain", "x-unheard-of", BYTES("=41\n"), BYTES("=41\n")},
        {"text/plain", "base64", BYTES(""), BYTES("")},
        {"text/plain", "quoted-printable", BYTES(""), BYTES("")},
    };

    CHECK(*state, cases);
}

static void broken_transfer_encodings_give_what_can_be_read(void **state)
{
    static const reading cases[] = {
        {"text/plain", "quoted-printable", BYTES("100% = all\n"), BYTES("100% = all\n")},
        {"text/plain", "quoted-printable", BYTES("=ZZ\n"), BYTES("=ZZ\n")},
        {"text/plain", "quoted-printable", BYTES("the end ="), BYTES("the end ")},
        {"text/plain", "quoted-printable", BYTES("a=  \nb\n"), BYTES("a=  \nb\n")},
        {"text/plain", "base64", BYTES("Y2*Fm\n"), BYTES("caf")},
        {"text/plain", "base64", BYTES("Y2Fm\nYQ==\n____\na list's footer\n"), BYTES("cafa")},
        {"text/plain", "base64", BYTES("!!!!"), BYTES("")},
    };

    CHECK(*state, cases);
}

static void charsets_are_converted(void **state)
{
    static const reading cases[] = {
        {"text/plain; charset=iso-8859-1", "8bit", BYTES("caf\xe9"), BYTES("caf\xc3\xa9")},
        {"text/plain; charset=ISO-8859-15", "8bit", BYTES("\xa4"), BYTES("\xe2\x82\xac")},
        {"text/plain; charset=windows-1252", "8bit",
         BYTES("\x93"
               "a\x94"),
         BYTES("\xe2\x80\x9c"
               "a\xe2\x80\x9d")},
        {"text/plain; charset=gb2312", "base64", BYTES("1tDOxA=="),
         BYTES("\xe4\xb8\xad\xe6\x96\x87")},
        {"text/plain; charset=iso-2022-jp", "7bit", BYTES("\033$B$\"\033(B"),
         BYTES("\xe3\x81\x82")},
        {"text/plain; charset=utf-16", "base64", BYTES("/v8AYQ=="), BYTES("a")},
        {"text/plain; charset*=us-ascii'en'koi8-r", "8bit", BYTES("\xd0"), BYTES("\xd0\xbf")},
    };

    CHECK(*state, cases);
}

static void a_charset_that_lies_loses_nothing_readable(void **state)
{
    static const reading cases[] = {
        {"text/plain; charset=utf-8", "8bit", BYTES("caf\xe9 caf\xc3\xa9"),
         BYTES("caf\xc3\xa9 caf\xc3\xa9")},
        {"text/plain; charset=us-ascii", "7bit", BYTES("caf\xc3\xa9"), BYTES("caf\xc3\xa9")},
        {"text/plain; charset=us-ascii", "7bit", BYTES("caf\xe9"), BYTES("caf\xc3\xa9")},
        {"text/plain; charset=unknown-8bit", "8bit", BYTES("caf\xe9"), BYTES("caf\xc3\xa9")},
        {"text/plain; charset=x-unknown", "8bit", BYTES("caf\xe9"), BYTES("caf\xc3\xa9")},
        {"text/plain; charset=no-such-thing", "8bit", BYTES("caf\xe9"), BYTES("caf\xc3\xa9")},
        {"text/plain; charset=\"utf-8//TRANSLIT\"", "8bit", BYTES("caf\xe9"), BYTES("caf\xc3\xa9")},
        {"text/plain; charset=", "8bit", BYTES("caf\xe9"), BYTES("caf\xc3\xa9")},
        {"text/plain; charset=euc-jp", "8bit",
         BYTES("a\xff\xff"
               "b"),
         BYTES("a\xef\xbf\xbd\xef\xbf\xbd"
               "b")},
        {"text/plain; charset=gb2312", "8bit", BYTES("cut \xd6"), BYTES("cut \xef\xbf\xbd")},
        {"text/plain; charset=utf-8", "8bit", BYTES("\xed\xa0\x80"),
         BYTES("\xc3\xad\xc2\xa0\xc2\x80")}, /* a surrogate */
        {"text/plain; charset=utf-8", "base64", BYTES("Y2Fm6Q=="), BYTES("caf\xc3\xa9")},
        {"text/plain", "8bit", BYTES("nul \0 and more\xe9"), BYTES("nul \0 and more\xc3\xa9")},
    };

    CHECK(*state, cases);
}

static void a_type_that_is_none_is_plain_text(void **state)
{
    static const reading cases[] = {
        {"text", "", BYTES("hello"), BYTES("hello")},
        {"plain; charset=utf-8", "base64", BYTES("aGkK"), BYTES("hi\n")},
        {";;;", "", BYTES("hello"), BYTES("hello")},
        {" \n ", "", BYTES("hello"), BYTES("hello")},
    };

    CHECK(*state, cases);
}

static void what_is_no_text_has_none(void **state)
{
    static const reading cases[] = {
        {"application/octet-stream", "base64", BYTES("aGkK"), BYTES("")},
        {"image/png", "", BYTES("\x89PNG"), BYTES("")},
        {"message/rfc822", "", BYTES("Subject: a\n\nhello\n"), BYTES("")},
    };

    CHECK(*state, cases);
}

static void html_comes_as_it_is(void **state)
{
    static const reading cases[] = {
        {"text/html; charset=iso-8859-1", "quoted-printable", BYTES("<p>caf=E9</p>"),
         BYTES("<p>caf\xc3\xa9</p>")},
    };

    CHECK(*state, cases);
}

static void a_content_type_of_absurd_length_is_not_read(void **state)
{
    pm_arena *arena = *state;
    pm_slice type = pm_print(arena, "text/html; name=\"%02000d\"", 1), got;
    bool cut;

    got = text_of(arena, type.data, "", PM_LIT("hello"), &cut);
    assert_true(pm_slice_equal(got, PM_LIT("hello")));
    assert_true(cut);
}

/* ---- Multiparts ---- */

static void the_first_plain_text_is_the_text(void **state)
{
    static const reading cases[] = {
        {"multipart/mixed; boundary=b", "",
         BYTES("preamble\n--b\nContent-Type: text/plain\n\nhello\n--b--\nepilogue\n"),
         BYTES("hello")},
        {"multipart/mixed; boundary=\"two words\"", "",
         BYTES("--two words\n\nhello\n--two words--\n"), BYTES("hello")},
        {"multipart/mixed; boundary=b", "", BYTES("--b\r\n\r\nhello\r\nyou\r\n--b--\r\n"),
         BYTES("hello\r\nyou")},
        {"multipart/alternative; boundary=b", "",
         BYTES("--b\nContent-Type: text/html\n\n<p>hello\n--b\nContent-Type: text/plain\n\nhello\n"
               "--b--\n"),
         BYTES("hello")},
        {"multipart/alternative; boundary=b", "",
         BYTES("--b\nContent-Type: text/html\n\n<p>hello\n--b--\n"), BYTES("<p>hello")},
        {"multipart/signed; boundary=b", "",
         BYTES(
             "--b\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: "
             "quoted-printable\n\ncaf=C3=A9\n--b\nContent-Type: application/pgp-signature\n\nxyz\n"
             "--b--\n"),
         BYTES("caf\xc3\xa9")},
        {"multipart/mixed; boundary=b", "",
         BYTES(
             "--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\nContent-Type: "
             "text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: base64\n\nY2Fm6Q==\n--c\n"
             "Content-Type: text/html\n\n<p>\n--c--\n--b\nContent-Type: image/png\n\nxyz\n--b--\n"),
         BYTES("caf\xc3\xa9")},
        {"multipart/mixed; boundary=b", "", BYTES("--b\n\nno end"), BYTES("no end")},
        {"multipart/mixed; boundary=b", "", BYTES("--b\nContent-Type: image/png\n\nxyz\n--b--\n"),
         BYTES("")},
        {"multipart/encrypted; boundary=b", "",
         BYTES("--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b\nContent-Type: "
               "application/octet-stream\n\nxyz\n--b--\n"),
         BYTES("")},
        {"multipart/mixed; boundary=b", "",
         BYTES("--b\nContent-Type: text/calendar\n\nBEGIN\n--b--\n"), BYTES("BEGIN")},
    };

    CHECK(*state, cases);
}

static void attached_patches_belong_to_the_text(void **state)
{
    static const reading cases[] = {
        {"multipart/mixed; boundary=b", "",
         BYTES("--b\n\nMend the roof.\n--b\nContent-Type: text/x-patch; name=\"0001.patch\"\n"
               "Content-Disposition: attachment\nContent-Transfer-Encoding: base64\n\n"
               "LS0tIGEveAorKysgYi94Cg==\n--b\nContent-Type: text/x-diff\n\n--- "
               "a/y\n--b\nContent-Type: "
               "text/plain\n\na list's footer\n--b--\n"),
         BYTES("Mend the roof.\n--- a/x\n+++ b/x\n\n--- a/y\na list's footer")},
        {"multipart/mixed; boundary=b", "",
         BYTES("--b\n\nSee there.\n--b\nContent-Type: application/octet-stream;\n"
               " name=\"v3-0001-Mend.patch\"\nContent-Transfer-Encoding: base64\n\n"
               "LS0tIGEveAorKysgYi94Cg==\n--b\nContent-Type: application/gzip; "
               "name=\"x.patch.gz\"\n\n"
               "xyz\n--b\nContent-Type: text/x-csrc\nContent-Disposition: attachment; "
               "filename=a.diff\n\n--- a/y\n--b--\n"),
         BYTES("See there.\n--- a/x\n+++ b/x\n\n--- a/y")},
        {"multipart/mixed; boundary=b", "",
         BYTES("--b\n\nhello\n--b\nContent-Type: text/html\n\n<p>\n--b\nContent-Type: image/png\n\n"
               "xyz\n--b\nContent-Type: text/x-csrc\n\nint x;\n--b--\n"),
         BYTES("hello")},
        {"multipart/signed; boundary=s", "",
         BYTES(
             "--s\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n--b\nContent-Type: "
             "text/x-patch\n\n--- a/x\n--b--\n--s\nContent-Type: application/pgp-signature\n\nxyz\n"
             "--s--\n"),
         BYTES("hello\n--- a/x")},
        {"multipart/alternative; boundary=b", "",
         BYTES("--b\n\nhello\n--b\nContent-Type: text/plain\n\nhello again\n--b--\n"),
         BYTES("hello")},
        {"multipart/mixed; boundary=b", "",
         BYTES("--b\nContent-Type: text/x-patch\n\n--- a/x\n--b\nContent-Type: text/x-patch\n\n--- "
               "a/y\n"
               "--b--\n"),
         BYTES("--- a/x\n--- a/y")},
    };

    CHECK(*state, cases);
}

static void a_message_inside_is_another_letter(void **state)
{
    static const reading cases[] = {
        {"multipart/mixed; boundary=b", "",
         BYTES("--b\nContent-Type: message/rfc822\n\nSubject: a\n\nnot this\n--b\n\nbut "
               "this\n--b--\n"),
         BYTES("but this")},
        {"multipart/digest; boundary=b", "", BYTES("--b\n\nSubject: a\n\nnot this\n--b--\n"),
         BYTES("")},
    };

    CHECK(*state, cases);
}

static void a_multipart_without_parts_is_plain_text(void **state)
{
    static const reading cases[] = {
        {"multipart/mixed; boundary=b", "", BYTES("hello\n"), BYTES("hello\n")},
        {"multipart/mixed", "", BYTES("hello\n"), BYTES("hello\n")},
        {"multipart/mixed; boundary=\"\"", "", BYTES("hello\n"), BYTES("hello\n")},
        {"multipart/mixed; boundary=b", "", BYTES(""), BYTES("")},
        {"multipart/mixed; boundary=b", "", BYTES("caf\xe9\n"), BYTES("caf\xc3\xa9\n")},
    };

    CHECK(*state, cases);
}

/* ---- The guard ---- */

/* front, count times piece, tail; in the arena. */
static pm_slice hostile(pm_arena *arena, const char *front, const char *piece, size_t count,
                        const char *tail)
{
    size_t fronts = strlen(front), pieces = strlen(piece), tails = strlen(tail);
    char *bytes = pm_alloc(arena, fronts + count * pieces + tails);

    assert_non_null(bytes);
    memcpy(bytes, front, fronts);
    for (size_t i = 0; i < count; i++)
        memcpy(bytes + fronts + i * pieces, piece, pieces);
    memcpy(bytes + fronts + count * pieces, tail, tails);
    return (pm_slice){bytes, fronts + count * pieces + tails};
}

static void a_multipart_past_the_guards_limits_is_plain_text(void **state)
{
    static const struct {
        const char *what, *front, *piece;
        size_t most; /* that pass */
    } cases[] = {
        {"empty parts", "", "--b\n\n", 1998},
        {"fields in a part", "--b\n", "a:\n", 4999},
        {"parts that hold parts", "--b\n", "Content-Type: multipart/mixed; boundary=c\n\n", 100},
        {"folded types", "--b\n", "Content-Type:\n multipart/mixed;\n boundary=c\n\n", 100},
        {"messages in messages", "--b\n", "content-type: Message/rfc822\n\n", 100},
        {"a long field", "--b\nX: ", "0123456789", 26213},
        {"a long folded field", "--b\nX: ", "0123456\n ", 32767},
    };
    const char *tail = "\n\n--b\n\nhello\n--b--\n";

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        pm_slice body, text;
        bool cut;

        body = hostile(*state, cases[i].front, cases[i].piece, cases[i].most, tail);
        text = text_of(*state, "multipart/mixed; boundary=b", "", body, &cut);
        if (cut || text.data == body.data)
            fail_msg("%zu of %s are refused", cases[i].most, cases[i].what);

        body = hostile(*state, cases[i].front, cases[i].piece, cases[i].most + 2, tail);
        text = text_of(*state, "multipart/mixed; boundary=b", "", body, &cut);
        if (!cut || !pm_slice_equal(text, body))
            fail_msg("%zu of %s pass", cases[i].most + 2, cases[i].what);
    }
}

static void three_megabytes_of_empty_parts_never_reach_the_parser(void **state)
{
    pm_slice body = hostile(*state, "", "--b\n\n", 600000, ""), text;
    bool cut;

    text = text_of(*state, "multipart/mixed; boundary=b", "", body, &cut);
    assert_true(cut);
    assert_ptr_equal(text.data, body.data);
}

static void a_large_patch_in_a_multipart_passes(void **state)
{
    pm_slice body, text;
    bool cut;

    body = hostile(*state, "--b\n\nhello\n--b\nContent-Type: text/x-patch\n\n",
                   "--- a/x\n+++ b/x\n@@ -1 +1 @@\n context of a line\n-int a;\n+int b;\n", 1500,
                   "--b--\n");
    text = text_of(*state, "multipart/mixed; boundary=b", "", body, &cut);
    assert_false(cut);
    assert_true(pm_slice_starts(text, PM_LIT("hello\n--- a/x\n+++ b/x\n")));
    assert_true(pm_slice_ends(text, PM_LIT("\n+int b;")));
}

static void past_the_budget_the_text_is_the_valid_beginning_of_the_body(void **state)
{
    static const struct {
        const char *type, *encoding, *body;
        size_t length;
    } cases[] = {
        {"text/plain", "base64", "Y2FmZSBhdSBsYWl0", 16},
        {"text/plain; charset=koi8-r", "", "a long text that ends with\xd0\xd0", 26},
        {"text/plain", "", "caf\xc3\xa9 au lait caf\xe9", 17},
        {"multipart/mixed; boundary=b", "", "--b\n\na long text\n--b--\n", 0},
    };
    pm_arena *small = pm_arena_new(10);

    (void)state;
    assert_non_null(small);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        pm_slice body = pm_slice_of(cases[i].body), text;
        bool cut;

        text = text_of(small, cases[i].type, cases[i].encoding, body, &cut);
        assert_int_equal(text.len, cases[i].length);
        assert_true(pm_slice_starts(body, text));
        assert_true(cut);
        pm_arena_reset(small);
    }
    pm_arena_free(small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(plain_text_is_not_copied),
        TEST(transfer_encodings_are_undone),
        TEST(broken_transfer_encodings_give_what_can_be_read),
        TEST(charsets_are_converted),
        TEST(a_charset_that_lies_loses_nothing_readable),
        TEST(a_type_that_is_none_is_plain_text),
        TEST(what_is_no_text_has_none),
        TEST(html_comes_as_it_is),
        TEST(a_content_type_of_absurd_length_is_not_read),
        TEST(the_first_plain_text_is_the_text),
        TEST(attached_patches_belong_to_the_text),
        TEST(a_message_inside_is_another_letter),
        TEST(a_multipart_without_parts_is_plain_text),
        TEST(a_multipart_past_the_guards_limits_is_plain_text),
        TEST(three_megabytes_of_empty_parts_never_reach_the_parser),
        TEST(a_large_patch_in_a_multipart_passes),
        cmocka_unit_test(past_the_budget_the_text_is_the_valid_beginning_of_the_body),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
