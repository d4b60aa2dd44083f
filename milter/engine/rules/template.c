/* SPDX-License-Identifier: BSD-2-Clause */
/* template - a text of a rule with values in it; see template.h. */
#include "template.h"

#include "strbuf.h"

#include <inttypes.h>
#include <stdio.h>

#define MOST_VALUES 32 /* of one name that are joined */

/* A piece of it: some text, or a name. */
typedef struct piece {
    pm_slice text;
    const pm_term *term; /* NULL: it is the text */
} piece;

struct pm_template {
    pm_template_form form;
    piece *pieces;
    size_t count, room;
};

/* ---- Reading ---- */

static void no_memory(const pm_condition_reader *reader, const pm_token *token)
{
    pm_error_token(reader->errors, token, "no memory left for this text");
}

static bool add_piece(pm_condition_reader *reader, const pm_token *token, pm_template *to,
                      piece what)
{
    if (pm_grow(reader->arena, &to->pieces, &to->room, to->count, sizeof(*to->pieces)) != PM_OK) {
        no_memory(reader, token);
        return false;
    }
    to->pieces[to->count++] = what;
    return true;
}

/* The name that begins at byte `from` of the token, behind its "{". False after an error. */
static bool read_name(pm_condition_reader *reader, const pm_token *token, pm_template *to,
                      size_t *from)
{
    pm_slice rest = pm_slice_after(token->text, *from);
    const size_t end = pm_slice_find_byte(rest, '}');
    pm_token name = *token;
    piece value = {.text = PM_EMPTY};

    /* A quote stands in front of the text; whoever escapes bytes in it is a little off. */
    name.column += (unsigned)*from + (token->type == PM_TOKEN_STRING ? 1 : 0);
    name.text = pm_slice_trim(pm_slice_cut(rest, 0, end));
    if (end == PM_NOWHERE || name.text.len == 0) {
        pm_error_token(reader->errors, &name,
                       "the name of a field or fact and a } must follow { here (write {{ for the "
                       "brace itself)");
        return false;
    }
    value.term = pm_term_find(reader, &name);
    *from += end + 1;
    return value.term != NULL && add_piece(reader, token, to, value);
}

/* Read the piece that begins at byte *at, and go behind it. False after an error. */
static bool read_piece(pm_condition_reader *reader, const pm_token *token, pm_template *to,
                       size_t *at)
{
    const pm_slice text = token->text;
    const size_t begin = *at;
    const char first = text.data[begin];
    const bool twice = begin + 1 < text.len && text.data[begin + 1] == first;

    if (first == '{' && !twice) {
        ++*at;
        return read_name(reader, token, to, at);
    }
    if (first == '}' && !twice) {
        pm_error_token(reader->errors, token,
                       "no { is open for a } in this text (write }} for the brace itself)");
        return false;
    }
    if (first == '{' || first == '}') {
        *at += 2;
        return add_piece(reader, token, to, (piece){.text = pm_slice_cut(text, begin, begin + 1)});
    }
    while (*at < text.len && text.data[*at] != '{' && text.data[*at] != '}')
        ++*at;
    return add_piece(reader, token, to, (piece){.text = pm_slice_cut(text, begin, *at)});
}

static bool has_names(const pm_template *of)
{
    for (size_t i = 0; i < of->count; i++)
        if (of->pieces[i].term != NULL)
            return true;
    return false;
}

/* The pieces of one without names, put together; data is NULL past the budget. */
static pm_slice join(pm_arena *arena, const pm_template *of)
{
    size_t len = 0;
    char *joined;

    for (size_t i = 0; i < of->count; i++)
        len += of->pieces[i].text.len;
    joined = pm_alloc(arena, len);
    if (joined == NULL)
        return (pm_slice){NULL, 0};
    len = 0;
    for (size_t i = 0; i < of->count; i++) {
        memcpy(joined + len, of->pieces[i].text.data, of->pieces[i].text.len);
        len += of->pieces[i].text.len;
    }
    return (pm_slice){joined, len};
}

const pm_template *pm_template_read(pm_condition_reader *reader, const pm_token *token,
                                    pm_template_form form, pm_slice *plain_out)
{
    pm_template *made = pm_alloc(reader->arena, sizeof(*made));

    *plain_out = (pm_slice){NULL, 0};
    if (made == NULL) {
        no_memory(reader, token);
        return NULL;
    }
    made->form = form;
    for (size_t at = 0; at < token->text.len;)
        if (!read_piece(reader, token, made, &at))
            return NULL;
    if (has_names(made))
        return made;
    *plain_out = join(reader->arena, made);
    if (plain_out->data == NULL)
        no_memory(reader, token);
    return NULL;
}

