/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * phrases - tables of words and phrases, and whether a text is one of them, begins with one or has
 * one in it.
 *
 * Not the tables: each reader has its own. A long one that is asked for whole words is sorted and
 * searched with bsearch(3) and pm_phrase_compare; a short one is gone through, and may stand in
 * whatever order reads best.
 */
#ifndef PM_PHRASES_H
#define PM_PHRASES_H

#include "slice.h"

#include <stdlib.h>

#define PM_COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* For bsearch(3): a pm_slice, compared without case, against an entry that begins with a pm_slice
 * in small letters. */
static inline int pm_phrase_compare(const void *wanted, const void *entry)
{
    pm_slice word = *(const pm_slice *)wanted, known = *(const pm_slice *)entry;

    for (size_t i = 0; i < word.len && i < known.len; i++) {
        int order = (int)(unsigned char)pm_lower(word.data[i]) - (int)(unsigned char)known.data[i];

        if (order != 0)
            return order;
    }
    return (word.len > known.len) - (word.len < known.len);
}

/* Is word one of count words, which are sorted and in small letters? Without case. */
static inline bool pm_is_known_word(pm_slice word, const pm_slice *words, size_t count)
{
    return bsearch(&word, words, count, sizeof(*words), pm_phrase_compare) != NULL;
}

/* Is word one of count phrases, in any order? Without case. */
static inline bool pm_is_one_of(pm_slice word, const pm_slice *phrases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (pm_slice_equal_nocase(word, phrases[i]))
            return true;
    return false;
}

/* Does text begin with one of them, just so? */
static inline bool pm_starts_with_one_of(pm_slice text, const pm_slice *phrases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (pm_slice_starts(text, phrases[i]))
            return true;
    return false;
}

/* The same, without case. */
static inline bool pm_starts_with_one_of_nocase(pm_slice text, const pm_slice *phrases,
                                                size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (pm_slice_starts_nocase(text, phrases[i]))
            return true;
    return false;
}

#endif
