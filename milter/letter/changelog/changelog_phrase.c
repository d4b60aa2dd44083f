/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * changelog_phrase - the phrases that a heading is made of: "Major changes", "since", "RFC v2", "->
 * v3", "(which was ages ago)", ":"; see changelog_parts.h.
 *
 * Not whether they make a heading together: changelog_heading.c knows that.
 */
#include "changelog_parts.h"

#include "error.h"

bool pm_heading_accept(pm_heading_parser *parser, pm_token_kind kind)
{
    if (parser->at->kind != kind)
        return false;
    parser->at++;
    return true;
}

bool pm_heading_accept_either(pm_heading_parser *parser, pm_token_kind one, pm_token_kind other)
{
    return pm_heading_accept(parser, one) || pm_heading_accept(parser, other);
}

static bool names_revision(const pm_token *token)
{
    return token->kind == PM_TOKEN_REVISION || token->kind == PM_TOKEN_RFC ||
           token->kind == PM_TOKEN_REROLL ||
           (token->kind == PM_TOKEN_VERSION && token[1].kind == PM_TOKEN_NUMBER);
}

/* A number of a revision; v5.1 is one when the subject says v5. */
static bool accept_number(pm_heading_parser *parser, pm_spoken *spoken_out)
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
pm_spoken pm_heading_revision(pm_heading_parser *parser)
{
    const pm_token *start = parser->at;
    pm_spoken found = {0};
    bool open = false;

    if (pm_heading_accept(parser, PM_TOKEN_OPEN))
        open = true;
    for (;;) {
        if (parser->at->kind == PM_TOKEN_RFC && !(found.rfc && parser->at->number == 0)) {
            found.rfc = found.said = true;
            if (parser->at->number > 0)
                found.number = parser->at->number;
            parser->at++;
        } else if (pm_heading_accept(parser, PM_TOKEN_PATCH)) {
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
    if (open && (!found.said || !(pm_heading_accept(parser, PM_TOKEN_CLOSE) ||
                                  parser->at->kind == PM_TOKEN_COLON)))
        found = (pm_spoken){0};
    if (!found.said && !found.patch)
        parser->at = start;
    return found;
}

/* "(which was ages ago)", "[2]" */
void pm_heading_skip_asides(pm_heading_parser *parser)
{
    while (parser->at->kind == PM_TOKEN_FOOTNOTE || parser->at->kind == PM_TOKEN_OPEN) {
        if (pm_heading_accept(parser, PM_TOKEN_FOOTNOTE))
            continue;
        while (parser->at->kind != PM_TOKEN_CLOSE && parser->at->kind != PM_TOKEN_END)
            parser->at++;
        pm_heading_accept(parser, PM_TOKEN_CLOSE);
    }
}

bool pm_heading_ends_with_colon(pm_slice line)
{
    return pm_slice_ends(pm_slice_trim_end(line), PM_LIT(":"));
}

pm_heading_ending pm_heading_ending_read(pm_heading_parser *parser, pm_change_heading *heading)
{
    pm_token_kind kind = parser->at->kind;

    heading->text_at = parser->line.len;
    while (pm_heading_accept(parser, PM_TOKEN_RULE))
        ;
    if (parser->at->kind == PM_TOKEN_END)
        return PM_ENDING_LINE;
    if (kind != PM_TOKEN_COLON && kind != PM_TOKEN_STOP && kind != PM_TOKEN_DASH) {
        if (!pm_heading_ends_with_colon(parser->line))
            heading->text_at = (size_t)(parser->at->text.data - parser->line.data);
        return PM_ENDING_NONE;
    }
    parser->at++;
    while (parser->at->kind == PM_TOKEN_COLON || parser->at->kind == PM_TOKEN_RULE)
        parser->at++;
    if (parser->at->kind == PM_TOKEN_END)
        return kind == PM_TOKEN_COLON ? PM_ENDING_COLON : PM_ENDING_LINE;
    heading->text_at = (size_t)(parser->at->text.data - parser->line.data);
    return kind == PM_TOKEN_COLON ? PM_ENDING_COLON : PM_ENDING_DASH;
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
bool pm_heading_changes(pm_heading_parser *parser)
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

pm_change_relation pm_heading_relation(pm_heading_parser *parser)
{
    pm_change_relation found = PM_RELATION_NONE;

    for (;; parser->at++) {
        if (parser->at->kind == PM_TOKEN_SINCE)
            found = PM_RELATION_SINCE;
        else if (parser->at->kind == PM_TOKEN_IN && found == PM_RELATION_NONE)
            found = PM_RELATION_IN;
        else if (parser->at->kind == PM_TOKEN_TO && found == PM_RELATION_NONE)
            found = PM_RELATION_TO;
        else if (parser->at->kind != PM_TOKEN_FILLER && parser->at->kind != PM_TOKEN_TO &&
                 parser->at->kind != PM_TOKEN_IN)
            break;
    }
    pm_heading_accept(parser, PM_TOKEN_STOP); /* "vs." */
    return found;
}

/* "-> v3", "to v3", "- v3", "vs v2": the other revision of a pair. */
bool pm_heading_second(pm_heading_parser *parser, pm_change_relation relation,
                       pm_spoken *second_out)
{
    const pm_token *start = parser->at;
    bool arrow = pm_heading_accept(parser, PM_TOKEN_ARROW);

    if (!arrow && !pm_heading_accept_either(parser, PM_TOKEN_TO, PM_TOKEN_DASH) &&
        !(relation == PM_RELATION_SINCE && pm_heading_accept(parser, PM_TOKEN_AND)) &&
        !(relation == PM_RELATION_NONE && pm_heading_relation(parser) == PM_RELATION_SINCE)) {
        parser->at = start;
        return false;
    }
    *second_out = pm_heading_revision(parser);
    if (second_out->said || (arrow && second_out->patch))
        return true;
    parser->at = start;
    return false;
}

/* Words that may follow a revision and add nothing: "v2 patchset", "v3 changes". True when there
 * was a word for changes. */
bool pm_heading_skip_nouns(pm_heading_parser *parser)
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
