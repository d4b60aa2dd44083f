/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lines - what the readers of a letter's text have in common when they look at one line.
 *
 * Not a text format: each reader knows its own.
 */
#ifndef PM_LINES_H
#define PM_LINES_H

#include "slice.h"

/* How many bytes of spaces and tabs text begins with. Some mail clients write no-break spaces for
 * spaces, U+00A0, which are blanks here and nowhere else. */
static inline size_t pm_line_indent(pm_slice line)
{
    size_t at = 0;

    for (;;) {
        if (at < line.len && (line.data[at] == ' ' || line.data[at] == '\t'))
            at++;
        else if (at + 1 < line.len && line.data[at] == '\xc2' && line.data[at + 1] == '\xa0')
            at += 2;
        else
            return at;
    }
}

/* Without blanks at both ends. */
static inline pm_slice pm_trim_blanks(pm_slice text)
{
    text = pm_slice_trim_end(pm_slice_after(text, pm_line_indent(text)));
    while (text.len > 1 && text.data[text.len - 2] == '\xc2' && text.data[text.len - 1] == '\xa0')
        text = pm_slice_trim_end(pm_slice_cut(text, 0, text.len - 2));
    return text;
}

static inline bool pm_line_is_blank(pm_slice line)
{
    return pm_slice_trim_end(pm_slice_after(line, pm_line_indent(line))).len == 0;
}

/* Is line ">From ...", which an mbox once made of "From ..."? */
static inline bool pm_line_is_escaped(pm_slice line)
{
    return pm_slice_starts(line, PM_LIT(">From "));
}

/* Somebody else's words: "> text", " > text". */
static inline bool pm_line_is_quoted(pm_slice line)
{
    size_t at = pm_line_indent(line);

    return at < 4 && at < line.len && line.data[at] == '>' && !pm_line_is_escaped(line);
}

/* "-- ", which begins a signature; mail clients may eat its space. */
static inline bool pm_line_is_signature(pm_slice line)
{
    return pm_slice_equal(line, PM_LIT("-- ")) || pm_slice_equal(line, PM_LIT("--"));
}

/* A number at the front of rest, taken off; false when there is none or it has more than 9 digits.
 */
static inline bool pm_take_number(pm_slice *rest, unsigned *number_out)
{
    unsigned number = 0;
    size_t at = 0;

    for (; at < rest->len && pm_is_digit(rest->data[at]); at++) {
        if (at == 9)
            return false;
        number = number * 10 + (unsigned)(rest->data[at] - '0');
    }
    if (at == 0)
        return false;
    *rest = pm_slice_after(*rest, at);
    *number_out = number;
    return true;
}

/* prefix off the front of rest; false when it does not stand there. */
static inline bool pm_take(pm_slice *rest, pm_slice prefix)
{
    if (!pm_slice_starts(*rest, prefix))
        return false;
    *rest = pm_slice_after(*rest, prefix.len);
    return true;
}

static inline bool pm_take_nocase(pm_slice *rest, pm_slice prefix)
{
    if (!pm_slice_starts_nocase(*rest, prefix))
        return false;
    *rest = pm_slice_after(*rest, prefix.len);
    return true;
}

static inline void pm_skip_blanks(pm_slice *rest)
{
    *rest = pm_slice_after(*rest, pm_line_indent(*rest));
}

#endif
