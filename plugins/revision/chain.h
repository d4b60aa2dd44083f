/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * chain - which earlier series a series supersedes, by evidence weighed and stated.
 *
 * Knows two series and their likeness; who they are compared with is revision.c's.
 */
#ifndef PM_CHAIN_H
#define PM_CHAIN_H

#include <patchmark/plugin.h>

#include <stdbool.h>

/* What speaks for one series being the predecessor of another. */
typedef struct pm_likeness {
    double score;     /* 0 or less: it cannot be */
    bool claimed;     /* the later one names it */
    bool same_change; /* equal change-id */
    bool same_title, same_author;
    double title;                 /* share of words the titles have in common */
    unsigned patches, patches_of; /* patch titles in common, of the smaller number */
    unsigned paths, paths_of;     /* paths in common, of all */
} pm_likeness;

/* How likely it is that later supersedes earlier; project is the one the later is for (empty: not
 * known). Depends on the two alone, so that the order of arrival does not matter. */
pm_likeness pm_chain_compare(const pm_series *later, pm_slice project, const pm_series *earlier);

/* Below this score it is no predecessor. */
#define PM_CHAIN_ENOUGH 3.5

/* A score as a probability-like weight, 0 to 1. */
double pm_chain_weight(double score);

/* "v4: named in the letter; same title; 12 of 14 patches", into text of size bytes; its length. */
size_t pm_chain_explain(const pm_likeness *likeness, const pm_series *earlier, char *text,
                        size_t size);

#endif
