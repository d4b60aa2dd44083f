/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plugin_host - opens plugins and lets them look at letters; see plugin_host.h.
 *
 * What a plugin may ask of its host stands in one constant table. Behind most of its members is one
 * line here: the letter's fields are field.c's, the settings settings.c's.
 *
 * Not a sandbox: a plugin runs in this process.
 */
#include "plugin_host.h"

#include "clock.h"
#include "field.h"
#include "log.h"
#include "plugin_load.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Log lines that mail can cause: this many at once, then one a second. */
#define LOG_BURST       20
#define LOG_INTERVAL_US (1000 * 1000)

/* The part of a message's memory that is not lent to plugins: one in so many bytes. */
#define KEPT_FROM_PLUGINS 4
#define LARGEST_FACT      4096 /* bytes, with room for its neighbours to grow */

/* A fact grew to this in ABI 1.0; longer ones come from plugins newer than we are. */
#define FACT_SIZE (offsetof(pm_fact, reason) + sizeof(pm_slice))

struct pm_loaded {
    const pm_plugin *plugin;
    const pm_settings *settings;
    void *instance;
    int64_t budget_us;
    pm_guarded *guarded; /* NULL: nobody watches */
    bool is_open;        /* false: it has crashed us that way too often */
    char fault[96];      /* the fact plugin.NAME.fault */
    pm_log_limit log_limit;
};

struct pm_scan {
    pm_loaded *loaded;
    const pm_letter *letter;
    pm_facts *facts;
    pm_recall *recall; /* NULL: there is no memory */
    int64_t deadline_us;
    pm_slice queue_id;
    size_t fact_count; /* that it has reported */
};

/* ---- What the host offers ---- */

static void begin_line(pm_log_line *line, const pm_scan *scan, int level, const char *event)
{
    if (scan == NULL) {
        pm_log_begin(line, level, event);
        return;
    }
    pm_log_begin_limited(line, &scan->loaded->log_limit, level, event);
    pm_log_string(line, "plugin", scan->loaded->plugin->name);
    if (scan->queue_id.len > 0)
        pm_log_text(line, "qid", scan->queue_id);
    if (scan->letter->message_id.len > 0)
        pm_log_text(line, "mid", scan->letter->message_id);
}

