/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * series_chain - the revisions of one patch set as the store has them, and their picture: a tree,
 * for one revision may be followed by two.
 */
#ifndef PM_SERIES_CHAIN_H
#define PM_SERIES_CHAIN_H

#include "store.h"

typedef struct pm_revision {
    pm_series series;
    bool known;                 /* false: forgotten, or never seen; only its id is there */
    pm_store_message *messages; /* by part; replies first */
    size_t message_count, reply_count;
    struct pm_revision *before; /* what it supersedes, within the chain */
    size_t depth;               /* how many come before it */
    int64_t newest;             /* date of the newest revision that came of it */
} pm_revision;

typedef struct pm_chain {
    pm_revision **items; /* each behind what it supersedes */
    size_t count;
    bool cut; /* there are more */
} pm_chain;

/* The chain that the series called id belongs to. PM_ABSENT when the store knows nothing of it. */
pm_status pm_chain_read(pm_store *store, pm_arena *arena, pm_slice id, int64_t deadline_us,
                        pm_chain *chain_out);

/* Draw it on standard output. */
void pm_chain_draw(const pm_chain *chain);

/* Each revision as one JSON object on a line of its own, in the chain's order. False when there is
 * no memory. */
bool pm_chain_print_json(const pm_chain *chain);

/* How the store writes that a link is somebody's word: alone, or behind the evidence and "; ". */
#define PM_BY_A_PERSON "a person said so"

/* Why the series supersedes another, without the person: empty when nobody but the person said so.
 */
pm_slice pm_evidence(const pm_series *series);

/* "RFC v5.1" */
#define PM_REVISION_NAME 40
void pm_revision_name(const pm_series *series, char name[PM_REVISION_NAME]);

/* "2026-10-03 10:00" in UTC; "no date" for 0. */
#define PM_MINUTE 24
void pm_print_minute(int64_t seconds, char text[PM_MINUTE]);

#endif
