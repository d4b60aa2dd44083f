/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * examine - the story of a mail: what only claims to be ours is marked for removal, the letter is
 * read, plugins report facts, rules add theirs, and a decision is made of it and written as marks.
 *
 * Each step leaves the outcome valid for the case that the next one finds no memory or no time.
 *
 * Not a judge of its own: every decision here is a sum of weights that plugins and rules gave.
 */
#include "examine.h"

#include "clock.h"
#include "field.h"
#include "marks.h"
#include "strbuf.h"

#include <stdlib.h>

#define MOST_SUBSYSTEMS 12
#define REASONS_LONGEST 1000

/* What is sure without memory: nothing. */
static const pm_outcome nothing = {
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

typedef struct examination {
    const pm_snapshot *snapshot;
    pm_store *store;
    pm_message *message;
    pm_arena *arena;
    pm_slice queue_id;
    int64_t deadline_us;
    pm_facts *facts;
    pm_recall *recall; /* NULL past the memory for it */
    pm_outcome *outcome;
} examination;

static bool is_late(const examination *of)
{
    return pm_clock_us() >= of->deadline_us;
}

/* ---- Reading and asking ---- */

static bool read_letter(examination *of)
{
    pm_letter *letter = NULL;

    if (pm_letter_read(of->message, of->snapshot->paths, &letter) != PM_OK)
        of->outcome->partial = true;
    of->outcome->letter = letter;
    if (letter == NULL)
        return false;
    of->recall = pm_recall_new(of->store, letter, of->facts, of->deadline_us);
    return true;
}

static void ask_plugins(examination *of)
{
    for (size_t i = 0; i < of->snapshot->plugin_count; i++) {
        if (is_late(of)) {
            of->outcome->partial = true;
            return;
        }
        if (pm_plugin_scan(of->snapshot->plugins[i], of->outcome->letter, of->facts, of->recall,
                           of->deadline_us, of->queue_id) == PM_LIMIT)
            of->outcome->partial = true;
    }
}

static void apply_rules(examination *of)
{
    if (is_late(of) || pm_rules_run(of->snapshot->rules, of->outcome->letter, of->facts,
                                    of->deadline_us, &of->outcome->verdict) != PM_OK)
        of->outcome->partial = true;
}

/* ---- Adding up ---- */

typedef struct tally { /* all facts of one name and one value */
    pm_slice value;
    double weight;
    size_t first; /* index of the first of them: it breaks ties */
    double source_weight;
    pm_slice source; /* the heaviest fact's that has one */
} tally;

typedef struct tallies {
    tally items[PM_FACTS_MOST]; /* heaviest first */
    size_t count;
    double sum;
} tallies;

static int heavier_first(const void *a, const void *b)
{
    const tally *left = a, *right = b;

    if (left->weight != right->weight)
        return left->weight > right->weight ? -1 : 1;
    return left->first < right->first ? -1 : 1;
}

static tally *find_tally(tallies *in, const pm_found *found, size_t index)
{
    for (size_t i = 0; i < in->count; i++)
        if (pm_slice_equal(in->items[i].value, found->text))
            return &in->items[i];
    in->items[in->count] = (tally){.value = found->text, .first = index, .source = PM_EMPTY};
    return &in->items[in->count++];
}

/* Those found by except (NULL: by nobody) are left out. */
static void add_up(const pm_facts *facts, pm_slice name, const char *except, tallies *into)
{
    const pm_declared *declared = pm_vocabulary_find(facts->vocabulary, name);

    into->count = 0;
    into->sum = 0;
    for (size_t i = 0; i < facts->count; i++) {
        const pm_found *found = &facts->items[i];
        tally *of;

        if (declared == NULL || found->decl != declared->decl ||
            (except != NULL && strcmp(found->by, except) == 0))
            continue;
        of = find_tally(into, found, i);
        of->weight += found->weight;
        into->sum += found->weight;
        if (found->source.len > 0 && found->weight > of->source_weight) {
            of->source = found->source;
            of->source_weight = found->weight;
        }
    }
    qsort(into->items, into->count, sizeof(into->items[0]), heavier_first);
}

/* Why the facts called name have this value, joined by "; ", each reason once. */
static pm_slice join_reasons(const examination *of, pm_slice name, pm_slice value)
{
    const pm_declared *declared = pm_vocabulary_find(of->facts->vocabulary, name);
    pm_slice joined;
    pm_strbuf text;

    pm_strbuf_init(&text, REASONS_LONGEST);
    for (size_t i = 0; declared != NULL && i < of->facts->count; i++) {
        const pm_found *found = &of->facts->items[i];

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
    joined = pm_copy(of->arena, pm_strbuf_slice(&text));
    pm_strbuf_free(&text);
    if (joined.data == NULL) {
        of->outcome->partial = true;
        return PM_EMPTY;
    }
    return joined;
}

/* How clear a decision is: 1 when nothing speaks against it, 0.5 when as much does as for it. */
static double clarity(double weight, double rival)
{
    return weight / (weight + rival);
}

static double second_weight(const tallies *of)
{
    return of->count < 2 ? 0 : of->items[1].weight;
}

/* ---- Deciding ---- */

static void decide_project(examination *of, tallies *scratch)
{
    const pm_slice name = PM_LIT("project");
    pm_outcome *outcome = of->outcome;
    double weight, rival;

    add_up(of->facts, name, NULL, scratch);
    if (scratch->count == 0) {
        if (outcome->letter->kind != PM_KIND_OTHER)
            outcome->confidence *= 0.7;
        return;
    }
    outcome->project = scratch->items[0].value;
    outcome->project_why = join_reasons(of, name, outcome->project);
    weight = scratch->items[0].weight;
    rival = second_weight(scratch);

    /* What the plugin found for projects that it passed over. */
    add_up(of->facts, PM_LIT("project.other"), NULL, scratch);
    for (size_t i = 0; i < scratch->count; i++)
        if (scratch->items[i].weight > rival &&
            !pm_slice_equal(scratch->items[i].value, outcome->project))
            rival = scratch->items[i].weight;
    outcome->confidence *= 0.4 + 0.6 * clarity(weight, rival);
}

static void decide_subsystems(examination *of, tallies *scratch)
{
    const pm_slice name = PM_LIT("subsystem");
    pm_outcome *outcome = of->outcome;
    size_t count;

    add_up(of->facts, name, NULL, scratch);
    count = scratch->count < MOST_SUBSYSTEMS ? scratch->count : MOST_SUBSYSTEMS;
    outcome->subsystems = pm_alloc_array(of->arena, count, sizeof(*outcome->subsystems));
    if (outcome->subsystems == NULL) {
        outcome->partial = true;
        return;
    }
    for (size_t i = 0; i < count; i++)
        outcome->subsystems[i] = (pm_ranked){
            .name = scratch->items[i].value,
            .weight = scratch->items[i].weight / scratch->sum,
            .section = scratch->items[i].source,
            .why = join_reasons(of, name, scratch->items[i].value),
        };
    outcome->subsystem_count = count;
}

/* The inbox a rule asked for, else the foremost subsystem's; a series for two subsystems is no
 * doubt about what it is, so it costs little confidence. */
static void decide_inbox(examination *of, tallies *scratch)
{
    const pm_slice name = PM_LIT("inbox");
    pm_outcome *outcome = of->outcome;
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
    add_up(of->facts, name, NULL, scratch);
    if (scratch->count > 0) {
        slug = scratch->items[0].value;
        outcome->inbox_why = join_reasons(of, name, slug);
        doubt = 0;
    }
    outcome->confidence *= 1 - doubt;

    inbox = outcome->project.len == 0
                ? slug
                : pm_print(of->arena, "%.*s.%.*s", PM_FMT(slug), PM_FMT(outcome->project));
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

static void decide_tags(examination *of)
{
    const pm_field *of_letter = pm_field_find(PM_LIT("tag"));
    pm_outcome *outcome = of->outcome;
    const pm_found *found;
    unsigned count = 0;
    pm_slice tag;

    while (of_letter->text(outcome->letter, count, &tag) == PM_OK)
        count++;
    outcome->tags = pm_alloc_array(of->arena, count + of->facts->count, sizeof(*outcome->tags));
    if (outcome->tags == NULL) {
        outcome->partial = true;
        return;
    }
    for (unsigned nth = 0; of_letter->text(outcome->letter, nth, &tag) == PM_OK; nth++)
        add_tag(outcome, tag);
    for (unsigned nth = 0; (found = pm_facts_nth(of->facts, PM_LIT("tag"), nth)) != NULL; nth++)
        add_tag(outcome, found->text);
}

/* What the revision plugin says of it, else what the subject says. */
static int64_t number_or(const pm_facts *facts, pm_slice name, int64_t otherwise)
{
    const pm_found *found = pm_facts_nth(facts, name, 0);

    return found == NULL || found->number < 0 || found->number > INT32_MAX ? otherwise
                                                                           : found->number;
}

static void decide_revision(examination *of)
{
    const pm_letter *letter = of->outcome->letter;
    pm_outcome *outcome = of->outcome;

    if (letter->kind != PM_KIND_COVER && letter->kind != PM_KIND_PATCH)
        return;
    outcome->revision =
        (unsigned)number_or(of->facts, PM_LIT("revision"), letter->subject.revision);
    outcome->reroll = outcome->revision == letter->subject.revision ? letter->subject.reroll : 0;
    outcome->part = (int)number_or(of->facts, PM_LIT("part"), letter->subject.part);
    outcome->total = (int)number_or(of->facts, PM_LIT("total"), letter->subject.total);
    if (pm_facts_nth(of->facts, PM_LIT("revision.conflict"), 0) != NULL)
        outcome->confidence *= 0.7;
}

/* The topmost message of the thread that the letter names. */
static pm_slice thread_root(const pm_letter *letter)
{
    return letter->reference_count > 0 ? letter->references[0] : letter->in_reply_to;
}

/* A series is called after its root: its cover, or its only patch. The plugin thread knows more of
 * it, for the letter alone cannot tell when a whole thread hangs below another one. */
static void decide_series(examination *of)
{
    const pm_letter *letter = of->outcome->letter;
    const pm_slice root = thread_root(letter);
    const pm_found *found = pm_facts_nth(of->facts, PM_LIT("series"), 0);
    pm_slice series = PM_EMPTY;

    if (found != NULL) {
        of->outcome->series = found->text;
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
        of->outcome->series = series;
}

/* The predecessor with the most evidence, and the beginning of the chain it belongs to. */
static void decide_chain(examination *of)
{
    pm_outcome *outcome = of->outcome;
    const pm_found *found, *best = NULL;

    for (unsigned nth = 0; (found = pm_facts_nth(of->facts, PM_LIT("supersedes"), nth)) != NULL;
         nth++)
        if (best == NULL || found->weight > best->weight)
            best = found;
    if (best != NULL) {
        outcome->supersedes = best->text;
        outcome->supersedes_why = best->reason;
    }
    if (of->recall == NULL || outcome->series.len == 0 ||
        pm_recall_chain(of->recall, best == NULL ? outcome->series : best->text, &outcome->chain) !=
            PM_OK)
        outcome->chain = PM_EMPTY;
}

/* For the letters that will follow: what this one says by itself. What it inherits is in the memory
 * already, and would make the order of arrival show; whoever said which series it is inherited it.
 */
static void remember(examination *of, tallies *scratch)
{
    const pm_found *series = pm_facts_nth(of->facts, PM_LIT("series"), 0);
    const char *inherits = series == NULL ? NULL : series->by;
    pm_outcome *outcome = of->outcome;
    pm_slice *names = pm_alloc_array(of->arena, MOST_SUBSYSTEMS, sizeof(*names));
    pm_decided decided = {
        .series = outcome->series, .project = PM_EMPTY, .inbox = PM_EMPTY, .subsystems = names};

    if (of->recall == NULL || names == NULL) {
        outcome->partial = true;
        return;
    }
    add_up(of->facts, PM_LIT("project"), inherits, scratch);
    if (scratch->count > 0)
        decided.project = scratch->items[0].value;
    add_up(of->facts, PM_LIT("subsystem"), inherits, scratch);
    while (decided.subsystem_count < scratch->count && decided.subsystem_count < MOST_SUBSYSTEMS) {
        names[decided.subsystem_count] = scratch->items[decided.subsystem_count].value;
        decided.subsystem_count++;
    }
    if (decided.subsystem_count > 0)
        decided.inbox = names[0];
    add_up(of->facts, PM_LIT("inbox"), inherits, scratch);
    if (scratch->count > 0)
        decided.inbox = scratch->items[0].value;
    if (pm_recall_remember(of->recall, &decided) == PM_LIMIT)
        outcome->partial = true;
    outcome->memory_failed = pm_recall_failed(of->recall);
}

static void decide_and_remember(examination *of)
{
    tallies scratch;

    of->outcome->confidence = of->outcome->letter->confidence;
    decide_project(of, &scratch);
    decide_subsystems(of, &scratch);
    decide_inbox(of, &scratch);
    decide_tags(of);
    decide_revision(of);
    decide_series(of);
    decide_chain(of);
    remember(of, &scratch);
}

/* ---- The story ---- */

const pm_outcome *pm_examine(const pm_snapshot *snapshot, pm_store *store, pm_message *message,
                             pm_slice queue_id)
{
    const int64_t began = pm_clock_us();
    pm_arena *arena = pm_message_arena(message);
    pm_outcome *outcome = pm_alloc(arena, sizeof(*outcome));
    pm_facts *facts = pm_alloc(arena, sizeof(*facts));
    examination of = {.snapshot = snapshot,
                      .store = store,
                      .message = message,
                      .arena = arena,
                      .queue_id = queue_id,
                      .deadline_us = began + snapshot->config.message_time_us,
                      .facts = facts,
                      .outcome = outcome};

    if (outcome == NULL || facts == NULL)
        return &nothing;
    *outcome = nothing;
    outcome->partial = pm_message_cut(message);
    pm_facts_init(facts, arena, snapshot->vocabulary);
    outcome->facts = facts;

    /* Before anything that could use up the memory: a forged field does more harm than a missing
     * one. */
    if (pm_marks_remove(message, snapshot->config.field_prefix, outcome) != PM_OK)
        outcome->partial = true;

    if (read_letter(&of)) {
        ask_plugins(&of);
        apply_rules(&of);
        decide_and_remember(&of);
    }
    if (pm_marks_add(arena, &snapshot->config, outcome) != PM_OK)
        outcome->partial = true;
    outcome->took_us = pm_clock_us() - began;
    return outcome;
}
