/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plugin_host_test - which plugins are let in, in which order they run, and what the host answers.
 *
 * The plugins here are descriptors in this file; the last tests load a real module.
 */
#include "plugin_host.h"
#include "plugin_load.h"
#include "plugin_order.h"

#include "clock.h"
#include "folder.h"
#include "log.h"
#include "logged.h"
#include "mime.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- A plugin to play with ---- */

/* What the plugin below does when it is opened and when it scans; set by each test. */
static pm_status (*on_open)(const pm_host *host, const pm_settings *settings);
static pm_status (*on_scan)(const pm_host *host, pm_scan *scan);
static int closed;

static pm_status open_puppet(const pm_host *host, const pm_settings *settings, void **instance_out)
{
    static const pm_host *kept;

    kept = host;
    *instance_out = &kept;
    return on_open == NULL ? PM_OK : on_open(host, settings);
}

static pm_status scan_puppet(void *instance, pm_scan *scan)
{
    return on_scan(*(const pm_host **)instance, scan);
}

static void close_puppet(void *instance)
{
    (void)instance;
    closed++;
}

static const pm_fact_decl puppet_facts[] = {
    {"puppet.text", PM_FACT_TEXT, "a text"},
    {"puppet.number", PM_FACT_NUMBER, "a number"},
    {NULL, PM_FACT_TEXT, NULL},
};

static const pm_option puppet_options[] = {
    {"strings", PM_OPTION_NUMBER, 1, 20, "7", "how many strings it hangs on"},
    {NULL, PM_OPTION_TEXT, 0, 0, NULL, NULL},
};

static const pm_plugin puppet = {
    .size = sizeof(pm_plugin),
    .abi_major = PM_ABI_MAJOR,
    .abi_minor = 0,
    .name = "puppet",
    .version = "1",
    .summary = "Does what a test tells it",
    .options = puppet_options,
    .facts = puppet_facts,
    .open = open_puppet,
    .scan = scan_puppet,
    .close = close_puppet,
};

/* ---- Is it usable? ---- */

static void check_refused(const pm_plugin *plugin, const char *sentence)
{
    pm_errors *errors = pm_errors_new();
    const char *said;

    assert_false(pm_plugin_check(plugin, "plugins/shout.so", errors));
    assert_int_equal(pm_errors_count(errors), 1);
    said = pm_errors_nth(errors, 0);
    if (strstr(said, sentence) == NULL)
        fail_msg("it said \"%s\", not \"%s\"", said, sentence);
    pm_errors_free(errors);
}

static void a_plugin_that_does_not_fit_is_refused_with_a_reason(void **state)
{
    static const pm_fact_decl bad_name[] = {{"Bad Name", PM_FACT_TEXT, ""},
                                            {NULL, PM_FACT_TEXT, NULL}};
    static const pm_fact_decl bad_type[] = {{"odd", (pm_fact_type)7, ""},
                                            {NULL, PM_FACT_TEXT, NULL}};
    pm_plugin plugin;

    (void)state;
    check_refused(NULL, "refused: shout has no descriptor");
    plugin = puppet;
    plugin.abi_minor = 2;
    check_refused(&plugin, "refused: shout wants plugin ABI 1.2, this host offers 1.1");
    plugin.abi_major = 2;
    check_refused(&plugin, "refused: shout wants plugin ABI 2.2, this host offers 1.1");
    plugin.abi_major = 0;
    check_refused(&plugin, "refused: shout wants plugin ABI 0.2, this host offers 1.1");
    plugin = puppet;
    plugin.size = sizeof(pm_plugin) - 1;
    check_refused(&plugin, "refused: the descriptor of shout is too short");
    plugin = puppet;
    plugin.name = "Puppet";
    check_refused(&plugin, "refused: shout has no proper name");
    plugin.name = NULL;
    check_refused(&plugin, "refused: shout has no proper name");
    plugin = puppet;
    plugin.scan = NULL;
    check_refused(&plugin, "refused: puppet has no scan()");
    plugin = puppet;
    plugin.open = NULL;
    check_refused(&plugin, "refused: puppet has no open()");
    plugin = puppet;
    plugin.version = NULL;
    check_refused(&plugin, "refused: puppet has no version");
    plugin = puppet;
    plugin.facts = bad_name;
    check_refused(&plugin, "refused: puppet declares the fact \"Bad Name\"");
    plugin.facts = bad_type;
    check_refused(&plugin, "of no known type");
}

