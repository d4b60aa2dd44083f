/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * keeper - keeps programs running: a thread of its own starts their processes, listens to what they
 * greet with and what they complain about, ends those that do not behave, and starts them again,
 * later each time.
 *
 * Whoever has a letter takes a process that is ready, and gives it back; nothing is started in the
 * time of a letter. Not what is said to the process meanwhile: conversation.c has that.
 */
#ifndef PM_EXEC_KEEPER_H
#define PM_EXEC_KEEPER_H

#include "process.h"

/* Back-off. It begins anew once a process has been ready for PM_EXEC_STEADY_US. */
#define PM_EXEC_FIRST_DELAY_US   (100 * 1000)
#define PM_EXEC_LONGEST_DELAY_US (60LL * 1000 * 1000)
#define PM_EXEC_STEADY_US        (30LL * 1000 * 1000)

/* What a program is told to end with, and how long it then has. */
#define PM_EXEC_PARTING_US (500 * 1000)

typedef struct pm_exec_keeper pm_exec_keeper;
typedef struct pm_exec_program pm_exec_program;

/* A process that somebody has taken. */
typedef struct pm_exec_worker {
    pm_exec_process process;
    uint64_t letters; /* how many it was asked about: the next one's id is one more */
    pm_exec_answer answer;
} pm_exec_worker;

/* What a program is, beside its name; the command stays the caller's and must outlive the keeper.
 */
typedef struct pm_exec_terms {
    const char *name;
    const pm_exec_command *command;
    unsigned processes;
    int64_t start_us; /* how long it may take to be ready */
} pm_exec_terms;

/* NULL: no memory. log lines go to the host. */
pm_exec_keeper *pm_exec_keeper_new(const pm_host *host);

/* Before it runs. NULL: no memory. The keeper's. */
pm_exec_program *pm_exec_keeper_add(pm_exec_keeper *keeper, const pm_exec_terms *terms);

/* Start the thread, and with it all processes. False: it cannot be started. */
bool pm_exec_keeper_run(pm_exec_keeper *keeper);

/* End all processes, and the thread. Nothing of them is left behind. NULL is allowed. */
void pm_exec_keeper_free(pm_exec_keeper *keeper);

/* Wait until all processes of the program are ready: at most as long as they may take for it. NULL
 * after why was filled: one of them was not. The greeting is the program's. */
const pm_exec_greeting *pm_exec_program_wait(pm_exec_program *program, char why[PM_EXEC_WHY]);

/* Take a process for a letter. While all are busy with others, wait until one is free or the
 * deadline passes; while none runs, do not. NULL after why was filled. Any thread. */
pm_exec_worker *pm_exec_program_take(pm_exec_program *program, int64_t deadline_us,
                                     char why[PM_EXEC_WHY]);

/* Give it back. wrong is what it did wrong, for the log; the process is ended then. NULL: nothing.
 */
void pm_exec_program_give(pm_exec_program *program, pm_exec_worker *worker, const char *wrong);

#endif
