/* SPDX-License-Identifier: BSD-2-Clause */
/* clock - the time, in microseconds; see clock.h. */
#include "clock.h"

#include <time.h>

static int64_t read_clock(clockid_t which)
{
    struct timespec now;

    clock_gettime(which, &now); /* cannot fail for these two clocks */
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t pm_clock_us(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

int64_t pm_clock_wall_us(void)
{
    return read_clock(CLOCK_REALTIME);
}