static void a_plugin_of_another_major_version_is_not_looked_into(void **state)
{
    /* Nothing behind the version is mapped memory that could be read as pointers. */
    pm_plugin plugin;

    (void)state;
    memset(&plugin, 0xa5, sizeof(plugin));
    plugin.size = 8;
    plugin.abi_major = 2;
    plugin.abi_minor = 0;
    check_refused(&plugin, "refused: shout wants plugin ABI 2.0, this host offers 1.1");
}

static void a_longer_descriptor_of_a_newer_plugin_is_fine(void **state)
{
    struct {
        pm_plugin plugin;
        void *added_later;
    } longer = {puppet, NULL};
    pm_errors *errors = pm_errors_new();

    (void)state;
    longer.plugin.size = sizeof(longer);
    assert_true(pm_plugin_check(&longer.plugin, "shout.so", errors));
    pm_errors_free(errors);
}

/* ---- The order they run in ---- */

/* A plugin called name that reports and needs one fact each (NULL: none). */
typedef struct chained {
    pm_plugin plugin;
    pm_fact_decl reports[2];
    const char *needs[2];
} chained;

typedef struct queue { /* opened plugins in a row */
    pm_arena *arena;
    pm_errors *errors;
    pm_loaded *plugins[4];
    size_t count;
} queue;

static queue begin_queue(void)
{
    return (queue){.arena = pm_arena_new(1 << 20), .errors = pm_errors_new()};
}

static void end_queue(queue *of)
{
    while (of->count > 0)
        pm_plugin_close(of->plugins[--of->count]);
    pm_errors_free(of->errors);
    pm_arena_free(of->arena);
}

static void chain(queue *to, chained *made, const char *name, const char *reports,
                  const char *needs)
{
    pm_settings *settings;

    *made = (chained){.plugin = puppet,
                      .reports = {{reports, PM_FACT_TEXT, ""}, {NULL, PM_FACT_TEXT, NULL}},
                      .needs = {needs, NULL}};
    made->plugin.name = name;
    made->plugin.facts = made->reports;
    made->plugin.needs = made->needs;
    made->plugin.options = NULL;
    settings = pm_settings_new(to->arena, &made->plugin, NULL, NULL, NULL, to->errors);
    assert_non_null(settings);
    to->plugins[to->count] = pm_plugin_open(&made->plugin, settings, NULL, to->errors);
    assert_non_null(to->plugins[to->count++]);
}

static const char *name_of(const queue *of, size_t nth)
{
    return pm_loaded_plugin(of->plugins[nth])->name;
}

static void plugins_run_behind_those_whose_facts_they_need(void **state)
{
    chained a, b, c, d;
    queue of = begin_queue();

    (void)state;
    chain(&of, &a, "a", "fa", "fc");
    chain(&of, &b, "b", "fb", NULL);
    chain(&of, &c, "c", "fc", "fd");
    chain(&of, &d, "d", "fd", NULL);
    assert_true(pm_plugins_sort(of.plugins, 4, of.errors));
    assert_string_equal(name_of(&of, 0), "b");
    assert_string_equal(name_of(&of, 1), "d");
    assert_string_equal(name_of(&of, 2), "c");
    assert_string_equal(name_of(&of, 3), "a");
    end_queue(&of);
}

static void without_needs_the_order_stays_as_written(void **state)
{
    chained a, b, c;
    queue of = begin_queue();

    (void)state;
    chain(&of, &c, "c", "fc", NULL);
    chain(&of, &a, "a", "fa", "fa");
    chain(&of, &b, "b", "fb", NULL);
    assert_true(pm_plugins_sort(of.plugins, 3, of.errors));
    assert_string_equal(name_of(&of, 0), "c");
    assert_string_equal(name_of(&of, 1), "a");
    assert_string_equal(name_of(&of, 2), "b");
    assert_true(pm_plugins_sort(NULL, 0, of.errors));
    end_queue(&of);
}

