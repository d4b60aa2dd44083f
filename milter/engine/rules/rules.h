/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rules - policy: a condition over the letter and its facts, and what follows from it.
 *
 *     rule kvm-nested {
 *         why         "Nested virtualization fixes often come without a diffstat"
 *         when        project == "linux" and title ~ /^KVM: n?(VMX|SVM)\b/
 *         then        subsystem "kvm-x86" weight 5
 *         example     "Subject: [PATCH v2 0/4] KVM: nVMX: Various VPID fixes"
 *         not-example "Subject: [PATCH] KVM: arm64: nv: Fix trap routing"
 *     }
 *
 * Read and compiled once, then read-only. The order of rules does not matter, except behind `stop`.
 * Manual of the language, with an example of each construct: rules.md.
 */
#ifndef PM_RULES_H
#define PM_RULES_H

#include "facts.h"
#include "letter.h"
#include "syntax.h"
#include "table.h"

typedef struct pm_rules pm_rules;
typedef struct pm_rule pm_rule;

/* What rules may do beyond facts. */
typedef struct pm_rule_powers {
    bool discard, reject; /* only when the administrator has switched them on */
} pm_rule_powers;

/* Compile every `rule` statement in the tree (other statements are left to others). NULL after
 * errors were added. The arena and the vocabulary must outlive the rules. */
pm_rules *pm_rules_compile(pm_arena *arena, const pm_statement *statements,
                           const pm_vocabulary *vocabulary, const pm_rule_powers *powers,
                           pm_errors *errors) __attribute__((warn_unused_result));
/* The same for rules that are tried beside live ones (see shadow.h): they know the lists in the
 * live statements as well, which must be without errors; a list of their own comes before a live
 * one of its name. */
pm_rules *pm_rules_compile_beside(pm_arena *arena, const pm_statement *statements,
                                  const pm_statement *live, const pm_vocabulary *vocabulary,
                                  const pm_rule_powers *powers, pm_errors *errors)
    __attribute__((warn_unused_result));
void pm_rules_free(pm_rules *rules); /* the patterns; the rest is the arena's */

/* The files that lists were read from: the keys, NUL-terminated. */
const pm_table *pm_rules_files(const pm_rules *rules);

/* Rule by rule, in the order of the files; NULL past the last. What is told of one lives as long as
 * the rules. */
size_t pm_rules_count(const pm_rules *rules);
const pm_rule *pm_rules_nth(const pm_rules *rules, size_t nth);
const char *pm_rule_id(const pm_rule *rule); /* "linux.rules:kvm-nested" */
const char *pm_rule_why(const pm_rule *rule);
const pm_token *pm_rule_token(const pm_rule *rule);                /* its name */
const struct pm_condition *pm_rule_condition(const pm_rule *rule); /* for condition_trace.h */
const struct pm_effects *pm_rule_effects(const pm_rule *rule);     /* for effect.h */
bool pm_rule_stops(const pm_rule *rule);
/* Its examples: the nth, and whether it is a not-example; data NULL past the last. An example is
 * header lines, or header lines, an empty line and a body. */
pm_slice pm_rule_example(const pm_rule *rule, size_t nth, bool *matches_out,
                         const pm_token **token_out);

typedef struct pm_field_mark { /* a header field a rule asks for */
    pm_slice name, value;
    const pm_rule *rule;
} pm_field_mark;

/* What followed from the rules that fired, beside the facts they added. In the message's arena. */
typedef struct pm_verdict {
    const pm_rule **fired; /* in the order of the files; the rest is in the order of their ids */
    size_t fired_count;
    const pm_rule **limited; /* those with a pattern that reached its limit: taken for "no match" */
    size_t limited_count;
    pm_field_mark *fields;
    size_t field_count;
    pm_slice *recipients;
    size_t recipient_count;
    pm_slice quarantine; /* the reason; data NULL: no */
    bool discard, reject;
    pm_slice reply; /* for reject: the text */
    bool stopped;   /* a rule said stop: nothing follows from those behind it */
} pm_verdict;

/* Evaluate every rule; facts they add go to facts. deadline_us (pm_clock_us) ends it early with
 * PM_LIMIT, keeping what followed until then. */
pm_status pm_rules_run(const pm_rules *rules, const pm_letter *letter, pm_facts *facts,
                       int64_t deadline_us, pm_verdict *verdict_out);

/* The same on top of what followed from other rules, as if these stood behind them. What verdict
 * points to is not written to. */
pm_status pm_rules_run_behind(const pm_rules *rules, const pm_letter *letter, pm_facts *facts,
                              int64_t deadline_us, pm_verdict *verdict);

/* Does this one rule's condition hold? For examples and explain. */
bool pm_rule_holds(const pm_rule *rule, const pm_letter *letter, const pm_facts *facts);

#endif
