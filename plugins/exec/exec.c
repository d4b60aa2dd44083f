/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * exec - asks programs in any language about each letter, over a line protocol. Manual: exec.md;
 * the protocol is protocol.md.
 *
 * A program runs beside us, as a user of its own: when it hangs or crashes, that costs its facts
 * about one letter. Here are the configuration and one conversation; keeper.c has the processes.
 */
#include <patchmark/plugin.h>

#include "keeper.h"

#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <limits.h>
#include <pwd.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    MOST_PROGRAMS = 32,
    MOST_WORDS = 64,    /* of a command */
    MOST_GROUPS = 64,   /* of a user */
    MOST_VALUES = 5000, /* of a field or a fact; a letter's longer lists are cut */
};

/* ---- Configuration ---- */

/* The numbers a block may have. */
static const struct number {
    const char *word;
    int64_t least, most, usual;
    const char *range;
} numbers[] = {
    {"processes", 1, 64, 2, "1 to 64"},
    {"deadline", 1000, 60 * 1000000, 40 * 1000, "1ms to 60s, with its unit"},
    {"start", 100 * 1000, 60 * 1000000, 5 * 1000000, "100ms to 60s, with its unit"},
    {"memory", 0, INT64_MAX, 0, "a size, for instance 256M"},
};
enum { PROCESSES, DEADLINE, START, MEMORY, NUMBERS };

typedef struct asked { /* a program, as the configuration has it */
    char *name;
    pm_exec_command command;
    int64_t numbers[NUMBERS];
    pm_exec_program *program;
    const pm_exec_greeting *greeting;
    const pm_settings *block; /* only in open() */
    atomic_bool told;         /* that a letter's time was too short for it */
} asked;

typedef struct instance {
    const pm_host *host;
    asked programs[MOST_PROGRAMS];
    size_t count;
    pm_exec_keeper *keeper;
} instance;

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

static void close_exec(void *context)
{
    instance *of = context;

    if (of == NULL)
        return;
    pm_exec_keeper_free(of->keeper);
    for (size_t i = 0; i < of->count; i++) {
        asked *program = &of->programs[i];

        for (char **word = program->command.argv; word != NULL && *word != NULL; word++)
            free(*word);
        free(program->command.argv);
        free(program->command.file);
        free(program->command.groups);
        free(program->name);
    }
    free(of);
}

static pm_status no_memory(const instance *of, const pm_settings *block)
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

static pm_status read_name(instance *of, asked *program, pm_slice name)
{
    if (!is_name(name)) {
        of->host->problem(program->block, NULL,
                          "a program needs a name of a-z, 0-9 and -: program NAME { ... }");
        return PM_FAULT;
    }
    for (size_t i = 0; i + 1 < of->count; i++) {
        if (!is(name, of->programs[i].name))
            continue;
        of->host->problem(program->block, NULL, "there are two programs called %.*s (rename one)",
                          (int)name.len, name.data);
        return PM_FAULT;
    }
    program->name = copy(name);
    return program->name == NULL ? no_memory(of, program->block) : PM_OK;
}

/* A word that nobody knows would otherwise be a setting that nobody heeds. */
static pm_status check_words(const instance *of, const pm_settings *block)
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

