/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * subject_resolve - what the tokens of all groups say together; see subject_parser.h.
 *
 * "v6.1" is a re-roll or a kernel, "5/4" a count or a ratio, "5.10" a tree or a milestone: one
 * token alone does not tell, its neighbours do.
 */
#include "subject_parser.h"

/* Does the token before the ith say "for"? */
static bool is_behind_for(const pm_subject_parser *p, size_t i)
{
    const pm_subject_token *token = &p->tokens.items[i];

    return i > 0 && token[-1].group == token->group &&
           pm_slice_equal_nocase(token[-1].text, PM_LIT("for"));
}

/* Kernels that were kept for years and that look like re-rolls. Nobody sends a fourth re-roll;
 * "v6.1" may be either, and is not here. */
static bool is_longterm(const pm_subject_token *token)
{
    static const struct {
        unsigned major, minor;
    } kernels[] = {{4, 4}, {4, 9}, {5, 4}, {6, 6}};

    for (size_t i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++)
        if (token->revision == kernels[i].major && token->reroll == kernels[i].minor)
            return true;
    return false;
}

/* "v6.1" is a re-roll of v6, but not where a stable tree or a plain revision stands beside it, not
 * behind "for", and not where nothing else speaks of a patch: "[BUG v6.1]". */
static bool dotted_is_version(const pm_subject_parser *p)
{
    bool patch = false;

    for (size_t i = 0; i < p->tokens.count; i++) {
        const pm_subject_token *token = &p->tokens.items[i];

        if ((token->flags & PM_SUBJECT_STABLE) != 0 ||
            (token->kind == PM_SUBJECT_TOKEN_REVISION &&
             (!token->dotted || is_longterm(token) || is_behind_for(p, i))))
            return true;
        patch |=
            token->kind == PM_SUBJECT_TOKEN_COUNT || (token->flags & PM_SUBJECT_PATCH_FLAGS) != 0;
    }
    return !patch;
}

/* Is a version in brackets the name of an old release's branch? "for 5.10" is what comes next, but
 * not "for 5.10.y", and a version without the word PATCH may be anything. */
static unsigned version_flags(const pm_subject_parser *p, size_t i)
{
    const pm_subject_token *token = &p->tokens.items[i];
    bool patch = false;

    for (size_t k = 0; k < p->tokens.count; k++)
        patch |= (p->tokens.items[k].flags & PM_SUBJECT_PATCH) != 0;
    if (!patch || (is_behind_for(p, i) && pm_is_digit(token->text.data[token->text.len - 1])))
        return 0;
    return token->kind == PM_SUBJECT_TOKEN_VERSION ? token->flags : (unsigned)PM_SUBJECT_STABLE;
}

/* A count with more parts than there are and no word of patch mail is a ratio. */
static bool is_ratio(const pm_subject_parser *p, const pm_subject_token *token)
{
    if (token->total < 0 || (token->part <= token->total && token->total > 0))
        return false;
    for (size_t i = 0; i < p->tokens.count; i++)
        if ((p->tokens.items[i].flags & PM_SUBJECT_PREFIX_FLAGS) != 0)
            return false;
    return true;
}

void pm_subject_say_revision(pm_subject *subject, const pm_subject_token *token, pm_said said)
{
    if (subject->revision_said != PM_SAID_NOT) {
        if (subject->revision != token->revision || subject->reroll != token->reroll)
            subject->flags |= PM_SUBJECT_CONFLICT;
        return;
    }
    subject->revision = token->revision;
    subject->reroll = token->reroll;
    subject->revision_said = said;
    subject->revision_token = token->text;
}

void pm_subject_say_count(pm_subject *subject, const pm_subject_token *token, pm_said said)
{
    if (subject->part_said != PM_SAID_NOT)
        return;
    subject->part = token->part;
    subject->total = token->total;
    subject->part_said = said;
    subject->part_token = token->text;
    if (token->total == 0 || (token->total > 0 && token->part > token->total))
        subject->flags |= PM_SUBJECT_BROKEN;
}

pm_status pm_subject_resolve(pm_subject_parser *p, pm_arena *arena)
{
    pm_subject *subject = p->subject;
    bool demote = dotted_is_version(p);
    bool tagged = p->tag_group != 0 && (p->tag_is_followed || p->groups == 1);
    unsigned said = 0;

    if (!tagged)
        subject->list_tag = PM_EMPTY;
    subject->words = pm_alloc_array(arena, p->tokens.count, sizeof(*subject->words));
    if (subject->words == NULL)
        return PM_LIMIT;

    for (size_t i = 0; i < p->tokens.count; i++) {
        const pm_subject_token *token = &p->tokens.items[i];

        if (tagged && token->group == p->tag_group)
            continue;
        if (token->kind == PM_SUBJECT_TOKEN_REVISION && !(token->dotted && demote)) {
            pm_subject_say_revision(subject, token, PM_SAID_WRITTEN);
            subject->flags |= PM_SUBJECT_PATCH;
            continue;
        }
        if (token->kind == PM_SUBJECT_TOKEN_COUNT && !is_ratio(p, token)) {
            pm_subject_say_count(subject, token, PM_SAID_WRITTEN);
            subject->flags |= PM_SUBJECT_PATCH;
            continue;
        }
        if (token->kind == PM_SUBJECT_TOKEN_VERSION || token->kind == PM_SUBJECT_TOKEN_REVISION)
            subject->flags |= version_flags(p, i);
        else
            subject->flags |= token->flags;
        said |= token->flags;
        subject->words[subject->word_count++] = token->text;
    }
    if ((said & PM_SUBJECT_PATCH_FLAGS) == 0)
        subject->flags |= p->branch;
    return PM_OK;
}
