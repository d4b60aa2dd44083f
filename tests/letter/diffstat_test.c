/* SPDX-License-Identifier: BSD-2-Clause */
/* diffstat_test - which files a letter says it changes, in all dialects. */
#include "diffstat.h"

#include "path_index.h"
#include "prose.h"

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
    arena = pm_arena_new(1 << 26);
    return arena == NULL;
}

static int end(void **state)
{
    (void)state;
    pm_arena_free(arena);
    return 0;
}

static pm_diffstat read_stat(const char *text)
{
    pm_diffstat stat;

    assert_int_equal(pm_diffstat_find(arena, pm_slice_of(text), NULL, &stat), PM_OK);
    return stat;
}

static pm_diffstat read_diff(const char *text)
{
    pm_diffstat stat;

    assert_int_equal(pm_diffstat_from_diff(arena, pm_slice_of(text), &stat), PM_OK);
    return stat;
}

/* What was read, in one line: "path +added -removed", "path=12" when only their sum is known, "old
 * > path", "path bin". */
static const char *printed(const pm_diffstat *stat)
{
    static char line[2048];
    size_t len = 0;

    line[0] = '\0';
    for (size_t i = 0; i < stat->count && len < sizeof(line); i++) {
        const pm_path *path = &stat->paths[i];

        if (i > 0)
            len += (size_t)snprintf(line + len, sizeof(line) - len, ", ");
        if (path->old_path.len > 0)
            len +=
                (size_t)snprintf(line + len, sizeof(line) - len, "%.*s > ", PM_FMT(path->old_path));
        len += (size_t)snprintf(line + len, sizeof(line) - len, "%.*s", PM_FMT(path->path));
        if (path->binary)
            len += (size_t)snprintf(line + len, sizeof(line) - len, " bin");
        else if (path->added + path->removed == path->lines && path->lines > 0)
            len += (size_t)snprintf(line + len, sizeof(line) - len, " +%u -%u", path->added,
                                    path->removed);
        else
            len += (size_t)snprintf(line + len, sizeof(line) - len, "=%u", path->lines);
    }
    return line;
}

typedef struct stat_case {
    const char *text, *found;
} stat_case;

static void check(const stat_case *cases, size_t count, pm_diffstat (*read)(const char *))
{
    for (size_t i = 0; i < count; i++) {
        pm_diffstat stat = read(cases[i].text);

        if (strcmp(printed(&stat), cases[i].found) != 0)
            fail_msg("%s\nis  \"%s\",\nnot \"%s\"", cases[i].text, printed(&stat), cases[i].found);
    }
}
#define CHECK(cases, read) check((cases), sizeof(cases) / sizeof((cases)[0]), (read))

