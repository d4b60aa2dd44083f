/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * metrics - what the daemon counts, and how it prints that for Prometheus.
 *
 * Counting takes no lock and may happen anywhere, on the way of a message too. To add a metric: a
 * name in the enum, its line in the table of metrics.c, its line in metrics.md, and a call of
 * pm_count where it happens.
 *
 * Not where the numbers of other parts (the store, the configuration in force) come from; see
 * status.h.
 */
#ifndef PM_METRICS_H
#define PM_METRICS_H

#include "strbuf.h"

typedef enum pm_metric {
    PM_METRIC_CONNECTIONS,
    PM_METRIC_MESSAGES, /* by kind of letter */
    PM_METRIC_UNDER_WAY,
    PM_METRIC_UNEXAMINED,
    PM_METRIC_MESSAGE_TIME,
    PM_METRIC_MARKS,
    PM_METRIC_REMOVED,
    PM_METRIC_REMOVALS_FAILED,
    PM_METRIC_RECIPIENTS,
    PM_METRIC_QUARANTINED,
    PM_METRIC_DISCARDED,
    PM_METRIC_REJECTED,
    PM_METRIC_EDITS_INCOMPLETE,
    PM_METRIC_PARTIAL,
    PM_METRIC_RULES_FIRED,    /* by rule */
    PM_METRIC_PATTERN_LIMITS, /* by rule */
    PM_METRIC_SHADOW_TRIED,   /* by shadow, as the next two */
    PM_METRIC_SHADOW_DIFFERENT,
    PM_METRIC_SHADOW_SKIPPED,
    PM_METRIC_PLUGIN_SCANS, /* by plugin, as all the next ones */
    PM_METRIC_PLUGIN_TIME,
    PM_METRIC_PLUGIN_FAULTS,
    PM_METRIC_PLUGIN_OVERRUNS,
    PM_METRIC_PLUGIN_REFUSED,
    PM_METRIC_PLUGIN_CRASHES,
    PM_METRIC_PLUGIN_STUCK,
    PM_METRIC_PLUGIN_OFF,
    PM_METRIC_MEMORY_FAILED,
    PM_METRIC_STORE_AWAY,
    PM_METRIC_STORE_QUEUED,
    PM_METRIC_STORE_COMMITTED,
    PM_METRIC_STORE_COMMITS,
    PM_METRIC_STORE_DROPPED,
    PM_METRIC_STORE_LATE,
    PM_METRIC_STORE_BYTES,
    PM_METRIC_STORE_USED_BYTES,
    PM_METRIC_STORE_SERIES,
    PM_METRIC_FORGOTTEN, /* by reason: age, size */
    PM_METRIC_DECISIONS,
    PM_METRIC_DECISIONS_DROPPED, /* by reason: queue, disk */
    PM_METRIC_LATE,
    PM_METRIC_RELOADS, /* by result: ok, failed */
    PM_METRIC_RELOAD_AT,
    PM_METRIC_SNAPSHOT_AGE,
    PM_METRIC_RULES,
    PM_METRIC_PLUGINS,
    PM_METRIC_CONTROL_REQUESTS, /* by request */
    PM_METRIC_STARTED_AT,
    PM_METRIC_RESIDENT,
    PM_METRIC_COUNT
} pm_metric;

/* Add to a counter without labels. */
void pm_count(pm_metric metric, uint64_t more);

/* Add to a counter that has a label; 0 makes it appear with what it has. At most 20,000 labels of
 * all metrics are told apart, and the rest is "(others)": whoever counts chooses labels that the
 * configuration bounds, never text from mail. */
void pm_count_for(pm_metric metric, const char *label, uint64_t more);

/* Add to the histogram of times, in microseconds. */
void pm_count_time(int64_t took_us);

/* What a gauge, or a counter that somebody else keeps, stands at. Until it was set it does not
 * appear. Times are in microseconds and are printed as seconds. */
void pm_metric_set(pm_metric metric, int64_t value);
void pm_metric_set_for(pm_metric metric, const char *label, int64_t value);

/* What was counted under all labels together. */
uint64_t pm_metric_sum(pm_metric metric);

/* All of it in the text format of Prometheus, version 0.0.4. */
void pm_metrics_write(pm_strbuf *to);

#endif
