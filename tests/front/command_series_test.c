/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * command_series_test - the memory from outside: filled from archives by warm, looked at and
 * corrected by series, taken out and put in elsewhere.
 */
#include "program.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- Mail to remember ---- */

/* A letter of one teapot series; its id is as in "v1.0@example.org", its day is of October. */
static size_t add_letter(char *text, size_t room, const char *id, int day, const char *subject,
                         const char *answers, const char *body)
{
    const char *author = strncmp(subject, "Re:", 3) == 0 ? "Bob Baker <bob@example.org>"
                                                         : "Ann Author <ann@example.org>";
    char in_reply_to[128] = "";

    if (answers != NULL)
        snprintf(in_reply_to, sizeof(in_reply_to), "In-Reply-To: <%s>\n", answers);
    return (size_t)snprintf(text, room,
                            "From ann@example.org Sat Oct  3 10:00:00 2026\n"
                            "From: %s\n"
                            "To: devel@lists.example.org\n"
                            "Subject: %s\n"
                            "Date: %d Oct 2026 10:00:00 +0000\n"
                            "Message-ID: <%s>\n"
                            "%s\n%s\n",
                            author, subject, day, id, in_reply_to, body);
}

static const char boil[] = "This makes tea faster.\n\n"
                           "Ann Author (2):\n"
                           "  teapot: Add a lid\n"
                           "  teapot: Boil in parallel\n\n"
                           " teapot/lid.c  | 10 ++++++++++\n"
                           " teapot/boil.c | 20 ++++++++++++++++++++\n"
                           " 2 files changed, 30 insertions(+)\n";

static const char patch[] = "---\n teapot/lid.c | 1 +\n 1 file changed, 1 insertion(+)\n\n"
                            "diff --git a/teapot/lid.c b/teapot/lid.c\n"
                            "--- a/teapot/lid.c\n+++ b/teapot/lid.c\n"
                            "@@ -1,1 +1,2 @@\n a\n+b\n";

/* v1 is whole and was answered, v2 lacks its second patch, v3 has another title; and a kettle. */
static const char *archive(void)
{
    static const struct {
        const char *id, *subject, *answers;
        int day;
        const char *body;
    } letters[] = {
        {"v1.0@example.org", "[PATCH RFC 0/2] teapot: Boil in parallel", NULL, 1, boil},
        {"v1.1@example.org", "[PATCH RFC 1/2] teapot: Add a lid", "v1.0@example.org", 1, patch},
        {"v1.2@example.org", "[PATCH RFC 2/2] teapot: Boil", "v1.0@example.org", 1, patch},
        {"re.1@example.org", "Re: [PATCH RFC 0/2] teapot: Boil in parallel", "v1.0@example.org", 2,
         "Does it?\n"},
        {"v2.0@example.org", "[PATCH v2 0/2] teapot: Boil in parallel", NULL, 5, boil},
        {"v2.1@example.org", "[PATCH v2 1/2] teapot: Add a lid", "v2.0@example.org", 5, patch},
        {"v3.0@example.org", "[PATCH v3 0/2] teapot: Cook in parallel", NULL, 9, boil},
        {"k1.0@example.org", "[PATCH] kettle: Whistle", NULL, 11,
         " kettle/whistle.c | 3 +++\n 1 file changed, 3 insertions(+)\n\n"
         "diff --git a/kettle/whistle.c b/kettle/whistle.c\n"
         "--- a/kettle/whistle.c\n+++ b/kettle/whistle.c\n@@ -1,1 +1,2 @@\n a\n+b\n"},
        {"chat@example.org", "What to drink?", NULL, 12, "Tea.\n"},
    };
    static char text[16384];
    size_t len = 0;

    for (size_t i = 0; i < COUNT(letters); i++)
        len += add_letter(text + len, sizeof(text) - len, letters[i].id, letters[i].day,
                          letters[i].subject, letters[i].answers, letters[i].body);
    return text;
}

