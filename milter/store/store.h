/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store - the memory of series: what arrived, what it belonged to, and which revision followed
 * which.
 *
 * One interface in the words of the domain, whatever database lies below. A store that is slow,
 * locked, full, corrupt or away costs marks, never mail: every call takes a deadline, and its
 * answer then is PM_LATER.
 *
 * Beside that: what plugins note for themselves, until it expires, and which paths letters have
 * written out.
 *
 * Not a mail archive: no text is kept, only what is needed to recognise a series again. How it is
 * laid out, and what one message costs: store.md.
 */
#ifndef PM_STORE_H
#define PM_STORE_H

#include "error.h"
#include "memory.h"
#include "turn.h"

typedef struct pm_store pm_store; /* many threads at once */

/* where: a file, or "sqlite:FILE" (created with mode 0640 when missing); "postgresql://..." or
 * "postgres:CONNINFO" as libpq has them. read_only: look-ups alone, and nothing is created; what
 * would be written is not (PM_ABSENT). A store of an older format is migrated; a newer one is
 * refused. NULL after an error with the way out was added. A store that is only away or locked just
 * now opens with a warning, unless read_only: calls answer PM_LATER until it is back. */
pm_store *pm_store_open(const char *where, bool read_only, pm_errors *errors)
    __attribute__((warn_unused_result));

/* Writes what is still queued, for five seconds at the most. NULL is allowed. */
void pm_store_close(pm_store *store);

/* Whose turn it is among the letters that this process examines with it. */
pm_turns *pm_store_turns(pm_store *store);

/* Paths that letters have written out, so that later ones may cut them short. */
typedef struct pm_paths_seen {
    pm_slice project; /* whose paths they are; may be empty */
    const pm_slice *paths;
    size_t count;
    int64_t seen; /* when; seconds since 1970, kept in months */
} pm_paths_seen;

/* What one message says: where it belongs, and what it says of its series; the store merges it with
 * what others have said, whatever their order. Borrowed until the call returns. */
typedef struct pm_memo {
    pm_slice message_id;   /* empty: only the series is written (an import) */
    int part;              /* -1: none */
    pm_slice author;       /* who wrote the message: an address; empty: not said */
    bool answers;          /* a reply: of the series only id and last_seen count */
    pm_series series;      /* supersedes is not written here: see pm_store_link */
    pm_paths_seen paths;   /* that it writes out */
    const pm_slice *joins; /* series that turn out to be this one: what is known of them goes into
                            * it, and their ids are forgotten. One whose root is known stays. */
    size_t join_count;
} pm_memo;

/* Write it. A message that was taken for a root before it came, and is none, joins its series to
 * the one it belongs to. PM_OK: it survives the end of the process (it was written together with
 * what other threads wrote at that moment). PM_LATER at the deadline (pm_clock_us), or at once
 * while the store is away: it is kept and written when the store is back, if that is soon.
 * PM_FAULT: an id in it is none (empty, with spaces, longer than PM_MEMORY_LONGEST). Twice is once.
 */
pm_status pm_store_remember(pm_store *store, const pm_memo *memo, int64_t deadline_us)
    __attribute__((warn_unused_result));

/* A series supersedes another one. predecessor empty: none. pinned: a person says so; what is not
 * pinned never replaces what is. */
typedef struct pm_link {
    pm_slice series, predecessor, why;
    double weight;
    bool pinned;
} pm_link;

pm_status pm_store_link(pm_store *store, const pm_link *link, int64_t deadline_us)
    __attribute__((warn_unused_result));

/* Evidence decides again, also where a person has: the link, which is not pinned, holds until there
 * is another one; predecessor empty: nothing is known until then. */
pm_status pm_store_unpin(pm_store *store, const pm_link *link, int64_t deadline_us)
    __attribute__((warn_unused_result));

/* What a plugin remembers for itself. Texts are made fit as others are; those beyond the limits of
 * plugin.h are PM_FAULT. */
typedef struct pm_note {
    pm_slice plugin, key, value; /* an empty value forgets */
    int64_t expires;             /* seconds since 1970: it is not known from then on */
} pm_note;

/* In one order. A plugin has about PM_NOTES_MOST at the most: those that expire first go. */
pm_status pm_store_note(pm_store *store, const pm_note *notes, size_t count, int64_t deadline_us)
    __attribute__((warn_unused_result));

/* now: seconds since 1970. PM_ABSENT: not noted, or expired. The result is in the arena. */
pm_status pm_store_noted(pm_store *store, pm_arena *arena, pm_slice plugin, pm_slice key,
                         int64_t now, int64_t deadline_us, pm_slice *value_out);

/* As pm_memo.paths, of no message. */
pm_status pm_store_see_paths(pm_store *store, const pm_paths_seen *seen, int64_t deadline_us)
    __attribute__((warn_unused_result));

#define PM_STORE_PATHS_MOST 64

/* The paths of a project that end in "/tail", sorted, at most PM_STORE_PATHS_MOST of them. */
pm_status pm_store_paths(pm_store *store, pm_arena *arena, pm_slice project, pm_slice tail,
                         int64_t deadline_us, pm_slice **paths_out, size_t *count_out);

/* The series a Message-ID belongs to. Results are in the arena. PM_ABSENT: not known. part_out may
 * be NULL. */
