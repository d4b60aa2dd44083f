/* SPDX-License-Identifier: BSD-2-Clause */
/* shadow_test - shadow rules are tried, compared and counted, and nothing they say is applied. */
#include "shadow.h"

#include "check.h"

#include "difference.h"
#include "examine.h"
#include "mime.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include <pthread.h>

const pm_plugin *pm_plugin_entry_project(void);

/* ---- A plugin that takes all the time there is, when the subject asks for it ---- */

static const pm_host *the_host;

static pm_status open_slow(const pm_host *host, const pm_settings *settings, void **instance_out)
{
    (void)settings;
    the_host = host;
    *instance_out = NULL;
    return PM_OK;
}

static pm_status scan_slow(void *instance, pm_scan *scan)
{
    (void)instance;
    while (the_host->time_left(scan) > 0)
        continue;
    return PM_ABSENT;
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

static const pm_static_plugin linked[] = {
    {"project", pm_plugin_entry_project}, {"slow", slow_entry}, {NULL, NULL}};

/* ---- One message ---- */

static const char live[] = "instance lists.example.org\n"
                           "plugins project\n"
                           "allow { discard yes }\n"
                           "project widget { words widget }\n"
                           "list colours { blue green }\n"
                           "rule cog { why \"w\"; when title ~ /cog/; then subsystem \"cog\" }\n"
                           "rule halt { why \"w\"; when title ~ /halt/; then stop }\n"
                           "rule tag { why \"w\"; when title ~ /blue/; then tag \"blue\" }\n";

static const char mail[] = "From: Ann Author <ann@example.org>\n"
                           "Subject: [PATCH widget] cog: Turn the blue one\n"
                           "Message-ID: <one@example.org>\n\ntext\n";

static pm_snapshot *try_to_load(const char *more, pm_errors *errors)
{
    static char texts[2][8192]; /* a snapshot borrows its text, and two are compared */
    static unsigned turn;
    char *text = texts[turn++ % 2];
    const pm_snapshot_options options = {.text = text, .static_plugins = linked};

    /* A machine that is busy must not look like a message past its time. */
    snprintf(text, sizeof(texts[0]), "%s%s%s", live,
             strstr(more, "limits") == NULL ? "limits { time 60s }\n" : "", more);
    return pm_snapshot_load(&options, errors);
}

static pm_snapshot *load(const char *more)
{
    pm_errors *errors = pm_errors_new();
    pm_snapshot *snapshot = try_to_load(more, errors);

    for (size_t i = 0; pm_errors_nth(errors, i) != NULL; i++)
        print_error("%s\n", pm_errors_nth(errors, i));
    assert_non_null(snapshot);
    pm_errors_free(errors);
    return snapshot;
}

typedef struct scene {
    pm_snapshot *snapshot;
    pm_message *message;
    const pm_outcome *outcome;
} scene;

/* With a message of its own, so that several outcomes can be compared. */
static scene examine(const char *more, const char *text)
{
    scene made = {.snapshot = load(more)};

    made.message = pm_message_new(&made.snapshot->config.limits);
    assert_non_null(made.message);
    pm_message_read(made.message, pm_slice_of(text));
    made.outcome = pm_examine(made.snapshot, NULL, made.message, PM_EMPTY);
    assert_non_null(made.outcome);
    return made;
}

static void end(scene *of)
{
    pm_message_free(of->message);
    pm_snapshot_unref(of->snapshot);
}

static void expect_text(pm_slice got, const char *wanted)
{
    if (!pm_slice_equal(got, pm_slice_of(wanted)))
        fail_msg("\"%.*s\" is not \"%s\"", PM_FMT(got), wanted);
}

/* ---- Never applied ---- */

static void expect_same_marks(const pm_outcome *one, const pm_outcome *other)
{
    assert_int_equal(one->mark_count, other->mark_count);
    for (size_t i = 0; i < one->mark_count; i++) {
        assert_true(pm_slice_equal(one->marks[i].name, other->marks[i].name));
        assert_true(pm_slice_equal(one->marks[i].value, other->marks[i].value));
    }
    assert_int_equal(one->removal_count, other->removal_count);
    assert_int_equal(one->facts->count, other->facts->count);
    assert_int_equal(one->verdict.fired_count, other->verdict.fired_count);
    assert_int_equal(one->verdict.recipient_count, other->verdict.recipient_count);
    assert_int_equal(one->verdict.field_count, other->verdict.field_count);
    assert_true(one->verdict.discard == other->verdict.discard);
    assert_true(one->verdict.quarantine.data == NULL && other->verdict.quarantine.data == NULL);
    assert_int_equal(pm_outcome_difference(one, other), 0);
    assert_true(one->partial == other->partial);
}

#define EVERYTHING                                                                                 \
    "rule all { why \"w\"; when title ~ /./; then subsystem \"elsewhere\" weight 50,"              \
    " inbox \"other\", project \"gadget\" weight 90, tag \"seen\", field \"Seen\" \"yes\","        \
    " recipient \"spy@example.org\", quarantine \"hold\", discard }\n"

static void what_a_shadow_asks_for_is_not_done(void **state)
{
    scene without = examine("", mail), with = examine("shadow next { " EVERYTHING " }\n"
                                                      "shadow new instead { " EVERYTHING " }\n",
                                                      mail);

    (void)state;
    expect_same_marks(with.outcome, without.outcome);
    assert_int_equal(without.outcome->shadow_count, 0);
    assert_int_equal(with.outcome->shadow_count, 2);
    for (size_t i = 0; i < 2; i++) {
        const pm_outcome *would = with.outcome->shadows[i].outcome;

        assert_non_null(would);
        expect_text(would->inbox, "other.gadget");
        assert_true(would->verdict.discard);
        assert_int_equal(would->verdict.recipient_count, 1);
        assert_int_equal(would->mark_count, 0);
    }
    end(&without);
    end(&with);
}

/* ---- What it would have been ---- */

static void a_shadow_beside_the_live_rules_adds_to_what_they_say(void **state)
{
    scene of = examine("shadow next { rule more { why \"w\"; when title ~ /Turn/;"
                       " then subsystem \"wheel\" weight 3, tag \"turned\" } }\n",
                       mail);
    const pm_shadowed *would = &of.outcome->shadows[0];

    (void)state;
    expect_text(of.outcome->inbox, "cog.widget");
    expect_text(pm_shadow_name(would->shadow), "next");
    assert_false(pm_shadow_is_instead(would->shadow));
    expect_text(would->outcome->inbox, "wheel.widget");
    assert_int_equal(would->outcome->subsystem_count, 2);
    expect_text(would->outcome->subsystems[1].name, "cog");
    assert_int_equal(would->outcome->tag_count, 2);
    assert_int_equal(would->outcome->verdict.fired_count, 3);
    assert_int_equal(would->difference,
                     1u << PM_ASPECT_INBOX | 1u << PM_ASPECT_SUBSYSTEMS | 1u << PM_ASPECT_TAGS);
    end(&of);
}

static void a_shadow_instead_of_the_live_rules_knows_nothing_of_them(void **state)
{
    scene of = examine("shadow new instead { rule only { why \"w\"; when title ~ /Turn/;"
                       " then subsystem \"wheel\" } }\n",
                       mail);
    const pm_outcome *would = of.outcome->shadows[0].outcome;

    (void)state;
    assert_true(pm_shadow_is_instead(of.outcome->shadows[0].shadow));
    expect_text(would->inbox, "wheel.widget"); /* what plugins found stays */
    assert_int_equal(would->subsystem_count, 1);
    assert_int_equal(would->tag_count, 0);
    assert_int_equal(would->verdict.fired_count, 1);
    end(&of);
}

static void a_shadow_that_says_the_same_does_not_differ(void **state)
{
    scene of = examine("shadow same instead { rule cog { why \"w\"; when title ~ /^cog/;"
                       " then subsystem \"cog\" weight 9 }\n"
                       "rule tag { why \"w\"; when title ~ /blue/; then tag \"blue\" } }\n"
                       "shadow idle { rule never { why \"w\"; when title ~ /zebra/;"
                       " then tag \"zebra\" } }\n",
                       mail);

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        assert_non_null(of.outcome->shadows[i].outcome);
        assert_int_equal(of.outcome->shadows[i].difference, 0);
    }
    end(&of);
}

