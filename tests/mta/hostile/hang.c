/* SPDX-License-Identifier: BSD-2-Clause */
/* hang - never comes back from "hang me". */
#include "hostile.h"

#include <unistd.h>

static const pm_fact_decl facts[] = {
    {"hang.seen", PM_FACT_NUMBER, "1: it came through"},
    {NULL, PM_FACT_NUMBER, NULL},
};

static pm_status scan_letter(void *instance, pm_scan *scan)
{
    (void)instance;
    while (hostile_is_asked(scan, "hang me"))
        pause();
    return hostile_seen(scan, "hang.seen");
}

HOSTILE_PLUGIN("hang", scan_letter, facts)
