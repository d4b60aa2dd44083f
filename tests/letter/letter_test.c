/* SPDX-License-Identifier: BSD-2-Clause */
/* letter_test - what a letter knows of itself: who, where, when, and the parts put together. */
#include "letter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define assert_slice_equal(slice, text)                                                            \
    do {                                                                                           \
        pm_slice is_ = (slice);                                                                    \
        if (!pm_slice_equal(is_, PM_LIT(text)))                                                    \
            fail_msg("\"%.*s\" is not \"%s\"", PM_FMT(is_), text);                                 \
    } while (0)

static pm_message *message;

static int make_message(void **state)
{
    (void)state;
    message = pm_message_new(NULL);
    return message == NULL;
}

static int free_message(void **state)
{
    (void)state;
    pm_message_free(message);
    return 0;
}

static pm_letter *read_mail(const char *mail)
{
    pm_letter *letter;

    pm_message_reset(message);
    pm_message_read(message, pm_slice_of(mail));
    assert_int_equal(pm_letter_read(message, NULL, &letter), PM_OK);
    return letter;
}

static void a_cover_letter_is_read_in_all_its_parts(void **state)
{
    pm_letter *letter = read_mail("From: =?utf-8?q?J=C3=BCrgen?= Writer <J.Writer@Example.org>\n"
                                  "To: Kvm List <KVM@vger.example.org>, b@example.org\n"
                                  "Cc: c@example.org\n"
                                  "Subject: [RFC PATCH net-next v2 0/2] foo: Tidy up\n"
                                  "Date: Wed, 31 Jan 2024 12:00:00 +0100\n"
                                  "Message-ID: <20240131.1@example.org>\n"
                                  "List-Id: <foo.example.org>\n"
                                  "X-Change-ID: 20240101-foo-abc123\n"
                                  "\n"
                                  "Two patches.\n"
                                  "\n"
                                  "Changes in v2:\n"
                                  "- none to speak of\n"
                                  "\n"
                                  "J. Writer (2):\n"
                                  "  foo: Rename a thing\n"
                                  "  foo: Use the new name\n"
                                  "\n"
                                  " foo/bar.c | 4 ++--\n"
                                  " foo/baz.c | 2 +-\n"
                                  " 2 files changed, 3 insertions(+), 3 deletions(-)\n");

    (void)state;
    assert_int_equal(letter->kind, PM_KIND_COVER);
    assert_slice_equal(letter->message_id, "20240131.1@example.org");
    assert_int_equal(letter->in_reply_to.len, 0);
    assert_int_equal(letter->date, 1706698800);
    assert_slice_equal(letter->author.address, "J.Writer@Example.org");
    assert_slice_equal(letter->author.name, "J\xc3\xbcrgen Writer");
    assert_int_equal(letter->addressee_count, 3);
    assert_slice_equal(letter->addressees[0], "kvm@vger.example.org");
    assert_slice_equal(letter->addressees[2], "c@example.org");
    assert_int_equal(letter->list_count, 1);
    assert_slice_equal(letter->lists[0], "foo.example.org");
    assert_int_equal(letter->subject.revision, 2);
    assert_int_equal(letter->shortlog.count, 2);
    assert_int_equal(letter->diffstat.count, 2);
    assert_int_equal(letter->diffstat.insertions, 3);
    assert_int_equal(letter->changelog.count, 1);
    assert_slice_equal(letter->trailers.change_id, "20240101-foo-abc123");
    assert_false(letter->has_diff);
}

static void a_patch_without_a_diffstat_has_the_paths_of_its_diff(void **state)
{
    pm_letter *letter = read_mail("From: L. Ister <lister@example.org>\n"
                                  "Subject: [PATCH] foo: Mend bar\n"
                                  "\n"
                                  "From: A. Writer <writer@example.org>\n"
                                  "\n"
                                  "Say why.\n"
                                  "\n"
                                  "diff --git a/foo/bar.c b/foo/bar.c\n"
                                  "index 1234567..89abcde 100644\n"
                                  "--- a/foo/bar.c\n"
                                  "+++ b/foo/bar.c\n"
                                  "@@ -1,2 +1,2 @@\n"
                                  " context\n"
                                  "-old\n"
                                  "+new\n");

    (void)state;
    assert_int_equal(letter->kind, PM_KIND_PATCH);
    assert_true(letter->has_diff);
    assert_true(letter->diffstat.from_diff);
    assert_int_equal(letter->diffstat.count, 1);
    assert_slice_equal(letter->diffstat.paths[0].path, "foo/bar.c");
    assert_slice_equal(letter->patch_author.address, "writer@example.org");
    assert_slice_equal(letter->author.address, "lister@example.org");
}

