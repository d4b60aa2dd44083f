/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memory_at_once_test - a made-up archive that comes on many connections at once makes the memory
 * that it makes one by one: series, references, links.
 */
#include "archive.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#define ROUNDS      6
#define CONNECTIONS 8

typedef struct delivery {
    const scene *list;
    const archive *mails;
    const size_t *order;
    atomic_size_t next;
    atomic_uint bad;
} delivery;

static void *deliver(void *context)
{
    delivery *of = context;
    pm_message *message = pm_message_new(NULL);
    size_t at;

    while (message != NULL && (at = atomic_fetch_add(&of->next, 1)) < of->mails->count) {
        const size_t mail = of->order[at];
        const pm_outcome *outcome = scene_send_beside(
            of->list, message, (pm_slice){of->mails->mails[mail], of->mails->lengths[mail]});

        if (outcome == NULL || outcome->partial || outcome->memory_failed)
            atomic_fetch_add(&of->bad, 1);
    }
    if (message == NULL)
        atomic_fetch_add(&of->bad, 1);
    pm_message_free(message);
    return NULL;
}

static void deliver_on(unsigned connections, scene *list, const archive *mails, const size_t *order)
{
    delivery of = {.list = list, .mails = mails, .order = order};
    pthread_t threads[CONNECTIONS];

    for (unsigned i = 0; i < connections; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, deliver, &of), 0);
    for (unsigned i = 0; i < connections; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(of.bad, 0);
}

static void mail_that_comes_at_once_makes_the_memory_it_makes_one_by_one(void **state)
{
    scene *list = scene_new(), *printer = scene_new();
    archive mails = {0};
    size_t order[MOST_MAIL];
    uint64_t seed = 42;
    pm_arena *kept = pm_arena_new(16 << 20);
    pm_slice wanted;

    (void)state;
    archive_make(&mails, printer);
    archive_in_order(&mails, order);
    deliver_on(1, list, &mails, order);
    assert_non_null(kept);
    wanted = pm_copy(kept, scene_dump(list));
    assert_non_null(wanted.data);
    for (unsigned i = 0; i < ROUNDS; i++) {
        pm_slice got;

        scene_forget(list);
        deliver_on(CONNECTIONS, list, &mails, order); /* first as it was written: the hardest */
        scene_verify(list);
        got = scene_dump(list);
        if (!pm_slice_equal(wanted, got)) {
            archive_tell_apart(wanted, got);
            fail_msg("round %u of %zu mails ends otherwise", i, mails.count);
        }
        archive_shuffle(order, mails.count, &seed);
    }
    pm_arena_free(kept);
    pm_arena_free(mails.arena);
    scene_free(printer);
    scene_free(list);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(mail_that_comes_at_once_makes_the_memory_it_makes_one_by_one),
    };

    return cmocka_run_group_tests_name("memory_at_once", tests, NULL, NULL);
}
