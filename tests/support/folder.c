/* SPDX-License-Identifier: BSD-2-Clause */
/* folder - a folder for one test; see folder.h. */
#include "folder.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void folder_make(char folder[FOLDER_NAME])
{
    snprintf(folder, FOLDER_NAME, "/tmp/patchmark-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)status;
    (void)type;
    (void)where;
    return remove(path);
}

void folder_remove(const char *folder)
{
    assert_int_equal(nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

const char *folder_file(const char *folder, const char *name)
{
    static char paths[10][256];
    static unsigned next;
    char *path = paths[next++ % 10];

    assert_true(snprintf(path, sizeof(paths[0]), "%s/%s", folder, name) < (int)sizeof(paths[0]));
    return path;
}

const char *folder_write_bytes(const char *folder, const char *name, const void *bytes, size_t len)
{
    const char *path = folder_file(folder, name);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
    return path;
}

const char *folder_write(const char *folder, const char *name, const char *text)
{
    return folder_write_bytes(folder, name, text, strlen(text));
}
