/* SPDX-License-Identifier: BSD-2-Clause */
/* slow - takes half a second for "take your time", whatever the time it has. */
#include "hostile.h"

#include <time.h>

static const pm_fact_decl facts[] = {
    {"slow.seen", PM_FACT_NUMBER, "1: it came through"},
    {NULL, PM_FACT_NUMBER, NULL},
};

static pm_status scan_letter(void *instance, pm_scan *scan)
{
    const struct timespec half_a_second = {0, 500 * 1000 * 1000};

    (void)instance;
    if (hostile_is_asked(scan, "take your time"))
        nanosleep(&half_a_second, NULL);
    return hostile_seen(scan, "slow.seen");
}

HOSTILE_PLUGIN("slow", scan_letter, facts)
