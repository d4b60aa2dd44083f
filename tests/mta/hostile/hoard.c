/* SPDX-License-Identifier: BSD-2-Clause */
/* hoard - takes all the memory a message has at "take all", and asks for more than there is. */
#include "hostile.h"

static const pm_fact_decl facts[] = {
    {"hoard.seen", PM_FACT_NUMBER, "1: it came through"},
    {NULL, PM_FACT_NUMBER, NULL},
};

static pm_status scan_letter(void *instance, pm_scan *scan)
{
    size_t size = SIZE_MAX;

    (void)instance;
    if (!hostile_is_asked(scan, "take all"))
        return hostile_seen(scan, "hoard.seen");
    for (; size > 0; size /= 2) {
        char *taken;

        while ((taken = hostile_host->scratch(scan, size)) != NULL)
            memset(taken, 'x', size);
    }
    return PM_LIMIT;
}

HOSTILE_PLUGIN("hoard", scan_letter, facts)
