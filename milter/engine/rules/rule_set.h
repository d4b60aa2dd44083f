/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rule_set - what rules are inside, for the file that reads them and the one that runs them.
 *
 * For these files only: everybody else includes rules.h.
 */
#ifndef PM_RULE_SET_H
#define PM_RULE_SET_H

#include "effect.h"
#include "log.h"
#include "prefilter.h"

typedef struct pm_example {
    pm_slice text;
    bool matches;
    const pm_token *token;
} pm_example;

struct pm_rule {
    const char *id; /* file:name */
    const char *why;
    const pm_token *token; /* its name */
    const pm_condition *condition;
    pm_effects effects;
    pm_example *examples;
    size_t example_count, example_room;
    size_t rank; /* by id: the order in which what follows is applied */
    bool stops;
};

struct pm_rules {
    pm_rule *items; /* in the order of the files */
    size_t count, room;
    pm_condition_reader reader; /* owns the patterns */
    pm_prefilter *prefilter;
    pm_table *files;    /* their keys: the files that lists were read from */
    pm_log_limit *slow; /* for log lines about patterns at their limits */
};

#endif
