/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rows_forget - series that no mail has come for in a long time go, with all that points to them.
 *
 * Not notes and paths, which go by themselves: rows_notes.c, rows_paths.c.
 */
#include "rows_inside.h"

/* Mail that came in between keeps it. */
static pm_status forget_one(const pm_rows *rows, pm_slice id, int64_t before, uint64_t *gone)
{
    static const unsigned drops[] = {PM_SQL_DROP_REFERENCES, PM_SQL_DROP_LINK, PM_SQL_DROP_SERIES};
    pm_value value = pm_value_text(id);
    pm_known known;
    pm_status status = pm_rows_hold(rows, id, &known);

    if (status == PM_ABSENT || (status == PM_OK && known.series.last_seen >= before))
        return PM_OK;
    if (status == PM_OK)
        status = pm_rows_put_keys(rows, &known.series, NULL);
    for (size_t i = 0; status == PM_OK && i < sizeof(drops) / sizeof(drops[0]); i++)
        status = pm_rows_do(rows, drops[i], &value, 1, NULL, NULL);
    if (status == PM_OK)
        ++*gone;
    return status;
}

pm_status pm_rows_forget(const pm_rows *rows, int64_t before, unsigned most, uint64_t *gone_out)
{
    pm_slice *ids = pm_alloc_array(rows->arena, most, sizeof(*ids));
    pm_id_rows old = {rows, ids, 0, most};
    pm_value values[] = {pm_value_number(pm_rows_day(before)), pm_value_number(before),
                         pm_value_number(most)};
    pm_status status = ids == NULL ? PM_LIMIT : PM_OK;

    *gone_out = 0;
    if (status == PM_OK)
        status = pm_rows_do(rows, PM_SQL_OLD_SERIES, values, 3, pm_rows_read_id, &old);
    for (size_t i = 0; status == PM_OK && i < old.count; i++)
        status = forget_one(rows, ids[i], before, gone_out);
    return status;
}