static pm_status read_numbers(const instance *of, asked *program)
{
    for (size_t i = 0; i < NUMBERS; i++) {
        const struct number *number = &numbers[i];
        int64_t *value = &program->numbers[i];
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
static pm_status check_trust(const instance *of, const asked *program, const char *path)
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
static pm_status check_file(const instance *of, asked *program)
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

static pm_status read_command(const instance *of, asked *program)
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
static pm_status find_user(const instance *of, asked *program, const char *name)
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

static pm_status read_user(const instance *of, asked *program)
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

static pm_status read_program(instance *of, asked *program, pm_slice name)
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
    program->command.memory = (uint64_t)program->numbers[MEMORY];
    terms = (pm_exec_terms){.name = program->name,
                            .command = &program->command,
                            .processes = (unsigned)program->numbers[PROCESSES],
                            .start_us = program->numbers[START]};
    program->program = pm_exec_keeper_add(of->keeper, &terms);
    return program->program == NULL ? no_memory(of, program->block) : PM_OK;
}

static pm_status read_programs(instance *of, const pm_settings *settings)
{
    const pm_host *host = of->host;
    const pm_settings *block;
    pm_slice name;

    for (unsigned nth = 0; host->block(settings, "program", nth, &name, &block) == PM_OK; nth++) {
        asked *program = &of->programs[of->count];
        pm_status status;

        if (of->count == MOST_PROGRAMS) {
            host->problem(block, NULL, "more than %d programs (leave some out)", MOST_PROGRAMS);
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

/* What a greeting asks for and promises becomes the plugin's own. */
static pm_status declare(const instance *of, const pm_settings *settings, const asked *program)
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
static pm_status greet_programs(instance *of, const pm_settings *settings)
{
    if (of->count == 0)
        return PM_OK;
    if (!pm_exec_keeper_run(of->keeper)) {
        of->host->problem(settings, NULL, "no thread can be started");
        return PM_FAULT;
    }
    for (size_t i = 0; i < of->count; i++) {
        asked *program = &of->programs[i];
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
    instance *of = calloc(1, sizeof(*of));
    pm_status status;

    if (of == NULL)
        return PM_FAULT;
    of->host = host;
    of->keeper = pm_exec_keeper_new(host);
    status = of->keeper == NULL ? PM_FAULT : read_programs(of, settings);
    if (status == PM_OK)
        status = greet_programs(of, settings);
    if (status != PM_OK) {
        close_exec(of);
        return PM_FAULT;
    }
    *instance_out = of;
    return PM_OK;
}

/* ---- Sending a letter ---- */

/* Where the lines of a letter go: first they are only counted, as a letter is sent whole or not at
 * all, then they are sent, a buffer at a time. */
typedef struct output {
    const pm_exec_process *to; /* NULL: count */
    int64_t deadline_us;
    pm_exec_io io;
    size_t sent, used;
    char bytes[16 * 1024];
} output;

static void flush(output *out)
{
    if (out->to != NULL && out->io == PM_EXEC_FINE)
        out->io = pm_exec_process_send(out->to, out->bytes, out->used, out->deadline_us);
    out->used = 0;
}

static void put(output *out, const char *data, size_t len)
{
    out->sent += len;
    if (out->to == NULL)
        return;
    if (out->used + len > sizeof(out->bytes))
        flush(out);
    memcpy(out->bytes + out->used, data, len); /* words are far shorter than the buffer */
    out->used += len;
}

static void put_word(output *out, const char *text)
{
    put(out, text, strlen(text));
    put(out, " ", 1);
}

static void put_value(output *out, pm_slice value)
{
    if (out->to == NULL) {
        out->sent += pm_exec_escaped_length(value);
    } else {
        while (value.len > 0) {
            if (out->used + 3 > sizeof(out->bytes))
                flush(out);
            out->used +=
                pm_exec_escape(&value, out->bytes + out->used, sizeof(out->bytes) - out->used);
        }
    }
    put(out, "\n", 1);
}

static void put_number(output *out, int64_t number)
{
    char text[PM_EXEC_NUMBER];
    const int length = snprintf(text, sizeof(text), "%" PRId64, number);

    put_value(out, (pm_slice){text, (size_t)length});
}

/* One value of a field, text or number as it is. */
static pm_status put_field(const instance *of, pm_scan *scan, const char *name, unsigned nth,
                           output *out)
{
    pm_slice text;
    int64_t number = 0;
    pm_status status = of->host->letter_text(scan, name, nth, &text);
    const bool is_text = status != PM_FAULT;

    if (!is_text)
        status = of->host->letter_number(scan, name, nth, &number);
    if (status != PM_OK)
        return status;
    put_word(out, "field");
    put_word(out, name);
    if (is_text)
        put_value(out, text);
    else
        put_number(out, number);
    return PM_OK;
}

static pm_status put_fact(const instance *of, pm_scan *scan, const char *name, unsigned nth,
                          output *out)
{
    char weight_text[PM_EXEC_NUMBER];
    pm_slice text;
    int64_t number = 0;
    double weight = 1;
    pm_status status = of->host->fact_text(scan, name, nth, &text, &weight);
    const bool is_text = status != PM_FAULT;

    if (!is_text)
        status = of->host->fact_number(scan, name, nth, &number, &weight);
    if (status != PM_OK)
        return status;
    pm_exec_print_weight(weight, weight_text);
    put_word(out, "fact");
    put_word(out, name);
    put_word(out, weight_text);
    if (is_text)
        put_value(out, text);
    else
        put_number(out, number);
    return PM_OK;
}

typedef pm_status (*put_fn)(const instance *, pm_scan *, const char *, unsigned, output *);

/* All values of a name. */
static pm_status put_all(const instance *of, pm_scan *scan, const char *name, put_fn put_one,
                         output *out)
{
    pm_status status = PM_OK;

    for (unsigned nth = 0; status == PM_OK && nth < MOST_VALUES; nth++)
        status = put_one(of, scan, name, nth, out);
    return status == PM_ABSENT ? PM_OK : status;
}

/* Everything the program wants to see of the letter. name_out is what could not be had. */
static pm_status put_letter(const instance *of, const asked *program, pm_scan *scan, uint64_t id,
                            output *out, const char **name_out)
{
    const pm_exec_greeting *greeting = program->greeting;
    char line[64];
    pm_status status = PM_OK;
    int length;

    length = snprintf(line, sizeof(line), "letter %" PRIu64 " %" PRId64 "\n", id,
                      program->numbers[DEADLINE]);
    put(out, line, (size_t)length);
    for (size_t i = 0; status == PM_OK && i < greeting->field_count; i++)
        status = put_all(of, scan, *name_out = greeting->fields[i], put_field, out);
    for (size_t i = 0; status == PM_OK && i < greeting->need_count; i++)
        status = put_all(of, scan, *name_out = greeting->needs[i], put_fact, out);
    length = snprintf(line, sizeof(line), "end %" PRIu64 "\n", id);
    put(out, line, (size_t)length);
    flush(out);
    return status;
}

/* ---- One conversation ---- */

/* What came of asking one program. */
struct upshot {
    pm_status status;
    char why[PM_EXEC_WHY]; /* when it is not PM_OK */
    const char *wrong;     /* what the program did wrong, so that it is ended; NULL: nothing */
};

static const char *io_problem(pm_exec_io io)
{
    switch (io) {
    case PM_EXEC_FINE:
        break;
    case PM_EXEC_LATE:
        return "it did not answer before its deadline";
    case PM_EXEC_GONE:
        return "it ended, or closed its input or output, instead of answering";
    }
    return "";
}

/* The keeper says better how a process has ended. */
static const char *wrong_for_log(pm_exec_io io)
{
    return io == PM_EXEC_GONE ? "" : io_problem(io);
}

static void fail(struct upshot *upshot, pm_status status, const char *why)
{
    upshot->status = status;
    snprintf(upshot->why, sizeof(upshot->why), "%s", why);
}

static void hear(const asked *program, pm_exec_worker *worker, int64_t deadline_us,
                 struct upshot *upshot)
{
    pm_exec_answer *answer = &worker->answer;
    pm_exec_state state = PM_EXEC_MORE;

    while (state == PM_EXEC_MORE) {
        size_t got = 0;
        const pm_exec_io io =
            pm_exec_process_receive(&worker->process, answer->said + answer->len,
                                    sizeof(answer->said) - answer->len, deadline_us, &got);

        answer->len += got;
        if (got > 0)
            state = pm_exec_answer_read(answer, program->greeting, worker->letters);
        if (state == PM_EXEC_MORE && io != PM_EXEC_FINE) {
            fail(upshot, PM_LATER, io_problem(io));
            upshot->wrong = wrong_for_log(io);
            return;
        }
    }
    if (state != PM_EXEC_DONE)
        fail(upshot, PM_LATER, answer->why);
    if (state == PM_EXEC_GARBAGE)
        upshot->wrong = upshot->why;
    else if (pm_exec_answer_goes_on(answer))
        upshot->wrong = "it said more than its answer";
}

static void report(const instance *of, pm_scan *scan, const pm_exec_answer *answer,
                   struct upshot *upshot)
{
    for (size_t i = 0; i < answer->count && upshot->status == PM_OK; i++) {
        const pm_exec_fact *from = &answer->facts[i];
        const pm_fact fact = {.size = sizeof(fact),
                              .name = from->decl->name,
                              .text = from->text,
                              .number = from->number,
                              .weight = from->weight,
                              .reason = from->reason};

        upshot->status = of->host->add_fact(scan, &fact);
        if (upshot->status != PM_OK)
            snprintf(upshot->why, sizeof(upshot->why),
                     upshot->status == PM_LIMIT ? "its fact %s is one too many for a letter"
                                                : "its fact %s has a value that cannot be",
                     from->decl->name);
    }
}

static void talk(const instance *of, const asked *program, pm_scan *scan, pm_exec_worker *worker,
                 output *out, struct upshot *upshot)
{
    const int64_t deadline_us = pm_exec_now() + program->numbers[DEADLINE];
    const char *unused = NULL;
    pm_status sent;

    *out = (output){.to = &worker->process, .deadline_us = deadline_us};
    worker->letters++;
    pm_exec_answer_begin(&worker->answer);
    sent = put_letter(of, program, scan, worker->letters, out, &unused);
    if (out->io != PM_EXEC_FINE) {
        fail(upshot, PM_LATER, io_problem(out->io));
        upshot->wrong = wrong_for_log(out->io);
        return;
    }
    hear(program, worker, deadline_us, upshot);
    /* A look-up failed that had not when the letter was counted: it has answered half a letter. */
    if (upshot->status == PM_OK && sent != PM_OK)
        fail(upshot, sent, "a part of the letter could not be told");
    if (upshot->status == PM_OK)
        report(of, scan, &worker->answer, upshot);
}

/* Can the letter be sent to this program at all? */
static void prepare(const instance *of, const asked *program, pm_scan *scan, output *out,
                    struct upshot *upshot)
{
    const char *name = "";

    *out = (output){.to = NULL};
    upshot->status = put_letter(of, program, scan, 0, out, &name);
    if (upshot->status == PM_FAULT) {
        snprintf(upshot->why, sizeof(upshot->why),
                 "it asks for \"%.100s\", which no letter has (see `patchmark plugin list "
                 "--fields`)",
                 name);
        of->host->log(scan, PM_LEVEL_ERROR, "program %s: %s", program->name, upshot->why);
    } else if (upshot->status != PM_OK) {
        snprintf(upshot->why, sizeof(upshot->why), "\"%.100s\" cannot be told now", name);
    } else if (out->sent > PM_EXEC_LETTER) {
        fail(upshot, PM_LIMIT, "what it asks for of this letter is more than 16 MiB");
    }
}

/* How long a letter may wait for a process of the program to be free: not in the time that this
 * program, or the slowest one behind it, then has to answer in. */
static int64_t time_to_wait(const instance *of, const asked *program, int64_t left_us)
{
    int64_t reserve = 0;

    for (const asked *later = program + 1; later < of->programs + of->count; later++)
        if (later->numbers[DEADLINE] > reserve)
            reserve = later->numbers[DEADLINE];
    left_us -= program->numbers[DEADLINE] + reserve;
    return left_us < 0 ? 0 : left_us;
}

/* A program has its whole deadline or is not asked: it must not be ended because others before it
 * took the letter's time. */
static void ask(const instance *of, const asked *program, pm_scan *scan, output *out,
                struct upshot *upshot)
{
    const int64_t left = of->host->time_left(scan);
    pm_exec_worker *worker;

    if (left < program->numbers[DEADLINE]) {
        fail(upshot, PM_LIMIT, "less of the letter's time is left than its deadline");
        return;
    }
    prepare(of, program, scan, out, upshot);
    if (upshot->status != PM_OK)
        return;
    worker = pm_exec_program_take(program->program, pm_exec_now() + time_to_wait(of, program, left),
                                  upshot->why);
    if (worker == NULL) {
        upshot->status = PM_LATER;
        return;
    }
    talk(of, program, scan, worker, out, upshot);
    pm_exec_program_give(program->program, worker, upshot->wrong);
}

static pm_status say_that_it_failed(const instance *of, const asked *program, pm_scan *scan,
                                    const struct upshot *upshot)
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
static void tell_too_slow(instance *of, pm_scan *scan)
{
    const int64_t left = of->host->time_left(scan);

    for (size_t i = 0; i < of->count; i++) {
        asked *program = &of->programs[i];

        if (left >= program->numbers[DEADLINE] || atomic_exchange(&program->told, true))
            continue;
        of->host->log(scan, PM_LEVEL_WARNING,
                      "program %s is not asked: its deadline is %" PRId64
                      " ms, and there were %" PRId64
                      " ms for this letter (lower the one, or raise limits { plugin-time } and "
                      "limits { time })",
                      program->name, program->numbers[DEADLINE] / 1000, left < 0 ? 0 : left / 1000);
    }
}

/* One after the other; what one fails at is not the others' fault. */
static pm_status scan_letter(void *context, pm_scan *scan)
{
    instance *of = context;
    pm_status worst = PM_OK;
    output *out;

    if (of->count == 0)
        return PM_OK;
    out = of->host->scratch(scan, sizeof(*out));
    if (out == NULL)
        return PM_LIMIT;
    tell_too_slow(of, scan);
    for (size_t i = 0; i < of->count; i++) {
        struct upshot upshot = {.status = PM_OK};

        ask(of, &of->programs[i], scan, out, &upshot);
        if (upshot.status != PM_OK)
            worst = say_that_it_failed(of, &of->programs[i], scan, &upshot);
    }
    return worst;
}

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
