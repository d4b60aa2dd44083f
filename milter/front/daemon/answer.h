/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * answer - what became of one message at the MTA, and how that is told: the counters, and the one
 * line of the log.
 *
 * Not the giving of it: session.c is the one that talks to the MTA.
 */
#ifndef PM_ANSWER_H
#define PM_ANSWER_H

#include "outcome.h"

typedef enum pm_reply {
    PM_REPLY_ACCEPT, /* it goes on, with our edits */
    PM_REPLY_DISCARD,
    PM_REPLY_REJECT,
} pm_reply;

typedef struct pm_answer {
    pm_slice queue_id;
    const pm_outcome *outcome; /* NULL: there was no memory to examine it */
    pm_reply reply;
    unsigned removed, marks, recipients; /* edits that the MTA took */
    unsigned left;                       /* fields with our prefix that stay in the message */
    bool quarantined;
    bool edits_failed; /* one at least was not taken */
    int64_t took_us;   /* from the end of the message to the last edit */
} pm_answer;

/* Into the daemon's metrics. */
void pm_answer_count(const pm_answer *answer);

/* event=message: what the message was taken for, what was done with it, and how long it took. */
void pm_answer_log(const pm_answer *answer);

#endif
