/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * listener - a place to listen at, taken from nobody and left behind clean.
 *
 * A socket's file outlives the program that made it. libmilter can remove one that is there, but
 * would also take it from a filter that is alive: both run on, and half of the mail goes unmarked.
 * Who holds the lock file beside the socket may remove it.
 *
 * Not the listening: libmilter does that, between claim and open.
 */
#ifndef PM_LISTENER_H
#define PM_LISTENER_H

#include "endpoint.h"

/* Who may connect to a unix socket. */
typedef struct pm_listener_access {
    unsigned mode;
    const char *group; /* NULL: as the system makes it */
} pm_listener_access;

/* Make sure that nobody listens there and that we can; a socket file nobody listens at is removed.
 * False after an error with the way out was added; file is where the socket is set. The lock is
 * held until the process ends. */
bool pm_listener_claim(const pm_endpoint *endpoint, const char *file, pm_errors *errors);

/* Once libmilter listens: give a unix socket its mode and group; let a TCP socket answer without
 * delay, which libmilter does not (ten times slower). False after an error was added. */
bool pm_listener_open(const pm_endpoint *endpoint, const pm_listener_access *access,
                      const char *file, pm_errors *errors);

/* Remove the unix socket of a claim. */
void pm_listener_remove(const pm_endpoint *endpoint);

#endif
