/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plugin_guard - keeps one plugin's trouble from becoming everybody's: a plugin that crashed the
 * daemon is not shown that message again and after three crashes none, nor opened again if it did
 * so while it was opened; one that takes too long, again and again, is left out for a while.
 *
 * The daemon's; it outlives its snapshots, so that a reload forgives nothing. The command line has
 * none: there the same mail gets the same answer every time.
 *
 * Not a sandbox: what plugins do to this process's memory cannot be undone. Code that is not
 * trusted belongs into another process; see plugins/exec.
 */
#ifndef PM_PLUGIN_GUARD_H
#define PM_PLUGIN_GUARD_H

#include "error.h"

typedef struct pm_guard pm_guard;
typedef struct pm_guarded pm_guarded; /* one plugin, as long as the guard */

#define PM_GUARD_CRASHES_MOST 3 /* then it is switched off, until its version changes */

/* NULL without memory. */
pm_guard *pm_guard_new(void) __attribute__((warn_unused_result));

/* Remember crashes in this file, see crash_record.h, and watch for them from now on; once, before
 * plugins are opened. False after an error was added: crashes are then not remembered. */
bool pm_guard_remember_in(pm_guard *guard, const char *crash_file, pm_errors *errors);

/* A proper end of the process, also when messages are still being looked at. NULL is allowed. */
void pm_guard_end(pm_guard *guard);
void pm_guard_free(pm_guard *guard); /* ends it; no plugin may be running any more */

/* The plugin of this name, from now on in this version and with so much time for one message; says
 * in the log when it is switched off. NULL without memory, or when guard is. */
pm_guarded *pm_guard_plugin(pm_guard *guard, const char *name, const char *version,
                            int64_t budget_us);

typedef enum pm_admission {
    PM_ADMITTED,
    PM_KEPT_FROM_MESSAGE, /* it crashed us with this message */
    PM_SWITCHED_OFF,      /* it crashed us three times */
    PM_PAUSED,            /* it was too slow too often */
} pm_admission;

typedef struct pm_visit { /* of one message; ours */
    int64_t began_us;
    int recorded, place;
    bool trial; /* whether the plugin may go on depends on this one */
} pm_visit;

/* May it see this message now? now_us is pm_clock_us(). Whoever is admitted must leave. guarded
 * NULL admits. */
pm_admission pm_guard_enter(pm_guarded *guarded, pm_slice message_id, int64_t now_us,
                            pm_visit *visit_out);

/* May it be opened? PM_ADMITTED, or PM_SWITCHED_OFF when it crashed us three times and did so while
 * it was opened. Whoever is admitted must leave, with
 * pm_guard_leave_opening. */
pm_admission pm_guard_enter_opening(pm_guarded *guarded, pm_visit *visit_out);
void pm_guard_leave_opening(pm_guarded *guarded, const pm_visit *visit);

/* What scan() returned. Past its budget it counts as too slow; excused_us is the time it spent
 * waiting for what is not its fault. */
void pm_guard_leave(pm_guarded *guarded, const pm_visit *visit, pm_status status, int64_t now_us,
                    int64_t excused_us);

/* How one plugin has done since the start, for metrics. */
typedef struct pm_guarded_state {
    const char *name; /* as long as the guard */
    uint64_t scans, faults, overruns;
    uint64_t refused; /* messages it was not shown */
    int64_t spent_us;
    unsigned crashes, stuck; /* stuck: scans that should have ended long ago */
    bool switched_off, paused;
} pm_guarded_state;

/* The nth plugin; false past the last. */
bool pm_guard_nth(pm_guard *guard, size_t nth, int64_t now_us, pm_guarded_state *state_out);

#endif
