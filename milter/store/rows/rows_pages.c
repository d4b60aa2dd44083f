/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rows_pages - all there is of a table, a page at a time, and the rows that point to nothing.
 */
#include "rows_inside.h"

/* ---- A page ---- */

typedef struct page {
    const pm_rows *rows;
    const pm_walk *walk;
    unsigned width; /* columns of the primary key */
    pm_row_key last;
    size_t count;
} page;

static pm_status run_page(page *at, unsigned which, const pm_row_key *after, unsigned most,
                          pm_row_fn row, pm_row_key *last_out, size_t *count_out)
{
    pm_value values[PM_ROW_KEY + 1];
    pm_status status;

    for (unsigned i = 0; i < at->width; i++)
        values[i] = pm_value_text(after->columns[i]);
    values[at->width] = pm_value_number(most);
    status = pm_rows_do(at->rows, which, values, at->width + 1, row, at);
    *last_out = at->last;
    *count_out = at->count;
    return status;
}

/* Where the page ends; it has to outlive the row. */
static pm_status turn(page *at, const pm_value *columns)
{
    at->count++;
    for (unsigned i = 0; i < at->width; i++) {
        at->last.columns[i] = pm_copy(at->rows->arena, columns[i].text);
        if (at->last.columns[i].data == NULL)
            return PM_LIMIT;
    }
    return PM_OK;
}

/* ---- A row of each table ---- */

static pm_status walk_series(void *context, const pm_value *columns, size_t count)
{
    page *at = context;
    pm_known known;
    pm_status status = turn(at, columns);

    if (status == PM_OK)
        status = pm_rows_read_columns(at->rows->arena, columns, count, &known);
    if (status != PM_OK || known.series.rank == PM_NOBODY)
        return status;
    return at->walk->series(at->walk->context, &known.series);
}

static pm_status walk_reference(void *context, const pm_value *columns, size_t count)
{
    page *at = context;
    pm_status status = turn(at, columns);
    const pm_store_message message = {columns[0].text, (int)columns[2].number, columns[3].text};

    (void)count;
    return status != PM_OK ? status
                           : at->walk->reference(at->walk->context, &message, columns[1].text);
}

static pm_status walk_link(void *context, const pm_value *columns, size_t count)
{
    page *at = context;
    pm_status status = turn(at, columns);
    const pm_link link = {columns[0].text, columns[1].text, columns[2].text,
                          (double)columns[3].number / PM_ROWS_PARTS, columns[4].number != 0};

    (void)count;
    return status != PM_OK ? status : at->walk->link(at->walk->context, &link);
}

static pm_status walk_note(void *context, const pm_value *columns, size_t count)
{
    page *at = context;
    pm_status status = turn(at, columns);
    const pm_note note = {columns[0].text, columns[1].text, columns[2].text, columns[3].number};

    (void)count;
    return status != PM_OK ? status : at->walk->note(at->walk->context, &note);
}

static pm_status walk_path(void *context, const pm_value *columns, size_t count)
{
    page *at = context;
    pm_status status = turn(at, columns);

    (void)count;
    return status != PM_OK ? status
                           : at->walk->path(at->walk->context, columns[1].text, columns[2].text,
                                            columns[3].number * PM_ROWS_MONTH);
}

/* ---- A page of each table ---- */

pm_status pm_rows_page_series(const pm_rows *rows, const pm_walk *walk, const pm_row_key *after,
                              unsigned most, pm_row_key *last_out, size_t *count_out)
{
    return run_page(&(page){.rows = rows, .walk = walk, .width = 1}, PM_SQL_NEXT_SERIES, after,
                    most, walk_series, last_out, count_out);
}

pm_status pm_rows_page_references(const pm_rows *rows, const pm_walk *walk, const pm_row_key *after,
                                  unsigned most, pm_row_key *last_out, size_t *count_out)
{
    return run_page(&(page){.rows = rows, .walk = walk, .width = 1}, PM_SQL_NEXT_REFERENCES, after,
                    most, walk_reference, last_out, count_out);
}

pm_status pm_rows_page_links(const pm_rows *rows, const pm_walk *walk, const pm_row_key *after,
                             unsigned most, pm_row_key *last_out, size_t *count_out)
{
    return run_page(&(page){.rows = rows, .walk = walk, .width = 1}, PM_SQL_NEXT_LINKS, after, most,
                    walk_link, last_out, count_out);
}

pm_status pm_rows_page_notes(const pm_rows *rows, const pm_walk *walk, const pm_row_key *after,
                             unsigned most, pm_row_key *last_out, size_t *count_out)
{
    return run_page(&(page){.rows = rows, .walk = walk, .width = 2}, PM_SQL_NEXT_NOTES, after, most,
                    walk_note, last_out, count_out);
}

pm_status pm_rows_page_paths(const pm_rows *rows, const pm_walk *walk, const pm_row_key *after,
                             unsigned most, pm_row_key *last_out, size_t *count_out)
{
    return run_page(&(page){.rows = rows, .walk = walk, .width = 3}, PM_SQL_NEXT_PATHS, after, most,
                    walk_path, last_out, count_out);
}

/* ---- What verification asks ---- */

pm_status pm_rows_lost(const pm_rows *rows, unsigned which, unsigned most, pm_slice *ids_out,
                       size_t *count_out)
{
    pm_id_rows lost = {rows, ids_out, 0, most};
    pm_value value = pm_value_number(most);
    pm_status status = pm_rows_do(rows, which, &value, 1, pm_rows_read_id, &lost);

    *count_out = lost.count;
    return status;
}
