/* SPDX-License-Identifier: BSD-2-Clause */
/* json - an outcome as one JSON object; see json.h. */
#include "json.h"

#include "difference.h"
#include "field.h"

#include <stdio.h>
#include <stdlib.h>

json_t *pm_json_text(pm_slice bytes)
{
    pm_strbuf mended;
    json_t *string;

    if (pm_slice_is_utf8(bytes))
        return json_stringn_nocheck(bytes.len == 0 ? "" : bytes.data, bytes.len);

    pm_strbuf_init(&mended, SIZE_MAX / 4);
    while (bytes.len > 0) {
        size_t length = pm_slice_utf8_length(bytes);

        pm_strbuf_add(&mended,
                      length == 0 ? PM_LIT("\xef\xbf\xbd") : pm_slice_cut(bytes, 0, length));
        bytes = pm_slice_after(bytes, length == 0 ? 1 : length);
    }
    string = mended.failed ? NULL : json_stringn_nocheck(mended.data, mended.len);
    pm_strbuf_free(&mended);
    return string;
}

json_t *pm_json_text_or_null(pm_slice bytes)
{
    return bytes.len == 0 ? json_null() : pm_json_text(bytes);
}

static void set(json_t *object, const char *name, json_t *value)
{
    json_object_set_new_nocheck(object, name, value);
}

static json_t *texts(const pm_slice *items, size_t count)
{
    json_t *array = json_array();

    for (size_t i = 0; i < count; i++)
        if (json_array_append_new(array, pm_json_text(items[i])) != 0)
            break;
    return array;
}

/* Revision, part and the like are only said of covers and patches. */
static bool is_numbered(const pm_outcome *outcome)
{
    return outcome->letter != NULL &&
           (outcome->letter->kind == PM_KIND_COVER || outcome->letter->kind == PM_KIND_PATCH);
}

/* ---- One function a member; the letter is there unless the name says otherwise ---- */

static json_t *message_id(const pm_outcome *outcome)
{
    return pm_json_text_or_null(outcome->letter->message_id);
}

static json_t *kind(const pm_outcome *outcome)
{
    return pm_json_text(pm_slice_of(pm_kind_name(outcome->letter->kind)));
}

static json_t *project(const pm_outcome *outcome)
{
    return pm_json_text_or_null(outcome->project);
}

static json_t *revision(const pm_outcome *outcome)
{
    return is_numbered(outcome) ? json_integer(outcome->revision) : json_null();
}

static json_t *part(const pm_outcome *outcome)
{
    return is_numbered(outcome) && outcome->part >= 0 ? json_integer(outcome->part) : json_null();
}

static json_t *total(const pm_outcome *outcome)
{
    return is_numbered(outcome) && outcome->total >= 0 ? json_integer(outcome->total) : json_null();
}

static json_t *rfc(const pm_outcome *outcome)
{
    if (!is_numbered(outcome))
        return json_null();
    return json_boolean(outcome->letter->subject.flags & PM_SUBJECT_RFC);
}

static json_t *resend(const pm_outcome *outcome)
{
    if (!is_numbered(outcome))
        return json_null();
    return json_boolean(outcome->letter->subject.flags & PM_SUBJECT_RESEND);
}

static json_t *prefix(const pm_outcome *outcome)
{
    return texts(outcome->letter->subject.words, outcome->letter->subject.word_count);
}

static json_t *title(const pm_outcome *outcome)
{
    return pm_json_text_or_null(outcome->letter->subject.title);
}

static json_t *author(const pm_outcome *outcome)
{
    pm_slice address = PM_EMPTY;

    /* As rules see it: in lower case. */
    if (pm_field_find(PM_LIT("author"))->text(outcome->letter, 0, &address) != PM_OK)
        return json_null();
    return pm_json_text_or_null(address);
}

