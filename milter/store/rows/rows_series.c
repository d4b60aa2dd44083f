/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rows_series - series looked up: by their ids, by what they can be found by, the newest ones.
 *
 * Not what a row has in it, see rows_columns.c; nor how one is written, see rows_remember.c.
 */
#include "rows_inside.h"

/* ---- One, by its id ---- */

typedef struct series_row {
    const pm_rows *rows;
    pm_known known;
    bool found;
} series_row;

static pm_status read_series(void *context, const pm_value *columns, size_t count)
{
    series_row *row = context;

    row->found = true;
    return pm_rows_read_columns(row->rows->arena, columns, count, &row->known);
}

static pm_status read_known(void *context, const pm_value *columns, size_t count)
{
    series_row *row = context;

    row->found = true;
    return pm_rows_read_linked(row->rows->arena, columns, count, &row->known);
}

pm_status pm_rows_known(const pm_rows *rows, pm_slice id, pm_known *known_out)
{
    series_row row = {.rows = rows};
    pm_value value = pm_value_text(id);
    pm_status status;

    if (pm_lookup_cache_series(rows->found, rows->arena, id, known_out))
        return PM_OK;
    status = pm_rows_do(rows, PM_SQL_GET_SERIES, &value, 1, read_known, &row);
    if (status != PM_OK || !row.found)
        return status != PM_OK ? status : PM_ABSENT;
    pm_lookup_cache_put_series(rows->found, rows->found_age, &row.known);
    *known_out = row.known;
    return PM_OK;
}

pm_status pm_rows_series(const pm_rows *rows, pm_slice id, pm_series *series_out)
{
    pm_known known;
    pm_status status = pm_rows_known(rows, id, &known);

    if (status != PM_OK || known.series.rank == PM_NOBODY)
        return status != PM_OK ? status : PM_ABSENT;
    *series_out = known.series;
    return PM_OK;
}

pm_status pm_rows_hold(const pm_rows *rows, pm_slice id, pm_known *known_out)
{
    series_row row = {.rows = rows};
    pm_value value = pm_value_text(id);
    pm_status status = pm_rows_do(rows, PM_SQL_HOLD_SERIES, &value, 1, read_series, &row);

    if (status != PM_OK || !row.found)
        return status != PM_OK ? status : PM_ABSENT;
    *known_out = row.known;
    return PM_OK;
}

/* ---- Several ---- */

#define MOST_IDS PM_STORE_FIND_MOST

typedef struct series_rows {
    const pm_rows *rows;
    size_t limit;
    pm_series *series;
    size_t count, room;
} series_rows;

/* One that nobody has the word of yet is not shown. Room is made as it is needed: most find few. */
static pm_status read_found(void *context, const pm_value *columns, size_t count)
{
    series_rows *found = context;
    pm_known known;
    pm_status status;

    if (found->count == found->limit)
        return PM_OK;
    status = pm_rows_read_linked(found->rows->arena, columns, count, &known);
    if (status != PM_OK || known.series.rank == PM_NOBODY)
        return status;
    pm_lookup_cache_put_series(found->rows->found, found->rows->found_age, &known);
    if (pm_grow(found->rows->arena, &found->series, &found->room, found->count,
                sizeof(*found->series)) != PM_OK)
        return PM_LIMIT;
    found->series[found->count++] = known.series;
    return PM_OK;
}

/* Those that were found a while ago. PM_ABSENT: too many are missing for asking for each. */
static pm_status find_again(const pm_rows *rows, const pm_id_rows *ids, series_rows *found)
{
    const size_t most = ids->count / 4;
    size_t missing = 0;
    pm_status status = PM_OK;

    found->series = pm_alloc_array(rows->arena, ids->count, sizeof(*found->series));
    if (found->series == NULL)
        return PM_LIMIT;
    for (size_t i = 0; status == PM_OK && i < ids->count; i++) {
        pm_known known;

        if (!pm_lookup_cache_series(rows->found, rows->arena, ids->ids[i], &known)) {
            if (missing++ == most)
                return PM_ABSENT;
            status = pm_rows_known(rows, ids->ids[i], &known);
        }
        if (status == PM_OK && known.series.rank != PM_NOBODY)
            found->series[found->count++] = known.series;
        else if (status == PM_ABSENT)
            status = PM_OK; /* forgotten since */
    }
    return status;
}

/* Who sends most is asked about most, and is known from a while ago but for what is new. */
static pm_status find_by_key(const pm_rows *rows, const pm_value by_key[3], series_rows *found)
{
    pm_slice ids[MOST_IDS];
    pm_id_rows known = {.rows = rows, .ids = ids, .room = MOST_IDS};
    pm_status status = PM_ABSENT;

    if (rows->found != NULL && found->limit <= MOST_IDS)
        status = pm_rows_do(rows, PM_SQL_FIND_IDS, by_key, 3, pm_rows_read_id, &known);
    if (status == PM_OK)
        status = find_again(rows, &known, found);
    if (status != PM_ABSENT)
        return status;
    *found = (series_rows){.rows = rows, .limit = found->limit};
    return pm_rows_do(rows, PM_SQL_FIND_SERIES, by_key, 3, read_found, found);
}

pm_status pm_rows_find(const pm_rows *rows, pm_series_key key, pm_slice value, unsigned limit,
                       pm_series **series_out, size_t *count_out)
{
    series_rows found = {.rows = rows, .limit = limit};
    pm_value by_key[] = {pm_value_text(value), pm_value_number(key), pm_value_number(limit)};
    pm_value by_link[] = {by_key[0], by_key[2]};
    pm_status status;

    if (key == PM_KEY_SUPERSEDES)
        status = pm_rows_do(rows, PM_SQL_FIND_FOLLOWERS, by_link, 2, read_found, &found);
    else
        status = find_by_key(rows, by_key, &found);
    *series_out = found.series;
    *count_out = found.count;
    return status;
}

pm_status pm_rows_newest(const pm_rows *rows, int64_t last_seen, pm_slice id, unsigned limit,
                         pm_series **series_out, size_t *count_out)
{
    series_rows found = {.rows = rows, .limit = limit};
    pm_value values[] = {pm_value_number(pm_rows_day(last_seen)), pm_value_number(last_seen),
                         pm_value_text(id), pm_value_number(limit)};
    pm_status status = pm_rows_do(rows, PM_SQL_FIND_NEWEST, values, 4, read_found, &found);

    *series_out = found.series;
    *count_out = found.count;
    return status;
}

static pm_status read_counts(void *context, const pm_value *columns, size_t count)
{
    uint64_t *counts = context;

    if (count < 2)
        return PM_FAULT;
    counts[0] = (uint64_t)columns[0].number;
    counts[1] = (uint64_t)columns[1].number;
    return PM_OK;
}

pm_status pm_rows_count(const pm_rows *rows, uint64_t *series_out, uint64_t *followers_out)
{
    uint64_t counts[2] = {0, 0};
    pm_status status = pm_rows_do(rows, PM_SQL_GET_COUNTS, NULL, 0, read_counts, counts);

    *series_out = counts[0];
    *followers_out = counts[1];
    return status;
}
