/* SPDX-License-Identifier: BSD-2-Clause */
/* config - patchmark.conf: which statements there are and what they may hold; see config.h. */
#include "config.h"

#include <stddef.h>
#include <unistd.h>

#define DAY_US (INT64_C(86400) * 1000 * 1000)

#define CONTROL_USUALLY "/run/patchmark/control.sock"
#define CONTROL_LONGEST 100 /* a socket's name has 107 bytes, and a lock file stands beside it */

/* One reading of a configuration. */
typedef struct reader {
    pm_arena *arena;
    pm_errors *errors;
    pm_config *config;
} reader;

/* ---- Values ---- */

typedef struct statement_kind statement_kind;
typedef void (*read_fn)(reader *to, const statement_kind *kind, const pm_statement *statement);

/* One statement that may stand in a block (or at the top), and what it sets. */
struct statement_kind {
    const char *name;
    const char *form; /* what may stand behind the name, for errors */
    enum { ONE_VALUE, VALUES, BLOCK, ANY } shape;
    bool repeats;
    read_fn read;      /* NULL: is read elsewhere */
    size_t offset;     /* in pm_config */
    int64_t min, max;  /* of a number */
    unsigned units;    /* PM_UNITS_* */
    const char *range; /* min and max as people write them */
};

static void *target(const reader *to, const statement_kind *kind)
{
    return (char *)to->config + kind->offset;
}

/* A copy that ends with NUL; NULL (never seen later: the error stops it) without memory. */
static const char *keep(reader *to, const pm_token *value)
{
    const char *copy = pm_copy(to->arena, value->text).data;

    if (copy == NULL)
        pm_error_token(to->errors, value, "no memory for this");
    return copy;
}

static void read_string(reader *to, const statement_kind *kind, const pm_statement *statement)
{
    const pm_token *value = &statement->values[0];
    const char **into = target(to, kind);

    if (value->text.len == 0)
        pm_error_token(to->errors, value, "\"%s\" must not be empty", kind->name);
    else
        *into = keep(to, value);
}

static void read_folder(reader *to, const statement_kind *kind, const pm_statement *statement)
{
    const pm_token *value = &statement->values[0];
    const char **into = target(to, kind);

    *into = pm_syntax_beside(to->arena, value->file, value->text);
    if (value->text.len == 0)
        pm_error_token(to->errors, value, "\"%s\" must not be empty", kind->name);
    else if (*into == NULL)
        pm_error_token(to->errors, value, "no memory for this");
}

/* Where the store is: a file, sqlite:FILE, or another KIND:WHERE that the store itself judges. A
 * relative file counts from the one that names it. */
static void read_store(reader *to, const statement_kind *kind, const pm_statement *statement)
{
    const pm_token *value = &statement->values[0];
    const pm_slice sqlite = PM_LIT("sqlite:");
    pm_slice where = value->text;
    const char **into = target(to, kind);
    size_t letters = 0;

    if (pm_slice_starts(where, sqlite))
        where = pm_slice_after(where, sqlite.len);
    while (letters < where.len && pm_is_alpha(where.data[letters]))
        letters++;
    if (where.len == 0)
        pm_error_token(to->errors, value, "\"%s\" must not be empty", kind->name);
    else if (letters > 0 && letters < where.len && where.data[letters] == ':')
        *into = keep(to, value);
    else
        *into = pm_syntax_beside(to->arena, value->file, where);
    if (*into == NULL && where.len > 0)
        pm_error_token(to->errors, value, "no memory for this");
}

/* A unix socket and no other: what may be done there is for the users of this machine. */
static void read_control(reader *to, const statement_kind *kind, const pm_statement *statement)
{
    const pm_token *value = &statement->values[0];
    const pm_slice unix_prefix = PM_LIT("unix:");
    const char **into = target(to, kind);
    pm_slice path = value->text;

    if (pm_slice_equal(path, PM_LIT("none"))) {
        *into = NULL;
        return;
    }
    if (pm_slice_starts(path, unix_prefix))
        path = pm_slice_after(path, unix_prefix.len);
    if (path.len < 2 || path.len > CONTROL_LONGEST || path.data[0] != '/' ||
        pm_slice_find_byte(path, '\0') != PM_NOWHERE) {
        pm_error_token(to->errors, value,
                       "\"%s\" wants the whole path of a unix socket, at most %d bytes, for "
                       "instance %s, or none, not \"%.*s\"",
                       kind->name, CONTROL_LONGEST, kind->form, PM_FMT(value->text));
        return;
    }
    *into = pm_copy(to->arena, path).data;
    if (*into == NULL)
        pm_error_token(to->errors, value, "no memory for this");
}

