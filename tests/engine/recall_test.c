/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * recall_test - what one letter asks of the memory, and what is remembered of it.
 *
 * The whole story, with plugins: tests/memory.
 */
#include "recall.h"

#include "clock.h"
#include "folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const pm_fact_decl joins = {"series.joins", PM_FACT_TEXT, "series that are this one"};

typedef struct fixture {
    char folder[64], file[80];
    pm_store *store;
    pm_message *message;
    pm_arena *arena; /* of the vocabulary */
    pm_vocabulary *vocabulary;
    pm_facts facts;
    pm_recall *recall;
} fixture;

static int64_t soon(void)
{
    return pm_clock_us() + 60000000;
}

static int set_up(void **state)
{
    fixture *of = calloc(1, sizeof(*of));
    pm_errors *errors = pm_errors_new();

    assert_non_null(of);
    folder_make(of->folder);
    snprintf(of->file, sizeof(of->file), "%s/series.db", of->folder);
    of->store = pm_store_open(of->file, false, errors);
    assert_non_null(of->store);
    pm_errors_free(errors);
    of->message = pm_message_new(NULL);
    of->arena = pm_arena_new(1 << 20);
    of->vocabulary = pm_vocabulary_new(of->arena);
    assert_int_equal(pm_vocabulary_add(of->vocabulary, &joins, "test"), PM_OK);
    *state = of;
    return 0;
}

static int tear_down(void **state)
{
    fixture *of = *state;

    pm_store_close(of->store);
    folder_remove(of->folder);
    pm_message_free(of->message);
    pm_arena_free(of->arena);
    free(of);
    return 0;
}

static void says(pm_slice got, const char *wanted)
{
    if (!pm_slice_equal(got, pm_slice_of(wanted)))
        fail_msg("\"%.*s\" is not \"%s\"", PM_FMT(got), wanted);
}

static void report(fixture *of, const char *name, const char *text)
{
    const pm_fact fact = {
        .size = sizeof(fact), .name = name, .text = pm_slice_of(text), .weight = 1};

    assert_int_equal(pm_facts_add(&of->facts, &fact, "test"), PM_OK);
}

/* Take a letter up; series NULL: nobody has said which one it belongs to. */
static void read_mail(fixture *of, pm_store *store, const char *mail, const char *series,
                      int64_t deadline_us)
{
    pm_letter *letter;

    pm_message_reset(of->message);
    pm_message_read(of->message, pm_slice_of(mail));
    assert_int_equal(pm_letter_read(of->message, NULL, &letter), PM_OK);
    pm_facts_init(&of->facts, pm_message_arena(of->message), of->vocabulary);
    of->recall = pm_recall_new(store, letter, &of->facts, deadline_us);
    assert_non_null(of->recall);
    if (series != NULL)
        report(of, "series", series);
}

static void take_up(fixture *of, const char *mail, const char *series)
{
    read_mail(of, of->store, mail, series, soon());
}

static void remember(fixture *of, const char *mail, const char *series)
{
    const pm_decided decided = {
        .series = pm_slice_of(series), .project = PM_LIT("widget"), .inbox = PM_LIT("cog")};

    take_up(of, mail, series);
    assert_int_equal(pm_recall_remember(of->recall, &decided), PM_OK);
}

#define HEAD(id, subject)                                                                          \
    "From: Ann Author <Ann@Example.org>\nDate: Mon, 5 Jan 2026 10:00:00 +0000\n"                   \
    "Message-ID: <" id ">\nSubject: " subject "\n"
#define DIFF(path)                                                                                 \
    "\n---\n " path " | 2 +-\n 1 file changed, 1 insertion(+), 1 deletion(-)\n\n"                  \
    "diff --git a/" path " b/" path "\n--- a/" path "\n+++ b/" path "\n@@ -1 +1 @@\n-old\n+new\n"

