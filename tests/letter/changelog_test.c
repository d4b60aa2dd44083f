/* SPDX-License-Identifier: BSD-2-Clause */
/* changelog_test - what changed since which revision, in all spellings, and links to earlier ones.
 */
#include "changelog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static pm_arena *arena;

static int begin(void **state)
{
    (void)state;
    arena = pm_arena_new(1 << 24);
    return arena == NULL;
}

static int end(void **state)
{
    (void)state;
    pm_arena_free(arena);
    return 0;
}

static pm_changelog read_changelog(const char *text, unsigned revision)
{
    pm_changelog changelog;

    assert_int_equal(pm_changelog_find(arena, pm_slice_of(text), revision, &changelog), PM_OK);
    return changelog;
}

/* Entries as "2", "2<1" (since 1), "1<rfc", "2<rfc1", joined by spaces. */
static const char *printed(const pm_changelog *changelog)
{
    static char line[1024];
    size_t len = 0;

    line[0] = '\0';
    for (size_t i = 0; i < changelog->count && len < sizeof(line); i++) {
        const pm_changelog_entry *entry = &changelog->entries[i];

        len += (size_t)snprintf(line + len, sizeof(line) - len, "%s%u", i > 0 ? " " : "",
                                entry->revision);
        if (entry->since > 0 || entry->since_rfc)
            len += (size_t)snprintf(line + len, sizeof(line) - len, "<%s",
                                    entry->since_rfc ? "rfc" : "");
        if (entry->since > 0)
            len += (size_t)snprintf(line + len, sizeof(line) - len, "%u", entry->since);
    }
    return line;
}

typedef struct heading_case {
    const char *heading;
    unsigned revision; /* the subject's */
    const char *found;
} heading_case;

static void check(const heading_case *cases, size_t count, const char *before)
{
    char text[512];

    for (size_t i = 0; i < count; i++) {
        pm_changelog changelog;

        snprintf(text, sizeof(text), "%s%s\n- Boil the water first\n- Warm the pot\n", before,
                 cases[i].heading);
        changelog = read_changelog(text, cases[i].revision);
        if (strcmp(printed(&changelog), cases[i].found) != 0)
            fail_msg("\"%s\" in v%u is \"%s\", not \"%s\"", cases[i].heading, cases[i].revision,
                     printed(&changelog), cases[i].found);
    }
}
#define CHECK(cases, before) check((cases), sizeof(cases) / sizeof((cases)[0]), (before))

