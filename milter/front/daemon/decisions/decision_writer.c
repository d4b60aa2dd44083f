/* SPDX-License-Identifier: BSD-2-Clause */
/* decision_writer - the decision log as messages see it; see decision_writer.h. */
#include "decision_writer.h"

#include "clock.h"
#include "deadline.h"
#include "decision_file.h"
#include "decision_json.h"
#include "late_watch.h"
#include "log.h"
#include "metrics.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#define MOST_QUEUED  4096                 /* decisions: some seconds of the busiest list */
#define MOST_BYTES   ((size_t)16 << 20)   /* of them */
#define RECALL_BYTES (UINT64_C(24) << 20) /* of the log that was, at the start */
#define MOST_JOINS   8
#define LINES_LIMIT  ((size_t)256 << 20)
#define PATIENCE_US  (2 * 1000 * 1000)

/* Nobody waits for a line to be written: those of a moment go together, unless they are many. */
#define MOMENT_US      20000
#define MOST_OF_MOMENT 256

/* A decision on its way. One piece of memory: what arrival names is in bytes. */
typedef struct order {
    struct order *next;
    pm_arrival arrival;
    pm_slice joins[MOST_JOINS];
    size_t size;
    char bytes[];
} order;

static struct {
    pthread_mutex_t lock;
    pthread_cond_t told;  /* there is something to do */
    pthread_cond_t ended; /* the thread has nothing more to do with us */
    pthread_t thread;
    bool runs, stops, gone;
    bool idle; /* the thread, which is to be told of the first decision */
    uint64_t size;
    unsigned keep;
    order *first, **last;
    size_t queued, bytes;
    uint64_t dropped; /* and not yet told */

    /* The thread's alone. */
    char *folder;
    pm_store *store;
    pm_late_watch *watch; /* NULL: nothing is ever late */
    pm_decision_file file;
} writer = {.lock = PTHREAD_MUTEX_INITIALIZER};

void pm_decisions_set(uint64_t size, unsigned keep)
{
    pthread_mutex_lock(&writer.lock);
    writer.size = size;
    writer.keep = keep;
    pthread_mutex_unlock(&writer.lock);
}

static int64_t now(void)
{
    return pm_clock_wall_us() / 1000000;
}

/* ---- Writing --------------------------------------------------------------------------------- */

static pm_log_limit trouble_limit = {.burst = 1, .interval_us = INT64_C(60) * 1000 * 1000};

static void complain(void)
{
    const int error = errno;
    char name[PM_DECISION_LOG_NAME];
    pm_log_line line;

    pm_log_begin_limited(&line, &trouble_limit, PM_LEVEL_WARNING, "decision-log");
    pm_log_printf(&line, "msg", "%s: %s (the decisions are not kept)",
                  pm_decision_log_name(writer.folder, 0, name) ? name : writer.folder,
                  strerror(error));
    pm_log_end(&line);
}

static uint64_t count_lines(pm_slice lines)
{
    uint64_t count = 0;

    for (pm_slice line; pm_slice_next_line(&lines, &line);)
        count++;
    return count;
}

/* What is not written is told once something is. dropped: so many the first line tells of, if not
 * 0; they are to be told then, too. */
static void write_lines(const pm_strbuf *lines, uint64_t dropped)
{
    const pm_slice text = pm_strbuf_slice(lines);
    const uint64_t count = count_lines(text), lost = count - (dropped > 0);
    uint64_t size;
    unsigned keep;

    pthread_mutex_lock(&writer.lock);
    size = writer.size;
    keep = writer.keep;
    pthread_mutex_unlock(&writer.lock);
    if (text.len == 0 || size == 0)
        return;
    if (pm_decision_file_write(&writer.file, text, size, keep) == PM_OK) {
        pm_count(PM_METRIC_DECISIONS, count);
        return;
    }
    complain();
    pm_decision_file_close(&writer.file); /* the next time it may be better */
    pm_count_for(PM_METRIC_DECISIONS_DROPPED, "disk", lost);
    pthread_mutex_lock(&writer.lock);
    writer.dropped += lost + dropped;
    pthread_mutex_unlock(&writer.lock);
}

/* ---- What comes late ------------------------------------------------------------------------- */

static bool recall(void *context, pm_slice line)
{
    (void)context;
    pm_late_watch_recall(writer.watch, line);
    return true;
}

/* Only what was told of a decision: decisions are ours alone. */
static bool recall_late(void *context, pm_slice line)
{
    (void)context;
    if (pm_slice_starts(line, PM_LIT("{\"type\":\"late\"")))
        pm_late_watch_recall(writer.watch, line);
    return true;
}