static const char *write_config(const char *more)
{
    char text[4096];

    snprintf(text, sizeof(text),
             "socket unix:/run/patchmark/test.sock\nplugin-directory \"" PLUGINS "\"\n"
             "plugins project thread subsystem revision\n"
             "project kitchen { paths teapot/ kettle/ }\n"
             "rule tea {\n why \"Tea\"\n when title ~ /^teapot:/\n then subsystem \"tea\"\n}\n%s",
             more);
    return write_file("test.conf", text);
}

static char store[128];

/* A store with the archive in it. */
static const result *warm_up(void)
{
    const char *config = write_config("");
    const char *mail = write_file("archive.mbox", archive());

    snprintf(store, sizeof(store), "%s/series.db", folder);
    return RUN("warm", "-c", config, "--store", store, mail);
}

#define SERIES(...) RUN("series", "--store", store, __VA_ARGS__)

/* Everything in the store, until the one after the next. */
static const char *exported(void)
{
    static char copies[2][65536];
    static unsigned next;
    const result *got = SERIES("export");
    char *copy = copies[next++ % COUNT(copies)];

    expect_status(got, 0);
    memcpy(copy, got->out, sizeof(copies[0]));
    return copy;
}

/* ---- warm ---- */

static void warm_says_what_it_read_and_what_there_is_now(void **state)
{
    const result *got = warm_up();

    (void)state;
    expect_status(got, 0);
    assert_string_equal(got->err, "");
    assert_string_equal(got->out, "9 messages: 8 new, 0 remembered already, 1 of no series.\n"
                                  "The store holds 4 series in 2 chains.\n");
}

static void a_second_run_changes_nothing(void **state)
{
    const result *got = warm_up();
    const char *before = exported();

    (void)state;
    got = warm_up();
    expect_status(got, 0);
    expect_part(got->out, "9 messages: 0 new, 8 remembered already, 1 of no series.\n");
    assert_string_equal(exported(), before);
    expect_status(RUN("warm", "--again", "-c", write_config(""), "--store", store,
                      write_file("archive.mbox", archive())),
                  0);
    assert_string_equal(exported(), before);
}

static void the_configuration_may_name_the_store(void **state)
{
    char statement[256];
    const char *config;
    const result *got;

    (void)state;
    snprintf(statement, sizeof(statement), "store \"%s/named.db\"\n", folder);
    config = write_config(statement);
    got = RUN("warm", "-c", config, write_file("archive.mbox", archive()));
    expect_status(got, 0);
    got = RUN("series", "list", "-c", config);
    expect_status(got, 0);
    expect_part(got->out, "kettle: Whistle");
}

static void without_a_store_it_is_said_how_to_name_one(void **state)
{
    static const char *const commands[][3] = {{"warm", "/dev/null"}, {"series", "list"}};
    const char *config = write_config("");

    (void)state;
    for (size_t i = 0; i < COUNT(commands); i++) {
        const result *got = RUN(commands[i][0], "-c", config, commands[i][1]);

        expect_status(got, 2);
        expect_part(got->err, "names no store (name one with --store FILE");
    }
}

static void what_cannot_be_read_does_not_hide_the_rest(void **state)
{
    const char *config = write_config("");
    const char *mail = write_file("archive.mbox", archive());
    const result *got;

    (void)state;
    snprintf(store, sizeof(store), "%s/series.db", folder);
    got = RUN("warm", "-c", config, "--store", store, "/nowhere/at.mbox", mail);
    expect_status(got, 2);
    expect_part(got->err, "/nowhere/at.mbox");
    expect_part(got->out, "4 series in 2 chains");
}

static void a_store_that_cannot_be_made_is_an_error(void **state)
{
    const char *config = write_config("");
    const char *mail = write_file("archive.mbox", archive());
    const result *got = RUN("warm", "-c", config, "--store", "/nowhere/series.db", mail);

    (void)state;
    expect_status(got, 2);
    expect_part(got->err, "/nowhere/series.db");
    got = RUN("warm", "-c", config, "--store", mail, mail); /* an mbox is no store */
    expect_status(got, 2);
    expect_part(got->err, "archive.mbox");
}

