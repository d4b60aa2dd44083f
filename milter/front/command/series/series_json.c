/* SPDX-License-Identifier: BSD-2-Clause */
/* series_json - the memory as JSON Lines, and back; see series_json.h. */
#include "series_json.h"

#include "clock.h"
#include "json.h"
#include "progress.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>

#define LINE_MEMORY  (8 << 20)
#define WRITE_US     30000000
#define MOST_OF_LIST 1000

/* ---- Out ------------------------------------------------------------------------------------- */

/* Members of a series that are numbers, and those that are texts: one table for both ways. */
static const struct number_member {
    const char *name;
    size_t at, size;
    json_int_t least, otherwise;
} numbers[] = {
    {"revision", offsetof(pm_series, revision), sizeof(uint32_t), 0, 1},
    {"reroll", offsetof(pm_series, reroll), sizeof(uint32_t), 0, 0},
    {"total", offsetof(pm_series, total), sizeof(int32_t), -1, -1},
    {"rank", offsetof(pm_series, rank), sizeof(int32_t), 0, 0},
    {"date", offsetof(pm_series, date), sizeof(int64_t), INT64_MIN, 0},
    {"last_seen", offsetof(pm_series, last_seen), sizeof(int64_t), INT64_MIN, 0},
};

static const struct text_member {
    const char *name;
    size_t at;
} texts[] = {
    {"title", offsetof(pm_series, title)},
    {"author", offsetof(pm_series, author)},
    {"author_name", offsetof(pm_series, author_name)},
    {"change_id", offsetof(pm_series, change_id)},
    {"project", offsetof(pm_series, project)},
    {"inbox", offsetof(pm_series, inbox)},
};

static const struct list_member {
    const char *name;
    size_t at, count_at;
} lists[] = {
    {"subsystems", offsetof(pm_series, subsystems), offsetof(pm_series, subsystem_count)},
    {"titles", offsetof(pm_series, titles), offsetof(pm_series, title_count)},
    {"paths", offsetof(pm_series, paths), offsetof(pm_series, path_count)},
};

