/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * recall - one letter meets the memory of series; see recall.h. Here both come together: what the
 * letter says of its series, and what is known of it.
 *
 * What it says: recall_said.c. What the store knows: recall_known.c, once it is the letter's turn
 * (recall_turn.c). What plugins note: recall_notes.c. What is kept of it: recall_remember.c.
 */
#include "recall_inside.h"

pm_recall *pm_recall_new(pm_store *store, const pm_letter *letter, const pm_facts *facts,
                         int64_t deadline_us)
{
    pm_arena *arena = pm_message_arena(letter->message);
    pm_recall *recall = pm_alloc(arena, sizeof(*recall));

    if (recall == NULL)
        return NULL;
    *recall = (pm_recall){.store = store,
                          .letter = letter,
                          .facts = facts,
                          .arena = arena,
                          .deadline_us = deadline_us,
                          .series = pm_table_new(arena),
                          .references = pm_table_new(arena),
                          .notes = pm_table_new(arena)};
    return recall->series == NULL || recall->references == NULL || recall->notes == NULL ? NULL
                                                                                         : recall;
}

/* ---- What its parts share ---- */

bool pm_recall_can_ask(const pm_recall *recall)
{
    return recall->store != NULL && !recall->failed;
}

pm_status pm_recall_heard(pm_recall *recall, pm_status status)
{
    if (status == PM_LATER || status == PM_FAULT)
        recall->failed = true;
    return status == PM_FAULT ? PM_LATER : status;
}

bool pm_recall_is_id(pm_slice id)
{
    for (size_t i = 0; i < id.len; i++)
        if ((unsigned char)id.data[i] >= 127)
            return false;
    return pm_memory_is_id(id);
}

size_t pm_recall_find_joins(const pm_recall *recall, pm_slice id,
                            pm_slice joins[PM_RECALL_MOST_JOINS])
{
    const pm_slice message_id = recall->letter->message_id;
    const pm_found *found;
    size_t count = 0;

    if (pm_recall_is_id(message_id) && !pm_slice_equal(message_id, id))
        joins[count++] = message_id;
    for (unsigned nth = 0; count < PM_RECALL_MOST_JOINS; nth++) {
        found = pm_facts_nth(recall->facts, PM_LIT("series.joins"), nth);
        if (found == NULL)
            break;
        if (pm_recall_is_id(found->text) && !pm_slice_equal(found->text, id))
            joins[count++] = found->text;
    }
    return count;
}

/* ---- What the letter says and what is known, together ---- */

static pm_status add_known(const pm_recall *recall, const pm_series *known, pm_known *own)
{
    const pm_known other = pm_memory_known(known);

    return pm_memory_merge(recall->arena, own, &other, own);
}

/* What it supersedes is said of one series, and never merged. */
static void take_link(pm_series *own, const pm_series *known)
{
    own->supersedes = known->supersedes;
    own->supersedes_why = known->supersedes_why;
    own->supersedes_weight = known->supersedes_weight;
    own->flags = (own->flags & ~(uint32_t)PM_SERIES_PINNED) | (known->flags & PM_SERIES_PINNED);
}

/* What is known of its series, the letter's own word added; a reply has none. The store merges in
 * the same way once the letter is remembered. */
static pm_status make_own(pm_recall *recall, pm_slice id)
{
    pm_slice joins[PM_RECALL_MOST_JOINS];
    const size_t count = pm_recall_find_joins(recall, id, joins);
    const pm_series *known, *joined;
    pm_known own;
    pm_status status = PM_OK;

    recall->said.id = id;
    recall->joins = false;
    if (pm_recall_series(recall, id, &known) != PM_OK)
        known = &recall->said;
    own = pm_memory_known(pm_recall_is_reply(recall) ? known : &recall->said);
    status = add_known(recall, known, &own);
    for (size_t i = 0; status == PM_OK && i < count; i++)
        if (pm_recall_series(recall, joins[i], &joined) == PM_OK &&
            (joined->flags & PM_SERIES_ROOT) == 0) {
            recall->joins = true;
            status = add_known(recall, joined, &own);
        }
    if (status != PM_OK)
        return status;
    recall->own = own.series;
    recall->own.id = id;
    take_link(&recall->own, known);
    recall->own_made = true;
    return PM_OK;
}

/* Does the letter leave what its series is found and linked by as it is? Lists only grow, so that
 * their lengths tell. What the plugin revision looks at before it searches (predecessor.c), seen
 * from this side of the ABI. */
static bool adds_nothing(const pm_recall *recall)
{
    const pm_series *own = &recall->own, *known;
    const pm_remembered_series *asked = pm_table_get(recall->series, own->id);

    if (asked == NULL || asked->status != PM_OK || recall->joins)
        return false;
    known = &asked->known.series;
    return own->flags == known->flags && own->revision == known->revision &&
           own->reroll == known->reroll && own->date == known->date &&
           own->title_count == known->title_count && own->path_count == known->path_count &&
           own->claim_count == known->claim_count && pm_slice_equal(own->title, known->title) &&
           pm_slice_equal(own->author, known->author) &&
           pm_slice_equal(own->author_name, known->author_name) &&
           pm_slice_equal(own->change_id, known->change_id);
}

pm_status pm_recall_own(pm_recall *recall, const pm_series **series_out)
{
    const pm_found *fact = pm_facts_nth(recall->facts, PM_LIT("series"), 0);

    if (pm_recall_make_said(recall) != PM_OK)
        return PM_LIMIT;
    *series_out = &recall->said;
    if (fact == NULL)
        return PM_OK;
    if (!recall->own_made && make_own(recall, fact->text) != PM_OK)
        return PM_LIMIT;
    if (recall->has_turn && !recall->adds && adds_nothing(recall))
        pm_turn_adds_nothing(pm_store_turns(recall->store), &recall->turn);
    else if (pm_recall_wait_for_author(recall) && make_own(recall, fact->text) != PM_OK)
        return PM_LIMIT;
    *series_out = &recall->own;
    return PM_OK;
}

/* ---- How it went ---- */

bool pm_recall_failed(const pm_recall *recall)
{
    return recall->failed;
}

int64_t pm_recall_waited_us(const pm_recall *recall)
{
    return recall->waited_us;
}

bool pm_recall_moves(const pm_recall *recall)
{
    return recall->moves;
}