static json_t *subsystems(const pm_outcome *outcome)
{
    json_t *array = json_array();

    for (size_t i = 0; i < outcome->subsystem_count; i++) {
        const pm_ranked *ranked = &outcome->subsystems[i];

        if (json_array_append_new(
                array, json_pack("{so, sf, so, so}", "name", pm_json_text(ranked->name), "weight",
                                 ranked->weight, "section", pm_json_text_or_null(ranked->section),
                                 "why", pm_json_text_or_null(ranked->why))) != 0)
            break;
    }
    return array;
}

static json_t *inbox(const pm_outcome *outcome)
{
    return pm_json_text_or_null(outcome->inbox);
}

static json_t *tags(const pm_outcome *outcome)
{
    return texts(outcome->tags, outcome->tag_count);
}

static json_t *series(const pm_outcome *outcome)
{
    return pm_json_text_or_null(outcome->series);
}

static json_t *chain(const pm_outcome *outcome)
{
    return pm_json_text_or_null(outcome->chain);
}

static json_t *supersedes(const pm_outcome *outcome)
{
    return pm_json_text_or_null(outcome->supersedes);
}

static json_t *supersedes_why(const pm_outcome *outcome)
{
    return pm_json_text_or_null(outcome->supersedes_why);
}

static json_t *confidence(const pm_outcome *outcome)
{
    return json_real(outcome->confidence);
}

static json_t *paths(const pm_outcome *outcome)
{
    const pm_diffstat *diffstat = &outcome->letter->diffstat;
    json_t *array = json_array();

    for (size_t i = 0; i < diffstat->count; i++) {
        json_t *path = json_object();

        json_object_set_new_nocheck(path, "path", pm_json_text(diffstat->paths[i].path));
        json_object_set_new_nocheck(path, "lines", json_integer(diffstat->paths[i].lines));
        if (json_array_append_new(array, path) != 0)
            break;
    }
    return array;
}

static json_t *files_changed(const pm_outcome *outcome)
{
    const pm_diffstat *diffstat = &outcome->letter->diffstat;

    if (diffstat->files_changed > 0)
        return json_integer(diffstat->files_changed);
    return diffstat->count > 0 ? json_integer((json_int_t)diffstat->count) : json_null();
}

static json_t *base_commit(const pm_outcome *outcome)
{
    return pm_json_text_or_null(outcome->letter->trailers.base_commit);
}

static json_t *change_id(const pm_outcome *outcome)
{
    return pm_json_text_or_null(outcome->letter->trailers.change_id);
}

static json_t *changelog(const pm_outcome *outcome)
{
    const pm_changelog *log = &outcome->letter->changelog;
    json_t *array = json_array();

    for (size_t i = 0; i < log->count; i++) {
        json_t *entry = json_object();

        json_object_set_new_nocheck(entry, "revision", json_integer(log->entries[i].revision));
        json_object_set_new_nocheck(entry, "text", pm_json_text(log->entries[i].text));
        if (json_array_append_new(array, entry) != 0)
            break;
    }
    return array;
}

/* A mark's value as it reads: without folds. */
static json_t *unfolded(pm_slice value)
{
    pm_strbuf whole;
    json_t *string;

    if (pm_slice_find_byte(value, '\n') == PM_NOWHERE)
        return pm_json_text(value);
    pm_strbuf_init(&whole, SIZE_MAX / 4);
    for (pm_slice rest = value, line; pm_slice_next_line(&rest, &line);) {
        if (whole.len > 0)
            pm_strbuf_add_byte(&whole, ' ');
        pm_strbuf_add(&whole, pm_slice_trim(line));
    }
    string = whole.failed ? NULL : pm_json_text(pm_strbuf_slice(&whole));
    pm_strbuf_free(&whole);
    return string;
}

json_t *pm_json_marks(const pm_outcome *outcome)
{
    json_t *array = json_array();

    for (size_t i = 0; i < outcome->mark_count; i++) {
        json_t *pair = json_array();

        json_array_append_new(pair, pm_json_text(outcome->marks[i].name));
        json_array_append_new(pair, unfolded(outcome->marks[i].value));
        if (json_array_append_new(array, pair) != 0)
            break;
    }
    return array;
}

/* ---- Shadows ---- */