static void begin_watch(void)
{
    pm_errors *errors = pm_errors_new();

    if (writer.store != NULL)
        writer.watch = pm_late_watch_new(writer.store);
    if (writer.watch != NULL &&
        !pm_decision_log_read(writer.folder, RECALL_BYTES, recall, NULL, errors))
        pm_log(PM_LEVEL_WARNING, "decision-log", "%s", pm_errors_nth(errors, 0));
    pm_errors_free(errors);
}

/* Mail often comes faster than it is looked at, and the memory knows of what is behind already. */
static bool more_follows(const order *at)
{
    for (const order *later = at->next; later != NULL; later = later->next)
        if (later->arrival.role != PM_ROLE_REPLY &&
            pm_slice_equal(later->arrival.series, at->arrival.series))
            return true;
    return false;
}

static void look_for_late(const order *orders)
{
    pm_strbuf lines;
    unsigned told = 0;

    pm_strbuf_init(&lines, LINES_LIMIT);
    for (const order *at = orders; at != NULL; at = at->next) {
        pm_arrival arrival = at->arrival;

        arrival.more_follows = more_follows(at);
        told += pm_late_watch_arrival(writer.watch, &arrival, now(), &lines);
    }
    pm_count(PM_METRIC_LATE, told);
    write_lines(&lines, 0);
    pm_strbuf_free(&lines);
}

/* ---- The thread ------------------------------------------------------------------------------ */

static void process(const order *orders, uint64_t dropped)
{
    pm_strbuf lines;

    if (writer.watch != NULL)
        pm_decision_file_foreign(&writer.file, recall_late, NULL);
    pm_strbuf_init(&lines, LINES_LIMIT);
    if (dropped > 0)
        pm_dropped_add_json(&lines, now(), dropped);
    for (const order *at = orders; at != NULL; at = at->next) {
        pm_strbuf_add(&lines, at->arrival.line);
        pm_strbuf_add_byte(&lines, '\n');
    }
    write_lines(&lines, dropped);
    pm_strbuf_free(&lines);
    if (writer.watch != NULL)
        look_for_late(orders);
}

static void free_orders(order *orders)
{
    while (orders != NULL) {
        order *next = orders->next;

        free(orders);
        orders = next;
    }
}

/* Called with the lock. */
static void wait_for_some(void)
{
    struct timespec until;

    while (writer.queued == 0 && !writer.stops) {
        writer.idle = true;
        pthread_cond_wait(&writer.told, &writer.lock);
        writer.idle = false;
    }
    until = pm_deadline(pm_clock_us() + MOMENT_US);
    while (writer.queued < MOST_OF_MOMENT && !writer.stops &&
           pthread_cond_timedwait(&writer.told, &writer.lock, &until) == 0)
        ;
}

/* All that is queued, waited for; false when there is nothing and nothing will come. */
static bool take(order **orders_out, uint64_t *dropped_out)
{
    bool any;

    pthread_mutex_lock(&writer.lock);
    wait_for_some();
    any = writer.first != NULL;
    *orders_out = writer.first;
    *dropped_out = writer.dropped;
    writer.first = NULL;
    writer.last = &writer.first;
    writer.queued = writer.bytes = 0;
    writer.dropped = 0;
    pthread_mutex_unlock(&writer.lock);
    return any;
}

static bool is_on(void)
{
    bool on;

    pthread_mutex_lock(&writer.lock);
    on = writer.size > 0;
    pthread_mutex_unlock(&writer.lock);
    return on;
}

static void *run(void *unused)
{
    order *orders;
    uint64_t dropped;

    (void)unused;
    if (is_on() && pm_decision_file_open(&writer.file) != PM_OK)
        complain();
    begin_watch();
    while (take(&orders, &dropped)) {
        process(orders, dropped);
        free_orders(orders);
    }
    pm_decision_file_close(&writer.file);
    pm_late_watch_free(writer.watch);
    writer.watch = NULL;
    pthread_mutex_lock(&writer.lock);
    writer.gone = true;
    pthread_cond_signal(&writer.ended);
    pthread_mutex_unlock(&writer.lock);
    return NULL;
}