static void a_circle_and_a_fact_nobody_reports_are_errors(void **state)
{
    chained a, b;
    queue of = begin_queue();

    (void)state;
    chain(&of, &a, "a", "fa", "fb");
    chain(&of, &b, "b", "fb", "fa");
    assert_false(pm_plugins_sort(of.plugins, 2, of.errors));
    assert_non_null(strstr(pm_errors_nth(of.errors, 0), "in a circle"));
    assert_false(pm_plugins_sort(of.plugins, 1, of.errors));
    assert_string_equal(pm_errors_nth(of.errors, 1),
                        "plugin a needs the fact \"fb\", which no plugin reports (add the one that "
                        "does to the statement plugins)");
    end_queue(&of);
}

static pm_status declare_at_open(const pm_host *host, const pm_settings *settings)
{
    const pm_fact_decl fact = {"learnt.late", PM_FACT_NUMBER, "known when the script is read"};

    assert_int_equal(host->declare_fact(settings, &fact), PM_OK);
    return host->declare_need(settings, "fb");
}

static void what_is_declared_in_open_orders_plugins_too(void **state)
{
    chained a, b, c;
    queue of = begin_queue();

    (void)state;
    chain(&of, &c, "c", "fc", "learnt.late");
    on_open = declare_at_open;
    chain(&of, &a, "a", "fa", NULL);
    on_open = NULL;
    chain(&of, &b, "b", "fb", NULL);
    assert_string_equal(pm_loaded_fact(of.plugins[1], 0)->name, "fa");
    assert_string_equal(pm_loaded_fact(of.plugins[1], 1)->name, "learnt.late");
    assert_null(pm_loaded_fact(of.plugins[1], 2));
    assert_true(pm_plugins_sort(of.plugins, 3, of.errors));
    assert_string_equal(name_of(&of, 0), "b");
    assert_string_equal(name_of(&of, 1), "a");
    assert_string_equal(name_of(&of, 2), "c");
    end_queue(&of);
}

/* ---- Opening ---- */

typedef struct fixture {
    pm_arena *arena;
    pm_vocabulary *vocabulary;
    pm_errors *errors;
    pm_settings *settings;
    pm_message *message;
    pm_letter *letter;
    pm_facts facts;
    pm_loaded *loaded;
} fixture;

static const pm_fact_decl fault_decl = {"plugin.puppet.fault", PM_FACT_NUMBER, "it failed"};

static int set_up(void **state)
{
    fixture *of = calloc(1, sizeof(*of));

    on_open = NULL;
    on_scan = NULL;
    closed = 0;
    of->arena = pm_arena_new(1 << 20);
    of->vocabulary = pm_vocabulary_new(of->arena);
    pm_vocabulary_add(of->vocabulary, &puppet_facts[0], "puppet");
    pm_vocabulary_add(of->vocabulary, &puppet_facts[1], "puppet");
    pm_vocabulary_add(of->vocabulary, &fault_decl, "puppet");
    of->errors = pm_errors_new();
    of->settings = pm_settings_new(of->arena, &puppet, NULL, NULL, NULL, of->errors);
    of->message = pm_message_new(NULL);
    pm_message_read(of->message, PM_LIT("Subject: [PATCH v2 1/2] widget: count\n"
                                        "Message-ID: <m@example.org>\n"
                                        "X-Mood: =?utf-8?q?tr=C3=A8s?=\n"
                                        " gai\n"
                                        "x-mood: second\n\nhello\n"));
    if (pm_letter_read(of->message, NULL, &of->letter) != PM_OK)
        return -1;
    pm_facts_init(&of->facts, pm_message_arena(of->message), of->vocabulary);
    *state = of;
    return 0;
}

static int tear_down(void **state)
{
    fixture *of = *state;

    pm_plugin_close(of->loaded);
    pm_message_free(of->message);
    pm_errors_free(of->errors);
    pm_arena_free(of->arena);
    free(of);
    return 0;
}

