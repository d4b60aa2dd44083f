/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * process - one running program: started with nothing of ours but three pipes, talked to without
 * ever waiting past a deadline, ended with all its children.
 *
 * Not a decision when to do which: keeper.c has that. Times are of pm_exec_now().
 */
#ifndef PM_EXEC_PROCESS_H
#define PM_EXEC_PROCESS_H

#include "protocol.h"

#include <sys/types.h>

/* What to start, and as whom. */
typedef struct pm_exec_command {
    char *file;  /* absolute; checked to be trusted */
    char **argv; /* ends with NULL */
    bool change_user;
    uid_t uid;
    gid_t gid, *groups; /* when the user is changed */
    size_t group_count;
    uint64_t memory; /* bytes of address space; 0: as much as it likes */
} pm_exec_command;

typedef struct pm_exec_process {
    pid_t pid;      /* and the number of its process group; 0: there is none */
    int watch;      /* readable when it has ended; -1: this kernel has no such thing */
    int to, from;   /* its standard input and output */
    int complaints; /* its standard error; -1 when it has closed that */
} pm_exec_process;

/* Microseconds of a clock that only goes forward. */
int64_t pm_exec_now(void);

/* Start it. False after why was filled: it could not be started, or not as that user. Comes back
 * when the program itself runs. */
bool pm_exec_process_start(pm_exec_process *process, const pm_exec_command *command,
                           char why[PM_EXEC_WHY]);

/* Send a signal to it and to whatever it has started. */
void pm_exec_process_signal(const pm_exec_process *process, int signal);

/* Has it ended, though nobody has asked how yet? */
bool pm_exec_process_has_ended(const pm_exec_process *process);

/* If it has ended: how (as of waitpid), all that is left of it is ended too, and its pipes are
 * closed. False: it still runs. Never waits. */
bool pm_exec_process_reap(pm_exec_process *process, int *status_out);

typedef enum pm_exec_io {
    PM_EXEC_FINE,
    PM_EXEC_LATE, /* the deadline has passed */
    PM_EXEC_GONE, /* the other end is closed */
} pm_exec_io;

/* Send all of it. */
pm_exec_io pm_exec_process_send(const pm_exec_process *process, const char *data, size_t len,
                                int64_t deadline_us);

/* Wait for some of what it says: at least a byte, at most room. */
pm_exec_io pm_exec_process_receive(const pm_exec_process *process, char *into, size_t room,
                                   int64_t deadline_us, size_t *len_out);

/* Nothing has been said, and it could still say something: as it should be between two letters. */
bool pm_exec_process_is_quiet(const pm_exec_process *process);

#endif
