/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * commands - what the subcommands of patchmark share when they run; see commands.h.
 *
 * Not the reading of arguments: patchmark.c does that before any of them runs.
 */
#include "commands.h"
#include "strbuf.h"

#include <errno.h>
#include <stdarg.h>
#include <unistd.h>

void pm_complain(const char *format, ...)
{
    char text[4096];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    fputs("patchmark: ", stderr);
    pm_put_text(stderr, pm_slice_of(text));
    fputc('\n', stderr);
}

void pm_complain_of(const pm_errors *errors)
{
    size_t found = pm_errors_count(errors) + pm_warnings_count(errors), shown = 0;

    for (const char *line; (line = pm_errors_nth(errors, shown)) != NULL; shown++)
        fprintf(stderr, "%s\n", line);
    if (found > shown)
        fprintf(stderr, "... and %zu more\n", found - shown);
}

const void *pm_find_verb(const char *command, const char *written, const void *verbs, size_t count,
                         size_t row_size)
{
    const char *names[PM_VERBS_MOST + 1] = {NULL}, *near;

    for (size_t i = 0; i < count && i < PM_VERBS_MOST; i++) {
        const void *row = (const char *)verbs + i * row_size;

        memcpy(&names[i], row, sizeof(names[i]));
        if (strcmp(written, names[i]) == 0)
            return row;
    }
    near = pm_nearest(pm_slice_of(written), names);
    if (near != NULL)
        pm_complain("%s: cannot \"%s\" (did you mean \"%s %s\"?)", command, written, command, near);
    else
        pm_complain("%s: cannot \"%s\" (\"patchmark help %s\" lists what it can)", command, written,
                    command);
    return NULL;
}

/* "--config, --store and --json". */
static void list_flags(const pm_flag *flags, unsigned takes, pm_strbuf *list)
{
    for (unsigned place = 0; flags[place].name != NULL; place++) {
        bool last = takes >> place == 1;

        if ((takes & PM_TAKES(place)) != 0)
            pm_strbuf_printf(list, "%s--%s",
                             pm_strbuf_slice(list).len == 0 ? ""
                             : last                         ? " and "
                                                            : ", ",
                             flags[place].name);
    }
}

bool pm_flags_go_with(const pm_command *command, const char *verb, unsigned takes,
                      const pm_arguments *arguments)
{
    const pm_flag *flags = command->flags;

    for (unsigned place = 0; flags[place].name != NULL; place++) {
        pm_strbuf list;

        if (arguments->flags[place] == NULL || (takes & PM_TAKES(place)) != 0)
            continue;
        pm_strbuf_init(&list, 1024);
        list_flags(flags, takes, &list);
        if (takes == 0)
            pm_strbuf_add_text(&list, "no options");
        pm_complain("%s: --%s does not go with \"%s\" (it takes %.*s)", command->name,
                    flags[place].name, verb, PM_FMT(pm_strbuf_slice(&list)));
        pm_strbuf_free(&list);
        return false;
    }
    return true;
}

/* No MTA waits for the answer, and what only the machine's load would change is none. */
static void be_patient(pm_snapshot *snapshot)
{
    snapshot->config.message_time_us = PM_PATIENCE_US;
    for (size_t i = 0; i < snapshot->plugin_count; i++)
        pm_plugin_limit(snapshot->plugins[i], PM_PATIENCE_US);
}

pm_snapshot *pm_load_or_complain(const char *file)
{
    const pm_snapshot_options options = {.file = file};
    pm_errors *errors = pm_errors_new();
    pm_snapshot *snapshot = pm_snapshot_load(&options, errors);

    pm_complain_of(errors);
    if (snapshot == NULL && pm_errors_count(errors) == 0)
        pm_complain("no memory for the configuration");
    if (snapshot != NULL)
        be_patient(snapshot);
    pm_errors_free(errors);
    return snapshot;
}

/* A bare file, or "sqlite:FILE": look-ups and corrections make none. */
static bool is_missing_file(const char *where)
{
    const char *file = strncmp(where, "sqlite:", 7) == 0 ? where + 7 : where;

    return strstr(file, "://") == NULL && strncmp(file, "postgres:", 9) != 0 &&
           access(file, F_OK) != 0 && errno == ENOENT;
}

pm_store *pm_open_store_or_complain(const char *file, const pm_snapshot *snapshot, pm_store_use use)
{
    const char *where = file != NULL ? file : snapshot->config.store;
    pm_errors *errors;
    pm_store *store;

    if (where == NULL) {
        pm_complain("%s names no store (name one with --store FILE, or write there: store FILE)",
                    snapshot->config.file);
        return NULL;
    }
    if (use != PM_STORE_WRITE && is_missing_file(where)) {
        pm_complain("%s: there is no store (\"patchmark warm\" makes one from archives, the daemon "
                    "from what comes)",
                    where);
        return NULL;
    }
    errors = pm_errors_new();
    store = pm_store_open(where, use == PM_STORE_READ, errors);
    pm_complain_of(errors);
    if (store == NULL && pm_errors_count(errors) == 0)
        pm_complain("%s: no memory for the store", where);
    pm_errors_free(errors);
    return store;
}

void pm_put_text(FILE *to, pm_slice text)
{
    while (text.len > 0) {
        const unsigned char *at = (const unsigned char *)text.data;
        size_t length = pm_slice_utf8_length(text);
        bool control = length == 1 ? at[0] < 0x20 || at[0] == 0x7f
                                   : length == 2 && at[0] == 0xc2 && at[1] < 0xa0;

        if (length == 0 || control)
            fputc('?', to);
        else
            fwrite(at, 1, length, to);
        text = pm_slice_after(text, length == 0 ? 1 : length);
    }
}
