/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * diffstat - which files a letter says it changes; see diffstat.h and diffstat.md.
 *
 * Two readers: one for the table that people call diffstat, one for diffs themselves. The table is
 * read from its summary line upwards, because only the summary says how many rows there should be.
 */
#include "diffstat.h"

#include "lines.h"
#include "path_index.h"
#include "prose.h"
#include "quoted_path.h"
#include "table.h"

#define ROWS_MAX       20000
#define ROW_LENGTH_MAX 4096
#define CANDIDATES_MAX 16

/* ---- The summary: " 3 files changed, 10 insertions(+), 2 deletions(-)" ----------------------- */

typedef struct stat_summary {
    unsigned files, insertions, deletions;
} stat_summary;

/* ", 10 insertions(+)": a number and what it counts. */
static bool take_count(pm_slice *rest, stat_summary *out)
{
    static const struct {
        pm_slice noun;
        size_t member;
    } nouns[] = {
        {PM_LIT("insertion"), offsetof(stat_summary, insertions)},
        {PM_LIT("deletion"), offsetof(stat_summary, deletions)},
        {PM_LIT("modification"), 0}, /* diffstat(1), of what it calls changed lines */
    };
    unsigned number;

    pm_take(rest, PM_LIT(","));
    *rest = pm_trim_blanks(*rest);
    if (!pm_take_number(rest, &number))
        return false;
    pm_skip_blanks(rest);
    for (size_t i = 0; i < sizeof(nouns) / sizeof(nouns[0]); i++) {
        if (!pm_take(rest, nouns[i].noun))
            continue;
        pm_take(rest, PM_LIT("s"));
        if (!pm_take(rest, PM_LIT("(+)")) && !pm_take(rest, PM_LIT("(-)")))
            pm_take(rest, PM_LIT("(!)"));
        if (nouns[i].member != 0)
            memcpy((char *)out + nouns[i].member, &number, sizeof(number));
        return true;
    }
    return false;
}

/* Is line a summary? after is the text behind it, into which a mail client may have wrapped it. */
static bool read_summary(pm_slice line, pm_slice *after, stat_summary *summary_out)
{
    stat_summary found = {0};
    pm_slice rest, next, behind;

    rest = pm_trim_blanks(line);
    if (rest.len == 0 || !pm_is_digit(rest.data[0]) || !pm_take_number(&rest, &found.files))
        return false;
    if (!pm_take(&rest, PM_LIT(" file")))
        return false;
    pm_take(&rest, PM_LIT("s"));
    if (!pm_take(&rest, PM_LIT(" changed")))
        return false;
    while (rest.len > 0 && rest.data[0] == ',') {
        if (pm_slice_equal(rest, PM_LIT(","))) {
            behind = *after;
            if (!pm_slice_next_line(&behind, &next))
                break;
            rest = pm_trim_blanks(next);
            *after = behind;
        }
        if (!take_count(&rest, &found))
            return false;
    }
    *summary_out = found;
    return rest.len == 0;
}

/* ---- Names ----------------------------------------------------------------------------------- */

/* Where " => " stands in name, outside quotes; or PM_NOWHERE. */
static size_t find_arrow(pm_slice name)
{
    size_t quoted = pm_quoted_path_length(name);
    size_t at = pm_slice_find(pm_slice_after(name, quoted), PM_LIT(" => "));

    return at == PM_NOWHERE ? PM_NOWHERE : at + quoted;
}

/* head + middle + tail, without the double slash that an empty middle leaves. */
static pm_slice put_together(pm_arena *arena, pm_slice head, pm_slice middle, pm_slice tail)
{
    char *name;

    if (middle.len == 0 && tail.len > 0 && tail.data[0] == '/' &&
        (head.len == 0 || head.data[head.len - 1] == '/'))
        tail = pm_slice_after(tail, 1);
    name = pm_alloc(arena, head.len + middle.len + tail.len);
    if (name == NULL)
        return (pm_slice){NULL, 0};
    memcpy(name, head.data, head.len);
    memcpy(name + head.len, middle.data, middle.len);
    memcpy(name + head.len + middle.len, tail.data, tail.len);
    return (pm_slice){name, head.len + middle.len + tail.len};
}

