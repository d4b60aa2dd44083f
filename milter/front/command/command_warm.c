/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * command_warm - fill the memory of series from archives, so that the first mail the daemon gets
 * finds the threads and revisions it belongs to.
 *
 * Each message goes the way it would go through the daemon. What is remembered already is passed
 * over, so the same archive can be given again, or the run be stopped and begun anew.
 */
#include "archive.h"
#include "clock.h"
#include "commands.h"
#include "examine.h"
#include "interrupt.h"
#include "mime.h"
#include "words.h"

enum { FLAG_CONFIG, FLAG_STORE, FLAG_AGAIN };

static const pm_flag flags[] = {
    {'c', "config", "FILE", PM_CONFIG_HELP},
    {0, "store", "FILE", "the store to fill, instead of the configuration's"},
    {0, "again", NULL, "look again at messages that are remembered already"},
    {0, NULL, NULL, NULL},
};

/* ---- The work ------------------------------------------------------------------------------- */

typedef struct job {
    pm_snapshot *snapshot;
    pm_store *store;
    pm_message *message;
    pm_errors *errors;
    pm_progress progress;
    bool again;
    size_t known, alone, partial; /* of progress.count */
} job;

static bool is_remembered(const job *work)
{
    pm_arena *arena = pm_message_arena(work->message);
    pm_slice field, rest, id = PM_EMPTY, series;

    if (pm_message_header(work->message, "Message-ID", 0, &field) != PM_OK)
        return false;
    rest = field;
    if (!pm_words_next_id(&rest, &id)) /* as the letter has it, see letter.c */
        pm_slice_next_word(&field, &id);
    return pm_store_reference(work->store, arena, id, pm_clock_us() + PM_PATIENCE_US, &series,
                              NULL) == PM_OK;
}

static void read_message(const job *work, const pm_mail *mail)
{
    pm_message_reset(work->message);
    pm_message_read(work->message, mail->bytes);
}

/* False when the store does not take it: there is no sense in going on. */
static bool remember(void *context, const pm_mail *mail)
{
    job *work = context;
    const pm_outcome *outcome;

    read_message(work, mail);
    if (!work->again && is_remembered(work)) {
        work->known++;
        return true;
    }
    outcome = pm_examine(work->snapshot, work->store, work->message, PM_EMPTY);
    if (outcome->memory_failed) { /* it may have been locked by another program just then */
        read_message(work, mail);
        outcome = pm_examine(work->snapshot, work->store, work->message, PM_EMPTY);
    }
    work->partial += outcome->partial;
    work->alone +=
        !pm_memory_is_id(outcome->series) || !pm_memory_is_id(outcome->letter->message_id);
    if (!outcome->memory_failed)
        return true;
    pm_error_at(work->errors, mail->origin, 0, 0,
                "the store does not take it (is its disk full, or does another program hold it?); "
                "the same command goes on from here");
    return false;
}

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

/* What was read, and what the store holds now. */
static void print_counts(const job *work)
{
    size_t messages = work->progress.count;
    uint64_t series, chains;

    printf("%zu message%s: %zu new, %zu remembered already, %zu of no series.\n", messages,
           plural(messages), messages - work->known - work->alone, work->known, work->alone);
    if (work->partial > 0)
        printf("%zu of them reached a limit of the configuration and may lack something.\n",
               work->partial);
    if (pm_store_count(work->store, pm_clock_us() + PM_PATIENCE_US, &series, &chains) == PM_OK)
        printf("The store holds %llu series in %llu chain%s.\n", (unsigned long long)series,
               (unsigned long long)chains, plural(chains));
}

static int fill(job *work, const pm_arguments *arguments)
{
    const pm_archive archive = {.paths = arguments->operands,
                                .path_count = arguments->operand_count,
                                .progress = &work->progress,
                                .errors = work->errors,
                                .context = work,
                                .take = remember};
    bool whole;

    pm_progress_begin(&work->progress, true);
    whole = pm_archive_read(&archive);
    pm_progress_wipe(&work->progress);
    print_counts(work);
    if (!pm_interrupted()) {
        pm_complain_of(work->errors);
        return whole ? PM_EXIT_FINE : PM_EXIT_FAILED;
    }
    /* Whatever failed while everything was being ended is no news. */
    pm_complain("stopped; the same command goes on from here");
    return PM_EXIT_FAILED;
}

static int warm(const pm_arguments *arguments)
{
    job work = {.again = arguments->flags[FLAG_AGAIN] != NULL};
    int status = PM_EXIT_FAILED;

    pm_mime_start();
    work.snapshot = pm_load_or_complain(arguments->flags[FLAG_CONFIG]);
    if (work.snapshot == NULL)
        goto done;
    work.store =
        pm_open_store_or_complain(arguments->flags[FLAG_STORE], work.snapshot, PM_STORE_WRITE);
    if (work.store == NULL)
        goto done;
    work.message = pm_message_new(&work.snapshot->config.limits);
    work.errors = pm_errors_new();
    if (work.message == NULL || work.errors == NULL) {
        pm_complain("no memory for a message");
        goto done;
    }
    pm_interrupt_listen(); /* what was remembered by then is */
    status = fill(&work, arguments);
done:
    pm_errors_free(work.errors);
    pm_message_free(work.message);
    pm_store_close(work.store);
    pm_snapshot_unref(work.snapshot);
    return status;
}

const pm_command pm_command_warm = {
    .name = "warm",
    .operands = "PATH...",
    .summary = "fill the memory of series from archives",
    .details =
        "Reads every message of an mbox, a Maildir, a public-inbox git directory, or - for\n"
        "standard input, and remembers which series it belongs to and what that supersedes, as\n"
        "the daemon would have done. What is remembered already is passed over: an archive can\n"
        "be given again, and Ctrl-C loses nothing. The daemon may run meanwhile.\n",
    .flags = flags,
    .least = 1,
    .most = SIZE_MAX,
    .run = warm,
};
