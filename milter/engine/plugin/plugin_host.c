/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plugin_host - finds, trusts, loads and runs plugins; see plugin_host.h.
 *
 * What a plugin may ask of its host stands in one constant table. Behind most of its members is one
 * line here: the letter's fields are field.c's, the settings settings.c's.
 *
 * Not a sandbox: a plugin runs in this process, which is why it matters who may write the file.
 */
#include "plugin_host.h"

#include "clock.h"
#include "field.h"
#include "log.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

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
    bool is_open;        /* false: it is switched off */
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

static bool declares(const pm_loaded *loaded, const char *name)
{
    const pm_fact_decl *decl;

    for (size_t nth = 0; (decl = pm_loaded_fact(loaded, nth)) != NULL; nth++)
        if (strcmp(decl->name, name) == 0)
            return true;
    return false;
}

static pm_status host_add_fact(pm_scan *scan, const pm_fact *fact)
{
    const pm_plugin *plugin = scan->loaded->plugin;
    pm_status status;

    if (fact->size < FACT_SIZE || fact->name == NULL)
        return PM_FAULT;
    if (!declares(scan->loaded, fact->name)) {
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

/* Plugins, facts and options are called [a-z][a-z0-9-]*, facts also with dots. */
static bool is_name(const char *name, bool dots)
{
    if (name == NULL || *name < 'a' || *name > 'z' || strlen(name) > 64)
        return false;
    for (; *name != '\0'; name++)
        if (!(*name >= 'a' && *name <= 'z') && !pm_is_digit(*name) && *name != '-' &&
            !(dots && *name == '.'))
            return false;
    return true;
}

/* What a descriptor could declare as well? Else the configuration, from which it comes, is wrong.
 */
static pm_status host_declare_fact(const pm_settings *settings, const pm_fact_decl *fact)
{
    if (!is_name(fact->name, true)) {
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

/* ---- Is it usable? ---- */

/* "/usr/lib/patchmark/shout.so" is shout: what to call a plugin whose descriptor may not be read.
 */
static pm_slice base_name(const char *file)
{
    pm_slice name = pm_slice_of(file);
    size_t slash = pm_slice_find_last(name, PM_LIT("/"));

    if (slash != PM_NOWHERE)
        name = pm_slice_after(name, slash + 1);
    if (pm_slice_ends(name, PM_LIT(".so")))
        name.len -= 3;
    return name;
}

static bool check_facts(const pm_plugin *plugin, const char *file, pm_errors *errors)
{
    for (const pm_fact_decl *fact = plugin->facts; fact != NULL && fact->name != NULL; fact++) {
        if (!is_name(fact->name, true)) {
            pm_error_at(errors, file, 0, 0,
                        "refused: %s declares the fact \"%s\" (names are [a-z][a-z0-9.-]*)",
                        plugin->name, fact->name);
            return false;
        }
        if (fact->type != PM_FACT_TEXT && fact->type != PM_FACT_NUMBER) {
            pm_error_at(errors, file, 0, 0, "refused: %s declares the fact \"%s\" of no known type",
                        plugin->name, fact->name);
            return false;
        }
    }
    return true;
}

bool pm_plugin_check(const pm_plugin *plugin, const char *file, pm_errors *errors)
{
    const pm_slice called = base_name(file);

    if (plugin == NULL) {
        pm_error_at(errors, file, 0, 0, "refused: %.*s has no descriptor", PM_FMT(called));
        return false;
    }
    /* Size and version stand at the same place for ever; of another major version, nothing else. */
    if (plugin->abi_major != PM_ABI_MAJOR || plugin->abi_minor > PM_ABI_MINOR) {
        pm_error_at(errors, file, 0, 0,
                    "refused: %.*s wants plugin ABI %u.%u, this host offers %d.%d", PM_FMT(called),
                    (unsigned)plugin->abi_major, (unsigned)plugin->abi_minor, PM_ABI_MAJOR,
                    PM_ABI_MINOR);
        return false;
    }
    if (plugin->size < offsetof(pm_plugin, close) + sizeof(plugin->close)) {
        pm_error_at(errors, file, 0, 0,
                    "refused: the descriptor of %.*s is too short (.size = sizeof(pm_plugin))",
                    PM_FMT(called));
        return false;
    }
    if (!is_name(plugin->name, false)) {
        pm_error_at(errors, file, 0, 0, "refused: %.*s has no proper name ([a-z][a-z0-9-]*)",
                    PM_FMT(called));
        return false;
    }
    if (plugin->version == NULL || plugin->summary == NULL || plugin->open == NULL ||
        plugin->scan == NULL) {
        pm_error_at(errors, file, 0, 0, "refused: %s has no %s", plugin->name,
                    plugin->version == NULL   ? "version"
                    : plugin->summary == NULL ? "summary"
                    : plugin->open == NULL    ? "open()"
                                              : "scan()");
        return false;
    }
    return check_facts(plugin, file, errors);
}

/* ---- Loading ---- */

typedef struct loading { /* what errors are about */
    char file[4096];
    const pm_token *where;
    pm_errors *errors;
} loading;

static void refuse(const loading *load, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void refuse(const loading *load, const char *format, ...)
{
    char sentence[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(sentence, sizeof(sentence), format, args);
    va_end(args);
    if (load->where == NULL)
        pm_error_at(load->errors, NULL, 0, 0, "%s", sentence);
    else
        pm_error_token(load->errors, load->where, "%s", sentence);
}

/* May nobody but root and we ourselves change it? */
static bool is_trusted(const loading *load, const char *path, const struct stat *about)
{
    if (about->st_uid != 0 && about->st_uid != geteuid()) {
        refuse(load, "%s is not trusted: it belongs to user %u (chown root %s)", path,
               (unsigned)about->st_uid, path);
        return false;
    }
    if ((about->st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        refuse(load, "%s is not trusted: others may write it (chmod go-w %s)", path, path);
        return false;
    }
    return true;
}

static bool check_directory(const loading *load, const char *directory)
{
    struct stat about;

    if (stat(directory, &about) != 0) {
        refuse(load, "cannot look into the plugin directory %s: %s (see plugin-directory)",
               directory, strerror(errno));
        return false;
    }
    if (!S_ISDIR(about.st_mode)) {
        refuse(load, "the plugin directory %s is no directory (see plugin-directory)", directory);
        return false;
    }
    return is_trusted(load, directory, &about);
}

static bool check_file(const loading *load)
{
    struct stat about;

    /* A link would lead to where nobody has checked the folder. */
    if (lstat(load->file, &about) != 0) {
        refuse(load, "there is no plugin %s: %s", load->file, strerror(errno));
        return false;
    }
    if (!S_ISREG(about.st_mode)) {
        refuse(load, "%s is not trusted: it is no regular file (put the file itself there)",
               load->file);
        return false;
    }
    return is_trusted(load, load->file, &about);
}

const pm_plugin *pm_plugin_load(const char *directory, pm_slice name, const pm_token *where,
                                pm_errors *errors)
{
    loading load = {.where = where, .errors = errors};
    const pm_plugin *plugin;
    pm_plugin_entry_fn entry;
    void *module, *symbol;
    int length;

    length = snprintf(load.file, sizeof(load.file), "%.*s", PM_FMT(name));
    if (length < 0 || (size_t)length != name.len || !is_name(load.file, false)) {
        refuse(&load, "\"%.*s\" is no name of a plugin ([a-z][a-z0-9-]*)", PM_FMT(name));
        return NULL;
    }
    length = snprintf(load.file, sizeof(load.file), "%s/%.*s.so", directory, PM_FMT(name));
    if (length < 0 || (size_t)length >= sizeof(load.file)) {
        refuse(&load, "the name of the plugin directory is too long");
        return NULL;
    }
    if (!check_directory(&load, directory) || !check_file(&load))
        return NULL;

    module = dlopen(load.file, RTLD_NOW | RTLD_LOCAL);
    if (module == NULL) {
        refuse(&load, "cannot load it: %s", dlerror());
        return NULL;
    }
    symbol = dlsym(module, "pm_plugin_entry");
    if (symbol == NULL) {
        refuse(&load, "%s is no plugin: it does not export pm_plugin_entry", load.file);
        return NULL;
    }
    memcpy(&entry, &symbol, sizeof(entry)); /* ISO C has no cast from data to function */
    plugin = entry();
    if (!pm_plugin_check(plugin, load.file, errors))
        return NULL;
    if (!pm_slice_equal(name, pm_slice_of(plugin->name))) {
        refuse(&load, "%s says it is called %s (the file must be called %s.so)", load.file,
               plugin->name, plugin->name);
        return NULL;
    }
    return plugin;
}

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

const char *pm_loaded_need(const pm_loaded *loaded, size_t nth)
{
    for (const char *const *need = loaded->plugin->needs; need != NULL && *need != NULL;
         need++, nth--)
        if (nth == 0)
            return *need;
    return pm_settings_need(loaded->settings, nth);
}

/* ---- The order they run in ---- */

/* Does one plugin report what another one needs? */
static bool serves(const pm_loaded *one, const pm_loaded *other)
{
    const char *need;

    for (size_t nth = 0; (need = pm_loaded_need(other, nth)) != NULL; nth++)
        if (declares(one, need))
            return true;
    return false;
}

/* Does what a plugin needs exist at all? */
static bool check_needs(const pm_loaded *loaded, pm_loaded *const *plugins, size_t count,
                        pm_errors *errors)
{
    const char *need;
    bool fine = true;

    for (size_t nth = 0; (need = pm_loaded_need(loaded, nth)) != NULL; nth++) {
        size_t i = 0;

        while (i < count && !declares(plugins[i], need))
            i++;
        if (i < count || pm_fact_is_own(pm_slice_of(need)))
            continue;
        pm_error_at(errors, NULL, 0, 0,
                    "plugin %s needs the fact \"%s\", which no plugin reports (add the one that "
                    "does to the statement plugins)",
                    loaded->plugin->name, need);
        fine = false;
    }
    return fine;
}

/* Must plugins[at] wait for another of those from first on? */
static bool must_wait(pm_loaded *const *plugins, size_t first, size_t count, size_t at)
{
    for (size_t i = first; i < count; i++)
        if (i != at && serves(plugins[i], plugins[at]))
            return true;
    return false;
}

bool pm_plugins_sort(pm_loaded **plugins, size_t count, pm_errors *errors)
{
    bool fine = true;

    for (size_t i = 0; i < count; i++)
        fine &= check_needs(plugins[i], plugins, count, errors);

    for (size_t done = 0; fine && done < count; done++) {
        pm_loaded *next;
        size_t at = done;

        while (at < count && must_wait(plugins, done, count, at))
            at++;
        if (at == count) {
            pm_error_at(errors, NULL, 0, 0,
                        "plugins %s and %s wait for each other's facts in a circle (leave one of "
                        "them out)",
                        plugins[done]->plugin->name, plugins[done + 1]->plugin->name);
            return false;
        }
        /* Those passed over move up by one, so that otherwise the order stays as written. */
        next = plugins[at];
        memmove(&plugins[done + 1], &plugins[done], (at - done) * sizeof(plugins[0]));
        plugins[done] = next;
    }
    return fine;
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
    const pm_status status = loaded->plugin->scan(loaded->instance, scan);
    const int64_t now = pm_clock_us();
    const bool excused = scan->recall != NULL && pm_recall_failed(scan->recall);

    pm_guard_leave(loaded->guarded, visit, status, now, excused ? now - visit->began_us : 0);
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
