/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * exec - asks programs in any language about each letter, over a line protocol. Manual: exec.md;
 * the protocol is protocol.md.
 *
 * A program runs beside us, as a user of its own: when it hangs or crashes, that costs its facts
 * about one letter. Here is the plugin as its host sees it; programs.c reads the configuration,
 * keeper.c has the processes, conversation.c asks one of them about a letter.
 */
#include "conversation.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- Opening ---- */

static void close_exec(void *context)
{
    pm_exec_programs *of = context;

    if (of == NULL)
        return;
    pm_exec_keeper_free(of->keeper);
    pm_exec_programs_forget(of);
    free(of);
}

/* What a greeting asks for and promises becomes the plugin's own. */
static pm_status declare(const pm_exec_programs *of, const pm_settings *settings,
                         const pm_exec_asked *program)
{
    const pm_exec_greeting *greeting = program->greeting;
    pm_status status = PM_OK;

    for (size_t i = 0; status == PM_OK && i < greeting->fact_count; i++)
        status = of->host->declare_fact(settings, &greeting->facts[i]);
    for (size_t i = 0; status == PM_OK && i < greeting->need_count; i++)
        status = of->host->declare_need(settings, greeting->needs[i]);
    if (status != PM_OK)
        of->host->problem(program->block, NULL, "program %s declares facts or needs that cannot be",
                          program->name);
    return status;
}

/* All of them start at once; then each is waited for. */
static pm_status greet_programs(pm_exec_programs *of, const pm_settings *settings)
{
    if (of->count == 0)
        return PM_OK;
    if (!pm_exec_keeper_run(of->keeper)) {
        of->host->problem(settings, NULL, "no thread can be started");
        return PM_FAULT;
    }
    for (size_t i = 0; i < of->count; i++) {
        pm_exec_asked *program = &of->items[i];
        char why[PM_EXEC_WHY];
        pm_status status;

        program->greeting = pm_exec_program_wait(program->program, why);
        if (program->greeting == NULL) {
            of->host->problem(program->block, "command", "program %s: %s", program->name, why);
            return PM_FAULT;
        }
        status = declare(of, settings, program);
        program->block = NULL; /* it lives no longer than open() */
        if (status != PM_OK)
            return status;
    }
    return PM_OK;
}

static pm_status open_exec(const pm_host *host, const pm_settings *settings, void **instance_out)
{
    pm_exec_programs *of = calloc(1, sizeof(*of));
    pm_status status;

    if (of == NULL)
        return PM_FAULT;
    of->host = host;
    of->keeper = pm_exec_keeper_new(host);
    status = of->keeper == NULL ? PM_FAULT : pm_exec_programs_read(of, settings);
    if (status == PM_OK)
        status = greet_programs(of, settings);
    if (status != PM_OK) {
        close_exec(of);
        return PM_FAULT;
    }
    *instance_out = of;
    return PM_OK;
}

/* ---- Asking ---- */

/* How long a letter may wait for a process of the program to be free: not in the time that this
 * program, or the slowest one behind it, then has to answer in. */
static int64_t time_to_wait(const pm_exec_programs *of, const pm_exec_asked *program,
                            int64_t left_us)
{
    int64_t reserve = 0;

    for (const pm_exec_asked *later = program + 1; later < of->items + of->count; later++)
        if (later->deadline_us > reserve)
            reserve = later->deadline_us;
    left_us -= program->deadline_us + reserve;
    return left_us < 0 ? 0 : left_us;
}

/* A program has its whole deadline or is not asked: it must not be ended because others before it
 * took the letter's time. */
static pm_exec_upshot ask(const pm_exec_programs *of, const pm_exec_asked *program,
                          const pm_exec_letter *letter)
{
    const int64_t left_us = of->host->time_left(letter->scan);

    if (left_us < program->deadline_us)
        return (pm_exec_upshot){PM_LIMIT, "less of the letter's time is left than its deadline"};
    return pm_exec_ask(letter, program, time_to_wait(of, program, left_us));
}

static pm_status say_that_it_failed(const pm_exec_programs *of, const pm_exec_asked *program,
                                    pm_scan *scan, const pm_exec_upshot *upshot)
{
    const pm_fact fact = {.size = sizeof(fact),
                          .name = "exec.failed",
                          .text = {program->name, strlen(program->name)},
                          .weight = 1,
                          .reason = {upshot->why, strlen(upshot->why)}};

    of->host->add_fact(scan, &fact);
    return upshot->status;
}

/* A deadline that is longer than what a plugin has for a letter is most likely a slip: such a
 * program is never asked. Said once, for every letter would say it again. */
static void tell_too_slow(pm_exec_programs *of, pm_scan *scan)
{
    const int64_t left_us = of->host->time_left(scan);

    for (size_t i = 0; i < of->count; i++) {
        pm_exec_asked *program = &of->items[i];

        if (left_us >= program->deadline_us || atomic_exchange(&program->told, true))
            continue;
        of->host->log(scan, PM_LEVEL_WARNING,
                      "program %s is not asked: its deadline is %" PRId64
                      " ms, and there were %" PRId64
                      " ms for this letter (lower the one, or raise limits { plugin-time } and "
                      "limits { time })",
                      program->name, program->deadline_us / 1000, left_us < 0 ? 0 : left_us / 1000);
    }
}

/* One after the other; what one fails at is not the others' fault. */
static pm_status scan_letter(void *context, pm_scan *scan)
{
    pm_exec_programs *of = context;
    pm_exec_letter letter = {.host = of->host, .scan = scan};
    pm_status worst = PM_OK;

    if (of->count == 0)
        return PM_OK;
    letter.output = of->host->scratch(scan, sizeof(*letter.output));
    if (letter.output == NULL)
        return PM_LIMIT;
    tell_too_slow(of, scan);
    for (size_t i = 0; i < of->count; i++) {
        const pm_exec_upshot upshot = ask(of, &of->items[i], &letter);

        if (upshot.status != PM_OK)
            worst = say_that_it_failed(of, &of->items[i], scan, &upshot);
    }
    return worst;
}

/* ---- The plugin ---- */

static const pm_option options[] = {
    {"program", PM_OPTION_BLOCK, 0, 0, NULL,
     "program NAME { command FILE ... }: a program to ask; see exec.md"},
    {NULL, PM_OPTION_TEXT, 0, 0, NULL, NULL},
};

static const pm_fact_decl facts[] = {
    {"exec.failed", PM_FACT_TEXT, "the name of a program that could not tell; its reason says why"},
    {NULL, PM_FACT_TEXT, NULL},
};

static const pm_plugin plugin = {
    .size = sizeof(plugin),
    .abi_major = PM_ABI_MAJOR,
    .abi_minor = 1, /* for declare_fact */
    .name = "exec",
    .version = "1.0",
    .summary = "Asks programs in any language about each letter",
    .flags = PM_PLUGIN_NEEDS_BODY | PM_PLUGIN_MAY_BLOCK,
    .options = options,
    .facts = facts,
    .open = open_exec,
    .scan = scan_letter,
    .close = close_exec,
};

PM_PLUGIN_ENTRY(exec)
{
    return &plugin;
}
