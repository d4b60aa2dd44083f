/* SPDX-License-Identifier: BSD-2-Clause */
/* examine_test - what is decided about a mail, and that something always is. */
#include "examine.h"

#include "mime.h"
#include "strbuf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include <pthread.h>

const pm_plugin *pm_plugin_entry_project(void);
const pm_plugin *pm_plugin_entry_revision(void);

/* ---- A plugin that takes all the time there is ---- */

struct slow {
    const pm_host *host;
};

static pm_status open_slow(const pm_host *host, const pm_settings *settings, void **instance_out)
{
    static struct slow slow;

    (void)settings;
    slow.host = host;
    *instance_out = &slow;
    return PM_OK;
}

static pm_status scan_slow(void *instance, pm_scan *scan)
{
    const struct slow *slow = instance;

    while (slow->host->time_left(scan) > 0)
        continue;
    return PM_LIMIT;
}

static const pm_fact_decl slow_facts[] = {{"slow.done", PM_FACT_NUMBER, "it came to an end"},
                                          {NULL, PM_FACT_TEXT, NULL}};
static const pm_plugin slow = {.size = sizeof(pm_plugin),
                               .abi_major = PM_ABI_MAJOR,
                               .name = "slow",
                               .version = "1",
                               .summary = "Takes all the time there is",
                               .facts = slow_facts,
                               .open = open_slow,
                               .scan = scan_slow};

static const pm_plugin *slow_entry(void)
{
    return &slow;
}

static const pm_static_plugin linked[] = {{"project", pm_plugin_entry_project},
                                          {"revision", pm_plugin_entry_revision},
                                          {"slow", slow_entry},
                                          {NULL, NULL}};

/* ---- One message ---- */

static const char usual[] =
    "instance lists.example.org\n"
    "limits { time 60s; plugin-time 60s }\n" /* so that a busy machine is no fault of ours */
    "plugins project revision\n"
    "project widget { lists dev.example.org; words widget; paths drivers/ core/ Makefile }\n"
    "project gadget { lists gadget@example.org; words gadget; paths gizmo/ }\n"
    "rule cog   { why \"w\"; when path under drivers/cog; then subsystem \"cog\" weight 6 }\n"
    "rule cog2  { why \"w\"; when title ~ /^cog:/; then subsystem \"cog\" weight 2 }\n"
    "rule wheel { why \"w\"; when path under drivers/wheel; then subsystem \"wheel\" weight 3 }\n"
    "rule team  { why \"w\"; when title ~ /blue/; then inbox \"blue\", tag \"team\" }\n"
    "rule late  { why \"w\"; when title ~ /zebra/; then tag \"zebra\", tag \"rfc\" }\n";

static pm_snapshot *load(const char *text)
{
    const pm_snapshot_options options = {.text = text, .static_plugins = linked};
    pm_errors *errors = pm_errors_new();
    pm_snapshot *snapshot = pm_snapshot_load(&options, errors);

    for (size_t i = 0; pm_errors_nth(errors, i) != NULL; i++)
        print_error("%s\n", pm_errors_nth(errors, i));
    assert_non_null(snapshot);
    pm_errors_free(errors);
    return snapshot;
}

static int set_up(void **state)
{
    *state = load(usual);
    return 0;
}

static int tear_down(void **state)
{
    pm_snapshot_unref(*state);
    return 0;
}

static bool is(pm_slice got, const char *wanted)
{
    if (pm_slice_equal(got, pm_slice_of(wanted)))
        return true;
    print_error("\"%.*s\" is not \"%s\"\n", PM_FMT(got), wanted);
    return false;
}

/* The outcome lives in the message, which the caller frees. */
static const pm_outcome *examine(const pm_snapshot *snapshot, pm_message *message, const char *mail)
{
    const pm_outcome *outcome;

    pm_message_reset(message);
    pm_message_read(message, pm_slice_of(mail));
    outcome = pm_examine(snapshot, NULL, message, PM_LIT("4XyZ"));
    assert_non_null(outcome);
    assert_true(outcome->inbox.len > 0);
    return outcome;
}

#define DIFFSTAT(path)                                                                             \
    "\n---\n " path " | 2 +-\n 1 file changed, 1 insertion(+), 1 deletion(-)\n\n"                  \
    "diff --git a/" path " b/" path "\n--- a/" path "\n+++ b/" path "\n@@ -1 +1 @@\n-old\n+new\n"

