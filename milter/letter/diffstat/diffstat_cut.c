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

typedef struct named_path {
    pm_slice path;
    struct named_path *next; /* of the same last component */
} named_path;

static pm_slice last_component(pm_slice path)
{
    const char *slash = path.len == 0 ? NULL : memrchr(path.data, '/', path.len);

    return slash == NULL ? path : pm_slice_after(path, (size_t)(slash - path.data) + 1);
}

pm_status pm_cut_name(pm_arena *arena, pm_table *named, pm_slice path)
{
    named_path *added = pm_alloc(arena, sizeof(*added));

    if (added == NULL)
        return PM_LIMIT;
    *added = (named_path){path, pm_table_get(named, last_component(path))};
    return pm_table_put(named, last_component(path), added);
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

    if (pm_line_indent(line) != 1)
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

/* The paths in the lines below a table, by their last component. */
pm_status pm_cut_read_mode_lines(pm_arena *arena, pm_slice below, pm_table *named)
{
    pm_slice line, name;

    while (pm_slice_next_line(&below, &line) && read_mode_line(line, &name)) {
        pm_path path;

        if (pm_stat_name_read(arena, name, &path) != PM_OK ||
            pm_cut_name(arena, named, path.path) != PM_OK)
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
unsigned pm_cut_resolve(const pm_table *named, pm_slice tail, pm_slice *path_out)
{
    const named_path *at = pm_table_get(named, last_component(tail));
    unsigned count = 0;

    for (unsigned seen = 0; at != NULL && seen < CANDIDATES_MAX; at = at->next, seen++) {
        if (!pm_cut_ends_in(at->path, tail))
            continue;
        if (count > 0 && pm_slice_equal(*path_out, at->path))
            continue; /* renamed, and its mode changed */
        *path_out = at->path;
        count++;
    }
    return count;
}

void pm_cut_settle(pm_path *path, unsigned count, pm_slice known)
{
    if (count == 1) {
        path->how = PM_PATH_RESOLVED;
        path->path = known;
    } else if (count > 1) {
        path->how = PM_PATH_AMBIGUOUS;
        path->candidates = count;
    }
}
