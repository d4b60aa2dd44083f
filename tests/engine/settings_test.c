/* SPDX-License-Identifier: BSD-2-Clause */
/* settings_test - what a plugin sees of the configuration, and what is said about wrong options. */
#include "settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static const pm_option options[] = {
    {.name = "greeting", .type = PM_OPTION_TEXT, .fallback = "hello"},
    {.name = "words", .type = PM_OPTION_TEXTS},
    {.name = "letters", .type = PM_OPTION_NUMBER, .min = 1, .max = 1 << 20, .fallback = "2K"},
    {.name = "table", .type = PM_OPTION_FILE, .fallback = "default.table"},
    {.name = "route", .type = PM_OPTION_BLOCK},
    {.name = NULL},
};

static const pm_plugin shout = {.size = sizeof(shout), .name = "shout", .options = options};

typedef struct bench {
    pm_arena *arena;
    pm_errors *errors;
    const pm_settings *settings;
} bench;

/* Settings from the first `plugin` block of text, if it has one. */
static bench reading(const char *text)
{
    bench made = {.arena = pm_arena_new(1 << 22), .errors = pm_errors_new()};
    pm_statement *top, *own;

    if (pm_syntax_parse(made.arena, "/etc/test.conf", pm_slice_of(text), made.errors, &top) !=
        PM_OK)
        fail_msg("%s\nis refused: %s", text, pm_errors_nth(made.errors, 0));
    own = top;
    while (own != NULL && !pm_slice_equal(own->word.text, PM_LIT("plugin")))
        own = own->next;
    made.settings = pm_settings_new(made.arena, &shout, NULL, own, top, made.errors);
    return made;
}

static void done(bench *with)
{
    pm_errors_free(with->errors);
    pm_arena_free(with->arena);
}

static void assert_value(const pm_settings *settings, const char *option, unsigned nth,
                         const char *expected)
{
    pm_slice value;
    pm_status status = pm_settings_text(settings, option, nth, &value);

    assert_int_equal(status, expected == NULL ? PM_ABSENT : PM_OK);
    if (expected != NULL && !pm_slice_equal(value, pm_slice_of(expected)))
        fail_msg("%s %u is \"%.*s\", not \"%s\"", option, nth, PM_FMT(value), expected);
}

static void without_a_block_there_are_the_defaults(void **state)
{
    bench with = reading("");
    int64_t number;

    (void)state;
    assert_non_null(with.settings);
    assert_value(with.settings, "greeting", 0, "hello");
    assert_value(with.settings, "greeting", 1, NULL);
    assert_value(with.settings, "words", 0, NULL);
    assert_value(with.settings, "unknown", 0, NULL);
    assert_int_equal(pm_settings_number(with.settings, "letters", 0, &number), PM_OK);
    assert_int_equal(number, 2048);
    assert_int_equal(pm_settings_number(with.settings, "greeting", 0, &number), PM_FAULT);
    done(&with);
}

static void values_come_from_the_block_over_all_its_statements(void **state)
{
    bench with = reading("plugin shout { words a \"b c\"; greeting hi; words d; letters 7 }");
    int64_t number;

    (void)state;
    assert_non_null(with.settings);
    assert_value(with.settings, "words", 0, "a");
    assert_value(with.settings, "words", 1, "b c");
    assert_value(with.settings, "words", 2, "d");
    assert_value(with.settings, "words", 3, NULL);
    assert_value(with.settings, "greeting", 0, "hi");
    assert_value(with.settings, "greeting", 1, NULL);
    assert_int_equal(pm_settings_number(with.settings, "letters", 0, &number), PM_OK);
    assert_int_equal(number, 7);
    assert_int_equal(pm_settings_number(with.settings, "letters", 1, &number), PM_ABSENT);
    done(&with);
}

