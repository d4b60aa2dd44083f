/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rows_keys - what a series can be found by: its author, its change-id, its title.
 *
 * Not the finding; see pm_rows_find.
 */
#include "rows_inside.h"

#define MOST_KEYS 4

/* What a series can be found by; returns how many. Nothing is found by what nobody said. */
static size_t make_keys(pm_arena *arena, const pm_series *series, pm_value keys[MOST_KEYS][4])
{
    const struct {
        pm_series_key kind;
        pm_slice value;
    } all[MOST_KEYS] = {
        {PM_KEY_AUTHOR, series->author},
        {PM_KEY_AUTHOR_NAME, series->author_name},
        {PM_KEY_CHANGE_ID, series->change_id},
        {PM_KEY_TITLE, pm_memory_normal(arena, series->title)},
    };
    size_t count = 0;

    for (size_t i = 0; i < MOST_KEYS; i++) {
        if (all[i].value.len == 0 || series->rank == PM_NOBODY)
            continue;
        keys[count][0] = pm_value_text(all[i].value);
        keys[count][1] = pm_value_number(all[i].kind);
        keys[count][2] = pm_value_number(series->date);
        keys[count++][3] = pm_value_text(series->id);
    }
    return count;
}

static bool has_key(pm_value keys[MOST_KEYS][4], size_t count, const pm_value *key)
{
    for (size_t i = 0; i < count; i++)
        if (pm_rows_same_value(&keys[i][0], &key[0]) && pm_rows_same_value(&keys[i][1], &key[1]) &&
            pm_rows_same_value(&keys[i][2], &key[2]))
            return true;
    return false;
}

pm_status pm_rows_put_keys(const pm_rows *rows, const pm_series *was, const pm_series *is)
{
    pm_value old[MOST_KEYS][4], now[MOST_KEYS][4];
    size_t old_count = was == NULL ? 0 : make_keys(rows->arena, was, old);
    size_t now_count = is == NULL ? 0 : make_keys(rows->arena, is, now);
    pm_status status = PM_OK;

    for (size_t i = 0; status == PM_OK && i < old_count; i++)
        if (!has_key(now, now_count, old[i]))
            status = pm_rows_do(rows, PM_SQL_DROP_KEY, old[i], 4, NULL, NULL);
    for (size_t i = 0; status == PM_OK && i < now_count; i++)
        if (!has_key(old, old_count, now[i]))
            status = pm_rows_do(rows, PM_SQL_PUT_KEY, now[i], 4, NULL, NULL);
    return status;
}
