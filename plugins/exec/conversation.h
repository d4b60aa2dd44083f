/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conversation - one letter and one program: the letter is told, the answer heard, and what it says
 * reported.
 *
 * Waits for the program, never past its deadline. Not which programs are asked, nor what a failure
 * leads to: exec.c has that.
 */
#ifndef PM_EXEC_CONVERSATION_H
#define PM_EXEC_CONVERSATION_H

#include "programs.h"

/* Where the lines of a letter go: first they are only counted, as a letter is sent whole or not at
 * all, then they are sent, a buffer at a time. */
typedef struct pm_exec_output {
    const pm_exec_process *to; /* NULL: count */
    int64_t deadline_us;
    pm_exec_io io;
    size_t sent, used;
    char bytes[16 * 1024];
} pm_exec_output;

/* A letter, as whoever is asked about it is shown it. */
typedef struct pm_exec_letter {
    const pm_host *host;
    pm_scan *scan;
    pm_exec_output *output; /* room for it; the same for all who are asked */
} pm_exec_letter;

/* What came of asking. */
typedef struct pm_exec_upshot {
    pm_status status;
    char why[PM_EXEC_WHY]; /* when it is not PM_OK */
} pm_exec_upshot;

/* Ask the program about the letter, and report the facts of its answer: all of them or, past the
 * host's room, the first. wait_us is how long the letter may wait for a process to be free; the
 * program's deadline begins when one is. A program that does something wrong is ended. */
pm_exec_upshot pm_exec_ask(const pm_exec_letter *letter, const pm_exec_asked *program,
                           int64_t wait_us);

#endif
