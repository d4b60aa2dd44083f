/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ruling - a letter, facts about it, and rules, for the tests of rules. Whatever goes wrong fails
 * the test.
 *
 * The letter is made by hand here: what a mail says is other tests' matter.
 */
#ifndef PM_TEST_RULING_H
#define PM_TEST_RULING_H

#include "rules.h"

typedef struct ruling {
    pm_arena *arena; /* of the rules */
    pm_errors *errors;
    pm_vocabulary *vocabulary;
    pm_rules *rules;
    pm_message *message;
    pm_letter letter;
    pm_facts facts;
    pm_verdict verdict;
} ruling;

/* [RFC PATCH net-next v3 0/5] KVM: nVMX: Flush the thing, without facts and rules so far. There may
 * be the facts mood (text), subject.shouts and revision (numbers), beside the engine's own. */
void ruling_begin(ruling *with);
void ruling_end(ruling *with);

void ruling_add_text(ruling *with, const char *name, const char *value);
void ruling_add_number(ruling *with, const char *name, int64_t value);

/* The rules of a text, once; as file or as etc/test.rules, with powers or without any. False, or
 * with ruling_compile a failure, when they are refused. */
bool ruling_compile_as(ruling *with, const char *file, const char *text,
                       const pm_rule_powers *powers);
void ruling_compile(ruling *with, const char *text);

/* Run them, in whatever time it takes. */
pm_status ruling_run(ruling *with);

/* The rules that fired, "a b c". */
const char *ruling_fired(const ruling *with, char *into, size_t size);
void ruling_expect(const ruling *with, const char *fired);

#endif
