/* SPDX-License-Identifier: BSD-2-Clause */
/* crash - takes the daemon with it at "crash me". */
#include "hostile.h"

static const pm_fact_decl facts[] = {
    {"crash.seen", PM_FACT_NUMBER, "1: it came through"},
    {NULL, PM_FACT_NUMBER, NULL},
};

static pm_status scan_letter(void *instance, pm_scan *scan)
{
    volatile int *volatile nowhere = (volatile int *)8; /* UBSan would stop at NULL itself */

    (void)instance;
    if (hostile_is_asked(scan, "crash me"))
        *nowhere = 1;
    return hostile_seen(scan, "crash.seen");
}

HOSTILE_PLUGIN("crash", scan_letter, facts)
