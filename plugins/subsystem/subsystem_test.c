/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * subsystem_test - what the plugin says of letters, before a host made of tables.
 *
 * The letters are lists of paths with their changed lines; the MAINTAINERS file is made up.
 */
#include "maintainers.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

const pm_plugin *pm_plugin_entry_subsystem(void);

/* ---- The host ---- */

enum { MOST = 1200 };

struct pm_settings {
    const char *word, *name;            /* of the block */
    const char *statements[8][4];       /* their words; the last one is followed by NULL */
    const struct pm_settings *inner[4]; /* blocks in it */
};

struct path {
    const char *path;
    int64_t lines;
    const char *how; /* NULL: whole */
};

struct pm_scan {
    const char *projects[4];
    const char *kind, *title, *prose;
    const struct path *paths;
    const char *old[4]; /* what the paths were called before; NULL: the same */
    size_t path_count;
    int64_t time_left;
    size_t allowance; /* of scratch memory, in bytes */
    size_t facts_allowed;

    char facts[64][64];
    char sources[64][80], reasons[64][512];
    double weights[64];
    size_t fact_count;
    void *scratch[8];
    size_t scratch_count;
};

static char logged[4096], problems[2048];

static pm_slice slice_of(const char *text)
{
    return (pm_slice){text, text == NULL ? 0 : strlen(text)};
}

__attribute__((format(printf, 3, 4))) static void host_log(pm_scan *scan, int level,
                                                           const char *format, ...)
{
    size_t used = strlen(logged);
    va_list arguments;

    (void)scan;
    if (level > PM_LEVEL_WARNING)
        return;
    va_start(arguments, format);
    vsnprintf(logged + used, sizeof(logged) - used, format, arguments);
    va_end(arguments);
}

__attribute__((format(printf, 3, 4))) static void
host_problem(const pm_settings *settings, const char *option, const char *format, ...)
{
    va_list arguments;

    (void)settings;
    (void)option;
    va_start(arguments, format);
    vsnprintf(problems, sizeof(problems), format, arguments);
    va_end(arguments);
}

static void *host_scratch(pm_scan *scan, size_t size)
{
    if (size > scan->allowance)
        return NULL;
    scan->allowance -= size;
    scan->scratch[scan->scratch_count] = malloc(size);
    memset(scan->scratch[scan->scratch_count], 0xa5, size);
    return scan->scratch[scan->scratch_count++];
}

static int64_t host_time_left(pm_scan *scan)
{
    return scan->time_left;
}

static pm_status host_letter_text(pm_scan *scan, const char *field, unsigned nth,
                                  pm_slice *value_out)
{
    const char *value = NULL;

    if (strcmp(field, "path") == 0 && nth < scan->path_count)
        value = scan->paths[nth].path;
    else if (strcmp(field, "path.old") == 0 && nth < scan->path_count)
        value = nth >= 4 || scan->old[nth] == NULL ? "" : scan->old[nth];
    else if (strcmp(field, "path.how") == 0 && nth < scan->path_count)
        value = scan->paths[nth].how == NULL ? "whole" : scan->paths[nth].how;
    else if (strcmp(field, "kind") == 0)
        value = scan->kind == NULL ? "patch" : scan->kind;
    else if (strcmp(field, "title") == 0)
        value = scan->title;
    else if (strcmp(field, "body-prose") == 0)
        value = scan->prose;
    if (value == NULL)
        return PM_ABSENT;
    *value_out = slice_of(value);
    return PM_OK;
}

static pm_status host_letter_number(pm_scan *scan, const char *field, unsigned nth,
                                    int64_t *value_out)
{
    if (strcmp(field, "path.lines") != 0 || nth >= scan->path_count)
        return PM_ABSENT;
    *value_out = scan->paths[nth].lines;
    return PM_OK;
}

