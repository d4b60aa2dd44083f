/* SPDX-License-Identifier: BSD-2-Clause */
/* address - mailboxes in header fields; see address.h. */
#include "address.h"

#include "words.h"

/* A quoted string or a comment that does not end within this many bytes is none: its opening mark
 * is taken as it stands. Keeps a field full of such marks from costing its length squared. */
#define LONGEST_QUOTE   1024
#define DEEPEST_COMMENT 8
#define LONGEST_LITERAL 255

static bool is_one_of(char c, pm_slice set)
{
    return pm_slice_find_byte(set, c) != PM_NOWHERE;
}

/* Where the quoted string that begins at at ends, behind its closing mark; 0 when it does not. */
static size_t quoted_end(pm_slice text, size_t at)
{
    text = pm_slice_cut(text, 0, at + LONGEST_QUOTE);
    for (at++; at < text.len; at++) {
        if (text.data[at] == '\\')
            at++;
        else if (text.data[at] == '"')
            return at + 1;
    }
    return 0;
}

/* As quoted_end, for a comment; they nest. */
static size_t comment_end(pm_slice text, size_t at)
{
    unsigned depth = 0;

    text = pm_slice_cut(text, 0, at + LONGEST_QUOTE);
    for (; at < text.len; at++) {
        if (text.data[at] == '\\')
            at++;
        else if (text.data[at] == '(' && ++depth > DEEPEST_COMMENT)
            return 0;
        else if (text.data[at] == ')' && --depth == 0)
            return at + 1;
    }
    return 0;
}

/* As quoted_end, for a domain literal such as [IPv6:2001:db8::1]. */
static size_t literal_end(pm_slice text, size_t at)
{
    size_t length = pm_slice_find_byte(pm_slice_cut(text, at, at + LONGEST_LITERAL), ']');

    return length == PM_NOWHERE ? 0 : at + length + 1;
}

/* Where the token that begins at at ends: a quoted string, a comment, a literal, a quoted pair, or
 * one byte. */
static size_t token_end(pm_slice text, size_t at)
{
    size_t end = 0;

    if (text.data[at] == '"')
        end = quoted_end(text, at);
    else if (text.data[at] == '(')
        end = comment_end(text, at);
    else if (text.data[at] == '[')
        end = literal_end(text, at);
    else if (text.data[at] == '\\')
        end = at + 2;
    if (end > text.len)
        end = text.len;
    return end == 0 ? at + 1 : end;
}

static bool is_comment(pm_slice text, size_t at)
{
    return text.data[at] == '(' && token_end(text, at) > at + 1;
}

/* ---- One element of the list ---- */

/* What stands between two commas, still as written. */
typedef struct list_element {
    pm_slice phrase;  /* in front of the "<", or all of it when there is none */
    pm_slice angle;   /* between "<" and ">" */
    pm_slice comment; /* the first one, without its parentheses */
    bool has_angle;
} list_element;

/* Where the ">" for the "<" in front of from stands. Without one, the element's end will do. */
static size_t angle_end(pm_slice text, size_t from)
{
    size_t at = from;

    while (at < text.len && text.data[at] != '>' && text.data[at] != ',')
        at = token_end(text, at);
    /* A source route has commas: <@relay,@other:ann@example.org>. */
    if (at < text.len && text.data[at] == ',' && text.data[from] == '@') {
        size_t close = pm_slice_find_byte(pm_slice_cut(text, at, at + LONGEST_QUOTE), '>');
        if (close != PM_NOWHERE)
            return at + close;
    }
    return at < text.len ? at : text.len;
}

/* Take the next element off the front of rest. It ends at a comma or semicolon, behind an address
 * in brackets (a comma may have been forgotten), and a group's name at its colon. */
static void next_element(pm_slice *rest, list_element *element_out)
{
    size_t at = 0, end;

    *element_out = (list_element){.phrase = PM_EMPTY, .angle = PM_EMPTY, .comment = PM_EMPTY};
    while (at < rest->len && !is_one_of(rest->data[at], PM_LIT(",;:<"))) {
        end = token_end(*rest, at);
        if (is_comment(*rest, at) && element_out->comment.len == 0)
            element_out->comment = pm_slice_cut(*rest, at + 1, end - 1);
        at = end;
    }
    element_out->phrase = pm_slice_cut(*rest, 0, at);
    if (at < rest->len && rest->data[at] == ':')
        element_out->phrase = PM_EMPTY; /* a group's name */
    if (at < rest->len && rest->data[at] == '<') {
        while (at < rest->len && rest->data[at] == '<')
            at++;
        end = angle_end(*rest, at);
        element_out->angle = pm_slice_cut(*rest, at, end);
        element_out->has_angle = true;
        for (at = end; at < rest->len && rest->data[at] == '>';)
            at++;
        while (at < rest->len && (pm_is_space(rest->data[at]) || is_comment(*rest, at))) {
            end = token_end(*rest, at);
            if (rest->data[at] == '(' && element_out->comment.len == 0)
                element_out->comment = pm_slice_cut(*rest, at + 1, end - 1);
            at = end;
        }
        if (at < rest->len && !is_one_of(rest->data[at], PM_LIT(",;"))) {
            *rest = pm_slice_after(*rest, at);
            return;
        }
    }
    *rest = pm_slice_after(*rest, at + 1);
}

