/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * maintainers_pattern - one F: or X: pattern, one path; see maintainers_inside.h.
 *
 * What a pattern means follows from the regular expression get_maintainer.pl turns it into: it is
 * tied to the beginning of the path but not to its end ("drivers/foo" is also "drivers/foobar.c"),
 * "*" runs over slashes, and unless the pattern ends with "/" path and pattern must have equally
 * many of them.
 */
#include "maintainers_inside.h"

#include <stdio.h>
#include <string.h>

/* ---- What it is ------------------------------------------------------------------------------ */

/* The end of a class such as [ch], [79] or [^a-z], whose '[' is at; NULL when it is not that plain.
 */
static const char *class_end(const char *at, const char *end)
{
    const char *first = at + 1;

    if (first < end && *first == '^')
        first++;
    for (at = first; at < end && *at != ']'; at++) {
        bool plain = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
                     (*at >= '0' && *at <= '9') || *at == '_' ||
                     (*at == '-' && (at == first || at + 1 == end || at[1] == ']')) ||
                     (*at == '-' && at[-1] < at[1]);

        if (!plain)
            return NULL;
    }
    return at < end && at > first ? at + 1 : NULL;
}

void pm_maintainers_shape(struct pattern *pattern)
{
    const char *at = pattern->text.data, *end = at + pattern->text.len;
    bool special = false;
    size_t key = 0;

    pattern->shape = LITERAL;
    while (at < end) {
        if (strchr("+(){}|^$\\", *at) != NULL) {
            pattern->shape = REGEX;
            key = 0; /* it may make any of the bytes before optional */
            break;
        }
        if (*at == '*' || *at == '?' || *at == '[') {
            special = true;
            pattern->shape = GLOB;
        }
        if (*at == '*' && at + 1 < end && at[1] == '*')
            pattern->any_depth = true;
        if (*at == '[') {
            at = class_end(at, end);
            if (at == NULL) {
                pattern->shape = REGEX;
                key = 0;
                break;
            }
            continue;
        }
        key += !special;
        at++;
    }
    pattern->directory = end[-1] == '/';
    pattern->slashes = (uint16_t)pm_maintainers_slashes(pattern->text);
    pattern->key_length = (uint16_t)key;
    /* Like in get_maintainer.pl, a directory with a dot in its name is not recognized. */
    pattern->maybe_tree = pattern->shape == LITERAL && !pattern->directory &&
                          memchr(pattern->text.data, '.', pattern->text.len) == NULL;
}

/* The regular expression get_maintainer.pl makes of a pattern, for those that are one already. */
pcre2_code *pm_maintainers_compile(pm_slice text, char *why_out, size_t why_room)
{
    char expression[3 * 1000];
    size_t length = 0;
    int error = 0;
    PCRE2_SIZE offset = 0;

    if (text.len > sizeof(expression) / 3) {
        snprintf(why_out, why_room, "it is too long");
        return NULL;
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];

        if (c == '.')
            expression[length++] = '\\';
        expression[length++] = c == '*' || c == '?' ? '.' : c;
        if (c == '*')
            expression[length++] = '*';
    }

    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)expression, length,
                      PCRE2_ANCHORED | PCRE2_NEVER_UTF | PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C,
                      &error, &offset, NULL);

    if (code == NULL)
        pcre2_get_error_message(error, (PCRE2_UCHAR *)why_out, why_room);
    else
        pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
    return code;
}

/* ---- Does it match? -------------------------------------------------------------------------- */

/* Is c in the class at (its '[')? *end_out gets what is behind the ']'. */
static bool in_class(const char *at, char c, const char **end_out)
{
    bool negated = at[1] == '^', found = false;

    for (at += negated ? 2 : 1; *at != ']'; at++) {
        if (at[1] == '-' && at[2] != ']') {
            found = found || (at[0] <= c && c <= at[2]);
            at += 2;
        } else {
            found = found || *at == c;
        }
    }
    *end_out = at + 1;
    return found != negated;
}

/* Does text begin with what pattern describes? The end of text is open, so of several stars only
 * the last one met ever needs to give more: no more than length times length steps. */
static bool glob(pm_slice pattern, pm_slice text)
{
    const char *p = pattern.data, *p_end = p + pattern.len;
    const char *t = text.data, *t_end = t + text.len;
    const char *star = NULL, *retry = NULL;

    while (p < p_end) {
        const char *next = p + 1;

        if (*p == '*') {
            star = ++p;
            retry = t;
            continue;
        }
        if (t < t_end && (*p == '?' || (*p == '[' ? in_class(p, *t, &next) : *p == *t))) {
            p = next;
            t++;
            continue;
        }
        if (star == NULL || retry == t_end)
            return false;
        p = star;
        t = ++retry;
    }
    return true;
}

static bool matches_odd(const pm_maintainers *maintainers, const struct pattern *pattern,
                        pm_slice path)
{
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);

    if (data == NULL)
        return false;

    bool matches = pcre2_match(maintainers->odd[pattern->regex], (PCRE2_SPTR)path.data, path.len, 0,
                               0, data, maintainers->match) >= 0;

    pcre2_match_data_free(data);
    return matches;
}

/* The path begins with the pattern's key. */
bool pm_maintainers_matches(const pm_maintainers *maintainers, const struct pattern *pattern,
                            const struct asked *asked)
{
    size_t key = pattern->key_length;
    pm_slice path = asked->path;

    if (!pattern->directory && !pattern->any_depth && pattern->slashes != asked->slashes)
        return asked->in_tree && pattern->maybe_tree && path.data[key] == '/';
    switch ((pm_pattern_shape)pattern->shape) {
    case LITERAL:
        return true;
    case GLOB:
        return glob((pm_slice){pattern->text.data + key, pattern->text.len - key},
                    (pm_slice){path.data + key, path.len - key});
    case REGEX:
        return matches_odd(maintainers, pattern, path);
    }
    return false;
}

int pm_maintainers_depth(const struct pattern *pattern)
{
    if (pattern->kind != 'F')
        return 0;
    if (pattern->text.data[0] == '*')
        return -1;
    return pattern->slashes + !pattern->directory;
}