static void rules_beside_stand_behind_a_live_stop_and_those_instead_do_not(void **state)
{
    static const char halted[] = "Subject: [PATCH widget] cog: halt\n\ntext\n";
    static const char rule[] = "rule all { why \"w\"; when title ~ /./; then tag \"all\" }";
    char more[512];
    scene of;

    (void)state;
    snprintf(more, sizeof(more), "shadow a { %s }\nshadow b instead { %s }\n", rule, rule);
    of = examine(more, halted);
    assert_int_equal(of.outcome->shadows[0].difference, 0);
    assert_int_equal(of.outcome->shadows[1].outcome->tag_count, 1);
    end(&of);
}

static void shadows_know_the_live_lists_and_may_have_their_own(void **state)
{
    scene of = examine("shadow a { rule c { why \"w\"; when prefix in colours; then tag \"c\" } }\n"
                       "shadow b { list colours { widget }\n"
                       "rule c { why \"w\"; when prefix in colours; then tag \"c\" } }\n",
                       mail);

    (void)state;
    assert_int_equal(of.outcome->shadows[0].difference, 0);
    assert_int_equal(of.outcome->shadows[1].difference, 1u << PM_ASPECT_TAGS);
    end(&of);
}

static void the_order_of_shadows_does_not_matter(void **state)
{
    static const char *const one = "shadow one { rule r { why \"w\"; when title ~ /./;"
                                   " then subsystem \"one\" weight 9 } }\n";
    static const char *const two = "shadow two { rule r { why \"w\"; when title ~ /./;"
                                   " then subsystem \"two\" weight 8 } }\n";
    char text[1024];
    scene here, there;

    (void)state;
    snprintf(text, sizeof(text), "%s%s", one, two);
    here = examine(text, mail);
    snprintf(text, sizeof(text), "%s%s", two, one);
    there = examine(text, mail);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(pm_outcome_difference(here.outcome->shadows[i].outcome,
                                               there.outcome->shadows[1 - i].outcome),
                         0);
    expect_text(here.outcome->shadows[1].outcome->inbox, "two.widget");
    end(&here);
    end(&there);
}

