/* SPDX-License-Identifier: BSD-2-Clause */
/* subject_token - the tokens of a subject's brackets; see subject_token.h. */
#include "subject_token.h"

#include "subject.h"
#include "subject_number.h"
#include "subject_word.h"

static bool is_separator(char c)
{
    return pm_is_space(c) || c == ',' || c == ';' || c == '|' || c == '[' || c == ']';
}

bool pm_subject_token_next(pm_slice *rest, pm_slice *raw_out)
{
    size_t from = 0, to;

    while (from < rest->len && is_separator(rest->data[from]))
        from++;
    for (to = from; to < rest->len && !is_separator(rest->data[to]);)
        to++;
    *raw_out = pm_slice_cut(*rest, from, to);
    *rest = pm_slice_after(*rest, to);
    return raw_out->len > 0;
}

/* raw without punctuation around it. A dash in front stays: "-next" is a tree's name. */
static pm_slice strip(pm_slice raw)
{
    while (raw.len > 0 && memchr("({<\"'*`:=", raw.data[0], 9) != NULL)
        raw = pm_slice_after(raw, 1);
    while (raw.len > 0 && memchr(")}>\"'*`:.!?", raw.data[raw.len - 1], 11) != NULL)
        raw.len--;
    return raw;
}

bool pm_subject_token_classify(pm_slice raw, pm_subject_token *token_out)
{
    pm_slice text = strip(raw);
    const pm_subject_word *word = pm_subject_word_find(text);

    if (word == NULL && pm_slice_starts(text, PM_LIT("-")))
        word = pm_subject_word_find(pm_slice_after(text, 1)); /* "-resend", "-RFC" */
    *token_out = (pm_subject_token){.kind = PM_SUBJECT_TOKEN_PLAIN, .text = text};
    if (word != NULL) {
        token_out->kind = PM_SUBJECT_TOKEN_WORD;
        token_out->flags = word->flags;
        return true;
    }
    if (pm_subject_read_count(text, token_out) || pm_subject_read_revision(text, token_out))
        return true;
    if (pm_subject_names_stable(text))
        token_out->flags = PM_SUBJECT_STABLE;
    if (!pm_subject_are_versions(text))
        return false;
    token_out->kind = PM_SUBJECT_TOKEN_VERSION;
    if (!pm_subject_is_year(text) && pm_slice_find(text, PM_LIT("-rc")) == PM_NOWHERE)
        token_out->flags = PM_SUBJECT_STABLE;
    return false;
}

/* ---- What is glued together ------------------------------------------------------------------ */

static void add_token(pm_subject_tokens *list, const pm_subject_token *token, unsigned group)
{
    if (list->count == PM_SUBJECT_TOKENS_MAX)
        return;
    list->items[list->count] = *token;
    list->items[list->count++].group = group;
}

/* What is glued behind a word of the table: "v2", "-next", "/PATCH", "1/8". Empty when nothing is.
 */
static pm_slice behind_word(pm_slice text, const pm_subject_word *word)
{
    pm_slice rest = pm_slice_after(text, word->text.len), part;
    pm_subject_token token;

    if (rest.len > 1 && memchr("-_/+.:=^#", rest.data[0], 9) != NULL) {
        while (rest.len > 0 && memchr("-_/+.:=^#", rest.data[0], 9) != NULL)
            rest = pm_slice_after(rest, 1);
        return rest;
    }
    if (pm_subject_read_count(rest, &token) || pm_subject_split_revision_count(rest, &part, &part))
        return rest;
    if (rest.len > 1 && pm_lower(rest.data[0]) == 'v' && pm_is_digit(rest.data[1]))
        return rest;
    if (pm_subject_word_find(rest) != NULL)
        return rest; /* "RESENDPATCH" */
    return PM_EMPTY;
}

/* How many bytes of text are a revision or a count with something behind it. */
static size_t count_head(pm_slice text)
{
    size_t at = pm_lower(text.data[0]) == 'v' ? 1 : 0, digits;

    digits = pm_subject_count_digits(pm_slice_after(text, at));
    if (digits == 0)
        return 0;
    at += digits;
    if (at + 1 < text.len && text.data[at] == (pm_is_digit(text.data[0]) ? '/' : '.'))
        at += 1 + pm_subject_count_digits(pm_slice_after(text, at + 1));
    return at;
}

/* "v2-RFC", "v2RESEND", "v2_1/3", "1/3-v2", "1/3v2": a revision or a count, and what else has a
 * meaning behind it. */
static bool split_glued(pm_slice text, pm_slice *first_out, pm_slice *rest_out)
{
    size_t head = count_head(text);
    pm_slice rest = pm_slice_after(text, head);
    pm_subject_token token;

    while (rest.len > 0 && memchr("-/_.:+", rest.data[0], 6) != NULL)
        rest = pm_slice_after(rest, 1);
    *first_out = pm_slice_cut(text, 0, head);
    *rest_out = rest;
    if (!pm_subject_read_revision(*first_out, &token) && !pm_subject_read_count(*first_out, &token))
        return false;
    return pm_subject_word_find(rest) != NULL || pm_subject_read_count(rest, &token) ||
           pm_subject_read_revision(rest, &token);
}

