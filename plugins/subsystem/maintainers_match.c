/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * maintainers_match - all patterns, one path: which sections it belongs to; see
 * maintainers_inside.h.
 *
 * get_maintainer.pl turns each F: pattern into a regular expression and tries all 9,000 of them on
 * each path. We turn that around. Every pattern begins with bytes that stand for themselves, its
 * key. The keys are sorted, and each knows the longest other key that is its own beginning; so the
 * keys a path begins with form a chain, found by one binary search. Only patterns on that chain are
 * tried.
 */
#include "maintainers_inside.h"

#include <stdlib.h>
#include <string.h>

#define MOST_HITS 512 /* patterns that match one path; a real path has a dozen */

/* ---- The index of keys ----------------------------------------------------------------------- */

static bool begins_with(pm_slice text, pm_slice beginning)
{
    return text.len >= beginning.len && memcmp(text.data, beginning.data, beginning.len) == 0;
}

static int compare(pm_slice a, pm_slice b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common == 0 ? 0 : memcmp(a.data, b.data, common);

    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static pm_slice key_of(const struct pattern *pattern)
{
    return (pm_slice){pattern->text.data, pattern->key_length};
}

static int by_key_then_file(const void *a, const void *b, void *patterns)
{
    const struct pattern *all = patterns;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    int order = compare(key_of(&all[x]), key_of(&all[y]));

    return order != 0 ? order : (x > y) - (x < y);
}

bool pm_maintainers_index(pm_maintainers *maintainers)
{
    size_t count = 0;
    uint32_t above = 0; /* the key before, then what it begins with, ... */

    maintainers->by_key = calloc(maintainers->pattern_count + 1, sizeof(*maintainers->by_key));
    maintainers->keys = calloc(maintainers->pattern_count + 1, sizeof(*maintainers->keys));
    if (maintainers->by_key == NULL || maintainers->keys == NULL)
        return false;
    for (size_t i = 0; i < maintainers->pattern_count; i++)
        if (maintainers->patterns[i].kind == 'F' || maintainers->patterns[i].kind == 'X')
            maintainers->by_key[count++] = (uint32_t)i;
    qsort_r(maintainers->by_key, count, sizeof(*maintainers->by_key), by_key_then_file,
            maintainers->patterns);

    for (size_t i = 0; i < count; i++) {
        pm_slice text = key_of(&maintainers->patterns[maintainers->by_key[i]]);

        if (above > 0 && compare(maintainers->keys[above - 1].text, text) == 0) {
            maintainers->keys[above - 1].count++;
            continue;
        }
        while (above > 0 && !begins_with(text, maintainers->keys[above - 1].text))
            above = maintainers->keys[above - 1].parent;
        maintainers->keys[maintainers->key_count++] =
            (struct key){.text = text, .first = (uint32_t)i, .count = 1, .parent = above};
        above = (uint32_t)maintainers->key_count;
    }
    return true;
}

/* The longest key that path begins with, from 1; 0: none. */
static uint32_t find_key(const pm_maintainers *maintainers, pm_slice path)
{
    size_t low = 0, high = maintainers->key_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare(maintainers->keys[middle].text, path) <= 0)
            low = middle + 1;
        else
            high = middle;
    }

    /* Whatever path begins with sorts before it, and the key just before it begins with that, too.
     */
    uint32_t key = (uint32_t)low;

    while (key > 0 && !begins_with(path, maintainers->keys[key - 1].text))
        key = maintainers->keys[key - 1].parent;
    return key;
}

/* ---- One path -------------------------------------------------------------------------------- */

/* Put a match behind the count ones before, but before those that are less deep. Of more than room,
 * the last one gives way. */
static void insert(const struct pattern *pattern, pm_section_match *list, size_t count, size_t room)
{
    int depth = pm_maintainers_depth(pattern);
    size_t last = count < room ? count : room;
    size_t at = last;

    while (at > 0 && list[at - 1].depth < depth)
        at--;
    if (at == room)
        return;
    last -= last == room;
    memmove(&list[at + 1], &list[at], (last - at) * sizeof(*list));
    list[at] = (pm_section_match){
        .section = pattern->section,
        .depth = depth,
        .how = pattern->kind,
        .line = pattern->line,
        .pattern = pattern->text,
    };
}

static void sort_hits(uint32_t *hits, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        uint32_t hit = hits[i];
        size_t at = i;

        for (; at > 0 && hits[at - 1] > hit; at--)
            hits[at] = hits[at - 1];
        hits[at] = hit;
    }
}

/* Patterns in the file's order are grouped by section: an X: loses the group, else its last one
 * counts, as in get_maintainer.pl. */
static size_t settle(const pm_maintainers *maintainers, const uint32_t *hits, size_t count,
                     pm_section_match *list, size_t room)
{
    size_t found = 0;

    for (size_t i = 0; i < count;) {
        const struct pattern *last = &maintainers->patterns[hits[i]];
        uint32_t section = last->section;
        bool excluded = false;

        for (; i < count && maintainers->patterns[hits[i]].section == section; i++) {
            last = &maintainers->patterns[hits[i]];
            excluded = excluded || last->kind == 'X';
        }
        if (!excluded)
            insert(last, list, found++, room);
    }
    return found;
}

static size_t match(const pm_maintainers *maintainers, const struct asked *asked,
                    pm_section_match *found, size_t room)
{
    uint32_t hits[MOST_HITS];
    size_t count = 0;

    if (asked->path.len == 0 || asked->path.len > PM_MAINTAINERS_PATH)
        return 0;
    for (uint32_t key = find_key(maintainers, asked->path); key > 0;
         key = maintainers->keys[key - 1].parent) {
        const struct key *at = &maintainers->keys[key - 1];

        for (uint32_t i = at->first; i < at->first + at->count && count < MOST_HITS; i++)
            if (pm_maintainers_matches(maintainers, &maintainers->patterns[maintainers->by_key[i]],
                                       asked))
                hits[count++] = maintainers->by_key[i];
    }
    count += pm_regexes_find(maintainers->names, asked->path, hits + count, MOST_HITS - count);
    sort_hits(hits, count);
    return settle(maintainers, hits, count, found, room);
}

size_t pm_maintainers_match(const pm_maintainers *maintainers, pm_slice path,
                            pm_section_match *found, size_t room)
{
    const struct asked asked = {.path = path, .slashes = pm_maintainers_slashes(path)};

    return match(maintainers, &asked, found, room);
}

size_t pm_maintainers_match_in_tree(const pm_maintainers *maintainers, pm_slice path,
                                    pm_section_match *found, size_t room)
{
    const struct asked asked = {
        .path = path, .slashes = pm_maintainers_slashes(path), .in_tree = true};

    return match(maintainers, &asked, found, room);
}

size_t pm_maintainers_keywords(const pm_maintainers *maintainers, pm_slice text,
                               pm_section_match *found, size_t room)
{
    uint32_t hits[MOST_HITS];
    size_t count = pm_regexes_find(maintainers->keywords, text, hits, MOST_HITS);

    return settle(maintainers, hits, count, found, room);
}
