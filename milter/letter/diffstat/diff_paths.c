/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * diff_paths - which files the diffs in a letter change, and by how many lines; see diffstat.h.
 *
 * Hunks are counted, not understood.
 */
#include "diffstat.h"

#include "diffstat_parts.h"
#include "lines.h"
#include "prose.h"
#include "quoted_path.h"

typedef struct diff_reader {
    pm_arena *arena;
    pm_table *known; /* path to place in paths, counted from 1 */
    pm_path *paths;
    size_t count, room;
    unsigned insertions, deletions;

    pm_path file; /* the one being read; its path is empty before the first */
    bool open;
    unsigned old_left, new_left; /* of the hunk being read */
    bool in_hunk;
} diff_reader;

/* Put the file being read beside the others. Several patches in one letter may change it. */
static pm_status close_file(diff_reader *reader)
{
    pm_path *file = &reader->file;
    void *place;

    if (!reader->open)
        return PM_OK;
    reader->open = reader->in_hunk = false;
    if (file->path.len == 0)
        return PM_OK;
    file->lines = file->added + file->removed;
    reader->insertions += file->added;
    reader->deletions += file->removed;
    place = pm_table_get(reader->known, file->path);
    if (place != NULL) {
        pm_path *same = &reader->paths[(uintptr_t)place - 1];

        same->added += file->added;
        same->removed += file->removed;
        same->lines += file->lines;
        same->binary |= file->binary;
        if (same->old_path.len == 0)
            same->old_path = file->old_path;
        return PM_OK;
    }
    if (reader->count == PM_DIFFSTAT_ROWS_MAX)
        return PM_OK;
    if (pm_grow(reader->arena, &reader->paths, &reader->room, reader->count, sizeof(*file)) !=
        PM_OK)
        return PM_LIMIT;
    reader->paths[reader->count++] = *file;
    return pm_table_put(reader->known, file->path, (void *)(uintptr_t)reader->count);
}

static pm_status open_file(diff_reader *reader, pm_slice written)
{
    pm_status status = close_file(reader);

    reader->file = (pm_path){.path = PM_EMPTY, .old_path = PM_EMPTY, .written = written};
    reader->open = true;
    return status;
}

/* ---- Lines ----------------------------------------------------------------------------------- */

/* "--- old" and, on the next line, "+++ new". */
static pm_status read_pair(diff_reader *reader, pm_slice line, pm_slice *rest)
{
    pm_slice next = PM_EMPTY, old, new, path;
    pm_path *file = &reader->file;

    pm_slice_next_line(rest, &next);
    old = pm_diff_header_name(reader->arena, pm_slice_after(line, 4));
    new = pm_diff_header_name(reader->arena, pm_slice_after(next, 4));
    if (old.data == NULL || new.data == NULL)
        return PM_LIMIT;
    /* The second pair under one header is a file of its own; so is one without a header. */
    if (!reader->open || file->added + file->removed > 0)
        if (open_file(reader, pm_diff_is_nothing(new) ? old : new) != PM_OK)
            return PM_LIMIT;
    path = pm_diff_pair_path(old, new);
    if (file->path.len == 0 || !pm_slice_ends(path, file->path))
        file->path = path;
    return PM_OK;
}

/* A line of a hunk. What begins otherwise has been wrapped by a mail client, and counts nothing. */
static void read_hunk_line(diff_reader *reader, pm_slice line)
{
    bool is_old = false, is_new = false;

    switch (line.len == 0 ? ' ' : line.data[0]) {
    case ' ':
        is_old = is_new = true;
        break;
    case '+':
        is_new = true;
        reader->file.added++;
        break;
    case '-':
        is_old = true;
        reader->file.removed++;
        break;
    default:
        break;
    }
    if (is_old && reader->old_left > 0)
        reader->old_left--;
    if (is_new && reader->new_left > 0)
        reader->new_left--;
    if (reader->old_left == 0 && reader->new_left == 0)
        reader->in_hunk = false;
}

/* A line between a diff's first and its hunks. */
static pm_status read_header_line(diff_reader *reader, pm_slice line)
{
    pm_path *file = &reader->file;
    pm_slice rest = line, name = PM_EMPTY;

    if (!reader->open)
        return PM_OK;
    if (pm_take(&rest, PM_LIT("rename from ")) || pm_take(&rest, PM_LIT("copy from ")))
        name = file->old_path = pm_quoted_path(reader->arena, rest);
    else if (pm_take(&rest, PM_LIT("rename to ")) || pm_take(&rest, PM_LIT("copy to ")))
        name = file->path = pm_quoted_path(reader->arena, rest);
    else if (pm_slice_starts(line, PM_LIT("GIT binary patch")) ||
             (pm_slice_starts(line, PM_LIT("Binary files ")) &&
              pm_slice_ends(line, PM_LIT(" differ"))))
        file->binary = true;
    return name.data == NULL ? PM_LIMIT : PM_OK;
}

/* The first line of a file's diff. */
static pm_status read_first_line(diff_reader *reader, pm_slice line, pm_slice *rest)
{
    pm_slice names = line;

    if (line.data[0] == '-')
        return read_pair(reader, line, rest);
    if (open_file(reader, line) != PM_OK)
        return PM_LIMIT;
    if (pm_take(&names, PM_LIT("diff --git "))) {
        pm_whole_path paths;

        if (pm_diff_git_paths(reader->arena, names, &paths) != PM_OK)
            return PM_LIMIT;
        reader->file.path = paths.path;
        reader->file.old_path = paths.old_path;
    } else if (pm_take(&names, PM_LIT("diff --cc ")))
        reader->file.path = pm_quoted_path(reader->arena, names);
    else if (pm_take(&names, PM_LIT("Index: ")))
        reader->file.path = pm_diff_header_name(reader->arena, names);
    return reader->file.path.data == NULL ? PM_LIMIT : PM_OK;
}

pm_status pm_diffstat_from_diff(pm_arena *arena, pm_slice text, pm_diffstat *diffstat_out)
{
    diff_reader reader = {.arena = arena, .known = pm_table_new(arena)};
    size_t start = pm_diff_start(text);
    pm_slice rest = pm_slice_after(text, start), line;
    pm_status status = reader.known == NULL ? PM_LIMIT : PM_OK;

    *diffstat_out = (pm_diffstat){.text = PM_EMPTY};
    if (start == PM_NOWHERE)
        return PM_OK;
    while (status == PM_OK && pm_slice_next_line(&rest, &line)) {
        bool diff_line = line.len > 0 && memchr(" +-\\", line.data[0], 4) != NULL;

        if (reader.in_hunk && (diff_line || !pm_diff_begins(line, rest)))
            read_hunk_line(&reader, line);
        else if (pm_diff_begins(line, rest))
            status = read_first_line(&reader, line, &rest);
        else if (pm_hunk_begins(line, &reader.old_left, &reader.new_left))
            reader.in_hunk = reader.open;
        else
            status = read_header_line(&reader, line);
    }
    if (status == PM_OK)
        status = close_file(&reader);

    diffstat_out->paths = reader.paths;
    diffstat_out->count = reader.count;
    diffstat_out->files_changed = (unsigned)reader.count;
    diffstat_out->insertions = reader.insertions;
    diffstat_out->deletions = reader.deletions;
    diffstat_out->complete = reader.count < PM_DIFFSTAT_ROWS_MAX;
    diffstat_out->from_diff = true;
    return status;
}
