/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store - look-ups on pooled connections; what is written goes through writer.c.
 *
 * See store.h.
 */
#include "store.h"

#include "clock.h"
#include "database.h"
#include "lookup_cache.h"
#include "pool.h"
#include "rows.h"
#include "statements.h"
#include "writer.h"

#include <stdatomic.h>
#include <stdlib.h>

#define OPEN_TIME_US 5000000
#define FOUND_MEMORY (16 << 20) /* of series that were looked up a while ago */

struct pm_store {
    const pm_driver *driver;
    char *where;
    bool read_only;
    pm_writer *writer;      /* NULL when read_only */
    pm_lookup_cache *found; /* NULL when what others write is not found out in time */
    pm_pool *pool;
    pm_turns *turns;
    atomic_uint_least64_t late;
    atomic_uint notes; /* orders of them */
};

/* ---- Its life ---- */

/* A bare file is SQLite's. A URL is libpq's as it stands. */
static const pm_driver *driver_for(const char **where)
{
    static const struct {
        const char *prefix;
        const pm_driver *driver;
        bool is_url;
    } all[] = {
        {"postgresql://", &pm_postgres_driver, true},
        {"postgres://", &pm_postgres_driver, true},
        {"postgres:", &pm_postgres_driver, false},
        {"sqlite:", &pm_sqlite_driver, false},
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        size_t len = strlen(all[i].prefix);

        if (strncmp(*where, all[i].prefix, len) != 0)
            continue;
        if (!all[i].is_url)
            *where += len;
        return all[i].driver;
    }
    return &pm_sqlite_driver;
}

/* The first connection of its kind. False when it cannot be opened; a store that is only away is
 * open, if that may be. */
static bool connect_first(const pm_store *store, bool may_be_away, pm_errors *errors,
                          void **connection_out)
{
    pm_errors *found = pm_errors_new();
    pm_status status = store->driver->connect(store->where, store->read_only,
                                              pm_clock_us() + OPEN_TIME_US, found, connection_out);
    const char *said = pm_errors_nth(found, 0);

    if (status != PM_OK)
        *connection_out = NULL;
    if (status == PM_LATER && may_be_away)
        pm_warning_at(errors, NULL, 0, 0, "%s; marks that need the store are left out until then",
                      said == NULL ? "the store is away" : said);
    else if (status != PM_OK)
        pm_error_at(errors, NULL, 0, 0, "%s", said == NULL ? "the store cannot be opened" : said);
    pm_errors_free(found);
    return status == PM_OK || (status == PM_LATER && may_be_away);
}

static bool start_writer(pm_store *store, void *connection)
{
    if (store->driver->lend != NULL)
        store->found = pm_lookup_cache_new(FOUND_MEMORY);
    store->writer = pm_writer_start(store->driver, store->where, connection, store->found);
    if (store->writer == NULL && connection != NULL)
        store->driver->disconnect(connection);
    return store->writer != NULL;
}

static bool start_pool(pm_store *store, void *connection)
{
    store->pool = pm_pool_start(store->driver, store->where, store->read_only, connection);
    if (store->pool == NULL && connection != NULL)
        store->driver->disconnect(connection);
    return store->pool != NULL;
}

/* The writer connects first: it makes the tables that look-ups expect. */
static bool start(pm_store *store, pm_errors *errors)
{
    void *connection = NULL;
    bool away = false;

    if (!store->read_only) {
        if (!connect_first(store, true, errors, &connection))
            return false;
        away = connection == NULL;
        if (!start_writer(store, connection))
            return false;
        connection = NULL;
    }
    if (!away && !connect_first(store, !store->read_only, errors, &connection))
        return false;
    return start_pool(store, connection);
}

pm_store *pm_store_open(const char *where, bool read_only, pm_errors *errors)
{
    pm_store *store = calloc(1, sizeof(*store));

    if (store == NULL)
        return NULL;
    store->driver = driver_for(&where);
    store->where = strdup(where);
    store->read_only = read_only;
    store->turns = pm_turns_new();
    if (store->where != NULL && store->turns != NULL && start(store, errors))
        return store;
    pm_store_close(store);
    return NULL;
}

