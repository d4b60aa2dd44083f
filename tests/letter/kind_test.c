/* SPDX-License-Identifier: BSD-2-Clause */
/* kind_test - what sort of letter a mail is, from the mail alone; and who writes like a robot. */
#include "letter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#define FROM   "From: A. Writer <writer@example.org>\n"
#define ANSWER "In-Reply-To: <1@example.org>\nReferences: <1@example.org>\n"
#define QUOTE  "On Mon, A. Writer wrote:\n> a line\n> another line\n\nI see.\n"
#define DIFF                                                                                       \
    "diff --git a/foo/bar.c b/foo/bar.c\nindex 1234567..89abcde 100644\n--- a/foo/bar.c\n"         \
    "+++ b/foo/bar.c\n@@ -1,2 +1,2 @@\n context\n-old\n+new\n"
#define PATCH "Say why.\n\nSigned-off-by: A. Writer <writer@example.org>\n---\n" STAT "\n" DIFF
#define STAT  " foo/bar.c | 2 +-\n 1 file changed, 1 insertion(+), 1 deletion(-)\n"
#define LOG   "A. Writer (2):\n  foo: Rename a thing\n  foo: Use the new name\n\n"
#define OUTLOOK                                                                                    \
    "I see.\n\nFrom: A. Writer <writer@example.org>\nSent: Monday, January 1, 2024 10:00 AM\n"     \
    "Subject: foo\n\nThis series tidies foo up.\n"
#define REQUEST                                                                                    \
    "The following changes since commit 0123456789012345678901234567890123456789:\n\n"             \
    "  Linux 6.1 (2022-12-11 14:15:18 -0800)\n\nare available in the Git repository at:\n\n"       \
    "  git://example.org/foo.git tags/foo-6.2\n\nfor you to fetch changes up to 0123:\n\n"

typedef struct kind_case {
    const char *subject, *head, *body;
    pm_kind kind;
} kind_case;

