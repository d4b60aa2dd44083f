/* SPDX-License-Identifier: BSD-2-Clause */
/* address_test - the mailboxes in From, To and Cc as people and programs write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "address.h"

static int open_arena(void **state)
{
    *state = pm_arena_new((size_t)1024 * 1024);
    return *state == NULL ? -1 : 0;
}

static int close_arena(void **state)
{
    pm_arena_free(*state);
    return 0;
}

/* All mailboxes of value as "name<address>|". */
static void check(pm_arena *arena, pm_slice value, const char *wanted)
{
    char found[1024] = "";
    size_t length = 0;
    pm_slice rest = value;
    pm_mailbox mailbox;

    while (pm_address_next(arena, &rest, &mailbox)) {
        length += (size_t)snprintf(found + length, sizeof(found) - length, "%.*s<%.*s>|",
                                   PM_FMT(mailbox.name), PM_FMT(mailbox.address));
        assert_true(pm_slice_is_utf8(mailbox.name));
        assert_true(pm_slice_is_utf8(mailbox.address));
    }
    if (strcmp(found, wanted) != 0)
        fail_msg("\"%.*s\" has the mailboxes \"%s\", not \"%s\"", PM_FMT(value), found, wanted);
}

typedef struct reading {
    const char *value, *wanted;
} reading;

static void check_all(pm_arena *arena, const reading *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check(arena, pm_slice_of(cases[i].value), cases[i].wanted);
}

#define CHECK(arena, cases) check_all(arena, cases, sizeof(cases) / sizeof(*(cases)))

static void the_usual_forms_are_understood(void **state)
{
    static const reading cases[] = {
        {"ann@example.org", "<ann@example.org>|"},
        {"<ann@example.org>", "<ann@example.org>|"},
        {"Ann Other <ann@example.org>", "Ann Other<ann@example.org>|"},
        {"\"Other, Ann\" <ann@example.org>", "Other, Ann<ann@example.org>|"},
        {"Ann O. Other <Ann.Other@Example.ORG>", "Ann O. Other<Ann.Other@Example.ORG>|"},
        {"ann@example.org (Ann Other)", "Ann Other<ann@example.org>|"},
        {"<ann@example.org> (Ann Other)", "Ann Other<ann@example.org>|"},
        {"Ann <ann@example.org> (at work)", "Ann<ann@example.org>|"},
        {"Ann (at work) <ann@example.org>", "Ann<ann@example.org>|"},
        {"a@example.org, b@example.org,c@example.org",
         "<a@example.org>|<b@example.org>|<c@example.org>|"},
        {"A <a@example.org>,\n\tB <b@example.org>,\r\n C <c@example.org>",
         "A<a@example.org>|B<b@example.org>|C<c@example.org>|"},
        {"\"Ann \\\"The Pen\\\" Other\" <ann@example.org>",
         "Ann \"The Pen\" Other<ann@example.org>|"},
        {"Ann \"The Pen\" Other <ann@example.org>", "Ann The Pen Other<ann@example.org>|"},
        {"\"ann other\"@example.org", "<\"ann other\"@example.org>|"},
        {"<ann@[192.0.2.1]>, bob@[IPv6:2001:db8::1]",
         "<ann@[192.0.2.1]>|<bob@[IPv6:2001:db8::1]>|"},
        {"postmaster", "<postmaster>|"},
        {"", ""},
        {" , ,\n ", ""},
    };

    CHECK(*state, cases);
}

static void groups_give_their_members(void **state)
{
    static const reading cases[] = {
        {"Friends: a@example.org, B <b@example.org>;", "<a@example.org>|B<b@example.org>|"},
        {"undisclosed-recipients:;", ""},
        {"undisclosed-recipients: ;, a@example.org", "<a@example.org>|"},
        {"\"The: Group\": a@example.org; b@example.org", "<a@example.org>|<b@example.org>|"},
    };

    CHECK(*state, cases);
}

static void obsolete_forms_are_understood(void **state)
{
    static const reading cases[] = {
        {"<@relay.example.org:ann@example.org>", "<ann@example.org>|"},
        {"<@a.example.org,@b.example.org:ann@example.org>, b@example.org",
         "<ann@example.org>|<b@example.org>|"},
        {"ann @ example.org", "<ann@example.org>|"},
        {"Ann <ann(the one)@example.org>", "Ann<ann@example.org>|"},
        {"Ann <\r\n ann@example.org>", "Ann<ann@example.org>|"},
        {"ann(comment (in a comment))@example.org", "comment<ann@example.org>|"},
    };

    CHECK(*state, cases);
}

