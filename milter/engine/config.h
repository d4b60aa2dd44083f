/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * config - patchmark.conf: which statements there are and what they may hold. Manual: config.md.
 */
#ifndef PM_CONFIG_H
#define PM_CONFIG_H

#include "snapshot.h"

/* Where the configuration is when nobody names one: beside the program, else in /etc/patchmark. */
const char *pm_config_find(pm_arena *arena);

/* The path of the control socket alone, from a configuration (NULL: the usual one) that may be
 * broken otherwise: whoever mends it must be able to tell the daemon. NULL: there is none. */
const char *pm_config_control(pm_arena *arena, const char *file);

/* Read the statements of a configuration into config, which starts from the defaults. Unknown
 * statements are errors with the nearest known one; `rule`, `project`, `plugin` and other blocks
 * are left to their readers. False after errors were added. */
bool pm_config_read(pm_arena *arena, const pm_statement *statements, pm_config *config_out,
                    pm_errors *errors);

#endif
