/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lookup_cache_test - what look-ups keep in memory is what the database has, whoever writes, and no
 * more of it than there is room for.
 */
#include "lookup_cache.h"

#include "clock.h"
#include "packed_series.h"
#include "place.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define ROOM (1 << 20)

static bool same_text(pm_slice a, const char *b)
{
    return pm_slice_equal(a, pm_slice_of(b));
}

static pm_known a_series(const char *id, const char *title)
{
    static const pm_slice subsystems[] = {{"kettle", 6}, {"spout", 5}};
    static const pm_slice titles[] = {{"boil", 4}, {"pour", 4}, {"whistle", 7}};
    static const pm_slice paths[] = {{"tea/pot.c", 9}};
    static const pm_claim claims[] = {{{"v1@example.org", 14}, 1, {"link", 4}}};

    return (pm_known){.labels_rank = 3,
                      .series = {.id = pm_slice_of(id),
                                 .title = pm_slice_of(title),
                                 .author = PM_LIT("ann@example.org"),
                                 .author_name = PM_EMPTY,
                                 .revision = 2,
                                 .subsystems = subsystems,
                                 .subsystem_count = 2,
                                 .titles = titles,
                                 .title_count = 3,
                                 .paths = paths,
                                 .path_count = 1,
                                 .claims = claims,
                                 .claim_count = 1,
                                 .supersedes = PM_LIT("v1@example.org"),
                                 .supersedes_weight = 0.5}};
}

/* ---- The cache by itself ---- */

static pm_lookup_cache *trusted_cache(size_t room)
{
    pm_lookup_cache *cache = pm_lookup_cache_new(room);

    assert_non_null(cache);
    pm_lookup_cache_trust(cache, world_soon());
    return cache;
}

static void put(pm_lookup_cache *cache, const char *id)
{
    const pm_known known = a_series(id, "Boil");

    pm_lookup_cache_put_series(cache, pm_lookup_cache_age(cache), &known);
}

static bool has(const place *here, pm_lookup_cache *cache, const char *id)
{
    pm_known found;

    return pm_lookup_cache_series(cache, here->arena, pm_slice_of(id), &found);
}

static void a_series_comes_back_whole_and_in_the_caller_s_memory(void **state)
{
    place *here = *state;
    pm_lookup_cache *cache = trusted_cache(ROOM);
    const pm_known put_in = a_series("v2@example.org", "Boil");
    pm_known found;

    pm_lookup_cache_put_series(cache, pm_lookup_cache_age(cache), &put_in);
    assert_true(pm_lookup_cache_series(cache, here->arena, PM_LIT("v2@example.org"), &found));
    pm_lookup_cache_free(cache);
    assert_true(pm_memory_same(&found, &put_in));
    assert_true(same_text(found.series.claims[0].how, "link"));
    assert_true(same_text(found.series.supersedes, "v1@example.org"));
    assert_true(found.series.supersedes_weight == 0.5);
}

static void a_series_without_lists_is_one_block_too(void **state)
{
    place *here = *state;
    const pm_known bare = {.series = {.id = PM_LIT("v1@example.org")}};
    const size_t size = pm_packed_size(&bare);
    void *block = malloc(size);
    pm_known *copy;

    copy = pm_packed_copy(here->arena, pm_packed_write(block, &bare), size);
    free(block);
    assert_true(pm_memory_same(copy, &bare));
}

static void a_reference_comes_back_with_its_part(void **state)
{
    place *here = *state;
    pm_lookup_cache *cache = trusted_cache(ROOM);
    pm_slice series;
    int part;

    pm_lookup_cache_put_reference(cache, pm_lookup_cache_age(cache), PM_LIT("p2@example.org"),
                                  PM_LIT("v1@example.org"), 2);
    assert_true(
        pm_lookup_cache_reference(cache, here->arena, PM_LIT("p2@example.org"), &series, &part));
    assert_true(same_text(series, "v1@example.org"));
    assert_int_equal(part, 2);
    assert_false(has(here, cache, "p2@example.org"));
    pm_lookup_cache_free(cache);
}

