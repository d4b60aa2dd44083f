/* SPDX-License-Identifier: BSD-2-Clause */
/* mailmap_test - who stands behind an address, as the file says, and what it is not believed in. */
#include "mailmap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define SIZE(array) (sizeof(array) / sizeof((array)[0]))

static pm_slice slice_of(const char *text)
{
    return (pm_slice){text, strlen(text)};
}

/* What was reported, a line each: "12 sentence". */
static char reports[4096];
static unsigned report_count;

static void report(void *context, const char *file, unsigned line, const char *sentence)
{
    size_t used = strlen(reports);

    (void)context;
    assert_string_equal(file, "people");
    report_count++;
    snprintf(reports + used, sizeof(reports) - used, "%u %s\n", line, sentence);
}

static bool add(pm_mailmap *mailmap, const char *text, size_t len)
{
    reports[0] = '\0';
    report_count = 0;
    return pm_mailmap_add_text(mailmap, "people", (pm_slice){text, len}, report, NULL);
}

static pm_mailmap *read_bytes(const char *text, size_t len)
{
    pm_mailmap *mailmap = pm_mailmap_new();

    assert_non_null(mailmap);
    assert_true(add(mailmap, text, len));
    assert_true(pm_mailmap_settle(mailmap));
    return mailmap;
}

static pm_mailmap *read_text(const char *text)
{
    return read_bytes(text, strlen(text));
}

/* "name <address>" of whom it knows behind them; "?" when it does not know them. */
static const char *find(const pm_mailmap *mailmap, const char *address, const char *name)
{
    static char found[256];
    pm_person who = {slice_of(address), slice_of(name)};

    if (!pm_mailmap_find(mailmap, &who)) {
        assert_true(who.address.data == address && who.name.data == name);
        return "?";
    }
    snprintf(found, sizeof(found), "%.*s <%.*s>", (int)who.name.len, who.name.data,
             (int)who.address.len, who.address.data);
    return found;
}

/* The other addresses of somebody, with spaces between them. */
static const char *addresses(const pm_mailmap *mailmap, const char *address, const char *name,
                             size_t room)
{
    static char text[1024];
    pm_person who = {slice_of(address), slice_of(name)};
    pm_slice found[8];
    size_t count, used = 0;

    (void)pm_mailmap_find(mailmap, &who);
    count = pm_mailmap_addresses(mailmap, &who, found, room);
    assert_true(count <= room);
    text[0] = '\0';
    for (size_t i = 0; i < count; i++)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%.*s", i == 0 ? "" : " ",
                                 (int)found[i].len, found[i].data);
    return text;
}

struct question {
    const char *file, *address, *name, *answer;
};

static void check_all(const struct question *questions, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct question *at = &questions[i];
        pm_mailmap *mailmap = read_text(at->file);
        const char *answer = find(mailmap, at->address, at->name);

        if (strcmp(answer, at->answer) != 0 || report_count != 0)
            fail_msg("case %zu, %s: %s\n%s", i, at->file, answer, reports);
        pm_mailmap_free(mailmap);
    }
}

/* ---- What lines mean ---- */

static void each_of_the_four_forms_says_who_it_is(void **state)
{
    static const struct question cases[] = {
        {"Ann Author <a@example.org>\n", "a@example.org", "aa", "ann author <a@example.org>"},
        {"<ann@example.org> <a@example.org>\n", "a@example.org", "aa", "aa <ann@example.org>"},
        {"Ann Author <ann@example.org> <a@example.org>\n", "a@example.org", "aa",
         "ann author <ann@example.org>"},
        {"Ann Author <ann@example.org> Root <root@example.org>\n", "root@example.org", "root",
         "ann author <ann@example.org>"},
        {"Ann Author <ann@example.org> Root <root@example.org>\n", "root@example.org", "other",
         "?"},
        {"<ann@example.org> Root <root@example.org>\n", "root@example.org", "root",
         "root <ann@example.org>"},
        {"Ann Author <ann@example.org> <a@example.org>\n", "ann@example.org", "aa", "?"},
        {"", "a@example.org", "aa", "?"},
    };

    (void)state;
    check_all(cases, SIZE(cases));
}

