/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rows_links - which series supersedes which.
 */
#include "rows_inside.h"

pm_status pm_rows_predecessor(const pm_rows *rows, pm_slice id, pm_slice *predecessor_out)
{
    pm_id_rows found = {rows, predecessor_out, 0, 1};
    pm_value value = pm_value_text(id);
    pm_known known;

    if (pm_lookup_cache_series(rows->found, rows->arena, id, &known)) {
        *predecessor_out = known.series.supersedes;
        return PM_OK;
    }
    *predecessor_out = PM_EMPTY;
    return pm_rows_do(rows, PM_SQL_GET_LINK, &value, 1, pm_rows_read_id, &found);
}

pm_status pm_rows_put_link(const pm_rows *rows, const pm_link *link)
{
    pm_value values[] = {
        pm_value_text(link->series), pm_value_text(link->predecessor), pm_value_text(link->why),
        pm_value_number((int64_t)(link->weight * PM_ROWS_PARTS)), pm_value_number(link->pinned)};
    return pm_rows_do(rows, PM_SQL_PUT_LINK, values, 5, NULL, NULL);
}

pm_status pm_rows_unpin(const pm_rows *rows, const pm_link *link)
{
    pm_value series = pm_value_text(link->series);
    pm_status status = pm_rows_do(rows, PM_SQL_DROP_LINK, &series, 1, NULL, NULL);

    return status == PM_OK && link->predecessor.len > 0 ? pm_rows_put_link(rows, link) : status;
}

pm_status pm_rows_move_links(const pm_rows *rows, pm_slice from, pm_slice into)
{
    pm_value values[] = {pm_value_text(from), pm_value_text(into)};
    pm_series was = {.id = from};
    pm_status status = pm_rows_series(rows, from, &was);

    if (status == PM_OK && (was.flags & PM_SERIES_PINNED) != 0)
        status = pm_rows_put_link(rows, &(pm_link){into, was.supersedes, was.supersedes_why,
                                                   was.supersedes_weight, true});
    if (status == PM_OK || status == PM_ABSENT)
        status = pm_rows_do(rows, PM_SQL_DROP_LINK, values, 1, NULL, NULL);
    return status == PM_OK ? pm_rows_do(rows, PM_SQL_MOVE_FOLLOWERS, values, 2, NULL, NULL)
                           : status;
}