static const kind_case kinds[] = {
    /* covers */
    {"[PATCH 0/2] foo: Tidy up", "", LOG STAT, PM_KIND_COVER},
    {"[PATCH 0/2] foo: Tidy up", "", "No more to say.\n", PM_KIND_COVER},
    {"[PATCH v2 0/2] foo: Tidy up", ANSWER, LOG STAT, PM_KIND_COVER},
    {"[LTP] [PATCH 0/2] [PULL REQUEST] foo", "", LOG STAT, PM_KIND_COVER},
    {"[PULL 00/12] foo queue", "", REQUEST LOG STAT, PM_KIND_COVER},
    {"[PATCH 0/1] foo", "", LOG STAT "\n" DIFF, PM_KIND_COVER},
    {"foo cleanups v2", "", "Hi all,\n\n" LOG STAT, PM_KIND_COVER},
    {"foo cleanups", "", "Hi all,\n\nthis series tidies foo up.\n", PM_KIND_COVER},
    {"[PATCH v4] foo: Add a module", "", "Say what.\n\n" STAT, PM_KIND_COVER},
    {"[RFC] foo", "", "The following patches tidy foo up.\n", PM_KIND_COVER},
    {"foo fixes", "Message-ID: <20240131120000.1234-1-writer@example.org>\n", "Two fixes.\n",
     PM_KIND_COVER},
    {"foo fixes v2", "", LOG STAT, PM_KIND_COVER},
    {"foo v2", "", LOG STAT, PM_KIND_COVER},
    {"foo fixes v2", ANSWER "Message-ID: <20240131120000.1234-1-writer@example.org>\n", "Again.\n",
     PM_KIND_COVER},
    {"[PATCH v2] foo", "", "Say what.\n---\n" LOG STAT "---\nbase-commit: 0123\n", PM_KIND_COVER},
    {"[PATCH v2] foo", "Message-ID: <20240131-foo-v2-0-0123456789ab@example.org>\n", "Say what.\n",
     PM_KIND_COVER},
    {"[PATCH] foo", ANSWER "Message-ID: <cover.1706702400.git.writer@example.org>\n", "Say what.\n",
     PM_KIND_COVER},
    {"foo", "Message-ID: <cover.1706702400.git.writer@example.org>\n", "Say what.\n",
     PM_KIND_COVER},
    {"[PATCH v2] foo", "Message-ID: <1706702400-1234-1-git-send-email-writer@example.org>\n",
     "Say what.\n", PM_KIND_COVER},
    {"[APPLIED][PATCH 0/2] foo: Tidy up", ANSWER, LOG STAT, PM_KIND_COVER},
    {"[committed 0/2] foo: Tidy up", ANSWER, "Say what.\n", PM_KIND_COVER},
    {"[PATCHES] foo", "", "Say what.\n", PM_KIND_COVER},
    {"[RFC][PATCHSET v2] foo", "", "Say what.\n", PM_KIND_COVER},
    /* patches */
    {"Update: [PATCH v2 0/2] foo: Tidy up", ANSWER, LOG STAT, PM_KIND_COVER},
    {"[PATCH 0/2] foo: Tidy up", ANSWER, "Two patches for foo.\n", PM_KIND_COVER},
    {"[RFC] foo", "", "A few fixes for foo.\n", PM_KIND_COVER},
    {"[v2] foo", "", "These patches tidy foo up.\n", PM_KIND_COVER},
    {"foo", "", "The following patches tidy foo up.\n", PM_KIND_COVER},
    {"[RFC] foo", "", "The patchset tidies foo up.\n", PM_KIND_COVER},
    {"[PATCH] foo: Mend bar", "", PATCH, PM_KIND_PATCH},
    {"[PATCH 1/2] foo: Mend bar", ANSWER, PATCH, PM_KIND_PATCH},
    {"[PATCH 2/2] foo: Move a file", ANSWER, "Say why.\n", PM_KIND_PATCH},
    {"[PATCH v2 1/2] foo: Mend bar", ANSWER, "> Does it work?\n\nIt does now.\n" PATCH,
     PM_KIND_PATCH},
    {"foo: Mend bar", "", PATCH, PM_KIND_PATCH},
    {"[5.15 REGRESSION] foo: Mend bar", "", PATCH, PM_KIND_PATCH},
    {"Fwd: [PATCH] foo: Mend bar", "", PATCH, PM_KIND_PATCH},
    {"[PULL 05/39] foo: Mend bar", ANSWER, PATCH, PM_KIND_PATCH},
    {"[PATCH] foo: Mend bar", "",
     "Say why.\n\nSigned-off-by: A. Writer <writer@example.org>\n---\n" STAT, PM_KIND_PATCH},
    {"[PATCH 5.10 123/567] foo: Mend bar", "X-stable: review\n", PATCH, PM_KIND_PATCH},
    {"[PING][PATCH] foo: Mend bar", ANSWER, PATCH, PM_KIND_PATCH},
    {"[PATCH] foo: Mend bar", ANSWER, "Say why.\n\nSigned-off-by: A. Writer\n", PM_KIND_PATCH},
    {"[PATCH] foo: Mend bar", ANSWER "Message-ID: <20240131120000.1234-1-writer@example.org>\n",
     "Say why.\n\nSigned-off-by: A. Writer\n", PM_KIND_PATCH},
    {"[PATCHES] foo: Mend bar", "", PATCH, PM_KIND_PATCH},
    {"[5.15 REGRESSION] foo: Mend bar", "",
     "Say why.\n\nSigned-off-by: A. Writer <writer@example.org>\n---\n" STAT, PM_KIND_PATCH},
    {"[PATCH v2] foo: Mend bar", "Message-ID: <20240131-foo-v2-1-0123456789ab@example.org>\n",
     "Say why.\n---\n" STAT, PM_KIND_PATCH},
    {"[PATCH v2] foo: Mend bar", ANSWER, "It is attached.\n", PM_KIND_PATCH},
    {"FYI: [PATCH] foo: Mend bar", ANSWER, PATCH, PM_KIND_PATCH},
    {"[F:linux-bar][PATCH 1/2] foo: Mend bar", "", PATCH, PM_KIND_PATCH},
    {"foo: Mend bar", "", "Fixes what http://example.org/?p=a;h=1 broke:\n see there\n---\n" DIFF,
     PM_KIND_PATCH},
    /* replies */
    {"Re: [PATCH 0/2] foo: Tidy up", ANSWER, QUOTE, PM_KIND_REPLY},
    {"Re: [PATCH 1/2] foo: Mend bar", ANSWER, "Rather so:\n\n" DIFF, PM_KIND_REPLY},
    {"AW: [PATCH 1/2] foo: Mend bar", "", "Top posted.\n", PM_KIND_REPLY},
    {"Re: [GIT PULL] foo for 6.2", ANSWER, QUOTE, PM_KIND_REPLY},
    {"[PATCH 0/2] foo: Tidy up", ANSWER, QUOTE, PM_KIND_REPLY},
    {"[PATCH 1/2] foo: Mend bar", ANSWER, QUOTE, PM_KIND_REPLY},
    {"foo is broken", ANSWER, QUOTE, PM_KIND_REPLY},
    {"foo is broken", ANSWER, QUOTE "Rather so:\n\n" DIFF, PM_KIND_REPLY},
    {"foo is broken (was: Re: [PATCH] foo)", ANSWER, "It is.\n", PM_KIND_REPLY},
    {"foo is broken", ANSWER, "It is.\n\n-----Original Message-----\nFrom: A. Writer\n",
     PM_KIND_REPLY},
    {"foo is broken", ANSWER,
     "It is.\n\n-------- Ursprüngliche Nachricht --------\nVon: A. Writer\n", PM_KIND_REPLY},
    {"foo is broken", ANSWER,
     "It is.\n\nFrom: A. Writer <writer@example.org>\nDate: Monday, January 1, 2024\nTo: foo\n",
     PM_KIND_REPLY},
    {"[PATCH 1/2] foo: Mend bar", ANSWER, "A. Writer pisze:\n> a line\n\nOne.\n\nTwo.\n\nThree.\n",
     PM_KIND_REPLY},
    {"[PATCH 1/2] foo: Mend bar", ANSWER,
     "Dne 1. 1. A. Writer napsal(a):\n\n> a line\n\nOne.\n\nTwo.\n\nThree.\n", PM_KIND_REPLY},
    {"[ACK][PATCH 0/2] foo: Tidy up", ANSWER, "Good.\n", PM_KIND_REPLY},
    {"[PING][PATCH] foo: Mend bar", "", "https://example.org/1\n", PM_KIND_REPLY},
    {"PING [PATCH v2 0/2] foo: Tidy up", "", "https://example.org/1\n", PM_KIND_REPLY},
    {"Vastaus: [PATCH 0/2] foo: Tidy up", ANSWER, "I see.\n", PM_KIND_REPLY},
    {"Fwd: [PATCH v2 0/2] foo: Tidy up", ANSWER, "Have you seen it?\n", PM_KIND_REPLY},
    {"ACK: [J][PATCH 0/1] foo: Tidy up", ANSWER, "Good.\n", PM_KIND_REPLY},
    {"[PATCH 0/2] foo: Tidy up", ANSWER, OUTLOOK, PM_KIND_REPLY},
    {"[PATCH 1/2] foo: Mend bar", ANSWER, OUTLOOK, PM_KIND_REPLY},
    {"[PATCH] D12345: foo: Mend bar", ANSWER, "B. Reader added a comment.\n", PM_KIND_REPLY},
    /* pull requests */
    {"[GIT PULL] foo for 6.2", "", REQUEST LOG STAT, PM_KIND_PULL},
    {"[GIT PULL 1/7] foo for 6.2", "", REQUEST LOG STAT, PM_KIND_PULL},
    {"[pull] foo: next", "", "Please.\n", PM_KIND_PULL},
    {"pull request: foo 2024-01-31", "", REQUEST LOG STAT "\n" DIFF, PM_KIND_PULL},
    {"Please take foo for 6.2", "", "Hi,\n\n" REQUEST LOG STAT, PM_KIND_PULL},
    /* none of these */
    {"foo is broken", "", "It is. This series of events shows it.\n", PM_KIND_OTHER},
    {"foo meeting", "", "At nine.\n", PM_KIND_OTHER},
    {"foo is broken", "", "Hi,\n\nThe following patch broke it:\n\n0123456 foo\n", PM_KIND_OTHER},
    {"foo is broken", "", "The patchset from Monday did it.\n", PM_KIND_OTHER},
    {"[syzbot] KASAN: use-after-free in foo", "", "Hello,\n", PM_KIND_OTHER},
    {"[tip: x86/build] foo: Mend bar", "", PATCH, PM_KIND_OTHER},
    {"[foo:master 3/12] foo/bar.c:1: warning", "", "tree: foo\n", PM_KIND_OTHER},
    {"Patch \"foo: Mend bar\" has been added to the 5.4-stable tree", "", PATCH, PM_KIND_OTHER},
    {"Applied \"foo: Mend bar\" to the foo tree", ANSWER, PATCH, PM_KIND_OTHER},
    {"+ foo-mend-bar.patch added to mm-unstable branch", "", PATCH, PM_KIND_OTHER},
    {"[ANNOUNCE] foo 1.0.1 release", "", LOG STAT, PM_KIND_OTHER},
    {"Announcing foo 1.1", "", LOG STAT, PM_KIND_OTHER},
    {"foo 1.1-rc2", "", LOG STAT, PM_KIND_OTHER},
    {"foo 1.1 is out", "", LOG STAT, PM_KIND_OTHER},
    {"foo on Tuesdays", "", "A few days ago it broke.\n", PM_KIND_OTHER},
    {"How to test patches?", "", "Hi,\n\nthese patches do not apply.\n", PM_KIND_OTHER},
    {"[Proposal v2] foo on Tuesdays", "", "Who is in favour?\n", PM_KIND_OTHER},
    {"[RFC v2] foo on Tuesdays", "", "Who is in favour?\n", PM_KIND_OTHER},
    {"v2024.01.0", "", LOG, PM_KIND_OTHER},
    {"foo: Mend bar", "", "Say why, as in\nhttps://example.org/?p=foo.git;h=0123456\n\n" DIFF,
     PM_KIND_PATCH},
    {"What is new in foo", "", "Here are the topics:\n", PM_KIND_OTHER},
    {"Linux 6.1.12", "", DIFF, PM_KIND_OTHER},
    {"linux-next: manual merge of the foo tree with the bar tree", "", DIFF, PM_KIND_OTHER},
    {"git: 0123456789ab - main - foo: Mend bar", "",
     "The branch main has been updated by writer:\n\ncommit 0123456789ab\n---\n" STAT "\n" DIFF,
     PM_KIND_OTHER},
    {"[foo-cvslog] foo: Mend bar", "", "foo | branch: master | A. Writer | 0123\n---\n\n" STAT DIFF,
     PM_KIND_OTHER},
    {"[foo] bar: Mend bar", "",
     "https://example.org/git/gitweb.cgi?p=foo.git;h=0123456\n\ncommit 0123456\n\n" DIFF,
     PM_KIND_OTHER},
    {"foo: Mend bar", "",
     "Mend bar\n\nDetails\n-------\nhttps://example.org/foo/commitdiff/0123\n" STAT, PM_KIND_OTHER},
    {"r1234 - trunk/foo", "", "Author: writer\nNew Revision: 1234\n\nLog:\nMend bar\n\n" DIFF,
     PM_KIND_OTHER},
    {"", "", "", PM_KIND_OTHER},
};

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

