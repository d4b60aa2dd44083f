/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * folder - a folder for one test, and files in it. Whatever goes wrong fails the test.
 */
#ifndef PM_TEST_FOLDER_H
#define PM_TEST_FOLDER_H

#include <stddef.h>

#define FOLDER_NAME 64

/* A new folder below /tmp, which nobody else may look into. */
void folder_make(char folder[FOLDER_NAME]);

/* Remove it with all that is in it. */
void folder_remove(const char *folder);

/* The name of a file in it, which need not be there; good until the tenth one behind it. */
const char *folder_file(const char *folder, const char *name);

/* Write the file, whether it was there or not; its name, as long good as folder_file's. */
const char *folder_write(const char *folder, const char *name, const char *text);
const char *folder_write_bytes(const char *folder, const char *name, const void *bytes, size_t len);

#endif
