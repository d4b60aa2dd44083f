/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * child - another program that answers us: its standard input and output are ours, what it
 * complains about is kept for the error message. No shell in between.
 */
#ifndef PM_CHILD_H
#define PM_CHILD_H

#include "strbuf.h"

#include <stdio.h>
#include <sys/types.h>

typedef struct pm_child {
    pid_t pid;      /* 0: none */
    int to;         /* its standard input, a socket */
    FILE *from;     /* its standard output */
    int complaints; /* a file in memory, its standard error */
} pm_child;

/* No program yet: pm_child_end is safe. */
#define PM_NO_CHILD ((pm_child){.to = -1, .complaints = -1})

/* Start argv[0], looked for in PATH, in our environment less the variables named in without (both
 * end in NULL). False with errno set. */
bool pm_child_start(pm_child *child, const char *const *argv, const char *const *without)
    __attribute__((warn_unused_result));

/* Write all of text to it. False when it no longer listens. */
bool pm_child_tell(pm_child *child, pm_slice text) __attribute__((warn_unused_result));

/* Wait until it ends by itself: what it wrote has been read. True when its exit status is 0. What
 * it complained about, on one line, goes to why_out. */
bool pm_child_finish(pm_child *child, pm_strbuf *why_out) __attribute__((warn_unused_result));

/* End it, whatever it does. */
void pm_child_end(pm_child *child);

#endif
