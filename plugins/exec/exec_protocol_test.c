/* SPDX-License-Identifier: BSD-2-Clause */
/* exec_protocol_test - what a program may say, and how any byte survives in a line. */
#include "protocol.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define GREETING                                                                                   \
    "patchmark-exec 1\n"                                                                           \
    "field title\n"                                                                                \
    "field header.X-Mailer\n"                                                                      \
    "need project\n"                                                                               \
    "fact a.number number how many, 100%25 of them\n"                                              \
    "fact a.text text which one\n"                                                                 \
    "ready\n"

static pm_exec_greeting *greet(const char *said)
{
    char why[PM_EXEC_WHY] = "";
    pm_exec_greeting *greeting = pm_exec_greeting_read(said, strlen(said), why);

    assert_true((greeting == NULL) == (why[0] != '\0'));
    return greeting;
}

static void bytes_that_would_break_a_line_are_escaped(void **state)
{
    static const char value[] = "100%\n\t\x1b\x7f\xff\0 end";
    pm_slice rest = {value, sizeof(value) - 1};
    char out[64];
    size_t len;

    (void)state;
    assert_int_equal(pm_exec_escaped_length(rest), 24);
    len = pm_exec_escape(&rest, out, sizeof(out));
    assert_int_equal(rest.len, 0);
    assert_int_equal(len, 24);
    assert_memory_equal(out, "100%25%0A\t%1B%7F\xff%00 end", len);
    assert_true(pm_exec_unescape(out, &len));
    assert_int_equal(len, sizeof(value) - 1);
    assert_memory_equal(out, value, len);
}

static void a_value_may_be_written_in_pieces(void **state)
{
    for (size_t room = 3; room < 9; room++) {
        pm_slice rest = {"a%b\n\nc", 6};
        char out[32];
        size_t len = 0;

        while (rest.len > 0) {
            const size_t more = pm_exec_escape(&rest, out + len, room);

            assert_true(more > 0 && more <= room);
            len += more;
        }
        assert_int_equal(len, 12);
        assert_memory_equal(out, "a%25b%0A%0Ac", len);
    }
    (void)state;
}

static void a_percent_sign_wants_two_digits(void **state)
{
    static const char *const cases[] = {"%", "a%2", "%g0", "%0g", "100%"};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[8];
        size_t len = strlen(cases[i]);

        memcpy(text, cases[i], len);
        assert_false(pm_exec_unescape(text, &len));
    }
}

