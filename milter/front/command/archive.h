/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * archive - every message of the paths a command was given, one after the other.
 *
 * Not the reading itself, which is source.h's: this is what commands do around it. Ctrl-C (once
 * interrupt.h listens) and a standard output that takes no more end it after the message at hand.
 */
#ifndef PM_ARCHIVE_H
#define PM_ARCHIVE_H

#include "progress.h"
#include "source.h"

typedef struct pm_archive {
    char *const *paths; /* messages, mboxes, Maildirs, public-inbox; "-" is standard input */
    size_t path_count;
    pm_progress *progress; /* begun, and wiped by whoever began it; NULL: none is shown */
    pm_errors *errors;
    void *context;
    /* Called for each message. False after an error was added: what is left of its path is passed
     * over. */
    bool (*take)(void *context, const pm_mail *mail);
} pm_archive;

/* False when a path could not be read to its end; that is no reason to leave out the others. */
bool pm_archive_read(const pm_archive *of);

#endif
