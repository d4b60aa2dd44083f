/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memory_late_test - late evidence: what is told of a decision is what the same mail would get now,
 * in whatever order an archive came; and in order, nothing is late.
 */
#include "archive.h"

#include "clock.h"
#include "decision_json.h"
#include "difference.h"
#include "late_watch.h"

#define SHUFFLES 3

/* ---- Marking, and looking back ---- */

/* A list whose decisions are kept, as the daemon keeps them. */
typedef struct desk {
    scene *list;
    pm_late_watch *watch;
    pm_arena *arena;
    pm_slice lines[MOST_MAIL]; /* of decisions */
    size_t count;
    pm_strbuf told; /* lines, in the order they were told */
} desk;

static void open_desk(desk *of)
{
    *of = (desk){.list = scene_new(), .arena = pm_arena_new(256 << 20)};
    assert_non_null(of->arena);
    of->watch = pm_late_watch_new(scene_store(of->list));
    assert_non_null(of->watch);
    pm_strbuf_init(&of->told, 64 << 20);
}

static void close_desk(desk *of)
{
    pm_late_watch_free(of->watch);
    pm_strbuf_free(&of->told);
    pm_arena_free(of->arena);
    scene_free(of->list);
}

static void begin_again(desk *of)
{
    pm_late_watch_free(of->watch);
    scene_forget(of->list);
    of->watch = pm_late_watch_new(scene_store(of->list));
    assert_non_null(of->watch);
    pm_arena_reset(of->arena);
    pm_strbuf_clear(&of->told);
    of->count = 0;
}

static void watch(desk *of, const pm_outcome *outcome, const pm_decision *decision, pm_slice line)
{
    pm_slice joins[8];
    const pm_found *found;
    pm_arrival arrival = {.role = pm_decision_role(decision),
                          .line = line,
                          .message_id = outcome->letter->message_id,
                          .queue_id = PM_LIT("4XyZ"),
                          .series = outcome->series,
                          .joins = joins,
                          .delivered = true,
                          .moves = outcome->moves};

    while (arrival.join_count < 8 && (found = pm_facts_nth(outcome->facts, PM_LIT("series.joins"),
                                                           (unsigned)arrival.join_count)) != NULL)
        joins[arrival.join_count++] = found->text;
    (void)pm_late_watch_arrival(of->watch, &arrival, 1, &of->told);
    assert_false(of->told.failed);
}

static void note(desk *of, const pm_outcome *outcome)
{
    pm_decision decision;
    pm_strbuf line;

    assert_int_equal(pm_decision_read(outcome, PM_LIT("4XyZ"), 1767607200, &decision), PM_OK);
    pm_strbuf_init(&line, 1 << 20);
    pm_decision_add_json(&line, &decision);
    assert_false(line.failed);
    assert_true(of->count < MOST_MAIL);
    of->lines[of->count] = pm_copy(of->arena, pm_slice_trim(pm_strbuf_slice(&line)));
    assert_non_null(of->lines[of->count].data);
    pm_strbuf_free(&line);
    watch(of, outcome, &decision, of->lines[of->count++]);
}

static void send_to(desk *of, const letter *sent)
{
    note(of, scene_send(of->list, sent));
}

/* How the nth mail would be marked now; its decision. */
static pm_marked judge(desk *of, size_t nth, pm_decision *decision)
{
    pm_store *store = scene_store(of->list);
    const int64_t deadline = pm_clock_us() + 60000000;
    pm_marked known, now;
    pm_record record;
    pm_slice series;

    assert_int_equal(pm_record_read(of->arena, of->lines[nth], &record), PM_OK);
    assert_int_equal(record.type, PM_RECORD_DECISION);
    *decision = record.decision;
    assert_int_equal(
        pm_store_reference(store, of->arena, decision->message_id, deadline, &series, NULL), PM_OK);
    assert_int_equal(pm_late_look(store, of->arena, series, deadline, &known), PM_OK);
    assert_int_equal(pm_late_would(of->arena, decision, &known, &now), PM_OK);
    return now;
}

static unsigned difference_of(desk *of, size_t nth)
{
    pm_decision decision;
    const pm_marked now = judge(of, nth, &decision);

    return pm_marked_difference(&decision.marked, &now);
}

