/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rows_paths - paths that letters have written out, found by how they end.
 */
#include "rows_inside.h"

static pm_slice last_component(pm_slice path)
{
    size_t slash = pm_slice_find_last(path, PM_LIT("/"));

    return slash == PM_NOWHERE ? path : pm_slice_after(path, slash + 1);
}

/* ---- Reading ---- */

/* What ends in "/tail", for LIKE. data is NULL past the budget. */
static pm_slice ends_so(pm_arena *arena, pm_slice tail)
{
    char *pattern = pm_alloc(arena, 2 * tail.len + 2);
    size_t len = 0;

    if (pattern == NULL)
        return (pm_slice){NULL, 0};
    pattern[len++] = '%';
    pattern[len++] = '/';
    for (size_t i = 0; i < tail.len; i++) {
        if (memchr("%_!", tail.data[i], 3) != NULL)
            pattern[len++] = '!';
        pattern[len++] = tail.data[i];
    }
    return (pm_slice){pattern, len};
}

typedef struct path_rows {
    const pm_rows *rows;
    pm_slice tail, *paths;
    size_t count;
} path_rows;

/* Some databases compare with LIKE as if there were no capitals. */
static pm_status read_path(void *context, const pm_value *columns, size_t count)
{
    path_rows *found = context;

    (void)count;
    if (found->count == PM_STORE_PATHS_MOST || !pm_slice_ends(columns[0].text, found->tail))
        return PM_OK;
    found->paths[found->count] = pm_copy(found->rows->arena, columns[0].text);
    return found->paths[found->count++].data == NULL ? PM_LIMIT : PM_OK;
}

pm_status pm_rows_paths(const pm_rows *rows, pm_slice project, pm_slice tail, pm_slice **paths_out,
                        size_t *count_out)
{
    path_rows found = {rows, tail,
                       pm_alloc_array(rows->arena, PM_STORE_PATHS_MOST, sizeof(pm_slice)), 0};
    const pm_slice pattern = ends_so(rows->arena, tail);
    pm_value values[] = {pm_value_text(last_component(tail)), pm_value_text(project),
                         pm_value_text(pattern), pm_value_number(PM_STORE_PATHS_MOST)};
    pm_status status;

    if (found.paths == NULL || pattern.data == NULL)
        return PM_LIMIT;
    status = pm_rows_do(rows, PM_SQL_FIND_PATHS, values, 4, read_path, &found);
    *paths_out = found.paths;
    *count_out = found.count;
    return status;
}

/* ---- Writing ---- */

#define PATHS_AT_ONCE 8

/* Columns of the first count paths, as many statements as it takes. */
static pm_status put_paths(const pm_rows *rows, const pm_value (*columns)[4], size_t count)
{
    static const struct {
        size_t count;
        unsigned which;
    } sizes[] = {{8, PM_SQL_PUT_8_PATHS},
                 {4, PM_SQL_PUT_4_PATHS},
                 {2, PM_SQL_PUT_2_PATHS},
                 {1, PM_SQL_PUT_1_PATH}};
    pm_status status = PM_OK;

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        for (; status == PM_OK && count >= sizes[i].count; count -= sizes[i].count) {
            status = pm_rows_do(rows, sizes[i].which, columns[0], 4 * sizes[i].count, NULL, NULL);
            columns += sizes[i].count;
        }
    return status;
}

/* What was written a while ago is there, and costs nothing. */
pm_status pm_rows_see_paths(const pm_rows *rows, const pm_paths_seen *seen)
{
    const int64_t month = pm_rows_month(seen->seen);
    pm_value columns[PATHS_AT_ONCE][4];
    pm_status status = PM_OK;
    size_t count = 0;

    for (size_t i = 0; status == PM_OK && i < seen->count; i++) {
        if (!pm_path_cache_add(rows->paths, seen->project, seen->paths[i], month))
            continue;
        columns[count][0] = pm_value_text(last_component(seen->paths[i]));
        columns[count][1] = pm_value_text(seen->project);
        columns[count][2] = pm_value_text(seen->paths[i]);
        columns[count++][3] = pm_value_number(month);
        if (count < PATHS_AT_ONCE)
            continue;
        status = put_paths(rows, columns, count);
        count = 0;
    }
    return status == PM_OK ? put_paths(rows, columns, count) : status;
}

pm_status pm_rows_forget_paths(const pm_rows *rows, int64_t before, unsigned most,
                               uint64_t *gone_out)
{
    pm_key_rows old = {.width = 3, .room = most};
    const int64_t month = pm_rows_month(before);
    pm_value values[] = {pm_value_number(month), pm_value_number(most)};
    pm_status status =
        pm_rows_drop_found(rows, PM_SQL_OLD_PATHS, values, 2, PM_SQL_DROP_PATH, month, &old);

    pm_path_cache_clear(rows->paths);
    *gone_out = old.count;
    return status;
}