static void what_nobody_vouches_for_is_not_found(void **state)
{
    place *here = *state;
    pm_lookup_cache *cache = trusted_cache(ROOM);

    put(cache, "v1@example.org");
    assert_true(has(here, cache, "v1@example.org"));
    pm_lookup_cache_trust(cache, pm_clock_us() - 1);
    assert_false(has(here, cache, "v1@example.org"));
    pm_lookup_cache_trust(cache, world_soon());
    assert_true(has(here, cache, "v1@example.org"));
    pm_lookup_cache_clear(cache);
    assert_false(has(here, cache, "v1@example.org"));
    pm_lookup_cache_free(cache);
}

static void what_was_asked_for_before_a_change_is_not_put_in(void **state)
{
    place *here = *state;
    pm_lookup_cache *cache = trusted_cache(ROOM);
    const pm_known old = a_series("v1@example.org", "Before");
    const uint64_t asked = pm_lookup_cache_age(cache);

    pm_lookup_cache_change(cache, PM_LIT("other@example.org"));
    pm_lookup_cache_settle(cache);
    pm_lookup_cache_put_series(cache, asked, &old);
    assert_false(has(here, cache, "v1@example.org"));
    pm_lookup_cache_put_series(cache, pm_lookup_cache_age(cache), &old);
    assert_true(has(here, cache, "v1@example.org"));
    pm_lookup_cache_free(cache);
}

static void what_a_transaction_changes_is_gone_once_it_has_ended(void **state)
{
    place *here = *state;
    pm_lookup_cache *cache = trusted_cache(ROOM);

    put(cache, "v1@example.org");
    put(cache, "v2@example.org");
    pm_lookup_cache_change(cache, PM_LIT("v1@example.org"));
    put(cache, "v1@example.org"); /* as it was: nothing is committed yet */
    assert_true(has(here, cache, "v1@example.org"));
    pm_lookup_cache_settle(cache);
    assert_false(has(here, cache, "v1@example.org"));
    assert_true(has(here, cache, "v2@example.org"));
    pm_lookup_cache_free(cache);
}

static void after_too_many_changes_nothing_is_left(void **state)
{
    place *here = *state;
    pm_lookup_cache *cache = trusted_cache(ROOM);
    char id[32];

    put(cache, "v1@example.org");
    for (unsigned i = 0; i < 5000; i++) {
        snprintf(id, sizeof(id), "%u@example.org", i);
        pm_lookup_cache_change(cache, pm_slice_of(id));
    }
    pm_lookup_cache_settle(cache);
    assert_false(has(here, cache, "v1@example.org"));
    put(cache, "v1@example.org");
    assert_true(has(here, cache, "v1@example.org"));
    pm_lookup_cache_free(cache);
}

static void what_was_not_asked_for_longest_goes_first(void **state)
{
    place *here = *state;
    pm_lookup_cache *cache = trusted_cache(20000);
    char id[32];
    unsigned kept = 0;

    for (unsigned i = 0; i < 200; i++) {
        snprintf(id, sizeof(id), "%03u@example.org", i);
        put(cache, id);
        assert_true(has(here, cache, "000@example.org"));
    }
    for (unsigned i = 0; i < 200; i++) {
        snprintf(id, sizeof(id), "%03u@example.org", i);
        kept += has(here, cache, id);
    }
    assert_in_range(kept, 10, 40);
    assert_true(has(here, cache, "199@example.org"));
    assert_false(has(here, cache, "001@example.org"));
    pm_lookup_cache_free(cache);
}

static void without_a_cache_nothing_is_found(void **state)
{
    place *here = *state;

    put(NULL, "v1@example.org");
    pm_lookup_cache_trust(NULL, world_soon());
    pm_lookup_cache_change_all(NULL);
    pm_lookup_cache_settle(NULL);
    assert_false(has(here, NULL, "v1@example.org"));
    pm_lookup_cache_free(NULL);
}

/* ---- Many threads ---- */

#define READERS 4
#define ROUNDS  3000
#define IDS     16

typedef struct reader {
    pm_lookup_cache *cache;
    unsigned wrong;
} reader;

