/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plugin_guard - the circuit breaker in front of each plugin; see plugin_guard.h.
 *
 * Slowness is counted in a bucket that good scans empty again: a burst of slow ones fills it, one
 * in a thousand does not. A full bucket pauses the plugin; then one message tries it, and either
 * all may again or the next pause is twice as long. A scan that never comes back cannot be ended in
 * this process, but a second one need not follow it: two that are long overdue pause the plugin as
 * well.
 */
#include "plugin_guard.h"

#include "crash_record.h"
#include "log.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define SLOW_DROP     100 /* what one slow scan adds */
#define BUCKET        (5 * SLOW_DROP)
#define PAUSE_LEAST   (1000 * 1000)
#define PAUSE_MOST    (INT64_C(300) * 1000 * 1000)
#define OVERDUE       10 /* times its budget */
#define OVERDUE_MOST  2
#define VISITS        64 /* that are looked at for being overdue */
#define CHECK_EACH_US (100 * 1000)
#define LOG_BURST     5
#define LOG_INTERVAL  (INT64_C(60) * 1000 * 1000)

struct pm_guarded {
    pm_guard *guard;
    pm_guarded *next;
    char name[72], version[72];
    int recorded; /* its place in the record of crashes */

    pthread_mutex_t lock; /* for all that follows */
    pm_guarded_state state;
    unsigned bucket;
    int64_t pause_us;      /* how long the last one was; 0: none since it did well */
    int64_t paused_until;  /* 0: not paused */
    bool trying;           /* one message tries it */
    int64_t began[VISITS]; /* of those that are inside; 0: free */
    int64_t budget_us;
    int64_t checked_us; /* for that */
    pm_log_limit log_limit;
};

struct pm_guard {
    pm_crash_record *record;
    pthread_mutex_t lock; /* for the list */
    pm_guarded *first;
};

/* ---- The guard ---- */

pm_guard *pm_guard_new(void)
{
    pm_guard *guard = calloc(1, sizeof(*guard));

    if (guard != NULL)
        pthread_mutex_init(&guard->lock, NULL);
    return guard;
}

void pm_guard_end(pm_guard *guard)
{
    if (guard != NULL)
        pm_crash_record_end(guard->record);
}

void pm_guard_free(pm_guard *guard)
{
    if (guard == NULL)
        return;
    while (guard->first != NULL) {
        pm_guarded *next = guard->first->next;

        pthread_mutex_destroy(&guard->first->lock);
        free(guard->first);
        guard->first = next;
    }
    pm_crash_record_close(guard->record);
    pthread_mutex_destroy(&guard->lock);
    free(guard);
}

static pm_guarded *find(const pm_guard *guard, const char *name)
{
    pm_guarded *at = guard->first;

    while (at != NULL && strcmp(at->name, name) != 0)
        at = at->next;
    return at;
}

static pm_guarded *add(pm_guard *guard, const char *name)
{
    pm_guarded *added = calloc(1, sizeof(*added));
    pm_guarded **last = &guard->first;

    if (added == NULL)
        return NULL;
    added->guard = guard;
    added->recorded = -1;
    added->log_limit = (pm_log_limit){.burst = LOG_BURST, .interval_us = LOG_INTERVAL};
    snprintf(added->name, sizeof(added->name), "%s", name);
    added->state.name = added->name;
    pthread_mutex_init(&added->lock, NULL);
    while (*last != NULL)
        last = &(*last)->next;
    *last = added;
    return added;
}

static void say_switched_off(const pm_guarded *guarded)
{
    pm_log_line line;

    pm_log_begin(&line, PM_LEVEL_ERROR, "plugin-switched-off");
    pm_log_string(&line, "plugin", guarded->name);
    pm_log_number(&line, "crashes", guarded->state.crashes);
    pm_log_string(&line, "msg",
                  "it has crashed patchmarkd too often and is shown no mail (mend it and give it a "
                  "new version, or take it out of the statement plugins)");
    pm_log_end(&line);
}

