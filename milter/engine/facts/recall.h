/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * recall - the memory of series as one letter meets it: what plugins may ask while it is examined,
 * and what is remembered of it afterwards.
 *
 * Every answer is within the message's time; without a store, or past it, the answer is "not
 * known", and the marks that need no memory still go on.
 *
 * Not the memory itself: milter/store is.
 */
#ifndef PM_RECALL_H
#define PM_RECALL_H

#include "facts.h"
#include "letter.h"
#include "store.h"

typedef struct pm_recall pm_recall; /* of one letter; in the message's arena */

/* store NULL: there is no memory, every answer is PM_ABSENT. NULL past the arena's budget. */
pm_recall *pm_recall_new(pm_store *store, const pm_letter *letter, const pm_facts *facts,
                         int64_t deadline_us) __attribute__((warn_unused_result));

/* Before anything is asked: wait for the letters that came before this one and may be about the
 * same series, a quarter of the message's time at the longest; and let those that come behind go
 * on, once it is remembered. Who takes a turn ends it, whatever happened in between. */
void pm_recall_take_turn(pm_recall *recall);
void pm_recall_end_turn(pm_recall *recall);

/* The members of pm_host of the same names; see plugin.h. */
pm_status pm_recall_reference(pm_recall *recall, pm_slice message_id, pm_slice *series_out,
                              int32_t *part_out);
pm_status pm_recall_series(pm_recall *recall, pm_slice id, const pm_series **series_out);
pm_status pm_recall_own(pm_recall *recall, const pm_series **series_out);
pm_status pm_recall_find(pm_recall *recall, pm_series_key key, pm_slice value, unsigned nth,
                         const pm_series **series_out);
pm_status pm_recall_supersede(pm_recall *recall, pm_slice series, pm_slice predecessor,
                              double weight, pm_slice why);

/* plugin is whose note it is: what lives as long as the letter. */
pm_status pm_recall_note(pm_recall *recall, pm_slice plugin, pm_slice key, pm_slice value,
                         int64_t seconds);
pm_status pm_recall_noted(pm_recall *recall, pm_slice plugin, pm_slice key, pm_slice *value_out);

/* Paths of a project, seen in earlier letters, that end in "/tail": at most PM_STORE_PATHS_MOST of
 * them. */
pm_status pm_recall_paths(pm_recall *recall, pm_slice project, pm_slice tail, pm_slice **paths_out,
                          size_t *count_out);

/* The oldest revision known of the chain of a series. */
pm_status pm_recall_chain(pm_recall *recall, pm_slice id, pm_slice *chain_out);

/* What was decided, for the letters that will follow; of project, inbox and subsystems only what is
 * not from the memory itself. */
typedef struct pm_decided {
    pm_slice series, project, inbox; /* inbox is the slug; empty: unsorted */
    const pm_slice *subsystems;
    size_t subsystem_count;
    pm_slice paths_project; /* whose paths it has: the project, wherever that is from */
} pm_decided;

/* Remember the letter, and what was noted. PM_OK also when there is nothing to remember or no
 * store. */
pm_status pm_recall_remember(pm_recall *recall, const pm_decided *decided);

/* Did the store fail to answer in time? */
bool pm_recall_failed(const pm_recall *recall);

/* How long plugins that asked have waited for other letters: not their fault. */
int64_t pm_recall_waited_us(const pm_recall *recall);

/* Once it is remembered: does it change what letters inherit of its series, or what that
 * supersedes, as far as could be seen? Most letters only join theirs. */
bool pm_recall_moves(const pm_recall *recall);

#endif
