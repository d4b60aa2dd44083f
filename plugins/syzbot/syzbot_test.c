/* SPDX-License-Identifier: BSD-2-Clause */
/* syzbot_test - which bugs the plugin sees in a letter, and which role it gives the letter. */
#include <harness.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

const pm_plugin *pm_plugin_entry_syzbot(void);

#define BUG   "0123456789abcdef0123"
#define OTHER "fedcba9876543210fedc"
#define ROBOT "syzbot+" BUG "@syz.example.org"

/* One letter, and what must be found in it; roles and bugs separated by a space. */
struct example {
    const char *kind, *author, *addressee, *body;
    int reply;
    const char *bugs, *roles;
};

static pm_bench *bench_with(const char *settings)
{
    pm_bench *bench = pm_bench_new(pm_plugin_entry_syzbot(), settings);

    if (pm_bench_problem(bench) != NULL)
        fail_msg("%s", pm_bench_problem(bench));
    return bench;
}

static void put(pm_bench *bench, const struct example *example)
{
    char mail[2048];

    snprintf(mail, sizeof(mail), "Subject: teapot\n\n%s", example->body);
    pm_bench_mail(bench, mail);
    pm_bench_text(bench, "kind", example->kind);
    pm_bench_number(bench, "reply", example->reply);
    pm_bench_text(bench, "author", example->author == NULL ? "ann@example.org" : example->author);
    pm_bench_text(bench, "addressee", "devel@lists.example.org");
    if (example->addressee != NULL)
        pm_bench_text(bench, "addressee", example->addressee);
}

static void expect(const pm_bench *bench, const char *fact, const char *expected, size_t nth)
{
    char found[512] = "";

    for (unsigned i = 0; i < pm_bench_facts(bench, fact); i++)
        snprintf(found + strlen(found), sizeof(found) - strlen(found), "%s%s", i == 0 ? "" : " ",
                 pm_bench_fact_text(bench, fact, i));
    if (strcmp(found, expected) != 0)
        fail_msg("example %zu: %s is \"%s\", not \"%s\"", nth, fact, found, expected);
}

static void expect_all(const struct example *examples, size_t count)
{
    pm_bench *bench = bench_with("domains syz.example.org robots.example.org");

    for (size_t i = 0; i < count; i++) {
        put(bench, &examples[i]);
        assert_int_equal(pm_bench_scan(bench), examples[i].bugs[0] == '\0' ? PM_ABSENT : PM_OK);
        expect(bench, "syzbot.bug", examples[i].bugs, i);
        expect(bench, "syzbot.role", examples[i].roles, i);
    }
    pm_bench_free(bench);
}

static void a_letter_has_the_role_that_its_writer_and_its_words_give_it(void **state)
{
    static const struct example examples[] = {
        {"other", ROBOT, NULL, "BUG: steam\nReported-by: " ROBOT "\n", 0, BUG, "report"},
        {"reply", ROBOT, NULL, "tested\nTested-by: " ROBOT "\n", 1, BUG, "result"},
        {"patch", NULL, NULL, "Fix.\n\nReported-by: " ROBOT "\n---\n", 0, BUG, "fix"},
        {"cover", NULL, NULL, "Closes: https://syz.example.org/bug?extid=" BUG "\n", 0, BUG, "fix"},
        {"reply", NULL, ROBOT, "#syz test: git://git.example.org/tea.git main\n", 1, BUG, "test"},
        {"patch", NULL, ROBOT, "Reported-by: <" ROBOT ">\n#syz test\n", 0, BUG, "fix test"},
        {"reply", NULL, ROBOT, "#syz fix: teapot: Close the lid\n", 1, BUG, "command"},
        {"reply", NULL, ROBOT, "#syz-dup: another\r\n", 1, BUG, "command"},
        {"reply", NULL, ROBOT, "#SYZ INVALID\n", 1, BUG, "command"},
        {"reply", NULL, ROBOT, "> #syz test\nPlease do not.\n", 1, BUG, "talk"},
        {"reply", NULL, ROBOT, "#syzygy\n#syz\n#syz:\n", 1, BUG, "talk"},
        {"patch", NULL, ROBOT, "Only to the robot.\n", 0, BUG, "talk"},
        {"patch", NULL, NULL, "Nothing of it.\n", 0, "", ""},
        {"reply", NULL, NULL, "#syz test\n", 1, "", ""},
        {"other", "syzbot@syz.example.org", NULL, "Monthly report\n", 0, "", ""},
    };

    (void)state;
    expect_all(examples, sizeof(examples) / sizeof(examples[0]));
}

