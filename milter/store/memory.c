/* SPDX-License-Identifier: BSD-2-Clause */
/* memory - what is remembered of a series; see memory.h. */
#include "memory.h"

#include <stdlib.h>

pm_slice pm_memory_normal(pm_arena *arena, pm_slice text)
{
    char *normal = pm_alloc(arena, text.len + 1);
    size_t len = 0;

    if (normal == NULL)
        return (pm_slice){NULL, 0};
    for (size_t i = 0; i < text.len; i++) {
        char c = pm_lower(text.data[i]);
        bool letter = pm_is_alpha(c) || pm_is_digit(c) || (unsigned char)c >= 0x80;

        if (letter)
            normal[len++] = c;
        else if (len > 0 && normal[len - 1] != ' ')
            normal[len++] = ' ';
    }
    if (len > 0 && normal[len - 1] == ' ')
        len--;
    return (pm_slice){normal, len};
}

bool pm_memory_is_id(pm_slice id)
{
    if (id.len == 0 || id.len > PM_MEMORY_LONGEST)
        return false;
    for (size_t i = 0; i < id.len; i++)
        if ((unsigned char)id.data[i] <= ' ' || id.data[i] == 127)
            return false;
    return pm_slice_is_utf8(id);
}

/* How many printable ASCII characters the text begins with, most of it as a rule. */
static size_t count_plain(pm_slice text)
{
    size_t count = 0;

    while (count < text.len && text.data[count] >= ' ' && text.data[count] < 127)
        count++;
    return count;
}

/* What a byte becomes; every database takes it then. */
static char fit_byte(char c, pm_slice kept)
{
    if (pm_slice_find_byte(kept, c) != PM_NOWHERE)
        return c;
    return (unsigned char)c < ' ' || c == 127 ? ' ' : c;
}

/* kept are control characters that stay. */
static pm_slice fit_text(pm_arena *arena, pm_slice text, size_t longest, pm_slice kept)
{
    char *fit = pm_alloc(arena, (text.len < longest ? text.len : longest) + 1);
    size_t len = 0;

    if (fit == NULL)
        return (pm_slice){NULL, 0};
    while (text.len > 0) {
        size_t plain = count_plain(pm_slice_cut(text, 0, longest - len));
        size_t size, step;
        char c;

        memcpy(fit + len, text.data, plain);
        len += plain;
        text = pm_slice_after(text, plain);
        if (text.len == 0)
            break;
        size = pm_slice_utf8_length(text);
        step = size > 0 ? size : 1;
        c = size > 0 ? text.data[0] : '?';
        if (len + step > longest)
            break;
        if (size > 1)
            memcpy(fit + len, text.data, size);
        else
            fit[len] = fit_byte(c, kept);
        len += step;
        text = pm_slice_after(text, step);
    }
    return (pm_slice){fit, len};
}

pm_slice pm_memory_fit(pm_arena *arena, pm_slice text)
{
    return fit_text(arena, text, PM_MEMORY_LONGEST, PM_EMPTY);
}

pm_slice pm_memory_fit_note(pm_arena *arena, pm_slice text)
{
    return fit_text(arena, text, PM_NOTE_VALUE_MOST, PM_LIT("\n\t"));
}

static int compare_slices(const void *a, const void *b)
{
    return pm_slice_compare(*(const pm_slice *)a, *(const pm_slice *)b);
}

size_t pm_memory_sort(pm_slice *slices, size_t count)
{
    size_t kept = 0;

    if (count == 0)
        return 0;
    qsort(slices, count, sizeof(*slices), compare_slices);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || !pm_slice_equal(slices[kept - 1], slices[i]))
            slices[kept++] = slices[i];
    return kept;
}

/* The union of two sorted lists, its first most items. */
static pm_status unite(pm_arena *arena, const pm_slice *a, size_t a_count, const pm_slice *b,
                       size_t b_count, size_t most, const pm_slice **out, size_t *count_out)
{
    pm_slice *all = pm_alloc_array(arena, a_count + b_count, sizeof(*all));
    size_t count;

    if (all == NULL)
        return PM_LIMIT;
    if (a_count > 0)
        memcpy(all, a, a_count * sizeof(*a));
    if (b_count > 0)
        memcpy(all + a_count, b, b_count * sizeof(*b));
    count = pm_memory_sort(all, a_count + b_count);
    *out = all;
    *count_out = count < most ? count : most;
    return PM_OK;
}

