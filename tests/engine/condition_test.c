/* SPDX-License-Identifier: BSD-2-Clause */
/* condition_test - what conditions and lists mean, and what is said about wrong ones. */
#include "folder.h"
#include "ruling.h"
#include "strbuf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* ---- Conditions ---- */

static void conditions_mean_what_they_say(void **state)
{
    static const struct {
        const char *condition;
        bool holds;
    } cases[] = {
        {"kind == cover", true},
        {"kind == \"cover\"", true},
        {"kind == patch", false},
        {"kind != patch", true},
        {"kind in (patch, cover)", true},
        {"kind in (patch, reply)", false},
        {"kind not in (patch, reply)", true},
        {"title ~ /^KVM: n?(VMX|SVM)\\b/", true},
        {"title ~ /^kvm/", false},
        {"title ~ /^kvm/i", true},
        {"title !~ /^kvm/i", false},
        {"title !~ /^x86/", true},
        {"title has \"KVM\"", false},
        /* Many values: any of them. */
        {"list == kvm.vger.example.org", true},
        {"list == linux.vger.example.org", true},
        {"list has linux.vger.example.org", true},
        {"list != kvm.vger.example.org", false},
        {"list ~ /^linux\\./", true},
        {"list !~ /^linux\\./", false},
        {"prefix has net-next", true},
        {"prefix not has net-next", false},
        {"prefix has bpf-next", false},
        /* Paths end at slashes. */
        {"path under arch/x86/kvm/", true},
        {"path under arch/x86/kvm", true},
        {"path under arch/x86/kv", false},
        {"path under arch/x86/kvm/vmx.c", true},
        {"path under arch/x86/kvm/vmx.c/", true},
        {"path under (mm/, virt)", true},
        {"path under (mm/, fs/)", false},
        {"path not under mm/", true},
        {"path == virt/kvm/kvm_main.c", true},
        /* Numbers. */
        {"total == 5", true},
        {"total != 5", false},
        {"total < 5", false},
        {"total <= 5", true},
        {"total > 4", true},
        {"total >= 6", false},
        {"total in (4, 5)", true},
        {"total not in (4, 5)", false},
        {"path.lines > 10", true},
        {"path.lines > 20", false},
        {"path.lines == 3", true},
        {"path.lines != 3", false},
        {"size < 1K", true},
        {"insertions >= 20 and deletions < 4", true},
        /* Flags, and what is there at all. */
        {"rfc", true},
        {"not rfc", false},
        {"resend", false},
        {"not resend", true},
        {"has-diff", false},
        {"title", true},
        {"base-commit", false},
        {"part", true},
        {"reroll", false},
        {"supersedes", false},
        {"header.x-token", true},
        {"header.x-other", false},
        /* Header fields, unfolded and decoded. */
        {"header.X-TOKEN == one", true},
        {"header.x-token == \"tw\xC3\xB6\"", true},
        {"header.x-token ~ /three/", false},
        /* Facts; a fact may have a field's name. */
        {"mood == grim", true},
        {"mood == merry", true},
        {"mood == sad", false},
        {"project == linux", true},
        {"subsystem", false},
        {"subject.shouts > 3", true},
        {"tag has rfc", true},
        {"tag has stable", true},
        {"tag has bot", false},
        {"revision == 4", true},
        {"revision == 3", false},
        /* Words between. */
        {"kind == cover and rfc", true},
        {"kind == cover and resend", false},
        {"kind == patch or rfc", true},
        {"kind == patch or resend", false},
        {"kind == patch and resend or rfc", true},
        {"kind == patch and (resend or rfc)", false},
        {"not kind == patch and rfc", true},
        {"not (kind == patch or rfc)", false},
        {"not not rfc", true},
        {"((rfc))", true},
        {"kind == cover and\n not (\n resend\n or title ~ /x86/\n )", true},
        /* Text lines end as mail's do. */
        {"text ~ /^fixes nested paging\\.$/m", true},
        {"body-prose ~ /series\\Rfixes/", true},
    };
    ruling with;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[512];

        ruling_begin(&with);
        ruling_add_text(&with, "mood", "grim");
        ruling_add_text(&with, "mood", "merry");
        ruling_add_text(&with, "project", "linux");
        ruling_add_text(&with, "tag", "stable");
        ruling_add_number(&with, "subject.shouts", 4);
        ruling_add_number(&with, "revision", 4);
        snprintf(text, sizeof(text), "rule r { why x; when %s\n then stop }", cases[i].condition);
        ruling_compile(&with, text);
        assert_int_equal(ruling_run(&with), PM_OK);
        if ((with.verdict.fired_count == 1) != cases[i].holds)
            fail_msg("%s\n%s, which is wrong", cases[i].condition,
                     cases[i].holds ? "does not hold" : "holds");
        if (pm_rule_holds(pm_rules_nth(with.rules, 0), &with.letter, &with.facts) != cases[i].holds)
            fail_msg("%s\nis one thing alone and another among rules", cases[i].condition);
        ruling_end(&with);
    }
}