static void every_dialect_of_the_table_is_read(void **state)
{
    static const stat_case cases[] = {
        /* git */
        {" a/b.c | 3 ++-\n c.h   | 1 +\n 2 files changed, 3 insertions(+), 1 deletion(-)\n",
         "a/b.c +2 -1, c.h +1 -0"},
        {" a/b.c | 1 +\n 1 file changed, 1 insertion(+)\n", "a/b.c +1 -0"},
        {" a/b.c | 4 ----\n 1 file changed, 4 deletions(-)\n", "a/b.c +0 -4"},
        {" a/b.c | 0\n 1 file changed, 0 insertions(+), 0 deletions(-)\n", "a/b.c=0"},
        {" a.c | 300 ++++++++++----------\n 1 file changed, 150 insertions(+), 150 deletions(-)\n",
         "a.c +150 -150"},
        {" a.png | Bin 0 -> 123 bytes\n b.png | Bin\n 2 files changed\n", "a.png bin, b.png bin"},
        {" a.c | Unmerged\n b.c | 1 +\n 1 file changed, 1 insertion(+)\n", "b.c +1 -0"},
        /* renames */
        {" x/{old => new}/a.c | 2 +-\n 1 file changed, 1 insertion(+), 1 deletion(-)\n",
         "x/old/a.c > x/new/a.c +1 -1"},
        {" x/{ => sub}/a.c | 0\n 1 file changed\n", "x/a.c > x/sub/a.c=0"},
        {" x/{sub => }/a.c | 0\n 1 file changed\n", "x/sub/a.c > x/a.c=0"},
        {" { => sub}/a.c | 0\n 1 file changed\n", "a.c > sub/a.c=0"},
        {" a.c => b/a.c | 0\n 1 file changed\n", "a.c > b/a.c=0"},
        {" x/{a.c => b.c} | 0\n 1 file changed\n", "x/a.c > x/b.c=0"},
        {" .../x/{a.c => b.c} | 0\n 1 file changed\n", "x/a.c > x/b.c=0"},
        {" .../old => new}/a.c | 0\n 1 file changed\n", "old/a.c > new/a.c=0"},
        {" \"\\303\\251.c\" => b.c | 0\n 1 file changed\n", "\303\251.c > b.c=0"},
        {" b.c => \"\\303\\251.c\" | 0\n 1 file changed\n", "b.c > \303\251.c=0"},
        /* odd names */
        {" \"caf\\303\\251.c\" | 1 +\n 1 file changed, 1 insertion(+)\n", "caf\303\251.c +1 -0"},
        {" .../caf\\303\\251.c\" | 1 +\n 1 file changed, 1 insertion(+)\n", "caf\303\251.c +1 -0"},
        {" two words.txt | 1 +\n 1 file changed, 1 insertion(+)\n", "two words.txt +1 -0"},
        {" a|b.txt | 1 +\n 1 file changed, 1 insertion(+)\n", "a|b.txt +1 -0"},
        {" ...averylongname.c | 1 +\n 1 file changed, 1 insertion(+)\n", "averylongname.c +1 -0"},
        {" .../ | 1 +\n 1 file changed, 1 insertion(+)\n", ".../ +1 -0"},
        /* --compact-summary */
        {" a.c (new) | 1 +\n b.c (gone) | 1 -\n c.sh (mode +x) | 0\n d.sh (new +x) | 1 +\n"
         " 4 files changed, 2 insertions(+), 1 deletion(-)\n",
         "a.c +1 -0, b.c +0 -1, c.sh=0, d.sh +1 -0"},
        /* quilt and diffstat(1) */
        {" a/b.c |    1 \n c.h   |   12 \n 2 files changed, 9 insertions(+), 4 deletions(-)\n",
         "a/b.c=1, c.h=12"},
        {" a.c |    8 +++++---\n 1 files changed, 5 insertions(+), 3 deletions(-)\n", "a.c +5 -3"},
        {" a.c |   12 ++!!\n 1 file changed, 3 insertions(+), 9 modifications(!)\n", "a.c +12 -0"},
        {" a.png |binary\n 1 file changed\n", "a.png bin"},
        /* Mercurial */
        {"diffstat (2 lines):\n\n a.py |  2 +-\n b.py |  1 +\n\n"
         "2 files changed, 2 insertions(+), 1 deletions(-)\n",
         "a.py +1 -1, b.py +1 -0"},
        /* what happens to them on their way */
        {"a.c | 1 +\r\n1 file changed, 1 insertion(+)\r\n", "a.c +1 -0"},
        {"  a.c | 1 +\n  1 file changed, 1 insertion(+)\n", "a.c +1 -0"},
        {"\ta.c | 1 +\n\t1 file changed, 1 insertion(+)\n", "a.c +1 -0"},
        {" a.c | 1 +\n\n b.c | 1 +\n\n 2 files changed, 2 insertions(+)\n", "a.c +1 -0, b.c +1 -0"},
        {" a/b.c | 20\n++++++++++\n c.c | 1 +\n 2 files changed, 21 insertions(+)\n",
         "a/b.c +20 -0, c.c +1 -0"},
        {" a/very/long/b.c\n | 2 +-\n 1 file changed, 1 insertion(+), 1 deletion(-)\n",
         "a/very/long/b.c +1 -1"},
        {" a/very/long/b.c\n | 2\n+-\n 1 file changed, 1 insertion(+), 1 deletion(-)\n",
         "a/very/long/b.c +1 -1"},
        {" \xc2\xa0 a.c\xc2\xa0\xc2\xa0 |\xc2\xa0 2 +-\n"
         " \xc2\xa0 1 file changed, 1 insertion(+), 1 deletion(-)\n",
         "a.c +1 -1"},
        {" a.c | 3 ++-\n 1 file changed, 2 insertions(+),\n1 deletion(-)\n", "a.c +2 -1"},
    };

    (void)state;
    CHECK(cases, read_stat);
}

