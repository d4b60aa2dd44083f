/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * subject_group - the bracket groups in front of a title, "[list] [PATCH v2 1/3]", whole or never
 * closed; see subject_parser.h.
 *
 * Which brackets are a prefix is decided here, and what their tokens say by subject_resolve.c, when
 * all of them are known.
 */
#include "subject_parser.h"

#include "lines.h"

/* A bracket with more words than these, none of them with a meaning, is part of a title. */
#define PLAIN_MAX 6

static bool starts_with_space(pm_slice text)
{
    return text.len > 0 && pm_is_space(text.data[0]);
}

/* Without the white space, colons and dashes people put behind a bracket. A dash without a space
 * behind it is the title's: "--optimize fixes". */
pm_slice pm_subject_skip_punctuation(pm_slice text)
{
    for (;;) {
        text = pm_slice_trim(text);
        if (text.len == 0)
            return text;
        if (memchr("]:,", text.data[0], 3) == NULL &&
            !(text.data[0] == '-' && starts_with_space(pm_slice_after(text, 1))))
            return text;
        text = pm_slice_after(text, 1);
    }
}

/* ---- One group ------------------------------------------------------------------------------ */

/* "[linux-next:master 3/12]", "[tip: x86/build]", "[tip:x86/build]": a tree and a branch. Behind
 * the colon of "[bug:1234]" there is none. */
static bool is_branch_group(pm_slice content, const pm_subject_token *tokens, size_t count)
{
    size_t colon;
    pm_slice raw;

    for (size_t i = 0; i < count; i++)
        if (tokens[i].kind == PM_SUBJECT_TOKEN_WORD)
            return false;
    if (!pm_subject_token_next(&content, &raw))
        return false;
    colon = pm_slice_find_byte(raw, ':');
    if (colon == PM_NOWHERE || colon == 0)
        return false;
    if (colon + 1 < raw.len)
        return !pm_is_digit(raw.data[colon + 1]);
    return pm_slice_equal_nocase(raw, PM_LIT("tip:"));
}

/* A robot's group: what looks like a count is a place in the branch, and no patch's number. Whether
 * it is one shows when all groups are read: "[F:linux-azure][PATCH 1/2]" is a person's. */
static void mark_branch_group(pm_subject_parser *p, pm_slice content, pm_subject_token *tokens,
                              size_t count)
{
    for (size_t i = 0; i < count; i++)
        tokens[i].kind = PM_SUBJECT_TOKEN_PLAIN;
    p->branch |= PM_SUBJECT_BOT;
    if (pm_slice_starts_nocase(pm_slice_trim(content), PM_LIT("tip:")))
        p->branch |= PM_SUBJECT_COMMITTED;
}

/* What a person answers to says what the answered letter was, and not what the answer is. */
static void forget_robots(pm_subject_parser *p, size_t first)
{
    p->branch = 0;
    for (size_t i = first; i < p->tokens.count; i++)
        p->tokens.items[i].flags &= ~(unsigned)(PM_SUBJECT_BOT | PM_SUBJECT_COMMITTED);
}

/* Take content as the next group; false when it is no prefix but the title's own bracket. */
bool pm_subject_add_group(pm_subject_parser *p, pm_slice content, bool followed)
{
    size_t first = p->tokens.count, count;
    pm_subject_token *tokens = p->tokens.items + first;
    bool answers = (p->subject->flags & PM_SUBJECT_REPLY) != 0, said = false, branch;

    if (pm_subject_tells_old_title(content))
        return false;

    pm_subject_tokens_read(&p->tokens, content, p->groups + 1);
    count = p->tokens.count - first;
    for (size_t i = 0; i < count; i++)
        said |= pm_subject_says_something(&tokens[i]);
    if (!said && (count == 0 || count > PLAIN_MAX)) {
        p->tokens.count = first;
        return count == 0 && p->tokens.count < PM_SUBJECT_TOKENS_MAX; /* "[]" says nothing */
    }

    p->groups++;
    branch = is_branch_group(content, tokens, count);
    if (branch)
        mark_branch_group(p, content, tokens, count);
    if (first == 0 && (branch ? answers : !said)) {
        p->tag_group = p->groups;
        p->tag_is_followed = followed;
        p->subject->list_tag = pm_slice_trim(content);
    }
    if (answers)
        forget_robots(p, first);
    return true;
}

