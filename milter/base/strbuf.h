/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * strbuf - text that grows, on the heap, up to a limit.
 *
 * A failed append (limit or memory) is remembered and every later one does nothing, so that a run
 * of appends needs one check at its end.
 */
#ifndef PM_STRBUF_H
#define PM_STRBUF_H

#include "slice.h"

#include <stdarg.h>

typedef struct pm_strbuf {
    char *data; /* NUL-terminated once something was appended; NULL before */
    size_t len, room, limit;
    bool failed;
} pm_strbuf;

/* An empty buffer that holds at most limit bytes. Nothing is allocated yet. */
void pm_strbuf_init(pm_strbuf *buffer, size_t limit);
void pm_strbuf_free(pm_strbuf *buffer);

/* Empty again, failure forgotten, memory kept. */
void pm_strbuf_clear(pm_strbuf *buffer);

/* Append, all of it or nothing: what does not fit is the failure that the buffer remembers. */
void pm_strbuf_add(pm_strbuf *buffer, pm_slice bytes);
void pm_strbuf_add_text(pm_strbuf *buffer, const char *text);
void pm_strbuf_add_byte(pm_strbuf *buffer, char byte);
void pm_strbuf_printf(pm_strbuf *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void pm_strbuf_vprintf(pm_strbuf *buffer, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* What it holds; borrowed until the next change. */
static inline pm_slice pm_strbuf_slice(const pm_strbuf *buffer)
{
    return (pm_slice){buffer->data == NULL ? "" : buffer->data, buffer->len};
}

#endif
