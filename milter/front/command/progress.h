/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * progress - how far an archive has been read, for whoever waits at a terminal: a bar, the share,
 * how many messages, how long it will still take.
 *
 * On standard error, on one line that is wiped at the end. Nothing at all in a pipe.
 */
#ifndef PM_PROGRESS_H
#define PM_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct pm_progress {
    bool wanted, shown;
    int64_t began_us; /* with this archive */
    int64_t next_us;  /* when it is drawn again */
    size_t count;     /* of messages, in all archives */
} pm_progress;

/* wanted: somebody waits; it is shown only when standard error is a terminal. */
void pm_progress_begin(pm_progress *progress, bool wanted);

/* The archive at path is begun. */
void pm_progress_open(pm_progress *progress);

/* One more has been read of path; share of it is done, 0 to 1, negative when that is not known. */
void pm_progress_step(pm_progress *progress, const char *path, double share);

/* Off the screen, so that something else can be printed; the next step draws it again. */
void pm_progress_wipe(pm_progress *progress);

#endif
