/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store_lookup - what the store is asked while mail waits: on memory, else on the connection that
 * writes, else on one of the pool.
 *
 * Not how rows are read; rows.h has that.
 */
#include "store_inside.h"

/* ---- On which connection ---- */

/* Ask on the connection that writes, if it rests. False: it does not, or it did not answer. */
static bool ask_writer(pm_store *store, pm_rows *rows, pm_question asked, void *context,
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
pm_status pm_store_ask_pool(pm_store *store, pm_rows *rows, pm_question asked, void *context)
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

pm_status pm_store_ask(pm_store *store, pm_arena *arena, int64_t deadline_us, pm_question asked,
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
               : pm_store_ask_pool(store, &rows, asked, context);
}

/* The same for what may have been found a while ago. */
static pm_status ask_again(pm_store *store, pm_arena *arena, int64_t deadline_us, pm_question asked,
                           void *context)
{
    const pm_rows rows = {.arena = arena, .found = store->found};

    return store->found != NULL && asked(&rows, context) == PM_OK
               ? PM_OK
               : pm_store_ask(store, arena, deadline_us, asked, context);
}

/* ---- Messages and series ---- */

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

pm_status pm_store_series(pm_store *store, pm_arena *arena, pm_slice id, int64_t deadline_us,
                          pm_series *series_out)
{
    pm_known known;
    pm_status status = pm_store_known(store, arena, id, deadline_us, &known);

    if (status != PM_OK || known.series.rank == PM_NOBODY)
        return status != PM_OK ? status : PM_ABSENT;
    *series_out = known.series;
    return PM_OK;
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
    status = pm_store_ask(store, arena, deadline_us, ask_find, &asked);
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
    status = pm_store_ask(store, arena, deadline_us, ask_newest, &asked);
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
    pm_status status = pm_store_ask(store, arena, deadline_us, ask_messages, &asked);

    if (status == PM_OK) {
        *messages_out = asked.messages;
        *count_out = asked.count;
    }
    return status;
}

/* ---- Chains ---- */

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

/* ---- Notes and paths ---- */

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
    return pm_store_ask(store, arena, deadline_us, ask_noted, &asked);
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
    status = pm_store_ask(store, arena, deadline_us, ask_paths, &asked);
    if (status == PM_OK) {
        *paths_out = asked.paths;
        *count_out = asked.count;
    }
    return status;
}