/* Fill in both paths of a name that has " => " at arrow: "old => new", "a/{old => new}/b". */
static pm_status read_rename(pm_arena *arena, pm_slice name, size_t arrow, pm_path *path)
{
    pm_slice before = pm_slice_cut(name, 0, arrow), after = pm_slice_after(name, arrow + 4);
    size_t open = pm_slice_find_last(before, PM_LIT("{"));
    size_t close = pm_slice_find_byte(after, '}');

    if (close == PM_NOWHERE || name.data[0] == '"') {
        path->old_path = pm_quoted_path(arena, before);
        path->path = pm_quoted_path(arena, after);
    } else {
        /* In a name that was cut at its front, the brace may have gone with it. */
        pm_slice head = open == PM_NOWHERE ? PM_EMPTY : pm_slice_cut(before, 0, open);
        pm_slice old = open == PM_NOWHERE ? before : pm_slice_after(before, open + 1);
        pm_slice tail = pm_slice_after(after, close + 1);

        path->old_path = put_together(arena, head, old, tail);
        path->path = put_together(arena, head, pm_slice_cut(after, 0, close), tail);
    }
    return path->old_path.data == NULL || path->path.data == NULL ? PM_LIMIT : PM_OK;
}

/* "path (new)", "path (gone)", "path (mode +x)": --compact-summary adds these. */
static pm_slice without_note(pm_slice name)
{
    static const pm_slice notes[] = {PM_LIT(" (new"), PM_LIT(" (gone"), PM_LIT(" (mode")};
    size_t open = pm_slice_find_last(name, PM_LIT(" ("));

    if (open == PM_NOWHERE || name.data[name.len - 1] != ')')
        return name;
    for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++)
        if (pm_slice_starts(pm_slice_after(name, open), notes[i]))
            return pm_slice_trim_end(pm_slice_cut(name, 0, open));
    return name;
}

/* Without the dots of a name that was cut at its front. */
static bool take_dots(pm_slice *name)
{
    return pm_take(name, PM_LIT(".../")) || (pm_take(name, PM_LIT("...")) && name->len > 0);
}

/* A quoted name that was cut has lost its first quote: tail\303\251.c" */
static pm_slice read_cut_name(pm_arena *arena, pm_slice name)
{
    pm_slice whole;

    if (!pm_slice_ends(name, PM_LIT("\"")))
        return name;
    whole = put_together(arena, PM_LIT("\""), name, PM_EMPTY);
    return whole.data == NULL ? whole : pm_quoted_path(arena, whole);
}

static pm_status read_name(pm_arena *arena, pm_slice written, pm_path *path)
{
    pm_slice name = without_note(written);
    bool cut = take_dots(&name);
    size_t arrow = find_arrow(name);

    *path = (pm_path){.written = written, .how = cut ? PM_PATH_UNKNOWN : PM_PATH_WHOLE};
    if (arrow != PM_NOWHERE && read_rename(arena, name, arrow, path) != PM_OK)
        return PM_LIMIT;
    if (arrow == PM_NOWHERE)
        path->path = cut ? read_cut_name(arena, name) : pm_quoted_path(arena, name);
    if (path->path.data == NULL)
        return PM_LIMIT;
    if (path->path.len == 0)
        path->path = written;
    return PM_OK;
}

/* ---- Rows: " path | 12 ++++----" ------------------------------------------------------------- */

typedef enum line_kind {
    LINE_OTHER,
    LINE_BLANK,
    LINE_ROW,
    LINE_UNMERGED, /* a row, but git does not count it */
    LINE_CUT,      /* " ...": rows were left out (--stat-count) */
    LINE_GRAPH,    /* "+++---" alone: the end of a wrapped row */
    LINE_BAR,      /* "| 12 +++" alone: its name is on the line above */
} line_kind;

typedef struct stat_row {
    pm_slice name;
    unsigned lines, plus, minus;
    bool binary;
} stat_row;

/* "++++---"; diffstat(1) has "!" for changed lines. Marks are added to the row's. */
static bool read_graph(pm_slice graph, stat_row *row)
{
    for (graph = pm_trim_blanks(graph); graph.len > 0; graph = pm_slice_after(graph, 1)) {
        if (graph.data[0] == '+' || graph.data[0] == '!')
            row->plus++;
        else if (graph.data[0] == '-')
            row->minus++;
        else if (graph.data[0] != ' ')
            return false;
    }
    return true;
}

