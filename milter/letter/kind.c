/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kind - what sort of letter this is; see kind.h.
 *
 * A table of rules, of which the first that holds decides. What they look at is gathered once, as
 * evidence; that, and the tags, have files of their own, listed in kind_parts.h.
 */
#include "kind.h"

#include "kind_parts.h"
#include "phrases.h"

const char *pm_kind_name(pm_kind kind)
{
    switch (kind) {
    case PM_KIND_OTHER:
        return "other";
    case PM_KIND_COVER:
        return "cover";
    case PM_KIND_PATCH:
        return "patch";
    case PM_KIND_REPLY:
        return "reply";
    case PM_KIND_PULL:
        return "pull";
    }
    return "other";
}

/* ---- Rules ----------------------------------------------------------------------------------- */

static bool is(const pm_kind_evidence *e, unsigned flags)
{
    return (e->flags & flags) != 0;
}

static bool has_reply_mark(const pm_kind_evidence *e)
{
    return is(e, PM_SUBJECT_REPLY);
}

static bool is_robot_subject(const pm_kind_evidence *e)
{
    return is(e, PM_SUBJECT_BOT);
}

static bool is_trees_notice(const pm_kind_evidence *e)
{
    return pm_kind_is_trees_notice(e->letter->subject.title);
}

static bool is_commits_notice(const pm_kind_evidence *e)
{
    return e->commit;
}

/* "Forwarded: [PATCH] title", which somebody wants a robot to test. */
static bool is_robots_forward(const pm_kind_evidence *e)
{
    return is(e, PM_SUBJECT_FORWARD) && (e->letter->tags & PM_TAG_BOT) != 0;
}

static bool has_one_of(const pm_subject *subject, const pm_slice *words, size_t count)
{
    for (size_t i = 0; i < subject->word_count; i++)
        if (pm_is_one_of(subject->words[i], words, count))
            return true;
    return false;
}

/* "[PING][PATCH v2] title", where the patch itself is not sent again. */
static bool is_ping(const pm_kind_evidence *e)
{
    static const pm_slice words[] = {PM_LIT("ping")};

    return has_one_of(&e->letter->subject, words, PM_COUNT_OF(words)) && !e->letter->has_diff &&
           !e->stat;
}

/* "[ACK][PATCH 0/2] title". Committed series are posted under such words, too, but not as answers.
 */
static bool is_verdict(const pm_kind_evidence *e)
{
    static const pm_slice words[] = {PM_LIT("ack"),  PM_LIT("acked"), PM_LIT("nak"),
                                     PM_LIT("nack"), PM_LIT("lgtm"),  PM_LIT("applied")};

    return e->in_thread && !e->letter->has_diff && !e->stat &&
           has_one_of(&e->letter->subject, words, PM_COUNT_OF(words));
}

static bool is_pull_without_number(const pm_kind_evidence *e)
{
    return is(e, PM_SUBJECT_PULL) && !e->numbered;
}

static bool is_numbered_pull(const pm_kind_evidence *e)
{
    return is(e, PM_SUBJECT_PULL) && e->part > 0 && !e->letter->has_diff;
}

static bool lost_its_reply_mark(const pm_kind_evidence *e)
{
    return e->in_thread && e->quotes.mostly && !e->letter->has_diff && !e->stat;
}

/* "Vastaus: [PATCH 0/2] title", "FYI: [PATCH] title", "Fwd: [PATCH] title": in whatever language,
 * something is said about a letter, which itself is not there. */
static bool is_led_answer(const pm_kind_evidence *e)
{
    return is(e, PM_SUBJECT_LED | PM_SUBJECT_FORWARD) && e->in_thread && !e->letter->has_diff &&
           !e->stat;
}

static bool is_part_zero(const pm_kind_evidence *e)
{
    return e->numbered && e->part == 0;
}

static bool is_numbered_patch(const pm_kind_evidence *e)
{
    return e->numbered && e->letter->has_diff;
}

static bool is_numbered_without_diff(const pm_kind_evidence *e)
{
    return e->numbered;
}

static bool is_request_text(const pm_kind_evidence *e)
{
    return e->request && !is(e, PM_KIND_PATCH_WORDS);
}

static bool is_patch(const pm_kind_evidence *e)
{
    return e->letter->has_diff && is(e, PM_KIND_PATCH_WORDS);
}

static bool is_diff_in_an_answer(const pm_kind_evidence *e)
{
    return e->letter->has_diff && e->in_thread && e->quotes.any;
}

static bool is_robots_diff(const pm_kind_evidence *e)
{
    return e->letter->has_diff && (e->letter->tags & PM_TAG_BOT) != 0;
}

static bool is_keepers_diff(const pm_kind_evidence *e)
{
    return e->letter->has_diff && pm_kind_is_keepers_title(e->letter->subject.title);
}

static bool is_bare_diff(const pm_kind_evidence *e)
{
    return e->letter->has_diff;
}

static bool is_answer(const pm_kind_evidence *e)
{
    return e->in_thread && e->quotes.any && !e->stat;
}

/* "[PATCHES] title", "[PATCHSET v2] title": whatever it says, it is about several. */
static bool is_plural_without_diff(const pm_kind_evidence *e)
{
    return e->plural;
}

static bool has_covers_id(const pm_kind_evidence *e)
{
    return e->covers_id;
}

/* b4 puts a cover's shortlog below "---", too; no patch has one. */
static bool is_patch_with_lost_diff(const pm_kind_evidence *e)
{
    return (is(e, PM_SUBJECT_PATCH) || e->signed_off) && e->cut_line &&
           e->letter->shortlog.count == 0;
}

