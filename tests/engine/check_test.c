/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check_test - what is surely or probably wrong with rules and plugins is said at its place, and
 * nothing is said of what is well.
 *
 * Not about examples: snapshot_test.c has those.
 */
#include "check.h"

#include "mime.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

const pm_plugin *pm_plugin_entry_project(void);

/* ---- A plugin that says too little of itself ---- */

static pm_status open_nothing(const pm_host *host, const pm_settings *settings, void **instance_out)
{
    (void)host;
    (void)settings;
    *instance_out = NULL;
    return PM_OK;
}

static pm_status scan_nothing(void *instance, pm_scan *scan)
{
    (void)instance;
    (void)scan;
    return PM_ABSENT;
}

static const pm_fact_decl facts[] = {{"mute.what", PM_FACT_TEXT, " "},
                                     {"mute.twice", PM_FACT_TEXT, "a word"},
                                     {"mute.twice", PM_FACT_TEXT, "a word"},
                                     {NULL, PM_FACT_TEXT, NULL}};
static const pm_option options[] = {
    {"many", PM_OPTION_NUMBER, 1, 4, "5", "how many"},
    {"none", PM_OPTION_NUMBER, 4, 1, NULL, "how many"},
    {"word", PM_OPTION_NUMBER, 1, 4, "some", "how many"},
    {"silent", PM_OPTION_TEXT, 0, 0, NULL, NULL},
    {"fine", PM_OPTION_NUMBER, 1, 5000, "2ms", "how long"},
    {NULL, PM_OPTION_TEXT, 0, 0, NULL, NULL},
};
static const pm_plugin mute = {.size = sizeof(pm_plugin),
                               .abi_major = PM_ABI_MAJOR,
                               .name = "mute",
                               .version = "1",
                               .summary = "",
                               .options = options,
                               .facts = facts,
                               .open = open_nothing,
                               .scan = scan_nothing};

static const pm_plugin *mute_entry(void)
{
    return &mute;
}

/* ---- A plugin that cannot tell, for a while or at all ---- */

static pm_status shy_status;
static unsigned shy_scans; /* that are left until it tells */
static const pm_host *shy_host;

static pm_status open_shy(const pm_host *host, const pm_settings *settings, void **instance_out)
{
    shy_host = host;
    return open_nothing(host, settings, instance_out);
}

static pm_status scan_shy(void *instance, pm_scan *scan)
{
    const pm_fact fact = {.size = sizeof(fact), .name = "shy.there", .number = 1, .weight = 1};

    (void)instance;
    if (shy_scans > 0) {
        shy_scans--;
        return shy_status;
    }
    return shy_host->add_fact(scan, &fact);
}

static const pm_fact_decl shy_facts[] = {{"shy.there", PM_FACT_NUMBER, "always"},
                                         {NULL, PM_FACT_TEXT, NULL}};
static const pm_plugin shy = {.size = sizeof(pm_plugin),
                              .abi_major = PM_ABI_MAJOR,
                              .name = "shy",
                              .version = "1",
                              .summary = "says it later",
                              .facts = shy_facts,
                              .open = open_shy,
                              .scan = scan_shy};

static const pm_plugin *shy_entry(void)
{
    return &shy;
}

static const pm_static_plugin linked[] = {
    {"project", pm_plugin_entry_project}, {"mute", mute_entry}, {"shy", shy_entry}, {NULL, NULL}};

/* ---- Checking ---- */

/* What is said, line by line. The caller frees it. */
static pm_errors *check(const char *text)
{
    const pm_snapshot_options with = {.text = text, .static_plugins = linked};
    pm_errors *errors = pm_errors_new();
    pm_snapshot *snapshot = pm_snapshot_load(&with, errors);

    if (snapshot == NULL)
        fail_msg("%s\ncannot be loaded: %s", text, pm_errors_nth(errors, 0));
    assert_true(pm_snapshot_check(snapshot, errors) == (pm_errors_count(errors) == 0));
    pm_snapshot_unref(snapshot);
    return errors;
}

