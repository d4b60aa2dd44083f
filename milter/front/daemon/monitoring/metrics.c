/* SPDX-License-Identifier: BSD-2-Clause */
/* metrics - counters, and their text for Prometheus; see metrics.h. */
#include "metrics.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* ---- What there is ---- */

typedef enum kind {
    COUNTER,
    KEPT, /* a counter that somebody else keeps: pm_metric_set */
    GAUGE,
    HISTOGRAM,
} kind;

typedef struct family {
    kind kind;
    const char *name;  /* with _seconds: kept in microseconds */
    const char *label; /* NULL: it has none */
    const char *help;
} family;

static const family families[PM_METRIC_COUNT] = {
    [PM_METRIC_CONNECTIONS] = {COUNTER, "patchmark_connections_total", NULL,
                               "Connections an MTA has opened."},
    [PM_METRIC_MESSAGES] = {COUNTER, "patchmark_messages_total", "kind",
                            "Messages answered, by kind of letter."},
    [PM_METRIC_UNDER_WAY] = {GAUGE, "patchmark_messages_under_way", NULL,
                             "Messages begun and not yet answered."},
    [PM_METRIC_UNEXAMINED] = {COUNTER, "patchmark_messages_unexamined_total", NULL,
                              "Messages that passed without being looked at, for want of memory."},
    [PM_METRIC_MESSAGE_TIME] = {HISTOGRAM, "patchmark_message_seconds", NULL,
                                "From the end of a message to its answer."},
    [PM_METRIC_MARKS] = {COUNTER, "patchmark_marks_total", NULL, "Header fields that were added."},
    [PM_METRIC_REMOVED] = {COUNTER, "patchmark_forged_fields_removed_total", NULL,
                           "Fields with our prefix that mail brought along, removed."},
    [PM_METRIC_REMOVALS_FAILED] = {COUNTER, "patchmark_forged_fields_left_total", NULL,
                                   "Such fields that could not be removed."},
    [PM_METRIC_RECIPIENTS] = {COUNTER, "patchmark_recipients_added_total", NULL,
                              "Recipients that rules added."},
    [PM_METRIC_QUARANTINED] = {COUNTER, "patchmark_quarantined_total", NULL,
                               "Messages put into quarantine."},
    [PM_METRIC_DISCARDED] = {COUNTER, "patchmark_discarded_total", NULL, "Messages discarded."},
    [PM_METRIC_REJECTED] = {COUNTER, "patchmark_rejected_total", NULL, "Messages rejected."},
    [PM_METRIC_EDITS_INCOMPLETE] = {COUNTER, "patchmark_edits_incomplete_total", NULL,
                                    "Messages whose MTA would not make all of our changes."},
    [PM_METRIC_PARTIAL] = {COUNTER, "patchmark_partial_total", NULL,
                           "Messages at a limit of time or memory: marks may be missing."},
    [PM_METRIC_RULES_FIRED] = {COUNTER, "patchmark_rule_fired_total", "rule",
                               "Messages the rule held for."},
    [PM_METRIC_PATTERN_LIMITS] = {COUNTER, "patchmark_pattern_limit_total", "rule",
                                  "Messages on which a pattern of the rule reached its limit."},
    [PM_METRIC_SHADOW_TRIED] = {COUNTER, "patchmark_shadow_tried_total", "shadow",
                                "Messages the shadow was tried on."},
    [PM_METRIC_SHADOW_DIFFERENT] = {COUNTER, "patchmark_shadow_different_total", "shadow",
                                    "Messages it would have changed something for."},
    [PM_METRIC_SHADOW_SKIPPED] = {COUNTER, "patchmark_shadow_skipped_total", "shadow",
                                  "Messages that left it no time or memory."},
    [PM_METRIC_PLUGIN_SCANS] = {KEPT, "patchmark_plugin_scans_total", "plugin",
                                "Messages, and examples of rules, that the plugin looked at."},
    [PM_METRIC_PLUGIN_TIME] = {KEPT, "patchmark_plugin_seconds_total", "plugin",
                               "How long it looked at them."},
    [PM_METRIC_PLUGIN_FAULTS] = {KEPT, "patchmark_plugin_faults_total", "plugin",
                                 "Messages on which the plugin failed."},
    [PM_METRIC_PLUGIN_OVERRUNS] = {KEPT, "patchmark_plugin_overruns_total", "plugin",
                                   "Messages for which it took longer than its time."},
    [PM_METRIC_PLUGIN_REFUSED] = {KEPT, "patchmark_plugin_refused_total", "plugin",
                                  "Messages it was not shown, after crashes or overruns."},
    [PM_METRIC_PLUGIN_CRASHES] = {GAUGE, "patchmark_plugin_crashes", "plugin",
                                  "Crashes of the daemon that are remembered of it."},
    [PM_METRIC_PLUGIN_STUCK] = {GAUGE, "patchmark_plugin_stuck", "plugin",
                                "Messages it should have been done with long ago."},
    [PM_METRIC_PLUGIN_OFF] = {GAUGE, "patchmark_plugin_off", "plugin",
                              "1 while it is shown no message, after crashes or overruns."},
    [PM_METRIC_MEMORY_FAILED] = {COUNTER, "patchmark_memory_failed_total", NULL,
                                 "Messages that the memory of series gave no answer in time."},
    [PM_METRIC_STORE_AWAY] = {GAUGE, "patchmark_store_away", NULL,
                              "1 while the memory of series cannot be written."},
    [PM_METRIC_STORE_QUEUED] = {GAUGE, "patchmark_store_queued", NULL, "What waits to be written."},
    [PM_METRIC_STORE_COMMITTED] = {KEPT, "patchmark_store_committed_total", NULL,
                                   "What has been written."},
    [PM_METRIC_STORE_COMMITS] = {KEPT, "patchmark_store_commits_total", NULL,
                                 "Transactions it was written in."},
    [PM_METRIC_STORE_DROPPED] = {KEPT, "patchmark_store_dropped_total", NULL,
                                 "What was given up: too much waited, or it cannot be written."},
    [PM_METRIC_STORE_LATE] = {KEPT, "patchmark_store_late_total", NULL,
                              "Look-ups that got no answer in time."},
    [PM_METRIC_STORE_BYTES] = {GAUGE, "patchmark_store_bytes", NULL, "What it takes on disk."},
    [PM_METRIC_STORE_USED_BYTES] = {GAUGE, "patchmark_store_used_bytes", NULL,
                                    "How much of that holds something; measured once an hour."},
    [PM_METRIC_STORE_SERIES] = {GAUGE, "patchmark_store_series", NULL,
                                "Series that are remembered; counted once an hour."},
    [PM_METRIC_FORGOTTEN] = {COUNTER, "patchmark_series_forgotten_total", "reason",
                             "Series forgotten, for their age or for the store's size."},
    [PM_METRIC_DECISIONS] = {COUNTER, "patchmark_decisions_logged_total", NULL,
                             "Lines written to the decision log."},
    [PM_METRIC_DECISIONS_DROPPED] = {COUNTER, "patchmark_decisions_dropped_total", "reason",
                                     "Lines lost: too many waited, or the disk did not take them."},
    [PM_METRIC_LATE] = {COUNTER, "patchmark_late_total", NULL,
                        "Decisions that later evidence was found to speak against."},
    [PM_METRIC_RELOADS] = {COUNTER, "patchmark_reloads_total", "result",
                           "Times the configuration was read again."},
    [PM_METRIC_RELOAD_AT] = {GAUGE, "patchmark_reload_timestamp_seconds", NULL,
                             "When that was last."},
    [PM_METRIC_SNAPSHOT_AGE] = {GAUGE, "patchmark_configuration_age_seconds", NULL,
                                "How long the configuration in force has been so."},
    [PM_METRIC_RULES] = {GAUGE, "patchmark_rules", NULL, "Rules in force."},
    [PM_METRIC_PLUGINS] = {GAUGE, "patchmark_plugins", NULL, "Plugins in force."},
    [PM_METRIC_CONTROL_REQUESTS] = {COUNTER, "patchmark_control_requests_total", "request",
                                    "Requests at the control socket."},
    [PM_METRIC_STARTED_AT] = {GAUGE, "process_start_time_seconds", NULL,
                              "When the daemon was started."},
    [PM_METRIC_RESIDENT] = {GAUGE, "process_resident_memory_bytes", NULL,
                            "Memory the daemon takes."},
};