/* Wait until the store, which another process is filling, knows the title. */
static void wait_for_title(const char *title)
{
    for (int tries = 0; tries < 600; tries++) {
        const result *got = SERIES("list");

        if (got->status == 0 && strstr(got->out, title) != NULL)
            return;
        usleep(50000);
    }
    fail_msg("the store never got to know \"%s\"", title);
}

static void ctrl_c_loses_nothing(void **state)
{
    const char *config = write_config("");
    const char *fifo = name_file("fifo"), *mail = write_file("archive.mbox", archive());
    const char *said = name_file("said");
    pid_t child;
    FILE *pipe;
    int status;

    (void)state;
    snprintf(store, sizeof(store), "%s/series.db", folder);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    child = fork();
    if (child == 0) {
        if (freopen(said, "w", stderr) != NULL && freopen("/dev/null", "w", stdout) != NULL)
            execl(PATCHMARK, PATCHMARK, "warm", "-c", config, "--store", store, fifo, NULL);
        _exit(127);
    }
    pipe = fopen(fifo, "r+"); /* "w" would wait for a child that has not come so far */
    assert_non_null(pipe);
    fputs(archive(), pipe);
    fflush(pipe);
    wait_for_title("kettle: Whistle"); /* its end is only known by what comes behind it */
    kill(child, SIGINT);
    fputs(archive(), pipe);
    fclose(pipe);
    waitpid(child, &status, 0);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 2);

    expect_status(SERIES("verify"), 0);
    expect_status(RUN("warm", "-c", config, "--store", store, mail), 0);
    expect_part(SERIES("verify")->out, "whole. 4 series in 2 chains.\n");
}

/* ---- show ---- */

static const char picture[] = "teapot: Cook in parallel\n"
                              "ann@example.org, tea.kitchen, 3 revisions\n"
                              "\n"
                              "* RFC v1  2026-10-01 10:00  <v1.0@example.org>\n"
                              "|       teapot: Boil in parallel\n"
                              "|       cover and 2 of 2 patches, 1 reply (bob@example.org)\n"
                              "|\n"
                              "* v2      2026-10-05 10:00  <v2.0@example.org>\n"
                              "|       cover and 1 of 2 patches (missing 2)\n"
                              "|       supersedes RFC v1, weight ";

static void a_chain_is_drawn_with_what_is_missing_and_why_it_hangs_together(void **state)
{
    const result *got;

    (void)state;
    warm_up();
    got = SERIES("show", "v2.0@example.org");
    expect_status(got, 0);
    if (strncmp(got->out, picture, strlen(picture)) != 0)
        fail_msg("drawn:\n%s", got->out);
    expect_part(got->out, "* v3      2026-10-09 10:00  <v3.0@example.org>\n");
    expect_part(got->out, "        teapot: Cook in parallel\n"
                          "        cover and 0 of 2 patches (missing 1-2)\n"
                          "        supersedes v2, weight ");
}

static void a_series_is_found_by_whatever_people_have_at_hand(void **state)
{
    static const char *const written[] = {
        "v1.0@example.org",
        "<v1.0@example.org>",
        "v2.1@example.org", /* a part of it */
        "re.1@example.org", /* an answer to it */
        "https://lore.kernel.org/devel/v3.0@example.org/",
        "https://lore.kernel.org/devel/v3.0@example.org/T/#u",
        "https://lore.kernel.org/r/v3.0@example.org",
        "https://patch.msgid.link/v3.0@example.org",
        "Message-ID: <v1.0@example.org>",
        "mid:v1.0@example.org",
        " v1.0@example.org ",
        "parallel",
        "Cook",
        "teapot: BOIL in par", /* the beginnings of words will do */
    };

    (void)state;
    warm_up();
    for (size_t i = 0; i < COUNT(written); i++) {
        const result *got = SERIES("show", written[i]);

        if (got->status != 0 || strstr(got->out, "3 revisions") == NULL)
            fail_msg("\"%s\": %d\n%s%s", written[i], got->status, got->out, got->err);
    }
    expect_part(SERIES("show", "boil", "parallel")->out, "3 revisions");
}

