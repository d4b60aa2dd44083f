/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check - all checks together, and the rules' own examples; see check.h.
 *
 * An example is read as mail is and goes to all plugins, but to no other rule and to no memory.
 */
#include "check.h"

#include "clock.h"
#include "condition.h"

#include <time.h>

#define EXAMPLE_TIME_US  (10 * 1000 * 1000)
#define PATIENCE_US      (10 * 1000 * 1000) /* with plugins that cannot tell, over all examples */
#define FIRST_PAUSE_US   (50 * 1000)
#define LONGEST_PAUSE_US (1000 * 1000)

/* One check of a snapshot's examples. */
typedef struct trial {
    const pm_snapshot *snapshot;
    pm_errors *errors;
    pm_message *message;
    int64_t patience_until_us; /* 0: no plugin has needed any yet */
} trial;

/* A plugin that did not say what it finds in an example. */
typedef struct silence {
    const pm_loaded *plugin; /* NULL: all have said */
    pm_status status;
} silence;

/* The facts that plugins report of a letter. project (may be empty) is taken for granted, lightly:
 * whatever the letter says itself weighs more. */
static void collect_facts(const pm_snapshot *snapshot, const pm_letter *letter, pm_slice project,
                          int64_t deadline_us, pm_facts *facts, silence *silent)
{
    const pm_fact granted = {.size = sizeof(granted),
                             .name = "project",
                             .text = project,
                             .weight = 0.001,
                             .reason = PM_LIT("the example does not say")};

    pm_facts_init(facts, pm_message_arena(letter->message), snapshot->vocabulary);
    if (project.len > 0)
        pm_facts_add(facts, &granted, "check");
    for (size_t i = 0; i < snapshot->plugin_count; i++) {
        const pm_loaded *plugin = snapshot->plugins[i];
        const pm_status status =
            pm_plugin_scan(snapshot->plugins[i], letter, facts, NULL, deadline_us, PM_EMPTY);

        if (status != PM_OK && status != PM_ABSENT)
            *silent = (silence){plugin, status};
    }
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
                  bool *limited_io, silence *silent)
{
    const int64_t deadline_us = pm_clock_us() + EXAMPLE_TIME_US;
    pm_facts facts;

    collect_facts(snapshot, letter, PM_EMPTY, deadline_us, &facts, silent);
    if (try(rule, letter, &facts, limited_io))
        return true;
    if (pm_facts_nth(&facts, PM_LIT("project"), 0) != NULL)
        return false;
    for (size_t i = 0; i < snapshot->project_count; i++) {
        collect_facts(snapshot, letter, snapshot->projects[i], deadline_us, &facts, silent);
        if (try(rule, letter, &facts, limited_io))
            return true;
    }
    return false;
}

/* Is it worth asking again, what a plugin could not tell? On a machine that is busy, a moment later
 * it can; but a check ends, however many examples there are. */
static bool wait_a_moment(trial *of, const silence *silent, int64_t *pause_us)
{
    const int64_t now_us = pm_clock_us();
    const struct timespec pause = {.tv_nsec = *pause_us * 1000 % 1000000000,
                                   .tv_sec = *pause_us / 1000000};

    if (silent->plugin == NULL || silent->status == PM_FAULT)
        return false;
    if (of->patience_until_us == 0)
        of->patience_until_us = now_us + PATIENCE_US;
    if (now_us + *pause_us > of->patience_until_us)
        return false;
    nanosleep(&pause, NULL);
    *pause_us = *pause_us * 2 < LONGEST_PAUSE_US ? *pause_us * 2 : LONGEST_PAUSE_US;
    return true;
}

/* Why the rule does not do what its example says: nobody is told to mend a rule because a plugin
 * was silent. */
static void tell_mismatch(const trial *of, const pm_rule *rule, bool matches, const silence *silent,
                          const pm_token *where)
{
    if (silent->plugin != NULL)
        pm_error_token(of->errors, where,
                       "rule %s cannot be tried on this %s: plugin %s %s (see what it logs; if "
                       "the machine is only too busy, try again)",
                       pm_rule_id(rule), matches ? "example" : "not-example",
                       pm_loaded_plugin(silent->plugin)->name,
                       silent->status == PM_LATER   ? "could not tell"
                       : silent->status == PM_LIMIT ? "reached a limit"
                                                    : "could not go on");
    else
        pm_error_token(of->errors, where,
                       matches ? "rule %s does not hold for this example (mend one of the two)"
                               : "rule %s holds for this not-example (mend one of the two)",
                       pm_rule_id(rule));
}

static void check_example(trial *of, const pm_rule *rule, pm_slice example, bool matches,
                          const pm_token *where)
{
    int64_t pause_us = FIRST_PAUSE_US;
    bool limited = false, holding;
    pm_letter *letter;
    silence silent;

    do {
        pm_message_reset(of->message);
        pm_message_read(of->message, example);
        if (pm_letter_read(of->message, of->snapshot->paths, &letter) != PM_OK) {
            pm_error_token(of->errors, where, "this example of rule %s is too large to be read",
                           pm_rule_id(rule));
            return;
        }
        silent = (silence){.plugin = NULL};
        holding = holds(of->snapshot, rule, letter, &limited, &silent);
    } while (holding != matches && wait_a_moment(of, &silent, &pause_us));
    if (limited)
        pm_error_token(of->errors, where,
                       "a pattern of rule %s reaches its limit on this example (let nothing that "
                       "repeats stand within something that repeats)",
                       pm_rule_id(rule));
    if (holding != matches)
        tell_mismatch(of, rule, matches, &silent, where);
}

static void check_examples(trial *of, const pm_rules *rules)
{
    for (size_t i = 0; i < pm_rules_count(rules); i++) {
        const pm_rule *rule = pm_rules_nth(rules, i);
        const pm_token *where;
        pm_slice example;
        bool matches;

        for (size_t nth = 0;; nth++) {
            example = pm_rule_example(rule, nth, &matches, &where);
            if (example.data == NULL)
                break;
            check_example(of, rule, example, matches, where);
        }
    }
}

static void check_set(trial *of, const pm_rules *rules)
{
    pm_check_rules(of->snapshot, rules, of->errors);
    pm_check_patterns(rules, of->errors);
    check_examples(of, rules);
}

bool pm_snapshot_check(pm_snapshot *snapshot, pm_errors *errors)
{
    const size_t before = pm_errors_count(errors);
    trial of = {.snapshot = snapshot,
                .errors = errors,
                .message = pm_message_new(&snapshot->config.limits)};

    if (of.message == NULL) {
        pm_error_at(errors, NULL, 0, 0, "no memory for examples");
        return false;
    }
    pm_check_plugins(snapshot, errors);
    check_set(&of, snapshot->rules);
    for (size_t i = 0; i < snapshot->shadow_count; i++)
        check_set(&of, pm_shadow_rules(snapshot->shadows[i]));
    pm_message_free(of.message);
    return pm_errors_count(errors) == before;
}