static bool is_set(const family *of)
{
    return of->kind == KEPT || of->kind == GAUGE;
}

static bool is_time(const family *of)
{
    return strstr(of->name, "_seconds") != NULL;
}

/* ---- Without labels ---- */

static atomic_uint_least64_t plain[PM_METRIC_COUNT];
static atomic_bool said[PM_METRIC_COUNT];

void pm_count(pm_metric metric, uint64_t more)
{
    atomic_fetch_add_explicit(&plain[metric], more, memory_order_relaxed);
}

void pm_metric_set(pm_metric metric, int64_t value)
{
    atomic_store_explicit(&plain[metric], (uint64_t)value, memory_order_relaxed);
    atomic_store_explicit(&said[metric], true, memory_order_release);
}

/* ---- With labels ---- */

/* Made once, never freed: who counts holds no lock, and labels are bounded. */
typedef struct labelled {
    pm_metric metric;
    atomic_uint_least64_t value;
    char label[];
} labelled;

#define SLOTS       32768 /* a power of two */
#define LABELS_MOST 20000

static _Atomic(labelled *) slots[SLOTS];
static struct {
    pthread_mutex_t lock; /* to add one, and to print */
    size_t count;
} labels = {PTHREAD_MUTEX_INITIALIZER, 0};

static size_t first_slot(pm_metric metric, const char *label)
{
    uint64_t hash = UINT64_C(14695981039346656037) ^ metric; /* FNV-1a */

    for (; *label != '\0'; label++)
        hash = (hash ^ (unsigned char)*label) * UINT64_C(1099511628211);
    return (size_t)(hash ^ hash >> 32) % SLOTS;
}