/* What stands right of the bar: "12 ++++---", "Bin 0 -> 123 bytes", "Bin", "binary", "Unmerged". */
static line_kind read_counts(pm_slice rest, stat_row *row)
{
    rest = pm_trim_blanks(rest);
    if (pm_take_number(&rest, &row->lines))
        return read_graph(rest, row) ? LINE_ROW : LINE_OTHER;
    row->binary = true;
    if (pm_slice_equal(rest, PM_LIT("Unmerged")))
        return LINE_UNMERGED;
    if (pm_slice_equal(rest, PM_LIT("binary")) || pm_slice_equal(rest, PM_LIT("Bin")))
        return LINE_ROW;
    if (!pm_take(&rest, PM_LIT("Bin ")) || rest.len == 0)
        return LINE_OTHER;
    return pm_is_digit(rest.data[0]) || rest.data[0] == '-' ? LINE_ROW : LINE_OTHER;
}

/* What a line of the table is. Its row is filled in as far as it goes. */
static line_kind read_row(pm_slice line, stat_row *row)
{
    pm_slice trimmed = pm_trim_blanks(line);
    const char *bar;
    line_kind kind;

    *row = (stat_row){.name = PM_EMPTY};
    if (trimmed.len == 0)
        return LINE_BLANK;
    if (trimmed.len > ROW_LENGTH_MAX || pm_line_is_quoted(line))
        return LINE_OTHER;
    if (pm_slice_equal(trimmed, PM_LIT("...")))
        return LINE_CUT;
    bar = memrchr(trimmed.data, '|', trimmed.len);
    if (bar == NULL)
        return read_graph(trimmed, row) ? LINE_GRAPH : LINE_OTHER;
    row->name = pm_trim_blanks(pm_slice_cut(trimmed, 0, (size_t)(bar - trimmed.data)));
    kind = read_counts(pm_slice_after(trimmed, (size_t)(bar - trimmed.data) + 1), row);
    return kind == LINE_ROW && row->name.len == 0 ? LINE_BAR : kind;
}

/* ---- The table ------------------------------------------------------------------------------- */

/* The line before *at, which is moved to its beginning. False at the beginning of text. */
static bool previous_line(pm_slice text, size_t *at, pm_slice *line_out)
{
    const char *feed;
    size_t end = *at;

    if (end == 0)
        return false;
    if (text.data[end - 1] == '\n')
        end--;
    feed = end == 0 ? NULL : memrchr(text.data, '\n', end);
    *at = feed == NULL ? 0 : (size_t)(feed - text.data) + 1;
    if (end > *at && text.data[end - 1] == '\r')
        end--;
    *line_out = pm_slice_cut(text, *at, end);
    return true;
}

typedef struct stat_table {
    stat_row *rows; /* from the last to the first */
    size_t count, room;
    bool cut;          /* rows were left out by who made it */
    const char *begin; /* of its first row */
} stat_table;

static pm_status keep_row(pm_arena *arena, stat_table *table, const stat_row *row)
{
    if (table->count < ROWS_MAX) {
        if (pm_grow(arena, &table->rows, &table->room, table->count, sizeof(*row)) != PM_OK)
            return PM_LIMIT;
        table->rows[table->count] = *row;
    }
    table->count++;
    return PM_OK;
}

/* May line be the name that a mail client has cut off from its bar? Names with spaces are left out:
 * a line of prose has some. */
static bool is_lone_name(pm_slice line)
{
    pm_slice rest = line, word;

    return !pm_line_is_quoted(line) && pm_slice_next_word(&rest, &word) && pm_line_is_blank(rest);
}

/* Read rows upwards from the end of text, until there are as many as the summary says. Fewer are
 * what the table has. */
