/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memory_order_test - whatever the order a made-up archive arrives in, the memory is the same at
 * the end: series, references, links.
 */
#include "archive.h"

#define SHUFFLES 30

static pm_slice remember(scene *list, const archive *of, const size_t *order)
{
    scene_forget(list);
    for (size_t i = 0; i < of->count; i++)
        (void)scene_send_bytes(list, (pm_slice){of->mails[order[i]], of->lengths[order[i]]});
    return scene_dump(list);
}

static void the_order_of_arrival_does_not_matter(void **state)
{
    scene *list = scene_new(), *printer = scene_new();
    archive mails = {0};
    size_t order[MOST_MAIL];
    uint64_t seed = 4711;
    pm_arena *kept = pm_arena_new(16 << 20);
    pm_slice wanted;

    (void)state;
    archive_make(&mails, printer);
    archive_in_order(&mails, order);
    assert_non_null(kept);
    wanted = pm_copy(kept, remember(list, &mails, order));
    assert_non_null(wanted.data);
    for (unsigned i = 0; i < SHUFFLES; i++) {
        pm_slice got;

        archive_shuffle(order, mails.count, &seed);
        got = remember(list, &mails, order);
        scene_verify(list);
        if (!pm_slice_equal(wanted, got)) {
            archive_tell_apart(wanted, got);
            fail_msg("shuffle %u of %zu mails ends otherwise", i, mails.count);
        }
    }
    pm_arena_free(kept);
    pm_arena_free(mails.arena);
    scene_free(printer);
    scene_free(list);
}

/* What the shuffled ones are compared with is right, too. */
static void every_set_is_three_series_in_one_chain(void **state)
{
    scene *list = scene_new(), *printer = scene_new();
    archive mails = {0};
    size_t order[MOST_MAIL];

    (void)state;
    archive_make(&mails, printer);
    archive_in_order(&mails, order);
    (void)remember(list, &mails, order);
    assert_int_equal(scene_count(list), TOPICS * REVISIONS);
    for (unsigned topic = 0; topic < TOPICS; topic++)
        for (unsigned revision = 1; revision <= REVISIONS; revision++) {
            post now = archive_plan(topic, revision), before = archive_plan(topic, revision - 1);
            unsigned root = (now.style & COVERLESS) != 0;

            for (unsigned part = root; part <= PARTS; part++)
                is_text(scene_series(list, now.ids[part]), now.ids[root]);
            is_text(scene_supersedes(list, now.ids[root]), revision > 1 ? before.ids[root] : "");
        }
    pm_arena_free(mails.arena);
    scene_free(printer);
    scene_free(list);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_set_is_three_series_in_one_chain),
        cmocka_unit_test(the_order_of_arrival_does_not_matter),
    };

    return cmocka_run_group_tests_name("memory_order", tests, NULL, NULL);
}
