/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * changelog - what changed since which revision, in at least 36 spellings and with typos:
 * "Changes in v3:", "v2 -> v3:", "Since RFC:", "v1/RFC->v2:", ... and links to earlier revisions
 * ("Link to v1: https://...", "v1: https://lore.kernel.org/...").
 *
 * Not every mention of "v6" is a changelog: prose about other series is left alone.
 */
#ifndef PM_CHANGELOG_H
#define PM_CHANGELOG_H

#include "arena.h"

typedef struct pm_changelog_entry {
    unsigned revision; /* the newer one: the revision that has these changes */
    unsigned since;    /* the older one, when said; else 0 */
    bool since_rfc;    /* the older one was an RFC ("RFC -> v1", "since RFCv2") */
    pm_slice heading;  /* the line as written */
    pm_slice text;     /* what follows, up to the next heading or the end of the block, trimmed */
    unsigned line;     /* of the heading in text, from 1 */
} pm_changelog_entry;

typedef struct pm_revision_link {
    unsigned revision;   /* which one the letter says it is; 0 when it does not say */
    bool rfc;            /* said to be an RFC */
    pm_slice url;        /* as written; or a Message-ID, which is a link without one */
    pm_slice message_id; /* percent-decoded; empty when a URL holds none (a patchwork id) */
} pm_revision_link;

typedef struct pm_changelog {
    pm_changelog_entry *entries; /* in the letter's order */
    size_t count;
    pm_revision_link *links; /* predecessor links, in the letter's order */
    size_t link_count;
    unsigned highest; /* the newest revision any entry speaks of; 0 without entries */
} pm_changelog;

/* The changelog of text, outside quoting and diffs. revision is what the subject says, which
 * settles what "Changes since last time" means; 0 when it says nothing. PM_LIMIT past the budget
 * (at most 500 entries). */
pm_status pm_changelog_find(pm_arena *arena, pm_slice text, unsigned revision,
                            pm_changelog *changelog_out);

/* The Message-ID in a link: lore.kernel.org/LIST/ID/, lkml.kernel.org/r/ID, patch.msgid.link/ID,
 * patchwork .../patch/ID/ and the like, percent-decoded. PM_ABSENT when the URL holds none. */
pm_status pm_link_message_id(pm_arena *arena, pm_slice url, pm_slice *id_out);

#endif