static const char cover[] = HEAD("c@x.org", "[PATCH v2 0/2] cog: Turn") "\nHello.\n";
static const char patch[] =
    HEAD("p@x.org", "[PATCH v2 1/2] cog: Oil, daily") "In-Reply-To: <c@x.org>\n" DIFF("cog/a.c");

static void without_a_store_only_the_letter_speaks(void **state)
{
    fixture *of = *state;
    const pm_series *series;
    pm_slice id;

    read_mail(of, NULL, patch, "c@x.org", soon());
    assert_int_equal(pm_recall_reference(of->recall, PM_LIT("c@x.org"), &id, NULL), PM_ABSENT);
    assert_int_equal(pm_recall_series(of->recall, PM_LIT("c@x.org"), &series), PM_ABSENT);
    assert_int_equal(
        pm_recall_find(of->recall, PM_KEY_AUTHOR, PM_LIT("ann@example.org"), 0, &series),
        PM_ABSENT);
    assert_int_equal(pm_recall_own(of->recall, &series), PM_OK);
    says(series->id, "c@x.org");
    says(series->author, "ann@example.org");
    assert_int_equal(pm_recall_remember(of->recall, &(pm_decided){.series = PM_LIT("c@x.org")}),
                     PM_OK);
    assert_false(pm_recall_failed(of->recall));
}

static void what_is_remembered_can_be_asked_for(void **state)
{
    fixture *of = *state;
    const pm_series *series;
    pm_slice id;
    int32_t part;

    remember(of, patch, "c@x.org");
    remember(of, cover, "c@x.org");
    take_up(of, HEAD("r@x.org", "Re: [PATCH v2 1/2] cog: Oil, daily") "\nNo.\n", "c@x.org");
    assert_int_equal(pm_recall_reference(of->recall, PM_LIT("p@x.org"), &id, &part), PM_OK);
    says(id, "c@x.org");
    assert_int_equal(part, 1);
    assert_int_equal(pm_recall_series(of->recall, id, &series), PM_OK);
    says(series->title, "cog: Turn");
    says(series->project, "widget");
    assert_int_equal(series->flags & PM_SERIES_ROOT, PM_SERIES_ROOT);
    assert_int_equal(series->title_count, 1);
    says(series->titles[0], "cog oil daily");
    says(series->paths[0], "cog/a.c");
}

static void a_series_is_found_however_its_key_is_written(void **state)
{
    static const struct {
        pm_series_key key;
        const char *value;
    } cases[] = {
        {PM_KEY_AUTHOR, "ANN@example.ORG"},
        {PM_KEY_AUTHOR_NAME, "  ann  AUTHOR "},
        {PM_KEY_TITLE, "Cog: turn!"},
    };
    fixture *of = *state;

    remember(of, cover, "c@x.org");
    take_up(of, patch, NULL);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const pm_series *series;
        pm_slice value = pm_slice_of(cases[i].value);

        if (pm_recall_find(of->recall, cases[i].key, value, 0, &series) != PM_OK)
            fail_msg("\"%s\" finds nothing", cases[i].value);
        says(series->id, "c@x.org");
        assert_int_equal(pm_recall_find(of->recall, cases[i].key, value, 1, &series), PM_ABSENT);
    }
}

static void before_the_series_is_known_only_the_letter_speaks(void **state)
{
    fixture *of = *state;
    const pm_series *series;

    remember(of, cover, "c@x.org");
    take_up(of, patch, NULL);
    assert_int_equal(pm_recall_own(of->recall, &series), PM_OK);
    says(series->id, "");
    says(series->title, "cog: Oil, daily");
    report(of, "series", "c@x.org");
    assert_int_equal(pm_recall_own(of->recall, &series), PM_OK);
    says(series->id, "c@x.org");
    says(series->title, "cog: Turn");
    assert_int_equal(series->title_count, 1);
    assert_int_equal(series->flags & PM_SERIES_ROOT, PM_SERIES_ROOT);
}

