/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rules_bench - what rules cost: the time of their stage alone and of whole examinations, of
 * several configurations in turns on the same mail.
 *
 *   rules_bench MBOX CONF...      prints, for each CONF: microseconds of the stage and of the
 * whole, a message, medians over rounds
 */
#include "examine.h"
#include "mime.h"
#include "source.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define MOST_MAILS 2000
#define MOST_CONFS 8
#define ROUNDS     7

typedef struct mails {
    pm_slice items[MOST_MAILS];
    size_t count;
} mails;

typedef struct times {
    double stage, whole; /* nanoseconds of all mails */
} times;

static double now(void)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec * 1e9 + (double)at.tv_nsec;
}

static void fail(const char *what, const pm_errors *errors)
{
    const char *why = pm_errors_nth(errors, 0);

    fprintf(stderr, "rules_bench: %s: %s\n", what, why == NULL ? "no memory" : why);
    exit(1);
}

static void read_mails(const char *path, mails *into)
{
    pm_errors *errors = pm_errors_new();
    pm_source *source = pm_source_open(path, errors);
    pm_mail mail;

    if (source == NULL)
        fail(path, errors);
    while (into->count < MOST_MAILS && pm_source_next(source, &mail) == PM_OK) {
        char *copy = malloc(mail.bytes.len + 1);

        if (copy == NULL)
            fail(path, errors);
        memcpy(copy, mail.bytes.data, mail.bytes.len);
        into->items[into->count++] = (pm_slice){copy, mail.bytes.len};
    }
    pm_source_close(source);
    pm_errors_free(errors);
}

/* The rules' stage of one mail, as pm_examine has it. */
static double time_stage(const pm_snapshot *snapshot, pm_message *message, pm_slice mail)
{
    pm_letter *letter;
    pm_facts facts;
    pm_verdict verdict;
    double began;

    pm_message_reset(message);
    pm_message_read(message, mail);
    if (pm_letter_read(message, snapshot->paths, &letter) != PM_OK)
        return 0;
    pm_facts_init(&facts, pm_message_arena(message), snapshot->vocabulary);
    for (size_t i = 0; i < snapshot->plugin_count; i++)
        pm_plugin_scan(snapshot->plugins[i], letter, &facts, NULL, INT64_MAX, PM_EMPTY);
    began = now();
    (void)pm_rules_run(snapshot->rules, letter, &facts, INT64_MAX, &verdict);
    return now() - began;
}

static double time_whole(const pm_snapshot *snapshot, pm_message *message, pm_slice mail)
{
    const double began = now();

    pm_message_reset(message);
    pm_message_read(message, mail);
    (void)pm_examine(snapshot, NULL, message, PM_EMPTY);
    return now() - began;
}

static times time_round(const pm_snapshot *snapshot, const mails *all)
{
    pm_message *message = pm_message_new(&snapshot->config.limits);
    times sum = {0, 0};

    for (size_t i = 0; i < all->count; i++)
        sum.stage += time_stage(snapshot, message, all->items[i]);
    for (size_t i = 0; i < all->count; i++)
        sum.whole += time_whole(snapshot, message, all->items[i]);
    pm_message_free(message);
    return sum;
}

static int by_value(const void *a, const void *b)
{
    const double left = *(const double *)a, right = *(const double *)b;

    return left < right ? -1 : left > right;
}

static double median(double values[ROUNDS])
{
    qsort(values, ROUNDS, sizeof(double), by_value);
    return values[ROUNDS / 2];
}

int main(int argc, char **argv)
{
    static double stage[MOST_CONFS][ROUNDS], whole[MOST_CONFS][ROUNDS];
    static mails all;
    pm_snapshot *snapshots[MOST_CONFS];
    const size_t count = argc < 3 ? 0 : (size_t)argc - 2;

    if (count == 0 || count > MOST_CONFS) {
        fprintf(stderr, "usage: rules_bench MBOX CONF...\n");
        return 2;
    }
    pm_mime_start();
    read_mails(argv[1], &all);
    for (size_t i = 0; i < count; i++) {
        const pm_snapshot_options options = {.file = argv[i + 2]};
        pm_errors *errors = pm_errors_new();

        snapshots[i] = pm_snapshot_load(&options, errors);
        if (snapshots[i] == NULL)
            fail(argv[i + 2], errors);
        pm_errors_free(errors);
    }
    for (size_t round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < count; i++) {
            const times took = time_round(snapshots[i], &all);

            stage[i][round] = took.stage;
            whole[i][round] = took.whole;
        }
    }
    for (size_t i = 0; i < count; i++) {
        printf("rules=%zu stage_us=%.3f whole_us=%.3f\n", pm_rules_count(snapshots[i]->rules),
               median(stage[i]) / 1e3 / (double)all.count,
               median(whole[i]) / 1e3 / (double)all.count);
        pm_snapshot_unref(snapshots[i]);
    }
    for (size_t i = 0; i < all.count; i++)
        free((void *)(uintptr_t)all.items[i].data);
    return 0;
}
