/* SPDX-License-Identifier: BSD-2-Clause */
/* revision_test - the plugin says what the subject says, and doubts it for good reasons only. */
#include <harness.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

const pm_plugin *pm_plugin_entry_revision(void);

static pm_bench *new_bench(const char *kind, int64_t revision)
{
    pm_bench *bench = pm_bench_new(pm_plugin_entry_revision(), NULL);

    assert_null(pm_bench_problem(bench));
    pm_bench_mail(bench, "Subject: x\n\n");
    pm_bench_text(bench, "kind", kind);
    pm_bench_number(bench, "revision", revision);
    return bench;
}

static void the_subject_says_revision_part_and_total(void **state)
{
    pm_bench *bench = new_bench("patch", 5);

    (void)state;
    pm_bench_number(bench, "part", 3);
    pm_bench_number(bench, "total", 12);
    assert_int_equal(pm_bench_scan(bench), PM_OK);
    assert_int_equal(pm_bench_fact(bench, "revision"), 5);
    assert_int_equal(pm_bench_fact(bench, "part"), 3);
    assert_int_equal(pm_bench_fact(bench, "total"), 12);
    assert_int_equal(pm_bench_facts(bench, NULL), 3);
    assert_string_equal(pm_bench_fact_reason(bench, "revision", 0), "the subject");
    pm_bench_free(bench);
}

static void a_lone_patch_has_no_part(void **state)
{
    pm_bench *bench = new_bench("patch", 1);

    (void)state;
    assert_int_equal(pm_bench_scan(bench), PM_OK);
    assert_int_equal(pm_bench_fact(bench, "revision"), 1);
    assert_int_equal(pm_bench_facts(bench, NULL), 1);
    pm_bench_free(bench);
}

static void only_covers_and_patches_have_a_revision(void **state)
{
    static const char *const kinds[] = {"reply", "pull", "other"};

    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        pm_bench *bench = new_bench(kinds[i], 2);

        assert_int_equal(pm_bench_scan(bench), PM_ABSENT);
        assert_int_equal(pm_bench_facts(bench, NULL), 0);
        pm_bench_free(bench);
    }
}

static void a_changelog_is_doubt_when_it_knows_a_newer_revision(void **state)
{
    static const struct {
        int64_t subject;
        int64_t changelog[3]; /* 0 ends it */
        int64_t conflict;     /* 0: none */
    } cases[] = {
        {1, {0}, 0},       {1, {2, 0}, 2}, {3, {3, 2, 0}, 0}, {3, {2, 0}, 0},
        {3, {2, 4, 0}, 4}, {3, {1, 0}, 0}, {1, {1, 0}, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pm_bench *bench = new_bench("cover", cases[i].subject);

        for (size_t at = 0; at < 3 && cases[i].changelog[at] != 0; at++)
            pm_bench_number(bench, "changelog.revision", cases[i].changelog[at]);
        assert_int_equal(pm_bench_scan(bench), PM_OK);
        if (pm_bench_facts(bench, "revision.conflict") != (cases[i].conflict != 0) ||
            (cases[i].conflict != 0 &&
             pm_bench_fact(bench, "revision.conflict") != cases[i].conflict))
            fail_msg("case %zu", i);
        assert_int_equal(pm_bench_fact(bench, "revision"), cases[i].subject);
        pm_bench_free(bench);
    }
}

static void a_conflict_says_what_contradicts_what(void **state)
{
    pm_bench *bench = new_bench("cover", 1);

    (void)state;
    pm_bench_number(bench, "changelog.revision", 3);
    assert_int_equal(pm_bench_scan(bench), PM_OK);
    assert_string_equal(pm_bench_fact_reason(bench, "revision.conflict", 0),
                        "the subject says v1, the changelog knows v3");
    pm_bench_free(bench);
}

static void a_subject_that_contradicts_itself_is_doubt(void **state)
{
    pm_bench *bench = new_bench("cover", 3);

    (void)state;
    pm_bench_number(bench, "revision.doubtful", 1);
    assert_int_equal(pm_bench_scan(bench), PM_OK);
    assert_int_equal(pm_bench_fact(bench, "revision"), 3);
    assert_int_equal(pm_bench_fact(bench, "revision.conflict"), 3);
    assert_string_equal(pm_bench_fact_reason(bench, "revision.conflict", 0),
                        "the subject says two different revisions");
    pm_bench_free(bench);
}

/* ---- The mailmap ---- */

static void write_file(int file, const char *text)
{
    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), strlen(text));
    close(file);
}

/* With the statement for two files. */
static pm_bench *bench_with(const char *first, const char *second)
{
    char settings[128];

    snprintf(settings, sizeof(settings), "mailmap %s %s", first, second);
    return pm_bench_new(pm_plugin_entry_revision(), settings);
}

static void several_mailmaps_are_read(void **state)
{
    char first[] = "/tmp/revision-test-XXXXXX", second[] = "/tmp/revision-test-XXXXXX";
    pm_bench *bench;

    (void)state;
    write_file(mkstemp(first), "Ann <ann@example.org>\n");
    write_file(mkstemp(second), "# nobody\n");
    bench = bench_with(first, second);
    assert_null(pm_bench_problem(bench));
    assert_string_equal(pm_bench_log(bench), "");
    pm_bench_free(bench);
    unlink(first);
    unlink(second);
}

static void a_mailmap_that_is_not_there_is_a_problem(void **state)
{
    char there[] = "/tmp/revision-test-XXXXXX";
    pm_bench *bench;

    (void)state;
    write_file(mkstemp(there), "Ann <ann@example.org>\n");
    bench = bench_with(there, "/nonexistent/mailmap");
    assert_non_null(pm_bench_problem(bench));
    assert_non_null(strstr(pm_bench_problem(bench),
                           "mailmap: /nonexistent/mailmap cannot be read: No such file"));
    pm_bench_free(bench);
    unlink(there);
}

static void it_stands_every_trial(void **state)
{
    pm_bench *bench = new_bench("cover", 1);
    const char *wrong;

    (void)state;
    pm_bench_number(bench, "part", 0);
    pm_bench_number(bench, "changelog.revision", 3);
    wrong = pm_bench_trials(bench);
    if (wrong != NULL)
        fail_msg("%s", wrong);
    pm_bench_free(bench);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_subject_says_revision_part_and_total),
        cmocka_unit_test(a_lone_patch_has_no_part),
        cmocka_unit_test(only_covers_and_patches_have_a_revision),
        cmocka_unit_test(a_changelog_is_doubt_when_it_knows_a_newer_revision),
        cmocka_unit_test(a_conflict_says_what_contradicts_what),
        cmocka_unit_test(a_subject_that_contradicts_itself_is_doubt),
        cmocka_unit_test(several_mailmaps_are_read),
        cmocka_unit_test(a_mailmap_that_is_not_there_is_a_problem),
        cmocka_unit_test(it_stands_every_trial),
    };

    return cmocka_run_group_tests_name("revision", tests, NULL, NULL);
}
