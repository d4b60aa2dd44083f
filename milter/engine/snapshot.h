/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * snapshot - the whole live configuration: settings, rules, plugins and what they have read.
 *
 * Immutable and reference-counted: a message keeps the one it began with; a new one is built beside
 * it and takes its place only when it is good. The settings' manual is config.md.
 */
#ifndef PM_SNAPSHOT_H
#define PM_SNAPSHOT_H

#include "plugin_host.h"
#include "rules.h"
#include "shadow.h"

typedef struct pm_project_map pm_project_map;

/* What patchmark.conf says; see config.md for each. Strings live as long as the snapshot. */
typedef struct pm_config {
    const char *file;     /* the file, or "built-in defaults" */
    const char *socket;   /* as written: unix:/path, local:/path, inet:host:port, inet:port@host */
    unsigned socket_mode; /* 0660 */
    const char *socket_group; /* NULL: as created */
    pm_slice field_prefix;    /* "Patchmark-" */
    pm_slice instance;        /* who says so, first word of Patchmark-Results: the host's name */
    const char *plugin_directory;
    pm_message_limits limits;
    int64_t message_time_us;     /* budget of one message, 200 ms */
    int64_t plugin_time_us;      /* of that, for each plugin, 100 ms */
    const char *store;           /* the memory of series; NULL: none. See pm_store_open */
    const char *state_directory; /* what the daemon keeps beside it; NULL: nothing */
    int64_t retention_us;        /* how long it remembers series that get no mail */
    int64_t store_size;          /* what it may take on disk, in bytes */
    int64_t decision_log_size;   /* of one file in state_directory, in bytes; 0: no such log */
    size_t decision_log_keep;    /* how many older ones stay */
    const char *control;         /* path of the control socket; NULL: none */
    int log_level;
    bool allow_root;
    pm_rule_powers powers;
} pm_config;

typedef struct pm_snapshot {
    pm_config config;
    pm_arena *arena;
    const pm_vocabulary *vocabulary;
    pm_loaded **plugins; /* in the order they run */
    size_t plugin_count;
    const pm_rules *rules;
    const pm_statement *statements; /* all that was written */
    const pm_slice *projects;       /* the names of all `project` blocks, each once */
    size_t project_count;
    pm_shadow **shadows; /* in the order of the files */
    size_t shadow_count;
    const pm_path_index *paths; /* for truncated paths; never NULL */
    const char *const *files;   /* every file that was read; ends with NULL */
    unsigned references;        /* atomic; use ref and unref */
} pm_snapshot;

/* A plugin that is linked in: tests and fuzzers use these in place of .so files. */
typedef struct pm_static_plugin {
    const char *name;
    pm_plugin_entry_fn entry;
} pm_static_plugin;

typedef struct pm_snapshot_options {
    const char *file; /* NULL: the first there is of patchmark.conf beside the program (an
                       * uninstalled build) and /etc/patchmark/patchmark.conf */
    const char *text; /* instead of a file: the configuration itself (tests); NULL otherwise */
    const pm_static_plugin
        *static_plugins; /* looked at before the directory; ends with a NULL name */
    pm_guard *guard;     /* watches over the plugins and outlives the snapshot; NULL: nobody does */
    /* Called once the configuration is read and before a plugin is opened, unless there is an
     * error; NULL: nobody is. */
    void (*configured)(pm_guard *guard, const pm_config *config);
} pm_snapshot_options;

/* Build one. NULL after errors were added; nothing that is live is touched. */
pm_snapshot *pm_snapshot_load(const pm_snapshot_options *options, pm_errors *errors)
    __attribute__((warn_unused_result));

/* One more who holds it, and one less; for whoever holds it, on any thread. */
pm_snapshot *pm_snapshot_ref(pm_snapshot *snapshot);
void pm_snapshot_unref(pm_snapshot *snapshot); /* the last one frees it; NULL is allowed */

#endif
