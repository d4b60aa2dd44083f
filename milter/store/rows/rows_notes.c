/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rows_notes - what plugins note for themselves, until it expires.
 */
#include "rows_inside.h"

/* ---- Reading and writing ---- */

typedef struct text_row {
    const pm_rows *rows;
    pm_slice text;
    bool found;
} text_row;

static pm_status read_text(void *context, const pm_value *columns, size_t count)
{
    text_row *row = context;

    (void)count;
    row->text = pm_copy(row->rows->arena, columns[0].text);
    row->found = true;
    return row->text.data == NULL ? PM_LIMIT : PM_OK;
}

pm_status pm_rows_noted(const pm_rows *rows, pm_slice plugin, pm_slice key, int64_t now,
                        pm_slice *value_out)
{
    text_row row = {.rows = rows};
    pm_value values[] = {pm_value_text(plugin), pm_value_text(key), pm_value_number(now)};
    pm_status status = pm_rows_do(rows, PM_SQL_GET_NOTE, values, 3, read_text, &row);

    if (status != PM_OK || !row.found)
        return status != PM_OK ? status : PM_ABSENT;
    *value_out = row.text;
    return PM_OK;
}

static pm_status put_note(const pm_rows *rows, const pm_note *note)
{
    pm_value values[] = {pm_value_text(note->plugin), pm_value_text(note->key),
                         pm_value_text(note->value), pm_value_number(note->expires)};

    if (note->value.len > 0)
        return pm_rows_do(rows, PM_SQL_PUT_NOTE, values, 4, NULL, NULL);
    values[2] = pm_value_number(INT64_MAX);
    return pm_rows_do(rows, PM_SQL_DROP_NOTE, values, 3, NULL, NULL);
}

pm_status pm_rows_put_notes(const pm_rows *rows, const pm_note *notes, size_t count)
{
    pm_status status = PM_OK;

    for (size_t i = 0; status == PM_OK && i < count; i++)
        status = put_note(rows, &notes[i]);
    return status;
}

/* ---- What goes ---- */

#define TRIMMED_AT_ONCE 1000

static pm_status trim_notes_of(const pm_rows *rows, pm_slice plugin)
{
    pm_key_rows excess = {.width = 2, .room = TRIMMED_AT_ONCE};
    pm_value values[] = {pm_value_text(plugin), pm_value_number(PM_NOTES_MOST),
                         pm_value_number(TRIMMED_AT_ONCE)};

    return pm_rows_drop_found(rows, PM_SQL_EXCESS_NOTES, values, 3, PM_SQL_DROP_NOTE, INT64_MAX,
                              &excess);
}

pm_status pm_rows_trim_notes(const pm_rows *rows, const pm_note *notes, size_t count)
{
    pm_status status = PM_OK;

    for (size_t i = 0; status == PM_OK && i < count; i++)
        if (i == 0 || !pm_slice_equal(notes[i - 1].plugin, notes[i].plugin))
            status = trim_notes_of(rows, notes[i].plugin);
    return status;
}

pm_status pm_rows_forget_notes(const pm_rows *rows, int64_t now, unsigned most, uint64_t *gone_out)
{
    pm_key_rows old = {.width = 2, .room = most};
    pm_value values[] = {pm_value_number(now), pm_value_number(most)};
    pm_status status =
        pm_rows_drop_found(rows, PM_SQL_OLD_NOTES, values, 2, PM_SQL_DROP_NOTE, now, &old);

    *gone_out = old.count;
    return status;
}