static void what_does_not_count_right_is_no_diffstat(void **state)
{
    static const stat_case cases[] = {
        {"", ""},
        {" 1 file changed, 1 insertion(+)\n", ""},
        {" 0 files changed\n", ""},
        {" a.c | 1 +\n", ""},
        {" a.c | 1 +\n 2 files changed, 2 insertions(+)\n", ""},
        {" a.c | 1 +\ntext\n 1 file changed, 1 insertion(+)\n", ""},
        {" a.c | 1 +\n 1 file changed its name\n", ""},
        {" a.c | 1 +\n 1 file changed, 1 insertion(+) and more\n", ""},
        {" a.c | 1 +\n 99999999999 files changed\n", ""},
        {"+----+----+\n| 12 | 34 |\n+----+----+\n 1 file changed\n", ""},
        {" cpu | 12 %\n 1 file changed\n", ""},
        {"> a.c | 1 +\n> 1 file changed, 1 insertion(+)\n", ""},
        {"> a.c | 1 +\n 1 file changed, 1 insertion(+)\n", ""},
        {"| 1\n1 file changed\n| 1\n 1 file changed\n", ""},
        /* in a diff */
        {"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,3 @@\n  a.c | 1 +\n"
         "  1 file changed, 1 insertion(+)\n+y\n",
         ""},
    };

    (void)state;
    CHECK(cases, read_stat);
}

static void the_last_one_that_counts_right_wins(void **state)
{
    static const stat_case cases[] = {
        {" a.c | 1 +\n 1 file changed, 1 insertion(+)\n\n"
         " b.c | 1 +\n 1 file changed, 1 insertion(+)\n",
         "b.c +1 -0"},
        {" a.c | 1 +\n 1 file changed, 1 insertion(+)\n\n"
         " b.c | 1 +\n 7 files changed, 1 insertion(+)\n",
         "a.c +1 -0"},
        /* only as many rows as it says: those next to it */
        {" a | 5\n a.c | 1 +\n 1 file changed, 1 insertion(+)\n", "a.c +1 -0"},
        /* before a diff, or between two */
        {" a.c | 1 +\n 1 file changed, 1 insertion(+)\n\ndiff --git a/x b/x\nindex 1..2\n"
         "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-b | 1\n+1 file changed\n-- \n2.1\n",
         "a.c +1 -0"},
        {"diff --git a/x b/x\nindex 1..2\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-x\n+y\n"
         " a.c | 1 +\n 1 file changed, 1 insertion(+)\n",
         "a.c +1 -0"},
    };

    (void)state;
    CHECK(cases, read_stat);
}

static void the_summary_is_kept_as_it_is_said(void **state)
{
    static const char text[] = "Hi\n\n a.c | 5 ++---\n b.c | 2 ++\n"
                               " 2 files changed, 4 insertions(+), 3 deletions(-)\n"
                               " create mode 100644 b.c\n";
    pm_diffstat stat = read_stat(text);

    (void)state;
    assert_int_equal(stat.files_changed, 2);
    assert_int_equal(stat.insertions, 4);
    assert_int_equal(stat.deletions, 3);
    assert_true(stat.complete);
    assert_false(stat.from_diff);
    assert_true(pm_slice_equal(
        stat.text,
        PM_LIT(
            " a.c | 5 ++---\n b.c | 2 ++\n 2 files changed, 4 insertions(+), 3 deletions(-)\n")));
    assert_true(pm_slice_equal(stat.paths[1].written, PM_LIT("b.c")));
}