/* By Message-ID, then so that the claim that says more comes first. */
static int compare_claims(const void *left, const void *right)
{
    const pm_claim *a = left, *b = right;
    int order = pm_slice_compare(a->message_id, b->message_id);

    if (order != 0)
        return order;
    if (a->revision != b->revision)
        return a->revision > b->revision ? -1 : 1;
    return pm_slice_compare(a->how, b->how);
}

static pm_status unite_claims(pm_arena *arena, const pm_series *a, const pm_series *b,
                              pm_series *merged)
{
    size_t total = a->claim_count + b->claim_count, kept = 0;
    pm_claim *all = pm_alloc_array(arena, total, sizeof(*all));

    if (all == NULL)
        return PM_LIMIT;
    if (a->claim_count > 0)
        memcpy(all, a->claims, a->claim_count * sizeof(*all));
    if (b->claim_count > 0)
        memcpy(all + a->claim_count, b->claims, b->claim_count * sizeof(*all));
    if (total > 0)
        qsort(all, total, sizeof(*all), compare_claims);
    for (size_t i = 0; i < total; i++)
        if (kept == 0 || !pm_slice_equal(all[kept - 1].message_id, all[i].message_id))
            all[kept++] = all[i];
    merged->claims = all;
    merged->claim_count = kept < PM_SERIES_MOST_CLAIMS ? kept : PM_SERIES_MOST_CLAIMS;
    return PM_OK;
}

/*
 * Arrival order must not show. So each thing a series has is taken from the message that goes first
 * in an order of its own, and each order ends by comparing the thing itself: two that compare equal
 * are equal. <0: a goes first.
 */
