/* SPDX-License-Identifier: BSD-2-Clause */
/* quoted_path_test - names as git quotes them. */
#include "quoted_path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void a_quoted_name_is_read_as_git_wrote_it(void **state)
{
    static const struct {
        const char *written, *name;
    } cases[] = {
        {"\"caf\\303\\251.c\"", "caf\303\251.c"},
        {"\"a\\tb\\n\\\"\\\\\"", "a\tb\n\"\\"},
        {"\"\\1\\01\\001x\"", "\1\1\1x"},
        {"\"plain\"", "plain"},
        {"\"\"", ""},
        {"plain.c", "plain.c"},
        {"\"open", "\"open"},
        {"\"one\" \"two\"", "\"one\" \"two\""}, /* not one name */
        {"\"ends in \\\"", "\"ends in \\\""},
    };
    pm_arena *arena = pm_arena_new(1 << 16);

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pm_slice name = pm_quoted_path(arena, pm_slice_of(cases[i].written));

        if (!pm_slice_equal(name, pm_slice_of(cases[i].name)))
            fail_msg("%s is read as %.*s", cases[i].written, PM_FMT(name));
    }
    pm_arena_free(arena);
}

static void a_quoted_name_ends_at_the_quote_that_no_backslash_guards(void **state)
{
    (void)state;
    assert_int_equal(pm_quoted_path_length(PM_LIT("\"a\\\"b\" c")), 6);
    assert_int_equal(pm_quoted_path_length(PM_LIT("\"a")), 0);
    assert_int_equal(pm_quoted_path_length(PM_LIT("a\"b\"")), 0);
    assert_int_equal(pm_quoted_path_length(PM_EMPTY), 0);
}

static void a_name_without_escapes_is_not_copied(void **state)
{
    const pm_slice written = PM_LIT("\"a b.c\"");
    pm_arena *arena = pm_arena_new(0);

    (void)state;
    assert_ptr_equal(pm_quoted_path(arena, written).data, written.data + 1);
    assert_null(pm_quoted_path(arena, PM_LIT("\"\\303\"")).data);
    pm_arena_free(arena);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quoted_name_is_read_as_git_wrote_it),
        cmocka_unit_test(a_quoted_name_ends_at_the_quote_that_no_backslash_guards),
        cmocka_unit_test(a_name_without_escapes_is_not_copied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
