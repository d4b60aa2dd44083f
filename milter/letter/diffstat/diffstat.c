/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * diffstat - which files a letter says it changes; see diffstat.h and diffstat.md.
 *
 * The last table that counts right, found from its summary backwards, and then its paths, whole as
 * far as anything tells. Each step has a file of its own, listed in diffstat_parts.h; diffs
 * themselves are diff_paths.c's.
 */
#include "diffstat.h"

#include "diffstat_parts.h"
#include "lines.h"
#include "path_index.h"
#include "prose.h"

/* ---- The table ------------------------------------------------------------------------------- */

/* lines shared out between added and removed as the graph shows them. */
static void scale(const pm_stat_row *row, pm_path *path)
{
    unsigned marks = row->plus + row->minus;

    path->lines = row->lines;
    path->binary = row->binary;
    if (marks == 0)
        return;
    path->added = (unsigned)(((uint64_t)row->lines * row->plus + marks / 2) / marks);
    path->removed = row->lines - path->added;
}

static pm_status resolve(pm_arena *arena, const pm_path_index *index, const pm_table *named,
                         pm_path *path)
{
    pm_whole_path whole = {PM_EMPTY, PM_EMPTY};
    unsigned count;

    if (path->how == PM_PATH_WHOLE)
        return PM_OK;
    count = pm_cut_resolve(named, path->path, &whole);
    if (count == 0 && index != NULL)
        count = pm_path_index_resolve(index, path->path, &whole.path);
    return pm_cut_settle(arena, path, count, &whole);
}

static bool has_truncated(const pm_stat_table *table, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (pm_slice_starts(table->rows[i].name, PM_LIT("...")))
            return true;
    return false;
}

/* Turn rows into paths. below is the text behind the summary. */
static pm_status fill_paths(pm_arena *arena, const pm_stat_table *table, const pm_path_index *index,
                            pm_slice below, pm_diffstat *diffstat)
{
    size_t kept = table->count < PM_DIFFSTAT_ROWS_MAX ? table->count : PM_DIFFSTAT_ROWS_MAX;
    pm_table *named = pm_table_new(arena);

    diffstat->paths = pm_alloc_array(arena, kept, sizeof(*diffstat->paths));
    if (diffstat->paths == NULL || named == NULL)
        return PM_LIMIT;
    if (has_truncated(table, kept) && pm_cut_read_mode_lines(arena, below, named) != PM_OK)
        return PM_LIMIT;
    for (size_t i = 0; i < kept; i++) {
        const pm_stat_row *row = &table->rows[kept - 1 - i];
        pm_path *path = &diffstat->paths[i];

        if (pm_stat_name_read(arena, row->name, path) != PM_OK)
            return PM_LIMIT;
        scale(row, path);
        if (resolve(arena, index, named, path) != PM_OK)
            return PM_LIMIT;
        diffstat->count = i + 1;
    }
    return PM_OK;
}

/* May line be a summary? Most lines begin otherwise. */
static bool begins_with_number(pm_slice line)
{
    size_t at = pm_line_indent(line);

    return at < line.len && pm_is_digit(line.data[at]);
}

pm_status pm_diffstat_find(pm_arena *arena, pm_slice text, const pm_path_index *index,
                           pm_diffstat *diffstat_out)
{
    pm_prose prose = pm_prose_of(text);
    pm_stat_table table = {0}, last = {0};
    pm_stat_summary summary, last_summary = {0};
    pm_slice line, below = PM_EMPTY;

    *diffstat_out = (pm_diffstat){.text = PM_EMPTY};
    while (pm_prose_next(&prose, &line)) {
        pm_slice after = prose.rest;

        if (!begins_with_number(line) || !pm_stat_summary_read(line, &after, &summary))
            continue;
        if (pm_stat_table_read(arena, (pm_slice){prose.begin, (size_t)(line.data - prose.begin)},
                               summary.files, &table) != PM_OK)
            return PM_LIMIT;
        if (table.count == 0 || (table.count != summary.files && !table.cut))
            continue;
        /* The table that was the last until now lends its rows to the next one. */
        pm_stat_table spare = last;
        last = table;
        table = spare;
        last_summary = summary;
        below = after;
    }
    if (last.count == 0)
        return PM_OK;
    *diffstat_out = (pm_diffstat){
        .files_changed = last_summary.files,
        .insertions = last_summary.insertions,
        .deletions = last_summary.deletions,
        .complete = last.count == last_summary.files && last.count <= PM_DIFFSTAT_ROWS_MAX,
        .text = {last.begin, (size_t)(below.data - last.begin)},
    };
    return fill_paths(arena, &last, index, below, diffstat_out);
}