/* "RFC2" is the second one; "RESEND2" is a resend, and which one does not matter. */
static bool is_numbered_word(pm_slice text, const pm_subject_word *word, pm_subject_token *token)
{
    pm_slice digits = pm_slice_after(text, word->text.len);

    if (digits.len == 0 || digits.len > 1 || !pm_is_digit(digits.data[0]))
        return false;
    if ((word->flags & (PM_SUBJECT_RFC | PM_SUBJECT_RFT)) != 0) {
        token->kind = PM_SUBJECT_TOKEN_REVISION;
        token->text = digits;
        token->revision = (unsigned)(digits.data[0] - '0');
        return true;
    }
    return (word->flags & PM_SUBJECT_RESEND) != 0 || word->flags == 0;
}

/* Add what raw stands for. Every turn of the loop takes a word off its front. */
static void add_raw(pm_subject_tokens *list, pm_slice raw, unsigned group)
{
    pm_slice text = strip(raw);

    while (text.len > 0) {
        pm_subject_token token, number = {0};
        pm_slice revision, rest;
        const pm_subject_word *word;

        if (pm_subject_token_classify(text, &token)) {
            add_token(list, &token, group);
            return;
        }
        if (pm_subject_split_revision_count(text, &revision, &rest) ||
            split_glued(text, &revision, &rest)) {
            if (pm_subject_token_classify(revision, &token))
                add_token(list, &token, group);
            text = rest;
            continue;
        }

        word = pm_subject_word_in_front(text);
        rest = word == NULL ? PM_EMPTY : behind_word(text, word);
        if (word != NULL && (rest.len > 0 || is_numbered_word(text, word, &number))) {
            token = (pm_subject_token){.kind = PM_SUBJECT_TOKEN_WORD,
                                       .text = pm_slice_cut(text, 0, word->text.len),
                                       .flags = word->flags};
            add_token(list, &token, group);
            if (number.kind == PM_SUBJECT_TOKEN_REVISION)
                add_token(list, &number, group);
            text = rest;
            continue;
        }
        add_token(list, &token, group);
        return;
    }
}

/* ---- What is spelled in several tokens ------------------------------------------------------- */

/* What stands between the two numbers of "3 of 12", "3 / 12", "3 /12" and "3/ 12", off the front of
 * rest; behind is what raw has behind its digits. */
static bool take_of(pm_slice behind, pm_slice *rest)
{
    pm_slice peek = *rest, of;

    if (pm_slice_equal(behind, PM_LIT("/")))
        return true;
    if (behind.len > 0 || !pm_subject_token_next(&peek, &of))
        return false;
    if (of.data[0] == '/')
        *rest = (pm_slice){of.data + 1, (size_t)(rest->data + rest->len - of.data - 1)};
    else
        *rest = peek;
    return of.data[0] == '/' || pm_slice_equal_nocase(of, PM_LIT("of"));
}

/* "3 of 12", "3 / 12", "3/ 12": a count in two or three tokens, the first of which is raw. */
static bool read_spelled_count(pm_slice raw, pm_slice *rest, pm_subject_token *token)
{
    size_t digits = pm_subject_count_digits(raw);
    pm_slice peek = *rest, total;

    if (digits == 0 || !take_of(pm_slice_after(raw, digits), &peek) ||
        !pm_subject_token_next(&peek, &total))
        return false;
    raw = pm_slice_cut(raw, 0, digits);
    total = strip(total);
    *token = (pm_subject_token){.kind = PM_SUBJECT_TOKEN_COUNT,
                                .text = {raw.data, (size_t)(total.data + total.len - raw.data)}};
    if (!pm_subject_read_part_of(raw, total, token))
        return false;
    *rest = peek;
    return true;
}

/* "take 2", "version 3", "v 2": a revision in two tokens, the first of which is raw. */
static bool read_spelled_revision(pm_slice raw, pm_slice *rest, pm_subject_token *token)
{
    pm_slice peek = *rest, number;

    if (!pm_subject_is_introducer(raw) || !pm_subject_token_next(&peek, &number))
        return false;
    number = strip(number);
    if (number.len > 0 && number.data[0] == '#')
        number = pm_slice_after(number, 1);
    *token = (pm_subject_token){.kind = PM_SUBJECT_TOKEN_REVISION,
                                .text = {raw.data, (size_t)(number.data + number.len - raw.data)}};
    if (pm_subject_count_digits(number) != number.len ||
        !pm_subject_read_revision_number(number, token))
        return false;
    *rest = peek;
    return true;
}

void pm_subject_tokens_read(pm_subject_tokens *list, pm_slice content, unsigned group)
{
    pm_slice raw;
    pm_subject_token token;

    while (list->count < PM_SUBJECT_TOKENS_MAX && pm_subject_token_next(&content, &raw)) {
        pm_slice text = strip(raw);

        if (text.len == 0)
            continue;
        if (read_spelled_count(text, &content, &token) ||
            read_spelled_revision(text, &content, &token))
            add_token(list, &token, group);
        else
            add_raw(list, raw, group);
    }
}
