/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rules - which rules hold for a letter, and what follows from them; see rules.h.
 *
 * Not the reading of rules: rules_read.c.
 */
#include "rule_set.h"

#include "clock.h"

#include <stdlib.h>

/* ---- Asking about rules ---- */

size_t pm_rules_count(const pm_rules *rules)
{
    return rules->count;
}

const pm_rule *pm_rules_nth(const pm_rules *rules, size_t nth)
{
    return nth < rules->count ? &rules->items[nth] : NULL;
}

const char *pm_rule_id(const pm_rule *rule)
{
    return rule->id;
}

const char *pm_rule_why(const pm_rule *rule)
{
    return rule->why == NULL ? "" : rule->why;
}

const pm_condition *pm_rule_condition(const pm_rule *rule)
{
    return rule->condition;
}

const pm_table *pm_rules_files(const pm_rules *rules)
{
    return rules->files;
}

const pm_token *pm_rule_token(const pm_rule *rule)
{
    return rule->token;
}

bool pm_rule_stops(const pm_rule *rule)
{
    return rule->stops;
}

const pm_effects *pm_rule_effects(const pm_rule *rule)
{
    return &rule->effects;
}

pm_slice pm_rule_example(const pm_rule *rule, size_t nth, bool *matches_out,
                         const pm_token **token_out)
{
    if (nth >= rule->example_count)
        return (pm_slice){NULL, 0};
    if (matches_out != NULL)
        *matches_out = rule->examples[nth].matches;
    if (token_out != NULL)
        *token_out = rule->examples[nth].token;
    return rule->examples[nth].text;
}

/* ---- Running ---- */

/* One letter going through the rules. */
typedef struct run {
    const pm_letter *letter;
    const pm_view *view; /* what plugins reported: what rules add is not seen in it */
    pm_facts *facts;
    pm_arena *arena;
    pm_verdict *verdict;
    size_t first; /* of those that fired, in this run */
    size_t fired_room, limited_room, field_room, recipient_room;
    bool limited; /* something did not fit */
} run;

/* The text of an effect, filled in. False when there is none for this letter. */
static bool text_of(run *in, const pm_effect *what, size_t most, pm_slice *text_out)
{
    pm_status status = PM_OK;

    *text_out = what->text;
    if (what->template != NULL)
        status = pm_template_fill(what->template, in->arena, in->view, most, text_out);
    if (status == PM_LIMIT)
        in->limited = true;
    return status == PM_OK;
}

static void add_fact(run *in, const pm_rule *rule, const pm_effect *what)
{
    pm_fact fact = {.size = sizeof(fact),
                    .name = what->fact,
                    .number = what->number,
                    .weight = what->weight,
                    .reason = pm_slice_of(rule->why == NULL ? rule->id : rule->why)};

    if (!text_of(in, what, PM_SLUG_MOST, &fact.text))
        return;
    if (pm_facts_add(in->facts, &fact, rule->id) != PM_OK)
        in->limited = true;
}

static void add_field(run *in, const pm_rule *rule, const pm_effect *what)
{
    pm_verdict *verdict = in->verdict;
    pm_slice text;

    if (!text_of(in, what, PM_FIELD_MOST, &text))
        return;
    if (pm_grow(in->arena, &verdict->fields, &in->field_room, verdict->field_count,
                sizeof(*verdict->fields)) != PM_OK)
        in->limited = true;
    else
        verdict->fields[verdict->field_count++] = (pm_field_mark){what->name, text, rule};
}

/* Never one who gets the message anyway. */
static void add_recipient(run *in, pm_slice address)
{
    const pm_message *message = in->letter->message;
    pm_verdict *verdict = in->verdict;

    for (size_t i = 0; i < verdict->recipient_count; i++) {
        if (pm_slice_equal_nocase(verdict->recipients[i], address))
            return;
    }
    for (size_t i = 0; i < pm_message_recipients(message); i++) {
        if (pm_slice_equal_nocase(pm_message_recipient(message, i), address))
            return;
    }
    if (pm_grow(in->arena, &verdict->recipients, &in->recipient_room, verdict->recipient_count,
                sizeof(*verdict->recipients)) != PM_OK)
        in->limited = true;
    else
        verdict->recipients[verdict->recipient_count++] = address;
}

/* What follows from a rule that holds. */
static void apply(run *in, const pm_rule *rule)
{
    pm_verdict *verdict = in->verdict;

    for (size_t i = 0; i < rule->effects.count; i++) {
        const pm_effect *what = &rule->effects.items[i];

        switch (what->action) {
        case PM_ADD_FACT:
            add_fact(in, rule, what);
            break;
        case PM_ADD_FIELD:
            add_field(in, rule, what);
            break;
        case PM_ADD_RECIPIENT:
            add_recipient(in, what->text);
            break;
        case PM_QUARANTINE:
            if (verdict->quarantine.data == NULL)
                verdict->quarantine = what->text;
            break;
        case PM_DISCARD:
            verdict->discard = true;
            break;
        case PM_REJECT:
            if (!verdict->reject)
                verdict->reply = what->text;
            verdict->reject = true;
            break;
        case PM_STOP:
            break;
        }
    }
}

