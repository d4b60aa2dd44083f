/* SPDX-License-Identifier: BSD-2-Clause */
/* config_test - patchmark.conf: what its statements set, and what is said about wrong ones. */
#include "config.h"
#include "folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define DAY_US INT64_C(86400000000)

typedef struct bench {
    pm_arena *arena;
    pm_errors *errors;
    pm_config config;
    bool good;
} bench;

static bench reading(const char *text)
{
    bench made = {.arena = pm_arena_new(1 << 22), .errors = pm_errors_new()};
    pm_statement *statements;

    if (pm_syntax_parse(made.arena, "etc/test.conf", pm_slice_of(text), made.errors, &statements) !=
        PM_OK)
        fail_msg("%s\nis refused: %s", text, pm_errors_nth(made.errors, 0));
    made.good = pm_config_read(made.arena, statements, &made.config, made.errors);
    return made;
}

static void done(bench *with)
{
    pm_errors_free(with->errors);
    pm_arena_free(with->arena);
}

static void an_empty_configuration_is_all_defaults(void **state)
{
    bench with = reading("");

    (void)state;
    assert_true(with.good);
    assert_string_equal(with.config.file, "built-in defaults");
    assert_string_equal(with.config.socket, "unix:/run/patchmark/patchmark.sock");
    assert_int_equal(with.config.socket_mode, 0660);
    assert_null(with.config.socket_group);
    assert_true(pm_slice_equal(with.config.field_prefix, PM_LIT("Patchmark-")));
    assert_true(with.config.instance.len > 0);
    assert_int_equal(with.config.plugin_directory[0], '/');
    assert_memory_equal(&with.config.limits, &pm_message_default_limits,
                        sizeof(pm_message_default_limits));
    assert_int_equal(with.config.message_time_us, 200000);
    assert_int_equal(with.config.retention_us, 730 * DAY_US);
    assert_int_equal(with.config.store_size, INT64_C(10) << 30);
    assert_string_equal(with.config.control, "/run/patchmark/control.sock");
    assert_int_equal(with.config.log_level, PM_LEVEL_INFO);
    assert_false(with.config.allow_root);
    assert_false(with.config.powers.discard);
    assert_false(with.config.powers.reject);
    done(&with);
}

static void every_statement_sets_what_it_says(void **state)
{
    bench with = reading("socket inet:8891@127.0.0.1; socket-mode 0600; socket-group postfix\n"
                         "field-prefix Site-Patch-; instance lists.example.org\n"
                         "plugin-directory ../plugins; log-level debug\n"
                         "allow-root yes; plugins project subsystem; plugins revision\n"
                         "limits { memory 8M; body 100K; headers 500; time 50ms }\n"
                         "control unix:/run/x/control; memory { retention 90d; size 512M }\n"
                         "state-directory state; decision-log { size 1M; keep 3 }\n"
                         "allow { discard yes; reject no }\n");

    (void)state;
    assert_true(with.good);
    assert_string_equal(with.config.socket, "inet:8891@127.0.0.1");
    assert_int_equal(with.config.socket_mode, 0600);
    assert_string_equal(with.config.socket_group, "postfix");
    assert_true(pm_slice_equal(with.config.field_prefix, PM_LIT("Site-Patch-")));
    assert_true(pm_slice_equal(with.config.instance, PM_LIT("lists.example.org")));
    assert_string_equal(with.config.plugin_directory, "etc/../plugins");
    assert_int_equal(with.config.log_level, PM_LEVEL_DEBUG);
    assert_true(with.config.allow_root);
    assert_int_equal(with.config.limits.memory, 8 << 20);
    assert_int_equal(with.config.limits.body, 100 << 10);
    assert_int_equal(with.config.limits.headers, 500);
    assert_int_equal(with.config.message_time_us, 50000);
    assert_int_equal(with.config.retention_us, 90 * DAY_US);
    assert_int_equal(with.config.store_size, 512 << 20);
    assert_string_equal(with.config.control, "/run/x/control");
    assert_string_equal(with.config.state_directory, "etc/state");
    assert_int_equal(with.config.decision_log_size, 1 << 20);
    assert_int_equal(with.config.decision_log_keep, 3);
    assert_true(with.config.powers.discard);
    assert_false(with.config.powers.reject);
    done(&with);
}

