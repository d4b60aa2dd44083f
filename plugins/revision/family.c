/* SPDX-License-Identifier: BSD-2-Clause */
/* family - Message-IDs that a tool makes alike for all revisions; see family.h. */
#include "family.h"

#include "bytes.h"

#include <string.h>

enum {
    DATE_DIGITS = 8,
    LEAST_TOPIC = 6, /* bytes: "fixes" is nobody's own */
    LEAST_HASH = 8,
};

/* What all revisions share: a tool, and one or two pieces of the id. */
typedef struct family {
    enum { NO_TOOL, TOOL_GITGITGADGET, TOOL_B4 } tool;
    pm_slice first, second;
} family;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f');
}

static bool starts(pm_slice text, const char *with)
{
    return text.len >= strlen(with) && memcmp(text.data, with, strlen(with)) == 0;
}

static pm_slice after(pm_slice text, size_t at)
{
    return (pm_slice){text.data + at, text.len - at};
}

static size_t digits(pm_slice text)
{
    size_t count = 0;

    while (count < text.len && is_digit(text.data[count]))
        count++;
    return count;
}

/* How many bytes at the end are of a kind. */
static size_t count_back(pm_slice text, bool (*is)(char))
{
    size_t count = 0;

    while (count < text.len && is(text.data[text.len - count - 1]))
        count++;
    return count;
}

/* pull.NUMBER[.vREVISION].REPOSITORY.TIME.gitgitgadget: number and repository stay. */
static bool read_gitgitgadget(pm_slice local, family *out)
{
    static const char end[] = ".gitgitgadget";
    size_t count;

    if (!starts(local, "pull.") || local.len < sizeof(end) ||
        memcmp(local.data + local.len - sizeof(end) + 1, end, sizeof(end) - 1) != 0)
        return false;
    local = after(local, strlen("pull."));
    local.len -= sizeof(end) - 1;
    count = digits(local);
    out->first = (pm_slice){local.data, count};
    local = after(local, count);
    if (starts(local, ".v") && digits(after(local, 2)) > 0)
        local = after(local, 2 + digits(after(local, 2)));
    local.len -= count_back(local, is_digit);
    out->second = local;
    return out->first.len > 0 && local.len > 0;
}

/* Take "-" and what stands behind it off the end of text: at least least bytes of a kind. */
static bool cut_back(pm_slice *text, bool (*is)(char), size_t least)
{
    size_t count = count_back(*text, is);

    if (count < least || count >= text->len || text->data[text->len - count - 1] != '-')
        return false;
    text->len -= count + 1;
    return true;
}

/* DATE-TOPIC-vREVISION-PART-HASH: the topic stays. */
static bool read_b4(pm_slice local, family *out)
{
    size_t count;

    if (digits(local) != DATE_DIGITS || local.len <= DATE_DIGITS ||
        local.data[DATE_DIGITS] != '-' || !cut_back(&local, is_hex, LEAST_HASH) ||
        !cut_back(&local, is_digit, 1))
        return false;
    count = count_back(local, is_digit);
    if (count == 0 || local.len < count + 2 || local.data[local.len - count - 1] != 'v' ||
        local.data[local.len - count - 2] != '-')
        return false;
    local.len -= count + 2;
    if (local.len < DATE_DIGITS + 1 + LEAST_TOPIC)
        return false;
    out->first = after(local, DATE_DIGITS + 1);
    return true;
}

static family read_family(pm_slice id)
{
    const char *at = id.len == 0 ? NULL : memchr(id.data, '@', id.len);
    family of = {.tool = NO_TOOL, .first = {"", 0}, .second = {"", 0}};
    pm_slice local;

    if (at == NULL)
        return of;
    local = (pm_slice){id.data, (size_t)(at - id.data)};
    if (read_gitgitgadget(local, &of))
        of.tool = TOOL_GITGITGADGET;
    else if (read_b4(local, &of))
        of.tool = TOOL_B4;
    return of;
}

bool pm_same_family(pm_slice a, pm_slice b)
{
    const family left = read_family(a), right = read_family(b);

    return left.tool != NO_TOOL && left.tool == right.tool && equal(left.first, right.first) &&
           equal(left.second, right.second);
}
