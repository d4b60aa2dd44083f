/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * snapshot - the whole live configuration, built in one go or not at all; see snapshot.h.
 *
 * Building goes on past an error where that makes sense, so that one look at the list of errors
 * mends them all.
 *
 * Not the one that swaps the live one for the new one: the daemon does that.
 */
#include "snapshot.h"

#include "config.h"
#include "plugin_load.h"
#include "plugin_order.h"
#include "table.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define ARENA_LIMIT  ((size_t)512 * 1024 * 1024)
#define MOST_PLUGINS 64

/* What outsiders see comes first; behind it is what only we may change and must give back. */
typedef struct snapshot {
    pm_snapshot shown;
    pm_statement *statements; /* what shown shows */
    pm_vocabulary *vocabulary;
    pm_rules *rules;
    pm_path_index *paths;
    pm_slice *projects; /* the names of all `project` blocks, each once */
    size_t project_count;
} snapshot;

static snapshot *own(pm_snapshot *shown)
{
    return (snapshot *)(void *)shown;
}

/* ---- Reading the file ---- */

static bool read_statements(snapshot *made, const pm_snapshot_options *options, pm_errors *errors)
{
    static const char *const no_files[] = {NULL};
    const char *file = options->file;
    pm_status status;

    made->shown.files = no_files;
    if (options->text != NULL) {
        const pm_slice text = pm_copy(made->shown.arena, pm_slice_of(options->text));

        made->shown.config.file = file == NULL ? "configuration" : file;
        status = text.data == NULL ? PM_LIMIT
                                   : pm_syntax_parse(made->shown.arena, made->shown.config.file,
                                                     text, errors, &made->statements);
        return status == PM_OK;
    }
    if (file == NULL)
        file = pm_config_find(made->shown.arena);
    file = pm_copy(made->shown.arena, pm_slice_of(file)).data;
    if (file == NULL) {
        pm_error_at(errors, NULL, 0, 0, "no memory for the configuration");
        return false;
    }
    made->shown.config.file = file;
    if (options->file == NULL && access(file, F_OK) != 0 && errno == ENOENT) {
        pm_error_at(errors, file, 0, 0,
                    "there is no configuration (put one there, or name one with -c FILE)");
        return false;
    }
    status = pm_syntax_read(made->shown.arena, file, errors, &made->statements, &made->shown.files);
    return status == PM_OK;
}

static bool is_called(const pm_statement *statement, const char *word)
{
    return pm_slice_equal(statement->word.text, pm_slice_of(word));
}

/* ---- Plugins ---- */

typedef struct wanted { /* a plugin, and where it was asked for */
    pm_slice name;
    const pm_token *where;
} wanted;

static bool want(wanted *list, size_t *count, pm_slice name, const pm_token *where,
                 pm_errors *errors)
{
    for (size_t i = 0; i < *count; i++) {
        if (!pm_slice_equal(list[i].name, name))
            continue;
        pm_error_token(errors, where, "plugin %.*s is named twice (leave one out)", PM_FMT(name));
        return false;
    }
    if (*count == MOST_PLUGINS) {
        pm_error_token(errors, where, "more than %d plugins (leave some out)", MOST_PLUGINS);
        return false;
    }
    list[(*count)++] = (wanted){name, where};
    return true;
}

/* The names in all statements `plugins`; without one, those that nearly everybody wants. */
static bool list_plugins(const snapshot *made, wanted list[MOST_PLUGINS], size_t *count,
                         pm_errors *errors)
{
    bool said = false, fine = true;

    *count = 0;
    for (const pm_statement *at = made->statements; at != NULL; at = at->next) {
        if (!is_called(at, "plugins"))
            continue;
        said = true;
        for (size_t i = 0; i < at->count; i++)
            fine &= want(list, count, at->values[i].text, &at->values[i], errors);
    }
    if (!said) {
        list[(*count)++] = (wanted){PM_LIT("project"), NULL};
        list[(*count)++] = (wanted){PM_LIT("thread"), NULL};
        list[(*count)++] = (wanted){PM_LIT("subsystem"), NULL};
        list[(*count)++] = (wanted){PM_LIT("revision"), NULL};
    }
    return fine;
}

static const pm_plugin *find_plugin(const snapshot *made, const pm_static_plugin *linked,
                                    const wanted *what, pm_errors *errors)
{
    for (; linked != NULL && linked->name != NULL; linked++) {
        const pm_plugin *plugin;

        if (!pm_slice_equal(what->name, pm_slice_of(linked->name)))
            continue;
        plugin = linked->entry();
        return pm_plugin_check(plugin, linked->name, errors) ? plugin : NULL;
    }
    return pm_plugin_load(made->shown.config.plugin_directory, what->name, what->where, errors);
}

