/* SPDX-License-Identifier: BSD-2-Clause */
/* memory_paths_test - what a diffstat cuts short is known from letters that wrote it out. */
#include "scene.h"

static int set_up(void **state)
{
    *state = scene_new();
    return 0;
}

static int tear_down(void **state)
{
    scene_verify(*state);
    scene_free(*state);
    return 0;
}

static void is_path(const pm_outcome *outcome, size_t nth, pm_path_how how, const char *path)
{
    assert_true(nth < outcome->letter->diffstat.count);
    says(outcome->letter->diffstat.paths[nth].path, path);
    assert_int_equal(outcome->letter->diffstat.paths[nth].how, how);
}

static const letter patch = {
    .id = "p1@example.org", "[PATCH] cog: oil", .body = DIFF("drivers/cog/deep/file.c")};
static const letter cover = {.id = "c0@example.org",
                             "[PATCH v2 0/2] teeth: sharpen them",
                             .minute = 5,
                             .body = SHORTLOG("2", "  teeth: file\n  teeth: polish")
                                 DIFFSTAT(".../deep/file.c")};

static void what_a_patch_wrote_out_a_later_cover_may_cut_short(void **state)
{
    const pm_outcome *outcome = scene_send(*state, &cover);

    is_path(outcome, 0, PM_PATH_UNKNOWN, "deep/file.c");
    says(outcome->inbox, "unsorted.widget");
    (void)scene_send(*state, &patch);
    outcome = scene_send(*state, &cover);
    is_path(outcome, 0, PM_PATH_RESOLVED, "drivers/cog/deep/file.c");
    says(outcome->inbox, "cog.widget"); /* rules see it as well */
}

static void of_two_that_end_so_none_is_taken(void **state)
{
    static const letter other = {
        .id = "p2@example.org", "[PATCH] wheel: oil", .body = DIFF("drivers/wheel/deep/file.c")};
    const pm_outcome *outcome;

    (void)scene_send(*state, &patch);
    (void)scene_send(*state, &other);
    outcome = scene_send(*state, &cover);
    is_path(outcome, 0, PM_PATH_AMBIGUOUS, "deep/file.c");
    assert_int_equal(outcome->letter->diffstat.paths[0].candidates, 2);
}

static void another_project_s_paths_decide_nothing(void **state)
{
    static const letter other = {
        .id = "p3@example.org", "[PATCH gadget] gizmo: oil", .body = DIFF("gizmo/deep/file.c")};
    const pm_outcome *outcome = scene_send(*state, &other);

    says(outcome->project, "gadget");
    is_path(scene_send(*state, &cover), 0, PM_PATH_UNKNOWN, "deep/file.c");
    (void)scene_send(*state, &patch);
    is_path(scene_send(*state, &cover), 0, PM_PATH_RESOLVED, "drivers/cog/deep/file.c");
}

/* The second copy of a mail is read as the first one was. */
static void a_letter_does_not_resolve_itself(void **state)
{
    static const letter both = {
        .id = "c1@example.org",
        "[PATCH 0/2] cog: turn",
        .body = SHORTLOG("2", "  cog: a\n  cog: b") " drivers/cog/deep/file.c | 2 +-\n"
                                                    " .../deep/file.c | 2 +-\n"
                                                    " 2 files changed, 2 insertions(+), 2 "
                                                    "deletions(-)\n"};

    for (unsigned times = 0; times < 2; times++)
        is_path(scene_send(*state, &both), 1, PM_PATH_UNKNOWN, "deep/file.c");
}

static void a_patch_cuts_nothing_short_that_its_diff_writes_out(void **state)
{
    static const letter cut = {
        .id = "p4@example.org",
        "[PATCH] cog: oil",
        .body = "---\n .../deep/file.c | 2 +-\n 1 file changed, 1 insertion(+), 1 deletion(-)\n\n"
                "diff --git a/drivers/cog/deep/file.c b/drivers/cog/deep/file.c\n"
                "--- a/drivers/cog/deep/file.c\n+++ b/drivers/cog/deep/file.c\n"
                "@@ -1 +1 @@\n-old\n+new\n"};

    is_path(scene_send(*state, &cut), 0, PM_PATH_WHOLE, "drivers/cog/deep/file.c");
    is_path(scene_send(*state, &cover), 0, PM_PATH_RESOLVED, "drivers/cog/deep/file.c");
}

/* A resolved path helps to file a letter, and is not remembered as its own. */
static void who_came_first_does_not_show_in_what_is_remembered(void **state)
{
    static const letter elsewhere = {
        .id = "p5@example.org", "[PATCH] teeth: oil", .body = DIFF("core/deep/file.c")};
    pm_arena *arena = pm_arena_new(1 << 20);
    pm_slice dump, first;

    (void)scene_send(*state, &cover);
    (void)scene_send(*state, &elsewhere);
    dump = scene_dump(*state);
    assert_int_not_equal(pm_slice_find(dump, PM_LIT("path core/deep/file.c of \"widget\"")),
                         PM_NOWHERE);
    first = pm_copy(arena, dump); /* the scene will forget it */
    scene_forget(*state);
    (void)scene_send(*state, &elsewhere);
    is_path(scene_send(*state, &cover), 0, PM_PATH_RESOLVED, "core/deep/file.c");
    assert_true(pm_slice_equal(scene_dump(*state), first));
    pm_arena_free(arena);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(what_a_patch_wrote_out_a_later_cover_may_cut_short),
        TEST(of_two_that_end_so_none_is_taken),
        TEST(another_project_s_paths_decide_nothing),
        TEST(a_letter_does_not_resolve_itself),
        TEST(a_patch_cuts_nothing_short_that_its_diff_writes_out),
        TEST(who_came_first_does_not_show_in_what_is_remembered),
    };

    return cmocka_run_group_tests_name("memory_paths", tests, NULL, NULL);
}
