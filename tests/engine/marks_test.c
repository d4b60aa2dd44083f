/* SPDX-License-Identifier: BSD-2-Clause */
/* marks_test - what is removed and in which order; what the added fields look like. */
#include "marks.h"

#include "strbuf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* ---- Removals ---- */

/* "name:nth name:nth ..." in the order they are to be applied. */
static char *removals_of(const char *header, const char *prefix)
{
    pm_message *message = pm_message_new(NULL);
    pm_outcome outcome = {.removal_count = 0};
    pm_strbuf text;

    pm_message_read(message, pm_slice_of(header));
    assert_int_equal(pm_marks_remove(message, pm_slice_of(prefix), &outcome), PM_OK);
    pm_strbuf_init(&text, 1 << 20);
    pm_strbuf_add_text(&text, "");
    for (size_t i = 0; i < outcome.removal_count; i++)
        pm_strbuf_printf(&text, "%s%.*s:%u", i == 0 ? "" : " ", PM_FMT(outcome.removals[i].name),
                         outcome.removals[i].nth);
    pm_message_free(message);
    return text.data == NULL ? strdup("") : text.data;
}

static void foreign_fields_are_removed_from_the_last_to_the_first(void **state)
{
    static const struct {
        const char *header, *removals;
    } cases[] = {
        {"Subject: x\n\n", ""},
        {"Patchmark-Kind: cover\n\n", "Patchmark-Kind:1"},
        {"Patchmark-Kind: a\nSubject: x\nPatchmark-Kind: b\nPatchmark-Kind: c\n\n",
         "Patchmark-Kind:3 Patchmark-Kind:2 Patchmark-Kind:1"},
        {"Patchmark-Tag: a\nPatchmark-Kind: b\nPatchmark-Tag: c\n\n",
         "Patchmark-Tag:2 Patchmark-Kind:1 Patchmark-Tag:1"},
        /* The MTA counts without case. */
        {"PATCHMARK-KIND: a\npatchmark-kind: b\nPatchmark-kind: c\n\n",
         "Patchmark-kind:3 patchmark-kind:2 PATCHMARK-KIND:1"},
        {"Patchmark-: a\nPatchmark: b\nX-Patchmark-Kind: c\n\n", "Patchmark-:1"},
        {"Patchmark-Future-Field: folded\n\tvalue\n\n", "Patchmark-Future-Field:1"},
        {"Patchmark-Kind : obsolete\nPatchmark-Kind: b\n\n", "Patchmark-Kind:2 Patchmark-Kind:1"},
        {"Subject: x\n\nPatchmark-Kind: in the body\n", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *got = removals_of(cases[i].header, "Patchmark-");

        if (strcmp(got, cases[i].removals) != 0)
            fail_msg("%s: removed \"%s\", not \"%s\"", cases[i].header, got, cases[i].removals);
        free(got);
    }
}

static void the_prefix_is_the_sites(void **state)
{
    char *got = removals_of("Patchmark-Kind: a\nSite-Kind: b\n\n", "Site-");

    (void)state;
    assert_string_equal(got, "Site-Kind:1");
    free(got);
}

/* What an MTA does with the removals: Postfix renumbers the fields below one that it removed,
 * Sendmail leaves them their numbers. Nothing of ours may be left on either. */
static size_t left_over(const char *header, bool renumbers)
{
    pm_message *message = pm_message_new(NULL);
    pm_outcome outcome = {.removal_count = 0};
    bool gone[64] = {false};
    size_t left = 0;

    pm_message_read(message, pm_slice_of(header));
    assert_int_equal(pm_marks_remove(message, PM_LIT("Patchmark-"), &outcome), PM_OK);
    for (size_t i = 0; i < outcome.removal_count; i++) {
        unsigned nth = outcome.removals[i].nth;

        for (size_t at = 0; at < pm_message_headers(message); at++) {
            if (!pm_slice_equal_nocase(pm_message_header_at(message, at)->name,
                                       outcome.removals[i].name) ||
                (renumbers && gone[at]))
                continue;
            if (--nth == 0) {
                gone[at] = true;
                break;
            }
        }
    }
    for (size_t at = 0; at < pm_message_headers(message); at++)
        left += !gone[at] && pm_slice_starts_nocase(pm_message_header_at(message, at)->name,
                                                    PM_LIT("Patchmark-"));
    pm_message_free(message);
    return left;
}

static void nothing_forged_is_left_on_postfix_or_sendmail(void **state)
{
    static const char header[] = "Patchmark-Tag: 1\nSubject: x\npatchmark-tag: 2\n"
                                 "Patchmark-Inbox: <a>\nPatchmark-TAG: 3\nPatchmark-Inbox: <b>\n"
                                 "Patchmark-Tag: 4\n\n";

    (void)state;
    assert_int_equal(left_over(header, true), 0);
    assert_int_equal(left_over(header, false), 0);
}

static void two_thousand_forged_fields_are_all_removed(void **state)
{
    pm_strbuf mail;
    pm_message *message = pm_message_new(NULL);
    pm_outcome outcome = {.removal_count = 0};

    (void)state;
    pm_strbuf_init(&mail, 1 << 20);
    for (int i = 0; i < 2000; i++)
        pm_strbuf_printf(&mail, "%s: %d\n", i % 2 == 0 ? "Patchmark-Kind" : "patchmark-KIND", i);
    pm_message_read(message, pm_strbuf_slice(&mail));
    assert_int_equal(pm_marks_remove(message, PM_LIT("Patchmark-"), &outcome), PM_OK);
    assert_int_equal(outcome.removal_count, 2000);
    assert_int_equal(outcome.removals[0].nth, 2000);
    assert_int_equal(outcome.removals[1999].nth, 1);
    pm_message_free(message);
    pm_strbuf_free(&mail);
}

/* ---- Folding ---- */

static const pm_config config = {.field_prefix = {"Patchmark-", 10},
                                 .instance = {"lists.example.org", 17}};

/* An outcome about which nothing is known. */
static pm_outcome blank(void)
{
    return (pm_outcome){.inbox = PM_LIT("unsorted"), .part = -1, .total = -1};
}

/* A value as it stands in a mark whose name is as long as Patchmark-Results. */
static pm_slice folded(pm_arena *arena, pm_slice value)
{
    pm_field_mark field = {.name = PM_LIT("Written"), .value = value};
    pm_outcome outcome = blank();

    outcome.verdict.fields = &field;
    outcome.verdict.field_count = 1;
    assert_int_equal(pm_marks_add(arena, &config, &outcome), PM_OK);
    return outcome.marks[outcome.mark_count - 1].value;
}

static void values_are_made_fit_for_a_header_field(void **state)
{
    static const struct {
        const char *value, *folded;
    } cases[] = {
        {"", ""},
        {"cover", "cover"},
        {"  two  words ", "two words"},
        {"a\tb", "a b"},
        {"a\nX-Evil: 1", "a?X-Evil: 1"},
        {"a\r\n\r\nbody", "a????body"},
        {"a\x01\x7f"
         "b",
         "a??b"},
        {"caf\xc3\xa9", "caf?"},
        {"\xe2\x82\xac\xe2\x82\xac", "??"},
        {"\xff\xfe", "??"},
        {"one two three four five six seven eight nine ten eleven twelve thirteen fourteen",
         "one two three four five six seven eight nine ten eleven\n\ttwelve thirteen fourteen"},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa,bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb,cccccccccccccccccccc",
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa,\n\tbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb,"
         "cccccccccccccccccccc"},
    };
    pm_arena *arena = pm_arena_new(1 << 20);

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pm_slice got = folded(arena, pm_slice_of(cases[i].value));

        if (!pm_slice_equal(got, pm_slice_of(cases[i].folded)))
            fail_msg("\"%s\" became \"%.*s\", not \"%s\"", cases[i].value, PM_FMT(got),
                     cases[i].folded);
    }
    pm_arena_free(arena);
}

