/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * marks - an outcome as header fields, and the removal of those that only claim to be; see marks.h.
 *
 * Values are made here of what plugins, rules and mail have said, so nothing in them is trusted:
 * each field has a form (marks.md), and what does not fit it is left out or replaced.
 */
#include "marks.h"

#include "strbuf.h"
#include "table.h"

#define LINE_WIDTH   77  /* "below 78 columns" */
#define LINE_LONGEST 998 /* RFC 5322 section 2.1.1 */
#define TAB_WIDTH    8
#define ID_LONGEST   900 /* of a Message-ID, so that its line stays below LINE_LONGEST */
#define WHY_LONGEST  400
#define RULES_MOST   8
#define NAME_LONGEST 44 /* of a rule's field; with the longest prefix it stays below 77 */

/* ---- Removals ---- */

/* One more field of this name; how many there are now. 0 past the budget. */
static unsigned count_name(pm_arena *arena, pm_table *counts, pm_slice name)
{
    const pm_slice key = pm_lowered(arena, name);
    unsigned *count = key.data == NULL ? NULL : pm_table_get(counts, key);

    if (key.data == NULL)
        return 0;
    if (count == NULL) {
        count = pm_alloc(arena, sizeof(*count));
        if (count == NULL || pm_table_put(counts, key, count) != PM_OK)
            return 0;
    }
    return ++*count;
}

static size_t count_foreign(const pm_message *message, pm_slice prefix)
{
    size_t count = 0;

    for (size_t i = 0; i < pm_message_headers(message); i++)
        if (pm_slice_starts_nocase(pm_message_header_at(message, i)->name, prefix))
            count++;
    return count;
}

pm_status pm_marks_remove(pm_message *message, pm_slice prefix, pm_outcome *outcome)
{
    pm_arena *arena = pm_message_arena(message);
    const size_t count = count_foreign(message, prefix);
    pm_removal *removals;
    pm_table *counts;
    size_t at = count;

    if (count == 0)
        return PM_OK;
    removals = pm_alloc_array(arena, count, sizeof(*removals));
    counts = pm_table_new(arena);
    if (removals == NULL || counts == NULL)
        return PM_LIMIT;

    /* Counted from the top, put down from the end: Postfix renumbers the fields below one that was
     * removed, Sendmail does not, and going upwards both agree. */
    for (size_t i = 0; i < pm_message_headers(message); i++) {
        const pm_slice name = pm_message_header_at(message, i)->name;
        unsigned nth;

        if (!pm_slice_starts_nocase(name, prefix))
            continue;
        nth = count_name(arena, counts, name);
        if (nth == 0)
            return PM_LIMIT;
        removals[--at] = (pm_removal){name, nth};
    }
    outcome->removals = removals;
    outcome->removal_count = count;
    return PM_OK;
}

/* ---- Folding ---- */

typedef struct folder {
    char *out;
    size_t used;
    size_t width; /* columns of the line so far */
    size_t bytes; /* and its bytes */
} folder;

/* One "?" for a character that ASCII does not have, however many bytes it takes. */
static void put(folder *to, pm_slice bytes)
{
    const size_t before = to->used;

    for (size_t i = 0; i < bytes.len; i++) {
        const char c = bytes.data[i];
        const bool goes_on = ((unsigned char)c & 0xc0) == 0x80 && i > 0 &&
                             ((unsigned char)bytes.data[i - 1] & 0x80) != 0;

        if (!goes_on)
            to->out[to->used++] = c >= ' ' && c < 0x7f ? c : '?';
    }
    to->width += to->used - before;
    to->bytes += to->used - before;
}

