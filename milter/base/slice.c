/* SPDX-License-Identifier: BSD-2-Clause */
/* slice - looking at borrowed bytes; see slice.h. */
#include "slice.h"

bool pm_slice_equal_nocase(pm_slice a, pm_slice b)
{
    return a.len == b.len && pm_slice_starts_nocase(a, b);
}

bool pm_slice_starts(pm_slice slice, pm_slice prefix)
{
    return slice.len >= prefix.len &&
           (prefix.len == 0 || memcmp(slice.data, prefix.data, prefix.len) == 0);
}

bool pm_slice_starts_nocase(pm_slice slice, pm_slice prefix)
{
    if (slice.len < prefix.len)
        return false;
    for (size_t i = 0; i < prefix.len; i++)
        if (pm_lower(slice.data[i]) != pm_lower(prefix.data[i]))
            return false;
    return true;
}

bool pm_slice_ends(pm_slice slice, pm_slice suffix)
{
    return slice.len >= suffix.len &&
           pm_slice_equal(pm_slice_after(slice, slice.len - suffix.len), suffix);
}

int pm_slice_compare(pm_slice a, pm_slice b)
{
    size_t shared = a.len < b.len ? a.len : b.len;
    int order = shared == 0 ? 0 : memcmp(a.data, b.data, shared);

    if (order != 0)
        return order;
    return a.len < b.len ? -1 : a.len > b.len;
}

size_t pm_slice_find(pm_slice slice, pm_slice needle)
{
    if (needle.len == 0)
        return 0;
    if (slice.len < needle.len)
        return PM_NOWHERE;

    const char *at = memmem(slice.data, slice.len, needle.data, needle.len);
    return at == NULL ? PM_NOWHERE : (size_t)(at - slice.data);
}

size_t pm_slice_find_nocase(pm_slice slice, pm_slice needle)
{
    for (size_t at = 0; at + needle.len <= slice.len; at++)
        if (pm_slice_starts_nocase(pm_slice_after(slice, at), needle))
            return at;
    return PM_NOWHERE;
}

size_t pm_slice_find_last(pm_slice slice, pm_slice needle)
{
    if (needle.len > slice.len)
        return PM_NOWHERE;
    for (size_t at = slice.len - needle.len + 1; at-- > 0;)
        if (pm_slice_starts(pm_slice_after(slice, at), needle))
            return at;
    return PM_NOWHERE;
}

size_t pm_slice_find_byte(pm_slice slice, char byte)
{
    const char *at = slice.len == 0 ? NULL : memchr(slice.data, byte, slice.len);
    return at == NULL ? PM_NOWHERE : (size_t)(at - slice.data);
}

pm_slice pm_slice_trim_end(pm_slice slice)
{
    while (slice.len > 0 && pm_is_space(slice.data[slice.len - 1]))
        slice.len--;
    return slice;
}

pm_slice pm_slice_trim(pm_slice slice)
{
    while (slice.len > 0 && pm_is_space(slice.data[0]))
        slice = pm_slice_after(slice, 1);
    return pm_slice_trim_end(slice);
}

bool pm_slice_next_line(pm_slice *rest, pm_slice *line_out)
{
    if (rest->len == 0)
        return false;

    size_t end = pm_slice_find_byte(*rest, '\n');
    *line_out = pm_slice_cut(*rest, 0, end);
    *rest = pm_slice_after(*rest, end == PM_NOWHERE ? rest->len : end + 1);
    if (end != PM_NOWHERE && line_out->len > 0 && line_out->data[line_out->len - 1] == '\r')
        line_out->len--;
    return true;
}

bool pm_slice_next_word(pm_slice *rest, pm_slice *word_out)
{
    size_t from = 0, to;

    while (from < rest->len && pm_is_space(rest->data[from]))
        from++;
    for (to = from; to < rest->len && !pm_is_space(rest->data[to]);)
        to++;
    *word_out = pm_slice_cut(*rest, from, to);
    *rest = pm_slice_after(*rest, to);
    return word_out->len > 0;
}

pm_status pm_slice_to_int(pm_slice slice, int64_t *value_out)
{
    bool negative = slice.len > 0 && slice.data[0] == '-';
    size_t at = slice.len > 0 && (slice.data[0] == '-' || slice.data[0] == '+');
    int64_t value = 0;

    if (at == slice.len)
        return PM_ABSENT;
    for (size_t i = at; i < slice.len; i++)
        if (!pm_is_digit(slice.data[i]))
            return PM_ABSENT;

    /* Counted downwards, where there is room for one more. */
    for (; at < slice.len; at++)
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, slice.data[at] - '0', &value))
            return PM_LIMIT;
    if (!negative && __builtin_sub_overflow((int64_t)0, value, &value))
        return PM_LIMIT;
    *value_out = value;
    return PM_OK;
}

/* How many ASCII bytes slice begins with. Nearly all mail is nothing else, so eight at a time. */
static size_t ascii_run(pm_slice slice)
{
    size_t at = 0;
    uint64_t word;

    for (; at + sizeof(word) <= slice.len; at += sizeof(word)) {
        memcpy(&word, slice.data + at, sizeof(word));
        if (word & 0x8080808080808080ULL)
            break;
    }
    while (at < slice.len && (unsigned char)slice.data[at] < 0x80)
        at++;
    return at;
}

bool pm_slice_is_ascii(pm_slice slice)
{
    return ascii_run(slice) == slice.len;
}

/* RFC 3629, section 4: the table of byte ranges. */
size_t pm_slice_utf8_length(pm_slice slice)
{
    const unsigned char *at = (const unsigned char *)slice.data;
    unsigned char low = 0x80, high = 0xbf;
    size_t length;

    if (slice.len == 0)
        return 0;
    if (at[0] < 0x80)
        return 1;
    if (at[0] < 0xc2 || at[0] > 0xf4)
        return 0;
    length = at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
    if (slice.len < length)
        return 0;
    if (at[0] == 0xe0)
        low = 0xa0; /* no overlong form */
    else if (at[0] == 0xed)
        high = 0x9f; /* no surrogate */
    else if (at[0] == 0xf0)
        low = 0x90; /* no overlong form */
    else if (at[0] == 0xf4)
        high = 0x8f; /* at most U+10FFFF */
    if (at[1] < low || at[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if (at[i] < 0x80 || at[i] > 0xbf)
            return 0;
    return length;
}

bool pm_slice_is_utf8(pm_slice slice)
{
    for (;;) {
        size_t length;

        slice = pm_slice_after(slice, ascii_run(slice));
        if (slice.len == 0)
            return true;
        length = pm_slice_utf8_length(slice);
        if (length == 0)
            return false;
        slice = pm_slice_after(slice, length);
    }
}
