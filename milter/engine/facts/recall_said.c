/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * recall_said - what a letter says of its series by itself, in the form in which the memory keeps
 * it: the titles and paths, whether it is a root, which messages it calls its earlier revisions.
 *
 * Not what others have said of that series; recall_known.c asks for that.
 */
#include "recall_inside.h"

/* Parts beyond this are no parts; a reply's word counts after every part's. */
#define RANK_OF_REPLY 1000000

/* Messages of its thread that a root may be said to answer. */
#define MOST_ANSWERED 10

/* A patch without others; "1/1" may have a cover all the same, and then that is its series. */
static bool is_lone(const pm_recall *recall)
{
    const pm_letter *letter = recall->letter;
    const pm_found *series;

    if (letter->subject.total > 1)
        return false;
    series = pm_facts_nth(recall->facts, PM_LIT("series"), 0);
    return series == NULL || pm_slice_equal(series->text, letter->message_id);
}

static bool is_root(const pm_recall *recall)
{
    const pm_letter *letter = recall->letter;

    return letter->kind == PM_KIND_COVER || letter->kind == PM_KIND_PULL ||
           (letter->kind == PM_KIND_PATCH && is_lone(recall));
}

int32_t pm_recall_rank(const pm_recall *recall)
{
    const pm_letter *letter = recall->letter;

    if (is_root(recall))
        return 0;
    if (letter->kind == PM_KIND_PATCH && letter->subject.part > 0)
        return letter->subject.part;
    return RANK_OF_REPLY;
}

bool pm_recall_is_reply(const pm_recall *recall)
{
    return pm_recall_rank(recall) == RANK_OF_REPLY;
}

/* ---- The form in which it is kept ---- */

pm_slice pm_recall_lower(pm_arena *arena, pm_slice text)
{
    char *copy = pm_alloc(arena, text.len + 1);

    if (copy == NULL)
        return PM_EMPTY;
    for (size_t i = 0; i < text.len; i++)
        copy[i] = pm_lower(text.data[i]);
    return (pm_slice){copy, text.len};
}

pm_slice pm_recall_clean(pm_arena *arena, pm_slice text)
{
    pm_slice fit = pm_memory_fit(arena, text);

    return fit.data == NULL ? PM_EMPTY : fit;
}

/* ---- What it says, one after the other ---- */

static pm_status read_titles(pm_recall *recall, pm_series *own)
{
    const pm_letter *letter = recall->letter;
    size_t count = letter->kind == PM_KIND_COVER ? letter->shortlog.count : 1;
    pm_slice *titles = pm_alloc_array(recall->arena, count, sizeof(*titles));

    if (titles == NULL)
        return PM_LIMIT;
    for (size_t i = 0; i < count; i++) {
        pm_slice title = letter->kind == PM_KIND_COVER ? letter->shortlog.entries[i].title
                                                       : letter->subject.title;
        titles[i] = pm_memory_normal(recall->arena, pm_recall_clean(recall->arena, title));
        if (titles[i].data == NULL)
            return PM_LIMIT;
    }
    count = pm_memory_sort(titles, count);
    own->titles = titles;
    own->title_count = count < PM_SERIES_MOST_TITLES ? count : PM_SERIES_MOST_TITLES;
    return PM_OK;
}

static pm_status read_paths(pm_recall *recall, pm_series *own)
{
    const pm_diffstat *diffstat = &recall->letter->diffstat;
    pm_slice *paths = pm_alloc_array(recall->arena, diffstat->count, sizeof(*paths));
    size_t count;

    if (paths == NULL)
        return PM_LIMIT;
    for (size_t i = 0; i < diffstat->count; i++)
        paths[i] = pm_slice_trim(pm_recall_clean(recall->arena, diffstat->paths[i].path));
    count = pm_memory_sort(paths, diffstat->count);
    own->paths = paths;
    own->path_count = count < PM_SERIES_MOST_PATHS ? count : PM_SERIES_MOST_PATHS;
    return PM_OK;
}