static pm_status scan_with(fixture *of, pm_recall *recall,
                           pm_status (*what)(const pm_host *host, pm_scan *scan))
{
    on_scan = what;
    if (of->loaded == NULL)
        of->loaded = pm_plugin_open(&puppet, of->settings, NULL, of->errors);
    assert_non_null(of->loaded);
    return pm_plugin_scan(of->loaded, of->letter, &of->facts, recall, pm_clock_us() + 1000000,
                          PM_LIT("4XyZ"));
}

static pm_status scan(fixture *of, pm_status (*what)(const pm_host *host, pm_scan *scan))
{
    return scan_with(of, NULL, what);
}

static pm_status name_a_problem(const pm_host *host, const pm_settings *settings)
{
    host->problem(settings, "strings", "it needs more strings than %d", 7);
    return PM_FAULT;
}

static pm_status fail_silently(const pm_host *host, const pm_settings *settings)
{
    (void)host;
    (void)settings;
    return PM_FAULT;
}

static pm_status name_a_problem_and_go_on(const pm_host *host, const pm_settings *settings)
{
    name_a_problem(host, settings);
    return PM_OK;
}

static void open_that_fails_is_an_error_with_its_reason(void **state)
{
    fixture *of = *state;

    on_open = name_a_problem;
    assert_null(pm_plugin_open(&puppet, of->settings, NULL, of->errors));
    assert_int_equal(pm_errors_count(of->errors), 1);
    assert_non_null(strstr(pm_errors_nth(of->errors, 0), "it needs more strings than 7"));
    assert_int_equal(closed, 0);

    on_open = fail_silently;
    assert_null(pm_plugin_open(&puppet, of->settings, NULL, of->errors));
    assert_string_equal(pm_errors_nth(of->errors, 1),
                        "plugin puppet would not start and did not say why");

    on_open = name_a_problem_and_go_on;
    assert_null(pm_plugin_open(&puppet, of->settings, NULL, of->errors));
    assert_int_equal(closed, 1);
}

static pm_status declare_nonsense(const pm_host *host, const pm_settings *settings)
{
    const pm_fact_decl bad_name = {"Bad Name", PM_FACT_TEXT, "what"};
    const pm_fact_decl bad_type = {"odd", (pm_fact_type)7, "what"};
    const pm_fact_decl no_meaning = {"mute", PM_FACT_TEXT, NULL};
    const pm_fact_decl good = {"good", PM_FACT_TEXT, "what"};

    assert_int_equal(host->declare_fact(settings, &bad_name), PM_FAULT);
    assert_int_equal(host->declare_fact(settings, &bad_type), PM_FAULT);
    assert_int_equal(host->declare_fact(settings, &no_meaning), PM_FAULT);
    assert_int_equal(host->declare_need(settings, NULL), PM_FAULT);
    for (int i = 0; i < PM_SETTINGS_DECLARED_MOST; i++)
        assert_int_equal(host->declare_fact(settings, &good), PM_OK);
    assert_int_equal(host->declare_fact(settings, &good), PM_LIMIT);
    return PM_OK;
}

static void a_fact_that_cannot_be_declared_is_an_error_of_the_configuration(void **state)
{
    fixture *of = *state;

    on_open = declare_nonsense;
    assert_null(pm_plugin_open(&puppet, of->settings, NULL, of->errors));
    assert_int_equal(pm_errors_count(of->errors), 3);
    assert_string_equal(
        pm_errors_nth(of->errors, 0),
        "plugin puppet: \"Bad Name\" is no name of a fact (names are [a-z][a-z0-9.-]*)");
}

static pm_status read_options(const pm_host *host, const pm_settings *settings)
{
    int64_t strings = 0;
    pm_slice text, name;
    const pm_settings *block;

    assert_int_equal(host->option_number(settings, "strings", 0, &strings), PM_OK);
    assert_int_equal(strings, 7);
    assert_int_equal(host->option_number(settings, "strings", 1, &strings), PM_ABSENT);
    assert_int_equal(host->option_text(settings, "strings", 0, &text), PM_OK);
    assert_int_equal(host->block(settings, "project", 0, &name, &block), PM_ABSENT);
    host->log(NULL, PM_LEVEL_DEBUG, "open with %d strings", 7);
    return PM_OK;
}

