/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lua - a site's own rules in Lua 5.4: scripts that see a letter and report facts, as plugins do.
 *
 * They run in a sandbox, under limits of memory, instructions and time. One that fails costs its
 * own facts; the mail, the other scripts and the daemon do not notice. Manual: lua.md.
 *
 * Not here: the sandbox (sandbox.h), the states (pool.h), what a script can ask (letter_view.h) and
 * say (run.h).
 */
#include <patchmark/plugin.h>

#include "pool.h"
#include "run.h"
#include "script.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_SCRIPTS = 64, MOST_STATES = 256 };

typedef struct instance {
    const pm_host *host;
    sandbox_limits limits;
    pool *states;
    size_t count;
    script scripts[];
} instance;

static void close_lua(void *context)
{
    instance *lua = context;

    pool_free(lua->states);
    for (size_t i = 0; i < lua->count; i++)
        script_free(&lua->scripts[i]);
    free(lua);
}

/* ---- Opening ---- */

static sandbox *make_state(void *context)
{
    instance *lua = context;
    sandbox *box = sandbox_new(lua->limits);
    bool fine = box != NULL && run_prepare(box);

    for (size_t i = 0; fine && i < lua->count; i++)
        fine = run_compile(box, &lua->scripts[i]);
    if (fine)
        return box;
    sandbox_free(box);
    return NULL;
}

static script *find_script(instance *lua, pm_slice name)
{
    for (size_t i = 0; i < lua->count; i++)
        if (strlen(lua->scripts[i].name) == name.len &&
            memcmp(lua->scripts[i].name, name.data, name.len) == 0)
            return &lua->scripts[i];
    return NULL;
}

static pm_status read_scripts(instance *lua, const pm_settings *settings)
{
    const pm_host *host = lua->host;
    pm_slice written;

    while (host->option_text(settings, "script", (unsigned)lua->count, &written) == PM_OK) {
        script *made = &lua->scripts[lua->count];

        if (lua->count == MOST_SCRIPTS) {
            host->problem(settings, "script", "more than %d scripts (leave some out)",
                          MOST_SCRIPTS);
            return PM_FAULT;
        }
        lua->count++;
        if (script_read(made, host, settings, written) != PM_OK)
            return PM_FAULT;
        if (find_script(lua, (pm_slice){made->name, strlen(made->name)}) != made) {
            host->problem(settings, "script",
                          "two scripts are called %s (options and the log go by that name: rename "
                          "one)",
                          made->file);
            return PM_FAULT;
        }
    }
    if (lua->count > 0)
        return PM_OK;
    host->problem(settings, NULL, "there is nothing to run (script \"FILE.lua\")");
    return PM_FAULT;
}

static pm_status read_options(instance *lua, const pm_settings *settings)
{
    const pm_settings *block;
    pm_slice name;

    for (unsigned nth = 0; lua->host->block(settings, "options", nth, &name, &block) == PM_OK;
         nth++) {
        script *owner = find_script(lua, name);

        if (owner == NULL) {
            lua->host->problem(block, NULL, "there is no script %.*s.lua among those named",
                               (int)name.len, name.data);
            return PM_FAULT;
        }
        if (script_read_options(owner, lua->host, block) != PM_OK)
            return PM_FAULT;
    }
    return PM_OK;
}

/* An option that no script asks for is one misspelt. */
static pm_status check_options(const instance *lua)
{
    pm_status status = PM_OK;

    for (size_t i = 0; i < lua->count; i++) {
        const script *owner = &lua->scripts[i];

        for (size_t at = 0; at < owner->option_count; at++) {
            if (owner->options[at].asked_for)
                continue;
            lua->host->problem(owner->options[at].block, owner->options[at].name,
                               "the script %s has no option \"%s\"", owner->file,
                               owner->options[at].name);
            status = PM_FAULT;
        }
    }
    return status;
}

