/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * command_line_test - patchmark as people and scripts meet it: its exit status, what it prints and
 * where, and that nothing it is given makes it fall over.
 *
 * PATCHMARK is the built program, PLUGINS the folder with its plugins.
 */
#include "program.h"
#include "slice.h"

#include <sys/stat.h>
#include <unistd.h>

/* ---- Mail and a configuration to work on ---- */

static const char cover[] = "From: Ann Author <ann@example.org>\n"
                            "To: devel@lists.example.org\n"
                            "Subject: [PATCH RFC v3 0/2] teapot: Boil in parallel\n"
                            "Date: Sat, 3 Oct 2026 10:00:00 +0000\n"
                            "Message-ID: <cover.1@example.org>\n"
                            "\n"
                            "This makes tea faster.\n"
                            "\n"
                            "Ann Author (2):\n"
                            "  teapot: Add a lid\n"
                            "  teapot: Boil in parallel\n"
                            "\n"
                            " teapot/lid.c  | 10 ++++++++++\n"
                            " teapot/boil.c | 20 ++++++++++++++++++++\n"
                            " 2 files changed, 30 insertions(+)\n";

static const char reply[] = "From: Rae Viewer <rae@example.org>\n"
                            "Subject: Re: [PATCH RFC v3 0/2] teapot: Boil in parallel\n"
                            "Message-ID: <reply.1@example.org>\n"
                            "In-Reply-To: <cover.1@example.org>\n"
                            "\n"
                            "> This makes tea faster.\n"
                            "Does it?\n";

static const char *mbox(void)
{
    static char text[4096];

    snprintf(text, sizeof(text),
             "From ann@example.org Sat Oct  3 10:00:00 2026\n%s\n"
             "From rae@example.org Sat Oct  3 11:00:00 2026\n%s\n",
             cover, reply);
    return text;
}

static const char project_block[] = "project kitchen {\n"
                                    "    lists lists.example.org devel@lists.example.org\n"
                                    "    paths teapot/ kettle/\n"
                                    "}\n";

static const char good_rule[] = "rule teapot {\n"
                                "    why     \"Everything about tea\"\n"
                                "    when    title ~ /^teapot:/\n"
                                "    then    subsystem \"tea\" weight 5\n"
                                "    example \"Subject: [PATCH] teapot: Add a handle\"\n"
                                "    not-example \"Subject: [PATCH] kettle: Add a handle\"\n"
                                "}\n";

static const char *write_config(const char *more)
{
    char text[8192];

    snprintf(text, sizeof(text),
             "socket unix:/run/patchmark/test.sock\nplugin-directory \"" PLUGINS
             "\"\nplugins project subsystem revision\n%s%s",
             project_block, more);
    return write_file("test.conf", text);
}

static const char maintainers_file[] = "Maintainers\n"
                                       "-----------\n"
                                       "\n"
                                       "TEAPOT\n"
                                       "M:\tAnn Author <ann@example.org>\n"
                                       "S:\tMaintained\n"
                                       "F:\tteapot/\n"
                                       "\n"
                                       "TEAPOT LIDS (TP/lid)\n"
                                       "M:\tLi Dmaker <li@example.org>\n"
                                       "S:\tMaintained\n"
                                       "F:\tteapot/lids/\n"
                                       "\n"
                                       "THE REST\n"
                                       "M:\tSome Body <some@example.org>\n"
                                       "S:\tBuried alive in reporters\n"
                                       "F:\t*\n"
                                       "F:\t*/\n";

/* ---- Help and usage ---- */

static void without_a_command_the_usage_goes_to_standard_error(void **state)
{
    const result *got = run_with(NULL, (const char *const[]){NULL});

    (void)state;
    expect_status(got, 2);
    assert_string_equal(got->out, "");
    expect_part(got->err, "usage: patchmark COMMAND");
}

