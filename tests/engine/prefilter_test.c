/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * prefilter_test - many rules at once: each answers as it does alone, in whatever order they stand,
 * and those that cannot hold are not even tried.
 *
 * Rules and letters are drawn at random, from few words, so that much of it fits.
 */
#include "contradiction.h"
#include "prefilter.h"
#include "ruling.h"
#include "strbuf.h"

#include "../base/generator.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* ---- Many rules ---- */

static const char *const some_words[] = {"kvm", "KVM:", "vmx", "drm:", "mm", "net", "fix", "x86"};
static const char *const some_paths[] = {"arch/x86/kvm", "arch/x86",    "mm",
                                         "mm/slub.c",    "drivers/net", "virt"};
#define PICK(random, array) array[draw_below(random, sizeof(array) / sizeof(array[0]))]

static void draw_condition(uint64_t *random, pm_strbuf *into, int depth)
{
    static const char *const joins[] = {" and ", " or "};
    static const char *const nots[] = {"not ", "", "", ""};
    static const char *const texts[] = {"title", "text", "shortlog", "header.x-token"};
    static const char *const flags[] = {"", "i", "m", "iu"};

    if (depth > 0 && draw_below(random, 2) == 0) {
        pm_strbuf_add_text(into, PICK(random, nots));
        pm_strbuf_add_text(into, "(");
        draw_condition(random, into, depth - 1);
        for (size_t more = 1 + draw_below(random, 2); more > 0; more--) {
            pm_strbuf_add_text(into, PICK(random, joins));
            draw_condition(random, into, depth - 1);
        }
        pm_strbuf_add_text(into, ")");
        return;
    }
    switch (draw_below(random, 9)) {
    case 0:
        pm_strbuf_printf(into, "%s ~ /%s %s?(%s|%s)/%s", PICK(random, texts),
                         PICK(random, some_words), PICK(random, some_words),
                         PICK(random, some_words), PICK(random, some_words), PICK(random, flags));
        break;
    case 1:
        pm_strbuf_printf(into, "%s ~ /^(%s|%s)|%s$/%s", PICK(random, texts),
                         PICK(random, some_words), PICK(random, some_words),
                         PICK(random, some_words), PICK(random, flags));
        break;
    case 2:
        pm_strbuf_printf(into, "%s !~ /%s/%s", PICK(random, texts), PICK(random, some_words),
                         PICK(random, flags));
        break;
    case 3:
        pm_strbuf_printf(into, "path under (%s, %s)", PICK(random, some_paths),
                         PICK(random, some_paths));
        break;
    case 4:
        pm_strbuf_printf(into, "prefix in (%s, \"%s\")", PICK(random, some_words),
                         PICK(random, some_words));
        break;
    case 5:
        pm_strbuf_printf(into, "mood != \"%s\"", PICK(random, some_words));
        break;
    case 6:
        pm_strbuf_printf(into, "mood == \"%s\"", PICK(random, some_words));
        break;
    case 7:
        pm_strbuf_printf(into, "total > %zu", draw_below(random, 9));
        break;
    default:
        pm_strbuf_printf(into, "prefix in drawn");
        break;
    }
}

static pm_slice draw_text(uint64_t *random, pm_arena *arena, size_t most)
{
    pm_strbuf text;
    pm_slice copy;

    pm_strbuf_init(&text, 4096);
    for (size_t i = draw_below(random, most + 1); i > 0; i--)
        pm_strbuf_printf(&text, "%s%s", PICK(random, some_words),
                         draw_below(random, 4) == 0 ? "\n" : " ");
    copy = pm_copy(arena, pm_strbuf_slice(&text));
    pm_strbuf_free(&text);
    return copy;
}

