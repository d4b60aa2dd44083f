/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * command_explain_test - explain says where everything came from: fields, facts, rules that fired
 * and that just missed, what won and by how much. And it leaves no trace.
 */
#include "program.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char cover[] = "Patchmark-Kind: forged\n"
                            "From: Ann Author <ann@example.org>\n"
                            "To: devel@lists.example.org\n"
                            "Subject: [PATCH RFC v3 0/2] teapot: Boil in parallel\n"
                            "Date: Sat, 3 Oct 2026 10:00:00 +0000\n"
                            "Message-ID: <cover.1@example.org>\n"
                            "\n"
                            "This makes tea faster.\n"
                            "\n"
                            " teapot/lid.c  | 10 ++++++++++\n"
                            " teapot/boil.c | 20 ++++++++++++++++++++\n"
                            " 2 files changed, 30 insertions(+)\n";

/* One rule fires; of "lids" one test fails, of "reds" a "not"; "kettles" is far off; "broad" has
 * nothing telling in it. */
static const char rules[] =
    "rule tea {\n    why \"Everything about tea\"\n    when title ~ /^teapot:/\n"
    "    then subsystem \"tea\" weight 5, subsystem \"hot\" weight 2\n}\n"
    "rule lids {\n    why \"Lids\"\n    when title ~ /^teapot:/ and\n        path under kettle/\n"
    "    then subsystem \"lids\"\n}\n"
    "rule reds {\n    why \"Not red\"\n    when path under teapot/ and not title ~ /Boil/\n"
    "    then subsystem \"red\"\n}\n"
    "rule kettles {\n    why \"Kettles\"\n    when title ~ /^kettle:/ and path under kettle/\n"
    "    then subsystem \"kettle\"\n}\n"
    "rule broad {\n    why \"Broad\"\n    when kind == cover and title ~ /^spoon:/\n"
    "    then subsystem \"spoon\"\n}\n"
    "rule cups {\n    why \"Cups\"\n"
    "    when path under teapot/ and (title ~ /^cup:/i or author == \"cup@example.org\")\n"
    "    then subsystem \"cups\"\n}\n";

static const char *write_config(const char *more)
{
    char text[4096];

    snprintf(text, sizeof(text),
             "socket unix:/run/patchmark/test.sock\nplugin-directory \"" PLUGINS "\"\n"
             "plugins project thread subsystem revision\n"
             "project kitchen { paths teapot/ kettle/ }\n%s%s",
             rules, more);
    return write_file("test.conf", text);
}

static void each_field_is_told_with_where_it_was_read(void **state)
{
    const result *got = RUN("explain", "-c", write_config(""), write_file("cover.eml", cover));
    static const char *const parts[] = {
        "cover.eml\n",
        "  kind               cover  (0/N in the subject)\n",
        "  revision           3  (Subject, \"v3\")\n",
        "  part               0  (Subject, \"0/2\")\n",
        "  rfc                yes  (Subject)\n",
        "  author             ann@example.org  (From)\n",
        ("  path               teapot/lid.c  (the diffstat)\n"
         "                     teapot/boil.c\n"),
    };

    (void)state;
    expect_status(got, 0);
    assert_string_equal(got->err, "");
    for (size_t i = 0; i < COUNT(parts); i++)
        expect_part(got->out, parts[i]);
    expect_no_part(got->out, "  resend ");
}

static void what_is_inferred_is_told_from_what_is_written(void **state)
{
    const result *got = RUN_ON("Subject: [PATCH] teapot: Boil (v4)\n\ntext\n", "explain", "-c",
                               write_config(""), "-");

    (void)state;
    expect_status(got, 0);
    expect_part(got->out, "  revision           4  (Subject, inferred from \"");
    got = RUN_ON("Subject: [PATCH] teapot: Boil\n\ntext\n", "explain", "-c", write_config(""), "-");
    expect_part(got->out, "  revision           1  (nothing says it)\n");
}

