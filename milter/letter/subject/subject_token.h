/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * subject_token - the tokens of a subject's brackets: words with a meaning, revisions, n/m,
 * versions of kernels and branches.
 *
 * One token at a time, without its neighbours: what a subject as a whole says is
 * subject_resolve.c's.
 */
#ifndef PM_SUBJECT_TOKEN_H
#define PM_SUBJECT_TOKEN_H

#include "slice.h"

typedef enum pm_subject_token_kind {
    PM_SUBJECT_TOKEN_PLAIN,    /* a word we have no meaning for: net-next, GFS2, for-6.1 */
    PM_SUBJECT_TOKEN_WORD,     /* a word of the table: PATCH, RFC, RESEND, ... */
    PM_SUBJECT_TOKEN_REVISION, /* v2, V2, #2, take 2 */
    PM_SUBJECT_TOKEN_COUNT,    /* 3/12, 3 of 12, 0/n */
    PM_SUBJECT_TOKEN_VERSION,  /* a kernel's or branch's: 5.10, 5.10.y, v5.13-rc1, v2019.04 */
} pm_subject_token_kind;

typedef struct pm_subject_token {
    pm_subject_token_kind kind;
    pm_slice text;  /* as written, without brackets and punctuation around it */
    unsigned flags; /* PM_SUBJECT_* that a word speaks of */
    unsigned group; /* the bracket group it stands in */

    unsigned revision, reroll; /* of a revision */
    bool dotted;               /* v5.1: a partial re-roll, or a version after all */
    int part, total;           /* of a count; total -1 for "0/n" */
} pm_subject_token;

/* The largest prefix seen in 240,000 subjects had 11 tokens. What is more than this is not looked
 * at. */
#define PM_SUBJECT_TOKENS_MAX 48

typedef struct pm_subject_tokens {
    pm_subject_token items[PM_SUBJECT_TOKENS_MAX];
    size_t count;
} pm_subject_tokens;

/* Add the tokens of a group's content. A glued word ("PATCHv2", "RFC/PATCH", "PATCH-next") becomes
 * several. */
void pm_subject_tokens_read(pm_subject_tokens *list, pm_slice content, unsigned group);

/* Take the next token as it stands off the front of rest: up to white space, a comma, a semicolon
 * or a square bracket. False when none is left. */
bool pm_subject_token_next(pm_slice *rest, pm_slice *raw_out);

/* What one token means by itself; false for a plain one. */
bool pm_subject_token_classify(pm_slice raw, pm_subject_token *token_out);

#endif
