/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * database - one connection to a database, as little of it as the store needs. Each database is one
 * file that fills in a pm_driver; only that file knows its library.
 *
 * The statements are written once, in statements.c, in SQL that all of them accept: $1, $2, ... for
 * values, INSERT ... ON CONFLICT, no triggers, no sequences.
 */
#ifndef PM_DATABASE_H
#define PM_DATABASE_H

#include "arena.h"
#include "error.h"

typedef struct pm_value {
    bool is_number;
    int64_t number;
    pm_slice text;
} pm_value;

static inline pm_value pm_value_text(pm_slice text)
{
    return (pm_value){.text = text};
}
static inline pm_value pm_value_number(int64_t number)
{
    return (pm_value){.is_number = true, .number = number};
}

/* No row has more. */
#define PM_MOST_COLUMNS 32

/* Called for each row; numbers come as numbers, text as text that is borrowed until the call
 * returns. Anything but PM_OK ends the statement and is its answer. */
typedef pm_status (*pm_row_fn)(void *context, const pm_value *columns, size_t count);

/* Of all these, one thread at a time uses a connection. Deadlines are pm_clock_us's. */
typedef struct pm_driver {
    /* Connect, and see to it that the tables are there. PM_LATER: not now (away, locked); PM_FAULT:
     * never as it is (not a store, a newer one). Both after an error with the way out was added;
     * errors may be NULL. */
    pm_status (*connect)(const char *where, bool read_only, int64_t deadline_us, pm_errors *errors,
                         void **connection_out);
    void (*disconnect)(void *connection);

    /* Is it worth keeping? False: the server hung up, the file was replaced or is corrupt. Asked
     * before each use, so it costs little. */
    bool (*is_sound)(void *connection);

    /* Run statement number which (its text is sql; the driver may keep it prepared). PM_LATER when
     * it could not be done by the deadline or just now (locked, full, away); PM_FAULT when it never
     * can be. PM_SQL_ROLLBACK is tried past the deadline, too. row may be NULL. */
    pm_status (*run)(void *connection, unsigned which, const char *sql, const pm_value *values,
                     size_t count, int64_t deadline_us, pm_row_fn row, void *context);

    /* Why the last statement was not carried out, in one line without a password; asked right after
     * it. Borrowed until the next call. */
    pm_slice (*complaint)(void *connection);

    /* What the database wants done now and then, after callers had their answer; more of it when
     * nobody waits. */
    void (*tend)(void *connection, bool idle);

    /* NULL, or look-ups may borrow the connection that writes while it rests: the file is here, so
     * they are quick, and what was just written is in that connection's cache alone. (A server is
     * far away, and caches for all.) Until it is reclaimed it may go on showing them what it showed
     * the first one, so that not each has to lock the file. */
    bool (*lend)(void *connection); /* others have written since it was last lent, or may have */
    void (*reclaim)(void *connection);

    /* What is wrong with the database as it lies there; PM_OK when nothing is. */
    pm_status (*verify)(void *connection, pm_errors *errors);

    /* What it takes on disk, in bytes. PM_ABSENT: this database does not tell. */
    pm_status (*size)(void *connection, uint64_t *size_out);

    /* How much of that holds something, in bytes: what is left when the rest was given back.
     * PM_ABSENT: this database does not tell. */
    pm_status (*used)(void *connection, int64_t deadline_us, uint64_t *used_out);

    /* Give a piece of what was freed back to the file system, a piece small enough for others to
     * wait for. PM_OK: there may be more; PM_ABSENT: nothing is left, or the database does so by
     * itself. */
    pm_status (*shrink)(void *connection, int64_t deadline_us);
} pm_driver;

extern const pm_driver pm_sqlite_driver;
extern const pm_driver pm_postgres_driver;

#endif
