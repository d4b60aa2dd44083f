/* SPDX-License-Identifier: BSD-2-Clause */
/* explain_json - an explanation for tools, one JSON object on a line; see explanation.h. */
#include "explanation.h"
#include "json.h"

#define TEXT_MOST 10000 /* bytes of one value of a field */

static void set(json_t *object, const char *name, json_t *value)
{
    json_object_set_new_nocheck(object, name, value);
}

static json_t *field_as_json(const pm_letter *letter, const pm_field *field)
{
    json_t *object = json_object(), *values = json_array();
    char digits[PM_EXPLAIN_DIGITS];
    pm_slice value;

    for (unsigned nth = 0; pm_explain_value(letter, field, nth, digits, &value); nth++) {
        int64_t number = 0;

        if (field->type == PM_FIELD_TEXT)
            json_array_append_new(values, pm_json_text(pm_slice_cut(value, 0, TEXT_MOST)));
        else if (pm_slice_to_int(value, &number) == PM_OK && field->type == PM_FIELD_FLAG)
            json_array_append_new(values, json_boolean(number));
        else
            json_array_append_new(values, json_integer(number));
    }
    set(object, "name", json_string(field->name));
    set(object, "values", values);
    set(object, "from", pm_json_text(pm_explain_source(letter, field)));
    return object;
}

static json_t *fields_as_json(const pm_letter *letter)
{
    json_t *array = json_array();
    const pm_field *field;

    for (size_t nth = 0; (field = pm_field_nth(nth)) != NULL; nth++)
        if (pm_explain_has(letter, field))
            json_array_append_new(array, field_as_json(letter, field));
    return array;
}

static json_t *facts_as_json(const pm_facts *facts)
{
    json_t *array = json_array();

    for (size_t i = 0; i < facts->count; i++) {
        const pm_found *found = &facts->items[i];
        json_t *object = json_object();

        set(object, "name", json_string(found->decl->name));
        set(object, "value",
            found->decl->type == PM_FACT_NUMBER ? json_integer(found->number)
                                                : pm_json_text(found->text));
        set(object, "weight", json_real(found->weight));
        set(object, "by", pm_json_text(pm_slice_of(found->by)));
        set(object, "reason", pm_json_text_or_null(found->reason));
        set(object, "source", pm_json_text_or_null(found->source));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *rule_as_json(const pm_outcome *outcome, const pm_rule *rule)
{
    json_t *object = json_object();

    set(object, "rule", pm_json_text(pm_slice_of(pm_rule_id(rule))));
    set(object, "why", pm_json_text_or_null(pm_slice_of(pm_rule_why(rule))));
    set(object, "microseconds", json_real(pm_explain_rule_us(outcome, rule)));
    return object;
}

static json_t *fired_as_json(const pm_outcome *outcome)
{
    const pm_verdict *verdict = &outcome->verdict;
    json_t *array = json_array();

    for (size_t i = 0; i < verdict->fired_count; i++)
        json_array_append_new(array, rule_as_json(outcome, verdict->fired[i]));
    return array;
}

static json_t *missed_as_json(const pm_explanation *of)
{
    json_t *array = json_array();
    size_t count;
    const pm_missed *missed = pm_explain_missed(of->snapshot, of->outcome, &count);

    for (size_t i = 0; missed != NULL && i < count; i++) {
        const pm_trace *trace = &missed[i].trace;
        json_t *object = rule_as_json(of->outcome, missed[i].rule);

        set(object, "test", pm_json_text_or_null(pm_trace_text(of->outcome->facts->arena, trace)));
        set(object, "file", trace->test == NULL ? json_null() : json_string(trace->test->file));
        set(object, "line", trace->test == NULL ? json_null() : json_integer(trace->test->line));
        json_array_append_new(array, object);
    }
    return array;
}

/* A decision, and what the facts called name speak for. */
static json_t *decision_as_json(const pm_outcome *outcome, pm_slice value, pm_slice why,
                                pm_slice name)
{
    json_t *object = json_object(), *candidates = json_array();
    pm_tallies scales;

    pm_tally_up(outcome->facts, name, NULL, &scales);
    for (size_t i = 0; i < scales.count; i++) {
        json_t *candidate = json_object();

        set(candidate, "value", pm_json_text(scales.items[i].value));
        set(candidate, "weight", json_real(scales.items[i].weight));
        json_array_append_new(candidates, candidate);
    }
    set(object, "value", pm_json_text_or_null(value));
    set(object, "why", pm_json_text_or_null(why));
    set(object, "by", pm_json_text(name));
    set(object, "margin", json_real(pm_explain_margin(&scales)));
    set(object, "candidates", candidates);
    return object;
}

static json_t *stages_as_json(const pm_outcome *outcome)
{
    json_t *array = json_array();

    for (size_t i = 0; i < outcome->stage_count; i++) {
        const pm_stage *stage = &outcome->stages[i];
        json_t *object = json_object();

        set(object, "stage", json_string(stage->kind == PM_STAGE_PLUGIN ? "plugin" : stage->name));
        set(object, "plugin",
            stage->kind == PM_STAGE_PLUGIN ? json_string(stage->name) : json_null());
        set(object, "microseconds", json_integer(stage->took_us));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *removals_as_json(const pm_outcome *outcome)
{
    json_t *array = json_array();

    for (size_t i = 0; i < outcome->removal_count; i++) {
        json_t *object = json_object();

        set(object, "name", pm_json_text(outcome->removals[i].name));
        set(object, "nth", json_integer(outcome->removals[i].nth));
        json_array_append_new(array, object);
    }
    return array;
}

static void explain_letter(json_t *object, const pm_explanation *of)
{
    const pm_outcome *outcome = of->outcome;

    set(object, "fields", fields_as_json(outcome->letter));
    set(object, "facts", facts_as_json(outcome->facts));
    set(object, "fired", fired_as_json(outcome));
    set(object, "missed", missed_as_json(of));
    set(object, "project",
        decision_as_json(outcome, outcome->project, outcome->project_why, PM_LIT("project")));
    set(object, "inbox",
        decision_as_json(outcome, outcome->inbox, outcome->inbox_why,
                         pm_explain_inbox_by(outcome)));
    set(object, "series", pm_json_text_or_null(outcome->series));
    set(object, "chain", pm_json_text_or_null(outcome->chain));
    set(object, "supersedes",
        decision_as_json(outcome, outcome->supersedes, outcome->supersedes_why,
                         PM_LIT("supersedes")));
    set(object, "confidence", json_real(outcome->confidence));
}

bool pm_explain_json(const pm_explanation *of)
{
    const pm_outcome *outcome = of->outcome;
    json_t *object = json_object();
    bool printed;

    set(object, "origin", pm_json_text(pm_slice_of(of->origin)));
    if (outcome->letter != NULL)
        explain_letter(object, of);
    set(object, "removals", removals_as_json(outcome));
    set(object, "headers", pm_json_marks(outcome));
    if (outcome->shadow_count > 0)
        set(object, "shadows", pm_json_shadows(outcome));
    set(object, "stages", stages_as_json(outcome));
    set(object, "microseconds", json_integer(outcome->took_us));
    set(object, "partial", json_boolean(outcome->partial));
    set(object, "memory_failed", json_boolean(outcome->memory_failed));
    printed = pm_json_print(object);
    json_decref(object);
    return printed;
}