/* Within the range of its kind? Adds the error when it is not. */
static bool read_number(reader *to, const statement_kind *kind, const pm_statement *statement,
                        int64_t *number_out)
{
    const pm_token *value = &statement->values[0];
    pm_status status = pm_syntax_number(value->text, kind->units, number_out);

    /* A time without its unit is the classic of all wrong settings. */
    if (status == PM_OK && (kind->units & (PM_UNITS_TIME | PM_UNITS_AGE)) != 0 &&
        pm_is_digit(value->text.data[value->text.len - 1])) {
        const bool is_age = kind->units == PM_UNITS_AGE;

        pm_error_token(to->errors, value, "\"%s\" wants a unit (%s): %.*s%s?", kind->name,
                       is_age ? "d, y" : "us, ms, s", PM_FMT(value->text), is_age ? "d" : "ms");
        return false;
    }
    if (status == PM_OK && *number_out >= kind->min && *number_out <= kind->max)
        return true;
    pm_error_token(to->errors, value, "\"%s\" wants a number from %s, not \"%.*s\"", kind->name,
                   kind->range, PM_FMT(value->text));
    return false;
}

static void read_size(reader *to, const statement_kind *kind, const pm_statement *statement)
{
    size_t *into = target(to, kind);
    int64_t number;

    if (read_number(to, kind, statement, &number))
        *into = (size_t)number;
}

static void read_int64(reader *to, const statement_kind *kind, const pm_statement *statement)
{
    int64_t *into = target(to, kind);
    int64_t number;

    if (read_number(to, kind, statement, &number))
        *into = number;
}

static void read_mode(reader *to, const statement_kind *kind, const pm_statement *statement)
{
    const pm_token *value = &statement->values[0];
    unsigned *into = target(to, kind);
    unsigned mode = 0;

    for (size_t i = 0; i < value->text.len; i++) {
        if (value->text.data[i] < '0' || value->text.data[i] > '7' || value->text.len > 4) {
            mode = 01000;
            break;
        }
        mode = mode * 8 + (unsigned)(value->text.data[i] - '0');
    }
    if (mode == 0 || mode > 0777)
        pm_error_token(to->errors, value,
                       "\"%s\" wants file permissions in octal, for instance 0660, not \"%.*s\"",
                       kind->name, PM_FMT(value->text));
    else
        *into = mode;
}

static void read_yes_no(reader *to, const statement_kind *kind, const pm_statement *statement)
{
    const pm_token *value = &statement->values[0];
    bool *into = target(to, kind);

    if (pm_slice_equal(value->text, PM_LIT("yes")))
        *into = true;
    else if (pm_slice_equal(value->text, PM_LIT("no")))
        *into = false;
    else
        pm_error_token(to->errors, value, "\"%s\" wants yes or no, not \"%.*s\"", kind->name,
                       PM_FMT(value->text));
}

static void read_log_level(reader *to, const statement_kind *kind, const pm_statement *statement)
{
    static const struct {
        const char *name;
        int level;
    } levels[] = {{"error", PM_LEVEL_ERROR},
                  {"warning", PM_LEVEL_WARNING},
                  {"info", PM_LEVEL_INFO},
                  {"debug", PM_LEVEL_DEBUG}};
    const pm_token *value = &statement->values[0];
    int *into = target(to, kind);

    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
        if (pm_slice_equal(value->text, pm_slice_of(levels[i].name))) {
            *into = levels[i].level;
            return;
        }
    }
    pm_error_token(to->errors, value, "\"%s\" wants error, warning, info or debug, not \"%.*s\"",
                   kind->name, PM_FMT(value->text));
}

