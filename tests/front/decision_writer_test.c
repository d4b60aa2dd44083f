/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * decision_writer_test - the decision log between a message and a disk: nobody waits for it, what
 * is lost is counted, files are turned away whole.
 */
#include "decision_file.h"
#include "decision_tail.h"
#include "decision_writer.h"
#include "folder.h"
#include "metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[FOLDER_NAME];

static int make_folder(void **state)
{
    (void)state;
    folder_make(folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    folder_remove(folder);
    return 0;
}

static const char *name_of(unsigned nth)
{
    static char name[PM_DECISION_LOG_NAME];

    assert_true(pm_decision_log_name(folder, nth, name));
    return name;
}

static const char *content_of(unsigned nth)
{
    static char text[4096];
    FILE *file = fopen(name_of(nth), "r");
    size_t len;

    if (file == NULL)
        return "(none)";
    len = fread(text, 1, sizeof(text) - 1, file);
    text[len] = '\0';
    fclose(file);
    return text;
}

/* ---- Files ---- */

static void write_to(pm_decision_file *file, const char *lines, uint64_t size, unsigned keep)
{
    assert_int_equal(pm_decision_file_write(file, pm_slice_of(lines), size, keep), PM_OK);
}

static void files_hold_whole_lines_and_the_oldest_goes(void **state)
{
    pm_decision_file file;

    (void)state;
    pm_decision_file_init(&file, folder);
    write_to(&file, "one\ntwo\nthree\nfour\n", 9, 2);
    assert_string_equal(content_of(0), "four\n");
    assert_string_equal(content_of(1), "three\n");
    assert_string_equal(content_of(2), "one\ntwo\n");
    write_to(&file, "longer than a file may be\n", 9, 2);
    assert_string_equal(content_of(0), "longer than a file may be\n");
    assert_string_equal(content_of(1), "four\n");
    assert_string_equal(content_of(2), "three\n");
    write_to(&file, "x\n", 9, 0);
    assert_string_equal(content_of(0), "x\n");
    assert_string_equal(content_of(1), "(none)");
    pm_decision_file_close(&file);
}

static void a_line_that_was_cut_off_does_not_spoil_the_next(void **state)
{
    pm_decision_file file;
    FILE *before = fopen(name_of(0), "w");

    (void)state;
    assert_non_null(before);
    fputs("whole\ncut o", before);
    fclose(before);
    pm_decision_file_init(&file, folder);
    write_to(&file, "next\n", 1000, 2);
    assert_string_equal(content_of(0), "whole\ncut o\nnext\n");
    pm_decision_file_close(&file);
}

static bool gather(void *context, pm_slice line)
{
    pm_strbuf_printf(context, "[%.*s]", PM_FMT(line));
    return true;
}

static void what_others_add_is_seen_once_and_ones_own_is_not(void **state)
{
    pm_decision_file file;
    pm_strbuf seen;

    (void)state;
    pm_strbuf_init(&seen, 1000);
    pm_decision_file_init(&file, folder);
    assert_true(pm_decision_log_append(folder, PM_LIT("nowhere\n"), NULL));
    assert_string_equal(content_of(0), "(none)"); /* only the daemon makes it */
    write_to(&file, "mine\n", 1000, 2);
    assert_true(pm_decision_log_append(folder, PM_LIT("yours\nhers\n"), NULL));
    pm_decision_file_foreign(&file, gather, &seen);
    write_to(&file, "mine again\n", 1000, 2);
    pm_decision_file_foreign(&file, gather, &seen);
    assert_true(pm_slice_equal(pm_strbuf_slice(&seen), PM_LIT("[yours][hers]")));
    pm_strbuf_free(&seen);
    pm_decision_file_close(&file);
}

/* Root adds lines to what another user keeps. */
static void no_link_leads_who_adds_lines_to_another_file(void **state)
{
    static int (*const links[])(const char *, const char *) = {symlink, link};
    char other[PM_DECISION_LOG_NAME];
    struct stat about;

    (void)state;
    snprintf(other, sizeof(other), "%s", folder_write(folder, "other", ""));
    for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
        pm_errors *errors = pm_errors_new();

        assert_int_equal(links[i](other, name_of(0)), 0);
        assert_false(pm_decision_log_append(folder, PM_LIT("{}\n"), errors));
        assert_int_equal(pm_errors_count(errors), 1);
        assert_int_equal(stat(other, &about), 0);
        assert_int_equal(about.st_size, 0);
        assert_int_equal(unlink(name_of(0)), 0);
        pm_errors_free(errors);
    }
}