static void put_fold(folder *to)
{
    to->out[to->used++] = '\n';
    to->out[to->used++] = '\t';
    to->width = TAB_WIDTH;
    to->bytes = 1;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Take the next piece that is not to be broken: up to white space, or behind a comma or
 * semicolon. */
static pm_slice next_piece(pm_slice *rest)
{
    size_t end = 0;

    while (end < rest->len && !is_blank(rest->data[end])) {
        const char c = rest->data[end++];

        if (c == ',' || c == ';')
            break;
    }
    const pm_slice piece = pm_slice_cut(*rest, 0, end);

    *rest = pm_slice_after(*rest, end);
    return piece;
}

static pm_slice skip_blank(pm_slice rest)
{
    while (rest.len > 0 && is_blank(rest.data[0]))
        rest = pm_slice_after(rest, 1);
    return rest;
}

/* A piece longer than any line may be is cut into lines, for it must go somewhere. */
static void put_long(folder *to, pm_slice piece)
{
    while (to->bytes + piece.len > LINE_LONGEST) {
        const size_t room = LINE_LONGEST - to->bytes;

        put(to, pm_slice_cut(piece, 0, room));
        put_fold(to);
        piece = pm_slice_after(piece, room);
    }
    put(to, piece);
}

/* A value made fit for a header field: control characters and non-ASCII replaced by "?", folded
 * with LF + tab before column 78 where there is white space or a comma or semicolon, at most 998 a
 * line. name_len is the room the name takes. data is NULL past the budget. */
static pm_slice fold(pm_arena *arena, size_t name_len, pm_slice value)
{
    pm_slice rest = pm_slice_trim(value);
    /* A fold is two bytes and stands before a piece of at least one. */
    folder to = {.out = pm_alloc(arena, rest.len * 3 + 1), .width = name_len + 2};
    bool first = true;

    to.bytes = to.width;
    if (to.out == NULL)
        return (pm_slice){NULL, 0};
    while (rest.len > 0) {
        const pm_slice after = skip_blank(rest);
        const bool gap = after.len < rest.len;
        pm_slice piece;

        rest = after;
        piece = next_piece(&rest);
        if (!first && to.width + (gap ? 1 : 0) + piece.len > LINE_WIDTH)
            put_fold(&to);
        else if (gap)
            put(&to, PM_LIT(" "));
        put_long(&to, piece);
        first = false;
    }
    return (pm_slice){to.out, to.used};
}

/* ---- Marks ---- */

typedef struct writer {
    pm_arena *arena;
    const pm_config *config;
    pm_outcome *outcome;
    size_t room;
    pm_status status; /* PM_LIMIT once something did not fit */
} writer;

static void add_mark(writer *to, pm_slice name, pm_slice value)
{
    pm_outcome *outcome = to->outcome;
    const pm_slice folded = fold(to->arena, name.len, value);

    if (name.data == NULL || folded.data == NULL ||
        pm_grow(to->arena, &outcome->marks, &to->room, outcome->mark_count,
                sizeof(*outcome->marks)) != PM_OK) {
        to->status = PM_LIMIT;
        return;
    }
    outcome->marks[outcome->mark_count++] = (pm_mark){name, folded};
}

/* One of ours, and a rule's: the prefix goes in front of its name, so that it is removed from mail
 * that comes in with it. */
static void add(writer *to, pm_slice name, pm_slice value)
{
    if (value.data == NULL) {
        to->status = PM_LIMIT;
        return;
    }
    add_mark(to, pm_print(to->arena, "%.*s%.*s", PM_FMT(to->config->field_prefix), PM_FMT(name)),
             value);
}

/* A Message-ID comes from mail. What is no plain msg-id is left out: a mark that is missing is
 * better than one that says something else. */
static void add_id(writer *to, pm_slice name, pm_slice id)
{
    if (id.len == 0 || id.len > ID_LONGEST)
        return;
    for (size_t i = 0; i < id.len; i++)
        if (id.data[i] <= ' ' || id.data[i] >= 0x7f || id.data[i] == '<' || id.data[i] == '>')
            return;
    add(to, name, pm_print(to->arena, "<%.*s>", PM_FMT(id)));
}

/* "linux.rules:kvm-x86,...", in the order of the files. A file may be called anything. */
static void put_rules(pm_strbuf *value, const pm_verdict *verdict)
{
    const size_t shown = verdict->fired_count < RULES_MOST ? verdict->fired_count : RULES_MOST;

    for (size_t i = 0; i < shown; i++) {
        pm_strbuf_add_text(value, i == 0 ? "; rules=" : ",");
        for (const char *c = pm_rule_id(verdict->fired[i]); *c != '\0'; c++)
            pm_strbuf_add_byte(value,
                               *c <= ' ' || *c >= 0x7f || strchr("\"\\;,", *c) != NULL ? '?' : *c);
    }
    if (shown < verdict->fired_count)
        pm_strbuf_printf(value, ",+%zu", verdict->fired_count - shown);
}

/* A quoted-string (RFC 5322 section 3.2.4). */
static void put_why(pm_strbuf *value, const pm_outcome *outcome)
{
    const pm_slice reasons[] = {outcome->inbox_why, outcome->project_why};
    const size_t begin = value->len;

    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        if (reasons[i].len == 0)
            continue;
        pm_strbuf_add_text(value, value->len == begin ? "; why=\"" : "; ");
        for (size_t at = 0; at < reasons[i].len; at++) {
            if (value->len - begin > WHY_LONGEST) {
                pm_strbuf_add_text(value, "...");
                break;
            }
            if (reasons[i].data[at] == '"' || reasons[i].data[at] == '\\')
                pm_strbuf_add_byte(value, '\\');
            pm_strbuf_add_byte(value, reasons[i].data[at]);
        }
    }
    if (value->len > begin)
        pm_strbuf_add_byte(value, '"');
}

