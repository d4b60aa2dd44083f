/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * changelog - what changed since which revision; see changelog.h and changelog.md.
 *
 * Three steps: read each line as a heading, or not; give each heading the lines below it that are
 * its own; and at the end, when all headings are known, settle which revisions they speak of.
 */
#include "changelog.h"

#include "changelog_token.h"
#include "error.h"
#include "lines.h"
#include "prose.h"
#include "revision_link.h"

#define ENTRIES_MAX 500
#define HEADING_MAX 160 /* bytes; what is longer is a paragraph */

/* ---- Headings -------------------------------------------------------------------------------- */

/* How a heading names its revisions. */
typedef enum heading_relation {
    RELATION_NONE,    /* not a heading */
    RELATION_SECTION, /* "Changelog:", names none */
    RELATION_IN,      /* "Changes in v3": the newer one */
    RELATION_SINCE,   /* "Changes since v2": the older one */
    RELATION_TO,      /* "Changes to v3": either */
    RELATION_PAIR,    /* "v2 -> v3": both */
    RELATION_LAST,    /* "Changes since last version": none, but not hard to tell */
    RELATION_THIS,    /* "Changes in this version" */
} heading_relation;

/* A revision as a heading names it. */
typedef struct spoken {
    bool said;       /* there is a number, or "RFC" alone */
    unsigned number; /* 0: "RFC" or "PATCH" alone */
    bool rfc;
    bool patch; /* the word PATCH: "RFC -> PATCH" */
} spoken;

typedef struct change_heading {
    heading_relation relation;
    spoken first, second;
    size_t text_at; /* where text begins in the line; its length when there is none */
} change_heading;

/* Where the parser is in a line. */
typedef struct heading_parser {
    const pm_token *at;
    pm_slice line;
    unsigned revision; /* the subject's */
} heading_parser;

static bool accept(heading_parser *parser, pm_token_kind kind)
{
    if (parser->at->kind != kind)
        return false;
    parser->at++;
    return true;
}

static bool accept_either(heading_parser *parser, pm_token_kind one, pm_token_kind other)
{
    return accept(parser, one) || accept(parser, other);
}

static bool names_revision(const pm_token *token)
{
    return token->kind == PM_TOKEN_REVISION || token->kind == PM_TOKEN_RFC ||
           token->kind == PM_TOKEN_REROLL ||
           (token->kind == PM_TOKEN_VERSION && token[1].kind == PM_TOKEN_NUMBER);
}

/* A number of a revision; v5.1 is one when the subject says v5. */
static bool accept_number(heading_parser *parser, spoken *spoken_out)
{
    const pm_token *token = parser->at;

    if (!names_revision(token) || token->kind == PM_TOKEN_RFC)
        return false;
    if (token->kind == PM_TOKEN_REROLL && token->number != parser->revision)
        return false;
    if (token->kind == PM_TOKEN_VERSION)
        token = ++parser->at;
    spoken_out->number = token->number;
    spoken_out->said = true;
    parser->at++;
    return true;
}

/* One revision: "v2", "RFC v2", "RFC PATCH v2", "Patch v2", "v1/RFC", "[v2]", "version 2". */
static spoken accept_revision(heading_parser *parser)
{
    const pm_token *start = parser->at;
    spoken found = {0};
    bool open = false;

    if (accept(parser, PM_TOKEN_OPEN))
        open = true;
    for (;;) {
        if (parser->at->kind == PM_TOKEN_RFC && !(found.rfc && parser->at->number == 0)) {
            found.rfc = found.said = true;
            if (parser->at->number > 0)
                found.number = parser->at->number;
            parser->at++;
        } else if (accept(parser, PM_TOKEN_PATCH)) {
            found.patch = true;
        } else if ((parser->at->kind == PM_TOKEN_SLASH || parser->at->kind == PM_TOKEN_DASH) &&
                   (found.rfc || found.patch) && found.number == 0 &&
                   names_revision(parser->at + 1)) {
            parser->at++;
        } else if (found.number == 0 && accept_number(parser, &found)) {
            if (parser->at->kind == PM_TOKEN_SLASH && parser->at[1].kind == PM_TOKEN_RFC)
                parser->at++;
        } else {
            break;
        }
    }
    /* "[v2]", and "[v2: text]" */
    if (open &&
        (!found.said || !(accept(parser, PM_TOKEN_CLOSE) || parser->at->kind == PM_TOKEN_COLON)))
        found = (spoken){0};
    if (!found.said && !found.patch)
        parser->at = start;
    return found;
}

