/* SPDX-License-Identifier: BSD-2-Clause */
/* strbuf_test - text that grows: whole up to its limit, and not at all past it. */
#include "strbuf.h"

#include "generator.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void a_new_buffer_is_an_empty_slice(void **state)
{
    pm_strbuf buffer;

    (void)state;
    pm_strbuf_init(&buffer, 10);
    assert_null(buffer.data);
    assert_int_equal(pm_strbuf_slice(&buffer).len, 0);
    assert_non_null(pm_strbuf_slice(&buffer).data);
    pm_strbuf_free(&buffer);
}

static void appends_follow_each_other(void **state)
{
    pm_strbuf buffer;

    (void)state;
    pm_strbuf_init(&buffer, 100);
    pm_strbuf_add(&buffer, PM_LIT("a\0b"));
    pm_strbuf_add(&buffer, (pm_slice){NULL, 0});
    pm_strbuf_add_text(&buffer, "cd");
    pm_strbuf_add_byte(&buffer, 'e');
    pm_strbuf_printf(&buffer, "%d%s", 12, "f");
    assert_int_equal(buffer.len, 9);
    assert_memory_equal(buffer.data, "a\0bcde12f", 10); /* with its NUL */
    assert_false(buffer.failed);
    pm_strbuf_free(&buffer);
    assert_null(buffer.data);
}

static void the_limit_can_be_reached_exactly(void **state)
{
    pm_strbuf buffer;

    (void)state;
    pm_strbuf_init(&buffer, 6);
    pm_strbuf_add_text(&buffer, "abc");
    pm_strbuf_printf(&buffer, "%03d", 7);
    assert_false(buffer.failed);
    assert_string_equal(buffer.data, "abc007");
    pm_strbuf_add_byte(&buffer, 'x');
    assert_true(buffer.failed);
    assert_string_equal(buffer.data, "abc007");
    pm_strbuf_free(&buffer);
}

static void after_a_failure_nothing_more_is_added(void **state)
{
    pm_strbuf buffer;

    (void)state;
    pm_strbuf_init(&buffer, 5);
    pm_strbuf_add_text(&buffer, "abc");
    pm_strbuf_add_text(&buffer, "too long");
    pm_strbuf_add_text(&buffer, "d"); /* would fit */
    pm_strbuf_printf(&buffer, "e");
    pm_strbuf_add(&buffer, PM_EMPTY);
    assert_true(buffer.failed);
    assert_string_equal(buffer.data, "abc");
    pm_strbuf_free(&buffer);
}

static void a_cleared_buffer_forgets_its_failure_and_keeps_its_memory(void **state)
{
    pm_strbuf buffer;
    const char *memory;

    (void)state;
    pm_strbuf_init(&buffer, 5);
    pm_strbuf_clear(&buffer);
    pm_strbuf_add_text(&buffer, "abcde");
    memory = buffer.data;
    pm_strbuf_add_byte(&buffer, 'f');
    pm_strbuf_clear(&buffer);
    assert_false(buffer.failed);
    assert_string_equal(buffer.data, "");
    pm_strbuf_add_text(&buffer, "xyz");
    assert_ptr_equal(buffer.data, memory);
    assert_string_equal(buffer.data, "xyz");
    pm_strbuf_free(&buffer);
}

static void absurd_lengths_fail(void **state)
{
    pm_strbuf buffer;

    (void)state;
    pm_strbuf_init(&buffer, SIZE_MAX);
    pm_strbuf_add_byte(&buffer, 'a');
    pm_strbuf_add(&buffer, (pm_slice){"b", SIZE_MAX});
    assert_true(buffer.failed);
    pm_strbuf_clear(&buffer);
    pm_strbuf_add(&buffer, (pm_slice){"b", SIZE_MAX - 1});
    assert_true(buffer.failed);
    assert_string_equal(buffer.data, "");
    pm_strbuf_free(&buffer);
}

/* Against a plain array of the same size as the limit. */
static void many_appends_give_what_a_plain_array_gives(void **state)
{
    uint64_t random = 3;

    (void)state;
    for (int round = 0; round < 200; round++) {
        char plain[4096], piece[300];
        size_t limit = draw_below(&random, sizeof(plain)), len = 0;
        pm_strbuf buffer;

        pm_strbuf_init(&buffer, limit);
        for (int i = 0; i < 50; i++) {
            size_t more = draw_below(&random, sizeof(piece));

            draw_bytes(&random, piece, more, "abc\0\n%", 6);
            pm_strbuf_add(&buffer, (pm_slice){piece, more});
            if (more > limit - len) {
                assert_true(buffer.failed);
                break;
            }
            memcpy(plain + len, piece, more);
            len += more;
        }
        assert_int_equal(buffer.len, len);
        if (len > 0)
            assert_memory_equal(buffer.data, plain, len);
        assert_in_range(buffer.len, 0, limit);
        pm_strbuf_free(&buffer);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_buffer_is_an_empty_slice),
        cmocka_unit_test(appends_follow_each_other),
        cmocka_unit_test(the_limit_can_be_reached_exactly),
        cmocka_unit_test(after_a_failure_nothing_more_is_added),
        cmocka_unit_test(a_cleared_buffer_forgets_its_failure_and_keeps_its_memory),
        cmocka_unit_test(absurd_lengths_fail),
        cmocka_unit_test(many_appends_give_what_a_plain_array_gives),
    };

    return cmocka_run_group_tests_name("strbuf", tests, NULL, NULL);
}
