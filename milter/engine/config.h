/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * config - patchmark.conf: which statements there are and what they may hold. Manual: config.md.
 */
#ifndef PM_CONFIG_H
#define PM_CONFIG_H

#include "snapshot.h"

/* Read the statements of a configuration into config, which starts from the defaults. Unknown
 * statements are errors with the nearest known one; `rule`, `project`, `plugin` and other blocks
 * are left to their readers. False after errors were added. */
bool pm_config_read(pm_arena *arena, const pm_statement *statements, pm_config *config_out,
                    pm_errors *errors);

#endif
