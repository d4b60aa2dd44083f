/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * command_series - look at the memory of series, and correct it: which verbs there are, what each
 * takes, and the short ones.
 */
#include "clock.h"
#include "retention.h"
#include "series_errand.h"
#include "series_json.h"
#include "series_late.h"

static const pm_flag flags[] = {
    {'c', "config", "FILE", "the configuration that names the store"},
    {0, "store", "FILE", "the store itself; then no configuration is needed"},
    {0, "project", "NAME", "list: those of this project"},
    {0, "inbox", "NAME", "list: those filed here; with or without the project behind it"},
    {0, "author", "TEXT", "list: those whose author's address or name has this in it"},
    {0, "limit", "N", "list, late: at most N, 20 unless said otherwise, 0 for all"},
    {0, "json", NULL, "list, show, late: one JSON object a line"},
    {0, "older-than", "TIME", "forget: those without mail for so long, for instance 2y or 90d"},
    {0, "size", "SIZE", "forget: the oldest, until the rest fits, for instance 10G"},
    {0, "since", "TIME", "late: what was marked no longer ago, for instance 12h or 7d"},
    {0, "log", "DIR", "late, link, unlink, pin: where decisions.jsonl is; else state-directory"},
    {0, NULL, NULL, NULL},
};

/* ---- late ---- */

/* From when on; 0: all. */
static bool read_since(const pm_errand *on, int64_t *since_out)
{
    const char *value = on->arguments->flags[PM_FLAG_SINCE];
    int64_t age_us;

    *since_out = 0;
    if (value == NULL)
        return true;
    if (pm_syntax_number(pm_slice_of(value), PM_UNITS_AGE | PM_UNITS_TIME, &age_us) != PM_OK ||
        age_us < 0 || pm_is_digit(value[strlen(value) - 1])) {
        pm_complain("series: --since wants a time with its unit, for instance 12h or 7d, not "
                    "\"%s\"",
                    value);
        return false;
    }
    *since_out = (pm_clock_wall_us() - age_us) / 1000000;
    return true;
}

static int print_late(const pm_errand *on, const pm_late_question *asked, int64_t limit)
{
    pm_errors *errors = pm_errors_new();
    pm_late_list list;
    const pm_status status = pm_late_list_read(asked, &list, errors);
    const bool read = pm_errors_count(errors) == 0;

    pm_complain_of(errors);
    pm_errors_free(errors);
    if (status != PM_OK)
        return pm_errand_complain(on, status);
    if (on->arguments->flags[PM_FLAG_JSON] != NULL)
        pm_late_list_print_json(&list, (size_t)limit);
    else
        pm_late_list_print(&list, asked, (size_t)limit);
    if (!read)
        return PM_EXIT_FAILED;
    return list.count > 0 ? PM_EXIT_FOUND : PM_EXIT_FINE;
}

static int late(const pm_errand *on)
{
    pm_late_question asked = {
        .folder = pm_errand_log(on), .store = on->store, .arena = on->arena, .behind = PM_EMPTY};
    int64_t limit;

    if (!pm_errand_limit(on, &limit) || !read_since(on, &asked.since))
        return PM_EXIT_FAILED;
    if (asked.folder == NULL) {
        pm_complain("series: nobody says where the decision log is (write \"state-directory DIR\" "
                    "into the configuration, or --log DIR)");
        return PM_EXIT_FAILED;
    }
    if (!pm_late_has_log(asked.folder)) {
        pm_complain("%s: there is no decisions.jsonl (patchmarkd writes it, unless decision-log is "
                    "off)",
                    asked.folder);
        return PM_EXIT_FAILED;
    }
    return print_late(on, &asked, limit);
}

/* ---- forget ---- */

/* The number of a flag, or usual when it was not given. */
static bool read_limit(const pm_errand *on, int flag, unsigned units, const char *example,
                       int64_t usual, int64_t *number_out)
{
    const char *value = on->arguments->flags[flag];

    *number_out = usual;
    if (value == NULL || (pm_syntax_number(pm_slice_of(value), units, number_out) == PM_OK &&
                          *number_out > 0 && !pm_is_digit(value[strlen(value) - 1])))
        return true;
    pm_complain("series: --%s wants a number with its unit, for instance %s, not \"%s\"",
                flags[flag].name, example, value);
    return false;
}