#define BEGIN                                                                                      \
    "plugins project\n"                                                                            \
    "project linux { lists dev.example.org \"*.lists.example.org\"; sections { \"KVM\" kvm-x86; "  \
    "\"NET\" net-core } }\n"                                                                       \
    "project qemu { words qemu }\n"                                                                \
    "list none { }\n"                                                                              \
    "list folders { mm/ fs/ }\n"
#define RULE BEGIN "rule a { why x; when "

typedef struct wanted {
    const char *condition, *said; /* NULL: nothing */
} wanted;

static void check_conditions(const wanted *cases, size_t count, const char *then)
{
    for (size_t i = 0; i < count; i++) {
        char text[2048];
        pm_errors *errors;
        const char *said;

        snprintf(text, sizeof(text), RULE "%s\n then %s }\n", cases[i].condition, then);
        errors = check(text);
        said = pm_errors_nth(errors, 0);
        if ((said == NULL) != (cases[i].said == NULL) ||
            (said != NULL && strcmp(said, cases[i].said) != 0))
            fail_msg("%s\nis told:   %s\nand not:   %s", cases[i].condition,
                     said == NULL ? "nothing" : said,
                     cases[i].said == NULL ? "nothing" : cases[i].said);
        assert_null(pm_errors_nth(errors, 1));
        pm_errors_free(errors);
    }
}

#define NEVER        ": rule configuration:a can never fire: "
#define EXCLUDE      " exclude each other (write or instead of and, or leave one out)"
#define AT(column)   "configuration:6:" column NEVER
#define WARN(column) "configuration:6:" column ": warning: rule configuration:a can never fire: "

static void a_rule_that_can_never_fire_is_told_with_the_tests_that_exclude_each_other(void **state)
{
    static const wanted cases[] = {
        {"kind == cover and kind == patch",
         AT("40") "\"kind == cover\" and \"kind == patch\"" EXCLUDE},
        {"kind != cover and kind not in (patch, reply, pull, other)",
         AT("40") "\"kind != cover\" and \"kind not in ( patch , reply , pull , other )\"" EXCLUDE},
        {"insertions == 1 and insertions > 5",
         AT("42") "\"insertions == 1\" and \"insertions > 5\"" EXCLUDE},
        {"insertions > 5 and insertions < 7 and insertions != 6",
         AT("60") "\"insertions != 6\" leaves nothing of what is left by the tests before it"},
        {"rfc and not rfc", AT("34") "\"rfc\" and \"not rfc\"" EXCLUDE},
        {"not (rfc or not rfc)", AT("38") "\"not rfc\" and \"rfc\"" EXCLUDE},
        {"(title ~ /a/ or rfc) and not (rfc or title ~ /a/)",
         AT("52") "\"rfc\" and \"not rfc\"" EXCLUDE},
        {"title == \"KVM: x\" and title ~ /^mm/",
         AT("44") "\"title == \"KVM: x\"\" and \"title ~ /^mm/\"" EXCLUDE},
        {"title ~ /x/ and title !~ /x/", AT("38") "\"title ~ /x/\" and \"title !~ /x/\"" EXCLUDE},
        {"path under mm/slub.c and path not under list folders",
         AT("47") "\"path under mm/slub.c\" and \"path not under list folders\"" EXCLUDE},
        {"list == a.example.org and list != a.example.org",
         AT("48") "\"list == a.example.org\" and \"list != a.example.org\"" EXCLUDE},
        {"base-commit and not base-commit",
         AT("42") "\"base-commit\" and \"not base-commit\"" EXCLUDE},
        {"base-commit == \"\"", AT("22") "\"base-commit == \"\"\" never holds"},
        {"title ~ /^x86: ^foo/", AT("22") "\"title ~ /^x86: ^foo/\" never holds"},
        {"title ~ /x86$:/", AT("22") "\"title ~ /x86$:/\" never holds"},
        {"list ~ /^KVM/", AT("22") "\"list ~ /^KVM/\" never holds"},
        /* What a plugin could make so after all. */
        {"project == linux and project == qemu",
         WARN("43") "\"project == linux\" and \"project == qemu\"" EXCLUDE},
        {"list in none", "configuration:6:22: warning: rule configuration:a never fires: the list "
                         "in \"list in none\" is empty"},
    };

    (void)state;
    check_conditions(cases, sizeof(cases) / sizeof(cases[0]), "tag x");
}

