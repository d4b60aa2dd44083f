/* SPDX-License-Identifier: BSD-2-Clause */
/* status - what there is to tell of the daemon as a whole; see status.h. */
#include "status.h"

#include "clock.h"
#include "metrics.h"
#include "reload.h"
#include "session.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ASK_US (200 * 1000) /* a store that is busy has no size just now */

static struct {
    int64_t started_at; /* seconds since 1970 */
    int64_t started_us; /* pm_clock_us */
    char *where;
    pm_store *store;
    pm_guard *guard;
} began;

void pm_status_begin(const char *where, pm_store *store, pm_guard *guard)
{
    began.started_at = pm_clock_wall_us() / 1000000;
    began.started_us = pm_clock_us();
    began.where = where == NULL ? NULL : strdup(where);
    began.store = store;
    began.guard = guard;
    pm_metric_set(PM_METRIC_STARTED_AT, pm_clock_wall_us());
}

void pm_status_end(void)
{
    free(began.where);
    began.where = NULL;
    began.store = NULL;
    began.guard = NULL;
}

/* Bytes; 0 when the system does not tell. */
static int64_t measure_resident(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    long whole = 0, resident = 0;

    if (file == NULL)
        return 0;
    if (fscanf(file, "%ld %ld", &whole, &resident) != 2)
        resident = 0;
    fclose(file);
    return (int64_t)resident * sysconf(_SC_PAGESIZE);
}

static bool measure_store(uint64_t *bytes_out)
{
    return pm_store_size(began.store, pm_clock_us() + ASK_US, bytes_out) == PM_OK;
}

static void measure_plugins(void)
{
    const int64_t now_us = pm_clock_us();
    pm_guarded_state state;

    for (size_t i = 0; began.guard != NULL && pm_guard_nth(began.guard, i, now_us, &state); i++) {
        pm_metric_set_for(PM_METRIC_PLUGIN_SCANS, state.name, (int64_t)state.scans);
        pm_metric_set_for(PM_METRIC_PLUGIN_TIME, state.name, state.spent_us);
        pm_metric_set_for(PM_METRIC_PLUGIN_FAULTS, state.name, (int64_t)state.faults);
        pm_metric_set_for(PM_METRIC_PLUGIN_OVERRUNS, state.name, (int64_t)state.overruns);
        pm_metric_set_for(PM_METRIC_PLUGIN_REFUSED, state.name, (int64_t)state.refused);
        pm_metric_set_for(PM_METRIC_PLUGIN_CRASHES, state.name, state.crashes);
        pm_metric_set_for(PM_METRIC_PLUGIN_STUCK, state.name, state.stuck);
        pm_metric_set_for(PM_METRIC_PLUGIN_OFF, state.name, state.switched_off || state.paused);
    }
}

/* ---- For people ---- */

/* A name of a file may hold anything; an answer has one line for each. */
static void write_text(pm_strbuf *to, const char *name, const char *value)
{
    pm_strbuf_printf(to, "%s ", name);
    for (; *value != '\0'; value++)
        pm_strbuf_add_byte(to, (unsigned char)*value < ' ' ? '?' : *value);
    pm_strbuf_add_byte(to, '\n');
}

static void write_number(pm_strbuf *to, const char *name, int64_t value)
{
    pm_strbuf_printf(to, "%s %" PRId64 "\n", name, value);
}

/* A connection string may have a password in it. */
static bool is_secret(const char *where)
{
    return strncmp(where, "postgres", 8) == 0;
}

static void write_store(pm_strbuf *to)
{
    pm_store_state state;
    uint64_t bytes;

    if (began.where == NULL)
        return;
    write_text(to, "store", is_secret(began.where) ? "PostgreSQL" : began.where);
    if (began.store == NULL) {
        write_text(to, "store-state", "closed");
        return;
    }
    pm_store_get_state(began.store, &state);
    write_text(to, "store-state", state.away ? "away" : "ready");
    if (state.away)
        write_text(to, "store-reason", state.reason);
    write_number(to, "store-queued", state.queued);
    if (measure_store(&bytes))
        write_number(to, "store-bytes", (int64_t)bytes);
}

static void write_reload(pm_strbuf *to, const pm_reload_state *state)
{
    if (state->last_at == 0)
        return;
    write_number(to, "reload-at", state->last_at);
    write_text(to, "reload", state->last_ok ? "ok" : "failed");
    write_number(to, "reload-errors", (int64_t)state->last_errors);
}

void pm_status_write(pm_strbuf *to)
{
    pm_reload_state state;

    pm_reload_get_state(&state);
    write_text(to, "version", PATCHMARK_VERSION);
    write_number(to, "pid", getpid());
    write_number(to, "started-at", began.started_at);
    write_number(to, "uptime", (pm_clock_us() - began.started_us) / 1000000);
    write_text(to, "configuration", state.file);
    write_number(to, "loaded-at", state.loaded_at);
    write_number(to, "rules", (int64_t)state.rules);
    write_number(to, "plugins", (int64_t)state.plugins);
    write_reload(to, &state);
    write_number(to, "messages", (int64_t)pm_metric_sum(PM_METRIC_MESSAGES));
    write_number(to, "under-way", pm_session_under_way());
    write_number(to, "partial", (int64_t)pm_metric_sum(PM_METRIC_PARTIAL));
    measure_plugins();
    write_number(to, "plugin-faults", (int64_t)pm_metric_sum(PM_METRIC_PLUGIN_FAULTS));
    write_number(to, "plugins-off", (int64_t)pm_metric_sum(PM_METRIC_PLUGIN_OFF));
    write_number(to, "pattern-limits", (int64_t)pm_metric_sum(PM_METRIC_PATTERN_LIMITS));
    write_store(to);
    write_number(to, "resident-bytes", measure_resident());
}

/* ---- For machines ---- */

static void measure_memory(void)
{
    pm_store_state state;
    uint64_t bytes;

    if (began.store == NULL)
        return;
    pm_store_get_state(began.store, &state);
    pm_metric_set(PM_METRIC_STORE_AWAY, state.away);
    pm_metric_set(PM_METRIC_STORE_QUEUED, state.queued);
    pm_metric_set(PM_METRIC_STORE_COMMITTED, (int64_t)state.committed);
    pm_metric_set(PM_METRIC_STORE_COMMITS, (int64_t)state.commits);
    pm_metric_set(PM_METRIC_STORE_DROPPED, (int64_t)state.dropped);
    pm_metric_set(PM_METRIC_STORE_LATE, (int64_t)state.late);
    if (measure_store(&bytes))
        pm_metric_set(PM_METRIC_STORE_BYTES, (int64_t)bytes);
}

void pm_status_write_metrics(pm_strbuf *to)
{
    pm_reload_state state;

    pm_reload_get_state(&state);
    pm_metric_set(PM_METRIC_UNDER_WAY, pm_session_under_way());
    pm_metric_set(PM_METRIC_SNAPSHOT_AGE, pm_clock_us() - state.in_force_us);
    pm_metric_set(PM_METRIC_RULES, (int64_t)state.rules);
    pm_metric_set(PM_METRIC_PLUGINS, (int64_t)state.plugins);
    pm_metric_set(PM_METRIC_RESIDENT, measure_resident());
    measure_memory();
    measure_plugins();
    pm_metrics_write(to);
}