static void facts_and_the_winner_have_their_weights(void **state)
{
    const result *got = RUN("explain", "-c", write_config(""), write_file("cover.eml", cover));

    (void)state;
    expect_part(got->out,
                "  subsystem          tea  weight 5  test.conf:tea: Everything about tea\n");
    expect_part(got->out, "  project            kitchen  weight ");
    expect_part(got->out, "  inbox              tea.kitchen  Everything about tea\n"
                          "             5  tea  by 3 over the next\n"
                          "             2  hot\n");
    expect_part(got->out, "  - Patchmark-Kind (number 1 of that name)\n");
    expect_part(got->out, "  + Patchmark-Inbox: <tea.kitchen>\n");
    expect_part(got->out, " microseconds; without a memory of earlier mail\n");
}

static void an_inbox_that_was_asked_for_is_told_beside_the_one_it_would_have_been(void **state)
{
    const char *config = write_config("rule filed {\n why \"Filed\"\n when kind == cover\n"
                                      " then inbox \"covers\" weight 4\n}\n");
    const result *got = RUN("explain", "-c", config, write_file("cover.eml", cover));

    (void)state;
    expect_part(got->out, "  inbox              covers.kitchen  Filed\n"
                          "             4  covers\n"
                          "      by subsystem alone it would have been\n"
                          "             5  tea  by 3 over the next\n");
}

static void what_each_step_took_is_told(void **state)
{
    const char *config = write_config("");
    const result *got = RUN("explain", "-c", config, write_file("cover.eml", cover));
    static const char *const steps[] = {
        " us  letter\n",           " us  plugin project\n",  " us  plugin thread\n",
        " us  plugin subsystem\n", " us  plugin revision\n", " us  rules\n",
        " us  decision\n",         " us  memory\n",          " us  marks\n"};
    const char *at = strstr(got->out, "\nWhat it took\n");
    json_t *object, *stage;

    (void)state;
    assert_non_null(at);
    for (size_t i = 0; i < COUNT(steps); i++) {
        at = strstr(at, steps[i]);
        if (at == NULL)
            fail_msg("no \"%s\", or not there: %s", steps[i], got->out);
    }
    expect_no_part(got->out, "shadows");
    got = RUN("explain", "--json", "-c", config, write_file("cover.eml", cover));
    object = parse(got->out);
    stage = json_array_get(json_object_get(object, "stages"), 1);
    assert_string_equal(text_of(stage, "plugin"), "project");
    assert_true(json_is_integer(json_object_get(stage, "microseconds")));
    stage = json_array_get(json_object_get(object, "fired"), 0);
    assert_true(json_is_real(json_object_get(stage, "microseconds")));
    json_decref(object);
}

static const char shadows[] =
    "shadow next {\n rule cold {\n why \"Cold tea\"\n when title ~ /Boil/\n"
    " then subsystem \"cold\" weight 9\n}\n}\n"
    "shadow none instead {\n rule far {\n why \"Far\"\n when title ~ /zebra/\n"
    " then tag \"z\"\n}\n}\n";

static void what_shadows_would_do_is_told_and_not_done(void **state)
{
    const char *config = write_config(shadows);
    const result *got = RUN("explain", "-c", config, write_file("cover.eml", cover));

    (void)state;
    expect_part(got->out, "  + Patchmark-Inbox: <tea.kitchen>\n");
    expect_part(got->out, "\nShadows, which are not applied\n"
                          "  next, added to the live rules: this would change\n"
                          "      inbox          tea.kitchen -> cold.kitchen\n"
                          "      subsystems     tea, hot -> cold, tea, hot\n"
                          "      fires test.conf:cold: Cold tea  ");
    expect_part(got->out, "  none, instead of the live rules: this would change\n"
                          "      inbox          tea.kitchen -> unsorted.kitchen\n");
    expect_part(got->out, "      fires not test.conf:tea: Everything about tea  ");
    expect_part(got->out, " us  shadows\n");
}

static void tools_get_shadows_where_there_are_some(void **state)
{
    const char *mail = write_file("cover.eml", cover);
    json_t *object = parse(RUN("classify", "--json", "-c", write_config(shadows), mail)->out);
    const json_t *one = json_array_get(json_object_get(object, "shadows"), 0);

    (void)state;
    assert_string_equal(text_of(object, "inbox"), "tea.kitchen");
    assert_int_equal(json_array_size(json_object_get(object, "shadows")), 2);
    assert_string_equal(text_of(one, "name"), "next");
    assert_string_equal(text_of(one, "inbox"), "cold.kitchen");
    assert_true(json_is_false(json_object_get(one, "instead")));
    assert_true(json_is_false(json_object_get(one, "skipped")));
    assert_string_equal(json_string_value(json_array_get(json_object_get(one, "changes"), 0)),
                        "inbox");
    json_decref(object);
    expect_no_part(RUN("classify", "--json", "-c", write_config(""), mail)->out, "shadows");
}

