/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * decision_writer - the decision log as messages see it: a line is handed over and the answer to
 * the MTA waits for nothing. A thread writes, turns files away, and looks for what has come late.
 *
 * A disk that is slow, full or read-only costs lines, which are counted, and never mail.
 */
#ifndef PM_DECISION_WRITER_H
#define PM_DECISION_WRITER_H

#include "outcome.h"
#include "store.h"

/* How large a file may become, in bytes (0: there is no log), and how many older ones are kept. To
 * be called before the start, too. */
void pm_decisions_set(uint64_t size, unsigned keep);

/* Start it: in this folder (NULL: nothing is kept). store must stay open until the stop; NULL:
 * nothing is ever late. Without a thread, which is logged, there is no log. */
void pm_decisions_start(const char *folder, pm_store *store);

/* A message was answered. outcome NULL: unexamined, there is nothing to say. Takes microseconds. */
void pm_decisions_note(const pm_outcome *outcome, pm_slice queue_id);

/* Write what is left, and end it. False: the disk does not let it go within two seconds. Then it,
 * and the store it may ask, have to stay. */
bool pm_decisions_stop(void);

#endif
