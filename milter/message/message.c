/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * message - bytes as the MTA gave them; see message.h.
 *
 * The header is an index of slices and nothing else; what a field says is worked out by who asks.
 */
#include "message.h"

#include "mime.h"
#include "words.h"

#include <stdlib.h>

/* Nearly every message has fewer fields; the few others grow. */
#define USUAL_HEADERS 64

/* The field that was found last. Fields of one name are mostly asked for one behind the other, and
 * the next is looked for from there: a hundred thousand of them would else cost their square. */
typedef struct last_found {
    size_t index; /* in headers */
    unsigned nth; /* of its name */
} last_found;

struct pm_message {
    pm_message_limits limits;
    pm_arena *arena;

    pm_slice sender;
    pm_slice *recipients;
    size_t recipient_count, recipient_room;

    pm_header *headers;
    size_t header_count, header_room;
    last_found *last; /* changes while the message does not */

    pm_slice body;
    char *gathered; /* where body is put together when it comes in pieces */
    size_t gathered_room;

    pm_slice text;
    bool text_known;
    bool cut;
};

const pm_message_limits pm_message_default_limits = {
    .memory = 64 * 1024 * 1024,
    .headers = 2000,
    .body = 4 * 1024 * 1024,
};

pm_message *pm_message_new(const pm_message_limits *limits)
{
    pm_message *message = calloc(1, sizeof(*message));

    if (message == NULL)
        return NULL;
    message->limits = limits == NULL ? pm_message_default_limits : *limits;
    message->arena = pm_arena_new(message->limits.memory);
    message->last = malloc(sizeof(*message->last));
    if (message->arena == NULL || message->last == NULL) {
        pm_message_free(message);
        return NULL;
    }
    pm_message_reset(message);
    return message;
}

void pm_message_free(pm_message *message)
{
    if (message == NULL)
        return;
    pm_arena_free(message->arena);
    free(message->last);
    free(message);
}

void pm_message_reset(pm_message *message)
{
    pm_arena_reset(message->arena);
    *message->last = (last_found){.index = 0};
    *message = (pm_message){
        .limits = message->limits,
        .arena = message->arena,
        .last = message->last,
        .sender = PM_EMPTY,
        .body = PM_EMPTY,
        .text = PM_EMPTY,
    };
}

pm_arena *pm_message_arena(pm_message *message)
{
    return message->arena;
}

/* May size more bytes of the mail itself be kept? Half of the budget stays free for reading what
 * was kept; otherwise a header of the budget's size would leave no room to decode a subject. */
static bool may_keep(const pm_message *message, size_t size)
{
    size_t share = message->limits.memory / 2;
    size_t used = pm_arena_used(message->arena);

    return used <= share && size <= share - used;
}

/* ---- Building it piece by piece ---- */

static pm_slice keep(pm_message *message, pm_slice bytes)
{
    pm_slice kept = {NULL, 0};

    if (may_keep(message, bytes.len))
        kept = pm_copy(message->arena, bytes);
    if (kept.data == NULL) {
        message->cut = true;
        return PM_EMPTY;
    }
    return kept;
}

static pm_slice without_brackets(pm_slice address)
{
    address = pm_slice_trim(address);
    if (address.len >= 2 && address.data[0] == '<' && address.data[address.len - 1] == '>')
        address = pm_slice_trim(pm_slice_cut(address, 1, address.len - 1));
    return address;
}

void pm_message_set_sender(pm_message *message, pm_slice address)
{
    message->sender = keep(message, without_brackets(address));
}

void pm_message_add_recipient(pm_message *message, pm_slice address)
{
    pm_slice kept = keep(message, without_brackets(address));

    if (kept.len == 0)
        return;
    if (pm_grow(message->arena, &message->recipients, &message->recipient_room,
                message->recipient_count, sizeof(*message->recipients)) != PM_OK) {
        message->cut = true;
        return;
    }
    message->recipients[message->recipient_count++] = kept;
}