/* "(which was ages ago)", "[2]" */
static void skip_asides(heading_parser *parser)
{
    while (parser->at->kind == PM_TOKEN_FOOTNOTE || parser->at->kind == PM_TOKEN_OPEN) {
        if (accept(parser, PM_TOKEN_FOOTNOTE))
            continue;
        while (parser->at->kind != PM_TOKEN_CLOSE && parser->at->kind != PM_TOKEN_END)
            parser->at++;
        accept(parser, PM_TOKEN_CLOSE);
    }
}

static bool line_ends_with_colon(pm_slice line)
{
    return pm_slice_ends(pm_slice_trim_end(line), PM_LIT(":"));
}

/* How a heading ends. */
typedef enum heading_ending {
    ENDING_NONE,  /* it goes on: no heading */
    ENDING_LINE,  /* with the line, or a full stop */
    ENDING_COLON, /* with a colon, and perhaps text */
    ENDING_DASH,  /* with a dash or a comma, and text */
} heading_ending;

static heading_ending read_ending(heading_parser *parser, change_heading *heading)
{
    pm_token_kind kind = parser->at->kind;

    heading->text_at = parser->line.len;
    while (accept(parser, PM_TOKEN_RULE))
        ;
    if (parser->at->kind == PM_TOKEN_END)
        return ENDING_LINE;
    if (kind != PM_TOKEN_COLON && kind != PM_TOKEN_STOP && kind != PM_TOKEN_DASH) {
        if (!line_ends_with_colon(parser->line))
            heading->text_at = (size_t)(parser->at->text.data - parser->line.data);
        return ENDING_NONE;
    }
    parser->at++;
    while (parser->at->kind == PM_TOKEN_COLON || parser->at->kind == PM_TOKEN_RULE)
        parser->at++;
    if (parser->at->kind == PM_TOKEN_END)
        return kind == PM_TOKEN_COLON ? ENDING_COLON : ENDING_LINE;
    heading->text_at = (size_t)(parser->at->text.data - parser->line.data);
    return kind == PM_TOKEN_COLON ? ENDING_COLON : ENDING_DASH;
}

/* "Chnages", "Changs", "Chages": only where the next word makes sense of it. */
static bool is_misspelt_changes(const pm_token *token)
{
    static const char *const names[] = {"changes", "changed", "changelog", NULL};
    char lower[12];

    if (token->kind != PM_TOKEN_OTHER || token->text.len < 5 || token->text.len > sizeof(lower))
        return false;
    if (token[1].kind != PM_TOKEN_SINCE && token[1].kind != PM_TOKEN_IN &&
        !names_revision(token + 1))
        return false;
    for (size_t i = 0; i < token->text.len; i++)
        lower[i] = pm_lower(token->text.data[i]);
    return pm_nearest((pm_slice){lower, token->text.len}, names) != NULL;
}

/* "Major changes", "Revision history", "Changelog": false when the words mean no changes. */
static bool accept_changes(heading_parser *parser)
{
    const pm_token *start = parser->at;
    bool changes = false;

    while (parser->at->kind == PM_TOKEN_FILLER || parser->at->kind == PM_TOKEN_AND ||
           (parser->at->kind == PM_TOKEN_VERSION && parser->at[1].kind == PM_TOKEN_LOG) ||
           (parser->at->kind == PM_TOKEN_PATCH && parser->at[1].kind == PM_TOKEN_LOG) ||
           (parser->at->kind == PM_TOKEN_PATCH && parser->at[1].kind == PM_TOKEN_CHANGES))
        parser->at++;
    if (is_misspelt_changes(parser->at)) {
        parser->at++;
        return true;
    }
    while (parser->at->kind == PM_TOKEN_CHANGES || parser->at->kind == PM_TOKEN_LOG ||
           (parser->at->kind == PM_TOKEN_NEW &&
            (parser->at[1].kind == PM_TOKEN_IN || parser->at[1].kind == PM_TOKEN_SINCE))) {
        changes = true;
        parser->at++;
    }
    if (!changes)
        parser->at = start;
    return changes;
}

