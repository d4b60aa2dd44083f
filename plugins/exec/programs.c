/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * programs - the programs that the configuration names; see programs.h.
 *
 * What is run becomes a part of what decides about mail, so its file and folder are checked as a
 * plugin's are.
 */
#include "programs.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    MOST_WORDS = 64,  /* of a command */
    MOST_GROUPS = 64, /* of a user */
};

/* The numbers a block may have. */
static const struct number {
    const char *word;
    size_t member;
    int64_t least, most, usual;
    const char *range;
} numbers[] = {
    {"processes", offsetof(pm_exec_asked, processes), 1, 64, 2, "1 to 64"},
    {"deadline", offsetof(pm_exec_asked, deadline_us), 1000, 60 * 1000000, 40 * 1000,
     "1ms to 60s, with its unit"},
    {"start", offsetof(pm_exec_asked, start_us), 100 * 1000, 60 * 1000000, 5 * 1000000,
     "100ms to 60s, with its unit"},
    {"memory", offsetof(pm_exec_asked, memory), 0, INT64_MAX, 0, "a size, for instance 256M"},
};
#define NUMBERS (sizeof(numbers) / sizeof(numbers[0]))

static char *copy(pm_slice text)
{
    char *made = malloc(text.len + 1);

    if (made == NULL)
        return NULL;
    if (text.len > 0)
        memcpy(made, text.data, text.len);
    made[text.len] = '\0';
    return made;
}

static bool is(pm_slice word, const char *text)
{
    return word.len == strlen(text) && memcmp(word.data, text, word.len) == 0;
}

static pm_status no_memory(const pm_exec_programs *of, const pm_settings *block)
{
    of->host->problem(block, NULL, "no memory");
    return PM_FAULT;
}

/* [a-z][a-z0-9-]*: it stands in facts and log lines. */
static bool is_name(pm_slice name)
{
    if (name.len == 0 || name.len > 64 || name.data[0] < 'a' || name.data[0] > 'z')
        return false;
    for (size_t i = 0; i < name.len; i++) {
        const char c = name.data[i];

        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-')
            return false;
    }
    return true;
}

static pm_status read_name(pm_exec_programs *of, pm_exec_asked *program, pm_slice name)
{
    if (!is_name(name)) {
        of->host->problem(program->block, NULL,
                          "a program needs a name of a-z, 0-9 and -: program NAME { ... }");
        return PM_FAULT;
    }
    for (size_t i = 0; i + 1 < of->count; i++) {
        if (!is(name, of->items[i].name))
            continue;
        of->host->problem(program->block, NULL, "there are two programs called %.*s (rename one)",
                          (int)name.len, name.data);
        return PM_FAULT;
    }
    program->name = copy(name);
    return program->name == NULL ? no_memory(of, program->block) : PM_OK;
}

/* A word that nobody knows would otherwise be a setting that nobody heeds. */
static pm_status check_words(const pm_exec_programs *of, const pm_settings *block)
{
    static const char *const others[] = {"command", "user"};
    pm_slice word, value;

    for (unsigned nth = 0; of->host->statement(block, nth, 0, &word) == PM_OK; nth++) {
        bool known = false;

        for (size_t i = 0; i < NUMBERS; i++)
            known |= is(word, numbers[i].word);
        for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
            known |= is(word, others[i]);
        if (!known) {
            of->host->problem(block, NULL,
                              "a program has no \"%.*s\" (it has command, user, processes, "
                              "deadline, start and memory)",
                              (int)word.len, word.data);
            return PM_FAULT;
        }
        if (of->host->statement(block, nth, 1, &value) != PM_OK ||
            (!is(word, "command") && of->host->statement(block, nth, 2, &value) == PM_OK)) {
            of->host->problem(block, NULL, "\"%.*s\" wants one value", (int)word.len, word.data);
            return PM_FAULT;
        }
    }
    return PM_OK;
}

static pm_status read_numbers(const pm_exec_programs *of, pm_exec_asked *program)
{
    for (size_t i = 0; i < NUMBERS; i++) {
        const struct number *number = &numbers[i];
        int64_t *value = (int64_t *)(void *)((char *)program + number->member);
        const pm_status status = of->host->option_number(program->block, number->word, 0, value);

        if (status == PM_ABSENT) {
            *value = number->usual;
            continue;
        }
        if (status == PM_OK && *value >= number->least && *value <= number->most)
            continue;
        of->host->problem(program->block, number->word, "must be %s", number->range);
        return PM_FAULT;
    }
    return PM_OK;
}

