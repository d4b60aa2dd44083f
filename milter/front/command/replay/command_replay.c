/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * command_replay - every message of an archive through two configurations, and what the second one
 * would change.
 *
 * Each has a memory of its own, in a temporary folder, that fills as it goes: threads and revisions
 * are found in both as the daemon would find them. The site's store is not opened.
 */
#include "archive.h"
#include "commands.h"
#include "examine.h"
#include "interrupt.h"
#include "mime.h"
#include "replay.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { FLAG_CONFIG, FLAG_AGAINST, FLAG_EXAMPLES, FLAG_JSON };

static const pm_flag flags[] = {
    {'c', "config", "FILE", PM_CONFIG_HELP},
    {0, "against", "FILE", "the other configuration: what would change with it?"},
    {0, "examples", "N", "at most so many examples of each change (3 unless said otherwise)"},
    {0, "json", NULL, "one JSON object"},
    {0, NULL, NULL, NULL},
};

/* ---- One configuration ---------------------------------------------------------------------- */

typedef struct side {
    pm_snapshot *snapshot;
    pm_store *store;
    pm_message *message;
    char file[4096]; /* of the store */
} side;

static bool open_side(side *of, const char *config, const char *folder, const char *name)
{
    pm_errors *errors;
    int length;

    of->snapshot = pm_load_or_complain(config);
    if (of->snapshot == NULL)
        return false;
    of->message = pm_message_new(&of->snapshot->config.limits);
    if (of->message == NULL) {
        pm_complain("no memory for a message");
        return false;
    }
    length = snprintf(of->file, sizeof(of->file), "%s/%s.db", folder, name);
    if (length < 0 || (size_t)length >= sizeof(of->file)) {
        pm_complain("%s: the name is too long (set TMPDIR to another folder)", folder);
        return false;
    }
    errors = pm_errors_new();
    of->store = pm_store_open(of->file, false, errors);
    pm_complain_of(errors);
    pm_errors_free(errors);
    return of->store != NULL;
}

static void remove_store(const char *file)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
    char name[4200];

    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        snprintf(name, sizeof(name), "%s%s", file, suffixes[i]);
        if (unlink(name) != 0 && errno != ENOENT)
            pm_complain("%s: it is left behind: %s", name, strerror(errno));
    }
}

static void close_side(side *of)
{
    pm_store_close(of->store);
    if (of->file[0] != '\0')
        remove_store(of->file);
    pm_message_free(of->message);
    pm_snapshot_unref(of->snapshot);
}

static const pm_outcome *examine(side *of, const pm_mail *mail)
{
    pm_message_reset(of->message);
    pm_message_read(of->message, mail->bytes);
    return pm_examine(of->snapshot, of->store, of->message, PM_EMPTY);
}

/* ---- The work ------------------------------------------------------------------------------- */

typedef struct job {
    side here, there;
    pm_replay replay;
    pm_progress progress;
    pm_errors *errors;
} job;

static bool replay_message(void *context, const pm_mail *mail)
{
    job *work = context;
    const pm_outcome *here = examine(&work->here, mail);

    pm_replay_add(&work->replay, mail->origin, here, examine(&work->there, mail));
    return true;
}

static int run_through(job *work, const pm_arguments *arguments)
{
    const pm_archive archive = {.paths = arguments->operands,
                                .path_count = arguments->operand_count,
                                .progress = &work->progress,
                                .errors = work->errors,
                                .context = work,
                                .take = replay_message};
    int status;

    pm_progress_begin(&work->progress, true);
    status = pm_archive_read(&archive) ? PM_EXIT_FINE : PM_EXIT_FAILED;
    pm_progress_wipe(&work->progress);
    if (arguments->flags[FLAG_JSON] == NULL) {
        pm_replay_text(&work->replay);
    } else if (!pm_replay_json(&work->replay)) {
        pm_complain("no memory to print what would change");
        status = PM_EXIT_FAILED;
    }
    pm_complain_of(work->errors);
    if (pm_interrupted()) {
        pm_complain("stopped: this is what was read until then");
        return PM_EXIT_FAILED;
    }
    if (status == PM_EXIT_FINE && work->replay.different > 0)
        status = PM_EXIT_FOUND;
    return status;
}

static bool read_examples(const char *written, size_t *most_out)
{
    int64_t number = 3;

    if (written != NULL && (pm_slice_to_int(pm_slice_of(written), &number) != PM_OK || number < 0 ||
                            number > PM_REPLAY_EXAMPLES_MOST)) {
        pm_complain("replay: --examples wants a number from 0 to %d, not \"%s\"",
                    PM_REPLAY_EXAMPLES_MOST, written);
        return false;
    }
    *most_out = (size_t)number;
    return true;
}

/* A folder that nobody else can write to. */
static bool make_folder(char folder[], size_t size)
{
    const char *parent = getenv("TMPDIR");
    int length;

    if (parent == NULL || parent[0] == '\0')
        parent = "/tmp";
    length = snprintf(folder, size, "%s/patchmark-replay.XXXXXX", parent);
    if (length > 0 && (size_t)length < size && mkdtemp(folder) != NULL)
        return true;
    pm_complain("%s: no temporary folder can be made there (set TMPDIR to one where it can)",
                parent);
    return false;
}

static int compare(const pm_arguments *arguments, const char *folder, size_t examples)
{
    job work = {.errors = pm_errors_new()};
    int status = PM_EXIT_FAILED;

    if (open_side(&work.here, arguments->flags[FLAG_CONFIG], folder, "here") &&
        open_side(&work.there, arguments->flags[FLAG_AGAINST], folder, "there")) {
        if (work.errors != NULL && pm_replay_begin(&work.replay, work.here.snapshot->config.file,
                                                   work.there.snapshot->config.file, examples))
            status = run_through(&work, arguments);
        else
            pm_complain("no memory for what would change");
    }
    pm_replay_end(&work.replay);
    close_side(&work.there);
    close_side(&work.here);
    pm_errors_free(work.errors);
    return status;
}

static int replay(const pm_arguments *arguments)
{
    char folder[3000];
    size_t examples;
    int status;

    if (arguments->flags[FLAG_AGAINST] == NULL) {
        pm_complain("replay: against which configuration? (write: --against FILE)");
        return PM_EXIT_FAILED;
    }
    if (!read_examples(arguments->flags[FLAG_EXAMPLES], &examples) ||
        !make_folder(folder, sizeof(folder)))
        return PM_EXIT_FAILED;
    pm_mime_start();
    pm_interrupt_listen(); /* what was read by then is told, and the temporary folder goes */
    status = compare(arguments, folder, examples);
    if (rmdir(folder) != 0)
        pm_complain("%s: it is left behind: %s", folder, strerror(errno));
    return status;
}

const pm_command pm_command_replay = {
    .name = "replay",
    .operands = "--against FILE PATH...",
    .summary = "say what another configuration would change",
    .details =
        "Takes each message of an archive through the configuration and through the other one,\n"
        "and prints what would change: how many messages, from which inbox to which, with which\n"
        "rules, and what else, the most frequent first, with examples. Each of the two begins\n"
        "with an empty memory of series and fills it as it goes; the store is not touched.\n"
        "PATH is as for classify, - for standard input.\n"
        "Exit status: 0 nothing would change, 1 something would, 2 it could not be told.\n",
    .flags = flags,
    .least = 1,
    .most = SIZE_MAX,
    .run = replay,
};
