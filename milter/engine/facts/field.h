/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * field - what of a letter can be asked for by name: one table for rules, plugins and the manual.
 *
 * "title", "kind", "path", "path.lines", "list", "author", ... A field has text, number or yes-no
 * values, one or many. Header fields of the message are asked for as "header.NAME".
 */
#ifndef PM_FIELD_H
#define PM_FIELD_H

#include "letter.h"

typedef enum pm_field_type {
    PM_FIELD_TEXT,
    PM_FIELD_NUMBER,
    PM_FIELD_FLAG, /* number 0 or 1 */
} pm_field_type;

typedef struct pm_field {
    const char *name;
    pm_field_type type;
    bool many;
    const char *meaning; /* one sentence for the manual */
    pm_status (*text)(const pm_letter *letter, unsigned nth, pm_slice *value_out);
    pm_status (*number)(const pm_letter *letter, unsigned nth, int64_t *value_out);
} pm_field;

/* The field of that name, or NULL. */
const pm_field *pm_field_find(pm_slice name);

/* The nth field of the table, or NULL past the last; and all names for pm_nearest. */
const pm_field *pm_field_nth(size_t nth);
const char *const *pm_field_names(void);

#endif
