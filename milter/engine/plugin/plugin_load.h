/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plugin_load - finds, trusts and loads plugins: from a name to a descriptor that can be used.
 *
 * A plugin is loaded from the plugin directory alone, by name; the directory and the file must
 * belong to root or to the user we run as and be writable by nobody else. RTLD_NOW | RTLD_LOCAL,
 * and never unloaded: code pointers and thread exits outlive a dlclose.
 *
 * Not the running of it: plugin_host.h.
 */
#ifndef PM_PLUGIN_LOAD_H
#define PM_PLUGIN_LOAD_H

#include "syntax.h"

#define PM_PLUGIN_NAME_MOST 64

/* Plugins and options are called [a-z][a-z0-9-]*, facts also with dots. NULL is no name. */
bool pm_plugin_is_name(const char *name);
bool pm_plugin_is_fact_name(const char *name);

/* May plugins be loaded from it? False after an error was added at where, which may be NULL. */
bool pm_plugin_check_directory(const char *directory, const pm_token *where, pm_errors *errors);

/* "/usr/lib/patchmark/shout.so" is shout: what to call a plugin whose descriptor may not be read.
 * Borrowed from file. */
pm_slice pm_plugin_file_name(const char *file);

/* Load NAME.so from directory and check its descriptor: ABI version, size, names. NULL after an
 * error with the way out was added; where (a token, may be NULL) is what it refers to. Loading the
 * same file twice gives the same descriptor. */
const pm_plugin *pm_plugin_load(const char *directory, pm_slice name, const pm_token *where,
                                pm_errors *errors);

/* Is what a plugin's entry returned usable with this host? For static twins, tests and check. False
 * after an error: "refused: shout wants plugin ABI 1.1, this host offers 1.0". */
bool pm_plugin_check(const pm_plugin *plugin, const char *file, pm_errors *errors);

#endif
