/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * diffstat_row - one line of a diffstat, " path | 12 ++++----", by itself; see diffstat_parts.h.
 *
 * Not the name in it: diffstat_name.c reads that, of the rows that are kept.
 */
#include "diffstat_parts.h"

#include "lines.h"

#define ROW_LENGTH_MAX 4096

/* "++++---"; diffstat(1) has "!" for changed lines. Marks are added to the row's. */
static bool read_graph(pm_slice graph, pm_stat_row *row)
{
    for (graph = pm_trim_blanks(graph); graph.len > 0; graph = pm_slice_after(graph, 1)) {
        if (graph.data[0] == '+' || graph.data[0] == '!')
            row->plus++;
        else if (graph.data[0] == '-')
            row->minus++;
        else if (graph.data[0] != ' ')
            return false;
    }
    return true;
}

/* What stands right of the bar: "12 ++++---", "Bin 0 -> 123 bytes", "Bin", "binary", "Unmerged". */
static pm_stat_line read_counts(pm_slice rest, pm_stat_row *row)
{
    rest = pm_trim_blanks(rest);
    if (pm_take_number(&rest, &row->lines))
        return read_graph(rest, row) ? PM_STAT_LINE_ROW : PM_STAT_LINE_OTHER;
    row->binary = true;
    if (pm_slice_equal(rest, PM_LIT("Unmerged")))
        return PM_STAT_LINE_UNMERGED;
    if (pm_slice_equal(rest, PM_LIT("binary")) || pm_slice_equal(rest, PM_LIT("Bin")))
        return PM_STAT_LINE_ROW;
    if (!pm_take(&rest, PM_LIT("Bin ")) || rest.len == 0)
        return PM_STAT_LINE_OTHER;
    return pm_is_digit(rest.data[0]) || rest.data[0] == '-' ? PM_STAT_LINE_ROW : PM_STAT_LINE_OTHER;
}

/* What a line of the table is. Its row is filled in as far as it goes. */
pm_stat_line pm_stat_row_read(pm_slice line, pm_stat_row *row)
{
    pm_slice trimmed = pm_trim_blanks(line);
    const char *bar;
    pm_stat_line kind;

    *row = (pm_stat_row){.name = PM_EMPTY};
    if (trimmed.len == 0)
        return PM_STAT_LINE_BLANK;
    if (trimmed.len > ROW_LENGTH_MAX || pm_line_is_quoted(line))
        return PM_STAT_LINE_OTHER;
    if (pm_slice_equal(trimmed, PM_LIT("...")))
        return PM_STAT_LINE_CUT;
    bar = memrchr(trimmed.data, '|', trimmed.len);
    if (bar == NULL)
        return read_graph(trimmed, row) ? PM_STAT_LINE_GRAPH : PM_STAT_LINE_OTHER;
    row->name = pm_trim_blanks(pm_slice_cut(trimmed, 0, (size_t)(bar - trimmed.data)));
    kind = read_counts(pm_slice_after(trimmed, (size_t)(bar - trimmed.data) + 1), row);
    return kind == PM_STAT_LINE_ROW && row->name.len == 0 ? PM_STAT_LINE_BAR : kind;
}