/* ---- What it may cost ---- */

static void a_shadow_past_the_time_of_the_message_is_skipped(void **state)
{
    scene of = examine("plugins slow\nlimits { time 20ms }\n"
                       "shadow next { rule all { why \"w\"; when title ~ /./;"
                       " then tag \"all\" } }\n",
                       mail);

    (void)state;
    assert_null(of.outcome->shadows[0].outcome);
    assert_true(of.outcome->mark_count > 0);
    end(&of);
}

/* A pattern that would go on for hours, and a letter that asks for it. */
static void a_pattern_at_its_limits_does_not_touch_the_live_decision(void **state)
{
    static const char greedy[] = "shadow bad { rule loop { why \"w\"; when title ~ /(a+)+[bc]$/;"
                                 " then tag \"loop\" }\n"
                                 "rule fine { why \"w\"; when title ~ /./; then tag \"f\" } }\n"
                                 "shadow good { rule fine { why \"w\"; when title ~ /./;"
                                 " then tag \"g\" } }\n";
    char text[8192];
    scene without, with;
    size_t len = (size_t)snprintf(text, sizeof(text), "Subject: [PATCH widget] cog: blue ");

    (void)state;
    memset(text + len, 'a', 4000);
    snprintf(text + len + 4000, sizeof(text) - len - 4000, "!d\n\ntext\n");
    without = examine("", text);
    with = examine(greedy, text);
    expect_same_marks(with.outcome, without.outcome);
    assert_false(with.outcome->partial);
    assert_non_null(with.outcome->shadows[0].outcome);
    assert_int_equal(with.outcome->shadows[0].outcome->tag_count, 2); /* blue, and f */
    assert_int_equal(with.outcome->shadows[1].outcome->tag_count, 2);
    end(&without);
    end(&with);
}

