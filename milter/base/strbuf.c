/* SPDX-License-Identifier: BSD-2-Clause */
/* strbuf - text that grows; see strbuf.h. */
#include "strbuf.h"

#include <stdio.h>
#include <stdlib.h>

void pm_strbuf_init(pm_strbuf *buffer, size_t limit)
{
    *buffer = (pm_strbuf){.limit = limit};
}

void pm_strbuf_free(pm_strbuf *buffer)
{
    free(buffer->data);
    pm_strbuf_init(buffer, buffer->limit);
}

void pm_strbuf_clear(pm_strbuf *buffer)
{
    buffer->len = 0;
    buffer->failed = false;
    if (buffer->data != NULL)
        buffer->data[0] = '\0';
}

static bool make_room(pm_strbuf *buffer, size_t more)
{
    size_t wanted, room;
    char *moved;

    if (buffer->failed || more > buffer->limit - buffer->len ||
        more >= SIZE_MAX / 2 - buffer->len) {
        buffer->failed = true;
        return false;
    }
    wanted = buffer->len + more + 1;
    if (wanted <= buffer->room)
        return true;
    for (room = buffer->room < 128 ? 128 : buffer->room; room < wanted;)
        room *= 2;
    moved = realloc(buffer->data, room);
    if (moved == NULL) {
        buffer->failed = true;
        return false;
    }
    buffer->data = moved;
    buffer->room = room;
    return true;
}

void pm_strbuf_add(pm_strbuf *buffer, pm_slice bytes)
{
    if (!make_room(buffer, bytes.len))
        return;
    if (bytes.len > 0)
        memcpy(buffer->data + buffer->len, bytes.data, bytes.len);
    buffer->len += bytes.len;
    buffer->data[buffer->len] = '\0';
}

void pm_strbuf_add_text(pm_strbuf *buffer, const char *text)
{
    pm_strbuf_add(buffer, pm_slice_of(text));
}

void pm_strbuf_add_byte(pm_strbuf *buffer, char byte)
{
    pm_strbuf_add(buffer, (pm_slice){&byte, 1});
}

void pm_strbuf_vprintf(pm_strbuf *buffer, const char *format, va_list args)
{
    const size_t room = buffer->room - buffer->len; /* mostly it is enough */
    va_list again;
    int length;

    va_copy(again, args);
    length = vsnprintf(room > 0 ? buffer->data + buffer->len : NULL, room, format, again);
    va_end(again);
    if (length < 0 || !make_room(buffer, (size_t)length)) {
        if (room > 0)
            buffer->data[buffer->len] = '\0';
        buffer->failed = true;
        return;
    }
    if ((size_t)length >= room)
        vsnprintf(buffer->data + buffer->len, (size_t)length + 1, format, args);
    buffer->len += (size_t)length;
}

void pm_strbuf_printf(pm_strbuf *buffer, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    pm_strbuf_vprintf(buffer, format, args);
    va_end(args);
}
