/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * settings - what a plugin sees of the configuration: its own block checked against the options it
 * declares, and the blocks other files hold for it. The host's side of pm_settings.
 */
#ifndef PM_SETTINGS_H
#define PM_SETTINGS_H

#include "syntax.h"

/* Settings for a plugin from its block (NULL: none) and the statements at the top of everything
 * that was read. named (may be NULL) is where the plugin is asked for: that is where errors are
 * when there is no block. NULL after errors (unknown option, value out of range) were added. In the
 * arena. */
pm_settings *pm_settings_new(pm_arena *arena, const pm_plugin *plugin, const pm_token *named,
                             const pm_statement *own, const pm_statement *top, pm_errors *errors)
    __attribute__((warn_unused_result));

/* The members of pm_host that read settings; see plugin.h. */
pm_status pm_settings_text(const pm_settings *settings, const char *option, unsigned nth,
                           pm_slice *value_out);
pm_status pm_settings_number(const pm_settings *settings, const char *option, unsigned nth,
                             int64_t *value_out);
pm_status pm_settings_block(const pm_settings *settings, const char *word, unsigned nth,
                            pm_slice *name_out, const pm_settings **block_out);
pm_status pm_settings_statement(const pm_settings *settings, unsigned nth, unsigned word,
                                pm_slice *value_out);
pm_status pm_settings_path(const pm_settings *settings, pm_slice written, pm_slice *path_out);
void pm_settings_problem(const pm_settings *settings, const char *option, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What the plugin has declared in open() beside its descriptor. Copied; PM_LIMIT past
 * PM_SETTINGS_DECLARED_MOST of them or the arena's budget. */
#define PM_SETTINGS_DECLARED_MOST 256

pm_status pm_settings_declare_fact(const pm_settings *settings, const pm_fact_decl *fact);
pm_status pm_settings_declare_need(const pm_settings *settings, const char *fact);

/* The nth of them, or NULL. */
const pm_fact_decl *pm_settings_fact(const pm_settings *settings, size_t nth);
const char *pm_settings_need(const pm_settings *settings, size_t nth);

#endif