static void a_reply_is_not_searched_for_what_it_quotes(void **state)
{
    pm_letter *letter = read_mail("From: a@example.org\n"
                                  "Subject: Re: [PATCH 0/2] foo\n"
                                  "In-Reply-To: <1@example.org> (A. Writer's message)\n"
                                  "References: <0@example.org>\n\t<1@example.org>\n"
                                  "\n"
                                  "> A. Writer (1):\n"
                                  ">   foo: Rename a thing\n"
                                  ">\n"
                                  ">  foo/bar.c | 2 +-\n"
                                  ">  1 file changed, 1 insertion(+), 1 deletion(-)\n"
                                  ">\n"
                                  "> diff --git a/foo/bar.c b/foo/bar.c\n"
                                  "> --- a/foo/bar.c\n"
                                  "> +++ b/foo/bar.c\n"
                                  "Fine.\n");

    (void)state;
    assert_int_equal(letter->kind, PM_KIND_REPLY);
    assert_false(letter->has_diff);
    assert_int_equal(letter->diffstat.count, 0);
    assert_int_equal(letter->shortlog.count, 0);
    assert_slice_equal(letter->in_reply_to, "1@example.org");
    assert_int_equal(letter->reference_count, 2);
    assert_slice_equal(letter->references[0], "0@example.org");
}

/* Who wrote it, when the list says that it did. */
static const struct {
    const char *head, *body, *address, *name;
} via[] = {
    {"From: A. Writer via Foo-devel <foo-devel@example.org>\n"
     "Reply-To: A. Writer <writer@example.com>\n",
     "Hi.\n", "writer@example.com", "A. Writer"},
    {"From: A. Writer via Foo-devel <foo-devel@example.org>\n"
     "Reply-To: foo-devel@example.org, writer@example.com\n"
     "List-Post: <mailto:foo-devel@example.org>\n",
     "Hi.\n", "writer@example.com", "A. Writer"},
    {"From: \"A. Writer via groups.example.org\" <writer=example.com@groups.example.org>\n"
     "X-Original-From: A. Writer <writer@example.com>\n"
     "Reply-To: foo@groups.example.org\n",
     "Hi.\n", "writer@example.com", "A. Writer"},
    {"From: A. Writer via B4 Relay <devnull+writer.example.com@relay.example.org>\n"
     "Reply-To: writer@example.com\n",
     "Hi.\n", "writer@example.com", "A. Writer"},
    {"From: A. Writer via Foo-devel <foo-devel@example.org>\n",
     "\nFrom: B. Writer <b@example.com>\n\nHi.\n", "b@example.com", "B. Writer"},
    {"From: foo-devel@example.org\nList-Id: Foo <foo-devel.example.org>\n"
     "Reply-To: A. Writer <writer@example.com>\n",
     "Hi.\n", "writer@example.com", "A. Writer"},
    {"From: \"A. Writer via groups.example.org\" <writer=example.com@groups.example.org>\n"
     "Reply-To: foo@groups.example.org\n",
     "Hi.\n", "writer@example.com", "A. Writer"},
    {"From: A. Writer via Foo-devel <foo-devel@example.org>\n"
     "List-Id: Foo <foo-devel.example.org>\nReply-To: Talk of foo <foo-devel@example.org>\n"
     "Cc: Foo <foo-devel@example.org>, B. Reader <b@example.com>,\n"
     " A. Writer <writer@example.com>\n",
     "Hi.\n", "writer@example.com", "A. Writer"},
    {"From: A. Writer via <foo-devel@example.org>\nReply-To: writer@example.com\n", "Hi.\n",
     "writer@example.com", "A. Writer"},
    {"From: Writer, A. <writer@example.com>\n", "Hi.\n", "writer@example.com", "A."},
    {"From: A. Writer via Foo-devel <foo-devel@example.org>\n", "Hi.\n", "foo-devel@example.org",
     "A. Writer via Foo-devel"},
    /* nobody rewrote these */
    {"From: A. Writer <writer@example.com>\nReply-To: Team <team@example.com>\n",
     "From: B. Writer <b@example.com>\n\nHi.\n", "writer@example.com", "A. Writer"},
};

static void the_author_stands_behind_a_lists_rewriting(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(via) / sizeof(via[0]); i++) {
        char mail[2048];
        pm_letter *letter;

        snprintf(mail, sizeof(mail), "%sSubject: [PATCH] foo\n\n%s", via[i].head, via[i].body);
        letter = read_mail(mail);
        if (!pm_slice_equal(letter->author.address, pm_slice_of(via[i].address)) ||
            !pm_slice_equal(letter->author.name, pm_slice_of(via[i].name)))
            fail_msg("case %zu: \"%.*s\" <%.*s>, not \"%s\" <%s>", i, PM_FMT(letter->author.name),
                     PM_FMT(letter->author.address), via[i].name, via[i].address);
    }
}

