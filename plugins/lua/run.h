/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * run - running scripts: once when they are loaded, to learn what they declare, and then over each
 * letter.
 *
 * A script runs from its top for every letter, in an environment of its own. So what it keeps in
 * variables is gone with the letter, and the same letter gets the same answer whatever came before.
 * What it reports is held back until it has come to its end: a script that fails has said nothing.
 */
#ifndef PATCHMARK_LUA_RUN_H
#define PATCHMARK_LUA_RUN_H

#include "sandbox.h"
#include "script.h"

typedef enum run_phase {
    RUN_LOADS, /* in open(): it declares */
    RUN_TOP,   /* over a letter: from its top, so that its functions and tables are there */
    RUN_SCANS, /* its function scan() */
} run_phase;

/* One script at work; what the functions it calls find by sandbox_context. */
typedef struct run {
    const pm_host *host;
    pm_scan *scan;               /* NULL when it is loaded */
    const pm_settings *settings; /* when it is loaded; else NULL */
    script *script;              /* written to when it is loaded only */
    run_phase phase;
    pm_status failed; /* what the host answered when it could not go on; PM_OK: it could */
} run;

/* Make a new state ready for scripts. False for want of memory. */
bool run_prepare(sandbox *box);

/* Compile a script into a state and run its top, in open(). PM_FAULT after problem(). */
pm_status run_load(sandbox *box, const pm_host *host, const pm_settings *settings, script *which);

/* The same for a state that is made later. False for want of memory. */
bool run_compile(sandbox *box, script *which);

/* Run a script over a letter. Anything but PM_OK has been logged. */
pm_status run_letter(sandbox *box, const pm_host *host, pm_scan *scan, script *which);

#endif
