/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store - its life, and what is written, which goes through writer.c; see store.h.
 *
 * What is looked up: store_lookup.c. All of it: store_whole.c.
 */
#include "clock.h"
#include "store_inside.h"

#include <stdlib.h>

#define FOUND_MEMORY (16 << 20) /* of series that were looked up a while ago */

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
    pm_status status = store->driver->connect(
        store->where, store->read_only, pm_clock_us() + PM_STORE_OPEN_US, found, connection_out);
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

/* ---- How it is ---- */

void pm_store_get_state(pm_store *store, pm_store_state *state_out)
{
    *state_out = (pm_store_state){.away = false};
    if (store->writer != NULL)
        pm_writer_state(store->writer, state_out);
    state_out->late = atomic_load_explicit(&store->late, memory_order_relaxed);
}
