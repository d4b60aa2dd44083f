/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * source_kind - what each way that mail can lie offers to source.c.
 *
 * For the source files only: everybody else includes source.h.
 */
#ifndef PM_SOURCE_KIND_H
#define PM_SOURCE_KIND_H

#include "source.h"

/* No more of one message is read: more than any message keeps, and less than memory. */
#define PM_MOST_OF_ONE_MAIL ((size_t)64 * 1024 * 1024)

/* The three questions of source.h, to the state one of the functions below made. */
typedef struct pm_source_kind {
    pm_status (*next)(void *state, pm_mail *mail_out);
    double (*progress)(const void *state);
    void (*close)(void *state);
} pm_source_kind;

extern const pm_source_kind pm_mbox_kind, pm_maildir_kind, pm_public_inbox_kind;

/* An eml or mbox file. fd becomes the reader's own, also when this fails, unless it is standard
 * input. name is what it is called in origins and errors; copied. Like the others: NULL after an
 * error was added to errors, which must outlive the state. */
void *pm_mbox_open(int fd, const char *name, pm_errors *errors) __attribute__((warn_unused_result));

/* Is the folder a Maildir; and one of them, opened. */
bool pm_is_maildir(const char *path);
void *pm_maildir_open(const char *path, pm_errors *errors) __attribute__((warn_unused_result));

/* Is the folder a public-inbox archive or one of its repositories; and one of them, opened. */
bool pm_is_public_inbox(const char *path);
void *pm_public_inbox_open(const char *path, pm_errors *errors) __attribute__((warn_unused_result));

#endif
