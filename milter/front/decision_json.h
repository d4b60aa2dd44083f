/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * decision_json - the lines of the decision log: a decision, what came late for one, how many were
 * dropped. One JSON object each; patchmark(1) describes the members.
 *
 * Always valid JSON in valid UTF-8, whatever the mail contains. Written by hand, for a message
 * waits while its decision becomes text; read with jansson, when nobody waits.
 */
#ifndef PM_DECISION_JSON_H
#define PM_DECISION_JSON_H

#include "late.h"
#include "strbuf.h"

/* Each adds one object and an LF. */
void pm_decision_add_json(pm_strbuf *to, const pm_decision *decision);
void pm_late_add_json(pm_strbuf *to, const pm_late *late);
void pm_dropped_add_json(pm_strbuf *to, int64_t time, uint64_t count);

/* A line of the log, understood. */
typedef struct pm_record {
    enum { PM_RECORD_DECISION, PM_RECORD_LATE } type;
    pm_decision decision;
    pm_late late;
} pm_record;

/* Read one, with or without its LF; all of it is in the arena. PM_ABSENT: it is none of these, cut
 * short for instance. PM_LIMIT past the budget. */
pm_status pm_record_read(pm_arena *arena, pm_slice line, pm_record *record_out);

#endif