static void every_spelling_of_a_heading_is_read(void **state)
{
    static const heading_case cases[] = {
        /* the newer one is named */
        {"Changes in v3:", 3, "3"},
        {"changes in V3:", 3, "3"},
        {"Changes in v3", 3, "3"},
        {"CHANGES IN V3:", 3, "3"},
        {"Change in v3:", 3, "3"},
        {"Changes for v3:", 3, "3"},
        {"Changes in v3: rebased", 3, "3"},
        {"Changes in v3:rebased", 3, "3"},
        {"Changes in version 3:", 3, "3"},
        {"Changes in v3 [1]:", 3, "3"},
        {"Changes in PATCHv3:", 3, "3"},
        {"Change overview in v3:", 3, "3"},
        {"Other changes in v3:", 3, "3"},
        {"- new in v3: a lid", 3, "3"},
        {"New in v3:", 3, "3"},
        {"What's new in v3:", 3, "3"},
        {"Added in v3:", 3, "3"},
        {"v3:", 3, "3"},
        {"V3:", 3, "3"},
        {"v3", 3, "3"},
        {"- V3", 3, "3"},
        {"-v3:", 3, "3"},
        {"* v3:", 3, "3"},
        {"# v3", 3, "3"},
        {"=== v3 ===", 3, "3"},
        {"[v3]", 3, "3"},
        {"(v3)", 3, "3"},
        {"[v3]:", 3, "3"},
        {"[ v3: a lid, no other changes ]", 3, "3"},
        {"v3: A lid", 3, "3"},
        {"v3 - A lid", 3, "3"},
        {"v3, A lid", 3, "3"},
        {"v3: 1) a lid", 3, "3"},
        {"v3:1) a lid", 3, "3"},
        {"v3 (6 Oct 2021):", 3, "3"},
        {"v3 changes:", 3, "3"},
        {"v3 updates:", 3, "3"},
        {"v3 resend:", 3, "3"},
        {"version 3:", 3, "3"},
        {"rev3:", 3, "3"},
        {"- patch v3:", 3, "3"},
        {"- patch v3 (the lid):", 3, "3"},
        {"In v3:", 3, "3"},
        {"Changelog v3:", 3, "3"},
        {"Changelog in v3:", 3, "3"},
        {"Changelog: v3", 3, "3"},
        {"RFC3:", 3, "3"},
        {"- rfc v3:", 3, "3"},
        {"Update to v3:", 3, "3"},
        {"Fixed in v3:", 3, "3"},
        {"v5.1:", 5, "5"},
        {"Changes in v5.1:", 5, "5"},
        /* the older one is named */
        {"Changes since v2:", 3, "3<2"},
        {"Changes since v2", 3, "3<2"},
        {"Changes since v2.", 3, "3<2"},
        {"Changes since v2;", 3, "3<2"},
        {"Changes since v2 [2]:", 3, "3<2"},
        {"Changes since v2[2]:", 3, "3<2"},
        {"Changes since v2: [2]", 3, "3<2"},
        {"Changes since v2 [*]:", 3, "3<2"},
        {"Changes since v2 (which was ages ago):", 3, "3<2"},
        {"Changes since v2 (https://lore.kernel.org/r/a1@example.org):", 3, "3<2"},
        {"Changes since [v2](https://lore.kernel.org/r/a1@example.org):", 3, "3<2"},
        {"Changes since version 2:", 3, "3<2"},
        {"Change since V2:", 3, "3<2"},
        {"Changes from v2:", 3, "3<2"},
        {"Changes from v2: https://lore.kernel.org/r/a1@example.org", 3, "3<2"},
        {"Changes vs v2:", 3, "3<2"},
        {"Changes vs. v2:", 3, "3<2"},
        {"Changes versus v2:", 3, "3<2"},
        {"Changes wrt v2:", 3, "3<2"},
        {"Changes with respect to v2:", 3, "3<2"},
        {"Changes against v2:", 3, "3<2"},
        {"Changes over v2:", 3, "3<2"},
        {"Changes relative to v2:", 3, "3<2"},
        {"Changes compared to v2:", 3, "3<2"},
        {"Compared to v2:", 3, "3<2"},
        {"Major changes from v2:", 3, "3<2"},
        {"Main changes since v2:", 3, "3<2"},
        {"High-level changes since v2:", 3, "3<2"},
        {"The only changes since v2 are:", 3, "3<2"},
        {"The main change since v2 is that the kettle has a lid", 3, "3<2"},
        {"In short, the changes since v2 include:", 3, "3<2"},
        {"Here is a new version.  Changes since v2:", 3, "3<2"},
        {"General changes after v2", 3, "3<2"},
        {"Changelog since v2:", 3, "3<2"},
        {"Diff since v2:", 3, "3<2"},
        {"Differences to v2:", 3, "3<2"},
        {"4. Changes since v2", 3, "3<2"},
        {"Since v2:", 3, "3<2"},
        {"Since v2 [1]:", 3, "3<2"},
        {"Since v2 I gave the kettle a lid", 3, "3<2"},
        {"* From v2 [1]:", 3, "3<2"},
        {"From V2:", 3, "3<2"},
        {"Changes sine v2:", 3, "3<2"},
        /* both are named */
        {"v2 -> v3:", 3, "3<2"},
        {"v2->v3:", 3, "3<2"},
        {"v2 ->v3:", 3, "3<2"},
        {"v2 -->v3", 3, "3<2"},
        {"* v2 --> v3", 3, "3<2"},
        {"v2 - > v3", 3, "3<2"},
        {"v2 => v3", 3, "3<2"},
        {"V2 ==> V3", 3, "3<2"},
        {"v2 \xe2\x86\x92 v3:", 3, "3<2"},
        {"v2\xe2\x86\x92v3:", 3, "3<2"},
        {"v2\xe2\x80\xa6v3:", 3, "3<2"},
        {"v2 <-> v3:", 3, "3<2"},
        {"v2..v3:", 3, "3<2"},
        {"v2 to v3:", 3, "3<2"},
        {"v2-v3:", 3, "3<2"},
        {"v3 - v2", 3, "3<2"},
        {"v3 vs v2:", 3, "3<2"},
        {"v3 since v2", 3, "3<2"},
        {"v3 compared to v2:", 3, "3<2"},
        {"from v2 to v3:", 3, "3<2"},
        {"from v2 to v3.", 3, "3<2"},
        {"v2 -> v3: a lid", 3, "3<2"},
        {"v2 -> v3: https://lore.kernel.org/r/a1@example.org", 3, "3<2"},
        {"Changes v2 -> v3:", 3, "3<2"},
        {"v2->v3 changes:", 3, "3<2"},
        {"Changes from v2 to v3:", 3, "3<2"},
        {"Changes from v2 -> v3:", 3, "3<2"},
        {"Changes between v2 and v3:", 3, "3<2"},
        {"Changelog v2 ... v3:", 3, "3<2"},
        {"Changelog in v2 -> v3:", 3, "3<2"},
        {"- Patch v2 -> Patch v3:", 3, "3<2"},
        {"I'm sorry for the noise. Changes v2->v3:", 3, "3<2"},
        /* misspelt */
        {"Chances since v2:", 3, "3<2"},
        {"Chnages in V3:", 3, "3"},
        {"Changs from V2:", 3, "3<2"},
        {"Chanages from V2:", 3, "3<2"},
        {"Chagnes v2 -> v3:", 3, "3<2"},
        /* RFCs */
        {"RFC -> v1:", 1, "1<rfc"},
        {"RFC --> v1", 1, "1<rfc"},
        {"RFC -> PATCH:", 1, "1<rfc"},
        {"RFC v2 -> v1:", 1, "1<rfc2"},
        {"RFCv2 -> PATCH v1:", 1, "1<rfc2"},
        {"RFC v1 -> v2:", 2, "2<rfc1"},
        {"RFCv1 --> RFCv2", 2, "2<rfc1"},
        {"v1/RFC->v2:", 2, "2<rfc1"},
        {"- RFC v1 -> Patch v2:", 2, "2<rfc1"},
        {"Changes since RFC:", 1, "1<rfc"},
        {"Changes since the RFC:", 1, "1<rfc"},
        {"Changes from RFC:", 0, "1<rfc"},
        {"Changes since RFCv2:", 3, "3<rfc2"},
        {"Changes since RFC v2:", 1, "1<rfc2"},
        {"Changes since RFC PATCH v2:", 3, "3<rfc2"},
        {"Changes from v1/RFC:", 2, "2<rfc1"},
        {"Changes from RFC-v1:", 2, "2<rfc1"},
        /* none is named */
        {"Changes since last version:", 4, "4<3"},
        {"Changes since last time:", 4, "4<3"},
        {"Changes since the previous posting:", 4, "4<3"},
        {"Changes from prior versions:", 4, "4<3"},
        {"Changes to the previous version are:", 4, "4<3"},
        {"Changes in this version:", 4, "4<3"},
        {"Change log in this series:", 4, "4<3"},
        {"Changes in this series:", 1, ""},
        {"Changes since last version:", 0, "0"},
        {"Changelog:", 4, "4<3"},
        {"Changelog", 4, "4<3"},
        {"=== Changelog ===", 4, "4<3"},
        {"Change log:", 4, "4<3"},
        {"Revision history:", 4, "4<3"},
        {"Changes:", 4, "4<3"},
        {"Changes:", 1, ""},
        {"Changelog:", 0, ""},
        /* said otherwise than meant */
        {"Changes since v3:", 3, "3"},
        {"Changes to v3:", 3, "3"},
        {"Changes to v3:", 4, "4<3"},
        {"Changes to v3:", 0, "3"},
        /* what mbox makes of it */
        {">From v2:", 3, "3<2"},
    };

    (void)state;
    CHECK(cases, "Hi,\n\nthis is a kettle.\n\n");
}