static void nothing_is_said_of_rules_that_can_fire(void **state)
{
    static const wanted cases[] = {
        {"list == a.example.org and list == b.example.org", NULL},
        {"path.lines > 5 and path.lines < 3", NULL},
        {"path under mm/ and path under fs/", NULL},
        {"path under mm/ and path not under mm/slub.c", NULL},
        {"path under list folders and path not under mm/", NULL},
        {"title ~ /a/ and title !~ /b/", NULL},
        {"title ~ /^x86: .*^foo/m", NULL},
        {"title ~ /x$|^y/", NULL},
        {"title ~ /\\^x\\^y/", NULL},
        {"list ~ /^KVM/i", NULL},
        {"list ~ /^(KVM|kvm)/", NULL},
        {"path.old == \"\"", NULL},
        {"kind == cover and (kind == patch or rfc)", NULL},
        {"kind != cover and kind != patch", NULL},
        {"insertions > 5 and insertions < 7", NULL},
        {"insertions != 5 and insertions != 6", NULL},
        {"not insertions == 5 and not insertions", NULL},
        {"header.X-A == a and header.X-A == b", NULL},
        {"tag has a and tag has b", NULL},
        {"project == linux and not project == qemu", NULL},
        {"list not in none", NULL},
        {"rfc or not rfc", NULL},
    };

    (void)state;
    check_conditions(cases, sizeof(cases) / sizeof(cases[0]), "tag x");
}