/* The beginning of a header field's name (RFC 5322 section 3.6.8, kept to what nobody trips over).
 */
static void read_field_prefix(reader *to, const statement_kind *kind, const pm_statement *statement)
{
    const pm_token *value = &statement->values[0];
    pm_slice text = value->text, *into = target(to, kind);
    bool good = text.len >= 2 && text.len <= 32 && pm_is_alpha(text.data[0]) &&
                text.data[text.len - 1] == '-';

    for (size_t i = 0; i < text.len; i++)
        good &= pm_is_alpha(text.data[i]) || pm_is_digit(text.data[i]) || text.data[i] == '-';
    if (!good)
        pm_error_token(to->errors, value,
                       "\"%s\" wants letters, digits and hyphens with a hyphen at the end, at most "
                       "32, for instance Patchmark-, not \"%.*s\"",
                       kind->name, PM_FMT(text));
    else
        *into = (pm_slice){keep(to, value), text.len};
}

/* A name as in an Authentication-Results field (RFC 8601 section 2.5): a host's name will do. */
static void read_instance(reader *to, const statement_kind *kind, const pm_statement *statement)
{
    const pm_token *value = &statement->values[0];
    pm_slice text = value->text, *into = target(to, kind);
    bool good = text.len >= 1 && text.len <= 255;

    for (size_t i = 0; i < text.len; i++)
        good &= pm_is_alpha(text.data[i]) || pm_is_digit(text.data[i]) ||
                strchr(".-_", text.data[i]) != NULL;
    if (!good)
        pm_error_token(to->errors, value,
                       "\"%s\" wants a name like a host's (letters, digits, . - _), not \"%.*s\"",
                       kind->name, PM_FMT(text));
    else
        *into = (pm_slice){keep(to, value), text.len};
}

static void check_names(reader *to, const statement_kind *kind, const pm_statement *statement)
{
    for (size_t i = 0; i < statement->count; i++) {
        const pm_token *value = &statement->values[i];

        if (!pm_syntax_is_slug(value->text))
            pm_error_token(to->errors, value,
                           "\"%s\" wants names of small letters, digits, - and ., not \"%.*s\"",
                           kind->name, PM_FMT(value->text));
    }
}

/* ---- What there is ---- */

static void read_limits(reader *to, const statement_kind *kind, const pm_statement *statement);
static void read_memory(reader *to, const statement_kind *kind, const pm_statement *statement);
static void read_decision_log(reader *to, const statement_kind *kind,
                              const pm_statement *statement);
static void read_allow(reader *to, const statement_kind *kind, const pm_statement *statement);
static void check_project(reader *to, const statement_kind *kind, const pm_statement *statement);
static void check_plugin(reader *to, const statement_kind *kind, const pm_statement *statement);

#define READ(how, member)         .read = read_##how, .offset = offsetof(pm_config, member)
#define READ_MANY(what, function) .shape = what, .repeats = true, .read = (function)
#define RANGE(from, to, text)     .min = (from), .max = (to), .range = (text)

static const statement_kind top_kinds[] = {
    {.name = "socket", .form = "unix:/run/patchmark/patchmark.sock", READ(string, socket)},
    {.name = "socket-mode", .form = "0660", READ(mode, socket_mode)},
    {.name = "socket-group", .form = "postfix", READ(string, socket_group)},
    {.name = "field-prefix", .form = "Patchmark-", READ(field_prefix, field_prefix)},
    {.name = "instance", .form = "lists.example.org", READ(instance, instance)},
    {.name = "plugin-directory", .form = "/usr/lib/patchmark", READ(folder, plugin_directory)},
    {.name = "log-level", .form = "info", READ(log_level, log_level)},
    {.name = "allow-root", .form = "no", READ(yes_no, allow_root)},
    {.name = "control", .form = CONTROL_USUALLY, READ(control, control)},
    {.name = "store", .form = "/var/lib/patchmark/series.db", READ(store, store)},
    {.name = "state-directory", .form = "/var/lib/patchmark", READ(folder, state_directory)},
    {.name = "memory", .form = "{ retention 2y }", .shape = BLOCK, .read = read_memory},
    {.name = "decision-log", .form = "{ size 64M }", .shape = BLOCK, .read = read_decision_log},
    {.name = "plugins",
     .form = "project thread subsystem revision",
     READ_MANY(VALUES, check_names)},
    {.name = "limits", .form = "{ memory 64M }", .shape = BLOCK, .read = read_limits},
    {.name = "allow", .form = "{ discard no }", .shape = BLOCK, .read = read_allow},
    {.name = "project", .form = "NAME { ... }", READ_MANY(BLOCK, check_project)},
    {.name = "plugin", .form = "NAME { ... }", READ_MANY(BLOCK, check_plugin)},
    {.name = "rule", .form = "NAME { ... }", READ_MANY(BLOCK, NULL)},
    {.name = "list", .form = "NAME { ... }", READ_MANY(ANY, NULL)},
    {.name = "shadow", .form = "NAME { ... }", READ_MANY(BLOCK, NULL)},
    {.name = "include", .form = "rules/*.rules", READ_MANY(VALUES, NULL)}, /* the reader's */
    {.name = NULL},
};

