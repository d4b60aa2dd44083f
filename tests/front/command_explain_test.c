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

static void a_rule_that_one_test_held_back_is_named_with_that_test(void **state)
{
    const char *config = write_config("");
    const result *got = RUN("explain", "-c", config, write_file("cover.eml", cover));
    char line[256];

    (void)state;
    expect_part(got->out, "  fired test.conf:tea: Everything about tea\n");
    snprintf(line, sizeof(line),
             "  missed test.conf:lids: Lids\n      %s:13: not so: path under kettle/\n", config);
    expect_part(got->out, line);
    snprintf(line, sizeof(line),
             "  missed test.conf:reds: Not red\n      %s:18: not so: not title ~ /Boil/\n", config);
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
    expect_part(got->out, "  held back test.conf:second: Too late\n"
                          "      holds, but a rule before it said stop");
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
