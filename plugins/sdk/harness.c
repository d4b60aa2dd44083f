/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * harness - a host that is not patchmark; see harness.h.
 *
 * Simple rather than fast: values are kept in arrays and found by looking at each.
 *
 * Not a second implementation of patchmark: it reads header fields and settings, not letters.
 */
#include "harness.h"

#include <ctype.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MOST_FACTS = 256, LONGEST_FACT = 1024, THREADS = 8, ROUNDS = 50 };

#define USUAL_MEMORY ((size_t)64 * 1024 * 1024)
#define USUAL_TIME   (200 * 1000)

/* ---- Memory and text ---- */

static void *must(void *memory)
{
    if (memory == NULL) {
        fputs("harness: no memory\n", stderr);
        abort();
    }
    return memory;
}

static char *copy(const char *data, size_t len)
{
    char *made = must(malloc(len + 1));

    if (len > 0)
        memcpy(made, data, len);
    made[len] = '\0';
    return made;
}

/* Room for one more in an array that doubles. */
static void *grown(void *items, size_t count, size_t size)
{
    if (count != 0 && (count & (count - 1)) != 0)
        return items;
    return must(realloc(items, (count == 0 ? 1 : count * 2) * size));
}

/* ---- What there is ---- */

/* milter/engine/facts/field.c in short; a test of patchmark's own holds the two together. */
static const struct {
    const char *name;
    pm_fact_type type;
} fields[] = {
    {"kind", PM_FACT_TEXT},         {"subject", PM_FACT_TEXT},
    {"title", PM_FACT_TEXT},        {"prefix", PM_FACT_TEXT},
    {"list-tag", PM_FACT_TEXT},     {"reply", PM_FACT_NUMBER},
    {"rfc", PM_FACT_NUMBER},        {"resend", PM_FACT_NUMBER},
    {"revision", PM_FACT_NUMBER},   {"revision.doubtful", PM_FACT_NUMBER},
    {"reroll", PM_FACT_NUMBER},     {"part", PM_FACT_NUMBER},
    {"total", PM_FACT_NUMBER},      {"message-id", PM_FACT_TEXT},
    {"in-reply-to", PM_FACT_TEXT},  {"reference", PM_FACT_TEXT},
    {"author", PM_FACT_TEXT},       {"author.name", PM_FACT_TEXT},
    {"date", PM_FACT_NUMBER},       {"list", PM_FACT_TEXT},
    {"addressee", PM_FACT_TEXT},    {"sender", PM_FACT_TEXT},
    {"recipient", PM_FACT_TEXT},    {"tag", PM_FACT_TEXT},
    {"has-diff", PM_FACT_NUMBER},   {"path", PM_FACT_TEXT},
    {"path.old", PM_FACT_TEXT},     {"path.lines", PM_FACT_NUMBER},
    {"path.how", PM_FACT_TEXT},     {"files-changed", PM_FACT_NUMBER},
    {"insertions", PM_FACT_NUMBER}, {"deletions", PM_FACT_NUMBER},
    {"shortlog", PM_FACT_TEXT},     {"shortlog.author", PM_FACT_TEXT},
    {"changelog", PM_FACT_TEXT},    {"changelog.revision", PM_FACT_NUMBER},
    {"base-commit", PM_FACT_TEXT},  {"change-id", PM_FACT_TEXT},
    {"supersedes", PM_FACT_TEXT},   {"based-on", PM_FACT_TEXT},
    {"depends-on", PM_FACT_TEXT},   {"text", PM_FACT_TEXT},
    {"body-prose", PM_FACT_TEXT},   {"size", PM_FACT_NUMBER},
};
#define FIELDS (sizeof(fields) / sizeof(fields[0]))

struct value { /* of a field */
    size_t field;
    bool filled_in; /* by the bench itself: the first one that a test sets replaces it */
    char *text;
    size_t len;
    int64_t number;
};

struct header {
    pm_slice name, value;
};

struct fact {
    char *name, *text, *reason, *source;
    int64_t number;
    double weight;
    bool given; /* by the test, as if an earlier plugin had */
};

struct statement {
    char **words;
    size_t count;
    struct pm_settings *block; /* NULL: it has none */
};

struct pm_settings {
    pm_bench *bench;
    struct statement *items;
    size_t count;
};

struct note {
    char *key, *value;
    size_t key_len, value_len; /* no value: it was forgotten */
    int64_t left;              /* seconds */
};

struct scratch {
    struct scratch *next;
    max_align_t bytes[];
};

struct pm_scan {
    const pm_bench *bench;
    struct fact *facts;
    size_t count;
    struct scratch *scratch;
    size_t used;
    unsigned look_ups;  /* that were answered */
    unsigned asked;     /* how often for the time */
    struct note *notes; /* of this letter, each time it noted something */
    size_t note_count;
    bool undeclared;
    char log[4096];
};

struct pm_bench {
    const pm_plugin *plugin;
    pm_settings *settings;
    void *instance;
    bool open;
    char problem[1024];
    char said[1024]; /* what pm_bench_trials answers */
    char **paths;    /* handed out by resolve_path */
    size_t path_count;
    pm_fact_decl *declared; /* in open(); with copies of their texts */
    size_t declared_count;
    struct note *notes; /* of earlier letters */
    size_t note_count;

    char *mail;
    size_t mail_len;
    struct header *headers;
    size_t header_count;
    pm_slice body;
    struct value *values;
    size_t value_count;

    size_t memory;
    int64_t time_left;
    bool time_runs;    /* each time it is asked for, half of it is gone */
    unsigned look_ups; /* so many are answered, the rest with PM_LATER */
    void (*tell)(void *context, const char *trial);
    void *tell_context;
    pm_scan scan;
};

