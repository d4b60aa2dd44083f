/* SPDX-License-Identifier: BSD-2-Clause */
/* path_index_test - known paths are found by how they end. */
#include "folder.h"
#include "path_index.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <sys/stat.h>

static pm_path_index *index_of(const char *const *paths, size_t count)
{
    pm_path_index *index = pm_path_index_new();

    assert_non_null(index);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(pm_path_index_add(index, pm_slice_of(paths[i])), PM_OK);
    return index;
}

/* How many known paths end so. */
static unsigned known(const pm_path_index *index, const char *tail)
{
    pm_slice path;

    return pm_path_index_resolve(index, pm_slice_of(tail), &path);
}

static void a_tail_is_found_at_a_slash_only(void **state)
{
    static const char *const paths[] = {"arch/x86/kvm/vmx/vmx.c", "arch/x86/kvm/svm/svm.c", "vmx.c",
                                        "tools/xvmx.c"};
    static const struct {
        const char *tail;
        unsigned count;
        const char *path;
    } cases[] = {
        {"vmx/vmx.c", 1, "arch/x86/kvm/vmx/vmx.c"},
        {"vmx.c", 2, "arch/x86/kvm/vmx/vmx.c"},
        {"mx.c", 0, ""},
        {"arch/x86/kvm/svm/svm.c", 1, "arch/x86/kvm/svm/svm.c"},
        {"/vmx.c", 0, ""},
        {"arch/x86", 0, ""},
        {"kvm/", 0, ""},
        {"", 0, ""},
    };
    pm_path_index *index = index_of(paths, 4);

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pm_slice path = PM_EMPTY;
        unsigned count = pm_path_index_resolve(index, pm_slice_of(cases[i].tail), &path);

        if (count != cases[i].count || !pm_slice_equal(path, pm_slice_of(cases[i].path)))
            fail_msg("%s: %u, %.*s", cases[i].tail, count, PM_FMT(path));
    }
    pm_path_index_free(index);
}

static void a_path_added_twice_is_there_once(void **state)
{
    static const char *const paths[] = {"a/b.c", "a/b.c", "c/a/b.c"};
    pm_path_index *index = index_of(paths, 3);

    (void)state;
    assert_int_equal(known(index, "a/b.c"), 2);
    pm_path_index_free(index);
}

static void the_end_of_a_known_path_is_a_path_of_its_own_when_it_is_added(void **state)
{
    static const char *const paths[] = {"x/a/b.c", "a/b.c/d"};
    pm_path_index *index = index_of(paths, 2);

    (void)state;
    assert_int_equal(known(index, "a/b.c"), 1);
    assert_int_equal(pm_path_index_add(index, PM_LIT("a/b.c")), PM_OK);
    assert_int_equal(known(index, "a/b.c"), 2);
    assert_int_equal(known(index, "x/a/b.c"), 1);
    pm_path_index_free(index);
}

static void counting_stops_at_16(void **state)
{
    pm_path_index *index = pm_path_index_new();
    char path[64];
    pm_slice found;

    (void)state;
    for (unsigned i = 0; i < 5000; i++) {
        snprintf(path, sizeof(path), "dir%u/Makefile", i);
        assert_int_equal(pm_path_index_add(index, pm_slice_of(path)), PM_OK);
    }
    assert_int_equal(pm_path_index_resolve(index, PM_LIT("Makefile"), &found), 16);
    for (unsigned i = 0; i < 5000; i++) {
        snprintf(path, sizeof(path), "dir%u/Makefile", i);
        assert_int_equal(pm_path_index_resolve(index, pm_slice_of(path), &found), 1);
        assert_true(pm_slice_equal(found, pm_slice_of(path)));
    }
    pm_path_index_free(index);
}

static void an_empty_index_knows_nothing(void **state)
{
    pm_path_index *index = pm_path_index_new();

    (void)state;
    assert_int_equal(known(index, "a"), 0);
    pm_path_index_free(index);
    pm_path_index_free(NULL);
}

