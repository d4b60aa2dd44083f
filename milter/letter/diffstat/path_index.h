/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * path_index - known paths, found by how they end: what turns ".../asm/book3s/64/tlbflush-radix.h"
 * back into a path.
 *
 * Filled from file lists (`git ls-files`) and from MAINTAINERS patterns, then read-only: many
 * threads may look things up.
 *
 * Not a list of what exists now: a path it does not know may well be real.
 */
#ifndef PM_PATH_INDEX_H
#define PM_PATH_INDEX_H

#include "error.h"

typedef struct pm_path_index pm_path_index;

pm_path_index *pm_path_index_new(void) __attribute__((warn_unused_result)); /* NULL: no memory */
void pm_path_index_free(pm_path_index *index);                              /* NULL is allowed */

/* Remember a path (copied). Twice is once. */
pm_status pm_path_index_add(pm_path_index *index, pm_slice path);

/* Add every path of a file: one a line as `git ls-files` prints them, or, when it is a MAINTAINERS
 * file, its F: patterns without wildcard that name a file. PM_FAULT after an error was added. */
pm_status pm_path_index_load(pm_path_index *index, const char *file, pm_errors *errors);

/* How many known paths are tail or end in "/tail"; the first one found in path_out when there is
 * any. Counting stops at 16. */
unsigned pm_path_index_resolve(const pm_path_index *index, pm_slice tail, pm_slice *path_out);

#endif
