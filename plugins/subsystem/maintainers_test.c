/* SPDX-License-Identifier: BSD-2-Clause */
/* maintainers_test - a MAINTAINERS file, and what of it matches a path. */
#include "maintainers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static pm_slice slice_of(const char *text)
{
    return (pm_slice){text, strlen(text)};
}

/* What was reported, a line each: "12 sentence". */
static char reports[8192];

static void report(void *context, const char *file, unsigned line, const char *sentence)
{
    size_t used = strlen(reports);

    (void)context;
    assert_non_null(file);
    snprintf(reports + used, sizeof(reports) - used, "%u %s\n", line, sentence);
}

static pm_maintainers *load(const char *text)
{
    char name[] = "/tmp/maintainers-test-XXXXXX";
    int file = mkstemp(name);

    reports[0] = '\0';
    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), strlen(text));
    close(file);

    pm_maintainers *maintainers = pm_maintainers_load(name, report, NULL);

    unlink(name);
    return maintainers;
}

/* "3 TITLE, 1 OTHER" */
static const char *show(const pm_maintainers *maintainers, const pm_section_match *matches,
                        size_t count)
{
    static char shown[4096];

    shown[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        pm_slice title = pm_maintainers_section(maintainers, matches[i].section)->title;
        size_t used = strlen(shown);

        snprintf(shown + used, sizeof(shown) - used, "%s%d %.*s", i == 0 ? "" : ", ",
                 matches[i].depth, (int)title.len, title.data);
    }
    return shown;
}

static const char *match(const pm_maintainers *maintainers, const char *path)
{
    pm_section_match matches[32];

    return show(maintainers, matches,
                pm_maintainers_match(maintainers, slice_of(path), matches, 32));
}

struct path_case {
    const char *path, *sections;
};

static void check_paths(const char *file, const struct path_case *cases, size_t count)
{
    pm_maintainers *maintainers = load(file);

    assert_non_null(maintainers);
    for (size_t i = 0; i < count; i++) {
        const char *found = match(maintainers, cases[i].path);

        if (strcmp(found, cases[i].sections) != 0)
            fail_msg("%s: \"%s\", not \"%s\"", cases[i].path, cases[i].sections, found);
    }
    pm_maintainers_free(maintainers);
}

#define CHECK_PATHS(file, cases) check_paths(file, cases, sizeof(cases) / sizeof((cases)[0]))

static void patterns_mean_what_get_maintainer_makes_of_them(void **state)
{
    static const char file[] = "TREE\nF:\tdir/\n\n"
                               "FILE\nF:\tdir/one.c\n\n"
                               "OPEN END\nF:\tdir/on\n\n"
                               "STAR\nF:\tdir/*.c\n\n"
                               "STAR BELOW\nF:\tdir/*/deep.c\n\n"
                               "STAR TREE\nF:\tdir/*/tree/\n\n"
                               "QUESTION\nF:\tdir/t?o.c\n\n"
                               "CLASS\nF:\tsub/da[79]*.[ch]\n\n"
                               "NOT CLASS\nF:\tsub/da[^7].c\n\n"
                               "FRONT STAR\nF:\t*/front.c\n\n"
                               "DOT\nF:\tdot.c\n";
    static const struct path_case cases[] = {
        {"dir/one.c", "2 FILE, 2 OPEN END, 2 STAR, 1 TREE"},
        {"dir/one.class", "2 FILE, 2 OPEN END, 2 STAR, 1 TREE"},
        {"dir/one.h", "2 OPEN END, 1 TREE"},
        {"dir/two.c", "2 STAR, 2 QUESTION, 1 TREE"},
        {"dir/to.c", "2 STAR, 1 TREE"},
        {"dir/a/deep.c", "3 STAR BELOW, 1 TREE"},
        {"dir/a/b/deep.c", "1 TREE"},
        {"dir/a/tree/x", "3 STAR TREE, 1 TREE"},
        {"dir/a/b/tree/c/x", "3 STAR TREE, 1 TREE"},
        {"dir/a/tree", "1 TREE"},
        {"dir/on/x.c", "1 TREE"},
        {"dir", ""},
        {"dirt/x.c", ""},
        {"xdir/one.c", ""},
        {"sub/da7.c", "2 CLASS"},
        {"sub/da9x.h", "2 CLASS"},
        {"sub/da8.c", "2 NOT CLASS"},
        {"sub/da9.s", ""},
        {"x/front.c", "-1 FRONT STAR"},
        {"front.c", ""},
        {"x/y/front.c", ""},
        {"dot.c", "1 DOT"},
        {"dotxc", ""},
        {"", ""},
    };

    (void)state;
    CHECK_PATHS(file, cases);
}

