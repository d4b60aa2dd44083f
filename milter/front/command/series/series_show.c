/* SPDX-License-Identifier: BSD-2-Clause */
/* series_show - one patch set with all its revisions, named by an ID or by words of its title. */
#include "series_chain.h"
#include "series_errand.h"

#define FOUND_MOST 20 /* chains, when words are looked for */

/* Is it an ID at all, and not words of a title? */
static bool is_id(pm_slice id)
{
    return pm_memory_is_id(id) && pm_slice_find_byte(id, '@') != PM_NOWHERE;
}

/* Looking for the chains with a title that has all these words. */
typedef struct word_search {
    const pm_errand *on;
    pm_arena *page; /* of one title */
    pm_slice words; /* as titles are compared */
    pm_slice chains[FOUND_MOST];
    pm_series newest[FOUND_MOST]; /* the series that led there */
    size_t count;
    pm_status status;
} word_search;

/* Do all words begin some word of the title? "boil" finds "boiling". */
static bool has_words(pm_slice title, pm_slice words)
{
    pm_slice word;

    while (pm_slice_next_word(&words, &word)) {
        pm_slice rest = title, in;
        bool found = false;

        while (!found && pm_slice_next_word(&rest, &in))
            found = pm_slice_starts(in, word);
        if (!found)
            return false;
    }
    return true;
}

static bool search_one(void *context, const pm_series *series)
{
    word_search *in = context;
    const pm_errand *on = in->on;
    pm_slice title, id, chain;

    pm_arena_reset(in->page);
    title = pm_memory_normal(in->page, series->title);
    if (title.data == NULL || !has_words(title, in->words))
        return true;
    id = pm_copy(on->arena, series->id); /* the page it is on will go */
    in->status = id.data == NULL
                     ? PM_LIMIT
                     : pm_store_chain(on->store, on->arena, id, pm_errand_deadline(), &chain);
    for (size_t i = 0; in->status == PM_OK && i < in->count; i++)
        if (pm_slice_equal(in->chains[i], chain))
            return true;
    if (in->status != PM_OK)
        return false;
    in->status =
        pm_store_series(on->store, on->arena, id, pm_errand_deadline(), &in->newest[in->count]);
    if (in->status == PM_OK)
        in->chains[in->count++] = chain;
    return in->status == PM_OK && in->count < FOUND_MOST;
}

/* The operands as one, as titles are compared. */
static pm_slice join_words(const pm_errand *on)
{
    pm_slice joined = PM_EMPTY;

    for (size_t i = 0; i < on->operand_count && joined.data != NULL; i++)
        joined = pm_print(on->arena, "%.*s %s", PM_FMT(joined), on->operands[i]);
    return joined.data == NULL ? joined : pm_memory_normal(on->arena, joined);
}

/* The one series whose chain is meant by words of its title. */
static int find_by_words(const pm_errand *on, pm_series *series_out)
{
    word_search in = {.on = on, .page = pm_arena_new(1 << 20), .words = join_words(on)};
    pm_status status = PM_LIMIT;

    if (in.page != NULL && in.words.data != NULL)
        status = pm_errand_each(on, search_one, &in);
    pm_arena_free(in.page);
    if (status == PM_OK)
        status = in.status;
    if (status != PM_OK)
        return pm_errand_complain(on, status);
    if (in.count == 0) {
        pm_complain("series: no title that is remembered has the words \"%.*s\" (\"patchmark "
                    "series list\" lists the newest; an ID finds its series by any message of it)",
                    PM_FMT(in.words));
        return PM_EXIT_FAILED;
    }
    if (in.count == 1) {
        *series_out = in.newest[0];
        return PM_EXIT_FINE;
    }
    for (size_t i = 0; i < in.count; i++)
        pm_series_print(&in.newest[i]);
    pm_complain("series: %s%zu patch sets have these words in a title (name one by its ID)",
                in.count == FOUND_MOST ? "more than " : "", in.count - (in.count == FOUND_MOST));
    return PM_EXIT_FAILED;
}

int pm_series_show(const pm_errand *on)
{
    pm_slice id = on->operand_count == 1 ? pm_errand_id(on, on->operands[0]) : PM_EMPTY;
    pm_series series = {.id = PM_EMPTY};
    pm_chain chain;
    pm_status status;
    int found =
        is_id(id) ? pm_errand_find(on, on->operands[0], &series) : find_by_words(on, &series);

    if (found != PM_EXIT_FINE)
        return found;
    status = pm_chain_read(on->store, on->arena, series.id, pm_errand_deadline(), &chain);
    if (status != PM_OK)
        return pm_errand_complain(on, status);
    if (on->arguments->flags[PM_FLAG_JSON] == NULL)
        pm_chain_draw(&chain);
    else if (!pm_chain_print_json(&chain))
        return pm_errand_complain(on, PM_LIMIT);
    return PM_EXIT_FINE;
}