static void rows_left_out_by_git_make_it_incomplete(void **state)
{
    pm_diffstat stat =
        read_stat(" a.c | 1 +\n b.c | 1 +\n ...\n 9 files changed, 9 insertions(+)\n");

    (void)state;
    assert_int_equal(stat.count, 2);
    assert_int_equal(stat.files_changed, 9);
    assert_false(stat.complete);
}

static void is_text(pm_slice got, const char *wanted)
{
    if (!pm_slice_equal(got, pm_slice_of(wanted)))
        fail_msg("\"%.*s\" is not \"%s\"", PM_FMT(got), wanted);
}

static void truncated_paths_are_resolved_by_their_tail(void **state)
{
    static const char text[] = " .../vmx/vmx.c | 1 +\n .../Makefile | 1 +\n .../nowhere.c | 1 +\n"
                               " arch/vmx.c | 1 +\n .../vmx/{b.c => a.c} | 0\n"
                               " 5 files changed, 4 insertions(+)\n";
    static const char *const known[] = {"arch/x86/kvm/vmx/vmx.c", "a/Makefile", "b/Makefile",
                                        "arch/x86/kvm/vmx/a.c"};
    static const struct {
        pm_path_how how;
        unsigned candidates;
        const char *path;
    } wanted[] = {
        {PM_PATH_RESOLVED, 0, "arch/x86/kvm/vmx/vmx.c"},
        {PM_PATH_AMBIGUOUS, 2, "Makefile"},
        {PM_PATH_UNKNOWN, 0, "nowhere.c"},
        {PM_PATH_WHOLE, 0, "arch/vmx.c"},
        {PM_PATH_RESOLVED, 0, "arch/x86/kvm/vmx/a.c"},
    };
    pm_path_index *index = pm_path_index_new();
    pm_diffstat stat;

    (void)state;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pm_path_index_add(index, pm_slice_of(known[i])), PM_OK);
    assert_int_equal(pm_diffstat_find(arena, pm_slice_of(text), index, &stat), PM_OK);
    assert_int_equal(stat.count, 5);
    is_text(stat.paths[4].old_path, "arch/x86/kvm/vmx/b.c");
    for (size_t i = 0; i < 5; i++) {
        const pm_path *path = &stat.paths[i];

        if (path->how != wanted[i].how || path->candidates != wanted[i].candidates ||
            !pm_slice_equal(path->path, pm_slice_of(wanted[i].path)))
            fail_msg("row %zu: %d, %u, %.*s", i, path->how, path->candidates, PM_FMT(path->path));
    }
    pm_path_index_free(index);
}

static void lines_below_the_table_give_truncated_paths_back(void **state)
{
    pm_diffstat stat = read_stat(" .../kettle/spout.c | 9 +++++++++\n .../kettle/lid.c | 0\n"
                                 " .../{a => b}/cup.c | 0\n .../out.c | 1 +\n"
                                 " 4 files changed, 10 insertions(+)\n"
                                 " create mode 100644 drivers/kettle/spout.c\n"
                                 " delete mode 100755 drivers/kettle/lid.c\n"
                                 " mode change 100644 => 100755 drivers/kettle/lid.c\n"
                                 " rename drivers/{a => b}/cup.c (100%)\n");

    (void)state;
    assert_int_equal(stat.paths[0].how, PM_PATH_RESOLVED);
    assert_true(pm_slice_equal(stat.paths[0].path, PM_LIT("drivers/kettle/spout.c")));
    assert_int_equal(stat.paths[1].how, PM_PATH_RESOLVED);
    assert_true(pm_slice_equal(stat.paths[1].path, PM_LIT("drivers/kettle/lid.c")));
    assert_int_equal(stat.paths[2].how, PM_PATH_RESOLVED);
    assert_true(pm_slice_equal(stat.paths[2].path, PM_LIT("drivers/b/cup.c")));
    is_text(stat.paths[2].old_path, "drivers/a/cup.c");
    assert_int_equal(stat.paths[3].how, PM_PATH_UNKNOWN); /* spout.c does not end in /out.c */
}

