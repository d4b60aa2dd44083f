/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * changelog - what changed since which revision; see changelog.h and changelog.md.
 *
 * Three steps: read each line as a heading, or not; give each heading the lines below it that are
 * its own; and at the end, when all headings are known, settle which revisions they speak of. Each
 * has a file of its own, listed in changelog_parts.h. Lines with a URL or a Message-ID are
 * kept for revision_link.c.
 */
#include "changelog.h"

#include "changelog_parts.h"
#include "prose.h"
#include "revision_link.h"

static bool give_entries(const pm_change_reader *reader, pm_changelog *changelog)
{
    changelog->entries = pm_alloc_array(reader->arena, reader->count, sizeof(*changelog->entries));
    if (changelog->entries == NULL)
        return false;
    for (size_t i = 0; i < reader->count; i++) {
        changelog->entries[i] = reader->found[i].entry;
        if (reader->found[i].entry.revision > changelog->highest)
            changelog->highest = reader->found[i].entry.revision;
    }
    changelog->count = reader->count;
    return true;
}

/* A URL, or what may be a Message-ID. memmem(3) is slow for what is so short. */
static bool has_link(pm_slice line)
{
    size_t at;

    if (pm_slice_find_byte(line, '@') != PM_NOWHERE)
        return true;
    while ((at = pm_slice_find_byte(line, ':')) != PM_NOWHERE) {
        line = pm_slice_after(line, at + 1);
        if (pm_slice_starts(line, PM_LIT("//")))
            return true;
    }
    return false;
}

typedef struct link_lines {
    pm_slice *lines;
    size_t count, room;
} link_lines;

static pm_status keep_link_line(pm_arena *arena, link_lines *links, pm_slice line)
{
    if (pm_grow(arena, &links->lines, &links->room, links->count, sizeof(line)) != PM_OK)
        return PM_LIMIT;
    links->lines[links->count++] = line;
    return PM_OK;
}

pm_status pm_changelog_find(pm_arena *arena, pm_slice text, unsigned revision,
                            pm_changelog *changelog_out)
{
    pm_change_reader reader = {
        .arena = arena, .revision = revision, .counted = text.data, .fresh = true};
    pm_prose prose = pm_prose_of(text);
    link_lines links = {0};
    const char *begin = text.data;
    pm_slice line;

    *changelog_out = (pm_changelog){0};
    while (pm_prose_next(&prose, &line)) {
        if (prose.begin != begin) { /* behind a diff */
            pm_change_close(&reader);
            reader.fresh = true;
            begin = prose.begin;
        }
        if (pm_change_line(&reader, line) != PM_OK)
            return PM_LIMIT;
        if (has_link(line) && keep_link_line(arena, &links, line) != PM_OK)
            return PM_LIMIT;
    }
    pm_change_close(&reader);
    pm_change_drop_sections(&reader);
    pm_change_settle(&reader);
    if (!give_entries(&reader, changelog_out))
        return PM_LIMIT;
    return pm_revision_links_find(arena, text, links.lines, links.count, revision, changelog_out);
}
