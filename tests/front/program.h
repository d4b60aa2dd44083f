/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * program - run patchmark as people and scripts do: with arguments and standard input, in a pipe or
 * on a terminal; a folder for each test; what its output must have in it.
 *
 * PATCHMARK is the built program.
 */
#ifndef PM_TEST_PROGRAM_H
#define PM_TEST_PROGRAM_H

#include "folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <jansson.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

extern char folder[FOLDER_NAME]; /* of the test that runs */

int make_folder(void **state);
int remove_folder(void **state);
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

/* A file in the folder. Its name is good until the tenth one behind it. */
const char *write_bytes(const char *name, const void *bytes, size_t len);
const char *write_file(const char *name, const char *text);

/* The name of a file in the folder, which need not be there. As long good as write_file's. */
const char *name_file(const char *name);

typedef struct result {
    int status; /* 128 + the signal when one ended it */
    char out[65536], err[65536];
} result;

/* Run patchmark; arguments end with NULL; input (NULL: none) is its standard input. Good until the
 * next run. */
const result *run_with(const char *input, const char *const *arguments);
#define RUN(...)           run_with(NULL, (const char *const[]){__VA_ARGS__, NULL})
#define RUN_ON(input, ...) run_with((input), (const char *const[]){__VA_ARGS__, NULL})

/* As RUN, on a terminal of 80 columns: what appears there is in out. */
const result *run_on_terminal(const char *const *arguments);
#define RUN_ON_TERMINAL(...) run_on_terminal((const char *const[]){__VA_ARGS__, NULL})

void expect_status(const result *got, int status);
void expect_part(const char *text, const char *part);
void expect_no_part(const char *text, const char *part);

json_t *parse(const char *line);
const char *text_of(const json_t *object, const char *key); /* "(null)" when there is none */

#endif