static void the_deepest_comes_first_and_equals_as_in_the_file(void **state)
{
    static const char file[] = "ARCH\nF:\tarch/x/\n\n"
                               "REST\nF:\t*\nF:\t*/\n\n"
                               "B\nF:\tarch/x/kvm/\n\n"
                               "A\nF:\tarch/x/kvm/\n\n"
                               "NAME\nN:\tkvm\n";
    static const struct path_case cases[] = {
        {"arch/x/kvm/a.c", "3 B, 3 A, 2 ARCH, 0 NAME, -1 REST"},
        {"top", "-1 REST"},
    };

    (void)state;
    CHECK_PATHS(file, cases);
}

static void the_last_pattern_that_matches_gives_the_depth(void **state)
{
    static const char file[] = "DEEP LAST\nF:\ta/\nF:\ta/b/\n\n"
                               "DEEP FIRST\nF:\ta/b/\nF:\ta/\n\n"
                               "NAME LAST\nF:\ta/b/\nN:\tb/c\n\n"
                               "NAME FIRST\nN:\tb/c\nF:\ta/b/\n";
    static const struct path_case cases[] = {
        {"a/b/c", "2 DEEP LAST, 2 NAME FIRST, 1 DEEP FIRST, 0 NAME LAST"},
    };

    (void)state;
    CHECK_PATHS(file, cases);
}

static void an_excluded_path_loses_the_whole_section(void **state)
{
    static const char file[] = "NET\nF:\tnet/\nN:\tipv\nX:\tnet/ipv6/\nX:\tnet/*.rst\n";
    static const struct path_case cases[] = {
        {"net/core/a.c", "1 NET"},
        {"net/ipv6/a.c", ""},
        {"net/a.rst", ""},
        {"x/ipv4", "0 NET"},
    };

    (void)state;
    CHECK_PATHS(file, cases);
}

static void two_stars_match_any_number_of_folders(void **state)
{
    static const char file[] = "ANY\nF:\tfs/**/*foo*.c\n\nEND\nF:\tlib/**\n";
    static const struct path_case cases[] = {
        {"fs/a/xfoo.c", "3 ANY"},
        {"fs/a/b/c/foox.c", "3 ANY"},
        {"fs/foo.c", ""},
        {"lib/a/b.c", "2 END"},
        {"libx", ""},
    };

    (void)state;
    CHECK_PATHS(file, cases);
}

static void what_is_more_of_a_regular_expression_is_run_as_one(void **state)
{
    static const char file[] = "PLUS\nF:\tdoc/c++/\n\nEITHER\nF:\tfs/(a|bc)/x.c\n\nODD CLASS\n"
                               "F:\tfs/[a.]x/\n";
    static const struct path_case cases[] = {
        {"doc/cc/x", "2 PLUS"}, {"doc/c++/x", ""},          {"fs/bc/x.c", "3 EITHER"},
        {"fs/b/x.c", ""},       {"fs/.x/y", "2 ODD CLASS"},
    };

    (void)state;
    CHECK_PATHS(file, cases);
}

