/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * subject_parser - what the steps of subject.c hand on to each other, in the order in which they
 * read.
 *
 * Private to this folder; everybody else wants subject.h.
 */
#ifndef PM_SUBJECT_PARSER_H
#define PM_SUBJECT_PARSER_H

#include "subject.h"
#include "subject_token.h"

/* Flags of words that make a letter a patch; and with pulls, of those that begin a prefix. */
#define PM_SUBJECT_PATCH_FLAGS                                                                     \
    (PM_SUBJECT_PATCH | PM_SUBJECT_RFC | PM_SUBJECT_RFT | PM_SUBJECT_RESEND)
#define PM_SUBJECT_PREFIX_FLAGS (PM_SUBJECT_PATCH_FLAGS | PM_SUBJECT_PULL)

typedef struct pm_subject_parser {
    pm_subject *subject;
    pm_slice rest; /* not read yet; in the end the title */
    pm_subject_tokens tokens;
    unsigned groups;      /* bracket groups read */
    unsigned tag_group;   /* the group that may be a list tag, counted from 1; 0 for none */
    bool tag_is_followed; /* by white space, as list software writes it */
    unsigned branch;      /* what a robot's group says, where no other group speaks of a patch */
} pm_subject_parser;

/* Has token a meaning by itself? A version has none: it depends on what stands beside it. */
static inline bool pm_subject_says_something(const pm_subject_token *token)
{
    return token->kind == PM_SUBJECT_TOKEN_WORD || token->kind == PM_SUBJECT_TOKEN_REVISION ||
           token->kind == PM_SUBJECT_TOKEN_COUNT;
}

/* ---- subject_blank.c ---- */

/* Write spaces for no-break spaces and the like, "[" for a wide bracket, and leave out marks of no
 * width. Most subjects have none, and stay where they are; else text moves into the arena. PM_LIMIT
 * past its budget. */
pm_status pm_subject_plain_blanks(pm_arena *arena, pm_slice *text);

/* ---- subject_group.c ---- */

/* Take the bracket group that rest begins with. False, with nothing read, when there is none or it
 * is the title's own. One that is never closed ends behind its last word with a meaning. */
bool pm_subject_read_group(pm_subject_parser *p);

/* Take content as the next group; false when it is no prefix but the title's own bracket. followed:
 * white space stands behind it. */
bool pm_subject_add_group(pm_subject_parser *p, pm_slice content, bool followed);

/* Does text begin with a word of patch mail? */
bool pm_subject_starts_with_word(pm_slice text);

/* Does text begin with brackets, of which one has a word of patch mail in it? */
bool pm_subject_starts_with_prefix(pm_slice text);

/* text without the white space, colons and dashes people put behind a bracket. A dash without a
 * space behind it is the title's: "--optimize fixes". */
pm_slice pm_subject_skip_punctuation(pm_slice text);

/* ---- subject_bare.c ---- */

/* Take a prefix that lost a bracket or never had any. False, with nothing read, when rest begins
 * with none. */
bool pm_subject_read_bare(pm_subject_parser *p);

/* Take what stands between the brackets and the title: "3/8", "v2", "RFC:". False, with nothing
 * read, when a group has said it already or it is the title's. */
bool pm_subject_read_behind(pm_subject_parser *p);

/* ---- subject_lead.c ---- */

/* Pass over something in front that says nothing to us: "***SPAM*** Re:", "(proposal) RE:",
 * "Update: [PATCH". False unless what follows is clear. */
bool pm_subject_skip_lead(pm_subject_parser *p);

/* ---- subject_resolve.c ---- */

/* Fill in the subject from all tokens: revision, count, words, flags, list tag. PM_LIMIT past the
 * budget. */
pm_status pm_subject_resolve(pm_subject_parser *p, pm_arena *arena);

/* Say that token, a revision, is the subject's. Where another one was before, that one stays, and
 * the two may contradict each other. */
void pm_subject_say_revision(pm_subject *subject, const pm_subject_token *token, pm_said said);

/* Say that token, a count, is the subject's. The first one stays. */
void pm_subject_say_count(pm_subject *subject, const pm_subject_token *token, pm_said said);

/* ---- subject_title.c ---- */

/* Take off the subject's title what is none of it, and say so in the subject. */
void pm_subject_read_title(pm_subject *subject, pm_arena *arena);

/* "was: Re: old title" in brackets, which tells where a talk began. */
bool pm_subject_tells_old_title(pm_slice content);

#endif