static void blanks_comments_and_line_ends_do_not_matter(void **state)
{
    static const struct question cases[] = {
        {"# Bob <a@example.org>\n\n   \nAnn <a@example.org>", "a@example.org", "", /* no newline */
         "ann <a@example.org>"},
        {"Ann <a@example.org>\r\n# x\r\n", "a@example.org", "", "ann <a@example.org>"},
        {"Ann <a@example.org> # was Bob <b@example.org>\n", "a@example.org", "",
         "ann <a@example.org>"},
        {"Ann <a@example.org> # was Bob <b@example.org>\n", "b@example.org", "", "?"},
        {"Ann <ann@example.org> <a@example.org> # since 2026\n", "a@example.org", "",
         "ann <ann@example.org>"},
        {"\tAnn\t<ann@example.org>\t<a@example.org>\t\r\n", "a@example.org", "",
         "ann <ann@example.org>"},
        {"Ann<ann@example.org><a@example.org>\n", "a@example.org", "", "ann <ann@example.org>"},
    };

    (void)state;
    check_all(cases, SIZE(cases));
}

static void case_and_marks_do_not_matter_in_what_is_compared(void **state)
{
    static const struct question cases[] = {
        {"Ann <ANN@Example.ORG> <A@EXAMPLE.org>\n", "a@example.org", "", "ann <ann@example.org>"},
        {"Ann <ann@example.org> \"Root,  of: X.\" <r@example.org>\n", "r@example.org", "root of x",
         "ann <ann@example.org>"},
        {"  Ann  Q. Author-Smith <a@example.org>\n", "a@example.org", "",
         "ann q author smith <a@example.org>"},
        {"Zo\xc3\xab \xc3\x85 <z@example.org>\n", "z@example.org", "",
         "zo\xc3\xab \xc3\x85 <z@example.org>"},
        {"Zo\xeb <z@example.org>\n", "z@example.org", "", "zo\xeb <z@example.org>"},
    };

    (void)state;
    check_all(cases, SIZE(cases));
}

static void of_two_lines_the_later_one_wins_in_what_it_says(void **state)
{
    static const struct question cases[] = {
        {"Ann <a@example.org>\nBob <A@example.org>\n", "a@example.org", "", "bob <a@example.org>"},
        {"<b@example.org> <a@example.org>\n<c@example.org> <a@example.org>\n", "a@example.org", "",
         " <c@example.org>"},
        {"<b@example.org> <a@example.org>\nAnn <a@example.org>\n", "a@example.org", "",
         "ann <b@example.org>"},
        {"Ann <a@example.org>\n<b@example.org> <a@example.org>\n", "a@example.org", "",
         "ann <b@example.org>"},
        {"Ann <ann@example.org> Root <r@example.org>\n<b@example.org> Root <r@example.org>\n",
         "r@example.org", "root", "root <b@example.org>"},
        /* who has a line of their own is not everybody at that address, whatever the order */
        {"Ann <ann@example.org> Root <r@example.org>\nBob <b@example.org> <r@example.org>\n",
         "r@example.org", "root", "ann <ann@example.org>"},
        {"Ann <ann@example.org> Root <r@example.org>\nBob <b@example.org> <r@example.org>\n",
         "r@example.org", "cat", "bob <b@example.org>"},
    };

    (void)state;
    check_all(cases, SIZE(cases));
}

static void a_later_file_wins_over_an_earlier_one(void **state)
{
    static const char first[] = "# two\n# lines\nAnn <a@example.org>\n";
    static const char second[] = "Bob <a@example.org>\n";
    pm_mailmap *mailmap = pm_mailmap_new();

    (void)state;
    assert_non_null(mailmap);
    assert_true(add(mailmap, first, strlen(first)));
    assert_true(add(mailmap, second, strlen(second)));
    assert_true(pm_mailmap_settle(mailmap));
    assert_string_equal(find(mailmap, "a@example.org", ""), "bob <a@example.org>");
    pm_mailmap_free(mailmap);
}