static void describe(const char *who, const pm_marked *marked)
{
    print_error("%s: series %.*s, %.*s, inbox %.*s, supersedes %.*s, chain %.*s, %zu:", who,
                PM_FMT(marked->series), PM_FMT(marked->project), PM_FMT(marked->inbox),
                PM_FMT(marked->supersedes), PM_FMT(marked->chain), marked->subsystem_count);
    for (size_t i = 0; i < marked->subsystem_count; i++)
        print_error(" %.*s", PM_FMT(marked->subsystems[i]));
    print_error("\n");
}

/* What was told last of a message; false: nothing was. */
static bool told_last(desk *of, pm_slice message_id, pm_late *late_out)
{
    pm_record record;
    bool any = false;

    for (pm_slice rest = pm_strbuf_slice(&of->told), line; pm_slice_next_line(&rest, &line);) {
        assert_int_equal(pm_record_read(of->arena, line, &record), PM_OK);
        assert_int_equal(record.type, PM_RECORD_LATE);
        if (!pm_slice_equal(record.late.message_id, message_id))
            continue;
        *late_out = record.late;
        any = true;
    }
    return any;
}

static size_t count_told(const desk *of)
{
    size_t count = 0;

    for (pm_slice rest = pm_strbuf_slice(&of->told), line; pm_slice_next_line(&rest, &line);)
        count++;
    return count;
}

/* ---- A made-up archive ---- */

static void send_archive(desk *of, const archive *mails, const size_t *order)
{
    begin_again(of);
    for (size_t i = 0; i < mails->count; i++)
        note(of, scene_send_bytes(of->list,
                                  (pm_slice){mails->mails[order[i]], mails->lengths[order[i]]}));
}

static void an_archive_that_came_in_order_has_nothing_late_but_covers_that_say_nothing(void **state)
{
    scene *printer = scene_new();
    archive mails = {0};
    size_t order[MOST_MAIL], late = 0;
    desk at;

    (void)state;
    open_desk(&at);
    archive_make(&mails, printer);
    for (size_t i = 0; i < mails.count; i++)
        order[i] = i;
    send_archive(&at, &mails, order);
    for (size_t i = 0; i < at.count; i++) {
        pm_decision decision;
        const pm_marked now = judge(&at, i, &decision);
        const unsigned difference = pm_marked_difference(&decision.marked, &now);

        if (difference == 0)
            continue;
        late++;
        if (!pm_slice_equal(decision.kind, PM_LIT("cover")) ||
            !pm_slice_equal(decision.marked.inbox, PM_LIT("unsorted.widget")) ||
            difference != (1u << PM_ASPECT_INBOX | 1u << PM_ASPECT_SUBSYSTEMS)) {
            describe("was", &decision.marked);
            describe("now", &now);
            fail_msg("%.*s is late", PM_FMT(decision.message_id));
        }
    }
    assert_int_equal(late, 6); /* three revisions of two sets whose covers say little */
    assert_int_equal(count_told(&at), 6);
    pm_arena_free(mails.arena);
    scene_free(printer);
    close_desk(&at);
}

/* The same mail once more: it is in the memory, and changes nothing there. */
static void compare_with_examination(desk *of, const archive *mails, const size_t *order,
                                     size_t nth)
{
    pm_decision decision, again;
    const pm_marked now = judge(of, nth, &decision);
    const pm_outcome *outcome = scene_send_bytes(
        of->list, (pm_slice){mails->mails[order[nth]], mails->lengths[order[nth]]});

    assert_int_equal(pm_decision_read(outcome, PM_LIT("4XyZ"), 1, &again), PM_OK);
    if (pm_marked_difference(&again.marked, &now) == 0)
        return;
    describe("was marked", &decision.marked);
    describe("is told   ", &now);
    describe("is marked ", &again.marked);
    fail_msg("%.*s is marked otherwise than is told", PM_FMT(decision.message_id));
}

static void compare_with_told(desk *of, size_t nth)
{
    pm_decision decision;
    const pm_marked now = judge(of, nth, &decision);
    pm_late late;
    const pm_marked *told =
        told_last(of, decision.message_id, &late) ? &late.now : &decision.marked;

    if (pm_marked_difference(told, &now) == 0)
        return;
    describe("was marked", &decision.marked);
    describe("was told  ", told);
    describe("would be  ", &now);
    fail_msg("%.*s: the last that was told is not so", PM_FMT(decision.message_id));
}