static void a_field_speaks_where_no_fact_of_its_name_was_reported(void **state)
{
    ruling with;

    (void)state;
    ruling_begin(&with);
    ruling_compile(&with, "rule a { why x; when revision == 3; then tag x }\n"
                          "rule b { why x; when tag has rfc and not tag has x; then tag y }\n");
    assert_int_equal(ruling_run(&with), PM_OK);
    ruling_expect(&with, "a b");
    ruling_end(&with);
}

static void wrong_conditions_are_told_with_the_way_out(void **state)
{
    static const struct {
        const char *condition, *error;
    } cases[] = {
        {"titel ~ /x/", "1:23: no field of a letter and no plugin's fact is called \"titel\" (did "
                        "you mean \"title\"?)"},
        {"subject.shuots > 3", "1:23: no field of a letter and no plugin's fact is called "
                               "\"subject.shuots\" (did you mean \"subject.shouts\"?)"},
        {"weather == fine", "1:23: no field of a letter and no plugin's fact is called \"weather\" "
                            "(`patchmark plugin list --fields` shows all; is its plugin in "
                            "`plugins`?)"},
        {"revision>=2", "1:23: \"revision>=2\" is no name (put spaces around operators)"},
        {"header. == x",
         "1:23: no field of a letter and no plugin's fact is called \"header.\" (`patchmark "
         "plugin list --fields` shows all; is its plugin in `plugins`?)"},
        {"kind == covr", "1:31: kind is never \"covr\" (did you mean \"cover\"?)"},
        {"kind in (cover, letter)", "1:39: kind is never \"letter\" (rules.md lists what it can "
                                    "be)"},
        {"list == KVM.vger.example.org", "1:31: list is in small letters always (write "
                                         "\"KVM.vger.example.org\" so)"},
        {"message-id == \"<x@y>\"", "1:37: message-id has no < and > around it (leave them out)"},
        {"total ~ /5/", "1:29: \"~\" does not go with \"total\", which is a number (it goes with "
                        "== != < <= > >= in)"},
        {"title < 5", "1:29: \"<\" does not go with \"title\", which is a text (it goes with == != "
                      "~ !~ in under has)"},
        {"rfc == yes", "1:27: \"==\" does not go with \"rfc\", which is yes or no (write its name "
                       "alone, or not in front of it)"},
        {"total == five", "1:32: total is a number; \"five\" is none"},
        {"title == /x/",
         "1:32: a pattern goes with ~ or !~, not with \"==\" (or put it in quotes)"},
        {"title ~ \"x\"", "1:31: a pattern must follow here: /^like this/"},
        {"title ~ /(x/", "1:31: the pattern cannot be used: missing closing parenthesis, at its "
                         "byte 3"},
        {"title ~ /x/g", "1:31: \"g\" is no flag of a pattern (there are i m s x u)"},
        {"title ==", "1:29: a value is missing behind \"==\""},
        {"title == and rfc", "1:32: a value is missing in front of \"and\" (or put it in quotes)"},
        {"title == (a, b)", "1:32: several values go with \"in\": in (\"a\", \"b\")"},
        {"total < (1, 2)", "1:31: one number must follow \"<\""},
        {"title in x", "1:32: there is no list \"x\" (write: in (\"a\", \"b\"), or list NAME { a b "
                       "})"},
        {"title in \"x\"", "1:32: \"in\" wants several values or a list: in (\"a\", \"b\") or in "
                           "NAME"},
        {"title in ()", "1:33: a value is missing in front of \")\""},
        {"title in (a b)", "1:35: \",\" or \")\" is missing here"},
        {"title not == x", "1:33: \"in\", \"under\" or \"has\" must follow \"not\" here"},
        {"path under /arch", "1:34: paths in letters begin neither with / nor with ./ (write: "
                             "arch/x86/)"},
        {"path under arch/*/kvm", "1:34: \"under\" knows no * (use ~ with a pattern)"},
        {"rfc and", "1:27: a condition is missing at the end of this"},
        {"rfc resend", "1:27: \"resend\" is not expected here (conditions are joined by and, or; "
                       "values with spaces are put in quotes)"},
        {"\"rfc\"", "1:23: the name of a field or fact is missing in front of \"rfc\" (write: kind "
                    "== cover)"},
        {"", "1:18: a condition is missing (write: when kind == cover)"},
    };
    ruling with;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[256], expected[512];
        const char *error;

        ruling_begin(&with);
        snprintf(text, sizeof(text), "rule r { why xy; when %s\n then stop }", cases[i].condition);
        snprintf(expected, sizeof(expected), "etc/test.rules:%s", cases[i].error);
        if (ruling_compile_as(&with, "etc/test.rules", text, NULL))
            fail_msg("%s\nis not refused; it should be: %s", text, expected);
        error = pm_errors_nth(with.errors, 0);
        if (strncmp(error, expected, strlen(expected)) != 0 || pm_errors_count(with.errors) != 1)
            fail_msg("%s\nis told so:        %s\ninstead of (once): %s", text, error, expected);
        ruling_end(&with);
    }
}

