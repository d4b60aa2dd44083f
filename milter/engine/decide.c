/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * decide - what the facts about a letter come to; see decide.h.
 *
 * Not a judge of its own: every decision here is a sum of weights that plugins and rules gave.
 */
#include "decide.h"

#include "field.h"
#include "strbuf.h"
#include "tally.h"

#define REASONS_LONGEST 1000

const pm_outcome pm_undecided = {
    .project = {"", 0},
    .project_why = {"", 0},
    .inbox = {"unsorted", sizeof("unsorted") - 1},
    .inbox_why = {"no memory to read the message", sizeof("no memory to read the message") - 1},
    .part = -1,
    .total = -1,
    .series = {"", 0},
    .chain = {"", 0},
    .supersedes = {"", 0},
    .supersedes_why = {"", 0},
    .partial = true,
};

/* ---- Adding up ---- */

/* Why the facts called name have this value, joined by "; ", each reason once. */
static pm_slice join_reasons(pm_outcome *outcome, pm_slice name, pm_slice value)
{
    const pm_declared *declared = pm_vocabulary_find(outcome->facts->vocabulary, name);
    pm_slice joined;
    pm_strbuf text;

    pm_strbuf_init(&text, REASONS_LONGEST);
    for (size_t i = 0; declared != NULL && i < outcome->facts->count; i++) {
        const pm_found *found = &outcome->facts->items[i];

        if (found->decl != declared->decl || !pm_slice_equal(found->text, value) ||
            found->reason.len == 0 ||
            pm_slice_find(pm_strbuf_slice(&text), found->reason) != PM_NOWHERE)
            continue;
        if (text.len + found->reason.len + 2 > REASONS_LONGEST)
            break;
        if (text.len > 0)
            pm_strbuf_add(&text, PM_LIT("; "));
        pm_strbuf_add(&text, found->reason);
    }
    joined = pm_copy(outcome->facts->arena, pm_strbuf_slice(&text));
    pm_strbuf_free(&text);
    if (joined.data == NULL) {
        outcome->partial = true;
        return PM_EMPTY;
    }
    return joined;
}

/* How clear a decision is: 1 when nothing speaks against it, 0.5 when as much does as for it. */
static double clarity(double weight, double rival)
{
    return weight / (weight + rival);
}

static double second_weight(const pm_tallies *of)
{
    return of->count < 2 ? 0 : of->items[1].weight;
}

/* ---- Deciding ---- */

static void decide_project(pm_outcome *outcome, pm_tallies *scratch)
{
    const pm_slice name = PM_LIT("project");
    double weight, rival;

    pm_tally_up(outcome->facts, name, NULL, scratch);
    if (scratch->count == 0) {
        if (outcome->letter->kind != PM_KIND_OTHER)
            outcome->confidence *= 0.7;
        return;
    }
    outcome->project = scratch->items[0].value;
    outcome->project_why = join_reasons(outcome, name, outcome->project);
    weight = scratch->items[0].weight;
    rival = second_weight(scratch);

    /* What the plugin found for projects that it passed over. */
    pm_tally_up(outcome->facts, PM_LIT("project.other"), NULL, scratch);
    for (size_t i = 0; i < scratch->count; i++)
        if (scratch->items[i].weight > rival &&
            !pm_slice_equal(scratch->items[i].value, outcome->project))
            rival = scratch->items[i].weight;
    outcome->confidence *= 0.4 + 0.6 * clarity(weight, rival);
}

static void decide_subsystems(pm_outcome *outcome, pm_tallies *scratch)
{
    const pm_slice name = PM_LIT("subsystem");
    size_t count;

    pm_tally_up(outcome->facts, name, NULL, scratch);
    count = scratch->count < PM_SUBSYSTEMS_MOST ? scratch->count : PM_SUBSYSTEMS_MOST;
    outcome->subsystems =
        pm_alloc_array(outcome->facts->arena, count, sizeof(*outcome->subsystems));
    if (outcome->subsystems == NULL) {
        outcome->partial = true;
        return;
    }
    for (size_t i = 0; i < count; i++)
        outcome->subsystems[i] = (pm_ranked){
            .name = scratch->items[i].value,
            .weight = scratch->items[i].weight / scratch->sum,
            .section = scratch->items[i].source,
            .why = join_reasons(outcome, name, scratch->items[i].value),
        };
    outcome->subsystem_count = count;
}

/* The inbox a rule asked for, else the foremost subsystem's; a series for two subsystems is no
 * doubt about what it is, so it costs little confidence. */
static void decide_inbox(pm_outcome *outcome, pm_tallies *scratch)
{
    const pm_slice name = PM_LIT("inbox");
    pm_slice slug = PM_LIT("unsorted"), inbox;
    double doubt = outcome->letter->kind == PM_KIND_OTHER ? 0 : 0.2;

    outcome->inbox_why = PM_LIT("no subsystem found");
    if (outcome->subsystem_count > 0) {
        slug = outcome->subsystems[0].name;
        outcome->inbox_why = outcome->subsystems[0].why;
        doubt = 0;
    }
    if (outcome->subsystem_count > 1)
        doubt = 0.2 * (1 - clarity(outcome->subsystems[0].weight, outcome->subsystems[1].weight));
    pm_tally_up(outcome->facts, name, NULL, scratch);
    if (scratch->count > 0) {
        slug = scratch->items[0].value;
        outcome->inbox_why = join_reasons(outcome, name, slug);
        doubt = 0;
    }
    outcome->confidence *= 1 - doubt;

    inbox = outcome->project.len == 0 ? slug
                                      : pm_print(outcome->facts->arena, "%.*s.%.*s", PM_FMT(slug),
                                                 PM_FMT(outcome->project));
    if (inbox.data == NULL)
        outcome->partial = true;
    else
        outcome->inbox = inbox;
}