static pm_status read_rows(pm_arena *arena, pm_slice text, unsigned said, stat_table *table)
{
    stat_row below = {.name = PM_EMPTY}; /* the end of a wrapped row */
    line_kind waiting = LINE_OTHER;      /* LINE_GRAPH or LINE_BAR: what below is */
    size_t at = text.len;
    unsigned blanks = 0;
    pm_slice line;

    table->count = 0;
    table->cut = false;
    table->begin = text.data + text.len;
    while (table->count < said && previous_line(text, &at, &line)) {
        stat_row row;
        line_kind kind = read_row(line, &row);

        if (kind == LINE_OTHER && waiting == LINE_BAR && is_lone_name(line)) {
            row = below;
            row.name = pm_trim_blanks(line);
            kind = LINE_ROW;
        } else if ((kind == LINE_ROW || kind == LINE_BAR) && waiting == LINE_GRAPH) {
            row.plus += below.plus;
            row.minus += below.minus;
        }
        if (kind == LINE_OTHER || (kind == LINE_BLANK && ++blanks > 1))
            break;
        waiting = kind == LINE_GRAPH || kind == LINE_BAR ? kind : LINE_OTHER;
        below = row;
        if (kind == LINE_ROW && keep_row(arena, table, &row) != PM_OK)
            return PM_LIMIT;
        if (kind == LINE_CUT)
            table->cut = true;
        if (kind == LINE_ROW || kind == LINE_CUT || kind == LINE_UNMERGED) {
            table->begin = text.data + at;
            blanks = 0;
        }
    }
    return PM_OK;
}

/* lines shared out between added and removed as the graph shows them. */
static void scale(const stat_row *row, pm_path *path)
{
    unsigned marks = row->plus + row->minus;

    path->lines = row->lines;
    path->binary = row->binary;
    if (marks == 0)
        return;
    path->added = (unsigned)(((uint64_t)row->lines * row->plus + marks / 2) / marks);
    path->removed = row->lines - path->added;
}

/* ---- Truncated paths ------------------------------------------------------------------------- */

/* A whole path that the letter itself gives below its table: " create mode 100644 a/b.c". */
typedef struct named_path {
    pm_slice path;
    struct named_path *next; /* of the same last component */
} named_path;

static pm_slice last_component(pm_slice path)
{
    const char *slash = path.len == 0 ? NULL : memrchr(path.data, '/', path.len);

    return slash == NULL ? path : pm_slice_after(path, (size_t)(slash - path.data) + 1);
}

/* The name in " create mode 100644 NAME", " delete mode 100644 NAME", " rename NAME (90%)", ...;
 * false when line is none of these. */
static bool read_mode_line(pm_slice line, pm_slice *name_out)
{
    static const pm_slice words[] = {PM_LIT("create mode "), PM_LIT("delete mode "),
                                     PM_LIT("mode change "), PM_LIT("rename "),
                                     PM_LIT("copy "),        PM_LIT("rewrite ")};
    pm_slice rest = line, mode;
    unsigned number;

    if (pm_line_indent(line) != 1)
        return false;
    pm_skip_blanks(&rest);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (!pm_take(&rest, words[i]))
            continue;
        mode = rest;
        while (pm_take_number(&mode, &number) &&
               (pm_take(&mode, PM_LIT(" => ")) || pm_take(&mode, PM_LIT(" "))))
            rest = mode;
        if (pm_slice_ends(rest, PM_LIT("%)")))
            rest = pm_slice_cut(rest, 0, pm_slice_find_last(rest, PM_LIT(" (")));
        *name_out = rest;
        return rest.len > 0;
    }
    return false;
}

/* The paths in the lines below a table, by their last component. */
static pm_status read_mode_lines(pm_arena *arena, pm_slice below, pm_table *named)
{
    pm_slice line, name;

    while (pm_slice_next_line(&below, &line) && read_mode_line(line, &name)) {
        named_path *added = pm_alloc(arena, sizeof(*added));
        pm_path path;

        if (added == NULL || read_name(arena, name, &path) != PM_OK)
            return PM_LIMIT;
        added->path = path.path;
        added->next = pm_table_get(named, last_component(path.path));
        if (pm_table_put(named, last_component(path.path), added) != PM_OK)
            return PM_LIMIT;
    }
    return PM_OK;
}

/* Is path the tail, or does it end in "/tail"? */
static bool ends_in(pm_slice path, pm_slice tail)
{
    return pm_slice_ends(path, tail) &&
           (path.len == tail.len || path.data[path.len - tail.len - 1] == '/');
}

/* How many of the letter's own paths are tail or end in "/tail"; the last of them in path_out. */
static unsigned resolve_named(const pm_table *named, pm_slice tail, pm_slice *path_out)
{
    const named_path *at = pm_table_get(named, last_component(tail));
    unsigned count = 0;

    for (unsigned seen = 0; at != NULL && seen < CANDIDATES_MAX; at = at->next, seen++) {
        if (!ends_in(at->path, tail))
            continue;
        if (count > 0 && pm_slice_equal(*path_out, at->path))
            continue; /* renamed, and its mode changed */
        *path_out = at->path;
        count++;
    }
    return count;
}

