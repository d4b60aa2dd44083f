/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rules_test - what conditions mean, what follows from rules, and what is said about wrong ones.
 *
 * Letters are made by hand here: what a mail says is other tests' matter.
 */
#include "clock.h"
#include "config.h"
#include "contradiction.h"
#include "prefilter.h"
#include "rules.h"

#include "../base/generator.h"
#include "folder.h"
#include "logged.h"
#include "strbuf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* ---- A letter, facts, rules ---- */

static const pm_fact_decl mood = {"mood", PM_FACT_TEXT, "how the letter sounds"};
static const pm_fact_decl shouts = {"subject.shouts", PM_FACT_NUMBER, "letters in a row"};
static const pm_fact_decl revision = {"revision", PM_FACT_NUMBER, "what the letter says by all"};

typedef struct bench {
    pm_arena *arena; /* of the rules */
    pm_errors *errors;
    pm_vocabulary *vocabulary;
    pm_rules *rules;
    pm_message *message;
    pm_letter letter;
    pm_facts facts;
    pm_verdict verdict;
} bench;

static pm_slice lists[] = {{"kvm.vger.example.org", 20}, {"linux.vger.example.org", 22}};
static pm_slice words[] = {{"PATCH", 5}, {"net-next", 8}};
static pm_path paths[] = {{.path = {"arch/x86/kvm/vmx.c", 18}, .lines = 20},
                          {.path = {"virt/kvm/kvm_main.c", 19}, .lines = 3}};

static const char mail[] = "X-Token: one\nx-token: =?utf-8?q?tw=C3=B6?=\nSubject: x\n\nbody\n";

/* [RFC PATCH net-next v3 0/5] KVM: nVMX: Flush the thing, without rules so far. */
static void begin(bench *with)
{
    *with = (bench){.arena = pm_arena_new(1 << 26), .errors = pm_errors_new()};
    with->vocabulary = pm_vocabulary_new(with->arena);
    assert_int_equal(pm_vocabulary_add(with->vocabulary, &mood, "sense"), PM_OK);
    assert_int_equal(pm_vocabulary_add(with->vocabulary, &shouts, "shout"), PM_OK);
    assert_int_equal(pm_vocabulary_add(with->vocabulary, &revision, "revision"), PM_OK);
    with->message = pm_message_new(NULL);
    pm_message_read(with->message, PM_LIT(mail));
    pm_message_add_recipient(with->message, PM_LIT("<In@example.org>"));
    with->letter = (pm_letter){
        .message = with->message,
        .kind = PM_KIND_COVER,
        .subject = {.text = PM_LIT("[RFC PATCH net-next v3 0/5] KVM: nVMX: Flush the thing"),
                    .title = PM_LIT("KVM: nVMX: Flush the thing"),
                    .words = words,
                    .word_count = 2,
                    .flags = PM_SUBJECT_RFC | PM_SUBJECT_PATCH,
                    .revision = 3,
                    .part = 0,
                    .total = 5},
        .diffstat =
            {.paths = paths, .count = 2, .files_changed = 2, .insertions = 20, .deletions = 3},
        .lists = lists,
        .list_count = 2,
        .author = {.name = PM_LIT("A. Developer"), .address = PM_LIT("dev@example.org")},
        .message_id = PM_LIT("cover@example.org"),
        .text = PM_LIT("This series\r\nfixes nested paging.\r\n"),
        .prose = PM_LIT("This series\r\nfixes nested paging.\r\n"),
    };
    pm_facts_init(&with->facts, pm_message_arena(with->message), with->vocabulary);
}

static void add_text_fact(bench *with, const char *name, const char *value)
{
    pm_fact fact = {.size = sizeof(fact), .name = name, .text = pm_slice_of(value), .weight = 1};

    assert_int_equal(pm_facts_add(&with->facts, &fact, "sense"), PM_OK);
}

static void add_number_fact(bench *with, const char *name, int64_t value)
{
    pm_fact fact = {.size = sizeof(fact), .name = name, .number = value, .weight = 1};

    assert_int_equal(pm_facts_add(&with->facts, &fact, "shout"), PM_OK);
}

static bool compile_as(bench *with, const char *file, const char *text,
                       const pm_rule_powers *powers)
{
    pm_statement *statements;

    if (pm_syntax_parse(with->arena, file, pm_slice_of(text), with->errors, &statements) != PM_OK)
        return false;
    with->rules = pm_rules_compile(with->arena, statements, with->vocabulary, powers, with->errors);
    return with->rules != NULL;
}

static void compile(bench *with, const char *text)
{
    if (!compile_as(with, "etc/test.rules", text, NULL))
        fail_msg("%s\nis refused: %s", text, pm_errors_nth(with->errors, 0));
}

static pm_status run(bench *with)
{
    return pm_rules_run(with->rules, &with->letter, &with->facts, 0, &with->verdict);
}

static void end(bench *with)
{
    pm_rules_free(with->rules);
    pm_message_free(with->message);
    pm_errors_free(with->errors);
    pm_arena_free(with->arena);
}

/* The rules that fired, "a b c". */
static const char *fired(const bench *with, char *into, size_t size)
{
    into[0] = '\0';
    for (size_t i = 0; i < with->verdict.fired_count; i++)
        snprintf(into + strlen(into), size - strlen(into), "%s%s", i == 0 ? "" : " ",
                 strchr(pm_rule_id(with->verdict.fired[i]), ':') + 1);
    return into;
}

