/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * diffstat_fuzz - any text may hold a diffstat or a diff.
 *
 * Beyond not crashing: a complete table has as many rows as it says, every path has a name, what
 * was read lies in the letter, and a small budget is a limit and nothing worse.
 */
#include "diffstat.h"
#include "path_index.h"
#include "prose.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check(const pm_diffstat *stat, pm_slice text)
{
    must(stat->text.len == 0 || (stat->text.data >= text.data &&
                                 stat->text.data + stat->text.len <= text.data + text.len));
    must(!stat->complete || stat->count == stat->files_changed);
    for (size_t i = 0; i < stat->count; i++) {
        const pm_path *path = &stat->paths[i];

        must(path->path.len > 0);
        must(stat->from_diff || path->added + path->removed == 0 ||
             path->added + path->removed == path->lines);
        must((path->how == PM_PATH_AMBIGUOUS) == (path->candidates > 1));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const pm_slice text = {(const char *)data, size};
    pm_arena *roomy = pm_arena_new(1 << 26), *tight = pm_arena_new(size * 4);
    pm_path_index *index = pm_path_index_new();
    pm_diffstat stat;
    size_t start = pm_diff_start(text);

    if (roomy == NULL || tight == NULL || index == NULL)
        abort();
    must(start == PM_NOWHERE || start < size);
    must(pm_path_index_add(index, PM_LIT("a/b/c.c")) == PM_OK);
    must(pm_path_index_add(index, PM_LIT("x/b/c.c")) == PM_OK);

    must(pm_diffstat_find(roomy, text, index, &stat) == PM_OK);
    check(&stat, text);
    must(pm_diffstat_from_diff(roomy, text, &stat) == PM_OK);
    check(&stat, text);
    must(stat.count == 0 || start != PM_NOWHERE);
    if (pm_diffstat_find(tight, text, NULL, &stat) == PM_OK)
        check(&stat, text);
    if (pm_diffstat_from_diff(tight, text, &stat) == PM_OK)
        check(&stat, text);

    pm_path_index_free(index);
    pm_arena_free(roomy);
    pm_arena_free(tight);
    return 0;
}