/* With the lock of both held. */
static void take_record(pm_guarded *guarded)
{
    pm_crash_record *record = guarded->guard->record;

    if (record == NULL)
        return;
    guarded->recorded = pm_crash_record_plugin(record, guarded->name, guarded->version);
    guarded->state.crashes = pm_crash_record_strikes(record, guarded->recorded);
    guarded->state.switched_off = guarded->state.crashes >= PM_GUARD_CRASHES_MOST;
    if (guarded->state.switched_off)
        say_switched_off(guarded);
}

bool pm_guard_remember_in(pm_guard *guard, const char *crash_file, pm_errors *errors)
{
    pthread_mutex_lock(&guard->lock);
    guard->record = pm_crash_record_open(crash_file, errors);
    for (pm_guarded *at = guard->first; at != NULL; at = at->next) {
        pthread_mutex_lock(&at->lock);
        take_record(at);
        pthread_mutex_unlock(&at->lock);
    }
    if (guard->record != NULL)
        pm_crash_record_catch(guard->record);
    pthread_mutex_unlock(&guard->lock);
    return guard->record != NULL;
}

pm_guarded *pm_guard_plugin(pm_guard *guard, const char *name, const char *version,
                            int64_t budget_us)
{
    pm_guarded *found;

    if (guard == NULL)
        return NULL;
    pthread_mutex_lock(&guard->lock);
    found = find(guard, name);
    if (found == NULL)
        found = add(guard, name);
    if (found != NULL) {
        pthread_mutex_lock(&found->lock);
        found->budget_us = budget_us;
        snprintf(found->version, sizeof(found->version), "%s", version);
        take_record(found);
        pthread_mutex_unlock(&found->lock);
    }
    pthread_mutex_unlock(&guard->lock);
    return found;
}

/* ---- The breaker; the plugin's lock is held ---- */

static unsigned count_overdue(const pm_guarded *guarded, int64_t now_us)
{
    unsigned count = 0;

    for (size_t i = 0; i < VISITS; i++)
        count += guarded->began[i] > 0 && now_us - guarded->began[i] > OVERDUE * guarded->budget_us;
    return count;
}

static void pause_it(pm_guarded *guarded, int64_t now_us, const char *why)
{
    pm_log_line line;

    guarded->pause_us = guarded->pause_us == 0 ? PAUSE_LEAST : 2 * guarded->pause_us;
    if (guarded->pause_us > PAUSE_MOST)
        guarded->pause_us = PAUSE_MOST;
    guarded->paused_until = now_us + guarded->pause_us;
    guarded->bucket = 0;
    pm_log_begin_limited(&line, &guarded->log_limit, PM_LEVEL_ERROR, "plugin-paused");
    pm_log_string(&line, "plugin", guarded->name);
    pm_log_number(&line, "ms", guarded->pause_us / 1000);
    pm_log_string(&line, "msg", why);
    pm_log_end(&line);
}

/* Has somebody been inside for so long that nobody should follow? Looked at now and then. */
static void look_for_overdue(pm_guarded *guarded, int64_t now_us)
{
    if (now_us - guarded->checked_us < CHECK_EACH_US)
        return;
    guarded->checked_us = now_us;
    guarded->state.stuck = count_overdue(guarded, now_us);
    if (guarded->paused_until == 0 && guarded->state.stuck >= OVERDUE_MOST)
        pause_it(guarded, now_us, "scans that should have ended long ago have not; it is left out");
}

static pm_admission admit(pm_guarded *guarded, int64_t now_us, pm_visit *visit)
{
    if (guarded->state.switched_off)
        return PM_SWITCHED_OFF;
    look_for_overdue(guarded, now_us);
    if (guarded->paused_until == 0)
        return PM_ADMITTED;
    if (guarded->trying || now_us < guarded->paused_until || guarded->state.stuck >= OVERDUE_MOST)
        return PM_PAUSED;
    guarded->trying = visit->trial = true;
    return PM_ADMITTED;
}

static int take_place(pm_guarded *guarded, int64_t now_us)
{
    for (int i = 0; i < VISITS; i++) {
        if (guarded->began[i] != 0)
            continue;
        guarded->began[i] = now_us;
        return i;
    }
    return -1;
}

