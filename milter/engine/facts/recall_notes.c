/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * recall_notes - what plugins note for themselves: read from the store once, and what this letter
 * notes kept until it is remembered.
 *
 * How long a note may live, and how many there may be: plugin.h.
 */
#include "recall_inside.h"

#include "clock.h"

static int64_t now_seconds(void)
{
    return pm_clock_wall_us() / 1000000;
}

/* One place for each plugin and key; empty when it is new. NULL past the budget. */
static pm_remembered_note *note_place(pm_recall *recall, pm_slice plugin, pm_slice key)
{
    const pm_slice name = pm_print(recall->arena, "%.*s\n%.*s", PM_FMT(plugin), PM_FMT(key));
    pm_remembered_note *place = name.data == NULL ? NULL : pm_table_get(recall->notes, name);

    if (place != NULL || name.data == NULL)
        return place;
    place = pm_alloc(recall->arena, sizeof(*place));
    if (place == NULL || pm_table_put(recall->notes, name, place) != PM_OK)
        return NULL;
    *place = (pm_remembered_note){
        .status = PM_LATER, .note = {.plugin = plugin, .key = key}, .next = recall->noted};
    recall->noted = place;
    return place;
}

static unsigned count_new_notes(const pm_recall *recall, pm_slice plugin)
{
    unsigned count = 0;

    for (const pm_remembered_note *at = recall->noted; at != NULL; at = at->next)
        count += at->is_new && pm_slice_equal(at->note.plugin, plugin);
    return count;
}

static bool is_note(pm_slice key, pm_slice value, int64_t seconds)
{
    return key.len > 0 && key.len <= PM_NOTE_KEY_MOST && value.len <= PM_NOTE_VALUE_MOST &&
           (value.len == 0 || (seconds > 0 && seconds <= PM_NOTE_SECONDS_MOST));
}

pm_status pm_recall_note(pm_recall *recall, pm_slice plugin, pm_slice key, pm_slice value,
                         int64_t seconds)
{
    pm_remembered_note *place;

    if (!is_note(key, value, seconds))
        return PM_FAULT;
    if (!pm_recall_can_ask(recall))
        return recall->failed ? PM_LATER : PM_ABSENT;
    key = pm_memory_fit(recall->arena, key);
    value = pm_memory_fit_note(recall->arena, value);
    if (key.data == NULL || value.data == NULL)
        return PM_LIMIT;
    place = note_place(recall, plugin, key);
    if (place == NULL ||
        (!place->is_new && count_new_notes(recall, plugin) == PM_NOTES_OF_A_LETTER))
        return PM_LIMIT;
    place->status = value.len == 0 ? PM_ABSENT : PM_OK;
    place->note.value = value;
    place->note.expires = value.len == 0 ? 0 : now_seconds() + seconds;
    place->is_new = recall->noting = true;
    return PM_OK;
}

pm_status pm_recall_noted(pm_recall *recall, pm_slice plugin, pm_slice key, pm_slice *value_out)
{
    pm_remembered_note *place;

    if (!pm_recall_can_ask(recall))
        return recall->failed ? PM_LATER : PM_ABSENT;
    if (!is_note(key, PM_EMPTY, 0))
        return PM_ABSENT;
    key = pm_memory_fit(recall->arena, key);
    place = key.data == NULL ? NULL : note_place(recall, plugin, key);
    if (place == NULL)
        return PM_LIMIT;
    if (place->status == PM_LATER)
        place->status = pm_recall_heard(
            recall, pm_store_noted(recall->store, recall->arena, plugin, key, now_seconds(),
                                   recall->deadline_us, &place->note.value));
    if (place->status == PM_OK)
        *value_out = place->note.value;
    return place->status;
}

pm_status pm_recall_write_notes(pm_recall *recall)
{
    pm_note *notes;
    size_t count = 0;

    for (const pm_remembered_note *at = recall->noted; at != NULL; at = at->next)
        count += at->is_new;
    notes = pm_alloc_array(recall->arena, count, sizeof(*notes));
    if (notes == NULL)
        return PM_LIMIT;
    count = 0;
    for (const pm_remembered_note *at = recall->noted; at != NULL; at = at->next)
        if (at->is_new)
            notes[count++] = at->note;
    return pm_recall_heard(recall, pm_store_note(recall->store, notes, count, recall->deadline_us));
}