/* Each project named weighs one less than the one before. */
static pm_status host_fact_text(pm_scan *scan, const char *name, unsigned nth, pm_slice *value_out,
                                double *weight_out)
{
    assert_string_equal(name, "project");
    if (nth >= 4 || scan->projects[nth] == NULL)
        return PM_ABSENT;
    *value_out = slice_of(scan->projects[nth]);
    *weight_out = 4 - nth;
    return PM_OK;
}

static pm_status host_add_fact(pm_scan *scan, const pm_fact *fact)
{
    size_t nth = scan->fact_count;

    assert_int_equal(fact->size, sizeof(*fact));
    assert_string_equal(fact->name, "subsystem");
    assert_true(fact->weight > 0);
    if (nth == scan->facts_allowed)
        return PM_LIMIT;
    snprintf(scan->facts[nth], 64, "%.*s", (int)fact->text.len, fact->text.data);
    snprintf(scan->sources[nth], 80, "%.*s", (int)fact->source.len, fact->source.data);
    snprintf(scan->reasons[nth], 512, "%.*s", (int)fact->reason.len, fact->reason.data);
    scan->weights[nth] = fact->weight;
    scan->fact_count++;
    return PM_OK;
}

static pm_status host_block(const pm_settings *settings, const char *word, unsigned nth,
                            pm_slice *name_out, const pm_settings **block_out)
{
    for (size_t i = 0; i < 4 && settings->inner[i] != NULL; i++) {
        if (strcmp(settings->inner[i]->word, word) != 0 || nth-- != 0)
            continue;
        *name_out = slice_of(settings->inner[i]->name);
        *block_out = settings->inner[i];
        return PM_OK;
    }
    return PM_ABSENT;
}

static pm_status host_statement(const pm_settings *settings, unsigned nth, unsigned word,
                                pm_slice *value_out)
{
    if (nth >= 8 || word >= 4 || settings->statements[nth][word] == NULL)
        return PM_ABSENT;
    *value_out = slice_of(settings->statements[nth][word]);
    return PM_OK;
}

static pm_status host_resolve_path(const pm_settings *settings, pm_slice written,
                                   pm_slice *path_out)
{
    (void)settings;
    if (written.len == 0)
        return PM_ABSENT;
    *path_out = written;
    return PM_OK;
}

static const pm_host HOST = {
    .size = sizeof(HOST),
    .abi_major = PM_ABI_MAJOR,
    .abi_minor = PM_ABI_MINOR,
    .log = host_log,
    .scratch = host_scratch,
    .time_left = host_time_left,
    .letter_text = host_letter_text,
    .letter_number = host_letter_number,
    .fact_text = host_fact_text,
    .add_fact = host_add_fact,
    .block = host_block,
    .statement = host_statement,
    .resolve_path = host_resolve_path,
    .problem = host_problem,
};

/* ---- The project ---- */

static const char MAINTAINERS[] = "DOCUMENTATION\nF:\tDocs/\n\n"
                                  "MACHINE MONITOR (VM)\nF:\tDocs/vm/\nF:\tvirt/\nF:\tinc/vm.h\n\n"
                                  "MACHINE MONITOR FOR X (VM/x)\nF:\tarch/x/vm/\n\n"
                                  "X ARCHITECTURE\nF:\tarch/x/\n\n"
                                  "DISKS\nF:\tdrivers/disk/\n\n"
                                  "FLOPPY DISKS\nF:\tdrivers/disk/floppy*\n\n"
                                  "SELF TESTS\nF:\ttests/\n\n"
                                  "SWAPPING\nF:\tmm/swap/\n\n"
                                  "MEMORY\nF:\tmm/\n\n"
                                  "LOST\nF:\tlost\n\n"
                                  "CLOCKS\nK:\t\\bclocks?\\b\n\n"
                                  "THE REST\nF:\t*\nF:\t*/\n";

static char file_name[] = "/tmp/subsystem-test-XXXXXX";

