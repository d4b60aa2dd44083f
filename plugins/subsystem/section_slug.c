/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * section_slug - a short name for a section of MAINTAINERS, made from its title.
 *
 * Not the names people chose: those are in rules/, as `sections { "TITLE" slug }`.
 */
#include "maintainers.h"

#include <string.h>

enum { LONGEST_SLUG = 48 };

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_slug_byte(char c)
{
    return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '.';
}

/* Words that say nothing about which section it is. */
static bool is_filler(pm_slice word)
{
    static const char *const fillers[] = {"and",     "driver", "drivers",   "for", "of",
                                          "support", "the",    "subsystem", NULL};

    for (size_t i = 0; fillers[i] != NULL; i++)
        if (word.len == strlen(fillers[i]) && memcmp(word.data, fillers[i], word.len) == 0)
            return true;
    return false;
}

/* Words in lower case with a dash between them; when bare, without fillers and what is in
 * parentheses. Cut between words where it grows too long. */
static size_t join_words(pm_slice text, bool bare, char slug_out[64])
{
    size_t length = 0, start = 0; /* of the slug; of its last word */
    unsigned inside = 0;

    for (size_t i = 0; i <= text.len; i++) {
        char c = i < text.len ? text.data[i] : ' ';

        inside += bare && c == '(';
        if (inside == 0 && is_slug_byte(c) && (c != '.' || length > start)) {
            if (length == LONGEST_SLUG)
                return start > 0 ? start - 1 : length;
            slug_out[length++] = lower(c);
            continue;
        }
        inside -= inside > 0 && c == ')';
        if (length == start)
            continue;
        if (bare && is_filler((pm_slice){slug_out + start, length - start})) {
            length = start;
            continue;
        }
        if (length == LONGEST_SLUG)
            return length;
        slug_out[length++] = '-';
        start = length;
    }
    return start > 0 ? start - 1 : 0; /* without the dash behind the last word */
}

static bool is_one_word(const char *at, const char *end)
{
    while (at < end && *at == ' ')
        at++;
    return at == end || memchr(at, ' ', (size_t)(end - at)) == NULL;
}

/* "KVM/arm64" of "KERNEL VIRTUAL MACHINE FOR ARM64 (KVM/arm64)": one word in parentheses, with at
 * most one word such as "DRIVER" behind them. Empty when the title has none. */
static pm_slice short_name(pm_slice title)
{
    pm_slice none = {NULL, 0};
    const char *end = title.data + title.len;
    const char *open = memrchr(title.data, '(', title.len);
    const char *close = open == NULL ? NULL : memchr(open, ')', (size_t)(end - open));

    if (close == NULL || close - open < 3 || !is_one_word(close + 1, end))
        return none;
    if (!(lower(open[1]) >= 'a' && lower(open[1]) <= 'z')) /* (32-bit), (1/10) */
        return none;
    for (const char *at = open + 1; at < close; at++)
        if (!is_slug_byte(*at) && strchr("/_-+", *at) == NULL)
            return none;
    return (pm_slice){open + 1, (size_t)(close - open - 1)};
}

size_t pm_section_slug(pm_slice title, char slug_out[64])
{
    pm_slice name = title.len == 0 ? title : short_name(title);
    size_t length = name.len == 0 ? 0 : join_words(name, false, slug_out);

    if (length == 0)
        length = join_words(title, true, slug_out);
    if (length == 0)
        length = join_words(title, false, slug_out);
    if (length == 0) { /* a title in another script, or of signs only */
        memcpy(slug_out, "section", 8);
        length = 7;
    }
    slug_out[length] = '\0';
    return length;
}
