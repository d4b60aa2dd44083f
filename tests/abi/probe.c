/* SPDX-License-Identifier: BSD-2-Clause */
/* probe - a plugin that does nothing, for its debug information: through its entry all types of the
 * plugin ABI can be reached. Compiled with PM_ABI_MINOR set to each minor that was released. */
#include <patchmark/plugin.h>

static pm_status open_probe(const pm_host *host, const pm_settings *settings, void **instance_out)
{
    (void)host;
    (void)settings;
    *instance_out = NULL;
    return PM_OK;
}

static pm_status scan_probe(void *instance, pm_scan *scan)
{
    (void)instance;
    (void)scan;
    return PM_OK;
}

static const pm_plugin plugin = {
    .size = sizeof(plugin),
    .abi_major = PM_ABI_MAJOR,
    .abi_minor = PM_ABI_MINOR,
    .name = "probe",
    .version = "1.0",
    .summary = "Does nothing",
    .open = open_probe,
    .scan = scan_probe,
};

PM_PLUGIN_ENTRY(probe)
{
    return &plugin;
}
