/* SPDX-License-Identifier: BSD-2-Clause */
/* shadow_log - what shadows would have changed, in the log; see shadow_log.h. */
#include "shadow_log.h"

#include "difference.h"
#include "log.h"

static void log_fired(pm_log_line *line, const char *key, const pm_outcome *in,
                      const pm_outcome *other)
{
    const pm_rule *rule;
    pm_strbuf names;

    pm_strbuf_init(&names, 1000);
    for (size_t nth = 0; (rule = pm_fired_only(in, other, nth)) != NULL; nth++)
        pm_strbuf_printf(&names, "%s%s", nth > 0 ? "," : "", pm_rule_id(rule));
    if (names.len > 0)
        pm_log_text(line, key, pm_strbuf_slice(&names));
    pm_strbuf_free(&names);
}

static void log_changes(pm_log_line *line, unsigned difference)
{
    pm_strbuf names;

    pm_strbuf_init(&names, 1000);
    for (unsigned i = 0; i < PM_ASPECTS; i++)
        if (difference >> i & 1)
            pm_strbuf_printf(&names, "%s%s", names.len > 0 ? "," : "",
                             pm_aspect_name((pm_aspect)i));
    pm_log_text(line, "changes", pm_strbuf_slice(&names));
    pm_strbuf_free(&names);
}

static void log_shadow(const pm_outcome *live, const pm_shadowed *shadowed, pm_slice queue_id)
{
    const pm_outcome *would = shadowed->outcome;
    pm_log_line line;

    pm_log_begin(&line, PM_LEVEL_INFO, "shadow");
    pm_log_text(&line, "queue-id", queue_id);
    pm_log_text(&line, "message-id", live->letter->message_id);
    pm_log_text(&line, "name", pm_shadow_name(shadowed->shadow));
    log_changes(&line, shadowed->difference);
    pm_log_text(&line, "inbox", live->inbox);
    pm_log_text(&line, "would-be", would->inbox);
    log_fired(&line, "rules", would, live);
    log_fired(&line, "without", live, would);
    pm_log_end(&line);
}

void pm_shadow_log(const pm_outcome *outcome, pm_slice queue_id)
{
    for (size_t i = 0; outcome != NULL && i < outcome->shadow_count; i++)
        if (outcome->shadows[i].difference != 0)
            log_shadow(outcome, &outcome->shadows[i], queue_id);
}
