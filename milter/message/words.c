/* SPDX-License-Identifier: BSD-2-Clause */
/* words - the inside of a header field's value; see words.h. */
#include "words.h"

#include "mime.h"

/* What a value has in it that must be worked on. */
typedef struct content {
    bool controls; /* folds, or control characters but tab; C1 ones (U+0080 to U+009F) count */
    bool words;    /* what may begin an encoded word */
    bool eight_bit;
} content;

static bool is_control(unsigned char c)
{
    return (c < ' ' && c != '\t') || c == 0x7f;
}

static content look_at(pm_slice value)
{
    content seen = {false, false, false};

    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.data[i];

        if (is_control(c))
            seen.controls = true;
        else if (c >= 0x80)
            seen.eight_bit = true;
        else if (c == '?' && i > 0 && value.data[i - 1] == '=')
            seen.words = true;
    }
    return seen;
}

/* Is there a C1 control character at at? In UTF-8 it takes two bytes. */
static bool is_c1(pm_slice text, size_t at)
{
    return (unsigned char)text.data[at] == 0xc2 && at + 1 < text.len &&
           (unsigned char)text.data[at + 1] < 0xa0;
}

static bool has_c1(pm_slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (is_c1(text, i))
            return true;
    return false;
}

/* How many bytes of line end at at belong to a fold, that is, stand before white space. */
static size_t fold_length(pm_slice text, size_t at)
{
    size_t length = pm_slice_starts(pm_slice_after(text, at), PM_LIT("\r\n")) ? 2
                    : text.data[at] == '\n'                                   ? 1
                                                                              : 0;

    if (length == 0 || at + length >= text.len)
        return 0;
    return text.data[at + length] == ' ' || text.data[at + length] == '\t' ? length : 0;
}

/* A copy unfolded and with a space for each control character. */
static pm_slice without_controls(pm_arena *arena, pm_slice text)
{
    char *copy = pm_alloc(arena, text.len);
    size_t length = 0;

    if (copy == NULL)
        return (pm_slice){NULL, 0};
    for (size_t at = 0; at < text.len;) {
        size_t fold = fold_length(text, at);

        /* Whoever folds with a tab, as list managers do, had a space there. */
        if (fold > 0) {
            copy[length++] = ' ';
            at += fold + 1;
            continue;
        }
        if (is_c1(text, at)) {
            copy[length++] = ' ';
            at += 2;
            continue;
        }
        copy[length++] = is_control((unsigned char)text.data[at]) ? ' ' : text.data[at];
        at++;
    }
    return (pm_slice){copy, length};
}

pm_slice pm_words_decode(pm_arena *arena, pm_slice value)
{
    content seen;

    value = pm_slice_trim(value);
    seen = look_at(value);
    if (seen.eight_bit)
        value = pm_mime_utf8(arena, value);
    if (value.data != NULL && (seen.controls || (seen.eight_bit && has_c1(value))))
        value = without_controls(arena, value);
    if (value.data != NULL && seen.words) {
        value = pm_mime_words(arena, value);
        /* Anything may have been encoded. */
        if (value.data != NULL && (look_at(value).controls || has_c1(value)))
            value = without_controls(arena, value);
    }
    return value.data == NULL ? value : pm_slice_trim(value);
}

/* ---- Message-ids ---- */

/* What stands between the "<" at the front of rest and its ">", and how much that is with both. A
 * second "<" before the ">" begins anew. */
static bool bracketed(pm_slice rest, pm_slice *id_out, size_t *length_out)
{
    for (size_t i = 1; i < rest.len; i++) {
        if (rest.data[i] == '<')
            break;
        if (rest.data[i] != '>')
            continue;
        *id_out = pm_slice_trim(pm_slice_cut(rest, 1, i));
        *length_out = i + 1;
        return true;
    }
    return false;
}

static bool has_space(pm_slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (pm_is_space(text.data[i]))
            return true;
    return false;
}

/* What people put around an id when they have no brackets, or what list software makes of them. */
static bool is_ornament(char c)
{
    return (unsigned char)c >= 0x80 || pm_slice_find_byte(PM_LIT(",;:\"'()[]>"), c) != PM_NOWHERE;
}

static pm_slice without_ornaments(pm_slice word)
{
    while (word.len > 0 && is_ornament(word.data[0]))
        word = pm_slice_after(word, 1);
    while (word.len > 0 && is_ornament(word.data[word.len - 1]))
        word.len--;
    return word;
}

/* Take what stands before the next white space or "<" off the front of rest, without a "<" at its
 * own front. */
static pm_slice take_word(pm_slice *rest)
{
    size_t from = rest->data[0] == '<', to = from;
    pm_slice word;

    while (to < rest->len && rest->data[to] != '<' && !pm_is_space(rest->data[to]))
        to++;
    word = pm_slice_cut(*rest, from, to);
    *rest = pm_slice_after(*rest, to);
    return word;
}

bool pm_words_next_id(pm_slice *rest, pm_slice *id_out)
{
    while (rest->len > 0) {
        size_t length = 0;
        bool in_brackets, is_id;
        pm_slice id;

        if (pm_is_space(rest->data[0])) {
            *rest = pm_slice_after(*rest, 1);
            continue;
        }
        in_brackets = rest->data[0] == '<' && bracketed(*rest, &id, &length);
        if (in_brackets)
            *rest = pm_slice_after(*rest, length);
        else
            id = without_ornaments(take_word(rest));
        is_id =
            in_brackets ? id.len > 0 && !has_space(id) : pm_slice_find_byte(id, '@') != PM_NOWHERE;
        if (is_id) {
            *id_out = id;
            return true;
        }
    }
    return false;
}