static void what_is_told_is_what_the_same_mail_would_get_now(void **state)
{
    scene *printer = scene_new();
    archive mails = {0};
    size_t order[MOST_MAIL], late = 0;
    uint64_t seed = 815;
    desk at;

    (void)state;
    open_desk(&at);
    archive_make(&mails, printer);
    for (size_t i = 0; i < mails.count; i++)
        order[i] = i;
    for (unsigned round = 0; round < SHUFFLES; round++) {
        archive_shuffle(order, mails.count, &seed);
        send_archive(&at, &mails, order);
        for (size_t i = 0; i < mails.count; i++) {
            late += difference_of(&at, i) != 0;
            compare_with_told(&at, i);
            compare_with_examination(&at, &mails, order, i);
        }
    }
    assert_true(late > mails.count); /* or this has shown nothing */
    pm_arena_free(mails.arena);
    scene_free(printer);
    close_desk(&at);
}

/* ---- One series ---- */

#define COVER "20260105100000.4711-1-ann@example.org"
#define FIRST "20260105100000.4711-2-ann@example.org"
#define REPLY "first.reply@example.net"

static const letter patch = {.id = FIRST,
                             .subject = "[PATCH 1/2] cog: Turn",
                             .answers = COVER,
                             .body = "Because.\n" DIFF("drivers/cog/turn.c")};
static const letter reply = {.id = REPLY,
                             .subject = "Re: [PATCH 1/2] cog: Turn",
                             .from = "Carl Critic <carl@example.net>",
                             .minute = 10,
                             .answers = FIRST,
                             .body = "Why?\n"};
static const letter cover = {.id = COVER,
                             .subject = "[PATCH 0/2] wheel: Turn",
                             .body =
                                 "Please have a look.\n" SHORTLOG("2", "  cog: Turn\n  wheel: Turn")
                                     DIFFSTAT("drivers/wheel/turn.c")};

static void expect_late(desk *of, const char *message_id, const char *was, const char *now)
{
    pm_late late;

    if (!told_last(of, pm_slice_of(message_id), &late))
        fail_msg("%s is not late", message_id);
    says(late.was.inbox, was);
    says(late.now.inbox, now);
    says(late.because, COVER);
    says(late.queue_id, "4XyZ");
    says(late.now.series, COVER);
}

static void a_cover_that_comes_last_is_named_as_the_reason(void **state)
{
    desk at;

    (void)state;
    open_desk(&at);
    send_to(&at, &patch);
    send_to(&at, &reply);
    assert_int_equal(count_told(&at), 0);
    send_to(&at, &cover);
    expect_late(&at, FIRST, "cog.widget", "wheel.widget");
    expect_late(&at, REPLY, "cog.widget", "wheel.widget");
    assert_int_equal(count_told(&at), 3); /* its own subsystems are its own alone now */
    send_to(&at, &cover);                 /* from another list */
    assert_int_equal(count_told(&at), 3);
    close_desk(&at);
}

/* As when the daemon is started again. */
static void what_was_told_before_is_not_told_again(void **state)
{
    const letter other = {.id = "20260105100000.4711-3-ann@example.org",
                          .subject = "[PATCH 2/2] wheel: Turn",
                          .minute = 1,
                          .answers = COVER,
                          .body = "Because.\n" DIFF("drivers/wheel/turn.c")};
    desk at;

    (void)state;
    open_desk(&at);
    send_to(&at, &patch);
    send_to(&at, &reply);
    send_to(&at, &cover);
    pm_late_watch_free(at.watch);
    at.watch = pm_late_watch_new(scene_store(at.list));
    assert_non_null(at.watch);
    for (size_t i = 0; i < at.count; i++)
        pm_late_watch_recall(at.watch, at.lines[i]);
    for (pm_slice rest = pm_strbuf_slice(&at.told), line; pm_slice_next_line(&rest, &line);)
        pm_late_watch_recall(at.watch, line);
    pm_late_watch_recall(at.watch, PM_LIT("{\"type\":\"late\",\"message_id\":\"cut off"));
    send_to(&at, &other);
    assert_int_equal(count_told(&at), 3);
    close_desk(&at);
}

