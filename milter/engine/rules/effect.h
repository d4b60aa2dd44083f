/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * effect - what follows from a rule: the words behind `then`, read and checked.
 *
 * Not what happens with them: rules.c does that, letter by letter.
 */
#ifndef PM_EFFECT_H
#define PM_EFFECT_H

#include "rules.h"
#include "template.h"

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
    const pm_token *token; /* its value, or else its word */
    const char *fact;      /* its name */
    bool is_number;        /* of a fact */
    int64_t number;
    double weight;
    pm_slice name;               /* of a field */
    pm_slice text;               /* value, address, reason */
    const pm_template *template; /* in place of text, where values of the letter stand in it */
} pm_effect;

typedef struct pm_effects {
    pm_effect *items;
    size_t count, room;
} pm_effects;

#define PM_FIELD_MOST 500 /* bytes of a field's value, filled in or not */

/* What effects are read with. powers NULL: none. */
typedef struct pm_effect_reader {
    pm_condition_reader *conditions; /* knows the names there are */
    const pm_rule_powers *powers;
} pm_effect_reader;

/* Is stop one of them? */
bool pm_effects_stop(const pm_effects *effects);

/* Add what a `then` says; errors are added where it says nothing sensible. */
void pm_effects_read(const pm_effect_reader *reader, const pm_statement *then, pm_effects *effects);

#endif