static void a_list_is_one_list_however_it_is_named(void **state)
{
    pm_letter *letter = read_mail("From: a@example.org\n"
                                  "List-Id: \"Foo, and Bar\" <Foo.Lists.example.org>\n"
                                  "X-Mailing-List: foo@lists.example.org\n"
                                  "List-Post: <mailto:foo@lists.example.org?subject=x>\n"
                                  "X-BeenThere: bar@lists.example.org\n"
                                  "List-Id: baz.example.org\n"
                                  "List-Post: NO\n"
                                  "\n");

    (void)state;
    assert_int_equal(letter->list_count, 3);
    assert_slice_equal(letter->lists[0], "foo.lists.example.org");
    assert_slice_equal(letter->lists[1], "baz.example.org");
    assert_slice_equal(letter->lists[2], "bar.lists.example.org");
}

static void a_message_id_without_brackets_or_at_sign_is_still_one(void **state)
{
    (void)state;
    assert_slice_equal(read_mail("Message-ID: ABC-123\n\n")->message_id, "ABC-123");
    assert_slice_equal(read_mail("Message-Id: 1@example.org\n\n")->message_id, "1@example.org");
    assert_int_equal(read_mail("Message-ID:\n\n")->message_id.len, 0);
}

static void the_newest_references_are_kept(void **state)
{
    static char mail[65536];
    size_t at = (size_t)snprintf(mail, sizeof(mail), "Subject: Re: foo\nReferences:");
    pm_letter *letter;

    (void)state;
    for (unsigned i = 0; i < 1000; i++)
        at += (size_t)snprintf(mail + at, sizeof(mail) - at, "\n <%u@example.org>", i);
    snprintf(mail + at, sizeof(mail) - at, "\n\n");
    letter = read_mail(mail);
    assert_int_equal(letter->reference_count, 200);
    assert_slice_equal(letter->references[0], "800@example.org");
    assert_slice_equal(letter->references[199], "999@example.org");
}

static void no_more_than_500_addressees_are_kept(void **state)
{
    static char mail[65536];
    size_t at = (size_t)snprintf(mail, sizeof(mail), "Subject: foo\nCc: a@example.org");

    (void)state;
    for (unsigned i = 0; i < 1000; i++)
        at += (size_t)snprintf(mail + at, sizeof(mail) - at, ",\n %u@example.org", i);
    snprintf(mail + at, sizeof(mail) - at, "\n\n");
    assert_int_equal(read_mail(mail)->addressee_count, 500);
}

static void an_empty_message_is_a_letter_that_says_nothing(void **state)
{
    pm_letter *letter = read_mail("");

    (void)state;
    assert_int_equal(letter->kind, PM_KIND_OTHER);
    assert_int_equal(letter->subject.revision, 1);
    assert_int_equal(letter->subject.part, -1);
    assert_int_equal(letter->date, 0);
    assert_int_equal(letter->author.address.len, 0);
}

static void past_the_budget_it_is_no_patch_mail(void **state)
{
    pm_message_limits limits = pm_message_default_limits;
    pm_letter *letter;
    pm_status status = PM_OK;
    static const char mail[] = "From: A. Writer <writer@example.org>\n"
                               "To: a@example.org, b@example.org\n"
                               "Subject: [PATCH v2 0/2] foo\n\n"
                               " foo/bar.c | 2 +-\n 1 file changed, 1 insertion(+)\n";

    (void)state;
    for (limits.memory = 0; limits.memory < 20000; limits.memory += 97) {
        pm_message *small = pm_message_new(&limits);

        assert_non_null(small);
        pm_message_read(small, PM_LIT(mail));
        status = pm_letter_read(small, NULL, &letter);
        if (status == PM_LIMIT && letter != NULL)
            assert_int_equal(letter->kind, PM_KIND_OTHER);
        pm_message_free(small);
    }
    assert_int_equal(status, PM_OK); /* the largest was enough */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cover_letter_is_read_in_all_its_parts),
        cmocka_unit_test(a_patch_without_a_diffstat_has_the_paths_of_its_diff),
        cmocka_unit_test(a_reply_is_not_searched_for_what_it_quotes),
        cmocka_unit_test(the_author_stands_behind_a_lists_rewriting),
        cmocka_unit_test(a_list_is_one_list_however_it_is_named),
        cmocka_unit_test(a_message_id_without_brackets_or_at_sign_is_still_one),
        cmocka_unit_test(the_newest_references_are_kept),
        cmocka_unit_test(no_more_than_500_addressees_are_kept),
        cmocka_unit_test(an_empty_message_is_a_letter_that_says_nothing),
        cmocka_unit_test(past_the_budget_it_is_no_patch_mail),
    };

    return cmocka_run_group_tests(tests, make_message, free_message);
}
