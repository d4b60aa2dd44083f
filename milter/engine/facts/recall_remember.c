/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * recall_remember - what is remembered of a letter once it is decided: the letter, its series, the
 * paths it writes out, and what was noted. What is there already is not written again.
 */
#include "recall_inside.h"

/* What the letter writes out. PM_LIMIT past the budget. */
static pm_status find_whole_paths(const pm_recall *recall, pm_paths_seen *seen)
{
    const pm_diffstat *diffstat = &recall->letter->diffstat;
    pm_slice *paths = pm_alloc_array(recall->arena, PM_SERIES_MOST_PATHS, sizeof(*paths));

    if (paths == NULL)
        return PM_LIMIT;
    seen->paths = paths;
    for (size_t i = 0; i < diffstat->count && seen->count < PM_SERIES_MOST_PATHS; i++)
        if (diffstat->paths[i].how == PM_PATH_WHOLE)
            paths[seen->count++] = diffstat->paths[i].path;
    return PM_OK;
}

static bool is_filed(pm_recall *recall, const pm_memo *memo)
{
    pm_slice series;
    int32_t part;

    return pm_recall_reference(recall, memo->message_id, &series, &part) == PM_OK &&
           part == memo->part && pm_slice_equal(series, memo->series.id);
}

/* What the memory will have of the series: false when that is not known. */
static bool merge_in(const pm_recall *recall, const pm_memo *memo, const pm_known **before_out,
                     pm_known *after_out)
{
    const pm_remembered_series *asked = pm_table_get(recall->series, memo->series.id);
    const pm_known said = pm_memory_known(&memo->series);

    if (asked == NULL || asked->status != PM_OK)
        return false;
    *before_out = &asked->known;
    *after_out = asked->known;
    if (!memo->answers)
        return pm_memory_merge(recall->arena, &asked->known, &said, after_out) == PM_OK;
    if (after_out->series.last_seen < memo->series.last_seen)
        after_out->series.last_seen = memo->series.last_seen;
    return true;
}

/* A series whose root has come is never joined to another one. */
static bool is_joined(pm_recall *recall, pm_slice id)
{
    const pm_series *ignored;
    pm_status status = pm_recall_series(recall, id, &ignored);
    const pm_remembered_series *asked = pm_table_get(recall->series, id);

    if (status != PM_OK && status != PM_ABSENT)
        return false;
    return asked != NULL &&
           (asked->status == PM_ABSENT || (asked->known.series.flags & PM_SERIES_ROOT) != 0);
}

static bool are_joined(pm_recall *recall, const pm_memo *memo)
{
    for (size_t i = 0; i < memo->join_count; i++)
        if (!is_joined(recall, memo->joins[i]))
            return false;
    return true;
}

/* What becomes of the memory with the letter. */
typedef enum change {
    CHANGE_NONE,  /* it has been here before */
    CHANGE_ADDS,  /* what others find of its series stays as it is */
    CHANGE_MOVES, /* what they inherit of it does not */
} change;

/* Mail comes once for each list it was sent to, and what changes nothing need not wait for a
 * commit. */
static change find_change(pm_recall *recall, const pm_memo *memo)
{
    const pm_known *before;
    pm_known after;
    bool same;

    if (!merge_in(recall, memo, &before, &after))
        return CHANGE_MOVES;
    same = pm_memory_same(before, &after) && is_filed(recall, memo);
    if (memo->answers) /* it moves nothing: what it may join is asked for only if need be */
        return same && are_joined(recall, memo) ? CHANGE_NONE : CHANGE_ADDS;
    if (!are_joined(recall, memo) || !pm_memory_same_labels(before, &after))
        return CHANGE_MOVES;
    return same ? CHANGE_NONE : CHANGE_ADDS;
}

/* The letter itself, when somebody has said which series it is. */
static pm_status remember_letter(pm_recall *recall, const pm_decided *decided)
{
    const pm_letter *letter = recall->letter;
    pm_slice joins[PM_RECALL_MOST_JOINS];
    change becomes;
    pm_memo memo;

    if (!pm_recall_is_id(decided->series) || !pm_recall_is_id(letter->message_id))
        return PM_OK;
    if (pm_recall_make_said(recall) != PM_OK)
        return PM_LIMIT;
    memo = (pm_memo){.message_id = letter->message_id,
                     .part = pm_recall_is_reply(recall) ? -1 : pm_recall_rank(recall),
                     .author = recall->said.author,
                     .answers = pm_recall_is_reply(recall),
                     .series = recall->said,
                     .paths = {.project = decided->paths_project, .seen = letter->date},
                     .joins = joins,
                     .join_count = pm_recall_find_joins(recall, decided->series, joins)};
    memo.series.id = decided->series;
    memo.series.project = decided->project;
    memo.series.inbox = decided->inbox;
    memo.series.subsystems = decided->subsystems;
    memo.series.subsystem_count = decided->subsystem_count;
    becomes = find_change(recall, &memo);
    recall->moves |= becomes == CHANGE_MOVES;
    if (becomes == CHANGE_NONE)
        return PM_OK;
    if (!memo.answers && find_whole_paths(recall, &memo.paths) != PM_OK)
        return PM_LIMIT;
    return pm_recall_heard(recall, pm_store_remember(recall->store, &memo, recall->deadline_us));
}

/* When the store did not answer, where a letter belongs is a guess that would stay wrong; but a
 * cover begins its series whatever else there is. The store keeps what is told it until it is back.
 */
static bool can_tell(const pm_recall *recall, const pm_decided *decided)
{
    return pm_recall_can_ask(recall) ||
           (recall->store != NULL && pm_recall_rank(recall) == 0 &&
            pm_slice_equal(decided->series, recall->letter->message_id));
}

pm_status pm_recall_remember(pm_recall *recall, const pm_decided *decided)
{
    pm_status status;

    if (!can_tell(recall, decided))
        return recall->failed ? PM_LATER : PM_OK;
    status = remember_letter(recall, decided);
    if (!recall->noting || !pm_recall_can_ask(recall))
        return status;
    return pm_recall_write_notes(recall) == PM_LIMIT ? PM_LIMIT : status;
}
