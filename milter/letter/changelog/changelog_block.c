/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * changelog_block - which lines below a heading are its own; see changelog_parts.h.
 *
 * Nothing marks the end of a changelog. A list ends where a paragraph begins at the margin, and
 * whatever is clearly something else (a diffstat, a shortlog, "---") ends anything.
 */
#include "changelog_parts.h"

#include "lines.h"

#define ENTRIES_MAX 500

/* ---- Lines ----------------------------------------------------------------------------------- */

/* "- text", "* text", "1. text", "[3/5] text", "Patch 3:" */
static bool is_list_item(pm_slice line)
{
    unsigned number;

    if (pm_line_indent(line) > 0)
        return true;
    if (memchr("-*+o#[", line.data[0], 6) != NULL && line.len > 1)
        return line.data[0] != 'o' || line.data[1] == ' ';
    if (pm_slice_starts_nocase(line, PM_LIT("patch ")) ||
        pm_slice_starts(line, PM_LIT("\xe2\x80\xa2")))
        return true;
    return pm_take_number(&line, &number) && line.len > 0 &&
           memchr(".):/", line.data[0], 4) != NULL;
}

/* A row of a diffstat, or its summary. */
static bool is_stat_line(pm_slice line)
{
    pm_slice rest = pm_slice_trim(line);
    size_t bar = pm_slice_find(rest, PM_LIT(" | "));
    unsigned number;

    if (bar == PM_NOWHERE)
        return pm_take_number(&rest, &number) && pm_slice_starts(rest, PM_LIT(" file")) &&
               pm_slice_find(rest, PM_LIT(" changed")) != PM_NOWHERE;
    rest = pm_slice_trim(pm_slice_after(rest, bar + 3));
    if (!pm_take_number(&rest, &number))
        return pm_slice_starts(rest, PM_LIT("Bin"));
    while (pm_take(&rest, PM_LIT(" ")) || pm_take(&rest, PM_LIT("+")) ||
           pm_take(&rest, PM_LIT("-")))
        ;
    return rest.len == 0;
}

/* "Name (N):" of a shortlog. */
static bool is_shortlog_heading(pm_slice line)
{
    size_t open = pm_slice_find_last(line, PM_LIT(" ("));
    pm_slice rest = open == PM_NOWHERE ? PM_EMPTY : pm_slice_after(line, open + 2);
    unsigned number;

    return pm_take_number(&rest, &number) && pm_slice_equal(rest, PM_LIT("):"));
}

static bool ends_block(pm_slice line)
{
    return pm_line_is_quoted(line) || pm_line_is_signature(line) ||
           pm_slice_equal(pm_slice_trim_end(line), PM_LIT("---")) ||
           (line.data[0] != ' ' && is_shortlog_heading(line)) || is_stat_line(line) ||
           pm_slice_starts(line, PM_LIT("base-commit: ")) ||
           pm_slice_starts(line, PM_LIT("change-id: "));
}

/* "---", "======": a heading may follow. */
static bool is_rule(pm_slice line)
{
    return (line.data[0] == '-' || line.data[0] == '=') && line.len >= 3 &&
           line.data[1] == line.data[0] && line.data[2] == line.data[0];
}

/* ---- Blocks ---------------------------------------------------------------------------------- */

void pm_change_close(pm_change_reader *reader)
{
    if (reader->open) {
        pm_changelog_entry *entry = &reader->found[reader->count - 1].entry;
        const char *begin = entry->text.data;

        entry->text =
            reader->end > begin ? (pm_slice){begin, (size_t)(reader->end - begin)} : PM_EMPTY;
        entry->text = pm_slice_trim(entry->text);
    }
    reader->open = false;
}

/* The number of the line that begins at at, from 1. */
static unsigned line_number(pm_change_reader *reader, const char *at)
{
    const char *feed;

    while ((feed = memchr(reader->counted, '\n', (size_t)(at - reader->counted))) != NULL) {
        reader->lines++;
        reader->counted = feed + 1;
    }
    return reader->lines + 1;
}

static pm_status open_block(pm_change_reader *reader, pm_slice line,
                            const pm_change_heading *heading)
{
    pm_change_found *found;

    pm_change_close(reader);
    if (reader->count == ENTRIES_MAX)
        return PM_OK;
    if (pm_grow(reader->arena, &reader->found, &reader->room, reader->count, sizeof(*found)) !=
        PM_OK)
        return PM_LIMIT;
    found = &reader->found[reader->count++];
    found->heading = *heading;
    found->entry = (pm_changelog_entry){
        .heading = line,
        .text = pm_slice_after(line, heading->text_at),
        .line = line_number(reader, line.data),
    };
    reader->open = true;
    reader->listing = reader->gap = false;
    reader->prose = found->entry.text.len > 0;
    reader->end = line.data + line.len;
    return PM_OK;
}

/* Is line, which is no heading, one of the open block's? */
static bool belongs(pm_change_reader *reader, pm_slice line)
{
    if (ends_block(line))
        return false;
    if (is_list_item(line)) {
        reader->listing = true;
        return true;
    }
    /* A paragraph at the margin may be all there is of a block; a second one, or one after a list,
     * is none of it. */
    if (reader->gap && (reader->listing || reader->prose))
        return false;
    reader->prose = true;
    return true;
}

/* Does line stand in a changelog, no deeper than its heading? */
static bool is_inside(const pm_change_reader *reader, pm_slice line)
{
    return reader->open &&
           pm_line_indent(line) <= pm_line_indent(reader->found[reader->count - 1].entry.heading);
}

pm_status pm_change_line(pm_change_reader *reader, pm_slice line)
{
    pm_change_heading heading;

    if (pm_line_is_blank(line)) {
        reader->gap = reader->fresh = true;
        return PM_OK;
    }
    if (!pm_line_is_quoted(line)) {
        heading = pm_change_heading_read(
            line, reader->revision,
            (pm_change_clues){.fresh = reader->fresh, .inside = is_inside(reader, line)});
        if (heading.relation != PM_RELATION_NONE) {
            reader->fresh = true;
            return open_block(reader, line, &heading);
        }
    }
    reader->fresh = is_rule(line);
    if (!reader->open)
        return PM_OK;
    if (belongs(reader, line))
        reader->end = line.data + line.len;
    else
        pm_change_close(reader);
    reader->gap = false;
    return PM_OK;
}
