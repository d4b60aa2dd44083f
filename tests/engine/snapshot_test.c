/* SPDX-License-Identifier: BSD-2-Clause */
/* snapshot_test - a configuration becomes live as a whole or not at all, and is checked on itself.
 */
#include "check.h"

#include "folder.h"
#include "mime.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include <unistd.h>

const pm_plugin *pm_plugin_entry_project(void);
const pm_plugin *pm_plugin_entry_revision(void);

/* ---- Plugins that only exist here ---- */

static int opened, closed;

static pm_status open_small(const pm_host *host, const pm_settings *settings, void **instance_out)
{
    (void)host;
    (void)settings;
    *instance_out = NULL;
    opened++;
    return PM_OK;
}

static pm_status open_never(const pm_host *host, const pm_settings *settings, void **instance_out)
{
    (void)instance_out;
    host->problem(settings, "wheels", "a unicycle has no use for %d wheels", 2);
    return PM_FAULT;
}

static pm_status scan_nothing(void *instance, pm_scan *scan)
{
    (void)instance;
    (void)scan;
    return PM_ABSENT;
}

static void close_small(void *instance)
{
    (void)instance;
    closed++;
}

static const pm_fact_decl small_facts[] = {{"small.talk", PM_FACT_NUMBER, "words of it"},
                                           {NULL, PM_FACT_TEXT, NULL}};
static const pm_fact_decl clashing_facts[] = {{"small.talk", PM_FACT_TEXT, "the words"},
                                              {NULL, PM_FACT_TEXT, NULL}};
static const pm_option wheels[] = {{"wheels", PM_OPTION_NUMBER, 1, 4, "1", "how many"},
                                   {NULL, PM_OPTION_TEXT, 0, 0, NULL, NULL}};
static const char *const needs_revision[] = {"revision", NULL};

#define SMALL_PLUGIN(called, opens)                                                                \
    .size = sizeof(pm_plugin), .abi_major = PM_ABI_MAJOR, .name = called, .version = "1",          \
    .summary = "For tests", .open = opens, .scan = scan_nothing, .close = close_small

static const pm_plugin small = {SMALL_PLUGIN("small", open_small), .facts = small_facts};
static const pm_plugin clashing = {SMALL_PLUGIN("clashing", open_small), .facts = clashing_facts};
static const pm_plugin unicycle = {SMALL_PLUGIN("unicycle", open_never), .options = wheels};
static const pm_plugin reader = {SMALL_PLUGIN("reader", open_small), .needs = needs_revision};
static const pm_plugin newer = {SMALL_PLUGIN("newer", open_small), .abi_minor = 9};

#define ENTRY(plugin)                                                                              \
    static const pm_plugin *plugin##_entry(void)                                                   \
    {                                                                                              \
        return &plugin;                                                                            \
    }
ENTRY(small)
ENTRY(clashing)
ENTRY(unicycle)
ENTRY(reader)
ENTRY(newer)

static const pm_static_plugin linked[] = {
    {"project", pm_plugin_entry_project},
    {"revision", pm_plugin_entry_revision},
    {"small", small_entry},
    {"clashing", clashing_entry},
    {"unicycle", unicycle_entry},
    {"reader", reader_entry},
    {"newer", newer_entry},
    {NULL, NULL},
};

/* ---- Loading ---- */

static pm_snapshot *load(const char *text, pm_errors *errors)
{
    const pm_snapshot_options options = {.text = text, .static_plugins = linked};

    return pm_snapshot_load(&options, errors);
}

static void print_errors(const pm_errors *errors)
{
    for (size_t i = 0; pm_errors_nth(errors, i) != NULL; i++)
        print_error("%s\n", pm_errors_nth(errors, i));
}

static pm_snapshot *must_load(const char *text)
{
    pm_errors *errors = pm_errors_new();
    pm_snapshot *snapshot = load(text, errors);

    if (snapshot == NULL)
        print_errors(errors);
    assert_non_null(snapshot);
    pm_errors_free(errors);
    return snapshot;
}

/* The errors of a configuration that must not load. */
static pm_errors *must_fail(const char *text)
{
    pm_errors *errors = pm_errors_new();

    assert_null(load(text, errors));
    assert_true(pm_errors_count(errors) > 0);
    return errors;
}

