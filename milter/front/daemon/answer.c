/* SPDX-License-Identifier: BSD-2-Clause */
/* answer - what is told about the answer to one message; see answer.h. */
#include "answer.h"

#include "log.h"
#include "metrics.h"

#include <stdio.h>

/* ---- Counting ---- */

static void count_shadows(const pm_outcome *outcome)
{
    for (size_t i = 0; i < outcome->shadow_count; i++) {
        const pm_shadowed *shadowed = &outcome->shadows[i];
        const bool tried = shadowed->outcome != NULL;
        char name[64];

        snprintf(name, sizeof(name), "%.*s", PM_FMT(pm_shadow_name(shadowed->shadow)));
        pm_count_for(PM_METRIC_SHADOW_TRIED, name, tried);
        pm_count_for(PM_METRIC_SHADOW_DIFFERENT, name, tried && shadowed->difference != 0);
        pm_count_for(PM_METRIC_SHADOW_SKIPPED, name, !tried);
    }
}

static void count_outcome(const pm_outcome *outcome)
{
    const pm_verdict *verdict = &outcome->verdict;

    for (size_t i = 0; i < verdict->fired_count; i++)
        pm_count_for(PM_METRIC_RULES_FIRED, pm_rule_id(verdict->fired[i]), 1);
    for (size_t i = 0; i < verdict->limited_count; i++)
        pm_count_for(PM_METRIC_PATTERN_LIMITS, pm_rule_id(verdict->limited[i]), 1);
    pm_count(PM_METRIC_MEMORY_FAILED, outcome->memory_failed);
    pm_count(PM_METRIC_PARTIAL, outcome->partial);
    count_shadows(outcome);
}

void pm_answer_count(const pm_answer *answer)
{
    const pm_outcome *outcome = answer->outcome;
    const pm_letter *letter = outcome == NULL ? NULL : outcome->letter;

    pm_count_for(PM_METRIC_MESSAGES, letter == NULL ? "unread" : pm_kind_name(letter->kind), 1);
    if (outcome == NULL)
        pm_count(PM_METRIC_UNEXAMINED, 1);
    else
        count_outcome(outcome);
    pm_count(PM_METRIC_MARKS, answer->marks);
    pm_count(PM_METRIC_REMOVED, answer->removed);
    pm_count(PM_METRIC_REMOVALS_FAILED, answer->left);
    pm_count(PM_METRIC_RECIPIENTS, answer->recipients);
    pm_count(PM_METRIC_QUARANTINED, answer->quarantined);
    pm_count(PM_METRIC_DISCARDED, answer->reply == PM_REPLY_DISCARD);
    pm_count(PM_METRIC_REJECTED, answer->reply == PM_REPLY_REJECT);
    pm_count(PM_METRIC_EDITS_INCOMPLETE, answer->edits_failed);
    pm_count_time(answer->took_us);
}

/* ---- The log ---- */

static void log_rules(pm_log_line *line, const pm_verdict *verdict)
{
    pm_strbuf names;

    pm_strbuf_init(&names, 1000);
    for (size_t i = 0; i < verdict->fired_count; i++)
        pm_strbuf_printf(&names, "%s%s", i > 0 ? "," : "", pm_rule_id(verdict->fired[i]));
    if (names.len > 0)
        pm_log_text(line, "rules", pm_strbuf_slice(&names));
    pm_strbuf_free(&names);
}

static void log_outcome(pm_log_line *line, const pm_outcome *outcome)
{
    const pm_letter *letter = outcome->letter;

    if (letter != NULL) {
        pm_log_text(line, "message-id", letter->message_id);
        pm_log_string(line, "kind", pm_kind_name(letter->kind));
    }
    pm_log_text(line, "inbox", outcome->inbox);
    if (outcome->series.len > 0)
        pm_log_text(line, "series", outcome->series);
    if (outcome->supersedes.len > 0)
        pm_log_text(line, "supersedes", outcome->supersedes);
    if (outcome->revision > 0)
        pm_log_number(line, "revision", outcome->revision);
    if (outcome->part >= 0)
        pm_log_printf(line, "part", "%d/%d", outcome->part, outcome->total);
    log_rules(line, &outcome->verdict);
}

void pm_answer_log(const pm_answer *answer)
{
    static const char *const replies[] = {
        [PM_REPLY_DISCARD] = "discard",
        [PM_REPLY_REJECT] = "reject",
    };
    const pm_outcome *outcome = answer->outcome;
    pm_log_line line;

    pm_log_begin(&line, PM_LEVEL_INFO, "message");
    pm_log_text(&line, "queue-id", answer->queue_id);
    if (outcome == NULL)
        pm_log_string(&line, "unexamined", "no-memory");
    else
        log_outcome(&line, outcome);
    if (answer->removed > 0)
        pm_log_number(&line, "removed", answer->removed);
    if (answer->recipients > 0)
        pm_log_number(&line, "recipients", answer->recipients);
    if (answer->quarantined)
        pm_log_string(&line, "quarantined", "yes");
    if (answer->reply != PM_REPLY_ACCEPT)
        pm_log_string(&line, "answer", replies[answer->reply]);
    if (answer->left > 0)
        pm_log_number(&line, "removal-failed", answer->left);
    if (answer->edits_failed)
        pm_log_string(&line, "edits", "incomplete");
    if (outcome != NULL && outcome->memory_failed)
        pm_log_string(&line, "memory", "failed");
    if (outcome != NULL && outcome->partial)
        pm_log_string(&line, "partial", "yes");
    pm_log_number(&line, "us", answer->took_us);
    pm_log_end(&line);
}
