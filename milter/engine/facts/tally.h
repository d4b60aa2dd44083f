/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tally - facts of one name added up by their values: what was said of a letter, and how heavily.
 *
 * The one way of counting: what decides and what explains a decision must not differ.
 */
#ifndef PM_TALLY_H
#define PM_TALLY_H

#include "facts.h"

typedef struct pm_tally { /* all facts of one name and one value */
    pm_slice value;
    double weight;
    size_t first;    /* index of the first of them: it breaks ties */
    pm_slice source; /* the heaviest fact's that has one */
    double source_weight;
} pm_tally;

typedef struct pm_tallies {
    pm_tally items[PM_FACTS_MOST]; /* heaviest first */
    size_t count;
    double sum;
} pm_tallies;

/* The text facts called name. Those found by except (NULL: by nobody) are left out. */
void pm_tally_up(const pm_facts *facts, pm_slice name, const char *except, pm_tallies *into);

#endif