static void open_reads_its_options_through_the_host(void **state)
{
    fixture *of = *state;

    on_open = read_options;
    of->loaded = pm_plugin_open(&puppet, of->settings, NULL, of->errors);
    assert_non_null(of->loaded);
    assert_ptr_equal(pm_loaded_plugin(of->loaded), &puppet);
}

/* ---- What the host answers ---- */

static pm_status look_around(const pm_host *host, pm_scan *scan)
{
    pm_slice value = PM_EMPTY;
    int64_t number = 0;

    assert_int_equal(host->size, sizeof(pm_host));
    assert_true(PM_HOST_HAS(host, problem));
    assert_int_equal(host->abi_major, 1);

    assert_int_equal(host->header(scan, "X-MOOD", 0, &value), PM_OK);
    assert_true(pm_slice_equal(value, PM_LIT("=?utf-8?q?tr=C3=A8s?=\n gai")));
    assert_int_equal(host->header(scan, "X-Mood", 1, &value), PM_OK);
    assert_true(pm_slice_equal(value, PM_LIT("second")));
    assert_int_equal(host->header(scan, "X-Mood", 2, &value), PM_ABSENT);

    assert_int_equal(host->letter_text(scan, "header.x-mood", 0, &value), PM_OK);
    assert_true(pm_slice_equal(value, PM_LIT("tr\xc3\xa8s gai")));
    assert_int_equal(host->letter_text(scan, "title", 0, &value), PM_OK);
    assert_true(pm_slice_equal(value, PM_LIT("widget: count")));
    assert_int_equal(host->letter_text(scan, "title", 1, &value), PM_ABSENT);
    assert_int_equal(host->letter_text(scan, "titel", 0, &value), PM_FAULT);
    assert_int_equal(host->letter_text(scan, "revision", 0, &value), PM_FAULT);
    assert_int_equal(host->letter_number(scan, "revision", 0, &number), PM_OK);
    assert_int_equal(number, 2);
    assert_int_equal(host->letter_number(scan, "title", 0, &number), PM_FAULT);

    assert_int_equal(host->body_text(scan, &value), PM_OK);
    assert_true(pm_slice_equal(value, PM_LIT("hello\n")));
    assert_true(host->time_left(scan) > 0);
    return PM_OK;
}

static void a_plugin_sees_the_letter_through_the_host(void **state)
{
    assert_int_equal(scan(*state, look_around), PM_OK);
}

static pm_status use_scratch(const pm_host *host, pm_scan *scan)
{
    char *first = host->scratch(scan, 100), *second = host->scratch(scan, 100);

    assert_non_null(first);
    assert_non_null(second);
    memset(first, 1, 100);
    memset(second, 2, 100);
    assert_int_equal(first[99], 1);
    assert_null(host->scratch(scan, (size_t)1 << 40));
    return PM_OK;
}

static void scratch_ends_at_the_messages_allowance(void **state)
{
    assert_int_equal(scan(*state, use_scratch), PM_OK);
}

static pm_status report_facts(const pm_host *host, pm_scan *scan)
{
    char text[] = "glad";
    pm_fact fact = {.size = sizeof(fact), .name = "puppet.text", .text = {text, 4}, .weight = 2};
    pm_slice value;
    double weight;
    int64_t number;

    assert_int_equal(host->add_fact(scan, &fact), PM_OK);
    text[0] = 'x'; /* the host has a copy */
    assert_int_equal(host->fact_text(scan, "puppet.text", 0, &value, &weight), PM_OK);
    assert_true(pm_slice_equal(value, PM_LIT("glad")));
    assert_true(weight == 2);
    assert_int_equal(host->fact_text(scan, "puppet.text", 0, &value, NULL), PM_OK);
    assert_int_equal(host->fact_text(scan, "puppet.text", 1, &value, NULL), PM_ABSENT);
    assert_int_equal(host->fact_number(scan, "puppet.text", 0, &number, NULL), PM_FAULT);

    fact = (pm_fact){.size = sizeof(fact), .name = "puppet.number", .number = 5, .weight = 1};
    assert_int_equal(host->add_fact(scan, &fact), PM_OK);
    assert_int_equal(host->fact_number(scan, "puppet.number", 0, &number, &weight), PM_OK);
    assert_int_equal(number, 5);

    fact.weight = 0;
    assert_int_equal(host->add_fact(scan, &fact), PM_FAULT);
    fact.weight = 1;
    fact.size = 8;
    assert_int_equal(host->add_fact(scan, &fact), PM_FAULT);
    fact.size = sizeof(fact) + 8; /* of a plugin newer than we are */
    assert_int_equal(host->add_fact(scan, &fact), PM_OK);
    return PM_OK;
}

