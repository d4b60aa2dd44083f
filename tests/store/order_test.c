/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * order_test - whatever the order in which mail arrives, the same is remembered: all tables are the
 * same, row by row.
 */
#include "place.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#define SHUFFLES 60

static pm_store *open_new(place *here)
{
    place_clear(here);
    return place_open(here);
}

static pm_slice memory_of(place *here, const world *mail)
{
    pm_store *store = open_new(here);
    pm_slice dump;

    world_remember(store, mail);
    dump = world_dump(store, here->arena);
    if (!pm_store_verify(store, here->errors))
        fail_msg("%s", pm_errors_nth(here->errors, 0));
    pm_store_close(store);
    return dump;
}

static void every_order_of_arrival_gives_the_same_memory(void **state)
{
    place *here = *state;
    world mail;
    pm_slice expected;

    world_make(&mail, here->arena);
    expected = memory_of(here, &mail);
    for (unsigned seed = 1; seed <= SHUFFLES; seed++) {
        world_shuffle(&mail, seed);
        world_same(memory_of(here, &mail), expected, seed);
    }
}

static void mail_that_comes_twice_changes_nothing(void **state)
{
    place *here = *state;
    pm_store *store = open_new(here);
    pm_slice once;
    world mail;

    world_make(&mail, here->arena);
    world_remember(store, &mail);
    once = world_dump(store, here->arena);
    world_shuffle(&mail, 7);
    world_remember(store, &mail);
    world_same(world_dump(store, here->arena), once, 7);
    pm_store_close(store);
}

typedef struct sender {
    pm_store *store;
    const world *mail;
    size_t first;
    unsigned failed;
} sender;

#define SENDERS 4

static void *send_every_fourth(void *context)
{
    sender *mine = context;

    for (size_t i = mine->first; i < mine->mail->count; i += SENDERS)
        mine->failed +=
            pm_store_remember(mine->store, &mine->mail->memos[i], world_soon()) != PM_OK;
    return NULL;
}

/* Through two stores on one file, as two programs have it. */
static void mail_that_comes_at_once_gives_the_same_memory(void **state)
{
    place *here = *state;
    pm_store *stores[2];
    pthread_t threads[SENDERS];
    sender senders[SENDERS];
    pm_slice expected;
    world mail;

    world_make(&mail, here->arena);
    expected = memory_of(here, &mail);
    world_shuffle(&mail, 11);
    stores[0] = open_new(here);
    stores[1] = pm_store_open(here->file, false, here->errors);
    assert_non_null(stores[1]);
    for (unsigned i = 0; i < SENDERS; i++) {
        senders[i] = (sender){stores[i % 2], &mail, i, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, send_every_fourth, &senders[i]), 0);
    }
    for (unsigned i = 0; i < SENDERS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(senders[i].failed, 0);
    }
    world_same(world_dump(stores[1], here->arena), expected, 11);
    pm_store_close(stores[0]);
    pm_store_close(stores[1]);
}

/* What an export would hold, put into a new store by the calls everybody has. */
typedef struct import {
    pm_store *to;
} import;

static pm_status import_series(void *context, const pm_series *series)
{
    const import *running = context;
    const pm_memo memo = {.series = *series};

    return pm_store_remember(running->to, &memo, world_soon());
}

static pm_status import_reference(void *context, const pm_store_message *message, pm_slice series)
{
    const import *running = context;
    const pm_memo memo = {.message_id = message->message_id,
                          .part = message->part,
                          .author = message->author,
                          .answers = true,
                          .series = {.id = series}};

    return pm_store_remember(running->to, &memo, world_soon());
}

static pm_status import_link(void *context, const pm_link *link)
{
    const import *running = context;
    return pm_store_link(running->to, link, world_soon());
}

static pm_status import_note(void *context, const pm_note *note)
{
    const import *running = context;
    return pm_store_note(running->to, note, 1, world_soon());
}

static pm_status import_path(void *context, pm_slice project, pm_slice path, int64_t seen)
{
    const import *running = context;
    const pm_paths_seen one = {project, &path, 1, seen};

    return pm_store_see_paths(running->to, &one, world_soon());
}

static void what_a_walk_finds_makes_the_same_memory_elsewhere(void **state)
{
    place *here = *state, there = *here;
    pm_store *store = open_new(here);
    const pm_link link = {PM_LIT("s2.0@example.org"), PM_LIT("s0.0@example.org"),
                          PM_LIT("same title"), 0.75, true};
    const pm_note notes[] = {{PM_LIT("tea"), PM_LIT("b"), PM_LIT("two\nlines"), 2000000000},
                             {PM_LIT("tea"), PM_LIT("a"), PM_LIT("1"), 1},
                             {PM_LIT("pot"), PM_LIT("a"), PM_LIT("2"), 2000000000}};
import running;
    const pm_walk walk = {&running,    import_series, import_reference,
                          import_link, import_note,   import_path};
    world mail;

    world_make(&mail, here->arena);
    world_remember(store, &mail);
    assert_int_equal(pm_store_link(store, &link, world_soon()), PM_OK);
    assert_int_equal(pm_store_note(store, notes, 3, world_soon()), PM_OK);
    snprintf(there.file, sizeof(there.file), "%s/other.db", here->folder);
    running.to = open_new(&there);
    assert_int_equal(pm_store_walk(store, &walk, world_soon()), PM_OK);
    world_same(world_dump(running.to, here->arena), world_dump(store, here->arena), 0);
    pm_store_close(running.to);
    pm_store_close(store);
    place_clear(&there);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PLACE(every_order_of_arrival_gives_the_same_memory),
        IN_PLACE(mail_that_comes_twice_changes_nothing),
        IN_PLACE(mail_that_comes_at_once_gives_the_same_memory),
        IN_PLACE(what_a_walk_finds_makes_the_same_memory_elsewhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