static void host_log(pm_scan *scan, int level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void host_log(pm_scan *scan, int level, const char *format, ...)
{
    char text[1024];
    pm_log_line line;
    va_list args;

    begin_line(&line, scan, level, "plugin");
    va_start(args, format);
    if (vsnprintf(text, sizeof(text), format, args) < 0)
        text[0] = '\0';
    va_end(args);
    pm_log_string(&line, "msg", text);
    pm_log_end(&line);
}

/* What a message may cost is everybody's: a plugin that takes all there is must not take the marks
 * of the others with it. */
static bool may_lend(const pm_scan *scan, size_t size)
{
    const size_t budget = pm_arena_budget(scan->facts->arena);
    const size_t lent = budget - budget / KEPT_FROM_PLUGINS;

    return size <= lent && pm_arena_used(scan->facts->arena) <= lent - size;
}

static void *host_scratch(pm_scan *scan, size_t size)
{
    return may_lend(scan, size) ? pm_alloc(scan->facts->arena, size) : NULL;
}

static int64_t host_time_left(pm_scan *scan)
{
    return scan->deadline_us - pm_clock_us();
}

static pm_status host_header(pm_scan *scan, const char *name, unsigned nth, pm_slice *value_out)
{
    return pm_message_header(scan->letter->message, name, nth, value_out);
}

static pm_status host_body_text(pm_scan *scan, pm_slice *text_out)
{
    *text_out = scan->letter->text;
    return PM_OK;
}

static pm_status host_letter_text(pm_scan *scan, const char *field, unsigned nth,
                                  pm_slice *value_out)
{
    static const char header[] = "header.";
    const pm_field *found;

    if (strncmp(field, header, sizeof(header) - 1) == 0)
        return pm_message_decoded(scan->letter->message, field + sizeof(header) - 1, nth,
                                  value_out);
    found = pm_field_find(pm_slice_of(field));
    if (found == NULL || found->type != PM_FIELD_TEXT)
        return PM_FAULT;
    return found->text(scan->letter, nth, value_out);
}

static pm_status host_letter_number(pm_scan *scan, const char *field, unsigned nth,
                                    int64_t *value_out)
{
    const pm_field *found = pm_field_find(pm_slice_of(field));

    if (found == NULL || found->type == PM_FIELD_TEXT)
        return PM_FAULT;
    return found->number(scan->letter, nth, value_out);
}

/* PM_FAULT for a fact of the other type. */
static pm_status find_fact(const pm_scan *scan, const char *name, unsigned nth, pm_fact_type type,
                           double *weight_out, const pm_found **found_out)
{
    *found_out = pm_facts_nth(scan->facts, pm_slice_of(name), nth);
    if (*found_out == NULL)
        return PM_ABSENT;
    if ((*found_out)->decl->type != type)
        return PM_FAULT;
    if (weight_out != NULL)
        *weight_out = (*found_out)->weight;
    return PM_OK;
}

static pm_status host_fact_text(pm_scan *scan, const char *name, unsigned nth, pm_slice *value_out,
                                double *weight_out)
{
    const pm_found *found;
    pm_status status = find_fact(scan, name, nth, PM_FACT_TEXT, weight_out, &found);

    if (status == PM_OK)
        *value_out = found->text;
    return status;
}

static pm_status host_fact_number(pm_scan *scan, const char *name, unsigned nth, int64_t *value_out,
                                  double *weight_out)
{
    const pm_found *found;
    pm_status status = find_fact(scan, name, nth, PM_FACT_NUMBER, weight_out, &found);

    if (status == PM_OK)
        *value_out = found->number;
    return status;
}

static pm_status host_add_fact(pm_scan *scan, const pm_fact *fact)
{
    const pm_plugin *plugin = scan->loaded->plugin;
    pm_status status;

    if (fact->size < FACT_SIZE || fact->name == NULL)
        return PM_FAULT;
    if (!pm_loaded_declares(scan->loaded, fact->name)) {
        host_log(scan, PM_LEVEL_ERROR, "it reported \"%s\", which it does not declare", fact->name);
        return PM_FAULT;
    }
    if (scan->fact_count == PM_FACTS_OF_ONE || scan->facts->count >= PM_FACTS_OF_PLUGINS ||
        !may_lend(scan, LARGEST_FACT))
        return PM_LIMIT;
    status = pm_facts_add(scan->facts, fact, plugin->name);
    scan->fact_count += status == PM_OK;
    return status;
}

/* What a descriptor could declare as well? Else the configuration, from which it comes, is wrong.
 */
static pm_status host_declare_fact(const pm_settings *settings, const pm_fact_decl *fact)
{
    if (!pm_plugin_is_fact_name(fact->name)) {
        pm_settings_problem(settings, NULL,
                            "\"%s\" is no name of a fact (names are [a-z][a-z0-9.-]*)",
                            fact->name == NULL ? "" : fact->name);
        return PM_FAULT;
    }
    if ((fact->type != PM_FACT_TEXT && fact->type != PM_FACT_NUMBER) || fact->meaning == NULL) {
        pm_settings_problem(settings, NULL, "the fact \"%s\" has no %s", fact->name,
                            fact->meaning == NULL ? "meaning (one sentence)" : "known type");
        return PM_FAULT;
    }
    return pm_settings_declare_fact(settings, fact);
}

static pm_status host_declare_need(const pm_settings *settings, const char *fact)
{
    return fact == NULL ? PM_FAULT : pm_settings_declare_need(settings, fact);
}

static pm_status host_reference(pm_scan *scan, pm_slice message_id, pm_slice *series_out,
                                int32_t *part_out)
{
    return scan->recall == NULL
               ? PM_ABSENT
               : pm_recall_reference(scan->recall, message_id, series_out, part_out);
}

static pm_status host_series(pm_scan *scan, pm_slice id, const pm_series **series_out)
{
    return scan->recall == NULL ? PM_ABSENT : pm_recall_series(scan->recall, id, series_out);
}

static pm_status host_own_series(pm_scan *scan, const pm_series **series_out)
{
    return scan->recall == NULL ? PM_ABSENT : pm_recall_own(scan->recall, series_out);
}

static pm_status host_find_series(pm_scan *scan, pm_series_key key, pm_slice value, unsigned nth,
                                  const pm_series **series_out)
{
    return scan->recall == NULL ? PM_ABSENT
                                : pm_recall_find(scan->recall, key, value, nth, series_out);
}

static pm_status host_supersede(pm_scan *scan, pm_slice series, pm_slice predecessor, double weight,
                                pm_slice why)
{
    return scan->recall == NULL
               ? PM_ABSENT
               : pm_recall_supersede(scan->recall, series, predecessor, weight, why);
}

static pm_status host_note(pm_scan *scan, pm_slice key, pm_slice value, int64_t seconds)
{
    const pm_slice plugin = pm_slice_of(scan->loaded->plugin->name);

    return scan->recall == NULL ? PM_ABSENT
                                : pm_recall_note(scan->recall, plugin, key, value, seconds);
}

static pm_status host_noted(pm_scan *scan, pm_slice key, pm_slice *value_out)
{
    const pm_slice plugin = pm_slice_of(scan->loaded->plugin->name);

    return scan->recall == NULL ? PM_ABSENT : pm_recall_noted(scan->recall, plugin, key, value_out);
}

static const pm_host host = {
    .size = sizeof(host),
    .abi_major = PM_ABI_MAJOR,
    .abi_minor = PM_ABI_MINOR,
    .log = host_log,
    .scratch = host_scratch,
    .time_left = host_time_left,
    .header = host_header,
    .body_text = host_body_text,
    .letter_text = host_letter_text,
    .letter_number = host_letter_number,
    .fact_text = host_fact_text,
    .fact_number = host_fact_number,
    .add_fact = host_add_fact,
    .option_text = pm_settings_text,
    .option_number = pm_settings_number,
    .block = pm_settings_block,
    .statement = pm_settings_statement,
    .resolve_path = pm_settings_path,
    .problem = pm_settings_problem,
    .reference = host_reference,
    .series = host_series,
    .own_series = host_own_series,
    .find_series = host_find_series,
    .supersede = host_supersede,
    .declare_fact = host_declare_fact,
    .declare_need = host_declare_need,
    .note = host_note,
    .noted = host_noted,
};

/* ---- Opening and closing ---- */

/* False: it would not start. */
static bool open_instance(pm_loaded *loaded, pm_errors *errors)
{
    const size_t before = pm_errors_count(errors);
    const pm_plugin *plugin = loaded->plugin;
    pm_visit visit;
    pm_status status;

    if (pm_guard_enter_opening(loaded->guarded, &visit) == PM_SWITCHED_OFF)
        return true;
    status = plugin->open(&host, loaded->settings, &loaded->instance);
    pm_guard_leave_opening(loaded->guarded, &visit);
    loaded->is_open = status == PM_OK;
    if (status != PM_OK && pm_errors_count(errors) == before)
        pm_error_at(errors, NULL, 0, 0, "plugin %s would not start and did not say why",
                    plugin->name);
    return pm_errors_count(errors) == before; /* it may name a problem and go on all the same */
}

pm_loaded *pm_plugin_open(const pm_plugin *plugin, const pm_settings *settings, pm_guarded *guarded,
                          pm_errors *errors)
{
    pm_loaded *loaded = calloc(1, sizeof(*loaded));

    if (loaded == NULL) {
        pm_error_at(errors, NULL, 0, 0, "no memory for plugin %s", plugin->name);
        return NULL;
    }
    loaded->plugin = plugin;
    loaded->settings = settings;
    loaded->guarded = guarded;
    loaded->budget_us = INT64_MAX;
    loaded->log_limit = (pm_log_limit){.burst = LOG_BURST, .interval_us = LOG_INTERVAL_US};
    snprintf(loaded->fault, sizeof(loaded->fault), "plugin.%s.fault", plugin->name);
    if (open_instance(loaded, errors))
        return loaded;
    pm_plugin_close(loaded);
    return NULL;
}

void pm_plugin_close(pm_loaded *loaded)
{
    if (loaded == NULL)
        return;
    if (loaded->is_open && loaded->plugin->close != NULL)
        loaded->plugin->close(loaded->instance);
    free(loaded);
}

void pm_plugin_limit(pm_loaded *loaded, int64_t budget_us)
{
    loaded->budget_us = budget_us;
}

const pm_plugin *pm_loaded_plugin(const pm_loaded *loaded)
{
    return loaded->plugin;
}

/* Of the table that ends with NULL and the list behind it, the nth. */
const pm_fact_decl *pm_loaded_fact(const pm_loaded *loaded, size_t nth)
{
    for (const pm_fact_decl *fact = loaded->plugin->facts; fact != NULL && fact->name != NULL;
         fact++, nth--)
        if (nth == 0)
            return fact;
    return pm_settings_fact(loaded->settings, nth);
}

bool pm_loaded_declares(const pm_loaded *loaded, const char *name)
{
    const pm_fact_decl *decl;

    for (size_t nth = 0; (decl = pm_loaded_fact(loaded, nth)) != NULL; nth++)
        if (strcmp(decl->name, name) == 0)
            return true;
    return false;
}

const char *pm_loaded_need(const pm_loaded *loaded, size_t nth)
{
    for (const char *const *need = loaded->plugin->needs; need != NULL && *need != NULL;
         need++, nth--)
        if (nth == 0)
            return *need;
    return pm_settings_need(loaded->settings, nth);
}

/* ---- Running ---- */

static const char *status_name(pm_status status)
{
    switch (status) {
    case PM_OK:
    case PM_ABSENT:
        break;
    case PM_LATER:
        return "could not tell now";
    case PM_LIMIT:
        return "reached a limit";
    case PM_FAULT:
        return "could not go on";
    }
    return "gave a status nobody knows";
}

/* The fact plugin.NAME.fault: what rules can see of it. */
static void add_fault(pm_scan *scan, pm_status status, const char *reason)
{
    const pm_fact fault = {.size = sizeof(fault),
                           .name = scan->loaded->fault,
                           .number = status,
                           .weight = 1,
                           .reason = pm_slice_of(reason)};

    pm_facts_add(scan->facts, &fault, scan->loaded->plugin->name);
}

static const char *admission_name(pm_admission admission)
{
    switch (admission) {
    case PM_ADMITTED:
        break;
    case PM_KEPT_FROM_MESSAGE:
        return "crashed patchmarkd with this message";
    case PM_SWITCHED_OFF:
        return "is switched off: it crashed patchmarkd too often";
    case PM_PAUSED:
        return "is left out for a while: it was too slow";
    }
    return "is not asked";
}

/* One visit: whoever watches is told of it from beginning to end. */
static pm_status visit(pm_scan *scan, const pm_visit *visit)
{
    const pm_loaded *loaded = scan->loaded;
    const pm_recall *recall = scan->recall;
    const int64_t before_us = recall == NULL ? 0 : pm_recall_waited_us(recall);
    const pm_status status = loaded->plugin->scan(loaded->instance, scan);
    const int64_t now = pm_clock_us();
    int64_t excused_us = 0;

    if (recall != NULL)
        excused_us = pm_recall_failed(recall) ? now - visit->began_us
                                              : pm_recall_waited_us(recall) - before_us;
    pm_guard_leave(loaded->guarded, visit, status, now, excused_us);
    return status;
}

pm_status pm_plugin_scan(pm_loaded *loaded, const pm_letter *letter, pm_facts *facts,
                         pm_recall *recall, int64_t deadline_us, pm_slice queue_id)
{
    pm_scan scan = {.loaded = loaded,
                    .letter = letter,
                    .facts = facts,
                    .recall = recall,
                    .deadline_us = deadline_us,
                    .queue_id = queue_id};
    const int64_t now = pm_clock_us();
    pm_admission admission;
    pm_status status;
    pm_visit began;

    admission = pm_guard_enter(loaded->guarded, letter->message_id, now, &began);
    if (admission != PM_ADMITTED) {
        add_fault(&scan, PM_LATER, admission_name(admission));
        return PM_LATER;
    }
    if (loaded->budget_us < deadline_us - now)
        scan.deadline_us = now + loaded->budget_us;
    status = visit(&scan, &began);
    if (status == PM_OK || status == PM_ABSENT)
        return status;
    add_fault(&scan, status, status_name(status));
    host_log(&scan, PM_LEVEL_WARNING, "it %s with this message", status_name(status));
    return status;
}
