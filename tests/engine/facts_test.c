/* SPDX-License-Identifier: BSD-2-Clause */
/* facts_test - which facts there can be, which of those that are reported count, and what is kept.
 */
#include "facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>

static const pm_fact_decl shouts = {"subject.shouts", PM_FACT_NUMBER, "letters in capitals"};
static const pm_fact_decl mood = {"mood", PM_FACT_TEXT, "how it sounds"};

typedef struct fixture {
    pm_arena *arena;
    pm_vocabulary *vocabulary;
    pm_facts facts;
} fixture;

static fixture *begin(size_t budget)
{
    fixture *of = calloc(1, sizeof(*of));

    assert_non_null(of);
    of->arena = pm_arena_new(budget);
    of->vocabulary = pm_vocabulary_new(of->arena);
    assert_non_null(of->vocabulary);
    assert_int_equal(pm_vocabulary_add(of->vocabulary, &shouts, "shout"), PM_OK);
    assert_int_equal(pm_vocabulary_add(of->vocabulary, &mood, "mood"), PM_OK);
    pm_facts_init(&of->facts, of->arena, of->vocabulary);
    return of;
}

static void end(fixture *of)
{
    pm_arena_free(of->arena);
    free(of);
}

static pm_fact text_fact(const char *name, const char *text, double weight)
{
    return (pm_fact){
        .size = sizeof(pm_fact), .name = name, .text = pm_slice_of(text), .weight = weight};
}

static void the_engine_declares_its_own_facts(void **state)
{
    static const char *const own[] = {"project", "subsystem", "tag", "inbox"};
    fixture *of = begin(1 << 16);

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        const pm_declared *declared = pm_vocabulary_find(of->vocabulary, pm_slice_of(own[i]));

        assert_non_null(declared);
        assert_string_equal(declared->plugin, "rules");
        assert_int_equal(declared->decl->type, PM_FACT_TEXT);
        assert_string_equal(pm_vocabulary_names(of->vocabulary)[i], own[i]);
    }
    end(of);
}

static void names_are_for_did_you_mean(void **state)
{
    fixture *of = begin(1 << 16);
    const char *const *names = pm_vocabulary_names(of->vocabulary);
    size_t count = 0;

    (void)state;
    for (; names[count] != NULL; count++)
        assert_non_null(pm_vocabulary_find(of->vocabulary, pm_slice_of(names[count])));
    assert_string_equal(names[count - 2], "subject.shouts");
    assert_string_equal(names[count - 1], "mood");
    end(of);
}

static void many_facts_can_be_declared(void **state)
{
    fixture *of = begin(1 << 20);
    static char names[100][16];
    static pm_fact_decl decls[100];
    const char *const *all;
    size_t count = 0;

    (void)state;
    for (int i = 0; i < 100; i++) {
        snprintf(names[i], sizeof(names[i]), "fact%d", i);
        decls[i] = (pm_fact_decl){names[i], PM_FACT_NUMBER, ""};
        assert_int_equal(pm_vocabulary_add(of->vocabulary, &decls[i], "many"), PM_OK);
    }
    all = pm_vocabulary_names(of->vocabulary);
    while (all[count] != NULL)
        count++;
    assert_string_equal(all[count - 1], "fact99");
    assert_string_equal(all[count - 100], "fact0");
    end(of);
}

static void two_plugins_may_share_a_fact_but_not_disagree_about_its_type(void **state)
{
    static const pm_fact_decl same = {"mood", PM_FACT_TEXT, "the same"};
    static const pm_fact_decl other = {"mood", PM_FACT_NUMBER, "not the same"};
    fixture *of = begin(1 << 16);

    (void)state;
    assert_int_equal(pm_vocabulary_add(of->vocabulary, &same, "second"), PM_OK);
    assert_int_equal(pm_vocabulary_add(of->vocabulary, &other, "third"), PM_FAULT);
    assert_string_equal(pm_vocabulary_find(of->vocabulary, PM_LIT("mood"))->plugin, "mood");
    end(of);
}

static void facts_come_back_in_their_order(void **state)
{
    fixture *of = begin(1 << 16);
    pm_fact first = text_fact("mood", "glad", 1), second = text_fact("mood", "sad", 2);
    pm_fact number = {.size = sizeof(number), .name = "subject.shouts", .number = -7, .weight = 1};

    (void)state;
    assert_int_equal(pm_facts_add(&of->facts, &first, "mood"), PM_OK);
    assert_int_equal(pm_facts_add(&of->facts, &number, "shout"), PM_OK);
    assert_int_equal(pm_facts_add(&of->facts, &second, "x.rules:y"), PM_OK);
    assert_true(pm_slice_equal(pm_facts_nth(&of->facts, PM_LIT("mood"), 0)->text, PM_LIT("glad")));
    assert_true(pm_slice_equal(pm_facts_nth(&of->facts, PM_LIT("mood"), 1)->text, PM_LIT("sad")));
    assert_string_equal(pm_facts_nth(&of->facts, PM_LIT("mood"), 1)->by, "x.rules:y");
    assert_null(pm_facts_nth(&of->facts, PM_LIT("mood"), 2));
    assert_null(pm_facts_nth(&of->facts, PM_LIT("nobody"), 0));
    assert_int_equal(pm_facts_nth(&of->facts, PM_LIT("subject.shouts"), 0)->number, -7);
    end(of);
}

