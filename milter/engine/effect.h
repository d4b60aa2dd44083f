/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * effect - what follows from a rule: the words behind `then`, read and checked.
 *
 * Not what happens with them: rules.c does that, letter by letter.
 */
#ifndef PM_EFFECT_H
#define PM_EFFECT_H

#include "rules.h"

typedef enum pm_action {
    PM_ADD_FACT,
    PM_ADD_FIELD,
    PM_ADD_RECIPIENT,
    PM_QUARANTINE,
    PM_DISCARD,
    PM_REJECT,
    PM_STOP,
} pm_action;

typedef struct pm_effect {
    pm_action action;
    const char *fact; /* its name */
    bool is_number;   /* of a fact */
    int64_t number;
    double weight;
    pm_slice name; /* of a field */
    pm_slice text; /* value, address, reason */
} pm_effect;

typedef struct pm_effects {
    pm_effect *items;
    size_t count, room;
} pm_effects;

/* What effects are read with. powers NULL: none. */
typedef struct pm_effect_reader {
    pm_arena *arena;
    const pm_vocabulary *vocabulary;
    const pm_rule_powers *powers;
    pm_errors *errors;
} pm_effect_reader;

/* Add what a `then` says; errors are added where it says nothing sensible. */
void pm_effects_read(const pm_effect_reader *reader, const pm_statement *then, pm_effects *effects);

#endif