static void in_its_tree_a_folder_needs_no_slash(void **state)
{
    pm_maintainers *maintainers =
        load("IFE\nF:\tnet/ife\n\nDOTTED\nF:\tnet/if.d\n\nSTAR\nF:\tnet/i*\n");
    pm_section_match matches[8];
    size_t count;

    (void)state;
    assert_string_equal(match(maintainers, "net/ife/ife.c"), "");
    count = pm_maintainers_match_in_tree(maintainers, slice_of("net/ife/ife.c"), matches, 8);
    assert_string_equal(show(maintainers, matches, count), "2 IFE");
    count = pm_maintainers_match_in_tree(maintainers, slice_of("net/ifex/a.c"), matches, 8);
    assert_int_equal(count, 0);
    count = pm_maintainers_match_in_tree(maintainers, slice_of("net/if.d/a.c"), matches, 8);
    assert_int_equal(count, 0);
    pm_maintainers_free(maintainers);
}

static void a_match_says_which_line_it_is_from(void **state)
{
    pm_maintainers *maintainers = load("# made up\n\nKVM\nM:\tA Person <a@example.org>\n"
                                       "F:\tarch/x/kvm/\nF:\t  virt/kvm/*  \n");
    pm_section_match found;

    (void)state;
    assert_int_equal(pm_maintainers_match(maintainers, slice_of("virt/kvm/main.c"), &found, 1), 1);
    assert_int_equal(found.line, 6);
    assert_int_equal(found.how, 'F');
    assert_int_equal(found.pattern.len, strlen("virt/kvm/*"));
    assert_memory_equal(found.pattern.data, "virt/kvm/*", found.pattern.len);
    assert_int_equal(pm_maintainers_section(maintainers, found.section)->line, 3);
    pm_maintainers_free(maintainers);
}

static void with_too_little_room_the_deepest_are_kept(void **state)
{
    pm_maintainers *maintainers =
        load("ONE\nF:\ta/\n\nTWO\nF:\ta/b/\n\nTHREE\nF:\ta/b/c/\n\nTOP\nF:\t*/\n");
    pm_section_match matches[2];

    (void)state;
    assert_int_equal(pm_maintainers_match(maintainers, slice_of("a/b/c/d"), matches, 2), 4);
    assert_string_equal(show(maintainers, matches, 2), "3 THREE, 2 TWO");
    assert_int_equal(pm_maintainers_match(maintainers, slice_of("a/b/c/d"), NULL, 0), 4);
    pm_maintainers_free(maintainers);
}

static void keywords_are_looked_for_in_text(void **state)
{
    pm_maintainers *maintainers = load("PTP\nK:\t(?:\\b|_)ptp(?:\\b|_)\n\n"
                                       "CLANG\nK:\t\\b(?i:clang|llvm)\\b\nK:\tclang\n\n"
                                       "SUBJECT\nK:\t^Subject:.*trivial\n");
    pm_section_match matches[4];
    size_t count;

    (void)state;
    count = pm_maintainers_keywords(
        maintainers, slice_of("built with LLVM, clang\nand a ptp_clock"), matches, 4);
    assert_string_equal(show(maintainers, matches, count), "0 PTP, 0 CLANG");
    assert_int_equal(matches[0].how, 'K');
    count = pm_maintainers_keywords(maintainers, slice_of("x\nSubject: a trivial one"), matches, 4);
    assert_string_equal(show(maintainers, matches, count), "0 SUBJECT");
    assert_int_equal(pm_maintainers_keywords(maintainers, slice_of("ptpd"), matches, 4), 0);
    assert_string_equal(match(maintainers, "drivers/ptp/a.c"), "");
    pm_maintainers_free(maintainers);
}

static void the_rest_is_marked(void **state)
{
    pm_maintainers *maintainers = load("SOME\nF:\t*/x\n\nTHE REST\nF:\tx\n\nAll patches\nF: */\n");

    (void)state;
    assert_false(pm_maintainers_section(maintainers, 0)->catch_all);
    assert_true(pm_maintainers_section(maintainers, 1)->catch_all);
    assert_true(pm_maintainers_section(maintainers, 2)->catch_all);
    pm_maintainers_free(maintainers);
}

