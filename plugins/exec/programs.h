/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * programs - the programs that the configuration names: each block read, its command checked to be
 * trusted and its user looked up, so that whatever is wrong is told before anything is started.
 *
 * Not the starting: keeper.c has that.
 */
#ifndef PM_EXEC_PROGRAMS_H
#define PM_EXEC_PROGRAMS_H

#include "keeper.h"

#include <stdatomic.h>

enum { PM_EXEC_PROGRAMS = 32 }; /* the most there can be */

typedef struct pm_exec_asked { /* a program that letters are shown to */
    char *name;
    pm_exec_command command;
    int64_t processes, deadline_us, start_us, memory;
    const pm_settings *block;         /* where it stands; lives no longer than open() */
    pm_exec_program *program;         /* the keeper's */
    const pm_exec_greeting *greeting; /* the program's own; NULL until it has greeted */
    atomic_bool told;                 /* that a letter's time was too short for it */
} pm_exec_asked;

typedef struct pm_exec_programs {
    const pm_host *host;
    pm_exec_keeper *keeper;
    pm_exec_asked items[PM_EXEC_PROGRAMS]; /* in the order they are asked */
    size_t count;
} pm_exec_programs;

/* Read every block `program` into programs, in which host and keeper are set, and hand each to the
 * keeper, which does not run yet. PM_FAULT after the host was told of the problem. */
pm_status pm_exec_programs_read(pm_exec_programs *programs, const pm_settings *settings);

/* Give back what was read, also after PM_FAULT; behind the keeper, which borrows commands. */
void pm_exec_programs_forget(pm_exec_programs *programs);

#endif
