/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rules_test - what follows from rules, and what is said about wrong ones.
 *
 * Not what their conditions mean, nor that many are as quick as few: condition_test,
 * prefilter_test.
 */
#include "clock.h"
#include "logged.h"
#include "ruling.h"
#include "strbuf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* ---- What follows ---- */

static void all_that_a_rule_says_follows(void **state)
{
    const pm_rule_powers powers = {.discard = true, .reject = true};
    const pm_found *found;
    ruling with;

    (void)state;
    ruling_begin(&with);
    assert_true(
        ruling_compile_as(&with, "etc/test.rules",
                          "rule r {\n"
                          "  why \"because\"\n"
                          "  when kind == cover\n"
                          "  then subsystem kvm-x86 weight 5, tag good\n"
                          "  then project linux weight 0.25\n"
                          "  then inbox kvm, fact mood sunny, fact subject.shouts 7 weight 2\n"
                          "  then field Colour \"deep blue\"\n"
                          "  then recipient new@example.org, recipient in@example.org,\n"
                          "       recipient NEW@example.org\n"
                          "  then quarantine \"look at it\", discard, reject \"no thanks\"\n"
                          "}\n",
                          &powers));
    assert_int_equal(ruling_run(&with), PM_OK);
    ruling_expect(&with, "r");
    assert_string_equal(pm_rule_id(with.verdict.fired[0]), "test.rules:r");
    assert_int_equal(with.facts.count, 6);
    found = pm_facts_nth(&with.facts, PM_LIT("subsystem"), 0);
    assert_true(pm_slice_equal(found->text, PM_LIT("kvm-x86")));
    assert_true(found->weight == 5);
    assert_true(pm_slice_equal(found->reason, PM_LIT("because")));
    assert_string_equal(found->by, "test.rules:r");
    assert_true(pm_facts_nth(&with.facts, PM_LIT("project"), 0)->weight == 0.25);
    assert_true(pm_facts_nth(&with.facts, PM_LIT("tag"), 0)->weight == 1);
    found = pm_facts_nth(&with.facts, PM_LIT("subject.shouts"), 0);
    assert_int_equal(found->number, 7);
    assert_true(found->weight == 2);
    assert_int_equal(with.verdict.field_count, 1);
    assert_true(pm_slice_equal(with.verdict.fields[0].name, PM_LIT("Colour")));
    assert_true(pm_slice_equal(with.verdict.fields[0].value, PM_LIT("deep blue")));
    assert_ptr_equal(with.verdict.fields[0].rule, with.verdict.fired[0]);
    /* Not those who get it anyway, and nobody twice. */
    assert_int_equal(with.verdict.recipient_count, 1);
    assert_true(pm_slice_equal(with.verdict.recipients[0], PM_LIT("new@example.org")));
    assert_true(pm_slice_equal(with.verdict.quarantine, PM_LIT("look at it")));
    assert_true(with.verdict.discard);
    assert_true(with.verdict.reject);
    assert_true(pm_slice_equal(with.verdict.reply, PM_LIT("no thanks")));
    ruling_end(&with);
}

static void nothing_follows_from_a_rule_that_does_not_hold(void **state)
{
    ruling with;

    (void)state;
    ruling_begin(&with);
    ruling_compile(&with, "rule r { why x; when kind == patch; then tag x, quarantine y }");
    assert_int_equal(ruling_run(&with), PM_OK);
    assert_int_equal(with.verdict.fired_count, 0);
    assert_int_equal(with.facts.count, 0);
    assert_null(with.verdict.quarantine.data);
    assert_false(with.verdict.discard);
    ruling_end(&with);
}

static void the_order_of_rules_does_not_matter(void **state)
{
    ruling with;

    (void)state;
    ruling_begin(&with);
    ruling_compile(&with, "rule a { why x; when mood == grim; then tag seen }\n"
                          "rule b { why x; when kind == cover; then fact mood grim }\n"
                          "rule c { why x; when mood == grim; then tag seen }\n");
    assert_int_equal(ruling_run(&with), PM_OK);
    ruling_expect(&with, "b"); /* rules see what plugins reported, not what rules added */
    assert_false(pm_rule_holds(pm_rules_nth(with.rules, 2), &with.letter, &with.facts));
    ruling_end(&with);
}

