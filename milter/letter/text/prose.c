/* SPDX-License-Identifier: BSD-2-Clause */
/* prose - a letter's text without the diffs in it; see prose.h. */
#include "prose.h"

#include "lines.h"
#include "phrases.h"

/* Lines between "diff --git" and the first hunk. */
static const pm_slice header_lines[] = {
    PM_LIT("index "),        PM_LIT("--- "),          PM_LIT("+++ "),
    PM_LIT("old mode "),     PM_LIT("new mode "),     PM_LIT("new file "),
    PM_LIT("deleted file "), PM_LIT("similarity "),   PM_LIT("dissimilarity "),
    PM_LIT("rename from "),  PM_LIT("rename to "),    PM_LIT("copy from "),
    PM_LIT("copy to "),      PM_LIT("Binary files "), PM_LIT("GIT binary "),
    PM_LIT("====="),         PM_LIT("diff -"),
};

static bool is_header_line(pm_slice line)
{
    return pm_starts_with_one_of(line, header_lines, PM_COUNT_OF(header_lines));
}

bool pm_diff_begins(pm_slice line, pm_slice rest)
{
    pm_slice next;

    switch (line.len < 6 ? '\0' : line.data[0]) {
    case 'd':
        if (pm_slice_starts(line, PM_LIT("diff --cc ")))
            return pm_slice_starts(rest, PM_LIT("index "));
        if (!pm_slice_starts(line, PM_LIT("diff --git ")))
            return pm_slice_starts(line, PM_LIT("diff -")) && pm_slice_starts(rest, PM_LIT("--- "));
        if (is_header_line(rest))
            return true;
        pm_skip_blanks(&rest); /* a long one that a mail client has wrapped */
        return pm_slice_starts(rest, PM_LIT("b/"));
    case '-':
        if (!pm_slice_starts(line, PM_LIT("--- ")) || !pm_slice_starts(rest, PM_LIT("+++ ")))
            return false;
        pm_slice_next_line(&rest, &next);
        return pm_slice_starts(rest, PM_LIT("@@ -"));
    case 'I':
        return pm_slice_starts(line, PM_LIT("Index: ")) && pm_slice_starts(rest, PM_LIT("====="));
    default:
        return false;
    }
}

/* "-12,7" or "-12": how many lines, which is 1 when it is not said. */
static bool take_range(pm_slice *rest, pm_slice sign, unsigned *lines_out)
{
    unsigned first;

    *lines_out = 1;
    if (!pm_take(rest, sign) || !pm_take_number(rest, &first))
        return false;
    return !pm_take(rest, PM_LIT(",")) || pm_take_number(rest, lines_out);
}

bool pm_hunk_begins(pm_slice line, unsigned *old_out, unsigned *new_out)
{
    return pm_take(&line, PM_LIT("@@ ")) && take_range(&line, PM_LIT("-"), old_out) &&
           take_range(&line, PM_LIT(" +"), new_out) && pm_take(&line, PM_LIT(" @@"));
}

/* The lines of a hunk, off the front of rest. */
static void skip_hunk(pm_slice *rest, unsigned old_left, unsigned new_left)
{
    pm_slice after = *rest, line;

    while ((old_left > 0 || new_left > 0) && pm_slice_next_line(&after, &line)) {
        char first = line.len == 0 ? ' ' : line.data[0];

        if (first != ' ' && first != '+' && first != '-' && first != '\\')
            return; /* prose, or a line that a mail client has wrapped */
        if (old_left > 0 && (first == ' ' || first == '-'))
            old_left--;
        if (new_left > 0 && (first == ' ' || first == '+'))
            new_left--;
        *rest = after;
    }
}

/* A diff, off the front of rest: header lines and hunks of one file after the other. */
static void skip_diff(pm_slice *rest)
{
    pm_slice after = *rest, line;
    unsigned old_lines, new_lines;

    while (pm_slice_next_line(&after, &line)) {
        if (pm_hunk_begins(line, &old_lines, &new_lines))
            skip_hunk(&after, old_lines, new_lines);
        else if (!is_header_line(line) && !pm_diff_begins(line, after))
            return;
        *rest = after;
    }
}

/* Take the next line. False when nothing was left. diff_out: a diff begins with it. */
static bool next_line(pm_slice *rest, pm_slice *line_out, bool *diff_out)
{
    char first = rest->len == 0 ? '\0' : rest->data[0];

    if (!pm_slice_next_line(rest, line_out))
        return false;
    /* Look at one byte before anything else. */
    *diff_out = (first == 'd' || first == '-' || first == 'I') && pm_diff_begins(*line_out, *rest);
    return true;
}

size_t pm_diff_start(pm_slice text)
{
    pm_slice rest = text, line;
    bool diff;

    while (next_line(&rest, &line, &diff))
        if (diff)
            return (size_t)(line.data - text.data);
    return PM_NOWHERE;
}

bool pm_prose_next(pm_prose *prose, pm_slice *line_out)
{
    pm_slice before = prose->rest;
    bool diff;

    while (next_line(&prose->rest, line_out, &diff)) {
        if (!diff)
            return true;
        prose->rest = before;
        skip_diff(&prose->rest);
        prose->begin = prose->rest.data;
        before = prose->rest;
    }
    return false;
}