static void what_is_not_known_is_said_with_the_way_out(void **state)
{
    static const struct {
        const char *arguments[3];
        const char *sentence;
    } cases[] = {
        {{"show", "nobody@example.org"}, "no series is remembered for <nobody@example.org>"},
        {{"show", "samovar"}, "no title that is remembered has the words \"samovar\""},
        {{"link", "v2.0@example.org", "nobody@example.org"}, "for <nobody@example.org>"},
        {{"link", "v2.0@example.org", ""}, "\"\" is no Message-ID"},
        {{"link", "v2.0@example.org", "https://example.org/"}, "is no Message-ID"},
        {{"link", "v2.0@example.org", "v2.1@example.org"}, "both are messages of one series"},
        {{"link", "v1.0@example.org", "v3.0@example.org"}, "comes after"},
        {{"list", "--limit", "some"}, "--limit wants a whole number"},
        {{"list", "--limit", "-1"}, "--limit wants a whole number"},
    };

    (void)state;
    warm_up();
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *const *words = cases[i].arguments;
        const result *got =
            words[2] == NULL ? SERIES(words[0], words[1]) : SERIES(words[0], words[1], words[2]);

        expect_status(got, 2);
        assert_string_equal(got->out, "");
        expect_part(got->err, cases[i].sentence);
    }
}

static void words_that_fit_several_patch_sets_list_them(void **state)
{
    const char *mail;
    char text[4096];
    const result *got;

    (void)state;
    warm_up();
    add_letter(text, sizeof(text), "t.0@example.org", 20, "[PATCH] teapot: Paint it red", NULL,
               " teapot/paint.c | 1 +\n 1 file changed, 1 insertion(+)\n");
    mail = write_file("more.mbox", text);
    expect_status(RUN("warm", "-c", write_config(""), "--store", store, mail), 0);
    got = SERIES("show", "teapot");
    expect_status(got, 2);
    expect_part(got->out, "<t.0@example.org>");
    expect_part(got->out, "<v3.0@example.org>");
    expect_part(got->err, "2 patch sets have these words in a title (name one by its ID)");
}

static void show_tells_tools_what_arrived(void **state)
{
    const result *got;
    json_t *first, *second;
    const char *line;

    (void)state;
    warm_up();
    got = SERIES("show", "--json", "v3.0@example.org");
    expect_status(got, 0);
    first = parse(got->out);
    line = strchr(got->out, '\n') + 1;
    second = parse(line);
    assert_string_equal(text_of(first, "id"), "v1.0@example.org");
    assert_int_equal(json_array_size(json_object_get(first, "messages")), 3);
    assert_int_equal(json_array_size(json_object_get(first, "replies")), 1);
    assert_string_equal(json_string_value(json_array_get(json_object_get(first, "repliers"), 0)),
                        "bob@example.org");
    assert_int_equal(json_array_size(json_object_get(first, "missing")), 0);
    assert_string_equal(text_of(second, "chain"), "v1.0@example.org");
    assert_string_equal(text_of(second, "supersedes"), "v1.0@example.org");
    assert_int_equal(json_array_size(json_object_get(second, "missing")), 1);
    assert_int_equal(json_integer_value(json_array_get(json_object_get(second, "missing"), 0)), 2);
    json_decref(first);
    json_decref(second);
}

static void a_revision_followed_by_two_is_drawn_as_a_fork(void **state)
{
    const result *got;

    (void)state;
    warm_up();
    expect_status(SERIES("link", "v3.0@example.org", "v1.0@example.org"), 0);
    got = SERIES("show", "v1.0@example.org");
    expect_status(got, 0);
    expect_part(got->out, "|\\\n"
                          "| * v2      2026-10-05 10:00  <v2.0@example.org>\n"
                          "|         cover and 1 of 2 patches (missing 2)\n");
    expect_part(got->out, "|\n* v3      ");
}

static void the_terminal_gets_colours_and_a_pipe_none(void **state)
{
    const result *got;

    (void)state;
    warm_up();
    expect_no_part(SERIES("show", "Cook")->out, "\033");
    got = RUN_ON_TERMINAL("series", "--store", store, "show", "Cook");
    expect_status(got, 0);
    expect_part(got->out, "\033[1mteapot: Cook in parallel\033[0m");
    setenv("NO_COLOR", "1", 1);
    got = RUN_ON_TERMINAL("series", "--store", store, "show", "Cook");
    unsetenv("NO_COLOR");
    expect_no_part(got->out, "\033");
}