static void assert_fired(const bench *with, const char *expected)
{
    char text[256];

    assert_string_equal(fired(with, text, sizeof(text)), expected);
}

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
    bench with;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[512];

        begin(&with);
        add_text_fact(&with, "mood", "grim");
        add_text_fact(&with, "mood", "merry");
        add_text_fact(&with, "project", "linux");
        add_text_fact(&with, "tag", "stable");
        add_number_fact(&with, "subject.shouts", 4);
        add_number_fact(&with, "revision", 4);
        snprintf(text, sizeof(text), "rule r { why x; when %s\n then stop }", cases[i].condition);
        compile(&with, text);
        assert_int_equal(run(&with), PM_OK);
        if ((with.verdict.fired_count == 1) != cases[i].holds)
            fail_msg("%s\n%s, which is wrong", cases[i].condition,
                     cases[i].holds ? "does not hold" : "holds");
        if (pm_rule_holds(pm_rules_nth(with.rules, 0), &with.letter, &with.facts) != cases[i].holds)
            fail_msg("%s\nis one thing alone and another among rules", cases[i].condition);
        end(&with);
    }
}

static void a_field_speaks_where_no_fact_of_its_name_was_reported(void **state)
{
    bench with;

    (void)state;
    begin(&with);
    compile(&with, "rule a { why x; when revision == 3; then tag x }\n"
                   "rule b { why x; when tag has rfc and not tag has x; then tag y }\n");
    assert_int_equal(run(&with), PM_OK);
    assert_fired(&with, "a b");
    end(&with);
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
    bench with;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[256], expected[512];
        const char *error;

        begin(&with);
        snprintf(text, sizeof(text), "rule r { why xy; when %s\n then stop }", cases[i].condition);
        snprintf(expected, sizeof(expected), "etc/test.rules:%s", cases[i].error);
        if (compile_as(&with, "etc/test.rules", text, NULL))
            fail_msg("%s\nis not refused; it should be: %s", text, expected);
        error = pm_errors_nth(with.errors, 0);
        if (strncmp(error, expected, strlen(expected)) != 0 || pm_errors_count(with.errors) != 1)
            fail_msg("%s\nis told so:        %s\ninstead of (once): %s", text, error, expected);
        end(&with);
    }
}

static void deep_nesting_is_refused_before_it_is_a_danger(void **state)
{
    pm_strbuf text;
    bench with;

    (void)state;
    begin(&with);
    pm_strbuf_init(&text, 1 << 20);
    pm_strbuf_add_text(&text, "rule r { why x; when ");
    for (int i = 0; i < 1000; i++)
        pm_strbuf_add_text(&text, "not ");
    pm_strbuf_add_text(&text, "rfc\n then stop }");
    assert_false(compile_as(&with, "t", text.data, NULL));
    assert_string_equal(pm_errors_nth(with.errors, 0),
                        "t:1:150: parentheses and nots, more than 32 deep");
    pm_strbuf_free(&text);
    end(&with);
}

/* ---- Lists ---- */

static void a_list_may_stand_behind_its_rule_or_in_a_file(void **state)
{
    char folder[FOLDER_NAME], text[512];
    bench with;

    (void)state;
    folder_make(folder);
    begin(&with);
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
    compile(&with, text);
    assert_int_equal(run(&with), PM_OK);
    assert_fired(&with, "a c d");
    end(&with);
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
    bench with;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[512];

        begin(&with);
        snprintf(text, sizeof(text),
                 "rule r { why x; when %s\n then stop }\n"
                 "list folders { fs/ virt/ }\nlist trees { bpf-next net-next }\n"
                 "list sizes { 5 7 }\nlist colours { red }\nlist empty { }\n",
                 cases[i].condition);
        compile(&with, text);
        assert_int_equal(run(&with), PM_OK);
        if ((with.verdict.fired_count == 1) != cases[i].holds)
            fail_msg("%s\n%s, which is wrong", cases[i].condition,
                     cases[i].holds ? "does not hold" : "holds");
        end(&with);
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
    bench with;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char expected[256];
        const char *error;

        begin(&with);
        snprintf(expected, sizeof(expected), "etc/test.rules:%s", cases[i].error);
        compile_as(&with, "etc/test.rules", cases[i].text, NULL);
        error = pm_errors_nth(with.errors, 0);
        if (error == NULL || strcmp(error, expected) != 0)
            fail_msg("%s\nis told so: %s\ninstead of: %s", cases[i].text, error, expected);
        end(&with);
    }
}

/* ---- What follows ---- */