/* Put a field at the end of the index; its bytes are kept elsewhere. */
static void index_header(pm_message *message, pm_header header)
{
    if (message->header_count >= message->limits.headers) {
        message->cut = true;
        return;
    }
    if (message->headers == NULL) {
        message->headers = pm_alloc_array(message->arena, USUAL_HEADERS, sizeof(*message->headers));
        message->header_room = message->headers == NULL ? 0 : USUAL_HEADERS;
    }
    if (pm_grow(message->arena, &message->headers, &message->header_room, message->header_count,
                sizeof(*message->headers)) != PM_OK) {
        message->cut = true;
        return;
    }
    message->headers[message->header_count++] = header;
}

void pm_message_add_header(pm_message *message, pm_slice name, pm_slice value)
{
    char *kept = NULL;

    name = pm_slice_trim(name);
    if (message->header_count < message->limits.headers && may_keep(message, name.len + value.len))
        kept = pm_alloc(message->arena, name.len + value.len);
    if (kept == NULL) {
        message->cut = true;
        return;
    }
    if (name.len > 0)
        memcpy(kept, name.data, name.len);
    if (value.len > 0)
        memcpy(kept + name.len, value.data, value.len);
    index_header(message, (pm_header){{kept, name.len}, {kept + name.len, value.len}});
    message->text_known = false;
}

/* Room for length bytes of body in one piece, at least doubled so that many small pieces stay
 * cheap; the first piece gets what it needs, for it is often the only one. */
static bool make_body_room(pm_message *message, size_t length)
{
    size_t room = message->gathered_room * 2 < length ? length : message->gathered_room * 2;
    char *moved;

    if (length <= message->gathered_room)
        return true;
    moved = may_keep(message, room) ? pm_alloc(message->arena, room) : NULL;
    if (moved == NULL)
        return false;
    if (message->body.len > 0)
        memcpy(moved, message->body.data, message->body.len);
    message->gathered = moved;
    message->gathered_room = room;
    return true;
}

bool pm_message_add_body(pm_message *message, pm_slice chunk)
{
    size_t wanted = message->limits.body - message->body.len;

    message->text_known = false;
    if (chunk.len > wanted) {
        message->cut = true;
        chunk = pm_slice_cut(chunk, 0, wanted);
    }
    if (!make_body_room(message, message->body.len + chunk.len)) {
        message->cut = true;
        return false;
    }
    if (chunk.len > 0)
        memcpy(message->gathered + message->body.len, chunk.data, chunk.len);
    if (message->gathered != NULL)
        message->body = (pm_slice){message->gathered, message->body.len + chunk.len};
    return message->body.len < message->limits.body;
}

/* ---- Or from a whole message ---- */