static void facts_are_taken_when_they_are_declared_and_make_sense(void **state)
{
    fixture *of = *state;

    assert_int_equal(scan(of, report_facts), PM_OK);
    assert_int_equal(of->facts.count, 3);
    assert_string_equal(of->facts.items[0].by, "puppet");
}

static pm_status report_undeclared(const pm_host *host, pm_scan *scan)
{
    /* Other plugins declare it; this one does not. */
    pm_fact fact = {.size = sizeof(fact), .name = "project", .text = {"x", 1}, .weight = 1};

    assert_int_equal(host->add_fact(scan, &fact), PM_FAULT);
    return PM_OK;
}

/* What is logged meanwhile. */
static const char *logged_by(void (*what)(fixture *of), fixture *of)
{
    const char *text;

    logged_begin();
    what(of);
    text = logged();
    logged_end();
    return text;
}

static void scan_undeclared(fixture *of)
{
    assert_int_equal(scan(of, report_undeclared), PM_OK);
}

static void a_fact_the_plugin_does_not_declare_is_refused_and_logged(void **state)
{
    fixture *of = *state;
    const char *line = logged_by(scan_undeclared, of);

    assert_int_equal(of->facts.count, 0);
    assert_non_null(strstr(line, "plugin=puppet"));
    assert_non_null(strstr(line, "qid=4XyZ"));
    assert_non_null(strstr(line, "mid=m@example.org"));
    assert_non_null(strstr(line, "which it does not declare"));
}

static pm_status chatter(const pm_host *host, pm_scan *scan)
{
    for (int i = 0; i < 1000; i++)
        host->log(scan, PM_LEVEL_WARNING, "line %d \"quoted\"\nforged=1", i);
    return PM_OK;
}

static void scan_chatter(fixture *of)
{
    assert_int_equal(scan(of, chatter), PM_OK);
}

static void a_chattering_plugin_does_not_fill_the_log(void **state)
{
    const char *text = logged_by(scan_chatter, *state);
    unsigned lines = 0;

    for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    assert_true(lines >= 1 && lines < 50);
    assert_null(strstr(text, "\nforged"));
}

static pm_status fault(const pm_host *host, pm_scan *scan)
{
    pm_fact fact = {.size = sizeof(fact), .name = "puppet.number", .number = 1, .weight = 1};

    host->add_fact(scan, &fact);
    return PM_FAULT;
}

static void scan_fault(fixture *of)
{
    assert_int_equal(scan(of, fault), PM_FAULT);
}

static void a_fault_becomes_a_fact_and_what_was_reported_stays(void **state)
{
    fixture *of = *state;
    const char *line = logged_by(scan_fault, of);
    const pm_found *found = pm_facts_nth(&of->facts, PM_LIT("plugin.puppet.fault"), 0);

    assert_non_null(found);
    assert_int_equal(found->number, PM_FAULT);
    assert_non_null(pm_facts_nth(&of->facts, PM_LIT("puppet.number"), 0));
    assert_non_null(strstr(line, "could not go on"));
}

static pm_status say_nothing(const pm_host *host, pm_scan *scan)
{
    (void)host;
    (void)scan;
    return PM_ABSENT;
}

static void nothing_to_say_is_no_fault(void **state)
{
    fixture *of = *state;

    assert_int_equal(scan(of, say_nothing), PM_ABSENT);
    assert_int_equal(of->facts.count, 0);
}

/* ---- Notes ---- */

static pm_slice lid(void)
{
    return PM_LIT("lid");
}

static pm_status note_lid(const pm_host *host, pm_scan *scan)
{
    assert_true(PM_HOST_HAS(host, noted));
    return host->note(scan, lid(), PM_LIT("open"), 60);
}

