/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mime - everything that needs a MIME library, behind one door. Only mime.c knows which one.
 *
 * A MIME parser's cost follows the number of parts, not the number of bytes: three megabytes of
 * empty parts cost the library three seconds and 600 MB. So a guard counts boundary lines, nesting
 * and encoded words first; what is past its limits is answered as if it were plain text.
 */
#ifndef PM_MIME_H
#define PM_MIME_H

#include "arena.h"

/* Start the library. Done by itself when needed; a daemon calls it so that its first message does
 * not wait. Any thread, any number of times. */
void pm_mime_start(void);

/* What the header says of the body; empty slices where it says nothing. */
typedef struct pm_mime_type {
    pm_slice content_type;      /* Content-Type's value, still folded */
    pm_slice transfer_encoding; /* Content-Transfer-Encoding's value */
} pm_mime_type;

/* The text of body, as pm_message_text defines it. Copied into the arena, or body itself when
 * nothing had to be done. *cut_out is set when a limit was reached.
 *
 * In a multipart/mixed, what follows the first text part and is text/plain, text/x-patch,
 * text/x-diff or in a file called "*.patch" or "*.diff" is added to it, each behind a newline: some
 * people attach their patches. A message inside a message is not looked into. A multipart in which
 * there are no parts is plain text, as is a type that is none.
 *
 * Always valid UTF-8: a byte that is no character in its charset becomes U+FFFD; where the charset
 * is UTF-8, ASCII, not given or not known, it is read as Latin-1. Past the budget the text is the
 * body as it came, up to the first byte that is not UTF-8. */
pm_slice pm_mime_text(pm_arena *arena, const pm_mime_type *type, pm_slice body, bool *cut_out);

/* Decode the RFC 2047 words in an unfolded value, itself UTF-8, to UTF-8; also where the RFC has
 * none, in quotes and inside other words. A value with more than 300 of them is left as it is.
 * data is NULL past the budget. */
pm_slice pm_mime_words(pm_arena *arena, pm_slice value);

/* Bytes in an unknown 8-bit charset as UTF-8: what is valid stays, any other byte is read as
 * Latin-1. data is NULL past the budget. */
pm_slice pm_mime_utf8(pm_arena *arena, pm_slice bytes);

/* An RFC 5322 date as seconds since 1970. PM_ABSENT when it is none. */
pm_status pm_mime_date(pm_slice value, int64_t *seconds_out);

#endif
