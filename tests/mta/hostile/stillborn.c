/* SPDX-License-Identifier: BSD-2-Clause */
/* stillborn - takes the daemon with it before it has seen any mail. */
#include "hostile.h"

static const pm_fact_decl facts[] = {
    {"stillborn.seen", PM_FACT_NUMBER, "1: it came through, which it never does"},
    {NULL, PM_FACT_NUMBER, NULL},
};

static pm_status open_never(const pm_host *host, const pm_settings *settings, void **instance_out)
{
    volatile int *volatile nowhere = (volatile int *)8; /* UBSan would stop at NULL itself */

    *nowhere = 1;
    return hostile_open(host, settings, instance_out);
}

static pm_status scan_letter(void *instance, pm_scan *scan)
{
    (void)instance;
    return hostile_seen(scan, "stillborn.seen");
}

PM_PLUGIN_ENTRY(stillborn)
{
    static const pm_plugin plugin = {.size = sizeof(plugin),
                                     .abi_major = PM_ABI_MAJOR,
                                     .abi_minor = 0,
                                     .name = "stillborn",
                                     .version = "1",
                                     .summary = "Misbehaves, for tests",
                                     .facts = facts,
                                     .open = open_never,
                                     .scan = scan_letter};
    return &plugin;
}
