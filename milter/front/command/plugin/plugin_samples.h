/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plugin_samples - letters of each kind, and some that are hardly letters, which every plugin must
 * have an answer to. Built in, so that `patchmark plugin check` needs nothing but the plugin.
 */
#ifndef PM_PLUGIN_SAMPLES_H
#define PM_PLUGIN_SAMPLES_H

#include "slice.h"

typedef struct pm_plugin_sample {
    const char *name; /* "a cover letter" */
    pm_slice mail;
} pm_plugin_sample;

/* The nth; NULL past the last. */
const pm_plugin_sample *pm_plugin_sample_nth(size_t nth);

#endif