static json_t *fired(const pm_outcome *outcome)
{
    json_t *array = json_array();

    for (size_t i = 0; i < outcome->verdict.fired_count; i++)
        json_array_append_new(array,
                              pm_json_text(pm_slice_of(pm_rule_id(outcome->verdict.fired[i]))));
    return array;
}

static json_t *changes(const pm_shadowed *shadowed)
{
    json_t *array = json_array();

    for (unsigned i = 0; i < PM_ASPECTS; i++)
        if (shadowed->difference >> i & 1)
            json_array_append_new(array, json_string(pm_aspect_name((pm_aspect)i)));
    return array;
}

json_t *pm_json_shadows(const pm_outcome *outcome)
{
    json_t *array = json_array();

    for (size_t i = 0; i < outcome->shadow_count; i++) {
        const pm_shadowed *shadowed = &outcome->shadows[i];
        const pm_outcome *would = shadowed->outcome;
        json_t *object = json_object();

        set(object, "name", pm_json_text(pm_shadow_name(shadowed->shadow)));
        set(object, "instead", json_boolean(pm_shadow_is_instead(shadowed->shadow)));
        set(object, "skipped", json_boolean(would == NULL));
        set(object, "changes", changes(shadowed));
        set(object, "project", would == NULL ? json_null() : project(would));
        set(object, "inbox", would == NULL ? json_null() : inbox(would));
        set(object, "subsystems", would == NULL ? json_array() : subsystems(would));
        set(object, "tags", would == NULL ? json_array() : tags(would));
        set(object, "rules", would == NULL ? json_array() : fired(would));
        json_array_append_new(array, object);
    }
    return array;
}

static const struct member {
    const char *name;
    json_t *(*value)(const pm_outcome *outcome);
    bool of_letter; /* null when there was no memory to read the letter */
} members[] = {
    {"message_id", message_id, true},
    {"kind", kind, true},
    {"project", project, false},
    {"revision", revision, true},
    {"part", part, true},
    {"total", total, true},
    {"rfc", rfc, true},
    {"resend", resend, true},
    {"prefix", prefix, true},
    {"title", title, true},
    {"author", author, true},
    {"subsystems", subsystems, false},
    {"inbox", inbox, false},
    {"tags", tags, false},
    {"series", series, false},
    {"chain", chain, false},
    {"supersedes", supersedes, false},
    {"supersedes_why", supersedes_why, false},
    {"confidence", confidence, false},
    {"paths", paths, true},
    {"files_changed", files_changed, true},
    {"base_commit", base_commit, true},
    {"change_id", change_id, true},
    {"changelog", changelog, true},
    {"headers", pm_json_marks, false},
};

static json_t *build(const pm_outcome *outcome)
{
    json_t *object = json_object();

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        const struct member *member = &members[i];
        bool known = outcome->letter != NULL || !member->of_letter;

        if (json_object_set_new_nocheck(object, member->name,
                                        known ? member->value(outcome) : json_null()) != 0) {
            json_decref(object);
            return NULL;
        }
    }
    if (outcome->shadow_count > 0)
        set(object, "shadows", pm_json_shadows(outcome));
    return object;
}

static int append(const char *bytes, size_t len, void *buffer)
{
    pm_strbuf_add(buffer, (pm_slice){bytes, len});
    return 0;
}

bool pm_json_add_outcome(pm_strbuf *buffer, const pm_outcome *outcome)
{
    size_t before = buffer->len;
    json_t *object = build(outcome);
    int dumped = -1;

    if (object != NULL)
        dumped = json_dump_callback(object, append, buffer, JSON_COMPACT | JSON_REAL_PRECISION(4));
    json_decref(object);
    pm_strbuf_add_byte(buffer, '\n');
    if (dumped == 0 && !buffer->failed)
        return true;
    buffer->len = before;
    if (buffer->data != NULL)
        buffer->data[before] = '\0';
    return false;
}

bool pm_json_print(const json_t *object)
{
    char *line = object == NULL ? NULL : json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(6));

    if (line == NULL)
        return false;
    fputs(line, stdout);
    fputc('\n', stdout);
    free(line);
    return true;
}
