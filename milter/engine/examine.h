/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * examine - the one function in the middle: a message and a snapshot in, an outcome out.
 *
 * The daemon, the command line, tests and fuzzers all come through here, so `patchmark classify
 * mail.eml` shows exactly what the daemon would do. No I/O of its own beyond the store.
 */
#ifndef PM_EXAMINE_H
#define PM_EXAMINE_H

#include "outcome.h"

/* Examine a complete message. Always gives an outcome: past any limit it has fewer marks, but the
 * removals of forged fields are always there (they are worked out first, from memory set aside).
 * The outcome is valid until the message is reset. store is the memory of series; NULL: none.
 * queue_id is for log lines; may be empty. */
const pm_outcome *pm_examine(const pm_snapshot *snapshot, pm_store *store, pm_message *message,
                             pm_slice queue_id);

#endif
