/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * turn - letters that need what others bring wait for them; all others are examined side by side.
 *
 * An MTA delivers a cover and its patches on several connections in the same moment. What a letter
 * looks up must still hold when it is remembered: otherwise a reply begins a series of its own
 * beside the one it answers, and v2 does not know of v1. So a letter waits for those that came
 * before it and that it answers, or that answer it; and, if it adds to what its series is known by,
 * for those that may add to the same one, or to another of the same author.
 *
 * Not for several processes: exchangers that share one memory do not wait for each other. Not a
 * lock: who has waited long enough goes on, and then it is as if there were no turns.
 */
#ifndef PM_TURN_H
#define PM_TURN_H

#include "slice.h"

#include <semaphore.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct pm_turns pm_turns; /* of one memory */

#define PM_TURN_MOST_ANSWERED 12

/* One letter's, in its caller's memory, where it stays until it ends. */
typedef struct pm_turn {
    uint64_t message;                         /* digests: of its Message-ID */
    uint64_t answered[PM_TURN_MOST_ANSWERED]; /* of those it refers to */
    unsigned answered_count;
    uint64_t author[2]; /* of a letter that may add to what its series is known by: address and
                           name; 0: none, or it adds nothing */
    uint64_t any;       /* a bit for each of these digests: most letters have none in common */

    struct pm_turn *earlier, *later;
    const struct pm_turn *waits_for;
    bool missed_one; /* that may add to what its series is known by has ended since it came in */
    sem_t called;
} pm_turn;

/* NULL without memory. Nobody may have a turn when they are freed. */
pm_turns *pm_turns_new(void) __attribute__((warn_unused_result));
void pm_turns_free(pm_turns *turns); /* NULL is allowed */

/* What a turn goes by. Of more messages that it answers than there is room for the first are looked
 * at: tell the nearest first. The author is that of a cover or patch, for others only answer. */
void pm_turn_of(pm_turn *turn, pm_slice message_id);
void pm_turn_answers(pm_turn *turn, pm_slice message_id);
void pm_turn_is_by(pm_turn *turn, pm_slice address, pm_slice name);

/* Come in, and wait for those before that it answers, or that answer it, until_us (of pm_clock_us)
 * at the longest. */
void pm_turn_take(pm_turns *turns, pm_turn *mine, int64_t until_us);

/* Wait also for those that may add to what its series, or another of its author, is known by. True:
 * one of them has ended since it came in, and what it had looked up before may be otherwise by now.
 */
bool pm_turn_adds(pm_turns *turns, pm_turn *mine, int64_t until_us);

/* It adds nothing, so nobody has to wait for that. */
void pm_turn_adds_nothing(pm_turns *turns, pm_turn *mine);

void pm_turn_end(pm_turns *turns, pm_turn *mine);

#endif