/* ---- list ---- */

static size_t count_lines(const char *text)
{
    size_t count = 0;

    while ((text = strchr(text, '\n')) != NULL) {
        count++;
        text++;
    }
    return count;
}

static void list_shows_the_last_seen_first_and_what_passes(void **state)
{
    static const struct {
        const char *arguments[4];
        size_t count;
    } cases[] = {
        {{"--json"}, 4},
        {{"--json", "--limit", "2"}, 2},
        {{"--json", "--limit", "0"}, 4},
        {{"--json", "--inbox", "tea.kitchen"}, 3},
        {{"--json", "--inbox", "<tea.kitchen>"}, 3},
        {{"--json", "--inbox", "tea"}, 3},
        {{"--json", "--inbox", "te"}, 0},
        {{"--json", "--inbox", "tea.kitch"}, 0},
        {{"--json", "--project", "kitchen"}, 4},
        {{"--json", "--project", "linux"}, 0},
        {{"--json", "--author", "ANN"}, 4},
        {{"--json", "--author", "ann author"}, 4},
        {{"--json", "--author", "bob"}, 0},
    };
    const result *got;
    json_t *first;

    (void)state;
    warm_up();
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *const *more = cases[i].arguments;

        got = more[1] == NULL ? SERIES("list", more[0]) : SERIES("list", more[0], more[1], more[2]);
        expect_status(got, 0);
        if (count_lines(got->out) != cases[i].count)
            fail_msg("%s %s: not %zu lines:\n%s", more[1], more[2], cases[i].count, got->out);
    }
    got = SERIES("list", "--json");
    first = parse(got->out);
    assert_string_equal(text_of(first, "id"), "k1.0@example.org");
    json_decref(first);
    got = SERIES("list");
    expect_part(got->out, "2026-10-11 10:00  v1       ");
    expect_part(got->out, "kettle: Whistle\n    ann@example.org  <k1.0@example.org>\n");
}

/* More than one page of what the store gives at once. */
static void a_long_list_is_whole(void **state)
{
    static char text[300 * 700];
    size_t len = 0;
    const char *mail;

    (void)state;
    for (int i = 0; i < 250; i++) {
        char id[32], subject[64];

        snprintf(id, sizeof(id), "%d@example.org", i);
        snprintf(subject, sizeof(subject), "[PATCH] teapot: Color number %d", i);
        len += add_letter(text + len, sizeof(text) - len, id, 1 + i % 3, subject, NULL, "text\n");
    }
    snprintf(store, sizeof(store), "%s/series.db", folder);
    mail = write_bytes("many.mbox", text, len);
    expect_status(RUN("warm", "-c", write_config(""), "--store", store, mail), 0);
    assert_int_equal(count_lines(SERIES("list", "--limit", "0")->out), 2 * 250);
    assert_int_equal(count_lines(SERIES("list", "--limit", "220")->out), 2 * 220);
    assert_int_equal(count_lines(SERIES("list")->out), 2 * 20);
    expect_part(SERIES("show", "color", "number", "249")->out, "Color number 249");
}

/* ---- Corrections ---- */

/* All mail there is, examined again, and a new letter of each series. */
static void more_mail_comes(void)
{
    char text[4096];
    size_t len = 0;
    const char *mail = write_file("archive.mbox", archive());
    const char *config = write_config("");

    expect_status(RUN("warm", "--again", "-c", config, "--store", store, mail), 0);
    len = add_letter(text, sizeof(text), "v2.2@example.org", 15, "[PATCH v2 2/2] teapot: Boil",
                     "v2.0@example.org", patch);
    add_letter(text + len, sizeof(text) - len, "re.2@example.org", 16, "Re: [PATCH] kettle",
               "k1.0@example.org", "Why?\n");
    expect_status(RUN("warm", "-c", config, "--store", store, write_file("new.mbox", text)), 0);
}

