/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rules_fuzz - any rules on any letter. Input: rules, a line "----", and a mail.
 *
 * Beyond not crashing: all rules at once answer as each alone, and where a pattern matches, one of
 * the literals it is said to need stands.
 */
#include "condition.h"
#include "pattern.h"
#include "rules.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static bool one_stands(const pm_slice *literals, size_t count, bool nocase, pm_slice text)
{
    for (size_t i = 0; i < count; i++) {
        if ((nocase ? pm_slice_find_nocase(text, literals[i]) : pm_slice_find(text, literals[i])) !=
            PM_NOWHERE)
            return true;
    }
    return false;
}

static void check_literals(pm_slice text, const pm_token *token)
{
    char message[256];
    pm_pattern *pattern = pm_pattern_compile(token->text, token->flags, message, sizeof(message));
    const pm_slice *literals;
    size_t count;

    if (pattern == NULL)
        return;
    if (pm_pattern_match(pattern, text, NULL) == PM_OK) {
        for (size_t nth = 0; pm_pattern_literals(pattern, nth, &literals, &count) == PM_OK; nth++)
            must(one_stands(literals, count, pm_pattern_nocase(pattern), text));
    }
    pm_pattern_free(pattern);
}

static void try_patterns(const pm_statement *at, pm_slice text)
{
    for (; at != NULL; at = at->next) {
        for (size_t i = 0; i < at->count; i++) {
            if (at->values[i].type == PM_TOKEN_PATTERN)
                check_literals(text, &at->values[i]);
        }
        try_patterns(at->children, text);
    }
}

static void run(const pm_rules *rules, const pm_vocabulary *vocabulary, pm_slice mail)
{
    pm_message *message = pm_message_new(NULL);
    pm_letter *letter;
    pm_facts facts;
    pm_verdict verdict;
    const pm_fact fact = {
        .size = sizeof(fact), .name = "project", .text = PM_LIT("linux"), .weight = 1};
    size_t at = 0;
    bool stopped = false;

    pm_message_read(message, mail);
    if (pm_letter_read(message, NULL, &letter) != PM_OK)
        goto done;
    pm_facts_init(&facts, pm_message_arena(message), vocabulary);
    must(pm_facts_add(&facts, &fact, "fuzz") == PM_OK);
    (void)pm_rules_run(rules, letter, &facts, 0, &verdict);
    for (size_t i = 0; i < pm_rules_count(rules) && !stopped; i++) {
        const pm_rule *rule = pm_rules_nth(rules, i);

        if (at < verdict.fired_count && verdict.fired[at] == rule) {
            must(pm_rule_holds(rule, letter, &facts));
            at++;
        } else if (at == verdict.fired_count) {
            stopped = true; /* perhaps the last one that fired had a stop */
        } else {
            must(!pm_rule_holds(rule, letter, &facts));
        }
    }
    must(at == verdict.fired_count);
done:
    pm_message_free(message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pm_slice text = {(const char *)data, size}, mail = PM_EMPTY;
    size_t line = pm_slice_find(text, PM_LIT("\n----\n"));
    const pm_rule_powers powers = {.discard = true, .reject = true};
    pm_arena *arena;
    pm_errors *errors;
    pm_vocabulary *vocabulary;
    pm_statement *statements;
    pm_rules *rules;

    if (line != PM_NOWHERE) {
        mail = pm_slice_after(text, line + 6);
        text = pm_slice_cut(text, 0, line + 1);
    }
    /* What lies on this machine's disk is not to be read. */
    if (pm_slice_find(text, PM_LIT("include")) != PM_NOWHERE ||
        pm_slice_find(text, PM_LIT("file")) != PM_NOWHERE)
        return 0;
    arena = pm_arena_new(1 << 26);
    errors = pm_errors_new();
    vocabulary = pm_vocabulary_new(arena);
    if (pm_syntax_parse(arena, "fuzz.rules", text, errors, &statements) == PM_OK) {
        try_patterns(statements, mail);
        rules = pm_rules_compile(arena, statements, vocabulary, &powers, errors);
        must((rules == NULL) == (pm_errors_count(errors) > 0));
        if (rules != NULL)
            run(rules, vocabulary, mail);
        pm_rules_free(rules);
    }
    pm_errors_free(errors);
    pm_arena_free(arena);
    return 0;
}