static void a_rule_behind_a_stop_that_covers_it_is_told(void **state)
{
    static const struct {
        const char *rules;
        bool told;
    } cases[] = {
        {"rule s { why x; when kind; then stop }\nrule b { why x; when rfc; then tag x }", true},
        {"rule s { why x; when rfc or resend; then stop }\n"
         "rule b { why x; when title ~ /x/ and resend; then tag x }",
         true},
        {"rule s { why x; when path under mm/; then stop }\n"
         "rule b { why x; when path under (mm/slub.c, mm/slab.h); then tag x }",
         true},
        {"rule s { why x; when rfc; then stop }\nrule b { why x; when resend; then tag x }", false},
        {"rule b { why x; when rfc; then tag x }\nrule s { why x; when kind; then stop }", false},
        {"rule s { why x; when rfc; then tag x }\nrule b { why x; when rfc; then tag x }", false},
        {"rule s { why x; when rfc and title ~ /x/; then stop }\n"
         "rule b { why x; when rfc; then tag x }",
         false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[1024];
        pm_errors *errors;

        snprintf(text, sizeof(text), "plugins project\n%s\n", cases[i].rules);
        errors = check(text);
        if (!cases[i].told && pm_errors_nth(errors, 0) != NULL)
            fail_msg("%s\nis told: %s", cases[i].rules, pm_errors_nth(errors, 0));
        if (cases[i].told && (pm_errors_count(errors) != 1 ||
                              strcmp(pm_errors_nth(errors, 0),
                                     "configuration:3:6: rule configuration:b can never fire: rule "
                                     "configuration:s (configuration:2) holds whenever it would, "
                                     "and stops (put it above that rule)") != 0))
            fail_msg("%s\nis told: %s", cases[i].rules, pm_errors_nth(errors, 0));
        pm_errors_free(errors);
    }
}

static void a_slug_that_was_mistyped_is_told_with_the_one_that_was_meant(void **state)
{
    static const struct {
        const char *rule, *said;
    } cases[] = {
        {"when rfc; then subsystem kvmx86",
         "configuration:6:42: warning: no section and no other rule says \"kvmx86\" (did you mean "
         "\"kvm-x86\"?)"},
        {"when rfc; then inbox kmv-x86",
         "configuration:6:38: warning: no section and no other rule says \"kmv-x86\" (did you mean "
         "\"kvm-x86\"?)"},
        {"when subsystem == net-cre and rfc; then tag x", NULL}, /* too short a word to be sure */
        {"when subsystem in (net-core, netcore); then tag x",
         "configuration:6:46: warning: no section and no other rule says \"netcore\" (did you mean "
         "\"net-core\"?)"},
        {"when project == linx; then tag x",
         "configuration:6:33: warning: no section and no other rule says \"linx\" (did you mean "
         "\"linux\"?)"},
        {"when rfc; then subsystem kvm-x86", NULL},
        {"when rfc; then subsystem kvm-x87", NULL}, /* another name */
        {"when rfc; then subsystem something-else", NULL},
        {"when rfc; then subsystem \"kvmx{total}\"", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[1024];
        pm_errors *errors;
        const char *said;

        snprintf(text, sizeof(text), BEGIN "rule a { why x; %s }\n", cases[i].rule);
        errors = check(text);
        said = pm_errors_nth(errors, 0);
        if ((said == NULL) != (cases[i].said == NULL) ||
            (said != NULL && strcmp(said, cases[i].said) != 0))
            fail_msg("%s\nis told: %s", cases[i].rule, said == NULL ? "nothing" : said);
        pm_errors_free(errors);
    }
}

static void a_recipient_that_loops_is_told_with_the_way_out(void **state)
{
    static const wanted cases[] = {
        {"list == dev.example.org",
         "configuration:7:17: dev@example.org is the list that all rule configuration:a holds for "
         "comes from: its copies would go to it again and again (leave this recipient out)"},
        {"rfc", "configuration:7:17: warning: dev@example.org is a list of project linux: a copy "
                "that comes back from it would go to it again (add to the condition: and list != "
                "\"dev.example.org\")"},
        {"rfc and recipient == \"dev@example.org\"",
         "configuration:7:17: warning: dev@example.org is never added: all that rule "
         "configuration:a holds for goes there already"},
        {"rfc and list != dev.example.org", NULL},
        {"list == other.example.org and list != dev.example.org", NULL},
        {"rfc and not header.X-Been-There", NULL},
    };
    static const wanted elsewhere[] = {{"rfc", NULL}, {"list == dev.example.org", NULL}};

    (void)state;
    check_conditions(cases, sizeof(cases) / sizeof(cases[0]), "recipient dev@example.org");
    check_conditions(elsewhere, sizeof(elsewhere) / sizeof(elsewhere[0]),
                     "recipient person@example.org");
}

static void a_pattern_that_reaches_its_limit_on_ordinary_mail_is_told(void **state)
{
#define TRY_SIMPLER                                                                                \
    " (let nothing that repeats stand within something that repeats: a+ and not (a+)+)"
    static const wanted cases[] = {
        {"title ~ /^(\\w+\\s?)*$/", "configuration:6:30: this pattern of rule configuration:a "
                                    "reaches its limit on an ordinary subject" TRY_SIMPLER},
        {"rfc and text ~ /^(-+)+$/m", "configuration:6:37: this pattern of rule configuration:a "
                                      "reaches its limit on an ordinary body" TRY_SIMPLER},
        {"text ~ /^Fixes: [0-9a-f]{12,40} \\(\"/m", NULL},
        {"text ~ /(\\w+ )+signed/i", NULL},
        {"title ~ /^(KVM|x86): .*(fix|mend).*page/i", NULL},
    };

    (void)state;
    check_conditions(cases, sizeof(cases) / sizeof(cases[0]), "tag x");
}

static void a_pattern_that_reaches_its_limit_on_an_example_is_told(void **state)
{
    pm_errors *errors = check(
        "plugins project\n"
        "rule a { why x; when header.X-A ~ /^(ab?)+$/; then tag x\n"
        "not-example \"X-A: ababababababababababababababababababababababababababababababababab!\" "
        "}\n"
        "rule b { why x; when header.X-A ~ /^(a|b|ab)+$/; then tag x\n"
        "not-example \"X-A: ababababababababababababababababababababababababababababababababab!\" "
        "}\n");

    (void)state;
    assert_int_equal(pm_errors_count(errors), 1);
    assert_string_equal(pm_errors_nth(errors, 0),
                        "configuration:5:13: a pattern of rule configuration:b reaches its limit "
                        "on this example (let nothing that repeats stand within something that "
                        "repeats)");
    pm_errors_free(errors);
}

static void a_plugin_that_says_too_little_of_itself_is_told(void **state)
{
    static const char *const said[] = {
        "configuration:1:17: plugin mute: it has no summary (a sentence: what it finds out)",
        "configuration:1:17: plugin mute: the default of \"many\" is 5, but it must be between 1 "
        "and 4",
        "configuration:1:17: plugin mute: the option \"none\" must be between 4 and 1, which "
        "nothing is",
        "configuration:1:17: plugin mute: the default of \"word\" is some, but it must be between "
        "1 and 4",
        "configuration:1:17: plugin mute: the option \"silent\" has no help (a sentence for those "
        "who set it)",
        "configuration:1:17: plugin mute: the fact \"mute.what\" has no meaning (a sentence for "
        "those who ask for it)",
        "configuration:1:17: plugin mute: the fact \"mute.twice\" is declared twice",
    };
    pm_errors *errors = check("plugins project mute\n");

    (void)state;
    for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
        assert_non_null(pm_errors_nth(errors, i));
        assert_string_equal(pm_errors_nth(errors, i), said[i]);
    }
    assert_null(pm_errors_nth(errors, sizeof(said) / sizeof(said[0])));
    pm_errors_free(errors);
}

#define SHY_RULE                                                                                   \
    "plugins shy\nrule a { why x; when shy.there == 1\n then tag b\n example \"Subject: c\" }"

static void a_plugin_that_cannot_tell_is_asked_again_before_a_rule_is_blamed(void **state)
{
    pm_errors *errors;

    (void)state;
    shy_status = PM_LATER;
    shy_scans = 2;
    errors = check(SHY_RULE);
    if (pm_errors_count(errors) != 0)
        fail_msg("%s", pm_errors_nth(errors, 0));
    assert_int_equal(shy_scans, 0);
    pm_errors_free(errors);
}

static void a_plugin_that_never_tells_is_named(void **state)
{
    pm_errors *errors;

    (void)state;
    shy_status = PM_FAULT;
    shy_scans = 1000;
    errors = check(SHY_RULE);
    assert_string_equal(pm_errors_nth(errors, 0),
                        "configuration:4:10: rule configuration:a cannot be tried on this example: "
                        "plugin shy could not go on (see what it logs; if the machine is only too "
                        "busy, try again)");
    pm_errors_free(errors);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_that_can_never_fire_is_told_with_the_tests_that_exclude_each_other),
        cmocka_unit_test(nothing_is_said_of_rules_that_can_fire),
        cmocka_unit_test(a_rule_behind_a_stop_that_covers_it_is_told),
        cmocka_unit_test(a_slug_that_was_mistyped_is_told_with_the_one_that_was_meant),
        cmocka_unit_test(a_recipient_that_loops_is_told_with_the_way_out),
        cmocka_unit_test(a_pattern_that_reaches_its_limit_on_ordinary_mail_is_told),
        cmocka_unit_test(a_pattern_that_reaches_its_limit_on_an_example_is_told),
        cmocka_unit_test(a_plugin_that_says_too_little_of_itself_is_told),
        cmocka_unit_test(a_plugin_that_cannot_tell_is_asked_again_before_a_rule_is_blamed),
        cmocka_unit_test(a_plugin_that_never_tells_is_named),
    };

    pm_mime_start();
    return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
