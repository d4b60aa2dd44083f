/* SPDX-License-Identifier: BSD-2-Clause */
/* decision_json - the lines of the decision log; see decision_json.h. */
#include "decision_json.h"

#include "difference.h"

#include <inttypes.h>
#include <jansson.h>

/* ---- Writing --------------------------------------------------------------------------------- */

/* U+FFFD for what is no UTF-8, so that no reader refuses the line. */
static void add_character(pm_strbuf *to, pm_slice text, size_t length)
{
    const unsigned char first = (unsigned char)text.data[0];

    if (length == 0)
        pm_strbuf_add(to, PM_LIT("\xef\xbf\xbd"));
    else if (first == '"' || first == '\\')
        pm_strbuf_printf(to, "\\%c", first);
    else if (first < ' ' || first == 127)
        pm_strbuf_printf(to, "\\u%04x", first);
    else
        pm_strbuf_add(to, pm_slice_cut(text, 0, length));
}

/* How much of a text stands in JSON as it is, whatever follows. */
static size_t plain_length(pm_slice text)
{
    size_t length = 0;

    while (length < text.len && text.data[length] >= ' ' && text.data[length] < 127 &&
           text.data[length] != '"' && text.data[length] != '\\')
        length++;
    return length;
}

static void add_text(pm_strbuf *to, pm_slice text)
{
    pm_strbuf_add_byte(to, '"');
    while (text.len > 0) {
        size_t length = plain_length(text);

        if (length > 0) {
            pm_strbuf_add(to, pm_slice_cut(text, 0, length));
        } else {
            length = pm_slice_utf8_length(text);
            add_character(to, text, length);
        }
        text = pm_slice_after(text, length == 0 ? 1 : length);
    }
    pm_strbuf_add_byte(to, '"');
}

static void add_text_or_null(pm_strbuf *to, pm_slice text)
{
    if (text.len == 0)
        pm_strbuf_add(to, PM_LIT("null"));
    else
        add_text(to, text);
}

/* The name of a member, and what stands in front of it. */
static void add_name(pm_strbuf *to, const char *name)
{
    if (to->len > 0 && to->data[to->len - 1] != '{')
        pm_strbuf_add_byte(to, ',');
    pm_strbuf_add_byte(to, '"');
    pm_strbuf_add_text(to, name);
    pm_strbuf_add(to, PM_LIT("\":"));
}

static void add_text_member(pm_strbuf *to, const char *name, pm_slice text)
{
    add_name(to, name);
    add_text_or_null(to, text);
}

static void add_number_member(pm_strbuf *to, const char *name, int64_t number)
{
    add_name(to, name);
    pm_strbuf_printf(to, "%" PRId64, number);
}

static void add_number_or_null(pm_strbuf *to, const char *name, int64_t number, bool known)
{
    add_name(to, name);
    if (known)
        pm_strbuf_printf(to, "%" PRId64, number);
    else
        pm_strbuf_add(to, PM_LIT("null"));
}

static void add_texts_member(pm_strbuf *to, const char *name, const pm_slice *texts, size_t count)
{
    add_name(to, name);
    pm_strbuf_add_byte(to, '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            pm_strbuf_add_byte(to, ',');
        add_text(to, texts[i]);
    }
    pm_strbuf_add_byte(to, ']');
}

/* The members of a pm_marked that are one text: one table for both ways. */
static const struct text_member {
    const char *name;
    size_t at;
} marked_texts[] = {
    {"series", offsetof(pm_marked, series)},         {"project", offsetof(pm_marked, project)},
    {"inbox", offsetof(pm_marked, inbox)},           {"chain", offsetof(pm_marked, chain)},
    {"supersedes", offsetof(pm_marked, supersedes)},
};
#define MARKED_TEXTS (sizeof(marked_texts) / sizeof(marked_texts[0]))

static void add_marked(pm_strbuf *to, const pm_marked *marked)
{
    for (size_t i = 0; i < MARKED_TEXTS; i++) {
        pm_slice text;

        memcpy(&text, (const char *)marked + marked_texts[i].at, sizeof(text));
        add_text_member(to, marked_texts[i].name, text);
    }
    add_texts_member(to, "subsystems", marked->subsystems, marked->subsystem_count);
}

static void add_marked_member(pm_strbuf *to, const char *name, const pm_marked *marked)
{
    add_name(to, name);
    pm_strbuf_add_byte(to, '{');
    add_marked(to, marked);
    pm_strbuf_add_byte(to, '}');
}

