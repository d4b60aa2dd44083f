/* SPDX-License-Identifier: BSD-2-Clause */
/* ink - colours on standard output; see ink.h. */
#include "ink.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_wanted(void)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

    return (no_color == NULL || *no_color == '\0') && term != NULL && strcmp(term, "dumb") != 0 &&
           isatty(STDOUT_FILENO) == 1;
}

void pm_ink_set(pm_ink ink)
{
    static const char *const codes[] = {
        [PM_INK_PLAIN] = "\033[0m", [PM_INK_STRONG] = "\033[1m", [PM_INK_FAINT] = "\033[2m",
        [PM_INK_YES] = "\033[32m",  [PM_INK_NO] = "\033[33m",
    };

    if (is_wanted())
        fputs(codes[ink], stdout);
}
