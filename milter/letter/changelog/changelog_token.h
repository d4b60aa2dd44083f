/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * changelog_token - the words that headings of changelogs are made of: "Changes", "since", "v3",
 * "-->", "[2]".
 *
 * Not what they mean together: changelog_heading.c and revision_link.c know that.
 */
#ifndef PM_CHANGELOG_TOKEN_H
#define PM_CHANGELOG_TOKEN_H

#include "slice.h"

typedef enum pm_token_kind {
    PM_TOKEN_END,
    PM_TOKEN_OTHER,    /* a word no heading is made of */
    PM_TOKEN_REVISION, /* v3, PATCHv3, rev3 */
    PM_TOKEN_REROLL,   /* v5.1: a partial re-roll of v5, or a release of something */
    PM_TOKEN_RFC,      /* RFC, RFCv2, RFC2 */
    PM_TOKEN_NUMBER,   /* 3 */
    PM_TOKEN_VERSION,  /* version, which a number may follow */
    PM_TOKEN_PATCH,    /* patch, series */
    PM_TOKEN_CHANGES,  /* changes, differences, updates */
    PM_TOKEN_LOG,      /* log, history: with or without "change" in front */
    PM_TOKEN_NEW,      /* new, added, fixed: headings only before "in v3" */
    PM_TOKEN_SINCE,    /* since, from, against: the older revision follows */
    PM_TOKEN_IN,       /* in, for: the newer one follows */
    PM_TOKEN_TO,       /* to: between two revisions; or either */
    PM_TOKEN_AND,
    PM_TOKEN_LAST,    /* last, previous */
    PM_TOKEN_POSTING, /* posting, submission, time */
    PM_TOKEN_FILLER,  /* the, main, some */
    PM_TOKEN_LINK,    /* link, here, available */
    PM_TOKEN_ARROW,   /* ->, -->, =>, .., U+2192 */
    PM_TOKEN_DASH,    /* -, --, and the long ones */
    PM_TOKEN_SLASH,
    PM_TOKEN_COLON,
    PM_TOKEN_STOP,     /* . , ; */
    PM_TOKEN_OPEN,     /* ( [ < */
    PM_TOKEN_CLOSE,    /* ) ] > */
    PM_TOKEN_FOOTNOTE, /* [2] */
    PM_TOKEN_URL,
    PM_TOKEN_RULE, /* === ### *** ___ */
} pm_token_kind;

typedef struct pm_token {
    pm_token_kind kind;
    unsigned number; /* of a revision, an RFC, a number, a footnote; 0 when it has none */
    pm_slice text;
} pm_token;

#define PM_TOKENS_MAX 24

/* One line in tokens, the last one PM_TOKEN_END. */
typedef struct pm_token_line {
    pm_token tokens[PM_TOKENS_MAX];
    unsigned count; /* without the end */
} pm_token_line;

/* Take the next token off the front of rest; PM_TOKEN_END when nothing is left. */
pm_token pm_token_next(pm_slice *rest);

/* The tokens of line behind its bullet, as many as there is room for. Unless whole is asked for,
 * only as far as the line may be a heading: to the first PM_TOKEN_OTHER. */
void pm_token_line_read(pm_slice line, bool whole, pm_token_line *line_out);

#endif