static void series_that_turn_out_to_be_one_are_one(void **state)
{
    fixture *of = *state;
    const pm_series *series;
    pm_slice id;

    remember(of, patch, "p@x.org"); /* nobody knew its cover */
    take_up(of, cover, "c@x.org");
    report(of, "series.joins", "p@x.org");
    assert_int_equal(pm_recall_own(of->recall, &series), PM_OK);
    assert_int_equal(series->title_count, 1);
    assert_int_equal(pm_recall_remember(of->recall, &(pm_decided){.series = PM_LIT("c@x.org")}),
                     PM_OK);

    take_up(of, cover, "c@x.org");
    assert_int_equal(pm_recall_reference(of->recall, PM_LIT("p@x.org"), &id, NULL), PM_OK);
    says(id, "c@x.org");
    assert_int_equal(pm_recall_series(of->recall, PM_LIT("p@x.org"), &series), PM_ABSENT);
}

static void what_a_letter_was_taken_for_before_it_came_joins_what_it_is(void **state)
{
    fixture *of = *state;
    const pm_series *series;
    pm_slice id;

    /* A reply that knew nothing but what it answers. */
    remember(of, HEAD("r@x.org", "Re: oil") "In-Reply-To: <p@x.org>\n\nNo.\n", "p@x.org");
    remember(of, patch, "c@x.org");
    take_up(of, cover, "c@x.org");
    assert_int_equal(pm_recall_reference(of->recall, PM_LIT("r@x.org"), &id, NULL), PM_OK);
    says(id, "c@x.org");
    assert_int_equal(pm_recall_series(of->recall, PM_LIT("p@x.org"), &series), PM_ABSENT);
}

static uint64_t written(const fixture *of)
{
    pm_store_state is;

    pm_store_get_state(of->store, &is);
    return is.committed;
}

static void a_letter_that_comes_again_is_not_written_again(void **state)
{
    static const char reply[] = HEAD("r@x.org", "Re: oil") "In-Reply-To: <p@x.org>\n\nNo.\n";
    static const char *const mails[] = {cover, patch, reply};
    fixture *of = *state;
    uint64_t before;

    for (size_t i = 0; i < 3; i++) {
        before = written(of);
        remember(of, mails[i], "c@x.org");
        assert_int_equal(written(of), before + 1);
    }
    for (size_t i = 0; i < 3; i++) {
        const pm_series *series;

        before = written(of);
        take_up(of, mails[i], "c@x.org");
        (void)pm_recall_series(of->recall, PM_LIT("c@x.org"), &series); /* as the plugins do */
        assert_int_equal(pm_recall_remember(of->recall, &(pm_decided){.series = PM_LIT("c@x.org"),
                                                                      .project = PM_LIT("widget"),
                                                                      .inbox = PM_LIT("cog")}),
                         PM_OK);
        assert_int_equal(written(of), before);
    }

    /* What says more is, and so is what belongs elsewhere now. */
    take_up(of, HEAD("p@x.org", "[PATCH v2 1/2] cog: Oil, daily") DIFF("cog/b.c"), "c@x.org");
    before = written(of);
    assert_int_equal(pm_recall_remember(of->recall, &(pm_decided){.series = PM_LIT("c@x.org"),
                                                                  .project = PM_LIT("widget"),
                                                                  .inbox = PM_LIT("cog")}),
                     PM_OK);
    assert_int_equal(written(of), before + 1);
    remember(of, patch, "d@x.org");
    assert_int_equal(written(of), before + 2);
}

static void a_link_made_by_the_letter_is_seen_by_who_asks_next(void **state)
{
    fixture *of = *state;
    const pm_series *series;
    pm_slice chain;

    remember(of, cover, "c@x.org");
    take_up(of, cover, "c@x.org");
    assert_int_equal(pm_recall_series(of->recall, PM_LIT("c@x.org"), &series), PM_OK);
    says(series->supersedes, "");
    assert_int_equal(pm_recall_supersede(of->recall, PM_LIT("c@x.org"), PM_LIT("b@x.org"), 0.9,
                                         PM_LIT("same title")),
                     PM_OK);
    assert_int_equal(pm_recall_series(of->recall, PM_LIT("c@x.org"), &series), PM_OK);
    says(series->supersedes, "b@x.org");
    assert_int_equal(pm_recall_chain(of->recall, PM_LIT("c@x.org"), &chain), PM_OK);
    says(chain, "b@x.org");
}