static void words_that_mislead_are_left_alone(void **state)
{
    static const heading_case cases[] = {
        {"suggestions were made during v6 review", 1, ""},
        {"v5.2-rc3 as a base", 1, ""},
        {"v5.2", 1, ""},
        {"Since v5.2 kettles have lids", 1, ""},
        {"improvements compared to v4.0:", 4, ""},
        {"Patch 2/8 and 3/8", 2, ""},
        {"PV mode", 2, ""},
        {"The previous update.", 2, ""},
        {"v4l2: a lid", 2, ""},
        {"v3 of the kettle specification says:", 2, ""},
        {"This is v2 of the kettle series", 2, ""},
        {"from v2 on there is a lid", 2, ""},
        {"to v2", 2, ""},
        {"RFC 822 says:", 2, ""},
        {"This RFC: is it right?", 2, ""},
        {"GICv3: fix the lid", 2, ""},
        {"kettle-v3: fix the lid", 2, ""},
        {"changes in the lid:", 1, ""},
        {"Changes are welcome:", 2, ""},
        {"Charges in v2:", 2, "2"}, /* as near as "Chances", which people write */
        {"v1: https://lore.kernel.org/r/a1@example.org", 2, ""},
        {"[v1] https://lore.kernel.org/r/a1@example.org", 2, ""},
        {"Link to v1: https://lore.kernel.org/r/a1@example.org", 2, ""},
        {"> Changes in v2:", 2, ""},
        {">> v2: a lid", 2, ""},
    };

    (void)state;
    CHECK(cases, "Hi,\n\nthis is a kettle.\n\n");
}

