/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * command_plugin - plugins: which are loaded, what can be set in them and what they report; whether
 * one that is not loaded yet is good; a new one to begin with.
 */
#include "commands.h"
#include "field.h"
#include "plugin_check.h"
#include "plugin_descriptor.h"
#include "plugin_new.h"

enum { FLAG_CONFIG, FLAG_FIELDS, FLAG_SETTINGS, FLAG_TIMEOUT };

#define USUAL_PATIENCE_S 10
#define MOST_PATIENCE_S  3600

static const pm_flag flags[] = {
    {'c', "config", "FILE", "list: " PM_CONFIG_HELP},
    {0, "fields", NULL, "list: the fields of a letter that plugins and rules can ask for, instead"},
    {0, "settings", "TEXT", "check: what stands in the plugin's block, instead of its defaults"},
    {0, "timeout", "SECONDS", "check: how long one step of it may take (10)"},
    {0, NULL, NULL, NULL},
};

static void print_plugin(const pm_loaded *loaded)
{
    const pm_plugin *plugin = pm_loaded_plugin(loaded);
    const pm_fact_decl *fact;
    const char *need;

    printf("%s %s: %s\n", plugin->name, plugin->version, plugin->summary);
    for (const pm_option *o = plugin->options; o != NULL && o->name != NULL; o++)
        pm_descriptor_print_option(o);
    for (size_t nth = 0; (fact = pm_loaded_fact(loaded, nth)) != NULL; nth++)
        pm_descriptor_print_fact(fact);
    for (size_t nth = 0; (need = pm_loaded_need(loaded, nth)) != NULL; nth++)
        printf("    needs   %s\n", need);
}

static const char *field_type(pm_field_type type)
{
    switch (type) {
    case PM_FIELD_TEXT:
        return "text";
    case PM_FIELD_NUMBER:
        return "number";
    case PM_FIELD_FLAG:
        return "yes-no";
    }
    return "?";
}

static void print_fields(void)
{
    const pm_field *field;

    for (size_t nth = 0; (field = pm_field_nth(nth)) != NULL; nth++)
        printf("%-18s %-7s %-5s %s\n", field->name, field_type(field->type),
               field->many ? "many" : "one", field->meaning);
}

/* ---- The three things it can do ---- */

static int list(const pm_arguments *arguments)
{
    pm_snapshot *snapshot;

    if (arguments->flags[FLAG_FIELDS] != NULL) {
        print_fields();
        return PM_EXIT_FINE;
    }
    snapshot = pm_load_or_complain(arguments->flags[FLAG_CONFIG]);
    if (snapshot == NULL)
        return PM_EXIT_FAILED;
    for (size_t i = 0; i < snapshot->plugin_count; i++)
        print_plugin(snapshot->plugins[i]);
    pm_snapshot_unref(snapshot);
    return PM_EXIT_FINE;
}

static int check(const pm_arguments *arguments)
{
    const char *settings = arguments->flags[FLAG_SETTINGS];
    const char *timeout = arguments->flags[FLAG_TIMEOUT];
    int64_t patience_s = USUAL_PATIENCE_S;

    if (timeout != NULL && (pm_slice_to_int(pm_slice_of(timeout), &patience_s) != PM_OK ||
                            patience_s < 1 || patience_s > MOST_PATIENCE_S)) {
        pm_complain("plugin: --timeout wants seconds, 1 to %d, not \"%s\"", MOST_PATIENCE_S,
                    timeout);
        return PM_EXIT_FAILED;
    }
    return pm_plugin_try(&(pm_plugin_trial){
        .file = arguments->operands[1],
        .settings = settings == NULL ? "" : settings,
        .paths = arguments->operands + 2,
        .path_count = arguments->operand_count - 2,
        .patience_s = (unsigned)patience_s,
    });
}

static int make_new(const pm_arguments *arguments)
{
    return pm_plugin_write_new(arguments->operands[1],
                               arguments->operand_count > 2 ? arguments->operands[2] : ".");
}

static const struct verb {
    const char *name, *operands;
    size_t least, most; /* operands, with the verb */
    unsigned takes;     /* flags */
    int (*run)(const pm_arguments *arguments);
} verbs[] = {
    {"list", "", 1, 1, PM_TAKES(FLAG_CONFIG) | PM_TAKES(FLAG_FIELDS), list},
    {"check", " FILE.so [PATH...]", 2, SIZE_MAX, PM_TAKES(FLAG_SETTINGS) | PM_TAKES(FLAG_TIMEOUT),
     check},
    {"new", " NAME [FOLDER]", 2, 3, 0, make_new},
};

static int plugin(const pm_arguments *arguments)
{
    const struct verb *verb = pm_find_verb("plugin", arguments->operands[0], verbs,
                                           sizeof(verbs) / sizeof(verbs[0]), sizeof(verbs[0]));

    if (verb == NULL)
        return PM_EXIT_FAILED;
    if (arguments->operand_count < verb->least || arguments->operand_count > verb->most) {
        pm_complain("plugin %s: too %s operands (write: patchmark plugin %s%s)", verb->name,
                    arguments->operand_count < verb->least ? "few" : "many", verb->name,
                    verb->operands);
        return PM_EXIT_FAILED;
    }
    if (!pm_flags_go_with(&pm_command_plugin, verb->name, verb->takes, arguments))
        return PM_EXIT_FAILED;
    return verb->run(arguments);
}

const pm_command pm_command_plugin = {
    .name = "plugin",
    .operands = "list | check FILE.so [PATH...] | new NAME [FOLDER]",
    .summary = "list the plugins, check one, begin a new one",
    .details =
        "list    the plugins of the configuration in the order they run: version and purpose,\n"
        "        the options their blocks may have [with the default], the facts they report\n"
        "check   try a plugin's file, in a process of its own: what it exports and imports,\n"
        "        what it says of itself, whether it starts, what it says of letters of each\n"
        "        kind and of those in each PATH, and what hardship makes of it. Beside\n"
        "        mail.eml there may be mail.facts with the facts that must be found, one a\n"
        "        line. Exit status 1 when something is wrong with it\n"
        "new     make a folder NAME with a plugin that works, its test and sample mail\n",
    .flags = flags,
    .least = 1,
    .most = SIZE_MAX,
    .run = plugin,
};
