/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * command_replay_test - replay says what another configuration would change: how often, from where
 * to where, by which rule; the same for people and for tools; and it leaves nothing behind.
 */
#include "program.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Two patches about lids, one about boiling, a note that nobody's rule is about. */
static const char archive[] =
    "From a Sat Oct  3 10:00:00 2026\n"
    "From: Ann Author <ann@example.org>\nMessage-ID: <lid.1@example.org>\n"
    "Subject: [PATCH] teapot: lid: Close it\n\n"
    " teapot/lid.c | 2 ++\n 1 file changed, 2 insertions(+)\n\n"
    "From a Sat Oct  3 10:01:00 2026\n"
    "From: Ann Author <ann@example.org>\nMessage-ID: <lid.2@example.org>\n"
    "Subject: [PATCH] teapot: lid: Open it\n\n"
    " teapot/lid.c | 2 ++\n 1 file changed, 2 insertions(+)\n\n"
    "From a Sat Oct  3 10:02:00 2026\n"
    "From: Bob Author <bob@example.org>\nMessage-ID: <boil.1@example.org>\n"
    "Subject: [PATCH] teapot: Boil\n\n"
    " teapot/boil.c | 2 ++\n 1 file changed, 2 insertions(+)\n\n"
    "From a Sat Oct  3 10:03:00 2026\n"
    "From: Cyd Author <cyd@example.org>\nMessage-ID: <note@example.org>\n"
    "Subject: Lunch\n\nAt noon.\n";

#define PLAIN "project kitchen { paths teapot/ kettle/ }\n"
#define TEA                                                                                        \
    "rule tea {\n why \"Tea\"\n when title ~ /^teapot:/\n then subsystem \"tea\" weight 5\n}\n"
#define LIDS                                                                                       \
    "rule lids {\n why \"Lids\"\n when title ~ /lid:/\n then subsystem \"lids\" weight 9\n}\n"

static const char *write_config(const char *name, const char *more)
{
    char text[4096];

    snprintf(text, sizeof(text),
             "plugin-directory \"" PLUGINS "\"\nplugins project thread revision\n%s", more);
    return write_file(name, text);
}

static const json_t *find(const json_t *document, const char *array, const char *key,
                          const char *value)
{
    const json_t *items = json_object_get(document, array), *item;
    size_t i;

    json_array_foreach(items, i, item)
    {
        if (strcmp(text_of(item, key), value) == 0)
            return item;
    }
    fail_msg("no %s with %s %s", array, key, value);
    return NULL;
}

