/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * template - a text of a rule with values in it: "bug {bug}" says what the fact bug of the letter
 * is. In braces stands any name that a condition may ask for; {{ and }} are the braces themselves.
 *
 * Read and checked once; filled in letter by letter. What is filled in was said by mail, so it is
 * one line of printable bytes, or a slug, and never longer than what it goes into may be.
 *
 * Not a language: no conditions, no formats. What needs those is a plugin's work.
 */
#ifndef PM_TEMPLATE_H
#define PM_TEMPLATE_H

#include "condition.h"

typedef struct pm_template pm_template; /* in the reader's arena */

/* What comes out of it. */
typedef enum pm_template_form {
    PM_TEMPLATE_LINE, /* for a header field: one line; several values are joined by ", " */
    PM_TEMPLATE_SLUG, /* for a tag, a subsystem: the first value, and what no slug may hold is "-"
                       */
} pm_template_form;

/* The template in the token's text. NULL when there are no values in it and *plain_out is all it
 * says, or after an error was added (then plain_out->data is NULL). */
const pm_template *pm_template_read(pm_condition_reader *reader, const pm_token *token,
                                    pm_template_form form, pm_slice *plain_out);

/* Fill it in, in the arena. At most most bytes: what is longer is cut, at a character, and ends in
 * "..." (a slug just ends). PM_ABSENT when the letter has no value for one of its names, or no slug
 * comes of it; PM_LIMIT past the arena's budget. */
pm_status pm_template_fill(const pm_template *of, pm_arena *arena, const pm_view *view, size_t most,
                           pm_slice *text_out);

#endif