/* "TITLE|TITLE" */
static void check_titles(const char *file, const char *expected)
{
    pm_maintainers *maintainers = load(file);
    char shown[1024] = "";

    assert_non_null(maintainers);
    for (size_t i = 0; i < pm_maintainers_sections(maintainers); i++) {
        pm_slice title = pm_maintainers_section(maintainers, i)->title;

        snprintf(shown + strlen(shown), sizeof(shown) - strlen(shown), "%s%.*s", i == 0 ? "" : "|",
                 (int)title.len, title.data);
    }
    pm_maintainers_free(maintainers);
    assert_string_equal(shown, expected);
}

static void every_dialect_has_its_titles(void **state)
{
    (void)state;
    /* Linux: a preface, and fields described in it that are none. */
    check_titles(
        "How to send\n===========\n\n\tF: *Files*\n\nMaintainers List\n----------------\n\n"
        "ONE\nM:\tA Person <a@example.org>\nF:\ta/\n\nTWO\nF:\tb/\n",
        "ONE|TWO");
    /* QEMU: underlined headings, with sections below them or being one. */
    check_titles("Administration\n--------------\nM: A Person <a@example.org>\n\nAll\nF: *\n\n"
                 "Architectures\n-------------\nS390\nF: a\n\nMIPS\nF: b\n",
                 "Administration|All|S390|MIPS");
    /* U-Boot: comments; carriage returns; a field after an empty line goes on with the section. */
    check_titles("BOARD\r\nS:\tOrphan\r\n#M:\tGone <gone@example.org>\r\n\r\nF:\tb/\r\n", "BOARD");
    /* Two titles in a row: the one next to the fields. */
    check_titles("GROUP\nONE\nF:\ta\n", "ONE");
    /* A title that lost the empty line above it. */
    check_titles("ONE\nF:\ta\nTWO\nF:\tb\n", "ONE|TWO");
}

