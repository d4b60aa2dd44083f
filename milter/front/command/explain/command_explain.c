/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * command_explain - why a message gets the marks it gets: everything that was read, found, weighed
 * and decided on the way.
 *
 * Only looks: the memory is asked, and nothing is remembered.
 */
#include "archive.h"
#include "commands.h"
#include "examine.h"
#include "explanation.h"
#include "mime.h"

enum { FLAG_CONFIG, FLAG_STORE, FLAG_JSON };

static const pm_flag flags[] = {
    {'c', "config", "FILE", PM_CONFIG_HELP},
    {0, "store", "FILE", "the memory of series to ask, instead of the configuration's"},
    {0, "json", NULL, "one JSON object a line, a message each"},
    {0, NULL, NULL, NULL},
};

typedef struct job {
    pm_snapshot *snapshot;
    pm_store *store; /* NULL: without a memory */
    const char *where;
    pm_message *message;
    pm_errors *errors;
    bool json;
    size_t count;
} job;

static bool explain_message(void *context, const pm_mail *mail)
{
    job *work = context;
    pm_explanation of = {.snapshot = work->snapshot, .origin = mail->origin, .store = work->where};

    pm_message_reset(work->message);
    pm_message_read(work->message, mail->bytes);
    of.outcome = pm_examine(work->snapshot, work->store, work->message, PM_EMPTY);
    if (!work->json) {
        if (work->count++ > 0)
            fputs("\n", stdout);
        pm_explain_text(&of);
        return true;
    }
    if (pm_explain_json(&of))
        return true;
    pm_error_at(work->errors, mail->origin, 0, 0, "no memory to print what was found");
    return false;
}

/* The daemon's own store is a help where it can be read; one that is named must be there. */
static bool open_store(job *work, const char *named)
{
    pm_errors *quiet;

    if (named != NULL) {
        work->where = named;
        work->store = pm_open_store_or_complain(named, work->snapshot, PM_STORE_READ);
        return work->store != NULL;
    }
    if (work->snapshot->config.store == NULL)
        return true;
    quiet = pm_errors_new();
    work->store = pm_store_open(work->snapshot->config.store, true, quiet);
    pm_errors_free(quiet);
    if (work->store != NULL)
        work->where = work->snapshot->config.store;
    else
        pm_complain("%s: the store cannot be read, so this is explained without it (the daemon's "
                    "user may read it)",
                    work->snapshot->config.store);
    return true;
}

static int explain(const pm_arguments *arguments)
{
    job work = {.json = arguments->flags[FLAG_JSON] != NULL};
    int status = PM_EXIT_FAILED;

    pm_mime_start();
    work.snapshot = pm_load_or_complain(arguments->flags[FLAG_CONFIG]);
    if (work.snapshot == NULL || !open_store(&work, arguments->flags[FLAG_STORE]))
        goto done;
    work.message = pm_message_new(&work.snapshot->config.limits);
    work.errors = pm_errors_new();
    if (work.message == NULL || work.errors == NULL) {
        pm_complain("no memory for a message");
        goto done;
    }
    if (pm_archive_read(&(pm_archive){.paths = arguments->operands,
                                      .path_count = arguments->operand_count,
                                      .errors = work.errors,
                                      .context = &work,
                                      .take = explain_message}))
        status = PM_EXIT_FINE;
    pm_complain_of(work.errors);
done:
    pm_errors_free(work.errors);
    pm_message_free(work.message);
    pm_store_close(work.store);
    pm_snapshot_unref(work.snapshot);
    return status;
}

const pm_command pm_command_explain = {
    .name = "explain",
    .operands = "PATH...",
    .summary = "say why a message gets the marks it gets",
    .details =
        "Says of each message what was read from where, what plugins and rules made of it and\n"
        "with what weight, which rules fired and which one test was in the way of, what won and\n"
        "by how much, which header fields go and come, and how long it took. PATH is as for\n"
        "classify, - for standard input. Nothing is remembered.\n",
    .flags = flags,
    .least = 1,
    .most = SIZE_MAX,
    .run = explain,
};