/* Whatever goes in: lines that an MTA takes, none of them blank, and only our folds in them. */
static void check_lines(pm_slice value, size_t name_len)
{
    size_t len = name_len + 2;

    for (size_t i = 0; i < value.len; i++, len++) {
        const char c = value.data[i];

        if (c != '\n') {
            assert_true((c >= ' ' && c < 0x7f) || (c == '\t' && value.data[i - 1] == '\n'));
            continue;
        }
        assert_true(len <= 998);
        assert_true(i + 2 < value.len && value.data[i + 1] == '\t' && value.data[i + 2] > ' ' &&
                    value.data[i + 2] < 0x7f);
        len = (size_t)-1;
    }
    assert_true(len <= 998);
}

static void random_values_fold_into_proper_lines(void **state)
{
    static const char bytes[] = "aaaaaaaaaaaaaaab,; \t\n\r\xc3\xa9\"\\";
    unsigned seed = 12345;
    char value[5000];

    (void)state;
    for (int round = 0; round < 500; round++) {
        pm_arena *arena = pm_arena_new(1 << 20);
        size_t len;

        seed = seed * 1103515245 + 12345;
        len = (seed >> 8) % sizeof(value);
        for (size_t i = 0; i < len; i++) {
            seed = seed * 1103515245 + 12345;
            /* Every other round has long runs without a place to break. */
            value[i] = round % 2 == 0            ? bytes[(seed >> 16) % (sizeof(bytes) - 1)]
                       : (seed >> 16) % 700 == 0 ? ' '
                                                 : 'x';
        }
        check_lines(folded(arena, (pm_slice){value, len}), strlen("Patchmark-Written"));
        pm_arena_free(arena);
    }
}

