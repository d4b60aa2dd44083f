/* SPDX-License-Identifier: BSD-2-Clause */
/* arena_test - what is handed out is clean, aligned and apart; and never more than the budget. */
#include "arena.h"

#include "generator.h"

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>

#include <cmocka.h>

static void memory_is_cleared_and_aligned(void **state)
{
    pm_arena *arena = pm_arena_new(1 << 20);

    (void)state;
    for (size_t size = 1; size < 300; size++) {
        unsigned char *bytes = pm_alloc(arena, size);

        assert_non_null(bytes);
        assert_int_equal((uintptr_t)bytes % alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(bytes[i], 0);
        memset(bytes, 0xff, size);
    }
    pm_arena_free(arena);
}

static void memory_is_clean_again_after_a_reset(void **state)
{
    pm_arena *arena = pm_arena_new(1 << 20);

    (void)state;
    for (int round = 0; round < 4; round++) {
        unsigned char *bytes = pm_alloc(arena, 1000);

        for (size_t i = 0; i < 1000; i++)
            assert_int_equal(bytes[i], 0);
        memset(bytes, 0xff, 1000);
        pm_arena_reset(arena);
    }
    pm_arena_free(arena);
}

/* Pieces of all sizes, small ones and blocks of their own mixed, each filled with its own byte. */
static void pieces_do_not_touch_each_other(void **state)
{
    enum { PIECES = 600 };
    unsigned char *pieces[PIECES];
    size_t sizes[PIECES];
    uint64_t random = 1;
    pm_arena *arena = pm_arena_new(64 << 20);

    (void)state;
    for (int round = 0; round < 5; round++) {
        for (size_t i = 0; i < PIECES; i++) {
            size_t largest = draw_below(&random, 10) == 0 ? 50000 : 200;

            sizes[i] = 1 + draw_below(&random, largest);
            pieces[i] = pm_alloc(arena, sizes[i]);
            assert_non_null(pieces[i]);
            memset(pieces[i], (int)(i % 251), sizes[i]);
        }
        for (size_t i = 0; i < PIECES; i++)
            for (size_t at = 0; at < sizes[i]; at++)
                if (pieces[i][at] != i % 251)
                    fail_msg("piece %zu of %zu bytes was written over at %zu", i, sizes[i], at);
        pm_arena_reset(arena);
        assert_int_equal(pm_arena_used(arena), 0);
    }
    pm_arena_free(arena);
}

static void the_budget_is_never_exceeded(void **state)
{
    uint64_t random = 2;

    (void)state;
    for (size_t budget = 0; budget < 3000; budget += 37) {
        pm_arena *arena = pm_arena_new(budget);

        assert_int_equal(pm_arena_budget(arena), budget);
        for (int i = 0; i < 100; i++) {
            size_t used = pm_arena_used(arena), size = draw_below(&random, 200);
            void *bytes = pm_alloc(arena, size);

            assert_in_range(pm_arena_used(arena), 0, budget);
            if (bytes == NULL) {
                assert_int_equal(pm_arena_used(arena), used);
                assert_true(size + 15 > budget - used);
            } else {
                assert_true(pm_arena_used(arena) - used >= size);
            }
        }
        pm_arena_free(arena);
    }
}

static void the_budget_can_be_used_up_to_its_last_byte(void **state)
{
    pm_arena *arena = pm_arena_new(160);

    (void)state;
    assert_non_null(pm_alloc(arena, 100)); /* 112 */
    assert_non_null(pm_alloc(arena, 48));
    assert_int_equal(pm_arena_used(arena), 160);
    assert_null(pm_alloc(arena, 1));
    assert_non_null(pm_alloc(arena, 0));
    pm_arena_free(arena);
}

/* Else a stranger's million empty fields would cost many times the budget. */
static void single_bytes_are_charged_with_what_they_take(void **state)
{
    pm_arena *arena = pm_arena_new(1600);
    unsigned pieces = 0;

    (void)state;
    while (pm_alloc(arena, 1) != NULL)
        pieces++;
    assert_int_equal(pieces, 100);
    pm_arena_free(arena);
}

static void past_the_budget_the_arena_still_works(void **state)
{
    pm_arena *arena = pm_arena_new(1024);
    char *kept = pm_alloc(arena, 32);

    (void)state;
    memcpy(kept, "still here", 11);
    assert_null(pm_alloc(arena, 2000));
    assert_null(pm_copy(arena, (pm_slice){kept, 1024}).data);
    assert_null(pm_print(arena, "%2000d", 1).data);
    assert_string_equal(kept, "still here");
    assert_non_null(pm_alloc(arena, 64));
    pm_arena_reset(arena);
    assert_non_null(pm_alloc(arena, 1024));
    pm_arena_free(arena);
}

static void sizes_that_overflow_give_nothing(void **state)
{
    static const struct {
        size_t count, size;
    } cases[] = {
        {SIZE_MAX, 1},           {1, SIZE_MAX},     {SIZE_MAX, SIZE_MAX}, {SIZE_MAX / 2, 3},
        {SIZE_MAX / 16 + 1, 16}, {1, SIZE_MAX - 7}, {2, SIZE_MAX / 2},    {1, PTRDIFF_MAX},
    };
    pm_arena *arena = pm_arena_new(SIZE_MAX);

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (pm_alloc_array(arena, cases[i].count, cases[i].size) != NULL)
            fail_msg("%zu times %zu bytes", cases[i].count, cases[i].size);
    assert_null(pm_alloc(arena, SIZE_MAX));
    assert_int_equal(pm_arena_used(arena), 0);
    assert_non_null(pm_alloc_array(arena, 10, 10));
    assert_non_null(pm_alloc_array(arena, 0, SIZE_MAX));
    pm_arena_free(arena);
}

static void a_copy_ends_in_a_nul_that_is_not_counted(void **state)
{
    static const char bytes[] = {'a', '\0', 'b'};
    pm_arena *arena = pm_arena_new(1024);
    pm_slice copy = pm_copy(arena, (pm_slice){bytes, 3});
    pm_slice empty = pm_copy(arena, (pm_slice){NULL, 0});

    (void)state;
    assert_int_equal(copy.len, 3);
    assert_ptr_not_equal(copy.data, bytes);
    assert_memory_equal(copy.data, "a\0b", 4);
    assert_int_equal(empty.len, 0);
    assert_string_equal(empty.data, "");
    pm_arena_free(arena);
}

static void what_is_in_lower_case_is_not_copied(void **state)
{
    pm_arena *arena = pm_arena_new(16);
    const pm_slice small = PM_LIT("ann@example.org"), none = {NULL, 0};
    pm_slice lower;

    (void)state;
    assert_ptr_equal(pm_lowered(arena, small).data, small.data);
    assert_non_null(pm_lowered(arena, none).data);
    assert_int_equal(pm_arena_used(arena), 0);
    lower = pm_lowered(arena, PM_LIT("Ann@Example.ORG\xc3\x84"));
    assert_null(lower.data); /* 17 bytes */
    lower = pm_lowered(arena, PM_LIT("Ann@EXAMPLE.\xc3\x84"));
    assert_true(pm_slice_equal(lower, PM_LIT("ann@example.\xc3\x84")));
    pm_arena_free(arena);
}

static void print_formats_into_the_arena(void **state)
{
    pm_arena *arena = pm_arena_new(1 << 16);
    pm_slice text = pm_print(arena, "%s:%u: %.*s", "a.rules", 12u, PM_FMT(PM_LIT("why")));
    pm_slice wide = pm_print(arena, "%20000d", 7);

    (void)state;
    assert_string_equal(text.data, "a.rules:12: why");
    assert_int_equal(text.len, 15);
    assert_int_equal(wide.len, 20000);
    assert_int_equal(wide.data[19999], '7');
    assert_int_equal(wide.data[20000], 0);
    pm_arena_free(arena);
}

static void a_growing_array_keeps_what_it_holds(void **state)
{
    pm_arena *arena = pm_arena_new(1 << 20);
    uint32_t *items = NULL;
    size_t room = 0;

    (void)state;
    for (uint32_t used = 0; used < 5000; used++) {
        assert_int_equal(pm_grow(arena, &items, &room, used, sizeof(*items)), PM_OK);
        assert_true(room > used);
        items[used] = used * 7;
    }
    for (uint32_t i = 0; i < 5000; i++)
        assert_int_equal(items[i], i * 7);
    pm_arena_free(arena);
}

static void an_array_that_cannot_grow_is_as_before(void **state)
{
    pm_arena *arena = pm_arena_new(500);
    uint64_t *items = NULL, *before;
    size_t room = 0, used = 0, room_before;

    (void)state;
    do {
        before = items;
        room_before = room;
        if (pm_grow(arena, &items, &room, used, sizeof(*items)) != PM_OK)
            break;
        items[used] = used;
        used++;
    } while (used < 1000);
    assert_in_range(used, 8, 62);
    assert_ptr_equal(items, before);
    assert_int_equal(room, room_before);
    for (size_t i = 0; i < used; i++)
        assert_int_equal(items[i], i);
    pm_arena_free(arena);
}

/* "Room for one more, and for the NULL behind it", asked of an array that is not there yet. */
static void room_for_more_than_one_can_be_asked_for_at_first(void **state)
{
    pm_arena *arena = pm_arena_new(1 << 16);
    const char **names = NULL;
    size_t room = 0;

    (void)state;
    for (size_t count = 0; count < 100; count++) {
        assert_int_equal(pm_grow(arena, &names, &room, count + 1, sizeof(*names)), PM_OK);
        names[count] = "name";
        names[count + 1] = NULL;
    }
    for (size_t i = 0; i < 100; i++)
        assert_string_equal(names[i], "name");
    assert_null(names[100]);
    pm_arena_free(arena);
}

static void free_takes_null(void **state)
{
    (void)state;
    pm_arena_free(NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_cleared_and_aligned),
        cmocka_unit_test(memory_is_clean_again_after_a_reset),
        cmocka_unit_test(pieces_do_not_touch_each_other),
        cmocka_unit_test(the_budget_is_never_exceeded),
        cmocka_unit_test(the_budget_can_be_used_up_to_its_last_byte),
        cmocka_unit_test(single_bytes_are_charged_with_what_they_take),
        cmocka_unit_test(past_the_budget_the_arena_still_works),
        cmocka_unit_test(sizes_that_overflow_give_nothing),
        cmocka_unit_test(a_copy_ends_in_a_nul_that_is_not_counted),
        cmocka_unit_test(what_is_in_lower_case_is_not_copied),
        cmocka_unit_test(print_formats_into_the_arena),
        cmocka_unit_test(a_growing_array_keeps_what_it_holds),
        cmocka_unit_test(an_array_that_cannot_grow_is_as_before),
        cmocka_unit_test(room_for_more_than_one_can_be_asked_for_at_first),
        cmocka_unit_test(free_takes_null),
    };

    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
