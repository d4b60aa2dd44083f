/* SPDX-License-Identifier: BSD-2-Clause */
/* trailers_test - machine-readable lines of a letter. */
#include "trailers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static pm_arena *arena;

static int begin(void **state)
{
    (void)state;
    arena = pm_arena_new(1 << 22);
    return arena == NULL;
}

static int end(void **state)
{
    (void)state;
    pm_arena_free(arena);
    return 0;
}

static pm_trailers read_trailers(const char *text)
{
    pm_trailers trailers;

    assert_int_equal(pm_trailers_find(arena, pm_slice_of(text), &trailers), PM_OK);
    return trailers;
}

static void assert_is(pm_slice got, const char *wanted)
{
    if (!pm_slice_equal(got, pm_slice_of(wanted)))
        fail_msg("is \"%.*s\", not \"%s\"", PM_FMT(got), wanted);
}

static void the_end_of_a_b4_cover_is_understood(void **state)
{
    pm_trailers trailers =
        read_trailers("Text.\n\n---\n"
                      "base-commit: 0123456789abcdef0123456789abcdef01234567\n"
                      "change-id: 20240102-kettle-0123456789ab\n"
                      "prerequisite-change-id: 20231224-stove-ba9876543210:v3\n"
                      "prerequisite-message-id: <20231224-stove-v3-0-00@example.org>\n"
                      "prerequisite-patch-id: 8058026a54241aa728a91dd1685419afb249959e\n\n"
                      "Best regards,\n-- \nAda Example <ada@example.org>\n");

    (void)state;
    assert_is(trailers.base_commit, "0123456789abcdef0123456789abcdef01234567");
    assert_is(trailers.change_id, "20240102-kettle-0123456789ab");
    assert_int_equal(trailers.prerequisite_count, 1);
    assert_is(trailers.prerequisites[0], "20231224-stove-ba9876543210:v3");
    assert_int_equal(trailers.depends_on_count, 1);
    assert_is(trailers.depends_on[0], "20231224-stove-v3-0-00@example.org");
}

static void a_prerequisite_change_id_is_never_this_series_own(void **state)
{
    pm_trailers trailers = read_trailers("prerequisite-change-id: 20231224-stove-ba98:v3\n"
                                         "X-change-id: 20231224-x\n change-id: indented\n");

    (void)state;
    assert_is(trailers.change_id, "");
    assert_int_equal(trailers.prerequisite_count, 1);
}

static void names_are_read_without_case(void **state)
{
    pm_trailers trailers = read_trailers("Base-Commit: ABCDEF0123\r\nCHANGE-ID: one\r\n"
                                         "BASED-ON: <a1@example.org>\r\n");

    (void)state;
    assert_is(trailers.base_commit, "ABCDEF0123");
    assert_is(trailers.change_id, "one");
    assert_is(trailers.based_on[0], "a1@example.org");
}

static void the_last_of_several_counts(void **state)
{
    pm_trailers trailers = read_trailers("change-id: first\nbase-commit: 1111111\n"
                                         "change-id: second\nbase-commit: 2222222\n"
                                         "base-commit: v5.2 (a tag is no commit)\n");

    (void)state;
    assert_is(trailers.change_id, "second");
    assert_is(trailers.base_commit, "2222222");
}