/* It becomes a part of what decides about mail: nobody but root and we may change it. */
static pm_status check_trust(const pm_exec_programs *of, const pm_exec_asked *program,
                             const char *path)
{
    const pm_host *host = of->host;
    struct stat about;

    if (stat(path, &about) != 0) {
        host->problem(program->block, "command", "%s: %s", path, strerror(errno));
        return PM_FAULT;
    }
    if (about.st_uid != 0 && about.st_uid != geteuid()) {
        host->problem(program->block, "command",
                      "%s is not trusted: it belongs to user %u (chown root %s)", path,
                      (unsigned)about.st_uid, path);
        return PM_FAULT;
    }
    if ((about.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        host->problem(program->block, "command",
                      "%s is not trusted: others may write it (chmod go-w %s)", path, path);
        return PM_FAULT;
    }
    return PM_OK;
}

/* The file that is run, where links lead, and its folder. */
static pm_status check_file(const pm_exec_programs *of, pm_exec_asked *program)
{
    char *file = program->command.file, *slash;
    struct stat about;
    pm_status status;

    if (stat(file, &about) != 0 || !S_ISREG(about.st_mode)) {
        of->host->problem(program->block, "command",
                          "there is no program %s (the first value is a file, as /usr/bin/python3; "
                          "each argument is a value of its own)",
                          file);
        return PM_FAULT;
    }
    if ((about.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) == 0) {
        of->host->problem(program->block, "command", "%s cannot be run (chmod +x %s)", file, file);
        return PM_FAULT;
    }
    status = check_trust(of, program, file);
    slash = strrchr(file, '/');
    if (status != PM_OK || slash == NULL || slash == file)
        return status;
    *slash = '\0';
    status = check_trust(of, program, file);
    *slash = '/';
    return status;
}

static pm_status read_command(const pm_exec_programs *of, pm_exec_asked *program)
{
    const pm_host *host = of->host;
    pm_exec_command *command = &program->command;
    pm_slice word, path;
    unsigned count = 0;

    if (host->option_text(program->block, "command", 0, &word) != PM_OK) {
        host->problem(program->block, NULL, "program %s has no command (command FILE ARGUMENT ...)",
                      program->name);
        return PM_FAULT;
    }
    if (host->resolve_path(program->block, word, &path) != PM_OK) {
        host->problem(program->block, "command", "wants the name of a file");
        return PM_FAULT;
    }
    command->file = realpath(path.data, NULL);
    if (command->file == NULL) { /* there is none: let it be said of the path as it is written */
        command->file = copy(path);
        if (command->file == NULL)
            return no_memory(of, program->block);
    }
    command->argv = calloc(MOST_WORDS + 1, sizeof(*command->argv));
    if (command->argv == NULL)
        return no_memory(of, program->block);
    for (; host->option_text(program->block, "command", count, &word) == PM_OK; count++) {
        if (count == MOST_WORDS || memchr(word.data, '\0', word.len) != NULL) {
            host->problem(program->block, "command", "has more than %d words, or a NUL byte",
                          MOST_WORDS);
            return PM_FAULT;
        }
        command->argv[count] = copy(count == 0 ? path : word);
        if (command->argv[count] == NULL)
            return no_memory(of, program->block);
    }
    return check_file(of, program);
}

/* Users and groups are looked up here: between fork and exec it is too late. */
static pm_status find_user(const pm_exec_programs *of, pm_exec_asked *program, const char *name)
{
    pm_exec_command *command = &program->command;
    char room[16 * 1024];
    struct passwd entry, *found = NULL;
    int groups = MOST_GROUPS;

    if (getpwnam_r(name, &entry, room, sizeof(room), &found) != 0 || found == NULL) {
        of->host->problem(program->block, "user", "there is no user \"%s\" here", name);
        return PM_FAULT;
    }
    if (found->pw_uid == geteuid())
        return PM_OK;
    command->groups = calloc(MOST_GROUPS, sizeof(*command->groups));
    if (command->groups == NULL)
        return no_memory(of, program->block);
    if (getgrouplist(name, found->pw_gid, command->groups, &groups) < 0)
        groups = MOST_GROUPS; /* of more it gets the first */
    command->group_count = (size_t)groups;
    command->uid = found->pw_uid;
    command->gid = found->pw_gid;
    command->change_user = true;
    return PM_OK;
}

static pm_status read_user(const pm_exec_programs *of, pm_exec_asked *program)
{
    pm_slice word;
    pm_status status;
    char *name;

    /* Nobody's program runs as root unless somebody says so. */
    if (of->host->option_text(program->block, "user", 0, &word) != PM_OK)
        return geteuid() == 0 ? find_user(of, program, "nobody") : PM_OK;
    name = copy(word);
    if (name == NULL)
        return no_memory(of, program->block);
    status = find_user(of, program, name);
    free(name);
    return status;
}

static pm_status read_program(pm_exec_programs *of, pm_exec_asked *program, pm_slice name)
{
    pm_exec_terms terms;
    pm_status status = read_name(of, program, name);

    if (status == PM_OK)
        status = check_words(of, program->block);
    if (status == PM_OK)
        status = read_numbers(of, program);
    if (status == PM_OK)
        status = read_command(of, program);
    if (status == PM_OK)
        status = read_user(of, program);
    if (status != PM_OK)
        return status;
    program->command.memory = (uint64_t)program->memory;
    terms = (pm_exec_terms){.name = program->name,
                            .command = &program->command,
                            .processes = (unsigned)program->processes,
                            .start_us = program->start_us};
    program->program = pm_exec_keeper_add(of->keeper, &terms);
    return program->program == NULL ? no_memory(of, program->block) : PM_OK;
}

pm_status pm_exec_programs_read(pm_exec_programs *of, const pm_settings *settings)
{
    const pm_host *host = of->host;
    const pm_settings *block;
    pm_slice name;

    for (unsigned nth = 0; host->block(settings, "program", nth, &name, &block) == PM_OK; nth++) {
        pm_exec_asked *program = &of->items[of->count];
        pm_status status;

        if (of->count == PM_EXEC_PROGRAMS) {
            host->problem(block, NULL, "more than %d programs (leave some out)", PM_EXEC_PROGRAMS);
            return PM_FAULT;
        }
        of->count++;
        program->block = block;
        status = read_program(of, program, name);
        if (status != PM_OK)
            return status;
    }
    return PM_OK;
}

void pm_exec_programs_forget(pm_exec_programs *of)
{
    for (size_t i = 0; i < of->count; i++) {
        pm_exec_asked *program = &of->items[i];

        for (char **word = program->command.argv; word != NULL && *word != NULL; word++)
            free(*word);
        free(program->command.argv);
        free(program->command.file);
        free(program->command.groups);
        free(program->name);
    }
    of->count = 0;
}
