/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session - libmilter's callbacks: an MTA's conversation in, a message; an outcome, libmilter's
 * edits.
 *
 * libmilter runs the callbacks of one connection one after the other, but on any thread. All state
 * hangs on the connection; nothing is thread-local.
 *
 * Everything fails open: whatever goes wrong on our side, the mail goes on, and fields that only
 * claim to be ours are removed from it.
 */
#ifndef PM_SESSION_H
#define PM_SESSION_H

#include "snapshot.h"
#include "store.h"

/* Messages that begin from now on are examined with this snapshot; those under way keep theirs.
 * Takes over the caller's reference and gives up the one before. NULL: messages pass unexamined. */
void pm_session_use(pm_snapshot *snapshot);

/* The memory of series for all messages from now on; it stays the caller's, who closes it when no
 * message is under way any more. To be called before the first message. NULL: there is none. */
void pm_session_remember_in(pm_store *store);

/* Tell libmilter of the callbacks. False when it does not want them. */
bool pm_session_register(void);

/* How many messages are under way. */
unsigned pm_session_under_way(void);

/* Wait until no message is under way, at most until deadline_us (pm_clock_us). How many still are.
 */
unsigned pm_session_drain(int64_t deadline_us);

#endif