static void ids_are_found_in_brackets_links_and_bare(void **state)
{
    static const struct {
        const char *text, *ids; /* of based_on, joined by spaces */
    } cases[] = {
        {"Based-on: <a1@example.org>\n", "a1@example.org"},
        {"Based-on: a1@example.org\n", "a1@example.org"},
        {"Based-on: a1@example.org, b2@example.org.\n", "a1@example.org b2@example.org"},
        {"Based-on: <a1@example.org> <b2@example.org>\n", "a1@example.org b2@example.org"},
        {"Based-on: <a1@example.org> (\"kettle\" by ada@example.org)\n", "a1@example.org"},
        {"Based-on: https://lore.kernel.org/r/a1@example.org/\n", "a1@example.org"},
        {"Based-on: https://lore.kernel.org/r/a%2B1@example.org\n", "a+1@example.org"},
        {"Based-on: id:a1@example.org\n", "a1@example.org"},
        {"Based-on: <a1@example.org>,\n  <b2@example.org>\nText <c3@example.org>\n",
         "a1@example.org b2@example.org"},
        {"Based-on: <https://lore.kernel.org/qemu-devel/a1@example.org/T/>\n", "a1@example.org"},
        {"Based-on: https://example.org/branch next\n", ""},
        {"Based-on: my tree\n", ""},
        {"Based-on: <unclosed@example.org\n", ""},
        {"> Based-on: <a1@example.org>\n", ""},
        {"+Based-on: <a1@example.org>\n", ""},
        {"This is Based-on: <a1@example.org>\n", ""},
        {"Based-on\n", ""},
        {"Based-on:", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pm_trailers trailers = read_trailers(cases[i].text);
        char ids[256] = "";

        for (size_t n = 0; n < trailers.based_on_count; n++)
            snprintf(ids + strlen(ids), sizeof(ids) - strlen(ids), "%s%.*s", n > 0 ? " " : "",
                     PM_FMT(trailers.based_on[n]));
        if (strcmp(ids, cases[i].ids) != 0)
            fail_msg("%s: \"%s\", not \"%s\"", cases[i].text, ids, cases[i].ids);
    }
}

static void supersedes_and_obsoletes_are_the_same(void **state)
{
    pm_trailers trailers = read_trailers("Supersedes: <a1@example.org>\n"
                                         "Obsoletes: <b2@example.org>\n"
                                         "Depends-on: <c3@example.org>\n");

    (void)state;
    assert_int_equal(trailers.supersedes_count, 2);
    assert_is(trailers.supersedes[0], "a1@example.org");
    assert_is(trailers.supersedes[1], "b2@example.org");
    assert_int_equal(trailers.depends_on_count, 1);
    assert_is(trailers.depends_on[0], "c3@example.org");
}

static void supersedes_has_other_names(void **state)
{
    pm_trailers trailers =
        read_trailers("Supercedes: <a1@example.org>\n"
                      "Replaces: <b2@example.org>\n"
                      "Replaces: the kettle of Ada\n"
                      "Previous-version: https://lore.kernel.org/r/c3@example.org\n"
                      "Superseded-by: <d4@example.org>\n");

    (void)state;
    assert_int_equal(trailers.supersedes_count, 3);
    assert_is(trailers.supersedes[0], "a1@example.org");
    assert_is(trailers.supersedes[1], "b2@example.org");
    assert_is(trailers.supersedes[2], "c3@example.org");
}

static void at_most_200_of_each_are_kept(void **state)
{
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    pm_trailers trailers;

    (void)state;
    assert_non_null(file);
    for (int i = 0; i < 1000; i++)
        fprintf(file, "Supersedes: <%d@example.org>\n", i);
    fclose(file);
    trailers = read_trailers(text);
    assert_int_equal(trailers.supersedes_count, 200);
    assert_is(trailers.supersedes[199], "199@example.org");
    free(text);
}

static void past_the_budget_there_is_a_limit(void **state)
{
    pm_arena *small = pm_arena_new(10);
    pm_trailers trailers;

    (void)state;
    assert_int_equal(pm_trailers_find(small, PM_LIT("Supersedes: <a@example.org>\n"), &trailers),
                     PM_LIMIT);
    pm_arena_free(small);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_end_of_a_b4_cover_is_understood, begin, end),
        cmocka_unit_test_setup_teardown(a_prerequisite_change_id_is_never_this_series_own, begin,
                                        end),
        cmocka_unit_test_setup_teardown(names_are_read_without_case, begin, end),
        cmocka_unit_test_setup_teardown(the_last_of_several_counts, begin, end),
        cmocka_unit_test_setup_teardown(ids_are_found_in_brackets_links_and_bare, begin, end),
        cmocka_unit_test_setup_teardown(supersedes_and_obsoletes_are_the_same, begin, end),
        cmocka_unit_test_setup_teardown(supersedes_has_other_names, begin, end),
        cmocka_unit_test_setup_teardown(at_most_200_of_each_are_kept, begin, end),
        cmocka_unit_test(past_the_budget_there_is_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