static json_int_t number_of(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

/* ---- What would change ---- */

static void the_same_rules_change_nothing(void **state)
{
    const char *here = write_config("here.conf", PLAIN TEA LIDS);
    const char *there = write_config("there.conf", PLAIN LIDS TEA);
    const char *mail = write_file("a.mbox", archive);
    const result *got = RUN("replay", "-c", here, "--against", here, mail);

    (void)state;
    expect_status(got, 0);
    assert_string_equal(got->err, "");
    expect_part(got->out, "4 messages, here with ");
    expect_part(got->out, "None would change.\n");
    expect_no_part(got->out, "By ");
    /* The order of rules is no difference, only their names are another file's. */
    got = RUN("replay", "--json", "-c", here, "--against", there, mail);
    expect_status(got, 0);
    expect_part(got->out, "\"different\":0,");
}

static void a_change_is_told_by_inbox_and_by_the_rule_behind_it(void **state)
{
    const char *here = write_config("site.conf", PLAIN TEA);
    const char *next;
    const result *got;

    (void)state;
    assert_int_equal(mkdir(name_file("next"), 0755), 0);
    next = write_config("next/site.conf", PLAIN TEA LIDS);
    got = RUN("replay", "-c", here, "--against", next, write_file("a.mbox", archive));
    expect_status(got, 1);
    expect_part(got->out, "2 would change (50.0 %).\n");
    expect_part(got->out, "By inbox\n"
                          "       2  tea.kitchen -> lids.kitchen\n"
                          "            [PATCH] teapot: lid: Close it\n"
                          "              <lid.1@example.org> ");
    expect_part(got->out, "       2  + site.conf:lids  inbox 2, subsystems 2\n");
    expect_part(got->out, "Other changes\n       2  subsystems\n");
    expect_part(got->out, "              tea -> lids, tea\n");
    expect_no_part(got->out, "site.conf:tea");
    expect_no_part(got->out, "boil.1@");
}

static void tools_get_it_as_one_document(void **state)
{
    const char *here = write_config("site.conf", PLAIN TEA LIDS);
    const char *next;
    const result *got;
    const json_t *group;
    json_t *document;

    (void)state;
    assert_int_equal(mkdir(name_file("next"), 0755), 0);
    next =
        write_config("next/site.conf", PLAIN "rule tea {\n why \"T\"\n when title ~ /^teapot:/\n"
                                             " then subsystem \"tea\" weight 5, tag \"hot\"\n}\n");
    got = RUN("replay", "--json", "--examples", "1", "-c", here, "--against", next,
              write_file("a.mbox", archive));
    expect_status(got, 1);
    document = parse(got->out);
    assert_null(strchr(strchr(got->out, '\n') + 1, '\n'));
    assert_string_equal(text_of(document, "here"), here);
    assert_int_equal(number_of(document, "messages"), 4);
    assert_int_equal(number_of(document, "different"), 3);
    group = find(document, "inboxes", "from", "lids.kitchen");
    assert_string_equal(text_of(group, "to"), "tea.kitchen");
    assert_int_equal(number_of(group, "count"), 2);
    assert_int_equal(json_array_size(json_object_get(group, "examples")), 1);
    group = find(document, "rules", "rule", "site.conf:lids");
    assert_string_equal(text_of(group, "change"), "only-here");
    assert_int_equal(number_of(json_object_get(group, "behind"), "inbox"), 2);
    group = find(document, "rules", "rule", "site.conf:tea");
    assert_string_equal(text_of(group, "change"), "otherwise");
    assert_int_equal(number_of(group, "count"), 3);
    group = find(document, "fields", "field", "tags");
    group = json_array_get(json_object_get(group, "examples"), 0);
    assert_string_equal(text_of(group, "message_id"), "lid.1@example.org");
    assert_string_equal(text_of(group, "to"), "hot");
    assert_true(json_is_null(json_object_get(group, "from")));
    json_decref(document);
}

static void groups_come_most_frequent_first_and_then_by_name(void **state)
{
    static const char rules[] =
        "rule z {\n why \"z\"\n when title ~ /^teapot:/\n then tag \"z\"\n}\n"
        "rule b {\n why \"b\"\n when title ~ /lid:/\n then tag \"b\"\n}\n"
        "rule a {\n why \"a\"\n when title ~ /lid:/\n then tag \"a\"\n}\n";
    char more[2048];
    const char *here = write_config("here.conf", PLAIN), *there;
    const result *got;
    const char *z, *a, *b;

    (void)state;
    snprintf(more, sizeof(more), "%s%s", PLAIN, rules);
    there = write_config("there.conf", more);
    got = RUN("replay", "-c", here, "--against", there, "--examples=0",
              write_file("a.mbox", archive));
    z = strstr(got->out, "       3  + there.conf:z  tags 3\n");
    a = strstr(got->out, "       2  + there.conf:a  tags 2\n");
    b = strstr(got->out, "       2  + there.conf:b  tags 2\n");
    if (z == NULL || a == NULL || b == NULL || !(z < a && a < b))
        fail_msg("another order: %s", got->out);
    expect_no_part(got->out, "@example.org");
}

static void a_rule_that_fires_and_changes_nothing_is_told_and_is_no_difference(void **state)
{
    const char *here = write_config("here.conf", PLAIN TEA);
    const char *there =
        write_config("there.conf", PLAIN "rule two {\n why \"2\"\n when title ~ /^teapot:/\n"
                                         " then subsystem \"tea\" weight 5\n}\n");
    const result *got =
        RUN("replay", "-c", here, "--against", there, write_file("a.mbox", archive));

    (void)state;
    expect_status(got, 0);
    expect_part(got->out, "None would change.\n");
    expect_part(got->out, "       3  - here.conf:tea  changes nothing\n");
    expect_part(got->out, "       3  + there.conf:two  changes nothing\n");
}

static void what_a_plugin_says_otherwise_is_told_by_plugin(void **state)
{
    const char *here = write_config("here.conf", PLAIN);
    const char *there = write_config("there.conf", "project scullery { paths teapot/ }\n");
    const result *got =
        RUN("replay", "-c", here, "--against", there, write_file("a.mbox", archive));

    (void)state;
    expect_status(got, 1);
    expect_part(got->out, "       3  unsorted.kitchen -> unsorted.scullery\n");
    expect_part(got->out, "       3  ~ project  inbox 3, project 3\n");
}

static void what_the_mta_is_asked_for_is_a_change(void **state)
{
    const char *here = write_config("here.conf", PLAIN);
    const char *there = write_config(
        "there.conf", PLAIN "allow { discard yes\n reject yes\n }\n"
                            "rule q {\n why \"q\"\n when title ~ /Close/\n"
                            " then quarantine \"look\", field \"Seen\" \"yes\"\n}\n"
                            "rule r {\n why \"r\"\n when title ~ /Open/\n then reject \"no\"\n}\n"
                            "rule d {\n why \"d\"\n when title ~ /Boil/\n then discard,\n"
                            " recipient \"x@example.org\"\n}\n");
    static const char *const fields[] = {"quarantine", "fields", "reject", "discard", "recipients"};
    const result *got =
        RUN("replay", "--json", "-c", here, "--against", there, write_file("a.mbox", archive));
    json_t *document = parse(got->out);

    (void)state;
    expect_status(got, 1);
    for (size_t i = 0; i < COUNT(fields); i++)
        assert_int_equal(number_of(find(document, "fields", "field", fields[i]), "count"), 1);
    json_decref(document);
}

/* ---- The two memories ---- */

/* A reply is told apart only by what it answers. */
static void each_side_remembers_what_it_decided_itself(void **state)
{
    static const char thread[] =
        "From a Sat Oct  3 10:00:00 2026\n"
        "From: Ann Author <ann@example.org>\nMessage-ID: <lid.1@example.org>\n"
        "Subject: [PATCH] teapot: lid: Close it\n\n"
        " teapot/lid.c | 2 ++\n 1 file changed, 2 insertions(+)\n\n"
        "From a Sat Oct  3 11:00:00 2026\n"
        "From: Bob Author <bob@example.org>\nMessage-ID: <answer@example.org>\n"
        "In-Reply-To: <lid.1@example.org>\nSubject: Re: something else\n\nFine.\n";
    const char *here = write_config("here.conf", PLAIN TEA);
    const char *there = write_config("there.conf", PLAIN TEA LIDS);
    const result *got = RUN("replay", "-c", here, "--against", there, write_file("a.mbox", thread));

    (void)state;
    expect_status(got, 1);
    expect_part(got->out, "       2  tea.kitchen -> lids.kitchen\n");
    expect_part(got->out, "<answer@example.org>");
    expect_part(got->out, "~ thread  inbox 1, subsystems 1\n");
}

static size_t count_files(const char *path)
{
    DIR *open = opendir(path);
    size_t count = 0;

    assert_non_null(open);
    while (readdir(open) != NULL)
        count++;
    closedir(open);
    return count;
}

static void the_sites_store_is_not_touched_and_nothing_is_left_behind(void **state)
{
    char store[256], temporary[256], more[1024];
    const char *here, *got_name;

    (void)state;
    assert_int_equal(mkdir(name_file("tmp"), 0755), 0);
    snprintf(temporary, sizeof(temporary), "%s/tmp", folder);
    snprintf(store, sizeof(store), "%s/series.db", folder);
    snprintf(more, sizeof(more), PLAIN TEA "store \"%s\"\n", store);
    here = write_config("here.conf", more);
    got_name = write_file("a.mbox", archive);
    setenv("TMPDIR", temporary, 1);
    expect_status(RUN("replay", "-c", here, "--against", here, got_name), 0);
    assert_int_equal(count_files(temporary), 2); /* . and .. */
    assert_int_not_equal(access(store, F_OK), 0);
    setenv("TMPDIR", "/nowhere", 1);
    {
        const result *got = RUN("replay", "-c", here, "--against", here, got_name);

        unsetenv("TMPDIR");
        expect_status(got, 2);
        expect_part(got->err, "/nowhere: no temporary folder can be made there (set TMPDIR");
    }
}

/* ---- When it cannot be done ---- */

static void what_cannot_be_done_is_said_and_is_no_difference(void **state)
{
    const char *here = write_config("here.conf", PLAIN);
    const char *bad = write_config("bad.conf", "rule {\n}\n");
    const char *mail = write_file("a.mbox", archive);
    const result *got = RUN("replay", "-c", here, mail);

    (void)state;
    expect_status(got, 2);
    expect_part(got->err, "against which configuration? (write: --against FILE)");
    got = RUN("replay", "-c", here, "--against", bad, mail);
    expect_status(got, 2);
    expect_part(got->err, "bad.conf:3:");
    got = RUN("replay", "-c", here, "--against", "/nowhere/x.conf", mail);
    expect_status(got, 2);
    got = RUN("replay", "-c", here, "--against", here, "--examples", "many", mail);
    expect_status(got, 2);
    expect_part(got->err, "--examples wants a number from 0 to 1000, not \"many\"");
    got = RUN("replay", "-c", here, "--against", here, "/nowhere/a.mbox", mail);
    expect_status(got, 2);
    expect_part(got->err, "/nowhere/a.mbox");
    expect_part(got->out, "4 messages"); /* the others are still looked at */
}

/* ---- On a terminal ---- */

static void colours_are_for_terminals_and_no_mail_moves_the_cursor(void **state)
{
    static const char hostile[] = "From: a@example.org\nMessage-ID: <\033[2J@example.org>\n"
                                  "Subject: [PATCH] teapot: lid: \033]0;x\007\n\ntext\n";
    const char *here = write_config("here.conf", PLAIN TEA);
    const char *there = write_config("there.conf", PLAIN TEA LIDS);
    const char *mail = write_file("hostile.eml", hostile);
    const result *got = RUN("replay", "-c", here, "--against", there, mail);

    (void)state;
    expect_status(got, 1);
    expect_no_part(got->out, "\033");
    got = RUN_ON_TERMINAL("replay", "-c", here, "--against", there, mail);
    expect_part(got->out, "\033[32m+\033[0m ");
    expect_no_part(got->out, "\033[2J");
    expect_no_part(got->out, "\033]0");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        IN_FOLDER(the_same_rules_change_nothing),
        IN_FOLDER(a_change_is_told_by_inbox_and_by_the_rule_behind_it),
        IN_FOLDER(tools_get_it_as_one_document),
        IN_FOLDER(groups_come_most_frequent_first_and_then_by_name),
        IN_FOLDER(a_rule_that_fires_and_changes_nothing_is_told_and_is_no_difference),
        IN_FOLDER(what_a_plugin_says_otherwise_is_told_by_plugin),
        IN_FOLDER(what_the_mta_is_asked_for_is_a_change),
        IN_FOLDER(each_side_remembers_what_it_decided_itself),
        IN_FOLDER(the_sites_store_is_not_touched_and_nothing_is_left_behind),
        IN_FOLDER(what_cannot_be_done_is_said_and_is_no_difference),
        IN_FOLDER(colours_are_for_terminals_and_no_mail_moves_the_cursor),
    };

    return cmocka_run_group_tests_name("command_replay", tests, NULL, NULL);
}
