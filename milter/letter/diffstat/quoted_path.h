/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * quoted_path - names as git prints them when they hold odd bytes: "caf\303\251.c", in double
 * quotes with the escapes of C (core.quotePath in git-config(1)).
 */
#ifndef PM_QUOTED_PATH_H
#define PM_QUOTED_PATH_H

#include "arena.h"

/* The length of the quoted name that text begins with, quotes included; 0 when it begins with none.
 */
size_t pm_quoted_path_length(pm_slice text);

/* The name itself. Borrowed when nothing had to be undone: no quotes, or no escapes between them.
 * data is NULL past the arena's budget. */
pm_slice pm_quoted_path(pm_arena *arena, pm_slice written);

#endif
