/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store_watch - says in the log when the memory of series has gone away, and when it is back.
 *
 * A message's own line has memory=failed, which says neither since when nor what to look at.
 *
 * Not the waiting for it: the store keeps what it could not write, and tries again by itself.
 */
#ifndef PM_STORE_WATCH_H
#define PM_STORE_WATCH_H

#include "outcome.h"
#include "store.h"

/* Behind each message. outcome and store may be NULL. Costs nothing while all is well. */
void pm_store_watch(pm_store *store, const pm_outcome *outcome);

#endif