static void the_newest_lines_of_all_files_are_read_in_order(void **state)
{
    static const struct {
        uint64_t newest;
        const char *read;
    } cases[] = {{UINT64_MAX, "[one][two][three][four]"},
                 {5, "[four]"},
                 {11, "[three][four]"},
                 {13, "[three][four]"}, /* "two" is not whole */
                 {15, "[two][three][four]"}};
    pm_decision_file file;
    pm_strbuf seen;

    (void)state;
    pm_strbuf_init(&seen, 1000);
    pm_decision_file_init(&file, folder);
    write_to(&file, "one\ntwo\nthree\nfour\n", 9, 4);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pm_strbuf_clear(&seen);
        assert_true(pm_decision_log_read(folder, cases[i].newest, gather, &seen, NULL));
        assert_string_equal(seen.data, cases[i].read);
    }
    pm_strbuf_free(&seen);
    pm_decision_file_close(&file);
}

static void a_file_that_cannot_be_turned_away_only_grows(void **state)
{
    char below[PM_DECISION_LOG_NAME + 8];
    pm_decision_file file;

    (void)state;
    snprintf(below, sizeof(below), "%s/x", name_of(1));
    assert_int_equal(mkdir(name_of(1), 0700), 0); /* a file does not take a folder's place */
    assert_int_equal(mkdir(below, 0700), 0);
    pm_decision_file_init(&file, folder);
    write_to(&file, "one\ntwo\nthree\n", 4, 1);
    assert_string_equal(content_of(0), "one\ntwo\nthree\n");
    pm_decision_file_close(&file);
    assert_int_equal(rmdir(below), 0);
    assert_int_equal(rmdir(name_of(1)), 0);
}

/* ---- The tail ---- */

static void the_tail_forgets_the_oldest_and_follows_a_series_that_joins(void **state)
{
    pm_tail *tail = pm_tail_new(3, 10000);
    pm_tail_entry *entry;

    (void)state;
    assert_non_null(tail);
    for (unsigned i = 0; i < 5; i++) {
        char id[8];

        snprintf(id, sizeof(id), "m%u", i);
        pm_tail_add(tail, &(pm_tail_entry){.line = PM_LIT("{}"),
                                           .message_id = pm_slice_of(id),
                                           .queue_id = PM_LIT("q"),
                                           .series = i < 4 ? PM_LIT("a") : PM_LIT("b")});
    }
    assert_null(pm_tail_find(tail, PM_LIT("m1"), PM_LIT("q")));
    assert_null(pm_tail_find(tail, PM_LIT("m2"), PM_LIT("other")));
    entry = pm_tail_first(tail, PM_LIT("a"));
    assert_ptr_equal(entry, pm_tail_find(tail, PM_LIT("m3"), PM_LIT("q")));
    entry->looked_at = 7;
    pm_tail_move(tail, entry, PM_LIT("b"));
    assert_ptr_equal(pm_tail_first(tail, PM_LIT("b")), entry);
    assert_int_equal(entry->looked_at, 0);
    assert_ptr_equal(pm_tail_next(entry), pm_tail_find(tail, PM_LIT("m4"), PM_LIT("q")));
    pm_tail_move(tail, entry, PM_LIT("c"));
    for (unsigned i = 0; i < 3; i++)
        pm_tail_add(tail, &(pm_tail_entry){.line = PM_LIT("{}"),
                                           .message_id = PM_LIT("n"),
                                           .queue_id = PM_LIT("q"),
                                           .series = PM_LIT("d")});
    assert_null(pm_tail_first(tail, PM_LIT("a")));
    assert_null(pm_tail_first(tail, PM_LIT("c")));
    pm_tail_free(tail);
}

/* ---- A disk that hangs ---- */

/* A pipe takes 64 KB, and then nothing until it is read. */
typedef struct reader {
    int fd;
    pthread_t thread;
    atomic_bool ends;
    pm_strbuf text;
} reader;

static void *read_all(void *context)
{
    reader *of = context;
    struct pollfd wait = {.fd = of->fd, .events = POLLIN};
    char bytes[65536];
    ssize_t got;

    for (;;) {
        const bool last = atomic_load(&of->ends);

        (void)poll(&wait, 1, 10);
        while ((got = read(of->fd, bytes, sizeof(bytes))) > 0)
            pm_strbuf_add(&of->text, (pm_slice){bytes, (size_t)got});
        if (last)
            return NULL;
    }
}