void pm_store_close(pm_store *store)
{
    if (store == NULL)
        return;
    pm_writer_stop(store->writer);
    pm_pool_stop(store->pool);
    pm_turns_free(store->turns);
    pm_lookup_cache_free(store->found);
    free(store->where);
    free(store);
}

pm_turns *pm_store_turns(pm_store *store)
{
    return store->turns;
}

/* ---- Writing ---- */

pm_status pm_store_remember(pm_store *store, const pm_memo *memo, int64_t deadline_us)
{
    if (store->writer == NULL)
        return PM_ABSENT;
    return pm_writer_do(store->writer, &(pm_order){.memo = memo}, deadline_us, NULL);
}

pm_status pm_store_link(pm_store *store, const pm_link *link, int64_t deadline_us)
{
    if (store->writer == NULL)
        return PM_ABSENT;
    return pm_writer_do(store->writer, &(pm_order){.link = link}, deadline_us, NULL);
}

pm_status pm_store_unpin(pm_store *store, const pm_link *link, int64_t deadline_us)
{
    if (store->writer == NULL)
        return PM_ABSENT;
    return pm_writer_do(store->writer, &(pm_order){.unpin = link}, deadline_us, NULL);
}

#define TRIM_EVERY 64 /* orders: how many notes a plugin has is not counted each time */

pm_status pm_store_note(pm_store *store, const pm_note *notes, size_t count, int64_t deadline_us)
{
    pm_order order = {.notes = notes, .note_count = count};

    if (store->writer == NULL)
        return PM_ABSENT;
    if (count == 0)
        return PM_OK;
    order.trims =
        atomic_fetch_add_explicit(&store->notes, 1, memory_order_relaxed) % TRIM_EVERY == 0;
    return pm_writer_do(store->writer, &order, deadline_us, NULL);
}

pm_status pm_store_see_paths(pm_store *store, const pm_paths_seen *seen, int64_t deadline_us)
{
    if (store->writer == NULL)
        return PM_ABSENT;
    return pm_writer_do(store->writer, &(pm_order){.paths = seen}, deadline_us, NULL);
}

#define FORGET_A_STEP 100

static pm_status forget(pm_store *store, pm_order step, unsigned most, int64_t deadline_us,
                        uint64_t *gone_out)
{
    pm_status status = PM_OK;
    uint64_t gone = 1;

    *gone_out = 0;
    if (store->writer == NULL)
        return PM_FAULT;
    while (status == PM_OK && gone > 0 && *gone_out < most) {
        uint64_t left = most - *gone_out;

        step.forget_most = left < FORGET_A_STEP ? (unsigned)left : FORGET_A_STEP;
        status = pm_writer_do(store->writer, &step, deadline_us, &gone);
        *gone_out += gone;
    }
    return status;
}

pm_status pm_store_forget(pm_store *store, int64_t before, unsigned most, int64_t deadline_us,
                          uint64_t *gone_out)
{
    const pm_order step = {.forgetting = PM_FORGET_SERIES, .forget_before = before};

    return forget(store, step, most, deadline_us, gone_out);
}

pm_status pm_store_forget_paths(pm_store *store, int64_t before, unsigned most, int64_t deadline_us,
                                uint64_t *gone_out)
{
    const pm_order step = {.forgetting = PM_FORGET_PATHS, .forget_before = before};

    return forget(store, step, most, deadline_us, gone_out);
}

pm_status pm_store_forget_notes(pm_store *store, int64_t now, unsigned most, int64_t deadline_us,
                                uint64_t *gone_out)
{
    const pm_order step = {.forgetting = PM_FORGET_NOTES, .forget_before = now};

    return forget(store, step, most, deadline_us, gone_out);
}

/* ---- Looking up ---- */

typedef pm_status (*question)(const pm_rows *rows, void *context);

