/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * shortlog - the list of patches in a cover letter; see shortlog.h.
 *
 * git shortlog prints "Name (N):", then N titles indented by two spaces, wrapped ones by four. Mail
 * clients wrap again, to the left margin, or take the indentation away.
 */
#include "shortlog.h"

#include "lines.h"
#include "prose.h"

#define ENTRIES_MAX 5000
#define AUTHOR_MAX  120 /* bytes; longer ones are sentences */
#define TITLE_LINES 6   /* more lines are no title */

/* "Name (N):" */
typedef struct author_heading {
    pm_slice author;
    unsigned said; /* N */
} author_heading;

typedef struct shortlog_reader {
    pm_arena *arena;
    pm_shortlog_entry *entries;
    size_t count, room;
} shortlog_reader;

static bool read_heading(pm_slice line, author_heading *heading_out)
{
    pm_slice rest;
    size_t open;
    unsigned said;

    line = pm_slice_trim_end(line);
    if (!pm_slice_ends(line, PM_LIT("):")) || pm_line_indent(line) > 2 || line.len > AUTHOR_MAX)
        return false;
    open = pm_slice_find_last(line, PM_LIT("("));
    if (open == PM_NOWHERE)
        return false;
    rest = pm_slice_after(line, open + 1);
    if (!pm_take_number(&rest, &said) || rest.len != 2 || said == 0)
        return false;
    heading_out->author = pm_trim_blanks(pm_slice_cut(line, 0, open));
    heading_out->said = said;
    return heading_out->author.len > 0 && !pm_line_is_quoted(line);
}

/* The lines of one title, joined by single spaces. Borrowed when there is one. */
static pm_slice join(pm_arena *arena, pm_slice lines)
{
    pm_slice line, rest = lines;
    char *joined;
    size_t len = 0;

    lines = pm_trim_blanks(lines);
    if (pm_slice_find_byte(lines, '\n') == PM_NOWHERE)
        return lines;
    joined = pm_alloc(arena, lines.len);
    if (joined == NULL)
        return (pm_slice){NULL, 0};
    while (pm_slice_next_line(&rest, &line)) {
        line = pm_trim_blanks(line);
        if (line.len == 0)
            continue;
        if (len > 0)
            joined[len++] = ' ';
        memcpy(joined + len, line.data, line.len);
        len += line.len;
    }
    return (pm_slice){joined, len};
}

static pm_status keep(shortlog_reader *reader, pm_slice author, pm_slice lines)
{
    pm_slice title = join(reader->arena, lines);

    if (title.data == NULL)
        return PM_LIMIT;
    if (reader->count == ENTRIES_MAX || title.len == 0) /* nothing but spaces that do not break */
        return PM_OK;
    if (pm_grow(reader->arena, &reader->entries, &reader->room, reader->count,
                sizeof(*reader->entries)) != PM_OK)
        return PM_LIMIT;
    reader->entries[reader->count++] = (pm_shortlog_entry){author, title};
    return PM_OK;
}

/* The bytes from the beginning of one line to the end of another. */
static pm_slice span(pm_slice first, pm_slice last)
{
    return (pm_slice){first.data, (size_t)(last.data + last.len - first.data)};
}

/* N as good as agrees: people delete a line, and wrapping may cut one in two. */
static bool agrees(size_t found, unsigned said)
{
    size_t more = found > said ? found - said : said - found;

    return found > 0 && more <= said / 8 + (said > 2);
}

/* Read the titles under a heading, which stands before prose. *end_out is the last line that
 * belongs to them; prose then goes on behind it. */
static pm_status read_titles(shortlog_reader *reader, const author_heading *heading,
                             pm_prose *prose, pm_slice *end_out)
{
    pm_prose ahead = *prose;
    pm_slice line, first = PM_EMPTY;
    size_t kept = reader->count, found = 0, lines = 0, indent = 0;
    author_heading next;
    bool flat; /* the indentation was taken away */

    while (pm_prose_next(&ahead, &line) && ahead.begin == prose->begin) {
        size_t here = pm_line_indent(line);

        if (pm_line_is_blank(line) || pm_line_is_quoted(line) || read_heading(line, &next))
            break;
        if (found == 0)
            indent = here;
        flat = indent == 0;
        if (found > 0 && (flat ? here > 0 : here > indent || here == 0)) {
            if (++lines > TITLE_LINES)
                break;
        } else {
            if (found > 0 && keep(reader, heading->author, span(first, *end_out)) != PM_OK)
                return PM_LIMIT;
            found++;
            lines = 1;
            first = line;
        }
        *prose = ahead;
        *end_out = line;
    }
    if (found > 0 && keep(reader, heading->author, span(first, *end_out)) != PM_OK)
        return PM_LIMIT;
    if (!(found > 0 && indent == 0 ? found == heading->said : agrees(found, heading->said)))
        reader->count = kept;
    return PM_OK;
}

pm_status pm_shortlog_find(pm_arena *arena, pm_slice text, pm_shortlog *shortlog_out)
{
    shortlog_reader reader = {.arena = arena};
    pm_prose prose = pm_prose_of(text);
    pm_slice line, begin = PM_EMPTY, end = PM_EMPTY;
    pm_status status = PM_OK;
    author_heading heading;

    while (status == PM_OK && pm_prose_next(&prose, &line)) {
        size_t before = reader.count;
        pm_slice last = line;

        if (!read_heading(line, &heading))
            continue;
        status = read_titles(&reader, &heading, &prose, &last);
        if (reader.count == before)
            continue;
        if (before == 0)
            begin = line;
        end = last;
    }
    *shortlog_out = (pm_shortlog){
        .entries = reader.entries,
        .count = reader.count,
        .text = reader.count == 0 ? PM_EMPTY : span(begin, end),
    };
    return status;
}
