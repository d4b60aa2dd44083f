/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check_plugins - is what plugins say of themselves of use to those who write rules and settings?
 *
 * Not whether they can be loaded (plugin_load.c), nor whether they behave (the SDK's harness).
 */
#include "check.h"

#include <inttypes.h>

/* One plugin, and where the configuration asks for it. */
typedef struct subject {
    const pm_loaded *loaded;
    const pm_plugin *plugin;
    const pm_token *where; /* NULL: nowhere, it is one of those that run by themselves */
    const char *file;
    pm_errors *errors;
} subject;

static const pm_token *find_place(const pm_snapshot *snapshot, const char *name)
{
    for (const pm_statement *at = snapshot->statements; at != NULL; at = at->next) {
        for (size_t i = 0; pm_token_is_word(&at->word, "plugins") && i < at->count; i++)
            if (pm_slice_equal(at->values[i].text, pm_slice_of(name)))
                return &at->values[i];
    }
    return NULL;
}

#define SAY(of, ...)                                                                               \
    pm_error_at((of)->errors, (of)->where == NULL ? (of)->file : (of)->where->file,                \
                (of)->where == NULL ? 0 : (of)->where->line,                                       \
                (of)->where == NULL ? 0 : (of)->where->column, __VA_ARGS__)

/* Something to read: `patchmark plugin list` shows it to those who have nothing else. */
static bool is_sentence(const char *text)
{
    return text != NULL && pm_slice_trim(pm_slice_of(text)).len > 0;
}

static void check_option(const subject *of, const pm_option *option)
{
    const char *name = of->plugin->name;
    int64_t number;

    if (option->type < PM_OPTION_TEXT || option->type > PM_OPTION_BLOCK) {
        SAY(of, "plugin %s: the option \"%s\" has a type this host does not know", name,
            option->name);
        return;
    }
    if (!is_sentence(option->help))
        SAY(of, "plugin %s: the option \"%s\" has no help (a sentence for those who set it)", name,
            option->name);
    for (const pm_option *other = of->plugin->options; other != option; other++)
        if (strcmp(other->name, option->name) == 0)
            SAY(of, "plugin %s: the option \"%s\" is declared twice", name, option->name);
    if (option->type != PM_OPTION_NUMBER)
        return;
    if (option->min > option->max)
        SAY(of,
            "plugin %s: the option \"%s\" must be between %" PRId64 " and %" PRId64
            ", which nothing is",
            name, option->name, option->min, option->max);
    else if (option->fallback != NULL &&
             (pm_syntax_number(pm_slice_of(option->fallback), PM_UNITS_SIZE | PM_UNITS_TIME,
                               &number) != PM_OK ||
              number < option->min || number > option->max))
        SAY(of,
            "plugin %s: the default of \"%s\" is %s, but it must be between %" PRId64
            " and %" PRId64,
            name, option->name, option->fallback, option->min, option->max);
}

/* The nth of those it declares in its descriptor and in open(). */
static void check_fact(const subject *of, size_t nth)
{
    const pm_fact_decl *fact = pm_loaded_fact(of->loaded, nth);

    if (!is_sentence(fact->meaning))
        SAY(of, "plugin %s: the fact \"%s\" has no meaning (a sentence for those who ask for it)",
            of->plugin->name, fact->name);
    for (size_t i = 0; i < nth; i++)
        if (strcmp(pm_loaded_fact(of->loaded, i)->name, fact->name) == 0)
            SAY(of, "plugin %s: the fact \"%s\" is declared twice", of->plugin->name, fact->name);
}

static void check_plugin(const subject *of)
{
    const pm_plugin *plugin = of->plugin;

    if (!is_sentence(plugin->version))
        SAY(of, "plugin %s: it has no version", plugin->name);
    if (!is_sentence(plugin->summary))
        SAY(of, "plugin %s: it has no summary (a sentence: what it finds out)", plugin->name);
    for (const pm_option *at = plugin->options; at != NULL && at->name != NULL; at++)
        check_option(of, at);
    for (size_t nth = 0; pm_loaded_fact(of->loaded, nth) != NULL; nth++)
        check_fact(of, nth);
}

void pm_check_plugins(const pm_snapshot *snapshot, pm_errors *errors)
{
    for (size_t i = 0; i < snapshot->plugin_count; i++) {
        const pm_plugin *plugin = pm_loaded_plugin(snapshot->plugins[i]);
        const subject of = {snapshot->plugins[i], plugin, find_place(snapshot, plugin->name),
                            snapshot->config.file, errors};

        check_plugin(&of);
    }
}