/* Ask on the connection that writes, if it rests. False: it does not, or it did not answer. */
static bool ask_writer(pm_store *store, pm_rows *rows, question asked, void *context,
                       pm_status *status_out)
{
    if (store->writer == NULL)
        return false;
    rows->connection = pm_writer_borrow(store->writer);
    if (rows->connection == NULL)
        return false;
    *status_out = asked(rows, context);
    pm_writer_give_back(store->writer);
    return *status_out != PM_LATER;
}

/* Ask on a connection of the pool; on another one when this one turns out to be dead, as all are
 * that knew a server before it was started again. */
static pm_status ask_pool(pm_store *store, pm_rows *rows, question asked, void *context)
{
    pm_status status = PM_LATER;
    bool dead = true;

    for (unsigned tries = 0; dead && tries <= PM_POOL_SIZE; tries++) {
        rows->connection = pm_pool_take(store->pool, rows->deadline_us);
        if (rows->connection == NULL)
            break;
        status = asked(rows, context);
        dead = status == PM_LATER && !store->driver->is_sound(rows->connection);
        pm_pool_give_back(store->pool, rows->connection);
    }
    if (status == PM_LATER)
        atomic_fetch_add_explicit(&store->late, 1, memory_order_relaxed);
    return status;
}

static pm_status ask(pm_store *store, pm_arena *arena, int64_t deadline_us, question asked,
                     void *context)
{
    pm_rows rows = {.driver = store->driver,
                    .arena = arena,
                    .deadline_us = deadline_us,
                    .found = store->found,
                    .found_age = pm_lookup_cache_age(store->found)};
    pm_status status;

    return ask_writer(store, &rows, asked, context, &status)
               ? status
               : ask_pool(store, &rows, asked, context);
}

/* The same for what may have been found a while ago. */
static pm_status ask_again(pm_store *store, pm_arena *arena, int64_t deadline_us, question asked,
                           void *context)
{
    const pm_rows rows = {.arena = arena, .found = store->found};

    return store->found != NULL && asked(&rows, context) == PM_OK
               ? PM_OK
               : ask(store, arena, deadline_us, asked, context);
}

typedef struct reference_question {
    pm_slice message_id, *series_out;
    int *part_out;
} reference_question;

static pm_status ask_reference(const pm_rows *rows, void *context)
{
    const reference_question *asked = context;
    return pm_rows_reference(rows, asked->message_id, asked->series_out, asked->part_out);
}

pm_status pm_store_reference(pm_store *store, pm_arena *arena, pm_slice message_id,
                             int64_t deadline_us, pm_slice *series_out, int *part_out)
{
    reference_question asked = {message_id, series_out, part_out};

    if (!pm_memory_is_id(message_id))
        return PM_ABSENT;
    return ask_again(store, arena, deadline_us, ask_reference, &asked);
}

typedef struct series_question {
    pm_slice id;
    pm_series *series_out;
} series_question;

static pm_status ask_series(const pm_rows *rows, void *context)
{
    const series_question *asked = context;
    return pm_rows_series(rows, asked->id, asked->series_out);
}

pm_status pm_store_series(pm_store *store, pm_arena *arena, pm_slice id, int64_t deadline_us,
                          pm_series *series_out)
{
    series_question asked = {id, series_out};

    if (!pm_memory_is_id(id))
        return PM_ABSENT;
    return ask_again(store, arena, deadline_us, ask_series, &asked);
}

typedef struct known_question {
    pm_slice id;
    pm_known *known_out;
} known_question;

static pm_status ask_known(const pm_rows *rows, void *context)
{
    const known_question *asked = context;
    return pm_rows_known(rows, asked->id, asked->known_out);
}

pm_status pm_store_known(pm_store *store, pm_arena *arena, pm_slice id, int64_t deadline_us,
                         pm_known *known_out)
{
    known_question asked = {id, known_out};

    if (!pm_memory_is_id(id))
        return PM_ABSENT;
    return ask_again(store, arena, deadline_us, ask_known, &asked);
}

typedef struct find_question {
    pm_series_key key;
    pm_slice value;
    unsigned limit;
    pm_series *found;
    size_t count;
} find_question;

