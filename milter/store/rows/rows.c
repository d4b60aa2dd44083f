/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rows - what the rows of all tables have in common; see rows.h. Each table has a file of its own.
 */
#include "rows_inside.h"

/* ---- What a statement changes of what look-ups keep ---- */

typedef enum change {
    NOTHING,
    ITS_ID,    /* that of the series or message which is its first value */
    THEIR_IDS, /* those that it returns */
    ANYTHING,
} change;

static const change changes[PM_SQL_COUNT] = {
    [PM_SQL_PUT_REFERENCE] = ITS_ID,     [PM_SQL_ADD_SERIES] = ITS_ID,
    [PM_SQL_SET_SERIES] = ITS_ID,        [PM_SQL_SEE_SERIES] = ITS_ID,
    [PM_SQL_PUT_LINK] = ITS_ID,          [PM_SQL_DROP_LINK] = ITS_ID,
    [PM_SQL_DROP_SERIES] = ITS_ID,       [PM_SQL_MOVE_REFERENCES] = THEIR_IDS,
    [PM_SQL_MOVE_FOLLOWERS] = THEIR_IDS, [PM_SQL_DROP_REFERENCES] = ANYTHING,
};

static pm_status note_id(void *context, const pm_value *columns, size_t count)
{
    (void)count;
    pm_lookup_cache_change(context, columns[0].text);
    return PM_OK;
}

static pm_status run(const pm_rows *rows, unsigned which, const pm_value *values, size_t count,
                     pm_row_fn row, void *context)
{
    return rows->driver->run(rows->connection, which, pm_statements[which], values, count,
                             rows->deadline_us, row, context);
}

pm_status pm_rows_do(const pm_rows *rows, unsigned which, const pm_value *values, size_t count,
                     pm_row_fn row, void *context)
{
    if (rows->connection == NULL)
        return PM_LATER;
    switch (changes[which]) {
    case NOTHING:
        break;
    case ITS_ID:
        pm_lookup_cache_change(rows->changed, values[0].text);
        break;
    case THEIR_IDS:
        return run(rows, which, values, count, note_id, rows->changed);
    case ANYTHING:
        pm_lookup_cache_change_all(rows->changed);
        break;
    }
    return run(rows, which, values, count, row, context);
}

pm_status pm_rows_run(const pm_rows *rows, unsigned which)
{
    return run(rows, which, NULL, 0, NULL, NULL); /* changes nothing by itself */
}

/* ---- Values ---- */

int64_t pm_rows_day(int64_t seconds)
{
    return seconds / 86400 - (seconds % 86400 < 0);
}

int64_t pm_rows_month(int64_t seconds)
{
    return seconds / PM_ROWS_MONTH - (seconds % PM_ROWS_MONTH < 0);
}

bool pm_rows_same_value(const pm_value *a, const pm_value *b)
{
    return a->is_number == b->is_number && a->number == b->number &&
           pm_slice_equal(a->text, b->text);
}

/* ---- Rows that are found by an id, or by the texts of their primary key ---- */

pm_status pm_rows_read_id(void *context, const pm_value *columns, size_t count)
{
    pm_id_rows *row = context;

    (void)count;
    if (row->count == row->room)
        return PM_OK;
    row->ids[row->count] = pm_copy(row->rows->arena, columns[0].text);
    return row->ids[row->count++].data == NULL ? PM_LIMIT : PM_OK;
}

static pm_status read_key(void *context, const pm_value *columns, size_t count)
{
    pm_key_rows *found = context;
    pm_row_key *key = &found->keys[found->count];

    (void)count;
    if (found->count == found->room)
        return PM_OK;
    for (unsigned i = 0; i < found->width; i++) {
        key->columns[i] = pm_copy(found->rows->arena, columns[i].text);
        if (key->columns[i].data == NULL)
            return PM_LIMIT;
    }
    found->count++;
    return PM_OK;
}

pm_status pm_rows_drop_found(const pm_rows *rows, unsigned question, const pm_value *values,
                             size_t value_count, unsigned drop, int64_t bound, pm_key_rows *found)
{
    pm_status status;

    found->rows = rows;
    found->keys = pm_alloc_array(rows->arena, found->room, sizeof(*found->keys));
    if (found->keys == NULL)
        return PM_LIMIT;
    status = pm_rows_do(rows, question, values, value_count, read_key, found);
    for (size_t i = 0; status == PM_OK && i < found->count; i++) {
        pm_value key[PM_ROW_KEY + 1];

        for (unsigned column = 0; column < found->width; column++)
            key[column] = pm_value_text(found->keys[i].columns[column]);
        key[found->width] = pm_value_number(bound);
        status = pm_rows_do(rows, drop, key, found->width + 1, NULL, NULL);
    }
    return status;
}