static void a_link_that_is_cut_stays_cut(void **state)
{
    const result *got;

    (void)state;
    warm_up();
    got = SERIES("unlink", "<v2.1@example.org>");
    expect_status(got, 0);
    assert_string_equal(got->out,
                        "v2 <v2.0@example.org> supersedes nothing, whatever later mail says.\n");
    more_mail_comes();
    got = SERIES("show", "v2.0@example.org");
    expect_part(got->out, "2 revisions");
    expect_part(got->out, "supersedes nothing, as a person has said");
}

static void a_link_that_is_made_stays_made(void **state)
{
    const result *got;

    (void)state;
    warm_up();
    got = SERIES("link", "https://lore.kernel.org/r/k1.0@example.org", "v3.0@example.org");
    expect_status(got, 0);
    assert_string_equal(got->err, "");
    assert_string_equal(got->out, "v1 <k1.0@example.org> supersedes v3 <v3.0@example.org>, "
                                  "whatever later mail says.\n");
    more_mail_comes();
    got = SERIES("show", "k1.0@example.org");
    expect_part(got->out, "4 revisions");
    expect_part(got->out, "supersedes v3, as a person has said\n");
}

static void what_was_found_can_be_confirmed(void **state)
{
    const result *got;

    (void)state;
    warm_up();
    expect_status(SERIES("pin", "v3.0@example.org"), 0);
    got = SERIES("show", "v3.0@example.org");
    expect_part(got->out, "3 revisions");
    expect_part(got->out, "supersedes v2, as a person has said: ");
    expect_part(got->out, "; same author\n");
    expect_status(SERIES("pin", "v3.0@example.org"), 0); /* twice is once */
    got = SERIES("show", "--json", "v3.0@example.org");
    expect_part(got->out, "same author; a person said so\"");
    expect_no_part(got->out, "a person said so; a person said so");
}

static void what_was_pinned_is_evidence_s_again(void **state)
{
    const result *got;

    (void)state;
    warm_up();
    expect_status(SERIES("pin", "v3.0@example.org"), 0);
    got = SERIES("unpin", "v3.0@example.org");
    expect_status(got, 0);
    assert_string_equal(got->out,
                        "v3 <v3.0@example.org> supersedes <v2.0@example.org>, until later "
                        "mail says otherwise.\n");
    got = SERIES("show", "--json", "v3.0@example.org");
    expect_no_part(got->out, "a person said so");
    expect_no_part(got->out, "\"pinned\": true");
    got = SERIES("unpin", "v3.0@example.org");
    expect_status(got, 0);
    assert_string_equal(got->out, "v3 <v3.0@example.org> is not pinned.\n");

    expect_status(SERIES("unlink", "v2.0@example.org"), 0);
    got = SERIES("unpin", "v2.0@example.org");
    expect_status(got, 0);
    assert_string_equal(got->out, "v2 <v2.0@example.org> supersedes nothing, until later mail says "
                                  "otherwise.\n");
    more_mail_comes();
    got = SERIES("show", "v2.0@example.org");
    expect_part(got->out, "3 revisions");
}

static void the_wrong_way_round_is_done_with_a_warning(void **state)
{
    const result *got;

    (void)state;
    warm_up();
    got = SERIES("link", "v1.0@example.org", "k1.0@example.org");
    expect_status(got, 0);
    expect_part(got->err, "<v1.0@example.org> is the older one");
}

static void looking_and_correcting_make_no_store(void **state)
{
    static const char *const verbs[][4] = {
        {"list"},          {"show", "a@b"}, {"link", "a@b", "c@d"},
        {"unlink", "a@b"}, {"verify"},      {"export"},
    };

    (void)state;
    snprintf(store, sizeof(store), "%s/none.db", folder);
    for (size_t i = 0; i < COUNT(verbs); i++) {
        const result *got = SERIES(verbs[i][0], verbs[i][1], verbs[i][2]);

        expect_status(got, 2);
        expect_part(got->err, "none.db: there is no store (\"patchmark warm\" makes one");
        assert_int_not_equal(access(store, F_OK), 0);
    }
}

/* ---- verify, export, import ---- */