static pm_status ask_find(const pm_rows *rows, void *context)
{
    find_question *asked = context;
    return pm_rows_find(rows, asked->key, asked->value, asked->limit, &asked->found, &asked->count);
}

pm_status pm_store_find(pm_store *store, pm_arena *arena, pm_series_key key, pm_slice value,
                        unsigned limit, int64_t deadline_us, pm_series **series_out,
                        size_t *count_out)
{
    find_question asked = {.key = key, .value = pm_memory_fit(arena, value), .limit = limit};
    pm_status status;

    if (asked.value.data == NULL)
        return PM_LIMIT;
    if (limit > PM_STORE_FIND_MOST)
        asked.limit = PM_STORE_FIND_MOST;
    status = ask(store, arena, deadline_us, ask_find, &asked);
    if (status == PM_OK) {
        *series_out = asked.found;
        *count_out = asked.count;
    }
    return status;
}

typedef struct newest_question {
    const pm_series *behind;
    unsigned limit;
    pm_series *found;
    size_t count;
} newest_question;

static pm_status ask_newest(const pm_rows *rows, void *context)
{
    newest_question *asked = context;

    return pm_rows_newest(rows, asked->behind->last_seen, asked->behind->id, asked->limit,
                          &asked->found, &asked->count);
}

pm_status pm_store_newest(pm_store *store, pm_arena *arena, const pm_series *behind, unsigned limit,
                          int64_t deadline_us, pm_series **series_out, size_t *count_out)
{
    static const pm_series beginning = {.last_seen = INT64_MAX, .id = {"", 0}};
    newest_question asked = {.behind = behind == NULL ? &beginning : behind, .limit = limit};
    pm_status status;

    if (limit > PM_STORE_FIND_MOST)
        asked.limit = PM_STORE_FIND_MOST;
    status = ask(store, arena, deadline_us, ask_newest, &asked);
    if (status == PM_OK) {
        *series_out = asked.found;
        *count_out = asked.count;
    }
    return status;
}

typedef struct messages_question {
    pm_slice series;
    pm_store_message *messages;
    size_t count;
} messages_question;

static pm_status ask_messages(const pm_rows *rows, void *context)
{
    messages_question *asked = context;

    return pm_rows_messages(rows, asked->series, &asked->messages, &asked->count);
}

pm_status pm_store_messages(pm_store *store, pm_arena *arena, pm_slice series, int64_t deadline_us,
                            pm_store_message **messages_out, size_t *count_out)
{
    messages_question asked = {.series = series};
    pm_status status = ask(store, arena, deadline_us, ask_messages, &asked);

    if (status == PM_OK) {
        *messages_out = asked.messages;
        *count_out = asked.count;
    }
    return status;
}

typedef struct note_question {
    pm_slice plugin, key;
    int64_t now;
    pm_slice *value_out;
} note_question;

static pm_status ask_noted(const pm_rows *rows, void *context)
{
    const note_question *asked = context;
    return pm_rows_noted(rows, asked->plugin, asked->key, asked->now, asked->value_out);
}

pm_status pm_store_noted(pm_store *store, pm_arena *arena, pm_slice plugin, pm_slice key,
                         int64_t now, int64_t deadline_us, pm_slice *value_out)
{
    note_question asked = {plugin, pm_memory_fit(arena, key), now, value_out};

    if (asked.key.data == NULL)
        return PM_LIMIT;
    return ask(store, arena, deadline_us, ask_noted, &asked);
}

typedef struct paths_question {
    pm_slice project, tail, *paths;
    size_t count;
} paths_question;

static pm_status ask_paths(const pm_rows *rows, void *context)
{
    paths_question *asked = context;
    return pm_rows_paths(rows, asked->project, asked->tail, &asked->paths, &asked->count);
}

