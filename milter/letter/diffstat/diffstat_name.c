/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * diffstat_name - the name in a row, "a/{old => new}/b.c (new)", ".../tail.c"; see
 * diffstat_parts.h.
 *
 * What a name that was cut at its front was in full is diffstat_cut.c's.
 */
#include "diffstat_parts.h"

#include "lines.h"
#include "phrases.h"
#include "quoted_path.h"

/* Where " => " stands in name, outside quotes; or PM_NOWHERE. */
static size_t find_arrow(pm_slice name)
{
    size_t quoted = pm_quoted_path_length(name);
    size_t at = pm_slice_find(pm_slice_after(name, quoted), PM_LIT(" => "));

    return at == PM_NOWHERE ? PM_NOWHERE : at + quoted;
}

/* head + middle + tail, without the double slash that an empty middle leaves. */
static pm_slice put_together(pm_arena *arena, pm_slice head, pm_slice middle, pm_slice tail)
{
    char *name;

    if (middle.len == 0 && tail.len > 0 && tail.data[0] == '/' &&
        (head.len == 0 || head.data[head.len - 1] == '/'))
        tail = pm_slice_after(tail, 1);
    name = pm_alloc(arena, head.len + middle.len + tail.len);
    if (name == NULL)
        return (pm_slice){NULL, 0};
    memcpy(name, head.data, head.len);
    memcpy(name + head.len, middle.data, middle.len);
    memcpy(name + head.len + middle.len, tail.data, tail.len);
    return (pm_slice){name, head.len + middle.len + tail.len};
}

/* Fill in both paths of a name that has " => " at arrow: "old => new", "a/{old => new}/b". */
static pm_status read_rename(pm_arena *arena, pm_slice name, size_t arrow, pm_path *path)
{
    pm_slice before = pm_slice_cut(name, 0, arrow), after = pm_slice_after(name, arrow + 4);
    size_t open = pm_slice_find_last(before, PM_LIT("{"));
    size_t close = pm_slice_find_byte(after, '}');

    if (close == PM_NOWHERE || name.data[0] == '"') {
        path->old_path = pm_quoted_path(arena, before);
        path->path = pm_quoted_path(arena, after);
    } else {
        /* In a name that was cut at its front, the brace may have gone with it. */
        pm_slice head = open == PM_NOWHERE ? PM_EMPTY : pm_slice_cut(before, 0, open);
        pm_slice old = open == PM_NOWHERE ? before : pm_slice_after(before, open + 1);
        pm_slice tail = pm_slice_after(after, close + 1);

        path->old_path = put_together(arena, head, old, tail);
        path->path = put_together(arena, head, pm_slice_cut(after, 0, close), tail);
    }
    return path->old_path.data == NULL || path->path.data == NULL ? PM_LIMIT : PM_OK;
}

/* "path (new)", "path (gone)", "path (mode +x)": --compact-summary adds these. */
static pm_slice without_note(pm_slice name)
{
    static const pm_slice notes[] = {PM_LIT(" (new"), PM_LIT(" (gone"), PM_LIT(" (mode")};
    size_t open = pm_slice_find_last(name, PM_LIT(" ("));

    if (open == PM_NOWHERE || name.data[name.len - 1] != ')')
        return name;
    if (!pm_starts_with_one_of(pm_slice_after(name, open), notes, PM_COUNT_OF(notes)))
        return name;
    return pm_slice_trim_end(pm_slice_cut(name, 0, open));
}

/* Without the dots of a name that was cut at its front. */
static bool take_dots(pm_slice *name)
{
    return pm_take(name, PM_LIT(".../")) || (pm_take(name, PM_LIT("...")) && name->len > 0);
}

/* A quoted name that was cut has lost its first quote: tail\303\251.c" */
static pm_slice read_cut_name(pm_arena *arena, pm_slice name)
{
    pm_slice whole;

    if (!pm_slice_ends(name, PM_LIT("\"")))
        return name;
    whole = put_together(arena, PM_LIT("\""), name, PM_EMPTY);
    return whole.data == NULL ? whole : pm_quoted_path(arena, whole);
}

pm_status pm_stat_name_read(pm_arena *arena, pm_slice written, pm_path *path)
{
    pm_slice name = without_note(written);
    bool cut = take_dots(&name);
    size_t arrow = find_arrow(name);

    *path = (pm_path){.written = written, .how = cut ? PM_PATH_UNKNOWN : PM_PATH_WHOLE};
    if (arrow != PM_NOWHERE && read_rename(arena, name, arrow, path) != PM_OK)
        return PM_LIMIT;
    if (arrow == PM_NOWHERE)
        path->path = cut ? read_cut_name(arena, name) : pm_quoted_path(arena, name);
    if (path->path.data == NULL)
        return PM_LIMIT;
    if (path->path.len == 0)
        path->path = written;
    return PM_OK;
}