/* Nothing said: what the configuration says. One said: that alone. */
static int forget(const pm_errand *on)
{
    const bool said = on->arguments->flags[PM_FLAG_OLDER_THAN] != NULL ||
                      on->arguments->flags[PM_FLAG_SIZE] != NULL;
    const pm_config *usual = said || on->snapshot == NULL ? NULL : &on->snapshot->config;
    pm_retention limits = {.age_us = 0};
    pm_forgotten gone;
    pm_status status;
    int64_t size;

    if (!said && usual == NULL) {
        pm_complain("series: how much? (write --older-than 2y, or --size 10G, or leave out --store "
                    "for what the configuration says)");
        return PM_EXIT_FAILED;
    }
    if (!read_limit(on, PM_FLAG_OLDER_THAN, PM_UNITS_AGE, "2y or 90d",
                    usual == NULL ? 0 : usual->retention_us, &limits.age_us) ||
        !read_limit(on, PM_FLAG_SIZE, PM_UNITS_SIZE, "10G", usual == NULL ? 0 : usual->store_size,
                    &size))
        return PM_EXIT_FAILED;
    limits.most_bytes = (uint64_t)size;
    status = pm_retention_enforce(on->store, &limits, pm_clock_wall_us(), &gone);
    printf("%s: %llu series forgotten for their age, %llu for the size.\n", on->where,
           (unsigned long long)gone.aged, (unsigned long long)gone.crowded);
    return status == PM_OK ? PM_EXIT_FINE : pm_errand_complain(on, status);
}

/* ---- verify, export, import ---- */

static int print_counts(const pm_errand *on, const char *what)
{
    uint64_t series, chains;
    pm_status status = pm_store_count(on->store, pm_errand_deadline(), &series, &chains);

    if (status != PM_OK)
        return pm_errand_complain(on, status);
    printf("%s: %s%llu series in %llu chain%s.\n", on->where, what, (unsigned long long)series,
           (unsigned long long)chains, chains == 1 ? "" : "s");
    return PM_EXIT_FINE;
}

static int verify(const pm_errand *on)
{
    pm_errors *errors = pm_errors_new();
    bool whole = pm_store_verify(on->store, errors);

    pm_complain_of(errors);
    pm_errors_free(errors);
    return whole ? print_counts(on, "whole. ") : PM_EXIT_FOUND;
}

static int export_all(const pm_errand *on)
{
    pm_errors *errors = pm_errors_new();
    bool fine = pm_series_export(on->store, errors);

    pm_complain_of(errors);
    pm_errors_free(errors);
    return fine ? PM_EXIT_FINE : PM_EXIT_FAILED;
}

static int import_all(const pm_errand *on)
{
    pm_errors *errors = pm_errors_new();
    pm_imported imported;
    bool fine = pm_series_import(on->store, on->operands[0], &imported, errors);

    printf("%zu series, %zu references, %zu links, %zu notes and %zu paths were read.\n",
           imported.series, imported.references, imported.links, imported.notes, imported.paths);
    pm_complain_of(errors);
    pm_errors_free(errors);
    return fine ? print_counts(on, "") : PM_EXIT_FAILED;
}

/* ---- Which of these ---- */