static void settle(pm_path *path, unsigned count, pm_slice known)
{
    if (count == 1) {
        path->how = PM_PATH_RESOLVED;
        path->path = known;
    } else if (count > 1) {
        path->how = PM_PATH_AMBIGUOUS;
        path->candidates = count;
    }
}

static void resolve(const pm_path_index *index, const pm_table *named, pm_path *path)
{
    pm_slice known = PM_EMPTY;
    unsigned count;

    if (path->how == PM_PATH_WHOLE)
        return;
    count = resolve_named(named, path->path, &known);
    if (count == 0 && index != NULL)
        count = pm_path_index_resolve(index, path->path, &known);
    settle(path, count, known);
}

static bool has_truncated(const stat_table *table, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (pm_slice_starts(table->rows[i].name, PM_LIT("...")))
            return true;
    return false;
}

/* Turn rows into paths. below is the text behind the summary. */
static pm_status fill_paths(pm_arena *arena, const stat_table *table, const pm_path_index *index,
                            pm_slice below, pm_diffstat *diffstat)
{
    size_t kept = table->count < ROWS_MAX ? table->count : ROWS_MAX;
    pm_table *named = pm_table_new(arena);

    diffstat->paths = pm_alloc_array(arena, kept, sizeof(*diffstat->paths));
    if (diffstat->paths == NULL || named == NULL)
        return PM_LIMIT;
    if (has_truncated(table, kept) && read_mode_lines(arena, below, named) != PM_OK)
        return PM_LIMIT;
    for (size_t i = 0; i < kept; i++) {
        const stat_row *row = &table->rows[kept - 1 - i];
        pm_path *path = &diffstat->paths[i];

        if (read_name(arena, row->name, path) != PM_OK)
            return PM_LIMIT;
        scale(row, path);
        resolve(index, named, path);
        diffstat->count = i + 1;
    }
    return PM_OK;
}

/* May line be a summary? Most lines begin otherwise. */
static bool begins_with_number(pm_slice line)
{
    size_t at = pm_line_indent(line);

    return at < line.len && pm_is_digit(line.data[at]);
}

pm_status pm_diffstat_find(pm_arena *arena, pm_slice text, const pm_path_index *index,
                           pm_diffstat *diffstat_out)
{
    pm_prose prose = pm_prose_of(text);
    stat_table table = {0}, last = {0};
    stat_summary summary, last_summary = {0};
    pm_slice line, below = PM_EMPTY;

    *diffstat_out = (pm_diffstat){.text = PM_EMPTY};
    while (pm_prose_next(&prose, &line)) {
        pm_slice after = prose.rest;

        if (!begins_with_number(line) || !read_summary(line, &after, &summary))
            continue;
        if (read_rows(arena, (pm_slice){prose.begin, (size_t)(line.data - prose.begin)},
                      summary.files, &table) != PM_OK)
            return PM_LIMIT;
        if (table.count == 0 || (table.count != summary.files && !table.cut))
            continue;
        /* The table that was the last until now lends its rows to the next one. */
        stat_table spare = last;
        last = table;
        table = spare;
        last_summary = summary;
        below = after;
    }
    if (last.count == 0)
        return PM_OK;
    *diffstat_out = (pm_diffstat){
        .files_changed = last_summary.files,
        .insertions = last_summary.insertions,
        .deletions = last_summary.deletions,
        .complete = last.count == last_summary.files && last.count <= ROWS_MAX,
        .text = {last.begin, (size_t)(below.data - last.begin)},
    };
    return fill_paths(arena, &last, index, below, diffstat_out);
}

/* ---- Diffs themselves ------------------------------------------------------------------------ */

typedef struct diff_reader {
    pm_arena *arena;
    pm_table *known; /* path to place in paths, counted from 1 */
    pm_path *paths;
    size_t count, room;
    unsigned insertions, deletions;

    pm_path file; /* the one being read; its path is empty before the first */
    bool open;
    unsigned old_left, new_left; /* of the hunk being read */
    bool in_hunk;
} diff_reader;

