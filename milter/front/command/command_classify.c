/* SPDX-License-Identifier: BSD-2-Clause */
/* command_classify - what the daemon would say of each message of an archive, as text or JSON. */
#include "archive.h"
#include "commands.h"
#include "examine.h"
#include "json.h"
#include "mime.h"

#include <unistd.h>

enum { FLAG_CONFIG, FLAG_JSON, FLAG_STORE };

static const pm_flag flags[] = {
    {'c', "config", "FILE", PM_CONFIG_HELP},
    {0, "json", NULL, "one JSON object a line, in input order"},
    {0, "store", "FILE",
     "remember series in FILE, and say what supersedes what (created when missing)"},
    {0, NULL, NULL, NULL},
};

/* ---- For people ----------------------------------------------------------------------------- */

/*
 * kvm-x86.linux             cover  v5    0/12  KVM: nVMX: Various VPID fixes  [rfc]
 *     list.mbox:1234: F: arch/x86/kvm/ (12 paths); title prefix KVM
 */
static void print_text(const pm_outcome *outcome, const char *origin)
{
    const pm_letter *letter = outcome->letter;
    char revision[24] = "", part[32] = "";

    if (outcome->revision > 0 && outcome->reroll > 0)
        snprintf(revision, sizeof(revision), "v%u.%u", outcome->revision, outcome->reroll);
    else if (outcome->revision > 0)
        snprintf(revision, sizeof(revision), "v%u", outcome->revision);
    if (outcome->revision > 0 && outcome->part >= 0)
        snprintf(part, sizeof(part), "%d/%d", outcome->part, outcome->total);

    printf("%-24.*s  %-5s  %-4s  %-6s  ", PM_FMT(outcome->inbox),
           letter == NULL ? "?" : pm_kind_name(letter->kind), revision, part);
    if (letter != NULL && letter->subject.title.len > 0)
        pm_put_text(stdout, letter->subject.title);
    else
        fputs("(no subject)", stdout);
    for (size_t i = 0; i < outcome->tag_count; i++) {
        fputs(i == 0 ? "  [" : " ", stdout);
        pm_put_text(stdout, outcome->tags[i]);
        fputs(i + 1 == outcome->tag_count ? "]" : "", stdout);
    }

    fputs("\n    ", stdout);
    pm_put_text(stdout, pm_slice_of(origin));
    if (letter != NULL && letter->kind_why != NULL)
        printf(": %s", letter->kind_why);
    if (outcome->inbox_why.len > 0) {
        fputs("; ", stdout);
        pm_put_text(stdout, outcome->inbox_why);
    }
    if (outcome->partial)
        fputs("; a limit was reached, some marks may be missing", stdout);
    fputc('\n', stdout);

    if (outcome->supersedes.len > 0) {
        fputs("    supersedes <", stdout);
        pm_put_text(stdout, outcome->supersedes);
        fputs(">", stdout);
        if (outcome->supersedes_why.len > 0) {
            fputs(": ", stdout);
            pm_put_text(stdout, outcome->supersedes_why);
        }
        fputc('\n', stdout);
    }
}

/* ---- The work ------------------------------------------------------------------------------- */

typedef struct job {
    pm_snapshot *snapshot;
    pm_store *store;     /* NULL: without a memory */
    pm_message *message; /* one for all, so that its memory is used again */
    pm_strbuf line;
    bool json;
    pm_progress progress;
    pm_errors *errors;
} job;

static bool answer(void *context, const pm_mail *mail)
{
    job *work = context;
    const pm_outcome *outcome;

    pm_message_reset(work->message);
    pm_message_read(work->message, mail->bytes);
    outcome = pm_examine(work->snapshot, work->store, work->message, PM_EMPTY);
    if (!work->json) {
        print_text(outcome, mail->origin);
        return true;
    }
    pm_strbuf_clear(&work->line);
    if (!pm_json_add_outcome(&work->line, outcome)) {
        pm_error_at(work->errors, mail->origin, 0, 0, "no memory to print what was found");
        return false;
    }
    fwrite(work->line.data, 1, work->line.len, stdout);
    return true;
}

static int classify(const pm_arguments *arguments)
{
    job work = {.json = arguments->flags[FLAG_JSON] != NULL};
    int status = PM_EXIT_FAILED;

    pm_mime_start();
    pm_strbuf_init(&work.line, SIZE_MAX / 4);
    work.snapshot = pm_load_or_complain(arguments->flags[FLAG_CONFIG]);
    if (work.snapshot == NULL)
        goto done;
    work.message = pm_message_new(&work.snapshot->config.limits);
    work.errors = pm_errors_new();
    if (work.message == NULL || work.errors == NULL) {
        pm_complain("no memory for a message");
        goto done;
    }

    if (arguments->flags[FLAG_STORE] != NULL) {
        work.store = pm_store_open(arguments->flags[FLAG_STORE], false, work.errors);
        if (work.store == NULL) {
            pm_complain_of(work.errors);
            goto done;
        }
    }

    /* When answers scroll by on the same terminal they are progress enough. */
    pm_progress_begin(&work.progress, isatty(STDOUT_FILENO) != 1);
    if (pm_archive_read(&(pm_archive){.paths = arguments->operands,
                                      .path_count = arguments->operand_count,
                                      .progress = &work.progress,
                                      .errors = work.errors,
                                      .context = &work,
                                      .take = answer}))
        status = PM_EXIT_FINE;
    pm_progress_wipe(&work.progress);
    pm_complain_of(work.errors);
done:
    pm_store_close(work.store);
    pm_errors_free(work.errors);
    pm_message_free(work.message);
    pm_snapshot_unref(work.snapshot);
    pm_strbuf_free(&work.line);
    return status;
}

const pm_command pm_command_classify = {
    .name = "classify",
    .operands = "PATH...",
    .summary = "say what each message is and where it should be filed",
    .details =
        "Says of each message what the milter would say of it: the inbox, the kind, revision,\n"
        "part and title of the letter, and why. PATH is a message (.eml), an mbox, a Maildir, a\n"
        "public-inbox git directory, or - for standard input (a message or an mbox).\n",
    .flags = flags,
    .least = 1,
    .most = SIZE_MAX,
    .run = classify,
};