/* What is left for a letter whose plugins leave a quarter of it to others; too little for the
 * shadow. */
#define LEFT ((size_t)300 * 1024)

/* What is left of it decides; the marks have it before any shadow. */
static void a_shadow_without_memory_is_skipped_and_the_marks_are_there(void **state)
{
    static char text[1 << 20];
    size_t at =
        (size_t)snprintf(text, sizeof(text), "limits { memory 1M; time 60s }\nshadow big {\n");
    scene of;

    (void)state;
    while (at + 200 < sizeof(text) / 2)
        at += (size_t)snprintf(text + at, sizeof(text) - at,
                               "rule r%zu { why \"w\"; when title ~ /./; then field \"F%zu\" "
                               "\"x\" }\n",
                               at, at);
    snprintf(text + at, sizeof(text) - at, "}\n");
    {
        static char whole[1 << 21];
        const pm_snapshot_options options = {.text = whole, .static_plugins = linked};
        pm_errors *errors = pm_errors_new();

        snprintf(whole, sizeof(whole), "%s%s", live, text);
        of.snapshot = pm_snapshot_load(&options, errors);
        assert_non_null(of.snapshot);
        pm_errors_free(errors);
    }
    of.message = pm_message_new(&of.snapshot->config.limits);
    pm_message_read(of.message, pm_slice_of(mail));
    while (pm_alloc(pm_message_arena(of.message), 4096) != NULL &&
           pm_arena_used(pm_message_arena(of.message)) < (1 << 20) - LEFT)
        continue;
    of.outcome = pm_examine(of.snapshot, NULL, of.message, PM_EMPTY);
    expect_text(of.outcome->inbox, "cog.widget");
    assert_false(of.outcome->partial);
    assert_null(of.outcome->shadows[0].outcome);
    end(&of);
}

/* ---- Many at once ---- */

#define THREADS  4
#define MESSAGES 200

typedef struct reader {
    pthread_t thread;
    pm_snapshot *snapshot;
    unsigned tried, different;
} reader;

static void *examine_many(void *argument)
{
    reader *of = argument;
    pm_message *message = pm_message_new(&of->snapshot->config.limits);

    for (int i = 0; i < MESSAGES; i++) {
        const pm_shadowed *shadowed;

        pm_message_reset(message);
        pm_message_read(message, i % 2 == 0 ? pm_slice_of(mail)
                                            : PM_LIT("Subject: [PATCH widget] x\n\ntext\n"));
        shadowed = &pm_examine(of->snapshot, NULL, message, PM_EMPTY)->shadows[0];
        of->tried += shadowed->outcome != NULL;
        of->different += shadowed->difference != 0;
    }
    pm_message_free(message);
    return NULL;
}

