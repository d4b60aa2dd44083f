/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * subject_bare - prefixes without brackets, or without one of the two: "RFC: title", "PATCH v4
 * 00/11] title", "v2 [PATCH] title", and what stands between the brackets and the title, "[PATCH]
 * 3/8 title"; see subject_parser.h.
 *
 * Not words in front that say nothing to us: subject_lead.c passes over those.
 */
#include "subject_parser.h"

#define BEHIND_FLAGS (PM_SUBJECT_RFC | PM_SUBJECT_RFT | PM_SUBJECT_RESEND)

/* Take the first bytes of text as the next group. */
static bool take_bare(pm_subject_parser *p, pm_slice text, pm_slice rest)
{
    if (!pm_subject_add_group(p, pm_slice_cut(text, 0, (size_t)(rest.data - text.data)), true))
        return false;
    p->rest = rest;
    return true;
}

/* "PATCH v4 00/11] title", "{PATCH 0/2] title": a bracket that is closed and was never opened. */
static bool read_unopened(pm_subject_parser *p, pm_slice text)
{
    size_t from = text.len > 0 && memchr("{(<", text.data[0], 3) != NULL;
    size_t end = from;

    while (end < text.len &&
           memchr(from == 0 ? "[]" : "[]})>", text.data[end], from == 0 ? 2 : 5) == NULL)
        end++;
    if (end == text.len || text.data[end] == '[' || end > 80)
        return false;
    if (!pm_subject_add_group(p, pm_slice_cut(text, from, end), true))
        return false;
    p->subject->flags |= PM_SUBJECT_BROKEN;
    p->rest = pm_slice_after(text, end + 1);
    return true;
}

/* "PATCH", as nobody begins a sentence. */
static bool is_shouted(pm_slice word)
{
    for (size_t i = 0; i < word.len; i++)
        if (pm_lower(word.data[i]) == word.data[i] && pm_is_alpha(word.data[i]))
            return false;
    return true;
}

/* "RFC: title", "PATCH v2 1/3: title", "Patch 0/23 - title", "pull request (net): title": nothing
 * but words with a meaning, up to a colon, a count or the prefix itself: "RESEND [PATCH] title".
 * "PATCH v2 title" lost its brackets, too. */
static bool read_bare(pm_subject_parser *p, pm_slice text)
{
    pm_slice rest = text, before = text, raw;
    bool shouted = false, revised = false;

    for (unsigned n = 0; n < 6 && pm_subject_token_next(&rest, &raw); n++) {
        bool colon = raw.data[raw.len - 1] == ':', said = true, counted = false;
        pm_subject_tokens one = {.count = 0};

        pm_subject_tokens_read(&one, raw, 0);
        for (size_t i = 0; i < one.count; i++) {
            said &= pm_subject_says_something(&one.items[i]);
            counted |= one.items[i].kind == PM_SUBJECT_TOKEN_COUNT;
        }
        if (!said && shouted && revised)
            return take_bare(p, text, before);
        if (!said && !pm_slice_equal_nocase(raw, PM_LIT("git")) && raw.data[0] != '(' &&
            !pm_slice_starts_nocase(raw, PM_LIT("request")))
            return false;
        if (colon || counted || pm_subject_starts_with_prefix(rest))
            return take_bare(p, text, rest);
        shouted |= n == 0 && is_shouted(raw);
        revised |= one.count == 1 && one.items[0].kind == PM_SUBJECT_TOKEN_REVISION;
        before = rest;
    }
    return false;
}

/* "v2 [PATCH 1/2] title", "V2: [PATCH] title". */
static bool read_revision_in_front(pm_subject_parser *p, pm_slice text)
{
    pm_slice rest = text, raw;
    pm_subject_token token;

    if (!pm_subject_token_next(&rest, &raw) || raw.data != text.data ||
        !pm_subject_token_classify(raw, &token) || token.kind != PM_SUBJECT_TOKEN_REVISION)
        return false;
    return pm_subject_starts_with_prefix(rest) && take_bare(p, text, rest);
}

bool pm_subject_read_bare(pm_subject_parser *p)
{
    pm_slice text = pm_slice_trim(p->rest);
    bool opened = text.len > 0 && memchr("{(<", text.data[0], 3) != NULL;

    if (!pm_subject_starts_with_word(text))
        return read_revision_in_front(p, text);
    return read_unopened(p, text) || (!opened && read_bare(p, text));
}

/* ---- Behind the brackets --------------------------------------------------------------------- */

static bool has_kind(const pm_subject_parser *p, pm_subject_token_kind kind)
{
    for (size_t i = 0; i < p->tokens.count; i++)
        if (p->tokens.items[i].kind == kind)
            return true;
    return false;
}

/* Behind the brackets: "[PATCH] 3/8 title", "[PATCH 0/4]v2 title", "[PATCH] RFC: title",
 * "[PATCH](v2) title". */
bool pm_subject_read_behind(pm_subject_parser *p)
{
    pm_slice text = pm_subject_skip_punctuation(p->rest), rest = text, raw;
    pm_subject_token token;
    bool wanted = false, enclosed;

    if (!pm_subject_token_next(&rest, &raw) || raw.data != text.data ||
        !pm_subject_token_classify(raw, &token))
        return false;
    enclosed = raw.data[0] == '(' && raw.data[raw.len - 1] == ')';
    if (token.text.data != raw.data && !enclosed)
        return false;
    if (token.kind == PM_SUBJECT_TOKEN_COUNT)
        wanted =
            !has_kind(p, PM_SUBJECT_TOKEN_COUNT) && token.total > 0 && token.part <= token.total;
    else if (token.kind == PM_SUBJECT_TOKEN_REVISION)
        wanted = !has_kind(p, PM_SUBJECT_TOKEN_REVISION) && !token.dotted;
    else if (token.kind == PM_SUBJECT_TOKEN_WORD)
        wanted = (enclosed || raw.data[raw.len - 1] == ':') && (token.flags & BEHIND_FLAGS) != 0;
    if (!wanted)
        return false;
    token.group = ++p->groups;
    p->tokens.items[p->tokens.count++] = token;
    p->rest = rest;
    return true;
}