int pm_bench_field(size_t nth, const char **name_out, pm_fact_type *type_out)
{
    if (nth >= FIELDS)
        return false;
    *name_out = fields[nth].name;
    *type_out = fields[nth].type;
    return true;
}

static size_t find_field(const char *name)
{
    size_t at = 0;

    while (at < FIELDS && strcmp(fields[at].name, name) != 0)
        at++;
    return at;
}

/* ---- Reading settings ---- */

static void set_problem(pm_bench *bench, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void set_problem(pm_bench *bench, const char *format, ...)
{
    va_list args;

    if (bench->problem[0] != '\0')
        return; /* the first one is the one to mend first */
    va_start(args, format);
    vsnprintf(bench->problem, sizeof(bench->problem), format, args);
    va_end(args);
}

static void free_settings(pm_settings *settings)
{
    if (settings == NULL)
        return;
    for (size_t i = 0; i < settings->count; i++) {
        for (size_t word = 0; word < settings->items[i].count; word++)
            free(settings->items[i].words[word]);
        free(settings->items[i].words);
        free_settings(settings->items[i].block);
    }
    free(settings->items);
    free(settings);
}

static const char *skip_comment(const char *at)
{
    while (*at == ' ' || *at == '\t' || *at == '\r')
        at++;
    if (*at == '#')
        while (*at != '\0' && *at != '\n')
            at++;
    return at;
}

/* A word, or a "string" with \" and \\ in it. */
static const char *read_word(const char *at, struct statement *into)
{
    char *text = must(malloc(strlen(at) + 1));
    size_t len = 0;

    if (*at == '"') {
        for (at++; *at != '\0' && *at != '"'; at++) {
            if (*at == '\\' && at[1] != '\0')
                at++;
            text[len++] = *at;
        }
        at += *at == '"';
    } else {
        while (*at != '\0' && strchr(" \t\r\n{};#\"", *at) == NULL)
            text[len++] = *at++;
    }
    text[len] = '\0';
    into->words = grown(into->words, into->count, sizeof(*into->words));
    into->words[into->count++] = text;
    return at;
}

/* Statements up to the "}" that ends the block, or the end. */
static pm_settings *read_block(pm_bench *bench, const char **rest)
{
    pm_settings *block = must(calloc(1, sizeof(*block)));
    struct statement current = {0};
    const char *at = *rest;

    block->bench = bench;
    for (;;) {
        at = skip_comment(at);
        if (*at == '{') {
            at++;
            current.block = read_block(bench, &at);
        } else if (*at != '\0' && strchr("\n;}", *at) == NULL) {
            at = read_word(at, &current);
            continue;
        }
        if (current.count > 0) {
            block->items = grown(block->items, block->count, sizeof(*block->items));
            block->items[block->count++] = current;
        } else {
            free_settings(current.block);
        }
        current = (struct statement){0};
        if (*at == '\0' || *at == '}')
            break;
        if (*at == '\n' || *at == ';')
            at++;
    }
    *rest = at + (*at == '}');
    return block;
}

/* ---- Settings, as the host hands them out ---- */

static const pm_option *find_option(const pm_settings *settings, const char *name)
{
    const pm_option *option = settings->bench->plugin->options;

    for (; option != NULL && option->name != NULL; option++)
        if (strcmp(option->name, name) == 0)
            return option;
    return NULL;
}

static pm_status bench_option_text(const pm_settings *settings, const char *option, unsigned nth,
                                   pm_slice *value_out)
{
    const pm_option *declared = find_option(settings, option);

    for (size_t i = 0; i < settings->count; i++) {
        const struct statement *statement = &settings->items[i];

        if (strcmp(statement->words[0], option) != 0)
            continue;
        if (nth + 1 < statement->count) {
            *value_out = (pm_slice){statement->words[nth + 1], strlen(statement->words[nth + 1])};
            return PM_OK;
        }
        nth -= (unsigned)statement->count - 1;
    }
    if (nth > 0 || declared == NULL || declared->fallback == NULL)
        return PM_ABSENT;
    *value_out = (pm_slice){declared->fallback, strlen(declared->fallback)};
    return PM_OK;
}

static bool read_number(const char *text, int64_t *number_out)
{
    static const struct {
        const char *unit;
        int64_t factor;
    } units[] = {{"", 1},   {"K", 1024},  {"M", 1024 * 1024}, {"G", 1024 * 1024 * 1024},
                 {"us", 1}, {"ms", 1000}, {"s", 1000 * 1000}};
    char *end;
    const int64_t number = strtoll(text, &end, 10);

    for (size_t i = 0; end != text && i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(end, units[i].unit) != 0)
            continue;
        *number_out = number * units[i].factor;
        return true;
    }
    return false;
}

static pm_status bench_option_number(const pm_settings *settings, const char *option, unsigned nth,
                                     int64_t *value_out)
{
    pm_slice text;
    const pm_status status = bench_option_text(settings, option, nth, &text);

    if (status != PM_OK)
        return status;
    return read_number(text.data, value_out) ? PM_OK : PM_FAULT;
}

static pm_status bench_block(const pm_settings *settings, const char *word, unsigned nth,
                             pm_slice *name_out, const pm_settings **block_out)
{
    for (size_t i = 0; i < settings->count; i++) {
        const struct statement *statement = &settings->items[i];
        const char *name = statement->count > 1 ? statement->words[1] : "";

        if (statement->block == NULL || strcmp(statement->words[0], word) != 0 || nth-- > 0)
            continue;
        *name_out = (pm_slice){name, strlen(name)};
        *block_out = statement->block;
        return PM_OK;
    }
    return PM_ABSENT;
}

static pm_status bench_statement(const pm_settings *settings, unsigned nth, unsigned word,
                                 pm_slice *value_out)
{
    if (nth >= settings->count || word >= settings->items[nth].count)
        return PM_ABSENT;
    *value_out =
        (pm_slice){settings->items[nth].words[word], strlen(settings->items[nth].words[word])};
    return PM_OK;
}

