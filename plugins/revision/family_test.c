/* SPDX-License-Identifier: BSD-2-Clause */
/* family_test - which Message-IDs a tool made for revisions of one series. */
#include "family.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static pm_slice slice(const char *text)
{
    return (pm_slice){text, strlen(text)};
}

static void ids_of_one_family_are_known_by_what_stays(void **state)
{
    static const struct {
        const char *a, *b;
        bool same;
    } cases[] = {
        {"pull.7.git.1700000000.gitgitgadget@example.org",
         "pull.7.v2.git.1700000100.gitgitgadget@example.org", true},
        {"pull.7.v9.git.1700000000.gitgitgadget@example.org",
         "pull.7.v10.git.1700000100.gitgitgadget@example.org", true},
        {"pull.7.git.1700000000.gitgitgadget@example.org",
         "pull.8.v2.git.1700000100.gitgitgadget@example.org", false},
        {"pull.7.git.1700000000.gitgitgadget@example.org",
         "pull.7.v2.git.git.1700000100.gitgitgadget@example.org",
         false}, /* of another repository */
        {"pull..git.1700000000.gitgitgadget@example.org",
         "pull..v2.git.1700000000.gitgitgadget@example.org", false},
        {"pull.7@example.org", "pull.7@example.org", false},
        {"20260105-quiet-wheels-v1-0-0a1b2c3d4e5f@example.org",
         "20260205-quiet-wheels-v2-0-f5e4d3c2b1a0@example.net", true},
        {"20260105-quiet-wheels-v1-0-0a1b2c3d4e5f@example.org",
         "20260205-loud-wheels-v2-0-f5e4d3c2b1a0@example.org", false},
        {"20260105-quiet-wheels-v1-0-0a1b2c3d4e5f@example.org",
         "20260205-quiet-wheels-2-0-f5e4d3c2b1a0@example.org", false},
        {"20260105-fixes-v1-0-0a1b2c3d4e5f@example.org",
         "20260205-fixes-v2-0-f5e4d3c2b1a0@example.org", false}, /* anybody's */
        {"20260105100000.4711-1-ann@example.org", "20260105100000.4711-2-ann@example.org", false},
        {"", "", false},
        {"@", "@", false},
        {"20260105-@example.org", "20260105-@example.org", false},
        {"20260105-v1-0-0a1b2c3d4e5f@example.org", "20260105-v1-0-0a1b2c3d4e5f@example.org", false},
        {"-v1-0-0a1b2c3d4e5f@example.org", "-v1-0-0a1b2c3d4e5f@example.org", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (pm_same_family(slice(cases[i].a), slice(cases[i].b)) != cases[i].same ||
            pm_same_family(slice(cases[i].b), slice(cases[i].a)) != cases[i].same)
            fail_msg("%s and %s", cases[i].a, cases[i].b);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_of_one_family_are_known_by_what_stays),
    };

    return cmocka_run_group_tests_name("family", tests, NULL, NULL);
}
