/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * chain - which earlier series a series supersedes, by evidence weighed and stated.
 *
 * Knows two series and their likeness; who they are compared with is predecessor.c's.
 */
#ifndef PM_CHAIN_H
#define PM_CHAIN_H

#include "mailmap.h"

#include <patchmark/plugin.h>

#include <stdbool.h>

/* What may speak for or against one series being the predecessor of another. */
typedef enum pm_evidence {
    PM_EVIDENCE_CLAIMED,       /* the later one names it, and it is the revision before */
    PM_EVIDENCE_CLAIMED_OLDER, /* it names it, as one of a longer history */
    PM_EVIDENCE_ANSWERS,       /* the later one hangs in its thread; the revision before */
    PM_EVIDENCE_ANSWERS_OLDER, /* an older one */
    PM_EVIDENCE_CHANGE_ID,     /* equal */
    PM_EVIDENCE_FAMILY,        /* Message-IDs of one family */
    PM_EVIDENCE_SAME_TITLE,    /* equal word for word: how much a title of so many words says */
    PM_EVIDENCE_TITLE,         /* else: the share of words that the titles have in common */
    PM_EVIDENCE_PATCHES,       /* the share of patch titles in common, of the smaller series */
    PM_EVIDENCE_OTHER_PATCHES, /* both say which they have, none is in common: how unlike */
    PM_EVIDENCE_PATHS,         /* the share of paths in common, of both */
    PM_EVIDENCE_OTHER_PATHS,   /* the same of paths, and no patch is in common either */
    PM_EVIDENCE_NEXT_REVISION, /* the number is one lower, or it is re-rolled in part */
    PM_EVIDENCE_SAME_REVISION, /* the same number, and nothing that says why */
    PM_EVIDENCE_RESENT,        /* the same number, and the letter says it is sent again */
    PM_EVIDENCE_RFC,           /* the same number, but it was an RFC */
    PM_EVIDENCE_SKIPPED,       /* numbers were left out */
    PM_EVIDENCE_OTHER_TREE,    /* the subjects name different trees */
    PM_EVIDENCE_OTHER_AUTHOR,
    PM_EVIDENCE_LONG_AGO,
    PM_EVIDENCE_COUNT,
} pm_evidence;

/* Are the authors of two series the same person? */
typedef enum pm_kinship {
    PM_ANOTHER_AUTHOR,
    PM_SAME_AUTHOR,            /* by address or by name */
    PM_SAME_AUTHOR_BY_MAILMAP, /* neither is the same, but the mailmap knows that they are */
} pm_kinship;

typedef struct pm_likeness {
    bool possible; /* else nothing else is filled in */
    pm_kinship authors;
    double evidence[PM_EVIDENCE_COUNT];
    double score;                 /* the evidence weighed; 0: it cannot be */
    double title;                 /* share of words the titles have in common */
    unsigned patches, patches_of; /* patch titles in common, of the smaller number */
    unsigned paths, paths_of;     /* paths in common, of all */
} pm_likeness;

/* Could the one be an earlier revision of the other, by their dates? Of two series exactly one
 * precedes the other, so that links never form a circle. */
bool pm_chain_precedes(const pm_series *earlier, const pm_series *later);

/* The same whichever of the two is a. people may be NULL: every author is who the mail says. */
pm_kinship pm_chain_kinship(const pm_series *a, const pm_series *b, const pm_mailmap *people);

/* How likely it is that later supersedes earlier. Claims of the later count where they name the
 * earlier's id. people may be NULL. Depends on the two alone, so that the order of arrival does not
 * matter. */
pm_likeness pm_chain_compare(const pm_series *later, const pm_series *earlier,
                             const pm_mailmap *people);

/* Below this score it is no predecessor. */
#define PM_CHAIN_ENOUGH 3.5

/* Are the two of one chain: does the comparison score enough? */
bool pm_chain_continues(const pm_series *later, const pm_series *earlier, const pm_mailmap *people);

/* A score as a probability-like weight, 0 to 1. */
double pm_chain_weight(double score);

/* "v4: named in the letter; same title; 12 of 14 patches", into text of size bytes; its length. */
size_t pm_chain_explain(const pm_likeness *likeness, const pm_series *earlier, char *text,
                        size_t size);

#endif
