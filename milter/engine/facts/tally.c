/* SPDX-License-Identifier: BSD-2-Clause */
/* tally - facts of one name added up by their values; see tally.h. */
#include "tally.h"

#include <stdlib.h>

static int heavier_first(const void *a, const void *b)
{
    const pm_tally *left = a, *right = b;

    if (left->weight != right->weight)
        return left->weight > right->weight ? -1 : 1;
    return left->first < right->first ? -1 : 1;
}

static pm_tally *find(pm_tallies *in, const pm_found *found, size_t index)
{
    for (size_t i = 0; i < in->count; i++)
        if (pm_slice_equal(in->items[i].value, found->text))
            return &in->items[i];
    in->items[in->count] = (pm_tally){.value = found->text, .first = index, .source = PM_EMPTY};
    return &in->items[in->count++];
}

void pm_tally_up(const pm_facts *facts, pm_slice name, const char *except, pm_tallies *into)
{
    const pm_declared *declared = pm_vocabulary_find(facts->vocabulary, name);

    into->count = 0;
    into->sum = 0;
    for (size_t i = 0; i < facts->count; i++) {
        const pm_found *found = &facts->items[i];
        pm_tally *of;

        if (declared == NULL || found->decl != declared->decl ||
            (except != NULL && strcmp(found->by, except) == 0))
            continue;
        of = find(into, found, i);
        of->weight += found->weight;
        into->sum += found->weight;
        if (found->source.len > 0 && found->weight > of->source_weight) {
            of->source = found->source;
            of->source_weight = found->weight;
        }
    }
    qsort(into->items, into->count, sizeof(into->items[0]), heavier_first);
}