/* ---- What is cut, by the diff below ---------------------------------------------------------- */

static bool is_cut(const pm_path *path)
{
    return path->how == PM_PATH_UNKNOWN || path->how == PM_PATH_AMBIGUOUS;
}

static bool has_cut(const pm_diffstat *diffstat)
{
    for (size_t i = 0; i < diffstat->count; i++)
        if (is_cut(&diffstat->paths[i]))
            return true;
    return false;
}

/* The paths of a diff that the diffstat does not write out, by their last component. */
static pm_status name_others(pm_arena *arena, const pm_diffstat *diffstat, const pm_diffstat *diff,
                             pm_table *named)
{
    pm_table *whole = pm_table_new(arena);

    if (whole == NULL)
        return PM_LIMIT;
    for (size_t i = 0; i < diffstat->count; i++)
        if (diffstat->paths[i].how == PM_PATH_WHOLE &&
            pm_table_put(whole, diffstat->paths[i].path, &diffstat->paths[i]) != PM_OK)
            return PM_LIMIT;
    for (size_t i = 0; i < diff->count; i++) {
        const pm_path *path = &diff->paths[i];

        if (pm_table_get(whole, path->path) == NULL &&
            pm_cut_name(arena, named, (pm_whole_path){path->path, path->old_path}) != PM_OK)
            return PM_LIMIT;
    }
    return PM_OK;
}

pm_status pm_diffstat_complete(pm_arena *arena, pm_slice text, pm_diffstat *diffstat)
{
    pm_table *named;
    pm_diffstat diff;

    if (!has_cut(diffstat))
        return PM_OK;
    named = pm_table_new(arena);
    if (named == NULL || pm_diffstat_from_diff(arena, text, &diff) != PM_OK ||
        name_others(arena, diffstat, &diff, named) != PM_OK)
        return PM_LIMIT;
    for (size_t i = 0; i < diffstat->count; i++) {
        pm_path *path = &diffstat->paths[i];
        pm_whole_path known = {PM_EMPTY, PM_EMPTY};

        if (!is_cut(path) || pm_cut_resolve(named, path->path, &known) != 1)
            continue;
        path->how = PM_PATH_WHOLE;
        if (pm_cut_mend(arena, path, &known) != PM_OK)
            return PM_LIMIT;
    }
    return PM_OK;
}

/* ---- What is cut, by other letters ----------------------------------------------------------- */

static bool writes_out(const pm_diffstat *diffstat, pm_slice path)
{
    for (size_t i = 0; i < diffstat->count; i++)
        if (diffstat->paths[i].how == PM_PATH_WHOLE &&
            pm_slice_equal(diffstat->paths[i].path, path))
            return true;
    return false;
}

pm_status pm_diffstat_resolve(pm_arena *arena, const pm_diffstat *diffstat, pm_path *path,
                              const pm_slice *candidates, size_t count)
{
    pm_whole_path known = {PM_EMPTY, PM_EMPTY};
    unsigned found = 0;

    if (path->how != PM_PATH_UNKNOWN)
        return PM_OK;
    for (size_t i = 0; i < count; i++) {
        if (!pm_cut_ends_in(candidates[i], path->path) || writes_out(diffstat, candidates[i]))
            continue;
        known.path = candidates[i];
        found++;
    }
    return pm_cut_settle(arena, path, found, &known);
}