static void a_first_revision_that_comes_late_is_what_the_second_supersedes(void **state)
{
    const letter first = {.id = "v1@example.org",
                          .subject = "[PATCH] cog: Oil the axle",
                          .body = "Because.\n" DIFF("drivers/cog/axle.c")};
    const letter second = {.id = "v2@example.org",
                           .subject = "[PATCH v2] cog: Oil the axle",
                           .minute = 1440,
                           .body = "Because.\n" DIFF("drivers/cog/axle.c")};
    const letter answer = {.id = "re.v2@example.org",
                           .subject = "Re: [PATCH v2] cog: Oil the axle",
                           .minute = 1450,
                           .answers = "v2@example.org"};
    pm_late late;
    desk at;

    (void)state;
    open_desk(&at);
    send_to(&at, &second);
    send_to(&at, &answer);
    send_to(&at, &first);
    assert_int_equal(count_told(&at), 2);
    assert_true(told_last(&at, PM_LIT("v2@example.org"), &late));
    says(late.was.supersedes, "");
    says(late.now.supersedes, "v1@example.org");
    says(late.was.chain, "v2@example.org");
    says(late.now.chain, "v1@example.org");
    assert_true(told_last(&at, PM_LIT("re.v2@example.org"), &late));
    says(late.now.supersedes, ""); /* a reply has no such mark */
    says(late.now.chain, "v1@example.org");
    close_desk(&at);
}

static void mail_that_is_hostile_makes_lines_that_can_be_read(void **state)
{
    static const char bytes[] = "a\"b\\c\x01\xff\n\x7f\xc3\xa9";
    const pm_slice text = {bytes, sizeof(bytes) - 1};
    const pm_word own[] = {{text, 0.1}};
    const pm_decision made = {.message_id = text,
                              .queue_id = text,
                              .kind = PM_LIT("patch"),
                              .part = -1,
                              .total = -1,
                              .marked = {.series = text, .subsystems = &text, .subsystem_count = 1},
                              .words = {[PM_LABEL_INBOX] = {own, 1, &text, 1}},
                              .heir = PM_LIT("thread")};
    pm_arena *arena = pm_arena_new(1 << 20);
    pm_record record;
    pm_strbuf line;

    (void)state;
    pm_strbuf_init(&line, 1 << 20);
    pm_decision_add_json(&line, &made);
    assert_int_equal(pm_slice_find_byte(pm_strbuf_slice(&line), '\n'), line.len - 1);
    assert_true(pm_slice_is_utf8(pm_strbuf_slice(&line)));
    assert_int_equal(pm_record_read(arena, pm_strbuf_slice(&line), &record), PM_OK);
    says(record.decision.message_id, "a\"b\\c\x01\xef\xbf\xbd\n\x7f\xc3\xa9");
    says(record.decision.marked.subsystems[0], "a\"b\\c\x01\xef\xbf\xbd\n\x7f\xc3\xa9");
    assert_true(record.decision.words[PM_LABEL_INBOX].own[0].weight == 0.1);
    says(record.decision.heir, "thread");
    says(record.decision.marked.chain, "");
    for (size_t len = 0; len + 2 < line.len; len++) /* as a full disk leaves it */
        assert_int_equal(
            pm_record_read(arena, pm_slice_cut(pm_strbuf_slice(&line), 0, len), &record),
            PM_ABSENT);
    pm_strbuf_free(&line);
    pm_arena_free(arena);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(mail_that_is_hostile_makes_lines_that_can_be_read),
        cmocka_unit_test(a_cover_that_comes_last_is_named_as_the_reason),
        cmocka_unit_test(what_was_told_before_is_not_told_again),
        cmocka_unit_test(a_first_revision_that_comes_late_is_what_the_second_supersedes),
        cmocka_unit_test(
            an_archive_that_came_in_order_has_nothing_late_but_covers_that_say_nothing),
        cmocka_unit_test(what_is_told_is_what_the_same_mail_would_get_now),
    };

    return cmocka_run_group_tests_name("memory_late", tests, NULL, NULL);
}
