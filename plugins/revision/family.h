/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * family - Message-IDs that a tool makes alike for all revisions of one series.
 *
 * Only what the id itself says; who sent it and when is not looked at.
 */
#ifndef PM_FAMILY_H
#define PM_FAMILY_H

#include <patchmark/plugin.h>

#include <stdbool.h>

/* Are both ids of one family: gitgitgadget's pull.N.vM.git.TIME.gitgitgadget@..., with the same N,
 * or b4's DATE-TOPIC-vM-0-HASH@..., with the same topic? */
bool pm_same_family(pm_slice a, pm_slice b);

#endif