static const statement_kind memory_kinds[] = {
    {.name = "retention",
     .form = "2y",
     READ(int64, retention_us),
     RANGE(DAY_US, 100 * 365 * DAY_US, "1d to 100y"),
     .units = PM_UNITS_AGE},
    {.name = "size",
     .form = "10G",
     READ(int64, store_size),
     RANGE(INT64_C(1) << 20, INT64_C(1) << 50, "1M to 1048576G"),
     .units = PM_UNITS_SIZE},
    {.name = NULL},
};

static const statement_kind decision_log_kinds[] = {
    {.name = "size",
     .form = "64M",
     READ(int64, decision_log_size),
     RANGE(0, INT64_C(1) << 40, "0 (no log) to 1024G"),
     .units = PM_UNITS_SIZE},
    {.name = "keep", .form = "8", READ(size, decision_log_keep), RANGE(0, 100, "0 to 100")},
    {.name = NULL},
};

static const statement_kind limit_kinds[] = {
    {.name = "memory",
     .form = "64M",
     READ(size, limits.memory),
     RANGE(INT64_C(1) << 20, INT64_C(4) << 30, "1M to 4G"),
     .units = PM_UNITS_SIZE},
    {.name = "body",
     .form = "4M",
     READ(size, limits.body),
     RANGE(INT64_C(64) << 10, INT64_C(1) << 30, "64K to 1G"),
     .units = PM_UNITS_SIZE},
    {.name = "headers",
     .form = "2000",
     READ(size, limits.headers),
     RANGE(100, 100 * 1000, "100 to 100000")},
    {.name = "time",
     .form = "200ms",
     READ(int64, message_time_us),
     RANGE(1000, INT64_C(60) * 1000 * 1000, "1ms to 60s"),
     .units = PM_UNITS_TIME},
    {.name = "plugin-time",
     .form = "100ms",
     READ(int64, plugin_time_us),
     RANGE(1000, INT64_C(60) * 1000 * 1000, "1ms to 60s"),
     .units = PM_UNITS_TIME},
    {.name = NULL},
};

static const statement_kind allow_kinds[] = {
    {.name = "discard", .form = "no", READ(yes_no, powers.discard)},
    {.name = "reject", .form = "no", READ(yes_no, powers.reject)},
    {.name = NULL},
};

/* The plugins read them; they are named here so that a misspelt one is an error. */
static const statement_kind project_kinds[] = {
    {.name = "why", .form = "\"...\""},
    {.name = "words", .form = "net-next tip", READ_MANY(VALUES, NULL)},
    {.name = "lists", .form = "dev.lists.example.org", READ_MANY(VALUES, NULL)},
    {.name = "paths", .form = "arch/ drivers/", READ_MANY(VALUES, NULL)},
    {.name = "maintainers", .form = "/srv/linux/MAINTAINERS"},
    {.name = "files", .form = "/srv/linux.files"},
    {.name = "sections", .form = "{ \"TITLE\" slug }", READ_MANY(BLOCK, NULL)},
    {.name = NULL},
};

/* ---- Statements against their table ---- */

#define MOST_KINDS 32

