/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * recall_inside - what a recall is inside, for the files it is made of: recall.c and recall_*.c.
 *
 * For these files only: everybody else includes recall.h.
 */
#ifndef PM_RECALL_INSIDE_H
#define PM_RECALL_INSIDE_H

#include "recall.h"
#include "table.h"

#define PM_RECALL_MOST_JOINS 8

typedef struct pm_finding { /* one question by key, answered once */
    pm_series_key key;
    pm_slice value;
    pm_series *series;
    size_t count;
    struct pm_finding *next;
} pm_finding;

/* What the store said of one id, asked once. */
typedef struct pm_remembered_series {
    pm_status status; /* PM_OK or PM_ABSENT */
    pm_known known;
    bool relinked; /* by this letter: what it supersedes has changed since */
} pm_remembered_series;

typedef struct pm_remembered_reference {
    pm_status status; /* PM_OK or PM_ABSENT */
    pm_slice series;
    int part;
} pm_remembered_reference;

/* A plugin's note, as the store or this letter has it. */
typedef struct pm_remembered_note {
    pm_status status; /* PM_OK or PM_ABSENT */
    pm_note note;
    bool is_new; /* this letter's, to be written */
    struct pm_remembered_note *next;
} pm_remembered_note;

struct pm_recall {
    pm_store *store;
    const pm_letter *letter;
    const pm_facts *facts;
    pm_arena *arena;
    int64_t deadline_us;
    pm_series said, own; /* what the letter says; what is known with it */
    pm_turn turn;
    int64_t turn_until_us; /* who waits for others gives up then */
    int64_t waited_us;     /* for them, while a plugin asked */
    bool has_turn, adds;   /* adds: and has waited for what others of its author add */
    bool said_made, own_made, failed;
    bool joins; /* another series goes into its own with it */
    bool moves; /* what others inherit of its series, or what that supersedes, changes with it */
    pm_finding *findings;
    pm_table *series, *references; /* by id: what the store said of them */
    pm_table *notes;               /* by plugin and key */
    pm_remembered_note *noted;     /* the same, the newest first */
    bool noting;                   /* one of them is new */
};

/* ---- recall.c ---- */

/* Is there a store to be asked? One that is away is asked once a message, not ten times. */
bool pm_recall_can_ask(const pm_recall *recall);

/* What the store has answered, PM_LATER in place of PM_FAULT; after either it is not asked again.
 */
pm_status pm_recall_heard(pm_recall *recall, pm_status status);

/* Is it an id that can be kept, and shown in a header field? */
bool pm_recall_is_id(pm_slice id);

/* Series that the letter shows to be its own, which is called id: one called after the letter by
 * those that came first, and those a plugin says so of. Returns how many. */
size_t pm_recall_find_joins(const pm_recall *recall, pm_slice id,
                            pm_slice joins[PM_RECALL_MOST_JOINS]);

/* ---- recall_said.c ---- */

/* Fill in said, unless that is done. PM_LIMIT past the budget. */
pm_status pm_recall_make_said(pm_recall *recall);

/* Whose word on the series counts first: 0 for a root's, then the parts' in their order, then that
 * of all else, which is called a reply here. */
int32_t pm_recall_rank(const pm_recall *recall);
bool pm_recall_is_reply(const pm_recall *recall);

/* Text as the memory keeps it, so that what is said and what is known compare; and in small
 * letters. Empty past the budget. */
pm_slice pm_recall_clean(pm_arena *arena, pm_slice text);
pm_slice pm_recall_lower(pm_arena *arena, pm_slice text);

/* ---- recall_turn.c ---- */

/* Its author's other letters are first, once. True: one of them has ended meanwhile, and what was
 * heard of the store before holds no more. */
bool pm_recall_wait_for_author(pm_recall *recall);

/* ---- recall_notes.c ---- */

/* What this letter has noted goes to the store. */
pm_status pm_recall_write_notes(pm_recall *recall);

#endif