static void encoded_names_are_decoded_after_the_list_is_taken_apart(void **state)
{
    static const reading cases[] = {
        {"=?utf-8?q?Ann=C3=A9?= <ann@example.org>", "Ann\xc3\xa9<ann@example.org>|"},
        {"\"=?utf-8?q?Ann=C3=A9?=\" <ann@example.org>", "Ann\xc3\xa9<ann@example.org>|"},
        {"=?utf-8?q?Other=2C_Ann?= <ann@example.org>", "Other, Ann<ann@example.org>|"},
        {"=?utf-8?q?eve=40example=2Eorg=3E=2C?= <ann@example.org>",
         "eve@example.org>,<ann@example.org>|"},
        {"ann@example.org (=?utf-8?q?Ann=C3=A9?=)", "Ann\xc3\xa9<ann@example.org>|"},
        {"=?utf-8?q?Ann?=\n =?utf-8?q?_Other?= <ann@example.org>", "Ann Other<ann@example.org>|"},
        {"Ann\xe9 <ann@example.org>", "Ann\xc3\xa9<ann@example.org>|"},
        {"Ann <ann\xe9@example.org>", "Ann<ann\xc3\xa9@example.org>|"},
        {"Ann <ann\xc3\xa9@example.org>", "Ann<ann\xc3\xa9@example.org>|"},
    };

    CHECK(*state, cases);
}

static void what_people_get_wrong_still_gives_addresses(void **state)
{
    static const reading cases[] = {
        {"A <a@example.org> B <b@example.org>", "A<a@example.org>|B<b@example.org>|"},
        {"A <a@example.org>; b@example.org", "A<a@example.org>|<b@example.org>|"},
        {"Ann <<ann@example.org>>", "Ann<ann@example.org>|"},
        {"Ann <ann@example.org", "Ann<ann@example.org>|"},
        {"Ann <ann@example.org, b@example.org", "Ann<ann@example.org>|<b@example.org>|"},
        {"\"Ann <ann@example.org>", "Ann<ann@example.org>|"},
        {"Ann (Other <ann@example.org>", "Ann (Other<ann@example.org>|"},
        {"ann@example.org ann@example.org <ann@example.org>",
         "ann@example.org ann@example.org<ann@example.org>|"},
        {"Ann Other", ""},
        {"Ann <>", ""},
        {"<>", ""},
        {"<@>", ""},
        {"(ann@example.org)", ""},
        {"Ann Other, b@example.org", "<b@example.org>|"},
        {"ann@example.org,", "<ann@example.org>|"},
    };

    CHECK(*state, cases);
}

static void a_nul_byte_ends_nothing(void **state)
{
    check(*state, PM_LIT("A\0nn <ann@example.org>, b@example.org"),
          "A nn<ann@example.org>|<b@example.org>|");
}

static void plain_mailboxes_are_borrowed(void **state)
{
    const char *value = "\"Other, Ann\" <ann@example.org>";
    pm_slice rest = pm_slice_of(value);
    pm_mailbox mailbox;

    assert_true(pm_address_next(*state, &rest, &mailbox));
    assert_ptr_equal(mailbox.name.data, value + 1);
    assert_ptr_equal(mailbox.address.data, strchr(value, '<') + 1);
    assert_int_equal(pm_arena_used(*state), 0);
}

static void opening_marks_without_end_are_plain_characters(void **state)
{
    static const char marks[] = "(\"[<\\,";
    pm_arena *arena = *state;

    for (const char *mark = marks; *mark != '\0'; mark++) {
        size_t length = 60000, count = 0;
        char *bytes = pm_alloc(arena, length);
        pm_slice rest = {bytes, length};
        pm_mailbox mailbox;

        assert_non_null(bytes);
        memset(bytes, *mark, length);
        memcpy(bytes + length - 15, ",ann@example.org", 15); /* cut before its last letter */
        while (pm_address_next(arena, &rest, &mailbox))
            count++;
        assert_in_range(count, 1, 2);
        pm_arena_reset(arena);
    }
}

static void past_the_budget_a_mailbox_is_passed_over(void **state)
{
    pm_arena *small = pm_arena_new(1);
    pm_slice rest = PM_LIT("ann @ example.org, b@example.org");
    pm_mailbox mailbox;

    (void)state;
    assert_non_null(small);
    assert_true(pm_address_next(small, &rest, &mailbox));
    assert_true(pm_slice_equal(mailbox.address, PM_LIT("b@example.org")));
    assert_false(pm_address_next(small, &rest, &mailbox));
    pm_arena_free(small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_usual_forms_are_understood, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(groups_give_their_members, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(obsolete_forms_are_understood, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(encoded_names_are_decoded_after_the_list_is_taken_apart,
                                        open_arena, close_arena),
        cmocka_unit_test_setup_teardown(what_people_get_wrong_still_gives_addresses, open_arena,
                                        close_arena),
        cmocka_unit_test_setup_teardown(a_nul_byte_ends_nothing, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(plain_mailboxes_are_borrowed, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(opening_marks_without_end_are_plain_characters, open_arena,
                                        close_arena),
        cmocka_unit_test(past_the_budget_a_mailbox_is_passed_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
