/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * recall_known - what the store knows, as plugins ask for it: each question is asked of it once,
 * for every plugin asks for the letter's series and for what it answers.
 *
 * Not what plugins note for themselves; recall_notes.c has that.
 */
#include "recall_inside.h"

/* ---- Messages and series, by their ids ---- */

/* Put what is known of an id under a copy of it: who asked may not keep it as long. */
static pm_status keep(pm_recall *recall, pm_table *table, pm_slice id, void *answer)
{
    pm_slice key = pm_copy(recall->arena, id);

    return key.data == NULL ? PM_LIMIT : pm_table_put(table, key, answer);
}

static pm_status ask_reference(pm_recall *recall, pm_slice id, pm_remembered_reference **out)
{
    pm_remembered_reference *asked = pm_alloc(recall->arena, sizeof(*asked));

    if (asked == NULL)
        return PM_LIMIT;
    asked->status = pm_recall_heard(recall, pm_store_reference(recall->store, recall->arena, id,
                                                               recall->deadline_us, &asked->series,
                                                               &asked->part));
    *out = asked;
    if (asked->status != PM_OK && asked->status != PM_ABSENT)
        return asked->status;
    return keep(recall, recall->references, id, asked);
}

pm_status pm_recall_reference(pm_recall *recall, pm_slice message_id, pm_slice *series_out,
                              int32_t *part_out)
{
    pm_remembered_reference *known;
    pm_status status;

    if (!pm_recall_can_ask(recall) || !pm_recall_is_id(message_id))
        return recall->failed ? PM_LATER : PM_ABSENT;
    known = pm_table_get(recall->references, message_id);
    if (known == NULL) {
        status = ask_reference(recall, message_id, &known);
        if (status != PM_OK)
            return status;
    }
    if (known->status != PM_OK)
        return known->status; /* what the caller has there stays */
    *series_out = known->series;
    if (part_out != NULL)
        *part_out = known->part;
    return PM_OK;
}

static pm_status ask_series(pm_recall *recall, pm_slice id, pm_remembered_series **out)
{
    pm_remembered_series *asked = pm_alloc(recall->arena, sizeof(*asked));

    if (asked == NULL)
        return PM_LIMIT;
    asked->status = pm_recall_heard(recall, pm_store_known(recall->store, recall->arena, id,
                                                           recall->deadline_us, &asked->known));
    *out = asked;
    if (asked->status != PM_OK && asked->status != PM_ABSENT)
        return asked->status;
    return keep(recall, recall->series, id, asked);
}

/* What the store has said of a series, if it was asked and that still holds. */
static pm_remembered_series *heard_of(const pm_recall *recall, pm_slice id)
{
    pm_remembered_series *known = pm_table_get(recall->series, id);

    return known == NULL || known->relinked ? NULL : known;
}

pm_status pm_recall_series(pm_recall *recall, pm_slice id, const pm_series **series_out)
{
    pm_remembered_series *known;
    pm_status status;

    if (!pm_recall_can_ask(recall) || !pm_recall_is_id(id))
        return recall->failed ? PM_LATER : PM_ABSENT;
    known = heard_of(recall, id);
    if (known == NULL) {
        status = ask_series(recall, id, &known);
        if (status != PM_OK)
            return status;
    }
    *series_out = &known->known.series;
    return known->known.series.rank == PM_NOBODY ? PM_ABSENT : known->status;
}

/* ---- Series, by what they can be found by ---- */

static pm_slice as_key(const pm_recall *recall, pm_series_key key, pm_slice value)
{
    value = pm_recall_clean(recall->arena, value);
    switch (key) {
    case PM_KEY_AUTHOR:
        return pm_recall_lower(recall->arena, value);
    case PM_KEY_AUTHOR_NAME:
    case PM_KEY_TITLE:
        value = pm_memory_normal(recall->arena, value);
        return value.data == NULL ? PM_EMPTY : value;
    case PM_KEY_CHANGE_ID:
    case PM_KEY_SUPERSEDES:
        break;
    }
    return value;
}

pm_status pm_recall_find(pm_recall *recall, pm_series_key key, pm_slice value, unsigned nth,
                         const pm_series **series_out)
{
    pm_finding *found;
    pm_status status;

    if (!pm_recall_can_ask(recall))
        return recall->failed ? PM_LATER : PM_ABSENT;
    value = as_key(recall, key, value);
    if (value.len == 0)
        return PM_ABSENT;
    (void)pm_recall_wait_for_author(recall); /* it takes back the findings that hold no more */
    found = recall->findings;
    while (found != NULL && (found->key != key || !pm_slice_equal(found->value, value)))
        found = found->next;
    if (found == NULL) {
        found = pm_alloc(recall->arena, sizeof(*found));
        if (found == NULL)
            return PM_LIMIT;
        *found = (pm_finding){.key = key, .value = value, .next = recall->findings};
        status = pm_recall_heard(recall, pm_store_find(recall->store, recall->arena, key, value,
                                                       PM_STORE_FIND_MOST, recall->deadline_us,
                                                       &found->series, &found->count));
        if (status != PM_OK)
            return status;
        recall->findings = found;
    }
    if (nth >= found->count)
        return PM_ABSENT;
    *series_out = &found->series[nth];
    return PM_OK;
}

/* ---- Which series follows which ---- */

pm_status pm_recall_supersede(pm_recall *recall, pm_slice series, pm_slice predecessor,
                              double weight, pm_slice why)
{
    const pm_link link = {series, predecessor, pm_recall_clean(recall->arena, why), weight, false};
    pm_remembered_series *known;

    if (!pm_recall_can_ask(recall) || !pm_recall_is_id(series) ||
        (predecessor.len > 0 && !pm_recall_is_id(predecessor)))
        return recall->failed ? PM_LATER : PM_ABSENT;
    known = heard_of(recall, series);
    if (known != NULL)
        known->relinked = true;
    recall->moves = true;
    return pm_recall_heard(recall, pm_store_link(recall->store, &link, recall->deadline_us));
}

pm_status pm_recall_chain(pm_recall *recall, pm_slice id, pm_slice *chain_out)
{
    const pm_remembered_series *known;

    if (!pm_recall_can_ask(recall) || !pm_recall_is_id(id))
        return recall->failed ? PM_LATER : PM_ABSENT;
    known = heard_of(recall, id);
    if (known != NULL && known->status == PM_OK && known->known.series.supersedes.len == 0) {
        *chain_out = id;
        return PM_OK;
    }
    return pm_recall_heard(
        recall, pm_store_chain(recall->store, recall->arena, id, recall->deadline_us, chain_out));
}

/* ---- Paths that were seen before ---- */

pm_status pm_recall_paths(pm_recall *recall, pm_slice project, pm_slice tail, pm_slice **paths_out,
                          size_t *count_out)
{
    if (!pm_recall_can_ask(recall))
        return recall->failed ? PM_LATER : PM_ABSENT;
    /* What is remembered of the letter is what it says by itself: whoever came first would show. */
    if (pm_recall_make_said(recall) != PM_OK)
        return PM_LIMIT;
    return pm_recall_heard(recall, pm_store_paths(recall->store, recall->arena, project, tail,
                                                  recall->deadline_us, paths_out, count_out));
}
