/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plugin_host - finds, trusts, loads and runs plugins. The other side of patchmark/plugin.h.
 *
 * A plugin is loaded from the plugin directory alone, by name; the directory and the file must
 * belong to root or to the user we run as and be writable by nobody else. RTLD_NOW | RTLD_LOCAL,
 * and never unloaded: code pointers and thread exits outlive a dlclose.
 */
#ifndef PM_PLUGIN_HOST_H
#define PM_PLUGIN_HOST_H

#include "facts.h"
#include "letter.h"
#include "plugin_guard.h"
#include "recall.h"
#include "settings.h"

typedef struct pm_loaded pm_loaded; /* one plugin, opened with its settings */

/* Load NAME.so from directory and check its descriptor: ABI version, size, names. NULL after an
 * error with the way out was added; where (a token, may be NULL) is what it refers to. Loading the
 * same file twice gives the same descriptor. */
const pm_plugin *pm_plugin_load(const char *directory, pm_slice name, const pm_token *where,
                                pm_errors *errors);

/* Is what a plugin's entry returned usable with this host? For static twins, tests and check. False
 * after an error: "refused: shout wants plugin ABI 1.1, this host offers 1.0". */
bool pm_plugin_check(const pm_plugin *plugin, const char *file, pm_errors *errors);

/* Open it. settings live as long as the result; guarded (NULL: nobody) watches over it from now on.
 * One that is switched off is not opened, and never asked: it only declares what its descriptor
 * does. NULL after an error was added. */
pm_loaded *pm_plugin_open(const pm_plugin *plugin, const pm_settings *settings, pm_guarded *guarded,
                          pm_errors *errors) __attribute__((warn_unused_result));
void pm_plugin_close(pm_loaded *loaded); /* NULL is allowed */

const pm_plugin *pm_loaded_plugin(const pm_loaded *loaded);

/* How much time it has for one message. Without this it has the message's. */
void pm_plugin_limit(pm_loaded *loaded, int64_t budget_us);

/* The nth fact it may report, and the nth fact it reads: those of its descriptor, then those it
 * declared when it was opened. NULL past the last. */
const pm_fact_decl *pm_loaded_fact(const pm_loaded *loaded, size_t nth);
const char *pm_loaded_need(const pm_loaded *loaded, size_t nth);

/* Put plugins into an order in which each comes behind those that report what it needs. False after
 * an error (a circle, a fact nobody reports) was added. */
bool pm_plugins_sort(pm_loaded **plugins, size_t count, pm_errors *errors);

/* Let one plugin look at a letter. recall is the memory as it meets the letter; NULL: none.
 * queue_id is for its log lines, may be empty. What scan() returned; on a fault the fact
 * plugin.NAME.fault has been added. */
pm_status pm_plugin_scan(pm_loaded *loaded, const pm_letter *letter, pm_facts *facts,
                         pm_recall *recall, int64_t deadline_us, pm_slice queue_id);

#endif