static void nothing_is_asked_behind_a_stop(void **state)
{
    ruling with;

    (void)state;
    ruling_begin(&with);
    ruling_compile(&with, "rule a { why x; when kind == cover; then tag a }\n"
                          "rule b { why x; when kind == patch; then stop }\n"
                          "rule c { why x; when title ~ /KVM/; then tag c, stop }\n"
                          "rule d { why x; when kind == cover; then tag d }\n");
    assert_int_equal(ruling_run(&with), PM_OK);
    ruling_expect(&with, "a c");
    ruling_end(&with);
}

static void the_first_reason_is_the_one_that_is_given(void **state)
{
    ruling with;

    (void)state;
    ruling_begin(&with);
    ruling_compile(&with, "rule a { why x; when kind == cover; then quarantine first }\n"
                          "rule b { why x; when kind == cover; then quarantine second }\n");
    assert_int_equal(ruling_run(&with), PM_OK);
    assert_true(pm_slice_equal(with.verdict.quarantine, PM_LIT("first")));
    ruling_end(&with);
}

static void a_deadline_that_has_passed_ends_it_with_what_there_is(void **state)
{
    enum { RULES = 1000 };
    pm_strbuf text;
    ruling with;

    (void)state;
    ruling_begin(&with);
    pm_strbuf_init(&text, 1 << 20);
    for (int i = 0; i < RULES; i++)
        pm_strbuf_printf(&text, "rule r%d { why x; when not resend; then field A b }\n", i);
    ruling_compile(&with, text.data);
    assert_int_equal(pm_rules_run(with.rules, &with.letter, &with.facts,
                                  pm_clock_us() + 60 * 1000 * 1000, &with.verdict),
                     PM_OK);
    assert_int_equal(with.verdict.fired_count, RULES);
    assert_int_equal(pm_rules_run(with.rules, &with.letter, &with.facts, 1, &with.verdict),
                     PM_LIMIT);
    assert_in_range(with.verdict.fired_count, 1, RULES / 2);
    pm_strbuf_free(&text);
    ruling_end(&with);
}

static void a_pattern_at_its_limits_holds_nothing_up_and_is_told_with_its_rule(void **state)
{
    const char *told;
    ruling with;

    (void)state;
    ruling_begin(&with);
    with.letter.text =
        PM_LIT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!");
    ruling_compile(&with, "rule slow { why x; when text ~ /^(a+)+$/; then tag x }\n"
                          "rule next { why x; when kind == cover; then tag y }\n");
    logged_begin();
    assert_int_equal(ruling_run(&with), PM_OK);
    told = logged();
    logged_end();
    ruling_expect(&with, "next");
    assert_int_equal(with.verdict.limited_count, 1);
    assert_string_equal(pm_rule_id(with.verdict.limited[0]), "test.rules:slow");
    assert_non_null(strstr(told, "event=pattern-limit rule=test.rules:slow"));
    assert_non_null(strstr(told, "cover@example.org"));
    ruling_end(&with);
}

static void past_the_budget_the_verdict_is_what_fits(void **state)
{
    ruling with;
    size_t whole;

    (void)state;
    ruling_begin(&with);
    ruling_compile(&with,
                   "rule a { why x; when kind == cover; then tag a, field A a, recipient a@b.c }\n"
                   "rule b { why x; when title ~ /KVM/; then tag b, field B b }\n");
    for (size_t budget = 0; budget < 4096; budget += 16) {
        pm_arena *small = pm_arena_new(budget);

        pm_facts_init(&with.facts, small, with.vocabulary);
        whole = ruling_run(&with) == PM_OK;
        if (whole)
            ruling_expect(&with, "a b");
        assert_true(with.verdict.fired_count <= 2);
        pm_facts_init(&with.facts, pm_message_arena(with.message), with.vocabulary);
        pm_arena_free(small);
    }
    assert_true(whole);
    ruling_end(&with);
}

/* ---- Wrong rules ---- */