static void a_patch_is_decided_from_its_facts(void **state)
{
    static const char mail[] = "From: Ada <ada@example.org>\n"
                               "To: dev@example.org\n"
                               "Subject: [RFC PATCH RESEND v3 2/4] cog: turn\n"
                               "Message-ID: <p2@example.org>\n"
                               "In-Reply-To: <p0@example.org>\n" DIFFSTAT("drivers/cog/turn.c");
    pm_message *message = pm_message_new(NULL);
    const pm_outcome *outcome = examine(*state, message, mail);

    assert_int_equal(outcome->letter->kind, PM_KIND_PATCH);
    assert_true(is(outcome->project, "widget"));
    assert_true(is(outcome->project_why, "paths drivers/ (1 of 1); list dev@example.org"));
    assert_int_equal(outcome->subsystem_count, 1);
    assert_true(is(outcome->subsystems[0].name, "cog"));
    assert_true(outcome->subsystems[0].weight == 1);
    assert_true(is(outcome->inbox, "cog.widget"));
    assert_int_equal(outcome->tag_count, 2);
    assert_true(is(outcome->tags[0], "resend"));
    assert_true(is(outcome->tags[1], "rfc"));
    assert_int_equal(outcome->revision, 3);
    assert_int_equal(outcome->part, 2);
    assert_int_equal(outcome->total, 4);
    assert_true(is(outcome->series, "p0@example.org"));
    assert_true(is(outcome->chain, ""));
    assert_true(is(outcome->supersedes, ""));
    assert_int_equal(outcome->verdict.fired_count, 2);
    assert_false(outcome->partial);
    assert_true(outcome->took_us >= 0);
    pm_message_free(message);
}

static void subsystems_are_ranked_by_the_sum_of_their_weights(void **state)
{
    static const char mail[] = "Subject: [PATCH 0/2] cog: and wheel\n\n"
                               " drivers/cog/a.c   | 2 +-\n"
                               " drivers/wheel/b.c | 2 +-\n"
                               " 2 files changed, 2 insertions(+), 2 deletions(-)\n";
    pm_message *message = pm_message_new(NULL);
    const pm_outcome *outcome = examine(*state, message, mail);

    assert_int_equal(outcome->subsystem_count, 2);
    assert_true(is(outcome->subsystems[0].name, "cog"));
    assert_true(is(outcome->subsystems[1].name, "wheel"));
    assert_true(outcome->subsystems[0].weight > 0.72 && outcome->subsystems[0].weight < 0.73);
    pm_message_free(message);
}

static void a_rule_may_name_the_inbox_and_tags(void **state)
{
    static const char mail[] =
        "To: dev@example.org\nSubject: [PATCH 1/1] cog: zebra blue\n" DIFFSTAT("drivers/cog/a.c");
    pm_message *message = pm_message_new(NULL);
    const pm_outcome *outcome = examine(*state, message, mail);

    assert_true(is(outcome->inbox, "blue.widget"));
    assert_int_equal(outcome->tag_count, 3);
    assert_true(is(outcome->tags[0], "rfc"));
    assert_true(is(outcome->tags[1], "team"));
    assert_true(is(outcome->tags[2], "zebra"));
    pm_message_free(message);
}

static void the_inbox_is_never_empty(void **state)
{
    static const struct {
        const char *mail, *inbox;
    } cases[] = {
        {"", "unsorted"},
        {"Subject: lunch\n\nAt noon?\n", "unsorted"},
        {"To: dev@example.org\nSubject: lunch\n\nAt noon?\n", "unsorted.widget"},
        {"To: gadget@example.org\nSubject: [PATCH 0/3] x\n\n", "unsorted.gadget"},
        {"Subject: cog: alone\n\n", "cog"}, /* a subsystem of nobody knows which project */
        {"To: dev@example.org\nSubject: cog: alone\n\n", "cog.widget"},
        {"\0\0\0", "unsorted"},
    };
    pm_message *message = pm_message_new(NULL);

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (!is(examine(*state, message, cases[i].mail)->inbox, cases[i].inbox))
            fail_msg("case %zu", i);
    pm_message_free(message);
}

static void the_project_with_more_evidence_wins(void **state)
{
    static const struct {
        const char *mail, *project;
    } cases[] = {
        {"To: gadget@example.org\nSubject: [PATCH] x\n" DIFFSTAT("core/a.c"), "widget"},
        {"To: dev@example.org\nSubject: [gadget PATCH] x\n", "gadget"},
        {"To: dev@example.org\nCc: gadget@example.org\nSubject: Re: x\n", "widget"},
        {"To: gadget@example.org\nCc: dev@example.org\nSubject: Re: x\n", "gadget"},
    };
    pm_message *message = pm_message_new(NULL);

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (!is(examine(*state, message, cases[i].mail)->project, cases[i].project))
            fail_msg("case %zu", i);
    pm_message_free(message);
}

