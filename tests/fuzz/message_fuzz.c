/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * message_fuzz - any bytes are a message: ask it everything, whole and in pieces.
 *
 * Beyond not crashing: what is promised to be UTF-8 is, the budget holds, and pieces of any size
 * make the message that the whole is.
 */
#include "address.h"
#include "message.h"
#include "words.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void ask_field(pm_message *message, const pm_header *header)
{
    pm_arena *arena = pm_message_arena(message);
    pm_slice decoded = pm_words_decode(arena, header->value), rest, id;
    pm_mailbox mailbox;

    must(decoded.data == NULL || pm_slice_is_utf8(decoded));
    for (size_t i = 0; i < decoded.len; i++)
        must((unsigned char)decoded.data[i] >= ' ' || decoded.data[i] == '\t');
    for (rest = header->value; pm_address_next(arena, &rest, &mailbox);)
        must(mailbox.address.len > 0 && pm_slice_is_utf8(mailbox.address) &&
             pm_slice_is_utf8(mailbox.name));
    must(rest.len == 0);
    for (rest = header->value; pm_words_next_id(&rest, &id);)
        must(id.len > 0);
    must(rest.len == 0);
}

static void ask_everything(pm_message *message, const pm_message_limits *limits)
{
    pm_slice value;
    int64_t seconds;

    for (size_t i = 0; i < pm_message_headers(message); i++)
        ask_field(message, pm_message_header_at(message, i));
    if (pm_message_decoded(message, "Subject", 0, &value) == PM_OK)
        must(pm_slice_is_utf8(value));
    if (pm_message_date(message, &seconds) == PM_OK)
        must(seconds > INT64_MIN);
    must(pm_slice_is_utf8(pm_message_text(message)));
    must(pm_arena_used(pm_message_arena(message)) <= limits->memory);
}

static void must_be_same(pm_message *a, pm_message *b)
{
    must(pm_message_headers(a) == pm_message_headers(b));
    for (size_t i = 0; i < pm_message_headers(a); i++) {
        const pm_header *one = pm_message_header_at(a, i), *other = pm_message_header_at(b, i);
        must(pm_slice_equal(one->name, other->name) && pm_slice_equal(one->value, other->value));
    }
    must(pm_slice_equal(pm_message_body(a), pm_message_body(b)));
    must(pm_slice_equal(pm_message_text(a), pm_message_text(b)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const pm_message_limits roomy = {.memory = 1 << 24, .headers = 200, .body = 1 << 20};
    const pm_message_limits tight = {.memory = size, .headers = 200, .body = 1 << 20};
    const pm_slice bytes = {(const char *)data, size};
    pm_message *whole = pm_message_new(&roomy), *pieces = pm_message_new(&roomy),
               *cramped = pm_message_new(&tight);
    pm_slice body;

    if (whole == NULL || pieces == NULL || cramped == NULL)
        abort();
    pm_message_read(whole, bytes);
    pm_message_read(cramped, bytes);
    ask_everything(whole, &roomy);
    ask_everything(cramped, &tight);

    for (size_t i = 0; i < pm_message_headers(whole); i++) {
        const pm_header *header = pm_message_header_at(whole, i);
        pm_message_add_header(pieces, header->name, header->value);
    }
    body = pm_message_body(whole);
    for (size_t step = 1; body.len > 0; step = step * 3 % 61) {
        pm_message_add_body(pieces, pm_slice_cut(body, 0, step));
        body = pm_slice_after(body, step);
    }
    if (!pm_message_cut(whole) && !pm_message_cut(pieces))
        must_be_same(whole, pieces);

    pm_message_free(whole);
    pm_message_free(pieces);
    pm_message_free(cramped);
    return 0;
}