static void wrong_rules_are_told_with_the_way_out(void **state)
{
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"rule { }", "1:1: a rule has a name of small letters, digits, - and . (write: rule "
                     "kvm-x86 { ... })"},
        {"rule A { }", "1:6: a rule has a name of small letters, digits, - and . (write: rule "
                       "kvm-x86 { ... })"},
        {"rule a", "1:6: a rule is written: rule a { ... }"},
        {"rule a { why x; then stop }", "1:6: rule a has no condition (write: when kind == cover)"},
        {"rule a { why x; when rfc }", "1:6: nothing follows from rule a (write: then ...)"},
        {"rule a { why x; when rfc; then }", "1:27: what follows is missing (write: then tag "
                                             "\"x\")"},
        {"rule a { why x; when rfc; when reply; then stop }",
         "1:27: \"when\" stands twice in this rule (first in line 1; join the two by and, or)"},
        {"rule a { why x; why y; when rfc; then stop }",
         "1:17: \"why\" stands twice in this rule (first in line 1)"},
        {"rule a { why x y; when rfc; then stop }",
         "1:10: why wants one string (put it in quotes)"},
        {"rule a { why x; wehn rfc; when rfc; then stop }",
         "1:17: there is no \"wehn\" in a rule (did you mean \"when\"?)"},
        {"rule a { why x; when rfc; then stop; colour red }",
         "1:38: there is no \"colour\" in a rule (there are: why when then example not-example)"},
        {"rule a { why x; when rfc; then stop; rule b { } }",
         "1:38: \"rule\" has no block (is a } missing above?)"},
        {"rule a { why x; when rfc; then stop }\nrule a { why x; when rfc; then stop }",
         "2:6: rule a stands in this file twice (first in line 1)"},
        {"rule a { why x; when rfc; then subsytem x }",
         "1:32: nothing follows that is called \"subsytem\" (did you mean \"subsystem\"?)"},
        {"rule a { why x; when rfc; then file x }",
         "1:32: nothing follows that is called \"file\" (did you mean \"field\"?)"},
        {"rule a { why x; when rfc; then bounce }",
         "1:32: nothing follows that is called \"bounce\" (there are: subsystem project inbox tag "
         "fact field recipient quarantine discard reject stop)"},
        {"rule a { why x; when rfc; then subsystem \"KVM x86\" }",
         "1:42: a subsystem is called by small letters, digits, - and . (as kvm-x86 is), not \"KVM "
         "x86\""},
        {"rule a { why x; when rfc; then inbox \"A B\" }",
         "1:38: an inbox is called by small letters, digits, - and . (as kvm-x86 is), not \"A B\""},
        {"rule a { why x; when rfc; then tag }", "1:32: a name is missing here"},
        {"rule a { why x; when rfc; then tag x weight 0 }",
         "1:45: a weight is a number above 0 and up to 1000, such as 5 or 0.5, not \"0\""},
        {"rule a { why x; when rfc; then tag x weight -1 }",
         "1:45: a weight is a number above 0 and up to 1000, such as 5 or 0.5, not \"-1\""},
        {"rule a { why x; when rfc; then tag x weight }",
         "1:38: a weight, such as 5, is missing here"},
        {"rule a { why x; when rfc; then tag x tag y }",
         "1:38: \"tag\" is too much here (a comma goes between two effects; values with spaces are "
         "put in quotes)"},
        {"rule a { why x; when rfc; then tag x, ; }", "1:37: something must follow this comma"},
        {"rule a { why x; when rfc; then fact moood grim }",
         "1:37: no plugin reports \"moood\" (did you mean \"mood\"?)"},
        {"rule a { why x; when rfc; then fact colour red }",
         "1:37: no plugin reports \"colour\" (tag \"...\" needs no plugin)"},
        {"rule a { why x; when rfc; then fact subject.shouts many }",
         "1:52: subject.shouts is a number; \"many\" is none"},
        {"rule a { why x; when rfc; then fact subsystem \"A B\" }",
         "1:47: a subsystem is called by small letters, digits, - and . (as kvm-x86 is), not \"A "
         "B\""},
        {"rule a { why x; when rfc; then field \"A B\" x }",
         "1:38: a field's name is letters, digits and hyphens, at most 40, not \"A B\""},
        {"rule a { why x; when rfc; then field Patchmark-Colour x }",
         "1:38: the prefix is put in front of it by itself (write: field \"Colour\" ...)"},
        {"rule a { why x; when rfc; then field kind x }",
         "1:38: Kind is a field patchmark writes itself (add a fact: tag \"...\", subsystem "
         "\"...\", or choose another name)"},
        {"rule a { why x; when rfc; then field Colour \"a\\nb\" }",
         "1:45: this must be one line of ASCII without control characters, at most 500 bytes"},
        {"rule a { why x; when rfc; then field Colour \"\" }",
         "1:45: this must be one line of ASCII without control characters, at most 500 bytes"},
        {"rule a { why x; when rfc; then recipient nobody }",
         "1:42: \"nobody\" is no address (write it as x@example.org, without < and >)"},
        {"rule a { why x; when rfc; then recipient \"<a@b.c>\" }",
         "1:42: \"<a@b.c>\" is no address (write it as x@example.org, without < and >)"},
        {"rule a { why x; when rfc; then recipient \"{author}\" }",
         "1:42: an address is written out: mail must not choose who else reads it"},
        {"rule a { why x; when rfc; then field Colour \"of {moood}\" }",
         "1:50: no field of a letter and no plugin's fact is called \"moood\" (did you mean "
         "\"mood\"?)"},
        {"rule a { why x; when rfc; then field Colour \"{mood\" }",
         "1:47: the name of a field or fact and a } must follow { here (write {{ for the brace "
         "itself)"},
        {"rule a { why x; when rfc; then field Colour \"mood}\" }",
         "1:45: no { is open for a } in this text (write }} for the brace itself)"},
        {"rule a { why x; when rfc; then project \"{mood}\" }",
         "1:40: a project is called by small letters, digits, - and . (as kvm-x86 is), not "
         "\"{mood}\""},
        {"rule a { why x; when rfc; then quarantine }", "1:32: the reason is missing here"},
        {"rule a { why x; when rfc; then discard }",
         "1:32: rules may not discard mail here (the administrator may allow it in "
         "patchmark.conf: allow { discard yes })"},
        {"rule a { why x; when rfc; then reject no }",
         "1:32: rules may not reject mail here (the administrator may allow it in patchmark.conf: "
         "allow { reject yes })"},
        {"rule a { why x; when rfc; then stop; example }",
         "1:38: an example is missing (write: example \"Subject: [PATCH] ...\")"},
        {"rule a { why x; when rfc; then stop; not-example \"no header\" }",
         "1:50: an example is a string of header lines, \"Subject: [PATCH] ...\", and perhaps "
         "\\n\\n and a body"},
    };
    ruling with;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char expected[512];
        const char *error;

        ruling_begin(&with);
        snprintf(expected, sizeof(expected), "etc/test.rules:%s", cases[i].error);
        if (ruling_compile_as(&with, "etc/test.rules", cases[i].text, NULL))
            fail_msg("%s\nis not refused; it should be: %s", cases[i].text, expected);
        error = pm_errors_nth(with.errors, 0);
        if (error == NULL || strcmp(error, expected) != 0)
            fail_msg("%s\nis told so: %s\ninstead of: %s", cases[i].text, error, expected);
        if (pm_errors_count(with.errors) != 1)
            fail_msg("%s\nis told twice: %s", cases[i].text, pm_errors_nth(with.errors, 1));
        ruling_end(&with);
    }
}

