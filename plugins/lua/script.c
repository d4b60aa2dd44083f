/* SPDX-License-Identifier: BSD-2-Clause */
/* script - a script's text, options and declarations; see script.h. */
#include "script.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *copy(const char *bytes, size_t len)
{
    char *made = malloc(len + 1);

    if (made == NULL)
        return NULL;
    memcpy(made, bytes, len);
    made[len] = '\0';
    return made;
}

/* ---- The file ---- */

/* What is wrong, or NULL. */
static const char *read_source(script *made, int file)
{
    struct stat about;

    if (fstat(file, &about) != 0)
        return strerror(errno);
    if (!S_ISREG(about.st_mode))
        return "it is no regular file";
    if (about.st_size > SCRIPT_LONGEST)
        return "it is longer than 1M (split it up)";
    made->source = malloc((size_t)about.st_size + 1);
    if (made->source == NULL)
        return strerror(ENOMEM);
    while (made->size < (size_t)about.st_size) {
        const ssize_t got =
            read(file, made->source + made->size, (size_t)about.st_size - made->size);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return strerror(errno);
        if (got == 0)
            break;
        made->size += (size_t)got;
    }
    made->source[made->size] = '\0';
    return NULL;
}

/* "/etc/patchmark/backport.lua": backport.lua and backport. */
static bool name_it(script *made, pm_slice path)
{
    static const char suffix[] = ".lua";
    const size_t behind = sizeof(suffix) - 1;
    const char *slash;
    size_t len;

    made->path = copy(path.data, path.len);
    if (made->path == NULL)
        return false;
    slash = strrchr(made->path, '/');
    made->file = slash == NULL ? made->path : slash + 1;
    len = strlen(made->file);
    if (len > behind && strcmp(made->file + len - behind, suffix) == 0)
        len -= behind;
    made->name = copy(made->file, len);
    return made->name != NULL;
}

pm_status script_read(script *made, const pm_host *host, const pm_settings *settings,
                      pm_slice written)
{
    const char *wrong;
    pm_slice path;
    int file;

    memset(made, 0, sizeof(*made));
    if (host->resolve_path(settings, written, &path) != PM_OK || !name_it(made, path)) {
        host->problem(settings, "script", "no memory for the script %.*s", (int)written.len,
                      written.data);
        return PM_FAULT;
    }
    file = open(made->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* not to wait for a pipe */
    if (file < 0) {
        host->problem(settings, "script", "cannot read the script %s: %s", made->path,
                      strerror(errno));
        return PM_FAULT;
    }
    wrong = read_source(made, file);
    close(file);
    if (wrong == NULL)
        return PM_OK;
    host->problem(settings, "script", "cannot read the script %s: %s", made->path, wrong);
    return PM_FAULT;
}

void script_free(script *unused)
{
    for (size_t i = 0; i < unused->option_count; i++) {
        for (size_t value = 0; value < unused->options[i].count; value++)
            free(unused->options[i].values[value]);
        free(unused->options[i].values);
        free(unused->options[i].name);
    }
    for (size_t i = 0; i < unused->fact_count; i++)
        free(unused->facts[i].name);
    for (size_t i = 0; i < unused->need_count; i++)
        free(unused->needs[i]);
    free(unused->source);
    free(unused->name);
    free(unused->path);
}

/* ---- Options ---- */

script_option *script_find_option(script *in, const char *name)
{
    for (size_t i = 0; i < in->option_count; i++)
        if (strcmp(in->options[i].name, name) == 0)
            return &in->options[i];
    return NULL;
}

static bool add_value(script_option *to, pm_slice value)
{
    char **grown = realloc(to->values, (to->count + 1) * sizeof(*grown));

    if (grown == NULL)
        return false;
    to->values = grown;
    to->values[to->count] = copy(value.data, value.len);
    return to->values[to->count] != NULL && ++to->count > 0;
}

/* The option of that name, if need be a new one. */
static script_option *want_option(script *in, pm_slice word, const pm_settings *block)
{
    char *name = copy(word.data, word.len);
    script_option *found = name == NULL ? NULL : script_find_option(in, name);

    if (found != NULL || name == NULL || in->option_count == SCRIPT_MOST_OPTIONS) {
        free(name);
        return found;
    }
    in->options[in->option_count] = (script_option){.name = name, .block = block};
    return &in->options[in->option_count++];
}

pm_status script_read_options(script *to, const pm_host *host, const pm_settings *block)
{
    pm_slice word;

    for (unsigned nth = 0; host->statement(block, nth, 0, &word) == PM_OK; nth++) {
        script_option *option = want_option(to, word, block);
        pm_slice value;

        if (option == NULL) {
            host->problem(block, NULL, "more than %d options for the script %s",
                          SCRIPT_MOST_OPTIONS, to->file);
            return PM_FAULT;
        }
        for (unsigned at = 1; host->statement(block, nth, at, &value) == PM_OK; at++) {
            if (!add_value(option, value)) {
                host->problem(block, option->name, "no memory for its values");
                return PM_FAULT;
            }
        }
    }
    return PM_OK;
}

/* ---- What it declares ---- */

const script_fact *script_find_fact(const script *in, const char *name)
{
    for (size_t i = 0; i < in->fact_count; i++)
        if (strcmp(in->facts[i].name, name) == 0)
            return &in->facts[i];
    return NULL;
}

bool script_needs(const script *in, const char *fact)
{
    for (size_t i = 0; i < in->need_count; i++)
        if (strcmp(in->needs[i], fact) == 0)
            return true;
    return false;
}

const char *script_add_fact(script *to, const char *name, pm_fact_type type)
{
    const script_fact *same = script_find_fact(to, name);
    char *made;

    if (same != NULL)
        return same->type == type ? NULL : "it is declared with two types";
    if (to->fact_count == SCRIPT_MOST_FACTS)
        return "a script may declare 64 facts at most";
    made = copy(name, strlen(name));
    if (made == NULL)
        return "no memory";
    to->facts[to->fact_count++] = (script_fact){made, type};
    return NULL;
}

const char *script_add_need(script *to, const char *name)
{
    char *made;

    if (script_needs(to, name))
        return NULL;
    if (to->need_count == SCRIPT_MOST_NEEDS)
        return "a script may need 64 facts at most";
    made = copy(name, strlen(name));
    if (made == NULL)
        return "no memory";
    to->needs[to->need_count++] = made;
    return NULL;
}