static void a_bad_line_is_reported_and_passed_over(void **state)
{
    static const struct {
        const char *file, *report;
    } cases[] = {
        {"A\nM:\tx\nF.\tboard/\nF:\tgood/\n", "3 \"F.\tboard/\" is neither a field nor a title"},
        {"A\nF:\tgood/\n\tgoes on\nN:\tzzz\n", "3 \"goes on\" is neither a field nor a title"},
        {"A\nF:\nF:\tgood/\n", "2 F: has no usable pattern"},
        {"A\nN:\t(open\nF:\tgood/\n", "2 N: (open: missing closing parenthesis"},
        {"A\nF:\tfs/(open\nF:\tgood/\n", "2 F: fs/(open: missing closing parenthesis"},
        {"F:\tearly/\nA\nF:\tgood/\n", "1 a field before any title"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pm_maintainers *maintainers = load(cases[i].file);

        assert_non_null(maintainers);
        if (strncmp(reports, cases[i].report, strlen(cases[i].report)) != 0)
            fail_msg("%s: reported \"%s\", not \"%s\"", cases[i].file, reports, cases[i].report);
        assert_string_equal(match(maintainers, "good/x"), "1 A");
        pm_maintainers_free(maintainers);
    }
}

static void a_file_that_is_no_maintainers_file_is_refused_with_the_way_out(void **state)
{
    (void)state;
    assert_null(load("Just text.\n"));
    assert_non_null(strstr(reports, "0 has no section"));

    reports[0] = '\0';
    assert_null(pm_maintainers_load("/nonexistent/MAINTAINERS", report, NULL));
    assert_non_null(strstr(reports, "No such file"));

    reports[0] = '\0';
    assert_null(pm_maintainers_load("/tmp", report, NULL));
    assert_non_null(strstr(reports, "is not a file"));
}

static void titles_make_slugs(void **state)
{
    static const struct {
        const char *title, *slug;
    } cases[] = {
        {"KERNEL VIRTUAL MACHINE FOR ARM64 (KVM/arm64)", "kvm-arm64"},
        {"SOMETHING (ABC) DRIVER", "abc"},
        {"SOMETHING (ABC) X-GENE SOC EDAC", "something-x-gene-soc-edac"},
        {"X86 ARCHITECTURE (32-BIT AND 64-BIT)", "x86-architecture"},
        {"JIT (32-bit)", "jit"},
        {"SCSI RDMA PROTOCOL", "scsi-rdma-protocol"},
        {"i.MX31", "i.mx31"},
        {"...dots", "dots"},
        {"(only this part)", "only-this-part"},
        {"UNCLOSED (ABC", "unclosed"},
        {"DRM DRIVER FOR THE ABC AND DEF PANELS", "drm-abc-def-panels"},
        {"DRIVERS", "drivers"},
        {"A.B. THING.", "a.b.-thing."},
        {"A VERY LONG TITLE THAT GOES ON AND ON FOR MORE THAN A SLUG HAS ROOM",
         "a-very-long-title-that-goes-on-on-more-than-a"},
        {"AAAAAAAAAABBBBBBBBBBCCCCCCCCCCDDDDDDDDDDEEEEEEEEEE",
         "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeee"},
        {"\xd0\x9a\xd0\xb0", "section"},
        {"", "section"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char slug[64];
        size_t length = pm_section_slug(slice_of(cases[i].title), slug);

        if (strcmp(slug, cases[i].slug) != 0 || length != strlen(slug))
            fail_msg("%s: \"%s\", not \"%s\"", cases[i].title, cases[i].slug, slug);
    }
}

/* Other people's answers: what get_maintainer.pl says of real paths, when they are at hand. */
static void real_paths_get_the_sections_get_maintainer_gives_them(void **state)
{
    FILE *answers = fopen("../shared/corpus/dev-path-sections.tsv", "re");
    pm_maintainers *maintainers = NULL;
    char line[8192];
    unsigned count = 0;

    (void)state;
    if (answers != NULL)
        maintainers = pm_maintainers_load("../shared/maintainers/linux-6.1", report, NULL);
    if (maintainers == NULL) {
        print_message("skipped: ../shared has no paths and answers\n");
        if (answers != NULL)
            fclose(answers);
        skip();
    }
    while (fgets(line, sizeof(line), answers) != NULL) {
        char wanted[8192] = "", got[8192] = "";
        char *rest = strchr(line, '\t');
        pm_section_match matches[64];

        line[strcspn(line, "\n")] = '\0';
        if (rest != NULL) {
            snprintf(wanted, sizeof(wanted), "%s", rest + 1);
            *rest = '\0';
        }

        size_t found = pm_maintainers_match(maintainers, slice_of(line), matches, 64);

        for (size_t i = 0; i < found; i++) {
            const pm_section *section = pm_maintainers_section(maintainers, matches[i].section);

            if (!section->catch_all)
                snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%d\t%.*s",
                         got[0] == '\0' ? "" : "\t", matches[i].depth, (int)section->title.len,
                         section->title.data);
        }
        if (strcmp(got, wanted) != 0)
            fail_msg("%s: \"%s\", not \"%s\"", line, wanted, got);
        count++;
    }
    assert_true(count > 1000);
    fclose(answers);
    pm_maintainers_free(maintainers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_mean_what_get_maintainer_makes_of_them),
        cmocka_unit_test(the_deepest_comes_first_and_equals_as_in_the_file),
        cmocka_unit_test(the_last_pattern_that_matches_gives_the_depth),
        cmocka_unit_test(an_excluded_path_loses_the_whole_section),
        cmocka_unit_test(two_stars_match_any_number_of_folders),
        cmocka_unit_test(what_is_more_of_a_regular_expression_is_run_as_one),
        cmocka_unit_test(in_its_tree_a_folder_needs_no_slash),
        cmocka_unit_test(a_match_says_which_line_it_is_from),
        cmocka_unit_test(with_too_little_room_the_deepest_are_kept),
        cmocka_unit_test(keywords_are_looked_for_in_text),
        cmocka_unit_test(the_rest_is_marked),
        cmocka_unit_test(every_dialect_has_its_titles),
        cmocka_unit_test(a_bad_line_is_reported_and_passed_over),
        cmocka_unit_test(a_file_that_is_no_maintainers_file_is_refused_with_the_way_out),
        cmocka_unit_test(titles_make_slugs),
        cmocka_unit_test(real_paths_get_the_sections_get_maintainer_gives_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
