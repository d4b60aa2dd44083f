/* SPDX-License-Identifier: BSD-2-Clause */
/* template_test - values of a letter, put into the texts of rules. */
#include "ruling.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void values_of_the_letter_are_put_into_texts(void **state)
{
    static const struct {
        const char *effect, *field, *tag; /* NULL: there is none */
    } cases[] = {
        {"field A \"{mood}\"", "grim, merry", NULL},
        {"field A \"{ mood }!\"", "grim, merry!", NULL},
        {"field A \"{subject.shouts} of {total}, rfc: {rfc}\"", "4 of 5, rfc: yes", NULL},
        {"field A \"{title}\"", "KVM: nVMX: Flush the thing", NULL},
        {"field A \"{header.X-Token}\"", "one, tw\xC3\xB6", NULL},
        {"field A \"{path}\"", "arch/x86/kvm/vmx.c, virt/kvm/kvm_main.c", NULL},
        {"field A \"{kind}{kind}\"", "covercover", NULL},
        {"field A \"{{mood}} {mood}\"", "{mood} grim, merry", NULL},
        {"field A \"{{}}\"", "{}", NULL},
        /* One line, whatever it was. */
        {"field A \"{text}\"", "This series fixes nested paging.", NULL},
        /* Nothing of a letter that lacks one. */
        {"field A \"{mood} {base-commit}\"", NULL, NULL},
        {"tag \"mood-{mood}\"", NULL, "mood-grim"},
        {"tag \"{title}\"", NULL, "kvm-nvmx-flush-the-thing"},
        {"tag \"x{change-id}\"", NULL, NULL},
        {"tag \"{header.x-odd}\"", NULL, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const pm_found *tag;
        char text[512];
        ruling with;

        ruling_begin(&with);
        ruling_add_text(&with, "mood", "grim");
        ruling_add_text(&with, "mood", "merry");
        ruling_add_text(&with, "mood", "grim");
        ruling_add_number(&with, "subject.shouts", 4);
        pm_message_add_header(with.message, PM_LIT("X-Odd"), PM_LIT("\xff/!"));
        snprintf(text, sizeof(text), "rule r { why x; when kind == cover; then %s }",
                 cases[i].effect);
        ruling_compile(&with, text);
        assert_int_equal(ruling_run(&with), PM_OK);
        tag = pm_facts_nth(&with.facts, PM_LIT("tag"), 0);
        assert_int_equal(with.verdict.field_count, cases[i].field != NULL);
        if (cases[i].field != NULL &&
            !pm_slice_equal(with.verdict.fields[0].value, pm_slice_of(cases[i].field)))
            fail_msg("%s\nbecomes %.*s", cases[i].effect, PM_FMT(with.verdict.fields[0].value));
        assert_int_equal(tag != NULL, cases[i].tag != NULL);
        if (tag != NULL && !pm_slice_equal(tag->text, pm_slice_of(cases[i].tag)))
            fail_msg("%s\nbecomes %.*s", cases[i].effect, PM_FMT(tag->text));
        ruling_end(&with);
    }
}

static void a_value_that_is_too_long_is_cut(void **state)
{
    char title[2000];
    pm_slice text;
    ruling with;

    (void)state;
    ruling_begin(&with);
    for (size_t i = 0; i < sizeof(title); i += 2)
        memcpy(title + i, "\xC3\xB6", 2);
    title[0] = title[1] = 'a';
    with.letter.subject.title = (pm_slice){title, sizeof(title)};
    ruling_compile(&with,
                   "rule r { why x; when kind == cover; then field A \"-{title}\", tag \"{title}\" "
                   "}");
    assert_int_equal(ruling_run(&with), PM_OK);
    text = with.verdict.fields[0].value;
    assert_in_range(text.len, 497, 500);
    assert_true(pm_slice_ends(text, PM_LIT("\xC3\xB6...")));
    assert_true(pm_slice_is_utf8(text));
    assert_true(pm_slice_equal(pm_facts_nth(&with.facts, PM_LIT("tag"), 0)->text, PM_LIT("aa")));
    ruling_end(&with);
}

/* A rule must not see what other rules added, wherever it stands. */
static void texts_hold_what_plugins_reported_and_not_what_rules_added(void **state)
{
    ruling with;

    (void)state;
    ruling_begin(&with);
    ruling_add_text(&with, "mood", "grim");
    ruling_compile(&with, "rule a { why x; when kind == cover; then fact mood merry }\n"
                          "rule b { why x; when kind == cover; then field A \"{mood}\" }\n");
    assert_int_equal(ruling_run(&with), PM_OK);
    assert_true(pm_slice_equal(with.verdict.fields[0].value, PM_LIT("grim")));
    ruling_end(&with);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_the_letter_are_put_into_texts),
        cmocka_unit_test(a_value_that_is_too_long_is_cut),
        cmocka_unit_test(texts_hold_what_plugins_reported_and_not_what_rules_added),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