static void bugs_are_found_in_trailers_links_and_addresses(void **state)
{
    static const struct example examples[] = {
        {"patch", NULL, NULL, "Reported-and-tested-by: " ROBOT "\n", 0, BUG, "fix"},
        {"patch", NULL, NULL, "REPORTED-BY: SyzBot+0123456789ABCDEF0123@SYZ.example.org\n", 0, BUG,
         "fix"},
        {"patch", NULL, NULL, "Tested-by: syzbot <" ROBOT ">, all of it\n", 0, BUG, "fix"},
        {"patch", NULL, NULL,
         "Reported-by: " ROBOT "\nReported-by: syzbot+" OTHER "@robots.example.org\n", 0,
         BUG " " OTHER, "fix"},
        {"patch", NULL, NULL, "Reported-by: " ROBOT ", syzbot+" OTHER "@syz.example.org\n", 0,
         BUG " " OTHER, "fix"},
        {"patch", NULL, ROBOT, "Reported-by: " ROBOT "\nLink: https://x/bug?extid=" BUG "\n", 0,
         BUG, "fix"},
        {"patch", NULL, NULL, "https://x/bug?id=" BUG BUG "\n", 0, BUG BUG, "fix"},
        /* What looks like it. */
        {"patch", NULL, NULL, "Reported-by: syzbot+" BUG "@elsewhere.example.org\n", 0, "", ""},
        {"patch", NULL, NULL, "Reported-by: syzbot+" BUG "@syz.example.org.uk\n", 0, "", ""},
        {"patch", NULL, NULL, "Reported-by: syzbot+0123@syz.example.org\n", 0, "", ""},
        {"patch", NULL, NULL, "Reported-by: syzbot+" BUG BUG BUG "@syz.example.org\n", 0, "", ""},
        {"patch", NULL, NULL, "Reported-by: syzbot+" BUG "\n", 0, "", ""},
        {"patch", NULL, NULL, "> Reported-by: " ROBOT "\n+Link: bug?extid=" BUG "\n", 0, "", ""},
        {"patch", NULL, NULL, "Link: bug?extid=\nLink: bug?id=tea\n", 0, "", ""},
    };

    (void)state;
    expect_all(examples, sizeof(examples) / sizeof(examples[0]));
}

static void the_stronger_evidence_counts(void **state)
{
    static const struct example examples[] = {
        {"reply", NULL, ROBOT, "", 1, NULL, NULL},
        {"reply", NULL, ROBOT, "https://x/bug?extid=" BUG "\n", 1, NULL, NULL},
        {"reply", NULL, ROBOT, "https://x/bug?extid=" BUG "\nAcked-by: " ROBOT "\n", 1, NULL, NULL},
    };
    pm_bench *bench = bench_with("domains syz.example.org");

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        put(bench, &examples[i]);
        pm_bench_scan(bench);
        assert_int_equal(pm_bench_facts(bench, "syzbot.bug"), 1);
        assert_true(pm_bench_fact_weight(bench, "syzbot.bug", 0) == (double)i + 1);
    }
    pm_bench_free(bench);
}

static void more_bugs_than_anybody_fixes_are_left_out(void **state)
{
    struct example example = {"patch", NULL, NULL, NULL, 0, NULL, NULL};
    pm_bench *bench = bench_with("domains syz.example.org");
    char body[1800] = "";

    (void)state;
    for (int i = 0; i < 30; i++)
        snprintf(body + strlen(body), sizeof(body) - strlen(body),
                 "Reported-by: syzbot+%020d@syz.example.org\n", i);
    example.body = body;
    put(bench, &example);
    assert_int_equal(pm_bench_scan(bench), PM_OK);
    assert_int_equal(pm_bench_facts(bench, "syzbot.bug"), 16);
    pm_bench_free(bench);
}

static void the_usual_robot_is_known_without_settings(void **state)
{
    pm_bench *bench = bench_with("");

    (void)state;
    pm_bench_mail(bench, "Subject: x\n\nReported-by: syzbot+" BUG "@syzkaller.appspotmail.com\n");
    assert_int_equal(pm_bench_scan(bench), PM_OK);
    assert_string_equal(pm_bench_fact_text(bench, "syzbot.bug", 0), BUG);
    pm_bench_free(bench);
}

static void domains_that_are_none_are_refused(void **state)
{
    static const char *const settings[] = {"domains \"\"", "domains a b c d e f g h i"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        pm_bench *bench = pm_bench_new(pm_plugin_entry_syzbot(), settings[i]);

        assert_string_equal(pm_bench_problem(bench),
                            "domains: 1 to 8 domains can be named, none of them empty");
        pm_bench_free(bench);
    }
}

static void it_stands_every_trial(void **state)
{
    static const struct example example = {
        "patch", NULL, ROBOT, "Reported-by: " ROBOT "\n#syz test\n", 0, NULL, NULL};
    pm_bench *bench = bench_with("domains syz.example.org");
    const char *wrong;

    (void)state;
    put(bench, &example);
    wrong = pm_bench_trials(bench);
    if (wrong != NULL)
        fail_msg("%s", wrong);
    pm_bench_free(bench);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_letter_has_the_role_that_its_writer_and_its_words_give_it),
        cmocka_unit_test(bugs_are_found_in_trailers_links_and_addresses),
        cmocka_unit_test(the_stronger_evidence_counts),
        cmocka_unit_test(more_bugs_than_anybody_fixes_are_left_out),
        cmocka_unit_test(the_usual_robot_is_known_without_settings),
        cmocka_unit_test(domains_that_are_none_are_refused),
        cmocka_unit_test(it_stands_every_trial),
    };

    return cmocka_run_group_tests_name("syzbot", tests, NULL, NULL);
}