/* The title of a series is its id. */
static void *read_and_put(void *context)
{
    reader *mine = context;
    pm_arena *arena = pm_arena_new(ROOM);

    for (unsigned i = 0; i < ROUNDS; i++) {
        char id[32];
        const uint64_t age = pm_lookup_cache_age(mine->cache);
        pm_known found;

        snprintf(id, sizeof(id), "%u@example.org", i % IDS);
        if (!pm_lookup_cache_series(mine->cache, arena, pm_slice_of(id), &found)) {
            found = a_series(id, id);
            pm_lookup_cache_put_series(mine->cache, age, &found);
        }
        mine->wrong += !pm_slice_equal(found.series.id, found.series.title);
        mine->wrong +=
            found.series.title_count != 3 || !same_text(found.series.titles[2], "whistle");
        pm_arena_reset(arena);
    }
    pm_arena_free(arena);
    return NULL;
}

static void threads_may_look_while_one_changes(void **state)
{
    pm_lookup_cache *cache = trusted_cache(8000);
    pthread_t threads[READERS];
    reader readers[READERS];

    (void)state;
    for (unsigned i = 0; i < READERS; i++) {
        readers[i] = (reader){cache, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, read_and_put, &readers[i]), 0);
    }
    for (unsigned i = 0; i < ROUNDS; i++) {
        char id[32];

        snprintf(id, sizeof(id), "%u@example.org", i % IDS);
        pm_lookup_cache_change(cache, pm_slice_of(id));
        pm_lookup_cache_settle(cache);
        if (i % 100 == 0)
            pm_lookup_cache_clear(cache);
    }
    for (unsigned i = 0; i < READERS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(readers[i].wrong, 0);
    }
    pm_lookup_cache_free(cache);
}

/* ---- In a store ---- */

static void says_the_same_of_a_series(pm_arena *arena, pm_store *one, pm_store *other, pm_slice id)
{
    pm_known a, b;
    pm_slice first, second;
    pm_status status = pm_store_known(other, arena, id, world_soon(), &b);

    assert_int_equal(pm_store_known(one, arena, id, world_soon(), &a), status);
    if (status != PM_OK)
        return;
    assert_true(pm_memory_same(&a, &b));
    assert_true(pm_slice_equal(a.series.supersedes, b.series.supersedes));
    assert_true(pm_slice_equal(a.series.supersedes_why, b.series.supersedes_why));
    assert_int_equal(pm_store_chain(one, arena, id, world_soon(), &first), PM_OK);
    assert_int_equal(pm_store_chain(other, arena, id, world_soon(), &second), PM_OK);
    assert_true(pm_slice_equal(first, second));
}

static void says_the_same_of_a_message(pm_arena *arena, pm_store *one, pm_store *other, pm_slice id)
{
    pm_slice a, b;
    int part, other_part;
    pm_status status = pm_store_reference(other, arena, id, world_soon(), &b, &other_part);

    assert_int_equal(pm_store_reference(one, arena, id, world_soon(), &a, &part), status);
    if (status != PM_OK)
        return;
    assert_true(pm_slice_equal(a, b));
    assert_int_equal(part, other_part);
}

static void finds_the_same(pm_arena *arena, pm_store *one, pm_store *other, const pm_series *of)
{
    pm_series *a, *b;
    size_t count, other_count;

    assert_int_equal(
        pm_store_find(one, arena, PM_KEY_AUTHOR, of->author, 100, world_soon(), &a, &count), PM_OK);
    assert_int_equal(
        pm_store_find(other, arena, PM_KEY_AUTHOR, of->author, 100, world_soon(), &b, &other_count),
        PM_OK);
    assert_int_equal(count, other_count);
    for (size_t i = 0; i < count; i++) {
        const pm_known mine = pm_memory_known(&a[i]), its = pm_memory_known(&b[i]);

        assert_true(pm_slice_equal(a[i].id, b[i].id));
        assert_true(pm_memory_same(&mine, &its));
        assert_true(pm_slice_equal(a[i].supersedes, b[i].supersedes));
    }
}