static void claim(pm_recall *recall, pm_series *own, pm_claim *claims, pm_slice id,
                  unsigned revision, pm_slice how)
{
    if (own->claim_count == PM_SERIES_MOST_CLAIMS || !pm_recall_is_id(id) ||
        pm_slice_equal(id, recall->letter->message_id))
        return;
    for (size_t i = 0; i < own->claim_count; i++)
        if (pm_slice_equal(claims[i].message_id, id))
            return; /* the first said more */
    claims[own->claim_count++] = (pm_claim){id, revision, how};
}

/* A root that hangs in another thread: what it answers, nearest first, and that thread's root. */
static void claim_thread(pm_recall *recall, pm_series *own, pm_claim *claims)
{
    const pm_letter *letter = recall->letter;
    size_t count = letter->reference_count,
           least = count > MOST_ANSWERED ? count - MOST_ANSWERED : 0;

    claim(recall, own, claims, letter->in_reply_to, 0, PM_LIT("reply"));
    while (count > least)
        claim(recall, own, claims, letter->references[--count], 0, PM_LIT("reply"));
    if (least > 0)
        claim(recall, own, claims, letter->references[0], 0, PM_LIT("reply"));
}

/* Which messages the letter calls its earlier revisions. That it answers one counts for a root
 * alone: a part answers its cover. */
static pm_status read_claims(pm_recall *recall, pm_series *own)
{
    const pm_letter *letter = recall->letter;
    pm_claim *claims = pm_alloc_array(recall->arena, PM_SERIES_MOST_CLAIMS, sizeof(*claims));

    if (claims == NULL)
        return PM_LIMIT;
    own->claims = claims;
    for (size_t i = 0; i < letter->trailers.supersedes_count; i++)
        claim(recall, own, claims, letter->trailers.supersedes[i], 0, PM_LIT("supersedes"));
    for (size_t i = 0; i < letter->changelog.link_count; i++)
        claim(recall, own, claims, letter->changelog.links[i].message_id,
              letter->changelog.links[i].revision, PM_LIT("link"));
    if (is_root(recall))
        claim_thread(recall, own, claims);
    return PM_OK;
}

static pm_status read_all(pm_recall *recall)
{
    const pm_letter *letter = recall->letter;
    pm_arena *arena = recall->arena;
    pm_series own = {
        .size = sizeof(own),
        .flags = (letter->subject.flags & PM_SUBJECT_RFC ? PM_SERIES_RFC : 0) |
                 (letter->subject.flags & PM_SUBJECT_RESEND ? PM_SERIES_RESEND : 0) |
                 (is_root(recall) ? PM_SERIES_ROOT : 0) |
                 pm_subject_tree(&letter->subject) << PM_SERIES_TREE_SHIFT,
        .id = PM_EMPTY,
        .revision = letter->subject.revision,
        .reroll = letter->subject.reroll,
        .total = letter->subject.total,
        .rank = pm_recall_rank(recall),
        .date = letter->date,
        .last_seen = letter->date,
        .title = pm_recall_clean(arena, letter->subject.title),
        .author = pm_recall_lower(arena, pm_recall_clean(arena, letter->author.address)),
        .author_name = pm_memory_normal(arena, pm_recall_clean(arena, letter->author.name)),
        .change_id = pm_recall_clean(arena, letter->trailers.change_id),
        .project = PM_EMPTY,
        .inbox = PM_EMPTY,
        .supersedes = PM_EMPTY,
        .supersedes_why = PM_EMPTY,
    };

    if (own.author_name.data == NULL || read_titles(recall, &own) != PM_OK ||
        read_paths(recall, &own) != PM_OK || read_claims(recall, &own) != PM_OK)
        return PM_LIMIT;
    recall->said = own;
    recall->said_made = true;
    return PM_OK;
}

pm_status pm_recall_make_said(pm_recall *recall)
{
    return recall->said_made ? PM_OK : read_all(recall);
}
