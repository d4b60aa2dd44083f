/* SPDX-License-Identifier: BSD-2-Clause */
/* shadow - a set of rules that is tried and never applied; see shadow.h. */
#include "shadow.h"

#include "clock.h"
#include "condition.h"
#include "decide.h"
#include "difference.h"

struct pm_shadow {
    pm_slice name;
    bool instead;
    pm_rules *rules;
};

/* ---- Reading ---- */

/* NAME, or NAME instead. */
static bool read_name(pm_shadow *shadow, const pm_statement *block, pm_errors *errors)
{
    const pm_token *name = block->count > 0 ? &block->values[0] : NULL;
    const pm_token *how = block->count > 1 ? &block->values[1] : NULL;

    if (name == NULL || !pm_token_is_text(name) || !pm_syntax_is_slug(name->text)) {
        pm_error_token(errors, name == NULL ? &block->word : name,
                       "a shadow has a name of small letters, digits, - and . (write: shadow next "
                       "{ include \"next.rules\" })");
        return false;
    }
    if (block->count > 2 || (how != NULL && !pm_token_is_word(how, "instead"))) {
        pm_error_token(errors, block->count > 2 ? &block->values[2] : how,
                       "behind a shadow's name there may stand \"instead\" and nothing else "
                       "(write: shadow %.*s instead { ... })",
                       PM_FMT(name->text));
        return false;
    }
    shadow->name = name->text;
    shadow->instead = how != NULL;
    return true;
}

/* Rules and lists. Files of rules often describe projects as well. */
static void check_statements(const pm_statement *block, pm_errors *errors)
{
    static const char *const words[] = {"rule", "list", "include", NULL};
    bool warned = false;

    for (const pm_statement *at = block->children; at != NULL; at = at->next) {
        if (pm_token_is_word(&at->word, "rule") || pm_token_is_word(&at->word, "list"))
            continue;
        if (!pm_token_is_word(&at->word, "project")) {
            pm_error_unknown(errors, &at->word, "there is no ", " in a shadow", words,
                             "there are: rule list include");
            continue;
        }
        if (!warned)
            pm_warning_token(errors, &at->word,
                             "projects in a shadow are passed over, for its plugins are the live "
                             "ones (try those with: patchmark replay --against FILE)");
        warned = true;
    }
}

pm_shadow *pm_shadow_compile(pm_arena *arena, const pm_statement *block, const pm_shadow_of *live,
                             pm_errors *errors)
{
    const size_t before = pm_errors_count(errors);
    pm_shadow *shadow = pm_alloc(arena, sizeof(*shadow));

    if (shadow == NULL) {
        pm_error_token(errors, &block->word, "no memory left for this shadow");
        return NULL;
    }
    if (!read_name(shadow, block, errors))
        return NULL;
    check_statements(block, errors);
    shadow->rules = pm_rules_compile_beside(arena, block->children, live->statements,
                                            live->vocabulary, live->powers, errors);
    if (shadow->rules != NULL && pm_errors_count(errors) == before)
        return shadow;
    pm_shadow_free(shadow);
    return NULL;
}

void pm_shadow_free(pm_shadow *shadow)
{
    if (shadow != NULL)
        pm_rules_free(shadow->rules);
}

pm_slice pm_shadow_name(const pm_shadow *shadow)
{
    return shadow->name;
}

bool pm_shadow_is_instead(const pm_shadow *shadow)
{
    return shadow->instead;
}

const pm_rules *pm_shadow_rules(const pm_shadow *shadow)
{
    return shadow->rules;
}

/* ---- Trying ---- */

/* The outcome before the shadow's rules: as if the live ones had run, or as if there were none. */
static pm_outcome *begin(const pm_shadow *shadow, const pm_outcome *live, pm_facts *facts)
{
    pm_arena *arena = live->facts->arena;
    pm_outcome *outcome = pm_alloc(arena, sizeof(*outcome));
    size_t facts_kept = live->facts->count;

    if (shadow->instead)
        facts_kept = pm_view_of(live->letter, live->facts, 0).fact_count;
    if (outcome == NULL || pm_facts_copy(live->facts, facts_kept, facts) != PM_OK)
        return NULL;
    *outcome = pm_undecided;
    outcome->partial = false;
    outcome->letter = live->letter;
    outcome->facts = facts;
    outcome->chain = live->chain; /* only the memory could say, and it is not asked */
    if (!shadow->instead)
        outcome->verdict = live->verdict;
    return outcome;
}

/* NULL when it did not come to its end. */
static const pm_outcome *try_rules(const pm_shadow *shadow, const pm_outcome *live,
                                   int64_t deadline_us)
{
    pm_facts *facts = pm_alloc(live->facts->arena, sizeof(*facts));
    pm_outcome *outcome;

    /* What a limit has cut short already is nothing to compare with. */
    if (facts == NULL || live->letter == NULL || live->partial || pm_clock_us() >= deadline_us)
        return NULL;
    outcome = begin(shadow, live, facts);
    if (outcome == NULL || pm_rules_run_behind(shadow->rules, live->letter, facts, deadline_us,
                                               &outcome->verdict) != PM_OK)
        return NULL;
    pm_decide(outcome);
    return outcome->partial ? NULL : outcome;
}

pm_shadowed pm_shadow_try(const pm_shadow *shadow, const pm_outcome *live, int64_t deadline_us)
{
    pm_shadowed made = {.shadow = shadow, .outcome = try_rules(shadow, live, deadline_us)};

    if (made.outcome != NULL)
        made.difference = pm_outcome_difference(live, made.outcome);
    return made;
}

static bool has_fired(const pm_outcome *in, const pm_rule *rule)
{
    for (size_t i = 0; i < in->verdict.fired_count; i++)
        if (strcmp(pm_rule_id(in->verdict.fired[i]), pm_rule_id(rule)) == 0)
            return true;
    return false;
}

const pm_rule *pm_fired_only(const pm_outcome *in, const pm_outcome *other, size_t nth)
{
    for (size_t i = 0; i < in->verdict.fired_count; i++)
        if (!has_fired(other, in->verdict.fired[i]) && nth-- == 0)
            return in->verdict.fired[i];
    return NULL;
}
