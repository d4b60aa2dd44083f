/* SPDX-License-Identifier: BSD-2-Clause */
/* order - one thing that is to be written, copied and made fit; see order.h. */
#include "order.h"

static bool fit_texts(pm_arena *arena, pm_slice *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        *texts[i] = pm_memory_fit(arena, *texts[i]);
        if (texts[i]->data == NULL)
            return false;
    }
    return true;
}

/* An empty item would be lost on the way through the database: better before it is merged. NULL
 * past the budget. */
static pm_slice *fit_list(pm_arena *arena, const pm_slice *list, size_t *count)
{
    pm_slice *fit = pm_alloc_array(arena, *count, sizeof(*fit));
    size_t kept = 0;

    for (size_t i = 0; fit != NULL && i < *count; i++) {
        pm_slice item = pm_memory_fit(arena, list[i]);

        if (item.data == NULL)
            return NULL;
        item = pm_slice_trim(item);
        if (item.len > 0)
            fit[kept++] = item;
    }
    *count = kept;
    return fit;
}

static bool fit_lists(pm_arena *arena, pm_series *series)
{
    series->titles = fit_list(arena, series->titles, &series->title_count);
    series->paths = fit_list(arena, series->paths, &series->path_count);
    series->subsystems = fit_list(arena, series->subsystems, &series->subsystem_count);
    if (series->subsystem_count > PM_SERIES_MOST_SUBSYSTEMS)
        series->subsystem_count = PM_SERIES_MOST_SUBSYSTEMS;
    return series->titles != NULL && series->paths != NULL && series->subsystems != NULL;
}

/* A claim without an id, or one whose "how" is no word, is left out. */
static bool fit_claims(pm_arena *arena, pm_series *series)
{
    pm_claim *fit = pm_alloc_array(arena, series->claim_count, sizeof(*fit));
    size_t kept = 0;

    if (fit == NULL)
        return false;
    for (size_t i = 0; i < series->claim_count; i++) {
        pm_claim claim = series->claims[i];

        if (!pm_memory_is_id(claim.message_id) || !pm_memory_is_id(claim.how))
            continue;
        claim.message_id = pm_copy(arena, claim.message_id);
        claim.how = pm_copy(arena, claim.how);
        if (claim.message_id.data == NULL || claim.how.data == NULL)
            return false;
        fit[kept++] = claim;
    }
    series->claims = fit;
    series->claim_count = kept;
    return true;
}

/* Paths go where they can be found by how they end; one that would have to be changed to be text,
 * or that has no folder in front and is never cut, is left out. NULL past the budget. */
static pm_slice *fit_paths(pm_arena *arena, const pm_slice *paths, size_t *count)
{
    pm_slice *fit = pm_alloc_array(arena, *count, sizeof(*fit));
    size_t kept = 0;

    for (size_t i = 0; fit != NULL && i < *count; i++) {
        pm_slice path = paths[i], text;

        if (path.len > PM_MEMORY_LONGEST_PATH || pm_slice_find_byte(path, '/') == PM_NOWHERE ||
            pm_slice_ends(path, PM_LIT("/")))
            continue;
        text = pm_memory_fit(arena, path);
        if (text.data == NULL)
            return NULL;
        if (pm_slice_equal(text, path))
            fit[kept++] = text;
    }
    *count = fit == NULL ? 0 : pm_memory_sort(fit, kept);
    return fit;
}

static pm_status copy_paths(pm_arena *arena, const pm_paths_seen *seen, pm_paths_seen *copy)
{
    *copy = *seen;
    copy->project = pm_memory_fit(arena, seen->project);
    copy->paths = fit_paths(arena, seen->paths, &copy->count);
    return copy->project.data == NULL || copy->paths == NULL ? PM_LIMIT : PM_OK;
}

