/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * maintainers_inside - what a MAINTAINERS file is in memory, and what the files maintainers*.c do
 * for each other: maintainers.c reads it, maintainers_pattern.c compares one pattern with one path,
 * maintainers_match.c finds all patterns of a path.
 *
 * Private to those; everybody else wants maintainers.h.
 */
#ifndef PM_MAINTAINERS_INSIDE_H
#define PM_MAINTAINERS_INSIDE_H

#include "maintainers.h"
#include "regexes.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum { PM_MAINTAINERS_PATH = 4096 }; /* the longest pattern, and the longest path */

/* How a pattern is compared with a path that begins with its key. */
typedef enum pm_pattern_shape {
    LITERAL, /* the key is all there is */
    GLOB,    /* "*", "?" and simple [classes] follow */
    REGEX,   /* more of a regular expression than we care to know; pcre2 decides */
} pm_pattern_shape;

struct pattern {
    pm_slice text; /* as written, behind "F:" */
    uint32_t section;
    uint32_t line;
    char kind; /* F, X, N, K */
    unsigned char shape;
    bool directory;  /* ends with "/": everything below */
    bool any_depth;  /* "**": the number of slashes does not matter */
    bool maybe_tree; /* may be a directory written without its slash */
    uint16_t slashes;
    uint16_t key_length;
    uint32_t regex; /* of a REGEX: index */
};

struct key {
    pm_slice text;
    uint32_t first, count; /* in by_key */
    uint32_t parent;       /* the longest key that is a beginning of this, from 1; 0: none */
};

struct pm_maintainers {
    char *text; /* the file; all slices point into it */
    size_t size;
    struct pm_section *sections;
    size_t section_count, section_room;
    struct pattern *patterns; /* in the file's order */
    size_t pattern_count, pattern_room;
    uint32_t *by_key; /* F: and X: patterns, sorted by key */
    struct key *keys;
    size_t key_count;
    pcre2_code **odd; /* of the REGEX patterns */
    size_t odd_count, odd_room;
    pcre2_match_context *match;
    pm_regexes *names;    /* N: */
    pm_regexes *keywords; /* K: */
};

/* A path, and how it is looked at. */
struct asked {
    pm_slice path;
    unsigned slashes;
    bool in_tree; /* see pm_maintainers_match_in_tree */
};

static inline unsigned pm_maintainers_slashes(pm_slice text)
{
    unsigned count = 0;

    for (size_t i = 0; i < text.len; i++)
        count += text.data[i] == '/';
    return count;
}

/* ---- maintainers_pattern.c ---- */

/* Work out how an F: or X: pattern, whose text is set and not empty, is compared: shape, key,
 * slashes. */
void pm_maintainers_shape(struct pattern *pattern);

/* The regular expression of a REGEX. NULL after why_out got the reason. The caller's to free. */
pcre2_code *pm_maintainers_compile(pm_slice text, char *why_out, size_t why_room);

/* Does the pattern, with whose key the path begins, match it? */
bool pm_maintainers_matches(const pm_maintainers *maintainers, const struct pattern *pattern,
                            const struct asked *asked);

/* As get_maintainer.pl ranks. */
int pm_maintainers_depth(const struct pattern *pattern);

/* ---- maintainers_match.c ---- */

/* Sort the F: and X: patterns by their keys: by_key and keys. False without memory. */
bool pm_maintainers_index(pm_maintainers *maintainers);

#endif
