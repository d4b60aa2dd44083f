/* SPDX-License-Identifier: BSD-2-Clause */
/* field_test - every field of a letter, by name, on one mail that has them all. */
#include "field.h"

#include "mime.h"

#include <harness.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const char mail[] = "From: Ada Example <Ada@Example.ORG>\n"
                           "To: dev@lists.example.org, Bob <bob@example.org>\n"
                           "Cc: core@lists.example.org\n"
                           "Subject: [dev] [RFC PATCH net-next v5.1 03/12] widget: count the cogs\n"
                           "Date: Sat, 01 Jan 2022 00:00:00 +0000\n"
                           "Message-ID: <v5-3@example.org>\n"
                           "In-Reply-To: <v5-0@example.org>\n"
                           "References: <v4-0@example.org> <v5-0@example.org>\n"
                           "List-Id: Development <dev.lists.example.org>\n"
                           "X-Mood: =?utf-8?q?tr=C3=A8s_gai?=\n"
                           "\n"
                           "Cogs were not counted.\n"
                           "\n"
                           "Signed-off-by: Ada Example <ada@example.org>\n"
                           "---\n"
                           "Changes in v5:\n"
                           "- count from zero\n"
                           "\n"
                           " drivers/widget/cog.c | 3 ++-\n"
                           " 1 file changed, 2 insertions(+), 1 deletion(-)\n"
                           "\n"
                           "diff --git a/drivers/widget/cog.c b/drivers/widget/cog.c\n"
                           "index 1111111..2222222 100644\n"
                           "--- a/drivers/widget/cog.c\n"
                           "+++ b/drivers/widget/cog.c\n"
                           "@@ -1,3 +1,4 @@\n"
                           " int cogs(void)\n"
                           "-{ return 1; }\n"
                           "+{ return 0; }\n"
                           "+/* done */\n"
                           "\n"
                           "base-commit: 0123456789abcdef0123456789abcdef01234567\n";

typedef struct fixture {
    pm_message *message;
    pm_letter *letter;
} fixture;

static int read_mail(void **state)
{
    fixture *of = calloc(1, sizeof(*of));

    of->message = pm_message_new(NULL);
    pm_message_read(of->message, PM_LIT(mail));
    pm_message_set_sender(of->message, PM_LIT("<bounce@lists.example.org>"));
    pm_message_add_recipient(of->message, PM_LIT("<one@example.org>"));
    pm_message_add_recipient(of->message, PM_LIT("<two@example.org>"));
    *state = of;
    return pm_letter_read(of->message, NULL, &of->letter) == PM_OK ? 0 : -1;
}

static int drop_mail(void **state)
{
    fixture *of = *state;

    pm_message_free(of->message);
    free(of);
    return 0;
}

static void text_fields_say_what_the_letter_says(void **state)
{
    static const struct {
        const char *field;
        unsigned nth;
        const char *value; /* NULL: absent */
    } cases[] = {
        {"kind", 0, "patch"},
        {"kind", 1, NULL},
        {"title", 0, "widget: count the cogs"},
        {"prefix", 0, "RFC"},
        {"prefix", 1, "PATCH"},
        {"prefix", 2, "net-next"},
        {"prefix", 3, NULL},
        {"list-tag", 0, "dev"},
        {"message-id", 0, "v5-3@example.org"},
        {"in-reply-to", 0, "v5-0@example.org"},
        {"reference", 0, "v4-0@example.org"},
        {"reference", 1, "v5-0@example.org"},
        {"reference", 2, NULL},
        {"author", 0, "ada@example.org"},
        {"author.name", 0, "Ada Example"},
        {"list", 0, "dev.lists.example.org"},
        {"addressee", 0, "dev@lists.example.org"},
        {"addressee", 1, "bob@example.org"},
        {"addressee", 2, "core@lists.example.org"},
        {"addressee", 3, NULL},
        {"sender", 0, "bounce@lists.example.org"},
        {"recipient", 1, "two@example.org"},
        {"recipient", 2, NULL},
        {"tag", 0, "rfc"},
        {"tag", 1, NULL},
        {"path", 0, "drivers/widget/cog.c"},
        {"path", 1, NULL},
        {"path.old", 0, ""},
        {"path.old", 1, NULL},
        {"path.how", 0, "whole"},
        {"path.how", 1, NULL},
        {"shortlog", 0, NULL},
        {"shortlog.author", 0, NULL},
        {"changelog", 0, "- count from zero"},
        {"base-commit", 0, "0123456789abcdef0123456789abcdef01234567"},
        {"change-id", 0, NULL},
        {"supersedes", 0, NULL},
        {"based-on", 0, NULL},
        {"depends-on", 0, NULL},
    };
    const fixture *of = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const pm_field *field = pm_field_find(pm_slice_of(cases[i].field));
        pm_slice value = PM_EMPTY;
        pm_status status;

        if (field == NULL || field->type != PM_FIELD_TEXT)
            fail_msg("%s is no text field", cases[i].field);
        status = field->text(of->letter, cases[i].nth, &value);
        if (status != (cases[i].value == NULL ? PM_ABSENT : PM_OK))
            fail_msg("%s %u: status %d", cases[i].field, cases[i].nth, status);
        if (cases[i].value != NULL && !pm_slice_equal(value, pm_slice_of(cases[i].value)))
            fail_msg("%s %u is \"%.*s\", not \"%s\"", cases[i].field, cases[i].nth, PM_FMT(value),
                     cases[i].value);
    }
}

