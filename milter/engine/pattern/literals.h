/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * literals - which of thousands of literals stand in a text, found without trying each.
 *
 * Most of the text is not even looked at. Of each literal we know a few grams: bytes in a row, each
 * beginning one byte behind the one before. With seven grams of a literal known it is enough to
 * look at every seventh place of the text, for wherever the literal stands, one of its grams begins
 * at such a place. Whether a gram is known, two bits in a small bitmap say; only where it seems so,
 * the literal is compared. Short literals have room for fewer grams and are looked for apart from
 * the long ones, so that these do not suffer for them. 250 literals of eleven bytes and more cost a
 * text about a fifth of a nanosecond a byte; ten times as many, up to three times that, for their
 * bitmap needs a larger cache.
 *
 * ASCII case is passed over: what is found may differ in it from what was asked for.
 */
#ifndef PM_LITERALS_H
#define PM_LITERALS_H

#include "arena.h"

#define PM_LITERAL_LEAST 3 /* bytes; shorter ones are found nearly everywhere anyway */

typedef struct pm_literals pm_literals; /* in an arena; read-only once it is ready */

/* To look for nothing, yet. NULL past the arena's budget. */
pm_literals *pm_literals_new(pm_arena *arena) __attribute__((warn_unused_result));

/* Look for text (copied), of at least PM_LITERAL_LEAST bytes; the same text gives the same number,
 * counted from 0. PM_LIMIT past the budget. */
pm_status pm_literals_add(pm_literals *literals, pm_slice text, size_t *number_out)
    __attribute__((warn_unused_result));

/* No more will be added. PM_LIMIT past the budget. */
pm_status pm_literals_ready(pm_literals *literals) __attribute__((warn_unused_result));

/* How many different ones were added. */
size_t pm_literals_count(const pm_literals *literals);

/* Told the number of a literal that was found. */
typedef void (*pm_literal_found)(void *context, size_t number);

/* Find all that stand in text. found is called once for each that is not yet set in seen (a bitmap
 * of pm_literals_count bits, cleared by the caller before the first of several texts). */
void pm_literals_find(const pm_literals *literals, pm_slice text, uint64_t *seen,
                      pm_literal_found found, void *context);

#endif
