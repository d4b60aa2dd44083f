/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * contradiction - can a condition hold at all? `kind == cover and kind == patch` cannot.
 *
 * Every way in which the condition might hold is followed to its tests, and those that speak of one
 * name are looked at together. What it says is true: where it cannot be sure it says "can hold".
 * For `patchmark check`, not for mail: it may take milliseconds.
 */
#ifndef PM_CONTRADICTION_H
#define PM_CONTRADICTION_H

#include "condition.h"

typedef struct pm_contradiction {
    const pm_condition *test;  /* one that can never hold with those beside it; NULL: it can hold */
    const pm_condition *other; /* what alone excludes it; NULL: nothing does, but all together */
    bool alone;                /* it cannot even hold alone */
    bool holds, other_holds;   /* false: it must not hold ("not" stands in front of it) */
    bool empty;                /* test asks for an entry of a list that has none */
    bool
        seldom; /* a plugin could report a fact twice, a list could get entries: then it may hold */
} pm_contradiction;

/* Why the condition never holds. when_not (may be NULL) is one that does not hold at the same
 * time. */
pm_contradiction pm_contradiction_find(const pm_condition *condition, const pm_condition *when_not);

/* Can the condition hold while one of the values of a text term is one of words, or (has none)
 * while none is? */
typedef enum pm_supposed { PM_HAS_ONE, PM_HAS_NONE } pm_supposed;
bool pm_contradiction_allows(const pm_condition *condition, pm_supposed supposed,
                             const pm_term *term, const pm_table *words);

#endif