/* git cuts a row wherever its width says: within the braces, or behind all of them. */
static void lines_below_the_table_give_old_names_back(void **state)
{
    pm_diffstat stat = read_stat(" .../kettle => pot}/lid.c | 2 +-\n .../spout.c | 2 +-\n"
                                 " .../{a => b}/cup.c | 0\n .../tea.c => pot/tea.c | 0\n"
                                 " 4 files changed, 2 insertions(+), 2 deletions(-)\n"
                                 " rename drivers/{staging/kettle => pot}/lid.c (98%)\n"
                                 " rename drivers/{kettle => pot}/spout.c (97%)\n"
                                 " mode change 100644 => 100755 drivers/pot/spout.c\n"
                                 " rename drivers/a/tea.c => pot/tea.c (100%)\n");

    (void)state;
    is_text(stat.paths[0].path, "drivers/pot/lid.c");
    is_text(stat.paths[0].old_path, "drivers/staging/kettle/lid.c");
    is_text(stat.paths[1].path, "drivers/pot/spout.c");
    is_text(stat.paths[1].old_path, "drivers/kettle/spout.c");
    assert_int_equal(stat.paths[2].how, PM_PATH_UNKNOWN); /* its old name is cut as well */
    is_text(stat.paths[2].old_path, "a/cup.c");
    is_text(stat.paths[3].path, "pot/tea.c");
    is_text(stat.paths[3].old_path, "drivers/a/tea.c");
}

static void lines_indented_or_apart_do_so_as_mail_clients_leave_them(void **state)
{
    pm_diffstat stat = read_stat("  .../kettle/spout.c | 9 +++++++++\n\n  .../kettle/lid.c | 0\n\n"
                                 "  2 files changed, 9 insertions(+)\n\n"
                                 "  create mode 100644 drivers/kettle/spout.c\n\n"
                                 "  delete mode 100755 drivers/kettle/lid.c\n\n"
                                 "rename nothing/out.c\n");

    (void)state;
    assert_int_equal(stat.count, 2);
    assert_true(pm_slice_equal(stat.paths[0].path, PM_LIT("drivers/kettle/spout.c")));
    assert_true(pm_slice_equal(stat.paths[1].path, PM_LIT("drivers/kettle/lid.c")));
}

#define GIT(a, b)  "diff --git a/" a " b/" b "\nindex 123..456 100644\n"
#define PAIR(a, b) "--- " a "\n+++ " b "\n"
#define HUNK       "@@ -1,2 +1,2 @@ int f(void)\n x\n-y\n+z\n"

#define OF(path) GIT(path, path) PAIR("a/" path, "b/" path)

static void the_letter_s_own_diff_gives_old_names_back(void **state)
{
    pm_diffstat stat = read_stat(" .../spout.c | 0\n .../{a => b}/cup.c | 0\n 2 files changed\n");

    (void)state;
    assert_int_equal(
        pm_diffstat_complete(arena,
                             PM_LIT("diff --git a/drivers/kettle/spout.c b/drivers/pot/spout.c\n"
                                    "rename from drivers/kettle/spout.c\n"
                                    "rename to drivers/pot/spout.c\n" OF("drivers/b/cup.c")),
                             &stat),
        PM_OK);
    is_text(stat.paths[0].path, "drivers/pot/spout.c");
    is_text(stat.paths[0].old_path, "drivers/kettle/spout.c");
    is_text(stat.paths[1].path, "drivers/b/cup.c");
    is_text(stat.paths[1].old_path, "drivers/a/cup.c");
}

/* One row is written out by the diff, one is not there, and one could be two. */
static void the_letter_s_own_diff_gives_truncated_paths_back(void **state)
{
    pm_diffstat stat = read_stat(" .../deep/spout.c | 1 +\n .../lid.c | 1 +\n .../none.c | 1 +\n"
                                 " kettle/x/spout.c | 1 +\n .../spout.c | 1 +\n"
                                 " 5 files changed, 5 insertions(+)\n");

    (void)state;
    assert_int_equal(pm_diffstat_complete(arena,
                                          PM_LIT(OF("pot/deep/spout.c") OF("a/lid.c") OF("b/lid.c")
                                                     OF("kettle/x/spout.c")),
                                          &stat),
                     PM_OK);
    assert_int_equal(stat.paths[0].how, PM_PATH_WHOLE);
    is_text(stat.paths[0].path, "pot/deep/spout.c");
    is_text(stat.paths[0].written, ".../deep/spout.c");
    assert_int_equal(stat.paths[1].how, PM_PATH_UNKNOWN);
    assert_int_equal(stat.paths[2].how, PM_PATH_UNKNOWN);
    assert_int_equal(stat.paths[4].how, PM_PATH_WHOLE); /* the other one is in the table */
    is_text(stat.paths[4].path, "pot/deep/spout.c");
}