/* The one there is, or NULL with the free slot it would go to. */
static labelled *look_for(pm_metric metric, const char *label, size_t *slot_out)
{
    size_t at = first_slot(metric, label);
    labelled *found;

    while ((found = atomic_load_explicit(&slots[at], memory_order_acquire)) != NULL &&
           (found->metric != metric || strcmp(found->label, label) != 0))
        at = (at + 1) % SLOTS;
    *slot_out = at;
    return found;
}

static labelled *make(pm_metric metric, const char *label)
{
    size_t len = strlen(label) + 1;
    labelled *made = calloc(1, sizeof(*made) + len);

    if (made == NULL)
        return NULL;
    made->metric = metric;
    memcpy(made->label, label, len);
    return made;
}

/* NULL without memory. */
static labelled *add(pm_metric metric, const char *label)
{
    labelled *found;
    size_t slot;

    pthread_mutex_lock(&labels.lock);
    found = look_for(metric, label, &slot);
    /* Room is left for the "(others)" of each metric. */
    if (found == NULL && labels.count >= LABELS_MOST)
        found = look_for(metric, label = "(others)", &slot);
    if (found == NULL) {
        found = make(metric, label);
        atomic_store_explicit(&slots[slot], found, memory_order_release);
        labels.count += found != NULL;
    }
    pthread_mutex_unlock(&labels.lock);
    return found;
}

static labelled *find(pm_metric metric, const char *label)
{
    size_t slot;
    labelled *found = look_for(metric, label, &slot);

    return found != NULL ? found : add(metric, label);
}

void pm_count_for(pm_metric metric, const char *label, uint64_t more)
{
    labelled *found = find(metric, label);

    if (found != NULL)
        atomic_fetch_add_explicit(&found->value, more, memory_order_relaxed);
}

void pm_metric_set_for(pm_metric metric, const char *label, int64_t value)
{
    labelled *found = find(metric, label);

    if (found != NULL)
        atomic_store_explicit(&found->value, (uint64_t)value, memory_order_relaxed);
}

uint64_t pm_metric_sum(pm_metric metric)
{
    uint64_t sum = atomic_load_explicit(&plain[metric], memory_order_relaxed);

    for (size_t i = 0; families[metric].label != NULL && i < SLOTS; i++) {
        labelled *at = atomic_load_explicit(&slots[i], memory_order_acquire);

        if (at != NULL && at->metric == metric)
            sum += atomic_load_explicit(&at->value, memory_order_relaxed);
    }
    return sum;
}

/* ---- Times ---- */

static const int64_t bounds_us[] = {100,   250,   500,    1000,   2500,   5000,   10000,
                                    25000, 50000, 100000, 250000, 500000, 1000000};
#define BOUNDS (sizeof(bounds_us) / sizeof(bounds_us[0]))

static struct {
    atomic_uint_least64_t counts[BOUNDS + 1]; /* the last: longer than all bounds */
    atomic_uint_least64_t sum_us;
} times;

