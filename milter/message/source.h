/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * source - where mail lies: an eml file, an mbox (mboxo or mboxrd; told apart by nothing, read the
 * same way), a Maildir, a public-inbox git directory, or standard input (eml or mbox).
 *
 * What a path is is found by looking: a directory with cur/ and new/ is a Maildir; one with git
 * objects (bare, or all.git, or git/0.git ...) is public-inbox; a file that begins with "From " is
 * an mbox; any other file is one message. Messages come in the order of the archive.
 *
 * Formats: mbox as in RFC 4155 and mbox(5); Maildir as in maildir(5); public-inbox as in
 * public-inbox-v1-format(5) and -v2-format(5), read through `git log` and `git cat-file --batch`.
 *
 * Memory is bounded by the longest message; of one over 64 MiB the rest is left out.
 */
#ifndef PM_SOURCE_H
#define PM_SOURCE_H

#include "error.h"

typedef struct pm_source pm_source;

typedef struct pm_mail {
    pm_slice bytes;     /* the whole message, without mbox's "From " line and quoting */
    const char *origin; /* "archive.mbox:1234" (line of its "From "), a file name, a commit id */
} pm_mail;

/* path "-" is standard input. NULL after an error with the way out was added: not there, not
 * readable, no mail in it, git missing. */
pm_source *pm_source_open(const char *path, pm_errors *errors) __attribute__((warn_unused_result));
void pm_source_close(pm_source *source); /* NULL is allowed */

/* The next message and its origin, borrowed until the next call or close. PM_ABSENT at the end;
 * PM_FAULT when reading failed half-way (an error was added), after which there is nothing more. */
pm_status pm_source_next(pm_source *source, pm_mail *mail_out);

/* How far it is, 0 to 1, for a progress bar; negative when that cannot be told. */
double pm_source_progress(const pm_source *source);

#endif
