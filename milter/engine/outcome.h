/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * outcome - the decision about one message, as data: what it was taken for, why, and the edits that
 * say so. The daemon turns it into libmilter calls, the command line into text or JSON.
 *
 * Lives in the message's arena and borrows from the snapshot.
 */
#ifndef PM_OUTCOME_H
#define PM_OUTCOME_H

#include "snapshot.h"

typedef struct pm_ranked {
    pm_slice name;    /* slug */
    double weight;    /* share of all, 0 to 1 */
    pm_slice section; /* the MAINTAINERS section behind it; empty when a rule said it */
    pm_slice why;     /* reasons, joined by "; " */
} pm_ranked;

typedef struct pm_removal { /* a foreign field of ours: forged, or from an earlier pass */
    pm_slice name;          /* as it stands in the message */
    unsigned nth;           /* counted from 1 among fields of that name, as the MTA counts */
} pm_removal;

typedef struct pm_mark { /* a field to put on top */
    pm_slice name;
    pm_slice value; /* ASCII, folded with LF + tab below 78 columns, no other control characters */
} pm_mark;

typedef enum pm_stage_kind {
    PM_STAGE_OWN, /* of pm_examine itself */
    PM_STAGE_PLUGIN,
} pm_stage_kind;

typedef struct pm_stage { /* a step on the way to the outcome, and what it took */
    pm_stage_kind kind;
    const char *name; /* the plugin's; else letter, turn, paths, rules, decision, memory, marks or
                        shadows */
    int64_t took_us;
} pm_stage;

typedef struct pm_outcome {
    const pm_letter *letter; /* NULL when there was no memory to read it */
    const pm_facts *facts;
    pm_verdict verdict;

    pm_slice project; /* empty: none */
    pm_slice project_why;
    pm_ranked *subsystems; /* most relevant first; at most 12 */
    size_t subsystem_count;
    pm_slice inbox; /* "kvm-x86.linux", "unsorted.linux", "unsorted"; never empty */
    pm_slice inbox_why;
    pm_slice *tags; /* sorted, each once */
    size_t tag_count;
    unsigned revision, reroll; /* revision 0: not a cover or patch */
    int part, total;           /* -1: none */
    pm_slice series, chain, supersedes,
        supersedes_why; /* Message-IDs without brackets; empty: none */
    double confidence;

    pm_removal *removals; /* in the order to be applied: from the last to the first */
    size_t removal_count;
    pm_mark *marks; /* in the order they shall appear, from the top */
    size_t mark_count;

    pm_shadowed *shadows; /* what each shadow would have made of it; see shadow.h */
    size_t shadow_count;

    bool moves; /* what other letters of its series inherit, or what the series supersedes, is not
                   what it was before this one */
    bool memory_failed; /* the store did not answer in time: series and what it brings may be
                           missing */
    bool partial;       /* a limit (time, memory) was reached: some marks may be missing */
    pm_stage *stages;   /* in the order they were taken */
    size_t stage_count;
    int64_t took_us;
} pm_outcome;

#endif
