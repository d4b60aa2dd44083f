/* SPDX-License-Identifier: BSD-2-Clause */
/* subject_word - the table of words that patch prefixes are made of; see subject_word.h. */
#include "subject_word.h"

#include "phrases.h"
#include "subject.h"

/* Sorted. A word without flags means nothing by itself, but says that its bracket is a patch prefix
 * and no list tag. */
static const pm_subject_word words[] = {
    {PM_LIT("-stable"), PM_SUBJECT_STABLE},
    {PM_LIT("applied"), PM_SUBJECT_COMMITTED},
    {PM_LIT("autosel"), PM_SUBJECT_STABLE},
    {PM_LIT("backport"), PM_SUBJECT_STABLE},
    {PM_LIT("backports"), PM_SUBJECT_STABLE},
    {PM_LIT("commit"), PM_SUBJECT_COMMITTED},
    {PM_LIT("commited"), PM_SUBJECT_COMMITTED},
    {PM_LIT("committed"), PM_SUBJECT_COMMITTED},
    {PM_LIT("git-pull"), PM_SUBJECT_PULL},
    {PM_LIT("gitpull"), PM_SUBJECT_PULL},
    {PM_LIT("merged"), PM_SUBJECT_COMMITTED},
    {PM_LIT("patch"), PM_SUBJECT_PATCH},
    {PM_LIT("patch-set"), PM_SUBJECT_PATCH},
    {PM_LIT("patches"), PM_SUBJECT_PATCH},
    {PM_LIT("patchseries"), PM_SUBJECT_PATCH},
    {PM_LIT("patchset"), PM_SUBJECT_PATCH},
    {PM_LIT("ping"), 0},
    {PM_LIT("pull"), PM_SUBJECT_PULL},
    {PM_LIT("pull-request"), PM_SUBJECT_PULL},
    {PM_LIT("pullreq"), PM_SUBJECT_PULL},
    {PM_LIT("pullrequest"), PM_SUBJECT_PULL},
    {PM_LIT("pushed"), PM_SUBJECT_COMMITTED},
    {PM_LIT("re-post"), PM_SUBJECT_RESEND},
    {PM_LIT("re-send"), PM_SUBJECT_RESEND},
    {PM_LIT("re-sent"), PM_SUBJECT_RESEND},
    {PM_LIT("repost"), PM_SUBJECT_RESEND},
    {PM_LIT("reposted"), PM_SUBJECT_RESEND},
    {PM_LIT("reposting"), PM_SUBJECT_RESEND},
    {PM_LIT("resend"), PM_SUBJECT_RESEND},
    {PM_LIT("resending"), PM_SUBJECT_RESEND},
    {PM_LIT("resent"), PM_SUBJECT_RESEND},
    {PM_LIT("rfa"), 0}, /* for approval */
    {PM_LIT("rfc"), PM_SUBJECT_RFC},
    {PM_LIT("rfcpatch"), PM_SUBJECT_RFC | PM_SUBJECT_PATCH},
    {PM_LIT("rft"), PM_SUBJECT_RFT},
    {PM_LIT("stable"), PM_SUBJECT_STABLE},
    {PM_LIT("stable-rc"), PM_SUBJECT_STABLE},
    {PM_LIT("syzbot"), PM_SUBJECT_BOT},
    {PM_LIT("syzkaller"), PM_SUBJECT_BOT},
    {PM_LIT("wip"), 0},
};

const pm_subject_word *pm_subject_word_find(pm_slice text)
{
    return bsearch(&text, words, PM_COUNT_OF(words), sizeof(words[0]), pm_phrase_compare);
}

const pm_subject_word *pm_subject_word_in_front(pm_slice text)
{
    const pm_subject_word *found = NULL;

    for (size_t i = 0; i < PM_COUNT_OF(words); i++)
        if (pm_slice_starts_nocase(text, words[i].text) &&
            (found == NULL || words[i].text.len > found->text.len))
            found = &words[i];
    return found;
}
