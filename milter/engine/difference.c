/* SPDX-License-Identifier: BSD-2-Clause */
/* difference - in which respects two outcomes are not the same; see difference.h. */
#include "difference.h"

/* Of one aspect; what is longer differs in its beginning or not. */
#define TEXT_LIMIT (1024 * 1024)

/* ---- One function an aspect ---- */

static void add_joined(pm_strbuf *into, pm_slice text)
{
    if (into->len > 0)
        pm_strbuf_add(into, PM_LIT(", "));
    pm_strbuf_add(into, text);
}

static void add_inbox(const pm_outcome *outcome, pm_strbuf *into)
{
    pm_strbuf_add(into, outcome->inbox);
}

static void add_project(const pm_outcome *outcome, pm_strbuf *into)
{
    pm_strbuf_add(into, outcome->project);
}

static void add_subsystems(const pm_outcome *outcome, pm_strbuf *into)
{
    for (size_t i = 0; i < outcome->subsystem_count; i++)
        add_joined(into, outcome->subsystems[i].name);
}

static void add_tags(const pm_outcome *outcome, pm_strbuf *into)
{
    for (size_t i = 0; i < outcome->tag_count; i++)
        add_joined(into, outcome->tags[i]);
}

static void add_kind(const pm_outcome *outcome, pm_strbuf *into)
{
    if (outcome->letter != NULL)
        pm_strbuf_add_text(into, pm_kind_name(outcome->letter->kind));
}

static void add_revision(const pm_outcome *outcome, pm_strbuf *into)
{
    if (outcome->revision > 0)
        pm_strbuf_printf(into, "v%u", outcome->revision);
    if (outcome->revision > 0 && outcome->reroll > 0)
        pm_strbuf_printf(into, ".%u", outcome->reroll);
}

static void add_part(const pm_outcome *outcome, pm_strbuf *into)
{
    if (outcome->part >= 0)
        pm_strbuf_printf(into, "%d/%d", outcome->part, outcome->total);
}

static void add_series(const pm_outcome *outcome, pm_strbuf *into)
{
    pm_strbuf_add(into, outcome->series);
}

static void add_chain(const pm_outcome *outcome, pm_strbuf *into)
{
    pm_strbuf_add(into, outcome->chain);
}

static void add_supersedes(const pm_outcome *outcome, pm_strbuf *into)
{
    pm_strbuf_add(into, outcome->supersedes);
}

static void add_fields(const pm_outcome *outcome, pm_strbuf *into)
{
    for (size_t i = 0; i < outcome->verdict.field_count; i++) {
        add_joined(into, outcome->verdict.fields[i].name);
        pm_strbuf_add(into, PM_LIT(": "));
        pm_strbuf_add(into, outcome->verdict.fields[i].value);
    }
}

static void add_recipients(const pm_outcome *outcome, pm_strbuf *into)
{
    for (size_t i = 0; i < outcome->verdict.recipient_count; i++)
        add_joined(into, outcome->verdict.recipients[i]);
}

static void add_quarantine(const pm_outcome *outcome, pm_strbuf *into)
{
    if (outcome->verdict.quarantine.data != NULL)
        pm_strbuf_add(into, outcome->verdict.quarantine);
}

static void add_discard(const pm_outcome *outcome, pm_strbuf *into)
{
    if (outcome->verdict.discard)
        pm_strbuf_add(into, PM_LIT("yes"));
}

static void add_reject(const pm_outcome *outcome, pm_strbuf *into)
{
    if (outcome->verdict.reject)
        pm_strbuf_printf(into, "yes: %.*s", PM_FMT(outcome->verdict.reply));
}

static const struct {
    const char *name;
    void (*add)(const pm_outcome *outcome, pm_strbuf *into);
} aspects[PM_ASPECTS] = {
    [PM_ASPECT_INBOX] = {"inbox", add_inbox},
    [PM_ASPECT_PROJECT] = {"project", add_project},
    [PM_ASPECT_SUBSYSTEMS] = {"subsystems", add_subsystems},
    [PM_ASPECT_TAGS] = {"tags", add_tags},
    [PM_ASPECT_KIND] = {"kind", add_kind},
    [PM_ASPECT_REVISION] = {"revision", add_revision},
    [PM_ASPECT_PART] = {"part", add_part},
    [PM_ASPECT_SERIES] = {"series", add_series},
    [PM_ASPECT_CHAIN] = {"chain", add_chain},
    [PM_ASPECT_SUPERSEDES] = {"supersedes", add_supersedes},
    [PM_ASPECT_FIELDS] = {"fields", add_fields},
    [PM_ASPECT_RECIPIENTS] = {"recipients", add_recipients},
    [PM_ASPECT_QUARANTINE] = {"quarantine", add_quarantine},
    [PM_ASPECT_DISCARD] = {"discard", add_discard},
    [PM_ASPECT_REJECT] = {"reject", add_reject},
};

/* ---- From outside ---- */

const char *pm_aspect_name(pm_aspect aspect)
{
    return aspects[aspect].name;
}

void pm_aspect_print(pm_aspect aspect, const pm_outcome *outcome, pm_strbuf *into)
{
    pm_strbuf text;

    pm_strbuf_init(&text, TEXT_LIMIT);
    aspects[aspect].add(outcome, &text);
    pm_strbuf_add(into, pm_strbuf_slice(&text));
    pm_strbuf_free(&text);
}

unsigned pm_outcome_difference(const pm_outcome *one, const pm_outcome *other)
{
    pm_strbuf left, right;
    unsigned difference = 0;

    pm_strbuf_init(&left, TEXT_LIMIT);
    pm_strbuf_init(&right, TEXT_LIMIT);
    for (unsigned i = 0; i < PM_ASPECTS; i++) {
        pm_strbuf_clear(&left);
        pm_strbuf_clear(&right);
        aspects[i].add(one, &left);
        aspects[i].add(other, &right);
        if (!pm_slice_equal(pm_strbuf_slice(&left), pm_strbuf_slice(&right)))
            difference |= 1u << i;
    }
    pm_strbuf_free(&left);
    pm_strbuf_free(&right);
    return difference;
}