static void many_threads_try_it_at_once_and_each_letter_gets_its_own_answer(void **state)
{
    pm_snapshot *snapshot = load("shadow next { rule r { why \"w\"; when title ~ /Turn/;"
                                 " then tag \"turned\" } }\n");
    reader readers[THREADS];

    (void)state;
    for (int i = 0; i < THREADS; i++) {
        readers[i] = (reader){.snapshot = snapshot};
        assert_int_equal(pthread_create(&readers[i].thread, NULL, examine_many, &readers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(readers[i].thread, NULL);
        assert_int_equal(readers[i].tried, MESSAGES);
        assert_int_equal(readers[i].different, MESSAGES / 2);
    }
    pm_snapshot_unref(snapshot);
}

/* ---- Reading ---- */

static void mistakes_in_shadows_are_named_where_they_stand(void **state)
{
    static const struct {
        const char *text, *sentence;
    } cases[] = {
        {"shadow { }\n", "a shadow has a name of small letters"},
        {"shadow Next { }\n", "a shadow has a name of small letters"},
        {"shadow next insted { }\n", "\"instead\" and nothing else"},
        {"shadow next instead of { }\n", "\"instead\" and nothing else"},
        {"shadow next\n", "\"shadow\" wants a block"},
        {"shadow a { }\nshadow a { }\n", "there is a shadow a already"},
        {"shadow a { rul x { } }\n", "there is no \"rul\" in a shadow (did you mean \"rule\"?)"},
        {"shadow a { socket x }\n", "there is no \"socket\" in a shadow (there are:"},
        {"shadow a { rule x { why \"w\"; when titel ~ /x/; then tag \"x\" } }\n",
         "did you mean \"title\"?"},
        {"shadow a { rule x { why \"w\"; when kind == cover; then reject \"no\" } }\n", "reject"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pm_errors *errors = pm_errors_new();
        const char *line;

        assert_null(try_to_load(cases[i].text, errors));
        line = pm_errors_nth(errors, 0);
        if (line == NULL || strstr(line, cases[i].sentence) == NULL ||
            strstr(line, "configuration:") == NULL)
            fail_msg("%s: %s", cases[i].text, line == NULL ? "no error" : line);
        pm_errors_free(errors);
    }
}

static void projects_in_a_shadow_are_passed_over_with_one_warning(void **state)
{
    pm_errors *errors = pm_errors_new();
    pm_snapshot *snapshot =
        try_to_load("shadow a { project x { words x }\nproject y { words y } }\n", errors);

    (void)state;
    assert_non_null(snapshot);
    assert_int_equal(pm_warnings_count(errors), 1);
    assert_non_null(strstr(pm_errors_nth(errors, 0), "replay --against"));
    pm_snapshot_unref(snapshot);
    pm_errors_free(errors);
}

static void examples_of_shadow_rules_are_checked(void **state)
{
    pm_snapshot *snapshot = load("shadow a { rule x { why \"w\"; when title ~ /x/; then tag \"x\"\n"
                                 "example \"Subject: [PATCH] y\" } }\n");
    pm_errors *errors = pm_errors_new();

    (void)state;
    assert_false(pm_snapshot_check(snapshot, errors));
    assert_non_null(strstr(pm_errors_nth(errors, 0), "configuration:11:9: rule configuration:x"));
    pm_errors_free(errors);
    pm_snapshot_unref(snapshot);
}

static int start(void **state)
{
    (void)state;
    pm_mime_start();
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_shadow_asks_for_is_not_done),
        cmocka_unit_test(a_shadow_beside_the_live_rules_adds_to_what_they_say),
        cmocka_unit_test(a_shadow_instead_of_the_live_rules_knows_nothing_of_them),
        cmocka_unit_test(a_shadow_that_says_the_same_does_not_differ),
        cmocka_unit_test(rules_beside_stand_behind_a_live_stop_and_those_instead_do_not),
        cmocka_unit_test(shadows_know_the_live_lists_and_may_have_their_own),
        cmocka_unit_test(the_order_of_shadows_does_not_matter),
        cmocka_unit_test(a_shadow_past_the_time_of_the_message_is_skipped),
        cmocka_unit_test(a_pattern_at_its_limits_does_not_touch_the_live_decision),
        cmocka_unit_test(a_shadow_without_memory_is_skipped_and_the_marks_are_there),
        cmocka_unit_test(many_threads_try_it_at_once_and_each_letter_gets_its_own_answer),
        cmocka_unit_test(mistakes_in_shadows_are_named_where_they_stand),
        cmocka_unit_test(projects_in_a_shadow_are_passed_over_with_one_warning),
        cmocka_unit_test(examples_of_shadow_rules_are_checked),
    };

    return cmocka_run_group_tests_name("shadow", tests, start, NULL);
}
