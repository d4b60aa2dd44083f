/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * condition_tree - what a condition is inside, for the file that reads it and the one that asks it.
 */
#ifndef PM_CONDITION_TREE_H
#define PM_CONDITION_TREE_H

#include "condition.h"
#include "pattern.h"

typedef enum pm_test {
    PM_TEST_ALL,     /* and */
    PM_TEST_ANY,     /* or */
    PM_TEST_NOT,     /* the one child does not hold */
    PM_TEST_PRESENT, /* a flag that is set, a text that is not empty, a number that is there */
    PM_TEST_IN,      /* a text value is in the table: == and has as well */
    PM_TEST_UNDER,
    PM_TEST_MATCHES,
    PM_TEST_NUMBER, /* a number value compares so with one of the numbers */
} pm_test;

typedef enum pm_comparison {
    PM_IS_EQUAL,
    PM_IS_LESS,
    PM_IS_LESS_OR_EQUAL,
    PM_IS_MORE,
    PM_IS_MORE_OR_EQUAL
} pm_comparison;

struct pm_condition {
    pm_test test;
    const pm_condition *children, *next; /* of ALL, ANY, NOT */
    const pm_term *term;
    const pm_table *words; /* of IN: its keys */
    const pm_slice *paths; /* of UNDER, without "/" at their ends */
    const int64_t *numbers;
    size_t count; /* of paths, of numbers */
    pm_comparison comparison;
    const pm_pattern *pattern;
    const pm_token *tokens; /* how it is written; NULL: it stands for what is written elsewhere */
    size_t token_count;
};

/* Does this one value pass a test of text (IN, UNDER, MATCHES, PRESENT), of numbers (NUMBER)? */
bool pm_condition_passes(const pm_condition *test, pm_slice value);
bool pm_condition_passes_number(const pm_condition *test, int64_t value);

/* All values that a field with few of them can have; NULL: anything. */
const char *const *pm_term_values(const pm_term *term);

/* Are its values in small letters always? */
bool pm_term_is_small(const pm_term *term);

#endif