pm_status pm_store_paths(pm_store *store, pm_arena *arena, pm_slice project, pm_slice tail,
                         int64_t deadline_us, pm_slice **paths_out, size_t *count_out)
{
    paths_question asked = {.project = pm_memory_fit(arena, project),
                            .tail = pm_memory_fit(arena, tail)};
    pm_status status;

    if (asked.project.data == NULL || asked.tail.data == NULL)
        return PM_LIMIT;
    status = ask(store, arena, deadline_us, ask_paths, &asked);
    if (status == PM_OK) {
        *paths_out = asked.paths;
        *count_out = asked.count;
    }
    return status;
}

#define LONGEST_CHAIN 200

typedef struct chain_question {
    pm_slice id, chain;
} chain_question;

/* A circle of links cannot come about by itself, but a person may pin one: the first of its ids in
 * sorted order is the chain's then, wherever one starts. */
static pm_slice first_of_circle(const pm_slice *ids, size_t count)
{
    pm_slice first = ids[0];

    for (size_t i = 1; i < count; i++)
        if (pm_slice_compare(ids[i], first) < 0)
            first = ids[i];
    return first;
}

static pm_status ask_chain(const pm_rows *rows, void *context)
{
    chain_question *asked = context;
    pm_slice ids[LONGEST_CHAIN] = {asked->id};
    size_t count = 1;

    for (;;) {
        pm_slice next;
        pm_status status = pm_rows_predecessor(rows, ids[count - 1], &next);

        asked->chain = ids[count - 1];
        if (status != PM_OK || next.len == 0 || count == LONGEST_CHAIN)
            return status;
        for (size_t i = 0; i < count; i++) {
            if (!pm_slice_equal(ids[i], next))
                continue;
            asked->chain = first_of_circle(ids + i, count - i);
            return PM_OK;
        }
        ids[count++] = next;
    }
}

pm_status pm_store_chain(pm_store *store, pm_arena *arena, pm_slice id, int64_t deadline_us,
                         pm_slice *chain_out)
{
    chain_question asked = {id, id};
    pm_status status = ask_again(store, arena, deadline_us, ask_chain, &asked);

    *chain_out = asked.chain;
    return status;
}

/* ---- All of it ---- */

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
    pm_status status = arena == NULL ? PM_LIMIT : ask(store, arena, deadline_us, ask_count, counts);

    pm_arena_free(arena);
    *series_out = counts[0];
    *chains_out = counts[0] - (counts[1] < counts[0] ? counts[1] : counts[0]);
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

    if (store->driver->connect(store->where, store->read_only, pm_clock_us() + OPEN_TIME_US, errors,
                               &rows.connection) != PM_OK)
        return false;
    rows.arena = pm_arena_new(PAGE_MEMORY);
    whole = rows.arena != NULL && store->driver->verify(rows.connection, errors) == PM_OK &&
            verify_rows(&rows, errors);
    pm_arena_free(rows.arena);
    store->driver->disconnect(rows.connection);
    return whole;
}

static pm_status ask_size(const pm_rows *rows, void *context)
{
    return rows->driver->size(rows->connection, context);
}

pm_status pm_store_size(pm_store *store, int64_t deadline_us, uint64_t *size_out)
{
    return ask(store, NULL, deadline_us, ask_size, size_out);
}

static pm_status ask_used(const pm_rows *rows, void *context)
{
    return rows->driver->used(rows->connection, rows->deadline_us, context);
}

pm_status pm_store_used(pm_store *store, int64_t deadline_us, uint64_t *used_out)
{
    return ask(store, NULL, deadline_us, ask_used, used_out);
}

static pm_status ask_shrink(const pm_rows *rows, void *context)
{
    (void)context;
    return rows->driver->shrink(rows->connection, rows->deadline_us);
}

pm_status pm_store_shrink(pm_store *store, int64_t deadline_us)
{
    pm_rows rows = {.driver = store->driver, .deadline_us = deadline_us};

    return ask_pool(store, &rows, ask_shrink, NULL); /* no look-up, and it takes a while */
}

void pm_store_get_state(pm_store *store, pm_store_state *state_out)
{
    *state_out = (pm_store_state){.away = false};
    if (store->writer != NULL)
        pm_writer_state(store->writer, state_out);
    state_out->late = atomic_load_explicit(&store->late, memory_order_relaxed);
}
