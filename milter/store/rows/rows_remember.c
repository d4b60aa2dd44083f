/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rows_remember - what one message says, written: into its series, which may turn out to be one
 * with others.
 *
 * How two words on one series become one is told by memory.h.
 */
#include "rows_inside.h"

/* ---- A series ---- */

/* PM_ABSENT: it is there already, put by somebody else a moment ago. */
static pm_status add_series(const pm_rows *rows, const pm_known *known)
{
    pm_value columns[PM_SERIES_COLUMNS];
    pm_slice id;
    pm_id_rows added = {rows, &id, 0, 1};
    pm_status status = pm_rows_make_columns(rows->arena, known, columns);

    if (status == PM_OK)
        status = pm_rows_do(rows, PM_SQL_ADD_SERIES, columns, PM_SERIES_COLUMNS, pm_rows_read_id,
                            &added);
    if (status == PM_OK && added.count == 0)
        return PM_ABSENT;
    return status == PM_OK ? pm_rows_put_keys(rows, NULL, &known->series) : status;
}

static pm_status change_series(const pm_rows *rows, const pm_known *was, const pm_known *is)
{
    pm_value old[PM_SERIES_COLUMNS], now[PM_SERIES_COLUMNS];
    pm_status status = pm_rows_make_columns(rows->arena, was, old);

    if (status == PM_OK)
        status = pm_rows_make_columns(rows->arena, is, now);
    if (status != PM_OK || pm_rows_same_columns(old, now))
        return status;
    status = pm_rows_do(rows, PM_SQL_SET_SERIES, now, PM_SERIES_COLUMNS, NULL, NULL);
    return status == PM_OK ? pm_rows_put_keys(rows, &was->series, &is->series) : status;
}

/* Two exchangers may meet the same new series at once: one of them adds it, the other one finds it
 * there, waits for the row, and merges. */
static pm_status merge_series(const pm_rows *rows, const pm_known *said)
{
    const pm_slice id = said->series.id;
    pm_known known, merged;
    pm_status status = pm_rows_hold(rows, id, &known);

    if (status == PM_ABSENT) {
        /* Merged with itself: lists in their order, and no longer than they may be. */
        status = pm_memory_merge(rows->arena, said, said, &merged);
        if (status == PM_OK)
            status = add_series(rows, &merged);
        if (status != PM_ABSENT)
            return status;
        status = pm_rows_hold(rows, id, &known);
        if (status == PM_ABSENT)
            return PM_LATER; /* added and forgotten meanwhile */
    }
    if (status == PM_OK)
        status = pm_memory_merge(rows->arena, &known, said, &merged);
    return status == PM_OK ? change_series(rows, &known, &merged) : status;
}

static pm_status see_series(const pm_rows *rows, pm_slice id, int64_t last_seen)
{
    pm_value values[] = {pm_value_text(id), pm_value_number(last_seen),
                         pm_value_number(pm_rows_day(last_seen))};
    return pm_rows_do(rows, PM_SQL_SEE_SERIES, values, 3, NULL, NULL);
}

/* ---- Two that are one ---- */

/* Make one series of two. A series whose root has come is one for good, whatever is said of it. */
static pm_status join_series(const pm_rows *rows, pm_slice from, pm_slice into)
{
    pm_value values[] = {pm_value_text(from), pm_value_text(into)};
    pm_known known;
    pm_status status = pm_slice_equal(from, into) ? PM_ABSENT : pm_rows_hold(rows, from, &known);

    if (status != PM_OK || (known.series.flags & PM_SERIES_ROOT) != 0)
        return status == PM_ABSENT ? PM_OK : status;
    status = pm_rows_put_keys(rows, &known.series, NULL);
    if (status == PM_OK)
        status = pm_rows_do(rows, PM_SQL_MOVE_REFERENCES, values, 2, NULL, NULL);
    if (status == PM_OK)
        status = pm_rows_move_links(rows, from, into);
    if (status == PM_OK)
        status = pm_rows_do(rows, PM_SQL_DROP_SERIES, values, 1, NULL, NULL);
    if (status != PM_OK)
        return status;
    known.series.id = into;
    return known.series.rank == PM_NOBODY ? see_series(rows, into, known.series.last_seen)
                                          : merge_series(rows, &known);
}

/* ---- A message ---- */

/* A series is called after its root. When that has turned out to be a part of another one since the
 * letter asked, it is that one's letter. */
static pm_status find_home(const pm_rows *rows, const pm_memo *memo, pm_slice *id_out)
{
    pm_status status;

    *id_out = memo->series.id;
    if (pm_slice_equal(memo->message_id, memo->series.id))
        return PM_OK;
    status = pm_rows_reference(rows, memo->series.id, id_out, NULL);
    return status == PM_ABSENT ? PM_OK : status;
}

static pm_status remember_in(const pm_rows *rows, const pm_memo *memo)
{
    const pm_known said = pm_memory_known(&memo->series);
    const pm_slice id = memo->series.id;
    pm_status status =
        memo->answers ? see_series(rows, id, memo->series.last_seen) : merge_series(rows, &said);

    if (status == PM_OK)
        status = pm_rows_put_reference(rows, memo);
    if (status == PM_OK && memo->message_id.len > 0)
        status = join_series(rows, memo->message_id, id);
    for (size_t i = 0; status == PM_OK && i < memo->join_count; i++)
        status = join_series(rows, memo->joins[i], id);
    return status == PM_OK ? pm_rows_see_paths(rows, &memo->paths) : status;
}

pm_status pm_rows_remember(const pm_rows *rows, const pm_memo *memo)
{
    pm_memo at_home = *memo;
    pm_status status = find_home(rows, memo, &at_home.series.id);

    return status == PM_OK ? remember_in(rows, &at_home) : status;
}
