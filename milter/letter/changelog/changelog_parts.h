/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * changelog_parts - what the steps of changelog.c hand on to each other, in the order in which they
 * work.
 *
 * Private to this folder; everybody else wants changelog.h.
 */
#ifndef PM_CHANGELOG_PARTS_H
#define PM_CHANGELOG_PARTS_H

#include "changelog.h"
#include "changelog_token.h"

/* How a heading names its revisions. */
typedef enum pm_change_relation {
    PM_RELATION_NONE,    /* not a heading */
    PM_RELATION_SECTION, /* "Changelog:", names none */
    PM_RELATION_IN,      /* "Changes in v3": the newer one */
    PM_RELATION_SINCE,   /* "Changes since v2": the older one */
    PM_RELATION_TO,      /* "Changes to v3": either */
    PM_RELATION_PAIR,    /* "v2 -> v3": both */
    PM_RELATION_LAST,    /* "Changes since last version": none, but not hard to tell */
    PM_RELATION_THIS,    /* "Changes in this version" */
} pm_change_relation;

/* A revision as a heading names it. */
typedef struct pm_spoken {
    bool said;       /* there is a number, or "RFC" alone */
    unsigned number; /* 0: "RFC" or "PATCH" alone */
    bool rfc;
    bool patch; /* the word PATCH: "RFC -> PATCH" */
} pm_spoken;

typedef struct pm_change_heading {
    pm_change_relation relation;
    pm_spoken first, second;
    size_t text_at; /* where text begins in the line; its length when there is none */
} pm_change_heading;

/* ---- changelog_phrase.c ---- */

/* Where the parser is in a line. Its tokens end with PM_TOKEN_END. */
typedef struct pm_heading_parser {
    const pm_token *at;
    pm_slice line;
    unsigned revision; /* the subject's; 0 where v5.1 is a release and no re-roll of v5 */
} pm_heading_parser;

/* How a heading ends. */
typedef enum pm_heading_ending {
    PM_ENDING_NONE,  /* it goes on: no heading */
    PM_ENDING_LINE,  /* with the line, or a full stop */
    PM_ENDING_COLON, /* with a colon, and perhaps text */
    PM_ENDING_DASH,  /* with a dash or a comma, and text */
} pm_heading_ending;

/* Each of these takes its phrase when it comes next, and else leaves the parser where it is. */

bool pm_heading_accept(pm_heading_parser *parser, pm_token_kind kind);
bool pm_heading_accept_either(pm_heading_parser *parser, pm_token_kind one, pm_token_kind other);

/* "Major changes", "Revision history", "Changelog": false when the words mean no changes. */
bool pm_heading_changes(pm_heading_parser *parser);

/* "since", "in", "to", and fillers around it; PM_RELATION_NONE when it is none of these. */
pm_change_relation pm_heading_relation(pm_heading_parser *parser);

/* One revision: "v2", "RFC v2", "Patch v2", "v1/RFC", "[v2]", "version 2". Nothing is said in what
 * is none. */
pm_spoken pm_heading_revision(pm_heading_parser *parser);

/* "-> v3", "to v3", "- v3", "vs v2": the other revision of a pair. */
bool pm_heading_second(pm_heading_parser *parser, pm_change_relation relation,
                       pm_spoken *second_out);

/* Words that may follow a revision and add nothing: "v2 patchset". True when one meant changes. */
bool pm_heading_skip_nouns(pm_heading_parser *parser);

/* "(which was ages ago)", "[2]" */
void pm_heading_skip_asides(pm_heading_parser *parser);

/* What stands behind all that; where the heading's text begins is filled in. */
pm_heading_ending pm_heading_ending_read(pm_heading_parser *parser, pm_change_heading *heading);

bool pm_heading_ends_with_colon(pm_slice line);

/* ---- changelog_heading.c ---- */

/* What else speaks for a heading. The caller knows the first two. */
typedef struct pm_change_clues {
    bool fresh;   /* it begins a paragraph, or follows another heading */
    bool inside;  /* it stands in a changelog, no deeper than the heading above */
    bool changes; /* it has a word for changes */
    bool worded;  /* it has a word like "since" or "in" */
    bool since;   /* it begins with "Since" */
} pm_change_clues;

/* Read line as a heading; PM_RELATION_NONE when it is none. revision is the subject's. What is none
 * may end in one: "Here is v3.  The changes since v2 are:" */
pm_change_heading pm_change_heading_read(pm_slice line, unsigned revision, pm_change_clues clues);

/* ---- changelog_block.c ---- */

typedef struct pm_change_found {
    pm_changelog_entry entry;
    pm_change_heading heading;
} pm_change_found;

/* All that has been found so far, and the block being read. */
typedef struct pm_change_reader {
    pm_arena *arena;
    unsigned revision; /* the subject's */
    pm_change_found *found;
    size_t count, room;

    bool open;       /* the last of found takes more lines */
    bool listing;    /* its text is a list */
    bool prose;      /* a paragraph at the margin has been seen */
    bool gap;        /* the line before was blank */
    bool fresh;      /* a heading may follow */
    const char *end; /* of the last line that belongs to it */

    const char *counted; /* so far, the text's lines are counted */
    unsigned lines;
} pm_change_reader;

/* Read the next line of the letter: a heading opens a block, another line goes to the open one or
 * ends it. At most 500 are kept. PM_LIMIT past the budget. */
pm_status pm_change_line(pm_change_reader *reader, pm_slice line);

/* End the open block, if any: its text is trimmed. */
void pm_change_close(pm_change_reader *reader);

/* ---- changelog_settle.c ---- */

/* Drop the headings that name no revision, unless they are all there is. In a first revision both
 * "Changelog:" and "Changes in this version:" tell what the series changes. */
void pm_change_drop_sections(pm_change_reader *reader);

/* Fill in which revisions each entry is about. */
void pm_change_settle(pm_change_reader *reader);

#endif