static void lines_with_places_to_break_stay_below_78_columns(void **state)
{
    static const char value[] =
        "lists.example.org; v=1; kind=cover; confidence=0.97; rules=linux.rules:kvm-x86,"
        "linux.rules:kvm-nested,site.rules:mine; why=\"F: arch/x86/kvm/ (12 paths); title\"";
    pm_arena *arena = pm_arena_new(1 << 16);
    pm_slice rest = folded(arena, PM_LIT(value)), line;
    size_t indent = strlen("Patchmark-Written: ");

    (void)state;
    while (pm_slice_next_line(&rest, &line)) {
        assert_true(indent + line.len < 78);
        indent = 7; /* a tab is eight columns, and one byte of the line */
    }
    pm_arena_free(arena);
}

/* ---- Marks ---- */

/* All marks, "Name: value\n" each. */
static char *marks_of(pm_outcome *outcome)
{
    pm_arena *arena = pm_arena_new(1 << 20);
    pm_strbuf text;

    assert_int_equal(pm_marks_add(arena, &config, outcome), PM_OK);
    pm_strbuf_init(&text, 1 << 20);
    for (size_t i = 0; i < outcome->mark_count; i++)
        pm_strbuf_printf(&text, "%.*s: %.*s\n", PM_FMT(outcome->marks[i].name),
                         PM_FMT(outcome->marks[i].value));
    pm_arena_free(arena);
    return text.data;
}

