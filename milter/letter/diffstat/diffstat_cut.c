/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * diffstat_cut - which whole path a name was that a diffstat cut at its front, ".../tail.c"; see
 * diffstat_parts.h.
 *
 * Only by the paths that the letter itself writes out. Those known from elsewhere are
 * path_index.h's.
 */
#include "diffstat_parts.h"

#include "lines.h"
#include "phrases.h"

#define CANDIDATES_MAX 16

/* git indents by one; format=flowed and other programs add some. */
#define MODE_INDENT_MAX 4

typedef struct named_path {
    pm_whole_path whole;
    struct named_path *next; /* of the same last component */
} named_path;

static pm_slice last_component(pm_slice path)
{
    const char *slash = path.len == 0 ? NULL : memrchr(path.data, '/', path.len);

    return slash == NULL ? path : pm_slice_after(path, (size_t)(slash - path.data) + 1);
}

pm_status pm_cut_name(pm_arena *arena, pm_table *named, pm_whole_path whole)
{
    named_path *added = pm_alloc(arena, sizeof(*added));
    pm_slice last = last_component(whole.path);

    if (added == NULL)
        return PM_LIMIT;
    *added = (named_path){whole, pm_table_get(named, last)};
    return pm_table_put(named, last, added);
}

/* The name in " create mode 100644 NAME", " delete mode 100644 NAME", " rename NAME (90%)", ...;
 * false when line is none of these. */
static bool read_mode_line(pm_slice line, pm_slice *name_out)
{
    static const pm_slice words[] = {PM_LIT("create mode "), PM_LIT("delete mode "),
                                     PM_LIT("mode change "), PM_LIT("rename "),
                                     PM_LIT("copy "),        PM_LIT("rewrite ")};
    pm_slice rest = line, mode;
    unsigned number;

    if (pm_line_indent(line) == 0 || pm_line_indent(line) > MODE_INDENT_MAX)
        return false;
    pm_skip_blanks(&rest);
    for (size_t i = 0; i < PM_COUNT_OF(words); i++) {
        if (!pm_take(&rest, words[i]))
            continue;
        mode = rest;
        while (pm_take_number(&mode, &number) &&
               (pm_take(&mode, PM_LIT(" => ")) || pm_take(&mode, PM_LIT(" "))))
            rest = mode;
        if (pm_slice_ends(rest, PM_LIT("%)")))
            rest = pm_slice_cut(rest, 0, pm_slice_find_last(rest, PM_LIT(" (")));
        *name_out = rest;
        return rest.len > 0;
    }
    return false;
}

/* The paths in the lines below a table, by their last component. A mail client may have put blank
 * lines between them, as between rows. */
pm_status pm_cut_read_mode_lines(pm_arena *arena, pm_slice below, pm_table *named)
{
    pm_slice line, name;

    while (pm_slice_next_line(&below, &line)) {
        pm_path path;

        if (pm_line_is_blank(line))
            continue;
        if (!read_mode_line(line, &name))
            break;
        if (pm_stat_name_read(arena, name, &path) != PM_OK ||
            pm_cut_name(arena, named, (pm_whole_path){path.path, path.old_path}) != PM_OK)
            return PM_LIMIT;
    }
    return PM_OK;
}

/* Is path the tail, or does it end in "/tail"? */
bool pm_cut_ends_in(pm_slice path, pm_slice tail)
{
    return pm_slice_ends(path, tail) &&
           (path.len == tail.len || path.data[path.len - tail.len - 1] == '/');
}

/* How many of the letter's own paths are tail or end in "/tail"; the last of them in path_out. */
unsigned pm_cut_resolve(const pm_table *named, pm_slice tail, pm_whole_path *whole_out)
{
    const named_path *at = pm_table_get(named, last_component(tail));
    unsigned count = 0;

    for (unsigned seen = 0; at != NULL && seen < CANDIDATES_MAX; at = at->next, seen++) {
        if (!pm_cut_ends_in(at->whole.path, tail))
            continue;
        if (count > 0 && pm_slice_equal(whole_out->path, at->whole.path)) {
            /* Renamed, and its mode changed: one of the two lines has the old name. */
            if (whole_out->old_path.len == 0)
                whole_out->old_path = at->whole.old_path;
            continue;
        }
        *whole_out = at->whole;
        count++;
    }
    return count;
}

/* What is cut off the front of "a/{old => new}/c" is in front of both names, if the brace is left;
 * without it nobody knows. */
static pm_slice whole_old_path(pm_arena *arena, const pm_path *path, pm_slice whole)
{
    if (path->old_path.len == 0 || pm_slice_find_byte(path->written, '{') == PM_NOWHERE)
        return PM_EMPTY;
    return pm_print(arena, "%.*s%.*s", PM_FMT(pm_slice_cut(whole, 0, whole.len - path->path.len)),
                    PM_FMT(path->old_path));
}

pm_status pm_cut_mend(pm_arena *arena, pm_path *path, const pm_whole_path *whole)
{
    path->old_path =
        whole->old_path.len > 0 ? whole->old_path : whole_old_path(arena, path, whole->path);
    path->path = whole->path;
    return path->old_path.data == NULL ? PM_LIMIT : PM_OK;
}

pm_status pm_cut_settle(pm_arena *arena, pm_path *path, unsigned count, const pm_whole_path *whole)
{
    if (count == 1) {
        path->how = PM_PATH_RESOLVED;
        return pm_cut_mend(arena, path, whole);
    }
    if (count > 1) {
        path->how = PM_PATH_AMBIGUOUS;
        path->candidates = count;
    }
    return PM_OK;
}