static void count_end(pm_guarded *guarded, const pm_visit *visit, bool slow, int64_t now_us)
{
    guarded->state.overruns += slow;
    if (visit->trial) {
        guarded->trying = false;
        if (slow) {
            pause_it(guarded, now_us, "it is still too slow; it is left out for longer");
            return;
        }
        guarded->paused_until = 0;
    }
    if (!slow) {
        guarded->bucket -= guarded->bucket > 0;
        if (guarded->bucket == 0 && guarded->paused_until == 0)
            guarded->pause_us = 0;
        return;
    }
    guarded->bucket += SLOW_DROP;
    if (guarded->bucket >= BUCKET && guarded->paused_until == 0)
        pause_it(guarded, now_us, "it was too slow too often; it is left out for a while");
}

/* ---- From outside ---- */

pm_admission pm_guard_enter(pm_guarded *guarded, pm_slice message_id, int64_t now_us,
                            pm_visit *visit_out)
{
    pm_crash_record *record = guarded == NULL ? NULL : guarded->guard->record;
    pm_admission admission;

    *visit_out = (pm_visit){.began_us = now_us, .recorded = -1, .place = -1};
    if (guarded == NULL)
        return PM_ADMITTED;
    pthread_mutex_lock(&guarded->lock);
    admission = record != NULL && pm_crash_record_blames(record, guarded->recorded, message_id)
                    ? PM_KEPT_FROM_MESSAGE
                    : admit(guarded, now_us, visit_out);
    if (admission == PM_ADMITTED)
        visit_out->place = take_place(guarded, now_us);
    else
        guarded->state.refused++;
    pthread_mutex_unlock(&guarded->lock);
    if (admission == PM_ADMITTED && record != NULL)
        visit_out->recorded = pm_crash_record_enter(record, guarded->recorded, message_id);
    return admission;
}

pm_admission pm_guard_enter_opening(pm_guarded *guarded, pm_visit *visit_out)
{
    pm_crash_record *record = guarded == NULL ? NULL : guarded->guard->record;
    bool switched_off;

    *visit_out = (pm_visit){.recorded = -1, .place = -1};
    if (record == NULL)
        return PM_ADMITTED;
    pthread_mutex_lock(&guarded->lock);
    switched_off = guarded->state.switched_off;
    pthread_mutex_unlock(&guarded->lock);
    /* One that only mail made crash is opened: rules may want facts that it declares then. */
    if (switched_off && pm_crash_record_blames(record, guarded->recorded, PM_CRASH_RECORD_OPENING))
        return PM_SWITCHED_OFF;
    visit_out->recorded = pm_crash_record_enter(record, guarded->recorded, PM_CRASH_RECORD_OPENING);
    return PM_ADMITTED;
}

void pm_guard_leave_opening(pm_guarded *guarded, const pm_visit *visit)
{
    if (guarded != NULL && guarded->guard->record != NULL)
        pm_crash_record_leave(guarded->guard->record, visit->recorded);
}

void pm_guard_leave(pm_guarded *guarded, const pm_visit *visit, pm_status status, int64_t now_us,
                    int64_t excused_us)
{
    if (guarded == NULL)
        return;
    if (guarded->guard->record != NULL)
        pm_crash_record_leave(guarded->guard->record, visit->recorded);
    pthread_mutex_lock(&guarded->lock);
    if (visit->place >= 0)
        guarded->began[visit->place] = 0;
    guarded->state.scans++;
    guarded->state.faults += status != PM_OK && status != PM_ABSENT;
    guarded->state.spent_us += now_us - visit->began_us;
    count_end(guarded, visit, now_us - visit->began_us - excused_us > guarded->budget_us, now_us);
    pthread_mutex_unlock(&guarded->lock);
}

bool pm_guard_nth(pm_guard *guard, size_t nth, int64_t now_us, pm_guarded_state *state_out)
{
    pm_guarded *at;

    pthread_mutex_lock(&guard->lock);
    at = guard->first;
    while (at != NULL && nth-- > 0)
        at = at->next;
    pthread_mutex_unlock(&guard->lock);
    if (at == NULL)
        return false;
    pthread_mutex_lock(&at->lock);
    at->state.stuck = count_overdue(at, now_us);
    at->state.paused = at->paused_until > 0;
    *state_out = at->state;
    pthread_mutex_unlock(&at->lock);
    return true;
}