static pm_status find_lid(const pm_host *host, pm_scan *scan)
{
    pm_slice value = PM_EMPTY;
    pm_status status = host->noted(scan, lid(), &value);

    assert_int_equal(value.len, status == PM_OK ? 4 : 0);
    return status;
}

static void without_a_memory_nothing_is_noted(void **state)
{
    assert_int_equal(scan(*state, note_lid), PM_ABSENT);
    assert_int_equal(scan(*state, find_lid), PM_ABSENT);
}

static void what_a_plugin_notes_no_other_one_sees(void **state)
{
    fixture *of = *state;
    char folder[FOLDER_NAME];
    pm_plugin doll = puppet;
    pm_loaded *other;
    pm_recall *recall;
    pm_store *store;

    folder_make(folder);
    store = pm_store_open(folder_file(folder, "series.db"), false, of->errors);
    assert_non_null(store);
    recall = pm_recall_new(store, of->letter, &of->facts, pm_clock_us() + 60000000);
    assert_non_null(recall);
    doll.name = "doll";
    other = pm_plugin_open(&doll, of->settings, NULL, of->errors);
    assert_non_null(other);
    assert_int_equal(scan_with(of, recall, note_lid), PM_OK);
    assert_int_equal(scan_with(of, recall, find_lid), PM_OK);
    assert_int_equal(pm_plugin_scan(other, of->letter, &of->facts, recall, pm_clock_us() + 60000000,
                                    PM_LIT("4XyZ")),
                     PM_ABSENT);
    pm_plugin_close(other);
    pm_store_close(store);
    folder_remove(folder);
}

/* ---- Loading a module ---- */

static const char *load_error(const char *directory, const char *name)
{
    static char said[1024];
    pm_errors *errors = pm_errors_new();

    assert_null(pm_plugin_load(directory, pm_slice_of(name), NULL, errors));
    assert_int_equal(pm_errors_count(errors), 1);
    snprintf(said, sizeof(said), "%s", pm_errors_nth(errors, 0));
    pm_errors_free(errors);
    return said;
}

static void a_built_module_loads_and_twice_is_the_same(void **state)
{
    pm_errors *errors = pm_errors_new();
    const pm_plugin *first = pm_plugin_load(PLUGINS, PM_LIT("revision"), NULL, errors);
    const pm_plugin *second = pm_plugin_load(PLUGINS, PM_LIT("revision"), NULL, errors);

    (void)state;
    if (first == NULL)
        fail_msg("%s", pm_errors_nth(errors, 0));
    assert_ptr_equal(first, second);
    assert_string_equal(first->name, "revision");
    pm_errors_free(errors);
}

static void copy_file(const char *from, const char *to)
{
    char bytes[65536];
    FILE *in = fopen(from, "re"), *out = fopen(to, "we");
    size_t length;

    assert_non_null(in);
    assert_non_null(out);
    while ((length = fread(bytes, 1, sizeof(bytes), in)) > 0)
        assert_int_equal(fwrite(bytes, 1, length, out), length);
    assert_int_equal(fclose(out), 0);
    fclose(in);
}

static void only_trusted_files_in_trusted_folders_are_loaded(void **state)
{
    char folder[FOLDER_NAME];
    const char *file;

    (void)state;
    folder_make(folder);
    file = folder_file(folder, "other.so");
    copy_file(PLUGINS "/revision.so", file);
    copy_file("CMakeLists.txt", folder_file(folder, "text.so"));
    assert_int_equal(symlink(PLUGINS "/revision.so", folder_file(folder, "link.so")), 0);

    assert_int_equal(chmod(file, 0644), 0);
    assert_non_null(strstr(load_error(folder, "other"), "says it is called revision"));
    assert_int_equal(chmod(file, 0664), 0);
    assert_non_null(strstr(load_error(folder, "other"), "others may write it (chmod go-w"));
    assert_int_equal(chmod(file, 0646), 0);
    assert_non_null(strstr(load_error(folder, "other"), "others may write it (chmod go-w"));
    assert_int_equal(chmod(file, 0644), 0);
    assert_int_equal(chmod(folder, 0777), 0);
    assert_non_null(strstr(load_error(folder, "other"), "is not trusted"));
    assert_int_equal(chmod(folder, 0755), 0);
    if (geteuid() == 0) {
        assert_int_equal(chown(file, 65534, 65534), 0);
        assert_non_null(strstr(load_error(folder, "other"), "it belongs to user 65534"));
    }
    assert_non_null(strstr(load_error(folder, "link"), "it is no regular file"));
    assert_non_null(strstr(load_error(folder, "text"), "cannot load it"));
    assert_non_null(strstr(load_error(folder, "missing"), "there is no plugin"));
    assert_non_null(strstr(load_error("/nonexistent", "x"), "cannot look into"));
    assert_non_null(strstr(load_error(file, "x"), "is no directory"));

    folder_remove(folder);
}

