/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kind - what sort of letter this is, from the message alone: cover, patch, reply, pull or other;
 * and the tags that senders' habits give away: bot, stable, applied, ci.
 */
#ifndef PM_KIND_H
#define PM_KIND_H

#include "slice.h"

typedef struct pm_letter pm_letter;

typedef enum pm_kind {
    PM_KIND_OTHER, /* no patch mail; or patch mail by robots, told apart by tags */
    PM_KIND_COVER, /* 0/N, or shortlog and diffstat (or "this series") without a diff */
    PM_KIND_PATCH, /* a diff outside quoting, no reply */
    PM_KIND_REPLY, /* also with a diff in it */
    PM_KIND_PULL,  /* a pull request */
} pm_kind;

enum {
    PM_TAG_BOT = 1u << 0,     /* written by a program: patchwork-bot, syzbot, lkp, ... */
    PM_TAG_STABLE = 1u << 1,  /* stable review, AUTOSEL, backport */
    PM_TAG_APPLIED = 1u << 2, /* says that a patch was applied, or is a commit's notification */
    PM_TAG_CI = 1u << 3,      /* a test system's report */
};

const char *pm_kind_name(pm_kind kind); /* "cover"; a literal */

/* Fill in letter's kind, kind_why, tags and confidence from what has been read already. */
void pm_kind_decide(pm_letter *letter);

#endif
