/* SPDX-License-Identifier: BSD-2-Clause */
/* retention_test - what is past its time or its room goes, what was seen longest ago first. */
#include "place.h"
#include "retention.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define DAY_US INT64_C(86400000000)
#define SERIES 2000

/* One series a day, the nth on day n since 1970, each with a good deal of text. */
static void fill(place *here)
{
    for (size_t i = 0; i < SERIES; i++) {
        pm_memo memo = here->mail.memos[0];

        memo.message_id = memo.series.id = pm_print(here->arena, "%zu@example.org", i);
        memo.series.last_seen = (int64_t)i * 86400;
        assert_int_equal(pm_store_remember(here->store, &memo, world_soon()), PM_OK);
    }
}

static int make_store(void **state)
{
    place *here;

    if (place_make(state) != 0)
        return -1;
    here = *state;
    here->store = place_open(here);
    fill(here);
    return 0;
}

static bool is_known(place *here, size_t nth)
{
    pm_series series;
    pm_slice id = pm_print(here->arena, "%zu@example.org", nth);

    return pm_store_series(here->store, here->arena, id, world_soon(), &series) == PM_OK;
}

/* The first one that is remembered, all behind it being remembered too. */
static size_t first_known(place *here)
{
    size_t first = SERIES;

    while (first > 0 && is_known(here, first - 1))
        first--;
    for (size_t i = 0; i < first; i++)
        assert_false(is_known(here, i));
    return first;
}

static uint64_t count_used(place *here)
{
    uint64_t used;

    assert_int_equal(pm_store_used(here->store, world_soon(), &used), PM_OK);
    return used;
}

static off_t file_size(const place *here)
{
    struct stat file;

    assert_int_equal(stat(here->file, &file), 0);
    return file.st_size;
}

static void what_is_past_its_time_goes_and_the_rest_stays(void **state)
{
    place *here = *state;
    const pm_retention limits = {.age_us = 500 * DAY_US};
    pm_forgotten gone;

    assert_int_equal(pm_retention_enforce(here->store, &limits, SERIES * DAY_US, &gone), PM_OK);
    assert_int_equal(gone.aged, SERIES - 500);
    assert_int_equal(gone.crowded, 0);
    assert_int_equal(first_known(here), SERIES - 500);
    assert_int_equal(gone.used, count_used(here));
    assert_int_equal(pm_retention_enforce(here->store, &limits, SERIES * DAY_US, &gone), PM_OK);
    assert_int_equal(gone.aged, 0);
}

static bool is_path_known(place *here, const char *tail)
{
    pm_slice *found;
    size_t count;

    assert_int_equal(pm_store_paths(here->store, here->arena, PM_LIT("tea"), pm_slice_of(tail),
                                    world_soon(), &found, &count),
                     PM_OK);
    return count > 0;
}

static void see(place *here, const char *path, int64_t day)
{
    const pm_slice one = pm_slice_of(path);
    const pm_paths_seen seen = {PM_LIT("tea"), &one, 1, day * 86400};

    assert_int_equal(pm_store_see_paths(here->store, &seen, world_soon()), PM_OK);
}

/* A month is 30 days, and has to be over. */
static void paths_go_as_series_do_and_notes_when_they_have_expired(void **state)
{
    place *here = *state;
    const pm_retention limits = {.age_us = 500 * DAY_US};
    const int64_t now = SERIES * INT64_C(86400), limit = SERIES - 500;
    const pm_note notes[] = {{PM_LIT("tea"), PM_LIT("old"), PM_LIT("x"), now},
                             {PM_LIT("tea"), PM_LIT("new"), PM_LIT("x"), now + 1}};
    pm_forgotten gone;
    pm_slice value;

    see(here, "pot/old.c", limit / 30 * 30 - 1);
    see(here, "pot/new.c", limit / 30 * 30);
    see(here, "pot/again.c", 1);
    see(here, "pot/again.c", limit);
    assert_int_equal(pm_store_note(here->store, notes, 2, world_soon()), PM_OK);
    assert_int_equal(pm_retention_enforce(here->store, &limits, now * 1000000, &gone), PM_OK);
    assert_int_equal(gone.paths, 1);
    assert_int_equal(gone.notes, 1);
    assert_false(is_path_known(here, "old.c"));
    assert_true(is_path_known(here, "new.c"));
    assert_true(is_path_known(here, "again.c"));
    assert_int_equal(pm_store_noted(here->store, here->arena, PM_LIT("tea"), PM_LIT("old"), 0,
                                    world_soon(), &value),
                     PM_ABSENT);
    assert_int_equal(pm_store_noted(here->store, here->arena, PM_LIT("tea"), PM_LIT("new"), 0,
                                    world_soon(), &value),
                     PM_OK);
    /* What went is not taken for known. */
    see(here, "pot/old.c", limit / 30 * 30 - 1);
    assert_true(is_path_known(here, "old.c"));
}

static void a_budget_makes_a_filled_store_shrink_and_the_newest_stay(void **state)
{
    place *here = *state;
    const uint64_t before = count_used(here);
    const pm_retention limits = {.most_bytes = before / 4};
    pm_forgotten gone;
    size_t first;

    assert_int_equal(pm_retention_enforce(here->store, &limits, SERIES * DAY_US, &gone), PM_OK);
    assert_int_equal(gone.aged, 0);
    first = first_known(here);
    assert_int_equal(gone.crowded, first);
    assert_true(first > SERIES / 2);
    assert_true(first < SERIES); /* no more than needed */
    assert_true(gone.used <= limits.most_bytes);
    assert_true(gone.used > limits.most_bytes / 2);
    assert_true((uint64_t)file_size(here) < before / 2);
    assert_true(pm_store_verify(here->store, here->errors));
}

static void without_limits_nothing_goes(void **state)
{
    place *here = *state;
    const pm_retention none = {.age_us = 0},
                       wide = {.age_us = SERIES * DAY_US + DAY_US, .most_bytes = UINT64_C(1) << 40};
    pm_forgotten gone;

    assert_int_equal(pm_retention_enforce(here->store, &none, SERIES * DAY_US, &gone), PM_OK);
    assert_int_equal(pm_retention_enforce(here->store, &wide, SERIES * DAY_US, &gone), PM_OK);
    assert_int_equal(first_known(here), 0);
}

static bool twice(void *context)
{
    return ++*(unsigned *)context < 2;
}

static void it_goes_in_small_steps_and_ends_when_it_is_told_to(void **state)
{
    place *here = *state;
    unsigned pauses = 0;
    const pm_retention limits = {.age_us = DAY_US, .pause = twice, .context = &pauses};
    pm_forgotten gone;

    assert_int_equal(pm_retention_enforce(here->store, &limits, SERIES * DAY_US, &gone), PM_LATER);
    assert_int_equal(pauses, 2);
    assert_int_equal(gone.aged, 200);
    assert_int_equal(first_known(here), 200);
}

#define WITH_A_STORE(test) cmocka_unit_test_setup_teardown(test, make_store, place_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_A_STORE(what_is_past_its_time_goes_and_the_rest_stays),
        WITH_A_STORE(paths_go_as_series_do_and_notes_when_they_have_expired),
        WITH_A_STORE(a_budget_makes_a_filled_store_shrink_and_the_newest_stay),
        WITH_A_STORE(without_limits_nothing_goes),
        WITH_A_STORE(it_goes_in_small_steps_and_ends_when_it_is_told_to),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
