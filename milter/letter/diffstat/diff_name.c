/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * diff_name - the names in the header lines of a diff: "diff --git a/x b/x", "--- a/x", "Index: x";
 * see diffstat_parts.h.
 */
#include "diffstat_parts.h"

#include "lines.h"
#include "phrases.h"
#include "quoted_path.h"

/* Behind the first slash: what -p1 leaves. Nothing when there is no slash. */
static pm_slice without_first(pm_slice path)
{
    size_t at = pm_slice_find_byte(path, '/');

    return at == PM_NOWHERE ? PM_EMPTY : pm_slice_after(path, at + 1);
}

/* "a/", "b/", and what diff.mnemonicPrefix makes of them. */
static bool has_git_prefix(pm_slice path)
{
    return path.len > 2 && path.data[1] == '/' && memchr("abciow12", path.data[0], 8) != NULL;
}

/* Where the only space is behind which a second name may begin, "a/old b/new"; PM_NOWHERE when
 * there are several, or none. */
static size_t find_second_name(pm_slice names)
{
    size_t found = PM_NOWHERE;

    for (size_t at = 0; at < names.len; at++) {
        if (names.data[at] != ' ' || !has_git_prefix(pm_slice_after(names, at + 1)))
            continue;
        if (found != PM_NOWHERE)
            return PM_NOWHERE;
        found = at + 1;
    }
    return found;
}

/* Take the two names apart. Both empty when that can be done in several ways. */
static pm_status split_names(pm_arena *arena, pm_slice names, pm_slice *first, pm_slice *second)
{
    size_t quoted = pm_quoted_path_length(names), half = names.len / 2;

    *first = *second = PM_EMPTY;
    if (quoted > 0) {
        *first = pm_quoted_path(arena, pm_slice_cut(names, 0, quoted));
        *second = pm_quoted_path(arena, pm_slice_trim(pm_slice_after(names, quoted)));
        return first->data == NULL || second->data == NULL ? PM_LIMIT : PM_OK;
    }
    *first = pm_slice_cut(names, 0, half);
    *second = pm_slice_after(names, half + 1);
    if (names.len % 2 != 0 && names.data[half] == ' ' &&
        (pm_slice_equal(*first, *second) ||
         pm_slice_equal(without_first(*first), without_first(*second))))
        return PM_OK; /* the same name twice, whatever is in it */
    half = find_second_name(names);
    *first = half == PM_NOWHERE ? PM_EMPTY : pm_slice_cut(names, 0, half - 1);
    *second = half == PM_NOWHERE ? PM_EMPTY : pm_slice_after(names, half);
    return PM_OK;
}

pm_status pm_diff_git_paths(pm_arena *arena, pm_slice names, pm_whole_path *paths_out)
{
    pm_slice first, second;

    *paths_out = (pm_whole_path){PM_EMPTY, PM_EMPTY};
    if (split_names(arena, names, &first, &second) != PM_OK)
        return PM_LIMIT;
    if (pm_slice_equal(first, second)) {
        paths_out->path = second; /* --no-prefix */
    } else if (has_git_prefix(first) && has_git_prefix(second)) {
        paths_out->path = without_first(second);
        paths_out->old_path = without_first(first);
    }
    if (pm_slice_equal(paths_out->path, paths_out->old_path))
        paths_out->old_path = PM_EMPTY;
    return PM_OK;
}

/* A name in a ---, +++ or Index: line, without the time or the revision behind it. */
pm_slice pm_diff_header_name(pm_arena *arena, pm_slice rest)
{
    static const pm_slice weekdays[] = {
        PM_LIT(" Mon "), PM_LIT(" Tue "), PM_LIT(" Wed "), PM_LIT(" Thu "),
        PM_LIT(" Fri "), PM_LIT(" Sat "), PM_LIT(" Sun "),
    };
    size_t quoted = pm_quoted_path_length(rest), tab = pm_slice_find_byte(rest, '\t');

    if (quoted > 0)
        return pm_quoted_path(arena, pm_slice_cut(rest, 0, quoted));
    if (tab != PM_NOWHERE)
        return pm_slice_trim(pm_slice_cut(rest, 0, tab));
    /* A mail client has turned the tab into spaces. */
    for (size_t at = 0; at + 6 < rest.len; at++) {
        const char *here = rest.data + at;

        if (here[0] != ' ')
            continue;
        if (here[1] == '(' || (pm_is_digit(here[1]) && pm_is_digit(here[2]) &&
                               pm_is_digit(here[3]) && pm_is_digit(here[4]) && here[5] == '-'))
            return pm_slice_trim(pm_slice_cut(rest, 0, at));
        if (pm_starts_with_one_of(pm_slice_after(rest, at), weekdays, PM_COUNT_OF(weekdays)))
            return pm_slice_trim(pm_slice_cut(rest, 0, at));
    }
    return pm_slice_trim(rest);
}

bool pm_diff_is_nothing(pm_slice name)
{
    return pm_slice_equal(name, PM_LIT("/dev/null"));
}

/* The path that a pair of --- and +++ lines means. git and most others put one directory in front
 * (a/ and b/, linux.orig/ and linux/); some do not. */
pm_slice pm_diff_pair_path(pm_slice old, pm_slice new)
{
    pm_slice name = pm_diff_is_nothing(new) ? old : new;

    if (pm_diff_is_nothing(old) || pm_diff_is_nothing(new))
        return has_git_prefix(name) ? without_first(name) : name;
    if (has_git_prefix(old) && has_git_prefix(new))
        return without_first(new);
    if (pm_slice_equal(old, new))
        return new;
    if (without_first(new).len > 0 && pm_slice_equal(without_first(old), without_first(new)))
        return without_first(new);
    return new; /* file.c.orig, file.c */
}