static int by_rank(const void *a, const void *b)
{
    const pm_rule *const *left = a, *const *right = b;

    return (*left)->rank < (*right)->rank ? -1 : (*left)->rank > (*right)->rank;
}

/* What follows from all that fired, in an order that does not depend on where rules stand: of two
 * inboxes that weigh the same, of two reasons, the one that wins must not change when a rule moves
 * or a file is renamed among others. */
static void apply_all(run *in)
{
    const size_t count = in->verdict->fired_count - in->first;
    const pm_rule **ranked = pm_alloc_array(in->arena, count, sizeof(const pm_rule *));

    if (ranked == NULL) {
        in->verdict->fired_count = in->first; /* without an order, nothing is done */
        in->limited = true;
        return;
    }
    if (count == 0)
        return;
    memcpy(ranked, in->verdict->fired + in->first, count * sizeof(const pm_rule *));
    qsort(ranked, count, sizeof(const pm_rule *), by_rank);
    for (size_t i = 0; i < count; i++)
        apply(in, ranked[i]);
}

/* Note a rule that holds. True when no further rule shall be asked. */
static bool fire(run *in, const pm_rule *rule)
{
    pm_verdict *verdict = in->verdict;

    if (pm_grow(in->arena, &verdict->fired, &in->fired_room, verdict->fired_count,
                sizeof(*verdict->fired)) != PM_OK) {
        in->limited = true; /* without a trace of who did it, nothing is done */
        return false;
    }
    verdict->fired[verdict->fired_count++] = rule;
    return rule->stops;
}

/* A pattern at its limits is for the administrator to mend; mail may cause it, so it is told
 * seldom. */
static void tell_limited(const pm_rules *rules, const pm_rule *rule, const pm_letter *letter)
{
    pm_log_line line;

    pm_log_begin_limited(&line, rules->slow, PM_LEVEL_WARNING, "pattern-limit");
    pm_log_string(&line, "rule", rule->id);
    pm_log_text(&line, "message-id", letter->message_id);
    pm_log_end(&line);
}

static void note_limited(run *in, const pm_rule *rule)
{
    pm_verdict *verdict = in->verdict;

    if (pm_grow(in->arena, &verdict->limited, &in->limited_room, verdict->limited_count,
                sizeof(*verdict->limited)) != PM_OK)
        in->limited = true;
    else
        verdict->limited[verdict->limited_count++] = rule;
}

static bool rule_holds(run *in, const pm_rules *rules, const pm_rule *rule, pm_view *view)
{
    bool yes;

    view->limited = false;
    yes = pm_condition_holds(rule->condition, view);
    if (view->limited) {
        tell_limited(rules, rule, view->letter);
        note_limited(in, rule);
    }
    return yes;
}

pm_status pm_rules_run(const pm_rules *rules, const pm_letter *letter, pm_facts *facts,
                       int64_t deadline_us, pm_verdict *verdict_out)
{
    *verdict_out = (pm_verdict){.quarantine = {NULL, 0}, .reply = PM_EMPTY};
    return pm_rules_run_behind(rules, letter, facts, deadline_us, verdict_out);
}

pm_status pm_rules_run_behind(const pm_rules *rules, const pm_letter *letter, pm_facts *facts,
                              int64_t deadline_us, pm_verdict *verdict)
{
    pm_view view = pm_view_of(letter, facts, deadline_us);
    /* No room behind what is there: it is moved before anything is added. */
    run in = {.letter = letter,
              .view = &view,
              .facts = facts,
              .arena = facts->arena,
              .verdict = verdict,
              .first = verdict->fired_count,
              .fired_room = verdict->fired_count,
              .limited_room = verdict->limited_count,
              .field_room = verdict->field_count,
              .recipient_room = verdict->recipient_count};
    uint64_t *wanted;
    size_t number = 0;

    if (verdict->stopped)
        return PM_OK;
    wanted = pm_prefilter_run(rules->prefilter, facts->arena, &view);
    if (wanted == NULL)
        return PM_LIMIT;
    while (number < rules->count && !view.late) {
        uint64_t rest = wanted[number / 64] >> number % 64;

        if (rest == 0) {
            number = (number / 64 + 1) * 64;
            continue;
        }
        number += (size_t)__builtin_ctzll(rest);
        if (rule_holds(&in, rules, &rules->items[number], &view) &&
            fire(&in, &rules->items[number])) {
            verdict->stopped = true;
            break;
        }
        if (++number % 16 == 0 && deadline_us != 0 && pm_clock_us() > deadline_us)
            view.late = true;
    }
    apply_all(&in);
    return view.late || in.limited ? PM_LIMIT : PM_OK;
}

bool pm_rule_holds(const pm_rule *rule, const pm_letter *letter, const pm_facts *facts)
{
    pm_view view = pm_view_of(letter, facts, 0);

    return pm_condition_holds(rule->condition, &view);
}