static bool is_announcement_of_release(const pm_kind_evidence *e)
{
    return e->announces && !is(e, PM_KIND_PATCH_WORDS);
}

static bool is_stat_without_diff(const pm_kind_evidence *e)
{
    return e->stat;
}

static bool speaks_as_cover(const pm_kind_evidence *e)
{
    return e->series_words && (is(e, PM_KIND_PATCH_WORDS) || !e->in_thread);
}

/* Nobody writes ordinary mail with git send-email. Below another letter a patch may have lost its
 * diff. */
static bool is_sent_as_cover(const pm_kind_evidence *e)
{
    return e->batch && !(e->in_thread && e->patch_word);
}

/* "[PATCH] title", and nothing that a patch has: reviewing systems answer so. A patch that was
 * attached as something unreadable is mostly sent anew, or says which version it is. */
static bool is_answer_to_patch(const pm_kind_evidence *e)
{
    return e->patch_word && !is(e, PM_SUBJECT_RESEND) && e->in_thread && !e->signed_off &&
           e->letter->subject.revision_said == PM_SAID_NOT;
}

static bool has_patch_word(const pm_kind_evidence *e)
{
    return e->patch_word;
}

static bool is_anything(const pm_kind_evidence *e)
{
    return e != NULL;
}

/* The first that holds decides. */
static const struct {
    bool (*holds)(const pm_kind_evidence *e);
    pm_kind kind;
    const char *why;
    double confidence;
} rules[] = {
    {has_reply_mark, PM_KIND_REPLY, "a reply mark in the subject", 0.99},
    {is_robot_subject, PM_KIND_OTHER, "a robot's subject", 0.95},
    {is_trees_notice, PM_KIND_OTHER, "a notice from a tree", 0.95},
    {is_commits_notice, PM_KIND_OTHER, "a commit's notice", 0.9},
    {is_robots_forward, PM_KIND_OTHER, "a robot forwards it", 0.8},
    {is_ping, PM_KIND_REPLY, "PING in the subject", 0.8},
    {is_verdict, PM_KIND_REPLY, "a verdict in the subject", 0.8},
    {is_pull_without_number, PM_KIND_PULL, "PULL in the subject", 0.98},
    {lost_its_reply_mark, PM_KIND_REPLY, "an answer with quoting, without a reply mark", 0.85},
    {is_led_answer, PM_KIND_REPLY, "an answer: something stands before the prefix", 0.8},
    {is_part_zero, PM_KIND_COVER, "0/N in the subject", 0.99},
    {is_numbered_pull, PM_KIND_PULL, "PULL n/N in the subject and no diff", 0.9},
    {is_numbered_patch, PM_KIND_PATCH, "n/N in the subject and a diff", 0.99},
    {is_numbered_without_diff, PM_KIND_PATCH, "n/N in the subject", 0.9},
    {is_request_text, PM_KIND_PULL, "git request-pull's text", 0.9},
    {is_patch, PM_KIND_PATCH, "PATCH in the subject and a diff", 0.99},
    {is_diff_in_an_answer, PM_KIND_REPLY, "an answer with quoting and a diff", 0.75},
    {is_robots_diff, PM_KIND_OTHER, "a robot's diff", 0.8},
    {is_keepers_diff, PM_KIND_OTHER, "a diff of what was done already", 0.8},
    {is_bare_diff, PM_KIND_PATCH, "a diff", 0.8},
    {is_answer, PM_KIND_REPLY, "an answer with quoting, without a reply mark", 0.8},
    {is_plural_without_diff, PM_KIND_COVER, "PATCHES or the like in the subject and no diff", 0.9},
    {has_covers_id, PM_KIND_COVER, "a Message-ID as git and b4 give covers, and no diff", 0.9},
    {is_patch_with_lost_diff, PM_KIND_PATCH, "a patch's text with \"---\" at its end", 0.8},
    {is_announcement_of_release, PM_KIND_OTHER, "an announcement", 0.8},
    {is_stat_without_diff, PM_KIND_COVER, "a shortlog or diffstat and no diff", 0.85},
    {speaks_as_cover, PM_KIND_COVER, "speaks of its series and has no diff", 0.7},
    {is_sent_as_cover, PM_KIND_COVER, "sent by git send-email and has no diff", 0.7},
    {is_answer_to_patch, PM_KIND_REPLY, "an answer: PATCH in the subject and no patch", 0.6},
    {has_patch_word, PM_KIND_PATCH, "PATCH in the subject", 0.6},
    {is_anything, PM_KIND_OTHER, "no sign of patch mail", 0.8},
};

void pm_kind_decide(pm_letter *letter)
{
    const pm_subject *subject = &letter->subject;
    pm_kind_evidence e;
    size_t rule = 0;

    letter->tags = pm_kind_tags(letter);
    e = pm_kind_gather(letter);
    while (!rules[rule].holds(&e))
        rule++;
    letter->kind = rules[rule].kind;
    letter->kind_why = rules[rule].why;
    letter->confidence = rules[rule].confidence;
    if (e.commit && letter->kind == PM_KIND_OTHER)
        letter->tags |= PM_TAG_APPLIED;

    if ((subject->flags & (PM_SUBJECT_CONFLICT | PM_SUBJECT_BROKEN)) != 0)
        letter->confidence *= 0.7;
    if (subject->revision_said == PM_SAID_INFERRED || subject->part_said == PM_SAID_INFERRED)
        letter->confidence *= 0.85;
    if (pm_message_cut(letter->message))
        letter->confidence *= 0.8;
}
