/* SPDX-License-Identifier: BSD-2-Clause */
/* turn_test - who waits for whom among letters that are examined at the same time. */
#include "clock.h"
#include "turn.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#define LONG_US  (60 * 1000 * 1000) /* never to be reached, however slow the machine */
#define SHORT_US 20000

#define ANN "ann@example.org", "Ann Author"
#define BOB "bob@example.org", "Bob Builder"

/* A letter: its id, what it answers, and who says something of a series with it. */
typedef struct letter {
    const char *id, *answers, *address, *name;
} letter;

static pm_slice slice(const char *text)
{
    return pm_slice_of(text == NULL ? "" : text);
}

static pm_turn turn_of(const letter *of)
{
    pm_turn made;

    pm_turn_of(&made, slice(of->id));
    pm_turn_answers(&made, slice(of->answers));
    pm_turn_is_by(&made, slice(of->address), slice(of->name));
    return made;
}

/* ---- One that comes behind another ---- */

typedef struct scene {
    pm_turns *turns;
    pm_turn first, second;
    bool adds;        /* the second: it waits for its author's others, too */
    bool saw_others;  /* what it was told then */
    atomic_bool ends; /* the first, from then on the second may go on */
    atomic_bool came_too_soon;
    pthread_t thread;
} scene;

static void *come_behind(void *context)
{
    scene *of = context;

    pm_turn_take(of->turns, &of->second, pm_clock_us() + LONG_US);
    if (of->adds)
        of->saw_others = pm_turn_adds(of->turns, &of->second, pm_clock_us() + LONG_US);
    atomic_store(&of->came_too_soon, !atomic_load(&of->ends));
    pm_turn_end(of->turns, &of->second);
    return NULL;
}

static void begin(scene *of, const letter *first, const letter *second)
{
    of->turns = pm_turns_new();
    assert_non_null(of->turns);
    of->first = turn_of(first);
    of->second = turn_of(second);
    pm_turn_take(of->turns, &of->first, pm_clock_us() + LONG_US);
    assert_int_equal(pthread_create(&of->thread, NULL, come_behind, of), 0);
}

static void end(scene *of)
{
    pm_turn_end(of->turns, &of->first);
    pthread_join(of->thread, NULL);
    pm_turns_free(of->turns);
}

static void waits(const letter *first, const letter *second, bool adds)
{
    scene of = {.adds = adds};

    begin(&of, first, second);
    usleep(SHORT_US); /* time enough to come too soon */
    atomic_store(&of.ends, true);
    end(&of);
    assert_false(of.came_too_soon);
    assert_int_equal(of.saw_others, adds);
}

/* It would wait for ever otherwise: the first one ends behind it. */
static void does_not_wait(const letter *first, const letter *second, bool adds)
{
    scene of = {.adds = adds};

    begin(&of, first, second);
    pthread_join(of.thread, NULL);
    assert_true(of.came_too_soon);
    assert_false(of.saw_others);
    pm_turn_end(of.turns, &of.first);
    pm_turns_free(of.turns);
}

static const letter cover = {"cover@example.org", NULL, ANN},
                    patch = {"patch1@example.org", "cover@example.org", ANN},
                    next = {"patch2@example.org", "cover@example.org", ANN},
                    reply = {"reply1@example.org", "cover@example.org", NULL, NULL},
                    another_reply = {"reply2@example.org", "cover@example.org", NULL, NULL},
                    of_bob = {"other@example.org", NULL, BOB},
                    of_anns_other_address = {"v2@example.org", NULL, "ann@example.net",
                                             "Ann Author"};

static void a_letter_waits_for_the_one_it_answers(void **state)
{
    (void)state;
    waits(&cover, &patch, false);
    waits(&cover, &reply, false);
    waits(&cover, &cover, false); /* it came from two lists at once */
}

static void a_letter_waits_for_those_that_answer_it(void **state)
{
    (void)state;
    waits(&patch, &cover, false);
    waits(&reply, &cover, false);
}