static void all_wrong_rules_are_told_at_once(void **state)
{
    ruling with;

    (void)state;
    ruling_begin(&with);
    assert_false(ruling_compile_as(&with, "t",
                                   "rule a { why x; when titel; then stpo }\n"
                                   "rule b { why x; when kind == cvoer; then stop }\n"
                                   "list c { d, e }\n",
                                   NULL));
    assert_int_equal(pm_errors_count(with.errors), 4);
    ruling_end(&with);
}

static void a_rule_without_why_is_warned_about(void **state)
{
    ruling with;

    (void)state;
    ruling_begin(&with);
    ruling_compile(&with, "rule a { when rfc; then stop }");
    assert_int_equal(pm_warnings_count(with.errors), 1);
    assert_string_equal(pm_errors_nth(with.errors, 0),
                        "etc/test.rules:1:6: warning: rule a has no why (a sentence for those who "
                        "will meet its effect)");
    assert_string_equal(pm_rule_why(pm_rules_nth(with.rules, 0)), "");
    ruling_end(&with);
}

static void rules_of_two_files_may_share_a_name(void **state)
{
    ruling with;
    pm_statement *first, *second;

    (void)state;
    ruling_begin(&with);
    assert_int_equal(pm_syntax_parse(with.arena, "a.rules",
                                     PM_LIT("rule r { why x; when rfc; then stop }"), with.errors,
                                     &first),
                     PM_OK);
    assert_int_equal(pm_syntax_parse(with.arena, "b.rules",
                                     PM_LIT("rule r { why x; when rfc; then stop }"), with.errors,
                                     &second),
                     PM_OK);
    first->next = second;
    with.rules = pm_rules_compile(with.arena, first, with.vocabulary, NULL, with.errors);
    assert_non_null(with.rules);
    assert_int_equal(pm_rules_count(with.rules), 2);
    assert_string_equal(pm_rule_id(pm_rules_nth(with.rules, 0)), "a.rules:r");
    assert_string_equal(pm_rule_id(pm_rules_nth(with.rules, 1)), "b.rules:r");
    assert_null(pm_rules_nth(with.rules, 2));
    ruling_end(&with);
}

