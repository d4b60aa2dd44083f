/* SPDX-License-Identifier: BSD-2-Clause */
/* plugin_descriptor - what a plugin says of itself; see plugin_descriptor.h. */
#include "plugin_descriptor.h"

#include "plugin_load.h"

#include <inttypes.h>
#include <stdio.h>

static bool is_empty(const char *text)
{
    return text == NULL || *text == '\0';
}

/* ---- Facts ---- */

static void check_facts(const pm_plugin *plugin, const char *file, pm_errors *errors)
{
    for (const pm_fact_decl *at = plugin->facts; at != NULL && at->name != NULL; at++) {
        if (is_empty(at->meaning))
            pm_error_at(errors, file, 0, 0,
                        "the fact \"%s\" has no meaning (say in one sentence what it tells)",
                        at->name);
        for (const pm_fact_decl *before = plugin->facts; before < at; before++)
            if (strcmp(before->name, at->name) == 0)
                pm_error_at(errors, file, 0, 0, "the fact \"%s\" is declared twice (leave one out)",
                            at->name);
    }
}

static void check_needs(const pm_plugin *plugin, const char *file, pm_errors *errors)
{
    for (const char *const *need = plugin->needs; need != NULL && *need != NULL; need++) {
        for (const pm_fact_decl *fact = plugin->facts; fact != NULL && fact->name != NULL; fact++)
            if (strcmp(fact->name, *need) == 0 && !is_empty(*need))
                pm_warning_at(errors, file, 0, 0,
                              "it needs the fact \"%s\", which it reports itself: that orders it "
                              "behind others that report it, not behind itself",
                              *need);
        if (is_empty(*need))
            pm_error_at(errors, file, 0, 0, "it needs a fact without a name (leave it out)");
    }
}

/* ---- Options ---- */

static void check_range(const pm_option *option, const char *file, pm_errors *errors)
{
    int64_t number;

    if (option->min > option->max) {
        pm_error_at(errors, file, 0, 0,
                    "the option \"%s\" takes no number at all: its range is %" PRId64 " to %" PRId64
                    " (swap the two)",
                    option->name, option->min, option->max);
        return;
    }
    if (option->fallback == NULL)
        return;
    if (pm_syntax_number(pm_slice_of(option->fallback), PM_UNITS_SIZE | PM_UNITS_TIME, &number) !=
        PM_OK)
        pm_error_at(errors, file, 0, 0, "the default of the option \"%s\", \"%s\", is no number",
                    option->name, option->fallback);
    else if (number < option->min || number > option->max)
        pm_error_at(errors, file, 0, 0,
                    "the default of the option \"%s\", %s, is not within its own range, %" PRId64
                    " to %" PRId64,
                    option->name, option->fallback, option->min, option->max);
}

static void check_option(const pm_option *option, const char *file, pm_errors *errors)
{
    if (!pm_plugin_is_name(option->name))
        pm_error_at(errors, file, 0, 0,
                    "\"%s\" is no name for an option (names are [a-z][a-z0-9-]*)", option->name);
    if (is_empty(option->help))
        pm_error_at(errors, file, 0, 0,
                    "the option \"%s\" has no help (say in one sentence what it does)",
                    option->name);
    switch (option->type) {
    case PM_OPTION_NUMBER:
        check_range(option, file, errors);
        return;
    case PM_OPTION_TEXT:
    case PM_OPTION_TEXTS:
    case PM_OPTION_FILE:
    case PM_OPTION_BLOCK:
        return;
    }
    pm_error_at(errors, file, 0, 0, "the option \"%s\" is of no known type", option->name);
}

static void check_options(const pm_plugin *plugin, const char *file, pm_errors *errors)
{
    for (const pm_option *at = plugin->options; at != NULL && at->name != NULL; at++) {
        check_option(at, file, errors);
        for (const pm_option *before = plugin->options; before < at; before++)
            if (strcmp(before->name, at->name) == 0)
                pm_error_at(errors, file, 0, 0,
                            "the option \"%s\" is declared twice (leave one out)", at->name);
    }
}

void pm_descriptor_check(const pm_plugin *plugin, const char *file, pm_errors *errors)
{
    if (is_empty(plugin->version) || is_empty(plugin->summary))
        pm_error_at(errors, file, 0, 0, "it has no %s (`patchmark plugin list` shows it)",
                    is_empty(plugin->version) ? "version" : "summary");
    check_facts(plugin, file, errors);
    check_needs(plugin, file, errors);
    check_options(plugin, file, errors);
}

/* ---- Printing ---- */

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

void pm_descriptor_print_option(const pm_option *option)
{
    printf("    option  %-18s %-7s %s", option->name, option_type(option->type), option->help);
    if (option->type == PM_OPTION_NUMBER)
        printf(" (%lld to %lld)", (long long)option->min, (long long)option->max);
    if (option->fallback != NULL)
        printf(" [%s]", option->fallback);
    fputc('\n', stdout);
}

void pm_descriptor_print_fact(const pm_fact_decl *fact)
{
    printf("    fact    %-18s %-7s %s\n", fact->name,
           fact->type == PM_FACT_NUMBER ? "number" : "text", fact->meaning);
}