static const pm_settings SECTIONS = {
    .word = "sections",
    .name = "",
    .statements = {{"DOCUMENTATION", "docs", "broad"},
                   {"SELF TESTS", "tests", "broad"},
                   {"x architecture", "x"},
                   {"MEMORY", "mm"},
                   {"SWAPPING", "mm"}},
};
static const pm_settings OTHERS = {
    .word = "sections",
    .name = "other-versions",
    .statements = {{"TAPES", "tape"}},
};
static const pm_settings LINUX_FILE = {
    .word = "project",
    .name = "linux",
    .statements = {{"words", "net"}, {"maintainers", file_name}},
};
static const pm_settings LINUX_RULES = {
    .word = "project",
    .name = "linux",
    .inner = {&SECTIONS, &OTHERS},
};
static const pm_settings QEMU = {.word = "project", .name = "qemu"};
static const pm_settings TOP = {.inner = {&LINUX_RULES, &QEMU, &LINUX_FILE}};

static int write_maintainers(void **state)
{
    int file = mkstemp(file_name);

    (void)state;
    assert_true(file >= 0);
    assert_int_equal(write(file, MAINTAINERS, sizeof(MAINTAINERS) - 1), sizeof(MAINTAINERS) - 1);
    return close(file);
}

static int remove_maintainers(void **state)
{
    (void)state;
    return unlink(file_name);
}

static pm_status open_with(const pm_settings *settings, void **instance_out)
{
    logged[0] = problems[0] = '\0';
    return pm_plugin_entry_subsystem()->open(&HOST, settings, instance_out);
}

/* ---- Letters ---- */

static pm_status examine(pm_scan *scan)
{
    void *instance = NULL;

    if (scan->projects[0] == NULL)
        scan->projects[0] = "linux";
    scan->time_left = scan->time_left == 0 ? 1000 : scan->time_left;
    scan->allowance = scan->allowance == 0 ? 1 << 20 : scan->allowance;
    scan->facts_allowed = scan->facts_allowed == 0 ? 64 : scan->facts_allowed;
    assert_int_equal(open_with(&TOP, &instance), PM_OK);

    pm_status status = pm_plugin_entry_subsystem()->scan(instance, scan);

    pm_plugin_entry_subsystem()->close(instance);
    while (scan->scratch_count > 0)
        free(scan->scratch[--scan->scratch_count]);
    return status;
}

static double weight_of(const pm_scan *scan, const char *slug)
{
    double weight = 0;

    for (size_t i = 0; i < scan->fact_count; i++)
        weight += strcmp(scan->facts[i], slug) == 0 ? scan->weights[i] : 0;
    return weight;
}

static double sum_of(const pm_scan *scan)
{
    double sum = 0;

    for (size_t i = 0; i < scan->fact_count; i++)
        sum += scan->weights[i];
    return sum;
}

/* The slug whose facts weigh most together. */
static const char *winner_of(const pm_scan *scan)
{
    const char *winner = "";

    for (size_t i = 0; i < scan->fact_count; i++)
        if (weight_of(scan, scan->facts[i]) > weight_of(scan, winner))
            winner = scan->facts[i];
    return winner;
}