/* The block `plugin NAME { ... }`, or NULL. */
static const pm_statement *find_block(const snapshot *made, const char *plugin, pm_errors *errors)
{
    const pm_statement *found = NULL;

    for (const pm_statement *at = made->statements; at != NULL; at = at->next) {
        if (!is_called(at, "plugin") || at->count == 0 ||
            !pm_slice_equal(at->values[0].text, pm_slice_of(plugin)))
            continue;
        if (found != NULL)
            pm_error_token(errors, &at->word,
                           "plugin %s has a block already, at %s:%u (join the two)", plugin,
                           found->word.file, found->word.line);
        else
            found = at;
    }
    return found;
}

/* Every fact it may report, and the one that says that it failed. */
static void declare_facts(snapshot *made, const pm_loaded *loaded, pm_errors *errors)
{
    const char *plugin = pm_loaded_plugin(loaded)->name;
    pm_fact_decl *fault = pm_alloc(made->shown.arena, sizeof(*fault));
    const pm_slice name = pm_print(made->shown.arena, "plugin.%s.fault", plugin);
    pm_status status = PM_LIMIT;
    const pm_fact_decl *fact;

    if (fault != NULL && name.data != NULL) {
        *fault = (pm_fact_decl){name.data, PM_FACT_NUMBER,
                                "the plugin failed on this message: -1 could not tell now, -2 "
                                "reached a limit, -3 could not go on"};
        status = pm_vocabulary_add(made->vocabulary, fault, plugin);
    }
    for (size_t nth = 0; status == PM_OK && (fact = pm_loaded_fact(loaded, nth)) != NULL; nth++) {
        status = pm_vocabulary_add(made->vocabulary, fact, plugin);
        if (status != PM_FAULT)
            continue;
        pm_error_at(errors, NULL, 0, 0,
                    "plugin %s reports the fact \"%s\" as %s, but plugin %s does not (leave one "
                    "of the two out)",
                    plugin, fact->name, fact->type == PM_FACT_TEXT ? "text" : "a number",
                    pm_vocabulary_find(made->vocabulary, pm_slice_of(fact->name))->plugin);
        return;
    }
    if (status != PM_OK)
        pm_error_at(errors, NULL, 0, 0, "no memory for the facts of plugin %s", plugin);
}

static void open_plugin(snapshot *made, const pm_plugin *plugin, const pm_token *named,
                        pm_guard *guard, pm_errors *errors)
{
    const int64_t budget_us = made->shown.config.plugin_time_us;
    const pm_statement *block = find_block(made, plugin->name, errors);
    const pm_settings *settings =
        pm_settings_new(made->shown.arena, plugin, named, block, made->statements, errors);
    pm_guarded *guarded = pm_guard_plugin(guard, plugin->name, plugin->version, budget_us);
    pm_loaded *loaded = settings == NULL ? NULL : pm_plugin_open(plugin, settings, guarded, errors);

    if (loaded == NULL)
        return;
    made->shown.plugins[made->shown.plugin_count++] = loaded;
    pm_plugin_limit(loaded, budget_us);
    declare_facts(made, loaded, errors);
}

/* A block for a plugin that does not run is most likely a misspelt name. */
static void check_blocks(const snapshot *made, const pm_plugin **plugins, size_t count,
                         pm_errors *errors)
{
    for (const pm_statement *at = made->statements; at != NULL; at = at->next) {
        const char *names[MOST_PLUGINS + 1] = {NULL}, *near;
        size_t i = 0;

        if (!is_called(at, "plugin") || at->count == 0)
            continue;
        for (; i < count; i++) {
            if (pm_slice_equal(at->values[0].text, pm_slice_of(plugins[i]->name)))
                break;
            names[i] = plugins[i]->name;
        }
        if (i < count)
            continue;
        near = pm_nearest(at->values[0].text, names);
        pm_warning_token(errors, &at->values[0], "plugin %.*s is not loaded (%s%s%s)",
                         PM_FMT(at->values[0].text),
                         near == NULL ? "name it in the statement plugins" : "did you mean \"",
                         near == NULL ? "" : near, near == NULL ? "" : "\"?");
    }
}

static bool is_linked(const pm_static_plugin *linked, pm_slice name)
{
    for (; linked != NULL && linked->name != NULL; linked++)
        if (pm_slice_equal(name, pm_slice_of(linked->name)))
            return true;
    return false;
}