static void a_broken_store_is_told_from_a_whole_one(void **state)
{
    const result *got;
    int file;

    (void)state;
    warm_up();
    got = SERIES("verify");
    expect_status(got, 0);
    expect_part(got->out, "series.db: whole. 4 series in 2 chains.\n");
    file = open(store, O_WRONLY);
    for (off_t at = 4096; at < 10 * 4096; at += 512)
        assert_int_equal(pwrite(file, "broken", 6, at), 6);
    close(file);
    got = SERIES("verify");
    assert_true(got->status == 1 || got->status == 2);
    assert_string_not_equal(got->err, "");
    SERIES("list");
    got = SERIES("show", "parallel");
    assert_in_range(got->status, 0, 2);
}

static void what_is_exported_is_imported_elsewhere(void **state)
{
    const char *lines, *file;
    const result *got;

    (void)state;
    warm_up();
    expect_status(SERIES("unlink", "v3.0@example.org"), 0);
    expect_status(
        SERIES("import", write_file("note.jsonl", "{\"type\":\"note\",\"plugin\":\"tea\",\"key\":"
                                                  "\"k\",\"value\":\"two\\nlines\",\"expires\":"
                                                  "4000000000}\n"
                                                  "{\"type\":\"series\",\"id\":\"b@example.org\","
                                                  "\"title\":\"brew\",\"tree\":4711}\n")),
        0);
    lines = exported();
    expect_part(lines, "\"tree\":4711");
    file = write_file("lines.jsonl", lines);
    snprintf(store, sizeof(store), "%s/other.db", folder);
    got = SERIES("import", file);
    expect_status(got, 0);
    expect_part(got->out, "5 series, 8 references, 2 links, 1 notes and 3 paths were read.\n");
    expect_part(got->out, "other.db: 5 series in 4 chains.\n");
    assert_string_equal(exported(), lines);
    got = run_with(lines, (const char *const[]){"series", "import", "-", "--store", store, NULL});
    expect_status(got, 0);
    assert_string_equal(exported(), lines);
}

static void a_line_that_is_wrong_is_named_and_the_others_are_taken(void **state)
{
    static const struct {
        const char *line, *sentence;
    } cases[] = {
        {"{", "lines.jsonl:1:"},
        {"[]", "this is no object"},
        {"null", "(each line is a JSON object, as \"patchmark series export\" prints it)"},
        {"{}", "\"type\" must be \"series\", \"reference\", \"link\", \"note\" or \"path\""},
        {"{\"type\":\"tea\"}", "\"type\" must be"},
        {"{\"type\":7}", "\"type\" must be a string"},
        {"{\"type\":\"series\"}", "\"id\" must be a Message-ID"},
        {"{\"type\":\"series\",\"id\":\"a b\"}", "\"id\" must be a Message-ID"},
        {"{\"type\":\"series\",\"id\":\"x@y\",\"revision\":-1}", "\"revision\" must be a whole"},
        {"{\"type\":\"series\",\"id\":\"x@y\",\"revision\":1e3}", "\"revision\" must be a whole"},
        {"{\"type\":\"series\",\"id\":\"x@y\",\"total\":99999999999}", "\"total\" must be"},
        {"{\"type\":\"series\",\"id\":\"x@y\",\"paths\":{}}", "\"paths\" must be an array"},
        {"{\"type\":\"series\",\"id\":\"x@y\",\"paths\":[1]}", "\"paths\" must be an array of"},
        {"{\"type\":\"series\",\"id\":\"x@y\",\"claims\":[1]}", "\"claims\" must be an array of"},
        {"{\"type\":\"series\",\"id\":\"x@y\",\"claims\":[{}]}", "\"message_id\" must be"},
        {"{\"type\":\"series\",\"id\":\"x@y\",\"rfc\":1}", "\"rfc\" must be true or false"},
        {"{\"type\":\"reference\",\"message_id\":\"x@y\"}", "\"series\" must be a Message-ID"},
        {"{\"type\":\"link\",\"series\":\"x@y\",\"weight\":2}", "\"weight\" must be a number"},
        {"{\"type\":\"link\",\"series\":\"x@y\",\"supersedes\":\"x@y\"}", "another series"},
        {"{\"type\":\"link\",\"series\":\"x@y\",\"supersedes\":\"a b\"}", "\"supersedes\" must be"},
        {"{\"type\":\"note\",\"plugin\":\"tea\"}", "\"value\" must be"},
        {"{\"type\":\"note\",\"plugin\":\"\"}", "\"plugin\" must be"},
        {"{\"type\":\"note\",\"plugin\":\"tea\",\"value\":\"x\"}", "cannot keep this"},
        {"{\"type\":\"path\",\"path\":\"lid.c\"}", "\"path\" must be a path with a folder"},
        {"{\"type\":\"series\",\"id\":\"\\u0000\"}", "lines.jsonl:1:"},
        {"\xff\xfe", "lines.jsonl:1:"},
    };
    static const char good[] =
        "{\"type\":\"series\",\"id\":\"good@example.org\",\"title\":\"tea\"}\n";
    char text[1024];

    (void)state;
    snprintf(store, sizeof(store), "%s/series.db", folder);
    for (size_t i = 0; i < COUNT(cases); i++) {
        const result *got;

        snprintf(text, sizeof(text), "%s\n\n%s", cases[i].line, good);
        got = SERIES("import", write_file("lines.jsonl", text));
        if (got->status != 2 || strstr(got->err, cases[i].sentence) == NULL)
            fail_msg("%s: %d\n%s", cases[i].line, got->status, got->err);
        expect_part(got->err, "lines.jsonl:1:");
        expect_part(got->out, "1 series, 0 references, 0 links, 0 notes and 0 paths");
    }
    expect_part(SERIES("verify")->out, "1 series in 1 chain.");
}

