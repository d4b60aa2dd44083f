/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * command_check - is everything in order before the daemon is told: the configuration, the plugins,
 * every rule with its examples. Then prints what the MTA has to be told.
 */
#include "check.h"
#include "commands.h"
#include "config.h"
#include "endpoint.h"
#include "mime.h"

enum { FLAG_CONFIG };

static const pm_flag flags[] = {
    {'c', "config", "FILE", PM_CONFIG_HELP},
    {0, NULL, NULL, NULL},
};

/* Where Postfix's chroot is, in which a socket's path may have to be seen from. */
#define POSTFIX_QUEUE "/var/spool/postfix"

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

static size_t count_examples(const pm_rule *rule)
{
    const pm_token *where;
    size_t count = 0;
    bool matches;

    while (pm_rule_example(rule, count, &matches, &where).data != NULL)
        count++;
    return count;
}

static size_t count_all_examples(const pm_rules *rules)
{
    size_t examples = 0;

    for (size_t i = 0; i < pm_rules_count(rules); i++)
        examples += count_examples(pm_rules_nth(rules, i));
    return examples;
}

static void print_shadow(const pm_shadow *shadow)
{
    const pm_rules *rules = pm_shadow_rules(shadow);
    const size_t count = pm_rules_count(rules), examples = count_all_examples(rules);

    printf("shadow %.*s, %s the live rules: %zu rule%s, %zu example%s.\n",
           PM_FMT(pm_shadow_name(shadow)), pm_shadow_is_instead(shadow) ? "instead of" : "added to",
           count, plural(count), examples, plural(examples));
}

static void print_counts(const pm_snapshot *snapshot)
{
    size_t rules = pm_rules_count(snapshot->rules), files = 0;
    size_t examples = count_all_examples(snapshot->rules);

    while (snapshot->files != NULL && snapshot->files[files] != NULL)
        files++;

    printf("%s: fine. %zu file%s, %zu rule%s, %zu example%s, %zu plugin%s", snapshot->config.file,
           files, plural(files), rules, plural(rules), examples, plural(examples),
           snapshot->plugin_count, plural(snapshot->plugin_count));
    for (size_t i = 0; i < snapshot->plugin_count; i++) {
        const pm_plugin *plugin = pm_loaded_plugin(snapshot->plugins[i]);

        printf("%s%s %s", i == 0 ? " (" : ", ", plugin->name, plugin->version);
    }
    printf("%s.\n", snapshot->plugin_count == 0 ? "" : ")");
    for (size_t i = 0; i < snapshot->shadow_count; i++)
        print_shadow(snapshot->shadows[i]);
}

/* What to write into the MTA's configuration. */
static void print_mta_lines(const pm_endpoint *endpoint)
{
    char line[PM_ENDPOINT_TEXT];

    pm_endpoint_main_cf(endpoint, POSTFIX_QUEUE, line);
    if (line[0] == '\0')
        return; /* only systemd knows where that socket is */
    printf("\nPostfix, main.cf:\n    %s\n", line);
    pm_endpoint_sendmail_mc(endpoint, line);
    printf("Sendmail, sendmail.mc:\n    %s\n", line);
}

/* Was there no configuration to look at? Then that is all there is to say, and it is said of the
 * file as a whole: what is wrong inside has a line. */
static bool nothing_was_read(const char *file, const pm_errors *errors)
{
    pm_arena *arena = pm_arena_new((size_t)1 << 20);
    const pm_slice name = pm_slice_of(file != NULL    ? file
                                      : arena == NULL ? ""
                                                      : pm_config_find(arena));
    pm_slice sentence = PM_EMPTY;
    bool nothing;

    if (pm_errors_count(errors) == 1)
        sentence = pm_slice_of(pm_errors_nth(errors, 0));
    nothing = pm_slice_starts(sentence, name) &&
              pm_slice_starts(pm_slice_after(sentence, name.len), PM_LIT(": "));
    pm_arena_free(arena);
    return nothing;
}

/* Everything that can be checked, so that all that is wrong is told in one go. */
static bool is_fine(pm_snapshot *snapshot, pm_endpoint *endpoint_out, pm_errors *errors)
{
    const pm_config *config = &snapshot->config;
    const bool rules_fine = pm_snapshot_check(snapshot, errors);
    const bool socket_fine = pm_endpoint_parse(config->socket, config->file, endpoint_out, errors);
    gid_t group;

    if (config->socket_group != NULL &&
        !pm_endpoint_group(config->socket_group, config->file, &group, errors))
        return false;
    return socket_fine && rules_fine;
}

static int check(const pm_arguments *arguments)
{
    const pm_snapshot_options options = {.file = arguments->flags[FLAG_CONFIG]};
    pm_snapshot *snapshot = NULL;
    pm_errors *errors = pm_errors_new();
    int status = PM_EXIT_FAILED;
    pm_endpoint endpoint;

    if (errors == NULL) {
        pm_complain("no memory");
        return status;
    }
    pm_mime_start();
    snapshot = pm_snapshot_load(&options, errors);
    if (snapshot != NULL || !nothing_was_read(options.file, errors))
        status = PM_EXIT_FOUND;
    if (snapshot != NULL && is_fine(snapshot, &endpoint, errors)) {
        print_counts(snapshot);
        print_mta_lines(&endpoint);
        status = PM_EXIT_FINE;
    }
    pm_complain_of(errors);
    pm_snapshot_unref(snapshot);
    pm_errors_free(errors);
    return status;
}

const pm_command pm_command_check = {
    .name = "check",
    .operands = "",
    .summary = "check the configuration, the plugins, and every rule with its examples",
    .details =
        "Reads the configuration as the daemon would, compiles every rule, runs its examples,\n"
        "reads what plugins say of themselves, and looks for rules that can never fire, names\n"
        "that nobody knows, patterns that reach their limits and recipients that loop.\n"
        "Prints each error as file:line:column. When all is fine it prints what there is,\n"
        "and the line to put into Postfix's or Sendmail's configuration.\n"
        "Exit status: 1 when something is wrong, 2 when there is no configuration to read.\n",
    .flags = flags,
    .least = 0,
    .most = 0,
    .run = check,
};