/* RFC 5322 section 3.6.8: printable ASCII but the colon. */
static bool is_name_byte(char c)
{
    return c > ' ' && c < 0x7f && c != ':';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Where the field's last line ends: its LF, or the end of the bytes. A line that begins with white
 * space goes on with the field. */
static size_t field_end(pm_slice bytes, size_t from)
{
    for (;;) {
        size_t line = pm_slice_find_byte(pm_slice_after(bytes, from), '\n');

        if (line == PM_NOWHERE)
            return bytes.len;
        from += line + 1;
        if (from == bytes.len || !is_blank(bytes.data[from]))
            return from - 1;
    }
}

/* Take the next field off the front of rest. False where the header ends, and then rest is
 * unchanged. White space before the colon is obsolete (RFC 5322 section 4.5), yet seen. */
static bool next_field(pm_slice *rest, pm_header *field_out)
{
    size_t name = 0, from, end;

    while (name < rest->len && is_name_byte(rest->data[name]))
        name++;
    for (from = name; from < rest->len && is_blank(rest->data[from]);)
        from++;
    if (name == 0 || from == rest->len || rest->data[from] != ':')
        return false;
    from++;
    if (from < rest->len && rest->data[from] == ' ')
        from++;
    end = field_end(*rest, from);

    field_out->name = pm_slice_cut(*rest, 0, name);
    field_out->value = pm_slice_cut(*rest, from, end);
    if (field_out->value.len > 0 && field_out->value.data[field_out->value.len - 1] == '\r')
        field_out->value.len--;
    *rest = pm_slice_after(*rest, end + 1);
    return true;
}

/* mbox leaves its "From " line in front of a message, some relays a ">From " one. "From : ann@..."
 * is a field. */
static pm_slice after_from_lines(pm_slice bytes)
{
    pm_slice line, rest = bytes, field = bytes;
    pm_header ignored;

    while (pm_slice_starts(rest, PM_LIT("From ")) || pm_slice_starts(rest, PM_LIT(">From "))) {
        if (next_field(&field, &ignored))
            return rest;
        pm_slice_next_line(&rest, &line);
        field = rest;
    }
    return rest;
}

void pm_message_read(pm_message *message, pm_slice bytes)
{
    pm_slice rest = after_from_lines(bytes);
    pm_header field;

    message->header_count = 0;
    *message->last = (last_found){.index = 0};
    message->text_known = false;
    message->gathered = NULL;
    message->gathered_room = 0;

    while (next_field(&rest, &field))
        index_header(message, field);
    if (pm_slice_starts(rest, PM_LIT("\n")))
        rest = pm_slice_after(rest, 1);
    else if (pm_slice_starts(rest, PM_LIT("\r\n")))
        rest = pm_slice_after(rest, 2);
    if (rest.len > message->limits.body)
        message->cut = true;
    message->body = pm_slice_cut(rest, 0, message->limits.body);
}

/* ---- Reading it ---- */

pm_slice pm_message_sender(const pm_message *message)
{
    return message->sender;
}

size_t pm_message_recipients(const pm_message *message)
{
    return message->recipient_count;
}

pm_slice pm_message_recipient(const pm_message *message, size_t nth)
{
    return nth < message->recipient_count ? message->recipients[nth] : PM_EMPTY;
}

size_t pm_message_headers(const pm_message *message)
{
    return message->header_count;
}

const pm_header *pm_message_header_at(const pm_message *message, size_t nth)
{
    return nth < message->header_count ? &message->headers[nth] : NULL;
}

/* Where the nth field called name is looked for from: the one found last, or the top. */
static last_found beginning(const pm_message *message, pm_slice name, unsigned nth)
{
    const last_found *last = message->last;

    if (last->nth <= nth && last->index < message->header_count &&
        pm_slice_equal_nocase(message->headers[last->index].name, name))
        return *last;
    return (last_found){.index = 0};
}

pm_status pm_message_header(const pm_message *message, const char *name, unsigned nth,
                            pm_slice *value_out)
{
    const pm_slice wanted = pm_slice_of(name);
    last_found at = beginning(message, wanted, nth);

    for (; at.index < message->header_count; at.index++) {
        const pm_header *header = &message->headers[at.index];

        if (!pm_slice_equal_nocase(header->name, wanted) || at.nth++ < nth)
            continue;
        *message->last = (last_found){at.index, nth};
        *value_out = header->value;
        return PM_OK;
    }
    return PM_ABSENT;
}

pm_status pm_message_decoded(pm_message *message, const char *name, unsigned nth,
                             pm_slice *value_out)
{
    pm_slice value;
    pm_status status = pm_message_header(message, name, nth, &value);

    if (status != PM_OK)
        return status;
    value = pm_words_decode(message->arena, value);
    if (value.data == NULL) {
        message->cut = true;
        return PM_LIMIT;
    }
    *value_out = value;
    return PM_OK;
}

pm_slice pm_message_body(const pm_message *message)
{
    return message->body;
}

static pm_slice header_or_empty(const pm_message *message, const char *name)
{
    pm_slice value = PM_EMPTY;

    return pm_message_header(message, name, 0, &value) == PM_OK ? value : PM_EMPTY;
}

pm_slice pm_message_text(pm_message *message)
{
    pm_mime_type type;

    if (message->text_known)
        return message->text;
    type.content_type = header_or_empty(message, "Content-Type");
    type.transfer_encoding = header_or_empty(message, "Content-Transfer-Encoding");
    message->text = pm_mime_text(message->arena, &type, message->body, &message->cut);
    message->text_known = true;
    return message->text;
}

bool pm_message_cut(const pm_message *message)
{
    return message->cut;
}

pm_status pm_message_date(pm_message *message, int64_t *seconds_out)
{
    pm_slice value;

    if (pm_message_header(message, "Date", 0, &value) != PM_OK)
        return PM_ABSENT;
    return pm_mime_date(value, seconds_out);
}