static const struct verb {
    const char *name, *operands;
    size_t least, most;
    pm_store_use use;
    unsigned takes; /* flags beside --config and --store */
    int (*run)(const pm_errand *on);
} verbs[] = {
    {"list", "", 0, 0, PM_STORE_READ,
     PM_TAKES(PM_FLAG_PROJECT) | PM_TAKES(PM_FLAG_INBOX) | PM_TAKES(PM_FLAG_AUTHOR) |
         PM_TAKES(PM_FLAG_LIMIT) | PM_TAKES(PM_FLAG_JSON),
     pm_series_list},
    {"show", " ID | WORD...", 1, SIZE_MAX, PM_STORE_READ, PM_TAKES(PM_FLAG_JSON), pm_series_show},
    {"link", " ID PREDECESSOR", 2, 2, PM_STORE_CORRECT, PM_TAKES(PM_FLAG_LOG), pm_series_link},
    {"unlink", " ID", 1, 1, PM_STORE_CORRECT, PM_TAKES(PM_FLAG_LOG), pm_series_unlink},
    {"pin", " ID", 1, 2, PM_STORE_CORRECT, PM_TAKES(PM_FLAG_LOG), pm_series_pin},
    {"unpin", " ID", 1, 1, PM_STORE_CORRECT, PM_TAKES(PM_FLAG_LOG), pm_series_unpin},
    {"late", "", 0, 0, PM_STORE_READ,
     PM_TAKES(PM_FLAG_SINCE) | PM_TAKES(PM_FLAG_LIMIT) | PM_TAKES(PM_FLAG_JSON) |
         PM_TAKES(PM_FLAG_LOG),
     late},
    {"forget", "", 0, 0, PM_STORE_CORRECT, PM_TAKES(PM_FLAG_OLDER_THAN) | PM_TAKES(PM_FLAG_SIZE),
     forget},
    {"verify", "", 0, 0, PM_STORE_READ, 0, verify},
    {"export", "", 0, 0, PM_STORE_READ, 0, export_all},
    {"import", " FILE", 1, 1, PM_STORE_WRITE, 0, import_all},
};

static bool fits(const struct verb *verb, const pm_errand *on)
{
    const unsigned always = PM_TAKES(PM_FLAG_CONFIG) | PM_TAKES(PM_FLAG_STORE);

    if (on->operand_count < verb->least || on->operand_count > verb->most) {
        pm_complain("series: write \"patchmark series %s%s\"", verb->name, verb->operands);
        return false;
    }
    return pm_flags_go_with(&pm_command_series, verb->name, verb->takes | always, on->arguments);
}

static int series(const pm_arguments *arguments)
{
    const struct verb *verb = pm_find_verb("series", arguments->operands[0], verbs,
                                           sizeof(verbs) / sizeof(verbs[0]), sizeof(verbs[0]));
    pm_errand on = {.arguments = arguments,
                    .operands = arguments->operands + 1,
                    .operand_count = arguments->operand_count - 1};
    pm_snapshot *snapshot = NULL;
    int status = PM_EXIT_FAILED;

    if (verb == NULL || !fits(verb, &on))
        return PM_EXIT_FAILED;
    if (arguments->flags[PM_FLAG_STORE] == NULL) {
        snapshot = pm_load_or_complain(arguments->flags[PM_FLAG_CONFIG]);
        if (snapshot == NULL)
            return PM_EXIT_FAILED;
    }
    on.store = pm_open_store_or_complain(arguments->flags[PM_FLAG_STORE], snapshot, verb->use);
    on.where = arguments->flags[PM_FLAG_STORE] != NULL ? arguments->flags[PM_FLAG_STORE]
                                                       : snapshot->config.store;
    on.snapshot = snapshot;
    on.arena = pm_arena_new(PM_ERRAND_MEMORY);
    if (on.arena == NULL)
        pm_complain("no memory");
    else if (on.store != NULL)
        status = verb->run(&on);
    pm_arena_free(on.arena);
    pm_store_close(on.store);
    pm_snapshot_unref(snapshot);
    return status;
}

const pm_command pm_command_series = {
    .name = "series",
    .operands = "VERB...",
    .summary = "look at the memory of series, and correct it",
    .details =
        "  list                   the series that were seen last\n"
        "  show ID | WORD...      a patch set with all its revisions, as a tree: what arrived,\n"
        "                         what is missing, what supersedes what and why\n"
        "  link ID PREDECESSOR    the first supersedes the second\n"
        "  unlink ID              it supersedes nothing\n"
        "  pin ID                 what was found out is right\n"
        "  unpin ID               evidence decides again\n"
        "  late                   what was marked and would now be marked otherwise\n"
        "  forget                 what is past the configuration's limits, or those given here\n"
        "  verify                 is the store whole?\n"
        "  export                 all of it as JSON Lines, to standard output\n"
        "  import FILE            merge such lines, - for standard input, into the store\n"
        "\n"
        "An ID is the Message-ID of any message of the series, with or without angle brackets,\n"
        "or a link to it on lore.kernel.org. A WORD is one of a title, or its beginning. What\n"
        "link, unlink and pin say is a person's word and stays, whatever later mail says, until\n"
        "unpin takes it back.\n",
    .flags = flags,
    .least = 1,
    .most = SIZE_MAX,
    .run = series,
};