pm_status pm_store_reference(pm_store *store, pm_arena *arena, pm_slice message_id,
                             int64_t deadline_us, pm_slice *series_out, int *part_out);

pm_status pm_store_series(pm_store *store, pm_arena *arena, pm_slice id, int64_t deadline_us,
                          pm_series *series_out);

/* The same with whose word each thing is, and also when only replies have come: its rank is
 * PM_NOBODY then. */
pm_status pm_store_known(pm_store *store, pm_arena *arena, pm_slice id, int64_t deadline_us,
                         pm_known *known_out);

#define PM_STORE_FIND_MOST 100

/* The series under a key, newest first, at most limit of them (PM_STORE_FIND_MOST at the most).
 * PM_OK with none is possible. */
pm_status pm_store_find(pm_store *store, pm_arena *arena, pm_series_key key, pm_slice value,
                        unsigned limit, int64_t deadline_us, pm_series **series_out,
                        size_t *count_out);

/* The oldest revision known of a series' chain: itself when it supersedes nothing. */
pm_status pm_store_chain(pm_store *store, pm_arena *arena, pm_slice id, int64_t deadline_us,
                         pm_slice *chain_out);

/* A message that is remembered of a series. */
typedef struct pm_store_message {
    pm_slice message_id;
    int part;        /* -1: a reply */
    pm_slice author; /* an address; empty: not known */
} pm_store_message;

/* All of a series' messages: replies, then parts from 0, each in the order of their ids. */
pm_status pm_store_messages(pm_store *store, pm_arena *arena, pm_slice series, int64_t deadline_us,
                            pm_store_message **messages_out, size_t *count_out);

/* The series that were seen last, newest first, at most limit of them (PM_STORE_FIND_MOST at the
 * most). behind is the last one of the answer before; NULL: from the newest on. */
pm_status pm_store_newest(pm_store *store, pm_arena *arena, const pm_series *behind, unsigned limit,
                          int64_t deadline_us, pm_series **series_out, size_t *count_out);

/* How many series are remembered, in how many chains. */
pm_status pm_store_count(pm_store *store, int64_t deadline_us, uint64_t *series_out,
                         uint64_t *chains_out);

/* Forget series whose last mail is older than before (seconds since 1970), those seen longest ago
 * first, at most most of them, in small steps between which others write; how many went is in
 * *gone_out, also when the deadline ends it. */
pm_status pm_store_forget(pm_store *store, int64_t before, unsigned most, int64_t deadline_us,
                          uint64_t *gone_out);

/* The same of paths that were last seen in a month that was over before then, and of notes that
 * have expired by now. */
pm_status pm_store_forget_paths(pm_store *store, int64_t before, unsigned most, int64_t deadline_us,
                                uint64_t *gone_out);
pm_status pm_store_forget_notes(pm_store *store, int64_t now, unsigned most, int64_t deadline_us,
                                uint64_t *gone_out);

/* Is it whole: the database, and what points from one row to another? False after errors were
 * added. Reads everything. */
bool pm_store_verify(pm_store *store, pm_errors *errors);

/* What is called for each thing remembered; a NULL one is left out, anything but PM_OK ends the
 * walk. What they are given is borrowed until they return; supersedes is not filled in. */
typedef struct pm_walk {
    void *context;
    pm_status (*series)(void *context, const pm_series *series);
    pm_status (*reference)(void *context, const pm_store_message *message, pm_slice series);
    pm_status (*link)(void *context, const pm_link *link);
    pm_status (*note)(void *context, const pm_note *note);
    pm_status (*path)(void *context, pm_slice project, pm_slice path, int64_t seen);
} pm_walk;

/* All series, then all references, links, notes (also those that have expired) and paths, each in
 * the order of their ids. Others may write meanwhile. What is written back with pm_store_remember
 * (a reference: as what answers), pm_store_link, pm_store_note and pm_store_see_paths makes the
 * same memory. */
pm_status pm_store_walk(pm_store *store, const pm_walk *walk, int64_t deadline_us);

/* What it takes on disk, in bytes. PM_ABSENT: the database does not tell. */
pm_status pm_store_size(pm_store *store, int64_t deadline_us, uint64_t *size_out);

/* How much of that holds something: what is left once pm_store_shrink has done its work. PM_ABSENT:
 * the database does not tell. */
pm_status pm_store_used(pm_store *store, int64_t deadline_us, uint64_t *used_out);

/* Give a piece of what forgetting has freed back to the file system. PM_OK: there may be more;
 * PM_ABSENT: nothing is left, or the database sees to that itself. */
pm_status pm_store_shrink(pm_store *store, int64_t deadline_us);

#define PM_STORE_REASON 160 /* bytes, with the NUL behind it */

/* How it is, for metrics and whoever looks after it. */
typedef struct pm_store_state {
    bool away;                    /* the last attempts to write failed */
    char reason[PM_STORE_REASON]; /* of the last one that failed, as the database says it; may be
                                     cut; empty when the last one succeeded */
    unsigned queued;              /* what waits to be written */
    uint64_t committed;           /* orders written since the store was opened */
    uint64_t commits;             /* in so many transactions */
    uint64_t dropped; /* orders given up: too many waited, or they could never be written */
    uint64_t late;    /* look-ups that got no answer in time */
} pm_store_state;

void pm_store_get_state(pm_store *store, pm_store_state *state_out);

#endif
