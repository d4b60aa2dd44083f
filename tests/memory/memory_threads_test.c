/* SPDX-License-Identifier: BSD-2-Clause */
/* memory_threads_test - which series a letter belongs to, in whatever order they come. */
#include "scene.h"

#include "strbuf.h"

#include <stdlib.h>

static int set_up(void **state)
{
    *state = scene_new();
    return 0;
}

static int tear_down(void **state)
{
    scene_verify(*state);
    scene_free(*state);
    return 0;
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- Order ---- */

#define RUN "20260105100000.4711-"

static const letter cog[] = {
    {.id = RUN "1-ann@example.org",
     "[PATCH v2 0/3] cog: turn faster",
     .body = SHORTLOG("3", "  cog: oil\n  cog: grease\n  cog: spin") DIFFSTAT("drivers/cog/a.c")},
    {.id = RUN "2-ann@example.org",
     "[PATCH v2 1/3] cog: oil",
     .minute = 1,
     .answers = RUN "1-ann@example.org",
     .body = DIFF("drivers/cog/a.c")},
    {.id = RUN "3-ann@example.org",
     "[PATCH v2 2/3] cog: grease",
     .minute = 1,
     .answers = RUN "1-ann@example.org",
     .body = DIFF("drivers/cog/a.c")},
    {.id = RUN "4-ann@example.org",
     "[PATCH v2 3/3] cog: spin",
     .minute = 1,
     .answers = RUN "1-ann@example.org",
     .body = DIFF("drivers/cog/a.c")},
};
#define COG RUN "1-ann@example.org"

static void is_one_series(scene *list, const letter *letters, size_t count, const char *series)
{
    assert_int_equal(scene_count(list), 1);
    for (size_t i = 0; i < count; i++)
        is_text(scene_series(list, letters[i].id), series);
}

static void send_in_order(scene *list, const letter *letters, const unsigned *order, size_t count)
{
    scene_forget(list);
    for (size_t i = 0; i < count; i++)
        (void)scene_send(list, &letters[order[i]]);
}

static void a_series_is_one_in_every_order_of_arrival(void **state)
{
    static const unsigned orders[][4] = {{0, 1, 2, 3}, {1, 0, 2, 3}, {3, 2, 1, 0},
                                         {1, 2, 3, 0}, {2, 0, 3, 1}, {3, 0, 1, 2}};

    for (size_t i = 0; i < COUNT(orders); i++) {
        const pm_series *known;

        send_in_order(*state, cog, orders[i], 4);
        is_one_series(*state, cog, 4, COG);
        known = scene_known(*state, COG);
        says(known->title, "cog: turn faster");
        assert_int_equal(known->rank, 0);
        assert_int_equal(known->title_count, 3);
        assert_int_equal(known->total, 3);
        says(known->inbox, "cog");
    }
}

static void a_patch_names_the_series_before_its_cover_comes(void **state)
{
    const pm_outcome *outcome = scene_send(*state, &cog[2]);

    says(outcome->series, COG);
    outcome = scene_send(*state, &cog[0]);
    says(outcome->series, COG);
}

static void a_missing_patch_leaves_the_others_together(void **state)
{
    static const unsigned order[] = {3, 0, 1};

    send_in_order(*state, cog, order, 3);
    assert_int_equal(scene_count(*state), 1);
    is_text(scene_series(*state, cog[2].id), "");
    assert_int_equal(scene_known(*state, COG)->title_count, 3); /* the cover names it */
}

static void what_comes_twice_is_remembered_once(void **state)
{
    pm_slice before, after;

    SEND(*state, cog);
    before = scene_dump(*state);
    SEND(*state, cog);
    after = scene_dump(*state);
    if (!pm_slice_equal(before, after))
        fail_msg("before:\n%.*s\nafter:\n%.*s", PM_FMT(before), PM_FMT(after));
}

/* ---- Threading ---- */

#define ID(n) "random" n "@mailer.example.org"

static const letter deep[] = {
    {.id = ID("0"), "[PATCH 0/3] cog: turn", .body = DIFFSTAT("drivers/cog/a.c")},
    {.id = ID("1"), "[PATCH 1/3] cog: oil", .answers = ID("0"), .body = DIFF("drivers/cog/a.c")},
    {.id = ID("2"),
     "[PATCH 2/3] cog: grease",
     .answers = ID("1"),
     .thread = ID("0") " " ID("1"),
     .body = DIFF("drivers/cog/a.c")},
    {.id = ID("3"),
     "[PATCH 3/3] cog: spin",
     .answers = ID("2"),
     .thread = ID("0") " " ID("1") " " ID("2"),
     .body = DIFF("drivers/cog/a.c")},
};

static void each_patch_may_answer_the_one_before_it(void **state)
{
    static const unsigned orders[][4] = {{0, 1, 2, 3}, {3, 2, 1, 0}, {2, 3, 0, 1}, {1, 3, 2, 0}};

    for (size_t i = 0; i < COUNT(orders); i++) {
        send_in_order(*state, deep, orders[i], 4);
        is_one_series(*state, deep, 4, ID("0"));
    }
}

static void patches_without_a_cover_belong_to_the_first(void **state)
{
    static const letter coverless[] = {
        {.id = RUN "1-ann@example.org", "[PATCH 1/3] cog: oil", .body = DIFF("drivers/cog/a.c")},
        {.id = RUN "2-ann@example.org",
         "[PATCH 2/3] cog: grease",
         .answers = RUN "1-ann@example.org",
         .body = DIFF("drivers/cog/a.c")},
        {.id = RUN "3-ann@example.org",
         "[PATCH 3/3] cog: spin",
         .answers = RUN "1-ann@example.org",
         .body = DIFF("drivers/cog/a.c")},
    };
    static const unsigned orders[][3] = {{0, 1, 2}, {2, 1, 0}, {1, 0, 2}, {2, 0, 1}};

    for (size_t i = 0; i < COUNT(orders); i++) {
        send_in_order(*state, coverless, orders[i], 3);
        is_one_series(*state, coverless, 3, RUN "1-ann@example.org");
        says(scene_known(*state, RUN "1-ann@example.org")->title, "cog: oil");
    }
}

static const letter unthreaded[] = {
    {.id = ID("0"),
     "[PATCH 0/3] cog: turn",
     .body = SHORTLOG("3", "  cog: oil\n  cog: grease\n  cog: spin")},
    {.id = ID("1"), "[PATCH 1/3] cog: oil", .minute = 1, .body = DIFF("drivers/cog/a.c")},
    {.id = ID("2"), "[PATCH 2/3] cog: grease", .minute = 2, .body = DIFF("drivers/cog/a.c")},
    {.id = ID("3"), "[PATCH 3/3] cog: spin", .minute = 3, .body = DIFF("drivers/cog/a.c")},
};

static void no_threading_at_all_is_mended_by_author_and_time(void **state)
{
    static const unsigned orders[][4] = {{0, 1, 2, 3}, {3, 2, 1, 0}, {2, 3, 0, 1},
                                         {1, 2, 3, 0}, {2, 1, 3, 0}, {3, 0, 2, 1}};

    for (size_t i = 0; i < COUNT(orders); i++) {
        send_in_order(*state, unthreaded, orders[i], 4);
        is_one_series(*state, unthreaded, 4, ID("0"));
    }
}

static void no_threading_and_no_cover_is_called_after_the_lowest_part(void **state)
{
    static const unsigned orders[][3] = {{1, 2, 3}, {3, 2, 1}, {2, 3, 1}, {3, 1, 2}};

    for (size_t i = 0; i < COUNT(orders); i++) {
        send_in_order(*state, unthreaded, orders[i], 3);
        is_one_series(*state, unthreaded + 1, 3, ID("1"));
    }
}

static void unthreaded_parts_from_another_hour_are_another_series(void **state)
{
    static const letter later[] = {
        {.id = ID("8"), "[PATCH 1/3] cog: oil", .minute = 90, .body = DIFF("drivers/cog/a.c")},
        {.id = ID("9"), "[PATCH 2/3] cog: grease", .minute = 91, .body = DIFF("drivers/cog/a.c")},
    };

    SEND(*state, unthreaded);
    SEND(*state, later);
    assert_int_equal(scene_count(*state), 2);
    is_text(scene_series(*state, ID("9")), ID("8"));
}

static void a_cover_takes_only_patches_that_its_shortlog_names(void **state)
{
    static const letter other[] = {
        {.id = ID("a"), "[PATCH 1/3] wheel: round", .minute = 1, .body = DIFF("drivers/wheel/a.c")},
    };

    SEND(*state, other);
    SEND(*state, unthreaded);
    is_text(scene_series(*state, ID("a")), ID("a"));
    is_text(scene_series(*state, ID("2")), ID("0"));
}

static void two_series_of_one_author_may_be_interleaved(void **state)
{
#define LEFT(n)  "20260105100000.1-" n "-ann@example.org"
#define RIGHT(n) "20260105100100.2-" n "-ann@example.org"
    static const letter both[] = {
        {.id = LEFT("2"), "[PATCH 1/2] cog: oil", .answers = LEFT("1")},
        {.id = RIGHT("2"), "[PATCH 1/2] wheel: round", .answers = RIGHT("1")},
        {.id = RIGHT("1"), "[PATCH 0/2] wheel: roll", .minute = 1},
        {.id = LEFT("1"), "[PATCH 0/2] cog: turn"},
        {.id = RIGHT("3"), "[PATCH 2/2] wheel: smooth", .answers = RIGHT("1")},
        {.id = LEFT("3"), "[PATCH 2/2] cog: grease", .answers = LEFT("1")},
    };

    SEND(*state, both);
    assert_int_equal(scene_count(*state), 2);
    for (size_t i = 0; i < COUNT(both); i++)
        is_text(scene_series(*state, both[i].id), both[i].id[15] == '1' ? LEFT("1") : RIGHT("1"));
}

static void two_unthreaded_series_of_one_author_go_by_their_runs(void **state)
{
    static const letter both[] = {
        {.id = LEFT("1"), "[PATCH 1/2] cog: oil"},
        {.id = RIGHT("1"), "[PATCH 1/2] wheel: round", .minute = 1},
        {.id = LEFT("2"), "[PATCH 2/2] cog: grease"},
        {.id = RIGHT("2"), "[PATCH 2/2] wheel: smooth", .minute = 1},
    };

    SEND(*state, both);
    is_text(scene_series(*state, LEFT("2")), LEFT("1"));
    is_text(scene_series(*state, RIGHT("2")), RIGHT("1"));
}

/* ---- Revisions that the subjects do not agree on ---- */

static void check_one_series_in_every_order(scene *list, const letter letters[3])
{
    static const unsigned orders[][3] = {{0, 1, 2}, {1, 0, 2}, {2, 1, 0}, {1, 2, 0}};

    for (size_t i = 0; i < COUNT(orders); i++) {
        send_in_order(list, letters, orders[i], 3);
        is_one_series(list, letters, 3, letters[0].id);
        assert_int_equal(scene_known(list, letters[0].id)->revision, 2);
    }
}

static void patches_may_leave_the_revision_to_their_cover(void **state)
{
    static const letter of_a_run[] = {
        {.id = RUN "1-ann@example.org", "[PATCH 0/2] cog: turn faster (v2)"},
        {.id = RUN "2-ann@example.org",
         "[PATCH 1/2] cog: oil",
         .minute = 1,
         .answers = RUN "1-ann@example.org",
         .body = DIFF("drivers/cog/a.c")},
        {.id = RUN "3-ann@example.org",
         "[PATCH 2/2] cog: grease",
         .minute = 1,
         .answers = RUN "1-ann@example.org",
         .body = DIFF("drivers/cog/a.c")},
    };
    static const letter of_a_mailer[] = {
        {.id = ID("0"), "[PATCH 0/2] cog: turn faster (v2)"},
        {.id = ID("1"), "[PATCH 1/2] cog: oil", .answers = ID("0"), .body = DIFF("drivers/a.c")},
        {.id = ID("2"), "[PATCH 2/2] cog: spin", .answers = ID("0"), .body = DIFF("drivers/a.c")},
    };

    check_one_series_in_every_order(*state, of_a_run);
    check_one_series_in_every_order(*state, of_a_mailer);
}

static void the_only_patch_belongs_to_its_cover(void **state)
{
    static const letter letters[] = {
        {.id = RUN "1-ann@example.org",
         "[PATCH 0/1] cog: turn faster",
         .body = SHORTLOG("1", "  cog: oil") DIFFSTAT("drivers/cog/a.c")},
        {.id = RUN "2-ann@example.org",
         "[PATCH 1/1] cog: oil",
         .minute = 1,
         .answers = RUN "1-ann@example.org",
         .body = DIFF("drivers/cog/a.c")},
        {.id = "answer@home.example.net",
         "Re: [PATCH 1/1] cog: oil",
         "Carl Critic <carl@home.example.net>",
         60,
         RUN "2-ann@example.org",
         RUN "1-ann@example.org " RUN "2-ann@example.org"},
    };
    static const unsigned orders[][3] = {{0, 1, 2}, {1, 0, 2}, {2, 1, 0}, {1, 2, 0}, {0, 2, 1}};

    for (size_t i = 0; i < COUNT(orders); i++) {
        const pm_series *known;

        send_in_order(*state, letters, orders[i], 3);
        is_one_series(*state, letters, 3, letters[0].id);
        assert_int_equal(scene_part(*state, letters[1].id), 1);
        known = scene_known(*state, letters[0].id);
        says(known->title, "cog: turn faster");
        assert_int_equal(known->claim_count, 0);
    }
}

static void an_only_patch_that_answers_something_else_is_a_series(void **state)
{
    static const letter lone = {.id = "lone@mailer.example.org",
                                "[PATCH 1/1] cog: mend",
                                .minute = 60,
                                .answers = COG,
                                .body = DIFF("drivers/cog/a.c")};

    SEND(*state, cog);
    says(scene_send(*state, &lone)->series, "lone@mailer.example.org");
    assert_int_equal(scene_count(*state), 2);
}

static void patches_of_one_run_are_one_series_whatever_their_cover_forgot(void **state)
{
    static const letter letters[] = {
        {.id = RUN "1-ann@example.org", "[PATCH 0/2] cog: turn faster"},
        {.id = RUN "2-ann@example.org",
         "[PATCH v2 1/2] cog: oil",
         .minute = 1,
         .answers = RUN "1-ann@example.org",
         .body = DIFF("drivers/cog/a.c")},
    };
    static const unsigned orders[][2] = {{0, 1}, {1, 0}};

    for (size_t i = 0; i < COUNT(orders); i++) {
        send_in_order(*state, letters, orders[i], 2);
        is_one_series(*state, letters, 2, letters[0].id);
    }
}

/* ---- Series in the threads of others ---- */

#define OTHER(n) "20260107100000.99-" n "-bob@example.org"
#define BOB      "Bob Builder <bob@example.org>"

static const letter in_reply[] = {
    {.id = OTHER("1"), "[PATCH v2 0/3] cog: another way", BOB, 2880, .answers = COG},
    {.id = OTHER("2"),
     "[PATCH v2 1/3] cog: belt",
     BOB,
     2880,
     .answers = OTHER("1"),
     .thread = COG " " OTHER("1")},
    {.id = OTHER("3"),
     "[PATCH v2 2/3] cog: chain",
     BOB,
     2880,
     .answers = OTHER("1"),
     .thread = COG " " OTHER("1")},
    {.id = OTHER("4"),
     "[PATCH v2 3/3] cog: rope",
     BOB,
     2880,
     .answers = OTHER("1"),
     .thread = COG " " OTHER("1")},
};

static void a_patch_of_somebody_else_below_a_cover_is_not_the_covers(void **state)
{
    static const letter other = {.id = "another@mailer.example.org",
                                 "[PATCH 1/3] cog: oil differently",
                                 BOB,
                                 60,
                                 .answers = COG,
                                 .body = DIFF("drivers/cog/a.c")};

    SEND(*state, cog);
    (void)scene_send(*state, &other);
    assert_int_equal(scene_count(*state), 2);
}

static void a_series_sent_as_a_reply_is_a_series_of_its_own(void **state)
{
    static const unsigned orders[][4] = {{0, 1, 2, 3}, {3, 2, 1, 0}, {1, 0, 3, 2}};

    for (size_t i = 0; i < COUNT(orders); i++) {
        scene_forget(*state);
        SEND(*state, cog);
        for (size_t at = 0; at < 4; at++)
            (void)scene_send(*state, &in_reply[orders[i][at]]);
        assert_int_equal(scene_count(*state), 2);
        for (size_t at = 0; at < 4; at++)
            is_text(scene_series(*state, in_reply[at].id), OTHER("1"));
        assert_int_equal(scene_known(*state, COG)->title_count, 3);
    }
}

static void a_series_sent_as_a_reply_may_be_longer_than_what_it_answers(void **state)
{
    scene *list = *state;
    char id[64], subject[64];

    SEND(list, cog);
    for (unsigned n = 25; n >= 1; n--) {
        snprintf(id, sizeof(id), OTHER("%u"), n + 1);
        snprintf(subject, sizeof(subject), "[PATCH %02u/25] cog: step %u", n, n);
        (void)scene_send(list,
                         &(letter){.id = id, subject, BOB, 2880, OTHER("1"), COG " " OTHER("1")});
    }
    (void)scene_send(list, &(letter){.id = OTHER("1"), "[PATCH 00/25] cog: steps", BOB, 2880, COG});
    assert_int_equal(scene_count(list), 2);
    for (unsigned n = 1; n <= 25; n++) {
        snprintf(id, sizeof(id), OTHER("%u"), n + 1);
        is_text(scene_series(list, id), OTHER("1"));
        assert_int_equal(scene_part(list, id), n);
    }
    assert_int_equal(scene_known(list, COG)->title_count, 3);
}

#define V3 "20260109100000.5-"

static void check_v3_below_v2(scene *list, const letter *v3, size_t count)
{
    static const unsigned forwards[] = {0, 1, 2}, backwards[] = {2, 1, 0};
    const unsigned *const orders[] = {forwards, backwards};

    for (size_t i = 0; i < COUNT(orders); i++) {
        scene_forget(list);
        SEND(list, cog);
        for (size_t at = 0; at < count; at++)
            (void)scene_send(list, &v3[orders[i][at]]);
        assert_int_equal(scene_count(list), 2);
        for (size_t at = 0; at < count; at++)
            is_text(scene_series(list, v3[at].id), V3 "1-ann@example.org");
        is_text(scene_supersedes(list, V3 "1-ann@example.org"), COG);
    }
}

static void a_revision_may_hang_below_the_one_before(void **state)
{
    static const letter shallow[] = {
        {.id = V3 "1-ann@example.org",
         "[PATCH v3 0/2] cog: turn faster",
         .minute = 5760,
         .answers = COG},
        {.id = V3 "2-ann@example.org",
         "[PATCH v3 1/2] cog: oil",
         .minute = 5760,
         .answers = V3 "1-ann@example.org",
         .thread = COG " " V3 "1-ann@example.org"},
        {.id = V3 "3-ann@example.org",
         "[PATCH v3 2/2] cog: spin",
         .minute = 5760,
         .answers = V3 "1-ann@example.org",
         .thread = COG " " V3 "1-ann@example.org"},
    };

    check_v3_below_v2(*state, shallow, COUNT(shallow));
}

static void a_revision_may_hang_deep_below_the_one_before(void **state)
{
    static const letter chained[] = {
        {.id = V3 "1-ann@example.org",
         "[PATCH v3 0/2] cog: turn faster",
         .minute = 5760,
         .answers = RUN "3-ann@example.org",
         .thread = COG " " RUN "3-ann@example.org"},
        {.id = V3 "2-ann@example.org",
         "[PATCH v3 1/2] cog: oil",
         .minute = 5760,
         .answers = V3 "1-ann@example.org",
         .thread = COG " " RUN "3-ann@example.org " V3 "1-ann@example.org"},
        {.id = V3 "3-ann@example.org",
         "[PATCH v3 2/2] cog: spin",
         .minute = 5760,
         .answers = V3 "2-ann@example.org",
         .thread = COG " " RUN "3-ann@example.org " V3 "1-ann@example.org " V3 "2-ann@example.org"},
    };

    check_v3_below_v2(*state, chained, COUNT(chained));
}

static void a_revision_without_a_cover_below_the_one_before_is_its_own(void **state)
{
    static const letter coverless[] = {
        {.id = V3 "1-ann@example.org", "[PATCH v3 1/2] cog: oil", .minute = 5760, .answers = COG},
        {.id = V3 "2-ann@example.org",
         "[PATCH v3 2/2] cog: spin",
         .minute = 5760,
         .answers = V3 "1-ann@example.org",
         .thread = COG " " V3 "1-ann@example.org"},
    };

    SEND(*state, cog);
    SEND(*state, coverless);
    assert_int_equal(scene_count(*state), 2);
    is_text(scene_series(*state, V3 "2-ann@example.org"), V3 "1-ann@example.org");
}

static void a_partial_re_roll_belongs_to_its_series(void **state)
{
    static const letter again[] = {
        {.id = "again@example.org",
         "[PATCH v2.1 2/3] cog: grease",
         .minute = 60,
         .answers = RUN "3-ann@example.org",
         .thread = COG " " RUN "3-ann@example.org"},
    };

    SEND(*state, cog);
    SEND(*state, again);
    assert_int_equal(scene_count(*state), 1);
    is_text(scene_series(*state, "again@example.org"), COG);
    assert_int_equal(scene_part(*state, "again@example.org"), 2);
}

static void many_patches_may_come_in_two_batches(void **state)
{
    scene *list = *state;
    char id[64], subject[64];

    /* git send-email was interrupted, and run again with --in-reply-to: its ids begin anew. */
    (void)scene_send(list,
                     &(letter){.id = LEFT("1"), .subject = "[PATCH 000/370] cog: everything"});
    for (unsigned n = 1; n <= 370; n++) {
        snprintf(id, sizeof(id), n <= 200 ? LEFT("%u") : RIGHT("%u"), n <= 200 ? n + 1 : n - 200);
        snprintf(subject, sizeof(subject), "[PATCH %03u/370] cog: part %u", n, n);
        (void)scene_send(list, &(letter){.id = id,
                                         .subject = subject,
                                         .minute = n <= 200 ? 0 : 120,
                                         .answers = LEFT("1")});
        is_text(scene_series(list, id), LEFT("1"));
    }
    assert_int_equal(scene_count(list), 1);
    assert_int_equal(scene_known(list, LEFT("1"))->total, 370);
}

static void a_list_that_rewrites_from_changes_nothing(void **state)
{
    static const letter via[] = {
        {.id = ID("1"),
         "[PATCH 1/2] cog: oil",
         "Ann Author via Dev <dev@example.org>",
         .headers = "Reply-To: Ann Author <ann@example.org>\n",
         .body = DIFF("drivers/cog/a.c")},
        {.id = ID("x"),
         "[PATCH 1/2] wheel: round",
         "Bob Builder via Dev <dev@example.org>",
         .headers = "X-Original-From: Bob Builder <bob@example.org>\n"},
        {.id = ID("2"),
         "[PATCH 2/2] cog: grease",
         "Ann Author via Dev <dev@example.org>",
         .headers = "Reply-To: Ann Author <ann@example.org>\n",
         .body = DIFF("drivers/cog/a.c")},
        {.id = ID("0"),
         "[PATCH 0/2] cog: turn",
         .body = SHORTLOG("2", "  cog: oil\n  cog: grease")},
    };

    SEND(*state, via);
    assert_int_equal(scene_count(*state), 2);
    is_text(scene_series(*state, ID("1")), ID("0"));
    is_text(scene_series(*state, ID("2")), ID("0"));
    is_text(scene_series(*state, ID("x")), ID("x"));
    says(scene_known(*state, ID("x"))->author, "bob@example.org");
}

/* ---- Replies ---- */

#define REPLY(n) "reply" n "@home.example.net"
#define CARL     "Carl Critic <carl@home.example.net>"
#define MONTHS   (200 * 24 * 60)

static void a_reply_inherits_ten_hops_deep_and_months_later(void **state)
{
    scene *list = *state;
    const pm_outcome *outcome = NULL;
    char ids[12][40] = {RUN "2-ann@example.org"}, thread[600] = COG " " RUN "2-ann@example.org";

    SEND(list, cog);
    for (int hop = 1; hop <= 10; hop++) {
        snprintf(ids[hop], sizeof(ids[hop]), REPLY("%d"), hop);
        outcome = scene_send(list, &(letter){.id = ids[hop],
                                             .subject = "Re: [PATCH v2 1/3] cog: oil",
                                             .from = CARL,
                                             .minute = MONTHS + hop,
                                             .answers = ids[hop - 1],
                                             .thread = thread});
        strcat(thread, " ");
        strcat(thread, ids[hop]);
    }
    says(outcome->series, COG);
    says(outcome->project, "widget");
    says(outcome->inbox, "cog.widget");
    assert_int_equal(scene_part(list, ids[10]), -1);
    assert_int_equal(scene_known(list, COG)->last_seen - scene_known(list, COG)->date,
                     60 * (MONTHS + 10));
}

static void a_reply_inherits_when_only_the_far_end_of_its_thread_is_known(void **state)
{
    static const letter far = {.id = REPLY("9"),
                               "Re: cog",
                               CARL,
                               MONTHS,
                               REPLY("8"),
                               COG " " REPLY("6") " " REPLY("7") " " REPLY("8")};

    SEND(*state, cog);
    says(scene_send(*state, &far)->inbox, "cog.widget");
    is_text(scene_series(*state, REPLY("9")), COG);
}

static void a_reply_without_in_reply_to_climbs_its_references(void **state)
{
    static const letter reply = {.id = REPLY("1"),
                                 "Re: [PATCH v2 1/3] cog: oil",
                                 CARL,
                                 60,
                                 NULL,
                                 COG " " RUN "2-ann@example.org"};

    SEND(*state, cog);
    says(scene_send(*state, &reply)->series, COG);
}

static void a_reply_without_references_climbs_in_reply_to(void **state)
{
    static const letter replies[] = {
        {.id = REPLY("2"), "Re: [PATCH v2 1/3] cog: oil", CARL, 61, REPLY("1"), ""},
        {.id = REPLY("3"), "Re: [PATCH v2 1/3] cog: oil", BOB, 62, REPLY("2"), ""},
        {.id = REPLY("1"), "Re: [PATCH v2 1/3] cog: oil", BOB, 60, RUN "2-ann@example.org", ""},
    };

    SEND(*state, cog);
    SEND(*state, replies);
    for (size_t i = 0; i < COUNT(replies); i++)
        is_text(scene_series(*state, replies[i].id), COG);
    assert_int_equal(scene_count(*state), 1);
}

static void a_reply_to_something_unknown_says_so_and_goes_by_its_own_words(void **state)
{
    static const letter reply = {.id = REPLY("1"),
                                 "Re: [PATCH 1/2] cog: oil",
                                 CARL,
                                 60,
                                 "never@example.org",
                                 NULL,
                                 NULL,
                                 "> diff --git a/drivers/cog/a.c b/drivers/cog/a.c\n"
                                 "> --- a/drivers/cog/a.c\n> +++ b/drivers/cog/a.c\nNo.\n"};
    const pm_outcome *outcome = scene_send(*state, &reply);
    const pm_found *unknown = pm_facts_nth(outcome->facts, PM_LIT("thread.unknown"), 0);

    assert_non_null(unknown);
    says(unknown->reason, "answers a message that is not remembered <never@example.org>");
    says(outcome->project, "widget");
    says(outcome->series, "never@example.org");
}

static void a_reply_that_answers_nothing_belongs_to_no_series(void **state)
{
    static const letter reply = {.id = REPLY("1"), "Re: [PATCH 1/2] cog: oil", CARL};

    says(scene_send(*state, &reply)->series, "");
    is_text(scene_series(*state, REPLY("1")), "");
}

static void replies_may_come_before_all_that_they_answer(void **state)
{
    static const letter replies[] = {
        {.id = REPLY("2"),
         "Re: [PATCH v2 1/3] cog: oil",
         BOB,
         70,
         REPLY("1"),
         COG " " RUN "2-ann@example.org " REPLY("1")},
        {.id = REPLY("1"),
         "Re: [PATCH v2 1/3] cog: oil",
         CARL,
         60,
         RUN "2-ann@example.org",
         COG " " RUN "2-ann@example.org"},
    };

    SEND(*state, replies);
    SEND(*state, cog);
    assert_int_equal(scene_count(*state), 1);
    is_text(scene_series(*state, REPLY("1")), COG);
    is_text(scene_series(*state, REPLY("2")), COG);
}

static void a_reply_below_a_revision_that_hangs_below_another_is_that_revisions(void **state)
{
    static const letter early = {.id = REPLY("1"),
                                 "Re: [PATCH v2 1/3] cog: belt",
                                 CARL,
                                 2900,
                                 OTHER("2"),
                                 COG " " OTHER("1") " " OTHER("2")};

    SEND(*state, cog);
    says(scene_send(*state, &early)->series, OTHER("1"));
    SEND(*state, in_reply);
    is_text(scene_series(*state, REPLY("1")), OTHER("1"));
}

static void a_long_thread_keeps_its_root(void **state)
{
    scene *list = *state;
    pm_strbuf thread;

    SEND(list, cog);
    pm_strbuf_init(&thread, 1 << 20);
    pm_strbuf_add_text(&thread, COG);
    for (int i = 0; i < 190; i++)
        pm_strbuf_printf(&thread, " lost%d@home.example.net", i);
    assert_false(thread.failed);
    says(scene_send(
             list,
             &(letter){
                 .id = REPLY("1"), "Re: cog", CARL, 60, "lost189@home.example.net", thread.data})
             ->series,
         COG);
    pm_strbuf_free(&thread);
}

/* ---- Labels ---- */

static void early_patches_and_the_cover_share_their_labels(void **state)
{
    static const letter letters[] = {
        {.id = RUN "2-ann@example.org",
         "[PATCH 1/2] oil",
         .answers = COG,
         .body = DIFF("drivers/cog/a.c")},
        {.id = COG, "[PATCH 0/2] a cover that says nothing", .minute = 0},
        {.id = RUN "3-ann@example.org",
         "[PATCH 2/2] tidy",
         .answers = COG,
         .body = DIFF("core/b.c")},
    };
    scene *list = *state;

    (void)scene_send(list, &letters[0]);
    says(scene_send(list, &letters[1])->inbox, "cog.widget");
    says(scene_send(list, &letters[2])->inbox, "cog.widget");
    says(scene_known(list, COG)->inbox, "cog");
}

static void a_message_that_calls_itself_a_known_cover_takes_nothing_over(void **state)
{
    static const letter forged = {
        .id = COG, "Re: a reply with a stolen Message-ID", CARL, 60, "elsewhere@example.net"};

    SEND(*state, cog);
    (void)scene_send(*state, &forged);
    is_one_series(*state, cog, 4, COG);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(a_series_is_one_in_every_order_of_arrival),
        TEST(a_patch_names_the_series_before_its_cover_comes),
        TEST(a_missing_patch_leaves_the_others_together),
        TEST(what_comes_twice_is_remembered_once),
        TEST(each_patch_may_answer_the_one_before_it),
        TEST(patches_without_a_cover_belong_to_the_first),
        TEST(no_threading_at_all_is_mended_by_author_and_time),
        TEST(no_threading_and_no_cover_is_called_after_the_lowest_part),
        TEST(unthreaded_parts_from_another_hour_are_another_series),
        TEST(a_cover_takes_only_patches_that_its_shortlog_names),
        TEST(two_series_of_one_author_may_be_interleaved),
        TEST(two_unthreaded_series_of_one_author_go_by_their_runs),
        TEST(patches_may_leave_the_revision_to_their_cover),
        TEST(patches_of_one_run_are_one_series_whatever_their_cover_forgot),
        TEST(the_only_patch_belongs_to_its_cover),
        TEST(an_only_patch_that_answers_something_else_is_a_series),
        TEST(a_patch_of_somebody_else_below_a_cover_is_not_the_covers),
        TEST(a_series_sent_as_a_reply_is_a_series_of_its_own),
        TEST(a_series_sent_as_a_reply_may_be_longer_than_what_it_answers),
        TEST(a_revision_may_hang_below_the_one_before),
        TEST(a_revision_may_hang_deep_below_the_one_before),
        TEST(a_revision_without_a_cover_below_the_one_before_is_its_own),
        TEST(a_partial_re_roll_belongs_to_its_series),
        TEST(many_patches_may_come_in_two_batches),
        TEST(a_list_that_rewrites_from_changes_nothing),
        TEST(a_reply_inherits_ten_hops_deep_and_months_later),
        TEST(a_reply_inherits_when_only_the_far_end_of_its_thread_is_known),
        TEST(a_reply_without_in_reply_to_climbs_its_references),
        TEST(a_reply_without_references_climbs_in_reply_to),
        TEST(a_reply_to_something_unknown_says_so_and_goes_by_its_own_words),
        TEST(a_reply_that_answers_nothing_belongs_to_no_series),
        TEST(replies_may_come_before_all_that_they_answer),
        TEST(a_reply_below_a_revision_that_hangs_below_another_is_that_revisions),
        TEST(a_long_thread_keeps_its_root),
        TEST(early_patches_and_the_cover_share_their_labels),
        TEST(a_message_that_calls_itself_a_known_cover_takes_nothing_over),
    };

    return cmocka_run_group_tests_name("memory_threads", tests, NULL, NULL);
}