static void a_reply_adds_nothing_to_its_series_but_its_date(void **state)
{
    fixture *of = *state;
    const pm_series *series;

    remember(of, cover, "c@x.org");
    remember(of,
             "From: Carl <carl@example.net>\nDate: Mon, 9 Mar 2026 10:00:00 +0000\n"
             "Message-ID: <r@x.org>\nSubject: Re: [PATCH v2 0/2] cog: Turn\n\nNo.\n",
             "c@x.org");
    take_up(of, patch, NULL);
    assert_int_equal(pm_recall_series(of->recall, PM_LIT("c@x.org"), &series), PM_OK);
    says(series->author, "ann@example.org");
    assert_int_equal(series->last_seen - series->date, 63 * 86400);
}

static void links_and_chains_are_kept_and_can_be_taken_back(void **state)
{
    fixture *of = *state;
    const pm_series *series;
    pm_slice chain;

    remember(of, cover, "c@x.org");
    take_up(of, patch, "c@x.org");
    assert_int_equal(pm_recall_supersede(of->recall, PM_LIT("c@x.org"), PM_LIT("b@x.org"), 0.5,
                                         PM_LIT("v1; same title")),
                     PM_OK);
    assert_int_equal(pm_recall_own(of->recall, &series), PM_OK);
    says(series->supersedes, "b@x.org");
    says(series->supersedes_why, "v1; same title");
    assert_int_equal(pm_recall_chain(of->recall, PM_LIT("c@x.org"), &chain), PM_OK);
    says(chain, "b@x.org");

    assert_int_equal(pm_recall_supersede(of->recall, PM_LIT("c@x.org"), PM_LIT(""), 0, PM_LIT("")),
                     PM_OK);
    take_up(of, patch, "c@x.org");
    assert_int_equal(pm_recall_own(of->recall, &series), PM_OK);
    says(series->supersedes, "");
}

static void a_root_claims_what_it_names_and_what_it_answers(void **state)
{
    static const char mail[] = HEAD("v3@x.org", "[PATCH v3 0/2] cog: Turn") //
        "In-Reply-To: <review@x.org>\nReferences: <v1@x.org> <v2@x.org> <review@x.org>\n\n"
        "v2: https://lore.kernel.org/r/v2@x.org\n\nSupersedes: <v0@x.org>\n";
    static const struct {
        const char *id, *how;
        unsigned revision;
    } wanted[] = {
        {"v0@x.org", "supersedes", 0},
        {"v2@x.org", "link", 2},
        {"review@x.org", "reply", 0},
        {"v1@x.org", "reply", 0},
    };
    fixture *of = *state;
    const pm_series *series;

    take_up(of, mail, NULL);
    assert_int_equal(pm_recall_own(of->recall, &series), PM_OK);
    assert_int_equal(series->claim_count, 4);
    for (size_t i = 0; i < 4; i++) {
        says(series->claims[i].message_id, wanted[i].id);
        says(series->claims[i].how, wanted[i].how);
        assert_int_equal(series->claims[i].revision, wanted[i].revision);
    }
}

static void a_part_does_not_claim_its_cover(void **state)
{
    fixture *of = *state;
    const pm_series *series;

    take_up(of, patch, NULL);
    assert_int_equal(pm_recall_own(of->recall, &series), PM_OK);
    assert_int_equal(series->claim_count, 0);
}

