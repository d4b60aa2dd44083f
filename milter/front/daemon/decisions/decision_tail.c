/* SPDX-License-Identifier: BSD-2-Clause */
/* decision_tail - the newest decisions in memory; see decision_tail.h. */
#include "decision_tail.h"

#include "table.h"

#include <stdlib.h>

#define BUCKETS 16384 /* a power of two */

typedef struct node node;
struct node {
    pm_tail_entry entry; /* first: an entry is its node */
    node *newer;
    node *next_of_series, *next_of_message; /* in a bucket, the newest first */
    char *moved;                            /* the series' id, when it is not the one in bytes */
    size_t size;
    char bytes[];
};

struct pm_tail {
    node *oldest, *newest;
    size_t count, bytes, most, most_bytes;
    node *by_series[BUCKETS], *by_message[BUCKETS];
};

pm_tail *pm_tail_new(size_t most, size_t most_bytes)
{
    pm_tail *made = calloc(1, sizeof(*made));

    if (made != NULL) {
        made->most = most;
        made->most_bytes = most_bytes;
    }
    return made;
}

static size_t bucket(pm_slice key)
{
    return pm_hash(key) & (BUCKETS - 1);
}

static void unlink_series(pm_tail *tail, node *of)
{
    node **at = &tail->by_series[bucket(of->entry.series)];

    while (*at != of)
        at = &(*at)->next_of_series;
    *at = of->next_of_series;
}

static void unlink_message(pm_tail *tail, node *of)
{
    node **at = &tail->by_message[bucket(of->entry.message_id)];

    while (*at != of)
        at = &(*at)->next_of_message;
    *at = of->next_of_message;
}

static void link_series(pm_tail *tail, node *of)
{
    node **head = &tail->by_series[bucket(of->entry.series)];

    of->next_of_series = *head;
    *head = of;
}

static void drop_oldest(pm_tail *tail)
{
    node *gone = tail->oldest;

    unlink_series(tail, gone);
    unlink_message(tail, gone);
    tail->oldest = gone->newer;
    if (tail->oldest == NULL)
        tail->newest = NULL;
    tail->count--;
    tail->bytes -= gone->size;
    free(gone->moved);
    free(gone);
}

void pm_tail_free(pm_tail *tail)
{
    if (tail == NULL)
        return;
    while (tail->oldest != NULL)
        drop_oldest(tail);
    free(tail);
}

/* Copies text behind what is there. */
static pm_slice put(char **end, pm_slice text)
{
    pm_slice copy = {*end, text.len};

    if (text.len > 0)
        memcpy(*end, text.data, text.len);
    *end += text.len;
    return copy;
}

void pm_tail_add(pm_tail *tail, const pm_tail_entry *entry)
{
    const size_t size = sizeof(node) + entry->line.len + entry->message_id.len +
                        entry->queue_id.len + entry->series.len;
    node *made = size > tail->most_bytes ? NULL : malloc(size), **head;
    char *end;

    if (made == NULL)
        return;
    while (tail->count > 0 && (tail->count >= tail->most || tail->bytes + size > tail->most_bytes))
        drop_oldest(tail);
    end = made->bytes;
    *made = (node){.entry = {.line = put(&end, entry->line),
                             .message_id = put(&end, entry->message_id),
                             .queue_id = put(&end, entry->queue_id),
                             .series = put(&end, entry->series),
                             .looked_at = entry->looked_at,
                             .told = entry->told},
                   .size = size};
    if (tail->newest == NULL)
        tail->oldest = made;
    else
        tail->newest->newer = made;
    tail->newest = made;
    tail->count++;
    tail->bytes += size;
    link_series(tail, made);
    head = &tail->by_message[bucket(made->entry.message_id)];
    made->next_of_message = *head;
    *head = made;
}

static pm_tail_entry *first_of_series(node *at, pm_slice series)
{
    while (at != NULL && !pm_slice_equal(at->entry.series, series))
        at = at->next_of_series;
    return at == NULL ? NULL : &at->entry;
}

pm_tail_entry *pm_tail_first(const pm_tail *tail, pm_slice series)
{
    return first_of_series(tail->by_series[bucket(series)], series);
}

pm_tail_entry *pm_tail_next(const pm_tail_entry *entry)
{
    return first_of_series(((const node *)entry)->next_of_series, entry->series);
}

pm_tail_entry *pm_tail_find(const pm_tail *tail, pm_slice message_id, pm_slice queue_id)
{
    node *at = tail->by_message[bucket(message_id)];

    while (at != NULL && !(pm_slice_equal(at->entry.message_id, message_id) &&
                           pm_slice_equal(at->entry.queue_id, queue_id)))
        at = at->next_of_message;
    return at == NULL ? NULL : &at->entry;
}

void pm_tail_move(pm_tail *tail, pm_tail_entry *entry, pm_slice series)
{
    node *of = (node *)entry;
    char *copy = malloc(series.len + 1);

    if (copy == NULL)
        return;
    if (series.len > 0)
        memcpy(copy, series.data, series.len);
    unlink_series(tail, of);
    free(of->moved);
    of->moved = copy;
    entry->series = (pm_slice){copy, series.len};
    entry->looked_at = 0;
    link_series(tail, of);
}
