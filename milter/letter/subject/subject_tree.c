/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * subject_tree - a mark of the trees that a subject names, to tell two sets of patches apart that
 * are the same but for where they go: a backport to 5.10.y and one to 5.15.y, net and net-next.
 *
 * Not the name of the tree: that would have to be kept with every series.
 */
#include "phrases.h"
#include "subject.h"
#include "subject_word.h"

/* Words that say how it is sent, not where it goes; sorted. What subject_word.c knows is left out
 * as well. */
static const pm_slice no_trees[] = {PM_LIT("ci"), PM_LIT("cover"),  PM_LIT("for"), PM_LIT("letter"),
                                    PM_LIT("on"), PM_LIT("series"), PM_LIT("v0")};

/* "v5.10.y", "5.10-stable": the 5.10 of it. */
static pm_slice without_ornament(pm_slice word)
{
    static const pm_slice ends[] = {PM_LIT(".y"), PM_LIT(".x"), PM_LIT("-stable")};

    if (word.len > 1 && pm_lower(word.data[0]) == 'v' && pm_is_digit(word.data[1]))
        word = pm_slice_after(word, 1);
    for (size_t i = 0; i < PM_COUNT_OF(ends); i++)
        if (word.len > ends[i].len &&
            pm_slice_equal_nocase(pm_slice_after(word, word.len - ends[i].len), ends[i]))
            return pm_slice_cut(word, 0, word.len - ends[i].len);
    return word;
}

/* A release candidate is what the author happened to begin with. */
static bool is_tree(pm_slice word)
{
    return word.len > 0 && pm_subject_word_find(word) == NULL &&
           bsearch(&word, no_trees, PM_COUNT_OF(no_trees), sizeof(no_trees[0]),
                   pm_phrase_compare) == NULL &&
           pm_slice_find_nocase(word, PM_LIT("-rc")) == PM_NOWHERE;
}

/* FNV-1a, which is the same on every machine and in every year. */
static uint32_t mark_of(pm_slice word)
{
    uint32_t mark = 2166136261u;

    for (size_t i = 0; i < word.len; i++)
        mark = (mark ^ (unsigned char)pm_lower(word.data[i])) * 16777619u;
    return mark ^ mark >> 15;
}

uint32_t pm_subject_tree(const pm_subject *subject)
{
    uint32_t sum = 0; /* in whatever order they are named */
    bool named = false;

    for (size_t i = 0; i < subject->word_count; i++) {
        if (!is_tree(subject->words[i]))
            continue;
        sum += mark_of(without_ornament(subject->words[i]));
        named = true;
    }
    sum &= PM_SUBJECT_TREE_MOST;
    return named && sum == 0 ? 1 : sum;
}
