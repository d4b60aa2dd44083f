/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * error - what is wrong with something a person wrote, where, and the way out.
 *
 * Text is written where the knowledge is and printed where the context is. One sentence each:
 * "rules/local.rules:12: no plugin reports "subject.shuots" (did you mean "subject.shouts"?)".
 *
 * Not for mail: mail is never wrong, only odd.
 */
#ifndef PM_ERROR_H
#define PM_ERROR_H

#include "slice.h"

typedef struct pm_errors pm_errors; /* in the order they were found; errors and warnings */

/* NULL when there is no memory; every function below takes that NULL and does nothing. */
pm_errors *pm_errors_new(void) __attribute__((warn_unused_result));
void pm_errors_free(pm_errors *errors);

/* Add one. file NULL: it has no place; line or column 0: not known. After 100 the rest is only
 * counted. */
void pm_error_at(pm_errors *errors, const char *file, unsigned line, unsigned column,
                 const char *format, ...) __attribute__((format(printf, 5, 6)));

/* As pm_error_at, for what works but is surely not meant; not counted by pm_errors_count. */
void pm_warning_at(pm_errors *errors, const char *file, unsigned line, unsigned column,
                   const char *format, ...) __attribute__((format(printf, 5, 6)));

/* How many errors, how many warnings. */
size_t pm_errors_count(const pm_errors *errors);
size_t pm_warnings_count(const pm_errors *errors);

/* The nth line, error or warning, as it is to be printed ("file:line:column: warning: text"),
 * NUL-terminated, or NULL past the last. Borrowed. */
const char *pm_errors_nth(const pm_errors *errors, size_t nth);

/* The word in names (NULL-terminated) nearest to what was written, for "did you mean": at most two
 * edits away (insert, delete, replace, swap two neighbours) and fewer than half its letters. NULL
 * when none is. */
const char *pm_nearest(pm_slice written, const char *const *names);

#endif