/* ---- What it says ---- */

/* text without comments and white space outside quotes: what an address is made of. Borrowed when
 * there is neither. data is NULL past the budget. */
static pm_slice squeeze(pm_arena *arena, pm_slice text)
{
    size_t length = 0, end;
    char *copy = NULL;

    text = pm_slice_trim(text);
    for (size_t at = 0; at < text.len; at = end) {
        bool dropped = pm_is_space(text.data[at]) || is_comment(text, at);

        end = token_end(text, at);
        if (dropped && copy == NULL) {
            copy = pm_alloc(arena, text.len);
            if (copy == NULL)
                return (pm_slice){NULL, 0};
            memcpy(copy, text.data, at);
            length = at;
        }
        if (dropped || copy == NULL)
            continue;
        memcpy(copy + length, text.data + at, end - at);
        length += end - at;
    }
    return copy == NULL ? text : (pm_slice){copy, length};
}

/* An address without its source route, in UTF-8. Empty when it is none. */
static pm_slice address_of(pm_arena *arena, pm_slice text)
{
    pm_slice address = squeeze(arena, text);

    if (address.len > 0 && address.data[0] == '@') {
        size_t colon = pm_slice_find_byte(address, ':');
        address = colon == PM_NOWHERE ? PM_EMPTY : pm_slice_after(address, colon + 1);
    }
    if (address.len > 0 && !pm_slice_is_ascii(address))
        address = pm_words_decode(arena, address);
    return address.data == NULL ? PM_EMPTY : address;
}

/* Is it one word? A phrase of several without an "@" is a name that lacks its address. */
static bool is_one_word(pm_slice text)
{
    text = pm_slice_trim(text);
    for (size_t i = 0; i < text.len; i++)
        if (pm_is_space(text.data[i]))
            return false;
    return text.len > 0;
}

/* A phrase or comment as people read it: quotation marks and backslashes gone, comments left out.
 */
static pm_slice plain_phrase(pm_arena *arena, pm_slice phrase)
{
    pm_slice text = pm_slice_trim(phrase);
    size_t length = 0, end;
    bool copied = false;
    char *copy;

    /* One quoted string and nothing else, the usual case, is only cut. */
    if (text.len >= 2 && text.data[0] == '"' && token_end(text, 0) == text.len)
        text = pm_slice_cut(text, 1, text.len - 1);
    for (size_t i = 0; i < text.len && !copied; i++)
        copied = is_one_of(text.data[i], PM_LIT("\"\\("));
    if (!copied)
        return text;

    copy = pm_alloc(arena, text.len);
    if (copy == NULL)
        return PM_EMPTY;
    for (size_t at = 0; at < text.len; at = end) {
        end = is_comment(text, at) ? token_end(text, at) : at + 1;
        if (end > at + 1 || text.data[at] == '"')
            continue;
        if (text.data[at] == '\\' && at + 1 < text.len)
            end = ++at + 1;
        copy[length++] = text.data[at];
    }
    return (pm_slice){copy, length};
}

static pm_slice name_of(pm_arena *arena, const list_element *element)
{
    pm_slice name = element->has_angle ? plain_phrase(arena, element->phrase) : PM_EMPTY;

    if (pm_slice_trim(name).len == 0)
        name = plain_phrase(arena, element->comment);
    name = pm_words_decode(arena, name);
    return name.data == NULL ? PM_EMPTY : name;
}

bool pm_address_next(pm_arena *arena, pm_slice *rest, pm_mailbox *mailbox_out)
{
    list_element element;

    while (rest->len > 0) {
        pm_slice address = PM_EMPTY;

        next_element(rest, &element);
        if (element.has_angle)
            address = address_of(arena, element.angle);
        else if (pm_slice_find_byte(element.phrase, '@') != PM_NOWHERE ||
                 is_one_word(element.phrase))
            address = address_of(arena, element.phrase);
        if (address.len == 0)
            continue;
        mailbox_out->address = address;
        mailbox_out->name = name_of(arena, &element);
        return true;
    }
    return false;
}
