/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * subject_word - the table of words that patch prefixes are made of: PATCH, RFC, RESEND, PULL, ...
 *
 * Not reply marks, "Re:": subject_mark.h has those.
 */
#ifndef PM_SUBJECT_WORD_H
#define PM_SUBJECT_WORD_H

#include "slice.h"

typedef struct pm_subject_word {
    pm_slice text;  /* in small letters */
    unsigned flags; /* PM_SUBJECT_* */
} pm_subject_word;

/* The word that text is, without case; NULL when the table has it not. */
const pm_subject_word *pm_subject_word_find(pm_slice text);

/* The longest word that text begins with: "PATCHv2", "RFC/PATCH". NULL when it begins with none. */
const pm_subject_word *pm_subject_word_in_front(pm_slice text);

#endif
