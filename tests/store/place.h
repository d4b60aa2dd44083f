/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * place - a folder for each test of the store, with an SQLite file in it that is gone afterwards.
 *
 * A PostgreSQL server is postgres_test's own.
 */
#ifndef PM_PLACE_H
#define PM_PLACE_H

#include "folder.h"
#include "world.h"

typedef struct place {
    char folder[FOLDER_NAME], file[96]; /* the file is not there until a store is opened */
    pm_arena *arena;                    /* of the whole test */
    pm_errors *errors;
    world mail;      /* made, and not yet sent */
    pm_store *store; /* NULL, unless the test's own set-up has opened one; closed with the place */
} place;

/* For cmocka: *state is the place. */
int place_make(void **state);
int place_drop(void **state);
#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, place_make, place_drop)

/* The store in its file; fails the test when there is none. The caller closes it. */
pm_store *place_open(place *here);

/* Remove the file, also under a store that has it open. */
void place_clear(const place *here);

#endif
