/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rows_references - which series a Message-ID belongs to, and which messages a series has.
 */
#include "rows_inside.h"

typedef struct reference_row {
    const pm_rows *rows;
    pm_slice series;
    int part;
    bool found;
} reference_row;

static pm_status read_reference(void *context, const pm_value *columns, size_t count)
{
    reference_row *row = context;

    (void)count;
    row->series = pm_copy(row->rows->arena, columns[0].text);
    row->part = (int)columns[1].number;
    row->found = true;
    return row->series.data == NULL ? PM_LIMIT : PM_OK;
}

pm_status pm_rows_reference(const pm_rows *rows, pm_slice message_id, pm_slice *series_out,
                            int *part_out)
{
    reference_row row = {.rows = rows};
    pm_value id = pm_value_text(message_id);
    pm_status status;

    if (pm_lookup_cache_reference(rows->found, rows->arena, message_id, series_out, part_out))
        return PM_OK;
    status = pm_rows_do(rows, PM_SQL_GET_REFERENCE, &id, 1, read_reference, &row);
    if (status != PM_OK || !row.found)
        return status != PM_OK ? status : PM_ABSENT;
    pm_lookup_cache_put_reference(rows->found, rows->found_age, message_id, row.series, row.part);
    *series_out = row.series;
    if (part_out != NULL)
        *part_out = row.part;
    return PM_OK;
}

typedef struct message_rows {
    const pm_rows *rows;
    pm_store_message *messages;
    size_t count, room;
} message_rows;

static pm_status read_message(void *context, const pm_value *columns, size_t count)
{
    message_rows *found = context;
    pm_store_message *message;

    (void)count;
    if (pm_grow(found->rows->arena, &found->messages, &found->room, found->count,
                sizeof(*found->messages)) != PM_OK)
        return PM_LIMIT;
    message = &found->messages[found->count++];
    message->message_id = pm_copy(found->rows->arena, columns[0].text);
    message->part = (int)columns[1].number;
    message->author = pm_copy(found->rows->arena, columns[2].text);
    return message->message_id.data == NULL || message->author.data == NULL ? PM_LIMIT : PM_OK;
}

pm_status pm_rows_messages(const pm_rows *rows, pm_slice series, pm_store_message **messages_out,
                           size_t *count_out)
{
    message_rows found = {.rows = rows};
    pm_value id = pm_value_text(series);
    pm_status status = pm_rows_do(rows, PM_SQL_GET_MESSAGES, &id, 1, read_message, &found);

    *messages_out = found.messages;
    *count_out = found.count;
    return status;
}

pm_status pm_rows_put_reference(const pm_rows *rows, const pm_memo *memo)
{
    pm_value values[] = {pm_value_text(memo->message_id), pm_value_text(memo->series.id),
                         pm_value_number(memo->part), pm_value_text(memo->author)};

    return memo->message_id.len == 0
               ? PM_OK
               : pm_rows_do(rows, PM_SQL_PUT_REFERENCE, values, 4, NULL, NULL);
}
