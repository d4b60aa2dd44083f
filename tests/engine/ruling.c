/* SPDX-License-Identifier: BSD-2-Clause */
/* ruling - a letter, facts and rules, for the tests of rules; see ruling.h. */
#include "ruling.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const pm_fact_decl mood = {"mood", PM_FACT_TEXT, "how the letter sounds"};
static const pm_fact_decl shouts = {"subject.shouts", PM_FACT_NUMBER, "letters in a row"};
static const pm_fact_decl revision = {"revision", PM_FACT_NUMBER, "what the letter says by all"};

static pm_slice lists[] = {{"kvm.vger.example.org", 20}, {"linux.vger.example.org", 22}};
static pm_slice words[] = {{"PATCH", 5}, {"net-next", 8}};
static pm_path paths[] = {{.path = {"arch/x86/kvm/vmx.c", 18}, .lines = 20},
                          {.path = {"virt/kvm/kvm_main.c", 19}, .lines = 3}};

static const char mail[] = "X-Token: one\nx-token: =?utf-8?q?tw=C3=B6?=\nSubject: x\n\nbody\n";

/* [RFC PATCH net-next v3 0/5] KVM: nVMX: Flush the thing, without rules so far. */
void ruling_begin(ruling *with)
{
    *with = (ruling){.arena = pm_arena_new(1 << 26), .errors = pm_errors_new()};
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

void ruling_add_text(ruling *with, const char *name, const char *value)
{
    pm_fact fact = {.size = sizeof(fact), .name = name, .text = pm_slice_of(value), .weight = 1};

    assert_int_equal(pm_facts_add(&with->facts, &fact, "sense"), PM_OK);
}

void ruling_add_number(ruling *with, const char *name, int64_t value)
{
    pm_fact fact = {.size = sizeof(fact), .name = name, .number = value, .weight = 1};

    assert_int_equal(pm_facts_add(&with->facts, &fact, "shout"), PM_OK);
}

bool ruling_compile_as(ruling *with, const char *file, const char *text,
                       const pm_rule_powers *powers)
{
    pm_statement *statements;

    if (pm_syntax_parse(with->arena, file, pm_slice_of(text), with->errors, &statements) != PM_OK)
        return false;
    with->rules = pm_rules_compile(with->arena, statements, with->vocabulary, powers, with->errors);
    return with->rules != NULL;
}

void ruling_compile(ruling *with, const char *text)
{
    if (!ruling_compile_as(with, "etc/test.rules", text, NULL))
        fail_msg("%s\nis refused: %s", text, pm_errors_nth(with->errors, 0));
}

pm_status ruling_run(ruling *with)
{
    return pm_rules_run(with->rules, &with->letter, &with->facts, 0, &with->verdict);
}

void ruling_end(ruling *with)
{
    pm_rules_free(with->rules);
    pm_message_free(with->message);
    pm_errors_free(with->errors);
    pm_arena_free(with->arena);
}

const char *ruling_fired(const ruling *with, char *into, size_t size)
{
    into[0] = '\0';
    for (size_t i = 0; i < with->verdict.fired_count; i++)
        snprintf(into + strlen(into), size - strlen(into), "%s%s", i == 0 ? "" : " ",
                 strchr(pm_rule_id(with->verdict.fired[i]), ':') + 1);
    return into;
}

void ruling_expect(const ruling *with, const char *expected)
{
    char text[256];

    assert_string_equal(ruling_fired(with, text, sizeof(text)), expected);
}
