/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plugin_host - opens plugins and lets them look at letters. The other side of patchmark/plugin.h.
 *
 * Not where plugins come from (plugin_load.h), nor what becomes of one that fails (plugin_guard.h).
 */
#ifndef PM_PLUGIN_HOST_H
#define PM_PLUGIN_HOST_H

#include "facts.h"
#include "letter.h"
#include "plugin_guard.h"
#include "recall.h"
#include "settings.h"

typedef struct pm_loaded pm_loaded; /* one plugin, opened with its settings */

/* Open it. settings live as long as the result; guarded (NULL: nobody) watches over it from now on.
 * One that guarded does not let in is never asked: it only declares what its descriptor does. NULL
 * after an error was added. */
pm_loaded *pm_plugin_open(const pm_plugin *plugin, const pm_settings *settings, pm_guarded *guarded,
                          pm_errors *errors) __attribute__((warn_unused_result));
void pm_plugin_close(pm_loaded *loaded); /* NULL is allowed */

/* Its descriptor. */
const pm_plugin *pm_loaded_plugin(const pm_loaded *loaded);

/* How much time it has for one message. Without this it has the message's. */
void pm_plugin_limit(pm_loaded *loaded, int64_t budget_us);

/* The nth fact it may report, and the nth fact it reads: those of its descriptor, then those it
 * declared when it was opened. NULL past the last. */
const pm_fact_decl *pm_loaded_fact(const pm_loaded *loaded, size_t nth);
const char *pm_loaded_need(const pm_loaded *loaded, size_t nth);

/* May it report a fact of this name? */
bool pm_loaded_declares(const pm_loaded *loaded, const char *name);

/* Let one plugin look at a letter. recall is the memory as it meets the letter; NULL: none.
 * queue_id is for its log lines, may be empty. What scan() returned; on a fault the fact
 * plugin.NAME.fault has been added. */
pm_status pm_plugin_scan(pm_loaded *loaded, const pm_letter *letter, pm_facts *facts,
                         pm_recall *recall, int64_t deadline_us, pm_slice queue_id);

#endif