static void deep_nesting_is_refused_before_it_is_a_danger(void **state)
{
    pm_strbuf text;
    ruling with;

    (void)state;
    ruling_begin(&with);
    pm_strbuf_init(&text, 1 << 20);
    pm_strbuf_add_text(&text, "rule r { why x; when ");
    for (int i = 0; i < 1000; i++)
        pm_strbuf_add_text(&text, "not ");
    pm_strbuf_add_text(&text, "rfc\n then stop }");
    assert_false(ruling_compile_as(&with, "t", text.data, NULL));
    assert_string_equal(pm_errors_nth(with.errors, 0),
                        "t:1:150: parentheses and nots, more than 32 deep");
    pm_strbuf_free(&text);
    ruling_end(&with);
}

/* ---- Lists ---- */

static void a_list_may_stand_behind_its_rule_or_in_a_file(void **state)
{
    char folder[FOLDER_NAME], text[512];
    ruling with;

    (void)state;
    folder_make(folder);
    ruling_begin(&with);
    snprintf(
        text, sizeof(text),
        "rule a { why x; when list in ours; then tag a }\n"
        "rule b { why x; when list in theirs; then tag b }\n"
        "rule c { why x; when list in written; then tag c }\n"
        "rule d { why x; when list not in theirs; then tag d }\n"
        "list ours { other.example.org linux.vger.example.org\n\"with space\" }\n"
        "list theirs { other.example.org }\n"
        "list written file %s\n",
        folder_write(folder, "lists", "# lists\r\nx.example.org\r\n\n  kvm.vger.example.org\n"));
    ruling_compile(&with, text);
    assert_int_equal(ruling_run(&with), PM_OK);
    ruling_expect(&with, "a c d");
    ruling_end(&with);
    folder_remove(folder);
}