static void candidates_decide_when_one_is_left(void **state)
{
    const pm_slice candidates[] = {PM_LIT("a/deep/lid.c"), PM_LIT("b/deep/lid.c"),
                                   PM_LIT("c/steep/lid.c")};
    pm_diffstat stat = read_stat(" .../deep/lid.c | 1 +\n .../steep/lid.c | 1 +\n .../a.c | 1 +\n"
                                 " 3 files changed, 3 insertions(+)\n");

    (void)state;
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(pm_diffstat_resolve(arena, &stat, &stat.paths[i], candidates, 3), PM_OK);
    assert_int_equal(stat.paths[0].how, PM_PATH_AMBIGUOUS);
    assert_int_equal(stat.paths[0].candidates, 2);
    is_text(stat.paths[0].path, "deep/lid.c");
    assert_int_equal(stat.paths[1].how, PM_PATH_RESOLVED);
    is_text(stat.paths[1].path, "c/steep/lid.c");
    assert_int_equal(stat.paths[2].how, PM_PATH_UNKNOWN);
    stat = read_stat(" .../deep/lid.c | 1 +\n a/deep/lid.c | 1 +\n"
                     " 2 files changed, 2 insertions(+)\n");
    assert_int_equal(pm_diffstat_resolve(arena, &stat, &stat.paths[0], candidates, 3), PM_OK);
    assert_int_equal(stat.paths[0].how, PM_PATH_RESOLVED);
    is_text(stat.paths[0].path, "b/deep/lid.c");
}

