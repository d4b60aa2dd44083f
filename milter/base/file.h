/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * file - a whole file in memory: configuration, rules, lists of paths.
 *
 * Not mail, which may be of any size and come through a pipe: see source.h.
 */
#ifndef PM_FILE_H
#define PM_FILE_H

#include "arena.h"

#include <sys/stat.h>

/* All of a regular file of at most `most` bytes, in the arena. 0, or an errno of open(2), fstat(2)
 * or read(2); EISDIR or EINVAL when it is no regular file (a pipe is not waited for), EFBIG, and
 * ENOMEM past the arena's budget. about_out is what fstat(2) said of it, as soon as it is open. */
int pm_file_read(pm_arena *arena, const char *name, size_t most, pm_slice *bytes_out,
                 struct stat *about_out);

#endif