/* How many decisions there are, and how many were told to be lost. */
static void count_lines(const pm_strbuf *text, uint64_t *decisions, uint64_t *dropped)
{
    const char count[] = "\"count\":";

    *decisions = *dropped = 0;
    for (pm_slice rest = pm_strbuf_slice(text), line; pm_slice_next_line(&rest, &line);) {
        const size_t at = pm_slice_find(line, pm_slice_of(count));

        if (pm_slice_starts(line, PM_LIT("{\"type\":\"decision\"")))
            ++*decisions;
        else if (at != PM_NOWHERE)
            *dropped += strtoull(line.data + at + sizeof(count) - 1, NULL, 10);
    }
}

typedef struct mail {
    pm_arena *names, *memory;
    pm_vocabulary *vocabulary;
    pm_letter letter;
    pm_facts facts;
    pm_outcome outcome;
} mail;

static void make_mail(mail *of)
{
    *of = (mail){.names = pm_arena_new(1 << 20), .memory = pm_arena_new(1 << 20)};
    assert_true(of->names != NULL && of->memory != NULL);
    of->vocabulary = pm_vocabulary_new(of->names);
    assert_non_null(of->vocabulary);
    of->letter = (pm_letter){.kind = PM_KIND_COVER, .message_id = PM_LIT("cover@example.org")};
    pm_facts_init(&of->facts, of->memory, of->vocabulary);
    of->outcome = (pm_outcome){.letter = &of->letter,
                               .facts = &of->facts,
                               .project = PM_EMPTY,
                               .inbox = PM_LIT("unsorted"),
                               .series = PM_LIT("cover@example.org"),
                               .chain = PM_EMPTY,
                               .supersedes = PM_EMPTY,
                               .part = -1,
                               .total = -1};
}

static void free_mail(mail *of)
{
    pm_arena_free(of->memory);
    pm_arena_free(of->names);
}

static void note(mail *of)
{
    pm_arena_reset(of->memory);
    pm_facts_init(&of->facts, of->memory, of->vocabulary);
    pm_decisions_note(&of->outcome, PM_LIT("4XyZ"));
}

/* Were a message to wait for the disk, this would never end. */
static void a_disk_that_hangs_costs_lines_that_are_counted_and_holds_up_nobody(void **state)
{
    reader of = {.fd = -1};
    uint64_t sent = 0, decisions, dropped;
    mail made;

    (void)state;
    make_mail(&made);
    assert_int_equal(mkfifo(name_of(0), 0600), 0);
    pm_decisions_set(UINT64_C(1) << 30, 1);
    pm_decisions_start(folder, NULL);
    for (; pm_metric_sum(PM_METRIC_DECISIONS_DROPPED) < 100; sent++)
        note(&made);
    of.fd = open(name_of(0), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(of.fd >= 0);
    pm_strbuf_init(&of.text, SIZE_MAX / 4);
    assert_int_equal(pthread_create(&of.thread, NULL, read_all, &of), 0);
    while (pm_metric_sum(PM_METRIC_DECISIONS) <= sent - pm_metric_sum(PM_METRIC_DECISIONS_DROPPED))
        (void)poll(NULL, 0, 1); /* there is one line more: the one about those that are lost */
    assert_true(pm_decisions_stop());
    atomic_store(&of.ends, true);
    pthread_join(of.thread, NULL);
    count_lines(&of.text, &decisions, &dropped);
    assert_int_equal(dropped, pm_metric_sum(PM_METRIC_DECISIONS_DROPPED));
    assert_int_equal(decisions + dropped, sent);
    note(&made); /* after the end, nothing happens */
    pm_strbuf_free(&of.text);
    close(of.fd);
    free_mail(&made);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        IN_FOLDER(files_hold_whole_lines_and_the_oldest_goes),
        IN_FOLDER(a_line_that_was_cut_off_does_not_spoil_the_next),
        IN_FOLDER(what_others_add_is_seen_once_and_ones_own_is_not),
        IN_FOLDER(no_link_leads_who_adds_lines_to_another_file),
        IN_FOLDER(the_newest_lines_of_all_files_are_read_in_order),
        IN_FOLDER(a_file_that_cannot_be_turned_away_only_grows),
        cmocka_unit_test(the_tail_forgets_the_oldest_and_follows_a_series_that_joins),
        IN_FOLDER(a_disk_that_hangs_costs_lines_that_are_counted_and_holds_up_nobody),
    };

    return cmocka_run_group_tests_name("decision_writer", tests, NULL, NULL);
}
