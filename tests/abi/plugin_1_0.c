/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plugin_1_0 - a plugin of the day plugin ABI 1.0 was released, kept as it was and rebuilt with
 * every patchmark: that old plugins still load is tested, not believed. Do not mend it, do not
 * modernise it; whatever makes it fail is a break of the ABI.
 *
 * It uses every member that the host had.
 */
#define PM_ABI_MINOR 0
#include <patchmark/plugin.h>

#include <stdlib.h>
#include <string.h>

struct instance {
    const pm_host *host;
    int64_t least;
    size_t moods, projects;
};

static pm_status open_old(const pm_host *host, const pm_settings *settings, void **instance_out)
{
    struct instance *of = calloc(1, sizeof(*of));
    const pm_settings *block;
    pm_slice value, path;

    if (of == NULL)
        return PM_FAULT;
    if (host->size < 136 || host->abi_major != 1) {
        free(of);
        return PM_FAULT;
    }
    of->host = host;
    host->log(NULL, PM_LEVEL_DEBUG, "opened by a host %u.%u", (unsigned)host->abi_major,
              (unsigned)host->abi_minor);
    if (host->option_number(settings, "least", 0, &of->least) != PM_OK) {
        host->problem(settings, "least", "it has a default and is not there");
        free(of);
        return PM_FAULT;
    }
    while (host->option_text(settings, "moods", (unsigned)of->moods, &value) == PM_OK)
        of->moods++;
    while (host->block(settings, "project", (unsigned)of->projects, &value, &block) == PM_OK) {
        if (host->statement(block, 0, 0, &value) != PM_OK ||
            host->resolve_path(block, value, &path) != PM_OK)
            break;
        of->projects++;
    }
    *instance_out = of;
    return PM_OK;
}

static pm_status report(const struct instance *of, pm_scan *scan, const char *name, pm_slice text,
                        int64_t number)
{
    pm_fact fact;

    memset(&fact, 0, sizeof(fact));
    fact.size = sizeof(fact);
    fact.name = name;
    fact.text = text;
    fact.number = number;
    fact.weight = 2.5;
    fact.reason.data = "as ever";
    fact.reason.len = 7;
    return of->host->add_fact(scan, &fact);
}

static pm_status scan_old(void *instance, pm_scan *scan)
{
    const struct instance *of = instance;
    const pm_host *host = of->host;
    pm_slice subject, title, body, project;
    int64_t revision = 0;
    double weight = 0;
    char *copy;

    if (host->time_left(scan) <= 0)
        return PM_LIMIT;
    if (host->header(scan, "Subject", 0, &subject) != PM_OK ||
        host->letter_text(scan, "title", 0, &title) != PM_OK ||
        host->letter_number(scan, "revision", 0, &revision) != PM_OK ||
        host->body_text(scan, &body) != PM_OK)
        return PM_ABSENT;

    copy = host->scratch(scan, title.len + 1);
    if (copy == NULL)
        return PM_LIMIT;
    memcpy(copy, title.data, title.len);
    copy[title.len] = '!';
    title.data = copy;
    title.len++;

    if (report(of, scan, "old.title", title, 0) != PM_OK ||
        report(of, scan, "old.sum", title, revision * 1000 + of->least) != PM_OK ||
        report(of, scan, "old.undeclared", title, 0) != PM_FAULT)
        return PM_FAULT;
    if (host->fact_text(scan, "old.title", 0, &title, &weight) != PM_OK || weight != 2.5)
        return PM_FAULT;
    if (host->fact_number(scan, "old.sum", 1, &revision, NULL) != PM_ABSENT)
        return PM_FAULT;
    if (host->fact_text(scan, "project", 0, &project, NULL) == PM_OK)
        host->log(scan, PM_LEVEL_DEBUG, "project %.*s", (int)project.len, project.data);
    return PM_OK;
}

static void close_old(void *instance)
{
    free(instance);
}

static const pm_option options[] = {
    {"least", PM_OPTION_NUMBER, 1, 999, "7", "a number"},
    {"moods", PM_OPTION_TEXTS, 0, 0, NULL, "words"},
    {NULL, PM_OPTION_TEXT, 0, 0, NULL, NULL},
};

static const pm_fact_decl facts[] = {
    {"old.title", PM_FACT_TEXT, "the title with a mark behind it"},
    {"old.sum", PM_FACT_NUMBER, "a thousand times the revision, and the option"},
    {NULL, PM_FACT_TEXT, NULL},
};

static const pm_plugin plugin = {
    sizeof(pm_plugin),
    1,
    0,
    "plugin-1-0",
    "1.0",
    "A plugin of the first day",
    PM_PLUGIN_NEEDS_BODY,
    options,
    facts,
    NULL,
    open_old,
    scan_old,
    close_old,
};

PM_PLUGIN_ENTRY(old)
{
    return &plugin;
}
