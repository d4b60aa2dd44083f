/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plugin_fuzz - the fuzz target of any plugin: a mail of random bytes on the harness, and some
 * hardship with it. patchmark_add_plugin builds it with PLUGIN_ENTRY, the entry of the static twin,
 * and PLUGIN_SETTINGS, what must stand in the plugin's block for it to start.
 *
 * The first byte chooses the hardship. The harness reads no letters, so a header field that is
 * called as a field of letters is (`path: drivers/a.c`, `part: 3`) becomes a value of that field.
 */
#include <harness.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef PLUGIN_SETTINGS
#define PLUGIN_SETTINGS "" /* most need none */
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const pm_plugin *PLUGIN_ENTRY(void);

static void set_field(pm_bench *bench, const char *line, size_t len)
{
    const char *colon = memchr(line, ':', len), *name;
    pm_fact_type type;

    if (colon == NULL)
        return;
    for (size_t nth = 0; pm_bench_field(nth, &name, &type); nth++) {
        const size_t from = (size_t)(colon - line) + 1;

        if (strlen(name) != from - 1 || memcmp(name, line, from - 1) != 0)
            continue;
        if (type == PM_FACT_TEXT) {
            pm_bench_text_bytes(bench, name, line + from, len - from);
        } else {
            char digits[24] = "";

            memcpy(digits, line + from, len - from < 23 ? len - from : 23);
            pm_bench_number(bench, name, strtoll(digits, NULL, 10));
        }
        return;
    }
}

static void set_fields(pm_bench *bench, const char *mail, size_t size)
{
    while (size > 0 && *mail != '\n') {
        const char *end = memchr(mail, '\n', size);
        const size_t len = end == NULL ? size : (size_t)(end - mail);

        set_field(bench, mail, len);
        mail += len + (end != NULL);
        size -= len + (end != NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static pm_bench *bench;
    pm_status status;

    if (bench == NULL) {
        bench = pm_bench_new(PLUGIN_ENTRY(), PLUGIN_SETTINGS);
        if (pm_bench_problem(bench) != NULL) {
            fprintf(stderr, "%s\n", pm_bench_problem(bench));
            exit(2);
        }
    }
    if (size == 0)
        return 0;
    pm_bench_mail_bytes(bench, data + 1, size - 1);
    set_fields(bench, (const char *)data + 1, size - 1);
    if ((data[0] & 1) != 0)
        pm_bench_memory(bench, (size_t)data[0] * 16);
    if ((data[0] & 2) != 0)
        pm_bench_look_ups(bench, data[0] >> 3);
    if ((data[0] & 4) != 0)
        pm_bench_time(bench, -1);
    status = pm_bench_scan(bench);
    if (status < PM_FAULT || status > PM_ABSENT || strstr(pm_bench_log(bench), "not declared"))
        abort();
    return 0;
}