static heading_relation accept_relation(heading_parser *parser)
{
    heading_relation found = RELATION_NONE;

    for (;; parser->at++) {
        if (parser->at->kind == PM_TOKEN_SINCE)
            found = RELATION_SINCE;
        else if (parser->at->kind == PM_TOKEN_IN && found == RELATION_NONE)
            found = RELATION_IN;
        else if (parser->at->kind == PM_TOKEN_TO && found == RELATION_NONE)
            found = RELATION_TO;
        else if (parser->at->kind != PM_TOKEN_FILLER && parser->at->kind != PM_TOKEN_TO &&
                 parser->at->kind != PM_TOKEN_IN)
            break;
    }
    accept(parser, PM_TOKEN_STOP); /* "vs." */
    return found;
}

/* "-> v3", "to v3", "- v3", "vs v2": the other revision of a pair. */
static bool accept_second(heading_parser *parser, heading_relation relation, spoken *second_out)
{
    const pm_token *start = parser->at;
    bool arrow = accept(parser, PM_TOKEN_ARROW);

    if (!arrow && !accept_either(parser, PM_TOKEN_TO, PM_TOKEN_DASH) &&
        !(relation == RELATION_SINCE && accept(parser, PM_TOKEN_AND)) &&
        !(relation == RELATION_NONE && accept_relation(parser) == RELATION_SINCE)) {
        parser->at = start;
        return false;
    }
    *second_out = accept_revision(parser);
    if (second_out->said || (arrow && second_out->patch))
        return true;
    parser->at = start;
    return false;
}

/* Words that may follow a revision and add nothing: "v2 patchset", "v3 changes". True when there
 * was a word for changes. */
static bool skip_nouns(heading_parser *parser)
{
    bool changes = false;

    for (;; parser->at++) {
        if (parser->at->kind == PM_TOKEN_CHANGES || parser->at->kind == PM_TOKEN_LOG)
            changes = true;
        else if (parser->at->kind != PM_TOKEN_POSTING && parser->at->kind != PM_TOKEN_PATCH &&
                 parser->at->kind != PM_TOKEN_VERSION && parser->at->kind != PM_TOKEN_FILLER)
            return changes;
    }
}

/* What else speaks for a heading. */
typedef struct heading_clues {
    bool fresh;   /* it begins a paragraph, or follows another heading */
    bool inside;  /* it stands in a changelog, no deeper than the heading above */
    bool changes; /* it has a word for changes */
    bool worded;  /* it has a word like "since" or "in" */
    bool since;   /* it begins with "Since" */
} heading_clues;

/* Is line, which goes on behind the revision, a sentence that tells of changes? */
static bool is_sentence(const change_heading *heading, heading_clues clues, pm_slice line)
{
    size_t at = heading->text_at;

    if (clues.changes && line_ends_with_colon(line)) /* "The changes in v2 are:" */
        return true;
    if (!clues.fresh)
        return false;
    if (heading->relation == RELATION_SINCE) /* "Since v1 I fixed ..." */
        return clues.changes || clues.since;
    /* "v3 Fix ..." in a list of such lines */
    return clues.inside && !clues.worded && heading->first.number > 0 && at < line.len &&
           (line.data[at - 1] == '\t' || (line.data[at] >= 'A' && line.data[at] <= 'Z'));
}

/* Is what was read a heading? */
static bool is_heading(const change_heading *heading, heading_ending ending, heading_clues clues,
                       pm_slice line)
{
    bool placed = clues.fresh || clues.inside;

    if (ending == ENDING_NONE)
        return is_sentence(heading, clues, line);
    if (heading->relation == RELATION_PAIR || clues.changes)
        return true;
    if (heading->relation == RELATION_SINCE)
        return ending == ENDING_COLON || (ending == ENDING_LINE ? placed : clues.fresh);
    if (heading->relation == RELATION_TO)
        return placed && ending == ENDING_COLON;
    if (heading->first.number == 0) /* "RFC:" */
        return placed && ending == ENDING_COLON && heading->text_at == line.len;
    return ending == ENDING_COLON || (placed && !clues.worded);
}

