/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plugin_check - try a plugin's file before it goes anywhere near the daemon: what it exports and
 * imports, what it says of itself, whether it starts, what it says of letters, and what becomes of
 * it under the hardship of the SDK's harness.
 *
 * All of that happens in a child process, so that a plugin which crashes, hangs or ends the program
 * is something that is said of it. Not a sandbox: the plugin may do all that its caller may.
 */
#ifndef PM_PLUGIN_CHECK_H
#define PM_PLUGIN_CHECK_H

#include <stddef.h>

typedef struct pm_plugin_trial {
    const char *file;     /* the module */
    const char *settings; /* what stands in its block; "" for its defaults */
    char **paths;         /* more letters: whatever pm_source_open takes */
    size_t path_count;
    unsigned patience_s; /* nothing it does may take longer */
} pm_plugin_trial;

/* Try it; what is found goes to standard output, what is wrong to standard error. An exit status of
 * commands.h: PM_EXIT_FOUND when something is wrong with it. */
int pm_plugin_try(const pm_plugin_trial *trial);

#endif