static void circles_are_gone_round_once(void **state)
{
    pm_mailmap *mailmap = read_text("<b@example.org> <a@example.org>\n"
                                    "<a@example.org> <b@example.org>\n"
                                    "<c@example.org> <c@example.org>\n");

    (void)state;
    assert_int_equal(report_count, 0);
    assert_string_equal(find(mailmap, "a@example.org", "x"), "x <b@example.org>");
    assert_string_equal(find(mailmap, "b@example.org", "x"), "x <a@example.org>");
    assert_string_equal(find(mailmap, "c@example.org", "x"), "x <c@example.org>");
    assert_string_equal(addresses(mailmap, "a@example.org", "", 8), "b@example.org a@example.org");
    assert_string_equal(addresses(mailmap, "c@example.org", "", 8), "c@example.org");
    pm_mailmap_free(mailmap);
}

/* ---- The way back ---- */

static void all_addresses_of_a_person_are_found_from_any_of_them(void **state)
{
    pm_mailmap *mailmap = read_text("Ann Author <ann@example.org> <a1@example.org>\n"
                                    "<ann@example.org> <a2@example.org>\n"
                                    "Ann Author <a3@example.org>\n"
                                    "Bob <bob@example.org> <b1@example.org>\n");
    static const char all[] = "ann@example.org a1@example.org a2@example.org a3@example.org";

    (void)state;
    assert_string_equal(addresses(mailmap, "a1@example.org", "aa", 8), all);
    assert_string_equal(addresses(mailmap, "ann@example.org", "ann author", 8), all);
    assert_string_equal(addresses(mailmap, "ann@example.org", "aa", 8),
                        "ann@example.org a1@example.org a2@example.org"); /* only by address */
    assert_string_equal(addresses(mailmap, "a3@example.org", "aa", 8),
                        "a3@example.org ann@example.org a1@example.org"); /* only by name */
    assert_string_equal(addresses(mailmap, "cat@example.org", "cat", 8), "cat@example.org");
    assert_string_equal(addresses(mailmap, "", "", 8), "");
    assert_string_equal(addresses(mailmap, "a1@example.org", "aa", 2),
                        "ann@example.org a1@example.org");
    assert_string_equal(addresses(mailmap, "a1@example.org", "aa", 0), "");
    pm_mailmap_free(mailmap);
}

/* ---- What is wrong ---- */

static void a_bad_line_is_reported_and_passed_over(void **state)
{
    static const struct {
        const char *line, *report;
    } cases[] = {
        {"Ann Author", "\"Ann Author\" has no address"},
        {"Ann <a@example.org", "has no address"},
        {"Ann >a@example.org<", "has no address"},
        {"Ann <>", "has no address"},
        {"<a@example.org>", "maps the address to nothing"},
        {"<a@example.org> <", "maps the address to nothing"},
    };

    (void)state;
    for (size_t i = 0; i < SIZE(cases); i++) {
        char text[256];
        pm_mailmap *mailmap;

        snprintf(text, sizeof(text), "# one\n%s\nBob <b@example.org>\n", cases[i].line);
        mailmap = read_text(text);
        if (report_count != 1 || strncmp(reports, "2 ", 2) != 0 ||
            strstr(reports, cases[i].report) == NULL)
            fail_msg("%s: %s", cases[i].line, reports);
        assert_string_equal(find(mailmap, "a@example.org", ""), "?");
        assert_string_equal(find(mailmap, "b@example.org", ""), "bob <b@example.org>");
        pm_mailmap_free(mailmap);
    }
}

