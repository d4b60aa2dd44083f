/* SPDX-License-Identifier: BSD-2-Clause */
/* memory_test - merging what messages say of a series, in any order. */
#include "memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static pm_arena *arena;

static int make_arena(void **state)
{
    (void)state;
    arena = pm_arena_new(16 << 20);
    return arena == NULL;
}

static int drop_arena(void **state)
{
    (void)state;
    pm_arena_free(arena);
    return 0;
}

#define assert_slice(slice, text)                                                                  \
    do {                                                                                           \
        pm_slice got_ = (slice);                                                                   \
        assert_int_equal(got_.len, strlen(text));                                                  \
        assert_memory_equal(got_.data, (text), strlen(text));                                      \
    } while (0)

static void titles_compare_without_case_punctuation_and_spaces(void **state)
{
    static const struct {
        const char *text, *normal;
    } cases[] = {
        {"KVM: x86/mmu:  Fix_it!", "kvm x86 mmu fix it"},
        {"  ...leading and trailing...  ", "leading and trailing"},
        {"", ""},
        {"---", ""},
        {"Gr\xc3\xbc\xc3\x9f"
         "e",
         "gr\xc3\xbc\xc3\x9f"
         "e"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_slice(pm_memory_normal(arena, pm_slice_of(cases[i].text)), cases[i].normal);
}

static void a_list_survives_being_text(void **state)
{
    pm_slice items[] = {PM_LIT("one"), PM_LIT("two words"), PM_LIT("line\nend")};
    const pm_slice *back;
    size_t count;

    (void)state;
    assert_int_equal(pm_memory_split(arena, pm_memory_join(arena, items, 3), &back, &count), PM_OK);
    assert_int_equal(count, 3);
    assert_slice(back[1], "two words");
    assert_slice(back[2], "line end");
    assert_int_equal(pm_memory_split(arena, pm_memory_join(arena, items, 0), &back, &count), PM_OK);
    assert_int_equal(count, 0);
}

static pm_known says(int rank, const char *title, const char *path)
{
    pm_slice *paths = pm_alloc(arena, sizeof(*paths));
    pm_series said;

    assert_non_null(paths);
    *paths = pm_slice_of(path);
    said = (pm_series){.id = PM_LIT("root@example.org"),
                       .rank = rank,
                       .title = pm_slice_of(title),
                       .total = -1,
                       .date = 100 + rank,
                       .last_seen = 100 + rank,
                       .flags = rank == 0 ? PM_SERIES_ROOT : 0,
                       .paths = paths,
                       .path_count = 1};
    return pm_memory_known(&said);
}

static pm_known files(int rank, const char *project, const char *inbox)
{
    pm_known said = says(rank, "title", "a.c");

    said.series.project = pm_slice_of(project);
    said.series.inbox = pm_slice_of(inbox);
    return pm_memory_known(&said.series);
}

static pm_known identifies(int rank, const char *change_id)
{
    pm_known said = says(rank, "title", "a.c");

    said.series.change_id = pm_slice_of(change_id);
    return pm_memory_known(&said.series);
}

static void the_root_has_the_word_whenever_it_arrives(void **state)
{
    pm_known cover = says(0, "the series", "b.c"), part = says(2, "one patch of it", "a.c");
    pm_known merged;

    (void)state;
    assert_int_equal(pm_memory_merge(arena, &part, &cover, &merged), PM_OK);
    assert_slice(merged.series.title, "the series");
    assert_int_equal(merged.series.flags, PM_SERIES_ROOT);
    assert_int_equal(merged.series.last_seen, 102);
    assert_int_equal(merged.series.path_count, 2);
    assert_slice(merged.series.paths[0], "a.c");
}

/* Merge four in all orders; check is called with each result. */
static void in_all_orders(const pm_known *four, void (*check)(const pm_known *merged))
{
    for (unsigned order = 0; order < 4 * 4 * 4 * 4; order++) {
        unsigned used = 0, picks[4];
        pm_known merged;

        for (unsigned i = 0; i < 4; i++) {
            picks[i] = order >> (2 * i) & 3;
            used |= 1u << picks[i];
        }
        if (used != 15)
            continue;
        merged = four[picks[0]];
        for (unsigned i = 1; i < 4; i++)
            assert_int_equal(pm_memory_merge(arena, &merged, &four[picks[i]], &merged), PM_OK);
        check(&merged);
        /* And in pairs. */
        {
            pm_known left, right;

            assert_int_equal(pm_memory_merge(arena, &four[picks[0]], &four[picks[1]], &left),
                             PM_OK);
            assert_int_equal(pm_memory_merge(arena, &four[picks[2]], &four[picks[3]], &right),
                             PM_OK);
            assert_int_equal(pm_memory_merge(arena, &left, &right, &merged), PM_OK);
            check(&merged);
        }
    }
}

static void check_cover_and_lists(const pm_known *merged)
{
    assert_slice(merged->series.title, "cover");
    assert_int_equal(merged->series.path_count, 3);
    assert_int_equal(merged->series.claim_count, 1);
    assert_int_equal(merged->series.claims[0].revision, 1);
    assert_int_equal(merged->series.rank, 0);
}

static void the_order_of_merging_does_not_matter(void **state)
{
    pm_known messages[] = {says(0, "cover", "a.c"), says(1, "first", "c.c"),
                           says(2, "second", "b.c"), says(2, "second again", "b.c")};
    pm_claim claims[] = {{PM_LIT("v1@example.org"), 1, PM_LIT("link")},
                         {PM_LIT("v1@example.org"), 0, PM_LIT("reply")}};

    (void)state;
    messages[0].series.claims = &claims[0];
    messages[0].series.claim_count = 1;
    messages[3].series.claims = &claims[1];
    messages[3].series.claim_count = 1;
    in_all_orders(messages, check_cover_and_lists);
}

static void check_lowest_change_id(const pm_known *merged)
{
    assert_slice(merged->series.change_id, "z-of-part-1");
    assert_int_equal(merged->change_id_rank, 1);
    assert_int_equal(merged->series.rank, 0);
}

static void what_the_cover_leaves_out_the_lowest_part_says(void **state)
{
    const pm_known messages[] = {identifies(0, ""), identifies(1, "z-of-part-1"),
                                 identifies(2, "a-of-part-2"), identifies(3, "")};

    (void)state;
    in_all_orders(messages, check_lowest_change_id);
}

static void check_labels(const pm_known *merged)
{
    assert_slice(merged->series.project, "qemu");
    assert_slice(merged->series.inbox, "block");
}

static void project_and_inbox_are_one_message_s(void **state)
{
    const pm_known messages[] = {files(0, "linux", ""), files(3, "linux", "kvm"),
                                 files(2, "qemu", "block"), files(1, "", "")};

    (void)state;
    in_all_orders(messages, check_labels);
}

static void lists_stop_growing_at_their_limit(void **state)
{
    pm_known merged = says(0, "wide", "a.c");
    char path[32];

    (void)state;
    for (unsigned i = 0; i < PM_SERIES_MOST_PATHS + 50; i++) {
        pm_known part;

        snprintf(path, sizeof(path), "d/%04u.c", i);
        part = says(1 + (int)i, "part", pm_copy(arena, pm_slice_of(path)).data);
        assert_int_equal(pm_memory_merge(arena, &merged, &part, &merged), PM_OK);
    }
    assert_int_equal(merged.series.path_count, PM_SERIES_MOST_PATHS);
}

static void text_is_made_fit_for_every_database(void **state)
{
    static const struct {
        pm_slice text;
        const char *fit;
    } cases[] = {
        {{"plain", 5}, "plain"},
        {{"a\0b\nc\x7f", 6}, "a b c "},
        {{"gr\xc3\xbc\xc3\x9f", 6}, "gr\xc3\xbc\xc3\x9f"},
        {{"latin \xe9!", 8}, "latin ?!"},
        {{"cut \xc3", 5}, "cut ?"},
        {{"", 0}, ""},
    };
    char many[PM_MEMORY_LONGEST * 2];
    pm_slice fit;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_slice(pm_memory_fit(arena, cases[i].text), cases[i].fit);
    memset(many, 'a', sizeof(many));
    memcpy(many + PM_MEMORY_LONGEST - 1, "\xc3\xbc", 2);
    fit = pm_memory_fit(arena, (pm_slice){many, sizeof(many)});
    assert_int_equal(fit.len, PM_MEMORY_LONGEST - 1); /* no half character at the end */
}

static void an_id_is_text_without_spaces(void **state)
{
    static const struct {
        pm_slice id;
        bool is_id;
    } cases[] = {
        {{"a@example.org", 13}, true},
        {{"", 0}, false},
        {{"a b@example.org", 15}, false},
        {{"a\0b", 3}, false},
        {{"a\n", 2}, false},
        {{"\xff@example.org", 13}, false},
        {{"\xc3\xbc@example.org", 14}, true},
    };
    char many[PM_MEMORY_LONGEST + 1];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (pm_memory_is_id(cases[i].id) != cases[i].is_id)
            fail_msg("case %zu: \"%.*s\"", i, PM_FMT(cases[i].id));
    memset(many, 'a', sizeof(many));
    assert_true(pm_memory_is_id((pm_slice){many, PM_MEMORY_LONGEST}));
    assert_false(pm_memory_is_id((pm_slice){many, PM_MEMORY_LONGEST + 1}));
}

#define MEMORY_TEST(name) cmocka_unit_test_setup_teardown(name, make_arena, drop_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        MEMORY_TEST(titles_compare_without_case_punctuation_and_spaces),
        MEMORY_TEST(a_list_survives_being_text),
        MEMORY_TEST(the_root_has_the_word_whenever_it_arrives),
        MEMORY_TEST(the_order_of_merging_does_not_matter),
        MEMORY_TEST(what_the_cover_leaves_out_the_lowest_part_says),
        MEMORY_TEST(project_and_inbox_are_one_message_s),
        MEMORY_TEST(lists_stop_growing_at_their_limit),
        MEMORY_TEST(text_is_made_fit_for_every_database),
        MEMORY_TEST(an_id_is_text_without_spaces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
