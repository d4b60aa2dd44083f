/* SPDX-License-Identifier: BSD-2-Clause */
/* literals_test - one pass over a text finds what looking for each literal alone finds. */
#include "literals.h"

#include "../base/generator.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

typedef struct found {
    size_t times[512];
} found;

static void note(void *context, size_t number)
{
    found *all = context;

    all->times[number]++;
}

static void each_literal_that_stands_is_found_once(void **state)
{
    static const char *const texts[] = {"kvm",  "KVM: x86", "kvm: x",
                                        "aaaa", "aaaaaa",   "\xFF\xFE\xFD"};
    pm_arena *arena = pm_arena_new(1 << 20);
    pm_literals *literals = pm_literals_new(arena);
    found all = {{0}};
    uint64_t seen = 0;
    size_t number;

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(pm_literals_add(literals, pm_slice_of(texts[i]), &number), PM_OK);
        assert_int_equal(number, i);
    }
    assert_int_equal(pm_literals_add(literals, PM_LIT("kvm: X86"), &number), PM_OK);
    assert_int_equal(number, 1); /* the same but for its case */
    assert_int_equal(pm_literals_count(literals), 6);
    assert_int_equal(pm_literals_ready(literals), PM_OK);

    pm_literals_find(literals, PM_LIT("Re: KVM: x8"), &seen, note, &all);
    assert_int_equal(all.times[0], 1);
    assert_int_equal(all.times[1], 0);
    assert_int_equal(all.times[2], 1);
    pm_literals_find(literals, PM_LIT("kvm kvm kvm: X86 aaaaa\xFF\xFE\xFD"), &seen, note, &all);
    assert_int_equal(all.times[0], 1);
    assert_int_equal(all.times[1], 1);
    assert_int_equal(all.times[3], 1);
    assert_int_equal(all.times[4], 0);
    assert_int_equal(all.times[5], 1);
    pm_arena_free(arena);
}

static void nothing_to_look_for_is_not_found(void **state)
{
    pm_arena *arena = pm_arena_new(1 << 20);
    pm_literals *literals = pm_literals_new(arena);
    uint64_t seen = 0;

    (void)state;
    assert_int_equal(pm_literals_ready(literals), PM_OK);
    pm_literals_find(literals, PM_LIT("anything"), &seen, note, NULL);
    pm_arena_free(arena);
}

static void random_literals_are_found_where_each_alone_is(void **state)
{
    static const char letters[] = "aabbcdAB\xE9";
    uint64_t random = 3;
    size_t hits = 0;

    (void)state;
    for (int round = 0; round < 300; round++) {
        pm_arena *arena = pm_arena_new(1 << 22);
        pm_literals *literals = pm_literals_new(arena);
        size_t wanted = draw_below(&random, 400);
        pm_slice words[512];
        size_t number;
        char text[200];

        for (size_t i = 0; i < wanted; i++) {
            char word[12];
            size_t len = PM_LITERAL_LEAST + draw_below(&random, 6);

            draw_bytes(&random, word, len, letters, sizeof(letters) - 1);
            assert_int_equal(pm_literals_add(literals, (pm_slice){word, len}, &number), PM_OK);
            words[number] = pm_copy(arena, (pm_slice){word, len});
        }
        assert_int_equal(pm_literals_ready(literals), PM_OK);
        for (int letter = 0; letter < 10; letter++) {
            pm_slice line = {text, draw_below(&random, sizeof(text) + 1)};
            uint64_t seen[8] = {0};
            found all = {{0}};

            draw_bytes(&random, text, line.len, letters, sizeof(letters) - 1);
            pm_literals_find(literals, line, seen, note, &all);
            for (size_t i = 0; i < pm_literals_count(literals); i++) {
                size_t stands = pm_slice_find_nocase(line, words[i]) != PM_NOWHERE;

                if (all.times[i] != stands)
                    fail_msg("\"%.*s\" in \"%.*s\" is found %zu times", PM_FMT(words[i]),
                             PM_FMT(line), all.times[i]);
                hits += stands;
            }
        }
        pm_arena_free(arena);
    }
    assert_true(hits > 1000);
}

/* Long literals are looked for at few places of a text, and by bytes that are alike but for one
 * bit: wherever they stand they must be found, and nothing else. */
static void literals_of_any_length_are_found_wherever_they_stand(void **state)
{
    static const char letters[] = "aA@`\0 \x10"
                                  "0\xC9\xE9";
    uint64_t random = 5;
    size_t hits = 0;

    (void)state;
    for (int round = 0; round < 60; round++) {
        pm_arena *arena = pm_arena_new(1 << 22);
        pm_literals *literals = pm_literals_new(arena);
        size_t wanted = 1 + draw_below(&random, 20);
        size_t least = PM_LITERAL_LEAST + draw_below(&random, 20);
        pm_slice words[20];
        size_t number;
        char word[64], text[2000];

        for (size_t i = 0; i < wanted; i++) {
            size_t len = least + draw_below(&random, 20);

            draw_bytes(&random, word, len, letters, sizeof(letters) - 1);
            assert_int_equal(pm_literals_add(literals, (pm_slice){word, len}, &number), PM_OK);
            words[number] = pm_copy(arena, (pm_slice){word, len});
        }
        assert_int_equal(pm_literals_ready(literals), PM_OK);
        for (int letter = 0; letter < 20; letter++) {
            const pm_slice put = words[draw_below(&random, pm_literals_count(literals))];
            pm_slice line = {text, put.len + draw_below(&random, letter < 10 ? 20 : 1900)};
            uint64_t seen = 0;
            found all = {{0}};

            draw_bytes(&random, text, line.len, letters, sizeof(letters) - 1);
            memcpy(text + draw_below(&random, line.len - put.len + 1), put.data, put.len);
            pm_literals_find(literals, line, &seen, note, &all);
            for (size_t i = 0; i < pm_literals_count(literals); i++) {
                size_t stands = pm_slice_find_nocase(line, words[i]) != PM_NOWHERE;

                if (all.times[i] != stands)
                    fail_msg("round %d: a literal of %zu bytes in a text of %zu is found %zu times",
                             round, words[i].len, line.len, all.times[i]);
                hits += stands;
            }
        }
        pm_arena_free(arena);
    }
    assert_true(hits >= 60 * 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_literal_that_stands_is_found_once),
        cmocka_unit_test(nothing_to_look_for_is_not_found),
        cmocka_unit_test(literals_of_any_length_are_found_wherever_they_stand),
        cmocka_unit_test(random_literals_are_found_where_each_alone_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
