/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rows_inside - what the files of this folder share, and ask of each other.
 *
 * For these files only: everybody else includes rows.h.
 */
#ifndef PM_ROWS_INSIDE_H
#define PM_ROWS_INSIDE_H

#include "rows.h"
#include "statements.h"

/* ---- rows.c ---- */

#define PM_ROWS_PARTS 1e6          /* a weight is kept in parts per million */
#define PM_ROWS_MONTH (30 * 86400) /* in seconds */

/* One statement with its values; row may be NULL. */
pm_status pm_rows_do(const pm_rows *rows, unsigned which, const pm_value *values, size_t count,
                     pm_row_fn row, void *context);

/* The day, the month that these seconds since 1970 are in. */
int64_t pm_rows_day(int64_t seconds);
int64_t pm_rows_month(int64_t seconds);

bool pm_rows_same_value(const pm_value *a, const pm_value *b);

/* Ids that were found, as many as there is room for; a pm_row_fn that takes the first column. */
typedef struct pm_id_rows {
    const pm_rows *rows;
    pm_slice *ids;
    size_t count, room;
} pm_id_rows;

pm_status pm_rows_read_id(void *context, const pm_value *columns, size_t count);

/* Rows that were found by the texts of their primary key. Who asks fills in width and room. */
typedef struct pm_key_rows {
    const pm_rows *rows;
    pm_row_key *keys;
    unsigned width; /* columns of the primary key */
    size_t count, room;
} pm_key_rows;

/* Drop what a question finds, unless it has changed meanwhile: bound is what the rows found are not
 * beyond. */
pm_status pm_rows_drop_found(const pm_rows *rows, unsigned question, const pm_value *values,
                             size_t value_count, unsigned drop, int64_t bound, pm_key_rows *found);

/* ---- rows_columns.c ---- */

#define PM_SERIES_COLUMNS 22 /* SERIES_AND_LINK has four more */

/* A row in the order of SERIES_COLUMNS; of SERIES_AND_LINK. PM_FAULT: it has too few columns. */
pm_status pm_rows_read_columns(pm_arena *arena, const pm_value *columns, size_t count,
                               pm_known *known);
pm_status pm_rows_read_linked(pm_arena *arena, const pm_value *columns, size_t count,
                              pm_known *known);

/* The row of a series, in the order of SERIES_COLUMNS. PM_LIMIT past the budget. */
pm_status pm_rows_make_columns(pm_arena *arena, const pm_known *known,
                               pm_value columns[PM_SERIES_COLUMNS]);
bool pm_rows_same_columns(const pm_value *a, const pm_value *b);

/* ---- rows_series.c ---- */

/* What is known of a series, which nobody else changes until the transaction ends. PM_ABSENT only
 * when there is no row; one that nobody has the word of is one. */
pm_status pm_rows_hold(const pm_rows *rows, pm_slice id, pm_known *known_out);

/* ---- rows_references.c, rows_links.c, rows_keys.c ---- */

/* The reference of a message that was once taken for another series' stays with the one it is a
 * part of now: the caller knows more than was known then. */
pm_status pm_rows_put_reference(const pm_rows *rows, const pm_memo *memo);

/* A series has joined another one. What a person has pinned goes with it; every other link is found
 * anew. */
pm_status pm_rows_move_links(const pm_rows *rows, pm_slice from, pm_slice into);

/* What a series can be found by follows what is known of it now, not what was. Either may be NULL:
 * it is new; it is forgotten. */
pm_status pm_rows_put_keys(const pm_rows *rows, const pm_series *was, const pm_series *is);

#endif
