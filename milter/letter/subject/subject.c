/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * subject - the grammar of patch subjects; see subject.h, and subject.md for the grammar.
 *
 * Three steps: scan takes marks and bracket groups off the front and makes tokens of them; resolve
 * decides what the tokens say together; the title then loses a revision written at its end. Each
 * has a file of its own, listed in subject_parser.h.
 */
#include "subject.h"

#include "subject_mark.h"
#include "subject_parser.h"

/* What is looked at; people write at most a few hundred bytes. */
#define SUBJECT_MAX 2000

/* Has a group been read that makes this a patch's or a pull's subject? */
static bool says_prefix(const pm_subject_parser *p)
{
    for (size_t i = 0; i < p->tokens.count; i++)
        if (p->tokens.items[i].kind == PM_SUBJECT_TOKEN_COUNT ||
            p->tokens.items[i].kind == PM_SUBJECT_TOKEN_REVISION ||
            (p->tokens.items[i].flags & PM_SUBJECT_PREFIX_FLAGS) != 0)
            return true;
    return false;
}

/* Take what comes next: a reply mark, a group, or what people write in a group's place. False when
 * the title begins. */
static bool scan_next(pm_subject_parser *p)
{
    bool prefixed = says_prefix(p);
    pm_slice text;
    unsigned mark;

    p->rest = p->groups > 0 ? pm_subject_skip_punctuation(p->rest) : pm_slice_trim(p->rest);
    text = p->rest;
    mark = pm_mark_take(&text, prefixed);
    if (mark != 0) {
        p->subject->flags |= mark;
        p->rest = text;
        return true;
    }
    if (p->tokens.count == PM_SUBJECT_TOKENS_MAX)
        return false;
    if (pm_subject_read_group(p))
        return true;
    return prefixed ? pm_subject_read_behind(p)
                    : pm_subject_read_bare(p) || pm_subject_skip_lead(p);
}

/* The first bytes of text, without half a character at the end. */
static pm_slice first_bytes(pm_slice text)
{
    size_t len = text.len < SUBJECT_MAX ? text.len : SUBJECT_MAX;

    while (len > 0 && len < text.len && ((unsigned char)text.data[len] & 0xc0) == 0x80)
        len--;
    return pm_slice_cut(text, 0, len);
}

pm_status pm_subject_parse(pm_arena *arena, pm_slice text, pm_subject *subject_out)
{
    pm_subject_parser p;

    text = first_bytes(text);
    if (pm_subject_plain_blanks(arena, &text) != PM_OK)
        return PM_LIMIT;
    *subject_out = (pm_subject){.text = text,
                                .title = PM_EMPTY,
                                .list_tag = PM_EMPTY,
                                .revision = 1,
                                .revision_token = PM_EMPTY,
                                .part = -1,
                                .total = -1,
                                .part_token = PM_EMPTY};
    p.subject = subject_out;
    p.rest = text;
    p.tokens.count = 0;
    p.groups = p.tag_group = 0;
    p.tag_is_followed = false;
    p.branch = 0;

    while (scan_next(&p))
        ;
    if (pm_subject_resolve(&p, arena) != PM_OK)
        return PM_LIMIT;
    subject_out->title = p.rest;
    pm_subject_read_title(subject_out, arena);
    return PM_OK;
}