static void an_id_that_cannot_be_shown_is_not_asked_for(void **state)
{
    static const char *const ids[] = {"", "two words@x.org", "caf\xc3\xa9@x.org", "a\x01@x.org"};
    fixture *of = *state;
    pm_slice series;

    take_up(of, patch, NULL);
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
        assert_int_equal(pm_recall_reference(of->recall, pm_slice_of(ids[i]), &series, NULL),
                         PM_ABSENT);
    assert_int_equal(pm_recall_remember(of->recall, &(pm_decided){.series = PM_LIT("two words")}),
                     PM_OK);
    assert_int_equal(pm_recall_reference(of->recall, PM_LIT("p@x.org"), &series, NULL), PM_ABSENT);
}

/* ---- What plugins note ---- */

static void note(fixture *of, const char *plugin, const char *key, const char *value)
{
    assert_int_equal(
        pm_recall_note(of->recall, pm_slice_of(plugin), pm_slice_of(key), pm_slice_of(value), 3600),
        PM_OK);
}

/* "" when nothing is. */
static pm_slice noted(fixture *of, const char *plugin, const char *key)
{
    pm_slice value = PM_EMPTY;
    pm_status status = pm_recall_noted(of->recall, pm_slice_of(plugin), pm_slice_of(key), &value);

    assert_true(status == PM_OK || status == PM_ABSENT);
    return value;
}

static void a_note_is_seen_by_its_letter_and_by_later_ones(void **state)
{
    fixture *of = *state;

    take_up(of, patch, NULL);
    says(noted(of, "tea", "lid"), "");
    note(of, "tea", "lid", "open");
    note(of, "tea", "pot", "full");
    says(noted(of, "tea", "lid"), "open");
    says(noted(of, "coffee", "lid"), "");
    note(of, "tea", "lid", "shut");
    says(noted(of, "tea", "lid"), "shut");
    assert_int_equal(pm_recall_remember(of->recall, &(pm_decided){.series = PM_EMPTY}), PM_OK);

    take_up(of, cover, NULL);
    says(noted(of, "tea", "lid"), "shut");
    says(noted(of, "tea", "pot"), "full");
    says(noted(of, "coffee", "lid"), "");
    note(of, "tea", "lid", "");
    says(noted(of, "tea", "lid"), "");
    assert_int_equal(pm_recall_remember(of->recall, &(pm_decided){.series = PM_EMPTY}), PM_OK);

    take_up(of, cover, NULL);
    says(noted(of, "tea", "lid"), "");
    says(noted(of, "tea", "pot"), "full");
}

static void a_letter_that_is_not_remembered_has_noted_nothing(void **state)
{
    fixture *of = *state;

    take_up(of, patch, NULL);
    note(of, "tea", "lid", "open");
    take_up(of, cover, NULL);
    says(noted(of, "tea", "lid"), "");
}

static void notes_are_bounded_in_size_time_and_number(void **state)
{
    static const char bytes[PM_NOTE_VALUE_MOST + 1] = "x";
    const pm_slice tea = PM_LIT("tea"), key = PM_LIT("key"), value = PM_LIT("value");
    const struct {
        pm_slice key, value;
        int64_t seconds;
    } wrong[] = {
        {PM_EMPTY, value, 1},
        {{bytes, PM_NOTE_KEY_MOST + 1}, value, 1},
        {key, {bytes, PM_NOTE_VALUE_MOST + 1}, 1},
        {key, value, 0},
        {key, value, -1},
        {key, value, PM_NOTE_SECONDS_MOST + 1},
    };
    fixture *of = *state;

    take_up(of, patch, NULL);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(
            pm_recall_note(of->recall, tea, wrong[i].key, wrong[i].value, wrong[i].seconds),
            PM_FAULT);
    for (unsigned i = 0; i < PM_NOTES_OF_A_LETTER; i++) {
        char name[16];

        snprintf(name, sizeof(name), "%u", i);
        note(of, "tea", name, "x");
    }
    assert_int_equal(pm_recall_note(of->recall, tea, key, value, 1), PM_LIMIT);
    note(of, "tea", "0", "again");
    note(of, "coffee", "0", "x");
    assert_int_equal(pm_recall_remember(of->recall, &(pm_decided){.series = PM_EMPTY}), PM_OK);
}

