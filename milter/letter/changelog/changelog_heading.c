/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * changelog_heading - is a line a heading, and which revisions does it name; see changelog_parts.h.
 *
 * A line of prose may be made of the same phrases, "Since v1 was posted": what decides then is how
 * the line ends, and where it stands.
 */
#include "changelog_parts.h"

/* Is line, which goes on behind the revision, a sentence that tells of changes? */
static bool is_sentence(const pm_change_heading *heading, pm_change_clues clues, pm_slice line)
{
    size_t at = heading->text_at;

    if (clues.changes && pm_heading_ends_with_colon(line)) /* "The changes in v2 are:" */
        return true;
    if (!clues.fresh)
        return false;
    if (heading->relation == PM_RELATION_SINCE) /* "Since v1 I fixed ..." */
        return clues.changes || clues.since;
    /* "v3 Fix ..." in a list of such lines */
    return clues.inside && !clues.worded && heading->first.number > 0 && at < line.len &&
           (line.data[at - 1] == '\t' || (line.data[at] >= 'A' && line.data[at] <= 'Z'));
}

/* Is what was read a heading? */
static bool is_heading(const pm_change_heading *heading, pm_heading_ending ending,
                       pm_change_clues clues, pm_slice line)
{
    bool placed = clues.fresh || clues.inside;

    if (ending == PM_ENDING_NONE)
        return is_sentence(heading, clues, line);
    if (heading->relation == PM_RELATION_PAIR || clues.changes)
        return true;
    if (heading->relation == PM_RELATION_SINCE)
        return ending == PM_ENDING_COLON || (ending == PM_ENDING_LINE ? placed : clues.fresh);
    if (heading->relation == PM_RELATION_TO)
        return placed && ending == PM_ENDING_COLON;
    if (heading->first.number == 0) /* "RFC:" */
        return placed && ending == PM_ENDING_COLON && heading->text_at == line.len;
    return ending == PM_ENDING_COLON || (placed && !clues.worded);
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
static bool is_section(pm_heading_parser parser, pm_change_clues clues)
{
    while (pm_heading_accept(&parser, PM_TOKEN_RULE))
        ;
    return parser.at->kind == PM_TOKEN_END &&
           (clues.fresh || pm_heading_ends_with_colon(parser.line));
}

/* Parse the tokens from parser->at on. */
static pm_change_heading parse_heading(pm_heading_parser parser, pm_change_clues clues)
{
    const pm_change_heading no = {.relation = PM_RELATION_NONE};
    pm_change_heading heading = no;
    pm_heading_ending ending;
    bool last;

    clues.since = parser.at->kind == PM_TOKEN_SINCE &&
                  pm_slice_equal_nocase(parser.at->text, PM_LIT("since"));
    clues.changes = pm_heading_changes(&parser);
    while (clues.changes && pm_heading_accept_either(&parser, PM_TOKEN_COLON, PM_TOKEN_DASH))
        pm_heading_changes(&parser); /* "Changelog: Changes in v2" */
    if (clues.changes && is_section(parser, clues))
        return (pm_change_heading){.relation = PM_RELATION_SECTION, .text_at = parser.line.len};

    heading.relation = pm_heading_relation(&parser);
    if (heading.relation == PM_RELATION_SINCE)
        parser.revision = 0; /* "improvements since v4.1" is about a release */
    clues.worded = heading.relation != PM_RELATION_NONE;
    last = pm_heading_accept(&parser, PM_TOKEN_LAST);
    heading.first = pm_heading_revision(&parser);
    if (heading.first.said) {
        clues.changes |= pm_heading_skip_nouns(&parser);
        pm_heading_skip_asides(&parser);
        if (pm_heading_second(&parser, heading.relation, &heading.second))
            heading.relation = PM_RELATION_PAIR;
        else if (heading.relation == PM_RELATION_NONE)
            heading.relation = PM_RELATION_IN;
        clues.changes |= pm_heading_skip_nouns(&parser);
    } else if (clues.changes && clues.worded &&
               (last || heading.first.patch || parser.at->kind == PM_TOKEN_VERSION)) {
        heading.relation = last ? PM_RELATION_LAST : PM_RELATION_THIS;
        pm_heading_skip_nouns(&parser);
    } else {
        return no;
    }
    pm_heading_skip_asides(&parser);
    ending = pm_heading_ending_read(&parser, &heading);
    if (!clues.changes && heading.relation != PM_RELATION_PAIR &&
        begins_with_link(parser.line, heading.text_at))
        return no;
    return is_heading(&heading, ending, clues, parser.line) ? heading : no;
}

/* Read line as a heading. What is none may end in one: "Here is v3.  The changes since v2 are:" */
pm_change_heading pm_change_heading_read(pm_slice line, unsigned revision, pm_change_clues clues)
{
    pm_token_line tokens;
    pm_heading_parser parser = {.at = tokens.tokens, .line = line, .revision = revision};
    bool colon = pm_heading_ends_with_colon(line);
    pm_change_heading heading = {.relation = PM_RELATION_NONE};

    pm_token_line_read(line, colon, &tokens);
    if (tokens.count > 0)
        heading = parse_heading(parser, clues);
    if (heading.relation != PM_RELATION_NONE || !colon)
        return heading;
    while (++parser.at < tokens.tokens + tokens.count) {
        if (parser.at->kind != PM_TOKEN_CHANGES)
            continue;
        heading = parse_heading(parser, clues);
        if (heading.first.said)
            return heading;
    }
    return (pm_change_heading){.relation = PM_RELATION_NONE};
}
