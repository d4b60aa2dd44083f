/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * complaints - what a program writes to its standard error, made fit for a log: whole lines, not
 * too long, printable, and not too many of them.
 *
 * Not a reader of pipes: keeper.c hands it bytes. One thread only.
 */
#ifndef PM_EXEC_COMPLAINTS_H
#define PM_EXEC_COMPLAINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PM_EXEC_COMPLAINT = 240,        /* bytes of a line that are shown */
    PM_EXEC_COMPLAINTS_AT_ONCE = 10 /* lines; behind them one a second */
};
#define PM_EXEC_FLOOD (1024 * 1024) /* bytes in a second that nobody writes who is well */

typedef struct pm_exec_complaints {
    /* Gets each line to be logged; left_out is how many before it were not. */
    void (*tell)(void *context, const char *line, unsigned left_out);
    void *context;
    char line[PM_EXEC_COMPLAINT * 4 + 1]; /* the last one, or what there is of the next */
    size_t bytes, used;                   /* taken, and written with escapes */
    unsigned allowance, left_out;
    int64_t refilled_us, second_us; /* when lines were last allowed; when the second began */
    size_t in_second;
    bool begun, whole; /* has there been any; is line one that has ended */
} pm_exec_complaints;

/* More bytes. now_us is any clock that only goes forward. False: this is a flood. */
bool pm_exec_complaints_add(pm_exec_complaints *complaints, const char *data, size_t len,
                            int64_t now_us);

/* The stream has ended: what has no line end is a line, too. */
void pm_exec_complaints_end(pm_exec_complaints *complaints, int64_t now_us);

/* The last line that was written, told or not, NUL-terminated; empty: none. */
const char *pm_exec_complaints_last(const pm_exec_complaints *complaints);

#endif
