/* SPDX-License-Identifier: BSD-2-Clause */
/* pool - the connections that look-ups run on; see pool.h. */
#include "pool.h"

#include "clock.h"
#include "deadline.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#define CONNECT_TIME_US 5000000
#define FIRST_REST_US   100000 /* after a connection that failed; doubled up to the last */
#define LAST_REST_US    5000000

struct pm_pool {
    const pm_driver *driver;
    char *where;
    bool read_only;
    pthread_t keeper; /* who connects */

    pthread_mutex_t lock;
    pthread_cond_t wanted, returned;
    void *idle[PM_POOL_SIZE];
    unsigned idle_count, open_count; /* open: idle, and out on look-ups */
    unsigned waiting;                /* look-ups without a connection */
    int64_t rest_us;                 /* 0: the last attempt to connect succeeded */
    bool stopping;
};

/* ---- The keeper ---- */

/* One connection is always kept ready: so a database that comes back is found. */
static bool wants_another(const pm_pool *pool)
{
    return pool->open_count < PM_POOL_SIZE &&
           (pool->open_count == 0 || pool->waiting > pool->idle_count);
}

static void rest(pm_pool *pool)
{
    struct timespec until;

    pool->rest_us = pool->rest_us == 0 ? FIRST_REST_US : pool->rest_us * 2;
    if (pool->rest_us > LAST_REST_US)
        pool->rest_us = LAST_REST_US;
    until = pm_deadline(pm_clock_us() + pool->rest_us);
    pthread_cond_broadcast(&pool->returned); /* nobody waits for what cannot be had */
    while (!pool->stopping &&
           pthread_cond_timedwait(&pool->wanted, &pool->lock, &until) != ETIMEDOUT)
        continue;
}

static void *keep(void *context)
{
    pm_pool *pool = context;

    pthread_mutex_lock(&pool->lock);
    while (!pool->stopping) {
        void *connection = NULL;

        if (!wants_another(pool)) {
            pthread_cond_wait(&pool->wanted, &pool->lock);
            continue;
        }
        pthread_mutex_unlock(&pool->lock);
        if (pool->driver->connect(pool->where, pool->read_only, pm_clock_us() + CONNECT_TIME_US,
                                  NULL, &connection) != PM_OK)
            connection = NULL;
        pthread_mutex_lock(&pool->lock);
        if (connection == NULL) {
            rest(pool);
            continue;
        }
        pool->rest_us = 0;
        pool->open_count++;
        pool->idle[pool->idle_count++] = connection;
        pthread_cond_signal(&pool->returned);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/* ---- Look-ups ---- */

static void drop(pm_pool *pool, void *connection)
{
    pool->driver->disconnect(connection);
    pthread_mutex_lock(&pool->lock);
    pool->open_count--;
    pthread_cond_signal(&pool->wanted);
    pthread_mutex_unlock(&pool->lock);
}

/* An idle connection, sound or not. */
static void *take_any(pm_pool *pool, int64_t deadline_us)
{
    struct timespec until = pm_deadline(deadline_us);
    void *connection = NULL;
    int waited = 0;

    pthread_mutex_lock(&pool->lock);
    pool->waiting++;
    while (pool->idle_count == 0 && waited != ETIMEDOUT) {
        if (pool->rest_us > 0 && pool->open_count == 0)
            break;
        if (wants_another(pool))
            pthread_cond_signal(&pool->wanted);
        waited = pthread_cond_timedwait(&pool->returned, &pool->lock, &until);
    }
    pool->waiting--;
    if (pool->idle_count > 0)
        connection = pool->idle[--pool->idle_count];
    pthread_mutex_unlock(&pool->lock);
    return connection;
}

void *pm_pool_take(pm_pool *pool, int64_t deadline_us)
{
    void *connection;

    while ((connection = take_any(pool, deadline_us)) != NULL) {
        if (pool->driver->is_sound(connection))
            return connection;
        drop(pool, connection);
    }
    return NULL;
}

void pm_pool_give_back(pm_pool *pool, void *connection)
{
    pthread_mutex_lock(&pool->lock);
    pool->idle[pool->idle_count++] = connection;
    pthread_cond_signal(&pool->returned);
    pthread_mutex_unlock(&pool->lock);
}

/* ---- Its life ---- */

static void free_pool(pm_pool *pool)
{
    pthread_cond_destroy(&pool->returned);
    pthread_cond_destroy(&pool->wanted);
    pthread_mutex_destroy(&pool->lock);
    free(pool->where);
    free(pool);
}

pm_pool *pm_pool_start(const pm_driver *driver, const char *where, bool read_only, void *first)
{
    pm_pool *pool = calloc(1, sizeof(*pool));

    if (pool == NULL)
        return NULL;
    pool->driver = driver;
    pool->read_only = read_only;
    pool->where = strdup(where);
    pthread_mutex_init(&pool->lock, NULL);
    pm_deadline_cond(&pool->wanted);
    pm_deadline_cond(&pool->returned);
    if (first != NULL) {
        pool->idle[0] = first;
        pool->idle_count = pool->open_count = 1;
    }
    if (pool->where != NULL && pthread_create(&pool->keeper, NULL, keep, pool) == 0)
        return pool;
    free_pool(pool);
    return NULL;
}

void pm_pool_stop(pm_pool *pool)
{
    if (pool == NULL)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->stopping = true;
    pthread_cond_signal(&pool->wanted);
    pthread_mutex_unlock(&pool->lock);
    pthread_join(pool->keeper, NULL);
    for (unsigned i = 0; i < pool->idle_count; i++)
        pool->driver->disconnect(pool->idle[i]);
    free_pool(pool);
}