static void what_stands_behind_the_address_is_reported_and_the_line_counts(void **state)
{
    static const char *const lines[] = {
        "Ann <a@example.org> of the gears\n",
        "Ann <a@example.org> <>\n",
        "Ann <a@example.org> <a@example.org> <c@example.org>\n",
    };

    (void)state;
    for (size_t i = 0; i < SIZE(lines); i++) {
        pm_mailmap *mailmap = read_text(lines[i]);

        if (report_count != 1 || strstr(reports, "behind the address is passed over") == NULL)
            fail_msg("%s: %s", lines[i], reports);
        assert_string_equal(find(mailmap, "a@example.org", ""), "ann <a@example.org>");
        pm_mailmap_free(mailmap);
    }
}

static void a_nul_byte_costs_its_line_only(void **state)
{
    static const char text[] = "Ann <a@exa\0mple.org>\n\0\nBob <b@example.org>\n";
    pm_mailmap *mailmap = read_bytes(text, sizeof(text) - 1);

    (void)state;
    assert_string_equal(
        reports, "1 has a NUL byte in it; passed over\n2 has a NUL byte in it; passed over\n");
    assert_string_equal(find(mailmap, "b@example.org", ""), "bob <b@example.org>");
    pm_mailmap_free(mailmap);
}

static void an_overlong_line_costs_itself_only(void **state)
{
    enum { LONGEST = 4096 };
    static const char end[] = " <a@example.org>", rest[] = "\nBob <b@example.org>\n";

    (void)state;
    for (size_t len = LONGEST; len <= LONGEST + 1; len++) {
        char *text = malloc(len + sizeof(rest));
        pm_mailmap *mailmap;

        assert_non_null(text);
        memset(text, 'x', len);
        memcpy(text + len - strlen(end), end, strlen(end));
        memcpy(text + len, rest, sizeof(rest));
        mailmap = read_text(text);
        assert_int_equal(report_count, len > LONGEST);
        assert_string_equal(find(mailmap, "b@example.org", ""), "bob <b@example.org>");
        if (len > LONGEST)
            assert_string_equal(reports, "1 is longer than 4096 bytes; passed over\n");
        assert_int_equal(strcmp(find(mailmap, "a@example.org", ""), "?") == 0, len > LONGEST);
        pm_mailmap_free(mailmap);
        free(text);
    }
}

/* ---- Size ---- */

/* count lines, the nth of which says that pN is one person of PEOPLE; the caller's. */
static char *many_lines(unsigned count, size_t *len_out)
{
    enum { LONGEST = 64, PEOPLE = 20000 };
    char *text = malloc((size_t)count * LONGEST + 1);
    size_t len = 0;

    assert_non_null(text);
    for (unsigned i = 0; i < count; i++)
        len += (size_t)snprintf(text + len, LONGEST + 1, "<p%u@example.org> <m%u@example.org>\n",
                                i % PEOPLE, i);
    *len_out = len;
    return text;
}

static void a_hundred_thousand_lines_are_read_and_no_more(void **state)
{
    enum { MOST = 100000 };
    size_t len;
    char *text = many_lines(MOST, &len);
    pm_mailmap *mailmap = read_bytes(text, len);

    (void)state;
    assert_int_equal(report_count, 0);
    assert_string_equal(find(mailmap, "m99999@example.org", "x"), "x <p19999@example.org>");
    assert_string_equal(find(mailmap, "m0@example.org", "x"), "x <p0@example.org>");
    assert_string_equal(addresses(mailmap, "m5@example.org", "", 8),
                        "p5@example.org m20005@example.org m40005@example.org m5@example.org "
                        "m60005@example.org m80005@example.org");
    pm_mailmap_free(mailmap);

    mailmap = pm_mailmap_new();
    assert_non_null(mailmap);
    assert_true(add(mailmap, text, len));
    assert_false(add(mailmap, "\n", 1)); /* all files together */
    assert_string_equal(reports,
                        "0 has more lines than the 100000 that are read (is it a mailmap?)\n");
    pm_mailmap_free(mailmap);
    free(text);
}

