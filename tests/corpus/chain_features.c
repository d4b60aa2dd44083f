/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * chain_features - what the plugin revision finds in common between the series of an archive, as
 * numbers for fit_chains.py.
 *
 *   chain_features patchmark.conf archive.mbox
 *
 * The mail goes through the whole of patchmark with an empty memory. Each time the plugin compares
 * two series it asks this program instead (predecessor.c is built with pm_chain_compare renamed),
 * which asks the real one and prints a line: the later series, the earlier one, the author of the
 * later, and the evidence in the order of pm_evidence, with tabs between them. A pair that is
 * compared again, because more has become known of it, is printed again: the last line counts.
 * Pairs that cannot be are left out.
 *
 * No evidence is computed here, so that what weights are fitted on is what they are used on.
 */
#include "chain.h"
#include "examine.h"
#include "mime.h"
#include "source.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

const pm_plugin *pm_plugin_entry_revision(void);

/* What predecessor.c calls for pm_chain_compare. */
pm_likeness watched_chain_compare(const pm_series *later, const pm_series *earlier,
                                  const pm_mailmap *people);

/* However busy the machine is, every question to the memory is answered. */
#define PATIENCE_US 60000000

static void print_field(pm_slice text)
{
    for (size_t i = 0; i < text.len; i++)
        putchar((unsigned char)text.data[i] < ' ' ? ' ' : text.data[i]);
    putchar('\t');
}

pm_likeness watched_chain_compare(const pm_series *later, const pm_series *earlier,
                                  const pm_mailmap *people)
{
    const pm_likeness like = pm_chain_compare(later, earlier, people);

    if (!like.possible)
        return like;
    print_field(later->id);
    print_field(earlier->id);
    print_field(later->author.len > 0 ? later->author : later->author_name);
    for (size_t i = 0; i < PM_EVIDENCE_COUNT; i++)
        printf("%g%c", like.evidence[i], i + 1 < PM_EVIDENCE_COUNT ? '\t' : '\n');
    return like;
}

static pm_snapshot *load(const char *file, pm_errors *errors)
{
    static const pm_static_plugin linked[] = {{"revision", pm_plugin_entry_revision}, {NULL, NULL}};
    const pm_snapshot_options options = {.file = file, .static_plugins = linked};
    pm_snapshot *snapshot = pm_snapshot_load(&options, errors);

    if (snapshot != NULL)
        snapshot->config.message_time_us = PATIENCE_US;
    return snapshot;
}

static bool examine_all(pm_snapshot *snapshot, pm_store *store, pm_message *message,
                        pm_source *source)
{
    pm_status status;
    pm_mail mail;

    while ((status = pm_source_next(source, &mail)) == PM_OK) {
        pm_message_reset(message);
        pm_message_read(message, mail.bytes);
        (void)pm_examine(snapshot, store, message, PM_EMPTY); /* what it compares is what counts */
    }
    return status == PM_ABSENT;
}

/* ---- A memory that lasts as long as the program ---- */

typedef struct memory {
    char folder[32], file[48];
    pm_store *store;
} memory;

static bool open_memory(memory *of, pm_errors *errors)
{
    snprintf(of->folder, sizeof(of->folder), "/tmp/chain_features.XXXXXX");
    if (mkdtemp(of->folder) == NULL) {
        pm_error_at(errors, of->folder, 0, 0, "cannot be made: is /tmp writable?");
        return false;
    }
    snprintf(of->file, sizeof(of->file), "%s/series.db", of->folder);
    of->store = pm_store_open(of->file, false, errors);
    return of->store != NULL;
}

static void close_memory(memory *of)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char file[64];

    if (of->file[0] == '\0')
        return;
    pm_store_close(of->store);
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        snprintf(file, sizeof(file), "%s%s", of->file, ends[i]);
        (void)unlink(file); /* not all of them are there */
    }
    (void)rmdir(of->folder);
}

int main(int count, char **arguments)
{
    pm_errors *errors = pm_errors_new();
    pm_snapshot *snapshot = NULL;
    pm_message *message = NULL;
    pm_source *source = NULL;
    memory remembered = {.store = NULL};
    bool done = false;

    if (count != 3 || errors == NULL) {
        fputs("usage: chain_features patchmark.conf archive.mbox\n", stderr);
        return 2;
    }
    pm_mime_start();
    snapshot = load(arguments[1], errors);
    if (snapshot == NULL)
        goto done;
    message = pm_message_new(&snapshot->config.limits);
    source = pm_source_open(arguments[2], errors);
    if (message == NULL || source == NULL)
        goto done;
    done = open_memory(&remembered, errors) &&
           examine_all(snapshot, remembered.store, message, source);
done:
    for (size_t i = 0; pm_errors_nth(errors, i) != NULL; i++)
        fprintf(stderr, "chain_features: %s\n", pm_errors_nth(errors, i));
    close_memory(&remembered);
    pm_source_close(source);
    pm_message_free(message);
    pm_snapshot_unref(snapshot);
    pm_errors_free(errors);
    return done && fflush(stdout) == 0 ? 0 : 2;
}
