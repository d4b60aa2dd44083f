/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * foreign - header fields under our prefix that came with the mail: forged, or ours from an earlier
 * pass.
 *
 * They are counted as they arrive and not looked up in the message later: a message past its
 * limits, or one there was no memory for, loses them all the same.
 *
 * Not the removing: session.c does that.
 */
#ifndef PM_FOREIGN_H
#define PM_FOREIGN_H

#include "table.h"

#define PM_FOREIGN_MOST 10000 /* known of a message: removing one costs the MTA a pass over it */

/* Fields of one name, whatever its case. */
typedef struct pm_foreign_name {
    char *name; /* in lower case */
    unsigned count;
} pm_foreign_name;

typedef struct pm_foreign { /* of one message, on one connection */
    pm_arena *arena;        /* NULL: there was no memory, and none is known */
    pm_table *names;        /* of pm_foreign_name; NULL: none */
    unsigned seen;          /* fields, also those past the limits */
} pm_foreign;

/* None so far; what was there is given up. */
void pm_foreign_begin(pm_foreign *foreign);

/* One more field of this name. Past the limits it is seen, but not known. */
void pm_foreign_add(pm_foreign *foreign, pm_slice name);

/* The nth name that is known, in the order they first came; NULL past the last. */
const pm_foreign_name *pm_foreign_nth(const pm_foreign *foreign, size_t nth);

void pm_foreign_end(pm_foreign *foreign); /* gives back its memory; it may begin again */

#endif
