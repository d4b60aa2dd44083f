/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kind_parts - what kind.c decides by: tags, notices, quoting, and all that together as evidence.
 *
 * Private to this folder; everybody else wants kind.h.
 */
#ifndef PM_KIND_PARTS_H
#define PM_KIND_PARTS_H

#include "kind.h"
#include "letter.h"

/* Flags of a subject that speaks of patches. */
#define PM_KIND_PATCH_WORDS (PM_SUBJECT_PATCH | PM_SUBJECT_RFC | PM_SUBJECT_RFT | PM_SUBJECT_RESEND)

/* ---- kind_habit.c ---- */

/* The tags that the letter's sender, subject, fields and text give away: PM_TAG_*. */
unsigned pm_kind_tags(pm_letter *letter);

/* ---- kind_notice.c ---- */

/* Is prose what a repository's hook sends to a list when somebody has pushed? */
bool pm_kind_is_commit_notice(pm_slice prose);

/* 'Patch "title" has been added to the 5.4-stable tree', 'Applied "title" to the asoc tree',
 * '+ title.patch added to mm-unstable branch': what a keeper's script says, the patch below it. */
bool pm_kind_is_trees_notice(pm_slice title);

/* "Linux 6.1.12", "linux-next: manual merge of ...": a diff below it is of what was done already.
 */
bool pm_kind_is_keepers_title(pm_slice title);

/* "[ANNOUNCE] ...", "Linux 5.10.1", "nftables 1.0.1 release": a shortlog there is of what was done.
 */
bool pm_kind_is_announcement(const pm_subject *subject);

/* ---- kind_quoting.c ---- */

typedef struct pm_kind_quoting {
    bool any;    /* it quotes, or has "... wrote:" */
    bool mostly; /* there is more of it than of the writer's own lines, or it is attributed */
} pm_kind_quoting;

pm_kind_quoting pm_kind_read_quoting(pm_slice prose);

/* ---- kind_evidence.c ---- */

typedef struct pm_kind_evidence {
    const pm_letter *letter;
    unsigned flags; /* of the subject */
    bool numbered;  /* has n/m; then part */
    int part;
    bool in_thread; /* answers some message */
    pm_kind_quoting quotes;
    bool series_words; /* "this series", "the following patches", at a paragraph's beginning */
    bool stat;         /* a whole diffstat or a shortlog */
    bool cut_line;     /* "---" before the diffstat: a patch, even if its diff is lost */
    bool request;      /* git request-pull's text */
    bool announces;    /* a release, and what went into it */
    bool commit;       /* what a repository's hook says of a commit */
    bool signed_off;   /* has a line "Signed-off-by:" */
    bool patch_word;   /* the subject has PATCH itself, not a revision alone: "[Proposal v2]" */
    bool plural;       /* or something that says that there are several: "[PATCHES]" */
    bool covers_id;    /* its Message-ID is one that git or b4 gives to covers */
    bool batch;        /* the first one git send-email sent at that time */
} pm_kind_evidence;

/* Everything the rules look at. What an earlier rule makes needless is not looked for, and false.
 */
pm_kind_evidence pm_kind_gather(const pm_letter *letter);

#endif
