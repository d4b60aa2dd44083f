/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check - what is surely or probably wrong with a configuration that can be loaded: what `patchmark
 * check` does beyond reading it.
 *
 * An error is sure, and only somebody who writes can mend it; a warning is probable, or may pass by
 * itself. Neither keeps a configuration from being used. Each stands at its file, line and column.
 * Takes seconds, not microseconds.
 */
#ifndef PM_CHECK_H
#define PM_CHECK_H

#include "snapshot.h"

/* Everything below, for the live rules and for those of shadows, and every rule's examples. False
 * after errors (not warnings) were added. */
bool pm_snapshot_check(pm_snapshot *snapshot, pm_errors *errors);

/* What plugins say of themselves: a sentence for each thing, defaults within their ranges. */
void pm_check_plugins(const pm_snapshot *snapshot, pm_errors *errors);

/* Rules that can never fire, names that nobody knows, recipients that loop. */
void pm_check_rules(const pm_snapshot *snapshot, const pm_rules *rules, pm_errors *errors);

/* Patterns that reach their limits on ordinary mail. */
void pm_check_patterns(const pm_rules *rules, pm_errors *errors);

#endif