static void in_the_middle_of_a_paragraph_a_revision_is_no_heading(void **state)
{
    static const heading_case cases[] = {
        {"v2", 2, ""},         {"v2, a lid", 2, ""},
        {"v2 - a lid", 2, ""}, {"Since v1 I gave it a lid", 2, ""},
        {"RFC:", 2, ""},
    };

    (void)state;
    CHECK(cases, "Hi,\n\nthis is the kettle that I have promised when I sent\n");
}

static void several_blocks_are_told_apart(void **state)
{
    static const struct {
        const char *text;
        unsigned revision;
        const char *found;
        unsigned highest;
    } cases[] = {
        {"Changelog:\nv3:\n- a\nv2:\n- b\n", 3, "3 2", 3},
        {"Changelog:\n\n v1->v2:\n  - a\n\n v2->v3:\n  - b\n", 3, "2<1 3<2", 3},
        {"Changes since v2:\n- a\n\nChanges since v1:\n- b\n\nChanges since RFC:\n- c\n", 3,
         "3<2 2<1 1<rfc", 3},
        {"Changes since v1:\n- a\n\nChanges since RFC v3:\n- b\n", 2, "2<1 1<rfc3", 2},
        {"Changes in v3:\n- a\nin v2 it was\n v2\n- b\n", 3, "3", 3},
        {"Changes to v2:\n- a\n\nChanges to v1:\n- b\n", 3, "3<2 2<1", 3},
        {"v3\n- a\nv2\n- b\n", 3, "3 2", 3},
        {"v3: a\nv2: b\nv1: initial\n", 3, "3 2 1", 3},
        {"Changelog:\n\nv3\tgive it a lid\n\t- a\n\nv2 Give it a spout\n\t- b\n", 3, "3 2", 3},
        {"Changes in v2:\n- a\n\nv3 of the kettle will whistle\n", 2, "2", 2},
        {"Ada (1):\n  Give the kettle a lid that has been through some\n    changes\n", 2, "", 0},
        {"", 3, "", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pm_changelog changelog = read_changelog(cases[i].text, cases[i].revision);

        if (strcmp(printed(&changelog), cases[i].found) != 0)
            fail_msg("%s\nis \"%s\", not \"%s\"", cases[i].text, printed(&changelog),
                     cases[i].found);
        assert_int_equal(changelog.highest, cases[i].highest);
    }
}

static void a_block_ends_where_its_list_ends(void **state)
{
    static const struct {
        const char *below, *text;
    } cases[] = {
        {"- a\n- b\n  more of b\n", "- a\n- b\n  more of b"},
        {"- a\n\n- b\n\nThe kettle is done.\n", "- a\n\n- b"},
        {"- a\nwrapped by a mail client\n- b\n", "- a\nwrapped by a mail client\n- b"},
        {"\n* a\n\n* b\n", "* a\n\n* b"},
        {"\nI gave it a lid,\nand a spout.\n\nThanks,\nAda\n", "I gave it a lid,\nand a spout."},
        {"I gave it a lid,\nand a spout.\n\nThe kettle is done.\n",
         "I gave it a lid,\nand a spout."},
        {"- it is 0 | 1 now\n- b\n", "- it is 0 | 1 now\n- b"},
        {"1. a\n2) b\n[3/5] c\nPatch 4: d\n\xe2\x80\xa2 e\n",
         "1. a\n2) b\n[3/5] c\nPatch 4: d\n\xe2\x80\xa2 e"},
        {"- a\n---\n- b\n", "- a"},
        {"- a\n-- \n- b\n", "- a"},
        {"- a\nAda Example (2):\n  b\n", "- a"},
        {"- a\n b.c | 2 +-\n 1 file changed\n", "- a"},
        {"- a\n 1 file changed, 1 insertion(+)\n", "- a"},
        {"- a\n> quoted\n- b\n", "- a"},
        {"- a\nchange-id: 1\n", "- a"},
        {"- a\ndiff --git a/x b/x\nindex 1\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-x\n+y\n- b\n", "- a"},
        {"- a\r\n- b\r\n", "- a\r\n- b"},
        {"", ""},
    };
    char text[512];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pm_changelog changelog;

        snprintf(text, sizeof(text), "Hi,\n\nChanges in v2:\n%s", cases[i].below);
        changelog = read_changelog(text, 2);
        assert_int_equal(changelog.count, 1);
        if (!pm_slice_equal(changelog.entries[0].text, pm_slice_of(cases[i].text)))
            fail_msg("of \"%s\" it takes \"%.*s\"", cases[i].below,
                     PM_FMT(changelog.entries[0].text));
        assert_true(pm_slice_equal(changelog.entries[0].heading, PM_LIT("Changes in v2:")));
        assert_int_equal(changelog.entries[0].line, 3);
    }
}