static void wrong_options_are_told_with_the_way_out(void **state)
{
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"greetin x", "1:16: plugin shout has no option \"greetin\" (did you mean \"greeting\"?)"},
        {"volume 11", "1:16: plugin shout has no option \"volume\" (see `patchmark plugin list`)"},
        {"greeting", "1:16: \"greeting\" wants a value"},
        {"greeting a b", "1:27: \"greeting\" wants one value (quote it when it has spaces)"},
        {"greeting a; greeting b",
         "1:28: \"greeting\" is set twice (the first time at /etc/test.conf:1)"},
        {"greeting { }", "1:16: \"greeting\" has no block (write: greeting value)"},
        {"words a, b", "1:23: \",\" is no value (put it between quotes)"},
        {"letters x", "1:24: \"letters\" wants a whole number, not \"x\" (K M G or us ms s min h "
                      "may stand behind it)"},
        {"letters 0", "1:24: \"letters\" is 0, but must be between 1 and 1048576"},
        {"letters 2M", "1:24: \"letters\" is 2M, but must be between 1 and 1048576"},
        {"letters 99999999999999999999",
         "1:24: \"letters\" is 99999999999999999999, but must be between 1 and 1048576"},
        {"table \"\"", "1:22: \"table\" wants the name of a file"},
        {"route x", "1:16: \"route\" wants a block: route { ... }"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[128], expected[256];
        const char *error;
        bench with;

        snprintf(text, sizeof(text), "plugin shout { %s }", cases[i].text);
        snprintf(expected, sizeof(expected), "/etc/test.conf:%s", cases[i].error);
        with = reading(text);
        error = pm_errors_nth(with.errors, 0);
        if (with.settings != NULL || error == NULL || strcmp(error, expected) != 0 ||
            pm_errors_count(with.errors) != 1)
            fail_msg("%s\nis told so:        %s\ninstead of (once): %s", text,
                     error == NULL ? "(not at all)" : error, expected);
        done(&with);
    }
}

static void blocks_are_found_at_the_top_and_in_the_own_block_in_reading_order(void **state)
{
    static const char *const names[] = {"one", "two", "three", "", NULL};
    bench with = reading("route one { to a }\n"
                         "plugin shout { route two { to b }; words x }\n"
                         "plugin other { route never { } }\n"
                         "route three { to c; route inner { } }\n"
                         "route { }\n");
    const pm_settings *block;
    pm_slice name;

    (void)state;
    assert_non_null(with.settings);
    for (unsigned i = 0; names[i] != NULL; i++) {
        assert_int_equal(pm_settings_block(with.settings, "route", i, &name, &block), PM_OK);
        if (!pm_slice_equal(name, pm_slice_of(names[i])))
            fail_msg("block %u is \"%.*s\", not \"%s\"", i, PM_FMT(name), names[i]);
    }
    assert_int_equal(pm_settings_block(with.settings, "route", 4, &name, &block), PM_ABSENT);

    /* Inside a block, only what is in it counts, and no options are declared. */
    assert_int_equal(pm_settings_block(with.settings, "route", 2, &name, &block), PM_OK);
    assert_value(block, "to", 0, "c");
    assert_value(block, "greeting", 0, NULL);
    assert_int_equal(pm_settings_block(block, "route", 0, &name, &block), PM_OK);
    assert_true(pm_slice_equal(name, PM_LIT("inner")));
    assert_int_equal(pm_settings_block(block, "route", 0, &name, &block), PM_ABSENT);
    done(&with);
}

static void statements_of_a_block_are_its_words(void **state)
{
    bench with = reading("route x { \"A TITLE\" a broad\n b }");
    const pm_settings *block;
    pm_slice name, word;

    (void)state;
    assert_int_equal(pm_settings_block(with.settings, "route", 0, &name, &block), PM_OK);
    assert_int_equal(pm_settings_statement(block, 0, 0, &word), PM_OK);
    assert_true(pm_slice_equal(word, PM_LIT("A TITLE")));
    assert_int_equal(pm_settings_statement(block, 0, 2, &word), PM_OK);
    assert_true(pm_slice_equal(word, PM_LIT("broad")));
    assert_int_equal(pm_settings_statement(block, 0, 3, &word), PM_ABSENT);
    assert_int_equal(pm_settings_statement(block, 1, 0, &word), PM_OK);
    assert_true(pm_slice_equal(word, PM_LIT("b")));
    assert_int_equal(pm_settings_statement(block, 1, 1, &word), PM_ABSENT);
    assert_int_equal(pm_settings_statement(block, 2, 0, &word), PM_ABSENT);
    done(&with);
}

static void paths_count_from_the_file_that_names_them(void **state)
{
    bench with = reading("plugin shout { table x/y; words /abs rel }\nroute r { file z }");
    const pm_settings *block;
    pm_slice name, value, path;

    (void)state;
    assert_value(with.settings, "table", 0, "/etc/x/y");
    assert_int_equal(pm_settings_text(with.settings, "words", 0, &value), PM_OK);
    assert_int_equal(pm_settings_path(with.settings, value, &path), PM_OK);
    assert_string_equal(path.data, "/abs");
    assert_int_equal(pm_settings_text(with.settings, "words", 1, &value), PM_OK);
    assert_int_equal(pm_settings_path(with.settings, value, &path), PM_OK);
    assert_string_equal(path.data, "/etc/rel");
    assert_int_equal(pm_settings_path(with.settings, PM_LIT("default.table"), &path), PM_OK);
    assert_string_equal(path.data, "/etc/default.table");
    assert_int_equal(pm_settings_path(with.settings, PM_EMPTY, &path), PM_FAULT);
    assert_int_equal(pm_settings_block(with.settings, "route", 0, &name, &block), PM_OK);
    assert_int_equal(pm_settings_text(block, "file", 0, &value), PM_OK);
    assert_int_equal(pm_settings_path(block, value, &path), PM_OK);
    assert_string_equal(path.data, "/etc/z");
    done(&with);
}