/* ---- Where it begins and ends ---------------------------------------------------------------- */

/* Where the bracket that text begins with is closed, or PM_NOWHERE. */
static size_t find_closing(pm_slice text)
{
    unsigned depth = 0;

    for (size_t at = 0; at < text.len; at++) {
        if (text.data[at] == '[')
            depth++;
        else if (text.data[at] == ']' && --depth == 0)
            return at;
    }
    return PM_NOWHERE;
}

/* "[PATCH v2 1/3 title": no bracket closes it. Words with a meaning, and a tree's name or two
 * between them, are the prefix; the title begins behind the last one. */
static bool read_unclosed(pm_subject_parser *p)
{
    pm_slice rest = pm_slice_after(p->rest, 1), end = rest, raw;
    unsigned plain = 0;
    bool counted = false;

    while (!counted && plain <= 2 && pm_subject_token_next(&rest, &raw)) {
        pm_subject_tokens one = {.count = 0};
        bool said = false;

        pm_subject_tokens_read(&one, raw, 0);
        for (size_t i = 0; i < one.count; i++) {
            said |= pm_subject_says_something(&one.items[i]);
            counted |= one.items[i].kind == PM_SUBJECT_TOKEN_COUNT;
        }
        if (said)
            end = rest;
        plain = said ? 0 : plain + 1;
    }
    if (end.data == p->rest.data + 1)
        return false;
    if (!pm_subject_add_group(p, pm_slice_cut(p->rest, 1, (size_t)(end.data - p->rest.data)), true))
        return false;
    p->subject->flags |= PM_SUBJECT_BROKEN;
    p->rest = end;
    return true;
}

bool pm_subject_read_group(pm_subject_parser *p)
{
    pm_slice text = pm_slice_trim(p->rest), after;
    size_t end;

    if (text.len == 0 || text.data[0] != '[')
        return false;
    p->rest = text;
    end = find_closing(text);
    if (end == PM_NOWHERE)
        return read_unclosed(p);
    after = pm_slice_after(text, end + 1);
    if (!pm_subject_add_group(p, pm_slice_cut(text, 1, end), starts_with_space(after)))
        return false;
    p->rest = after;
    if (after.len > 0 && after.data[0] == ']')
        p->subject->flags |= PM_SUBJECT_BROKEN;
    return true;
}

/* ---- Looking ahead --------------------------------------------------------------------------- */

/* Does text begin with a word of patch mail? */
bool pm_subject_starts_with_word(pm_slice text)
{
    pm_subject_tokens one = {.count = 0};
    pm_slice raw;

    if (!pm_subject_token_next(&text, &raw))
        return false;
    if (pm_slice_equal_nocase(raw, PM_LIT("git")) && !pm_subject_token_next(&text, &raw))
        return false;
    pm_subject_tokens_read(&one, raw, 0);
    return one.count > 0 && one.items[0].kind == PM_SUBJECT_TOKEN_WORD &&
           (one.items[0].flags & PM_SUBJECT_PREFIX_FLAGS) != 0;
}

/* Does text begin with brackets, of which one has a word of patch mail in it? */
bool pm_subject_starts_with_prefix(pm_slice text)
{
    pm_subject scratch = {0};
    pm_subject_parser trial = {.subject = &scratch, .rest = text};

    for (unsigned n = 0; n < 4 && pm_subject_read_group(&trial); n++)
        for (size_t i = 0; i < trial.tokens.count; i++)
            if (trial.tokens.items[i].kind == PM_SUBJECT_TOKEN_WORD &&
                (trial.tokens.items[i].flags & PM_SUBJECT_PATCH_FLAGS) != 0)
                return true;
    text = pm_slice_trim(text);
    return text.len > 0 && text.data[0] == '[' &&
           pm_subject_starts_with_word(pm_slice_after(text, 1));
}
