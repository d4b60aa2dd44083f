/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * decision_log - the files of the decision log: decisions.jsonl in the state directory, and
 * decisions.jsonl.1, .2, ... that it was before, the newest first.
 *
 * Not who writes it: the daemon does (daemon/decisions/decision_writer.c), and a correction adds
 * lines.
 */
#ifndef PM_DECISION_LOG_H
#define PM_DECISION_LOG_H

#include "error.h"

#include <stdint.h>

#define PM_DECISION_LOG_NAME     4096
#define PM_DECISION_LOGS_MOST    100 /* files that were turned away and are kept */
#define PM_DECISION_LINE_LONGEST (1024 * 1024)

/* The nth file: 0 is the one that is written. False when the name is too long. */
bool pm_decision_log_name(const char *folder, unsigned nth, char name[PM_DECISION_LOG_NAME]);

/* Called with each line, without its LF, until it answers false. Borrowed until it returns. */
typedef bool (*pm_decision_line_fn)(void *context, pm_slice line);

/* The lines of all files, the oldest first; of the newest bytes of them only (UINT64_MAX: all). A
 * longer line than the longest is passed over. True also when there is no file; false after an
 * error was added, with what could be read already told. */
bool pm_decision_log_read(const char *folder, uint64_t newest_bytes, pm_decision_line_fn call,
                          void *context, pm_errors *errors);

/* Add lines, whole ones, to the file that is written. Makes none: without a file there was no
 * decision. False after an error was added: some or all of them are not written. */
bool pm_decision_log_append(const char *folder, pm_slice lines, pm_errors *errors);

#endif
