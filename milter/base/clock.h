/* SPDX-License-Identifier: BSD-2-Clause */
/* clock - the time, in microseconds. Never used for what a letter means: same input, same answer.
 */
#ifndef PM_CLOCK_H
#define PM_CLOCK_H

#include <stdint.h>

/* For durations and deadlines: never goes back, says nothing about the date. */
int64_t pm_clock_us(void);

/* Since 1970-01-01 00:00 UTC. */
int64_t pm_clock_wall_us(void);

#endif