static void every_mark_has_its_place_and_form(void **state)
{
    pm_letter letter = {.kind = PM_KIND_COVER};
    pm_ranked subsystems[] = {{.name = PM_LIT("kvm-x86")}, {.name = PM_LIT("x86")}};
    pm_slice tags[] = {PM_LIT("resend"), PM_LIT("rfc")};
    pm_outcome outcome = blank();
    char *got;

    (void)state;
    outcome.letter = &letter;
    outcome.project = PM_LIT("linux");
    outcome.project_why = PM_LIT("list \"kvm\"");
    outcome.subsystems = subsystems;
    outcome.subsystem_count = 2;
    outcome.inbox = PM_LIT("kvm-x86.linux");
    outcome.inbox_why = PM_LIT("F: arch/x86/kvm/ (12 paths)");
    outcome.tags = tags;
    outcome.tag_count = 2;
    outcome.revision = 5;
    outcome.part = 0;
    outcome.total = 12;
    outcome.series = PM_LIT("v5-0@example.org");
    outcome.chain = PM_LIT("v1-0@example.org");
    outcome.supersedes = PM_LIT("v4-0@example.org");
    outcome.confidence = 0.966;
    got = marks_of(&outcome);
    assert_string_equal(got, "Patchmark-Results: lists.example.org; v=1; kind=cover; "
                             "confidence=0.97;\n"
                             "\twhy=\"F: arch/x86/kvm/ (12 paths); list \\\"kvm\\\"\"\n"
                             "Patchmark-Kind: cover\n"
                             "Patchmark-Project: linux\n"
                             "Patchmark-Subsystem: kvm-x86\n"
                             "Patchmark-Subsystem: x86\n"
                             "Patchmark-Inbox: <kvm-x86.linux>\n"
                             "Patchmark-Revision: 5\n"
                             "Patchmark-Part: 0/12\n"
                             "Patchmark-Tag: resend\n"
                             "Patchmark-Tag: rfc\n"
                             "Patchmark-Series: <v5-0@example.org>\n"
                             "Patchmark-Chain: <v1-0@example.org>\n"
                             "Patchmark-Supersedes: <v4-0@example.org>\n");
    free(got);
}

static void a_mail_nobody_understood_has_three_marks(void **state)
{
    pm_outcome outcome = blank();
    char *got = marks_of(&outcome);

    (void)state;
    assert_string_equal(got, "Patchmark-Results: lists.example.org; v=1; kind=other; "
                             "confidence=0.00\n"
                             "Patchmark-Kind: other\n"
                             "Patchmark-Inbox: <unsorted>\n");
    free(got);
}

static void a_partial_reroll_keeps_its_point(void **state)
{
    pm_letter letter = {.kind = PM_KIND_PATCH};
    pm_outcome outcome = blank();
    char *got;

    (void)state;
    outcome.letter = &letter;
    outcome.revision = 5;
    outcome.reroll = 1;
    got = marks_of(&outcome);
    assert_non_null(strstr(got, "Patchmark-Revision: 5.1\n"));
    assert_null(strstr(got, "Patchmark-Part"));
    free(got);
}

static void a_limit_shows_in_the_results(void **state)
{
    pm_outcome outcome = blank();
    char *got;

    (void)state;
    outcome.partial = true;
    got = marks_of(&outcome);
    assert_non_null(strstr(got, "partial=yes\n"));
    free(got);
}

static void message_ids_that_could_say_something_else_are_left_out(void **state)
{
    static char longest[902];
    static const char *const ids[] = {"a b@c",  "a\r\nX-Evil: 1", "a\tb@c",       "caf\xc3\xa9@x",
                                      "a@b>\n", "<a@b",           "a\x7f@example"};
    pm_outcome outcome = blank();
    char *got;

    (void)state;
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        outcome.series = pm_slice_of(ids[i]);
        got = marks_of(&outcome);
        if (strstr(got, "Series") != NULL || strstr(got, "Evil") != NULL)
            fail_msg("%s was let through", ids[i]);
        free(got);
    }
    memset(longest, 'i', 901);
    outcome.series = (pm_slice){longest, 901};
    got = marks_of(&outcome);
    assert_null(strstr(got, "Series"));
    free(got);
    outcome.series.len = 900;
    got = marks_of(&outcome);
    assert_non_null(strstr(got, "Patchmark-Series: <iii"));
    free(got);
}

static void a_long_why_is_cut(void **state)
{
    static char why[3000];
    pm_outcome outcome = blank();
    char *got, *end;

    (void)state;
    memset(why, '"', sizeof(why) - 1);
    outcome.inbox_why = pm_slice_of(why);
    got = marks_of(&outcome);
    end = strstr(got, "...\"\nPatchmark-Kind");
    assert_non_null(end);
    assert_true(end - got < 560);
    free(got);
}

