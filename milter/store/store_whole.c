/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store_whole - what concerns all of the store: a walk through it, whether it is whole, how much it
 * is.
 *
 * Not for the time of a message; the walk and the check have connections of their own.
 */
#include "clock.h"
#include "statements.h"
#include "store_inside.h"

/* ---- A walk ---- */

#define PAGE        200
#define PAGE_MEMORY (256 << 20)

/* Where a page ended, in memory that outlives it. */
typedef struct bookmark {
    char bytes[PM_ROW_KEY][PM_MEMORY_LONGEST];
    pm_row_key key;
} bookmark;

static pm_status put_bookmark(bookmark *mark, const pm_row_key *last)
{
    for (size_t i = 0; i < PM_ROW_KEY; i++) {
        const pm_slice column = last->columns[i];

        if (column.len > sizeof(mark->bytes[i]))
            return PM_FAULT;
        if (column.len > 0)
            memcpy(mark->bytes[i], column.data, column.len);
        mark->key.columns[i] = (pm_slice){mark->bytes[i], column.len};
    }
    return PM_OK;
}

static pm_status walk_table(const pm_rows *rows, const pm_walk *walk, pm_rows_page_fn page)
{
    bookmark mark;
    pm_row_key last = {{PM_EMPTY, PM_EMPTY, PM_EMPTY}};
    size_t count = PAGE;
    pm_status status = PM_OK;

    while (status == PM_OK && count == PAGE) {
        status = put_bookmark(&mark, &last);
        if (status != PM_OK)
            break;
        pm_arena_reset(rows->arena);
        status = page(rows, walk, &mark.key, PAGE, &last, &count);
    }
    return status;
}

static pm_status walk_all(const pm_rows *rows, const pm_walk *walk)
{
    const struct {
        bool wanted;
        pm_rows_page_fn page;
    } tables[] = {
        {walk->series != NULL, pm_rows_page_series},
        {walk->reference != NULL, pm_rows_page_references},
        {walk->link != NULL, pm_rows_page_links},
        {walk->note != NULL, pm_rows_page_notes},
        {walk->path != NULL, pm_rows_page_paths},
    };
    pm_status status = PM_OK;

    for (size_t i = 0; status == PM_OK && i < sizeof(tables) / sizeof(tables[0]); i++)
        if (tables[i].wanted)
            status = walk_table(rows, walk, tables[i].page);
    return status;
}

/* On a connection of its own: it takes long, and look-ups have none to spare. */
pm_status pm_store_walk(pm_store *store, const pm_walk *walk, int64_t deadline_us)
{
    pm_rows rows = {.driver = store->driver, .deadline_us = deadline_us};
    pm_status status =
        store->driver->connect(store->where, store->read_only, deadline_us, NULL, &rows.connection);

    if (status != PM_OK)
        return status;
    rows.arena = pm_arena_new(PAGE_MEMORY);
    status = rows.arena == NULL ? PM_LIMIT : walk_all(&rows, walk);
    pm_arena_free(rows.arena);
    store->driver->disconnect(rows.connection);
    return status;
}

/* ---- Is it whole? ---- */

#define LOST_MOST 20

/* What points to nothing, or is not found. */
static bool verify_rows(const pm_rows *rows, pm_errors *errors)
{
    static const struct {
        unsigned which;
        const char *problem;
    } questions[] = {
        {PM_SQL_LOST_REFERENCES, "this message's series is not there"},
        {PM_SQL_LOST_KEYS, "this series has a key, but is not there"},
        {PM_SQL_MISSING_KEYS, "this series cannot be found by its author"},
        {PM_SQL_EMPTY_NOTES, "this note of a plugin says nothing"},
        {PM_SQL_MISPLACED_PATHS, "this path cannot be found by its last component"},
    };
    bool whole = true;

    for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
        pm_slice ids[LOST_MOST];
        size_t count = 0;

        if (pm_rows_lost(rows, questions[i].which, LOST_MOST, ids, &count) != PM_OK) {
            pm_error_at(errors, NULL, 0, 0, "the store could not be read to its end");
            return false;
        }
        for (size_t j = 0; j < count; j++)
            pm_error_at(errors, NULL, 0, 0, "<%.*s>: %s (export, then import into a new store)",
                        PM_FMT(ids[j]), questions[i].problem);
        whole = whole && count == 0;
    }
    return whole;
}

bool pm_store_verify(pm_store *store, pm_errors *errors)
{
    pm_rows rows = {.driver = store->driver, .deadline_us = INT64_MAX};
    bool whole;

    if (store->driver->connect(store->where, store->read_only, pm_clock_us() + PM_STORE_OPEN_US,
                               errors, &rows.connection) != PM_OK)
        return false;
    rows.arena = pm_arena_new(PAGE_MEMORY);
    whole = rows.arena != NULL && store->driver->verify(rows.connection, errors) == PM_OK &&
            verify_rows(&rows, errors);
    pm_arena_free(rows.arena);
    store->driver->disconnect(rows.connection);
    return whole;
}

/* ---- How much it is ---- */

static pm_status ask_count(const pm_rows *rows, void *context)
{
    uint64_t *counts = context;

    return pm_rows_count(rows, &counts[0], &counts[1]);
}

/* Each series that follows none begins a chain. */
pm_status pm_store_count(pm_store *store, int64_t deadline_us, uint64_t *series_out,
                         uint64_t *chains_out)
{
    uint64_t counts[2] = {0, 0};
    pm_arena *arena = pm_arena_new(4096);
    pm_status status =
        arena == NULL ? PM_LIMIT : pm_store_ask(store, arena, deadline_us, ask_count, counts);

    pm_arena_free(arena);
    *series_out = counts[0];
    *chains_out = counts[0] - (counts[1] < counts[0] ? counts[1] : counts[0]);
    return status;
}

static pm_status ask_size(const pm_rows *rows, void *context)
{
    return rows->driver->size(rows->connection, context);
}

pm_status pm_store_size(pm_store *store, int64_t deadline_us, uint64_t *size_out)
{
    return pm_store_ask(store, NULL, deadline_us, ask_size, size_out);
}

static pm_status ask_used(const pm_rows *rows, void *context)
{
    return rows->driver->used(rows->connection, rows->deadline_us, context);
}

pm_status pm_store_used(pm_store *store, int64_t deadline_us, uint64_t *used_out)
{
    return pm_store_ask(store, NULL, deadline_us, ask_used, used_out);
}

static pm_status ask_shrink(const pm_rows *rows, void *context)
{
    (void)context;
    return rows->driver->shrink(rows->connection, rows->deadline_us);
}

pm_status pm_store_shrink(pm_store *store, int64_t deadline_us)
{
    pm_rows rows = {.driver = store->driver, .deadline_us = deadline_us};

    return pm_store_ask_pool(store, &rows, ask_shrink, NULL); /* no look-up, and it takes a while */
}