/* ---- Filling in ---- */

/* The next value of any term, as text. */
static bool next_value(const pm_term *term, const pm_view *view, pm_cursor *at, char *digits,
                       size_t size, pm_slice *value_out)
{
    int64_t number;

    if (term->type == PM_FIELD_TEXT)
        return pm_term_next(term, view, at, value_out);
    if (!pm_term_next_number(term, view, at, &number))
        return false;
    if (term->type == PM_FIELD_FLAG)
        *value_out = number != 0 ? PM_LIT("yes") : PM_LIT("no");
    else
        *value_out = (pm_slice){digits, (size_t)snprintf(digits, size, "%" PRId64, number)};
    return true;
}

/* On one line: a run of white space is one space, other control characters are "?". */
static void put_line(pm_strbuf *into, pm_slice value)
{
    value = pm_slice_trim(value);
    for (size_t i = 0; i < value.len; i++) {
        const char c = value.data[i];

        if (pm_is_space(c)) {
            if (!pm_is_space(value.data[i - 1])) /* it was trimmed: there is one before it */
                pm_strbuf_add_byte(into, ' ');
        } else {
            pm_strbuf_add_byte(into, (unsigned char)c < ' ' || c == 0x7f ? '?' : c);
        }
    }
}

/* Small letters, digits and dots; a run of anything else is one hyphen. */
static void put_slug(pm_strbuf *into, pm_slice value)
{
    for (size_t i = 0; i < value.len; i++) {
        const char c = pm_lower(value.data[i]);
        const bool fits = (c >= 'a' && c <= 'z') || pm_is_digit(c) || c == '.';

        if (fits)
            pm_strbuf_add_byte(into, c);
        else if (into->len > 0 && into->data[into->len - 1] != '-')
            pm_strbuf_add_byte(into, '-');
    }
}

/* What the letter has under one name. False when it has nothing. */
static bool put_values(const pm_template *of, const pm_term *term, const pm_view *view, size_t most,
                       pm_strbuf *into)
{
    pm_cursor at = {0};
    pm_slice seen[MOST_VALUES], value;
    char digits[MOST_VALUES][24];
    size_t count = 0;

    while (count < MOST_VALUES && into->len <= most &&
           next_value(term, view, &at, digits[count], sizeof(digits[count]), &value)) {
        bool again = pm_slice_trim(value).len == 0;

        for (size_t i = 0; i < count; i++)
            again = again || pm_slice_equal(seen[i], value);
        if (again)
            continue;
        seen[count++] = value;
        /* No more of it than can be of use: a text may have megabytes. */
        value = pm_slice_cut(pm_slice_trim(value), 0, 2 * most);
        if (of->form == PM_TEMPLATE_SLUG) {
            put_slug(into, value);
            break;
        }
        if (count > 1)
            pm_strbuf_add(into, PM_LIT(", "));
        put_line(into, value);
    }
    return count > 0;
}

/* At most most bytes, and not half a character at its end. */
static void cut(pm_strbuf *text, size_t most, pm_slice end)
{
    size_t len = most - end.len;

    if (text->len <= most)
        return;
    while (len > 0 && ((unsigned char)text->data[len] & 0xC0) == 0x80)
        len--;
    text->len = len;
    pm_strbuf_add(text, end);
}

pm_status pm_template_fill(const pm_template *of, pm_arena *arena, const pm_view *view, size_t most,
                           pm_slice *text_out)
{
    pm_status status = PM_OK;
    pm_strbuf text;

    pm_strbuf_init(&text, 64 * 1024);
    for (size_t i = 0; i < of->count && status == PM_OK; i++) {
        if (of->pieces[i].term == NULL)
            pm_strbuf_add(&text, of->pieces[i].text);
        else if (!put_values(of, of->pieces[i].term, view, most, &text))
            status = PM_ABSENT;
    }
    if (text.failed)
        status = PM_LIMIT;
    if (status == PM_OK && of->form == PM_TEMPLATE_LINE) {
        cut(&text, most, PM_LIT("..."));
    } else if (status == PM_OK) {
        cut(&text, most, PM_EMPTY);
        while (text.len > 0 && text.data[text.len - 1] == '-')
            text.len--;
        if (!pm_syntax_is_slug(pm_strbuf_slice(&text)))
            status = PM_ABSENT;
    }
    if (status == PM_OK) {
        *text_out = pm_copy(arena, pm_strbuf_slice(&text));
        if (text_out->data == NULL)
            status = PM_LIMIT;
    }
    pm_strbuf_free(&text);
    return status;
}
