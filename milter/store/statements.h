/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * statements - the tables and every statement of the store, once for all databases.
 *
 * series       what is known of a series
 * series_key   where to find one: by author, change-id, title
 * reference    which series a Message-ID belongs to
 * link         which series supersedes which
 * note         what a plugin remembers under a key of its own, until it expires
 * seen_path    paths that letters have written out, by their last component
 *
 * seen_day is last_seen in days: an index on what changes with every reply would be written with
 * every reply. So is month of a path, in months of 30 days.
 *
 * Every table has its distribution key first in its primary key, so that a database of several
 * nodes answers each statement of a message from one of them.
 */
#ifndef PM_STATEMENTS_H
#define PM_STATEMENTS_H

#include <stdbool.h>

enum pm_statement_id {
    PM_SQL_BEGIN,
    PM_SQL_COMMIT,
    PM_SQL_ROLLBACK,
    PM_SQL_GET_REFERENCE,
    PM_SQL_PUT_REFERENCE,
    PM_SQL_GET_SERIES,  /* with what it supersedes, as all that find series */
    PM_SQL_HOLD_SERIES, /* and keep others from changing it until the transaction ends */
    PM_SQL_ADD_SERIES,  /* one row, the id, when it was not there yet; none when it was */
    PM_SQL_SET_SERIES,
    PM_SQL_SEE_SERIES, /* last_seen alone; makes a row that nobody has the word of yet */
    PM_SQL_FIND_SERIES,
    PM_SQL_FIND_IDS, /* the same without what is known of them */
    PM_SQL_PUT_KEY,
    PM_SQL_DROP_KEY,
    PM_SQL_GET_LINK,
    PM_SQL_PUT_LINK,
    PM_SQL_FIND_FOLLOWERS,
    PM_SQL_MOVE_REFERENCES, /* of a series that has joined another one */
    PM_SQL_MOVE_FOLLOWERS,
    PM_SQL_GET_MESSAGES,
    PM_SQL_FIND_NEWEST,
    PM_SQL_GET_COUNTS,
    PM_SQL_OLD_SERIES,
    PM_SQL_DROP_SERIES,
    PM_SQL_DROP_REFERENCES,
    PM_SQL_DROP_LINK,
    PM_SQL_GET_NOTE,
    PM_SQL_PUT_NOTE,
    PM_SQL_DROP_NOTE, /* unless it has been noted anew since */
    PM_SQL_OLD_NOTES,
    PM_SQL_EXCESS_NOTES,
    PM_SQL_FIND_PATHS,
    PM_SQL_PUT_1_PATH,
    PM_SQL_PUT_2_PATHS,
    PM_SQL_PUT_4_PATHS,
    PM_SQL_PUT_8_PATHS,
    PM_SQL_OLD_PATHS,
    PM_SQL_DROP_PATH,
    PM_SQL_NEXT_SERIES,
    PM_SQL_NEXT_REFERENCES,
    PM_SQL_NEXT_LINKS,
    PM_SQL_NEXT_NOTES,
    PM_SQL_NEXT_PATHS,
    PM_SQL_LOST_REFERENCES,
    PM_SQL_LOST_KEYS,
    PM_SQL_MISSING_KEYS,
    PM_SQL_EMPTY_NOTES,
    PM_SQL_MISPLACED_PATHS,
    PM_SQL_COUNT
};

/* In the order of pm_statement_id. */
extern const char *const pm_statements[PM_SQL_COUNT];

/* Those of which SQLite makes more when they are put otherwise; the others are NULL. $2 may be
 * left out. */
extern const char *const pm_sqlite_statements[PM_SQL_COUNT];

/* The end of a statement that reads rows and locks them; a database that has one writer at a time
 * does without. */
#define PM_SQL_LOCKS " FOR UPDATE"

/* One statement that makes a part of the tables. small: rows of that table are short, and best lie
 * in the tree of their primary key. */
typedef struct pm_making {
    const char *sql; /* NULL ends a step */
    bool is_table, small;
} pm_making;

/* Step n brings a store from format n to n + 1; format 0 is an empty one. Each may be done twice.
 * The last format is the one this program knows. */
#define PM_STORE_FORMAT 3
extern const pm_making *const pm_store_steps[PM_STORE_FORMAT];

#endif