static void rules_that_fired_are_named(void **state)
{
    static const char text[] = "rule first { why \"w\"; when kind == cover; then tag \"a\" }\n"
                               "rule second { why \"w\"; when kind == cover; then tag \"b\" }\n";
    pm_arena *arena = pm_arena_new(1 << 20);
    pm_vocabulary *vocabulary = pm_vocabulary_new(arena);
    pm_errors *errors = pm_errors_new();
    const pm_rule *fired[10];
    pm_statement *statements;
    pm_outcome outcome = blank();
    pm_rules *rules;
    char *got;

    (void)state;
    assert_int_equal(pm_syntax_parse(arena, "etc/my; rules,1", PM_LIT(text), errors, &statements),
                     PM_OK);
    rules = pm_rules_compile(arena, statements, vocabulary, NULL, errors);
    assert_non_null(rules);
    for (size_t i = 0; i < 10; i++)
        fired[i] = pm_rules_nth(rules, i % 2);
    outcome.verdict.fired = fired;
    outcome.verdict.fired_count = 2;
    got = marks_of(&outcome);
    assert_non_null(strstr(got, "rules=my??rules?1:first,my??rules?1:second\n"));
    free(got);
    outcome.verdict.fired_count = 10;
    got = marks_of(&outcome);
    assert_non_null(strstr(got, ",+2\n"));
    free(got);
    pm_rules_free(rules);
    pm_errors_free(errors);
    pm_arena_free(arena);
}

static void fields_of_rules_come_last_and_must_be_fields(void **state)
{
    pm_field_mark fields[] = {{.name = PM_LIT("Team"), .value = PM_LIT("blue\nred")},
                              {.name = PM_LIT("Bad Name"), .value = PM_LIT("x")},
                              {.name = PM_LIT("Bad:Name"), .value = PM_LIT("x")},
                              {.name = PM_EMPTY, .value = PM_LIT("x")}};
    pm_outcome outcome = blank();
    char *got;

    (void)state;
    outcome.verdict.fields = fields;
    outcome.verdict.field_count = 4;
    got = marks_of(&outcome);
    assert_non_null(strstr(got, "Patchmark-Inbox: <unsorted>\nPatchmark-Team: blue?red\n"));
    assert_null(strstr(got, "Bad"));
    assert_int_equal(outcome.mark_count, 4);
    free(got);
}

static void past_the_budget_there_are_as_many_marks_as_fit(void **state)
{
    pm_outcome outcome = blank();
    bool some = false;

    (void)state;
    for (size_t budget = 0; budget < 4096; budget += 64) {
        pm_arena *arena = pm_arena_new(budget);
        const pm_status status = pm_marks_add(arena, &config, &outcome);

        assert_true((status == PM_OK) == (outcome.mark_count == 3));
        some |= status != PM_OK && outcome.mark_count > 0;
        for (size_t i = 0; i < outcome.mark_count; i++)
            assert_true(outcome.marks[i].name.len > 0 && outcome.marks[i].value.len > 0);
        pm_arena_free(arena);
    }
    assert_true(some);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(foreign_fields_are_removed_from_the_last_to_the_first),
        cmocka_unit_test(the_prefix_is_the_sites),
        cmocka_unit_test(nothing_forged_is_left_on_postfix_or_sendmail),
        cmocka_unit_test(two_thousand_forged_fields_are_all_removed),
        cmocka_unit_test(values_are_made_fit_for_a_header_field),
        cmocka_unit_test(random_values_fold_into_proper_lines),
        cmocka_unit_test(lines_with_places_to_break_stay_below_78_columns),
        cmocka_unit_test(every_mark_has_its_place_and_form),
        cmocka_unit_test(a_mail_nobody_understood_has_three_marks),
        cmocka_unit_test(a_partial_reroll_keeps_its_point),
        cmocka_unit_test(a_limit_shows_in_the_results),
        cmocka_unit_test(message_ids_that_could_say_something_else_are_left_out),
        cmocka_unit_test(a_long_why_is_cut),
        cmocka_unit_test(rules_that_fired_are_named),
        cmocka_unit_test(fields_of_rules_come_last_and_must_be_fields),
        cmocka_unit_test(past_the_budget_there_are_as_many_marks_as_fit),
    };

    return cmocka_run_group_tests_name("marks", tests, NULL, NULL);
}
