/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * late - evidence that came after a message was marked: would it now be marked otherwise?
 *
 * A decision and what the memory knows now are all it takes. Rules and plugins are not asked again,
 * for the mail is gone: what they said then stands, and beside it what the letter would inherit now
 * (thread.md, "What is inherited"), what its series supersedes, and which chain that is.
 *
 * Not who notices: the daemon's late_watch.c and the command's series_late.c do.
 */
#ifndef PM_LATE_H
#define PM_LATE_H

#include "decision.h"
#include "store.h"

/* What is known now of a series, as its letters inherit it; inbox is the slug. PM_ABSENT: nothing,
 * because it has joined another one or was forgotten. PM_LATER, PM_FAULT: the store does not say.
 */
pm_status pm_late_look(pm_store *store, pm_arena *arena, pm_slice series, int64_t deadline_us,
                       pm_marked *known_out);

/* How the decision's letter would be marked now that its series is what known says. In the arena,
 * borrowing from both. PM_LIMIT past the budget. */
pm_status pm_late_would(pm_arena *arena, const pm_decision *decision, const pm_marked *known,
                        pm_marked *now_out);

/* What is told of it. */
typedef struct pm_late {
    int64_t time;      /* when it was noticed, seconds since 1970; 0: just now, by who looks */
    int64_t marked_at; /* when the message was marked */
    pm_slice queue_id, message_id;
    pm_slice because;    /* the message that brought the evidence; empty: not known */
    pm_slice correction; /* or the correction that did, as a command: "series link A B" */
    pm_marked was, now;  /* equal when it would be marked as it was, after all */
} pm_late;

#endif
