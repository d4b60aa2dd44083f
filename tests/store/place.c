/* SPDX-License-Identifier: BSD-2-Clause */
/* place - a folder for each test of the store; see place.h. */
#include "place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

int place_make(void **state)
{
    place *here = calloc(1, sizeof(*here));

    assert_non_null(here);
    folder_make(here->folder);
    snprintf(here->file, sizeof(here->file), "%s/series.db", here->folder);
    here->arena = pm_arena_new(256 << 20);
    here->errors = pm_errors_new();
    world_make(&here->mail, here->arena);
    *state = here;
    return 0;
}

void place_clear(const place *here)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char path[128];

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        snprintf(path, sizeof(path), "%s%s", here->file, ends[i]);
        unlink(path);
    }
}

int place_drop(void **state)
{
    place *here = *state;

    pm_store_close(here->store);
    folder_remove(here->folder);
    pm_arena_free(here->arena);
    pm_errors_free(here->errors);
    free(here);
    return 0;
}

pm_store *place_open(place *here)
{
    pm_store *store = pm_store_open(here->file, false, here->errors);

    if (store == NULL)
        fail_msg("%s", pm_errors_nth(here->errors, 0));
    return store;
}