static void an_import_of_what_is_no_file_is_an_error(void **state)
{
    const result *got;

    (void)state;
    snprintf(store, sizeof(store), "%s/series.db", folder);
    got = SERIES("import", "/nowhere/lines");
    expect_status(got, 2);
    expect_part(got->err, "/nowhere/lines: cannot be read");
    got = SERIES("import", folder);
    expect_status(got, 2);
    expect_part(got->err, "reading stopped");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        IN_FOLDER(warm_says_what_it_read_and_what_there_is_now),
        IN_FOLDER(a_second_run_changes_nothing),
        IN_FOLDER(the_configuration_may_name_the_store),
        IN_FOLDER(without_a_store_it_is_said_how_to_name_one),
        IN_FOLDER(what_cannot_be_read_does_not_hide_the_rest),
        IN_FOLDER(a_store_that_cannot_be_made_is_an_error),
        IN_FOLDER(ctrl_c_loses_nothing),
        IN_FOLDER(a_chain_is_drawn_with_what_is_missing_and_why_it_hangs_together),
        IN_FOLDER(a_series_is_found_by_whatever_people_have_at_hand),
        IN_FOLDER(what_is_not_known_is_said_with_the_way_out),
        IN_FOLDER(words_that_fit_several_patch_sets_list_them),
        IN_FOLDER(show_tells_tools_what_arrived),
        IN_FOLDER(a_revision_followed_by_two_is_drawn_as_a_fork),
        IN_FOLDER(the_terminal_gets_colours_and_a_pipe_none),
        IN_FOLDER(list_shows_the_last_seen_first_and_what_passes),
        IN_FOLDER(a_long_list_is_whole),
        IN_FOLDER(a_link_that_is_cut_stays_cut),
        IN_FOLDER(a_link_that_is_made_stays_made),
        IN_FOLDER(what_was_found_can_be_confirmed),
        IN_FOLDER(what_was_pinned_is_evidence_s_again),
        IN_FOLDER(the_wrong_way_round_is_done_with_a_warning),
        IN_FOLDER(looking_and_correcting_make_no_store),
        IN_FOLDER(a_broken_store_is_told_from_a_whole_one),
        IN_FOLDER(what_is_exported_is_imported_elsewhere),
        IN_FOLDER(a_line_that_is_wrong_is_named_and_the_others_are_taken),
        IN_FOLDER(an_import_of_what_is_no_file_is_an_error),
    };

    return cmocka_run_group_tests_name("command_series", tests, NULL, NULL);
}