static void number_fields_say_what_the_letter_says(void **state)
{
    static const struct {
        const char *field;
        pm_status status;
        int64_t value;
    } cases[] = {
        {"reply", PM_OK, 0},
        {"rfc", PM_OK, 1},
        {"resend", PM_OK, 0},
        {"revision", PM_OK, 5},
        {"revision.doubtful", PM_OK, 0},
        {"reroll", PM_OK, 1},
        {"part", PM_OK, 3},
        {"total", PM_OK, 12},
        {"date", PM_OK, 1640995200},
        {"has-diff", PM_OK, 1},
        {"path.lines", PM_OK, 3},
        {"files-changed", PM_OK, 1},
        {"insertions", PM_OK, 2},
        {"deletions", PM_OK, 1},
        {"changelog.revision", PM_OK, 5},
    };
    const fixture *of = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const pm_field *field = pm_field_find(pm_slice_of(cases[i].field));
        int64_t value = -99;

        if (field == NULL || field->type == PM_FIELD_TEXT)
            fail_msg("%s is no number field", cases[i].field);
        if (field->number(of->letter, 0, &value) != cases[i].status || value != cases[i].value)
            fail_msg("%s is %lld", cases[i].field, (long long)value);
        assert_int_equal(field->number(of->letter, 1, &value), PM_ABSENT);
    }
}

static void prose_ends_where_the_diff_begins(void **state)
{
    const fixture *of = *state;
    pm_slice prose, text;

    assert_int_equal(pm_field_find(PM_LIT("body-prose"))->text(of->letter, 0, &prose), PM_OK);
    assert_int_equal(pm_field_find(PM_LIT("text"))->text(of->letter, 0, &text), PM_OK);
    assert_true(pm_slice_find(text, PM_LIT("diff --git")) != PM_NOWHERE);
    assert_true(pm_slice_find(prose, PM_LIT("diff --git")) == PM_NOWHERE);
    assert_true(pm_slice_find(prose, PM_LIT("Cogs were not counted.")) != PM_NOWHERE);
}

static void size_counts_header_and_body(void **state)
{
    const fixture *of = *state;
    int64_t size;

    assert_int_equal(pm_field_find(PM_LIT("size"))->number(of->letter, 0, &size), PM_OK);
    assert_true(size > 800 && size < (int64_t)sizeof(mail));
}

static void every_field_has_one_function_that_fits_its_type(void **state)
{
    const pm_field *field;
    size_t count = 0;

    (void)state;
    for (; (field = pm_field_nth(count)) != NULL; count++) {
        assert_true((field->text != NULL) == (field->type == PM_FIELD_TEXT));
        assert_true((field->number != NULL) == (field->type != PM_FIELD_TEXT));
        assert_ptr_equal(pm_field_find(pm_slice_of(field->name)), field);
        assert_string_equal(pm_field_names()[count], field->name);
        assert_true(strlen(field->meaning) > 5);
    }
    assert_null(pm_field_names()[count]);
}

static void names_that_are_no_field_are_not_found(void **state)
{
    static const char *const names[] = {"", "titl", "titlee", "Title", "header.subject", "zzz"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_null(pm_field_find(pm_slice_of(names[i])));
}

static void every_field_is_absent_far_behind_its_last_value(void **state)
{
    const fixture *of = *state;
    const pm_field *field;
    int64_t number;
    pm_slice text;

    for (size_t i = 0; (field = pm_field_nth(i)) != NULL; i++) {
        if (field->type == PM_FIELD_TEXT)
            assert_int_equal(field->text(of->letter, 1000000, &text), PM_ABSENT);
        else
            assert_int_equal(field->number(of->letter, 1000000, &number), PM_ABSENT);
    }
}

/* plugins/sdk/harness.c keeps a list of its own, for it must not need the engine. */
static void the_harness_knows_the_same_fields(void **state)
{
    const pm_field *field;
    pm_fact_type type;
    const char *name;
    size_t nth;

    (void)state;
    for (nth = 0; (field = pm_field_nth(nth)) != NULL; nth++) {
        assert_true(pm_bench_field(nth, &name, &type));
        assert_string_equal(name, field->name);
        assert_int_equal(type, field->type == PM_FIELD_TEXT ? PM_FACT_TEXT : PM_FACT_NUMBER);
    }
    assert_false(pm_bench_field(nth, &name, &type));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_fields_say_what_the_letter_says),
        cmocka_unit_test(number_fields_say_what_the_letter_says),
        cmocka_unit_test(prose_ends_where_the_diff_begins),
        cmocka_unit_test(size_counts_header_and_body),
        cmocka_unit_test(every_field_has_one_function_that_fits_its_type),
        cmocka_unit_test(names_that_are_no_field_are_not_found),
        cmocka_unit_test(every_field_is_absent_far_behind_its_last_value),
        cmocka_unit_test(the_harness_knows_the_same_fields),
    };

    pm_mime_start();
    return cmocka_run_group_tests_name("field", tests, read_mail, drop_mail);
}
