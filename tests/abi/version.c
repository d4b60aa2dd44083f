/* SPDX-License-Identifier: BSD-2-Clause */
/* version - a plugin that wants plugin ABI VERSION_MAJOR.VERSION_MINOR, whatever this header has.
 */
#include <patchmark/plugin.h>

static pm_status open_version(const pm_host *host, const pm_settings *settings, void **instance_out)
{
    (void)host;
    (void)settings;
    *instance_out = NULL;
    return PM_OK;
}

static pm_status scan_version(void *instance, pm_scan *scan)
{
    (void)instance;
    (void)scan;
    return PM_OK;
}

static const pm_plugin plugin = {
    .size = sizeof(plugin),
    .abi_major = VERSION_MAJOR,
    .abi_minor = VERSION_MINOR,
    .name = "version",
    .version = "1.0",
    .summary = "Wants another host",
    .open = open_version,
    .scan = scan_version,
};

PM_PLUGIN_ENTRY(version)
{
    return &plugin;
}