/* Put the file being read beside the others. Several patches in one letter may change it. */
static pm_status close_file(diff_reader *reader)
{
    pm_path *file = &reader->file;
    void *place;

    if (!reader->open)
        return PM_OK;
    reader->open = reader->in_hunk = false;
    if (file->path.len == 0)
        return PM_OK;
    file->lines = file->added + file->removed;
    reader->insertions += file->added;
    reader->deletions += file->removed;
    place = pm_table_get(reader->known, file->path);
    if (place != NULL) {
        pm_path *same = &reader->paths[(uintptr_t)place - 1];

        same->added += file->added;
        same->removed += file->removed;
        same->lines += file->lines;
        same->binary |= file->binary;
        if (same->old_path.len == 0)
            same->old_path = file->old_path;
        return PM_OK;
    }
    if (reader->count == ROWS_MAX)
        return PM_OK;
    if (pm_grow(reader->arena, &reader->paths, &reader->room, reader->count, sizeof(*file)) !=
        PM_OK)
        return PM_LIMIT;
    reader->paths[reader->count++] = *file;
    return pm_table_put(reader->known, file->path, (void *)(uintptr_t)reader->count);
}

static pm_status open_file(diff_reader *reader, pm_slice written)
{
    pm_status status = close_file(reader);

    reader->file = (pm_path){.path = PM_EMPTY, .old_path = PM_EMPTY, .written = written};
    reader->open = true;
    return status;
}

/* Behind the first slash: what -p1 leaves. Nothing when there is no slash. */
static pm_slice without_first(pm_slice path)
{
    size_t at = pm_slice_find_byte(path, '/');

    return at == PM_NOWHERE ? PM_EMPTY : pm_slice_after(path, at + 1);
}

/* "a/", "b/", and what diff.mnemonicPrefix makes of them. */
static bool has_git_prefix(pm_slice path)
{
    return path.len > 2 && path.data[1] == '/' && memchr("abciow12", path.data[0], 8) != NULL;
}

/* "diff --git a/path b/path": the path, when both are the same; else other lines tell. */
static pm_slice git_header_path(pm_arena *arena, pm_slice names)
{
    size_t quoted = pm_quoted_path_length(names), half = names.len / 2;
    pm_slice first, second;

    if (quoted > 0) {
        first = pm_quoted_path(arena, pm_slice_cut(names, 0, quoted));
        second = pm_quoted_path(arena, pm_slice_trim(pm_slice_after(names, quoted)));
    } else {
        if (names.len % 2 == 0 || names.data[half] != ' ')
            return PM_EMPTY;
        first = pm_slice_cut(names, 0, half);
        second = pm_slice_after(names, half + 1);
    }
    if (has_git_prefix(first) && pm_slice_equal(without_first(first), without_first(second)))
        return without_first(second);
    return pm_slice_equal(first, second) ? second : PM_EMPTY; /* --no-prefix */
}

/* A name in a ---, +++ or Index: line, without the time or the revision behind it. */
static pm_slice header_name(pm_arena *arena, pm_slice rest)
{
    static const pm_slice weekdays[] = {
        PM_LIT(" Mon "), PM_LIT(" Tue "), PM_LIT(" Wed "), PM_LIT(" Thu "),
        PM_LIT(" Fri "), PM_LIT(" Sat "), PM_LIT(" Sun "),
    };
    size_t quoted = pm_quoted_path_length(rest), tab = pm_slice_find_byte(rest, '\t');

    if (quoted > 0)
        return pm_quoted_path(arena, pm_slice_cut(rest, 0, quoted));
    if (tab != PM_NOWHERE)
        return pm_slice_trim(pm_slice_cut(rest, 0, tab));
    /* A mail client has turned the tab into spaces. */
    for (size_t at = 0; at + 6 < rest.len; at++) {
        const char *here = rest.data + at;

        if (here[0] != ' ')
            continue;
        if (here[1] == '(' || (pm_is_digit(here[1]) && pm_is_digit(here[2]) &&
                               pm_is_digit(here[3]) && pm_is_digit(here[4]) && here[5] == '-'))
            return pm_slice_trim(pm_slice_cut(rest, 0, at));
        for (size_t i = 0; i < sizeof(weekdays) / sizeof(weekdays[0]); i++)
            if (pm_slice_starts(pm_slice_after(rest, at), weekdays[i]))
                return pm_slice_trim(pm_slice_cut(rest, 0, at));
    }
    return pm_slice_trim(rest);
}

static bool is_nothing(pm_slice name)
{
    return pm_slice_equal(name, PM_LIT("/dev/null"));
}

/* The path that a pair of --- and +++ lines means. git and most others put one directory in front
 * (a/ and b/, linux.orig/ and linux/); some do not. */