/* [["cog",6],["wheel",2.5]] */
static void add_own(pm_strbuf *to, const pm_words *words)
{
    pm_strbuf_add_byte(to, '[');
    for (size_t i = 0; i < words->own_count; i++) {
        pm_strbuf_add_text(to, i > 0 ? ",[" : "[");
        add_text(to, words->own[i].value);
        pm_strbuf_printf(to, ",%.9g]", words->own[i].weight);
    }
    pm_strbuf_add_byte(to, ']');
}

static void add_words(pm_strbuf *to, const pm_decision *decision)
{
    add_name(to, "said");
    pm_strbuf_add_byte(to, '{');
    for (pm_label label = 0; label < PM_LABELS; label++) {
        add_name(to, pm_label_name(label));
        add_own(to, &decision->words[label]);
    }
    pm_strbuf_add_byte(to, '}');
    add_name(to, "by");
    pm_strbuf_add_byte(to, '{');
    for (pm_label label = 0; label < PM_LABELS; label++)
        add_texts_member(to, pm_label_name(label), decision->words[label].by,
                         decision->words[label].by_count);
    pm_strbuf_add_byte(to, '}');
}

void pm_decision_add_json(pm_strbuf *to, const pm_decision *decision)
{
    const bool numbered = decision->revision > 0;

    pm_strbuf_add(to, PM_LIT("{\"type\":\"decision\""));
    add_number_member(to, "time", decision->time);
    add_text_member(to, "queue_id", decision->queue_id);
    add_text_member(to, "message_id", decision->message_id);
    add_text_member(to, "kind", decision->kind);
    add_number_or_null(to, "revision", decision->revision, numbered);
    add_number_or_null(to, "part", decision->part, decision->part >= 0);
    add_number_or_null(to, "total", decision->total, decision->total >= 0);
    add_name(to, "delivered");
    pm_strbuf_add_text(to, decision->delivered ? "true" : "false");
    add_marked(to, &decision->marked);
    add_words(to, decision);
    add_text_member(to, "heir", decision->heir);
    pm_strbuf_add(to, PM_LIT("}\n"));
}

static void add_changes(pm_strbuf *to, unsigned difference)
{
    const char *gap = "";

    add_name(to, "changes");
    pm_strbuf_add_byte(to, '[');
    for (unsigned i = 0; i < PM_ASPECTS; i++)
        if (difference >> i & 1) {
            pm_strbuf_printf(to, "%s\"%s\"", gap, pm_aspect_name((pm_aspect)i));
            gap = ",";
        }
    pm_strbuf_add_byte(to, ']');
}

void pm_late_add_json(pm_strbuf *to, const pm_late *late)
{
    pm_strbuf_add(to, PM_LIT("{\"type\":\"late\""));
    add_number_or_null(to, "time", late->time, late->time != 0);
    add_number_member(to, "marked_at", late->marked_at);
    add_text_member(to, "queue_id", late->queue_id);
    add_text_member(to, "message_id", late->message_id);
    add_text_member(to, "because", late->because);
    add_text_member(to, "correction", late->correction);
    add_changes(to, pm_marked_difference(&late->was, &late->now));
    add_marked_member(to, "was", &late->was);
    add_marked_member(to, "now", &late->now);
    pm_strbuf_add(to, PM_LIT("}\n"));
}

void pm_dropped_add_json(pm_strbuf *to, int64_t time, uint64_t count)
{
    pm_strbuf_printf(to, "{\"type\":\"dropped\",\"time\":%" PRId64 ",\"count\":%" PRIu64 "}\n",
                     time, count);
}

/* ---- Reading --------------------------------------------------------------------------------- */

/* A value that is missing, or none of its kind, is empty: a log is what it is. */
static bool read_text(pm_arena *arena, const json_t *value, pm_slice *text_out)
{
    *text_out = PM_EMPTY;
    if (json_is_string(value))
        *text_out = pm_copy(arena, (pm_slice){json_string_value(value), json_string_length(value)});
    return text_out->data != NULL;
}

