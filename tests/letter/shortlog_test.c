/* SPDX-License-Identifier: BSD-2-Clause */
/* shortlog_test - the list of patches in a cover letter. */
#include "shortlog.h"

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
    arena = pm_arena_new(1 << 24);
    return arena == NULL;
}

static int end(void **state)
{
    (void)state;
    pm_arena_free(arena);
    return 0;
}

static pm_shortlog read_shortlog(const char *text)
{
    pm_shortlog shortlog;

    assert_int_equal(pm_shortlog_find(arena, pm_slice_of(text), &shortlog), PM_OK);
    return shortlog;
}

/* What is found, as "author: title | author: title". */
static void shortlogs_in_all_their_shapes(void **state)
{
    static const struct {
        const char *text, *found;
    } cases[] = {
        {"Hi,\n\nAda Example (2):\n  kettle: Boil\n  kettle: Pour\n\n a.c | 1 +\n",
         "Ada Example: kettle: Boil | Ada Example: kettle: Pour"},
        {"Ada (1):\n  kettle: Boil\n\nBob (2):\n  stove: Burn\n  stove: Glow\n",
         "Ada: kettle: Boil | Bob: stove: Burn | Bob: stove: Glow"},
        /* git wraps at 76 columns and indents the rest deeper */
        {"Ada (2):\n  kettle: Boil water that has been standing\n    in the kettle\n  kettle: "
         "Pour\n",
         "Ada: kettle: Boil water that has been standing in the kettle | Ada: kettle: Pour"},
        /* a mail client wraps to the margin */
        {"Ada (2):\n  kettle: Boil water that has been\nstanding for a while\n  kettle: Pour\n",
         "Ada: kettle: Boil water that has been standing for a while | Ada: kettle: Pour"},
        /* or takes the indentation away */
        {"Ada (2):\nkettle: Boil\nkettle: Pour\n\nText.\n",
         "Ada: kettle: Boil | Ada: kettle: Pour"},
        {"Ada (2):\r\n  kettle: Boil\r\n  kettle: Pour\r\n",
         "Ada: kettle: Boil | Ada: kettle: Pour"},
        {"Ada (1):\n\tkettle: Boil\n", "Ada: kettle: Boil"},
        {"Ada via B4 Relay (1):\n      kettle: Boil", "Ada via B4 Relay: kettle: Boil"},
        {"Ada (1):\n \xc2\xa0 \xc2\xa0 kettle: Boil\n", "Ada: kettle: Boil"},
        /* one line was deleted */
        {"Ada (4):\n  a\n  b\n  c\n", "Ada: a | Ada: b | Ada: c"},
        /* prose, and other people's */
        {"As we saw (2):\n\nthe kettle boils\n", ""},
        {"As we saw (2):\nthe kettle boils, and then\nit is poured\nand drunk\n", ""},
        {"Ada (9):\n  one\n", ""},
        {"> Ada (1):\n>   kettle: Boil\n", ""},
        {"Ada (1):\n> kettle: Boil\n", ""},
        {"Ada (x):\n  kettle: Boil\n", ""},
        {"Ada (0):\n  kettle: Boil\n", ""},
        {"(1):\n  kettle: Boil\n", ""},
        {"Ada (1):", ""},
        {"", ""},
        /* not inside a diff, but behind one */
        {"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,3 @@\n Ada (1):\n+  boil\n x\n"
         "Bob (1):\n  stove: Burn\n",
         "Bob: stove: Burn"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pm_shortlog shortlog = read_shortlog(cases[i].text);
        char found[512] = "";

        for (size_t n = 0; n < shortlog.count; n++)
            snprintf(found + strlen(found), sizeof(found) - strlen(found), "%s%.*s: %.*s",
                     n > 0 ? " | " : "", PM_FMT(shortlog.entries[n].author),
                     PM_FMT(shortlog.entries[n].title));
        if (strcmp(found, cases[i].found) != 0)
            fail_msg("%s\nis \"%s\",\nnot \"%s\"", cases[i].text, found, cases[i].found);
    }
}

static void its_text_goes_from_the_first_author_to_the_last_title(void **state)
{
    pm_shortlog shortlog = read_shortlog("Hi\n\nAda (1):\n  a\n\nBob (1):\n  b\n    c\n\nBye\n");

    (void)state;
    assert_true(pm_slice_equal(shortlog.text, PM_LIT("Ada (1):\n  a\n\nBob (1):\n  b\n    c")));
}

static void at_most_5000_entries_are_kept(void **state)
{
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);

    (void)state;
    assert_non_null(file);
    fputs("Ada (6000):\n", file);
    for (int i = 0; i < 6000; i++)
        fprintf(file, "  title %d\n", i);
    fclose(file);
    assert_int_equal(read_shortlog(text).count, 5000);
    free(text);
}

static void past_the_budget_there_is_a_limit(void **state)
{
    pm_arena *small = pm_arena_new(10);
    pm_shortlog shortlog;

    (void)state;
    assert_int_equal(pm_shortlog_find(small, PM_LIT("Ada (1):\n  a\n"), &shortlog), PM_LIMIT);
    pm_arena_free(small);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(shortlogs_in_all_their_shapes, begin, end),
        cmocka_unit_test_setup_teardown(its_text_goes_from_the_first_author_to_the_last_title,
                                        begin, end),
        cmocka_unit_test_setup_teardown(at_most_5000_entries_are_kept, begin, end),
        cmocka_unit_test(past_the_budget_there_is_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