static pm_slice pair_path(pm_slice old, pm_slice new)
{
    pm_slice name = is_nothing(new) ? old : new;

    if (is_nothing(old) || is_nothing(new))
        return has_git_prefix(name) ? without_first(name) : name;
    if (has_git_prefix(old) && has_git_prefix(new))
        return without_first(new);
    if (pm_slice_equal(old, new))
        return new;
    if (without_first(new).len > 0 && pm_slice_equal(without_first(old), without_first(new)))
        return without_first(new);
    return new; /* file.c.orig, file.c */
}

/* "--- old" and, on the next line, "+++ new". */
static pm_status read_pair(diff_reader *reader, pm_slice line, pm_slice *rest)
{
    pm_slice next = PM_EMPTY, old, new, path;
    pm_path *file = &reader->file;

    pm_slice_next_line(rest, &next);
    old = header_name(reader->arena, pm_slice_after(line, 4));
    new = header_name(reader->arena, pm_slice_after(next, 4));
    if (old.data == NULL || new.data == NULL)
        return PM_LIMIT;
    /* The second pair under one header is a file of its own; so is one without a header. */
    if (!reader->open || file->added + file->removed > 0)
        if (open_file(reader, is_nothing(new) ? old : new) != PM_OK)
            return PM_LIMIT;
    path = pair_path(old, new);
    if (file->path.len == 0 || !pm_slice_ends(path, file->path))
        file->path = path;
    return PM_OK;
}

/* A line of a hunk. What begins otherwise has been wrapped by a mail client, and counts nothing. */
static void read_hunk_line(diff_reader *reader, pm_slice line)
{
    bool is_old = false, is_new = false;

    switch (line.len == 0 ? ' ' : line.data[0]) {
    case ' ':
        is_old = is_new = true;
        break;
    case '+':
        is_new = true;
        reader->file.added++;
        break;
    case '-':
        is_old = true;
        reader->file.removed++;
        break;
    default:
        break;
    }
    if (is_old && reader->old_left > 0)
        reader->old_left--;
    if (is_new && reader->new_left > 0)
        reader->new_left--;
    if (reader->old_left == 0 && reader->new_left == 0)
        reader->in_hunk = false;
}

/* A line between a diff's first and its hunks. */
static pm_status read_header_line(diff_reader *reader, pm_slice line)
{
    pm_path *file = &reader->file;
    pm_slice rest = line, name = PM_EMPTY;

    if (!reader->open)
        return PM_OK;
    if (pm_take(&rest, PM_LIT("rename from ")) || pm_take(&rest, PM_LIT("copy from ")))
        name = file->old_path = pm_quoted_path(reader->arena, rest);
    else if (pm_take(&rest, PM_LIT("rename to ")) || pm_take(&rest, PM_LIT("copy to ")))
        name = file->path = pm_quoted_path(reader->arena, rest);
    else if (pm_slice_starts(line, PM_LIT("GIT binary patch")) ||
             (pm_slice_starts(line, PM_LIT("Binary files ")) &&
              pm_slice_ends(line, PM_LIT(" differ"))))
        file->binary = true;
    return name.data == NULL ? PM_LIMIT : PM_OK;
}

/* The first line of a file's diff. */
static pm_status read_first_line(diff_reader *reader, pm_slice line, pm_slice *rest)
{
    pm_slice names = line;

    if (line.data[0] == '-')
        return read_pair(reader, line, rest);
    if (open_file(reader, line) != PM_OK)
        return PM_LIMIT;
    if (pm_take(&names, PM_LIT("diff --git ")))
        reader->file.path = git_header_path(reader->arena, names);
    else if (pm_take(&names, PM_LIT("diff --cc ")))
        reader->file.path = pm_quoted_path(reader->arena, names);
    else if (pm_take(&names, PM_LIT("Index: ")))
        reader->file.path = header_name(reader->arena, names);
    return reader->file.path.data == NULL ? PM_LIMIT : PM_OK;
}