static void a_rule_that_one_test_held_back_is_named_with_that_test(void **state)
{
    const char *config = write_config("");
    const result *got = RUN("explain", "-c", config, write_file("cover.eml", cover));
    char line[256];

    (void)state;
    expect_part(got->out, "  fired test.conf:tea: Everything about tea  ");
    expect_part(got->out, "  missed test.conf:lids: Lids  ");
    snprintf(line, sizeof(line), " us\n      %s:13: not so: path under kettle/\n", config);
    expect_part(got->out, line);
    expect_part(got->out, "  missed test.conf:reds: Not red  ");
    snprintf(line, sizeof(line), " us\n      %s:18: not so: not title ~ /Boil/\n", config);
    expect_part(got->out, line);
    expect_part(got->out, ": not so: title ~ /^cup:/i\n"); /* the first of two that would do */
    expect_no_part(got->out, "kettles");
    expect_no_part(got->out, "broad");
    expect_part(got->out, "  1 of 6 fired; missed are those");
}

static void a_rule_behind_stop_is_told_to_be_held_back(void **state)
{
    const char *config = write_config("rule first {\n why \"No more\"\n when kind == cover\n"
                                      " then stop\n}\n"
                                      "rule second {\n why \"Too late\"\n when kind == cover\n"
                                      " then tag \"late\"\n}\n");
    const result *got = RUN("explain", "-c", config, write_file("cover.eml", cover));

    (void)state;
    expect_part(got->out, "  held back test.conf:second: Too late  ");
    expect_part(got->out, " us\n      holds, but a rule before it said stop");
}

static void tools_get_the_same_as_one_object_a_line(void **state)
{
    const char *mail = write_file("cover.eml", cover);
    const result *got = RUN("explain", "--json", "-c", write_config(""), mail, mail);
    static const char *const members[] = {"fields", "facts",    "fired",   "missed",
                                          "inbox",  "removals", "headers", "microseconds"};
    json_t *object = parse(got->out), *inbox, *missed;
    const char *line = strchr(got->out, '\n') + 1;

    (void)state;
    expect_status(got, 0);
    for (size_t i = 0; i < COUNT(members); i++)
        if (json_object_get(object, members[i]) == NULL)
            fail_msg("no %s in %s", members[i], got->out);
    inbox = json_object_get(object, "inbox");
    assert_string_equal(text_of(inbox, "value"), "tea.kitchen");
    assert_int_equal(json_array_size(json_object_get(inbox, "candidates")), 2);
    assert_string_equal(text_of(inbox, "by"), "subsystem");
    assert_true(json_real_value(json_object_get(inbox, "margin")) == 3);
    missed = json_array_get(json_object_get(object, "missed"), 0);
    assert_string_equal(text_of(missed, "rule"), "test.conf:lids");
    assert_string_equal(text_of(missed, "test"), "path under kettle/");
    assert_int_equal(json_integer_value(json_object_get(missed, "line")), 13);
    json_decref(object);
    json_decref(parse(line));
    assert_null(strchr(strchr(line, '\n') + 1, '\n'));
}

static void explaining_leaves_the_memory_as_it_is(void **state)
{
    static const char next[] = "From: Ann Author <ann@example.org>\n"
                               "Subject: [PATCH v4 0/2] teapot: Boil in parallel\n"
                               "Date: Sun, 4 Oct 2026 10:00:00 +0000\n"
                               "Message-ID: <cover.2@example.org>\n\ntext\n";
    const char *store = name_file("series.db");
    const char *mail = write_file("cover.eml", cover), *config = write_config("");
    static char before[65536];
    const result *got;

    (void)state;
    expect_status(RUN("warm", "-c", config, "--store", store, mail), 0);
    snprintf(before, sizeof(before), "%s", RUN("series", "export", "--store", store)->out);
    got = RUN_ON(next, "explain", "-c", config, "--store", store, "-");
    expect_status(got, 0);
    expect_part(got->out, "  supersedes         cover.1@example.org  ");
    expect_part(got->out, "  chain              cover.1@example.org\n");
    expect_no_part(got->out, "did not answer");
    assert_string_equal(RUN("series", "export", "--store", store)->out, before);
}