/* Does the text on the heading's line begin with a link? Then the line says where a revision is. */
static bool begins_with_link(pm_slice line, size_t at)
{
    pm_slice text = pm_slice_after(line, at);

    while (text.len > 0 && memchr(" \t<([-*", text.data[0], 7) != NULL)
        text = pm_slice_after(text, 1);
    return pm_slice_starts_nocase(text, PM_LIT("http://")) ||
           pm_slice_starts_nocase(text, PM_LIT("https://"));
}

/* Is that all, behind a word for changes? Alone in its line it may be the end of a paragraph. */
static bool is_section(heading_parser parser, heading_clues clues)
{
    while (accept(&parser, PM_TOKEN_RULE))
        ;
    return parser.at->kind == PM_TOKEN_END && (clues.fresh || line_ends_with_colon(parser.line));
}

/* Parse the tokens from parser->at on. */
static change_heading parse_heading(heading_parser parser, heading_clues clues)
{
    const change_heading no = {.relation = RELATION_NONE};
    change_heading heading = no;
    heading_ending ending;
    bool last;

    clues.since = parser.at->kind == PM_TOKEN_SINCE &&
                  pm_slice_equal_nocase(parser.at->text, PM_LIT("since"));
    clues.changes = accept_changes(&parser);
    while (clues.changes && accept_either(&parser, PM_TOKEN_COLON, PM_TOKEN_DASH))
        accept_changes(&parser); /* "Changelog: Changes in v2" */
    if (clues.changes && is_section(parser, clues))
        return (change_heading){.relation = RELATION_SECTION, .text_at = parser.line.len};

    heading.relation = accept_relation(&parser);
    if (heading.relation == RELATION_SINCE)
        parser.revision = 0; /* "improvements since v4.1" is about a release */
    clues.worded = heading.relation != RELATION_NONE;
    last = accept(&parser, PM_TOKEN_LAST);
    heading.first = accept_revision(&parser);
    if (heading.first.said) {
        clues.changes |= skip_nouns(&parser);
        skip_asides(&parser);
        if (accept_second(&parser, heading.relation, &heading.second))
            heading.relation = RELATION_PAIR;
        else if (heading.relation == RELATION_NONE)
            heading.relation = RELATION_IN;
        clues.changes |= skip_nouns(&parser);
    } else if (clues.changes && clues.worded &&
               (last || heading.first.patch || parser.at->kind == PM_TOKEN_VERSION)) {
        heading.relation = last ? RELATION_LAST : RELATION_THIS;
        skip_nouns(&parser);
    } else {
        return no;
    }
    skip_asides(&parser);
    ending = read_ending(&parser, &heading);
    if (!clues.changes && heading.relation != RELATION_PAIR &&
        begins_with_link(parser.line, heading.text_at))
        return no;
    return is_heading(&heading, ending, clues, parser.line) ? heading : no;
}

/* Read line as a heading. What is none may end in one: "Here is v3.  The changes since v2 are:" */
static change_heading read_heading(pm_slice line, unsigned revision, heading_clues clues)
{
    pm_token_line tokens;
    heading_parser parser = {.at = tokens.tokens, .line = line, .revision = revision};
    bool colon = line_ends_with_colon(line);
    change_heading heading = {.relation = RELATION_NONE};

    pm_token_line_read(line, colon, &tokens);
    if (tokens.count > 0)
        heading = parse_heading(parser, clues);
    if (heading.relation != RELATION_NONE || !colon)
        return heading;
    while (++parser.at < tokens.tokens + tokens.count) {
        if (parser.at->kind != PM_TOKEN_CHANGES)
            continue;
        heading = parse_heading(parser, clues);
        if (heading.first.said)
            return heading;
    }
    return (change_heading){.relation = RELATION_NONE};
}

/* ---- Blocks ---------------------------------------------------------------------------------- */

typedef struct found_entry {
    pm_changelog_entry entry;
    change_heading heading;
} found_entry;

typedef struct changelog_reader {
    pm_arena *arena;
    unsigned revision; /* the subject's */
    found_entry *found;
    size_t count, room;

    bool open;       /* the last of found takes more lines */
    bool listing;    /* its text is a list */
    bool prose;      /* a paragraph at the margin has been seen */
    bool gap;        /* the line before was blank */
    bool fresh;      /* a heading may follow */
    const char *end; /* of the last line that belongs to it */

    const char *counted; /* so far, the text's lines are counted */
    unsigned lines;

    pm_slice *url_lines;
    size_t url_line_count, url_line_room;
} changelog_reader;

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