pm_status pm_diffstat_from_diff(pm_arena *arena, pm_slice text, pm_diffstat *diffstat_out)
{
    diff_reader reader = {.arena = arena, .known = pm_table_new(arena)};
    size_t start = pm_diff_start(text);
    pm_slice rest = pm_slice_after(text, start), line;
    pm_status status = reader.known == NULL ? PM_LIMIT : PM_OK;

    *diffstat_out = (pm_diffstat){.text = PM_EMPTY};
    if (start == PM_NOWHERE)
        return PM_OK;
    while (status == PM_OK && pm_slice_next_line(&rest, &line)) {
        bool diff_line = line.len > 0 && memchr(" +-\\", line.data[0], 4) != NULL;

        if (reader.in_hunk && (diff_line || !pm_diff_begins(line, rest)))
            read_hunk_line(&reader, line);
        else if (pm_diff_begins(line, rest))
            status = read_first_line(&reader, line, &rest);
        else if (pm_hunk_begins(line, &reader.old_left, &reader.new_left))
            reader.in_hunk = reader.open;
        else
            status = read_header_line(&reader, line);
    }
    if (status == PM_OK)
        status = close_file(&reader);

    diffstat_out->paths = reader.paths;
    diffstat_out->count = reader.count;
    diffstat_out->files_changed = (unsigned)reader.count;
    diffstat_out->insertions = reader.insertions;
    diffstat_out->deletions = reader.deletions;
    diffstat_out->complete = reader.count < ROWS_MAX;
    diffstat_out->from_diff = true;
    return status;
}

/* ---- Both together --------------------------------------------------------------------------- */

static bool is_cut(const pm_path *path)
{
    return path->how == PM_PATH_UNKNOWN || path->how == PM_PATH_AMBIGUOUS;
}

static bool has_cut(const pm_diffstat *diffstat)
{
    for (size_t i = 0; i < diffstat->count; i++)
        if (is_cut(&diffstat->paths[i]))
            return true;
    return false;
}

/* The paths of a diff that the diffstat does not write out, by their last component. */
static pm_status name_others(pm_arena *arena, const pm_diffstat *diffstat, const pm_diffstat *diff,
                             pm_table *named)
{
    pm_table *whole = pm_table_new(arena);

    if (whole == NULL)
        return PM_LIMIT;
    for (size_t i = 0; i < diffstat->count; i++)
        if (diffstat->paths[i].how == PM_PATH_WHOLE &&
            pm_table_put(whole, diffstat->paths[i].path, &diffstat->paths[i]) != PM_OK)
            return PM_LIMIT;
    for (size_t i = 0; i < diff->count; i++) {
        const pm_slice path = diff->paths[i].path;
        named_path *added;

        if (pm_table_get(whole, path) != NULL)
            continue;
        added = pm_alloc(arena, sizeof(*added));
        if (added == NULL)
            return PM_LIMIT;
        *added = (named_path){path, pm_table_get(named, last_component(path))};
        if (pm_table_put(named, last_component(path), added) != PM_OK)
            return PM_LIMIT;
    }
    return PM_OK;
}

pm_status pm_diffstat_complete(pm_arena *arena, pm_slice text, pm_diffstat *diffstat)
{
    pm_table *named;
    pm_diffstat diff;

    if (!has_cut(diffstat))
        return PM_OK;
    named = pm_table_new(arena);
    if (named == NULL || pm_diffstat_from_diff(arena, text, &diff) != PM_OK ||
        name_others(arena, diffstat, &diff, named) != PM_OK)
        return PM_LIMIT;
    for (size_t i = 0; i < diffstat->count; i++) {
        pm_path *path = &diffstat->paths[i];
        pm_slice known;

        if (!is_cut(path) || resolve_named(named, path->path, &known) != 1)
            continue;
        path->path = known;
        path->how = PM_PATH_WHOLE;
    }
    return PM_OK;
}

static bool writes_out(const pm_diffstat *diffstat, pm_slice path)
{
    for (size_t i = 0; i < diffstat->count; i++)
        if (diffstat->paths[i].how == PM_PATH_WHOLE &&
            pm_slice_equal(diffstat->paths[i].path, path))
            return true;
    return false;
}

void pm_diffstat_resolve(const pm_diffstat *diffstat, pm_path *path, const pm_slice *candidates,
                         size_t count)
{
    pm_slice known = PM_EMPTY;
    unsigned found = 0;

    if (path->how != PM_PATH_UNKNOWN)
        return;
    for (size_t i = 0; i < count; i++) {
        if (!ends_in(candidates[i], path->path) || writes_out(diffstat, candidates[i]))
            continue;
        known = candidates[i];
        found++;
    }
    settle(path, found, known);
}