/* What is wrong with the folder is told once, and not of each plugin in it. */
static bool check_plugin_directory(const snapshot *made, const pm_static_plugin *linked,
                                   const wanted *list, size_t count, pm_errors *errors)
{
    const pm_token *where = NULL;

    for (const pm_statement *at = made->statements; at != NULL; at = at->next)
        if (is_called(at, "plugin-directory"))
            where = &at->word;
    for (size_t i = 0; i < count; i++)
        if (!is_linked(linked, list[i].name))
            return pm_plugin_check_directory(made->shown.config.plugin_directory, where, errors);
    return true;
}

static void load_plugins(snapshot *made, const pm_snapshot_options *options, pm_errors *errors)
{
    const size_t before = pm_errors_count(errors);
    const pm_plugin *plugins[MOST_PLUGINS];
    const pm_token *named[MOST_PLUGINS];
    wanted list[MOST_PLUGINS];
    size_t listed, count = 0;

    list_plugins(made, list, &listed, errors);
    if (!check_plugin_directory(made, options->static_plugins, list, listed, errors))
        return;
    for (size_t i = 0; i < listed; i++) {
        plugins[count] = find_plugin(made, options->static_plugins, &list[i], errors);
        named[count] = list[i].where;
        if (plugins[count] != NULL)
            count++;
    }
    check_blocks(made, plugins, count, errors);
    if (pm_errors_count(errors) > before)
        return;

    made->shown.plugins = pm_alloc_array(made->shown.arena, count, sizeof(pm_loaded *));
    if (made->shown.plugins == NULL) {
        pm_error_at(errors, NULL, 0, 0, "no memory for plugins");
        return;
    }
    for (size_t i = 0; i < count; i++)
        open_plugin(made, plugins[i], named[i], options->guard, errors);
    if (pm_errors_count(errors) == before)
        (void)pm_plugins_sort(made->shown.plugins, made->shown.plugin_count, errors);
}

/* ---- Projects and known paths ---- */

/* One file of paths, once however many blocks name it. */
static void load_file(snapshot *made, const pm_token *written, pm_table *seen, pm_errors *errors)
{
    const char *file = pm_syntax_beside(made->shown.arena, written->file, written->text);
    pm_errors *found;

    if (file == NULL) {
        pm_error_token(errors, written, "no memory for this");
        return;
    }
    if (pm_table_get(seen, pm_slice_of(file)) != NULL)
        return;
    if (pm_table_put(seen, pm_slice_of(file), made) != PM_OK) {
        pm_error_token(errors, written, "no memory for this");
        return;
    }
    found = pm_errors_new();
    if (pm_path_index_load(made->paths, file, found) != PM_OK) {
        const char *why = pm_errors_nth(found, 0);

        pm_error_token(errors, written, "%s", why == NULL ? "no memory for paths" : why);
    }
    pm_errors_free(found);
}

/* Adds them to the list of files that were read. */
static void note_files(snapshot *made, const pm_table *seen, pm_errors *errors)
{
    size_t count = 0, more = pm_table_count(seen);
    const char **files;
    pm_slice file;

    while (made->shown.files[count] != NULL)
        count++;
    files = pm_alloc_array(made->shown.arena, count + more + 1, sizeof(*files));
    if (files == NULL) {
        pm_error_at(errors, NULL, 0, 0, "no memory for the names of files");
        return;
    }
    memcpy(files, made->shown.files, count * sizeof(*files));
    for (size_t i = 0; pm_table_nth(seen, i, &file) != NULL; i++)
        files[count++] = file.data; /* the key is a whole string */
    made->shown.files = files;
}

static bool note_project(snapshot *made, pm_slice name, size_t *room)
{
    for (size_t i = 0; i < made->project_count; i++)
        if (pm_slice_equal(made->projects[i], name))
            return true;
    if (pm_grow(made->shown.arena, &made->projects, room, made->project_count,
                sizeof(*made->projects)) != PM_OK)
        return false;
    made->projects[made->project_count++] = name;
    made->shown.projects = made->projects;
    made->shown.project_count = made->project_count;
    return true;
}

static void read_projects(snapshot *made, pm_errors *errors)
{
    pm_table *seen = pm_table_new(made->shown.arena);
    size_t room = 0;

    made->paths = pm_path_index_new();
    made->shown.paths = made->paths;
    if (made->paths == NULL || seen == NULL) {
        pm_error_at(errors, NULL, 0, 0, "no memory for paths");
        return;
    }
    for (const pm_statement *at = made->statements; at != NULL; at = at->next) {
        if (!is_called(at, "project") || at->count == 0)
            continue;
        if (!note_project(made, at->values[0].text, &room))
            pm_error_token(errors, &at->word, "no memory for projects");
        for (const pm_statement *in = at->children; in != NULL; in = in->next)
            for (size_t i = 0; i < in->count; i++)
                if (is_called(in, "files") || is_called(in, "maintainers"))
                    load_file(made, &in->values[i], seen, errors);
    }
    note_files(made, seen, errors);
}

