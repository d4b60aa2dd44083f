/* SPDX-License-Identifier: BSD-2-Clause */
/* reload - another configuration in place of the one in force; see reload.h. */
#include "reload.h"

#include "check.h"
#include "clock.h"
#include "log.h"
#include "metrics.h"
#include "notify.h"
#include "session.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static struct {
    pm_snapshot_options options;
    pm_reload_fn changed;
    char *socket, *control, *store; /* what was taken at the start; a restart takes others */
    pthread_mutex_t one_at_a_time;

    pthread_mutex_t lock; /* of what follows */
    pm_reload_state state;
} known = {.one_at_a_time = PTHREAD_MUTEX_INITIALIZER, .lock = PTHREAD_MUTEX_INITIALIZER};

static char *kept(const char *text)
{
    return text == NULL ? NULL : strdup(text);
}

/* Every rule has its numbers from the beginning, and those that a rule had are kept. */
static void name_rules(const pm_rules *rules)
{
    for (size_t i = 0; i < pm_rules_count(rules); i++) {
        const char *id = pm_rule_id(pm_rules_nth(rules, i));

        pm_count_for(PM_METRIC_RULES_FIRED, id, 0);
        pm_count_for(PM_METRIC_PATTERN_LIMITS, id, 0);
    }
}

static void take_force(pm_snapshot *snapshot)
{
    pm_reload_state *state = &known.state;

    pm_log_set_level(snapshot->config.log_level);
    name_rules(snapshot->rules);
    pthread_mutex_lock(&known.lock);
    snprintf(state->file, sizeof(state->file), "%s", snapshot->config.file);
    state->in_force_us = pm_clock_us();
    state->loaded_at = pm_clock_wall_us() / 1000000;
    state->rules = pm_rules_count(snapshot->rules);
    state->plugins = snapshot->plugin_count;
    pthread_mutex_unlock(&known.lock);
    known.changed(snapshot);
    pm_session_use(snapshot);
}

void pm_reload_begin(const pm_snapshot_options *options, pm_snapshot *first, pm_reload_fn changed)
{
    known.options = *options;
    known.changed = changed;
    known.socket = kept(first->config.socket);
    known.control = kept(first->config.control);
    known.store = kept(first->config.store);
    pm_count_for(PM_METRIC_RELOADS, "ok", 0);
    pm_count_for(PM_METRIC_RELOADS, "failed", 0);
    take_force(first);
}

void pm_reload_end(void)
{
    pm_session_use(NULL);
    free(known.socket);
    free(known.control);
    free(known.store);
}

/* ---- Once more ---- */

static void warn_of_change(const char *what, const char *before, const char *now,
                           const pm_snapshot *snapshot, pm_errors *errors)
{
    if (strcmp(before == NULL ? "" : before, now == NULL ? "" : now) != 0)
        pm_warning_at(errors, snapshot->config.file, 0, 0, "another %s is taken by a restart only",
                      what);
}

/* One that is good, its rules' examples included. NULL after errors were added. */
static pm_snapshot *build(pm_errors *errors)
{
    pm_snapshot *snapshot = pm_snapshot_load(&known.options, errors);

    if (snapshot == NULL || pm_snapshot_check(snapshot, errors))
        return snapshot;
    pm_snapshot_unref(snapshot);
    return NULL;
}

static void note_result(bool fine, size_t errors)
{
    const int64_t now_us = pm_clock_wall_us();

    pm_count_for(PM_METRIC_RELOADS, fine ? "ok" : "failed", 1);
    pm_metric_set(PM_METRIC_RELOAD_AT, now_us);
    pthread_mutex_lock(&known.lock);
    known.state.last_at = now_us / 1000000;
    known.state.last_ok = fine;
    known.state.last_errors = errors;
    pthread_mutex_unlock(&known.lock);
}

static void log_result(bool fine, size_t rules, const pm_errors *errors)
{
    const int level = fine ? PM_LEVEL_WARNING : PM_LEVEL_ERROR;
    const char *line;

    for (size_t i = 0; (line = pm_errors_nth(errors, i)) != NULL; i++)
        pm_log(level, "configuration", "%s", line);
    if (fine)
        pm_log(PM_LEVEL_INFO, "reloaded", "%zu rules", rules);
    else
        pm_log(PM_LEVEL_ERROR, "reload-failed", "the configuration before stays in force");
}

bool pm_reload(pm_errors *errors)
{
    pm_snapshot *snapshot;
    size_t rules = 0;
    bool fine;

    pthread_mutex_lock(&known.one_at_a_time);
    pm_notify_reloading();
    snapshot = build(errors);
    fine = snapshot != NULL;
    if (fine) {
        warn_of_change("socket", known.socket, snapshot->config.socket, snapshot, errors);
        warn_of_change("control socket", known.control, snapshot->config.control, snapshot, errors);
        warn_of_change("store", known.store, snapshot->config.store, snapshot, errors);
        rules = pm_rules_count(snapshot->rules);
        take_force(snapshot);
    }
    note_result(fine, pm_errors_count(errors));
    log_result(fine, rules, errors);
    pm_notify("READY=1");
    pthread_mutex_unlock(&known.one_at_a_time);
    return fine;
}

void pm_reload_get_state(pm_reload_state *state_out)
{
    pthread_mutex_lock(&known.lock);
    *state_out = known.state;
    pthread_mutex_unlock(&known.lock);
}
