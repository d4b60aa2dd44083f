/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * source_fuzz - any bytes are an mbox or an eml file: every message comes out, and no byte twice.
 */
#include "source.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = memfd_create("mail", MFD_CLOEXEC);
    pm_errors *errors = pm_errors_new();
    char path[40];
    pm_source *source;
    pm_status status;
    pm_mail mail;
    size_t bytes = 0;

    must(fd >= 0 && errors != NULL && write(fd, data, size) == (ssize_t)size);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    source = pm_source_open(path, errors);
    must((source == NULL) == (pm_errors_count(errors) > 0));
    while (source != NULL && (status = pm_source_next(source, &mail)) != PM_ABSENT) {
        must(status == PM_OK && mail.origin != NULL);
        must(pm_source_progress(source) >= 0 && pm_source_progress(source) <= 1);
        bytes += mail.bytes.len;
    }
    must(bytes <= size);
    pm_source_close(source);
    pm_errors_free(errors);
    close(fd);
    return 0;
}
