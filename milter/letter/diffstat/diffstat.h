/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * diffstat - which files a letter says it changes, and how much.
 *
 * Found from its summary line (" N files changed, ...") backwards; the rows must agree with N, so
 * that ASCII art with "|" is never taken for one. Dialects: git's (any width, Bin, renames with
 * {old => new}, mode lines, quoted names), quilt's and diffstat(1)'s, Mercurial's. Paths of a diff
 * are read as well.
 *
 * Not a diff parser: hunks are counted, not understood.
 */
#ifndef PM_DIFFSTAT_H
#define PM_DIFFSTAT_H

#include "arena.h"

typedef struct pm_path_index pm_path_index; /* path_index.h */

typedef enum pm_path_how {
    PM_PATH_WHOLE,     /* written out, if not in the diffstat then in the letter's own diff */
    PM_PATH_RESOLVED,  /* was ".../tail", and exactly one known path ends so */
    PM_PATH_AMBIGUOUS, /* several known paths end so; path is the tail */
    PM_PATH_UNKNOWN,   /* none does; path is the tail */
} pm_path_how;

typedef struct pm_path {
    pm_slice path;     /* the new name; for a truncated one see how (a tail has no ".../") */
    pm_slice old_path; /* of a rename or copy, cut where path is; else empty */
    pm_slice written;  /* as it stands in the letter */
    pm_path_how how;
    unsigned candidates;     /* of an ambiguous one */
    unsigned lines;          /* lines added and removed; 0 for binary */
    unsigned added, removed; /* when a diff tells; a diffstat scales them */
    bool binary;
} pm_path;

typedef struct pm_diffstat {
    pm_path *paths;
    size_t count;
    unsigned files_changed, insertions, deletions; /* of the summary line; counted in a diff */
    bool complete;                                 /* as many rows as the summary says */
    bool from_diff; /* read from the diff itself, there being no diffstat */
    pm_slice text;  /* rows and summary in the letter */
} pm_diffstat;

/* The diffstat of text: the last one in it that counts right, outside quoting. Without one, count
 * is 0. index may be NULL: truncated paths stay unknown. PM_LIMIT past the budget (at most 20,000
 * rows are kept). */
pm_status pm_diffstat_find(pm_arena *arena, pm_slice text, const pm_path_index *index,
                           pm_diffstat *diffstat_out);

/* The same, from the diffs in text ("diff --git", or ---/+++ pairs), outside quoting. */
pm_status pm_diffstat_from_diff(pm_arena *arena, pm_slice text, pm_diffstat *diffstat_out);

/* Of the paths that a diffstat cuts short, those that the diffs in text write out. PM_LIMIT past
 * the budget. */
pm_status pm_diffstat_complete(pm_arena *arena, pm_slice text, pm_diffstat *diffstat);

/* Decide an unknown path by others that are known to be: which end so? A diffstat names a file
 * once, so what it writes out is not what it cuts short. Candidates live as long as the diffstat.
 * PM_LIMIT past the budget. */
pm_status pm_diffstat_resolve(pm_arena *arena, const pm_diffstat *diffstat, pm_path *path,
                              const pm_slice *candidates, size_t count);

#endif