static void draw_letter(uint64_t *random, ruling *with)
{
    static pm_slice drawn_words[3];
    static pm_path drawn_paths[3];
    static pm_shortlog_entry entries[3];
    pm_arena *arena;
    pm_slice token;

    pm_message_reset(with->message);
    arena = pm_message_arena(with->message);
    token = draw_text(random, arena, 2);
    pm_message_add_header(with->message, PM_LIT("X-Token"), token);
    with->letter = (pm_letter){.message = with->message, .kind = PM_KIND_COVER};
    with->letter.subject.title = draw_text(random, arena, 5);
    with->letter.subject.total = (int)draw_below(random, 9);
    with->letter.text = draw_text(random, arena, 30);
    with->letter.subject.words = drawn_words;
    with->letter.diffstat.paths = drawn_paths;
    with->letter.shortlog.entries = entries;
    for (size_t i = draw_below(random, 4); i > 0; i--) {
        drawn_words[with->letter.subject.word_count++] = pm_slice_of(PICK(random, some_words));
        drawn_paths[with->letter.diffstat.count++] = (pm_path){
            .path = pm_print(arena, "%s%s", PICK(random, some_paths),
                             draw_below(random, 2) == 0 ? "/a.c" : "x"),
        };
        entries[with->letter.shortlog.count++].title = draw_text(random, arena, 3);
    }
    pm_facts_init(&with->facts, arena, with->vocabulary);
    for (size_t i = draw_below(random, 3); i > 0; i--)
        ruling_add_text(with, "mood", PICK(random, some_words));
}

/* Many rules at once, most of which are not even tried, give what each of them alone gives. */
static void many_rules_at_once_answer_as_each_alone(void **state)
{
    enum { RULES = 400, LETTERS = 150 };
    uint64_t random = 7;
    size_t yes = 0;

    (void)state;
    for (int round = 0; round < 3; round++) {
        pm_strbuf text;
        ruling with;

        ruling_begin(&with);
        pm_strbuf_init(&text, 1 << 22);
        pm_strbuf_add_text(&text, "list drawn { vmx mm KVM }\n");
        for (int i = 0; i < RULES; i++) {
            pm_strbuf_printf(&text, "rule r%d { why x\n when ", i);
            draw_condition(&random, &text, 3);
            pm_strbuf_add_text(&text, "\n then tag x }\n");
        }
        ruling_compile(&with, text.data);
        for (int letter = 0; letter < LETTERS; letter++) {
            size_t at = 0;

            draw_letter(&random, &with);
            (void)ruling_run(
                &with); /* more facts than fit may follow; that is not what this is about */
            for (size_t i = 0; i < RULES; i++) {
                const pm_rule *rule = pm_rules_nth(with.rules, i);
                bool alone = pm_rule_holds(rule, &with.letter, &with.facts);
                bool among = at < with.verdict.fired_count && with.verdict.fired[at] == rule;

                if (alone != among)
                    fail_msg("%s holds alone %d, among others %d; title \"%.*s\"", pm_rule_id(rule),
                             alone, among, PM_FMT(with.letter.subject.title));
                at += among;
                yes += among;
            }
        }
        pm_strbuf_free(&text);
        ruling_end(&with);
    }
    assert_in_range(yes, 1000, 3 * RULES * LETTERS - 1000);
}

/* Whatever is said to exclude each other did so on every letter: a rule that can never fire does
 * not, and one that is said to hold only where another does holds only there. */
static void what_is_said_never_to_hold_never_holds(void **state)
{
    enum { RULES = 200, LETTERS = 100 };
    uint64_t random = 3;
    size_t never = 0, covered = 0;

    (void)state;
    for (int round = 0; round < 3; round++) {
        static bool holds[RULES][LETTERS];
        pm_strbuf text;
        ruling with;

        ruling_begin(&with);
        pm_strbuf_init(&text, 1 << 22);
        pm_strbuf_add_text(&text, "list drawn { vmx mm KVM }\n");
        for (int i = 0; i < RULES; i++) {
            pm_strbuf_printf(&text, "rule r%d { why x\n when ", i);
            draw_condition(&random, &text, i % 4);
            pm_strbuf_add_text(&text, "\n then tag x }\n");
        }
        ruling_compile(&with, text.data);
        for (int letter = 0; letter < LETTERS; letter++) {
            draw_letter(&random, &with);
            for (size_t i = 0; i < RULES; i++)
                holds[i][letter] =
                    pm_rule_holds(pm_rules_nth(with.rules, i), &with.letter, &with.facts);
        }
        for (size_t i = 0; i < RULES; i++) {
            const pm_condition *one = pm_rule_condition(pm_rules_nth(with.rules, i));
            const bool is_never = pm_contradiction_find(one, NULL).test != NULL;

            never += is_never;
            for (size_t j = 0; j < RULES; j++) {
                const pm_condition *other = pm_rule_condition(pm_rules_nth(with.rules, j));
                const bool is_covered =
                    i != j && !is_never && pm_contradiction_find(one, other).test != NULL;

                covered += is_covered;
                for (int letter = 0; letter < LETTERS; letter++) {
                    if (holds[i][letter] && (is_never || (is_covered && !holds[j][letter])))
                        fail_msg("%s holds after all", pm_rule_id(pm_rules_nth(with.rules, i)));
                }
            }
        }
        pm_strbuf_free(&text);
        ruling_end(&with);
    }
    assert_true(never > 0);
    assert_true(covered > 100);
}

