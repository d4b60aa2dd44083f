/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * diffstat_parts - what a diffstat is made of, for diffstat.c; and the names in diffs, for
 * diff_paths.c.
 *
 * Private to this folder; everybody else wants diffstat.h.
 */
#ifndef PM_DIFFSTAT_PARTS_H
#define PM_DIFFSTAT_PARTS_H

#include "diffstat.h"
#include "table.h"

#define PM_DIFFSTAT_ROWS_MAX 20000 /* that are kept, of a table or of diffs */

/* ---- diffstat_summary.c ---- */

typedef struct pm_stat_summary {
    unsigned files, insertions, deletions;
} pm_stat_summary;

/* Is line a summary? after is the text behind it, into which a mail client may have wrapped it;
 * what belongs to the summary is taken off. */
bool pm_stat_summary_read(pm_slice line, pm_slice *after, pm_stat_summary *summary_out);

/* ---- diffstat_row.c ---- */

typedef enum pm_stat_line {
    PM_STAT_LINE_OTHER,
    PM_STAT_LINE_BLANK,
    PM_STAT_LINE_ROW,
    PM_STAT_LINE_UNMERGED, /* a row, but git does not count it */
    PM_STAT_LINE_CUT,      /* " ...": rows were left out (--stat-count) */
    PM_STAT_LINE_GRAPH,    /* "+++---" alone: the end of a wrapped row */
    PM_STAT_LINE_BAR,      /* "| 12 +++" alone: its name is on the line above */
} pm_stat_line;

typedef struct pm_stat_row {
    pm_slice name; /* as written */
    unsigned lines, plus, minus;
    bool binary;
} pm_stat_row;

/* What a line of the table is. Its row is filled in as far as it goes. */
pm_stat_line pm_stat_row_read(pm_slice line, pm_stat_row *row);

/* ---- diffstat_table.c ---- */

typedef struct pm_stat_table {
    pm_stat_row *rows; /* from the last to the first; at most PM_DIFFSTAT_ROWS_MAX */
    size_t count, room;
    bool cut;          /* rows were left out by who made it */
    const char *begin; /* of its first row */
} pm_stat_table;

/* Read rows upwards from the end of text, until there are as many as the summary says. Fewer are
 * what the table has. The rows of an older table are written over. PM_LIMIT past the budget. */
pm_status pm_stat_table_read(pm_arena *arena, pm_slice text, unsigned said, pm_stat_table *table);

/* ---- diffstat_name.c ---- */

/* Fill in path's names and how from a name as written; the other members are cleared. PM_LIMIT past
 * the budget. */
pm_status pm_stat_name_read(pm_arena *arena, pm_slice written, pm_path *path);

/* ---- diffstat_cut.c ---- */

/* A path as it is written out, and what it was called before; that is empty when it was not renamed
 * or nothing says so. */
typedef struct pm_whole_path {
    pm_slice path, old_path;
} pm_whole_path;

/* Remember in named, by its last component, a path that the letter writes out. PM_LIMIT past the
 * budget. */
pm_status pm_cut_name(pm_arena *arena, pm_table *named, pm_whole_path whole);

/* The same with all paths in the lines below a table: " create mode 100644 a/b.c". */
pm_status pm_cut_read_mode_lines(pm_arena *arena, pm_slice below, pm_table *named);

/* How many of the named paths are tail or end in "/tail"; the last of them in whole_out, which is
 * left alone when there is none. At most 16 are looked at. */
unsigned pm_cut_resolve(const pm_table *named, pm_slice tail, pm_whole_path *whole_out);

/* Is path the tail, or does it end in "/tail"? */
bool pm_cut_ends_in(pm_slice path, pm_slice tail);

/* Put whole in place of a path that was cut. Its old name is then whole too, or empty. PM_LIMIT
 * past the budget. */
pm_status pm_cut_mend(pm_arena *arena, pm_path *path, const pm_whole_path *whole);

/* Say that count paths may be meant by path; when there is but one, it is whole. PM_LIMIT past the
 * budget. */
pm_status pm_cut_settle(pm_arena *arena, pm_path *path, unsigned count, const pm_whole_path *whole);

/* ---- diff_name.c ---- */

/* The paths in "a/old b/new", behind "diff --git": the old one is empty when both are the same.
 * Both are empty where the line can be read in several ways; other lines tell then. PM_LIMIT past
 * the budget. */
pm_status pm_diff_git_paths(pm_arena *arena, pm_slice names, pm_whole_path *paths_out);

/* A name in a ---, +++ or Index: line, without the time or the revision behind it. data is NULL
 * past the budget. */
pm_slice pm_diff_header_name(pm_arena *arena, pm_slice rest);

/* Is it "/dev/null", the other side of a file that is made or removed? */
bool pm_diff_is_nothing(pm_slice name);

/* The path that a pair of --- and +++ lines means. git and most others put one directory in front
 * (a/ and b/, linux.orig/ and linux/); some do not. */
pm_slice pm_diff_pair_path(pm_slice old_name, pm_slice new_name);

#endif
