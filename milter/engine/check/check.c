/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check - all checks together, and the rules' own examples; see check.h.
 *
 * An example is read as mail is and goes to all plugins, but to no other rule and to no memory.
 */
#include "check.h"

#include "clock.h"
#include "condition.h"

#define EXAMPLE_TIME_US (10 * 1000 * 1000)

/* The facts that plugins report of a letter. project (may be empty) is taken for granted, lightly:
 * whatever the letter says itself weighs more. */
static void collect_facts(const pm_snapshot *snapshot, const pm_letter *letter, pm_slice project,
                          int64_t deadline_us, pm_facts *facts)
{
    const pm_fact granted = {.size = sizeof(granted),
                             .name = "project",
                             .text = project,
                             .weight = 0.001,
                             .reason = PM_LIT("the example does not say")};

    pm_facts_init(facts, pm_message_arena(letter->message), snapshot->vocabulary);
    if (project.len > 0)
        pm_facts_add(facts, &granted, "check");
    for (size_t i = 0; i < snapshot->plugin_count; i++)
        pm_plugin_scan(snapshot->plugins[i], letter, facts, NULL, deadline_us, PM_EMPTY);
}

/* Does the condition hold? *limited_io becomes true when one of its patterns reached its limits. */
static bool try(const pm_rule *rule, const pm_letter *letter, const pm_facts *facts,
                bool *limited_io)
{
    pm_view view = pm_view_of(letter, facts, 0);
    const bool yes = pm_condition_holds(pm_rule_condition(rule), &view);

    *limited_io = *limited_io || view.limited;
    return yes;
}

/* Does the rule's condition hold on this mail? An example that says nothing of its project, which
 * only a few header lines seldom do, is tried as mail of each. */
static bool holds(const pm_snapshot *snapshot, const pm_rule *rule, const pm_letter *letter,
                  bool *limited_io)
{
    const int64_t deadline_us = pm_clock_us() + EXAMPLE_TIME_US;
    pm_facts facts;

    collect_facts(snapshot, letter, PM_EMPTY, deadline_us, &facts);
    if (try(rule, letter, &facts, limited_io))
        return true;
    if (pm_facts_nth(&facts, PM_LIT("project"), 0) != NULL)
        return false;
    for (size_t i = 0; i < snapshot->project_count; i++) {
        collect_facts(snapshot, letter, snapshot->projects[i], deadline_us, &facts);
        if (try(rule, letter, &facts, limited_io))
            return true;
    }
    return false;
}

static void check_example(const pm_snapshot *snapshot, const pm_rule *rule, pm_message *message,
                          pm_slice example, bool matches, const pm_token *where, pm_errors *errors)
{
    bool limited = false, holding;
    pm_letter *letter;

    pm_message_reset(message);
    pm_message_read(message, example);
    if (pm_letter_read(message, snapshot->paths, &letter) != PM_OK) {
        pm_error_token(errors, where, "this example of rule %s is too large to be read",
                       pm_rule_id(rule));
        return;
    }
    holding = holds(snapshot, rule, letter, &limited);
    if (limited)
        pm_error_token(errors, where,
                       "a pattern of rule %s reaches its limit on this example (let nothing that "
                       "repeats stand within something that repeats)",
                       pm_rule_id(rule));
    if (holding == matches)
        return;
    pm_error_token(errors, where,
                   matches ? "rule %s does not hold for this example (mend one of the two)"
                           : "rule %s holds for this not-example (mend one of the two)",
                   pm_rule_id(rule));
}

static void check_examples(const pm_snapshot *snapshot, const pm_rules *rules, pm_errors *errors)
{
    pm_message *message = pm_message_new(&snapshot->config.limits);

    if (message == NULL) {
        pm_error_at(errors, NULL, 0, 0, "no memory for examples");
        return;
    }
    for (size_t i = 0; i < pm_rules_count(rules); i++) {
        const pm_rule *rule = pm_rules_nth(rules, i);
        const pm_token *where;
        pm_slice example;
        bool matches;

        for (size_t nth = 0;; nth++) {
            example = pm_rule_example(rule, nth, &matches, &where);
            if (example.data == NULL)
                break;
            check_example(snapshot, rule, message, example, matches, where, errors);
        }
    }
    pm_message_free(message);
}

static void check_set(const pm_snapshot *snapshot, const pm_rules *rules, pm_errors *errors)
{
    pm_check_rules(snapshot, rules, errors);
    pm_check_patterns(rules, errors);
    check_examples(snapshot, rules, errors);
}

bool pm_snapshot_check(pm_snapshot *snapshot, pm_errors *errors)
{
    const size_t before = pm_errors_count(errors);

    pm_check_plugins(snapshot, errors);
    check_set(snapshot, snapshot->rules, errors);
    for (size_t i = 0; i < snapshot->shadow_count; i++)
        check_set(snapshot, pm_shadow_rules(snapshot->shadows[i]), errors);
    return pm_errors_count(errors) == before;
}
