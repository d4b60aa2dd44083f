/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * revision - which revision of a series a letter belongs to, and which part of it the letter is.
 *
 * The subject decides. What contradicts it, a second revision in the subject or a changelog that
 * knows of a newer one, is reported as a conflict: it makes the answer less sure, but does not
 * change it, for authors forget the v2 in a subject less often than they paste old text. Manual:
 * revision.md.
 *
 * Which earlier series it supersedes is predecessor.c's.
 */
#include "mailmap.h"
#include "predecessor.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_ENTRIES = 500,   /* of a changelog */
    MOST_COMPLAINTS = 20, /* lines of a mailmap that the log mentions */
};

struct instance {
    const pm_host *host;
    pm_mailmap *people; /* NULL: none is named */
};

/* ---- The mailmap ---- */

/* Passes what is wrong with a mailmap to the log, and what is wrong with all of it to open(). */
struct complaints {
    const pm_host *host;
    const pm_settings *settings;
    unsigned count;
};

static void complain(void *context, const char *file, unsigned line, const char *sentence)
{
    struct complaints *complaints = context;
    const pm_host *host = complaints->host;

    if (line == 0)
        host->problem(complaints->settings, "mailmap", "%s %s", file, sentence);
    else if (complaints->count++ < MOST_COMPLAINTS)
        host->log(NULL, PM_LEVEL_WARNING, "%s:%u: %s", file, line, sentence);
}

static pm_status read_mailmap(struct instance *of, const pm_settings *settings, pm_slice written)
{
    struct complaints complaints = {.host = of->host, .settings = settings};
    pm_slice path;

    if (of->host->resolve_path(settings, written, &path) != PM_OK || path.len == 0) {
        of->host->problem(settings, "mailmap", "wants the name of a file: mailmap FILE");
        return PM_FAULT;
    }
    if (!pm_mailmap_add_file(of->people, path.data, complain, &complaints))
        return PM_FAULT;
    if (complaints.count > MOST_COMPLAINTS)
        of->host->log(NULL, PM_LEVEL_WARNING, "%s: %u more lines like these", path.data,
                      complaints.count - MOST_COMPLAINTS);
    return PM_OK;
}

static pm_status read_mailmaps(struct instance *of, const pm_settings *settings)
{
    pm_slice written;

    for (unsigned nth = 0; of->host->option_text(settings, "mailmap", nth, &written) == PM_OK;
         nth++) {
        if (of->people == NULL)
            of->people = pm_mailmap_new();
        if (of->people == NULL) {
            of->host->problem(settings, "mailmap", "no memory");
            return PM_FAULT;
        }
        if (read_mailmap(of, settings, written) != PM_OK)
            return PM_FAULT;
    }
    if (of->people != NULL && !pm_mailmap_settle(of->people)) {
        of->host->problem(settings, "mailmap", "no memory");
        return PM_FAULT;
    }
    return PM_OK;
}

/* ---- Opening and closing ---- */

static void close_revision(void *instance)
{
    struct instance *of = instance;

    pm_mailmap_free(of->people);
    free(of);
}

static pm_status open_revision(const pm_host *host, const pm_settings *settings,
                               void **instance_out)
{
    struct instance *of = calloc(1, sizeof(*of));

    if (of == NULL) {
        host->problem(settings, NULL, "no memory");
        return PM_FAULT;
    }
    of->host = host;
    if (read_mailmaps(of, settings) != PM_OK) {
        close_revision(of);
        return PM_FAULT;
    }
    *instance_out = of;
    return PM_OK;
}

/* ---- What the subject says, and what contradicts it ---- */

static bool is_text(pm_slice slice, const char *text)
{
    return slice.len == strlen(text) && memcmp(slice.data, text, slice.len) == 0;
}

static pm_status report(const pm_host *host, pm_scan *scan, const char *name, int64_t number,
                        const char *reason)
{
    const pm_fact fact = {
        .size = sizeof(fact),
        .name = name,
        .number = number,
        .weight = 1,
        .reason = {reason, strlen(reason)},
    };

    return host->add_fact(scan, &fact);
}

/* The newest revision that the changelog speaks of, 0 when there is none. */
static int64_t newest_in_changelog(const pm_host *host, pm_scan *scan)
{
    int64_t newest = 0, revision;

    for (unsigned nth = 0; nth < MOST_ENTRIES; nth++) {
        if (host->letter_number(scan, "changelog.revision", nth, &revision) != PM_OK)
            break;
        if (revision > newest)
            newest = revision;
    }
    return newest;
}

static pm_status report_conflict(const pm_host *host, pm_scan *scan, int64_t revision)
{
    const int64_t newest = newest_in_changelog(host, scan);
    int64_t doubtful = 0;
    char reason[128];

    if (newest > revision) {
        snprintf(reason, sizeof(reason),
                 "the subject says v%" PRId64 ", the changelog knows v%" PRId64, revision, newest);
        return report(host, scan, "revision.conflict", newest, reason);
    }
    if (host->letter_number(scan, "revision.doubtful", 0, &doubtful) == PM_OK && doubtful != 0)
        return report(host, scan, "revision.conflict", revision,
                      "the subject says two different revisions");
    return PM_OK;
}

static pm_status scan_letter(void *instance, pm_scan *scan)
{
    const struct instance *of = instance;
    const pm_host *host = of->host;
    int64_t revision, part, total;
    pm_slice kind;
    pm_status status;

    if (host->letter_text(scan, "kind", 0, &kind) != PM_OK ||
        (!is_text(kind, "cover") && !is_text(kind, "patch")) ||
        host->letter_number(scan, "revision", 0, &revision) != PM_OK)
        return PM_ABSENT;

    status = report(host, scan, "revision", revision, "the subject");
    if (status == PM_OK && host->letter_number(scan, "part", 0, &part) == PM_OK)
        status = report(host, scan, "part", part, "the subject");
    if (status == PM_OK && host->letter_number(scan, "total", 0, &total) == PM_OK)
        status = report(host, scan, "total", total, "the subject");
    if (status == PM_OK)
        status = report_conflict(host, scan, revision);
    return status == PM_OK ? pm_predecessor_report(host, scan, of->people) : status;
}

static const pm_fact_decl facts[] = {
    {"revision", PM_FACT_NUMBER, "the revision of the series, 1 when none is written"},
    {"part", PM_FACT_NUMBER, "which part of the series it is; 0 is the cover"},
    {"total", PM_FACT_NUMBER, "how many patches the series has"},
    {"revision.conflict", PM_FACT_NUMBER,
     "another revision that something in the letter speaks for"},
    {"supersedes", PM_FACT_TEXT, "the Message-ID of the root of the series it supersedes"},
    {"supersedes.runner-up", PM_FACT_TEXT, "the next best candidate for what it supersedes"},
    {NULL, PM_FACT_NUMBER, NULL},
};

static const pm_option options[] = {
    {"mailmap", PM_OPTION_TEXTS, 0, 0, NULL,
     "files that say which addresses are one person's, as git's .mailmap does"},
    {NULL, PM_OPTION_TEXT, 0, 0, NULL, NULL},
};

static const char *const needs[] = {"series", "project", NULL};

static const pm_plugin plugin = {
    .size = sizeof(plugin),
    .abi_major = PM_ABI_MAJOR,
    .abi_minor = 0,
    .name = "revision",
    .version = "1.0",
    .summary = "Which revision of a series a letter belongs to, and which part of it it is",
    .options = options,
    .facts = facts,
    .needs = needs,
    .open = open_revision,
    .scan = scan_letter,
    .close = close_revision,
};

PM_PLUGIN_ENTRY(revision)
{
    return &plugin;
}
