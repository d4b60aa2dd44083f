/* SPDX-License-Identifier: BSD-2-Clause */
/* quoted_path - names as git quotes them; see quoted_path.h. */
#include "quoted_path.h"

size_t pm_quoted_path_length(pm_slice text)
{
    if (text.len == 0 || text.data[0] != '"')
        return 0;
    for (size_t at = 1; at < text.len; at++) {
        if (text.data[at] == '"')
            return at + 1;
        if (text.data[at] == '\\')
            at++;
    }
    return 0;
}

static bool is_octal(char c)
{
    return c >= '0' && c <= '7';
}

/* The byte behind a backslash, which stands at *at; *at moves to its last character. */
static char unescape(pm_slice text, size_t *at)
{
    static const char letters[] = "abfnrtv", bytes[] = "\a\b\f\n\r\t\v";
    const char *letter;

    if (is_octal(text.data[*at])) {
        unsigned value = 0;
        size_t end = *at + 3 < text.len ? *at + 3 : text.len;

        for (; *at < end && is_octal(text.data[*at]); (*at)++)
            value = value * 8 + (unsigned)(text.data[*at] - '0');
        (*at)--;
        return (char)(unsigned char)value;
    }
    letter = memchr(letters, text.data[*at], sizeof(letters) - 1);
    return letter == NULL ? text.data[*at] : bytes[letter - letters];
}

pm_slice pm_quoted_path(pm_arena *arena, pm_slice written)
{
    pm_slice inner;
    size_t len = 0;
    char *name;

    if (written.len < 2 || pm_quoted_path_length(written) != written.len)
        return written;
    inner = pm_slice_cut(written, 1, written.len - 1);
    if (pm_slice_find_byte(inner, '\\') == PM_NOWHERE)
        return inner;
    name = pm_alloc(arena, inner.len);
    if (name == NULL)
        return (pm_slice){NULL, 0};
    for (size_t at = 0; at < inner.len; at++) {
        char c = inner.data[at];

        if (c == '\\' && at + 1 < inner.len) {
            at++;
            c = unescape(inner, &at);
        }
        name[len++] = c;
    }
    return (pm_slice){name, len};
}
