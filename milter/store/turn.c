/* SPDX-License-Identifier: BSD-2-Clause */
/* turn - letters that need what others bring wait for them; see turn.h. */
#include "turn.h"

#include "deadline.h"
#include "table.h"

#include <errno.h>
#include <stdlib.h>

struct pm_turns {
    pthread_mutex_t lock;
    pm_turn *last; /* of all that are examined, in the order they came */
};

pm_turns *pm_turns_new(void)
{
    pm_turns *made = calloc(1, sizeof(*made));

    if (made != NULL)
        pthread_mutex_init(&made->lock, NULL);
    return made;
}

void pm_turns_free(pm_turns *turns)
{
    if (turns == NULL)
        return;
    pthread_mutex_destroy(&turns->lock);
    free(turns);
}

/* ---- What it goes by ---- */

/* Two that have the same digest wait for each other without need, which does no harm. */
static uint64_t digest(pm_turn *turn, pm_slice text)
{
    const uint64_t made = pm_hash(text) | 1;

    turn->any |= UINT64_C(1) << (made >> 58);
    return made;
}

void pm_turn_of(pm_turn *turn, pm_slice message_id)
{
    *turn = (pm_turn){.answered_count = 0};
    turn->message = digest(turn, message_id);
}

void pm_turn_answers(pm_turn *turn, pm_slice message_id)
{
    if (message_id.len > 0 && turn->answered_count < PM_TURN_MOST_ANSWERED)
        turn->answered[turn->answered_count++] = digest(turn, message_id);
}

void pm_turn_is_by(pm_turn *turn, pm_slice address, pm_slice name)
{
    if (address.len > 0)
        turn->author[0] = digest(turn, address);
    if (name.len > 0)
        turn->author[1] = digest(turn, name);
}

/* ---- Who waits for whom ---- */

static bool answers(const pm_turn *turn, uint64_t message)
{
    for (unsigned i = 0; i < turn->answered_count; i++)
        if (turn->answered[i] == message)
            return true;
    return false;
}

static bool have_thread_in_common(const pm_turn *one, const pm_turn *other)
{
    for (unsigned i = 0; i < one->answered_count; i++)
        if (answers(other, one->answered[i]))
            return true;
    return false;
}

static bool are_in_one_thread(const pm_turn *one, const pm_turn *other)
{
    return (one->any & other->any) != 0 &&
           (one->message == other->message || answers(one, other->message) ||
            answers(other, one->message));
}

static bool may_add(const pm_turn *turn)
{
    return turn->author[0] != 0 || turn->author[1] != 0;
}

static bool are_by_one_author(const pm_turn *one, const pm_turn *other)
{
    return (one->author[0] != 0 && one->author[0] == other->author[0]) ||
           (one->author[1] != 0 && one->author[1] == other->author[1]);
}

/* Replies are not among them: none changes what another one finds. */
static bool may_add_to_one_series(const pm_turn *one, const pm_turn *other)
{
    return (one->any & other->any) != 0 && may_add(one) && may_add(other) &&
           (are_by_one_author(one, other) || have_thread_in_common(one, other));
}

/* ---- Waiting ---- */

typedef bool (*relation)(const pm_turn *one, const pm_turn *other);

static const pm_turn *find_one_before(const pm_turn *mine, relation related)
{
    const pm_turn *at = mine->earlier;

    while (at != NULL && !related(at, mine))
        at = at->earlier;
    return at;
}

/* False: that is how long one waits. */
static bool wait_to_be_called(pm_turn *mine, int64_t until_us)
{
    const struct timespec until = pm_deadline(until_us);
    int code;

    do
        code = sem_clockwait(&mine->called, CLOCK_MONOTONIC, &until);
    while (code != 0 && errno == EINTR);
    return code == 0;
}

/* Called with the lock, which is given up meanwhile. */
static void wait_for(pm_turns *turns, pm_turn *mine, relation related, int64_t until_us)
{
    bool in_time = true;

    while (in_time && (mine->waits_for = find_one_before(mine, related)) != NULL) {
        pthread_mutex_unlock(&turns->lock);
        in_time = wait_to_be_called(mine, until_us);
        pthread_mutex_lock(&turns->lock);
    }
    mine->waits_for = NULL;
}

/* Those who wait for one look whom else they have to wait for. Called with the lock. */
static void call_who_waits_for(const pm_turn *one)
{
    for (pm_turn *at = one->later; at != NULL; at = at->later)
        if (at->waits_for == one)
            sem_post(&at->called);
}

/* What they have looked up so far may lack what this one has added. Called with the lock. */
static void tell_who_came_later(const pm_turn *one)
{
    for (pm_turn *at = one->later; at != NULL; at = at->later)
        at->missed_one = at->missed_one || may_add_to_one_series(one, at);
}

/* ---- A turn ---- */

void pm_turn_take(pm_turns *turns, pm_turn *mine, int64_t until_us)
{
    sem_init(&mine->called, 0, 0);
    pthread_mutex_lock(&turns->lock);
    mine->earlier = turns->last;
    if (turns->last != NULL)
        turns->last->later = mine;
    turns->last = mine;
    wait_for(turns, mine, are_in_one_thread, until_us);
    pthread_mutex_unlock(&turns->lock);
}

bool pm_turn_adds(pm_turns *turns, pm_turn *mine, int64_t until_us)
{
    bool missed_one;

    if (!may_add(mine))
        return false;
    pthread_mutex_lock(&turns->lock);
    wait_for(turns, mine, may_add_to_one_series, until_us);
    missed_one = mine->missed_one;
    pthread_mutex_unlock(&turns->lock);
    return missed_one;
}

void pm_turn_adds_nothing(pm_turns *turns, pm_turn *mine)
{
    if (!may_add(mine)) /* it has been said, or goes without saying */
        return;
    pthread_mutex_lock(&turns->lock);
    mine->author[0] = mine->author[1] = 0;
    call_who_waits_for(mine);
    pthread_mutex_unlock(&turns->lock);
}

void pm_turn_end(pm_turns *turns, pm_turn *mine)
{
    pthread_mutex_lock(&turns->lock);
    call_who_waits_for(mine);
    tell_who_came_later(mine);
    if (mine->earlier != NULL)
        mine->earlier->later = mine->later;
    if (mine->later != NULL)
        mine->later->earlier = mine->earlier;
    else
        turns->last = mine->earlier;
    pthread_mutex_unlock(&turns->lock);
    sem_destroy(&mine->called);
}