static void list_names(const statement_kind *kinds, const char *names[MOST_KINDS + 1])
{
    size_t count = 0;

    for (; kinds[count].name != NULL && count < MOST_KINDS; count++)
        names[count] = kinds[count].name;
    names[count] = NULL;
}

static bool check_shape(reader *to, const statement_kind *kind, const pm_statement *statement)
{
    if (kind->shape == ANY)
        return true;
    if ((kind->shape == BLOCK) != statement->has_block) {
        pm_error_token(to->errors, &statement->word, "\"%s\" %s (write: %s %s)", kind->name,
                       kind->shape == BLOCK ? "wants a block" : "has no block", kind->name,
                       kind->form);
        return false;
    }
    if (kind->shape == BLOCK)
        return true;
    for (size_t i = 0; i < statement->count; i++) {
        if (pm_token_is_text(&statement->values[i]))
            continue;
        pm_error_token(to->errors, &statement->values[i], "\"%.*s\" is no value (put it in quotes)",
                       PM_FMT(statement->values[i].text));
        return false;
    }
    if (statement->count == 0 || (kind->shape == ONE_VALUE && statement->count > 1)) {
        pm_error_token(to->errors, statement->count == 0 ? &statement->word : &statement->values[1],
                       "\"%s\" wants %s (for instance: %s %s)", kind->name,
                       kind->shape == ONE_VALUE ? "one value" : "a value", kind->name, kind->form);
        return false;
    }
    return true;
}

static void check_once(reader *to, const statement_kind *kind, const pm_statement *statement,
                       const pm_statement **seen)
{
    if (*seen != NULL && !kind->repeats)
        pm_error_token(to->errors, &statement->word,
                       "\"%s\" is set twice (the first time at %s:%u)", kind->name,
                       (*seen)->word.file, (*seen)->word.line);
    *seen = statement;
}

static void unknown(reader *to, const statement_kind *kinds, const char *where,
                    const pm_statement *statement)
{
    const char *names[MOST_KINDS + 1];

    list_names(kinds, names);
    /* A block that is not ours is perhaps a plugin's; one that only misspells ours is not. */
    if (kinds == top_kinds && statement->has_block &&
        pm_nearest(statement->word.text, names) == NULL)
        return;
    pm_error_unknown(to->errors, &statement->word, "there is no ", where, names,
                     "config.md lists what there is");
}

static void read_statements(reader *to, const statement_kind *kinds, const char *where,
                            const pm_statement *statements)
{
    const pm_statement *seen[MOST_KINDS] = {NULL};

    for (const pm_statement *at = statements; at != NULL; at = at->next) {
        size_t i = 0;

        while (kinds[i].name != NULL && !pm_slice_equal(at->word.text, pm_slice_of(kinds[i].name)))
            i++;
        if (kinds[i].name == NULL) {
            unknown(to, kinds, where, at);
            continue;
        }
        if (!check_shape(to, &kinds[i], at))
            continue;
        check_once(to, &kinds[i], at, &seen[i]);
        if (kinds[i].read != NULL)
            kinds[i].read(to, &kinds[i], at);
    }
}

static void read_limits(reader *to, const statement_kind *kind, const pm_statement *statement)
{
    (void)kind;
    read_statements(to, limit_kinds, " in limits", statement->children);
}

static void read_memory(reader *to, const statement_kind *kind, const pm_statement *statement)
{
    (void)kind;
    read_statements(to, memory_kinds, " in memory", statement->children);
}

static void read_decision_log(reader *to, const statement_kind *kind, const pm_statement *statement)
{
    (void)kind;
    read_statements(to, decision_log_kinds, " in decision-log", statement->children);
}

static void read_allow(reader *to, const statement_kind *kind, const pm_statement *statement)
{
    (void)kind;
    read_statements(to, allow_kinds, " in allow", statement->children);
}

/* `project NAME { ... }` and `plugin NAME { ... }` have exactly one name. */
static bool check_name(reader *to, const statement_kind *kind, const pm_statement *statement)
{
    if (statement->count == 1 && pm_token_is_text(&statement->values[0]) &&
        pm_syntax_is_slug(statement->values[0].text))
        return true;
    pm_error_token(to->errors, statement->count > 0 ? &statement->values[0] : &statement->word,
                   "a %s has one name, of small letters, digits, - and . (write: %s %s)",
                   kind->name, kind->name, kind->form);
    return false;
}

