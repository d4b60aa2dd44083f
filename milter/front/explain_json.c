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

static json_t *rule_as_json(const pm_rule *rule)
{
    json_t *object = json_object();

    set(object, "rule", pm_json_text(pm_slice_of(pm_rule_id(rule))));
    set(object, "why", pm_json_text_or_null(pm_slice_of(pm_rule_why(rule))));
    return object;
}

static json_t *fired_as_json(const pm_verdict *verdict)
{
    json_t *array = json_array();

    for (size_t i = 0; i < verdict->fired_count; i++)
        json_array_append_new(array, rule_as_json(verdict->fired[i]));
    return array;
}

static json_t *missed_as_json(const pm_explanation *of)
{
    json_t *array = json_array();
    size_t count;
    const pm_missed *missed = pm_explain_missed(of->snapshot, of->outcome, &count);

    for (size_t i = 0; missed != NULL && i < count; i++) {
        const pm_trace *trace = &missed[i].trace;
        json_t *object = rule_as_json(missed[i].rule);

        set(object, "test", pm_json_text_or_null(pm_trace_text(of->outcome->facts->arena, trace)));
        set(object, "file", trace->test == NULL ? json_null() : json_string(trace->test->file));
        set(object, "line", trace->test == NULL ? json_null() : json_integer(trace->test->line));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *scales_as_json(const pm_outcome *outcome, pm_slice name)
{
    json_t *array = json_array();
    size_t count;
    const pm_scale *scales = pm_explain_weigh(outcome, name, &count);

    for (size_t i = 0; scales != NULL && i < count; i++) {
        json_t *object = json_object();

        set(object, "value", pm_json_text(scales[i].value));
        set(object, "weight", json_real(scales[i].weight));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *decision_as_json(pm_slice value, pm_slice why, json_t *candidates)
{
    json_t *object = json_object();

    set(object, "value", pm_json_text_or_null(value));
    set(object, "why", pm_json_text_or_null(why));
    if (candidates != NULL)
        set(object, "candidates", candidates);
    return object;
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
    set(object, "fired", fired_as_json(&outcome->verdict));
    set(object, "missed", missed_as_json(of));
    set(object, "project",
        decision_as_json(outcome->project, outcome->project_why,
                         scales_as_json(outcome, PM_LIT("project"))));
    set(object, "inbox",
        decision_as_json(outcome->inbox, outcome->inbox_why,
                         scales_as_json(outcome, pm_explain_inbox_by(outcome))));
    set(object, "series", pm_json_text_or_null(outcome->series));
    set(object, "chain", pm_json_text_or_null(outcome->chain));
    set(object, "supersedes", decision_as_json(outcome->supersedes, outcome->supersedes_why, NULL));
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
    set(object, "microseconds", json_integer(outcome->took_us));
    set(object, "partial", json_boolean(outcome->partial));
    set(object, "memory_failed", json_boolean(outcome->memory_failed));
    printed = pm_json_print(object);
    json_decref(object);
    return printed;
}