static void the_subsystem_where_most_is_changed_wins(void **state)
{
    static const struct {
        const char *why, *winner;
        struct path paths[6];
    } cases[] = {
        {"the deeper pattern of one path", "vm-x", {{"arch/x/vm/a.c", 10, NULL}}},
        {"more lines", "disks", {{"arch/x/vm/a.c", 2, NULL}, {"drivers/disk/b.c", 300, NULL}}},
        {"more files, when lines grow only slowly",
         "vm-x",
         {{"arch/x/vm/a.c", 20, NULL},
          {"arch/x/vm/b.c", 20, NULL},
          {"arch/x/vm/c.c", 20, NULL},
          {"drivers/disk/d.c", 400, NULL}}},
        {"several sections of one name",
         "mm",
         {{"mm/swap/a.c", 9, NULL}, {"mm/b.c", 9, NULL}, {"drivers/disk/c.c", 30, NULL}}},
        {"no broad section against a specific one",
         "disks",
         {{"tests/a.c", 50, NULL},
          {"tests/b.c", 50, NULL},
          {"tests/c.c", 50, NULL},
          {"tests/d.c", 50, NULL},
          {"drivers/disk/e.c", 5, NULL}}},
        {"a broad section that is alone", "docs", {{"Docs/a.rst", 50, NULL}}},
        {"not the broad one when a path is in both", "vm", {{"Docs/vm/a.rst", 50, NULL}}},
        {"not the path that was guessed",
         "disks",
         {{"arch/x/vm/a.c", 20, "ambiguous"}, {"drivers/disk/b.c", 5, NULL}}},
        {"a folder without its slash", "lost", {{"lost/a.c", 1, NULL}}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pm_scan scan = {.paths = cases[i].paths};

        while (scan.path_count < 6 && cases[i].paths[scan.path_count].path != NULL)
            scan.path_count++;
        assert_int_equal(examine(&scan), PM_OK);
        if (strcmp(winner_of(&scan), cases[i].winner) != 0)
            fail_msg("%s: %s wins, not %s", cases[i].why, winner_of(&scan), cases[i].winner);
    }
}

static void a_fact_says_from_which_section_and_why(void **state)
{
    static const struct path paths[] = {{"arch/x/vm/a.c", 2, NULL}, {"arch/x/vm/b.c", 9, NULL}};
    pm_scan scan = {.paths = paths, .path_count = 2};
    char expected[200];

    (void)state;
    assert_int_equal(examine(&scan), PM_OK);
    assert_int_equal(scan.fact_count, 2);
    assert_string_equal(scan.facts[0], "vm-x");
    assert_string_equal(scan.sources[0], "MACHINE MONITOR FOR X (VM/x)");
    snprintf(expected, sizeof(expected), "F: arch/x/vm/ (2 paths), %s:10",
             strrchr(file_name, '/') + 1);
    assert_string_equal(scan.reasons[0], expected);
    assert_string_equal(scan.facts[1], "x");
}

static void all_facts_weigh_about_ten(void **state)
{
    static const struct path clear[] = {{"arch/x/vm/a.c", 2, NULL}, {"drivers/disk/b.c", 9, NULL}};
    static const struct path broad[] = {{"Docs/a.rst", 9, NULL}, {"tests/b.c", 9, NULL}};
    static const struct path half[] = {{"arch/x/vm/a.c", 9, NULL}, {"nowhere/b.c", 9, NULL}};
    static const struct path none[] = {{"nowhere/b.c", 9, NULL}};
    pm_scan a = {.paths = clear, .path_count = 2}, b = {.paths = broad, .path_count = 2};
    pm_scan c = {.paths = half, .path_count = 2}, d = {.paths = none, .path_count = 1};

    (void)state;
    assert_int_equal(examine(&a), PM_OK);
    assert_true(fabs(sum_of(&a) - 10) < 0.1);
    assert_int_equal(examine(&b), PM_OK);
    assert_true(fabs(sum_of(&b) - 4) < 0.1);
    assert_int_equal(examine(&c), PM_OK);
    assert_true(fabs(sum_of(&c) - 7.5) < 0.1);
    assert_int_equal(examine(&d), PM_OK);
    assert_int_equal(d.fact_count, 0);
}

static void a_renamed_file_is_for_both_who_had_it_and_who_get_it(void **state)
{
    static const struct path moved[] = {{"mm/a.c", 9, NULL}, {"mm/b.c", 9, NULL}};
    static const struct path within[] = {{"mm/a.c", 9, NULL}, {"drivers/disk/c.c", 9, NULL}};
    pm_scan a = {.paths = moved, .old = {"drivers/disk/a.c", "drivers/disk/b.c"}, .path_count = 2};
    pm_scan b = {.paths = within, .old = {"mm/b.c"}, .path_count = 2};
    pm_scan c = {.paths = within, .old = {"nowhere/a.c"}, .path_count = 2};

    (void)state;
    assert_int_equal(examine(&a), PM_OK);
    assert_string_equal(a.facts[0], "mm"); /* of two that weigh the same, the one who gets it */
    assert_string_equal(a.facts[1], "disks");
    assert_true(fabs(weight_of(&a, "mm") - 5) < 0.1);
    assert_true(fabs(weight_of(&a, "disks") - 5) < 0.1);
    assert_non_null(strstr(a.reasons[1], "F: drivers/disk/ (2 paths)"));

    /* Renamed, a file is no more than a file, and no less when nobody had it. */
    assert_int_equal(examine(&b), PM_OK);
    assert_true(fabs(weight_of(&b, "mm") - 5) < 0.1);
    assert_true(fabs(weight_of(&b, "disks") - 5) < 0.1);
    assert_int_equal(examine(&c), PM_OK);
    assert_true(fabs(weight_of(&c, "mm") - 5) < 0.1);
}

static void a_keyword_weighs_little_and_only_in_what_proposes_a_change(void **state)
{
    static const struct path paths[] = {{"drivers/disk/b.c", 9, NULL}};
    pm_scan patch = {.paths = paths, .path_count = 1, .prose = "Reads the clock.\nTwice."};
    pm_scan reply = {.kind = "reply", .title = "the clock"};
    pm_scan cover = {.kind = "cover", .title = "Two clocks"};

    (void)state;
    assert_int_equal(examine(&patch), PM_OK);
    assert_string_equal(winner_of(&patch), "disks");
    assert_true(weight_of(&patch, "clocks") > 0 && weight_of(&patch, "clocks") < 1);
    assert_non_null(strstr(patch.reasons[1], "K: \\bclocks?\\b, "));
    assert_int_equal(examine(&reply), PM_OK);
    assert_int_equal(reply.fact_count, 0);
    assert_int_equal(examine(&cover), PM_OK);
    assert_string_equal(winner_of(&cover), "clocks");
}

static void only_the_heaviest_project_counts(void **state)
{
    static const struct path paths[] = {{"drivers/disk/b.c", 9, NULL}};
    pm_scan linux_first = {.projects = {"linux", "qemu"}, .paths = paths, .path_count = 1};
    pm_scan qemu_first = {.projects = {"qemu", "linux"}, .paths = paths, .path_count = 1};
    pm_scan unknown = {.projects = {"other", "linux"}, .paths = paths, .path_count = 1};

    (void)state;
    assert_int_equal(examine(&linux_first), PM_OK);
    assert_int_equal(linux_first.fact_count, 1);
    assert_int_equal(examine(&qemu_first), PM_OK);
    assert_int_equal(qemu_first.fact_count, 0);
    assert_int_equal(examine(&unknown), PM_OK);
    assert_int_equal(unknown.fact_count, 0);
}

static void limits_end_the_scan_and_are_told(void **state)
{
    static struct path many[MOST];
    pm_scan late = {.paths = many, .path_count = MOST, .time_left = -1};
    pm_scan poor = {.paths = many, .path_count = MOST, .allowance = 16};
    pm_scan full = {.paths = many, .path_count = 1, .facts_allowed = 1};

    (void)state;
    for (size_t i = 0; i < MOST; i++)
        many[i] = (struct path){"arch/x/vm/a.c", INT64_MAX - 1, "whole"};
    assert_int_equal(examine(&late), PM_LIMIT);
    assert_int_equal(examine(&poor), PM_LIMIT);
    assert_int_equal(examine(&full), PM_LIMIT);
}

/* ---- Configuration ---- */

static void nothing_configured_is_fine_and_says_nothing(void **state)
{
    static const pm_settings empty = {.word = ""};
    void *instance = NULL;
    pm_scan scan = {.projects = {"linux"}};

    (void)state;
    assert_int_equal(open_with(&empty, &instance), PM_OK);
    assert_int_equal(pm_plugin_entry_subsystem()->scan(instance, &scan), PM_OK);
    assert_int_equal(scan.fact_count, 0);
    pm_plugin_entry_subsystem()->close(instance);
    pm_plugin_entry_subsystem()->close(NULL);
}

static void a_mistake_in_the_configuration_is_an_error_with_the_way_out(void **state)
{
    static const pm_settings gone = {
        .word = "project", .name = "linux", .statements = {{"maintainers", "/nonexistent/M"}}};
    static const pm_settings nameless = {
        .word = "project", .name = "linux", .statements = {{"maintainers"}}};
    static const pm_settings bad_slug = {
        .word = "sections", .name = "", .statements = {{"MEMORY", "Big Memory"}}};
    static const pm_settings no_slug = {.word = "sections", .name = "", .statements = {{"MEMORY"}}};
    static const pm_settings narrow = {
        .word = "sections", .name = "", .statements = {{"MEMORY", "mm", "narrow"}}};
    static const pm_settings in_bad = {.word = "project", .name = "linux", .inner = {&bad_slug}};
    static const pm_settings in_none = {.word = "project", .name = "linux", .inner = {&no_slug}};
    static const pm_settings in_narrow = {.word = "project", .name = "linux", .inner = {&narrow}};
    static const struct {
        pm_settings top;
        const char *problem;
    } cases[] = {
        {{.inner = {&gone}}, "/nonexistent/M cannot be read: No such file or directory (name a"},
        {{.inner = {&nameless}}, "wants the name of a file: maintainers FILE"},
        {{.inner = {&LINUX_FILE, &LINUX_FILE}}, "project linux has a MAINTAINERS file already"},
        {{.inner = {&in_bad}}, "\"MEMORY\" wants a slug"},
        {{.inner = {&in_none}}, "\"MEMORY\" wants a slug"},
        {{.inner = {&in_narrow}}, "\"MEMORY\": only \"broad\" may follow the slug, not \"narrow\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        void *instance = NULL;

        assert_int_equal(open_with(&cases[i].top, &instance), PM_FAULT);
        if (strstr(problems, cases[i].problem) == NULL)
            fail_msg("\"%s\", not \"%s\"", cases[i].problem, problems);
    }
}

static void a_section_that_is_not_in_the_file_is_a_warning_with_the_nearest(void **state)
{
    static const pm_settings misspelt = {
        .word = "sections", .name = "", .statements = {{"FLOPY DISKS", "floppy"}}};
    static const pm_settings rules = {.word = "project", .name = "linux", .inner = {&misspelt}};
    static const pm_settings top = {.inner = {&LINUX_FILE, &rules}};
    void *instance = NULL;

    (void)state;
    assert_int_equal(open_with(&top, &instance), PM_OK);
    assert_non_null(strstr(logged, "project linux: 1 of the 1 mapped sections"));
    assert_non_null(strstr(logged, "\"FLOPY DISKS\" (the nearest there is \"FLOPPY DISKS\""));
    pm_plugin_entry_subsystem()->close(instance);

    /* In a block with a name it is none. */
    assert_int_equal(open_with(&TOP, &instance), PM_OK);
    assert_string_equal(logged, "");
    pm_plugin_entry_subsystem()->close(instance);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_subsystem_where_most_is_changed_wins),
        cmocka_unit_test(a_fact_says_from_which_section_and_why),
        cmocka_unit_test(all_facts_weigh_about_ten),
        cmocka_unit_test(a_renamed_file_is_for_both_who_had_it_and_who_get_it),
        cmocka_unit_test(a_keyword_weighs_little_and_only_in_what_proposes_a_change),
        cmocka_unit_test(only_the_heaviest_project_counts),
        cmocka_unit_test(limits_end_the_scan_and_are_told),
        cmocka_unit_test(nothing_configured_is_fine_and_says_nothing),
        cmocka_unit_test(a_mistake_in_the_configuration_is_an_error_with_the_way_out),
        cmocka_unit_test(a_section_that_is_not_in_the_file_is_a_warning_with_the_nearest),
    };

    return cmocka_run_group_tests(tests, write_maintainers, remove_maintainers);
}
