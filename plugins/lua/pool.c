/* SPDX-License-Identifier: BSD-2-Clause */
/* pool - handing out states; see pool.h. */
#include "pool.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t given_back;
    pool_make make;
    void *context;
    unsigned most, there; /* there: idle or in use */
    unsigned idle_count;
    sandbox *idle[]; /* the one used last is the next: its memory is warm */
};

pool *pool_new(unsigned most, pool_make make, void *context)
{
    pool *made = calloc(1, sizeof(*made) + most * sizeof(made->idle[0]));
    pthread_condattr_t attributes;

    if (made == NULL)
        return NULL;
    made->most = most;
    made->make = make;
    made->context = context;
    pthread_mutex_init(&made->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&made->given_back, &attributes);
    pthread_condattr_destroy(&attributes);
    return made;
}

void pool_free(pool *states)
{
    if (states == NULL)
        return;
    while (states->idle_count > 0)
        sandbox_free(states->idle[--states->idle_count]);
    pthread_cond_destroy(&states->given_back);
    pthread_mutex_destroy(&states->lock);
    free(states);
}

static struct timespec in_microseconds(int64_t us)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += us / 1000000;
    at.tv_nsec += us % 1000000 * 1000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000;
    }
    return at;
}

/* A state is gone, or could not be made: there is room for another. */
static void make_room(pool *states)
{
    pthread_mutex_lock(&states->lock);
    states->there--;
    pthread_cond_signal(&states->given_back);
    pthread_mutex_unlock(&states->lock);
}

sandbox *pool_take(pool *states, int64_t wait_us)
{
    const struct timespec until = in_microseconds(wait_us < 0 ? 0 : wait_us);
    sandbox *box = NULL;
    bool may_make = false;

    pthread_mutex_lock(&states->lock);
    while (states->idle_count == 0 && states->there == states->most)
        if (pthread_cond_timedwait(&states->given_back, &states->lock, &until) == ETIMEDOUT)
            break;
    if (states->idle_count > 0) {
        box = states->idle[--states->idle_count];
    } else if (states->there < states->most) {
        states->there++;
        may_make = true;
    }
    pthread_mutex_unlock(&states->lock);

    if (!may_make)
        return box;
    box = states->make(states->context);
    if (box == NULL)
        make_room(states);
    return box;
}

void pool_give(pool *states, sandbox *box, pool_condition condition)
{
    if (condition == POOL_SPOILED) {
        sandbox_free(box);
        make_room(states);
        return;
    }
    pthread_mutex_lock(&states->lock);
    states->idle[states->idle_count++] = box;
    pthread_cond_signal(&states->given_back);
    pthread_mutex_unlock(&states->lock);
}
