/* SPDX-License-Identifier: BSD-2-Clause */
/* command_plugin - which plugins are loaded, what can be set in them, and which facts they report.
 */
#include "commands.h"
#include "field.h"

enum { FLAG_CONFIG, FLAG_FIELDS };

static const pm_flag flags[] = {
    {'c', "config", "FILE", PM_CONFIG_HELP},
    {0, "fields", NULL, "the fields of a letter that plugins and rules can ask for, instead"},
    {0, NULL, NULL, NULL},
};

static const char *option_type(pm_option_type type)
{
    switch (type) {
    case PM_OPTION_TEXT:
        return "text";
    case PM_OPTION_TEXTS:
        return "texts";
    case PM_OPTION_NUMBER:
        return "number";
    case PM_OPTION_FILE:
        return "file";
    case PM_OPTION_BLOCK:
        return "block";
    }
    return "?"; /* a plugin of a newer host */
}

static void print_option(const pm_option *option)
{
    printf("    option  %-18s %-7s %s", option->name, option_type(option->type), option->help);
    if (option->type == PM_OPTION_NUMBER)
        printf(" (%lld to %lld)", (long long)option->min, (long long)option->max);
    if (option->fallback != NULL)
        printf(" [%s]", option->fallback);
    fputc('\n', stdout);
}

static void print_fact(const pm_fact_decl *fact)
{
    printf("    fact    %-18s %-7s %s\n", fact->name,
           fact->type == PM_FACT_NUMBER ? "number" : "text", fact->meaning);
}

static void print_plugin(const pm_loaded *loaded)
{
    const pm_plugin *plugin = pm_loaded_plugin(loaded);
    const pm_fact_decl *fact;
    const char *need;

    printf("%s %s: %s\n", plugin->name, plugin->version, plugin->summary);
    for (const pm_option *o = plugin->options; o != NULL && o->name != NULL; o++)
        print_option(o);
    for (size_t nth = 0; (fact = pm_loaded_fact(loaded, nth)) != NULL; nth++)
        print_fact(fact);
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

static int plugin(const pm_arguments *arguments)
{
    static const char *const verbs[] = {"list", NULL};
    const char *verb = arguments->operands[0];
    pm_snapshot *snapshot;

    if (strcmp(verb, verbs[0]) != 0) {
        const char *near = pm_nearest(pm_slice_of(verb), verbs);

        pm_complain("plugin: cannot \"%s\" (%s \"plugin list\"%s)", verb,
                    near == NULL ? "there is" : "did you mean", near == NULL ? "" : "?");
        return PM_EXIT_FAILED;
    }
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

const pm_command pm_command_plugin = {
    .name = "plugin",
    .operands = "list",
    .summary = "list the plugins, their options and the facts they report",
    .details =
        "Lists the plugins of the configuration in the order they run: version and purpose,\n"
        "the options their blocks may have [with the default], the facts they report.\n",
    .flags = flags,
    .least = 1,
    .most = 1,
    .run = plugin,
};
