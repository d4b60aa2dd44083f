/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memory - what is remembered of a series, in the words of the domain: how two messages' words on
 * one series become one, and what form a text must have to be kept.
 *
 * Not how it is kept: store.h.
 */
#ifndef PM_MEMORY_H
#define PM_MEMORY_H

#include "arena.h"

/* pm_series, pm_claim and pm_series_key are the plugin ABI's words. */

/* What of a series is kept at the most; beyond it the first in sorted order stay. */
#define PM_SERIES_MOST_TITLES     200
#define PM_SERIES_MOST_PATHS      300
#define PM_SERIES_MOST_CLAIMS     50
#define PM_SERIES_MOST_SUBSYSTEMS 12

/* Bytes of one text. A longer one is cut; an id that is longer is none. PostgreSQL wants two of
 * them in 2,700 bytes of one index row. */
#define PM_MEMORY_LONGEST 900

/* A path that is longer is not kept to be found by its end: it stands twice in an index row. */
#define PM_MEMORY_LONGEST_PATH 800

/* The rank of what nobody has said yet. */
#define PM_NOBODY INT32_MAX

/* A series as it is kept: also whose word each thing is, as in pm_series.rank. A cover without a
 * change-id leaves that to the lowest part that has one, whoever came first. */
typedef struct pm_known {
    pm_series series;
    int32_t total_rank, change_id_rank;
    int32_t labels_rank; /* project, inbox and subsystems: one message's, never mixed */
} pm_known;

/* What one message says, as what would be known if it were the only one. */
pm_known pm_memory_known(const pm_series *said);

/* What two know of one series, as one: the word of the lower rank, the union of the lists. The
 * order and the grouping of merging do not matter, and twice is once. PM_LIMIT past the budget. */
pm_status pm_memory_merge(pm_arena *arena, const pm_known *a, const pm_known *b,
                          pm_known *merged_out);

/* Do two say the same of a series, all of it? What it supersedes aside. */
bool pm_memory_same(const pm_known *a, const pm_known *b);

/* The same project, inbox and subsystems: what letters inherit of it. */
bool pm_memory_same_labels(const pm_known *a, const pm_known *b);

/* Letters and digits in lower case, every other run one space, none at the ends: how titles and
 * names are compared. Bytes above 127 count as letters. data is NULL past the budget. */
pm_slice pm_memory_normal(pm_arena *arena, pm_slice text);

/* A copy fit for every database: UTF-8 (what is not becomes ?), without control characters, at most
 * PM_MEMORY_LONGEST bytes. data is NULL past the budget. */
pm_slice pm_memory_fit(pm_arena *arena, pm_slice text);

/* The same of a text with lines in it: their ends and tabs stay, and it may be PM_NOTE_VALUE_MOST
 * bytes long. */
pm_slice pm_memory_fit_note(pm_arena *arena, pm_slice text);

/* Can it be kept as an id: text without spaces, not empty and not too long? */
bool pm_memory_is_id(pm_slice id);

/* Sort slices and drop those that are twice; returns how many are left. */
size_t pm_memory_sort(pm_slice *slices, size_t count);

/* A list as text, one a line, and back. Line ends inside an item become spaces. data is NULL (the
 * array is NULL) past the budget. */
pm_slice pm_memory_join(pm_arena *arena, const pm_slice *slices, size_t count);
pm_status pm_memory_split(pm_arena *arena, pm_slice text, const pm_slice **slices_out,
                          size_t *count_out);

#endif