static void weights_have_a_point_and_three_digits(void **state)
{
    static const struct {
        double weight;
        const char *text;
    } cases[] = {{1, "1.000"}, {2.5, "2.500"}, {1e-9, "0.001"}, {1e300, "1000000.000"}};
    char text[PM_EXEC_NUMBER];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pm_exec_print_weight(cases[i].weight, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void a_greeting_says_what_is_wanted_and_what_there_will_be(void **state)
{
    pm_exec_greeting *greeting = greet(GREETING);

    (void)state;
    assert_non_null(greeting);
    assert_int_equal(greeting->field_count, 2);
    assert_string_equal(greeting->fields[1], "header.X-Mailer");
    assert_int_equal(greeting->need_count, 1);
    assert_string_equal(greeting->needs[0], "project");
    assert_int_equal(greeting->fact_count, 2);
    assert_string_equal(greeting->facts[0].name, "a.number");
    assert_int_equal(greeting->facts[0].type, PM_FACT_NUMBER);
    assert_string_equal(greeting->facts[0].meaning, "how many, 100% of them");
    assert_int_equal(greeting->facts[1].type, PM_FACT_TEXT);
    pm_exec_greeting_free(greeting);
}

static void a_greeting_ends_with_its_first_ready(void **state)
{
    (void)state;
    assert_int_equal(pm_exec_greeting_end(GREETING, strlen(GREETING)), strlen(GREETING));
    assert_int_equal(pm_exec_greeting_end(GREETING "more\n", strlen(GREETING) + 5),
                     strlen(GREETING));
    assert_int_equal(pm_exec_greeting_end(GREETING, strlen(GREETING) - 1), 0);
    assert_int_equal(pm_exec_greeting_end("", 0), 0);
}

static void a_greeting_that_breaks_the_rules_is_refused(void **state)
{
    static const char *const cases[] = {
        "ready\n",
        "patchmark-exec 2\nready\n",
        " patchmark-exec 1\nready\n",
        "patchmark-exec 1\r\nready\r\n",
        "patchmark-exec 1\nready now\n",
        "patchmark-exec 1\nhello\nready\n",
        "patchmark-exec 1\n\nready\n",
        "patchmark-exec 1\nfield\nready\n",
        "patchmark-exec 1\nfield a b\nready\n",
        "patchmark-exec 1\nfield a\nfield a\nready\n",
        "patchmark-exec 1\nfield a\x80\nready\n",
        "patchmark-exec 1\nneed Project\nready\n",
        "patchmark-exec 1\nfact a\nready\n",
        "patchmark-exec 1\nfact a text\nready\n",
        "patchmark-exec 1\nfact a text \nready\n",
        "patchmark-exec 1\nfact a word it means\nready\n",
        "patchmark-exec 1\nfact a text it%\nready\n",
        "patchmark-exec 1\nfact a text it%00\nready\n",
        "patchmark-exec 1\nfact A text it\nready\n",
        "patchmark-exec 1\nfact a text it\nfact a text it\nready\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pm_exec_greeting *greeting = greet(cases[i]);

        if (greeting != NULL)
            fail_msg("accepted: %s", cases[i]);
    }
}

static void a_greeting_asks_for_64_of_a_kind_at_most(void **state)
{
    static const char *const kinds[] = {"field a%d\n", "need a%d\n", "fact a%d text it\n"};

    (void)state;
    for (size_t kind = 0; kind < 3; kind++) {
        for (int count = 64; count <= 65; count++) {
            char said[4096] = "patchmark-exec 1\n";
            pm_exec_greeting *greeting;

            for (int i = 0; i < count; i++) {
                char line[64];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
                snprintf(line, sizeof(line), kinds[kind], i);
#pragma GCC diagnostic pop
                strcat(said, line);
            }
            strcat(said, "ready\n");
            greeting = greet(said);
            assert_int_equal(greeting != NULL, count == 64);
            pm_exec_greeting_free(greeting);
        }
    }
}

/* What is read of an answer to letter 7 that comes `step` bytes at a time. */
static pm_exec_state hear(const char *said, size_t step, pm_exec_answer *answer,
                          const pm_exec_greeting *greeting)
{
    const size_t len = strlen(said);
    pm_exec_state state = PM_EXEC_MORE;

    pm_exec_answer_begin(answer);
    for (size_t at = 0; at < len && state == PM_EXEC_MORE; at += step) {
        const size_t more = len - at < step ? len - at : step;

        memcpy(answer->said + answer->len, said + at, more);
        answer->len += more;
        state = pm_exec_answer_read(answer, greeting, 7);
    }
    return state;
}

static void an_answer_is_the_same_in_any_pieces(void **state)
{
    static const char said[] = "fact 7 a.number 1 -9223372036854775808\n"
                               "fact 7 a.text 0.25 a%0Ab \xc3\xa9\n"
                               "reason 7 50%25\n"
                               "done 7\n";
    pm_exec_greeting *greeting = greet(GREETING);
    pm_exec_answer *answer = malloc(sizeof(*answer));

    (void)state;
    assert_non_null(answer);
    for (size_t step = 1; step < sizeof(said); step++) {
        assert_int_equal(hear(said, step, answer, greeting), PM_EXEC_DONE);
        assert_false(pm_exec_answer_goes_on(answer));
        assert_int_equal(answer->count, 2);
        assert_true(answer->facts[0].number == INT64_MIN);
        assert_int_equal(answer->facts[1].text.len, 6);
        assert_memory_equal(answer->facts[1].text.data, "a\nb \xc3\xa9", 6);
        assert_true(answer->facts[1].weight == 0.25);
        assert_memory_equal(answer->facts[1].reason.data, "50%", 3);
    }
    assert_int_equal(hear("done 7\nmore", 20, answer, greeting), PM_EXEC_DONE);
    assert_true(pm_exec_answer_goes_on(answer));
    free(answer);
    pm_exec_greeting_free(greeting);
}

static void an_answer_that_breaks_the_rules_is_garbage(void **state)
{
    static const struct {
        const char *said;
        pm_exec_state state;
    } cases[] = {
        {"done 7\n", PM_EXEC_DONE},
        {"done 7", PM_EXEC_MORE},
        {"sorry 7 not now\n", PM_EXEC_SORRY},
        {"sorry 7\n", PM_EXEC_SORRY},
        {"done 8\n", PM_EXEC_GARBAGE},
        {"done 07\n", PM_EXEC_GARBAGE},
        {"done 7 \n", PM_EXEC_DONE},
        {"done 7 x\n", PM_EXEC_GARBAGE},
        {"done\n", PM_EXEC_GARBAGE},
        {"\n", PM_EXEC_GARBAGE},
        {"done 7\r\n", PM_EXEC_GARBAGE},
        {"Done 7\n", PM_EXEC_GARBAGE},
        {"fact 7 a.number 1 1.5\n", PM_EXEC_GARBAGE},
        {"fact 7 a.number 1 9223372036854775807\n", PM_EXEC_MORE},
        {"fact 7 a.number 1 9223372036854775808\n", PM_EXEC_GARBAGE},
        {"fact 7 a.number 1 -\n", PM_EXEC_GARBAGE},
        {"fact 7 a.number 1 \n", PM_EXEC_GARBAGE},
        {"fact 7 a.number 1  1\n", PM_EXEC_GARBAGE},
        {"fact 7 a.number 0 1\n", PM_EXEC_GARBAGE},
        {"fact 7 a.number -1 1\n", PM_EXEC_GARBAGE},
        {"fact 7 a.number 1e9 1\n", PM_EXEC_GARBAGE},
        {"fact 7 a.number 1.2.3 1\n", PM_EXEC_GARBAGE},
        {"fact 7 a.number .5 1\n", PM_EXEC_GARBAGE},
        {"fact 7 a.number 1000001 1\n", PM_EXEC_GARBAGE},
        {"fact 7 a.text 1 \n", PM_EXEC_MORE},
        {"fact 7 a.text 1\n", PM_EXEC_MORE},
        {"fact 7 a.text 1 %\n", PM_EXEC_GARBAGE},
        {"fact 7 a.text 1 \x01\n", PM_EXEC_GARBAGE},
        {"fact 7 other 1 x\n", PM_EXEC_GARBAGE},
        {"reason 7 for nothing\n", PM_EXEC_GARBAGE},
    };
    pm_exec_greeting *greeting = greet(GREETING);
    pm_exec_answer *answer = malloc(sizeof(*answer));

    (void)state;
    assert_non_null(answer);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const pm_exec_state found = hear(cases[i].said, 100, answer, greeting);

        if (found != cases[i].state)
            fail_msg("%d, not %d: %s", (int)found, (int)cases[i].state, cases[i].said);
        if (found == PM_EXEC_GARBAGE)
            assert_true(answer->why[0] != '\0');
    }
    free(answer);
    pm_exec_greeting_free(greeting);
}

static void a_text_has_1024_bytes_at_most(void **state)
{
    pm_exec_greeting *greeting = greet(GREETING);
    pm_exec_answer *answer = malloc(sizeof(*answer));

    (void)state;
    assert_non_null(answer);
    for (size_t len = 1024; len <= 1025; len++) {
        char said[1200] = "fact 7 a.text 1 ";
        const size_t before = strlen(said);

        memset(said + before, 'x', len);
        strcpy(said + before + len, "\ndone 7\n");
        assert_int_equal(hear(said, sizeof(said), answer, greeting),
                         len == 1024 ? PM_EXEC_DONE : PM_EXEC_GARBAGE);
    }
    free(answer);
    pm_exec_greeting_free(greeting);
}

static void a_complaint_is_printable(void **state)
{
    char why[PM_EXEC_WHY];

    (void)state;
    assert_null(pm_exec_greeting_read("\x1b[31m\xff\nready\n", 14, why));
    assert_string_equal(why,
                        "it does not begin with \"patchmark-exec 1\" but with: \"%1B[31m%FF\"");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_that_would_break_a_line_are_escaped),
        cmocka_unit_test(a_value_may_be_written_in_pieces),
        cmocka_unit_test(a_percent_sign_wants_two_digits),
        cmocka_unit_test(weights_have_a_point_and_three_digits),
        cmocka_unit_test(a_greeting_says_what_is_wanted_and_what_there_will_be),
        cmocka_unit_test(a_greeting_ends_with_its_first_ready),
        cmocka_unit_test(a_greeting_that_breaks_the_rules_is_refused),
        cmocka_unit_test(a_greeting_asks_for_64_of_a_kind_at_most),
        cmocka_unit_test(an_answer_is_the_same_in_any_pieces),
        cmocka_unit_test(an_answer_that_breaks_the_rules_is_garbage),
        cmocka_unit_test(a_text_has_1024_bytes_at_most),
        cmocka_unit_test(a_complaint_is_printable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
