/* SPDX-License-Identifier: BSD-2-Clause */
/* rule_manuals_test - the examples in rules.md and config.md work as they stand. */
#include "config.h"
#include "ruling.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* The next block of the file marked so, NUL-terminated; false behind the last one. line_out is the
 * number of its first line. */
static bool next_block(FILE *manual, const char *mark, unsigned *line, char *into, size_t size)
{
    char text[512];
    bool inside = false;

    into[0] = '\0';
    while (fgets(text, sizeof(text), manual) != NULL) {
        ++*line;
        if (!inside && strncmp(text, "```", 3) == 0 && strncmp(text + 3, mark, strlen(mark)) == 0 &&
            text[3 + strlen(mark)] == '\n') {
            inside = true;
        } else if (inside && strncmp(text, "```", 3) == 0) {
            return true;
        } else if (inside) {
            assert_true(strlen(into) + strlen(text) < size);
            strcat(into, text);
        }
    }
    assert_false(inside);
    return false;
}

static void run_examples(ruling *with, const char *place)
{
    for (size_t i = 0; i < pm_rules_count(with->rules); i++) {
        const pm_rule *rule = pm_rules_nth(with->rules, i);
        pm_slice example;
        bool matches;

        for (size_t nth = 0; (example = pm_rule_example(rule, nth, &matches, NULL)).data != NULL;
             nth++) {
            pm_letter *letter;

            pm_message_reset(with->message);
            pm_message_read(with->message, example);
            assert_int_equal(pm_letter_read(with->message, NULL, &letter), PM_OK);
            pm_facts_init(&with->facts, pm_message_arena(with->message), with->vocabulary);
            ruling_add_text(with, "project", "linux");
            if (pm_rule_holds(rule, letter, &with->facts) != matches)
                fail_msg("%s: rule %s does not do what its example says: %.*s", place,
                         pm_rule_id(rule), PM_FMT(example));
        }
    }
}

static void every_example_of_the_manual_of_rules_works(void **state)
{
    FILE *manual = fopen("milter/engine/rules.md", "r");
    const pm_rule_powers powers = {.discard = true, .reject = true};
    unsigned line = 0, blocks = 0;
    char text[8192], place[64];

    (void)state;
    assert_non_null(manual);
    while (next_block(manual, "rules", &line, text, sizeof(text))) {
        ruling with;

        ruling_begin(&with);
        snprintf(place, sizeof(place), "rules.md, above line %u", line);
        if (!ruling_compile_as(&with, place, text, &powers))
            fail_msg("%s:\n%s", pm_errors_nth(with.errors, 0), text);
        if (pm_warnings_count(with.errors) > 0)
            fail_msg("%s", pm_errors_nth(with.errors, 0));
        run_examples(&with, place);
        ruling_end(&with);
        blocks++;
    }
    fclose(manual);
    assert_true(blocks > 10);
}

static void every_example_of_the_manual_of_the_configuration_works(void **state)
{
    FILE *manual = fopen("milter/engine/config.md", "r");
    unsigned line = 0, blocks = 0;
    char text[8192], place[64];

    (void)state;
    assert_non_null(manual);
    while (next_block(manual, "conf", &line, text, sizeof(text))) {
        pm_config config = {.file = NULL};
        pm_statement *statements;
        ruling with;

        ruling_begin(&with);
        snprintf(place, sizeof(place), "config.md, above line %u", line);
        if (pm_syntax_parse(with.arena, place, pm_slice_of(text), with.errors, &statements) !=
                PM_OK ||
            !pm_config_read(with.arena, statements, &config, with.errors))
            fail_msg("%s:\n%s", pm_errors_nth(with.errors, 0), text);
        ruling_end(&with);
        blocks++;
    }
    fclose(manual);
    assert_true(blocks > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_example_of_the_manual_of_rules_works),
        cmocka_unit_test(every_example_of_the_manual_of_the_configuration_works),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
