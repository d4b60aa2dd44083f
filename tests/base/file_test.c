/* SPDX-License-Identifier: BSD-2-Clause */
/* file_test - a file comes whole, or with the reason why not. */
#include "file.h"
#include "folder.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define BUDGET 4096

typedef struct scene {
    char folder[FOLDER_NAME];
    pm_arena *arena;
} scene;

static int begin(void **state)
{
    static scene of;

    folder_make(of.folder);
    of.arena = pm_arena_new(BUDGET);
    *state = &of;
    return of.arena == NULL;
}

static int end(void **state)
{
    const scene *of = *state;

    pm_arena_free(of->arena);
    folder_remove(of->folder);
    return 0;
}

static void a_file_comes_whole(void **state)
{
    static const char content[] = "a\0b\n";
    const scene *of = *state;
    struct stat about;
    pm_slice bytes;

    assert_int_equal(pm_file_read(of->arena,
                                  folder_write_bytes(of->folder, "x", content, sizeof(content)),
                                  BUDGET, &bytes, &about),
                     0);
    assert_int_equal(bytes.len, sizeof(content));
    assert_memory_equal(bytes.data, content, sizeof(content));
    assert_int_equal(about.st_size, sizeof(content));
}

static void an_empty_file_is_one_too(void **state)
{
    const scene *of = *state;
    struct stat about;
    pm_slice bytes;

    assert_int_equal(
        pm_file_read(of->arena, folder_write(of->folder, "x", ""), BUDGET, &bytes, &about), 0);
    assert_int_equal(bytes.len, 0);
}

static void what_cannot_be_read_whole_is_told_apart(void **state)
{
    const scene *of = *state;
    const char *pipe = folder_file(of->folder, "pipe");
    const char *five = folder_write(of->folder, "five", "12345");
    const struct {
        const char *name;
        size_t most;
        int why;
    } cases[] = {
        {folder_file(of->folder, "none"), 4, ENOENT},
        {of->folder, 4, EISDIR},
        {pipe, 4, EINVAL}, /* and is not waited for */
        {five, 4, EFBIG},
        {five, 5, 0},
    };
    struct stat about;
    pm_slice bytes;

    assert_int_equal(mkfifo(pipe, 0600), 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(pm_file_read(of->arena, cases[i].name, cases[i].most, &bytes, &about),
                         cases[i].why);
}

static void past_the_budget_there_is_no_memory(void **state)
{
    static const char content[BUDGET + 1];
    const scene *of = *state;
    struct stat about;
    pm_slice bytes;

    assert_int_equal(pm_file_read(of->arena,
                                  folder_write_bytes(of->folder, "x", content, sizeof(content)),
                                  sizeof(content), &bytes, &about),
                     ENOMEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_comes_whole, begin, end),
        cmocka_unit_test_setup_teardown(an_empty_file_is_one_too, begin, end),
        cmocka_unit_test_setup_teardown(what_cannot_be_read_whole_is_told_apart, begin, end),
        cmocka_unit_test_setup_teardown(past_the_budget_there_is_no_memory, begin, end),
    };

    return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
