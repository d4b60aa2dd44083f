/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * regexes - which of many regular expressions are in a text, at the price of one look at the text.
 *
 * Each expression is asked for the literals without one of which it cannot match ("axp[128]" needs
 * "axp", "\b(clang|llvm)\b" needs "clang" or "llvm"). One automaton finds all those literals in a
 * single pass, and only expressions that have one of theirs are run.
 *
 * Expressions are Perl's with /x and /m, as get_maintainer.pl runs N: and K:. Read-only once
 * sealed; many threads may ask.
 */
#ifndef PM_SUBSYSTEM_REGEXES_H
#define PM_SUBSYSTEM_REGEXES_H

#include <patchmark/plugin.h>

#include <stdbool.h>

typedef struct pm_regexes pm_regexes;

pm_regexes *pm_regexes_new(void);          /* NULL: no memory */
void pm_regexes_free(pm_regexes *regexes); /* NULL is allowed */

/* Add an expression, known as id; ids must rise. false after why_out got the reason. */
bool pm_regexes_add(pm_regexes *regexes, pm_slice expression, uint32_t id, char *why_out,
                    size_t why_room);

/* No more will be added. false: no memory. */
bool pm_regexes_seal(pm_regexes *regexes);

/* The ids of those that match, rising. At most room are written; returns how many were. One that
 * runs into pcre2's limits does not match. */
size_t pm_regexes_find(const pm_regexes *regexes, pm_slice text, uint32_t *ids, size_t room);

/* The literals of which a text needs one before expression can match, lower case, in needed_out
 * (each NUL-terminated). Returns their number; 0 when nothing can be said. */
enum { PM_NEEDED_MOST = 24, PM_NEEDED_LENGTH = 32 };
size_t pm_regex_needs(pm_slice expression, char needed_out[PM_NEEDED_MOST][PM_NEEDED_LENGTH + 1]);

#endif