static void every_dialect_of_diffs_is_read(void **state)
{
    static const stat_case cases[] = {
        {"Hi\n\n" GIT("d/x.c", "d/x.c") PAIR("a/d/x.c", "b/d/x.c") HUNK "-- \n2.1\n",
         "d/x.c +1 -1"},
        {GIT("x", "x") PAIR("a/x", "b/x") HUNK HUNK GIT("y", "y") PAIR("a/y", "b/y") HUNK,
         "x +2 -2, y +1 -1"},
        {GIT("x", "x") "new file mode 100644\n" PAIR("/dev/null", "b/x") "@@ -0,0 +1 @@\n+x\n",
         "x +1 -0"},
        {GIT("x", "x") PAIR("a/x", "/dev/null") "@@ -1 +0,0 @@\n-x\n", "x +0 -1"},
        {"diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to y\n", "x > y=0"},
        {"diff --git a/x b/y\nsimilarity index 100%\ncopy from x\ncopy to y\n", "x > y=0"},
        {"diff --git a/x b/x\nold mode 100644\nnew mode 100755\n", "x=0"},
        /* renamed, and nothing but the first line says so */
        {"diff --git a/d/x.c b/e/y.c\nindex 1..2\n" PAIR("a/d/x.c", "b/e/y.c") HUNK,
         "d/x.c > e/y.c +1 -1"},
        {"diff --git i/x.c w/long/y.c\nsimilarity index 100%\n", "x.c > long/y.c=0"},
        {"diff --git \"a/\\303\\251\" b/e\nsimilarity index 100%\n", "\303\251 > e=0"},
        {"diff --git a/x b/y b/z\nsimilarity index 100%\n", ""}, /* which of the two? */
        {"diff --git a/x b/x b/x b/x\nold mode 100644\nnew mode 100755\n", "x b/x=0"},
        {GIT("x.png", "x.png") "Binary files a/x.png and b/x.png differ\n", "x.png bin"},
        {GIT("x.png", "x.png") "GIT binary patch\nliteral 1\nIcmZPo000310RR91\n\n", "x.png bin"},
        {GIT("two words", "two words") PAIR("a/two words\t", "b/two words\t") HUNK,
         "two words +1 -1"},
        {"diff --git \"a/\\303\\251\" \"b/\\303\\251\"\nindex 1..2\n"
         "--- \"a/\\303\\251\"\n+++ \"b/\\303\\251\"\n" HUNK,
         "\303\251 +1 -1"},
        {"diff --git x.c x.c\nindex 1..2\n" PAIR("x.c", "x.c") HUNK, "x.c +1 -1"},
        {"diff --git i/d/x.c w/d/x.c\nindex 1..2\n" PAIR("i/d/x.c", "w/d/x.c") HUNK, "d/x.c +1 -1"},
        {"diff --cc x.c\nindex 1,2..3\n--- a/x.c\n+++ b/x.c\n@@@ -1,1 -1,1 +1,2 @@@\n  x\n++y\n",
         "x.c=0"},
        /* without git */
        {PAIR("linux-5.2.orig/d/x.c\t2019-01-02 03:04:05.0 +0000",
              "linux-5.2/d/x.c\t2019-01-02 03:04:05.0 +0000") HUNK,
         "d/x.c +1 -1"},
        {PAIR("a/d/x.c 2019-01-02 03:04:05", "b/d/x.c 2019-01-02 03:04:05") HUNK, "d/x.c +1 -1"},
        {PAIR("d/x.c.orig", "d/x.c") HUNK, "d/x.c +1 -1"},
        {PAIR("d/x.c", "d/x.c") HUNK, "d/x.c +1 -1"},
        {"diff -Nru a/d/x.c b/d/x.c\n" PAIR("a/d/x.c", "b/d/x.c") HUNK, "d/x.c +1 -1"},
        {"Index: d/x.c\n=======\n" PAIR("d/x.c\t(revision 1)", "d/x.c\t(working copy)") HUNK,
         "d/x.c +1 -1"},
        {"Index: b/d/x.c\n=======\n" PAIR("a/d/x.c", "b/d/x.c") HUNK
         "Index: b/y.c\n=======\n" PAIR("a/y.c", "b/y.c") HUNK,
         "d/x.c +1 -1, y.c +1 -1"},
        /* the extent of a hunk */
        {GIT("x", "x") PAIR("a/x", "b/x") "@@ -1 +1 @@\n-x\n+y\n-- \n2.1\n-more\n", "x +1 -1"},
        {GIT("x", "x") PAIR("a/x", "b/x") "@@ -1,2 +1 @@\n x\n-- a/y\n", "x +0 -1"},
        {GIT("x", "x") PAIR("a/x", "b/x") "@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+y\n"
                                          "\\ No newline at end of file\n",
         "x +1 -1"},
        {GIT("x", "x") PAIR("a/x", "b/x") "@@ -1,3 +1,3 @@\n-x\n+y\n\n z\n", "x +1 -1"},
        {GIT("x", "x") PAIR("a/x", "b/x") "@@ -1,9 +1,9 @@\n-x\n" GIT("y", "y") PAIR("a/y", "b/y")
             HUNK,
         "x +0 -1, y +1 -1"},
        /* two patches to one file */
        {GIT("x", "x") PAIR("a/x", "b/x") HUNK "\nnext\n" GIT("x", "x") PAIR("a/x", "b/x") HUNK,
         "x +2 -2"},
        /* no diffs */
        {"", ""},
        {"> diff --git a/x b/x\n> index 1..2\n", ""},
        {"diff --git a/x b/x is what git prints\nbefore a diff\n", ""},
        {"--- a rule\n+++ another\n", ""},
        {"---\n+++\n", ""},
        {"Index: of the book\n", ""},
    };

    (void)state;
    CHECK(cases, read_diff);
}

