/* SPDX-License-Identifier: BSD-2-Clause */
/* deadline - condition variables that are waited for until a deadline of pm_clock_us. */
#ifndef PM_DEADLINE_H
#define PM_DEADLINE_H

#include <pthread.h>
#include <stdint.h>
#include <time.h>

/* A time long past is as past as any; pthread takes no negative one. */
static inline struct timespec pm_deadline(int64_t deadline_us)
{
    if (deadline_us < 0)
        deadline_us = 0;
    return (struct timespec){deadline_us / 1000000, deadline_us % 1000000 * 1000};
}

/* As pthread_cond_init, on the clock of pm_clock_us. */
static inline void pm_deadline_cond(pthread_cond_t *cond)
{
    pthread_condattr_t monotonic;

    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

#endif