static void text_on_the_line_of_the_heading_belongs_to_it(void **state)
{
    pm_changelog changelog = read_changelog("v3: Give it\n    a lid\nv2 - A spout\n", 3);

    (void)state;
    assert_int_equal(changelog.count, 2);
    assert_true(pm_slice_equal(changelog.entries[0].text, PM_LIT("Give it\n    a lid")));
    assert_true(pm_slice_equal(changelog.entries[1].text, PM_LIT("A spout")));
    assert_int_equal(changelog.entries[1].line, 3);
}

static void lines_are_counted_through_diffs(void **state)
{
    pm_changelog changelog = read_changelog(
        "Hi\ndiff --git a/x b/x\nindex 1\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-v9:\n+v8:\n"
        "\nv2:\n- a\n",
        2);

    (void)state;
    assert_int_equal(changelog.count, 1);
    assert_int_equal(changelog.entries[0].line, 10);
}

#define LORE "https://lore.kernel.org/r/"

/* Links as "1 id", "rfc id", "rfc1 id", joined by commas. */
static void links_say_which_revision_they_are(void **state)
{
    static const struct {
        const char *text;
        unsigned revision;
        const char *found;
    } cases[] = {
        {"- Link to v1: " LORE "a1@example.org\n", 2, "1 a1@example.org"},
        {"Link to v1:\n" LORE "a1@example.org/\n", 2, "1 a1@example.org"},
        {"v1: " LORE "a1@example.org\nv2: " LORE "b2@example.org\n", 3,
         "1 a1@example.org, 2 b2@example.org"},
        {"[v1] " LORE "a1@example.org\n", 2, "1 a1@example.org"},
        {"[v1]: " LORE "a1@example.org\n", 2, "1 a1@example.org"},
        {"v1 is here: " LORE "a1@example.org\n", 2, "1 a1@example.org"},
        {"You can find v1 at: " LORE "a1@example.org\n", 2, "1 a1@example.org"},
        {"Cover letter of v1: " LORE "a1@example.org\n", 2, "1 a1@example.org"},
        {"v1 (Patchwork): " LORE "a1@example.org\n", 2, "1 a1@example.org"},
        {"v1 link: " LORE "a1@example.org.\n", 2, "1 a1@example.org"},
        {"- v1: <" LORE "a1@example.org>\n", 2, "1 a1@example.org"},
        {"v1 - " LORE "a1@example.org\n", 2, "1 a1@example.org"},
        {"v1 (" LORE "a1@example.org)\n", 2, "1 a1@example.org"},
        {"v1:\n * " LORE "a1@example.org\n", 2, "1 a1@example.org"},
        {"The v1 of this series could be found here.\n\n" LORE "a1@example.org\n", 2,
         "1 a1@example.org"},
        {"This is v2 of the series previously posted here:\n\n  " LORE "a1@example.org\n", 2,
         "1 a1@example.org"},
        {"The previous version can be found at:\n" LORE "a1@example.org\n", 3, "2 a1@example.org"},
        {"Previous version: " LORE "a1@example.org\n", 0, "0 a1@example.org"},
        {"RFC: " LORE "a1@example.org\n", 1, "rfc0 a1@example.org"},
        {"RFC v2: " LORE "a1@example.org\n", 1, "rfc2 a1@example.org"},
        {"Link to v1 (RFC): " LORE "a1@example.org\n", 2, "rfc1 a1@example.org"},
        {"v2 -> v3: " LORE "b2@example.org\nv1 -> v2: " LORE "a1@example.org\n", 3,
         "2 b2@example.org, 2 a1@example.org"},
        {"Changes since v1 (" LORE "a1@example.org):\n- a\n", 2, "1 a1@example.org"},
        {"Changes since v2:\n- a\n- b\nLink: " LORE "a1@example.org\n", 3, "2 a1@example.org"},
        {"Changes in v3:\n- a\n- b\nLink: " LORE "a1@example.org\n", 3, "2 a1@example.org"},
        {"v1: " LORE "a1@example.org, v2: " LORE "b2@example.org\n", 3,
         "1 a1@example.org, 2 b2@example.org"},
        {"v1: https://example.org/series/12/\n", 2, "1 -"},
        /* the label behind */
        {"Link: " LORE "a1@example.org # v1\n", 2, "1 a1@example.org"},
        {"See " LORE "a1@example.org for v1.\n", 2, "1 a1@example.org"},
        {"See <a1@example.org> for v1.\n", 2, "1 a1@example.org"},
        {LORE "a1@example.org (RFC v2)\n", 3, "rfc2 a1@example.org"},
        {LORE "a1@example.org is about v1 of stoves\n", 2, ""},
        /* Message-IDs */
        {"- Link to v1: <a1@example.org>\n", 2, "1 a1@example.org"},
        {"v1: a1@example.org\nv2: <b2@example.org>.\n", 3, "1 a1@example.org, 2 b2@example.org"},
        {"v1: id:a1@example.org, v2: mid:b2@example.org\n", 3,
         "1 a1@example.org, 2 b2@example.org"},
        {"v1 (Message-ID: <a1@example.org>)\n", 2, "1 a1@example.org"},
        {"v1: lists.example.org/r/a1@example.org/T/#u\n", 2, "1 a1@example.org"},
        {"Changes since v1 <a1@example.org>:\n- a\n", 2, "1 a1@example.org"},
        {"The previous version:\n  <a1@example.org>\n", 3, "2 a1@example.org"},
        {"Changes since v1 [1]:\n- a\n\n[1] <a1@example.org>\n", 2, "1 a1@example.org"},
        {"v1: <a1@example.org> " LORE "b2@example.org\n", 2, "1 a1@example.org"},
        {"v1: @a1, a1@, a1@2.3\n", 2, ""},
        /* footnotes */
        {"Changes since v1 [2]:\n- a\n\n[1] " LORE "x0@example.org\n[2] " LORE "a1@example.org\n",
         2, "1 a1@example.org"},
        {"* From v1 [1]:\n- a\n\n[1]: " LORE "a1@example.org\n", 2, "1 a1@example.org"},
        {"Changes since v1 [*]:\n- a\n\n[*] " LORE "a1@example.org\n", 2, "1 a1@example.org"},
        {"It is v3 of what I posted last week [1].\n\n[1] [PATCH v2 0/3] Kettle\n    " LORE
         "a1@example.org\n",
         3, "2 a1@example.org"},
        /* of others */
        {"Rebased onto v3 of the stove series: " LORE "a1@example.org\n", 2, ""},
        {"Depends on: " LORE "a1@example.org\n", 2, ""},
        {"See " LORE "a1@example.org\n", 2, ""},
        {"Cc: Ada Example <ada@example.org>\n", 2, ""},
        {"v1:\n- boiled for Ada Example <ada@example.org>\n", 2, ""},
        {"Based on v1 of the stove series <a1@example.org>\n", 2, ""},
        {"Based on kettles [1].\n\n[1] " LORE "a1@example.org\n", 2, ""},
        {"> v1: " LORE "a1@example.org\n", 2, ""},
        {"> v1:\n" LORE "a1@example.org\n", 2, ""},
        {"Boiled on 12 March: " LORE "a1@example.org\n", 2, ""},
        {"diff --git a/x b/x\nindex 1\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-v1: " LORE
         "a1@example.org\n+x\n",
         2, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pm_changelog changelog = read_changelog(cases[i].text, cases[i].revision);
        char found[512] = "";

        for (size_t n = 0; n < changelog.link_count; n++) {
            const pm_revision_link *link = &changelog.links[n];
            size_t len = strlen(found);

            snprintf(found + len, sizeof(found) - len, "%s%s%u %.*s", n > 0 ? ", " : "",
                     link->rfc ? "rfc" : "", link->revision,
                     PM_FMT(link->message_id.len > 0 ? link->message_id : PM_LIT("-")));
        }
        if (strcmp(found, cases[i].found) != 0)
            fail_msg("%s\nis  \"%s\",\nnot \"%s\"", cases[i].text, found, cases[i].found);
    }
}

static void message_ids_are_found_in_links(void **state)
{
    static const struct {
        const char *url, *id;
    } cases[] = {
        {"https://lore.kernel.org/r/20240102.1-2-ada@example.org", "20240102.1-2-ada@example.org"},
        {"https://lore.kernel.org/all/a1@example.org/", "a1@example.org"},
        {"https://lore.kernel.org/linux-kettle/a1@example.org/T/#u", "a1@example.org"},
        {"https://lore.kernel.org/linux-kettle/a1@example.org/t.mbox.gz", "a1@example.org"},
        {"http://lkml.kernel.org/r/a1@example.org", "a1@example.org"},
        {"https://patch.msgid.link/a1@example.org", "a1@example.org"},
        {"https://patchwork.kernel.org/project/kettle/patch/a1@example.org/", "a1@example.org"},
        {"https://patchwork.kernel.org/project/kettle/cover/a1@example.org/", "a1@example.org"},
        {"https://lists.sr.ht/~ada/kettle/%3Ca1%40example.org%3E", "a1@example.org"},
        {"https://lists.sr.ht/~ada/kettle/<a1@example.org>", "a1@example.org"},
        {"https://lore.kernel.org/r/<a1@example.org>.", "a1@example.org"},
        {"https://www.mail-archive.com/search?l=mid&q=a1@example.org", "a1@example.org"},
        {"https://marc.info/?i=a1@example.org", "a1@example.org"},
        {"https://marc.info/?l=kettle&i=a1%40example.org&w=2#x", "a1@example.org"},
        {"https://example.org/kettle/?id=a%20b@example.org", ""},
        {"https://example.org/kettle/?to=ada@example.org", ""},
        {"https://lists.sr.ht/~ada/kettle/<a1@example.org", ""},
        {"https://inbox.example.org/kettle/a%2Fb%2bc@example.org/", "a/b+c@example.org"},
        {"https://lore.kernel.org/r/a1@tiger", "a1@tiger"},
        {"https://lore.kernel.org/r/a1@example.org>, and", "a1@example.org"},
        {"https://lore.kernel.org/r/100%@example.org", "100%@example.org"},
        {"https://marc.info/?l=kettle&m=159333034726647&w=2", ""},
        {"https://lkml.org/lkml/2019/7/17/476", ""},
        {"https://patchwork.kernel.org/patch/10321845/", ""},
        {"https://ada@example.org/kettle", ""},
        {"https://example.org/@ada/12", ""},
        {"https://example.org/kettle@1.2.3/", ""},
        {"https://example.org/a@b@example.org/", ""},
        {"https://example.org/list/kettle@lists.example.org/thread/ABCDEF/", ""},
        {"https://www.mail-archive.com/kettle@lists.example.org/msg01234.html", ""},
        {"https://example.org/a%20b@example.org", ""},
        {"https://example.org/?q=a1@example.org", ""},
        {"https://example.org/#a1@example.org", ""},
        {"https://", ""},
        {"a1@example.org", ""},
        {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pm_slice id = PM_EMPTY;
        pm_status status = pm_link_message_id(arena, pm_slice_of(cases[i].url), &id);

        if (!pm_slice_equal(id, pm_slice_of(cases[i].id)))
            fail_msg("%s: %.*s", cases[i].url, PM_FMT(id));
        assert_int_equal(status, cases[i].id[0] == '\0' ? PM_ABSENT : PM_OK);
    }
}

/* A line that is all links is read once, not once for each of them. */
static void a_line_may_be_as_long_as_a_letter(void **state)
{
    static const char *const pieces[] = {"a@", "a@b.example ", "://", "<a@b.example>", "@ "};
    const size_t count = 50000;

    (void)state;
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        const size_t size = strlen(pieces[i]);
        char *text = malloc(count * size + 1);

        assert_non_null(text);
        for (size_t n = 0; n < count; n++)
            memcpy(text + n * size, pieces[i], size + 1);
        assert_true(read_changelog(text, 2).link_count <= 500);
        free(text);
    }
}

static void at_most_500_entries_are_kept(void **state)
{
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    pm_changelog changelog;

    (void)state;
    assert_non_null(file);
    for (int i = 0; i < 3000; i++)
        fputs("v2: a lid, see v1: " LORE "a1@example.org\nv1: " LORE "a1@example.org\n", file);
    fclose(file);
    changelog = read_changelog(text, 2);
    assert_int_equal(changelog.count, 500);
    assert_int_equal(changelog.link_count, 500);
    free(text);
}

static void past_the_budget_there_is_a_limit(void **state)
{
    pm_arena *small = pm_arena_new(100);
    pm_changelog changelog;

    (void)state;
    assert_int_equal(pm_changelog_find(small, PM_LIT("Changes in v2:\n"), 2, &changelog), PM_LIMIT);
    pm_arena_free(small);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_spelling_of_a_heading_is_read, begin, end),
        cmocka_unit_test_setup_teardown(words_that_mislead_are_left_alone, begin, end),
        cmocka_unit_test_setup_teardown(in_the_middle_of_a_paragraph_a_revision_is_no_heading,
                                        begin, end),
        cmocka_unit_test_setup_teardown(several_blocks_are_told_apart, begin, end),
        cmocka_unit_test_setup_teardown(a_block_ends_where_its_list_ends, begin, end),
        cmocka_unit_test_setup_teardown(text_on_the_line_of_the_heading_belongs_to_it, begin, end),
        cmocka_unit_test_setup_teardown(lines_are_counted_through_diffs, begin, end),
        cmocka_unit_test_setup_teardown(links_say_which_revision_they_are, begin, end),
        cmocka_unit_test_setup_teardown(message_ids_are_found_in_links, begin, end),
        cmocka_unit_test_setup_teardown(a_line_may_be_as_long_as_a_letter, begin, end),
        cmocka_unit_test_setup_teardown(at_most_500_entries_are_kept, begin, end),
        cmocka_unit_test(past_the_budget_there_is_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