static void all_that_a_rule_says_follows(void **state)
{
    const pm_rule_powers powers = {.discard = true, .reject = true};
    const pm_found *found;
    bench with;

    (void)state;
    begin(&with);
    assert_true(compile_as(&with, "etc/test.rules",
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
    assert_int_equal(run(&with), PM_OK);
    assert_fired(&with, "r");
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
    end(&with);
}

/* ---- Values in texts ---- */

static void values_of_the_letter_are_put_into_texts(void **state)
{
    static const struct {
        const char *effect, *field, *tag; /* NULL: there is none */
    } cases[] = {
        {"field A \"{mood}\"", "grim, merry", NULL},
        {"field A \"{ mood }!\"", "grim, merry!", NULL},
        {"field A \"{subject.shouts} of {total}, rfc: {rfc}\"", "4 of 5, rfc: yes", NULL},
        {"field A \"{title}\"", "KVM: nVMX: Flush the thing", NULL},
        {"field A \"{header.X-Token}\"", "one, tw\xC3\xB6", NULL},
        {"field A \"{path}\"", "arch/x86/kvm/vmx.c, virt/kvm/kvm_main.c", NULL},
        {"field A \"{kind}{kind}\"", "covercover", NULL},
        {"field A \"{{mood}} {mood}\"", "{mood} grim, merry", NULL},
        {"field A \"{{}}\"", "{}", NULL},
        /* One line, whatever it was. */
        {"field A \"{text}\"", "This series fixes nested paging.", NULL},
        /* Nothing of a letter that lacks one. */
        {"field A \"{mood} {base-commit}\"", NULL, NULL},
        {"tag \"mood-{mood}\"", NULL, "mood-grim"},
        {"tag \"{title}\"", NULL, "kvm-nvmx-flush-the-thing"},
        {"tag \"x{change-id}\"", NULL, NULL},
        {"tag \"{header.x-odd}\"", NULL, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const pm_found *tag;
        char text[512];
        bench with;

        begin(&with);
        add_text_fact(&with, "mood", "grim");
        add_text_fact(&with, "mood", "merry");
        add_text_fact(&with, "mood", "grim");
        add_number_fact(&with, "subject.shouts", 4);
        pm_message_add_header(with.message, PM_LIT("X-Odd"), PM_LIT("\xff/!"));
        snprintf(text, sizeof(text), "rule r { why x; when kind == cover; then %s }",
                 cases[i].effect);
        compile(&with, text);
        assert_int_equal(run(&with), PM_OK);
        tag = pm_facts_nth(&with.facts, PM_LIT("tag"), 0);
        assert_int_equal(with.verdict.field_count, cases[i].field != NULL);
        if (cases[i].field != NULL &&
            !pm_slice_equal(with.verdict.fields[0].value, pm_slice_of(cases[i].field)))
            fail_msg("%s\nbecomes %.*s", cases[i].effect, PM_FMT(with.verdict.fields[0].value));
        assert_int_equal(tag != NULL, cases[i].tag != NULL);
        if (tag != NULL && !pm_slice_equal(tag->text, pm_slice_of(cases[i].tag)))
            fail_msg("%s\nbecomes %.*s", cases[i].effect, PM_FMT(tag->text));
        end(&with);
    }
}

static void a_value_that_is_too_long_is_cut(void **state)
{
    char title[2000];
    pm_slice text;
    bench with;

    (void)state;
    begin(&with);
    for (size_t i = 0; i < sizeof(title); i += 2)
        memcpy(title + i, "\xC3\xB6", 2);
    title[0] = title[1] = 'a';
    with.letter.subject.title = (pm_slice){title, sizeof(title)};
    compile(&with, "rule r { why x; when kind == cover; then field A \"-{title}\", tag \"{title}\" "
                   "}");
    assert_int_equal(run(&with), PM_OK);
    text = with.verdict.fields[0].value;
    assert_in_range(text.len, 497, 500);
    assert_true(pm_slice_ends(text, PM_LIT("\xC3\xB6...")));
    assert_true(pm_slice_is_utf8(text));
    assert_true(pm_slice_equal(pm_facts_nth(&with.facts, PM_LIT("tag"), 0)->text, PM_LIT("aa")));
    end(&with);
}

/* A rule must not see what other rules added, wherever it stands. */
static void texts_hold_what_plugins_reported_and_not_what_rules_added(void **state)
{
    bench with;

    (void)state;
    begin(&with);
    add_text_fact(&with, "mood", "grim");
    compile(&with, "rule a { why x; when kind == cover; then fact mood merry }\n"
                   "rule b { why x; when kind == cover; then field A \"{mood}\" }\n");
    assert_int_equal(run(&with), PM_OK);
    assert_true(pm_slice_equal(with.verdict.fields[0].value, PM_LIT("grim")));
    end(&with);
}

static void nothing_follows_from_a_rule_that_does_not_hold(void **state)
{
    bench with;

    (void)state;
    begin(&with);
    compile(&with, "rule r { why x; when kind == patch; then tag x, quarantine y }");
    assert_int_equal(run(&with), PM_OK);
    assert_int_equal(with.verdict.fired_count, 0);
    assert_int_equal(with.facts.count, 0);
    assert_null(with.verdict.quarantine.data);
    assert_false(with.verdict.discard);
    end(&with);
}

static void the_order_of_rules_does_not_matter(void **state)
{
    bench with;

    (void)state;
    begin(&with);
    compile(&with, "rule a { why x; when mood == grim; then tag seen }\n"
                   "rule b { why x; when kind == cover; then fact mood grim }\n"
                   "rule c { why x; when mood == grim; then tag seen }\n");
    assert_int_equal(run(&with), PM_OK);
    assert_fired(&with, "b"); /* rules see what plugins reported, not what rules added */
    assert_false(pm_rule_holds(pm_rules_nth(with.rules, 2), &with.letter, &with.facts));
    end(&with);
}

static void nothing_is_asked_behind_a_stop(void **state)
{
    bench with;

    (void)state;
    begin(&with);
    compile(&with, "rule a { why x; when kind == cover; then tag a }\n"
                   "rule b { why x; when kind == patch; then stop }\n"
                   "rule c { why x; when title ~ /KVM/; then tag c, stop }\n"
                   "rule d { why x; when kind == cover; then tag d }\n");
    assert_int_equal(run(&with), PM_OK);
    assert_fired(&with, "a c");
    end(&with);
}

static void the_first_reason_is_the_one_that_is_given(void **state)
{
    bench with;

    (void)state;
    begin(&with);
    compile(&with, "rule a { why x; when kind == cover; then quarantine first }\n"
                   "rule b { why x; when kind == cover; then quarantine second }\n");
    assert_int_equal(run(&with), PM_OK);
    assert_true(pm_slice_equal(with.verdict.quarantine, PM_LIT("first")));
    end(&with);
}

static void a_deadline_that_has_passed_ends_it_with_what_there_is(void **state)
{
    enum { RULES = 1000 };
    pm_strbuf text;
    bench with;

    (void)state;
    begin(&with);
    pm_strbuf_init(&text, 1 << 20);
    for (int i = 0; i < RULES; i++)
        pm_strbuf_printf(&text, "rule r%d { why x; when not resend; then field A b }\n", i);
    compile(&with, text.data);
    assert_int_equal(pm_rules_run(with.rules, &with.letter, &with.facts,
                                  pm_clock_us() + 60 * 1000 * 1000, &with.verdict),
                     PM_OK);
    assert_int_equal(with.verdict.fired_count, RULES);
    assert_int_equal(pm_rules_run(with.rules, &with.letter, &with.facts, 1, &with.verdict),
                     PM_LIMIT);
    assert_in_range(with.verdict.fired_count, 1, RULES / 2);
    pm_strbuf_free(&text);
    end(&with);
}

static void a_pattern_at_its_limits_holds_nothing_up_and_is_told_with_its_rule(void **state)
{
    const char *told;
    bench with;

    (void)state;
    begin(&with);
    with.letter.text =
        PM_LIT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!");
    compile(&with, "rule slow { why x; when text ~ /^(a+)+$/; then tag x }\n"
                   "rule next { why x; when kind == cover; then tag y }\n");
    logged_begin();
    assert_int_equal(run(&with), PM_OK);
    told = logged();
    logged_end();
    assert_fired(&with, "next");
    assert_int_equal(with.verdict.limited_count, 1);
    assert_string_equal(pm_rule_id(with.verdict.limited[0]), "test.rules:slow");
    assert_non_null(strstr(told, "event=pattern-limit rule=test.rules:slow"));
    assert_non_null(strstr(told, "cover@example.org"));
    end(&with);
}

static void past_the_budget_the_verdict_is_what_fits(void **state)
{
    bench with;
    size_t whole;

    (void)state;
    begin(&with);
    compile(&with, "rule a { why x; when kind == cover; then tag a, field A a, recipient a@b.c }\n"
                   "rule b { why x; when title ~ /KVM/; then tag b, field B b }\n");
    for (size_t budget = 0; budget < 4096; budget += 16) {
        pm_arena *small = pm_arena_new(budget);

        pm_facts_init(&with.facts, small, with.vocabulary);
        whole = run(&with) == PM_OK;
        if (whole)
            assert_fired(&with, "a b");
        assert_true(with.verdict.fired_count <= 2);
        pm_facts_init(&with.facts, pm_message_arena(with.message), with.vocabulary);
        pm_arena_free(small);
    }
    assert_true(whole);
    end(&with);
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
    bench with;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char expected[512];
        const char *error;

        begin(&with);
        snprintf(expected, sizeof(expected), "etc/test.rules:%s", cases[i].error);
        if (compile_as(&with, "etc/test.rules", cases[i].text, NULL))
            fail_msg("%s\nis not refused; it should be: %s", cases[i].text, expected);
        error = pm_errors_nth(with.errors, 0);
        if (error == NULL || strcmp(error, expected) != 0)
            fail_msg("%s\nis told so: %s\ninstead of: %s", cases[i].text, error, expected);
        if (pm_errors_count(with.errors) != 1)
            fail_msg("%s\nis told twice: %s", cases[i].text, pm_errors_nth(with.errors, 1));
        end(&with);
    }
}

static void all_wrong_rules_are_told_at_once(void **state)
{
    bench with;

    (void)state;
    begin(&with);
    assert_false(compile_as(&with, "t",
                            "rule a { why x; when titel; then stpo }\n"
                            "rule b { why x; when kind == cvoer; then stop }\n"
                            "list c { d, e }\n",
                            NULL));
    assert_int_equal(pm_errors_count(with.errors), 4);
    end(&with);
}

static void a_rule_without_why_is_warned_about(void **state)
{
    bench with;

    (void)state;
    begin(&with);
    compile(&with, "rule a { when rfc; then stop }");
    assert_int_equal(pm_warnings_count(with.errors), 1);
    assert_string_equal(pm_errors_nth(with.errors, 0),
                        "etc/test.rules:1:6: warning: rule a has no why (a sentence for those who "
                        "will meet its effect)");
    assert_string_equal(pm_rule_why(pm_rules_nth(with.rules, 0)), "");
    end(&with);
}

static void rules_of_two_files_may_share_a_name(void **state)
{
    bench with;
    pm_statement *first, *second;

    (void)state;
    begin(&with);
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
    end(&with);
}

static void examples_are_kept_with_their_places(void **state)
{
    const pm_token *where;
    const pm_rule *rule;
    bool matches;
    bench with;

    (void)state;
    begin(&with);
    compile(&with, "rule r { why x; when rfc; then stop\n"
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
    end(&with);
}

static void a_budget_too_small_for_rules_is_an_error_and_no_crash(void **state)
{
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

/* ---- Many rules ---- */

static const char *const some_words[] = {"kvm", "KVM:", "vmx", "drm:", "mm", "net", "fix", "x86"};
static const char *const some_paths[] = {"arch/x86/kvm", "arch/x86",    "mm",
                                         "mm/slub.c",    "drivers/net", "virt"};
#define PICK(random, array) array[draw_below(random, sizeof(array) / sizeof(array[0]))]

static void draw_condition(uint64_t *random, pm_strbuf *into, int depth)
{
    static const char *const joins[] = {" and ", " or "};
    static const char *const nots[] = {"not ", "", "", ""};
    static const char *const texts[] = {"title", "text", "shortlog", "header.x-token"};
    static const char *const flags[] = {"", "i", "m", "iu"};

    if (depth > 0 && draw_below(random, 2) == 0) {
        pm_strbuf_add_text(into, PICK(random, nots));
        pm_strbuf_add_text(into, "(");
        draw_condition(random, into, depth - 1);
        for (size_t more = 1 + draw_below(random, 2); more > 0; more--) {
            pm_strbuf_add_text(into, PICK(random, joins));
            draw_condition(random, into, depth - 1);
        }
        pm_strbuf_add_text(into, ")");
        return;
    }
    switch (draw_below(random, 9)) {
    case 0:
        pm_strbuf_printf(into, "%s ~ /%s %s?(%s|%s)/%s", PICK(random, texts),
                         PICK(random, some_words), PICK(random, some_words),
                         PICK(random, some_words), PICK(random, some_words), PICK(random, flags));
        break;
    case 1:
        pm_strbuf_printf(into, "%s ~ /^(%s|%s)|%s$/%s", PICK(random, texts),
                         PICK(random, some_words), PICK(random, some_words),
                         PICK(random, some_words), PICK(random, flags));
        break;
    case 2:
        pm_strbuf_printf(into, "%s !~ /%s/%s", PICK(random, texts), PICK(random, some_words),
                         PICK(random, flags));
        break;
    case 3:
        pm_strbuf_printf(into, "path under (%s, %s)", PICK(random, some_paths),
                         PICK(random, some_paths));
        break;
    case 4:
        pm_strbuf_printf(into, "prefix in (%s, \"%s\")", PICK(random, some_words),
                         PICK(random, some_words));
        break;
    case 5:
        pm_strbuf_printf(into, "mood != \"%s\"", PICK(random, some_words));
        break;
    case 6:
        pm_strbuf_printf(into, "mood == \"%s\"", PICK(random, some_words));
        break;
    case 7:
        pm_strbuf_printf(into, "total > %zu", draw_below(random, 9));
        break;
    default:
        pm_strbuf_printf(into, "prefix in drawn");
        break;
    }
}

static pm_slice draw_text(uint64_t *random, pm_arena *arena, size_t most)
{
    pm_strbuf text;
    pm_slice copy;

    pm_strbuf_init(&text, 4096);
    for (size_t i = draw_below(random, most + 1); i > 0; i--)
        pm_strbuf_printf(&text, "%s%s", PICK(random, some_words),
                         draw_below(random, 4) == 0 ? "\n" : " ");
    copy = pm_copy(arena, pm_strbuf_slice(&text));
    pm_strbuf_free(&text);
    return copy;
}

static void draw_letter(uint64_t *random, bench *with)
{
    static pm_slice drawn_words[3];
    static pm_path drawn_paths[3];
    static pm_shortlog_entry entries[3];
    pm_arena *arena;
    pm_slice token;

    pm_message_reset(with->message);
    arena = pm_message_arena(with->message);
    token = draw_text(random, arena, 2);
    pm_message_add_header(with->message, PM_LIT("X-Token"), token);
    with->letter = (pm_letter){.message = with->message, .kind = PM_KIND_COVER};
    with->letter.subject.title = draw_text(random, arena, 5);
    with->letter.subject.total = (int)draw_below(random, 9);
    with->letter.text = draw_text(random, arena, 30);
    with->letter.subject.words = drawn_words;
    with->letter.diffstat.paths = drawn_paths;
    with->letter.shortlog.entries = entries;
    for (size_t i = draw_below(random, 4); i > 0; i--) {
        drawn_words[with->letter.subject.word_count++] = pm_slice_of(PICK(random, some_words));
        drawn_paths[with->letter.diffstat.count++] = (pm_path){
            .path = pm_print(arena, "%s%s", PICK(random, some_paths),
                             draw_below(random, 2) == 0 ? "/a.c" : "x"),
        };
        entries[with->letter.shortlog.count++].title = draw_text(random, arena, 3);
    }
    pm_facts_init(&with->facts, arena, with->vocabulary);
    for (size_t i = draw_below(random, 3); i > 0; i--)
        add_text_fact(with, "mood", PICK(random, some_words));
}

/* Many rules at once, most of which are not even tried, give what each of them alone gives. */
static void many_rules_at_once_answer_as_each_alone(void **state)
{
    enum { RULES = 400, LETTERS = 150 };
    uint64_t random = 7;
    size_t yes = 0;

    (void)state;
    for (int round = 0; round < 3; round++) {
        pm_strbuf text;
        bench with;

        begin(&with);
        pm_strbuf_init(&text, 1 << 22);
        pm_strbuf_add_text(&text, "list drawn { vmx mm KVM }\n");
        for (int i = 0; i < RULES; i++) {
            pm_strbuf_printf(&text, "rule r%d { why x\n when ", i);
            draw_condition(&random, &text, 3);
            pm_strbuf_add_text(&text, "\n then tag x }\n");
        }
        compile(&with, text.data);
        for (int letter = 0; letter < LETTERS; letter++) {
            size_t at = 0;

            draw_letter(&random, &with);
            (void)run(&with); /* more facts than fit may follow; that is not what this is about */
            for (size_t i = 0; i < RULES; i++) {
                const pm_rule *rule = pm_rules_nth(with.rules, i);
                bool alone = pm_rule_holds(rule, &with.letter, &with.facts);
                bool among = at < with.verdict.fired_count && with.verdict.fired[at] == rule;

                if (alone != among)
                    fail_msg("%s holds alone %d, among others %d; title \"%.*s\"", pm_rule_id(rule),
                             alone, among, PM_FMT(with.letter.subject.title));
                at += among;
                yes += among;
            }
        }
        pm_strbuf_free(&text);
        end(&with);
    }
    assert_in_range(yes, 1000, 3 * RULES * LETTERS - 1000);
}

/* Whatever is said to exclude each other did so on every letter: a rule that can never fire does
 * not, and one that is said to hold only where another does holds only there. */
static void what_is_said_never_to_hold_never_holds(void **state)
{
    enum { RULES = 200, LETTERS = 100 };
    uint64_t random = 3;
    size_t never = 0, covered = 0;

    (void)state;
    for (int round = 0; round < 3; round++) {
        static bool holds[RULES][LETTERS];
        pm_strbuf text;
        bench with;

        begin(&with);
        pm_strbuf_init(&text, 1 << 22);
        pm_strbuf_add_text(&text, "list drawn { vmx mm KVM }\n");
        for (int i = 0; i < RULES; i++) {
            pm_strbuf_printf(&text, "rule r%d { why x\n when ", i);
            draw_condition(&random, &text, i % 4);
            pm_strbuf_add_text(&text, "\n then tag x }\n");
        }
        compile(&with, text.data);
        for (int letter = 0; letter < LETTERS; letter++) {
            draw_letter(&random, &with);
            for (size_t i = 0; i < RULES; i++)
                holds[i][letter] =
                    pm_rule_holds(pm_rules_nth(with.rules, i), &with.letter, &with.facts);
        }
        for (size_t i = 0; i < RULES; i++) {
            const pm_condition *one = pm_rule_condition(pm_rules_nth(with.rules, i));
            const bool is_never = pm_contradiction_find(one, NULL).test != NULL;

            never += is_never;
            for (size_t j = 0; j < RULES; j++) {
                const pm_condition *other = pm_rule_condition(pm_rules_nth(with.rules, j));
                const bool is_covered =
                    i != j && !is_never && pm_contradiction_find(one, other).test != NULL;

                covered += is_covered;
                for (int letter = 0; letter < LETTERS; letter++) {
                    if (holds[i][letter] && (is_never || (is_covered && !holds[j][letter])))
                        fail_msg("%s holds after all", pm_rule_id(pm_rules_nth(with.rules, i)));
                }
            }
        }
        pm_strbuf_free(&text);
        end(&with);
    }
    assert_true(never > 0);
    assert_true(covered > 100);
}

/* ---- Order ---- */

static const char *const some_effects[] = {"subsystem a weight 0.1",
                                           "subsystem b weight 0.3",
                                           "subsystem a weight 0.2",
                                           "project p",
                                           "inbox i weight 7",
                                           "tag t, tag u",
                                           "field A \"{mood}\"",
                                           "field A b",
                                           "recipient a@example.org",
                                           "recipient b@example.org",
                                           "quarantine one",
                                           "quarantine two",
                                           "reject no",
                                           "reject never",
                                           "fact mood sad",
                                           "discard"};

/* All that follows, as text. */
static void print_verdict(const bench *with, pm_strbuf *into)
{
    const pm_verdict *verdict = &with->verdict;

    for (size_t i = 0; i < with->facts.count; i++)
        pm_strbuf_printf(into, "%s %.*s %a %s\n", with->facts.items[i].decl->name,
                         PM_FMT(with->facts.items[i].text), with->facts.items[i].weight,
                         with->facts.items[i].by);
    for (size_t i = 0; i < verdict->field_count; i++)
        pm_strbuf_printf(into, "field %.*s\n", PM_FMT(verdict->fields[i].value));
    for (size_t i = 0; i < verdict->recipient_count; i++)
        pm_strbuf_printf(into, "recipient %.*s\n", PM_FMT(verdict->recipients[i]));
    pm_strbuf_printf(into, "fired %zu quarantine %.*s reply %.*s %d %d\n", verdict->fired_count,
                     PM_FMT(verdict->quarantine), PM_FMT(verdict->reply), verdict->discard,
                     verdict->reject);
}

/* The same rules in another order, the same letter: the same follows, to the last bit of a weight
 * and the order of fields. */
static void shuffled_rules_give_the_same_outcome(void **state)
{
    enum { RULES = 60, SETS = 30, SHUFFLES = 5 };
    const pm_rule_powers powers = {.discard = true, .reject = true};
    uint64_t random = 11;
    size_t fired = 0;

    (void)state;
    for (int set = 0; set < SETS; set++) {
        pm_strbuf rules[RULES], expected, got;

        pm_strbuf_init(&expected, 1 << 20);
        pm_strbuf_init(&got, 1 << 20);
        for (int i = 0; i < RULES; i++) {
            pm_strbuf_init(&rules[i], 1 << 16);
            pm_strbuf_printf(&rules[i], "rule r%d { why x\n when ", i);
            draw_condition(&random, &rules[i], 2);
            pm_strbuf_printf(&rules[i], "\n then %s, %s }\n", PICK(&random, some_effects),
                             PICK(&random, some_effects));
        }
        for (int shuffle = 0; shuffle < SHUFFLES; shuffle++) {
            uint64_t same_letter = 100 + (uint64_t)set;
            pm_strbuf text;
            bench with;

            begin(&with);
            pm_strbuf_init(&text, 1 << 20);
            pm_strbuf_add_text(&text, "list drawn { vmx mm KVM }\n");
            for (size_t i = RULES; i > 0; i--) {
                const size_t with_which = draw_below(&random, i);
                const pm_strbuf moved = rules[i - 1];

                rules[i - 1] = rules[with_which];
                rules[with_which] = moved;
                pm_strbuf_add(&text, pm_strbuf_slice(&rules[i - 1]));
            }
            if (!compile_as(&with, "etc/test.rules", text.data, &powers))
                fail_msg("%s", pm_errors_nth(with.errors, 0));
            draw_letter(&same_letter, &with);
            assert_int_equal(run(&with), PM_OK);
            fired += with.verdict.fired_count;
            pm_strbuf_clear(&got);
            print_verdict(&with, shuffle == 0 ? &expected : &got);
            if (shuffle > 0)
                assert_string_equal(got.data, expected.data);
            pm_strbuf_free(&text);
            end(&with);
        }
        for (int i = 0; i < RULES; i++)
            pm_strbuf_free(&rules[i]);
        pm_strbuf_free(&expected);
        pm_strbuf_free(&got);
    }
    assert_true(fired > SETS * SHUFFLES);
}

/* How many of the rules are tried on the letter. */
static size_t count_tried(bench *with, const char *const *texts, size_t count)
{
    pm_condition_reader reader;
    pm_view view = pm_view_of(&with->letter, &with->facts, 0);
    pm_table *no_lists = pm_table_new(with->arena);
    const pm_condition *conditions[64];
    pm_prefilter *prefilter;
    uint64_t *wanted;
    size_t tried = 0;

    assert_in_range(count, 1, 64);
    assert_int_equal(
        pm_condition_reader_init(&reader, with->arena, with->vocabulary, no_lists, with->errors),
        PM_OK);
    for (size_t i = 0; i < count; i++) {
        pm_slice text = pm_print(with->arena, "when %s", texts[i]);
        pm_statement *when;

        assert_int_equal(pm_syntax_parse(with->arena, "t", text, with->errors, &when), PM_OK);
        conditions[i] = pm_condition_read(&reader, when);
        assert_non_null(conditions[i]);
    }
    prefilter = pm_prefilter_new(with->arena, conditions, count);
    wanted = pm_prefilter_run(prefilter, with->facts.arena, &view);
    for (size_t i = 0; i < count; i++)
        tried += wanted[0] >> i & 1;
    pm_condition_reader_free(&reader);
    return tried;
}

/* What many rules share says little; what only one has is looked for instead. */
static void what_sets_rules_apart_is_looked_for(void **state)
{
    static const char *const conditions[] = {
        "text ~ /^Signed-off-by: .*@alpha\\.example/m and title ~ /it/",
        "text ~ /^Signed-off-by: .*@bravo\\.example/m and title ~ /it/",
        "text ~ /^Signed-off-by: .*@charlie\\.example/m and title ~ /it/",
        "kind == cover and text ~ /^Signed-off-by: .*@delta\\.example/m",
    };
    bench with;

    (void)state;
    begin(&with);
    with.letter.text = PM_LIT("It is.\n\nSigned-off-by: A <a@bravo.example>\n");
    assert_int_equal(count_tried(&with, conditions, 4), 1);
    end(&with);
}

/* A mail of 4 MB can have it. Each of its folders looked up by itself would take minutes. */
static void a_path_of_a_million_folders_costs_no_more_than_its_length(void **state)
{
    enum { FOLDERS = 2 * 1000 * 1000 };
    char *deep = test_malloc(2 * FOLDERS), names[64];
    pm_path path = {.path = {deep, 2 * FOLDERS}, .lines = 1};
    bench with;

    (void)state;
    for (size_t i = 0; i < FOLDERS; i++)
        memcpy(deep + 2 * i, "d/", 2);
    begin(&with);
    with.letter.diffstat.paths = &path;
    with.letter.diffstat.count = 1;
    compile(&with, "rule near { why x; when path under d/d; then tag a }"
                   "rule far { why x; when path under d/d/d/d/d/d/d/d; then tag b }"
                   "rule beside { why x; when path under d/e; then tag c }");
    assert_int_equal(run(&with), PM_OK);
    assert_string_equal(fired(&with, names, sizeof(names)), "near far");
    end(&with);
    test_free(deep);
}

static void what_cannot_hold_is_not_even_tried(void **state)
{
    static const char *const conditions[] = {
        "title ~ /^x86: /",
        "title ~ /(drm|fbdev)/i",
        "project == linux and title ~ /^mm: /",
        "path under (fs/, mm/)",
        "list == other.example.org and rfc",
        "title ~ /x86:/ or text ~ /never said/",
        "(kind == cover and title ~ /x86:/) or path under mm/slub.c",
    };
    bench with;

    (void)state;
    begin(&with);
    assert_int_equal(count_tried(&with, conditions, 7), 0);
    with.letter.subject.title = PM_LIT("X86: it");
    assert_int_equal(count_tried(&with, conditions, 7), 3);
    end(&with);
}

/* ---- The manuals ---- */

/* The next block of the file marked so, NUL-terminated; false behind the last one. line_out is the
 * number of its first line. */
static bool next_block(FILE *manual, const char *mark, unsigned *line, char *into, size_t size)
{
    char text[512];
    bool inside = false;

    into[0] = '\0';
    while (fgets(text, sizeof(text), manual) != NULL) {
        ++*line;
        if (!inside && strncmp(text, "```", 3) == 0 && strncmp(text + 3, mark, strlen(mark)) == 0 &&
            text[3 + strlen(mark)] == '\n') {
            inside = true;
        } else if (inside && strncmp(text, "```", 3) == 0) {
            return true;
        } else if (inside) {
            assert_true(strlen(into) + strlen(text) < size);
            strcat(into, text);
        }
    }
    assert_false(inside);
    return false;
}

static void run_examples(bench *with, const char *place)
{
    for (size_t i = 0; i < pm_rules_count(with->rules); i++) {
        const pm_rule *rule = pm_rules_nth(with->rules, i);
        pm_slice example;
        bool matches;

        for (size_t nth = 0; (example = pm_rule_example(rule, nth, &matches, NULL)).data != NULL;
             nth++) {
            pm_letter *letter;

            pm_message_reset(with->message);
            pm_message_read(with->message, example);
            assert_int_equal(pm_letter_read(with->message, NULL, &letter), PM_OK);
            pm_facts_init(&with->facts, pm_message_arena(with->message), with->vocabulary);
            add_text_fact(with, "project", "linux");
            if (pm_rule_holds(rule, letter, &with->facts) != matches)
                fail_msg("%s: rule %s does not do what its example says: %.*s", place,
                         pm_rule_id(rule), PM_FMT(example));
        }
    }
}

static void every_example_of_the_manual_of_rules_works(void **state)
{
    FILE *manual = fopen("milter/engine/rules.md", "r");
    const pm_rule_powers powers = {.discard = true, .reject = true};
    unsigned line = 0, blocks = 0;
    char text[8192], place[64];

    (void)state;
    assert_non_null(manual);
    while (next_block(manual, "rules", &line, text, sizeof(text))) {
        bench with;

        begin(&with);
        snprintf(place, sizeof(place), "rules.md, above line %u", line);
        if (!compile_as(&with, place, text, &powers))
            fail_msg("%s:\n%s", pm_errors_nth(with.errors, 0), text);
        if (pm_warnings_count(with.errors) > 0)
            fail_msg("%s", pm_errors_nth(with.errors, 0));
        run_examples(&with, place);
        end(&with);
        blocks++;
    }
    fclose(manual);
    assert_true(blocks > 10);
}

static void every_example_of_the_manual_of_the_configuration_works(void **state)
{
    FILE *manual = fopen("milter/engine/config.md", "r");
    unsigned line = 0, blocks = 0;
    char text[8192], place[64];

    (void)state;
    assert_non_null(manual);
    while (next_block(manual, "conf", &line, text, sizeof(text))) {
        pm_config config = {.file = NULL};
        pm_statement *statements;
        bench with;

        begin(&with);
        snprintf(place, sizeof(place), "config.md, above line %u", line);
        if (pm_syntax_parse(with.arena, place, pm_slice_of(text), with.errors, &statements) !=
                PM_OK ||
            !pm_config_read(with.arena, statements, &config, with.errors))
            fail_msg("%s:\n%s", pm_errors_nth(with.errors, 0), text);
        end(&with);
        blocks++;
    }
    fclose(manual);
    assert_true(blocks > 5);
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
        cmocka_unit_test(values_of_the_letter_are_put_into_texts),
        cmocka_unit_test(a_value_that_is_too_long_is_cut),
        cmocka_unit_test(texts_hold_what_plugins_reported_and_not_what_rules_added),
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
        cmocka_unit_test(many_rules_at_once_answer_as_each_alone),
        cmocka_unit_test(what_is_said_never_to_hold_never_holds),
        cmocka_unit_test(shuffled_rules_give_the_same_outcome),
        cmocka_unit_test(what_cannot_hold_is_not_even_tried),
        cmocka_unit_test(what_sets_rules_apart_is_looked_for),
        cmocka_unit_test(a_path_of_a_million_folders_costs_no_more_than_its_length),
        cmocka_unit_test(every_example_of_the_manual_of_rules_works),
        cmocka_unit_test(every_example_of_the_manual_of_the_configuration_works),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
