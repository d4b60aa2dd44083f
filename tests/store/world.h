/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * world - made-up series for the tests of the store, and the rows that lie in it afterwards, as
 * text that can be compared.
 */
#ifndef PM_WORLD_H
#define PM_WORLD_H

#include "store.h"

#define WORLD_SERIES   6
#define WORLD_MESSAGES 64 /* at the most */

typedef struct world {
    pm_memo memos[WORLD_MESSAGES];
    size_t count;
} world;

/* Series with covers, without, with parts sent twice, with replies before and after all else. */
void world_make(world *made, pm_arena *arena);

/* In another order; the same seed gives the same. */
void world_shuffle(world *shuffled, unsigned seed);

/* Send it all to the store, in its order. */
void world_remember(pm_store *store, const world *mail);

/* Everything a walk finds, one a line. */
pm_slice world_dump(pm_store *store, pm_arena *arena);

/* Are two of those the same? Fails the test with the first line that differs, and the seed of the
 * order in which the mail came; 0: as it was made. */
void world_same(pm_slice got, pm_slice expected, unsigned seed);

/* A store as the first format had it, with one series, s1@example.org, that supersedes s0: integer
 * types, and what stands behind tables of long and of short rows, are the database's. */
#define WORLD_FORMAT_1(number, long_rows, short_rows)                                              \
    "CREATE TABLE series (id TEXT NOT NULL PRIMARY KEY, flags " number " NOT NULL, "               \
    "revision " number " NOT NULL, reroll " number " NOT NULL, total " number " NOT NULL, "        \
    "date " number " NOT NULL, last_seen " number " NOT NULL, seen_day " number " NOT NULL, "      \
    "rank " number " NOT NULL, total_rank " number " NOT NULL, "                                   \
    "change_id_rank " number " NOT NULL, labels_rank " number " NOT NULL, title TEXT NOT NULL, "   \
    "author TEXT NOT NULL, author_name TEXT NOT NULL, change_id TEXT NOT NULL, "                   \
    "project TEXT NOT NULL, inbox TEXT NOT NULL, subsystems TEXT NOT NULL, "                       \
    "titles TEXT NOT NULL, paths TEXT NOT NULL, claims TEXT NOT NULL)" long_rows ";"               \
    "CREATE INDEX series_seen_day ON series (seen_day);"                                           \
    "CREATE TABLE series_key (value TEXT NOT NULL, kind " number " NOT NULL, "                     \
    "date " number " NOT NULL, series TEXT NOT NULL, "                                             \
    "PRIMARY KEY (value, kind, date, series))" short_rows ";"                                      \
    "CREATE TABLE reference (message_id TEXT NOT NULL PRIMARY KEY, series TEXT NOT NULL, "         \
    "part " number " NOT NULL)" short_rows ";"                                                     \
    "CREATE INDEX reference_series ON reference (series);"                                         \
    "CREATE TABLE link (series TEXT NOT NULL PRIMARY KEY, predecessor TEXT NOT NULL, "             \
    "why TEXT NOT NULL, weight_ppm " number " NOT NULL, pinned " number " NOT NULL)" short_rows    \
    ";"                                                                                            \
    "CREATE INDEX link_predecessor ON link (predecessor);"                                         \
    "INSERT INTO series VALUES ('s1@example.org', 4, 2, 0, 3, 1000, 1000, 0, 0, 0, 2147483647, "   \
    "0, 'Boil', 'ann@example.org', 'ann', '', 'tea', 'kettle', 'kettle', 'boil', 'a/b.c', '');"    \
    "INSERT INTO series_key VALUES ('ann@example.org', 0, 1000, 's1@example.org'), "               \
    "('ann', 1, 1000, 's1@example.org'), ('boil', 3, 1000, 's1@example.org');"                     \
    "INSERT INTO reference VALUES ('s1@example.org', 's1@example.org', 0);"                        \
    "INSERT INTO link VALUES ('s1@example.org', 's0@example.org', 'same title', 900000, 0);"

/* Fails the test unless that series is there, the store is whole, and it keeps what that format
 * could not. */
void world_is_migrated(pm_store *store, pm_arena *arena);

/* Far enough in the future. */
int64_t world_soon(void);

#endif