static void a_store_of_the_configuration_that_cannot_be_read_is_done_without(void **state)
{
    const char *mail = write_file("cover.eml", cover);
    const result *got = RUN("explain", "-c", write_config("store /nowhere/series.db\n"), mail);

    (void)state;
    expect_status(got, 0);
    expect_part(got->err, "/nowhere/series.db: the store cannot be read");
    expect_part(got->out, "<tea.kitchen>");
    got = RUN("explain", "-c", write_config(""), "--store", "/nowhere/series.db", mail);
    expect_status(got, 2);
    expect_part(got->err, "/nowhere/series.db: there is no store");
}

static void colours_are_for_terminals(void **state)
{
    const char *mail = write_file("cover.eml", cover), *config = write_config("");
    const result *got = RUN("explain", "-c", config, mail);

    (void)state;
    expect_no_part(got->out, "\033");
    got = RUN_ON_TERMINAL("explain", "-c", config, mail);
    expect_part(got->out, "\033[32mfired\033[0m test.conf:tea");
    expect_part(got->out, "\033[33mmissed\033[0m test.conf:lids");
    setenv("NO_COLOR", "1", 1);
    got = RUN_ON_TERMINAL("explain", "-c", config, mail);
    unsetenv("NO_COLOR");
    expect_no_part(got->out, "\033");
}

/* Not one of these is mail as it should be. */
static void nothing_that_is_read_makes_it_fall_over(void **state)
{
    static char noise[20000], line[70000], many[60000];
    const char *config = write_config("");
    const char *paths[8];
    size_t count = 0, at = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(noise); i++)
        noise[i] = (char)(i * 2654435761u >> 13);
    memset(line, 'x', sizeof(line));
    memcpy(line, "Subject: [PATCH v", 17);
    for (; at + 40 < sizeof(many); at += 20)
        memcpy(many + at, "Subject: [PATCH 1/2\n", 20);
    paths[count++] = write_bytes("noise.eml", noise, sizeof(noise));
    paths[count++] = write_bytes("line.eml", line, sizeof(line));
    paths[count++] = write_bytes("many.eml", many, at);
    paths[count++] = write_bytes("nul.eml", "Subject: \0\n\n\0\0", 14);
    paths[count++] = write_file("escape.eml", "Subject: [PATCH] \033[2J \xc2\x9b"
                                              "31m\n\n\033]0;x\007\n");
    paths[count++] = write_file("empty.eml", "");
    paths[count++] = folder;
    for (size_t i = 0; i < count; i++) {
        const result *got = RUN("explain", "-c", config, paths[i]);

        if (got->status != 0 && got->status != 2)
            fail_msg("%s: exit status %d\n%s", paths[i], got->status, got->err);
        expect_no_part(got->out, "\033");
        expect_no_part(got->out, "\xc2\x9b");
        got = RUN("explain", "-c", config, "--json", paths[i]);
        if (got->status == 0)
            json_decref(parse(got->out));
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        IN_FOLDER(each_field_is_told_with_where_it_was_read),
        IN_FOLDER(what_is_inferred_is_told_from_what_is_written),
        IN_FOLDER(facts_and_the_winner_have_their_weights),
        IN_FOLDER(an_inbox_that_was_asked_for_is_told_beside_the_one_it_would_have_been),
        IN_FOLDER(what_each_step_took_is_told),
        IN_FOLDER(what_shadows_would_do_is_told_and_not_done),
        IN_FOLDER(tools_get_shadows_where_there_are_some),
        IN_FOLDER(a_rule_that_one_test_held_back_is_named_with_that_test),
        IN_FOLDER(a_rule_behind_stop_is_told_to_be_held_back),
        IN_FOLDER(tools_get_the_same_as_one_object_a_line),
        IN_FOLDER(explaining_leaves_the_memory_as_it_is),
        IN_FOLDER(a_store_of_the_configuration_that_cannot_be_read_is_done_without),
        IN_FOLDER(colours_are_for_terminals),
        IN_FOLDER(nothing_that_is_read_makes_it_fall_over),
    };

    return cmocka_run_group_tests_name("command_explain", tests, NULL, NULL);
}