static void expect_error(const char *text, const char *sentence)
{
    pm_errors *errors = must_fail(text);
    bool found = false;

    for (size_t i = 0; pm_errors_nth(errors, i) != NULL; i++)
        found |= strstr(pm_errors_nth(errors, i), sentence) != NULL;
    if (!found) {
        print_errors(errors);
        fail_msg("no error says \"%s\"", sentence);
    }
    pm_errors_free(errors);
}

static void a_small_configuration_becomes_a_snapshot(void **state)
{
    pm_snapshot *snapshot = must_load("instance lists.example.org\n"
                                      "field-prefix Site-\n"
                                      "plugins project revision\n"
                                      "rule a { why \"w\"; when kind == cover; then tag \"a\" }\n");

    (void)state;
    assert_true(pm_slice_equal(snapshot->config.instance, PM_LIT("lists.example.org")));
    assert_true(pm_slice_equal(snapshot->config.field_prefix, PM_LIT("Site-")));
    assert_int_equal(snapshot->plugin_count, 2);
    assert_int_equal(pm_rules_count(snapshot->rules), 1);
    assert_non_null(snapshot->paths);
    assert_non_null(snapshot->files);
    pm_snapshot_unref(snapshot);
}

static void what_plugins_report_can_be_asked_for_in_rules(void **state)
{
    static const char *const names[] = {"revision.conflict", "project", "plugin.revision.fault"};
    pm_snapshot *snapshot =
        must_load("plugins project revision\n"
                  "rule a { why \"w\"; when plugin.revision.fault == -3; then tag \"a\" }\n");

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_non_null(pm_vocabulary_find(snapshot->vocabulary, pm_slice_of(names[i])));
    pm_snapshot_unref(snapshot);
}

static void several_plugins_statements_add_up(void **state)
{
    pm_snapshot *snapshot = must_load("plugins small\nplugins project revision\n");

    (void)state;
    assert_int_equal(snapshot->plugin_count, 3);
    assert_string_equal(pm_loaded_plugin(snapshot->plugins[0])->name, "small");
    assert_string_equal(pm_loaded_plugin(snapshot->plugins[1])->name, "project");
    pm_snapshot_unref(snapshot);
}

static void plugins_run_behind_what_they_need(void **state)
{
    pm_snapshot *snapshot = must_load("plugins reader revision\n");

    (void)state;
    assert_string_equal(pm_loaded_plugin(snapshot->plugins[0])->name, "revision");
    assert_string_equal(pm_loaded_plugin(snapshot->plugins[1])->name, "reader");
    pm_snapshot_unref(snapshot);
}

