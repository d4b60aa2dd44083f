/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * recall_turn - a letter waits for those that came before it and may be about the same series, so
 * that it meets the memory as they leave it.
 *
 * Not who goes first; see milter/store/turn.h.
 */
#include "recall_inside.h"

#include "clock.h"

#define TURN_SHARE 4 /* of the time that is left, one part may be spent waiting */

void pm_recall_take_turn(pm_recall *recall)
{
    const pm_letter *letter = recall->letter;
    const int64_t now = pm_clock_us();
    pm_turn *turn = &recall->turn;

    if (recall->store == NULL || letter->message_id.len == 0)
        return;
    pm_turn_of(turn, letter->message_id);
    if (!pm_recall_is_reply(recall))
        pm_turn_is_by(turn, pm_recall_lower(recall->arena, letter->author.address),
                      pm_memory_normal(recall->arena, letter->author.name));
    pm_turn_answers(turn, letter->in_reply_to);
    for (size_t i = letter->reference_count; i > 0; i--)
        pm_turn_answers(turn, letter->references[i - 1]);
    recall->turn_until_us = now + (recall->deadline_us - now) / TURN_SHARE;
    pm_turn_take(pm_store_turns(recall->store), turn, recall->turn_until_us);
    recall->has_turn = true;
}

void pm_recall_end_turn(pm_recall *recall)
{
    if (recall->has_turn)
        pm_turn_end(pm_store_turns(recall->store), &recall->turn);
    recall->has_turn = false;
}

/* What was heard of the store holds no more: others have written meanwhile. */
static void hear_anew(pm_recall *recall)
{
    pm_table *series = pm_table_new(recall->arena), *references = pm_table_new(recall->arena);

    if (series == NULL || references == NULL)
        return; /* past the budget: then with what was heard */
    recall->series = series;
    recall->references = references;
    recall->findings = NULL;
}

bool pm_recall_wait_for_author(pm_recall *recall)
{
    bool missed_one;
    int64_t began_us;

    if (!recall->has_turn || recall->adds)
        return false;
    recall->adds = true;
    began_us = pm_clock_us();
    missed_one = pm_turn_adds(pm_store_turns(recall->store), &recall->turn, recall->turn_until_us);
    recall->waited_us += pm_clock_us() - began_us;
    if (missed_one)
        hear_anew(recall);
    return missed_one;
}