static void a_relative_file_counts_from_where_we_are(void **state)
{
    pm_arena *arena = pm_arena_new(1 << 20);
    pm_errors *errors = pm_errors_new();
    pm_statement *top;
    pm_settings *settings;
    char *here = getcwd(NULL, 0);
    char expected[4096];
    pm_slice path;

    (void)state;
    assert_int_equal(
        pm_syntax_parse(arena, "rules/a.rules", PM_LIT("plugin shout { }"), errors, &top), PM_OK);
    settings = pm_settings_new(arena, &shout, NULL, top, top, errors);
    assert_int_equal(pm_settings_path(settings, PM_LIT("M"), &path), PM_OK);
    snprintf(expected, sizeof(expected), "%s/rules/M", here);
    assert_string_equal(path.data, expected);
    free(here);
    pm_errors_free(errors);
    pm_arena_free(arena);
}

static void what_a_file_includes_counts_from_its_own_folder(void **state)
{
    pm_arena *arena = pm_arena_new(1 << 20);
    pm_errors *errors = pm_errors_new();
    pm_statement *top, *included;
    const pm_settings *settings, *block;
    pm_slice name, value, path;

    (void)state;
    assert_int_equal(pm_syntax_parse(arena, "/etc/a.conf", PM_LIT("route r { x }"), errors, &top),
                     PM_OK);
    assert_int_equal(pm_syntax_parse(arena, "/srv/b.inc", PM_LIT("file z"), errors, &included),
                     PM_OK);
    top->children->next = included;
    settings = pm_settings_new(arena, &shout, NULL, NULL, top, errors);
    assert_int_equal(pm_settings_block(settings, "route", 0, &name, &block), PM_OK);
    assert_int_equal(pm_settings_statement(block, 1, 1, &value), PM_OK);
    assert_int_equal(pm_settings_path(block, value, &path), PM_OK);
    assert_string_equal(path.data, "/srv/z");
    pm_errors_free(errors);
    pm_arena_free(arena);
}

static void a_problem_is_told_at_its_option(void **state)
{
    bench with = reading("\nplugin shout {\n  words a\n}\nroute r {\n to x\n}\n");
    const pm_settings *block;
    pm_slice name;

    (void)state;
    pm_settings_problem(with.settings, "words", "\"%s\" is too quiet", "a");
    pm_settings_problem(with.settings, NULL, "no");
    pm_settings_problem(with.settings, "table", "no table");
    assert_int_equal(pm_settings_block(with.settings, "route", 0, &name, &block), PM_OK);
    pm_settings_problem(block, "to", "no x");
    assert_string_equal(pm_errors_nth(with.errors, 0),
                        "/etc/test.conf:3:3: plugin shout: \"a\" is too quiet");
    assert_string_equal(pm_errors_nth(with.errors, 1), "/etc/test.conf:2:1: plugin shout: no");
    assert_string_equal(pm_errors_nth(with.errors, 2),
                        "/etc/test.conf:2:1: plugin shout: no table");
    assert_string_equal(pm_errors_nth(with.errors, 3), "/etc/test.conf:6:2: plugin shout: no x");
    done(&with);

    with = reading("");
    pm_settings_problem(with.settings, "table", "no table");
    assert_string_equal(pm_errors_nth(with.errors, 0), "plugin shout: no table");
    done(&with);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_block_there_are_the_defaults),
        cmocka_unit_test(values_come_from_the_block_over_all_its_statements),
        cmocka_unit_test(wrong_options_are_told_with_the_way_out),
        cmocka_unit_test(blocks_are_found_at_the_top_and_in_the_own_block_in_reading_order),
        cmocka_unit_test(statements_of_a_block_are_its_words),
        cmocka_unit_test(paths_count_from_the_file_that_names_them),
        cmocka_unit_test(a_relative_file_counts_from_where_we_are),
        cmocka_unit_test(what_a_file_includes_counts_from_its_own_folder),
        cmocka_unit_test(a_problem_is_told_at_its_option),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
