/* SPDX-License-Identifier: BSD-2-Clause */
/* table_test - what is put in is found, in order, through growth, collisions and spent budgets. */
#include "table.h"

#include "generator.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

/* Values are pointers; numbers from 1 do. */
static void *number(size_t n)
{
    return (void *)(uintptr_t)n;
}

static void an_empty_table_has_nothing(void **state)
{
    pm_arena *arena = pm_arena_new(1 << 16);
    pm_table *table = pm_table_new(arena);

    (void)state;
    assert_null(pm_table_get(table, PM_LIT("a")));
    assert_null(pm_table_get(table, (pm_slice){NULL, 0}));
    assert_int_equal(pm_table_count(table), 0);
    assert_null(pm_table_nth(table, 0, NULL));
    pm_arena_free(arena);
}

static void keys_are_bytes(void **state)
{
    static const pm_slice keys[] = {{NULL, 0}, {"a", 1},  {"a\0", 2}, {"a\0\0", 3},
                                    {"A", 1},  {"\0", 1}, {"\xff", 1}};
    pm_arena *arena = pm_arena_new(1 << 16);
    pm_table *table = pm_table_new(arena);
    size_t count = sizeof(keys) / sizeof(keys[0]);

    (void)state;
    for (size_t i = 0; i < count; i++)
        assert_int_equal(pm_table_put(table, keys[i], number(i + 1)), PM_OK);
    assert_int_equal(pm_table_count(table), count);
    for (size_t i = 0; i < count; i++)
        assert_ptr_equal(pm_table_get(table, keys[i]), number(i + 1));
    assert_ptr_equal(pm_table_get(table, PM_EMPTY), number(1));
    pm_arena_free(arena);
}

static void a_second_put_replaces_the_value_and_keeps_the_place(void **state)
{
    pm_arena *arena = pm_arena_new(1 << 16);
    pm_table *table = pm_table_new(arena);
    pm_slice key;

    (void)state;
    assert_int_equal(pm_table_put(table, PM_LIT("first"), number(1)), PM_OK);
    assert_int_equal(pm_table_put(table, PM_LIT("second"), number(2)), PM_OK);
    assert_int_equal(pm_table_put(table, PM_LIT("first"), number(3)), PM_OK);
    assert_int_equal(pm_table_count(table), 2);
    assert_ptr_equal(pm_table_nth(table, 0, &key), number(3));
    assert_true(pm_slice_equal(key, PM_LIT("first")));
    assert_ptr_equal(pm_table_nth(table, 1, &key), number(2));
    assert_true(pm_slice_equal(key, PM_LIT("second")));
    assert_null(pm_table_nth(table, 2, NULL));
    pm_arena_free(arena);
}

/* 50,000 keys meet in thousands of slots, and the slots are made anew a dozen times. */
static void everything_is_found_again_after_growth(void **state)
{
    enum { KEYS = 50000 };
    pm_arena *arena = pm_arena_new(64 << 20);
    pm_table *table = pm_table_new(arena);
    char text[32];

    (void)state;
    for (size_t i = 0; i < KEYS; i++) {
        pm_slice key = pm_print(arena, "drivers/%zu.c", i);

        assert_int_equal(pm_table_put(table, key, number(i + 1)), PM_OK);
        if (i % 1000 == 0)
            for (size_t old = 0; old <= i; old += 7) {
                snprintf(text, sizeof(text), "drivers/%zu.c", old);
                assert_ptr_equal(pm_table_get(table, pm_slice_of(text)), number(old + 1));
            }
    }
    assert_int_equal(pm_table_count(table), KEYS);
    for (size_t i = 0; i < KEYS; i++) {
        pm_slice key;

        assert_ptr_equal(pm_table_nth(table, i, &key), number(i + 1));
        assert_ptr_equal(pm_table_get(table, key), number(i + 1));
        snprintf(text, sizeof(text), "drivers/%zu.h", i);
        assert_null(pm_table_get(table, pm_slice_of(text)));
    }
    pm_arena_free(arena);
}

/* Against a list that is looked through from its front. */
static void random_puts_and_gets_agree_with_a_plain_list(void **state)
{
    enum { KEYS = 300 };
    uint64_t random = 4;

    (void)state;
    for (int round = 0; round < 20; round++) {
        static char bytes[KEYS][4];
        pm_slice keys[KEYS];
        void *values[KEYS];
        size_t count = 0;
        pm_arena *arena = pm_arena_new(1 << 20);
        pm_table *table = pm_table_new(arena);

        for (size_t step = 1; step <= KEYS; step++) {
            char *drawn = bytes[step - 1];
            pm_slice key = {drawn, draw_below(&random, sizeof(bytes[0]) + 1)};
            size_t at = 0;

            draw_bytes(&random, drawn, sizeof(bytes[0]), "ab\0", 3);
            while (at < count && !pm_slice_equal(keys[at], key))
                at++;
            assert_ptr_equal(pm_table_get(table, key), at < count ? values[at] : NULL);
            if (at == count)
                keys[count++] = key;
            values[at] = number(step);
            assert_int_equal(pm_table_put(table, key, number(step)), PM_OK);
            assert_int_equal(pm_table_count(table), count);
        }
        for (size_t i = 0; i < count; i++) {
            pm_slice key;

            assert_ptr_equal(pm_table_nth(table, i, &key), values[i]);
            assert_true(pm_slice_equal(key, keys[i]));
        }
        pm_arena_free(arena);
    }
}