static void help_names_every_command(void **state)
{
    static const char *const asked[] = {"help", "--help", "-h"};
    static const char *const commands[] = {"classify", "explain",     "series", "warm",
                                           "check",    "maintainers", "plugin"};

    (void)state;
    for (size_t i = 0; i < COUNT(asked); i++) {
        const result *got = RUN(asked[i]);

        expect_status(got, 0);
        assert_string_equal(got->err, "");
        for (size_t c = 0; c < COUNT(commands); c++)
            expect_part(got->out, commands[c]);
    }
}

static void each_command_explains_its_options(void **state)
{
    static const struct {
        const char *command, *part;
    } cases[] = {
        {"classify", "--store FILE"},
        {"classify", "remember series"},
        {"classify", "-c, --config FILE"},
        {"check", "-c, --config FILE"},
        {"maintainers", "--file FILE"},
        {"plugin", "--fields"},
        {"warm", "--again"},
        {"series", "unlink ID"},
        {"series", "--limit N"},
        {"explain", "Nothing is remembered"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const result *got = RUN("help", cases[i].command);

        expect_status(got, 0);
        expect_part(got->out, "usage: patchmark ");
        expect_part(got->out, cases[i].part);
        got = RUN(cases[i].command, "--help");
        expect_status(got, 0);
        expect_part(got->out, cases[i].part);
    }
}

static void the_version_is_printed(void **state)
{
    const result *got = RUN("--version");

    (void)state;
    expect_status(got, 0);
    assert_memory_equal(got->out, "patchmark ", 10);
    assert_true(pm_is_digit(got->out[10]));
}

static void what_is_misspelt_is_pointed_out(void **state)
{
    static const struct {
        const char *arguments[5];
        const char *sentence;
    } cases[] = {
        {{"clasify"}, "patchmark: no command \"clasify\" (did you mean \"classify\"?)"},
        {{"hepl"}, "did you mean \"help\"?"},
        {{"frobnicate"}, "(\"patchmark help\" lists them)"},
        {{""}, "no command \"\""},
        {{"help", "chekc"}, "did you mean \"check\"?"},
        {{"classify", "--jsno", "x"}, "classify: no option \"--jsno\" (did you mean \"--json\"?)"},
        {{"classify", "--confg=x", "x"}, "did you mean \"--config\"?"},
        {{"classify", "-x", "x"}, "(\"patchmark help classify\" lists them)"},
        {{"classify"}, "classify: wants PATH..."},
        {{"classify", "--json=yes", "x"}, "--json takes no value"},
        {{"classify", "x", "-c"}, "--config wants a FILE behind it"},
        {{"check", "x"}, "check: \"x\" is one too many"},
        {{"plugin"}, "plugin: wants list"},
        {{"plugin", "lst"}, "did you mean \"plugin list\"?"},
        {{"plugin", "remove"}, "(\"patchmark help plugin\" lists what it can)"},
        {{"plugin", "list", "--timeout=1"},
         "--timeout does not go with \"list\" (it takes --config and --fields)"},
        {{"plugin", "check", "--fields", "x.so"},
         "--fields does not go with \"check\" (it takes --settings and --timeout)"},
        {{"plugin", "new", "x", "-c", "y"},
         "--config does not go with \"new\" (it takes no options)"},
        {{"ctl", "metrics", "--json"},
         "--json does not go with \"metrics\" (it takes --config and --socket)"},
        {{"plugin", "check"}, "write: patchmark plugin check FILE.so [PATH...]"},
        {{"plugin", "new", "a", "b", "c"}, "too many operands"},
        {{"plugin", "new", "Shout"}, "\"Shout\" is no name for a plugin"},
        {{"plugin", "new", "thread"}, "a plugin called thread comes with patchmark"},
        {{"plugin", "new", "test"}, "\"test\" means something else to CMake"},
        {{"plugin", "new", "x", "/nowhere"}, "/nowhere/x: No such file or directory"},
        {{"plugin", "check", "/nowhere.so"}, "/nowhere.so: No such file or directory"},
        {{"plugin", "check", "--timeout=0", "x.so"}, "--timeout wants seconds, 1 to 3600"},
        {{"maintainers", "--fiel", "x"}, "did you mean \"--file\"?"},
        {{"warm"}, "warm: wants PATH..."},
        {{"explain"}, "explain: wants PATH..."},
        {{"series"}, "series: wants VERB..."},
        {{"series", "lst"}, "did you mean \"series list\"?"},
        {{"series", "frobnicate"}, "(\"patchmark help series\" lists what it can)"},
        {{"series", "link", "a@b"}, "write \"patchmark series link ID PREDECESSOR\""},
        {{"series", "verify", "--author", "x"},
         "--author does not go with \"verify\" (it takes --config and --store)"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const result *got = run_with(NULL, cases[i].arguments);

        expect_status(got, 2);
        assert_string_equal(got->out, "");
        expect_part(got->err, cases[i].sentence);
    }
}

/* ---- classify ---- */

static void classify_answers_a_cover_in_json(void **state)
{
    const char *config = write_config(good_rule);
    const result *got = RUN("classify", "-c", config, "--json", write_file("cover.eml", cover));
    json_t *object;

    (void)state;
    expect_status(got, 0);
    assert_string_equal(got->err, "");
    object = parse(got->out);
    assert_string_equal(text_of(object, "message_id"), "cover.1@example.org");
    assert_string_equal(text_of(object, "kind"), "cover");
    assert_string_equal(text_of(object, "title"), "teapot: Boil in parallel");
    assert_string_equal(text_of(object, "author"), "ann@example.org");
    assert_string_equal(text_of(object, "project"), "kitchen");
    assert_string_equal(text_of(object, "inbox"), "tea.kitchen");
    assert_int_equal(json_integer_value(json_object_get(object, "revision")), 3);
    assert_int_equal(json_integer_value(json_object_get(object, "part")), 0);
    assert_int_equal(json_integer_value(json_object_get(object, "total")), 2);
    assert_true(json_is_true(json_object_get(object, "rfc")));
    assert_true(json_is_false(json_object_get(object, "resend")));
    assert_int_equal(json_integer_value(json_object_get(object, "files_changed")), 2);
    assert_int_equal(json_array_size(json_object_get(object, "paths")), 2);
    assert_true(json_array_size(json_object_get(object, "headers")) >= 5);
    json_decref(object);
}

static void classify_keeps_the_order_of_its_input(void **state)
{
    const char *config = write_config("");
    const char *archive = write_file("archive.mbox", mbox());
    const char *single = write_file("reply.eml", reply);
    const result *got = RUN("classify", single, "-c", config, archive, "--json");
    static const char *const expected[] = {"reply.1@example.org", "cover.1@example.org",
                                           "reply.1@example.org"};
    const char *line = got->out;

    (void)state;
    expect_status(got, 0);
    for (size_t i = 0; i < COUNT(expected); i++) {
        json_t *object = parse(line);

        assert_string_equal(text_of(object, "message_id"), expected[i]);
        json_decref(object);
        line = strchr(line, '\n') + 1;
    }
    assert_string_equal(line, "");
}

static void classify_reads_standard_input(void **state)
{
    const char *config = write_config("");
    const result *got = RUN_ON(mbox(), "classify", "-c", config, "-");

    (void)state;
    expect_status(got, 0);
    expect_part(got->out, "teapot: Boil in parallel");
    expect_part(got->out, "cover");
    expect_part(got->out, "reply");
}

static void classify_for_people_says_what_and_why(void **state)
{
    const char *config = write_config(good_rule);
    const char *mail = write_file("cover.eml", cover);
    const result *got = RUN("classify", "-c", config, mail);

    (void)state;
    expect_status(got, 0);
    expect_part(got->out, "tea.kitchen               cover  v3    0/2");
    expect_part(got->out, "[rfc]");
    expect_part(got->out, mail);
}

static void an_archive_that_is_missing_does_not_hide_the_others(void **state)
{
    const char *config = write_config("");
    const char *mail = write_file("cover.eml", cover);
    const result *got = RUN("classify", "-c", config, "/nowhere/at.mbox", mail);

    (void)state;
    expect_status(got, 2);
    expect_part(got->err, "/nowhere/at.mbox");
    expect_part(got->out, "teapot: Boil in parallel");
}

static void behind_two_hyphens_everything_is_a_path(void **state)
{
    const result *got = RUN("classify", "-c", write_config(""), "--", "--json");

    (void)state;
    expect_status(got, 2);
    expect_part(got->err, "--json: ");
}

static void the_store_is_accepted(void **state)
{
    char store[128];
    const char *config = write_config("");
    const char *mail = write_file("cover.eml", cover);

    (void)state;
    snprintf(store, sizeof(store), "%s/store.db", folder);
    expect_status(RUN("classify", "--json", "--store", store, "-c", config, mail), 0);
}

static void control_characters_of_mail_do_not_reach_the_terminal(void **state)
{
    const char *config = write_config("");
    const result *got = RUN_ON("Subject: [PATCH] \x1b[2Jbeep \xc2\x9b"
                               "31m\x07\n"
                               "Message-ID: <\x1b]0;x@example.org>\n\ntext\n",
                               "classify", "-c", config, "-");

    (void)state;
    expect_status(got, 0);
    assert_null(strchr(got->out, '\x1b'));
    assert_null(strchr(got->out, '\x07'));
    assert_null(strstr(got->out, "\xc2\x9b"));
}

/* Not one of these is mail as it should be; none may end in a signal or a sanitizer's report. */
static void nothing_that_is_read_makes_it_fall_over(void **state)
{
    static char noise[20000], line[70000], headers[60000];
    const char *config = write_config(good_rule);
    const char *paths[8];
    size_t count = 0, at = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(noise); i++)
        noise[i] = (char)(i * 2654435761u >> 13);
    memset(line, 'x', sizeof(line));
    memcpy(line, "Subject: [PATCH v", 17);
    for (; at + 40 < sizeof(headers); at += 20)
        memcpy(headers + at, "Subject: [PATCH 1/2\n", 20);
    paths[count++] = write_bytes("noise.eml", noise, sizeof(noise));
    paths[count++] = write_bytes("line.eml", line, sizeof(line));
    paths[count++] = write_bytes("headers.eml", headers, at);
    paths[count++] = write_bytes("nul.eml", "Subject: \0\n\n\0\0", 14);
    paths[count++] = write_file("empty.eml", "");
    paths[count++] = write_file("lone.mbox", "From \n");
    paths[count++] = folder;
    paths[count++] = "/dev/null";
    for (size_t i = 0; i < count; i++) {
        const result *got = RUN("classify", "-c", config, "--json", paths[i]);
        const char *rest = got->out;

        if (got->status != 0 && got->status != 2)
            fail_msg("%s: exit status %d\n%s", paths[i], got->status, got->err);
        if (got->status == 2 && got->err[0] == '\0')
            fail_msg("%s: failed without a word", paths[i]);
        while (*rest != '\0') {
            json_decref(parse(rest));
            rest = strchr(rest, '\n') + 1;
        }
    }
}

/* Classify an archive of 500 letters, whose answers are more than a pipe or a buffer holds, with
 * some shell behind the command. Returns what both print. */
static const char *classify_much(const char *behind)
{
    static char answer[4096];
    static char archive[500 * 4096];
    const char *config = write_config("");
    char command[1024];
    size_t len = 0;
    FILE *pipe;

    for (int i = 0; i < 500; i++)
        len += (size_t)snprintf(archive + len, sizeof(archive) - len, "%s", mbox());
    snprintf(command, sizeof(command), "{ %s classify --json -c %s %s %s; } 2>&1", PATCHMARK,
             config, write_bytes("large.mbox", archive, len), behind);
    pipe = popen(command, "r");
    assert_non_null(pipe);
    answer[fread(answer, 1, sizeof(answer) - 1, pipe)] = '\0';
    pclose(pipe);
    return answer;
}

static void a_reader_that_has_seen_enough_is_no_error(void **state)
{
    (void)state;
    assert_string_equal(classify_much("| true"), "");
}

static void a_full_disk_is_said_once(void **state)
{
    const char *answer = classify_much(">/dev/full; echo $?");

    (void)state;
    if (access("/dev/full", W_OK) != 0)
        skip();
    assert_string_equal(answer,
                        "patchmark: standard output cannot be written (is the disk full?)\n2\n");
}

static void a_broken_configuration_is_named_with_its_line(void **state)
{
    const char *config = write_config("rule oops {\n    when titel ~ /x/\n}\n");
    const result *got = RUN("classify", "-c", config, write_file("cover.eml", cover));
    char place[128];

    (void)state;
    expect_status(got, 2);
    assert_string_equal(got->out, "");
    snprintf(place, sizeof(place), "%s:9:", config);
    expect_part(got->err, place);
    expect_part(got->err, "did you mean");
}

/* ---- check ---- */

static void check_counts_what_is_fine_and_says_what_the_mta_needs(void **state)
{
    const result *got = RUN("check", "-c", write_config(good_rule));

    (void)state;
    expect_status(got, 0);
    assert_string_equal(got->err, "");
    expect_part(got->out, "1 file, 1 rule, 2 examples, 3 plugins (");
    expect_part(got->out, "smtpd_milters = ");
    expect_part(got->out, "unix:/run/patchmark/test.sock");
    expect_part(got->out, "INPUT_MAIL_FILTER(`patchmark', `S=local:/run/patchmark/test.sock");
}

static void check_finds_an_example_that_does_not_match(void **state)
{
    const char *config = write_config("rule teapot {\n"
                                      "    why     \"Everything about tea\"\n"
                                      "    when    title ~ /^teapot:/\n"
                                      "    then    subsystem \"tea\" weight 5\n"
                                      "    example \"Subject: [PATCH] kettle: Add a handle\"\n"
                                      "}\n");
    const result *got = RUN("check", "-c", config);
    char place[128];

    (void)state;
    expect_status(got, 1);
    assert_string_equal(got->out, "");
    snprintf(place, sizeof(place), "%s:12:13: ", config);
    expect_part(got->err, place);
}

static void check_tells_a_mistake_from_a_file_that_is_not_there(void **state)
{
    const char *config = write_config("sokcet x\n");
    const result *got = RUN("check", "-c", config);

    (void)state;
    expect_status(got, 1);
    expect_part(got->err, "did you mean \"socket\"?");
    got = RUN("check", "-c", "/nowhere/patchmark.conf");
    expect_status(got, 2);
    expect_part(got->err, "/nowhere/patchmark.conf: ");
    got = RUN("check", "-c", folder);
    expect_status(got, 2);
    expect_part(got->err, folder);
    got = RUN("check", "-c", "/nowhere/patchmark.conf.2026"); /* no line 2026 */
    expect_status(got, 2);
    got = RUN("check", "-c", write_config("plugins lua\n"));
    expect_status(got, 1);
    expect_part(got->err, ".conf:8:9: plugin lua: there is nothing to run");
    got = RUN("check", "-c", write_config("socket-group no-such-group\n"));
    expect_status(got, 1);
    expect_part(got->err, "socket-group \"no-such-group\": there is no such group (name ");
    got = RUN("check", "-c", write_file("lost.conf", "plugin-directory /nowhere\n"));
    expect_status(got, 1);
    expect_part(got->err, "lost.conf:1:1: cannot look into the plugin directory /nowhere: ");
    assert_null(strchr(strchr(got->err, '\n') + 1, '\n')); /* once, not for each plugin */
}

static void make_subfolder(const char *name)
{
    char path[256];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    assert_int_equal(mkdir(path, 0755), 0);
}

/* text with every `from` become `to`. */
static void replace(char *text, size_t room, const char *from, const char *to)
{
    for (char *at = text; (at = strstr(at, from)) != NULL; at += strlen(to)) {
        char *behind = at + strlen(from);

        assert_true(strlen(text) - strlen(from) + strlen(to) < room);
        memmove(at + strlen(to), behind, strlen(behind) + 1);
        memcpy(at, to, strlen(to));
    }
}

/* In the file an administrator gets, "#" in front of a statement switches it off; "# " is prose. */
static void what_the_installed_configuration_suggests_is_good(void **state)
{
    FILE *file = fopen("milter/front/patchmark.conf", "r");
    char line[256], text[16384] = "", place[128];
    const result *got;

    (void)state;
    assert_non_null(file);
    while (fgets(line, sizeof(line), file) != NULL) {
        bool off = line[0] == '#' &&
                   (pm_is_alpha(line[1]) || line[1] == '}' || strncmp(line + 1, "    ", 4) == 0);

        assert_true(strlen(text) + strlen(line) < sizeof(text));
        strcat(text, off ? line + 1 : line);
    }
    fclose(file);
    snprintf(place, sizeof(place), "%s/linux.files", folder);
    replace(text, sizeof(text), "/srv/linux.files", place);
    snprintf(place, sizeof(place), "%s/MAINTAINERS", folder);
    replace(text, sizeof(text), "/srv/linux/MAINTAINERS", place);
    snprintf(place, sizeof(place), "%s/mailmap", folder);
    replace(text, sizeof(text), "/srv/linux/.mailmap", place);
    replace(text, sizeof(text), "@CMAKE_INSTALL_FULL_LIBDIR@/patchmark", PLUGINS);
    replace(text, sizeof(text), "@CMAKE_INSTALL_FULL_DATADIR@", folder);
    make_subfolder("patchmark");
    make_subfolder("patchmark/rules");
    make_subfolder("rules");
    make_subfolder("next.d");
    write_file("linux.files", "teapot/boil.c\n");
    write_file("MAINTAINERS", maintainers_file);
    write_file("mailmap", "Ann Author <ann@example.org> <ann@old.example.org>\n");

    got = RUN("check", "-c", write_file("patchmark.conf", text));
    expect_status(got, 0);
    assert_string_equal(got->err, "");
    got = RUN("maintainers", "-c", write_file("patchmark.conf", text), "teapot/boil.c");
    assert_string_equal(got->out, "teapot/boil.c\tTEAPOT\n");
}

/* ---- maintainers ---- */

static void maintainers_prints_sections_deepest_first(void **state)
{
    const char *file = write_file("MAINTAINERS", maintainers_file);
    const result *got = RUN("maintainers", "--file", file, "teapot/lids/round.c", "teapot/x.c",
                            "kettle/x.c", "./teapot/y.c");

    (void)state;
    expect_status(got, 0);
    assert_string_equal(got->out, "teapot/lids/round.c\tTEAPOT LIDS (TP/lid)\tTEAPOT\n"
                                  "teapot/x.c\tTEAPOT\n"
                                  "kettle/x.c\n"
                                  "./teapot/y.c\tTEAPOT\n");
}

static void maintainers_reads_paths_from_standard_input(void **state)
{
    static const char input[] = "teapot/x.c\r\n\nkettle/x.c\nteapot/lids/a.c";
    static const char output[] = "teapot/x.c\tTEAPOT\nkettle/x.c\n"
                                 "teapot/lids/a.c\tTEAPOT LIDS (TP/lid)\tTEAPOT\n";
    const char *file = write_file("MAINTAINERS", maintainers_file);
    const result *got = RUN_ON(input, "maintainers", "--file", file, "-");

    (void)state;
    expect_status(got, 0);
    assert_string_equal(got->out, output);
    got = RUN_ON(input, "maintainers", "--file", file);
    expect_status(got, 0);
    assert_string_equal(got->out, output);
}

static void maintainers_finds_the_file_of_the_first_project(void **state)
{
    const char *config = write_config("project kitchen { maintainers MAINTAINERS }\n");
    const result *got;

    (void)state;
    write_file("MAINTAINERS", maintainers_file);
    got = RUN("maintainers", "-c", config, "teapot/x.c");
    expect_status(got, 0);
    assert_string_equal(got->out, "teapot/x.c\tTEAPOT\n");
}

static void maintainers_says_how_to_name_a_file(void **state)
{
    const result *got = RUN("maintainers", "-c", write_config(""), "teapot/x.c");

    (void)state;
    expect_status(got, 2);
    expect_part(got->err, "name one with --file");
    got = RUN("maintainers", "--file", "/nowhere/MAINTAINERS", "x");
    expect_status(got, 2);
    expect_part(got->err, "/nowhere/MAINTAINERS");
}

/* ---- plugin ---- */

static void plugins_are_listed_with_their_facts(void **state)
{
    const result *got = RUN("plugin", "list", "-c", write_config(""));

    (void)state;
    expect_status(got, 0);
    expect_part(got->out, "\nsubsystem ");
    expect_part(got->out, "    fact    project");
    expect_part(got->out, "    fact    revision");
}

static void the_fields_of_a_letter_are_listed_without_a_configuration(void **state)
{
    const result *got = RUN("plugin", "list", "--fields", "-c", "/nowhere");

    (void)state;
    expect_status(got, 0);
    expect_part(got->out, "\ntitle ");
    expect_part(got->out, "\npath.lines ");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_command_the_usage_goes_to_standard_error),
        cmocka_unit_test(help_names_every_command),
        cmocka_unit_test(each_command_explains_its_options),
        cmocka_unit_test(the_version_is_printed),
        cmocka_unit_test(what_is_misspelt_is_pointed_out),
        IN_FOLDER(classify_answers_a_cover_in_json),
        IN_FOLDER(classify_keeps_the_order_of_its_input),
        IN_FOLDER(classify_reads_standard_input),
        IN_FOLDER(classify_for_people_says_what_and_why),
        IN_FOLDER(an_archive_that_is_missing_does_not_hide_the_others),
        IN_FOLDER(behind_two_hyphens_everything_is_a_path),
        IN_FOLDER(the_store_is_accepted),
        IN_FOLDER(control_characters_of_mail_do_not_reach_the_terminal),
        IN_FOLDER(nothing_that_is_read_makes_it_fall_over),
        IN_FOLDER(a_reader_that_has_seen_enough_is_no_error),
        IN_FOLDER(a_full_disk_is_said_once),
        IN_FOLDER(a_broken_configuration_is_named_with_its_line),
        IN_FOLDER(check_counts_what_is_fine_and_says_what_the_mta_needs),
        IN_FOLDER(check_finds_an_example_that_does_not_match),
        IN_FOLDER(check_tells_a_mistake_from_a_file_that_is_not_there),
        IN_FOLDER(what_the_installed_configuration_suggests_is_good),
        IN_FOLDER(maintainers_prints_sections_deepest_first),
        IN_FOLDER(maintainers_reads_paths_from_standard_input),
        IN_FOLDER(maintainers_finds_the_file_of_the_first_project),
        IN_FOLDER(maintainers_says_how_to_name_a_file),
        IN_FOLDER(plugins_are_listed_with_their_facts),
        cmocka_unit_test(the_fields_of_a_letter_are_listed_without_a_configuration),
    };

    return cmocka_run_group_tests_name("command line", tests, NULL, NULL);
}
