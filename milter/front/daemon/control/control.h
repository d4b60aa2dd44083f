/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control - the daemon's side of `patchmark ctl`: a unix socket at which root and the daemon's own
 * user may ask.
 *
 * A client sends one line, the request. The answer is a line, then exactly as many bytes as that
 * says, then the end:
 *
 *     ok 1234           what was asked for
 *     refused 98        it was tried and not done; why
 *     error 17          nobody knows that request, or there was no memory
 *
 * One thread of its own, at most 8 clients, each of which has five seconds for its request and for
 * taking each piece of the answer; the rest wait at the door. Mail never waits for any of this.
 *
 * Not what a request does: whoever starts this hands over a table.
 */
#ifndef PM_CONTROL_H
#define PM_CONTROL_H

#include "error.h"
#include "strbuf.h"

typedef struct pm_control_request {
    const char *name; /* NULL ends a table */
    /* Do it and append what there is to say. False: refused. */
    bool (*answer)(pm_strbuf *to);
} pm_control_request;

/* Listen at path and answer requests. file is where the path was written. False after an error was
 * added: nothing else depends on it. requests are borrowed until the stop. */
bool pm_control_start(const char *path, const char *file, const pm_control_request *requests,
                      pm_errors *errors);

/* End it, when a request under way has been answered, and remove the socket. Nothing happens when
 * it was not started. */
void pm_control_stop(void);

#endif
