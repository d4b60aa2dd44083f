/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * shadow - a set of rules that is tried on every letter beside the live ones, to see what it would
 * change. It is compared and never applied; the daemon counts and logs what came of it.
 *
 *     shadow next { include "next.rules" }             # as if added to the live rules
 *     shadow rewrite instead { include "new.rules" }   # as if the live rules were these
 *
 * It sees the facts that plugins have reported and gets a copy of its own to add to. It runs when
 * the live decision has been made and written as marks, in what is left of the message's time.
 */
#ifndef PM_SHADOW_H
#define PM_SHADOW_H

#include "rules.h"

struct pm_outcome;

typedef struct pm_shadow pm_shadow;

#define PM_SHADOWS_MOST 16

/* What the live rules are made of. */
typedef struct pm_shadow_of {
    const pm_statement *statements; /* the whole configuration: its lists are known in shadows */
    const pm_vocabulary *vocabulary;
    const pm_rule_powers *powers;
} pm_shadow_of;

/* Compile one `shadow NAME { ... }`. NULL after errors were added. */
pm_shadow *pm_shadow_compile(pm_arena *arena, const pm_statement *block, const pm_shadow_of *live,
                             pm_errors *errors) __attribute__((warn_unused_result));
void pm_shadow_free(pm_shadow *shadow); /* the patterns; the rest is the arena's. NULL is allowed */

/* What it was compiled from; as long as the shadow. */
pm_slice pm_shadow_name(const pm_shadow *shadow);
bool pm_shadow_is_instead(const pm_shadow *shadow); /* of the live rules, not beside them */
const pm_rules *pm_shadow_rules(const pm_shadow *shadow);

/* What a shadow would have made of a letter. */
typedef struct pm_shadowed {
    const pm_shadow *shadow;
    const struct pm_outcome *outcome; /* no marks, no removals; NULL: there was no time or memory */
    unsigned difference;              /* from the live one, as difference.h has it */
} pm_shadowed;

/* Try it on a letter that has been decided on. Everything is in the arena of live's facts; live
 * itself is only read. */
pm_shadowed pm_shadow_try(const pm_shadow *shadow, const struct pm_outcome *live,
                          int64_t deadline_us);

/* The nth rule that fires in the one outcome and not in the other; NULL past the last. */
const pm_rule *pm_fired_only(const struct pm_outcome *in, const struct pm_outcome *other,
                             size_t nth);

#endif