static void a_thousand_addresses_of_one_person_are_cut_to_what_there_is_room_for(void **state)
{
    char *text = malloc(64 * 1000);
    size_t len = 0;
    pm_mailmap *mailmap;
    pm_person who = {slice_of("a7@example.org"), slice_of("")};
    pm_slice found[8];

    (void)state;
    assert_non_null(text);
    for (unsigned i = 0; i < 1000; i++)
        len += (size_t)snprintf(text + len, 64, "<ann@example.org> <a%u@example.org>\n", i);
    mailmap = read_bytes(text, len);
    assert_true(pm_mailmap_find(mailmap, &who));
    assert_int_equal(pm_mailmap_addresses(mailmap, &who, found, 8), 8);
    pm_mailmap_free(mailmap);
    free(text);
}

/* ---- Files ---- */

static unsigned file_reports;
static char file_sentence[256];

static void report_of_file(void *context, const char *file, unsigned line, const char *sentence)
{
    assert_string_equal(file, context);
    assert_int_equal(line, 0);
    file_reports++;
    snprintf(file_sentence, sizeof(file_sentence), "%s", sentence);
}

static bool add_file(pm_mailmap *mailmap, char *name)
{
    file_reports = 0;
    return pm_mailmap_add_file(mailmap, name, report_of_file, name);
}

static void a_file_is_read(void **state)
{
    static const char text[] = "Ann <ann@example.org> <a@example.org>\n";
    char name[] = "/tmp/mailmap-test-XXXXXX";
    int file = mkstemp(name);
    pm_mailmap *mailmap = pm_mailmap_new();

    (void)state;
    assert_true(file >= 0 && mailmap != NULL);
    assert_int_equal(write(file, text, strlen(text)), strlen(text));
    assert_true(add_file(mailmap, name));
    assert_int_equal(file_reports, 0);
    assert_true(pm_mailmap_settle(mailmap));
    assert_string_equal(find(mailmap, "a@example.org", ""), "ann <ann@example.org>");
    assert_int_equal(ftruncate(file, (16 << 20) + 1), 0);
    assert_false(add_file(mailmap, name));
    assert_string_equal(file_sentence, "is larger than 16 MiB (is it a mailmap?)");
    close(file);
    unlink(name);
    pm_mailmap_free(mailmap);
}

static void what_is_no_file_is_reported_once(void **state)
{
    char nowhere[] = "/nonexistent/mailmap", folder[] = "/tmp";
    pm_mailmap *mailmap = pm_mailmap_new();

    (void)state;
    assert_non_null(mailmap);
    assert_false(add_file(mailmap, nowhere));
    assert_int_equal(file_reports, 1);
    assert_non_null(strstr(file_sentence, "cannot be read: No such file"));
    assert_false(add_file(mailmap, folder));
    assert_int_equal(file_reports, 1);
    assert_string_equal(file_sentence, "is not a file (name the mailmap itself)");
    pm_mailmap_free(mailmap);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_of_the_four_forms_says_who_it_is),
        cmocka_unit_test(blanks_comments_and_line_ends_do_not_matter),
        cmocka_unit_test(case_and_marks_do_not_matter_in_what_is_compared),
        cmocka_unit_test(of_two_lines_the_later_one_wins_in_what_it_says),
        cmocka_unit_test(a_later_file_wins_over_an_earlier_one),
        cmocka_unit_test(circles_are_gone_round_once),
        cmocka_unit_test(all_addresses_of_a_person_are_found_from_any_of_them),
        cmocka_unit_test(a_bad_line_is_reported_and_passed_over),
        cmocka_unit_test(what_stands_behind_the_address_is_reported_and_the_line_counts),
        cmocka_unit_test(a_nul_byte_costs_its_line_only),
        cmocka_unit_test(an_overlong_line_costs_itself_only),
        cmocka_unit_test(a_hundred_thousand_lines_are_read_and_no_more),
        cmocka_unit_test(a_thousand_addresses_of_one_person_are_cut_to_what_there_is_room_for),
        cmocka_unit_test(a_file_is_read),
        cmocka_unit_test(what_is_no_file_is_reported_once),
    };

    return cmocka_run_group_tests_name("mailmap", tests, NULL, NULL);
}