/* What the loader maps and the file does not have would end the daemon with SIGBUS. */
static void a_module_that_was_not_copied_whole_is_refused(void **state)
{
    static const off_t lengths[] = {16, 100, 3000, 8192};
    char folder[FOLDER_NAME];
    const char *file;

    (void)state;
    folder_make(folder);
    file = folder_file(folder, "revision.so");
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        copy_file(PLUGINS "/revision.so", file);
        assert_int_equal(chmod(file, 0644), 0);
        assert_int_equal(truncate(file, lengths[i]), 0);
        assert_non_null(strstr(load_error(folder, "revision"),
                               lengths[i] < 64 ? "cannot load it" : "is not whole"));
    }
    folder_remove(folder);
}

static void a_misspelt_name_is_told_the_one_that_is_there(void **state)
{
    (void)state;
    assert_non_null(strstr(load_error(PLUGINS, "revisoin"), "(did you mean \"revision\"?)"));
    assert_non_null(strstr(load_error(PLUGINS, "frobnicate"), "see plugin-directory)"));
}

static void a_name_is_no_path(void **state)
{
    static const char *const names[] = {"", "../x", "/x", "a/b", "X", "-x", "a.so", "a b", "1a"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strstr(load_error(PLUGINS, names[i]), "is no name of a plugin") == NULL)
            fail_msg("\"%s\" was taken for a name", names[i]);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plugin_that_does_not_fit_is_refused_with_a_reason),
        cmocka_unit_test(a_plugin_of_another_major_version_is_not_looked_into),
        cmocka_unit_test(a_longer_descriptor_of_a_newer_plugin_is_fine),
        cmocka_unit_test(plugins_run_behind_those_whose_facts_they_need),
        cmocka_unit_test(without_needs_the_order_stays_as_written),
        cmocka_unit_test(a_circle_and_a_fact_nobody_reports_are_errors),
        cmocka_unit_test(what_is_declared_in_open_orders_plugins_too),
        cmocka_unit_test_setup_teardown(
            a_fact_that_cannot_be_declared_is_an_error_of_the_configuration, set_up, tear_down),
        cmocka_unit_test_setup_teardown(open_that_fails_is_an_error_with_its_reason, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(open_reads_its_options_through_the_host, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_plugin_sees_the_letter_through_the_host, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(scratch_ends_at_the_messages_allowance, set_up, tear_down),
        cmocka_unit_test_setup_teardown(facts_are_taken_when_they_are_declared_and_make_sense,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_fact_the_plugin_does_not_declare_is_refused_and_logged,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_chattering_plugin_does_not_fill_the_log, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_fault_becomes_a_fact_and_what_was_reported_stays, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(nothing_to_say_is_no_fault, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_a_memory_nothing_is_noted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_a_plugin_notes_no_other_one_sees, set_up, tear_down),
        cmocka_unit_test(a_built_module_loads_and_twice_is_the_same),
        cmocka_unit_test(only_trusted_files_in_trusted_folders_are_loaded),
        cmocka_unit_test(a_module_that_was_not_copied_whole_is_refused),
        cmocka_unit_test(a_misspelt_name_is_told_the_one_that_is_there),
        cmocka_unit_test(a_name_is_no_path),
    };

    pm_mime_start();
    return cmocka_run_group_tests_name("plugin_host", tests, NULL, NULL);
}