static int64_t read_number(const json_t *object, const char *name, int64_t otherwise)
{
    const json_t *value = json_object_get(object, name);

    return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

static bool read_texts(pm_arena *arena, const json_t *array, const pm_slice **texts_out,
                       size_t *count_out)
{
    size_t count = json_array_size(array);
    pm_slice *texts;

    if (count > PM_DECISION_MOST)
        count = PM_DECISION_MOST;
    texts = pm_alloc_array(arena, count, sizeof(*texts));
    for (size_t i = 0; texts != NULL && i < count; i++)
        if (!read_text(arena, json_array_get(array, i), &texts[i]))
            return false;
    *texts_out = texts;
    *count_out = count;
    return texts != NULL;
}

static bool read_marked(pm_arena *arena, const json_t *object, pm_marked *marked)
{
    for (size_t i = 0; i < MARKED_TEXTS; i++) {
        pm_slice text;

        if (!read_text(arena, json_object_get(object, marked_texts[i].name), &text))
            return false;
        memcpy((char *)marked + marked_texts[i].at, &text, sizeof(text));
    }
    return read_texts(arena, json_object_get(object, "subsystems"), &marked->subsystems,
                      &marked->subsystem_count);
}

static bool read_own(pm_arena *arena, const json_t *array, pm_words *words)
{
    size_t count = json_array_size(array);
    pm_word *own;

    if (count > PM_DECISION_MOST)
        count = PM_DECISION_MOST;
    own = pm_alloc_array(arena, count, sizeof(*own));
    for (size_t i = 0; own != NULL && i < count; i++) {
        const json_t *pair = json_array_get(array, i);

        if (!read_text(arena, json_array_get(pair, 0), &own[i].value))
            return false;
        own[i].weight = json_number_value(json_array_get(pair, 1));
    }
    words->own = own;
    words->own_count = count;
    return own != NULL;
}

static bool read_words(pm_arena *arena, const json_t *object, pm_decision *decision)
{
    const json_t *said = json_object_get(object, "said"), *by = json_object_get(object, "by");

    for (pm_label label = 0; label < PM_LABELS; label++) {
        pm_words *words = &decision->words[label];
        const char *name = pm_label_name(label);

        if (!read_own(arena, json_object_get(said, name), words) ||
            !read_texts(arena, json_object_get(by, name), &words->by, &words->by_count))
            return false;
    }
    return true;
}

static bool read_decision(pm_arena *arena, const json_t *object, pm_decision *decision)
{
    *decision = (pm_decision){
        .time = read_number(object, "time", 0),
        .revision = (unsigned)read_number(object, "revision", 0),
        .part = (int)read_number(object, "part", -1),
        .total = (int)read_number(object, "total", -1),
        .delivered = !json_is_false(json_object_get(object, "delivered")),
    };
    return read_text(arena, json_object_get(object, "queue_id"), &decision->queue_id) &&
           read_text(arena, json_object_get(object, "message_id"), &decision->message_id) &&
           read_text(arena, json_object_get(object, "kind"), &decision->kind) &&
           read_text(arena, json_object_get(object, "heir"), &decision->heir) &&
           read_marked(arena, object, &decision->marked) && read_words(arena, object, decision);
}

static bool read_late(pm_arena *arena, const json_t *object, pm_late *late)
{
    *late = (pm_late){.time = read_number(object, "time", 0),
                      .marked_at = read_number(object, "marked_at", 0)};
    return read_text(arena, json_object_get(object, "queue_id"), &late->queue_id) &&
           read_text(arena, json_object_get(object, "message_id"), &late->message_id) &&
           read_text(arena, json_object_get(object, "because"), &late->because) &&
           read_text(arena, json_object_get(object, "correction"), &late->correction) &&
           read_marked(arena, json_object_get(object, "was"), &late->was) &&
           read_marked(arena, json_object_get(object, "now"), &late->now);
}

pm_status pm_record_read(pm_arena *arena, pm_slice line, pm_record *record_out)
{
    json_t *object = json_loadb(line.data, line.len, JSON_ALLOW_NUL, NULL);
    const char *type = json_string_value(json_object_get(object, "type"));
    pm_status status = PM_ABSENT;

    if (type != NULL && strcmp(type, "decision") == 0) {
        record_out->type = PM_RECORD_DECISION;
        status = read_decision(arena, object, &record_out->decision) ? PM_OK : PM_LIMIT;
    } else if (type != NULL && strcmp(type, "late") == 0) {
        record_out->type = PM_RECORD_LATE;
        status = read_late(arena, object, &record_out->late) ? PM_OK : PM_LIMIT;
    }
    json_decref(object);
    return status;
}