static void what_a_diff_tells_is_summed_up(void **state)
{
    pm_diffstat stat = read_diff(GIT("x", "x") PAIR("a/x", "b/x") HUNK HUNK GIT("y", "y")
                                     PAIR("a/y", "b/y") "@@ -1 +1,2 @@\n x\n+y\n");

    (void)state;
    assert_true(stat.from_diff);
    assert_true(stat.complete);
    assert_int_equal(stat.files_changed, 2);
    assert_int_equal(stat.insertions, 3);
    assert_int_equal(stat.deletions, 2);
    assert_int_equal(stat.paths[0].lines, 4);
}

static void a_diff_starts_at_its_first_line(void **state)
{
    static const struct {
        const char *before, *diff;
    } cases[] = {
        {"", GIT("x", "x")},
        {"Hi,\n\n---\n x | 2 +-\n\n", GIT("x", "x")},
        {"--- is a rule\n", PAIR("a/x", "b/x") HUNK},
        {"diff --git is a command\n> diff --git a/x b/x\n> index 1\n", "Index: x\n=====\n"},
        {"> quoted\n", "diff --git a/a/very/long/name\nb/a/very/long/name\n"},
    };
    char text[512];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(text, sizeof(text), "%s%s", cases[i].before, cases[i].diff);
        assert_int_equal(pm_diff_start(pm_slice_of(text)), strlen(cases[i].before));
        assert_int_equal(pm_diff_start(pm_slice_of(cases[i].before)), PM_NOWHERE);
    }
}

static void at_most_20000_rows_are_kept(void **state)
{
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    pm_diffstat stat;

    (void)state;
    assert_non_null(file);
    for (int i = 0; i < 20010; i++)
        fprintf(file, " f%d.c | 1 +\n", i);
    fputs(" 20010 files changed, 20010 insertions(+)\n", file);
    fclose(file);
    stat = read_stat(text);
    assert_int_equal(stat.count, 20000);
    assert_int_equal(stat.files_changed, 20010);
    assert_false(stat.complete);
    free(text);
}

static void past_the_budget_there_is_a_limit(void **state)
{
    pm_arena *small = pm_arena_new(100);
    pm_diffstat stat;

    (void)state;
    assert_int_equal(pm_diffstat_find(small, PM_LIT(" a | 1 +\n 1 file changed\n"), NULL, &stat),
                     PM_LIMIT);
    assert_int_equal(pm_diffstat_from_diff(small, PM_LIT(GIT("x", "x") PAIR("a/x", "b/x")), &stat),
                     PM_LIMIT);
    pm_arena_free(small);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_dialect_of_the_table_is_read, begin, end),
        cmocka_unit_test_setup_teardown(what_does_not_count_right_is_no_diffstat, begin, end),
        cmocka_unit_test_setup_teardown(the_last_one_that_counts_right_wins, begin, end),
        cmocka_unit_test_setup_teardown(the_summary_is_kept_as_it_is_said, begin, end),
        cmocka_unit_test_setup_teardown(rows_left_out_by_git_make_it_incomplete, begin, end),
        cmocka_unit_test_setup_teardown(truncated_paths_are_resolved_by_their_tail, begin, end),
        cmocka_unit_test_setup_teardown(lines_below_the_table_give_truncated_paths_back, begin,
                                        end),
        cmocka_unit_test_setup_teardown(lines_indented_or_apart_do_so_as_mail_clients_leave_them,
                                        begin, end),
        cmocka_unit_test_setup_teardown(the_letter_s_own_diff_gives_truncated_paths_back, begin,
                                        end),
        cmocka_unit_test_setup_teardown(lines_below_the_table_give_old_names_back, begin, end),
        cmocka_unit_test_setup_teardown(the_letter_s_own_diff_gives_old_names_back, begin, end),
        cmocka_unit_test_setup_teardown(candidates_decide_when_one_is_left, begin, end),
        cmocka_unit_test_setup_teardown(every_dialect_of_diffs_is_read, begin, end),
        cmocka_unit_test_setup_teardown(what_a_diff_tells_is_summed_up, begin, end),
        cmocka_unit_test(a_diff_starts_at_its_first_line),
        cmocka_unit_test_setup_teardown(at_most_20000_rows_are_kept, begin, end),
        cmocka_unit_test(past_the_budget_there_is_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