static void a_series_is_called_after_its_root(void **state)
{
    static const struct {
        const char *mail, *series;
    } cases[] = {
        /* A cover, whatever it answers. */
        {"Subject: [PATCH 0/2] x\nMessage-ID: <c@x>\nIn-Reply-To: <old@x>\n\n", "c@x"},
        /* Patches below their cover. */
        {"Subject: [PATCH 1/2] x\nMessage-ID: <p1@x>\nIn-Reply-To: <c@x>\n" DIFFSTAT("a"), "c@x"},
        {"Subject: [PATCH 2/2] x\nMessage-ID: <p2@x>\nIn-Reply-To: <p1@x>\n"
         "References: <c@x> <p1@x>\n" DIFFSTAT("a"),
         "c@x"},
        /* The first of a series without a cover, and a lone patch in a discussion. */
        {"Subject: [PATCH 1/2] x\nMessage-ID: <p1@x>\n" DIFFSTAT("a"), "p1@x"},
        {"Subject: [PATCH] x\nMessage-ID: <p@x>\nIn-Reply-To: <c@x>\n" DIFFSTAT("a"), "p@x"},
        {"Subject: Re: [PATCH 2/2] x\nMessage-ID: <r@x>\nIn-Reply-To: <p2@x>\n"
         "References: <c@x> <p2@x>\n\nFine.\n",
         "c@x"},
        {"Subject: Re: [PATCH] x\nMessage-ID: <r@x>\nIn-Reply-To: <p@x>\n\nFine.\n", "p@x"},
        {"Subject: Re: [PATCH] x\nMessage-ID: <r@x>\n\nFine.\n", ""},
        {"Subject: lunch\nMessage-ID: <l@x>\n\nAt noon?\n", ""},
    };
    pm_message *message = pm_message_new(NULL);

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (!is(examine(*state, message, cases[i].mail)->series, cases[i].series))
            fail_msg("case %zu", i);
    pm_message_free(message);
}

static void revision_and_part_are_for_covers_and_patches(void **state)
{
    pm_message *message = pm_message_new(NULL);
    const pm_outcome *outcome =
        examine(*state, message, "Subject: Re: [PATCH v3 1/2] x\nIn-Reply-To: <p@x>\n\nFine.\n");

    assert_int_equal(outcome->revision, 0);
    assert_int_equal(outcome->part, -1);
    assert_int_equal(outcome->total, -1);
    outcome = examine(*state, message, "Subject: [PATCH v5.1 10/12] x\n" DIFFSTAT("a"));
    assert_int_equal(outcome->revision, 5);
    assert_int_equal(outcome->reroll, 1);
    assert_int_equal(outcome->part, 10);
    pm_message_free(message);
}

static void doubt_lowers_the_confidence(void **state)
{
    static const struct {
        const char *sure, *doubtful;
    } cases[] = {
        /* A changelog that knows a newer revision. */
        {"To: dev@example.org\nSubject: [PATCH v2 0/1] cog: x\n\nChanges in v2:\n- a\n",
         "To: dev@example.org\nSubject: [PATCH 0/1] cog: x\n\nChanges in v2:\n- a\n"},
        /* No project, no subsystem. */
        {"To: dev@example.org\nSubject: [PATCH 0/1] cog: x\n\n", "Subject: [PATCH 0/1] cog: x\n\n"},
        {"To: dev@example.org\nSubject: [PATCH 0/1] cog: x\n\n",
         "To: dev@example.org\nSubject: [PATCH 0/1] x\n\n"},
        /* Two projects. */
        {"To: dev@example.org\nSubject: [PATCH 0/1] cog: x\n\n",
         "To: dev@example.org, gadget@example.org\nSubject: [PATCH 0/1] cog: x\n\n"},
    };
    pm_message *message = pm_message_new(NULL);

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const double sure = examine(*state, message, cases[i].sure)->confidence;
        const double doubtful = examine(*state, message, cases[i].doubtful)->confidence;

        if (!(sure > doubtful && doubtful > 0 && sure <= 1))
            fail_msg("case %zu: %f is not above %f", i, sure, doubtful);
    }
    pm_message_free(message);
}

