/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * series_late - what of the decision log would now be marked otherwise: looked for, told to people
 * and to programs, and written down when a correction has brought it about.
 *
 * Not how one decision is judged; see late.h.
 */
#ifndef PM_SERIES_LATE_H
#define PM_SERIES_LATE_H

#include "late.h"

/* What is looked at. Borrowed for as long as the list is used. */
typedef struct pm_late_question {
    const char *folder; /* of the decision log */
    pm_store *store;
    pm_arena *arena; /* what is found lives there */
    int64_t since;   /* decisions from then on, seconds since 1970; 0: all */
    pm_slice behind; /* only of this series and those that come after it; empty: all */
} pm_late_question;

/* A decision that would now be otherwise. */
typedef struct pm_late_found {
    pm_decision decision;
    pm_late late;
    bool told;      /* the log says so already, and why */
    int64_t newest; /* decision of its series in the list; for sorting, as is the next */
    size_t place;   /* in the log */
} pm_late_found;

typedef struct pm_late_list {
    pm_late_found **items; /* by series, the one with the newest decision first; newest first */
    size_t count;
} pm_late_list;

/* Is there a decision log in the folder? */
bool pm_late_has_log(const char *folder);

/* PM_LATER, PM_FAULT: the store does not say. PM_LIMIT: no memory. What is wrong with the log is
 * added to errors, and what could be read of it is in the list. */
pm_status pm_late_list_read(const pm_late_question *asked, pm_late_list *list_out,
                            pm_errors *errors);

/* To standard output, at most limit of them (0: all). */
void pm_late_list_print(const pm_late_list *list, const pm_late_question *asked, size_t limit);
void pm_late_list_print_json(const pm_late_list *list, size_t limit);

/* Write into the log what a correction ("series unlink ID") has changed: those of the list that
 * differ in what is superseded or in the chain, and that were not told yet. False after an error
 * was added. */
bool pm_late_list_note(const pm_late_list *list, const pm_late_question *asked, pm_slice correction,
                       size_t *noted_out, pm_errors *errors);

#endif
