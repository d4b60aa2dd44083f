/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * diffstat_table - the rows above a summary, read upwards; see diffstat_parts.h.
 *
 * Upwards, because only the summary says how many rows there should be.
 */
#include "diffstat_parts.h"

#include "lines.h"

/* The line before *at, which is moved to its beginning. False at the beginning of text. */
static bool previous_line(pm_slice text, size_t *at, pm_slice *line_out)
{
    const char *feed;
    size_t end = *at;

    if (end == 0)
        return false;
    if (text.data[end - 1] == '\n')
        end--;
    feed = end == 0 ? NULL : memrchr(text.data, '\n', end);
    *at = feed == NULL ? 0 : (size_t)(feed - text.data) + 1;
    if (end > *at && text.data[end - 1] == '\r')
        end--;
    *line_out = pm_slice_cut(text, *at, end);
    return true;
}

static pm_status keep_row(pm_arena *arena, pm_stat_table *table, const pm_stat_row *row)
{
    if (table->count < PM_DIFFSTAT_ROWS_MAX) {
        if (pm_grow(arena, &table->rows, &table->room, table->count, sizeof(*row)) != PM_OK)
            return PM_LIMIT;
        table->rows[table->count] = *row;
    }
    table->count++;
    return PM_OK;
}

/* May line be the name that a mail client has cut off from its bar? Names with spaces are left out:
 * a line of prose has some. */
static bool is_lone_name(pm_slice line)
{
    pm_slice rest = line, word;

    return !pm_line_is_quoted(line) && pm_slice_next_word(&rest, &word) && pm_line_is_blank(rest);
}

/* Read rows upwards from the end of text, until there are as many as the summary says. Fewer are
 * what the table has. */
pm_status pm_stat_table_read(pm_arena *arena, pm_slice text, unsigned said, pm_stat_table *table)
{
    pm_stat_row below = {.name = PM_EMPTY}; /* the end of a wrapped row */
    pm_stat_line waiting =
        PM_STAT_LINE_OTHER; /* PM_STAT_LINE_GRAPH or PM_STAT_LINE_BAR: what below is */
    size_t at = text.len;
    unsigned blanks = 0;
    pm_slice line;

    table->count = 0;
    table->cut = false;
    table->begin = text.data + text.len;
    while (table->count < said && previous_line(text, &at, &line)) {
        pm_stat_row row;
        pm_stat_line kind = pm_stat_row_read(line, &row);

        if (kind == PM_STAT_LINE_OTHER && waiting == PM_STAT_LINE_BAR && is_lone_name(line)) {
            row = below;
            row.name = pm_trim_blanks(line);
            kind = PM_STAT_LINE_ROW;
        } else if ((kind == PM_STAT_LINE_ROW || kind == PM_STAT_LINE_BAR) &&
                   waiting == PM_STAT_LINE_GRAPH) {
            row.plus += below.plus;
            row.minus += below.minus;
        }
        if (kind == PM_STAT_LINE_OTHER || (kind == PM_STAT_LINE_BLANK && ++blanks > 1))
            break;
        waiting =
            kind == PM_STAT_LINE_GRAPH || kind == PM_STAT_LINE_BAR ? kind : PM_STAT_LINE_OTHER;
        below = row;
        if (kind == PM_STAT_LINE_ROW && keep_row(arena, table, &row) != PM_OK)
            return PM_LIMIT;
        if (kind == PM_STAT_LINE_CUT)
            table->cut = true;
        if (kind == PM_STAT_LINE_ROW || kind == PM_STAT_LINE_CUT || kind == PM_STAT_LINE_UNMERGED) {
            table->begin = text.data + at;
            blanks = 0;
        }
    }
    return PM_OK;
}