static void what_is_handed_over_is_copied(void **state)
{
    fixture *of = begin(1 << 16);
    char text[] = "glad", reason[] = "three smiles", source[] = "FACES";
    pm_fact fact = text_fact("mood", text, 1);
    const pm_found *found;

    (void)state;
    fact.reason = pm_slice_of(reason);
    fact.source = pm_slice_of(source);
    assert_int_equal(pm_facts_add(&of->facts, &fact, "mood"), PM_OK);
    memset(text, 'x', sizeof(text) - 1);
    memset(reason, 'x', sizeof(reason) - 1);
    memset(source, 'x', sizeof(source) - 1);
    found = pm_facts_nth(&of->facts, PM_LIT("mood"), 0);
    assert_true(pm_slice_equal(found->text, PM_LIT("glad")));
    assert_true(pm_slice_equal(found->reason, PM_LIT("three smiles")));
    assert_true(pm_slice_equal(found->source, PM_LIT("FACES")));
    end(of);
}

static void facts_that_make_no_sense_are_refused(void **state)
{
    static char long_text[1026];
    fixture *of = begin(1 << 16);
    struct {
        const char *why;
        pm_fact fact;
    } cases[] = {
        {"undeclared", text_fact("moood", "glad", 1)},
        {"no weight", text_fact("mood", "glad", 0)},
        {"negative weight", text_fact("mood", "glad", -1)},
        {"infinite weight", text_fact("mood", "glad", INFINITY)},
        {"weight is no number", text_fact("mood", "glad", NAN)},
        {"not UTF-8", text_fact("mood", "gl\xe4", 1)},
        {"too long", text_fact("mood", long_text, 1)},
        {"a subsystem must be a slug", text_fact("subsystem", "KVM x86", 1)},
        {"a project must be a slug", text_fact("project", "", 1)},
        {"a tag must be a slug", text_fact("tag", "a\nb", 1)},
        {"an inbox must be a slug", text_fact("inbox", "-x", 1)},
    };

    (void)state;
    memset(long_text, 'a', sizeof(long_text) - 1);
    cases[6].fact.text = pm_slice_of(long_text);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (pm_facts_add(&of->facts, &cases[i].fact, "test") != PM_FAULT)
            fail_msg("taken: %s", cases[i].why);
    assert_int_equal(of->facts.count, 0);
    cases[6].fact.text.len = 1024;
    assert_int_equal(pm_facts_add(&of->facts, &cases[6].fact, "test"), PM_OK);
    end(of);
}

static void a_long_reason_is_cut_between_characters(void **state)
{
    fixture *of = begin(1 << 16);
    static char reason[] =
        "a"
        "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac";
    static char long_reason[20 * sizeof(reason) + 600];
    pm_fact fact = text_fact("mood", "glad", 1);
    const pm_found *found;

    (void)state;
    for (size_t at = 0; at + sizeof(reason) < sizeof(long_reason); at += sizeof(reason) - 1)
        memcpy(long_reason + at, reason, sizeof(reason));
    fact.reason = pm_slice_of(long_reason);
    assert_int_equal(pm_facts_add(&of->facts, &fact, "mood"), PM_OK);
    found = pm_facts_nth(&of->facts, PM_LIT("mood"), 0);
    assert_true(found->reason.len <= 512 && found->reason.len > 508);
    assert_true(pm_slice_is_utf8(found->reason));
    end(of);
}

static void the_512th_fact_is_the_last(void **state)
{
    fixture *of = begin(1 << 20);
    pm_fact fact = text_fact("mood", "glad", 1);

    (void)state;
    for (int i = 0; i < PM_FACTS_MOST; i++)
        assert_int_equal(pm_facts_add(&of->facts, &fact, "mood"), PM_OK);
    assert_int_equal(pm_facts_add(&of->facts, &fact, "mood"), PM_LIMIT);
    assert_int_equal(of->facts.count, PM_FACTS_MOST);
    end(of);
}

static void a_spent_budget_leaves_the_facts_whole(void **state)
{
    fixture *of = begin(8 * 1024);
    pm_fact fact = text_fact("mood", "glad", 1);
    pm_status status = PM_OK;
    size_t count;

    (void)state;
    for (count = 0; status == PM_OK && count < PM_FACTS_MOST; count++)
        status = pm_facts_add(&of->facts, &fact, "mood");
    assert_int_equal(status, PM_LIMIT);
    assert_int_equal(of->facts.count, count - 1);
    for (unsigned i = 0; i < of->facts.count; i++)
        assert_true(
            pm_slice_equal(pm_facts_nth(&of->facts, PM_LIT("mood"), i)->text, PM_LIT("glad")));
    end(of);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_engine_declares_its_own_facts),
        cmocka_unit_test(names_are_for_did_you_mean),
        cmocka_unit_test(many_facts_can_be_declared),
        cmocka_unit_test(two_plugins_may_share_a_fact_but_not_disagree_about_its_type),
        cmocka_unit_test(facts_come_back_in_their_order),
        cmocka_unit_test(what_is_handed_over_is_copied),
        cmocka_unit_test(facts_that_make_no_sense_are_refused),
        cmocka_unit_test(a_long_reason_is_cut_between_characters),
        cmocka_unit_test(the_512th_fact_is_the_last),
        cmocka_unit_test(a_spent_budget_leaves_the_facts_whole),
    };

    return cmocka_run_group_tests_name("facts", tests, NULL, NULL);
}