/* The settings of a test have no file: a relative path counts from the working directory. */
static pm_status bench_resolve_path(const pm_settings *settings, pm_slice written,
                                    pm_slice *path_out)
{
    pm_bench *bench = settings->bench;
    char *path = copy(written.data, written.len);

    bench->paths = grown(bench->paths, bench->path_count, sizeof(*bench->paths));
    bench->paths[bench->path_count++] = path;
    *path_out = (pm_slice){path, written.len};
    return PM_OK;
}

static void bench_problem(const pm_settings *settings, const char *option, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void bench_problem(const pm_settings *settings, const char *option, const char *format, ...)
{
    char sentence[512];
    va_list args;

    va_start(args, format);
    vsnprintf(sentence, sizeof(sentence), format, args);
    va_end(args);
    set_problem(settings->bench, "%s%s%s", option == NULL ? "" : option, option == NULL ? "" : ": ",
                sentence);
}

/* ---- A letter, as the host hands it out ---- */

static void bench_log(pm_scan *scan, int level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void bench_log(pm_scan *scan, int level, const char *format, ...)
{
    char unused[4096];
    size_t used = scan == NULL ? 0 : strlen(scan->log);
    char *into = scan == NULL ? unused : scan->log + used;
    va_list args;

    (void)level;
    va_start(args, format);
    vsnprintf(into, sizeof(unused) - used, format, args); /* also checks format and arguments */
    va_end(args);
    used += strlen(into);
    if (scan != NULL && used + 2 < sizeof(scan->log))
        memcpy(scan->log + used, "\n", 2);
}

static void *bench_scratch(pm_scan *scan, size_t size)
{
    struct scratch *made;

    if (size > scan->bench->memory - scan->used)
        return NULL;
    made = must(malloc(sizeof(*made) + size));
    made->next = scan->scratch;
    scan->scratch = made;
    scan->used += size;
    memset(made->bytes, 0xa5, size); /* as it says: not cleared */
    return made->bytes;
}

static int64_t bench_time_left(pm_scan *scan)
{
    const pm_bench *bench = scan->bench;

    if (!bench->time_runs)
        return bench->time_left;
    return scan->asked++ < 16 ? bench->time_left >> scan->asked : 0;
}

/* Is this a look-up that fails? */
static bool fails(pm_scan *scan)
{
    if (scan->look_ups >= scan->bench->look_ups)
        return true;
    scan->look_ups++;
    return false;
}

static pm_status bench_header(pm_scan *scan, const char *name, unsigned nth, pm_slice *value_out)
{
    const pm_bench *bench = scan->bench;

    if (fails(scan))
        return PM_LATER;
    for (size_t i = 0; i < bench->header_count; i++) {
        const struct header *header = &bench->headers[i];

        if (header->name.len != strlen(name) ||
            strncasecmp(header->name.data, name, header->name.len) != 0 || nth-- > 0)
            continue;
        *value_out = header->value;
        return PM_OK;
    }
    return PM_ABSENT;
}

static pm_status bench_body_text(pm_scan *scan, pm_slice *text_out)
{
    if (fails(scan))
        return PM_LATER;
    *text_out = scan->bench->body;
    return PM_OK;
}

static pm_status find_value(pm_scan *scan, const char *name, unsigned nth, pm_fact_type type,
                            const struct value **value_out)
{
    const pm_bench *bench = scan->bench;
    const size_t field = find_field(name);

    if (field == FIELDS || fields[field].type != type)
        return PM_FAULT;
    if (fails(scan))
        return PM_LATER;
    for (size_t i = 0; i < bench->value_count; i++) {
        if (bench->values[i].field != field || nth-- > 0)
            continue;
        *value_out = &bench->values[i];
        return PM_OK;
    }
    return PM_ABSENT;
}

static pm_status bench_letter_text(pm_scan *scan, const char *field, unsigned nth,
                                   pm_slice *value_out)
{
    const struct value *value;
    pm_status status;

    if (strncmp(field, "header.", 7) == 0)
        return bench_header(scan, field + 7, nth, value_out);
    status = find_value(scan, field, nth, PM_FACT_TEXT, &value);
    if (status == PM_OK)
        *value_out = (pm_slice){value->text, value->len};
    return status;
}

static pm_status bench_letter_number(pm_scan *scan, const char *field, unsigned nth,
                                     int64_t *value_out)
{
    const struct value *value;
    const pm_status status = find_value(scan, field, nth, PM_FACT_NUMBER, &value);

    if (status == PM_OK)
        *value_out = value->number;
    return status;
}

static const struct fact *nth_fact(const pm_scan *scan, const char *name, unsigned nth)
{
    for (size_t i = 0; i < scan->count; i++)
        if (strcmp(scan->facts[i].name, name) == 0 && nth-- == 0)
            return &scan->facts[i];
    return NULL;
}

static pm_status bench_fact_text(pm_scan *scan, const char *name, unsigned nth, pm_slice *value_out,
                                 double *weight_out)
{
    const struct fact *fact = nth_fact(scan, name, nth);

    if (fails(scan))
        return PM_LATER;
    if (fact == NULL)
        return PM_ABSENT;
    if (fact->text == NULL)
        return PM_FAULT;
    *value_out = (pm_slice){fact->text, strlen(fact->text)};
    if (weight_out != NULL)
        *weight_out = fact->weight;
    return PM_OK;
}

static pm_status bench_fact_number(pm_scan *scan, const char *name, unsigned nth,
                                   int64_t *value_out, double *weight_out)
{
    const struct fact *fact = nth_fact(scan, name, nth);

    if (fails(scan))
        return PM_LATER;
    if (fact == NULL)
        return PM_ABSENT;
    if (fact->text != NULL)
        return PM_FAULT;
    *value_out = fact->number;
    if (weight_out != NULL)
        *weight_out = fact->weight;
    return PM_OK;
}

/* In the descriptor, or in open(). */
static const pm_fact_decl *find_declared(const pm_bench *bench, const char *name)
{
    const pm_fact_decl *decl = bench->plugin->facts;

    for (; decl != NULL && decl->name != NULL; decl++)
        if (strcmp(decl->name, name) == 0)
            return decl;
    for (size_t i = 0; i < bench->declared_count; i++)
        if (strcmp(bench->declared[i].name, name) == 0)
            return &bench->declared[i];
    return NULL;
}

static pm_status bench_add_fact(pm_scan *scan, const pm_fact *fact)
{
    const pm_fact_decl *decl;

    if (fact->size < offsetof(pm_fact, reason) + sizeof(fact->reason) || fact->name == NULL)
        return PM_FAULT;
    decl = find_declared(scan->bench, fact->name);
    if (decl == NULL) {
        scan->undeclared = true;
        bench_log(scan, PM_LEVEL_ERROR, "reported \"%s\", which is not declared", fact->name);
        return PM_FAULT;
    }
    if (!(fact->weight > 0) || fact->weight > 1e100 || fact->text.len > LONGEST_FACT)
        return PM_FAULT;
    if (scan->count == MOST_FACTS)
        return PM_LIMIT;
    scan->facts = grown(scan->facts, scan->count, sizeof(*scan->facts));
    scan->facts[scan->count++] = (struct fact){
        .name = copy(fact->name, strlen(fact->name)),
        .text = decl->type == PM_FACT_TEXT ? copy(fact->text.data, fact->text.len) : NULL,
        .reason = copy(fact->reason.data, fact->reason.len),
        .source = copy(fact->source.data, fact->source.len),
        .number = fact->number,
        .weight = fact->weight,
    };
    return PM_OK;
}

/* A bench has no memory of earlier mail, as patchmark has none without a store. */
static pm_status bench_reference(pm_scan *scan, pm_slice message_id, pm_slice *series_out,
                                 int32_t *part_out)
{
    (void)message_id;
    (void)series_out;
    (void)part_out;
    return fails(scan) ? PM_LATER : PM_ABSENT;
}

static pm_status bench_series(pm_scan *scan, pm_slice id, const pm_series **series_out)
{
    (void)id;
    (void)series_out;
    return fails(scan) ? PM_LATER : PM_ABSENT;
}

static pm_status bench_own_series(pm_scan *scan, const pm_series **series_out)
{
    (void)series_out;
    return fails(scan) ? PM_LATER : PM_ABSENT;
}

static pm_status bench_find_series(pm_scan *scan, pm_series_key key, pm_slice value, unsigned nth,
                                   const pm_series **series_out)
{
    (void)key;
    (void)value;
    (void)nth;
    (void)series_out;
    return fails(scan) ? PM_LATER : PM_ABSENT;
}

static pm_status bench_supersede(pm_scan *scan, pm_slice series, pm_slice predecessor,
                                 double weight, pm_slice why)
{
    (void)series;
    (void)predecessor;
    (void)weight;
    (void)why;
    return fails(scan) ? PM_LATER : PM_ABSENT;
}

static pm_status bench_declare_fact(const pm_settings *settings, const pm_fact_decl *fact)
{
    pm_bench *bench = settings->bench;

    if (fact->name == NULL || fact->meaning == NULL ||
        (fact->type != PM_FACT_TEXT && fact->type != PM_FACT_NUMBER)) {
        set_problem(bench, "a fact was declared without name, meaning or known type");
        return PM_FAULT;
    }
    bench->declared = grown(bench->declared, bench->declared_count, sizeof(*bench->declared));
    bench->declared[bench->declared_count++] =
        (pm_fact_decl){.name = copy(fact->name, strlen(fact->name)),
                       .type = fact->type,
                       .meaning = copy(fact->meaning, strlen(fact->meaning))};
    return PM_OK;
}

/* What orders plugins matters to one alone only as far as it must be a name. */
static pm_status bench_declare_need(const pm_settings *settings, const char *fact)
{
    (void)settings;
    return fact == NULL ? PM_FAULT : PM_OK;
}

static bool is_key(const struct note *note, pm_slice key)
{
    return note->key_len == key.len && memcmp(note->key, key.data, key.len) == 0;
}

/* Noted and not replaced since; NULL when there is none. */
static const struct note *find_note(const struct note *notes, size_t count, pm_slice key)
{
    while (count-- > 0)
        if (is_key(&notes[count], key))
            return &notes[count];
    return NULL;
}

/* Nothing is freed before the letter is done with: what noted() has handed out stays. */
static pm_status bench_note(pm_scan *scan, pm_slice key, pm_slice value, int64_t seconds)
{
    if (key.len == 0 || key.len > PM_NOTE_KEY_MOST || value.len > PM_NOTE_VALUE_MOST ||
        (value.len > 0 && (seconds < 1 || seconds > PM_NOTE_SECONDS_MOST)))
        return PM_FAULT;
    if (fails(scan))
        return PM_LATER;
    if (scan->note_count >= PM_NOTES_OF_A_LETTER)
        return PM_LIMIT;
    scan->notes = grown(scan->notes, scan->note_count, sizeof(*scan->notes));
    scan->notes[scan->note_count++] = (struct note){.key = copy(key.data, key.len),
                                                    .value = copy(value.data, value.len),
                                                    .key_len = key.len,
                                                    .value_len = value.len,
                                                    .left = seconds};
    return PM_OK;
}

static pm_status bench_noted(pm_scan *scan, pm_slice key, pm_slice *value_out)
{
    const struct note *found = find_note(scan->notes, scan->note_count, key);

    if (fails(scan))
        return PM_LATER;
    if (found == NULL)
        found = find_note(scan->bench->notes, scan->bench->note_count, key);
    if (found == NULL || found->value_len == 0 || found->left <= 0)
        return PM_ABSENT;
    *value_out = (pm_slice){found->value, found->value_len};
    return PM_OK;
}

static const pm_host host = {
    .size = sizeof(host),
    .abi_major = PM_ABI_MAJOR,
    .abi_minor = PM_ABI_MINOR,
    .log = bench_log,
    .scratch = bench_scratch,
    .time_left = bench_time_left,
    .header = bench_header,
    .body_text = bench_body_text,
    .letter_text = bench_letter_text,
    .letter_number = bench_letter_number,
    .fact_text = bench_fact_text,
    .fact_number = bench_fact_number,
    .add_fact = bench_add_fact,
    .option_text = bench_option_text,
    .option_number = bench_option_number,
    .block = bench_block,
    .statement = bench_statement,
    .resolve_path = bench_resolve_path,
    .problem = bench_problem,
    .reference = bench_reference,
    .series = bench_series,
    .own_series = bench_own_series,
    .find_series = bench_find_series,
    .supersede = bench_supersede,
    .declare_fact = bench_declare_fact,
    .declare_need = bench_declare_need,
    .note = bench_note,
    .noted = bench_noted,
};

/* ---- Opening and closing ---- */

/* What patchmark checks of options before open() is called. */
static void check_settings(pm_bench *bench)
{
    for (size_t i = 0; i < bench->settings->count; i++) {
        const struct statement *statement = &bench->settings->items[i];
        const pm_option *option = find_option(bench->settings, statement->words[0]);
        int64_t number;

        if (option == NULL && statement->block == NULL)
            set_problem(bench, "there is no option \"%s\"", statement->words[0]);
        if (option == NULL || option->type != PM_OPTION_NUMBER)
            continue;
        if (statement->count != 2 || !read_number(statement->words[1], &number) ||
            number < option->min || number > option->max)
            set_problem(bench, "%s: wants a number from %" PRId64 " to %" PRId64, option->name,
                        option->min, option->max);
    }
}

/* A fact that is said twice, or of which nobody says what it means. */
static void check_facts(pm_bench *bench)
{
    const pm_fact_decl *facts = bench->plugin->facts;

    for (const pm_fact_decl *at = facts; at != NULL && at->name != NULL; at++) {
        if (at->meaning == NULL || at->meaning[0] == '\0')
            set_problem(bench, "the fact \"%s\" has no meaning (one sentence)", at->name);
        for (const pm_fact_decl *before = facts; before < at; before++)
            if (strcmp(before->name, at->name) == 0)
                set_problem(bench, "the fact \"%s\" is declared twice", at->name);
    }
}

static void open_plugin(pm_bench *bench)
{
    const pm_plugin *plugin = bench->plugin;
    pm_status status;

    if (plugin->abi_major != PM_ABI_MAJOR || plugin->abi_minor > PM_ABI_MINOR) {
        set_problem(bench, "refused: it wants plugin ABI %u.%u, this host offers %d.%d",
                    (unsigned)plugin->abi_major, (unsigned)plugin->abi_minor, PM_ABI_MAJOR,
                    PM_ABI_MINOR);
        return;
    }
    if (plugin->size < sizeof(*plugin) || plugin->name == NULL || plugin->version == NULL ||
        plugin->summary == NULL || plugin->open == NULL || plugin->scan == NULL) {
        set_problem(bench, "refused: size, name, version, summary, open or scan is missing");
        return;
    }
    check_facts(bench);
    check_settings(bench);
    if (bench->problem[0] != '\0')
        return;
    status = plugin->open(&host, bench->settings, &bench->instance);
    bench->open = status == PM_OK;
    if (status != PM_OK)
        set_problem(bench, "open() failed and did not say why");
}

pm_bench *pm_bench_new(const pm_plugin *plugin, const char *settings)
{
    pm_bench *bench = must(calloc(1, sizeof(*bench)));
    const char *rest = settings == NULL ? "" : settings;

    bench->plugin = plugin;
    bench->scan.bench = bench;
    bench->settings = read_block(bench, &rest);
    pm_bench_mail(bench, "\n");
    if (*rest != '\0')
        set_problem(bench, "a } too many in the settings");
    else
        open_plugin(bench);
    return bench;
}

static void free_notes(struct note **notes, size_t *count)
{
    for (size_t i = 0; i < *count; i++) {
        free((*notes)[i].key);
        free((*notes)[i].value);
    }
    free(*notes);
    *notes = NULL;
    *count = 0;
}

static void free_scan(pm_scan *scan, bool given_too)
{
    size_t kept = 0;

    for (size_t i = 0; i < scan->count; i++) {
        if (scan->facts[i].given && !given_too) {
            scan->facts[kept++] = scan->facts[i];
            continue;
        }
        free(scan->facts[i].name);
        free(scan->facts[i].text);
        free(scan->facts[i].reason);
        free(scan->facts[i].source);
    }
    scan->count = kept;
    if (given_too) {
        free(scan->facts);
        scan->facts = NULL;
    }
    while (scan->scratch != NULL) {
        struct scratch *next = scan->scratch->next;

        free(scan->scratch);
        scan->scratch = next;
    }
    free_notes(&scan->notes, &scan->note_count);
    scan->used = 0;
    scan->look_ups = 0;
    scan->asked = 0;
    scan->undeclared = false;
    scan->log[0] = '\0';
}

static void free_letter(pm_bench *bench)
{
    for (size_t i = 0; i < bench->value_count; i++)
        free(bench->values[i].text);
    free(bench->values);
    free(bench->headers);
    free(bench->mail);
    bench->values = NULL;
    bench->headers = NULL;
    bench->mail = NULL;
    bench->value_count = 0;
    bench->header_count = 0;
}

void pm_bench_free(pm_bench *bench)
{
    if (bench == NULL)
        return;
    if (bench->open && bench->plugin->close != NULL)
        bench->plugin->close(bench->instance);
    for (size_t i = 0; i < bench->path_count; i++)
        free(bench->paths[i]);
    free(bench->paths);
    for (size_t i = 0; i < bench->declared_count; i++) {
        free((void *)(uintptr_t)bench->declared[i].name);
        free((void *)(uintptr_t)bench->declared[i].meaning);
    }
    free(bench->declared);
    free_scan(&bench->scan, true);
    free_notes(&bench->notes, &bench->note_count);
    free_letter(bench);
    free_settings(bench->settings);
    free(bench);
}

const char *pm_bench_problem(const pm_bench *bench)
{
    return bench->problem[0] == '\0' ? NULL : bench->problem;
}

/* ---- A letter to look at ---- */

static void add_value(pm_bench *bench, size_t field, const char *text, size_t len, int64_t number,
                      bool filled_in)
{
    bench->values = grown(bench->values, bench->value_count, sizeof(*bench->values));
    bench->values[bench->value_count++] = (struct value){.field = field,
                                                         .filled_in = filled_in,
                                                         .text = copy(text, len),
                                                         .len = len,
                                                         .number = number};
}

static void fill_in(pm_bench *bench, const char *field, pm_slice value)
{
    if (value.len > 0)
        add_value(bench, find_field(field), value.data, value.len, 0, true);
}

static size_t line_end(const char *bytes, size_t len, size_t from)
{
    const char *end = memchr(bytes + from, '\n', len - from);

    return end == NULL ? len : (size_t)(end - bytes) + 1;
}

static size_t without_eol(const char *bytes, size_t from, size_t end)
{
    if (end > from && bytes[end - 1] == '\n')
        end--;
    if (end > from && bytes[end - 1] == '\r')
        end--;
    return end;
}

/* The header field at from, folded lines and all; where the next one begins. from itself when there
 * is none. */
static size_t read_header(pm_bench *bench, size_t from)
{
    const char *bytes = bench->mail, *colon;
    size_t end = line_end(bytes, bench->mail_len, from), value;

    colon = memchr(bytes + from, ':', end - from);
    if (colon == NULL)
        return from;
    while (end < bench->mail_len && (bytes[end] == ' ' || bytes[end] == '\t'))
        end = line_end(bytes, bench->mail_len, end);
    value = (size_t)(colon - bytes) + 1;
    value += value < end && bytes[value] == ' ';
    bench->headers = grown(bench->headers, bench->header_count, sizeof(*bench->headers));
    bench->headers[bench->header_count++] = (struct header){
        {bytes + from, (size_t)(colon - bytes) - from},
        {bytes + value, without_eol(bytes, value, end) - value},
    };
    return end;
}

static pm_slice first_header(pm_bench *bench, const char *name)
{
    pm_slice value = {"", 0};

    if (bench_header(&bench->scan, name, 0, &value) != PM_OK)
        value.len = 0;
    return value;
}

/* "[PATCH v2] title": what is behind the last bracket of those in front. */
static pm_slice title_of(pm_slice subject)
{
    while (subject.len > 0 && subject.data[0] == '[') {
        const char *end = memchr(subject.data, ']', subject.len);

        if (end == NULL)
            break;
        subject.len -= (size_t)(end + 1 - subject.data);
        subject.data = end + 1;
        while (subject.len > 0 && subject.data[0] == ' ') {
            subject.data++;
            subject.len--;
        }
    }
    return subject;
}

void pm_bench_mail_bytes(pm_bench *bench, const void *bytes, size_t len)
{
    size_t at = 0, next;
    pm_slice id;

    free_scan(&bench->scan, true);
    free_letter(bench);
    bench->memory = USUAL_MEMORY;
    bench->time_left = USUAL_TIME;
    bench->time_runs = false;
    bench->look_ups = UINT_MAX;

    bench->mail = copy(bytes, len);
    bench->mail_len = len;
    for (; at < len && (next = read_header(bench, at)) > at; at = next)
        continue;
    if (at < len && without_eol(bench->mail, at, line_end(bench->mail, len, at)) == at)
        at = line_end(bench->mail, len, at);
    bench->body = (pm_slice){bench->mail + at, len - at};

    fill_in(bench, "subject", first_header(bench, "Subject"));
    fill_in(bench, "title", title_of(first_header(bench, "Subject")));
    fill_in(bench, "text", bench->body);
    id = first_header(bench, "Message-ID");
    if (id.len > 2 && id.data[0] == '<')
        fill_in(bench, "message-id", (pm_slice){id.data + 1, id.len - 2});
}

void pm_bench_mail(pm_bench *bench, const char *mail)
{
    pm_bench_mail_bytes(bench, mail, strlen(mail));
}

static void set_value(pm_bench *bench, const char *name, pm_fact_type type, pm_slice text,
                      int64_t number)
{
    const size_t field = find_field(name);

    if (field == FIELDS || fields[field].type != type) {
        fprintf(stderr, "harness: \"%s\" is no %s field of a letter\n", name,
                type == PM_FACT_TEXT ? "text" : "number");
        abort();
    }
    for (size_t i = 0; i < bench->value_count; i++) {
        if (bench->values[i].field != field || !bench->values[i].filled_in)
            continue;
        free(bench->values[i].text);
        bench->values[i] = bench->values[--bench->value_count];
        break;
    }
    add_value(bench, field, text.data, text.len, number, false);
}

void pm_bench_text(pm_bench *bench, const char *field, const char *value)
{
    pm_bench_text_bytes(bench, field, value, strlen(value));
}

void pm_bench_text_bytes(pm_bench *bench, const char *field, const void *bytes, size_t len)
{
    set_value(bench, field, PM_FACT_TEXT, (pm_slice){bytes, len}, 0);
}

void pm_bench_number(pm_bench *bench, const char *field, int64_t value)
{
    set_value(bench, field, PM_FACT_NUMBER, (pm_slice){"", 0}, value);
}

static void give(pm_bench *bench, const char *name, const char *text, int64_t number, double weight)
{
    pm_scan *scan = &bench->scan;

    free_scan(scan, false);
    scan->facts = grown(scan->facts, scan->count, sizeof(*scan->facts));
    scan->facts[scan->count++] = (struct fact){
        .name = copy(name, strlen(name)),
        .text = text == NULL ? NULL : copy(text, strlen(text)),
        .reason = copy("", 0),
        .source = copy("", 0),
        .number = number,
        .weight = weight,
        .given = true,
    };
}

void pm_bench_give_text(pm_bench *bench, const char *fact, const char *value, double weight)
{
    give(bench, fact, value, 0, weight);
}

void pm_bench_give_number(pm_bench *bench, const char *fact, int64_t value, double weight)
{
    give(bench, fact, NULL, value, weight);
}

void pm_bench_memory(pm_bench *bench, size_t budget)
{
    bench->memory = budget;
}

void pm_bench_time(pm_bench *bench, int64_t left_us)
{
    bench->time_left = left_us;
}

void pm_bench_later(pm_bench *bench)
{
    bench->look_ups = 0;
}

void pm_bench_look_ups(pm_bench *bench, unsigned count)
{
    bench->look_ups = count;
}

void pm_bench_on_trial(pm_bench *bench, void (*tell)(void *context, const char *trial),
                       void *context)
{
    bench->tell = tell;
    bench->tell_context = context;
}

/* ---- Scanning ---- */

static pm_status run(pm_scan *scan)
{
    const pm_bench *bench = scan->bench;
    pm_status status;

    if (!bench->open)
        return PM_FAULT;
    status = bench->plugin->scan(bench->instance, scan);
    return scan->undeclared ? PM_FAULT : status;
}

/* What the letter notes is forgotten with it: each trial finds what the first one found. */
static pm_status scan_once(pm_bench *bench)
{
    free_scan(&bench->scan, false);
    return run(&bench->scan);
}

/* What the letter has noted is there for the next one. */
static void keep_notes(pm_bench *bench)
{
    for (size_t i = 0; i < bench->scan.note_count; i++) {
        const struct note *made = &bench->scan.notes[i];

        bench->notes = grown(bench->notes, bench->note_count, sizeof(*bench->notes));
        bench->notes[bench->note_count++] =
            (struct note){.key = copy(made->key, made->key_len),
                          .value = copy(made->value, made->value_len),
                          .key_len = made->key_len,
                          .value_len = made->value_len,
                          .left = made->left};
    }
}

pm_status pm_bench_scan(pm_bench *bench)
{
    const pm_status status = scan_once(bench);

    keep_notes(bench);
    return status;
}

void pm_bench_seconds(pm_bench *bench, int64_t seconds)
{
    for (size_t i = 0; i < bench->note_count; i++)
        bench->notes[i].left -= seconds;
}

const char *pm_bench_noted(const pm_bench *bench, const char *key)
{
    const struct note *found =
        find_note(bench->notes, bench->note_count, (pm_slice){key, strlen(key)});

    return found == NULL || found->value_len == 0 || found->left <= 0 ? NULL : found->value;
}

/* The nth fact of that name that the plugin itself reported. */
static const struct fact *reported(const pm_bench *bench, const char *name, unsigned nth)
{
    for (size_t i = 0; i < bench->scan.count; i++) {
        const struct fact *fact = &bench->scan.facts[i];

        if (!fact->given && (name == NULL || strcmp(fact->name, name) == 0) && nth-- == 0)
            return fact;
    }
    return NULL;
}

unsigned pm_bench_facts(const pm_bench *bench, const char *name)
{
    unsigned count = 0;

    while (reported(bench, name, count) != NULL)
        count++;
    return count;
}

int64_t pm_bench_fact(const pm_bench *bench, const char *name)
{
    const struct fact *fact = reported(bench, name, 0);

    return fact == NULL ? INT64_MIN : fact->number;
}

const char *pm_bench_fact_text(const pm_bench *bench, const char *name, unsigned nth)
{
    const struct fact *fact = reported(bench, name, nth);

    return fact == NULL ? NULL : fact->text;
}

const char *pm_bench_fact_reason(const pm_bench *bench, const char *name, unsigned nth)
{
    const struct fact *fact = reported(bench, name, nth);

    return fact == NULL ? NULL : fact->reason;
}

const char *pm_bench_fact_source(const pm_bench *bench, const char *name, unsigned nth)
{
    const struct fact *fact = reported(bench, name, nth);

    return fact == NULL ? NULL : fact->source;
}

double pm_bench_fact_weight(const pm_bench *bench, const char *name, unsigned nth)
{
    const struct fact *fact = reported(bench, name, nth);

    return fact == NULL ? 0 : fact->weight;
}

double pm_bench_weight_of(const pm_bench *bench, const char *name, const char *value)
{
    const struct fact *fact;
    double sum = 0;

    for (unsigned nth = 0; (fact = reported(bench, name, nth)) != NULL; nth++)
        if (fact->text != NULL && strcmp(fact->text, value) == 0)
            sum += fact->weight;
    return sum;
}

const char *pm_bench_log(const pm_bench *bench)
{
    return bench->scan.log;
}

/* ---- Everything at once ---- */

/* A scan of its own for the letter on the bench, with the facts that were given. */
static void begin_scan(const pm_bench *bench, pm_scan *scan)
{
    memset(scan, 0, sizeof(*scan));
    scan->bench = bench;
    for (size_t i = 0; i < bench->scan.count; i++) {
        const struct fact *fact = &bench->scan.facts[i];

        if (!fact->given)
            continue;
        scan->facts = grown(scan->facts, scan->count, sizeof(*scan->facts));
        scan->facts[scan->count++] = (struct fact){
            .name = copy(fact->name, strlen(fact->name)),
            .text = fact->text == NULL ? NULL : copy(fact->text, strlen(fact->text)),
            .reason = copy("", 0),
            .source = copy("", 0),
            .number = fact->number,
            .weight = fact->weight,
            .given = true,
        };
    }
}

static bool same_facts(const pm_scan *a, const pm_scan *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct fact *left = &a->facts[i], *right = &b->facts[i];

        if (strcmp(left->name, right->name) != 0 || left->number != right->number ||
            left->weight != right->weight || (left->text == NULL) != (right->text == NULL) ||
            (left->text != NULL && strcmp(left->text, right->text) != 0))
            return false;
    }
    return true;
}

struct runner {
    const pm_bench *bench;
    const pm_scan *expected;
    bool differs;
};

static void *run_often(void *context)
{
    struct runner *runner = context;

    for (int i = 0; i < ROUNDS && !runner->differs; i++) {
        pm_scan scan;

        begin_scan(runner->bench, &scan);
        run(&scan);
        runner->differs = !same_facts(&scan, runner->expected);
        free_scan(&scan, true);
    }
    return NULL;
}

static bool threads_agree(pm_bench *bench)
{
    struct runner runners[THREADS];
    pthread_t threads[THREADS];
    bool agree = true;

    scan_once(bench);
    for (int i = 0; i < THREADS; i++) {
        runners[i] = (struct runner){bench, &bench->scan, false};
        if (pthread_create(&threads[i], NULL, run_often, &runners[i]) != 0)
            must(NULL);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        agree &= !runners[i].differs;
    }
    return agree;
}

static void begin_trial(pm_bench *bench, const char *what)
{
    if (bench->tell != NULL)
        bench->tell(bench->tell_context, what);
}

/* One scan under hardship: it may fail, but not in a way that nobody knows, and not leave facts
 * that are not declared. */
static bool stands(pm_bench *bench, const char *what)
{
    pm_status status;

    begin_trial(bench, what);
    status = scan_once(bench);
    if (bench->scan.undeclared) {
        snprintf(bench->said, sizeof(bench->said), "%s: %.900s", what, bench->scan.log);
        return false;
    }
    if (status >= PM_FAULT && status <= PM_ABSENT)
        return true;
    snprintf(bench->said, sizeof(bench->said), "%s: scan returned %d, which is no status", what,
             (int)status);
    return false;
}

static bool stands_little_memory(pm_bench *bench)
{
    static const size_t budgets[] = {0, 1, 64, 1024, 16 * 1024};
    bool fine = true;

    for (size_t i = 0; fine && i < sizeof(budgets) / sizeof(budgets[0]); i++) {
        bench->memory = budgets[i];
        fine = stands(bench, "with little memory");
    }
    bench->memory = USUAL_MEMORY;
    return fine;
}

static bool stands_no_time(pm_bench *bench)
{
    const int64_t usual = bench->time_left;
    bool fine;

    bench->time_left = -1;
    fine = stands(bench, "without time");
    bench->time_left = USUAL_TIME;
    bench->time_runs = true;
    fine = fine && stands(bench, "while time runs out");
    bench->time_runs = false;
    bench->time_left = usual;
    return fine;
}

/* None is answered, or only the first few: a look-up may fail behind ones that did not. */
static bool stands_failing_look_ups(pm_bench *bench)
{
    static const unsigned counts[] = {0, 1, 2, 3, 5, 8, 13, 50};
    bool fine = true;

    for (size_t i = 0; fine && i < sizeof(counts) / sizeof(counts[0]); i++) {
        bench->look_ups = counts[i];
        fine = stands(bench, "with look-ups that fail");
    }
    bench->look_ups = UINT_MAX;
    return fine;
}

static bool stands_letter(pm_bench *bench)
{
    if (!stands_little_memory(bench) || !stands_no_time(bench) || !stands_failing_look_ups(bench) ||
        !stands(bench, "on the letter itself"))
        return false;
    begin_trial(bench, "in eight threads at once");
    if (threads_agree(bench))
        return true;
    snprintf(bench->said, sizeof(bench->said),
             "eight threads at once came to different facts: is the instance changed by scan()?");
    return false;
}

/* Earlier plugins have reported as many facts as a message may have. */
static bool stands_no_room_for_facts(pm_bench *bench)
{
    while (bench->scan.count < MOST_FACTS)
        give(bench, "harness.full", NULL, 1, 1);
    return stands(bench, "where no more facts are taken");
}

const char *pm_bench_trials(pm_bench *bench)
{
    static const char odd[] = "Subject: a\0b \xff\xfe \xe2\x82\nX-\xff: \x80\nFrom: \0\n\n\0\xff\n";

    if (!bench->open)
        return bench->problem;
    if (!stands_letter(bench) || !stands_no_room_for_facts(bench))
        return bench->said;

    pm_bench_mail_bytes(bench, odd, sizeof(odd) - 1);
    for (size_t i = 0; i < FIELDS; i++) {
        if (fields[i].type == PM_FACT_TEXT)
            add_value(bench, i, "\0\xff\xe2\x82", 4, 0, false);
        else
            add_value(bench, i, "", 0, INT64_MIN, false);
    }
    if (!stands(bench, "on mail with NUL and 8-bit bytes"))
        return bench->said;
    pm_bench_mail_bytes(bench, "", 0);
    return stands(bench, "on an empty mail") ? NULL : bench->said;
}