static void what_is_wrong_is_said(void **state)
{
    static const struct {
        const char *text, *sentence;
    } cases[] = {
        {"sokcet unix:/x\n", "did you mean \"socket\""},
        {"plugins small\nplugins small\n", "plugin small is named twice"},
        {"plugins missing\nplugin-directory /nonexistent\n", "the plugin directory /nonexistent"},
        {"plugins small clashing\n", "plugin clashing reports the fact \"small.talk\" as text, but "
                                     "plugin small does not"},
        {"plugins reader\n", "plugin reader needs the fact \"revision\""},
        {"plugins newer\n", "refused: newer wants plugin ABI 1.9, this host offers 1.1"},
        {"plugins unicycle\nplugin unicycle {\n    wheels 2\n}\n",
         "configuration:3:"}, /* the line of the option that open() names */
        {"plugins unicycle\nplugin unicycle { wheels 9 }\n", "must be between 1 and 4"},
        {"plugins small\nplugin small { }\nplugin small { }\n", "plugin small has a block already"},
        {"plugins small\nproject x { files /nonexistent/list }\n",
         "configuration:2:19: /nonexistent/list: No such file"},
        {"plugins small\nrule a { why \"w\"; when smal.talk == 1; then tag \"a\" }\n",
         "did you mean \"small.talk\""},
        {"plugins {\n", "configuration:1"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        expect_error(cases[i].text, cases[i].sentence);
}

static void errors_of_all_parts_come_together(void **state)
{
    pm_errors *errors = must_fail("sokcet unix:/x\n"
                                  "plugins small\n"
                                  "project x { files /nonexistent/list }\n"
                                  "rule a { why \"w\"; when titel == \"x\"; then tag \"a\" }\n");

    (void)state;
    assert_true(pm_errors_count(errors) >= 3);
    pm_errors_free(errors);
}

static void a_block_for_a_plugin_that_does_not_run_is_a_warning(void **state)
{
    pm_errors *errors = pm_errors_new();
    pm_snapshot *snapshot = load("plugins small\nplugin smal { }\n", errors);

    (void)state;
    assert_non_null(snapshot);
    assert_int_equal(pm_warnings_count(errors), 1);
    assert_non_null(strstr(pm_errors_nth(errors, 0), "did you mean \"small\""));
    pm_snapshot_unref(snapshot);
    pm_errors_free(errors);
}

static void what_was_opened_is_closed_when_something_else_is_wrong(void **state)
{
    (void)state;
    opened = closed = 0;
    pm_errors_free(must_fail("plugins small unicycle\n"));
    assert_int_equal(opened, 1);
    assert_int_equal(closed, 1);
}

static void the_last_one_closes_the_plugins(void **state)
{
    pm_snapshot *snapshot;

    (void)state;
    opened = closed = 0;
    snapshot = must_load("plugins small\n");
    assert_ptr_equal(pm_snapshot_ref(snapshot), snapshot);
    pm_snapshot_unref(snapshot);
    assert_int_equal(closed, 0);
    pm_snapshot_unref(snapshot);
    assert_int_equal(closed, 1);
    pm_snapshot_unref(NULL);
}

static void paths_come_from_files_beside_the_one_that_names_them(void **state)
{
    char folder[FOLDER_NAME];
    pm_snapshot_options options = {.static_plugins = linked};
    pm_errors *errors = pm_errors_new();
    pm_snapshot *snapshot;
    pm_slice path;

    (void)state;
    folder_make(folder);
    options.file = folder_write(folder, "site.conf", "plugins small\ninclude widget.rules\n");
    folder_write(folder, "widget.rules",
                 "project widget { files widget.files }\nlist people file widget.people\n");
    folder_write(folder, "widget.people", "a@example.org\n");
    folder_write(folder, "widget.files", "drivers/widget/very/deep/cog.c\nMakefile\n");
    snapshot = pm_snapshot_load(&options, errors);
    if (snapshot == NULL)
        print_errors(errors);
    assert_non_null(snapshot);
    assert_int_equal(pm_path_index_resolve(snapshot->paths, PM_LIT("deep/cog.c"), &path), 1);
    assert_string_equal(snapshot->config.file, options.file);
    assert_string_equal(snapshot->files[0], options.file); /* then those it leads to */
    assert_non_null(snapshot->files[1]);
    assert_non_null(strstr(snapshot->files[2], "/widget.files"));
    assert_non_null(strstr(snapshot->files[3], "/widget.people"));
    assert_null(snapshot->files[4]);
    pm_snapshot_unref(snapshot);
    pm_errors_free(errors);
    folder_remove(folder);
}

static void a_file_that_is_not_there_is_an_error(void **state)
{
    pm_snapshot_options options = {.file = "/nonexistent/patchmark.conf"};
    pm_errors *errors = pm_errors_new();

    (void)state;
    assert_null(pm_snapshot_load(&options, errors));
    assert_non_null(strstr(pm_errors_nth(errors, 0), "/nonexistent/patchmark.conf"));
    pm_errors_free(errors);
}

/* ---- Checking ---- */

static void check(const char *text, const char *sentence)
{
    pm_snapshot *snapshot = must_load(text);
    pm_errors *errors = pm_errors_new();
    const bool fine = pm_snapshot_check(snapshot, errors);

    if (sentence == NULL && !fine)
        print_errors(errors);
    assert_true(fine == (sentence == NULL));
    if (sentence != NULL && strstr(pm_errors_nth(errors, 0), sentence) == NULL)
        fail_msg("\"%s\" was said, not \"%s\"", pm_errors_nth(errors, 0), sentence);
    pm_errors_free(errors);
    pm_snapshot_unref(snapshot);
}

#define PROJECTS                                                                                   \
    "plugins project revision\n"                                                                   \
    "project linux { lists dev.example.org; paths drivers/ }\n"                                    \
    "project qemu { words qemu }\n"

static void examples_that_behave_are_fine(void **state)
{
    (void)state;
    check(PROJECTS "rule a {\n"
                   "    why         \"w\"\n"
                   "    when        title ~ /^KVM: nVMX/\n"
                   "    then        subsystem \"kvm-x86\"\n"
                   "    example     \"Subject: [PATCH v2 0/4] KVM: nVMX: Various VPID fixes\"\n"
                   "    not-example \"Subject: [PATCH] KVM: arm64: nv: Fix trap routing\"\n"
                   "}\n",
          NULL);
}

static void an_example_that_says_nothing_of_its_project_is_tried_as_mail_of_each(void **state)
{
    static const char rule[] = PROJECTS "rule a {\n"
                                        "    why     \"w\"\n"
                                        "    when    project == \"linux\" and title ~ /^KVM/\n"
                                        "    then    subsystem \"kvm\"\n"
                                        "    %s \"%sSubject: [PATCH%s] KVM: x\"\n"
                                        "}\n";
    static const struct {
        const char *kind, *header, *word, *sentence;
    } cases[] = {
        {"example", "", "", NULL},
        {"example", "List-Id: <dev.example.org>\\n", "", NULL},
        {"example", "", " qemu", "configuration:8:"},
        {"not-example", "", " qemu", NULL},
        {"not-example", "", "", "rule configuration:a holds for this not-example"},
    };
    char text[1024];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(text, sizeof(text), rule, cases[i].kind, cases[i].header, cases[i].word);
        check(text, cases[i].sentence);
    }
}

static void facts_of_plugins_count_in_examples(void **state)
{
    (void)state;
    check(PROJECTS "rule a {\n"
                   "    why     \"w\"\n"
                   "    when    revision.conflict == 3\n"
                   "    then    tag \"odd\"\n"
                   "    example \"Subject: [PATCH 0/1] x\\n\\nChanges in v3:\\n- more\\n\"\n"
                   "    not-example \"Subject: [PATCH v3 0/1] x\\n\\nChanges in v3:\\n- more\\n\"\n"
                   "}\n",
          NULL);
}

static void every_example_that_fails_is_reported_at_its_line(void **state)
{
    pm_snapshot *snapshot = must_load("plugins revision\n"
                                      "rule a {\n"
                                      "    why \"w\"\n"
                                      "    when title == \"x\"\n"
                                      "    then tag \"x\"\n"
                                      "    example \"Subject: y\"\n"
                                      "    not-example \"Subject: x\"\n"
                                      "}\n");
    pm_errors *errors = pm_errors_new();

    (void)state;
    assert_false(pm_snapshot_check(snapshot, errors));
    assert_int_equal(pm_errors_count(errors), 2);
    assert_non_null(strstr(pm_errors_nth(errors, 0), "configuration:6:"));
    assert_non_null(strstr(pm_errors_nth(errors, 0), "does not hold for this example"));
    assert_non_null(strstr(pm_errors_nth(errors, 1), "configuration:7:"));
    pm_errors_free(errors);
    pm_snapshot_unref(snapshot);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_configuration_becomes_a_snapshot),
        cmocka_unit_test(what_plugins_report_can_be_asked_for_in_rules),
        cmocka_unit_test(several_plugins_statements_add_up),
        cmocka_unit_test(plugins_run_behind_what_they_need),
        cmocka_unit_test(what_is_wrong_is_said),
        cmocka_unit_test(errors_of_all_parts_come_together),
        cmocka_unit_test(a_block_for_a_plugin_that_does_not_run_is_a_warning),
        cmocka_unit_test(what_was_opened_is_closed_when_something_else_is_wrong),
        cmocka_unit_test(the_last_one_closes_the_plugins),
        cmocka_unit_test(paths_come_from_files_beside_the_one_that_names_them),
        cmocka_unit_test(a_file_that_is_not_there_is_an_error),
        cmocka_unit_test(examples_that_behave_are_fine),
        cmocka_unit_test(an_example_that_says_nothing_of_its_project_is_tried_as_mail_of_each),
        cmocka_unit_test(facts_of_plugins_count_in_examples),
        cmocka_unit_test(every_example_that_fails_is_reported_at_its_line),
    };

    pm_mime_start();
    return cmocka_run_group_tests_name("snapshot", tests, NULL, NULL);
}
