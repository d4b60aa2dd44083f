/* SPDX-License-Identifier: BSD-2-Clause */
/* decision - how one message was marked, and what was said for it; see decision.h. */
#include "decision.h"

#include "difference.h"
#include "tally.h"

static const char *const labels[PM_LABELS] = {
    [PM_LABEL_PROJECT] = "project",
    [PM_LABEL_INBOX] = "inbox",
    [PM_LABEL_SUBSYSTEM] = "subsystem",
};

const char *pm_label_name(pm_label label)
{
    return labels[label];
}

static bool same_subsystems(const pm_marked *one, const pm_marked *other)
{
    if (one->subsystem_count != other->subsystem_count)
        return false;
    for (size_t i = 0; i < one->subsystem_count; i++)
        if (!pm_slice_equal(one->subsystems[i], other->subsystems[i]))
            return false;
    return true;
}

unsigned pm_marked_difference(const pm_marked *one, const pm_marked *other)
{
    const struct {
        pm_aspect aspect;
        pm_slice one, other;
    } texts[] = {
        {PM_ASPECT_INBOX, one->inbox, other->inbox},
        {PM_ASPECT_PROJECT, one->project, other->project},
        {PM_ASPECT_SERIES, one->series, other->series},
        {PM_ASPECT_CHAIN, one->chain, other->chain},
        {PM_ASPECT_SUPERSEDES, one->supersedes, other->supersedes},
    };
    unsigned difference = same_subsystems(one, other) ? 0 : 1u << PM_ASPECT_SUBSYSTEMS;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (!pm_slice_equal(texts[i].one, texts[i].other))
            difference |= 1u << texts[i].aspect;
    return difference;
}

/* ---- What it is about ---- */

bool pm_decision_is(const pm_decision *decision, pm_kind kind)
{
    return pm_slice_equal(decision->kind, pm_slice_of(pm_kind_name(kind)));
}

pm_role pm_decision_role(const pm_decision *decision)
{
    const bool is_alone =
        decision->total <= 1 && pm_slice_equal(decision->marked.series, decision->message_id);

    if (pm_decision_is(decision, PM_KIND_COVER) || pm_decision_is(decision, PM_KIND_PULL))
        return PM_ROLE_ROOT;
    if (pm_decision_is(decision, PM_KIND_PATCH))
        return is_alone ? PM_ROLE_ROOT : PM_ROLE_PART;
    return PM_ROLE_REPLY;
}

/* ---- Of an outcome ---- */

/* What was said for the label by anybody but the heir. */
static pm_status read_own(const pm_facts *facts, pm_label label, const char *heir, pm_words *words)
{
    pm_tallies tallies;
    pm_word *own;
    size_t count;

    pm_tally_up(facts, pm_slice_of(labels[label]), heir, &tallies);
    count = tallies.count < PM_DECISION_MOST ? tallies.count : PM_DECISION_MOST;
    own = pm_alloc_array(facts->arena, count, sizeof(*own));
    if (own == NULL)
        return PM_LIMIT;
    for (size_t i = 0; i < count; i++)
        own[i] = (pm_word){tallies.items[i].value, tallies.items[i].weight};
    words->own = own;
    words->own_count = count;
    return PM_OK;
}

static void add_once(pm_slice *names, size_t *count, pm_slice name)
{
    for (size_t i = 0; i < *count; i++)
        if (pm_slice_equal(names[i], name))
            return;
    if (*count < PM_DECISION_MOST)
        names[(*count)++] = name;
}

/* Those who said value of the label; empty: who said anything of it. */
static void add_speakers(const pm_facts *facts, pm_label label, pm_slice value, pm_slice *names,
                         size_t *count)
{
    const pm_slice name = pm_slice_of(labels[label]);
    const pm_found *found;

    for (unsigned nth = 0; (found = pm_facts_nth(facts, name, nth)) != NULL; nth++)
        if (value.len == 0 || pm_slice_equal(found->text, value))
            add_once(names, count, pm_slice_of(found->by));
}

/* "cog" of "cog.widget" */
static pm_slice slug_of(const pm_outcome *outcome)
{
    const size_t project = outcome->project.len;

    return pm_slice_cut(outcome->inbox, 0, outcome->inbox.len - (project > 0 ? project + 1 : 0));
}

static pm_status read_speakers(const pm_outcome *outcome, pm_label label, pm_words *words)
{
    const pm_facts *facts = outcome->facts;
    pm_slice *names = pm_alloc_array(facts->arena, PM_DECISION_MOST, sizeof(*names));
    size_t count = 0;

    if (names == NULL)
        return PM_LIMIT;
    switch (label) {
    case PM_LABEL_PROJECT:
        if (outcome->project.len > 0)
            add_speakers(facts, label, outcome->project, names, &count);
        break;
    case PM_LABEL_INBOX:
        add_speakers(facts, label, slug_of(outcome), names, &count);
        if (count == 0) /* then it is the foremost subsystem's */
            add_speakers(facts, PM_LABEL_SUBSYSTEM, slug_of(outcome), names, &count);
        break;
    case PM_LABEL_SUBSYSTEM:
        add_speakers(facts, label, PM_EMPTY, names, &count);
        break;
    case PM_LABELS:
        break;
    }
    words->by = names;
    words->by_count = count;
    return PM_OK;
}

static pm_status read_marked(const pm_outcome *outcome, pm_marked *marked)
{
    pm_slice *names =
        pm_alloc_array(outcome->facts->arena, outcome->subsystem_count, sizeof(*names));

    if (names == NULL)
        return PM_LIMIT;
    for (size_t i = 0; i < outcome->subsystem_count; i++)
        names[i] = outcome->subsystems[i].name;
    *marked = (pm_marked){.series = outcome->series,
                          .project = outcome->project,
                          .inbox = outcome->inbox,
                          .supersedes = outcome->supersedes,
                          .chain = outcome->chain,
                          .subsystems = names,
                          .subsystem_count = outcome->subsystem_count};
    return PM_OK;
}

pm_status pm_decision_read(const pm_outcome *outcome, pm_slice queue_id, int64_t time,
                           pm_decision *decision_out)
{
    const pm_letter *letter = outcome->letter;
    const pm_found *series;
    const char *heir;

    if (letter == NULL || outcome->series.len == 0 || letter->message_id.len == 0)
        return PM_ABSENT;
    series = pm_facts_nth(outcome->facts, PM_LIT("series"), 0);
    heir = series == NULL ? NULL : series->by;
    *decision_out = (pm_decision){
        .time = time,
        .queue_id = queue_id,
        .message_id = letter->message_id,
        .kind = pm_slice_of(pm_kind_name(letter->kind)),
        .revision = outcome->revision,
        .part = outcome->part,
        .total = outcome->total,
        .delivered = !outcome->verdict.discard && !outcome->verdict.reject,
        .heir = heir == NULL ? PM_EMPTY : pm_slice_of(heir),
    };
    if (read_marked(outcome, &decision_out->marked) != PM_OK)
        return PM_LIMIT;
    for (pm_label label = 0; label < PM_LABELS; label++)
        if (read_own(outcome->facts, label, heir, &decision_out->words[label]) != PM_OK ||
            read_speakers(outcome, label, &decision_out->words[label]) != PM_OK)
            return PM_LIMIT;
    return PM_OK;
}
