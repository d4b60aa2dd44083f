/* SPDX-License-Identifier: BSD-2-Clause */
/* chain_test - what speaks for one series being the predecessor of another, and what never may. */
#include "chain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define DAY 86400

static pm_slice slice(const char *text)
{
    return (pm_slice){text, strlen(text)};
}

/* A series that has nothing but a title and an author; revision n is sent on day 10 n. */
static pm_series series_of(const char *id, const char *title, uint32_t revision)
{
    const pm_slice none = {"", 0};

    return (pm_series){
        .size = sizeof(pm_series),
        .id = slice(id),
        .title = slice(title),
        .revision = revision,
        .total = -1,
        .date = (int64_t)revision * 10 * DAY,
        .author = slice("ann@example.org"),
        .author_name = slice("ann author"),
        .change_id = none,
        .project = none,
        .inbox = none,
        .supersedes = none,
        .supersedes_why = none,
    };
}

static bool follows(const pm_series *later, const pm_series *earlier)
{
    return pm_chain_compare(later, earlier, NULL).score >= PM_CHAIN_ENOUGH;
}

/* ---- Numbers ---- */

static void numbers_say_what_may_follow_what(void **state)
{
    static const struct {
        uint32_t earlier, earlier_reroll, earlier_flags, later, later_reroll, later_flags;
        bool may;
    } cases[] = {
        {1, 0, 0, 2, 0, 0, true},
        {1, 0, 0, 3, 0, 0, true},
        {2, 0, 0, 1, 0, 0, false},
        {1, 0, 0, 1, 0, 0, false},
        {1, 0, PM_SERIES_RFC, 1, 0, 0, true},
        {1, 0, 0, 1, 0, PM_SERIES_RFC, false},
        {1, 0, PM_SERIES_RFC, 1, 0, PM_SERIES_RFC, false},
        {1, 0, 0, 1, 0, PM_SERIES_RESEND, true},
        {5, 0, 0, 5, 1, 0, true},
        {5, 1, 0, 5, 2, 0, true},
        {5, 1, 0, 6, 0, 0, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pm_series earlier = series_of("a@x", "drop the old brake", cases[i].earlier);
        pm_series later = series_of("b@x", "drop the old brake", cases[i].later);

        earlier.reroll = cases[i].earlier_reroll;
        earlier.flags = cases[i].earlier_flags;
        later.reroll = cases[i].later_reroll;
        later.flags = cases[i].later_flags;
        later.date = earlier.date + DAY;
        if (pm_chain_compare(&later, &earlier, NULL).possible != cases[i].may)
            fail_msg("case %zu", i);
    }
}

static void of_two_series_exactly_one_precedes_the_other(void **state)
{
    pm_series all[5];

    (void)state;
    for (size_t i = 0; i < 5; i++)
        all[i] = series_of(i == 4 ? "b@x" : "a@x", "t", 1);
    all[1].date += 1;
    all[2].revision = 2;
    all[3].reroll = 1;
    for (size_t i = 0; i < 5; i++)
        for (size_t j = 0; j < 5; j++)
            assert_int_equal(
                pm_chain_precedes(&all[i], &all[j]) + pm_chain_precedes(&all[j], &all[i]), i != j);
}

static void what_was_sent_later_is_no_predecessor(void **state)
{
    pm_series earlier = series_of("a@x", "drop the old brake", 1);
    pm_series later = series_of("b@x", "drop the old brake", 2);

    (void)state;
    assert_true(follows(&later, &earlier));
    earlier.date = later.date + 1;
    assert_false(pm_chain_compare(&later, &earlier, NULL).possible);
}

static void the_revision_just_before_beats_an_older_one(void **state)
{
    pm_series first = series_of("a@x", "drop the old brake", 1);
    pm_series second = series_of("b@x", "drop the old brake", 2);
    pm_series third = series_of("c@x", "drop the old brake", 3);

    (void)state;
    assert_true(pm_chain_compare(&third, &second, NULL).score >
                pm_chain_compare(&third, &first, NULL).score);
}

static void a_number_that_stays_is_told_apart_by_what_the_letter_says(void **state)
{
    static const struct {
        uint32_t earlier_flags, later_flags;
        pm_evidence found;
    } cases[] = {
        {0, 0, PM_EVIDENCE_SAME_REVISION},
        {0, PM_SERIES_RESEND, PM_EVIDENCE_RESENT},
        {PM_SERIES_RFC, PM_SERIES_RFC | PM_SERIES_RESEND, PM_EVIDENCE_RESENT},
        {PM_SERIES_RFC, 0, PM_EVIDENCE_RFC},
        {PM_SERIES_RFC, PM_SERIES_RESEND, PM_EVIDENCE_RFC},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pm_series earlier = series_of("a@x", "drop the old brake", 2);
        pm_series later = series_of("b@x", "drop the old brake", 2);
        pm_likeness like;

        earlier.flags = cases[i].earlier_flags;
        later.flags = cases[i].later_flags;
        later.date = earlier.date + DAY;
        like = pm_chain_compare(&later, &earlier, NULL);
        for (size_t at = PM_EVIDENCE_NEXT_REVISION; at <= PM_EVIDENCE_SKIPPED; at++)
            if ((like.evidence[at] > 0) != (at == cases[i].found))
                fail_msg("case %zu: evidence %zu", i, at);
    }
}

/* ---- Contents ---- */

static void a_number_that_fits_says_nothing_alone(void **state)
{
    pm_series earlier = series_of("a@x", "drop the old brake", 1);
    pm_series later = series_of("b@x", "measure some rope", 2);

    (void)state;
    assert_false(pm_chain_compare(&later, &earlier, NULL).possible);
}

static void titles_compare_by_their_words(void **state)
{
    static const struct {
        const char *a, *b;
        bool same;
        double least, most;
    } cases[] = {
        {"drop the old brake", "Drop the old brake.", true, 1, 1},
        {"drop the old brake", "drop: the old-brake", true, 1, 1},
        {"drop the old brake", "brake old the drop", false, 1, 1},
        {"drop the old brake", "drop the new brake", false, 0.5, 0.7},
        {"drop the old brake", "measure some rope", false, 0, 0},
        {"", "", false, 0, 0},
        {"to do", "to be", false, 0, 0}, /* words of two letters say nothing */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pm_series earlier = series_of("a@x", cases[i].a, 1);
        pm_series later = series_of("b@x", cases[i].b, 2);
        pm_likeness like;

        earlier.change_id = later.change_id = slice("c"); /* so that it is possible */
        like = pm_chain_compare(&later, &earlier, NULL);
        if ((like.evidence[PM_EVIDENCE_SAME_TITLE] > 0) != cases[i].same ||
            like.title < cases[i].least || like.title > cases[i].most)
            fail_msg("\"%s\" and \"%s\": %f", cases[i].a, cases[i].b, like.title);
    }
}

static void equal_patches_and_paths_find_a_renamed_series(void **state)
{
    const pm_slice titles[] = {slice("cog oil"), slice("cog spin"), slice("cog stop")};
    const pm_slice paths[] = {slice("drivers/cog/a.c"), slice("drivers/cog/b.c")};
    pm_series earlier = series_of("a@x", "drop the old brake", 1);
    pm_series later = series_of("b@x", "measure some rope", 2);
    pm_likeness like;

    (void)state;
    earlier.titles = later.titles = titles;
    earlier.title_count = 2;
    later.title_count = 3;
    earlier.paths = later.paths = paths;
    earlier.path_count = later.path_count = 2;
    like = pm_chain_compare(&later, &earlier, NULL);
    assert_int_equal(like.patches, 2);
    assert_int_equal(like.patches_of, 2);
    assert_int_equal(like.paths, 2);
    assert_true(like.score >= PM_CHAIN_ENOUGH);
}

static pm_likeness compare_patches_and_paths(const char *title, const char *later_title,
                                             const char *path, const char *later_path)
{
    const pm_slice titles[] = {slice(title), slice(later_title)};
    const pm_slice paths[] = {slice(path), slice(later_path)};
    pm_series earlier = series_of("a@x", title, 1), later = series_of("b@x", later_title, 2);

    earlier.titles = &titles[0];
    later.titles = &titles[1];
    earlier.paths = &paths[0];
    later.paths = &paths[1];
    earlier.title_count = later.title_count = earlier.path_count = later.path_count = 1;
    return pm_chain_compare(&later, &earlier, NULL);
}

static void a_path_that_was_cut_short_is_the_same_path(void **state)
{
    static const struct {
        const char *earlier, *later;
        unsigned common;
    } cases[] = {
        {"drivers/gear/cog/teeth.c", "drivers/gear/cog/teeth.c", 1},
        {"drivers/gear/cog/teeth.c", "cog/teeth.c", 1},
        {"cog/teeth.c", "drivers/gear/cog/teeth.c", 1},
        {"drivers/gear/cog/teeth.c", "og/teeth.c", 0},
        {"drivers/gear/cog/teeth.c", "teeth.c", 0}, /* at the top there may be one as well */
        {"drivers/gear/cog/teeth.c", "wheel/teeth.c", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const pm_likeness like =
            compare_patches_and_paths("drop it", "drop it", cases[i].earlier, cases[i].later);

        if (like.paths != cases[i].common || like.paths_of != 2 - cases[i].common)
            fail_msg("%s and %s: %u of %u", cases[i].earlier, cases[i].later, like.paths,
                     like.paths_of);
    }
}

static void a_path_is_the_end_of_one_other_only(void **state)
{
    const pm_slice whole[] = {slice("a/cog/teeth.c"), slice("b/cog/teeth.c")};
    const pm_slice cut[] = {slice("cog/teeth.c")};
    pm_series earlier = series_of("a@x", "drop the old brake", 1);
    pm_series later = series_of("b@x", "drop the old brake", 2);
    pm_likeness like;

    (void)state;
    earlier.paths = whole;
    earlier.path_count = 2;
    later.paths = cut;
    later.path_count = 1;
    like = pm_chain_compare(&later, &earlier, NULL);
    assert_int_equal(like.paths, 1);
    assert_int_equal(like.paths_of, 2);
}

static void an_only_patch_is_known_by_title_and_file_together(void **state)
{
    static const struct {
        const char *earlier, *later, *path, *later_path;
        bool follows;
    } cases[] = {
        {"cog fix leak in probe", "cog fix leak in probe", "cog.c", "cog.c", true},
        {"cog fix leak in probe", "cog fix leak in probe", "cog.c", "wheel.c", true},
        {"cog fix leak in probe", "cog fix the leak of teeth in probe", "cog.c", "cog.c", true},
        {"cog fix leak in probe", "gear cog fix leak in probe", "cog.c", "cog.c", true},
        {"cog fix leak in probe", "cog rename the teeth table", "cog.c", "cog.c", false},
        {"cog fix leak in probe", "cog fix race on remove", "cog.c", "wheel.c", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if ((compare_patches_and_paths(cases[i].earlier, cases[i].later, cases[i].path,
                                       cases[i].later_path)
                 .score >= PM_CHAIN_ENOUGH) != cases[i].follows)
            fail_msg("%s: %s", cases[i].earlier, cases[i].later);
}

/* "Misc fixes" may be anybody's, at any time. */
static void a_title_alone_is_not_enough_where_all_else_differs(void **state)
{
    const pm_slice titles[] = {slice("cog oil"), slice("cog spin"), slice("wheel roll"),
                               slice("wheel stop")};
    const pm_slice paths[] = {slice("drivers/cog/a.c"), slice("drivers/wheel/a.c")};
    pm_series earlier = series_of("a@x", "misc fixes", 1);
    pm_series later = series_of("b@x", "misc fixes", 2);

    (void)state;
    assert_true(follows(&later, &earlier)); /* nothing else is known */
    earlier.titles = titles;
    later.titles = titles + 2;
    earlier.title_count = later.title_count = 2;
    earlier.paths = paths;
    later.paths = paths + 1;
    earlier.path_count = later.path_count = 1;
    assert_false(follows(&later, &earlier));
    later.titles = titles + 1;
    assert_true(follows(&later, &earlier)); /* one patch is left */
    later.titles = titles + 2;
    earlier.change_id = later.change_id = slice("20260105-fixes-0a1b2c3d4e5f");
    assert_true(follows(&later, &earlier)); /* it says so */
}

static void patches_that_got_another_prefix_are_the_same_patches(void **state)
{
    const pm_slice titles[] = {slice("cog oil the small teeth"), slice("cog spin it")};
    const pm_slice renamed[] = {slice("gear cog oil the small teeth"), slice("gear spin")};
    const pm_slice others[] = {slice("roll over obstacles"), slice("stop when told")};
    pm_series earlier = series_of("a@x", "drop the old brake", 1);
    pm_series later = series_of("b@x", "drop the new brake", 2);
    double same, like, unlike;

    (void)state;
    earlier.titles = later.titles = titles;
    earlier.title_count = later.title_count = 2;
    same = pm_chain_compare(&later, &earlier, NULL).score;
    later.titles = renamed;
    like = pm_chain_compare(&later, &earlier, NULL).score;
    later.titles = others;
    unlike = pm_chain_compare(&later, &earlier, NULL).score;
    assert_true(same > like && like > unlike);
}

static void a_series_for_another_project_never_follows(void **state)
{
    pm_series earlier = series_of("a@x", "drop the old brake", 1);
    pm_series later = series_of("b@x", "drop the old brake", 2);

    (void)state;
    earlier.project = slice("widget");
    assert_true(follows(&later, &earlier)); /* not known to be for another one */
    later.project = slice("gadget");
    assert_false(pm_chain_compare(&later, &earlier, NULL).possible);
}

static void an_author_is_known_by_address_or_name(void **state)
{
    pm_series earlier = series_of("a@x", "drop the old brake", 1);
    pm_series later = series_of("b@x", "drop the old brake", 2);
    const double same = pm_chain_compare(&later, &earlier, NULL).score;

    (void)state;
    later.author = slice("ann@new.example.net");
    assert_true(pm_chain_compare(&later, &earlier, NULL).score == same);
    later.author_name = slice("a author");
    assert_true(pm_chain_compare(&later, &earlier, NULL).score < same);
    later.author = slice("ann@example.org");
    assert_true(pm_chain_compare(&later, &earlier, NULL).score == same);
}

/* ---- What the letter says ---- */

static void a_claim_counts_for_the_revision_it_names(void **state)
{
    static const struct {
        uint32_t claimed, earlier;
        const char *how;
        pm_evidence found;
    } cases[] = {
        {2, 2, "link", PM_EVIDENCE_CLAIMED},        {0, 2, "link", PM_EVIDENCE_CLAIMED},
        {0, 2, "supersedes", PM_EVIDENCE_CLAIMED},  {1, 1, "link", PM_EVIDENCE_CLAIMED_OLDER},
        {7, 2, "link", PM_EVIDENCE_COUNT},          {0, 2, "reply", PM_EVIDENCE_ANSWERS},
        {0, 1, "reply", PM_EVIDENCE_ANSWERS_OLDER},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const pm_claim claim = {slice("a@x"), cases[i].claimed, slice(cases[i].how)};
        pm_series earlier = series_of("a@x", "drop the old brake", cases[i].earlier);
        pm_series later = series_of("b@x", "drop the old brake", 3);
        pm_likeness like;

        later.claims = &claim;
        later.claim_count = 1;
        like = pm_chain_compare(&later, &earlier, NULL);
        for (size_t at = PM_EVIDENCE_CLAIMED; at <= PM_EVIDENCE_ANSWERS_OLDER; at++)
            if ((like.evidence[at] > 0) != (at == cases[i].found))
                fail_msg("case %zu: evidence %zu", i, at);
    }
}

static void what_the_letter_names_needs_no_likeness(void **state)
{
    const pm_claim claim = {slice("a@x"), 1, slice("link")};
    pm_series earlier = series_of("a@x", "drop the old brake", 1);
    pm_series later = series_of("b@x", "measure some rope", 2);

    (void)state;
    later.claims = &claim;
    later.claim_count = 1;
    assert_true(follows(&later, &earlier));
}

static void a_change_id_needs_no_likeness(void **state)
{
    pm_series earlier = series_of("a@x", "drop the old brake", 1);
    pm_series later = series_of("b@x", "measure some rope", 2);

    (void)state;
    earlier.change_id = later.change_id = slice("20260105-brake-0a1b2c3d4e5f");
    assert_true(follows(&later, &earlier));
}

/* ---- Authors ---- */

static pm_mailmap *people_of(const char *text)
{
    pm_mailmap *people = pm_mailmap_new();

    assert_non_null(people);
    assert_true(pm_mailmap_add_text(people, "people", slice(text), NULL, NULL));
    assert_true(pm_mailmap_settle(people));
    return people;
}

static void the_mailmap_knows_who_is_the_same_and_who_is_not(void **state)
{
    static const struct {
        const char *people; /* NULL: no mailmap */
        const char *earlier, *earlier_name, *later, *later_name;
        pm_kinship authors;
    } cases[] = {
        {NULL, "a@x", "aa", "b@x", "bb", PM_ANOTHER_AUTHOR},
        {NULL, "a@x", "aa", "a@x", "bb", PM_SAME_AUTHOR},
        {"", "a@x", "aa", "b@x", "bb", PM_ANOTHER_AUTHOR},
        {"", "a@x", "aa", "b@x", "aa", PM_SAME_AUTHOR},
        {"", "", "", "", "", PM_ANOTHER_AUTHOR},
        {"<b@x> <a@x>", "a@x", "aa", "b@x", "bb", PM_SAME_AUTHOR_BY_MAILMAP},
        {"<b@x> <a@x>", "b@x", "bb", "a@x", "aa", PM_SAME_AUTHOR_BY_MAILMAP},
        {"<b@x> <a@x>", "a@x", "aa", "a@x", "aa", PM_SAME_AUTHOR},
        {"<b@x> <a@x>", "a@x", "aa", "c@x", "aa", PM_SAME_AUTHOR}, /* c is unknown */
        {"<c@x> <a@x>\n<c@x> <b@x>", "a@x", "aa", "b@x", "bb", PM_SAME_AUTHOR_BY_MAILMAP},
        {"Cc <a@x>\nCc <b@x>", "a@x", "aa", "b@x", "bb", PM_SAME_AUTHOR_BY_MAILMAP},
        {"Bb <a@x>", "a@x", "aa", "b@x", "bb", PM_SAME_AUTHOR_BY_MAILMAP},
        /* two people with one address, then two with one name */
        {"A <a@x> Aa <r@x>\nB <b@x> Bb <r@x>", "r@x", "aa", "r@x", "bb", PM_ANOTHER_AUTHOR},
        {"Jo A <a@x>\nJo B <b@x>", "a@x", "jo", "b@x", "jo", PM_ANOTHER_AUTHOR},
        /* circles lead nowhere, and take nothing away */
        {"<b@x> <a@x>\n<a@x> <b@x>", "a@x", "aa", "b@x", "bb", PM_ANOTHER_AUTHOR},
        {"<b@x> <a@x>\n<a@x> <b@x>", "a@x", "aa", "a@x", "aa", PM_SAME_AUTHOR},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pm_mailmap *people = cases[i].people == NULL ? NULL : people_of(cases[i].people);
        pm_series earlier = series_of("a@x", "drop the old brake", 1);
        pm_series later = series_of("b@x", "drop the old brake", 2);
        pm_likeness like;

        earlier.author = slice(cases[i].earlier);
        earlier.author_name = slice(cases[i].earlier_name);
        later.author = slice(cases[i].later);
        later.author_name = slice(cases[i].later_name);
        like = pm_chain_compare(&later, &earlier, people);
        if (like.authors != cases[i].authors || (like.evidence[PM_EVIDENCE_OTHER_AUTHOR] > 0) !=
                                                    (cases[i].authors == PM_ANOTHER_AUTHOR))
            fail_msg("case %zu: %d", i, (int)like.authors);
        pm_mailmap_free(people);
    }
}

/* ---- Saying so ---- */

static void the_evidence_is_stated(void **state)
{
    const pm_slice titles[] = {slice("cog oil"), slice("cog spin")};
    const pm_claim claim = {slice("a@x"), 1, slice("link")};
    pm_series earlier = series_of("a@x", "drop the old brake", 1);
    pm_series later = series_of("b@x", "drop the old brake", 2);
    pm_likeness like;
    char text[200];
    size_t len;

    (void)state;
    earlier.flags = PM_SERIES_RFC;
    earlier.titles = later.titles = titles;
    earlier.title_count = later.title_count = 2;
    later.claims = &claim;
    later.claim_count = 1;
    like = pm_chain_compare(&later, &earlier, NULL);
    len = pm_chain_explain(&like, &earlier, text, sizeof(text));
    assert_int_equal(len, strlen(text));
    assert_string_equal(text,
                        "RFC v1; named in the letter; same title; 2 of 2 patches; same author");
    assert_int_equal(pm_chain_explain(&like, &earlier, text, 10), 9);
    assert_string_equal(text, "RFC v1; n");
}

static void a_weight_lies_between_0_and_1_and_grows_with_the_score(void **state)
{
    double last = 0;

    (void)state;
    assert_true(pm_chain_weight(0) == 0);
    assert_true(pm_chain_weight(-3) == 0);
    for (double score = 0.5; score < 60; score += 0.5) {
        double weight = pm_chain_weight(score);

        assert_true(weight > last && weight < 1);
        last = weight;
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_say_what_may_follow_what),
        cmocka_unit_test(of_two_series_exactly_one_precedes_the_other),
        cmocka_unit_test(what_was_sent_later_is_no_predecessor),
        cmocka_unit_test(the_revision_just_before_beats_an_older_one),
        cmocka_unit_test(a_number_that_stays_is_told_apart_by_what_the_letter_says),
        cmocka_unit_test(a_number_that_fits_says_nothing_alone),
        cmocka_unit_test(titles_compare_by_their_words),
        cmocka_unit_test(equal_patches_and_paths_find_a_renamed_series),
        cmocka_unit_test(a_path_that_was_cut_short_is_the_same_path),
        cmocka_unit_test(a_path_is_the_end_of_one_other_only),
        cmocka_unit_test(an_only_patch_is_known_by_title_and_file_together),
        cmocka_unit_test(a_title_alone_is_not_enough_where_all_else_differs),
        cmocka_unit_test(patches_that_got_another_prefix_are_the_same_patches),
        cmocka_unit_test(a_series_for_another_project_never_follows),
        cmocka_unit_test(an_author_is_known_by_address_or_name),
        cmocka_unit_test(a_claim_counts_for_the_revision_it_names),
        cmocka_unit_test(what_the_letter_names_needs_no_likeness),
        cmocka_unit_test(a_change_id_needs_no_likeness),
        cmocka_unit_test(the_mailmap_knows_who_is_the_same_and_who_is_not),
        cmocka_unit_test(the_evidence_is_stated),
        cmocka_unit_test(a_weight_lies_between_0_and_1_and_grows_with_the_score),
    };

    return cmocka_run_group_tests_name("chain", tests, NULL, NULL);
}