static void says_the_same(pm_arena *arena, pm_store *one, pm_store *other, const world *mail)
{
    pm_arena_reset(arena);
    for (size_t i = 0; i < mail->count; i++) {
        const pm_memo *memo = &mail->memos[i];

        says_the_same_of_a_series(arena, one, other, memo->series.id);
        says_the_same_of_a_message(arena, one, other, memo->message_id);
        if (memo->series.author.len > 0)
            finds_the_same(arena, one, other, &memo->series);
    }
}

/* Everything is looked up between two messages, so that what is kept would be old. The other store
 * only reads, and keeps nothing. */
static void each_answer_is_what_the_database_has(void **state)
{
    place *here = *state;
    pm_store *store = place_open(here);
    pm_store *plain = pm_store_open(here->file, true, here->errors);
    pm_arena *arena = pm_arena_new(64 << 20);
    const world *mail = &here->mail;

    assert_non_null(plain);
    world_shuffle(&here->mail, 11);
    for (size_t i = 0; i < mail->count; i++) {
        const pm_slice own = mail->memos[i].series.id;
        const pm_slice other = mail->memos[(i * 7 + 3) % mail->count].series.id;

        assert_int_equal(pm_store_remember(store, &mail->memos[i], world_soon()), PM_OK);
        says_the_same(arena, store, plain, mail);
        if (i % 3 == 0 && !pm_slice_equal(own, other)) {
            const pm_link link = {own, other, PM_LIT("same title"), 0.9, i % 2 == 0};

            assert_int_equal(pm_store_link(store, &link, world_soon()), PM_OK);
            says_the_same(arena, store, plain, mail);
        }
    }
    pm_arena_free(arena);
    pm_store_close(plain);
    pm_store_close(store);
}

static pm_memo in_series(const char *id, int part, const char *series)
{
    return (pm_memo){.message_id = pm_slice_of(id),
                     .part = part,
                     .author = PM_LIT("ann@example.org"),
                     .answers = part < 0,
                     .series = {.id = pm_slice_of(series),
                                .rank = part < 0 ? PM_NOBODY : part,
                                .total = 2,
                                .revision = 1,
                                .last_seen = 1000,
                                .date = 1000,
                                .title = PM_LIT("Boil"),
                                .author = PM_LIT("ann@example.org")}};
}

static void belongs(place *here, pm_store *store, const char *message, const char *series)
{
    pm_slice found = PM_EMPTY;
    pm_status status =
        pm_store_reference(store, here->arena, pm_slice_of(message), world_soon(), &found, NULL);

    assert_int_equal(status, series == NULL ? PM_ABSENT : PM_OK);
    if (series != NULL)
        assert_true(same_text(found, series));
}

static void is_known(place *here, pm_store *store, const char *series, bool known)
{
    pm_known found;

    assert_int_equal(pm_store_known(store, here->arena, pm_slice_of(series), world_soon(), &found),
                     known ? PM_OK : PM_ABSENT);
}

static void follows(place *here, pm_store *store, const char *series, const char *predecessor)
{
    pm_known found;

    assert_int_equal(pm_store_known(store, here->arena, pm_slice_of(series), world_soon(), &found),
                     PM_OK);
    assert_true(same_text(found.series.supersedes, predecessor));
}

