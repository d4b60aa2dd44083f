/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kind_evidence - what the rules of kind.c look at, gathered once a letter; see kind_parts.h.
 *
 * Dear evidence is only looked for where cheap evidence has not settled the kind.
 */
#include "kind_parts.h"

#include "lines.h"
#include "phrases.h"
#include "prose.h"
#include "subject_token.h"

/* How covers speak of themselves. */
static const pm_slice series_phrases[] = {
    PM_LIT("this series"),           PM_LIT("this patch series"),
    PM_LIT("this patchset"),         PM_LIT("this patch set"),
    PM_LIT("this small series"),     PM_LIT("this is a series"),
    PM_LIT("this short series"),     PM_LIT("the following series"),
    PM_LIT("the following patches"), PM_LIT("the following patchset"),
    PM_LIT("here's a series"),       PM_LIT("here is a series"),
    PM_LIT("here's a patch series"), PM_LIT("here's a small series"),
    PM_LIT("a small series"),        PM_LIT("following patches"),
    PM_LIT("following series"),      PM_LIT("this mini series"),
    PM_LIT("this mini-series"),
};

/* The same, where the subject speaks of patches. Elsewhere anybody may write so: "The following
 * patch broke it". */
static const pm_slice patch_phrases[] = {
    PM_LIT("the following patch "),
    PM_LIT("the patch series"),
    PM_LIT("the patchset"),
    PM_LIT("this set "),
    PM_LIT("the series "),
    PM_LIT("these patch"),
    PM_LIT("these two patches"),
    PM_LIT("these changes"),
    PM_LIT("these are "),
    PM_LIT("here are "),
    PM_LIT("a few "),
    PM_LIT("here is a patch"),
    PM_LIT("a series of "),
    PM_LIT("a set of "),
    PM_LIT("patch 1"),
    PM_LIT("patches 1"),
};

/* Only in the first paragraphs, and only where a paragraph begins or behind a greeting: whoever
 * speaks of somebody else's series does so in the middle of a sentence. */
static bool speaks_of_series(pm_slice prose, bool patch_word)
{
    bool beginning = true;
    pm_slice line;

    for (unsigned lines = 0; lines < 24 && pm_slice_next_line(&prose, &line); lines++) {
        pm_slice text = pm_slice_trim(line);

        if (beginning &&
            pm_starts_with_one_of_nocase(text, series_phrases, PM_COUNT_OF(series_phrases)))
            return true;
        if (beginning && patch_word &&
            pm_starts_with_one_of_nocase(text, patch_phrases, PM_COUNT_OF(patch_phrases)))
            return true;
        beginning = text.len == 0 || text.data[text.len - 1] == ',' ||
                    text.data[text.len - 1] == '.' || text.data[text.len - 1] == '!';
    }
    return false;
}

/* Is there a line "---" in prose, outside quoting? */
static bool has_cut_line(pm_slice prose)
{
    size_t at = 0;

    while (at < prose.len) {
        pm_slice rest = pm_slice_after(prose, at), line;
        size_t found = pm_slice_find(rest, PM_LIT("\n---"));

        if (found == PM_NOWHERE)
            return false;
        rest = pm_slice_after(rest, found + 1);
        if (!pm_slice_next_line(&rest, &line))
            return false;
        if (pm_slice_trim_end(line).len == 3)
            return true;
        at += found + 4;
    }
    return false;
}

/* What git request-pull writes, at the beginning of lines. */
static bool is_request(pm_slice prose)
{
    size_t since = pm_slice_find(prose, PM_LIT("The following changes since commit"));

    if (since == PM_NOWHERE || (since > 0 && prose.data[since - 1] != '\n'))
        return false;
    return pm_slice_find(pm_slice_after(prose, since), PM_LIT("available in the")) != PM_NOWHERE;
}

/* Does a word of the prefix speak of flag? */
static bool has_word(const pm_subject *subject, unsigned flag)
{
    pm_subject_token token;

    for (size_t i = 0; i < subject->word_count; i++)
        if (pm_subject_token_classify(subject->words[i], &token) && (token.flags & flag) != 0)
            return true;
    return false;
}