/* The first state, with every script run from its top, so that all say what they declare. */
static pm_status load_scripts(instance *lua, const pm_settings *settings)
{
    sandbox *box = sandbox_new(lua->limits);
    pm_status status = PM_OK;

    if (box == NULL || !run_prepare(box)) {
        sandbox_free(box);
        lua->host->problem(settings, "memory", "no memory for a Lua state");
        return PM_FAULT;
    }
    for (size_t i = 0; i < lua->count; i++)
        if (run_load(box, lua->host, settings, &lua->scripts[i]) != PM_OK)
            status = PM_FAULT;
    sandbox_free(box);
    return status == PM_OK ? check_options(lua) : status;
}

static pm_status open_lua(const pm_host *host, const pm_settings *settings, void **instance_out)
{
    instance *lua = calloc(1, sizeof(*lua) + MOST_SCRIPTS * sizeof(lua->scripts[0]));
    int64_t memory, states;

    if (lua == NULL) {
        host->problem(settings, NULL, "no memory");
        return PM_FAULT;
    }
    lua->host = host;
    if (host->option_number(settings, "memory", 0, &memory) != PM_OK ||
        host->option_number(settings, "instructions", 0, &lua->limits.work) != PM_OK ||
        host->option_number(settings, "states", 0, &states) != PM_OK)
        goto fault;
    lua->limits.memory = (size_t)memory;
    if (read_scripts(lua, settings) != PM_OK || read_options(lua, settings) != PM_OK ||
        load_scripts(lua, settings) != PM_OK)
        goto fault;
    lua->states = pool_new((unsigned)states, make_state, lua);
    if (lua->states == NULL) {
        host->problem(settings, NULL, "no memory");
        goto fault;
    }
    *instance_out = lua;
    return PM_OK;
fault:
    close_lua(lua);
    return PM_FAULT;
}

/* ---- Scanning ---- */

static pm_status scan_lua(void *context, pm_scan *scan)
{
    instance *lua = context;
    const int64_t left = lua->host->time_left(scan);
    pm_status worst = PM_OK;
    sandbox *box;

    if (left <= 0)
        return PM_LIMIT;
    box = pool_take(lua->states, left / 2); /* the other half is for what comes behind */
    if (box == NULL) {
        lua->host->log(scan, PM_LEVEL_WARNING,
                       "no state was free in time (raise the option states)");
        return PM_LIMIT;
    }
    for (size_t i = 0; i < lua->count; i++) {
        const pm_status status = run_letter(box, lua->host, scan, &lua->scripts[i]);

        if (status != PM_OK)
            worst = status;
    }
    pool_give(lua->states, box, worst == PM_OK ? POOL_CLEAN : POOL_SPOILED);
    return worst;
}

static const pm_option options[] = {
    {"script", PM_OPTION_TEXTS, 0, 0, NULL, "the scripts to run, in this order"},
    {"options", PM_OPTION_BLOCK, 0, 0, NULL, "options NAME { ... }: what the script NAME is told"},
    {"memory", PM_OPTION_NUMBER, 256 * 1024, 64 * 1024 * 1024, "8M",
     "bytes that scripts may hold in one state"},
    {"instructions", PM_OPTION_NUMBER, 1000, 1000 * 1000 * 1000, "200K",
     "how many a script may take for one letter"},
    {"states", PM_OPTION_NUMBER, 1, MOST_STATES, "8", "how many letters may be scanned at once"},
    {NULL, PM_OPTION_TEXT, 0, 0, NULL, NULL},
};

static const pm_plugin plugin = {
    .size = sizeof(plugin),
    .abi_major = PM_ABI_MAJOR,
    .abi_minor = 1,
    .name = "lua",
    .version = PATCHMARK_VERSION,
    .summary = "Runs scripts in Lua that report facts",
    .flags = PM_PLUGIN_NEEDS_BODY,
    .options = options,
    .open = open_lua,
    .scan = scan_lua,
    .close = close_lua,
};

PM_PLUGIN_ENTRY(lua)
{
    return &plugin;
}
