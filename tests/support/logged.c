/* SPDX-License-Identifier: BSD-2-Clause */
/* logged - what the code under test writes into the log; see logged.h. */
#include "logged.h"

#include "log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

static int file = -1;

void logged_begin(void)
{
    file = memfd_create("log", MFD_CLOEXEC);
    assert_true(file >= 0);
    pm_log_set_output(file, false);
}

const char *logged(void)
{
    static char text[16384];
    const ssize_t len = pread(file, text, sizeof(text) - 1, 0);

    assert_true(len >= 0);
    text[len] = '\0';
    return text;
}

void logged_end(void)
{
    pm_log_set_output(STDERR_FILENO, false);
    close(file);
    file = -1;
}