/* ---- Shadows ---- */

static bool is_taken(const snapshot *made, const pm_token *name)
{
    for (size_t i = 0; i < made->shown.shadow_count; i++)
        if (pm_slice_equal(pm_shadow_name(made->shown.shadows[i]), name->text))
            return true;
    return false;
}

static void read_shadow(snapshot *made, const pm_statement *block, pm_errors *errors)
{
    const pm_shadow_of live = {made->statements, made->vocabulary, &made->shown.config.powers};
    pm_shadow *shadow;

    if (made->shown.shadow_count == PM_SHADOWS_MOST) {
        pm_error_token(errors, &block->word, "more than %d shadows (leave some out)",
                       PM_SHADOWS_MOST);
        return;
    }
    if (block->count > 0 && is_taken(made, &block->values[0])) {
        pm_error_token(errors, &block->values[0],
                       "there is a shadow %.*s already (give this one another name)",
                       PM_FMT(block->values[0].text));
        return;
    }
    shadow = pm_shadow_compile(made->shown.arena, block, &live, errors);
    if (shadow != NULL)
        made->shown.shadows[made->shown.shadow_count++] = shadow;
}

static void read_shadows(snapshot *made, pm_errors *errors)
{
    made->shown.shadows =
        pm_alloc_array(made->shown.arena, PM_SHADOWS_MOST, sizeof(*made->shown.shadows));
    if (made->shown.shadows == NULL) {
        pm_error_at(errors, NULL, 0, 0, "no memory for shadows");
        return;
    }
    for (const pm_statement *at = made->statements; at != NULL; at = at->next)
        if (is_called(at, "shadow"))
            read_shadow(made, at, errors);
}

/* ---- Building it ---- */

static void build(snapshot *made, const pm_snapshot_options *options, pm_errors *errors)
{
    const pm_rule_powers *powers = &made->shown.config.powers;

    if (!read_statements(made, options, errors))
        return;
    made->shown.statements = made->statements;
    pm_config_read(made->shown.arena, made->statements, &made->shown.config, errors);
    made->vocabulary = pm_vocabulary_new(made->shown.arena);
    made->shown.vocabulary = made->vocabulary;
    if (made->vocabulary == NULL) {
        pm_error_at(errors, NULL, 0, 0, "no memory for facts");
        return;
    }
    if (options->configured != NULL && pm_errors_count(errors) == 0)
        options->configured(options->guard, &made->shown.config);
    load_plugins(made, options, errors);
    read_projects(made, errors);
    made->rules =
        pm_rules_compile(made->shown.arena, made->statements, made->vocabulary, powers, errors);
    made->shown.rules = made->rules;
    if (made->rules == NULL && pm_errors_count(errors) == 0)
        pm_error_at(errors, NULL, 0, 0, "no memory for rules");
    if (made->rules != NULL)
        note_files(made, pm_rules_files(made->rules), errors);
    if (made->rules != NULL) /* shadows use its lists */
        read_shadows(made, errors);
}

static void free_snapshot(snapshot *made)
{
    while (made->shown.plugin_count > 0)
        pm_plugin_close(made->shown.plugins[--made->shown.plugin_count]);
    while (made->shown.shadow_count > 0)
        pm_shadow_free(made->shown.shadows[--made->shown.shadow_count]);
    if (made->rules != NULL)
        pm_rules_free(made->rules);
    pm_path_index_free(made->paths);
    pm_arena_free(made->shown.arena);
    free(made);
}

pm_snapshot *pm_snapshot_load(const pm_snapshot_options *options, pm_errors *errors)
{
    const size_t before = pm_errors_count(errors);
    snapshot *made = calloc(1, sizeof(*made));

    if (made != NULL)
        made->shown.arena = pm_arena_new(ARENA_LIMIT);
    if (made == NULL || made->shown.arena == NULL) {
        pm_error_at(errors, NULL, 0, 0, "no memory for a configuration");
        free(made);
        return NULL;
    }
    made->shown.references = 1;
    build(made, options, errors);
    if (pm_errors_count(errors) == before)
        return &made->shown;
    free_snapshot(made);
    return NULL;
}

pm_snapshot *pm_snapshot_ref(pm_snapshot *shown)
{
    __atomic_add_fetch(&shown->references, 1, __ATOMIC_RELAXED);
    return shown;
}

void pm_snapshot_unref(pm_snapshot *shown)
{
    if (shown != NULL && __atomic_sub_fetch(&shown->references, 1, __ATOMIC_ACQ_REL) == 0)
        free_snapshot(own(shown));
}
