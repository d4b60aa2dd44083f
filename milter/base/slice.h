/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * slice - bytes in a row that somebody else owns: how mail is looked at without copying it.
 *
 * pm_slice and pm_status are the plugin ABI's own words; the whole house uses them, so nothing is
 * converted at the border.
 *
 * Not a string: no NUL at the end, NUL inside is allowed, no charset is assumed. Case is ASCII's.
 */
#ifndef PM_SLICE_H
#define PM_SLICE_H

#include <patchmark/plugin.h>

#include <stdbool.h>
#include <string.h>

#define PM_LIT(text) ((pm_slice){(text), sizeof(text) - 1}) /* of a string literal */
#define PM_EMPTY     ((pm_slice){"", 0})

/* For printf's "%.*s". Bytes that are not text are the caller's to escape. */
#define PM_FMT(slice) (int)(slice).len, (slice).data

#define PM_NOWHERE ((size_t)-1)

static inline pm_slice pm_slice_of(const char *text)
{
    return (pm_slice){text, strlen(text)};
}

/* slice[from..to), both cut to its length. */
static inline pm_slice pm_slice_cut(pm_slice slice, size_t from, size_t to)
{
    if (to > slice.len)
        to = slice.len;
    if (from > to)
        from = to;
    /* Nothing is added to the NULL of an empty slice. */
    return (pm_slice){from == 0 ? slice.data : slice.data + from, to - from};
}

static inline pm_slice pm_slice_after(pm_slice slice, size_t from)
{
    return pm_slice_cut(slice, from, slice.len);
}

static inline bool pm_slice_equal(pm_slice a, pm_slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* ASCII only, and without a locale. */
static inline char pm_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}
static inline bool pm_is_digit(char c)
{
    return c >= '0' && c <= '9';
}
static inline bool pm_is_alpha(char c)
{
    return pm_lower(c) >= 'a' && pm_lower(c) <= 'z';
}
static inline bool pm_is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

/* None of these looks past the end of either; an empty prefix or suffix is always there. */
bool pm_slice_equal_nocase(pm_slice a, pm_slice b);
bool pm_slice_starts(pm_slice slice, pm_slice prefix);
bool pm_slice_starts_nocase(pm_slice slice, pm_slice prefix);
bool pm_slice_ends(pm_slice slice, pm_slice suffix);
/* <0, 0, >0 as memcmp; a prefix sorts before what it begins. */
int pm_slice_compare(pm_slice a, pm_slice b);

/* Where needle first (last) stands in slice, or PM_NOWHERE. An empty needle stands at 0 (at the
 * end). */
size_t pm_slice_find(pm_slice slice, pm_slice needle);
size_t pm_slice_find_nocase(pm_slice slice, pm_slice needle);
size_t pm_slice_find_last(pm_slice slice, pm_slice needle);
size_t pm_slice_find_byte(pm_slice slice, char byte);

/* Without white space (space, tab, CR, LF, FF, VT) at both ends, at the end. */
pm_slice pm_slice_trim(pm_slice slice);
pm_slice pm_slice_trim_end(pm_slice slice);

/* Take the next line off the front of rest, without its LF or CRLF. A lone CR does not end a line.
 * False when nothing was left. The last line needs no LF. */
bool pm_slice_next_line(pm_slice *rest, pm_slice *line_out);

/* Take the next run of bytes that are not white space. False when nothing was left. */
bool pm_slice_next_word(pm_slice *rest, pm_slice *word_out);

/* All of slice as a whole number in decimal, an optional sign in front. PM_ABSENT when it is no
 * number, PM_LIMIT when it does not fit; *value_out is only written on PM_OK. */
pm_status pm_slice_to_int(pm_slice slice, int64_t *value_out);

/* Is slice valid UTF-8 (RFC 3629: no overlong form, no surrogate, at most U+10FFFF)? */
bool pm_slice_is_utf8(pm_slice slice);

/* How many bytes the UTF-8 character at the front takes; 0 when it is not well-formed, or slice is
 * empty. */
size_t pm_slice_utf8_length(pm_slice slice);
bool pm_slice_is_ascii(pm_slice slice);

#endif
