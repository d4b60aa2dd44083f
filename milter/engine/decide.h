/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * decide - what the facts about a letter come to: project, subsystems, inbox, tags, revision,
 * series and what it supersedes.
 *
 * Looks at the letter and its facts alone, so that the same letter can be decided on twice: as the
 * live rules have it, and as a shadow would. Asks no memory and remembers nothing; examine.c does.
 */
#ifndef PM_DECIDE_H
#define PM_DECIDE_H

#include "outcome.h"

/* How many subsystems one letter has at the most. */
#define PM_SUBSYSTEMS_MOST 12

/* An outcome before anything is known, which is all that is sure without memory. */
extern const pm_outcome pm_undecided;

/* Decide on outcome->letter by outcome->facts; verdict, chain, marks and removals are left as they
 * are. What did not fit into the facts' arena is missing, and the outcome is partial. */
void pm_decide(pm_outcome *outcome);

#endif