/* The cover comes last, and its first patch was taken for a series until then. */
static void what_joins_moves_and_goes_is_looked_up_anew(void **state)
{
    static const pm_slice joins[] = {{"p1@example.org", 14}};
    const pm_memo part = in_series("p1@example.org", 1, "p1@example.org");
    const pm_memo reply = in_series("r@example.org", -1, "p1@example.org");
    const pm_memo later = in_series("v2@example.org", 0, "v2@example.org");
    const pm_link link = {PM_LIT("v2@example.org"), PM_LIT("p1@example.org"), PM_EMPTY, 1, false};
    const pm_link nothing = {link.series, PM_EMPTY, PM_EMPTY, 0, false};
    const pm_memo elsewhere = in_series("r@example.org", -1, "v2@example.org");
    pm_memo root = in_series("c@example.org", 0, "c@example.org");
    place *here = *state;
    pm_store *store = place_open(here);
    uint64_t gone;

    root.joins = joins;
    root.join_count = 1;
    assert_int_equal(pm_store_remember(store, &part, world_soon()), PM_OK);
    assert_int_equal(pm_store_remember(store, &reply, world_soon()), PM_OK);
    assert_int_equal(pm_store_remember(store, &later, world_soon()), PM_OK);
    assert_int_equal(pm_store_link(store, &link, world_soon()), PM_OK);
    belongs(here, store, "p1@example.org", "p1@example.org");
    belongs(here, store, "r@example.org", "p1@example.org");
    is_known(here, store, "p1@example.org", true);
    follows(here, store, "v2@example.org", "p1@example.org");

    assert_int_equal(pm_store_remember(store, &root, world_soon()), PM_OK);
    belongs(here, store, "p1@example.org", "c@example.org");
    belongs(here, store, "r@example.org", "c@example.org");
    is_known(here, store, "p1@example.org", false);
    follows(here, store, "v2@example.org", "c@example.org");

    assert_int_equal(pm_store_unpin(store, &nothing, world_soon()), PM_OK);
    follows(here, store, "v2@example.org", "");
    assert_int_equal(pm_store_remember(store, &elsewhere, world_soon()), PM_OK);
    belongs(here, store, "r@example.org", "v2@example.org");

    assert_int_equal(pm_store_forget(store, 2000, 10, world_soon(), &gone), PM_OK);
    assert_int_equal(gone, 2);
    belongs(here, store, "r@example.org", NULL);
    is_known(here, store, "c@example.org", false);
    pm_store_close(store);
}

#define A_WHILE_US 50000 /* longer than anything may be out of date */

/* Looks a series up again and again, so that it is kept, and that somebody vouches for all that
 * is. */
static void keep_looking_up(pm_store *store, const char *id)
{
    const int64_t until_us = pm_clock_us() + A_WHILE_US;
    pm_arena *arena = pm_arena_new(ROOM);
    pm_known known;

    do {
        pm_arena_reset(arena);
        assert_int_equal(pm_store_known(store, arena, pm_slice_of(id), world_soon(), &known),
                         PM_OK);
    } while (pm_clock_us() < until_us);
    pm_arena_free(arena);
}

static void what_another_program_writes_is_seen_after_a_while(void **state)
{
    const pm_memo v2 = in_series("v2@example.org", 0, "v2@example.org");
    const pm_memo v3 = in_series("v3@example.org", 0, "v3@example.org");
    const pm_link link = {PM_LIT("v2@example.org"), PM_LIT("v1@example.org"), PM_EMPTY, 1, true};
    place *here = *state;
    pm_store *store = place_open(here), *other = place_open(here);

    assert_int_equal(pm_store_remember(store, &v2, world_soon()), PM_OK);
    assert_int_equal(pm_store_remember(store, &v3, world_soon()), PM_OK);
    keep_looking_up(store, "v2@example.org");
    follows(here, store, "v2@example.org", "");
    assert_int_equal(pm_store_link(other, &link, world_soon()), PM_OK);
    keep_looking_up(store, "v3@example.org");
    follows(here, store, "v2@example.org", "v1@example.org");
    pm_store_close(other);
    pm_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PLACE(a_series_comes_back_whole_and_in_the_caller_s_memory),
        IN_PLACE(a_series_without_lists_is_one_block_too),
        IN_PLACE(a_reference_comes_back_with_its_part),
        IN_PLACE(what_nobody_vouches_for_is_not_found),
        IN_PLACE(what_was_asked_for_before_a_change_is_not_put_in),
        IN_PLACE(what_a_transaction_changes_is_gone_once_it_has_ended),
        IN_PLACE(after_too_many_changes_nothing_is_left),
        IN_PLACE(what_was_not_asked_for_longest_goes_first),
        IN_PLACE(without_a_cache_nothing_is_found),
        IN_PLACE(threads_may_look_while_one_changes),
        IN_PLACE(each_answer_is_what_the_database_has),
        IN_PLACE(what_joins_moves_and_goes_is_looked_up_anew),
        IN_PLACE(what_another_program_writes_is_seen_after_a_while),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
