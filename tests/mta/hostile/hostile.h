/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hostile - what the plugins in this folder have in common: nobody should load them, and the tests
 * that do show that mail keeps flowing. Each misbehaves at a word in the title, in one way.
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <patchmark/plugin.h>
#include <string.h>

static const pm_host *hostile_host;

static inline pm_slice hostile_text(const char *text)
{
    return (pm_slice){text, strlen(text)};
}

/* Is it this letter's turn? */
static inline int hostile_is_asked(pm_scan *scan, const char *word)
{
    const size_t len = strlen(word);
    pm_slice title;

    if (hostile_host->letter_text(scan, "title", 0, &title) != PM_OK)
        return 0;
    for (size_t at = 0; at + len <= title.len; at++)
        if (memcmp(title.data + at, word, len) == 0)
            return 1;
    return 0;
}

static inline pm_status hostile_open(const pm_host *host, const pm_settings *settings,
                                     void **instance_out)
{
    (void)settings;
    hostile_host = host;
    *instance_out = NULL;
    return PM_OK;
}

/* A fact that says it came through. */
static inline pm_status hostile_seen(pm_scan *scan, const char *name)
{
    const pm_fact fact = {.size = sizeof(fact),
                          .name = name,
                          .number = 1,
                          .weight = 1,
                          .reason = hostile_text("came through")};

    return hostile_host->add_fact(scan, &fact);
}

#define HOSTILE_PLUGIN(called, scanner, fact_list)                                                 \
    PM_PLUGIN_ENTRY(hostile)                                                                       \
    {                                                                                              \
        static const pm_plugin plugin = {.size = sizeof(plugin),                                   \
                                         .abi_major = PM_ABI_MAJOR,                                \
                                         .abi_minor = 0,                                           \
                                         .name = called,                                           \
                                         .version = "1",                                           \
                                         .summary = "Misbehaves, for tests",                       \
                                         .facts = fact_list,                                       \
                                         .open = hostile_open,                                     \
                                         .scan = scanner};                                         \
        return &plugin;                                                                            \
    }

#endif
