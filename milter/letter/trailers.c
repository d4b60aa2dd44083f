/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trailers - machine-readable lines of a letter; see trailers.h.
 *
 * A trailer stands at the beginning of its line. A line of a diff never begins with a letter that a
 * trailer begins with, and a quoted line begins with ">": neither has to be looked for.
 */
#include "trailers.h"

#include "changelog.h"
#include "lines.h"

#define VALUES_MAX 200

typedef enum value_form {
    FORM_COMMIT, /* hexadecimal */
    FORM_WORD,   /* one word, as it is */
    FORM_IDS,    /* Message-IDs: in angle brackets, bare, or in a URL; several */
} value_form;

typedef enum value_use {
    USE_BASE_COMMIT, /* of these two there is one: the last */
    USE_CHANGE_ID,
    USE_SUPERSEDES, /* of these, many */
    USE_BASED_ON,
    USE_DEPENDS_ON,
    USE_PREREQUISITES,
} value_use;
#define USE_COUNT (USE_PREREQUISITES + 1)

/* Lower case. A name that is the tail of another one (change-id, prerequisite-change-id) is no
 * danger: names stand at the line's beginning. */
static const struct trailer {
    pm_slice name;
    value_form form;
    value_use use;
} trailers[] = {
    {PM_LIT("base-commit:"), FORM_COMMIT, USE_BASE_COMMIT},
    {PM_LIT("based-on:"), FORM_IDS, USE_BASED_ON},
    {PM_LIT("change-id:"), FORM_WORD, USE_CHANGE_ID},
    {PM_LIT("depends-on:"), FORM_IDS, USE_DEPENDS_ON},
    {PM_LIT("obsoletes:"), FORM_IDS, USE_SUPERSEDES},
    {PM_LIT("prerequisite-change-id:"), FORM_WORD, USE_PREREQUISITES},
    {PM_LIT("prerequisite-message-id:"), FORM_IDS, USE_DEPENDS_ON},
    {PM_LIT("previous-version:"), FORM_IDS, USE_SUPERSEDES},
    {PM_LIT("replaces:"), FORM_IDS, USE_SUPERSEDES},
    {PM_LIT("supercedes:"), FORM_IDS, USE_SUPERSEDES}, /* as often misspelt as not */
    {PM_LIT("supersedes:"), FORM_IDS, USE_SUPERSEDES},
};
#define TRAILER_COUNT (sizeof(trailers) / sizeof(trailers[0]))

typedef struct value_list {
    pm_slice *values;
    size_t count, room;
} value_list;

typedef struct trailer_reader {
    pm_arena *arena;
    value_list lists[USE_COUNT];
} trailer_reader;

static const struct trailer *find_trailer(pm_slice line)
{
    char first = line.len == 0 ? '\0' : pm_lower(line.data[0]);

    if (first == '\0' || memchr("bcdoprs", first, 7) == NULL)
        return NULL;
    for (size_t i = 0; i < TRAILER_COUNT; i++)
        if (trailers[i].name.data[0] == first && pm_slice_starts_nocase(line, trailers[i].name))
            return &trailers[i];
    return NULL;
}

static pm_status keep(trailer_reader *reader, value_use use, pm_slice value)
{
    value_list *list = &reader->lists[use];

    if (list->count == VALUES_MAX)
        return PM_OK;
    if (pm_grow(reader->arena, &list->values, &list->room, list->count, sizeof(value)) != PM_OK)
        return PM_LIMIT;
    list->values[list->count++] = value;
    return PM_OK;
}

/* There is one of these, and the last one counts. */
static pm_status keep_last(trailer_reader *reader, value_use use, pm_slice value)
{
    reader->lists[use].count = 0;
    return keep(reader, use, value);
}

static bool is_commit(pm_slice word)
{
    for (size_t i = 0; i < word.len; i++)
        if (!pm_is_digit(word.data[i]) &&
            (pm_lower(word.data[i]) < 'a' || pm_lower(word.data[i]) > 'f'))
            return false;
    return word.len >= 7 && word.len <= 64; /* a short SHA-1; a SHA-256 */
}