static void without_a_store_or_time_nothing_is_noted(void **state)
{
    fixture *of = *state;
    pm_slice value;

    read_mail(of, NULL, patch, NULL, soon());
    assert_int_equal(pm_recall_note(of->recall, PM_LIT("tea"), PM_LIT("k"), PM_LIT("v"), 9),
                     PM_ABSENT);
    assert_int_equal(pm_recall_noted(of->recall, PM_LIT("tea"), PM_LIT("k"), &value), PM_ABSENT);
    read_mail(of, of->store, patch, NULL, pm_clock_us() - 1);
    assert_int_equal(pm_recall_noted(of->recall, PM_LIT("tea"), PM_LIT("k"), &value), PM_LATER);
    assert_int_equal(pm_recall_note(of->recall, PM_LIT("tea"), PM_LIT("k"), PM_LIT("v"), 9),
                     PM_LATER);
    assert_true(pm_recall_failed(of->recall));
}

/* Another letter of the author's is under way, for longer than this one waits. */
static void what_a_plugin_waits_for_other_letters_is_told(void **state)
{
    fixture *of = *state;
    const pm_series *series;
    pm_turn other;

    pm_turn_of(&other, PM_LIT("other@x.org"));
    pm_turn_is_by(&other, PM_LIT("ann@example.org"), PM_EMPTY);
    pm_turn_take(pm_store_turns(of->store), &other, 0);
    read_mail(of, of->store, cover, "c@x.org", pm_clock_us() + 100000);
    pm_recall_take_turn(of->recall);
    assert_int_equal(pm_recall_waited_us(of->recall), 0);
    (void)pm_recall_find(of->recall, PM_KEY_AUTHOR, PM_LIT("ann@example.org"), 0, &series);
    assert_true(pm_recall_waited_us(of->recall) > 0);
    pm_recall_end_turn(of->recall);
    pm_turn_end(pm_store_turns(of->store), &other);
}

static void past_the_deadline_nothing_more_is_asked(void **state)
{
    fixture *of = *state;
    const pm_decided decided = {.series = PM_LIT("c@x.org")};

    read_mail(of, of->store, patch, "c@x.org", pm_clock_us() - 1);
    assert_int_equal(pm_recall_remember(of->recall, &decided), PM_LATER);
    assert_true(pm_recall_failed(of->recall));
    assert_int_equal(pm_recall_remember(of->recall, &decided), PM_LATER);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(without_a_store_only_the_letter_speaks),
        TEST(what_is_remembered_can_be_asked_for),
        TEST(a_series_is_found_however_its_key_is_written),
        TEST(before_the_series_is_known_only_the_letter_speaks),
        TEST(series_that_turn_out_to_be_one_are_one),
        TEST(what_a_letter_was_taken_for_before_it_came_joins_what_it_is),
        TEST(a_letter_that_comes_again_is_not_written_again),
        TEST(a_link_made_by_the_letter_is_seen_by_who_asks_next),
        TEST(a_reply_adds_nothing_to_its_series_but_its_date),
        TEST(links_and_chains_are_kept_and_can_be_taken_back),
        TEST(a_root_claims_what_it_names_and_what_it_answers),
        TEST(a_part_does_not_claim_its_cover),
        TEST(an_id_that_cannot_be_shown_is_not_asked_for),
        TEST(a_note_is_seen_by_its_letter_and_by_later_ones),
        TEST(a_letter_that_is_not_remembered_has_noted_nothing),
        TEST(notes_are_bounded_in_size_time_and_number),
        TEST(without_a_store_or_time_nothing_is_noted),
        TEST(what_a_plugin_waits_for_other_letters_is_told),
        TEST(past_the_deadline_nothing_more_is_asked),
    };

    return cmocka_run_group_tests_name("recall", tests, NULL, NULL);
}
