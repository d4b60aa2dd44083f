/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kind_notice - letters that tell of what has been done already: what a repository's hook says of a
 * commit, what a keeper's script says of a patch, announcements of releases; see kind_parts.h.
 *
 * They have diffs and shortlogs as patch mail has, but nobody is asked to review them.
 */
#include "kind_parts.h"

#include "lines.h"
#include "phrases.h"

/* ---- Commits --------------------------------------------------------------------------------- */

/* Does a line say that a commit has been made? */
static bool tells_commit(pm_slice line)
{
    static const pm_slice starts[] = {
        PM_LIT("New Revision: "), /* Subversion's hook, and those that took over its form */
        PM_LIT("Commit-ID: "),    /* tip-bot, before 2019 */
        PM_LIT("commit: http"),   /* Buildroot's */
        PM_LIT("CommitDate: "),   /* git show --pretty=fuller, as Xen's hook has it */
        PM_LIT("This is an automated email from the git hooks"), /* git's post-receive-email */
    };

    if (pm_starts_with_one_of(line, starts, PM_COUNT_OF(starts)))
        return true;
    if (pm_slice_starts(line, PM_LIT("The branch "))) /* FreeBSD's */
        return pm_slice_find(line, PM_LIT(" has been updated by ")) != PM_NOWHERE;
    return pm_slice_find(line, PM_LIT(" | branch: ")) != PM_NOWHERE; /* FFmpeg's */
}

/* Where gitweb, cgit and their kin show a commit. */
static bool is_commit_url(pm_slice line)
{
    static const pm_slice parts[] = {PM_LIT(";h="), PM_LIT("/commitdiff/"), PM_LIT("/commit/?id="),
                                     PM_LIT("/g:")};

    if (!pm_slice_starts(line, PM_LIT("http")))
        return false;
    for (size_t i = 0; i < PM_COUNT_OF(parts); i++)
        if (pm_slice_find(line, parts[i]) != PM_NOWHERE)
            return true;
    return false;
}

/* What a repository's hook sends to a list when somebody has pushed. Where only a URL tells, it is
 * the first line, or underlined: people point at commits, too, but say something first. */
bool pm_kind_is_commit_notice(pm_slice prose)
{
    bool placed = true;
    pm_slice line;

    for (unsigned lines = 0; lines < 24 && pm_slice_next_line(&prose, &line); lines++) {
        if (tells_commit(line) || (placed && is_commit_url(line)))
            return true;
        placed = (placed && pm_line_is_blank(line)) || pm_slice_starts(line, PM_LIT("-----"));
    }
    return false;
}

/* ---- Trees ----------------------------------------------------------------------------------- */

/* 'Patch "title" has been added to the 5.4-stable tree', 'Applied "title" to the asoc tree',
 * '+ title.patch added to mm-unstable branch': what a keeper's script says, the patch below it. */
bool pm_kind_is_trees_notice(pm_slice title)
{
    static const pm_slice starts[] = {PM_LIT("patch \""),         PM_LIT("patch '"),
                                      PM_LIT("FAILED: patch \""), PM_LIT("WTF: patch \""),
                                      PM_LIT("applied \""),       PM_LIT("applied '")};

    return pm_starts_with_one_of_nocase(title, starts, PM_COUNT_OF(starts)) ||
           pm_slice_find(title, PM_LIT(".patch added to ")) != PM_NOWHERE ||
           pm_slice_find(title, PM_LIT(".patch removed from ")) != PM_NOWHERE;
}

/* "Linux 6.1.12", "linux-next: manual merge of ...": a diff of what was done already. */
bool pm_kind_is_keepers_title(pm_slice title)
{
    if (pm_slice_starts(title, PM_LIT("linux-next: ")))
        return true;
    return pm_slice_starts(title, PM_LIT("Linux ")) && title.len > 6 && pm_is_digit(title.data[6]);
}

/* ---- Releases -------------------------------------------------------------------------------- */

/* "v2024.01.0", and nothing else. */
static bool is_version_alone(pm_slice title)
{
    size_t at = title.len > 0 && pm_lower(title.data[0]) == 'v' ? 1 : 0, from = at;

    while (at < title.len && (pm_is_digit(title.data[at]) || title.data[at] == '.'))
        at++;
    return at > from && (at == title.len || title.data[at] == '-') &&
           pm_slice_find_byte(title, ' ') == PM_NOWHERE;
}

/* "kettle 1.2-rc1": a name and a version, which a dot tells from a revision. */
static bool is_name_and_version(pm_slice title)
{
    size_t space = pm_slice_find_byte(title, ' ');
    pm_slice version = pm_slice_after(title, space == PM_NOWHERE ? title.len : space + 1);

    return pm_slice_find_byte(version, '.') != PM_NOWHERE && is_version_alone(version);
}

/* "[ANNOUNCE] ...", "Linux 5.10.1", "nftables 1.0.1 release": a shortlog there is of what was done.
 */
bool pm_kind_is_announcement(const pm_subject *subject)
{
    static const pm_slice starts[] = {PM_LIT("[ANN"), PM_LIT("ANNOUNC"), PM_LIT("Linux "),
                                      PM_LIT("linux-next:"), PM_LIT("[RELEASE")};
    static const pm_slice inside[] = {PM_LIT(" release"),      PM_LIT(" is out"),
                                      PM_LIT("now available"), PM_LIT("merge window"),
                                      PM_LIT("[ANNOUNCE"),     PM_LIT("[ANN]")};

    if (pm_starts_with_one_of_nocase(subject->text, starts, PM_COUNT_OF(starts)) ||
        pm_starts_with_one_of_nocase(subject->title, starts, PM_COUNT_OF(starts)))
        return true;
    if (is_version_alone(subject->title) || is_name_and_version(subject->title))
        return true;
    for (size_t i = 0; i < PM_COUNT_OF(inside); i++)
        if (pm_slice_find_nocase(subject->text, inside[i]) != PM_NOWHERE)
            return true;
    return false;
}
