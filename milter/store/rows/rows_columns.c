/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rows_columns - what is known of a series as the columns of its row, and back.
 *
 * The order of the columns is that of SERIES_COLUMNS and SERIES_AND_LINK in statements.c.
 */
#include "rows_inside.h"

/* ---- Which earlier messages it claims ---- */

/* "ID revision how", one claim a line. */
static pm_slice join_claims(pm_arena *arena, const pm_series *series)
{
    pm_slice *lines = pm_alloc_array(arena, series->claim_count, sizeof(*lines));

    if (lines == NULL)
        return (pm_slice){NULL, 0};
    for (size_t i = 0; i < series->claim_count; i++) {
        const pm_claim *claim = &series->claims[i];
        lines[i] = pm_print(arena, "%.*s %u %.*s", PM_FMT(claim->message_id), claim->revision,
                            PM_FMT(claim->how));
        if (lines[i].data == NULL)
            return (pm_slice){NULL, 0};
    }
    return pm_memory_join(arena, lines, series->claim_count);
}

static pm_status split_claims(pm_arena *arena, pm_slice text, pm_series *series)
{
    const pm_slice *lines;
    pm_claim *claims;

    if (pm_memory_split(arena, text, &lines, &series->claim_count) != PM_OK)
        return PM_LIMIT;
    claims = pm_alloc_array(arena, series->claim_count, sizeof(*claims));
    if (claims == NULL)
        return PM_LIMIT;
    series->claims = claims;
    for (size_t i = 0; i < series->claim_count; i++) {
        pm_slice line = lines[i], revision;
        int64_t number = 0;

        pm_slice_next_word(&line, &claims[i].message_id);
        pm_slice_next_word(&line, &revision);
        pm_slice_next_word(&line, &claims[i].how);
        if (pm_slice_to_int(revision, &number) == PM_OK && number > 0)
            claims[i].revision = (uint32_t)number;
    }
    return PM_OK;
}

/* ---- A row that is read ---- */

pm_status pm_rows_read_columns(pm_arena *arena, const pm_value *columns, size_t count,
                               pm_known *known)
{
    pm_slice texts[PM_SERIES_COLUMNS];
    pm_series *series = &known->series;

    if (count < PM_SERIES_COLUMNS)
        return PM_FAULT;
    for (size_t i = 0; i < PM_SERIES_COLUMNS; i++) {
        texts[i] = columns[i].is_number ? PM_EMPTY : pm_copy(arena, columns[i].text);
        if (texts[i].data == NULL)
            return PM_LIMIT;
    }
    *known = (pm_known){
        .total_rank = (int32_t)columns[9].number,
        .change_id_rank = (int32_t)columns[10].number,
        .labels_rank = (int32_t)columns[11].number,
        .series = {.size = sizeof(pm_series),
                   .supersedes = PM_EMPTY,
                   .supersedes_why = PM_EMPTY,
                   .id = texts[0],
                   .flags = (uint32_t)columns[1].number,
                   .revision = (uint32_t)columns[2].number,
                   .reroll = (uint32_t)columns[3].number,
                   .total = (int32_t)columns[4].number,
                   .date = columns[5].number,
                   .last_seen = columns[6].number,
                   .rank = (int32_t)columns[8].number,
                   .title = texts[12],
                   .author = texts[13],
                   .author_name = texts[14],
                   .change_id = texts[15],
                   .project = texts[16],
                   .inbox = texts[17]},
    };
    if (pm_memory_split(arena, texts[18], &series->subsystems, &series->subsystem_count) != PM_OK ||
        pm_memory_split(arena, texts[19], &series->titles, &series->title_count) != PM_OK ||
        pm_memory_split(arena, texts[20], &series->paths, &series->path_count) != PM_OK)
        return PM_LIMIT;
    return split_claims(arena, texts[21], series);
}

pm_status pm_rows_read_linked(pm_arena *arena, const pm_value *columns, size_t count,
                              pm_known *known)
{
    const pm_value *link = columns + PM_SERIES_COLUMNS;
    pm_series *series = &known->series;
    pm_status status = pm_rows_read_columns(arena, columns, count, known);

    if (status != PM_OK || count < PM_SERIES_COLUMNS + 4)
        return status != PM_OK ? status : PM_FAULT;
    series->supersedes = pm_copy(arena, link[0].text);
    series->supersedes_why = pm_copy(arena, link[1].text);
    series->supersedes_weight = (double)link[2].number / PM_ROWS_PARTS;
    if (link[3].number != 0)
        series->flags |= PM_SERIES_PINNED;
    return series->supersedes.data == NULL || series->supersedes_why.data == NULL ? PM_LIMIT
                                                                                  : PM_OK;
}

/* ---- A row that is written ---- */

pm_status pm_rows_make_columns(pm_arena *arena, const pm_known *known,
                               pm_value columns[PM_SERIES_COLUMNS])
{
    const pm_series *series = &known->series;
    const pm_value made[PM_SERIES_COLUMNS] = {
        pm_value_text(series->id),
        pm_value_number(series->flags),
        pm_value_number(series->revision),
        pm_value_number(series->reroll),
        pm_value_number(series->total),
        pm_value_number(series->date),
        pm_value_number(series->last_seen),
        pm_value_number(pm_rows_day(series->last_seen)),
        pm_value_number(series->rank),
        pm_value_number(known->total_rank),
        pm_value_number(known->change_id_rank),
        pm_value_number(known->labels_rank),
        pm_value_text(series->title),
        pm_value_text(series->author),
        pm_value_text(series->author_name),
        pm_value_text(series->change_id),
        pm_value_text(series->project),
        pm_value_text(series->inbox),
        pm_value_text(pm_memory_join(arena, series->subsystems, series->subsystem_count)),
        pm_value_text(pm_memory_join(arena, series->titles, series->title_count)),
        pm_value_text(pm_memory_join(arena, series->paths, series->path_count)),
        pm_value_text(join_claims(arena, series)),
    };

    for (size_t i = 18; i < PM_SERIES_COLUMNS; i++)
        if (made[i].text.data == NULL)
            return PM_LIMIT;
    memcpy(columns, made, sizeof(made));
    return PM_OK;
}

bool pm_rows_same_columns(const pm_value *a, const pm_value *b)
{
    for (size_t i = 0; i < PM_SERIES_COLUMNS; i++)
        if (!pm_rows_same_value(&a[i], &b[i]))
            return false;
    return true;
}
