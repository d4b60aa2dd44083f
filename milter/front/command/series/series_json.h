/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * series_json - the memory as JSON Lines, one series, reference, link, note or path an object, and
 * back. The members are described in patchmark(1).
 */
#ifndef PM_SERIES_JSON_H
#define PM_SERIES_JSON_H

#include "store.h"

#include <jansson.h>

/* The caller's; NULL when there is no memory. */
json_t *pm_series_as_json(const pm_series *series);

/* Add what the series supersedes: supersedes, supersedes_why, supersedes_weight, pinned. */
void pm_series_add_link(json_t *object, const pm_series *series);

/* Write all that is remembered to standard output. False after an error was added. */
bool pm_series_export(pm_store *store, pm_errors *errors);

typedef struct pm_imported {
    size_t series, references, links, notes, paths;
} pm_imported;

/* Remember what pm_series_export has written, and what others have written like it: it is merged
 * with what is remembered already. A line that cannot be understood is an error at its place, and
 * the others are still taken. Stops when the store does not take it. path "-" is standard input.
 * False after errors were added. */
bool pm_series_import(pm_store *store, const char *path, pm_imported *imported_out,
                      pm_errors *errors);

#endif
