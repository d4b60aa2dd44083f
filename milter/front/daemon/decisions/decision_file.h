/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * decision_file - the file that decisions are written to, turned away by size: decisions.jsonl
 * becomes decisions.jsonl.1, and that .2.
 *
 * Others may add lines to it; see pm_decision_file_foreign. For one thread at a time.
 */
#ifndef PM_DECISION_FILE_H
#define PM_DECISION_FILE_H

#include "decision_log.h"

typedef struct pm_decision_file {
    const char *folder; /* borrowed */
    int fd;             /* -1: not open */
    bool torn;          /* its last line has no end: the disk was full, or we were killed */
    uint64_t size;      /* up to where we know it */
} pm_decision_file;

void pm_decision_file_init(pm_decision_file *file, const char *folder);
void pm_decision_file_close(pm_decision_file *file);

/* Open it, and make it when it is not there (mode 0640). PM_FAULT with errno set. Nothing happens
 * when it is open. */
pm_status pm_decision_file_open(pm_decision_file *file);

/* What others have added since, at most the longest line's worth; call gets each line. */
void pm_decision_file_foreign(pm_decision_file *file, pm_decision_line_fn call, void *context);

/* Add whole lines, opening and turning away as needed: a file is at most of size bytes, or of one
 * line, and keep older ones stay. PM_FAULT with errno set: some or all of them are not written. */
pm_status pm_decision_file_write(pm_decision_file *file, pm_slice lines, uint64_t size,
                                 unsigned keep);

#endif
