/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * thread_test - without a memory the letter's own fields decide which series it belongs to.
 *
 * With one: tests/memory/memory_threads_test.c.
 */
#include <harness.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

const pm_plugin *pm_plugin_entry_thread(void);

typedef struct letter {
    const char *kind, *id, *answers, *references[6]; /* oldest first */
    int64_t part, total;                             /* 0 in total: none said */
    const char *series;                              /* NULL: no fact */
} letter;

static pm_bench *bench_with(const letter *of)
{
    pm_bench *bench = pm_bench_new(pm_plugin_entry_thread(), NULL);

    assert_null(pm_bench_problem(bench));
    pm_bench_mail(bench, "Subject: x\n\n");
    pm_bench_text(bench, "kind", of->kind);
    if (of->id != NULL)
        pm_bench_text(bench, "message-id", of->id);
    if (of->answers != NULL)
        pm_bench_text(bench, "in-reply-to", of->answers);
    for (size_t i = 0; i < 6 && of->references[i] != NULL; i++)
        pm_bench_text(bench, "reference", of->references[i]);
    pm_bench_number(bench, "revision", 1);
    if (of->total > 0) {
        pm_bench_number(bench, "part", of->part);
        pm_bench_number(bench, "total", of->total);
    }
    return bench;
}

#define RUN(n)   "20260105100000.4711-" n "-ann@example.org"
#define OTHER(n) "20260104100000.4242-" n "-ann@example.org"
#define B4(n)    "20260105-quiet-wheels-v2-" n "-0a1b2c3d4e5f@example.org"

static void the_letters_own_fields_say_its_series(void **state)
{
    static const letter cases[] = {
        /* A root is its own, whatever it answers. */
        {.kind = "cover", .id = "c@x.org", .total = 3, .series = "c@x.org"},
        {.kind = "cover", .id = "c@x.org", .answers = "b@x.org", .total = 3, .series = "c@x.org"},
        {.kind = "patch", .id = "p@x.org", .answers = "b@x.org", .series = "p@x.org"},
        {.kind = "patch", .id = "p@x.org", .part = 1, .total = 1, .series = "p@x.org"},
        {.kind = "pull", .id = "p@x.org", .answers = "b@x.org", .series = "p@x.org"},
        /* A part belongs to what it answers; to the oldest of its own run, when ids tell that. */
        {.kind = "patch",
         .id = "p@x.org",
         .answers = "c@x.org",
         .part = 1,
         .total = 3,
         .series = "c@x.org"},
        {.kind = "patch",
         .id = RUN("3"),
         .answers = RUN("2"),
         .references = {RUN("1"), RUN("2")},
         .part = 2,
         .total = 3,
         .series = RUN("1")},
        {.kind = "patch",
         .id = RUN("2"),
         .answers = RUN("1"),
         .references = {OTHER("1"), RUN("1")},
         .part = 1,
         .total = 3,
         .series = RUN("1")},
        {.kind = "patch",
         .id = B4("2"),
         .answers = B4("0"),
         .references = {"c@x.org", B4("0")},
         .part = 2,
         .total = 3,
         .series = B4("0")},
        /* The first of a run without a cover answers something else. */
        {.kind = "patch",
         .id = RUN("1"),
         .answers = OTHER("1"),
         .part = 1,
         .total = 3,
         .series = RUN("1")},
        {.kind = "patch", .id = "p@x.org", .part = 1, .total = 3, .series = "p@x.org"},
        /* A reply belongs to its thread's root; to that of a run that hangs in the thread. */
        {.kind = "reply",
         .id = "r@x.org",
         .answers = "b@x.org",
         .references = {"a@x.org", "b@x.org"},
         .series = "a@x.org"},
        {.kind = "reply",
         .id = "r@x.org",
         .answers = RUN("2"),
         .references = {OTHER("1"), RUN("1"), RUN("2")},
         .series = RUN("1")},
        {.kind = "reply",
         .id = "r@x.org",
         .answers = "q@x.org",
         .references = {OTHER("1"), RUN("1"), RUN("2"), "q@x.org"},
         .series = RUN("1")},
        {.kind = "reply",
         .id = "r@x.org",
         .references = {"a@x.org", "b@x.org"},
         .series = "a@x.org"},
        {.kind = "reply", .id = "r@x.org", .answers = "b@x.org", .series = "b@x.org"},
        {.kind = "reply", .id = "r@x.org", .series = NULL},
        {.kind = "other", .id = "r@x.org", .answers = "b@x.org", .series = "b@x.org"},
        /* Loops and ids that look like a run, and are none. */
        {.kind = "reply", .id = "r@x.org", .answers = "r@x.org", .series = NULL},
        {.kind = "patch",
         .id = "a-1-b@x.org",
         .answers = "a-2-b@x.org",
         .part = 1,
         .total = 2,
         .series = "a-2-b@x.org"},
        {.kind = "patch",
         .id = "20260105100000.4711-77777-ann@x.org",
         .answers = "c@x.org",
         .part = 1,
         .total = 2,
         .series = "c@x.org"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pm_bench *bench = bench_with(&cases[i]);
        const char *series;

        assert_int_equal(pm_bench_scan(bench), PM_OK);
        series = pm_bench_fact_text(bench, "series", 0);
        if ((series == NULL) != (cases[i].series == NULL) ||
            (series != NULL && strcmp(series, cases[i].series) != 0))
            fail_msg("case %zu: %s is said to be of %s, not of %s", i, cases[i].id, series,
                     cases[i].series);
        pm_bench_free(bench);
    }
}

static void a_reply_to_what_is_not_remembered_says_so(void **state)
{
    static const letter reply = {.kind = "reply", .id = "r@x.org", .answers = "b@x.org"};
    pm_bench *bench = bench_with(&reply);

    (void)state;
    assert_int_equal(pm_bench_scan(bench), PM_OK);
    assert_int_equal(pm_bench_fact(bench, "thread.unknown"), 1);
    pm_bench_free(bench);
}

static void a_series_id_that_is_no_id_is_not_reported(void **state)
{
    char long_id[1200];
    letter cover = {.kind = "cover", .id = long_id, .total = 2};
    pm_bench *bench;

    (void)state;
    memset(long_id, 'x', sizeof(long_id) - 1);
    long_id[sizeof(long_id) - 1] = '\0';
    bench = bench_with(&cover);
    assert_int_equal(pm_bench_scan(bench), PM_OK);
    assert_int_equal(pm_bench_facts(bench, "series"), 0);
    pm_bench_free(bench);
}

static void it_stands_every_trial(void **state)
{
    static const letter part = {.kind = "patch",
                                .id = RUN("3"),
                                .answers = RUN("2"),
                                .references = {OTHER("1"), RUN("1"), RUN("2")},
                                .part = 2,
                                .total = 3};
    pm_bench *bench = bench_with(&part);
    const char *wrong = pm_bench_trials(bench);

    (void)state;
    if (wrong != NULL)
        fail_msg("%s", wrong);
    pm_bench_free(bench);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_letters_own_fields_say_its_series),
        cmocka_unit_test(a_reply_to_what_is_not_remembered_says_so),
        cmocka_unit_test(a_series_id_that_is_no_id_is_not_reported),
        cmocka_unit_test(it_stands_every_trial),
    };

    return cmocka_run_group_tests_name("thread", tests, NULL, NULL);
}