static pm_status copy_memo(pm_arena *arena, const pm_memo *memo, pm_memo *copy)
{
    pm_series *series = &copy->series;
    pm_slice *const texts[] = {&copy->message_id,  &copy->author,    &series->id,
                               &series->title,     &series->author,  &series->author_name,
                               &series->change_id, &series->project, &series->inbox};

    if (!pm_memory_is_id(memo->series.id) ||
        (memo->message_id.len > 0 && !pm_memory_is_id(memo->message_id)))
        return PM_FAULT;
    *copy = *memo;
    copy->series.flags &= PM_SERIES_RFC | PM_SERIES_RESEND | PM_SERIES_ROOT | PM_SERIES_TREE;
    if (memo->answers)
        copy->series = (pm_series){.id = memo->series.id, .last_seen = memo->series.last_seen};
    copy->joins = fit_list(arena, memo->joins, &copy->join_count);
    if (copy->joins == NULL || copy_paths(arena, &memo->paths, &copy->paths) != PM_OK)
        return PM_LIMIT;
    if (!fit_texts(arena, texts, sizeof(texts) / sizeof(texts[0])) || !fit_claims(arena, series) ||
        !fit_lists(arena, series))
        return PM_LIMIT;
    return PM_OK;
}

static pm_status copy_link(pm_arena *arena, const pm_link *link, pm_link *copy)
{
    pm_slice *const texts[] = {&copy->series, &copy->predecessor, &copy->why};

    if (!pm_memory_is_id(link->series) ||
        (link->predecessor.len > 0 && !pm_memory_is_id(link->predecessor)))
        return PM_FAULT;
    *copy = *link;
    return fit_texts(arena, texts, sizeof(texts) / sizeof(texts[0])) ? PM_OK : PM_LIMIT;
}

static pm_status copy_notes(pm_arena *arena, const pm_note *notes, size_t count, pm_note *copies)
{
    for (size_t i = 0; i < count; i++) {
        const pm_note *note = &notes[i];

        if (!pm_memory_is_id(note->plugin) || note->key.len == 0 ||
            note->key.len > PM_NOTE_KEY_MOST || note->value.len > PM_NOTE_VALUE_MOST)
            return PM_FAULT;
        copies[i] = (pm_note){.plugin = pm_copy(arena, note->plugin),
                              .key = pm_memory_fit(arena, note->key),
                              .value = pm_memory_fit_note(arena, note->value),
                              .expires = note->expires};
        if (copies[i].plugin.data == NULL || copies[i].key.data == NULL ||
            copies[i].value.data == NULL)
            return PM_LIMIT;
    }
    return PM_OK;
}

pm_status pm_order_copy(pm_arena *arena, const pm_order *order, pm_order *copy_out)
{
    pm_memo *memo;
    pm_link *link;
    pm_note *notes;
    pm_paths_seen *paths;

    *copy_out = *order;
    if (order->memo != NULL) {
        memo = pm_alloc(arena, sizeof(*memo));
        copy_out->memo = memo;
        return memo == NULL ? PM_LIMIT : copy_memo(arena, order->memo, memo);
    }
    if (order->link != NULL) {
        link = pm_alloc(arena, sizeof(*link));
        copy_out->link = link;
        return link == NULL ? PM_LIMIT : copy_link(arena, order->link, link);
    }
    if (order->unpin != NULL) {
        link = pm_alloc(arena, sizeof(*link));
        copy_out->unpin = link;
        return link == NULL ? PM_LIMIT : copy_link(arena, order->unpin, link);
    }
    if (order->notes != NULL) {
        notes = pm_alloc_array(arena, order->note_count, sizeof(*notes));
        copy_out->notes = notes;
        return notes == NULL ? PM_LIMIT : copy_notes(arena, order->notes, order->note_count, notes);
    }
    if (order->paths != NULL) {
        paths = pm_alloc(arena, sizeof(*paths));
        copy_out->paths = paths;
        return paths == NULL ? PM_LIMIT : copy_paths(arena, order->paths, paths);
    }
    return PM_OK;
}