static void no_more_than_twelve_subsystems_are_named(void **state)
{
    pm_strbuf text;
    pm_snapshot *snapshot;
    pm_message *message = pm_message_new(NULL);
    const pm_outcome *outcome;

    (void)state;
    pm_strbuf_init(&text, 1 << 20);
    pm_strbuf_add_text(&text, "plugins project\n");
    for (int i = 1; i <= 20; i++)
        pm_strbuf_printf(
            &text,
            "rule r%d { why \"w\"; when title ~ /x/; then subsystem \"s%d\" weight %d }"
            "\n",
            i, i, i);
    snapshot = load(text.data);
    outcome = examine(snapshot, message, "Subject: x\n\n");
    assert_int_equal(outcome->subsystem_count, 12);
    assert_true(is(outcome->subsystems[0].name, "s20"));
    assert_true(is(outcome->subsystems[11].name, "s9"));
    pm_message_free(message);
    pm_snapshot_unref(snapshot);
    pm_strbuf_free(&text);
}

/* ---- Limits ---- */

#define FORGED "Patchmark-Inbox: <mine>\nSubject: [PATCH 0/2] x\npatchmark-inbox: <too>\n"

static void forged_marks_go_even_when_there_is_no_memory_for_the_letter(void **state)
{
    static char mail[2 * 1024 * 1024];
    pm_message_limits limits = {.memory = 1024 * 1024, .headers = 2000, .body = sizeof(mail)};
    pm_message *message = pm_message_new(&limits);
    const pm_outcome *outcome;
    size_t len;

    /* Everything a mail can do to use memory up before it is examined. */
    len = (size_t)snprintf(mail, sizeof(mail), FORGED);
    while (len < sizeof(mail) - 100)
        len += (size_t)snprintf(mail + len, sizeof(mail) - len, "References: <%zu@example.org>\n",
                                len);
    outcome = examine(*state, message, mail);
    assert_true(outcome->partial);
    assert_int_equal(outcome->removal_count, 2);
    assert_int_equal(outcome->removals[0].nth, 2);
    pm_message_free(message);
}

static void whatever_the_budget_there_is_an_outcome(void **state)
{
    static const char mail[] = FORGED DIFFSTAT("drivers/cog/a.c");
    size_t whole = 0, removed = 0;

    for (size_t memory = 0; memory < 64 * 1024; memory += 512) {
        pm_message_limits limits = {.memory = memory, .headers = 100, .body = 4096};
        pm_message *message = pm_message_new(&limits);
        const pm_outcome *outcome = examine(*state, message, mail);

        assert_true(outcome->partial || outcome->mark_count > 3);
        assert_true(outcome->removal_count == 0 || outcome->removal_count == 2);
        /* Memory for the marks implies memory for the removals. */
        assert_true(outcome->mark_count == 0 || outcome->removal_count == 2);
        whole += !outcome->partial;
        removed += outcome->partial && outcome->removal_count == 2;
        pm_message_free(message);
    }
    assert_true(whole > 0 && removed > 0);
}

static void past_the_deadline_the_outcome_is_partial(void **state)
{
    pm_snapshot *snapshot = load("plugins slow project\n"
                                 "limits { time 5ms }\n"
                                 "project widget { lists dev.example.org }\n"
                                 "rule any { why \"w\"; when title ~ /x/; then tag \"any\" }\n");
    pm_message *message = pm_message_new(NULL);
    const pm_outcome *outcome = examine(snapshot, message,
                                        "To: dev@example.org\nPatchmark-Tag: forged\n"
                                        "Subject: [PATCH 0/2] x\nMessage-ID: <c@x>\n\n");

    (void)state;
    assert_true(outcome->partial);
    assert_int_equal(outcome->removal_count, 1);
    assert_int_equal(outcome->verdict.fired_count, 0);
    assert_true(is(outcome->project, "")); /* the plugin behind the slow one was not asked */
    assert_true(is(outcome->series, "c@x"));
    assert_non_null(pm_facts_nth(outcome->facts, PM_LIT("plugin.slow.fault"), 0));
    assert_true(pm_slice_find(outcome->marks[0].value, PM_LIT("partial=yes")) != PM_NOWHERE);
    pm_message_free(message);
    pm_snapshot_unref(snapshot);
}

/* ---- The same again ---- */

static void write_marks(const pm_outcome *outcome, pm_strbuf *into)
{
    for (size_t i = 0; i < outcome->mark_count; i++)
        pm_strbuf_printf(into, "%.*s: %.*s\n", PM_FMT(outcome->marks[i].name),
                         PM_FMT(outcome->marks[i].value));
}

