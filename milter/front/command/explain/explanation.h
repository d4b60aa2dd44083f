/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * explanation - how an outcome came about, worked out anew from its letter and facts: where each
 * field was read from, what weighed how much, which rules fired and which just missed.
 *
 * Decides nothing: the outcome does. How it is printed: explain_text.c, explain_json.c.
 */
#ifndef PM_EXPLANATION_H
#define PM_EXPLANATION_H

#include "condition_trace.h"
#include "outcome.h"
#include "tally.h"

/* ---- Fields ---- */

/* Is there at least one value worth showing: a text that is not empty, a flag that is set? */
bool pm_explain_has(const pm_letter *letter, const pm_field *field);

/* The nth value as text, numbers too; false past the last. Only borrowed until the next call when
 * it is a number, which then is in digits. */
#define PM_EXPLAIN_DIGITS 24
bool pm_explain_value(const pm_letter *letter, const pm_field *field, unsigned nth,
                      char digits[PM_EXPLAIN_DIGITS], pm_slice *value_out);

/* Where it was read: "Subject: \"v3\"", "the diffstat". In the arena of the letter's message, or a
 * literal. */
pm_slice pm_explain_source(const pm_letter *letter, const pm_field *field);

/* ---- Weights ---- */

/* What decided the inbox: "inbox" when a rule or plugin asked for one, else "subsystem". */
pm_slice pm_explain_inbox_by(const pm_outcome *outcome);

/* By how much the heaviest wins over the next one; all of its weight when there is none. */
double pm_explain_margin(const pm_tallies *tallies);

/* ---- Rules ---- */

typedef struct pm_missed { /* a rule that would have fired but for one test */
    const pm_rule *rule;
    pm_trace trace;
} pm_missed;

#define PM_MISSED_MOST 20

/* Those nearest to firing first; at most PM_MISSED_MOST. NULL past the arena's budget. */
pm_missed *pm_explain_missed(const pm_snapshot *snapshot, const pm_outcome *outcome,
                             size_t *count_out);

/* What a rule's condition alone takes on this letter, in microseconds: the best of a few tries. */
double pm_explain_rule_us(const pm_outcome *outcome, const pm_rule *rule);

/* ---- Printing ---- */

/* What is printed of one message. */
typedef struct pm_explanation {
    const pm_snapshot *snapshot;
    const pm_outcome *outcome;
    const char *origin;
    const char *store; /* NULL: without a memory */
} pm_explanation;

/* To standard output. */
void pm_explain_text(const pm_explanation *of);
bool pm_explain_json(const pm_explanation *of); /* false when there is no memory */

#endif