/* Put tag where it belongs in the sorted array; there is room. */
static void add_tag(pm_outcome *outcome, pm_slice tag)
{
    size_t at = 0;

    while (at < outcome->tag_count && pm_slice_compare(outcome->tags[at], tag) < 0)
        at++;
    if (at < outcome->tag_count && pm_slice_equal(outcome->tags[at], tag))
        return;
    memmove(&outcome->tags[at + 1], &outcome->tags[at],
            (outcome->tag_count - at) * sizeof(outcome->tags[0]));
    outcome->tags[at] = tag;
    outcome->tag_count++;
}

static void decide_tags(pm_outcome *outcome)
{
    const pm_field *of_letter = pm_field_find(PM_LIT("tag"));
    const pm_found *found;
    unsigned count = 0;
    pm_slice tag;

    while (of_letter->text(outcome->letter, count, &tag) == PM_OK)
        count++;
    outcome->tags = pm_alloc_array(outcome->facts->arena, count + outcome->facts->count,
                                   sizeof(*outcome->tags));
    if (outcome->tags == NULL) {
        outcome->partial = true;
        return;
    }
    for (unsigned nth = 0; of_letter->text(outcome->letter, nth, &tag) == PM_OK; nth++)
        add_tag(outcome, tag);
    for (unsigned nth = 0; (found = pm_facts_nth(outcome->facts, PM_LIT("tag"), nth)) != NULL;
         nth++)
        add_tag(outcome, found->text);
}

/* What the revision plugin says of it, else what the subject says. */
static int64_t number_or(const pm_facts *facts, pm_slice name, int64_t otherwise)
{
    const pm_found *found = pm_facts_nth(facts, name, 0);

    return found == NULL || found->number < 0 || found->number > INT32_MAX ? otherwise
                                                                           : found->number;
}

static void decide_revision(pm_outcome *outcome)
{
    const pm_letter *letter = outcome->letter;

    if (letter->kind != PM_KIND_COVER && letter->kind != PM_KIND_PATCH)
        return;
    outcome->revision =
        (unsigned)number_or(outcome->facts, PM_LIT("revision"), letter->subject.revision);
    outcome->reroll = outcome->revision == letter->subject.revision ? letter->subject.reroll : 0;
    outcome->part = (int)number_or(outcome->facts, PM_LIT("part"), letter->subject.part);
    outcome->total = (int)number_or(outcome->facts, PM_LIT("total"), letter->subject.total);
    if (pm_facts_nth(outcome->facts, PM_LIT("revision.conflict"), 0) != NULL)
        outcome->confidence *= 0.7;
}

/* The topmost message of the thread that the letter names. */
static pm_slice thread_root(const pm_letter *letter)
{
    return letter->reference_count > 0 ? letter->references[0] : letter->in_reply_to;
}

/* A series is called after its root: its cover, or its only patch. The plugin thread knows more of
 * it, for the letter alone cannot tell when a whole thread hangs below another one. */
static void decide_series(pm_outcome *outcome)
{
    const pm_letter *letter = outcome->letter;
    const pm_slice root = thread_root(letter);
    const pm_found *found = pm_facts_nth(outcome->facts, PM_LIT("series"), 0);
    pm_slice series = PM_EMPTY;

    if (found != NULL) {
        outcome->series = found->text;
        return;
    }

    switch (letter->kind) {
    case PM_KIND_COVER:
    case PM_KIND_PULL:
        series = letter->message_id;
        break;
    case PM_KIND_PATCH:
        series = letter->subject.part > 0 && root.len > 0 ? root : letter->message_id;
        break;
    case PM_KIND_REPLY:
        series = root;
        break;
    case PM_KIND_OTHER:
        break;
    }
    if (series.len > 0)
        outcome->series = series;
}

/* The predecessor with the most evidence. */
static void decide_predecessor(pm_outcome *outcome)
{
    const pm_found *found, *best = NULL;

    for (unsigned nth = 0;
         (found = pm_facts_nth(outcome->facts, PM_LIT("supersedes"), nth)) != NULL; nth++)
        if (best == NULL || found->weight > best->weight)
            best = found;
    if (best != NULL) {
        outcome->supersedes = best->text;
        outcome->supersedes_why = best->reason;
    }
}

void pm_decide(pm_outcome *outcome)
{
    pm_tallies scratch;

    outcome->confidence = outcome->letter->confidence;
    decide_project(outcome, &scratch);
    decide_subsystems(outcome, &scratch);
    decide_inbox(outcome, &scratch);
    decide_tags(outcome);
    decide_revision(outcome);
    decide_series(outcome);
    decide_predecessor(outcome);
}