static void a_spent_budget_leaves_the_table_whole(void **state)
{
    static char bytes[2000][8];

    (void)state;
    for (size_t i = 0; i < 2000; i++)
        snprintf(bytes[i], sizeof(bytes[i]), "k%zu", i);
    for (size_t budget = 0; budget < 40000; budget += 331) {
        pm_arena *arena = pm_arena_new(budget);
        pm_table *table = pm_table_new(arena);
        size_t count = 0;

        while (table != NULL && count < 2000 &&
               pm_table_put(table, pm_slice_of(bytes[count]), number(count + 1)) == PM_OK)
            count++;
        assert_in_range(count, 0, 1999);
        if (table != NULL)
            assert_int_equal(pm_table_count(table), count);
        for (size_t i = 0; i < count; i++)
            assert_ptr_equal(pm_table_get(table, pm_slice_of(bytes[i])), number(i + 1));
        if (table != NULL)
            assert_null(pm_table_get(table, pm_slice_of(bytes[count])));
        pm_arena_free(arena);
    }
}

static void the_hash_sees_every_byte_and_the_length(void **state)
{
    char zeros[64] = {0}, other[64];

    (void)state;
    for (size_t len = 0; len < sizeof(zeros); len++) {
        uint64_t hash = pm_hash((pm_slice){zeros, len});

        assert_true(hash == pm_hash((pm_slice){zeros, len}));
        assert_true(hash != pm_hash((pm_slice){zeros, len + 1}));
        for (size_t at = 0; at < len; at++) {
            memcpy(other, zeros, sizeof(other));
            other[at] = 1;
            if (hash == pm_hash((pm_slice){other, len}))
                fail_msg("byte %zu of %zu does not count", at, len);
        }
    }
}

static void the_hash_does_not_care_where_the_bytes_lie(void **state)
{
    char room[64];
    uint64_t hash = pm_hash(PM_LIT("arch/x86/kvm/vmx/nested.c"));

    (void)state;
    for (size_t at = 0; at < 16; at++) {
        memcpy(room + at, "arch/x86/kvm/vmx/nested.c", 25);
        assert_true(pm_hash((pm_slice){room + at, 25}) == hash);
    }
}

/* Each of the 16 lowest bits is set in about half of many hashes: the table uses the lowest ones.
 */
static void the_low_bits_of_the_hash_are_even(void **state)
{
    enum { KEYS = 20000 };
    unsigned set[16] = {0};
    char key[16];

    (void)state;
    for (unsigned i = 0; i < KEYS; i++) {
        int len = snprintf(key, sizeof(key), "%u", i);
        uint64_t hash = pm_hash((pm_slice){key, (size_t)len});

        for (unsigned bit = 0; bit < 16; bit++)
            set[bit] += hash >> bit & 1;
    }
    /* Ten standard deviations on either side. */
    for (unsigned bit = 0; bit < 16; bit++)
        assert_in_range(set[bit], KEYS / 2 - 707, KEYS / 2 + 707);
}

#define HASHED PM_LIT("who writes mail cannot choose collisions")

static void another_process_has_another_hash(void **state)
{
    char self[4096], command[4200];
    ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
    unsigned long long theirs = 0;
    FILE *child;

    (void)state;
    if (len <= 0)
        skip();
    self[len] = '\0';
    snprintf(command, sizeof(command), "'%s' hash", self);
    child = popen(command, "r");
    assert_non_null(child);
    assert_int_equal(fscanf(child, "%llx", &theirs), 1);
    assert_int_equal(pclose(child), 0);
    assert_true(theirs != pm_hash(HASHED));
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_table_has_nothing),
        cmocka_unit_test(keys_are_bytes),
        cmocka_unit_test(a_second_put_replaces_the_value_and_keeps_the_place),
        cmocka_unit_test(everything_is_found_again_after_growth),
        cmocka_unit_test(random_puts_and_gets_agree_with_a_plain_list),
        cmocka_unit_test(a_spent_budget_leaves_the_table_whole),
        cmocka_unit_test(the_hash_sees_every_byte_and_the_length),
        cmocka_unit_test(the_hash_does_not_care_where_the_bytes_lie),
        cmocka_unit_test(the_low_bits_of_the_hash_are_even),
        cmocka_unit_test(another_process_has_another_hash),
    };

    if (argc == 2 && strcmp(argv[1], "hash") == 0) {
        printf("%llx\n", (unsigned long long)pm_hash(HASHED));
        return 0;
    }
    return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