/* Load a file of that content; the errors go to errors. */
static pm_status load(pm_path_index *index, const char *content, pm_errors *errors)
{
    char folder[FOLDER_NAME];
    pm_status status;

    folder_make(folder);
    status = pm_path_index_load(index, folder_write(folder, "files", content), errors);
    folder_remove(folder);
    return status;
}

static void a_list_of_files_is_loaded_as_git_prints_it(void **state)
{
    pm_path_index *index = pm_path_index_new();
    pm_errors *errors = pm_errors_new();

    (void)state;
    assert_int_equal(load(index, "Makefile\nfs/a b.c\n\n\"doc/caf\\303\\251.rst\"\nlast", errors),
                     PM_OK);
    assert_int_equal(known(index, "Makefile"), 1);
    assert_int_equal(known(index, "fs/a b.c"), 1);
    assert_int_equal(known(index, "doc/caf\303\251.rst"), 1);
    assert_int_equal(known(index, "last"), 1);
    assert_int_equal(pm_errors_count(errors), 0);
    pm_errors_free(errors);
    pm_path_index_free(index);
}

static void of_maintainers_only_patterns_that_name_a_file_are_loaded(void **state)
{
    static const char content[] = "List of maintainers\n\nTEA KETTLE\nM:\tA <a@example.org>\n"
                                  "F:\tdrivers/kettle/\nF:\tdrivers/kettle/*.c\n"
                                  "F:\tdrivers/kettle/spout.c\nF:\tinclude/kettle.h\n"
                                  "X:\tdrivers/kettle/lid.c\nN:\tkettle\n";
    pm_path_index *index = pm_path_index_new();
    pm_errors *errors = pm_errors_new();

    (void)state;
    assert_int_equal(load(index, content, errors), PM_OK);
    assert_int_equal(known(index, "drivers/kettle/spout.c"), 1);
    assert_int_equal(known(index, "include/kettle.h"), 1);
    assert_int_equal(known(index, "lid.c"), 0);
    assert_int_equal(known(index, "*.c"), 0);
    pm_errors_free(errors);
    pm_path_index_free(index);
}

static void a_pipe_in_a_files_place_is_an_error_and_not_waited_for(void **state)
{
    pm_path_index *index = pm_path_index_new();
    pm_errors *errors = pm_errors_new();
    char folder[FOLDER_NAME];

    (void)state;
    folder_make(folder);
    assert_int_equal(mkfifo(folder_file(folder, "files"), 0600), 0);
    assert_int_equal(pm_path_index_load(index, folder_file(folder, "files"), errors), PM_FAULT);
    assert_int_equal(pm_errors_count(errors), 1);
    folder_remove(folder);
    pm_errors_free(errors);
    pm_path_index_free(index);
}

static void a_file_that_cannot_be_read_is_an_error_that_names_it(void **state)
{
    static const char *const files[] = {"/nonexistent/files", "/", "/dev/null"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        pm_path_index *index = pm_path_index_new();
        pm_errors *errors = pm_errors_new();

        assert_int_equal(pm_path_index_load(index, files[i], errors), PM_FAULT);
        assert_int_equal(pm_errors_count(errors), 1);
        assert_memory_equal(pm_errors_nth(errors, 0), files[i], strlen(files[i]));
        assert_non_null(strstr(pm_errors_nth(errors, 0), "git ls-files"));
        pm_errors_free(errors);
        pm_path_index_free(index);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tail_is_found_at_a_slash_only),
        cmocka_unit_test(a_path_added_twice_is_there_once),
        cmocka_unit_test(the_end_of_a_known_path_is_a_path_of_its_own_when_it_is_added),
        cmocka_unit_test(counting_stops_at_16),
        cmocka_unit_test(an_empty_index_knows_nothing),
        cmocka_unit_test(a_list_of_files_is_loaded_as_git_prints_it),
        cmocka_unit_test(of_maintainers_only_patterns_that_name_a_file_are_loaded),
        cmocka_unit_test(a_pipe_in_a_files_place_is_an_error_and_not_waited_for),
        cmocka_unit_test(a_file_that_cannot_be_read_is_an_error_that_names_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
