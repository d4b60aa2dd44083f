/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * module_fuzz - reading what a shared object exports and imports reads nothing outside of it, and
 * gives names that end, however broken the file is.
 */
#include "plugin_module.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_names(const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (names[i] == NULL || strlen(names[i]) > 1024 * 1024)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pm_arena *arena = pm_arena_new((size_t)16 * 1024 * 1024);
    pm_errors *errors = pm_errors_new();
    pm_module module;

    if (pm_module_parse(arena, "x.so", (pm_slice){(const char *)data, size}, errors, &module)) {
        check_names(module.exports, module.export_count);
        check_names(module.imports, module.import_count);
        check_names(module.needed, module.needed_count);
    } else if (pm_errors_count(errors) != 1) {
        abort();
    }
    pm_errors_free(errors);
    pm_arena_free(arena);
    return 0;
}
