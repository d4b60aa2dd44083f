/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * shadow_log - what shadows would have changed about a message, one line of the log for each.
 *
 * Those that would change nothing, and those there was no time for, are only counted (answer.c).
 */
#ifndef PM_SHADOW_LOG_H
#define PM_SHADOW_LOG_H

#include "outcome.h"

/* outcome NULL: the message was not examined, and there is nothing to say. */
void pm_shadow_log(const pm_outcome *outcome, pm_slice queue_id);

#endif