static const struct flag_member {
    const char *name;
    uint32_t bit;
} flag_members[] = {
    {"rfc", PM_SERIES_RFC},
    {"resend", PM_SERIES_RESEND},
    {"root", PM_SERIES_ROOT},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static json_int_t number_of(const pm_series *series, const struct number_member *member)
{
    const char *at = (const char *)series + member->at;
    int64_t wide;
    int32_t narrow;

    if (member->size == sizeof(wide)) {
        memcpy(&wide, at, sizeof(wide));
        return wide;
    }
    memcpy(&narrow, at, sizeof(narrow));
    return narrow;
}

static void set_number(pm_series *series, const struct number_member *member, json_int_t value)
{
    char *at = (char *)series + member->at;
    int64_t wide = value;
    int32_t narrow = (int32_t)value;

    if (member->size == sizeof(wide))
        memcpy(at, &wide, sizeof(wide));
    else
        memcpy(at, &narrow, sizeof(narrow));
}

static json_t *claims_as_json(const pm_series *series)
{
    json_t *array = json_array();

    for (size_t i = 0; i < series->claim_count; i++) {
        const pm_claim *claim = &series->claims[i];
        json_t *object = json_object();

        json_object_set_new(object, "message_id", pm_json_text(claim->message_id));
        json_object_set_new(object, "revision", json_integer(claim->revision));
        json_object_set_new(object, "how", pm_json_text(claim->how));
        json_array_append_new(array, object);
    }
    return array;
}

json_t *pm_series_as_json(const pm_series *series)
{
    json_t *object = json_object();

    json_object_set_new(object, "type", json_string("series"));
    json_object_set_new(object, "id", pm_json_text(series->id));
    for (size_t i = 0; i < COUNT(numbers); i++)
        json_object_set_new(object, numbers[i].name, json_integer(number_of(series, &numbers[i])));
    for (size_t i = 0; i < COUNT(flag_members); i++)
        json_object_set_new(object, flag_members[i].name,
                            json_boolean(series->flags & flag_members[i].bit));
    json_object_set_new(object, "tree",
                        json_integer((series->flags & PM_SERIES_TREE) >> PM_SERIES_TREE_SHIFT));
    for (size_t i = 0; i < COUNT(texts); i++)
        json_object_set_new(
            object, texts[i].name,
            pm_json_text_or_null(*(const pm_slice *)((const char *)series + texts[i].at)));
    for (size_t i = 0; i < COUNT(lists); i++) {
        const char *base = (const char *)series;
        const pm_slice *items = *(const pm_slice *const *)(base + lists[i].at);
        size_t count = *(const size_t *)(base + lists[i].count_at);
        json_t *array = json_array();

        for (size_t nth = 0; nth < count; nth++)
            json_array_append_new(array, pm_json_text(items[nth]));
        json_object_set_new(object, lists[i].name, array);
    }
    json_object_set_new(object, "claims", claims_as_json(series));
    return object;
}

void pm_series_add_link(json_t *object, const pm_series *series)
{
    bool linked = series->supersedes.len > 0;

    json_object_set_new(object, "supersedes", pm_json_text_or_null(series->supersedes));
    json_object_set_new(object, "supersedes_why",
                        linked ? pm_json_text_or_null(series->supersedes_why) : json_null());
    json_object_set_new(object, "supersedes_weight",
                        linked ? json_real(series->supersedes_weight) : json_null());
    json_object_set_new(object, "pinned", json_boolean(series->flags & PM_SERIES_PINNED));
}

/* Print the object and give it back. Ends the walk when nobody can read it. */
static pm_status print(json_t *object)
{
    bool printed = pm_json_print(object);

    json_decref(object);
    if (!printed)
        return PM_LIMIT;
    return ferror(stdout) ? PM_FAULT : PM_OK;
}

static pm_status export_series(void *context, const pm_series *series)
{
    (void)context;
    return print(pm_series_as_json(series));
}

static pm_status export_reference(void *context, const pm_store_message *message, pm_slice series)
{
    json_t *object = json_object();

    (void)context;
    json_object_set_new(object, "type", json_string("reference"));
    json_object_set_new(object, "message_id", pm_json_text(message->message_id));
    json_object_set_new(object, "series", pm_json_text(series));
    json_object_set_new(object, "part", json_integer(message->part));
    json_object_set_new(object, "author", pm_json_text_or_null(message->author));
    return print(object);
}

static pm_status export_link(void *context, const pm_link *link)
{
    json_t *object = json_object();

    (void)context;
    json_object_set_new(object, "type", json_string("link"));
    json_object_set_new(object, "series", pm_json_text(link->series));
    json_object_set_new(object, "supersedes", pm_json_text_or_null(link->predecessor));
    json_object_set_new(object, "weight", json_real(link->weight));
    json_object_set_new(object, "why", pm_json_text_or_null(link->why));
    json_object_set_new(object, "pinned", json_boolean(link->pinned));
    return print(object);
}

static pm_status export_note(void *context, const pm_note *note)
{
    json_t *object = json_object();

    (void)context;
    json_object_set_new(object, "type", json_string("note"));
    json_object_set_new(object, "plugin", pm_json_text(note->plugin));
    json_object_set_new(object, "key", pm_json_text(note->key));
    json_object_set_new(object, "value", pm_json_text(note->value));
    json_object_set_new(object, "expires", json_integer(note->expires));
    return print(object);
}

static pm_status export_path(void *context, pm_slice project, pm_slice path, int64_t seen)
{
    json_t *object = json_object();

    (void)context;
    json_object_set_new(object, "type", json_string("path"));
    json_object_set_new(object, "path", pm_json_text(path));
    json_object_set_new(object, "project", pm_json_text_or_null(project));
    json_object_set_new(object, "seen", json_integer(seen));
    return print(object);
}

bool pm_series_export(pm_store *store, pm_errors *errors)
{
    static const pm_walk walk = {.series = export_series,
                                 .reference = export_reference,
                                 .link = export_link,
                                 .note = export_note,
                                 .path = export_path};
    pm_status status = pm_store_walk(store, &walk, INT64_MAX);

    if (status == PM_OK || ferror(stdout))
        return true; /* whoever looks at standard output says what is wrong with it */
    pm_error_at(errors, NULL, 0, 0,
                status == PM_LIMIT ? "no memory to print what is remembered"
                                   : "the store cannot be read to its end (\"patchmark series "
                                     "verify\" says more)");
    return false;
}

/* ---- In -------------------------------------------------------------------------------------- */

typedef struct import {
    pm_store *store;
    pm_errors *errors;
    const char *name;
    unsigned line;
    pm_arena *arena; /* of one line */
    pm_imported *imported;
    bool away; /* the store does not take it */
} import;

static bool wrong(const import *in, const char *member, const char *what)
{
    pm_error_at(in->errors, in->name, in->line, 0, "\"%s\" must be %s", member, what);
    return false;
}

static pm_slice string_of(const json_t *value)
{
    return (pm_slice){json_string_value(value), json_string_length(value)};
}

/* A text that may be missing or null: then it is empty. */
static bool read_text(const import *in, const json_t *object, const char *name, pm_slice *text_out)
{
    const json_t *value = json_object_get(object, name);

    *text_out = PM_EMPTY;
    if (value == NULL || json_is_null(value))
        return true;
    if (!json_is_string(value))
        return wrong(in, name, "a string or null");
    *text_out = string_of(value);
    return true;
}

static bool read_id(const import *in, const json_t *object, const char *name, pm_slice *id_out)
{
    return read_text(in, object, name, id_out) &&
           (pm_memory_is_id(*id_out) ||
            wrong(in, name, "a Message-ID, without angle brackets and spaces"));
}

static bool read_number(const import *in, const json_t *object, const char *name, json_int_t least,
                        json_int_t most, json_int_t otherwise, json_int_t *number_out)
{
    const json_t *value = json_object_get(object, name);

    *number_out = otherwise;
    if (value == NULL || json_is_null(value))
        return true;
    if (!json_is_integer(value) || json_integer_value(value) < least ||
        json_integer_value(value) > most)
        return wrong(in, name, "a whole number in its range");
    *number_out = json_integer_value(value);
    return true;
}

static bool read_flag(const import *in, const json_t *object, const char *name, bool *flag_out)
{
    const json_t *value = json_object_get(object, name);

    *flag_out = json_is_true(value);
    return value == NULL || json_is_null(value) || json_is_boolean(value) ||
           wrong(in, name, "true or false");
}

/* An array that may be missing; *count_out is how much of it is read. */
static bool read_array(const import *in, const json_t *object, const char *name,
                       const json_t **array_out, size_t *count_out)
{
    *array_out = json_object_get(object, name);
    *count_out = json_array_size(*array_out);
    if (*count_out > MOST_OF_LIST)
        *count_out = MOST_OF_LIST;
    return *array_out == NULL || json_is_null(*array_out) || json_is_array(*array_out) ||
           wrong(in, name, "an array");
}

/* Sorted where it has to be: the subsystems are in their own order. */
static bool read_list(const import *in, const json_t *object, const struct list_member *member,
                      pm_series *series)
{
    const json_t *array;
    pm_slice *items;
    size_t count;

    if (!read_array(in, object, member->name, &array, &count))
        return false;
    items = pm_alloc_array(in->arena, count, sizeof(*items));
    if (items == NULL)
        return wrong(in, member->name, "shorter");
    for (size_t i = 0; i < count; i++) {
        if (!json_is_string(json_array_get(array, i)))
            return wrong(in, member->name, "an array of strings");
        items[i] = string_of(json_array_get(array, i));
    }
    if (member->at != offsetof(pm_series, subsystems))
        count = pm_memory_sort(items, count);
    memcpy((char *)series + member->at, &items, sizeof(items));
    memcpy((char *)series + member->count_at, &count, sizeof(count));
    return true;
}

static bool read_claims(const import *in, const json_t *object, pm_series *series)
{
    const json_t *array;
    json_int_t revision;
    pm_claim *claims;
    size_t count;

    if (!read_array(in, object, "claims", &array, &count))
        return false;
    claims = pm_alloc_array(in->arena, count, sizeof(*claims));
    if (claims == NULL)
        return wrong(in, "claims", "shorter");
    for (size_t i = 0; i < count; i++) {
        const json_t *claim = json_array_get(array, i);

        if (!json_is_object(claim))
            return wrong(in, "claims", "an array of objects");
        if (!read_id(in, claim, "message_id", &claims[i].message_id) ||
            !read_number(in, claim, "revision", 0, INT32_MAX, 0, &revision) ||
            !read_text(in, claim, "how", &claims[i].how))
            return false;
        claims[i].revision = (uint32_t)revision;
    }
    series->claims = claims;
    series->claim_count = count;
    return true;
}

static bool read_series(const import *in, const json_t *object, pm_series *series)
{
    json_int_t tree;

    *series =
        (pm_series){.size = sizeof(*series), .supersedes = PM_EMPTY, .supersedes_why = PM_EMPTY};
    if (!read_id(in, object, "id", &series->id))
        return false;
    for (size_t i = 0; i < COUNT(numbers); i++) {
        json_int_t most = numbers[i].size == sizeof(int64_t) ? INT64_MAX : INT32_MAX, number;

        if (!read_number(in, object, numbers[i].name, numbers[i].least, most, numbers[i].otherwise,
                         &number))
            return false;
        set_number(series, &numbers[i], number);
    }
    for (size_t i = 0; i < COUNT(flag_members); i++) {
        bool set;

        if (!read_flag(in, object, flag_members[i].name, &set))
            return false;
        series->flags |= set ? flag_members[i].bit : 0;
    }
    if (!read_number(in, object, "tree", 0, PM_SERIES_TREE >> PM_SERIES_TREE_SHIFT, 0, &tree))
        return false;
    series->flags |= (uint32_t)tree << PM_SERIES_TREE_SHIFT;
    for (size_t i = 0; i < COUNT(texts); i++) {
        pm_slice text;

        if (!read_text(in, object, texts[i].name, &text))
            return false;
        memcpy((char *)series + texts[i].at, &text, sizeof(text));
    }
    for (size_t i = 0; i < COUNT(lists); i++)
        if (!read_list(in, object, &lists[i], series))
            return false;
    return read_claims(in, object, series);
}

/* Did the store take it? What it cannot take is this line's fault, the rest is the store's. */
static bool taken(import *in, pm_status status, size_t *counter)
{
    if (status == PM_OK) {
        ++*counter;
        return true;
    }
    if (status == PM_FAULT || status == PM_LIMIT) {
        pm_error_at(in->errors, in->name, in->line, 0, "the store cannot keep this");
        return false;
    }
    in->away = true;
    pm_error_at(in->errors, in->name, in->line, 0,
                "the store does not take it (is its disk full, or does another program hold it?); "
                "the same command goes on from here");
    return false;
}

static bool import_series(import *in, const json_t *object)
{
    pm_memo memo = {.message_id = PM_EMPTY, .part = -1};

    if (!read_series(in, object, &memo.series))
        return false;
    return taken(in, pm_store_remember(in->store, &memo, pm_clock_us() + WRITE_US),
                 &in->imported->series);
}

static bool import_reference(import *in, const json_t *object)
{
    pm_memo memo = {.answers = true,
                    .series = {.size = sizeof(memo.series), .total = -1, .rank = PM_NOBODY}};
    json_int_t part;

    if (!read_id(in, object, "message_id", &memo.message_id) ||
        !read_id(in, object, "series", &memo.series.id) ||
        !read_text(in, object, "author", &memo.author) ||
        !read_number(in, object, "part", -1, INT32_MAX, -1, &part))
        return false;
    memo.part = (int)part;
    return taken(in, pm_store_remember(in->store, &memo, pm_clock_us() + WRITE_US),
                 &in->imported->references);
}

static bool import_link(import *in, const json_t *object)
{
    const json_t *weight = json_object_get(object, "weight");
    pm_link link = {.weight = json_number_value(weight)};

    if (!read_id(in, object, "series", &link.series) ||
        !read_text(in, object, "supersedes", &link.predecessor) ||
        (link.predecessor.len > 0 && !read_id(in, object, "supersedes", &link.predecessor)) ||
        !read_text(in, object, "why", &link.why) || !read_flag(in, object, "pinned", &link.pinned))
        return false;
    if (!isfinite(link.weight) || link.weight < 0 || link.weight > 1)
        return wrong(in, "weight", "a number from 0 to 1");
    if (pm_slice_equal(link.series, link.predecessor))
        return wrong(in, "supersedes", "another series");
    return taken(in, pm_store_link(in->store, &link, pm_clock_us() + WRITE_US),
                 &in->imported->links);
}

static bool import_note(import *in, const json_t *object)
{
    json_int_t expires;
    pm_note note;

    if (!read_id(in, object, "plugin", &note.plugin) || !read_text(in, object, "key", &note.key) ||
        !read_text(in, object, "value", &note.value) ||
        !read_number(in, object, "expires", 1, INT64_MAX, 1, &expires))
        return false;
    if (note.value.len == 0)
        return wrong(in, "value", "a string that is not empty");
    note.expires = expires;
    return taken(in, pm_store_note(in->store, &note, 1, pm_clock_us() + WRITE_US),
                 &in->imported->notes);
}

static bool import_path(import *in, const json_t *object)
{
    pm_slice path;
    pm_paths_seen seen = {.paths = &path, .count = 1};
    json_int_t when;

    if (!read_text(in, object, "path", &path) || !read_text(in, object, "project", &seen.project) ||
        !read_number(in, object, "seen", INT64_MIN, INT64_MAX, 0, &when))
        return false;
    if (pm_slice_find_byte(path, '/') == PM_NOWHERE)
        return wrong(in, "path", "a path with a folder");
    seen.seen = when;
    return taken(in, pm_store_see_paths(in->store, &seen, pm_clock_us() + WRITE_US),
                 &in->imported->paths);
}

static bool import_line(import *in, pm_slice line)
{
    static const struct {
        const char *type;
        bool (*import)(import *in, const json_t *object);
    } types[] = {{"series", import_series},
                 {"reference", import_reference},
                 {"link", import_link},
                 {"note", import_note},
                 {"path", import_path}};
    json_error_t error;
    json_t *object;
    pm_slice type = PM_EMPTY;
    bool fine = false;

    if (pm_slice_trim(line).len == 0)
        return true;
    pm_arena_reset(in->arena);
    object = json_loadb(line.data, line.len, 0, &error);
    if (!json_is_object(object)) {
        pm_error_at(in->errors, in->name, in->line, object == NULL ? (unsigned)error.column : 0,
                    "%s (each line is a JSON object, as \"patchmark series export\" prints it)",
                    object == NULL ? error.text : "this is no object");
        json_decref(object);
        return false;
    }
    if (read_text(in, object, "type", &type)) {
        size_t i = 0;

        while (i < COUNT(types) && !pm_slice_equal(type, pm_slice_of(types[i].type)))
            i++;
        fine = i < COUNT(types)
                   ? types[i].import(in, object)
                   : wrong(in, "type", "\"series\", \"reference\", \"link\", \"note\" or \"path\"");
    }
    json_decref(object);
    return fine;
}

/* How large the file is, 0 when that cannot be told. */
static double size_of(FILE *file)
{
    struct stat about;

    return fstat(fileno(file), &about) == 0 && S_ISREG(about.st_mode) ? (double)about.st_size : 0;
}

static bool import_lines(import *in, FILE *file)
{
    const double size = size_of(file);
    pm_progress progress;
    double read = 0;
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    bool fine = true;

    pm_progress_begin(&progress, true);
    while (!in->away && (length = getline(&line, &room, file)) > 0) {
        in->line++;
        read += (double)length;
        fine &= import_line(in, (pm_slice){line, (size_t)length});
        pm_progress_step(&progress, in->name, size > 0 ? read / size : -1);
    }
    pm_progress_wipe(&progress);
    if (!in->away && !feof(file)) {
        pm_error_at(in->errors, in->name, in->line, 0, "reading stopped: %s", strerror(errno));
        fine = false;
    }
    free(line);
    return fine;
}

bool pm_series_import(pm_store *store, const char *path, pm_imported *imported_out,
                      pm_errors *errors)
{
    bool standard = strcmp(path, "-") == 0, fine = false;
import in = {.store = store, .errors = errors, .name = standard ? "standard input" :path, .arena = pm_arena_new(LINE_MEMORY), .imported = imported_out };
    FILE *file = standard ? stdin : fopen(path, "re");

    *imported_out = (pm_imported){0};
    if (file == NULL)
        pm_error_at(errors, path, 0, 0, "cannot be read: %s", strerror(errno));
    else if (in.arena == NULL)
        pm_error_at(errors, path, 0, 0, "there is no memory left to read it");
    else
        fine = import_lines(&in, file);
    if (file != NULL && !standard)
        fclose(file);
    pm_arena_free(in.arena);
    return fine;
}
