/* SPDX-License-Identifier: BSD-2-Clause */
/* foreign - header fields under our prefix that came with the mail; see foreign.h. */
#include "foreign.h"

#define MEMORY (1024 * 1024) /* names: some 10,000 different ones */

void pm_foreign_begin(pm_foreign *foreign)
{
    if (foreign->arena == NULL)
        foreign->arena = pm_arena_new(MEMORY);
    else
        pm_arena_reset(foreign->arena);
    foreign->names = NULL;
    foreign->seen = 0;
}

void pm_foreign_end(pm_foreign *foreign)
{
    pm_arena_free(foreign->arena);
    *foreign = (pm_foreign){.arena = NULL};
}

/* name in lower case, with the NUL that libmilter wants behind it; NULL past the budget. */
static char *lower_string(pm_arena *arena, pm_slice name)
{
    char *lower = pm_alloc(arena, name.len + 1);

    for (size_t i = 0; lower != NULL && i < name.len; i++)
        lower[i] = pm_lower(name.data[i]);
    return lower;
}

/* The name's, a new one if need be; NULL past the budget. */
static pm_foreign_name *find(pm_foreign *foreign, pm_slice name)
{
    char *lower = lower_string(foreign->arena, name);
    const pm_slice key = {lower, name.len};
    pm_foreign_name *found = lower == NULL ? NULL : pm_table_get(foreign->names, key);

    if (lower == NULL || found != NULL)
        return found;
    found = pm_alloc(foreign->arena, sizeof(*found));
    if (found == NULL || pm_table_put(foreign->names, key, found) != PM_OK)
        return NULL;
    found->name = lower;
    return found;
}

void pm_foreign_add(pm_foreign *foreign, pm_slice name)
{
    pm_foreign_name *found;

    if (++foreign->seen > PM_FOREIGN_MOST || foreign->arena == NULL)
        return;
    if (foreign->names == NULL)
        foreign->names = pm_table_new(foreign->arena);
    found = foreign->names == NULL ? NULL : find(foreign, name);
    if (found != NULL)
        found->count++;
}

const pm_foreign_name *pm_foreign_nth(const pm_foreign *foreign, size_t nth)
{
    return foreign->names == NULL ? NULL : pm_table_nth(foreign->names, nth, NULL);
}