/* "[PATCHES]", "[PATCHSET v2]", "[PATCH SERIES]". */
static bool is_plural(const pm_subject *subject)
{
    static const pm_slice plurals[] = {PM_LIT("patches"), PM_LIT("patchset"), PM_LIT("patch-set"),
                                       PM_LIT("patchseries"), PM_LIT("series")};

    for (size_t i = 0; i < subject->word_count; i++)
        if (pm_is_one_of(subject->words[i], plurals, PM_COUNT_OF(plurals)))
            return true;
    return false;
}

/* "20240131-lid-v2-0-0123456789ab@example.org": b4 numbers the parts of a series. */
static bool is_b4_cover(pm_slice id)
{
    size_t at = pm_slice_find_last(id, PM_LIT("-v"));
    pm_slice rest = pm_slice_after(id, at == PM_NOWHERE ? id.len : at + 2);
    unsigned number;

    return pm_take_number(&rest, &number) && pm_take(&rest, PM_LIT("-0-"));
}

/* The same, and "cover.1706702400.git.writer@example.org" of git format-patch --thread. */
static bool is_covers_id(pm_slice id)
{
    if (!pm_take(&id, PM_LIT("cover.")))
        return is_b4_cover(id);
    return id.len > 0 && pm_is_digit(id.data[0]);
}

/* "20240131120000.1234-1-writer@example.org", and of older gits
 * "1706702400-1234-1-git-send-email-writer@example.org": what is made in one go is numbered. */
static bool is_first_of_batch(pm_slice id)
{
    size_t digits = 0;
    unsigned number;
    bool dated;

    while (digits < id.len && pm_is_digit(id.data[digits]))
        digits++;
    id = pm_slice_after(id, digits);
    dated = digits == 14 && pm_take(&id, PM_LIT("."));
    if (!dated && (digits != 10 || !pm_take(&id, PM_LIT("-"))))
        return false;
    return pm_take_number(&id, &number) && pm_take(&id, PM_LIT("-1-")) &&
           (dated || pm_slice_starts(id, PM_LIT("git-send-email-")));
}

pm_kind_evidence pm_kind_gather(const pm_letter *letter)
{
    pm_kind_evidence e = {.letter = letter, .flags = letter->subject.flags};
    const pm_slice prose = letter->prose;

    e.numbered = letter->subject.part_said != PM_SAID_NOT;
    e.part = letter->subject.part;
    e.in_thread = letter->in_reply_to.len > 0 || letter->reference_count > 0;
    if ((e.flags & PM_SUBJECT_REPLY) != 0)
        return e; /* nothing else is asked */

    if (letter->has_diff && (e.flags & PM_KIND_PATCH_WORDS) != 0)
        return e; /* a patch, whatever else it says */
    if (e.in_thread)
        e.quotes = pm_kind_read_quoting(prose);
    e.stat =
        (letter->diffstat.count > 0 && !letter->diffstat.from_diff) || letter->shortlog.count > 0;
    if (e.numbered)
        return e;
    e.request = is_request(prose);
    e.commit = (letter->has_diff || e.stat) && (e.flags & PM_KIND_PATCH_WORDS) == 0 &&
               pm_kind_is_commit_notice(prose);
    if (letter->has_diff)
        return e;
    e.cut_line = has_cut_line(prose);
    e.series_words = speaks_of_series(prose, (e.flags & PM_KIND_PATCH_WORDS) != 0);
    e.patch_word = has_word(&letter->subject, PM_SUBJECT_PATCH);
    e.signed_off = pm_slice_find(prose, PM_LIT("\nSigned-off-by:")) != PM_NOWHERE;
    e.announces = pm_kind_is_announcement(&letter->subject);
    e.plural = (e.flags & PM_SUBJECT_PATCH) != 0 && is_plural(&letter->subject);
    e.covers_id = is_covers_id(letter->message_id);
    e.batch = is_first_of_batch(letter->message_id);
    return e;
}