static char mail[65536];

static pm_letter *read_mail(const char *subject, const char *head, const char *body)
{
    int length = snprintf(mail, sizeof(mail), "%sSubject: %s\n\n%s", head, subject, body);
    pm_letter *letter;

    assert_in_range(length, 0, sizeof(mail) - 1);
    pm_message_reset(message);
    pm_message_read(message, (pm_slice){mail, (size_t)length});
    assert_int_equal(pm_letter_read(message, NULL, &letter), PM_OK);
    return letter;
}

static void the_kind_is_known_from_the_mail_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        char head[1024];
        pm_letter *letter;

        snprintf(head, sizeof(head), FROM "%s", kinds[i].head);
        letter = read_mail(kinds[i].subject, head, kinds[i].body);
        if (letter->kind != kinds[i].kind)
            fail_msg("case %zu, \"%s\", is %s (%s) and not %s", i, kinds[i].subject,
                     pm_kind_name(letter->kind), letter->kind_why, pm_kind_name(kinds[i].kind));
        assert_true(letter->confidence > 0 && letter->confidence < 1);
    }
}

static const struct {
    const char *from, *subject, *head, *body;
    unsigned tags;
} tags[] = {
    {"A. Writer <writer@example.org>", "[PATCH] foo", "", PATCH, 0},
    {"<patchwork-bot+foo@example.org>", "Re: [PATCH] foo", "", "Hello:\n",
     PM_TAG_BOT | PM_TAG_APPLIED},
    {"<pr-tracker-bot@example.org>", "Re: [GIT PULL] foo", "", "Merged.\n",
     PM_TAG_BOT | PM_TAG_APPLIED},
    {"syzbot <syzbot+12ab@example.org>", "[syzbot] KASAN: foo", "", "Hello,\n", PM_TAG_BOT},
    {"kernel test robot <lkp@example.org>", "Re: [PATCH] foo", "", "Hi,\n", PM_TAG_BOT | PM_TAG_CI},
    {"\"Kernel Test Robot\" <ltr@example.org>", "[foo:master] foo", "", "Hi,\n",
     PM_TAG_BOT | PM_TAG_CI},
    {"sashiko-bot <Sashiko-Bot@example.org>", "Re: [PATCH] foo", "", "Hi,\n", PM_TAG_BOT},
    {"CI <no-reply@example.org>", "Re: [PATCH] foo", "", "Hi,\n", PM_TAG_BOT},
    {"A. Writer <writer@example.org>", "Re: [PATCH] foo", "Auto-Submitted: auto-replied\n",
     "Away.\n", PM_TAG_BOT},
    {"A. Writer <writer@example.org>", "Re: [PATCH] foo", "Auto-Submitted: no\n", "Here.\n", 0},
    {"A. Writer <writer@example.org>", "[PATCH 5.10 1/9] foo", "", PATCH, PM_TAG_STABLE},
    {"A. Writer <writer@example.org>", "[PATCH 1/9] foo", "X-stable: review\n", PATCH,
     PM_TAG_STABLE},
    {"A. Writer <writer@example.org>", "[PATCH for-6.1] foo", "", PATCH, 0},
    {"A. Writer <writer@example.org>", "[committed] foo", "", PATCH, PM_TAG_APPLIED},
    {"A. Writer <writer@example.org>", "foo", "", "commit: https://example.org/1\n\n" DIFF,
     PM_TAG_APPLIED},
    {"A. Writer <writer@example.org>", "Applied: [PATCH 0/2] foo", ANSWER, "Thanks.\n",
     PM_TAG_APPLIED},
    {"A. Writer <writer@example.org>", "Re: [committed] foo", ANSWER, "Thanks.\n", 0},
    {"A. Writer <writer@example.org>", "foo", "",
     "https://example.org/?p=foo.git;h=0123456\n\nThis one broke it.\n", 0},
    {"A. Writer <writer@example.org>", "Re: [syzbot] KASAN: foo", ANSWER, "I see.\n", 0},
    {"A. Writer <writer@example.org>", "Re: Applied \"foo\" to the bar tree", ANSWER, "Oh.\n", 0},
    {"A. Writer <writer@example.org>", "Re: Patch \"foo\" has been added to the 5.4-stable tree",
     ANSWER, "Please drop it.\n", PM_TAG_STABLE},
    {"A. Keeper <keeper@example.org>", "patch \"foo\" added to bar-next", "", PATCH,
     PM_TAG_BOT | PM_TAG_APPLIED},
    {"A. Keeper <keeper@example.org>", "[obsolete] foo.patch removed from -mm tree", "", PATCH, 0},
    {"A. Keeper <keeper@example.org>", "[merged] foo.patch removed from -mm tree", "", PATCH,
     PM_TAG_APPLIED},
    {"robot <lkp@example.org>", "[tip:x86/build] BUILD SUCCESS 0123", "", "tree: foo\n",
     PM_TAG_BOT | PM_TAG_CI},
    {"Lab <lab@example.org>", "|WARNING| pw1234 [PATCH] foo", "", "Test-Status: WARNING\n",
     PM_TAG_BOT | PM_TAG_CI},
    {"<patchtest@example.org>", "Patchtest results for [PATCH] foo", ANSWER, "PASS: all\n",
     PM_TAG_BOT | PM_TAG_CI},
    {"Foo CI <foo-ci@example.org>", "Re: [PATCH] foo", "", "Hi,\n", PM_TAG_BOT | PM_TAG_CI},
    {"Foo Bot <foo-bot@example.org>", "Re: [PATCH] foo", "", "Hi,\n", PM_TAG_BOT},
    {"A. Talbot <talbot@example.org>", "[PATCH] foo", "", PATCH, 0},
    {"L. Uci <luci@example.org>", "[PATCH] foo", "", PATCH, 0},
    {"B. Jenkins <b.jenkins@example.org>", "[PATCH] foo", "", PATCH, 0},
    {"A. Writer <1+writer@users.noreply.example.org>", "[PATCH] foo", "", PATCH, 0},
    {"A. Writer <writer@example.org>", "Re: [PATCH] foo", "",
     "> Does it work?\n\nApplied to for-next, thanks!\n", PM_TAG_APPLIED},
    {"A. Writer <writer@example.org>", "Re: [PATCH] foo", "", "> Why?\n\nThank you, pushed.\n",
     PM_TAG_APPLIED},
    {"A. Writer <writer@example.org>", "Re: [PATCH] foo", "", "> Why?\n\nI've queued it.\n",
     PM_TAG_APPLIED},
    {"A. Writer <writer@example.org>", "Re: [PATCH] foo", "", "> Why?\n\nThanks, it works now.\n",
     0},
    {"A. Writer <writer@example.org>", "Re: [PATCH] foo", "", "> Applied to for-next, thanks!\n",
     0},
    {"Stable <stable@example.org>", "Patch \"foo\" has been added to the 5.4-stable tree", "",
     PATCH, PM_TAG_BOT | PM_TAG_STABLE | PM_TAG_APPLIED},
    {"CKI <cki-project@example.org>", "FAIL: Test report for kernel 5.5", "", "Hi,\n",
     PM_TAG_BOT | PM_TAG_CI},
};

