/* SPDX-License-Identifier: BSD-2-Clause */
/* housekeeping - the memory of series is kept within its limits; see housekeeping.h. */
#include "housekeeping.h"

#include "clock.h"
#include "deadline.h"
#include "log.h"
#include "metrics.h"
#include "retention.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define ROUND_US (INT64_C(3600) * 1000 * 1000)
#define JITTER_US                                                                                  \
    (ROUND_US / 5)           /* daemons that share a store, or a disk, do not all come at once */
#define PAUSE_US (50 * 1000) /* between steps that take some ten milliseconds */
#define ASK_US   (5 * 1000 * 1000)

static struct {
    pthread_mutex_t lock;
    pthread_cond_t told;
    pthread_t thread;
    bool runs, stops;
    pm_store *store;
    int64_t age_us;
    uint64_t most_bytes;
    unsigned seed; /* the thread's alone */
} house = {.lock = PTHREAD_MUTEX_INITIALIZER};

void pm_housekeeping_set(int64_t age_us, uint64_t most_bytes)
{
    pthread_mutex_lock(&house.lock);
    house.age_us = age_us;
    house.most_bytes = most_bytes;
    pthread_mutex_unlock(&house.lock);
}

/* False when the daemon stops. */
static bool wait_for(int64_t us)
{
    const int64_t until_us = pm_clock_us() + us;
    const struct timespec until = pm_deadline(until_us);
    bool goes_on;

    pthread_mutex_lock(&house.lock);
    while (!house.stops && pm_clock_us() < until_us)
        pthread_cond_timedwait(&house.told, &house.lock, &until);
    goes_on = !house.stops;
    pthread_mutex_unlock(&house.lock);
    return goes_on;
}

static bool pause_between_steps(void *context)
{
    (void)context;
    return wait_for(PAUSE_US);
}

static void tell(pm_status status, const pm_forgotten *gone)
{
    pm_log_line line;

    pm_count_for(PM_METRIC_FORGOTTEN, "age", gone->aged);
    pm_count_for(PM_METRIC_FORGOTTEN, "size", gone->crowded);
    if (gone->used > 0)
        pm_metric_set(PM_METRIC_STORE_USED_BYTES, (int64_t)gone->used);
    if (status == PM_OK && gone->aged + gone->crowded == 0)
        return;
    pm_log_begin(&line, status == PM_OK ? PM_LEVEL_INFO : PM_LEVEL_WARNING, "housekeeping");
    pm_log_number(&line, "forgotten-for-age", (int64_t)gone->aged);
    pm_log_number(&line, "forgotten-for-size", (int64_t)gone->crowded);
    if (gone->used > 0)
        pm_log_number(&line, "used-bytes", (int64_t)gone->used);
    if (status != PM_OK)
        pm_log_string(&line, "msg", "not all of it could be done; later again");
    pm_log_end(&line);
}

static void count_series(void)
{
    uint64_t series, chains;

    if (pm_store_count(house.store, pm_clock_us() + ASK_US, &series, &chains) == PM_OK)
        pm_metric_set(PM_METRIC_STORE_SERIES, (int64_t)series);
}

static void keep_house(void)
{
    pm_retention limits = {.pause = pause_between_steps};
    pm_forgotten gone;
    pm_status status;

    pthread_mutex_lock(&house.lock);
    limits.age_us = house.age_us;
    limits.most_bytes = house.most_bytes;
    pthread_mutex_unlock(&house.lock);
    status = pm_retention_enforce(house.store, &limits, pm_clock_wall_us(), &gone);
    if (wait_for(0) || gone.aged + gone.crowded > 0)
        tell(status, &gone);
    count_series();
}

static void *run(void *unused)
{
    (void)unused;
    do
        keep_house();
    while (wait_for(ROUND_US - JITTER_US / 2 + rand_r(&house.seed) % JITTER_US));
    return NULL;
}

void pm_housekeeping_start(pm_store *store)
{
    if (store == NULL)
        return;
    house.store = store;
    house.seed = (unsigned)(getpid() ^ pm_clock_wall_us());
    pm_count_for(PM_METRIC_FORGOTTEN, "age", 0);
    pm_count_for(PM_METRIC_FORGOTTEN, "size", 0);
    pm_deadline_cond(&house.told);
    house.runs = pthread_create(&house.thread, NULL, run, NULL) == 0;
    if (!house.runs)
        pm_log(PM_LEVEL_WARNING, "housekeeping", "no thread for it: nothing is forgotten");
}

void pm_housekeeping_stop(void)
{
    if (!house.runs)
        return;
    pthread_mutex_lock(&house.lock);
    house.stops = true;
    pthread_cond_signal(&house.told);
    pthread_mutex_unlock(&house.lock);
    pthread_join(house.thread, NULL);
    house.runs = false;
}
