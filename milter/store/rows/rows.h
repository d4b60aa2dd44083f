/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rows - all that the store remembers as rows of the database, read and written on one connection.
 *
 * Knows the columns; knows no database and no threads. What writes is called inside a transaction.
 * Each table has a file of its own in this folder; one message's word is written in
 * rows_remember.c, and series go in rows_forget.c.
 */
#ifndef PM_ROWS_H
#define PM_ROWS_H

#include "database.h"
#include "lookup_cache.h"
#include "path_cache.h"
#include "store.h"

typedef struct pm_rows {
    const pm_driver *driver;
    void *connection; /* NULL: what is not in found is PM_LATER */
    pm_arena *arena;  /* where results go */
    int64_t deadline_us;
    pm_lookup_cache *found;   /* who looks up may have one: what it finds is kept there */
    uint64_t found_age;       /* when it began to */
    pm_lookup_cache *changed; /* who writes may have one: what it changes is noted there */
    pm_path_cache *paths;     /* who writes has one; else NULL */
} pm_rows;

/* ---- Looking up ---- */

pm_status pm_rows_reference(const pm_rows *rows, pm_slice message_id, pm_slice *series_out,
                            int *part_out);

/* With what it supersedes, and whose word each thing is. */
pm_status pm_rows_known(const pm_rows *rows, pm_slice id, pm_known *known_out);

/* PM_ABSENT also for a series of which only replies have been seen. */
pm_status pm_rows_series(const pm_rows *rows, pm_slice id, pm_series *series_out);

/* Which series one supersedes; empty when there is no link. */
pm_status pm_rows_predecessor(const pm_rows *rows, pm_slice id, pm_slice *predecessor_out);

/* Newest first. */
pm_status pm_rows_find(const pm_rows *rows, pm_series_key key, pm_slice value, unsigned limit,
                       pm_series **series_out, size_t *count_out);

/* Seen last, newest first, behind the one with this last_seen and id. */
pm_status pm_rows_newest(const pm_rows *rows, int64_t last_seen, pm_slice id, unsigned limit,
                         pm_series **series_out, size_t *count_out);

pm_status pm_rows_messages(const pm_rows *rows, pm_slice series, pm_store_message **messages_out,
                           size_t *count_out);

/* How many series there are, and how many of them supersede another one. */
pm_status pm_rows_count(const pm_rows *rows, uint64_t *series_out, uint64_t *followers_out);

/* What a plugin has noted, if it has not expired by now (seconds since 1970). */
pm_status pm_rows_noted(const pm_rows *rows, pm_slice plugin, pm_slice key, int64_t now,
                        pm_slice *value_out);

/* Paths of a project that end in "/tail"; at most PM_STORE_PATHS_MOST of them. */
pm_status pm_rows_paths(const pm_rows *rows, pm_slice project, pm_slice tail, pm_slice **paths_out,
                        size_t *count_out);

/* ---- Writing ---- */

pm_status pm_rows_remember(const pm_rows *rows, const pm_memo *memo);
pm_status pm_rows_put_link(const pm_rows *rows, const pm_link *link);

/* The same where a person had decided. An empty predecessor leaves nothing there. */
pm_status pm_rows_unpin(const pm_rows *rows, const pm_link *link);

pm_status pm_rows_put_notes(const pm_rows *rows, const pm_note *notes, size_t count);

/* What these notes' plugins have beyond what they may, what expires first, goes. */
pm_status pm_rows_trim_notes(const pm_rows *rows, const pm_note *notes, size_t count);

pm_status pm_rows_see_paths(const pm_rows *rows, const pm_paths_seen *seen);

/* Forget at most most paths or notes; see pm_forgetting. */
pm_status pm_rows_forget_paths(const pm_rows *rows, int64_t before, unsigned most,
                               uint64_t *gone_out);
pm_status pm_rows_forget_notes(const pm_rows *rows, int64_t now, unsigned most, uint64_t *gone_out);

/* Forget at most most series last seen before then, with all that points to them. */
pm_status pm_rows_forget(const pm_rows *rows, int64_t before, unsigned most, uint64_t *gone_out);

/* One statement without values: BEGIN and its kind. */
pm_status pm_rows_run(const pm_rows *rows, unsigned which);

/* ---- All of it ---- */

/* Where a page of a table ends: the columns of its primary key. */
#define PM_ROW_KEY 3
typedef struct pm_row_key {
    pm_slice columns[PM_ROW_KEY];
} pm_row_key;

/* The next rows of a table behind a key, at most most of them, handed to walk; the key of the last
 * is in *last_out, and how many there were in *count_out. */
typedef pm_status (*pm_rows_page_fn)(const pm_rows *rows, const pm_walk *walk,
                                     const pm_row_key *after, unsigned most, pm_row_key *last_out,
                                     size_t *count_out);
pm_status pm_rows_page_series(const pm_rows *rows, const pm_walk *walk, const pm_row_key *after,
                              unsigned most, pm_row_key *last_out, size_t *count_out);
pm_status pm_rows_page_references(const pm_rows *rows, const pm_walk *walk, const pm_row_key *after,
                                  unsigned most, pm_row_key *last_out, size_t *count_out);
pm_status pm_rows_page_links(const pm_rows *rows, const pm_walk *walk, const pm_row_key *after,
                             unsigned most, pm_row_key *last_out, size_t *count_out);
pm_status pm_rows_page_notes(const pm_rows *rows, const pm_walk *walk, const pm_row_key *after,
                             unsigned most, pm_row_key *last_out, size_t *count_out);
pm_status pm_rows_page_paths(const pm_rows *rows, const pm_walk *walk, const pm_row_key *after,
                             unsigned most, pm_row_key *last_out, size_t *count_out);

/* The ids a question of verification finds (PM_SQL_LOST_REFERENCES and its kind). */
pm_status pm_rows_lost(const pm_rows *rows, unsigned which, unsigned most, pm_slice *ids_out,
                       size_t *count_out);

#endif