static void the_control_socket_is_found_in_a_configuration_that_is_broken(void **state)
{
    static const char broken[] = "no-such-statement\ncontrol /run/x/control\nrule {\n";
    pm_arena *arena = pm_arena_new(1 << 22);
    char folder[FOLDER_NAME];

    (void)state;
    folder_make(folder);
    assert_string_equal(pm_config_control(arena, folder_write(folder, "broken", broken)),
                        "/run/x/control");
    assert_string_equal(pm_config_control(arena, folder_write(folder, "empty", "")),
                        "/run/patchmark/control.sock");
    assert_null(pm_config_control(arena, folder_write(folder, "none", "control none\n")));
    folder_remove(folder);
    pm_arena_free(arena);
}

static void a_store_is_a_file_or_what_the_store_itself_understands(void **state)
{
    static const struct {
        const char *text, *store;
    } cases[] = {
        {"", NULL},
        {"store /var/lib/x.sqlite", "/var/lib/x.sqlite"},
        {"store x.sqlite", "etc/x.sqlite"},
        {"store sqlite:x.sqlite", "etc/x.sqlite"},
        {"store postgresql://db/x", "postgresql://db/x"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bench with = reading(cases[i].text);

        assert_true(with.good);
        if (cases[i].store == NULL)
            assert_null(with.config.store);
        else
            assert_string_equal(with.config.store, cases[i].store);
        done(&with);
    }
}

static void blocks_of_others_are_left_to_them(void **state)
{
    static const char *const good[] = {
        "plugin project { anything { goes 1 } }",
        "project linux { words tip; lists a.example.org; paths mm/ ; why x\n"
        "    maintainers M; files F; sections { \"A TITLE\" slug; B c broad } }",
        "project linux { words tip }\nproject linux { words net-next }",
        "rule r { nonsense }",
        "list l { a }\nlist m file x",
        "routes { what a plugin takes at the top }",
        NULL,
    };

    (void)state;
    for (size_t i = 0; good[i] != NULL; i++) {
        bench with = reading(good[i]);

        if (!with.good)
            fail_msg("%s\nis refused: %s", good[i], pm_errors_nth(with.errors, 0));
        done(&with);
    }
}

static void wrong_statements_are_told_with_the_way_out(void **state)
{
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"sokcet unix:/x",
         "1:1: there is no \"sokcet\" in a configuration (did you mean \"socket\"?)"},
        {"colour blue",
         "1:1: there is no \"colour\" in a configuration (config.md lists what there is)"},
        {"proyect linux { }",
         "1:1: there is no \"proyect\" in a configuration (did you mean \"project\"?)"},
        {"socket", "1:1: \"socket\" wants one value (for instance: socket "
                   "unix:/run/patchmark/patchmark.sock)"},
        {"socket a b", "1:10: \"socket\" wants one value (for instance: socket "
                       "unix:/run/patchmark/patchmark.sock)"},
        {"socket \"\"", "1:8: \"socket\" must not be empty"},
        {"store sqlite:", "1:7: \"store\" must not be empty"},
        {"control inet:1@localhost",
         "1:9: \"control\" wants the whole path of a unix socket, at most 100 bytes, for instance "
         "/run/patchmark/control.sock, or none, not \"inet:1@localhost\""},
        {"control run/x",
         "1:9: \"control\" wants the whole path of a unix socket, at most 100 bytes, for instance "
         "/run/patchmark/control.sock, or none, not \"run/x\""},
        {"memory { retention 2 }", "1:20: \"retention\" wants a unit (d, y): 2d?"},
        {"memory { retention 2h }",
         "1:20: \"retention\" wants a number from 1d to 100y, not \"2h\""},
        {"memory { size 1K }", "1:15: \"size\" wants a number from 1M to 1048576G, not \"1K\""},
        {"memory 2y", "1:1: \"memory\" wants a block (write: memory { retention 2y })"},
        {"socket { }", "1:1: \"socket\" has no block (write: socket "
                       "unix:/run/patchmark/patchmark.sock)"},
        {"socket a\nsocket b", "2:1: \"socket\" is set twice (the first time at etc/test.conf:1)"},
        {"socket-mode 660x", "1:13: \"socket-mode\" wants file permissions in octal, for instance "
                             "0660, not \"660x\""},
        {"socket-mode 1777", "1:13: \"socket-mode\" wants file permissions in octal, for instance "
                             "0660, not \"1777\""},
        {"field-prefix X", "1:14: \"field-prefix\" wants letters, digits and hyphens with a hyphen "
                           "at the end, at most 32, for instance Patchmark-, not \"X\""},
        {"instance \"a b\"", "1:10: \"instance\" wants a name like a host's (letters, digits, . - "
                             "_), not \"a b\""},
        {"socket == x", "1:8: \"==\" is no value (put it in quotes)"},
        {"log-level loud", "1:11: \"log-level\" wants error, warning, info or debug, not \"loud\""},
        {"allow-root true", "1:12: \"allow-root\" wants yes or no, not \"true\""},
        {"plugins", "1:1: \"plugins\" wants a value (for instance: plugins project thread "
                    "subsystem revision)"},
        {"plugins a, b", "1:10: \",\" is no value (put it in quotes)"},
        {"plugins Project", "1:9: \"plugins\" wants names of small letters, digits, - and ., not "
                            "\"Project\""},
        {"limits 5", "1:1: \"limits\" wants a block (write: limits { memory 64M })"},
        {"limits { memory 64 }", "1:17: \"memory\" wants a number from 1M to 4G, not \"64\""},
        {"limits { time 200 }", "1:15: \"time\" wants a unit (us, ms, s): 200ms?"},
        {"limits { time 2h }", "1:15: \"time\" wants a number from 1ms to 60s, not \"2h\""},
        {"limits { tiem 2s }", "1:10: there is no \"tiem\" in limits (did you mean \"time\"?)"},
        {"allow { delete yes }",
         "1:9: there is no \"delete\" in allow (config.md lists what there is)"},
        {"project { }", "1:1: a project has one name, of small letters, digits, - and . (write: "
                        "project NAME { ... })"},
        {"project a b { }", "1:9: a project has one name, of small letters, digits, - and . "
                            "(write: project NAME { ... })"},
        {"project linux { wrods tip }",
         "1:17: there is no \"wrods\" in a project (did you mean \"words\"?)"},
        {"project linux { maintainers a b }", "1:31: \"maintainers\" wants one value (for "
                                              "instance: maintainers /srv/linux/MAINTAINERS)"},
        {"plugin Shout { }", "1:8: a plugin has one name, of small letters, digits, - and . "
                             "(write: plugin NAME { ... })"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bench with = reading(cases[i].text);
        const char *error = pm_errors_nth(with.errors, 0);
        char expected[512];

        snprintf(expected, sizeof(expected), "etc/test.conf:%s", cases[i].error);
        if (with.good || error == NULL || strcmp(error, expected) != 0 ||
            pm_errors_count(with.errors) != 1)
            fail_msg("%s\nis told so:        %s\ninstead of (once): %s", cases[i].text,
                     error == NULL ? "(not at all)" : error, expected);
        done(&with);
    }
}

static void all_mistakes_are_told_at_once(void **state)
{
    bench with = reading("socket-mode x\nlimits { time 5; body y }\nallow-root maybe\nnothing");

    (void)state;
    assert_false(with.good);
    assert_int_equal(pm_errors_count(with.errors), 5);
    done(&with);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_configuration_is_all_defaults),
        cmocka_unit_test(every_statement_sets_what_it_says),
        cmocka_unit_test(the_control_socket_is_found_in_a_configuration_that_is_broken),
        cmocka_unit_test(a_store_is_a_file_or_what_the_store_itself_understands),
        cmocka_unit_test(blocks_of_others_are_left_to_them),
        cmocka_unit_test(wrong_statements_are_told_with_the_way_out),
        cmocka_unit_test(all_mistakes_are_told_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
