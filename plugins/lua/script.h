/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * script - one script: its text, its options from the configuration, and what it declared when it
 * was loaded. Made in open(); while letters are scanned it is only read, by many threads at once.
 *
 * Not here: running it (run.h).
 */
#ifndef PATCHMARK_LUA_SCRIPT_H
#define PATCHMARK_LUA_SCRIPT_H

#include <patchmark/plugin.h>

#include <stdbool.h>

enum {
    SCRIPT_LONGEST = 1024 * 1024,
    SCRIPT_MOST_FACTS = 64,
    SCRIPT_MOST_NEEDS = 64,
    SCRIPT_MOST_OPTIONS = 64,
};

typedef struct script_fact {
    char *name;
    pm_fact_type type;
} script_fact;

typedef struct script_option {
    char *name;
    char **values;
    size_t count;
    bool asked_for;           /* when the script was loaded */
    const pm_settings *block; /* in open() only: for problem() */
} script_option;

typedef struct script {
    char *path;       /* NUL-terminated, as everything here */
    const char *file; /* its last part: backport.lua; within path */
    char *name;       /* backport */
    char *source;
    size_t size;
    script_fact facts[SCRIPT_MOST_FACTS];
    size_t fact_count;
    char *needs[SCRIPT_MOST_NEEDS];
    size_t need_count;
    script_option options[SCRIPT_MOST_OPTIONS];
    size_t option_count;
} script;

/* Read the script in the file written, as the option script has it. PM_FAULT after problem(); what
 * has been made is the caller's to free all the same. */
pm_status script_read(script *made, const pm_host *host, const pm_settings *settings,
                      pm_slice written);
void script_free(script *unused);

/* Add what stands in an options block for it. PM_FAULT after problem(). */
pm_status script_read_options(script *to, const pm_host *host, const pm_settings *block);

/* The script declares a fact or a need. NULL, or what is wrong with that. Twice the same is once.
 */
const char *script_add_fact(script *to, const char *name, pm_fact_type type);
const char *script_add_need(script *to, const char *name);

/* NULL: there is none of that name. */
const script_fact *script_find_fact(const script *in, const char *name);
script_option *script_find_option(script *in, const char *name);
bool script_needs(const script *in, const char *fact);

#endif