/* ---- Order ---- */

static const char *const some_effects[] = {"subsystem a weight 0.1",
                                           "subsystem b weight 0.3",
                                           "subsystem a weight 0.2",
                                           "project p",
                                           "inbox i weight 7",
                                           "tag t, tag u",
                                           "field A \"{mood}\"",
                                           "field A b",
                                           "recipient a@example.org",
                                           "recipient b@example.org",
                                           "quarantine one",
                                           "quarantine two",
                                           "reject no",
                                           "reject never",
                                           "fact mood sad",
                                           "discard"};

/* All that follows, as text. */
static void print_verdict(const ruling *with, pm_strbuf *into)
{
    const pm_verdict *verdict = &with->verdict;

    for (size_t i = 0; i < with->facts.count; i++)
        pm_strbuf_printf(into, "%s %.*s %a %s\n", with->facts.items[i].decl->name,
                         PM_FMT(with->facts.items[i].text), with->facts.items[i].weight,
                         with->facts.items[i].by);
    for (size_t i = 0; i < verdict->field_count; i++)
        pm_strbuf_printf(into, "field %.*s\n", PM_FMT(verdict->fields[i].value));
    for (size_t i = 0; i < verdict->recipient_count; i++)
        pm_strbuf_printf(into, "recipient %.*s\n", PM_FMT(verdict->recipients[i]));
    pm_strbuf_printf(into, "fired %zu quarantine %.*s reply %.*s %d %d\n", verdict->fired_count,
                     PM_FMT(verdict->quarantine), PM_FMT(verdict->reply), verdict->discard,
                     verdict->reject);
}

/* The same rules in another order, the same letter: the same follows, to the last bit of a weight
 * and the order of fields. */
static void shuffled_rules_give_the_same_outcome(void **state)
{
    enum { RULES = 60, SETS = 30, SHUFFLES = 5 };
    const pm_rule_powers powers = {.discard = true, .reject = true};
    uint64_t random = 11;
    size_t fired = 0;

    (void)state;
    for (int set = 0; set < SETS; set++) {
        pm_strbuf rules[RULES], expected, got;

        pm_strbuf_init(&expected, 1 << 20);
        pm_strbuf_init(&got, 1 << 20);
        for (int i = 0; i < RULES; i++) {
            pm_strbuf_init(&rules[i], 1 << 16);
            pm_strbuf_printf(&rules[i], "rule r%d { why x\n when ", i);
            draw_condition(&random, &rules[i], 2);
            pm_strbuf_printf(&rules[i], "\n then %s, %s }\n", PICK(&random, some_effects),
                             PICK(&random, some_effects));
        }
        for (int shuffle = 0; shuffle < SHUFFLES; shuffle++) {
            uint64_t same_letter = 100 + (uint64_t)set;
            pm_strbuf text;
            ruling with;

            ruling_begin(&with);
            pm_strbuf_init(&text, 1 << 20);
            pm_strbuf_add_text(&text, "list drawn { vmx mm KVM }\n");
            for (size_t i = RULES; i > 0; i--) {
                const size_t with_which = draw_below(&random, i);
                const pm_strbuf moved = rules[i - 1];

                rules[i - 1] = rules[with_which];
                rules[with_which] = moved;
                pm_strbuf_add(&text, pm_strbuf_slice(&rules[i - 1]));
            }
            if (!ruling_compile_as(&with, "etc/test.rules", text.data, &powers))
                fail_msg("%s", pm_errors_nth(with.errors, 0));
            draw_letter(&same_letter, &with);
            assert_int_equal(ruling_run(&with), PM_OK);
            fired += with.verdict.fired_count;
            pm_strbuf_clear(&got);
            print_verdict(&with, shuffle == 0 ? &expected : &got);
            if (shuffle > 0)
                assert_string_equal(got.data, expected.data);
            pm_strbuf_free(&text);
            ruling_end(&with);
        }
        for (int i = 0; i < RULES; i++)
            pm_strbuf_free(&rules[i]);
        pm_strbuf_free(&expected);
        pm_strbuf_free(&got);
    }
    assert_true(fired > SETS * SHUFFLES);
}

/* ---- What is tried ---- */