void pm_count_time(int64_t took_us)
{
    size_t at = 0;

    while (at < BOUNDS && took_us > bounds_us[at])
        at++;
    atomic_fetch_add_explicit(&times.counts[at], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&times.sum_us, (uint64_t)took_us, memory_order_relaxed);
}

/* ---- As text ---- */

static void write_value(pm_strbuf *to, const family *of, uint64_t value)
{
    if (is_time(of))
        pm_strbuf_printf(to, " %" PRIu64 ".%06" PRIu64 "\n", value / 1000000, value % 1000000);
    else
        pm_strbuf_printf(to, " %" PRIu64 "\n", value);
}

static void write_label(pm_strbuf *to, const char *name, const char *value)
{
    pm_strbuf_printf(to, "{%s=\"", name);
    for (; *value != '\0'; value++) {
        if (*value == '\n')
            pm_strbuf_add_text(to, "\\n");
        else if (*value == '"' || *value == '\\')
            pm_strbuf_printf(to, "\\%c", *value);
        else
            pm_strbuf_add_byte(to, *value);
    }
    pm_strbuf_add_text(to, "\"}");
}

static void write_times(pm_strbuf *to, const family *of)
{
    const char *name = of->name;
    uint64_t count = 0;

    for (size_t i = 0; i <= BOUNDS; i++) {
        count += atomic_load_explicit(&times.counts[i], memory_order_relaxed);
        if (i < BOUNDS)
            pm_strbuf_printf(to, "%s_bucket{le=\"%g\"} %" PRIu64 "\n", name,
                             (double)bounds_us[i] / 1e6, count);
    }
    pm_strbuf_printf(to, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n%s_sum", name, count, name);
    write_value(to, of, atomic_load_explicit(&times.sum_us, memory_order_relaxed));
    pm_strbuf_printf(to, "%s_count %" PRIu64 "\n", name, count);
}

static int by_metric_and_label(const void *a, const void *b)
{
    const labelled *const *left = a, *const *right = b;

    if ((*left)->metric != (*right)->metric)
        return (*left)->metric < (*right)->metric ? -1 : 1;
    return strcmp((*left)->label, (*right)->label);
}

/* All there are, sorted; NULL without memory. */
static labelled **sort_labels(size_t *count_out)
{
    labelled **sorted = calloc(LABELS_MOST + PM_METRIC_COUNT, sizeof(*sorted));
    size_t count = 0;

    pthread_mutex_lock(&labels.lock);
    for (size_t i = 0; sorted != NULL && i < SLOTS; i++) {
        labelled *at = atomic_load_explicit(&slots[i], memory_order_relaxed);

        if (at != NULL)
            sorted[count++] = at;
    }
    pthread_mutex_unlock(&labels.lock);
    if (count > 0)
        qsort(sorted, count, sizeof(*sorted), by_metric_and_label);
    *count_out = count;
    return sorted;
}

static void write_family(pm_strbuf *to, pm_metric metric, labelled **from, labelled **end)
{
    static const char *const kinds[] = {"counter", "counter", "gauge", "histogram"};
    const family *of = &families[metric];

    pm_strbuf_printf(to, "# HELP %s %s\n# TYPE %s %s\n", of->name, of->help, of->name,
                     kinds[of->kind]);
    if (of->kind == HISTOGRAM) {
        write_times(to, of);
    } else if (of->label == NULL) {
        pm_strbuf_add_text(to, of->name);
        write_value(to, of, atomic_load_explicit(&plain[metric], memory_order_relaxed));
    }
    for (; from < end && (*from)->metric == metric; from++) {
        pm_strbuf_add_text(to, of->name);
        write_label(to, of->label, (*from)->label);
        write_value(to, of, atomic_load_explicit(&(*from)->value, memory_order_relaxed));
    }
}

void pm_metrics_write(pm_strbuf *to)
{
    size_t count, at = 0;
    labelled **sorted = sort_labels(&count);

    for (pm_metric metric = 0; metric < PM_METRIC_COUNT; metric++) {
        while (at < count && sorted[at]->metric < metric)
            at++;
        if (families[metric].label == NULL && is_set(&families[metric]) &&
            !atomic_load_explicit(&said[metric], memory_order_acquire))
            continue;
        write_family(to, metric, sorted + at, sorted + count);
    }
    free(sorted);
}
