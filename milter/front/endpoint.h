/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * endpoint - where a milter listens, in every spelling people have for it.
 *
 * Postfix writes inet:HOST:PORT and libmilter inet:PORT@HOST; everyone mixes them up. Both are read
 * here, and each MTA's own line is printed back, so that nobody has to translate.
 *
 * Not the listening itself; see listener.h.
 */
#ifndef PM_ENDPOINT_H
#define PM_ENDPOINT_H

#include "error.h"

#include <sys/types.h>

typedef enum pm_endpoint_kind {
    PM_ENDPOINT_UNIX,
    PM_ENDPOINT_INET,
    PM_ENDPOINT_INET6,
    PM_ENDPOINT_FD, /* a socket that listens already, handed over by systemd */
} pm_endpoint_kind;

typedef struct pm_endpoint {
    pm_endpoint_kind kind;
    char path[108]; /* as long as sockaddr_un allows, with its NUL */
    char host[256]; /* a name or an address, without square brackets */
    unsigned port;
    unsigned fd;
} pm_endpoint;

/* Read
 *
 *     unix:/path  local:/path  /path           a unix socket
 *     inet:host:port  inet:[::1]:port          as Postfix has it
 *     inet:port@host  inet6:port@host          as libmilter has it
 *     fd:3                                     open already
 *
 * False after an error with the way out was added; file is where text was written. */
bool pm_endpoint_parse(const char *text, const char *file, pm_endpoint *endpoint_out,
                       pm_errors *errors);

/* Which group a unix socket is to have. False after an error was added: there is none of that name;
 * file is where it was written. */
bool pm_endpoint_group(const char *name, const char *file, gid_t *group_out, pm_errors *errors);

/* Room for any spelling or line below. */
#define PM_ENDPOINT_TEXT 512

/* local:/path, inet:port@host, inet6:port@host, fd:N: what smfi_setconn() and Sendmail read. */
void pm_endpoint_print_libmilter(const pm_endpoint *endpoint, char text_out[PM_ENDPOINT_TEXT]);

/* The line for Postfix's main.cf, and the one for Sendmail's .mc file. Both let mail pass when
 * patchmarkd does not answer. A path under queue_directory (Postfix's; may be NULL) is written
 * relative to it: then it is right for an smtpd in a chroot and for one that is not. Empty for
 * fd:N, which only systemd knows. */
void pm_endpoint_main_cf(const pm_endpoint *endpoint, const char *queue_directory,
                         char line_out[PM_ENDPOINT_TEXT]);
void pm_endpoint_sendmail_mc(const pm_endpoint *endpoint, char line_out[PM_ENDPOINT_TEXT]);

#endif