/* How many of the rules are tried on the letter. */
static size_t count_tried(ruling *with, const char *const *texts, size_t count)
{
    pm_condition_reader reader;
    pm_view view = pm_view_of(&with->letter, &with->facts, 0);
    pm_table *no_lists = pm_table_new(with->arena);
    const pm_condition *conditions[64];
    pm_prefilter *prefilter;
    uint64_t *wanted;
    size_t tried = 0;

    assert_in_range(count, 1, 64);
    assert_int_equal(
        pm_condition_reader_init(&reader, with->arena, with->vocabulary, no_lists, with->errors),
        PM_OK);
    for (size_t i = 0; i < count; i++) {
        pm_slice text = pm_print(with->arena, "when %s", texts[i]);
        pm_statement *when;

        assert_int_equal(pm_syntax_parse(with->arena, "t", text, with->errors, &when), PM_OK);
        conditions[i] = pm_condition_read(&reader, when);
        assert_non_null(conditions[i]);
    }
    prefilter = pm_prefilter_new(with->arena, conditions, count);
    wanted = pm_prefilter_run(prefilter, with->facts.arena, &view);
    for (size_t i = 0; i < count; i++)
        tried += wanted[0] >> i & 1;
    pm_condition_reader_free(&reader);
    return tried;
}

/* What many rules share says little; what only one has is looked for instead. */
static void what_sets_rules_apart_is_looked_for(void **state)
{
    static const char *const conditions[] = {
        "text ~ /^Signed-off-by: .*@alpha\\.example/m and title ~ /it/",
        "text ~ /^Signed-off-by: .*@bravo\\.example/m and title ~ /it/",
        "text ~ /^Signed-off-by: .*@charlie\\.example/m and title ~ /it/",
        "kind == cover and text ~ /^Signed-off-by: .*@delta\\.example/m",
    };
    ruling with;

    (void)state;
    ruling_begin(&with);
    with.letter.text = PM_LIT("It is.\n\nSigned-off-by: A <a@bravo.example>\n");
    assert_int_equal(count_tried(&with, conditions, 4), 1);
    ruling_end(&with);
}

/* A mail of 4 MB can have it. Each of its folders looked up by itself would take minutes. */
static void a_path_of_a_million_folders_costs_no_more_than_its_length(void **state)
{
    enum { FOLDERS = 2 * 1000 * 1000 };
    char *deep = test_malloc(2 * FOLDERS), names[64];
    pm_path path = {.path = {deep, 2 * FOLDERS}, .lines = 1};
    ruling with;

    (void)state;
    for (size_t i = 0; i < FOLDERS; i++)
        memcpy(deep + 2 * i, "d/", 2);
    ruling_begin(&with);
    with.letter.diffstat.paths = &path;
    with.letter.diffstat.count = 1;
    ruling_compile(&with, "rule near { why x; when path under d/d; then tag a }"
                          "rule far { why x; when path under d/d/d/d/d/d/d/d; then tag b }"
                          "rule beside { why x; when path under d/e; then tag c }");
    assert_int_equal(ruling_run(&with), PM_OK);
    assert_string_equal(ruling_fired(&with, names, sizeof(names)), "near far");
    ruling_end(&with);
    test_free(deep);
}

static void what_cannot_hold_is_not_even_tried(void **state)
{
    static const char *const conditions[] = {
        "title ~ /^x86: /",
        "title ~ /(drm|fbdev)/i",
        "project == linux and title ~ /^mm: /",
        "path under (fs/, mm/)",
        "list == other.example.org and rfc",
        "title ~ /x86:/ or text ~ /never said/",
        "(kind == cover and title ~ /x86:/) or path under mm/slub.c",
    };
    ruling with;

    (void)state;
    ruling_begin(&with);
    assert_int_equal(count_tried(&with, conditions, 7), 0);
    with.letter.subject.title = PM_LIT("X86: it");
    assert_int_equal(count_tried(&with, conditions, 7), 3);
    ruling_end(&with);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_rules_at_once_answer_as_each_alone),
        cmocka_unit_test(what_is_said_never_to_hold_never_holds),
        cmocka_unit_test(shuffled_rules_give_the_same_outcome),
        cmocka_unit_test(what_sets_rules_apart_is_looked_for),
        cmocka_unit_test(a_path_of_a_million_folders_costs_no_more_than_its_length),
        cmocka_unit_test(what_cannot_hold_is_not_even_tried),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