void pm_decisions_start(const char *folder, pm_store *store)
{
    if (folder == NULL)
        return;
    writer.folder = strdup(folder);
    if (writer.folder == NULL)
        return;
    pm_decision_file_init(&writer.file, writer.folder);
    writer.store = store;
    writer.last = &writer.first;
    writer.stops = writer.gone = false;
    pm_deadline_cond(&writer.told);
    pm_deadline_cond(&writer.ended);
    pm_count(PM_METRIC_DECISIONS, 0);
    pm_count_for(PM_METRIC_DECISIONS_DROPPED, "queue", 0);
    pm_count_for(PM_METRIC_DECISIONS_DROPPED, "disk", 0);
    pthread_mutex_lock(&writer.lock);
    writer.runs = pthread_create(&writer.thread, NULL, run, NULL) == 0;
    pthread_mutex_unlock(&writer.lock);
    if (!writer.runs) {
        pm_log(PM_LEVEL_WARNING, "decision-log", "no thread for it: no decision is kept");
        free(writer.folder);
    }
}

bool pm_decisions_stop(void)
{
    const struct timespec until = pm_deadline(pm_clock_us() + PATIENCE_US);
    bool gone;

    if (!writer.runs)
        return true;
    pthread_mutex_lock(&writer.lock);
    writer.runs = false;
    writer.stops = true;
    pthread_cond_signal(&writer.told);
    while (!writer.gone && pthread_cond_timedwait(&writer.ended, &writer.lock, &until) == 0)
        ;
    gone = writer.gone;
    pthread_mutex_unlock(&writer.lock);
    if (!gone) {
        pthread_detach(writer.thread);
        pm_log(PM_LEVEL_WARNING, "decision-log", "the disk does not take the last of it");
        return false;
    }
    pthread_join(writer.thread, NULL);
    free(writer.folder);
    return true;
}

/* ---- On the way of a message ------------------------------------------------------------------
 */

static bool is_wanted(void)
{
    bool wanted;

    pthread_mutex_lock(&writer.lock);
    wanted = writer.runs && writer.size > 0;
    pthread_mutex_unlock(&writer.lock);
    return wanted;
}

/* Copies text behind what is there. */
static pm_slice put(char **end, pm_slice text)
{
    pm_slice copy = {*end, text.len};

    if (text.len > 0)
        memcpy(*end, text.data, text.len);
    *end += text.len;
    return copy;
}

/* NULL without memory. */
static order *make_order(const pm_outcome *outcome, const pm_decision *decision, pm_slice line)
{
    const pm_found *found;
    pm_slice joins[MOST_JOINS];
    size_t join_count = 0;
    size_t size = sizeof(order) + line.len + decision->message_id.len + decision->queue_id.len +
                  decision->marked.series.len;
    order *made;
    char *end;

    for (; join_count < MOST_JOINS; join_count++) {
        found = pm_facts_nth(outcome->facts, PM_LIT("series.joins"), (unsigned)join_count);
        if (found == NULL)
            break;
        joins[join_count] = found->text;
        size += found->text.len;
    }
    made = malloc(size);
    if (made == NULL)
        return NULL;
    *made = (order){.size = size};
    end = made->bytes;
    for (size_t i = 0; i < join_count; i++)
        made->joins[i] = put(&end, joins[i]);
    made->arrival = (pm_arrival){.role = pm_decision_role(decision),
                                 .line = put(&end, line),
                                 .message_id = put(&end, decision->message_id),
                                 .queue_id = put(&end, decision->queue_id),
                                 .series = put(&end, decision->marked.series),
                                 .joins = made->joins,
                                 .join_count = join_count,
                                 .delivered = decision->delivered,
                                 .moves = outcome->moves};
    return made;
}

/* NULL: it cannot be handed over. */
static void hand_over(order *made)
{
    bool dropped = true;

    pthread_mutex_lock(&writer.lock);
    if (made != NULL && writer.runs && writer.queued < MOST_QUEUED &&
        writer.bytes + made->size <= MOST_BYTES) {
        *writer.last = made;
        writer.last = &made->next;
        writer.queued++;
        writer.bytes += made->size;
        dropped = false;
        if (writer.idle || writer.queued == MOST_OF_MOMENT)
            pthread_cond_signal(&writer.told);
    }
    writer.dropped += dropped;
    pthread_mutex_unlock(&writer.lock);
    if (dropped) {
        pm_count_for(PM_METRIC_DECISIONS_DROPPED, "queue", 1);
        free(made);
    }
}

void pm_decisions_note(const pm_outcome *outcome, pm_slice queue_id)
{
    pm_decision decision;
    pm_strbuf text;

    if (outcome == NULL || !is_wanted() ||
        pm_decision_read(outcome, queue_id, now(), &decision) != PM_OK)
        return;
    pm_strbuf_init(&text, PM_DECISION_LINE_LONGEST);
    pm_decision_add_json(&text, &decision);
    hand_over(text.failed
                  ? NULL
                  : make_order(outcome, &decision, pm_slice_trim_end(pm_strbuf_slice(&text))));
    pm_strbuf_free(&text);
}
