/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plugin_module - what a shared object exports, imports and needs, read from its file (ELF, elf(5))
 * without loading it.
 *
 * Not whether what it imports is there: plugin_check asks the libraries.
 */
#ifndef PM_PLUGIN_MODULE_H
#define PM_PLUGIN_MODULE_H

#include "arena.h"
#include "error.h"

typedef struct pm_module {
    const char **exports; /* symbols it offers to others */
    const char **imports; /* symbols it cannot do without; weak ones it can */
    const char **needed;  /* libraries it names, as libc.so.6 */
    size_t export_count, import_count, needed_count;
} pm_module;

/* Read it; all in the arena. False after an error was added: not there, no shared object of this
 * machine's kind, broken. Whatever the file holds, nothing outside of it is read. */
bool pm_module_read(pm_arena *arena, const char *file, pm_errors *errors, pm_module *module_out);

/* The same from memory. */
bool pm_module_parse(pm_arena *arena, const char *file, pm_slice bytes, pm_errors *errors,
                     pm_module *module_out);

#endif