static int compare_numbers(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

#define WORD_FLAGS (PM_SERIES_RFC | PM_SERIES_RESEND | PM_SERIES_TREE)

static int compare_words(const pm_series *a, const pm_series *b)
{
    const int orders[] = {
        compare_numbers(a->rank, b->rank),
        compare_numbers(a->date, b->date),
        pm_slice_compare(a->title, b->title),
        pm_slice_compare(a->author, b->author),
        pm_slice_compare(a->author_name, b->author_name),
        compare_numbers(a->revision, b->revision),
        compare_numbers(a->reroll, b->reroll),
        compare_numbers(a->flags & WORD_FLAGS, b->flags & WORD_FLAGS),
    };

    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
        if (orders[i] != 0)
            return orders[i];
    return 0;
}

static int compare_lists(const pm_slice *a, size_t a_count, const pm_slice *b, size_t b_count)
{
    for (size_t i = 0; i < a_count && i < b_count; i++) {
        int order = pm_slice_compare(a[i], b[i]);
        if (order != 0)
            return order;
    }
    return compare_numbers((int64_t)a_count, (int64_t)b_count);
}

/* Who could be filed says more than who could not, be it the cover. */
static int compare_labels(const pm_known *left, const pm_known *right)
{
    const pm_series *a = &left->series, *b = &right->series;
    const int orders[] = {
        compare_numbers(a->inbox.len == 0, b->inbox.len == 0),
        compare_numbers(a->project.len == 0, b->project.len == 0),
        compare_numbers(left->labels_rank, right->labels_rank),
        pm_slice_compare(a->project, b->project),
        pm_slice_compare(a->inbox, b->inbox),
        compare_lists(a->subsystems, a->subsystem_count, b->subsystems, b->subsystem_count),
    };

    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
        if (orders[i] != 0)
            return orders[i];
    return 0;
}

static bool total_goes_first(const pm_known *a, const pm_known *b)
{
    return a->total_rank != b->total_rank ? a->total_rank < b->total_rank
                                          : a->series.total >= b->series.total;
}

static bool change_id_goes_first(const pm_known *a, const pm_known *b)
{
    return a->change_id_rank != b->change_id_rank
               ? a->change_id_rank < b->change_id_rank
               : pm_slice_compare(a->series.change_id, b->series.change_id) <= 0;
}

pm_known pm_memory_known(const pm_series *said)
{
    bool labelled = said->project.len > 0 || said->inbox.len > 0 || said->subsystem_count > 0;

    return (pm_known){
        .series = *said,
        .total_rank = said->total >= 0 ? said->rank : PM_NOBODY,
        .change_id_rank = said->change_id.len > 0 ? said->rank : PM_NOBODY,
        .labels_rank = labelled ? said->rank : PM_NOBODY,
    };
}

pm_status pm_memory_merge(pm_arena *arena, const pm_known *a, const pm_known *b,
                          pm_known *merged_out)
{
    pm_known merged = compare_words(&a->series, &b->series) <= 0 ? *a : *b;
    const pm_known *total = total_goes_first(a, b) ? a : b;
    const pm_known *change_id = change_id_goes_first(a, b) ? a : b;
    const pm_known *labels = compare_labels(a, b) <= 0 ? a : b;
    pm_series *series = &merged.series;

    series->flags |= (a->series.flags | b->series.flags) & PM_SERIES_ROOT;
    if (series->last_seen < a->series.last_seen)
        series->last_seen = a->series.last_seen;
    if (series->last_seen < b->series.last_seen)
        series->last_seen = b->series.last_seen;
    merged.total_rank = total->total_rank;
    series->total = total->series.total;
    merged.change_id_rank = change_id->change_id_rank;
    series->change_id = change_id->series.change_id;
    merged.labels_rank = labels->labels_rank;
    series->project = labels->series.project;
    series->inbox = labels->series.inbox;
    series->subsystems = labels->series.subsystems;
    series->subsystem_count = labels->series.subsystem_count;
    if (unite(arena, a->series.titles, a->series.title_count, b->series.titles,
              b->series.title_count, PM_SERIES_MOST_TITLES, &series->titles,
              &series->title_count) != PM_OK ||
        unite(arena, a->series.paths, a->series.path_count, b->series.paths, b->series.path_count,
              PM_SERIES_MOST_PATHS, &series->paths, &series->path_count) != PM_OK ||
        unite_claims(arena, &a->series, &b->series, series) != PM_OK)
        return PM_LIMIT;
    *merged_out = merged;
    return PM_OK;
}

static bool same_claims(const pm_series *a, const pm_series *b)
{
    if (a->claim_count != b->claim_count)
        return false;
    for (size_t i = 0; i < a->claim_count; i++)
        if (!pm_slice_equal(a->claims[i].message_id, b->claims[i].message_id) ||
            a->claims[i].revision != b->claims[i].revision ||
            !pm_slice_equal(a->claims[i].how, b->claims[i].how))
            return false;
    return true;
}

static bool same_list(const pm_slice *a, size_t a_count, const pm_slice *b, size_t b_count)
{
    return a_count == b_count && compare_lists(a, a_count, b, b_count) == 0;
}

bool pm_memory_same_labels(const pm_known *left, const pm_known *right)
{
    const pm_series *a = &left->series, *b = &right->series;

    return pm_slice_equal(a->project, b->project) && pm_slice_equal(a->inbox, b->inbox) &&
           same_list(a->subsystems, a->subsystem_count, b->subsystems, b->subsystem_count);
}

bool pm_memory_same(const pm_known *left, const pm_known *right)
{
    const pm_series *a = &left->series, *b = &right->series;
    const uint32_t kept = WORD_FLAGS | PM_SERIES_ROOT;

    return pm_slice_equal(a->id, b->id) && (a->flags & kept) == (b->flags & kept) &&
           a->last_seen == b->last_seen && a->total == b->total &&
           left->total_rank == right->total_rank && left->change_id_rank == right->change_id_rank &&
           left->labels_rank == right->labels_rank && compare_words(a, b) == 0 &&
           pm_slice_equal(a->change_id, b->change_id) && pm_memory_same_labels(left, right) &&
           same_list(a->titles, a->title_count, b->titles, b->title_count) &&
           same_list(a->paths, a->path_count, b->paths, b->path_count) && same_claims(a, b);
}

pm_slice pm_memory_join(pm_arena *arena, const pm_slice *slices, size_t count)
{
    size_t size = 0, at = 0;
    char *text;

    for (size_t i = 0; i < count; i++)
        size += slices[i].len + 1;
    text = pm_alloc(arena, size + 1);
    if (text == NULL)
        return (pm_slice){NULL, 0};
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            text[at++] = '\n';
        for (size_t j = 0; j < slices[i].len; j++) {
            char c = slices[i].data[j];
            text[at++] = c == '\n' || c == '\0' ? ' ' : c;
        }
    }
    return (pm_slice){text, at};
}

pm_status pm_memory_split(pm_arena *arena, pm_slice text, const pm_slice **slices_out,
                          size_t *count_out)
{
    size_t lines = text.len > 0, count = 0;
    pm_slice *slices, line;

    for (size_t i = 0; i < text.len; i++)
        lines += text.data[i] == '\n';
    slices = pm_alloc_array(arena, lines, sizeof(*slices));
    if (slices == NULL)
        return PM_LIMIT;
    while (pm_slice_next_line(&text, &line))
        slices[count++] = line;
    *slices_out = slices;
    *count_out = count;
    return PM_OK;
}