static void close_block(changelog_reader *reader)
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
static unsigned line_number(changelog_reader *reader, const char *at)
{
    const char *feed;

    while ((feed = memchr(reader->counted, '\n', (size_t)(at - reader->counted))) != NULL) {
        reader->lines++;
        reader->counted = feed + 1;
    }
    return reader->lines + 1;
}

static pm_status open_block(changelog_reader *reader, pm_slice line, const change_heading *heading)
{
    found_entry *found;

    close_block(reader);
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
static bool belongs(changelog_reader *reader, pm_slice line)
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
static bool is_inside(const changelog_reader *reader, pm_slice line)
{
    return reader->open &&
           pm_line_indent(line) <= pm_line_indent(reader->found[reader->count - 1].entry.heading);
}

/* "---", "======": a heading may follow. */
static bool is_rule(pm_slice line)
{
    return (line.data[0] == '-' || line.data[0] == '=') && line.len >= 3 &&
           line.data[1] == line.data[0] && line.data[2] == line.data[0];
}

static pm_status read_line(changelog_reader *reader, pm_slice line)
{
    change_heading heading;

    if (pm_line_is_blank(line)) {
        reader->gap = reader->fresh = true;
        return PM_OK;
    }
    if (!pm_line_is_quoted(line)) {
        heading = read_heading(
            line, reader->revision,
            (heading_clues){.fresh = reader->fresh, .inside = is_inside(reader, line)});
        if (heading.relation != RELATION_NONE) {
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
        close_block(reader);
    reader->gap = false;
    return PM_OK;
}

/* ---- Which revision -------------------------------------------------------------------------- */

static unsigned larger(unsigned a, unsigned b)
{
    return a > b ? a : b;
}

static void settle_pair(found_entry *found)
{
    const spoken *older = &found->heading.first, *newer = &found->heading.second;
    pm_changelog_entry *entry = &found->entry;

    if (newer->number > 0 && older->number > newer->number && !older->rfc) { /* "v6 - v5" */
        older = &found->heading.second;
        newer = &found->heading.first;
    }
    entry->revision = newer->number == 0 ? 1 : newer->number; /* "RFC -> PATCH" */
    entry->since = older->number;
    entry->since_rfc = older->rfc;
}

/* "Changes since v2" in a v2: the author counts otherwise, and means what is new in it. */
static bool since_means_in(const changelog_reader *reader)
{
    unsigned highest = 0;

    for (size_t i = 0; i < reader->count; i++)
        if (reader->found[i].heading.relation == RELATION_SINCE &&
            !reader->found[i].heading.first.rfc)
            highest = larger(highest, reader->found[i].heading.first.number);
    return reader->revision > 0 && highest == reader->revision;
}

/* "Changes to v3" in a v3 is what is new in it; in a v4, what was done to v3. */
static bool to_means_in(const changelog_reader *reader)
{
    unsigned highest = 0;

    for (size_t i = 0; i < reader->count; i++)
        if (reader->found[i].heading.relation == RELATION_TO)
            highest = larger(highest, reader->found[i].heading.first.number);
    return reader->revision == 0 || highest >= reader->revision;
}

/* "Changes since RFC": made the lowest revision that nothing else speaks of. */
static unsigned after_rfc(const changelog_reader *reader, const spoken *rfc)
{
    unsigned lowest = 0;

    for (size_t i = 0; i < reader->count; i++) {
        const pm_changelog_entry *entry = &reader->found[i].entry;

        if (entry->revision == 0)
            continue;
        if (lowest == 0 || entry->revision < lowest)
            lowest = entry->revision;
    }
    if (rfc->number > 0 && rfc->number + 1 <= reader->revision &&
        (lowest == 0 || lowest > rfc->number + 1))
        return rfc->number + 1;
    if (lowest > 1)
        return lowest - 1;
    return lowest == 0 ? larger(reader->revision, 1) : 1;
}

static void settle(changelog_reader *reader)
{
    bool since_in = since_means_in(reader), to_in = to_means_in(reader);

    for (size_t i = 0; i < reader->count; i++) {
        found_entry *found = &reader->found[i];
        pm_changelog_entry *entry = &found->entry;
        const spoken *first = &found->heading.first;
        bool in = found->heading.relation == RELATION_IN;

        switch (found->heading.relation) {
        case RELATION_PAIR:
            settle_pair(found);
            break;
        case RELATION_SINCE:
        case RELATION_TO:
        case RELATION_IN:
            in |= found->heading.relation == RELATION_TO ? to_in : since_in;
            if (in || first->number == 0) {
                entry->revision = in ? first->number : 0;
            } else if (!first->rfc) {
                entry->since = first->number;
                entry->revision = first->number + 1;
            }
            break;
        case RELATION_SECTION:
        case RELATION_LAST:
        case RELATION_THIS:
            entry->revision = reader->revision;
            entry->since = reader->revision > 1 ? reader->revision - 1 : 0;
            break;
        case RELATION_NONE:
            break;
        }
    }
    for (size_t i = 0; i < reader->count; i++) {
        found_entry *found = &reader->found[i];

        if (found->heading.relation != RELATION_SINCE || !found->heading.first.rfc)
            continue;
        found->entry.since_rfc = true;
        found->entry.since = found->heading.first.number;
        if (found->entry.revision == 0)
            found->entry.revision = after_rfc(reader, &found->heading.first);
    }
}

static bool names_no_revision(const found_entry *found)
{
    return found->heading.relation == RELATION_SECTION || found->heading.relation == RELATION_THIS;
}

/* "Changelog:" alone is an entry only when it is all there is: when no block says its revision. So
 * is "Changes in this version:". In a first revision both tell what the series changes. */
static void drop_sections(changelog_reader *reader)
{
    bool only = reader->revision > 1;
    size_t kept = 0;

    for (size_t i = 0; i < reader->count; i++)
        if (!names_no_revision(&reader->found[i]))
            only = false;
    for (size_t i = 0; i < reader->count; i++)
        if (!names_no_revision(&reader->found[i]) || (only && reader->found[i].entry.text.len > 0))
            reader->found[kept++] = reader->found[i];
    reader->count = kept;
}

static bool give_entries(const changelog_reader *reader, pm_changelog *changelog)
{
    changelog->entries = pm_alloc_array(reader->arena, reader->count, sizeof(*changelog->entries));
    if (changelog->entries == NULL)
        return false;
    for (size_t i = 0; i < reader->count; i++) {
        changelog->entries[i] = reader->found[i].entry;
        changelog->highest = larger(changelog->highest, reader->found[i].entry.revision);
    }
    changelog->count = reader->count;
    return true;
}

/* memmem(3) is slow for what is so short. */
static bool has_url(pm_slice line)
{
    size_t at;

    while ((at = pm_slice_find_byte(line, ':')) != PM_NOWHERE) {
        line = pm_slice_after(line, at + 1);
        if (pm_slice_starts(line, PM_LIT("//")))
            return true;
    }
    return false;
}

static pm_status keep_url_line(changelog_reader *reader, pm_slice line)
{
    if (pm_grow(reader->arena, &reader->url_lines, &reader->url_line_room, reader->url_line_count,
                sizeof(line)) != PM_OK)
        return PM_LIMIT;
    reader->url_lines[reader->url_line_count++] = line;
    return PM_OK;
}

pm_status pm_changelog_find(pm_arena *arena, pm_slice text, unsigned revision,
                            pm_changelog *changelog_out)
{
    changelog_reader reader = {
        .arena = arena, .revision = revision, .counted = text.data, .fresh = true};
    pm_prose prose = pm_prose_of(text);
    const char *begin = text.data;
    pm_slice line;

    *changelog_out = (pm_changelog){0};
    while (pm_prose_next(&prose, &line)) {
        if (prose.begin != begin) { /* behind a diff */
            close_block(&reader);
            reader.fresh = true;
            begin = prose.begin;
        }
        if (read_line(&reader, line) != PM_OK)
            return PM_LIMIT;
        if (has_url(line) && keep_url_line(&reader, line) != PM_OK)
            return PM_LIMIT;
    }
    close_block(&reader);
    drop_sections(&reader);
    settle(&reader);
    if (!give_entries(&reader, changelog_out))
        return PM_LIMIT;
    return pm_revision_links_find(arena, text, reader.url_lines, reader.url_line_count, revision,
                                  changelog_out);
}
