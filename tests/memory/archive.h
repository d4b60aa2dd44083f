/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * archive - a made-up archive: twelve patch sets of four authors, three revisions each, with
 * patches and replies: with a cover and without, threaded, deep, or not at all, below the revision
 * before, renamed, re-addressed, with every kind of evidence.
 */
#ifndef PM_ARCHIVE_H
#define PM_ARCHIVE_H

#include "scene.h"

#define TOPICS    12
#define AUTHORS   4
#define REVISIONS 3
#define PARTS     3
#define MOST_MAIL 400

typedef struct archive {
    pm_arena *arena;
    char *mails[MOST_MAIL];
    size_t lengths[MOST_MAIL];
    size_t count;
    scene *printer;
} archive;

/* How a patch set is sent. */
enum {
    DEEP = 1,        /* each patch answers the one before */
    BELOW = 2,       /* a revision answers the one before */
    BELOW_REPLY = 4, /* or a reply to it */
    COVERLESS = 8,
    UNTHREADED = 16,
    RENAMED = 32, /* from the second revision on */
    MOVED = 64,   /* the author has another address from the second revision on */
    CHANGE_ID = 128,
    LINKED = 256,      /* the changelog links to the revision before */
    RFC_FIRST = 512,   /* the first revision is an RFC, the second is the first without */
    PULL_IDS = 1024,   /* Message-IDs as gitgitgadget makes them */
    SAYS_LITTLE = 2048 /* a cover without shortlog and diffstat */
};

typedef struct post { /* one revision of a topic */
    unsigned topic, revision, style;
    int minute;
    char ids[PARTS + 1][80]; /* 0 the cover's */
    char author[80], subject[120], tag[32], thread[200];
} post;

/* One revision of a topic (from 0), as it is sent. */
post archive_plan(unsigned topic, unsigned revision);

/* All mails, in the order they were written, one topic behind the other. The printer only prints.
 * The arena is the caller's to free. */
void archive_make(archive *made, scene *printer);

/* The order they were written in. */
void archive_in_order(const archive *of, size_t *order);

/* Put what is to be sent into another order. */
void archive_shuffle(size_t *order, size_t count, uint64_t *seed);

/* Print the first lines in which a memory differs from the one that was wanted. */
void archive_tell_apart(pm_slice wanted, pm_slice got);

#endif