static const char series_mail[] = "From: Ada <ada@example.org>\nTo: dev@example.org\n"
                                  "Subject: [PATCH v2 0/2] cog: and wheel\n"
                                  "Message-ID: <c@example.org>\n\n"
                                  " drivers/cog/a.c   | 2 +-\n"
                                  " drivers/wheel/b.c | 2 +-\n"
                                  " 2 files changed, 2 insertions(+), 2 deletions(-)\n";

static void the_second_pass_changes_nothing(void **state)
{
    pm_message *message = pm_message_new(NULL);
    pm_strbuf first, second;
    const pm_outcome *outcome;
    size_t marks;

    pm_strbuf_init(&first, 1 << 16);
    pm_strbuf_init(&second, 1 << 16);
    outcome = examine(*state, message, series_mail);
    marks = outcome->mark_count;
    write_marks(outcome, &first);

    pm_strbuf_add(&second, pm_strbuf_slice(&first));
    pm_strbuf_add_text(&second, series_mail);
    outcome = examine(*state, message, second.data);
    assert_int_equal(outcome->removal_count, marks);
    pm_strbuf_clear(&second);
    write_marks(outcome, &second);
    assert_string_equal(first.data, second.data);
    pm_strbuf_free(&first);
    pm_strbuf_free(&second);
    pm_message_free(message);
}

#define THREADS 8
#define ROUNDS  60

typedef struct worker {
    pthread_t thread;
    const pm_snapshot *snapshot;
    int number;
    bool wrong;
} worker;

/* Each thread has mail of its own, so that one thread's answers given to another show. */
static void *examine_often(void *context)
{
    worker *self = context;
    pm_message *message = pm_message_new(NULL);
    char mail[1024], inbox[32], series[64];
    const char *subsystem = self->number % 2 == 0 ? "cog" : "wheel";

    snprintf(inbox, sizeof(inbox), "%s.widget", subsystem);
    for (int round = 0; round < ROUNDS; round++) {
        const pm_outcome *outcome;

        snprintf(series, sizeof(series), "t%d-%d@example.org", self->number, round);
        snprintf(mail, sizeof(mail),
                 "To: dev@example.org\nSubject: [PATCH v%d 0/1] some: =?utf-8?q?caf=C3=A9?=\n"
                 "Message-ID: <%s>\n\nText.\n\n drivers/%s/a.c | 2 +-\n"
                 " 1 file changed, 1 insertion(+), 1 deletion(-)\n",
                 self->number + 1, series, subsystem);
        pm_message_reset(message);
        pm_message_read(message, pm_slice_of(mail));
        outcome = pm_examine(self->snapshot, NULL, message, PM_EMPTY);
        self->wrong |= !pm_slice_equal(outcome->inbox, pm_slice_of(inbox)) ||
                       !pm_slice_equal(outcome->series, pm_slice_of(series)) ||
                       outcome->revision != (unsigned)self->number + 1;
    }
    pm_message_free(message);
    return NULL;
}

static void eight_threads_examine_on_one_snapshot(void **state)
{
    worker workers[THREADS];

    for (int i = 0; i < THREADS; i++) {
        workers[i] = (worker){.snapshot = pm_snapshot_ref(*state), .number = i};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, examine_often, &workers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(workers[i].thread, NULL);
        pm_snapshot_unref(*state);
        assert_false(workers[i].wrong);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_patch_is_decided_from_its_facts),
        cmocka_unit_test(subsystems_are_ranked_by_the_sum_of_their_weights),
        cmocka_unit_test(a_rule_may_name_the_inbox_and_tags),
        cmocka_unit_test(the_inbox_is_never_empty),
        cmocka_unit_test(the_project_with_more_evidence_wins),
        cmocka_unit_test(a_series_is_called_after_its_root),
        cmocka_unit_test(revision_and_part_are_for_covers_and_patches),
        cmocka_unit_test(doubt_lowers_the_confidence),
        cmocka_unit_test(no_more_than_twelve_subsystems_are_named),
        cmocka_unit_test(forged_marks_go_even_when_there_is_no_memory_for_the_letter),
        cmocka_unit_test(whatever_the_budget_there_is_an_outcome),
        cmocka_unit_test(past_the_deadline_the_outcome_is_partial),
        cmocka_unit_test(the_second_pass_changes_nothing),
        cmocka_unit_test(eight_threads_examine_on_one_snapshot),
    };

    pm_mime_start();
    return cmocka_run_group_tests_name("examine", tests, set_up, tear_down);
}
