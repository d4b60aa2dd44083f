/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * subject - the grammar of patch subjects, as people really write them.
 *
 * A parser over tokens and bracket groups, not a chain of regular expressions: list tags, reply
 * marks in any language, kind words, tree names, revision and n/m in every place and spelling. Each
 * field says whether it was written or inferred, and which token said it. Grammar: subject.md.
 *
 * Not the kind of the letter: a cover may have no 0/N. See kind.h.
 */
#ifndef PM_SUBJECT_H
#define PM_SUBJECT_H

#include "arena.h"

typedef enum pm_said {
    PM_SAID_NOT,      /* nothing says it; the value is the default */
    PM_SAID_WRITTEN,  /* a token in the prefix says it */
    PM_SAID_INFERRED, /* read from a place that only usually means it: the end of the title */
} pm_said;

enum {
    PM_SUBJECT_REPLY = 1u << 0,     /* Re:, AW:, 答复:, PING:, ... */
    PM_SUBJECT_FORWARD = 1u << 1,   /* Fwd: */
    PM_SUBJECT_PATCH = 1u << 2,     /* the word PATCH, or a bracket with a revision or n/m */
    PM_SUBJECT_RFC = 1u << 3,       /* RFC, RFC/RFT, RFCv2, ...: a request for comments */
    PM_SUBJECT_RESEND = 1u << 4,    /* RESEND, resent, REPOST, re-send, ... */
    PM_SUBJECT_PULL = 1u << 5,      /* GIT PULL, PULL, [PULL REQUEST] */
    PM_SUBJECT_STABLE = 1u << 6,    /* 5.10 123/567, AUTOSEL, stable, -stable,5.4, backport */
    PM_SUBJECT_COMMITTED = 1u << 7, /* COMMITTED, APPLIED, [tip: x86/build] */
    PM_SUBJECT_CONFLICT = 1u << 8,  /* two tokens contradict each other about the revision */
    PM_SUBJECT_BROKEN = 1u << 9,    /* brackets unclosed, or part > total */
    PM_SUBJECT_BOT = 1u << 10,      /* [syzbot], [tip: ...], [linux-next:master], ... */
    PM_SUBJECT_RFT = 1u << 11,      /* RFT: a request for tests, which is no request for comments */
    PM_SUBJECT_LED = 1u << 12,      /* words that say nothing to us stand before the prefix */
};

typedef struct pm_subject {
    pm_slice text;     /* what was parsed: decoded, unfolded */
    pm_slice title;    /* the clean title: no prefix, no reply marks, no trailing revision */
    pm_slice list_tag; /* [Cluster-devel]: without brackets; empty when there is none */
    pm_slice *words;   /* the words of the prefix in order, as written, without revision and n/m:
                        * PATCH, RFC, net-next, kvm-unit-tests, ... */
    size_t word_count;
    unsigned flags;    /* PM_SUBJECT_* */
    unsigned revision; /* 1 when none is said */
    unsigned reroll;   /* 1 in v5.1, a partial re-roll of v5; else 0 */
    pm_said revision_said;
    pm_slice revision_token; /* the token that said it */
    int part, total;         /* n/m; -1 when none is said */
    pm_said part_said;
    pm_slice part_token;
} pm_subject;

/* Parse a subject as pm_message_decoded gives it. Slices point into text. Never fails for what mail
 * contains; PM_LIMIT past the arena's budget. Only the first 2,000 bytes are looked at. */
pm_status pm_subject_parse(pm_arena *arena, pm_slice text, pm_subject *subject_out);

/* A mark of the trees and branches that the prefix names, 1 to PM_SUBJECT_TREE_MOST; 0: it names
 * none. Equal for equal names in any order and case; "v5.10.y" is "5.10". Never changes, so that it
 * can be kept. */
#define PM_SUBJECT_TREE_MOST 0x7fffff
uint32_t pm_subject_tree(const pm_subject *subject);

/* The subject in canonical form, "[RFC PATCH net-next v5 03/12] title", which parses to the same
 * fields. data is NULL past the budget. */
pm_slice pm_subject_print(pm_arena *arena, const pm_subject *subject);

#endif
