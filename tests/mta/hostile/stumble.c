/* SPDX-License-Identifier: BSD-2-Clause */
/* stumble - does not get through open(), and says why or does not. */
#include "hostile.h"

static const pm_option options[] = {
    {"how", PM_OPTION_TEXT, 0, 0, "not", "not, silently or loudly"},
    {NULL, PM_OPTION_TEXT, 0, 0, NULL, NULL},
};

static pm_status open_it(const pm_host *host, const pm_settings *settings, void **instance_out)
{
    pm_slice how;

    *instance_out = NULL;
    if (host->option_text(settings, "how", 0, &how) != PM_OK)
        return PM_FAULT;
    if (how.data[0] == 'l')
        host->problem(settings, "how", "it stumbled");
    return how.data[0] == 'n' ? PM_OK : PM_FAULT;
}

static pm_status scan_letter(void *instance, pm_scan *scan)
{
    (void)instance;
    (void)scan;
    return PM_OK;
}

PM_PLUGIN_ENTRY(hostile)
{
    static const pm_plugin plugin = {.size = sizeof(plugin),
                                     .abi_major = PM_ABI_MAJOR,
                                     .abi_minor = 0,
                                     .name = "stumble",
                                     .version = "1",
                                     .summary = "Misbehaves, for tests",
                                     .options = options,
                                     .open = open_it,
                                     .scan = scan_letter};
    return &plugin;
}