static void habits_give_robots_and_keepers_away(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(tags); i++) {
        char head[1024];
        pm_letter *letter;

        snprintf(head, sizeof(head), "From: %s\n%s", tags[i].from, tags[i].head);
        letter = read_mail(tags[i].subject, head, tags[i].body);
        if (letter->tags != tags[i].tags)
            fail_msg("%s: %s: tags %#x, not %#x", tags[i].from, tags[i].subject, letter->tags,
                     tags[i].tags);
    }
}

static void a_contradiction_costs_confidence(void **state)
{
    double sure, unsure;

    (void)state;
    sure = read_mail("[PATCH v2 0/3] foo", FROM, LOG)->confidence;
    unsure = read_mail("[PATCH v2 0/3, v3] foo", FROM, LOG)->confidence;
    assert_true(unsure < sure);
    unsure = read_mail("[PATCH 0/3] foo cleanups (v2)", FROM, LOG)->confidence;
    assert_true(unsure < sure);
}

static void every_kind_has_a_name(void **state)
{
    (void)state;
    assert_string_equal(pm_kind_name(PM_KIND_OTHER), "other");
    assert_string_equal(pm_kind_name(PM_KIND_COVER), "cover");
    assert_string_equal(pm_kind_name(PM_KIND_PATCH), "patch");
    assert_string_equal(pm_kind_name(PM_KIND_REPLY), "reply");
    assert_string_equal(pm_kind_name(PM_KIND_PULL), "pull");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_kind_is_known_from_the_mail_alone),
        cmocka_unit_test(habits_give_robots_and_keepers_away),
        cmocka_unit_test(a_contradiction_costs_confidence),
        cmocka_unit_test(every_kind_has_a_name),
    };

    return cmocka_run_group_tests(tests, make_message, free_message);
}
