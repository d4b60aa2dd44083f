/* SPDX-License-Identifier: BSD-2-Clause */
/* chain_test - which evidence makes one series the predecessor of another, and what rules it out.
 */
#include "chain.h"
#include "family.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static pm_slice text(const char *words)
{
    return (pm_slice){words, strlen(words)};
}

static const pm_slice patches[] = {{"frob add the lock", 17}, {"frob use the lock", 17}};

static pm_series series(const char *id, unsigned revision, const char *title, const char *author)
{
    return (pm_series){.size = sizeof(pm_series),
                       .flags = PM_SERIES_ROOT,
                       .id = text(id),
                       .revision = revision,
                       .total = 2,
                       .date = 1000000 + 86400 * (int64_t)revision,
                       .title = text(title),
                       .author = text(author),
                       .author_name = text(""),
                       .change_id = text(""),
                       .project = text("linux"),
                       .inbox = text(""),
                       .titles = patches,
                       .title_count = 2,
                       .supersedes = text(""),
                       .supersedes_why = text("")};
}

static void the_next_revision_of_the_same_title_is_a_successor(void **state)
{
    pm_series first = series("1@example.org", 1, "frob: Lock it", "ann@example.org");
    pm_series second = series("2@example.org", 2, "frob: lock it", "ann@example.org");

    (void)state;
    assert_true(pm_chain_compare(&second, &first).score >= PM_CHAIN_ENOUGH);
    assert_false(pm_chain_compare(&first, &second).possible);
}

static void a_renamed_revision_is_known_by_its_patches(void **state)
{
    pm_series first = series("1@example.org", 1, "frob: Lock it", "ann@example.org");
    pm_series second = series("2@example.org", 2, "Races in the widget driver", "ann@example.org");

    (void)state;
    assert_true(pm_chain_compare(&second, &first).score >= PM_CHAIN_ENOUGH);
}

static void a_number_that_fits_is_not_enough(void **state)
{
    pm_series first = series("1@example.org", 1, "cog: Grease it", "ann@example.org");
    pm_series second = series("2@example.org", 2, "Races in the widget driver", "ann@example.org");

    (void)state;
    first.title_count = 0;
    assert_true(pm_chain_compare(&second, &first).score < PM_CHAIN_ENOUGH);
}

static void a_companion_series_for_another_project_is_never_chained(void **state)
{
    pm_series kernel = series("1@example.org", 1, "frob: Lock it", "ann@example.org");
    pm_series tests = series("2@example.org", 2, "frob: Lock it", "ann@example.org");

    (void)state;
    tests.project = text("kvm-unit-tests");
    assert_true(pm_chain_compare(&tests, &kernel).score < PM_CHAIN_ENOUGH);
}

static void what_the_letter_names_goes_before_what_is_alike(void **state)
{
    pm_claim named = {{"1@example.org", 13}, 1, {"link", 4}};
    pm_series first = series("1@example.org", 1, "Something else", "bob@example.org");
    pm_series alike = series("3@example.org", 1, "frob: Lock it", "ann@example.org");
    pm_series second = series("2@example.org", 2, "frob: Lock it", "ann@example.org");

    (void)state;
    second.claims = &named;
    second.claim_count = 1;
    first.title_count = 1;
    assert_true(pm_chain_compare(&second, &first).score >= PM_CHAIN_ENOUGH);
    assert_true(pm_chain_compare(&second, &first).evidence[PM_EVIDENCE_CLAIMED] > 0);
    assert_true(pm_chain_compare(&second, &alike).evidence[PM_EVIDENCE_CLAIMED] == 0);
}

static void an_equal_change_id_outweighs_a_new_title(void **state)
{
    pm_series first = series("1@example.org", 1, "frob: Lock it", "ann@example.org");
    pm_series second = series("2@example.org", 2, "Races in the widget driver", "ann@example.org");
    double without;

    (void)state;
    without = pm_chain_compare(&second, &first).score;
    first.change_id = second.change_id = text("20261101-frob-lock-0123456789ab");
    assert_true(pm_chain_compare(&second, &first).score > without);
}

static void of_two_series_exactly_one_comes_first(void **state)
{
    pm_series a = series("1@example.org", 1, "frob: Lock it", "ann@example.org");
    pm_series b = series("2@example.org", 1, "frob: Lock it", "ann@example.org");

    (void)state;
    assert_true(pm_chain_precedes(&a, &b) != pm_chain_precedes(&b, &a));
    b.date = a.date - 1;
    assert_true(pm_chain_precedes(&b, &a));
    assert_false(pm_chain_precedes(&a, &b));
}

static void a_weight_grows_with_its_score_and_stays_below_one(void **state)
{
    (void)state;
    for (double score = 1; score < 40; score += 1)
        assert_true(pm_chain_weight(score) < pm_chain_weight(score + 1));
    assert_true(pm_chain_weight(1000) < 1);
    assert_true(pm_chain_weight(-1) == 0);
}

static void tools_make_families_of_message_ids(void **state)
{
    static const struct {
        const char *a, *b;
        bool family;
    } cases[] = {
        {"pull.12.git.1790000000.gitgitgadget@example.org",
         "pull.12.v2.git.1790100000.gitgitgadget@example.org", true},
        {"pull.12.git.1790000000.gitgitgadget@example.org",
         "pull.13.v2.git.1790100000.gitgitgadget@example.org", false},
        {"20261101-frob-lock-v1-0-0123456789ab@example.org",
         "20261108-frob-lock-v2-0-ba9876543210@example.org", true},
        {"20261101-frob-lock-v1-0-0123456789ab@example.org",
         "20261108-cog-grease-v2-0-ba9876543210@example.org", false},
        {"20261101.1-1-ann@example.org", "20261101.1-2-ann@example.org", false},
        {"", "", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (pm_same_family(text(cases[i].a), text(cases[i].b)) != cases[i].family)
            fail_msg("%s and %s", cases[i].a, cases[i].b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_next_revision_of_the_same_title_is_a_successor),
        cmocka_unit_test(a_renamed_revision_is_known_by_its_patches),
        cmocka_unit_test(a_number_that_fits_is_not_enough),
        cmocka_unit_test(a_companion_series_for_another_project_is_never_chained),
        cmocka_unit_test(what_the_letter_names_goes_before_what_is_alike),
        cmocka_unit_test(an_equal_change_id_outweighs_a_new_title),
        cmocka_unit_test(of_two_series_exactly_one_comes_first),
        cmocka_unit_test(a_weight_grows_with_its_score_and_stays_below_one),
        cmocka_unit_test(tools_make_families_of_message_ids),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
