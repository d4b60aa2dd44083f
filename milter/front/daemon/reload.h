/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reload - the configuration in force, and another one in its place: built and checked beside it,
 * swapped whole, or refused with the old one kept.
 *
 * SIGUSR1 and the control socket both come here. Not where messages hold on to the one they began
 * with; session.c does that.
 */
#ifndef PM_RELOAD_H
#define PM_RELOAD_H

#include "snapshot.h"

/* Called with each configuration that takes force, while it does; the snapshot is borrowed. */
typedef void (*pm_reload_fn)(const pm_snapshot *snapshot);

/* The first one takes force. options are those it was loaded with, and the next ones will be;
 * changed is called for this one, too. Takes over the caller's reference. To be called once, before
 * there are messages. */
void pm_reload_begin(const pm_snapshot_options *options, pm_snapshot *first, pm_reload_fn changed);

/* Read it again. One at a time: a second caller waits for the first. False when it was refused;
 * errors has what was wrong, or in either case what is odd about it. Also logged and counted. */
bool pm_reload(pm_errors *errors);

typedef struct pm_reload_state {
    char file[4096];     /* the configuration in force */
    int64_t in_force_us; /* since when (pm_clock_us) */
    int64_t loaded_at;   /* seconds since 1970 */
    size_t rules, plugins;
    int64_t last_at; /* seconds since 1970 of the last try; 0: none yet */
    bool last_ok;
    size_t last_errors;
} pm_reload_state;

/* A copy of how it stands now. Any thread. */
void pm_reload_get_state(pm_reload_state *state_out);

/* No configuration is in force any more: messages pass unexamined. */
void pm_reload_end(void);

#endif
