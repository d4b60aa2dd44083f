/* SPDX-License-Identifier: BSD-2-Clause */
/* packed_series - a series in one block: itself, its lists, then all texts; see packed_series.h. */
#include "packed_series.h"

static size_t size_of_texts(const pm_slice *texts, size_t count)
{
    size_t size = count * sizeof(*texts);

    for (size_t i = 0; i < count; i++)
        size += texts[i].len;
    return size;
}

static size_t size_of_claims(const pm_claim *claims, size_t count)
{
    size_t size = count * sizeof(*claims);

    for (size_t i = 0; i < count; i++)
        size += claims[i].message_id.len + claims[i].how.len;
    return size;
}

size_t pm_packed_size(const pm_known *known)
{
    const pm_series *series = &known->series;

    return sizeof(*known) + series->id.len + series->title.len + series->author.len +
           series->author_name.len + series->change_id.len + series->project.len +
           series->inbox.len + series->supersedes.len + series->supersedes_why.len +
           size_of_texts(series->subsystems, series->subsystem_count) +
           size_of_texts(series->titles, series->title_count) +
           size_of_texts(series->paths, series->path_count) +
           size_of_claims(series->claims, series->claim_count);
}

/* ---- What a block points to, which lies in itself ---- */

/* As what may be written, because the block is the caller's. */
static void *inside(pm_known *block, const void *at)
{
    return (char *)block + ((const char *)at - (const char *)block);
}

typedef void (*text_fn)(void *context, pm_slice *text);

static void each_of(pm_slice *texts, size_t count, text_fn visit, void *context)
{
    for (size_t i = 0; i < count; i++)
        visit(context, &texts[i]);
}

static void each_text(pm_known *block, text_fn visit, void *context)
{
    pm_series *series = &block->series;
    pm_slice *const own[] = {&series->id,          &series->title,      &series->author,
                             &series->author_name, &series->change_id,  &series->project,
                             &series->inbox,       &series->supersedes, &series->supersedes_why};
    pm_claim *claims = inside(block, series->claims);

    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        visit(context, own[i]);
    each_of(inside(block, series->subsystems), series->subsystem_count, visit, context);
    each_of(inside(block, series->titles), series->title_count, visit, context);
    each_of(inside(block, series->paths), series->path_count, visit, context);
    for (size_t i = 0; i < series->claim_count; i++) {
        visit(context, &claims[i].message_id);
        visit(context, &claims[i].how);
    }
}

/* ---- Into a block ---- */

/* Copies bytes to where the last ones ended. */
static void *put(char **end, const void *bytes, size_t size)
{
    char *at = *end;

    if (size > 0)
        memcpy(at, bytes, size);
    *end = at + size;
    return at;
}

static void put_text(void *context, pm_slice *text)
{
    text->data = put(context, text->data, text->len);
}

pm_known *pm_packed_write(void *block, const pm_known *known)
{
    pm_known *made = block;
    pm_series *series = &made->series;
    char *end = (char *)block + sizeof(*made);

    *made = *known;
    series->subsystems =
        put(&end, series->subsystems, series->subsystem_count * sizeof(*series->subsystems));
    series->titles = put(&end, series->titles, series->title_count * sizeof(*series->titles));
    series->paths = put(&end, series->paths, series->path_count * sizeof(*series->paths));
    series->claims = put(&end, series->claims, series->claim_count * sizeof(*series->claims));
    each_text(made, put_text, &end);
    return made;
}

/* ---- From one place to another ---- */

typedef struct removal {
    const pm_known *from;
    pm_known *to;
} removal;

static void *follow(const removal *moved, const void *at)
{
    return (char *)moved->to + ((const char *)at - (const char *)moved->from);
}

static void move_text(void *context, pm_slice *text)
{
    text->data = follow(context, text->data);
}

pm_known *pm_packed_copy(pm_arena *arena, const pm_known *block, size_t size)
{
    pm_known *copy = pm_alloc(arena, size);
    removal moved = {block, copy};

    if (copy == NULL)
        return NULL;
    memcpy(copy, block, size);
    copy->series.subsystems = follow(&moved, copy->series.subsystems);
    copy->series.titles = follow(&moved, copy->series.titles);
    copy->series.paths = follow(&moved, copy->series.paths);
    copy->series.claims = follow(&moved, copy->series.claims);
    each_text(copy, move_text, &moved);
    return copy;
}