static void a_list_goes_wherever_values_go(void **state)
{
    static const struct {
        const char *condition;
        bool holds;
    } cases[] = {
        {"path under list folders", true},
        {"path under (mm/, list folders)", true},
        {"path not under list folders", false},
        {"path under list colours", false},
        {"prefix has list trees", true},
        {"prefix == list trees", true},
        {"prefix != list trees", false},
        {"prefix in list trees", true},
        {"prefix in trees", true},
        {"prefix in (x, list trees)", true},
        {"prefix not in (x, list trees)", false},
        {"total in list sizes", true},
        {"total in sizes", true},
        {"total in (1, list sizes)", true},
        {"total == list sizes", true},
        {"total not in list sizes", false},
        {"title == list", false}, /* a value that is called so */
        {"prefix in empty", false},
        {"path under list empty", false},
        {"total not in list empty", true},
    };
    ruling with;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[512];

        ruling_begin(&with);
        snprintf(text, sizeof(text),
                 "rule r { why x; when %s\n then stop }\n"
                 "list folders { fs/ virt/ }\nlist trees { bpf-next net-next }\n"
                 "list sizes { 5 7 }\nlist colours { red }\nlist empty { }\n",
                 cases[i].condition);
        ruling_compile(&with, text);
        assert_int_equal(ruling_run(&with), PM_OK);
        if ((with.verdict.fired_count == 1) != cases[i].holds)
            fail_msg("%s\n%s, which is wrong", cases[i].condition,
                     cases[i].holds ? "does not hold" : "holds");
        ruling_end(&with);
    }
}

static void wrong_lists_are_told(void **state)
{
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"list a { b }\nlist a { c }", "2:6: there is a list a already"},
        {"list a { b, c }", "1:11: a list holds words and strings, without commas"},
        {"list a { b { } }", "1:10: a list holds words, no blocks"},
        {"list { }", "1:1: a list has a name of small letters, digits, - and . (write: list "
                     "kvm-x86 { ... })"},
        {"list a b", "1:6: a list is written: list a { a b c }, or: list a file \"FILE\""},
        {"list a file nowhere", "1:13: etc/nowhere: No such file or directory"},
        {"list ours { a }\nrule r { why x; when list in oars; then stop }",
         "2:30: there is no list \"oars\" (did you mean \"ours\"?)"},
        {"list ours { a }\nrule r { why x; when path under list oars; then stop }",
         "2:38: there is no list \"oars\" (did you mean \"ours\"?)"},
        /* What an entry cannot be is told where it stands. */
        {"list kinds { cover\n patches }\nrule r { why x; when kind in kinds; then stop }",
         "2:2: kind is never \"patches\" (did you mean \"patch\"?)"},
        {"list sizes { 1 many }\nrule r { why x; when total in sizes; then stop }",
         "1:16: total is a number; \"many\" is none"},
        {"list sizes { 1 2 }\nrule r { why x; when total < list sizes; then stop }",
         "2:30: one number must follow \"<\""},
        {"list folders { /mm }\nrule r { why x; when path under list folders; then stop }",
         "1:16: paths in letters begin neither with / nor with ./ (write: arch/x86/)"},
    };
    ruling with;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char expected[256];
        const char *error;

        ruling_begin(&with);
        snprintf(expected, sizeof(expected), "etc/test.rules:%s", cases[i].error);
        ruling_compile_as(&with, "etc/test.rules", cases[i].text, NULL);
        error = pm_errors_nth(with.errors, 0);
        if (error == NULL || strcmp(error, expected) != 0)
            fail_msg("%s\nis told so: %s\ninstead of: %s", cases[i].text, error, expected);
        ruling_end(&with);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conditions_mean_what_they_say),
        cmocka_unit_test(a_field_speaks_where_no_fact_of_its_name_was_reported),
        cmocka_unit_test(wrong_conditions_are_told_with_the_way_out),
        cmocka_unit_test(deep_nesting_is_refused_before_it_is_a_danger),
        cmocka_unit_test(a_list_may_stand_behind_its_rule_or_in_a_file),
        cmocka_unit_test(a_list_goes_wherever_values_go),
        cmocka_unit_test(wrong_lists_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
