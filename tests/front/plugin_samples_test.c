/* SPDX-License-Identifier: BSD-2-Clause */
/* plugin_samples_test - the letters that plugins are tried on are of the kinds they are said to be.
 */
#include "plugin_samples.h"

#include "letter.h"
#include "mime.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void there_is_a_letter_of_each_kind(void **state)
{
    static const struct {
        const char *name;
        pm_kind kind;
    } expected[] = {
        {"a cover letter", PM_KIND_COVER}, {"a patch of a series", PM_KIND_PATCH},
        {"a patch alone", PM_KIND_PATCH},  {"a reply", PM_KIND_REPLY},
        {"a pull request", PM_KIND_PULL},  {"a letter that is no patch mail", PM_KIND_OTHER},
    };

    (void)state;
    pm_mime_start();
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        const pm_plugin_sample *sample = pm_plugin_sample_nth(i);
        pm_message *message = pm_message_new(NULL);
        pm_letter *letter;

        assert_non_null(sample);
        assert_string_equal(sample->name, expected[i].name);
        pm_message_read(message, sample->mail);
        assert_int_equal(pm_letter_read(message, NULL, &letter), PM_OK);
        if (letter->kind != expected[i].kind)
            fail_msg("%s is a %s", sample->name, pm_kind_name(letter->kind));
        pm_message_free(message);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_is_a_letter_of_each_kind),
    };

    return cmocka_run_group_tests_name("plugin_samples", tests, NULL, NULL);
}