/* What stands between angle brackets, taken off the front of rest with all before it. */
static bool take_bracketed(pm_slice *rest, pm_slice *inside_out)
{
    size_t from = pm_slice_find_byte(*rest, '<'), to;

    if (from == PM_NOWHERE)
        return false;
    *rest = pm_slice_after(*rest, from + 1);
    to = pm_slice_find_byte(*rest, '>');
    if (to == PM_NOWHERE)
        return false;
    *inside_out = pm_slice_trim(pm_slice_cut(*rest, 0, to));
    *rest = pm_slice_after(*rest, to + 1);
    return true;
}

/* The Message-ID that a word is, or that it holds if it is a URL. */
static pm_status id_of(pm_arena *arena, pm_slice word, pm_slice *id_out)
{
    size_t at;

    if (pm_slice_find(word, PM_LIT("://")) != PM_NOWHERE)
        return pm_link_message_id(arena, word, id_out);
    while (word.len > 0 && memchr(",;.", word.data[word.len - 1], 3) != NULL)
        word.len--;
    pm_take_nocase(&word, PM_LIT("id:"));
    at = pm_slice_find_byte(word, '@');
    if (at == PM_NOWHERE || at == 0 || at + 1 == word.len || word.data[0] == '(')
        return PM_ABSENT;
    *id_out = word;
    return PM_OK;
}

/* All Message-IDs of a value. Where some stand in angle brackets, words without are a title's or a
 * person's. */
static pm_status keep_ids(trailer_reader *reader, value_use use, pm_slice value)
{
    bool bracketed = pm_slice_find_byte(value, '<') != PM_NOWHERE;
    pm_slice word, id;

    while (bracketed ? take_bracketed(&value, &word) : pm_slice_next_word(&value, &word)) {
        pm_status status = id_of(reader->arena, word, &id);

        if (status == PM_OK)
            status = keep(reader, use, id);
        if (status == PM_LIMIT)
            return PM_LIMIT;
    }
    return PM_OK;
}

static pm_status read_value(trailer_reader *reader, const struct trailer *trailer, pm_slice value)
{
    pm_slice rest = value, word = PM_EMPTY;

    switch (trailer->form) {
    case FORM_IDS:
        return keep_ids(reader, trailer->use, value);
    case FORM_COMMIT:
        pm_slice_next_word(&rest, &word);
        return is_commit(word) ? keep_last(reader, trailer->use, word) : PM_OK;
    case FORM_WORD:
        if (!pm_slice_next_word(&rest, &word))
            return PM_OK;
        if (trailer->use == USE_CHANGE_ID)
            return keep_last(reader, trailer->use, word);
        return keep(reader, trailer->use, word);
    }
    return PM_FAULT;
}

/* The first value of a list, or nothing. */
static pm_slice only(const value_list *list)
{
    return list->count == 0 ? PM_EMPTY : list->values[0];
}

pm_status pm_trailers_find(pm_arena *arena, pm_slice text, pm_trailers *trailers_out)
{
    trailer_reader reader = {.arena = arena};
    const value_list *lists = reader.lists;
    const struct trailer *open = NULL; /* the trailer that an indented line may go on with */
    pm_status status = PM_OK;
    pm_slice line;

    while (status == PM_OK && pm_slice_next_line(&text, &line)) {
        const struct trailer *trailer = find_trailer(line);

        if (trailer != NULL)
            status = read_value(&reader, trailer, pm_slice_after(line, trailer->name.len));
        else if (open != NULL && pm_line_indent(line) > 0)
            status = read_value(&reader, trailer = open, line);
        open = trailer != NULL && trailer->form == FORM_IDS ? trailer : NULL;
    }

    *trailers_out = (pm_trailers){
        .base_commit = only(&lists[USE_BASE_COMMIT]),
        .change_id = only(&lists[USE_CHANGE_ID]),
        .supersedes = lists[USE_SUPERSEDES].values,
        .supersedes_count = lists[USE_SUPERSEDES].count,
        .based_on = lists[USE_BASED_ON].values,
        .based_on_count = lists[USE_BASED_ON].count,
        .depends_on = lists[USE_DEPENDS_ON].values,
        .depends_on_count = lists[USE_DEPENDS_ON].count,
        .prerequisites = lists[USE_PREREQUISITES].values,
        .prerequisite_count = lists[USE_PREREQUISITES].count,
    };
    return status;
}