static void what_adds_to_a_series_waits_for_others_that_may(void **state)
{
    (void)state;
    does_not_wait(&patch, &next, false);
    waits(&patch, &next, true);
    waits(&cover, &of_anns_other_address, true);
}

static void replies_and_others_series_are_not_waited_for(void **state)
{
    (void)state;
    does_not_wait(&reply, &another_reply, true);
    does_not_wait(&reply, &next, true);
    does_not_wait(&cover, &of_bob, true);
}

static void who_adds_nothing_is_not_waited_for_any_longer(void **state)
{
    scene of = {.adds = true};

    (void)state;
    begin(&of, &patch, &next);
    usleep(SHORT_US);
    atomic_store(&of.ends, true);
    pm_turn_adds_nothing(of.turns, &of.first);
    pthread_join(of.thread, NULL);
    assert_false(of.came_too_soon);
    pm_turn_end(of.turns, &of.first);
    pm_turns_free(of.turns);
}

static void who_has_waited_long_enough_goes_on(void **state)
{
    pm_turns *turns = pm_turns_new();
    pm_turn first = turn_of(&cover), second = turn_of(&patch), third = turn_of(&reply);

    (void)state;
    assert_non_null(turns);
    pm_turn_take(turns, &first, pm_clock_us() + LONG_US);
    pm_turn_take(turns, &second, pm_clock_us() + SHORT_US);
    pm_turn_take(turns, &third, 0);
    pm_turn_end(turns, &second); /* in any order */
    pm_turn_end(turns, &first);
    pm_turn_end(turns, &third);
    pm_turns_free(turns);
}

/* What it has looked up in between lacks what the first one added. */
static void who_ends_before_one_asks_for_more_is_told_of(void **state)
{
    pm_turns *turns = pm_turns_new();
    pm_turn first = turn_of(&patch), second = turn_of(&next), third = turn_of(&of_bob);

    (void)state;
    assert_non_null(turns);
    pm_turn_take(turns, &first, 0);
    pm_turn_take(turns, &second, 0);
    pm_turn_take(turns, &third, 0);
    pm_turn_end(turns, &first);
    assert_true(pm_turn_adds(turns, &second, pm_clock_us() + LONG_US));
    assert_false(pm_turn_adds(turns, &third, pm_clock_us() + LONG_US));
    pm_turn_end(turns, &second);
    pm_turn_end(turns, &third);
    pm_turns_free(turns);
}

/* ---- A crowd ---- */

#define CROWD  8
#define ROUNDS 200

typedef struct crowd {
    pm_turns *turns;
    unsigned inside; /* plain: turns alone keep two from changing it at once */
    unsigned passed;
} crowd;

static void *pass(void *context)
{
    crowd *of = context;

    for (unsigned i = 0; i < ROUNDS; i++) {
        pm_turn mine = turn_of(&cover);

        pm_turn_take(of->turns, &mine, pm_clock_us() + LONG_US);
        of->inside++;
        of->passed += of->inside == 1;
        of->inside--;
        pm_turn_end(of->turns, &mine);
    }
    return NULL;
}

static void a_crowd_goes_through_one_by_one(void **state)
{
    crowd of = {.turns = pm_turns_new()};
    pthread_t threads[CROWD];

    (void)state;
    assert_non_null(of.turns);
    for (unsigned i = 0; i < CROWD; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, pass, &of), 0);
    for (unsigned i = 0; i < CROWD; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(of.passed, CROWD * ROUNDS);
    pm_turns_free(of.turns);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_letter_waits_for_the_one_it_answers),
        cmocka_unit_test(a_letter_waits_for_those_that_answer_it),
        cmocka_unit_test(what_adds_to_a_series_waits_for_others_that_may),
        cmocka_unit_test(replies_and_others_series_are_not_waited_for),
        cmocka_unit_test(who_adds_nothing_is_not_waited_for_any_longer),
        cmocka_unit_test(who_has_waited_long_enough_goes_on),
        cmocka_unit_test(who_ends_before_one_asks_for_more_is_told_of),
        cmocka_unit_test(a_crowd_goes_through_one_by_one),
    };

    return cmocka_run_group_tests_name("turn", tests, NULL, NULL);
}