static void examples_are_kept_with_their_places(void **state)
{
    const pm_token *where;
    const pm_rule *rule;
    bool matches;
    ruling with;

    (void)state;
    ruling_begin(&with);
    ruling_compile(&with, "rule r { why x; when rfc; then stop\n"
                          " example \"Subject: a\" \"Subject: b\\n\\nbody\"\n"
                          " not-example \"Subject: c\"\n}");
    rule = pm_rules_nth(with.rules, 0);
    assert_true(pm_slice_equal(pm_rule_example(rule, 0, &matches, &where), PM_LIT("Subject: a")));
    assert_true(matches);
    assert_int_equal(where->line, 2);
    assert_true(
        pm_slice_equal(pm_rule_example(rule, 1, &matches, &where), PM_LIT("Subject: b\n\nbody")));
    assert_true(matches);
    assert_true(pm_slice_equal(pm_rule_example(rule, 2, &matches, &where), PM_LIT("Subject: c")));
    assert_false(matches);
    assert_int_equal(where->line, 3);
    assert_null(pm_rule_example(rule, 3, &matches, &where).data);
    ruling_end(&with);
}

static void a_budget_too_small_for_rules_is_an_error_and_no_crash(void **state)
{
    static const pm_fact_decl mood = {"mood", PM_FACT_TEXT, "how the letter sounds"};
    static const char text[] =
        "list l { a b }\n"
        "rule a { why x; when title ~ /^KVM: (a|bcd)/ and (list in l or path under (mm/, fs/))\n"
        " then tag x, field Y z, recipient a@b.c; example \"Subject: x\" }\n"
        "rule b { why x; when total in (1, 2) and not mood == grim; then stop }\n";
    size_t used = 0;

    (void)state;
    for (size_t budget = 0; budget < 1 << 20; budget += budget < 8192 ? 61 : 4001) {
        pm_arena *arena = pm_arena_new(1 << 20), *small = pm_arena_new(budget);
        pm_errors *errors = pm_errors_new();
        pm_vocabulary *vocabulary = pm_vocabulary_new(arena);
        pm_statement *statements;
        pm_rules *rules;

        assert_int_equal(pm_vocabulary_add(vocabulary, &mood, "sense"), PM_OK);
        assert_int_equal(pm_syntax_parse(arena, "t", PM_LIT(text), errors, &statements), PM_OK);
        rules = pm_rules_compile(small, statements, vocabulary, NULL, errors);
        assert_int_equal(rules == NULL, pm_errors_count(errors) > 0);
        if (rules != NULL)
            used = budget;
        pm_rules_free(rules);
        pm_errors_free(errors);
        pm_arena_free(small);
        pm_arena_free(arena);
        if (used > 0)
            break;
    }
    assert_true(used > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_that_a_rule_says_follows),
        cmocka_unit_test(nothing_follows_from_a_rule_that_does_not_hold),
        cmocka_unit_test(the_order_of_rules_does_not_matter),
        cmocka_unit_test(nothing_is_asked_behind_a_stop),
        cmocka_unit_test(the_first_reason_is_the_one_that_is_given),
        cmocka_unit_test(a_deadline_that_has_passed_ends_it_with_what_there_is),
        cmocka_unit_test(a_pattern_at_its_limits_holds_nothing_up_and_is_told_with_its_rule),
        cmocka_unit_test(past_the_budget_the_verdict_is_what_fits),
        cmocka_unit_test(wrong_rules_are_told_with_the_way_out),
        cmocka_unit_test(all_wrong_rules_are_told_at_once),
        cmocka_unit_test(a_rule_without_why_is_warned_about),
        cmocka_unit_test(rules_of_two_files_may_share_a_name),
        cmocka_unit_test(examples_are_kept_with_their_places),
        cmocka_unit_test(a_budget_too_small_for_rules_is_an_error_and_no_crash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