static void check_project(reader *to, const statement_kind *kind, const pm_statement *statement)
{
    if (check_name(to, kind, statement))
        read_statements(to, project_kinds, " in a project", statement->children);
}

static void check_plugin(reader *to, const statement_kind *kind, const pm_statement *statement)
{
    check_name(to, kind, statement); /* what is in it, the plugin's options say */
}

/* ---- Finding the file ---- */

#define CONFIG_NAME "patchmark.conf"

/* The patchmark.conf beside the running program, which a build that is not installed has; NULL when
 * there is none. */
static const char *beside_program(pm_arena *arena)
{
    char program[4096];
    const ssize_t length = readlink("/proc/self/exe", program, sizeof(program));
    size_t slash;
    pm_slice file;

    if (length <= 0 || (size_t)length == sizeof(program))
        return NULL;
    slash = pm_slice_find_last((pm_slice){program, (size_t)length}, PM_LIT("/"));
    if (slash == PM_NOWHERE)
        return NULL;
    file = pm_print(arena, "%.*s/" CONFIG_NAME, (int)slash, program);
    return file.data != NULL && access(file.data, F_OK) == 0 ? file.data : NULL;
}

const char *pm_config_find(pm_arena *arena)
{
    const char *beside = beside_program(arena);

    return beside != NULL ? beside : PATCHMARK_SYSCONFDIR "/" CONFIG_NAME;
}

/* ---- From outside ---- */

static const char *host_name(pm_arena *arena)
{
    char name[256] = "";

    if (gethostname(name, sizeof(name) - 1) != 0 || name[0] == '\0')
        return "localhost";
    return pm_copy(arena, pm_slice_of(name)).data;
}

static void set_defaults(pm_arena *arena, pm_config *config)
{
    const char *file = config->file; /* whoever read it knows */
    const char *host = host_name(arena);

    *config = (pm_config){
        .file = file == NULL ? "built-in defaults" : file,
        .socket = "unix:/run/patchmark/patchmark.sock",
        .socket_mode = 0660,
        .field_prefix = PM_LIT("Patchmark-"),
        .instance = pm_slice_of(host == NULL ? "localhost" : host),
        .plugin_directory = PATCHMARK_PLUGIN_DIRECTORY,
        .limits = pm_message_default_limits,
        .message_time_us = 200 * 1000,
        .plugin_time_us = 100 * 1000,
        .retention_us = 2 * 365 * DAY_US,
        .store_size = INT64_C(10) << 30,
        .decision_log_size = INT64_C(64) << 20,
        .decision_log_keep = 8,
        .control = beside_program(arena) == NULL ? CONTROL_USUALLY : NULL,
        .log_level = PM_LEVEL_INFO,
    };
}

bool pm_config_read(pm_arena *arena, const pm_statement *statements, pm_config *config_out,
                    pm_errors *errors)
{
    reader to = {.arena = arena, .errors = errors, .config = config_out};
    size_t before = pm_errors_count(errors);

    set_defaults(arena, config_out);
    read_statements(&to, top_kinds, " in a configuration", statements);
    return pm_errors_count(errors) == before;
}

const char *pm_config_control(pm_arena *arena, const char *file)
{
    const statement_kind *kind = top_kinds;
    pm_errors *unheard = pm_errors_new(); /* check and the daemon's log tell what is wrong */
    pm_config config = {.file = file};
    reader to = {.arena = arena, .errors = unheard, .config = &config};
    pm_statement *statements = NULL;

    set_defaults(arena, &config);
    while (strcmp(kind->name, "control") != 0)
        kind++;
    (void)pm_syntax_read(arena, file == NULL ? pm_config_find(arena) : file, unheard, &statements,
                         NULL);
    for (const pm_statement *at = statements; at != NULL; at = at->next)
        if (pm_token_is_word(&at->word, kind->name) && check_shape(&to, kind, at))
            read_control(&to, kind, at);
    pm_errors_free(unheard);
    return config.control;
}