static void add_results(writer *to)
{
    const pm_outcome *outcome = to->outcome;
    const int percent = (int)(outcome->confidence * 100 + 0.5);
    const pm_kind kind = outcome->letter == NULL ? PM_KIND_OTHER : outcome->letter->kind;
    pm_strbuf value;

    pm_strbuf_init(&value, 16 * 1024);
    pm_strbuf_printf(&value, "%.*s; v=1; kind=%s; confidence=%d.%02d", PM_FMT(to->config->instance),
                     pm_kind_name(kind), percent / 100, percent % 100);
    if (outcome->partial)
        pm_strbuf_add_text(&value, "; partial=yes");
    put_rules(&value, &outcome->verdict);
    put_why(&value, outcome);
    if (value.failed)
        to->status = PM_LIMIT;
    else
        add(to, PM_LIT("Results"), pm_strbuf_slice(&value));
    pm_strbuf_free(&value);
}

static void add_revision(writer *to)
{
    const pm_outcome *outcome = to->outcome;

    if (outcome->revision == 0)
        return;
    if (outcome->reroll > 0)
        add(to, PM_LIT("Revision"),
            pm_print(to->arena, "%u.%u", outcome->revision, outcome->reroll));
    else
        add(to, PM_LIT("Revision"), pm_print(to->arena, "%u", outcome->revision));
    if (outcome->part >= 0 && outcome->total >= 0)
        add(to, PM_LIT("Part"), pm_print(to->arena, "%d/%d", outcome->part, outcome->total));
}

/* RFC 5322 section 3.6.8. */
static bool is_field_name(pm_slice name)
{
    if (name.len == 0 || name.len > NAME_LONGEST)
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (name.data[i] <= ' ' || name.data[i] >= 0x7f || name.data[i] == ':')
            return false;
    return true;
}

pm_status pm_marks_add(pm_arena *arena, const pm_config *config, pm_outcome *outcome)
{
    writer to = {.arena = arena, .config = config, .outcome = outcome, .status = PM_OK};
    const pm_kind kind = outcome->letter == NULL ? PM_KIND_OTHER : outcome->letter->kind;

    outcome->mark_count = 0;
    add_results(&to);
    add(&to, PM_LIT("Kind"), pm_slice_of(pm_kind_name(kind)));
    if (outcome->project.len > 0)
        add(&to, PM_LIT("Project"), outcome->project);
    for (size_t i = 0; i < outcome->subsystem_count; i++)
        add(&to, PM_LIT("Subsystem"), outcome->subsystems[i].name);
    add(&to, PM_LIT("Inbox"), pm_print(arena, "<%.*s>", PM_FMT(outcome->inbox)));
    add_revision(&to);
    for (size_t i = 0; i < outcome->tag_count; i++)
        add(&to, PM_LIT("Tag"), outcome->tags[i]);
    add_id(&to, PM_LIT("Series"), outcome->series);
    add_id(&to, PM_LIT("Chain"), outcome->chain);
    add_id(&to, PM_LIT("Supersedes"), outcome->supersedes);
    for (size_t i = 0; i < outcome->verdict.field_count; i++)
        if (is_field_name(outcome->verdict.fields[i].name))
            add(&to, outcome->verdict.fields[i].name, outcome->verdict.fields[i].value);
    return to.status;
}
