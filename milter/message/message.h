/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * message - bytes as the MTA gave them: envelope, header fields in order, body.
 *
 * Built header by header and chunk by chunk as libmilter hands them (which copies), or from a whole
 * message in memory (which borrows). Plain text is never copied again. Nothing that mail can
 * contain makes these functions fail: what is past a limit is left out, and pm_message_cut says so.
 *
 * Not a validator, and not the meaning of the mail: that is the letter layer's.
 */
#ifndef PM_MESSAGE_H
#define PM_MESSAGE_H

#include "arena.h"

typedef struct pm_message pm_message; /* used by one thread at a time */

typedef struct pm_header {
    pm_slice name;
    pm_slice value; /* without the colon and one space after it; still folded (LF or CRLF + WSP) */
} pm_header;

/* Limits against mail made to exhaust us. All in bytes but headers. */
typedef struct pm_message_limits {
    size_t memory; /* the arena: mail itself (at most half of it), decoded text, all read from it */
    size_t headers; /* header fields kept; the largest real message seen had 304 */
    size_t body;    /* body bytes kept */
} pm_message_limits;

/* 64 MiB, 2,000 fields, 4 MiB of body: the largest real message seen had 1.6 MB. */
extern const pm_message_limits pm_message_default_limits;

/* limits NULL: the defaults. NULL when there is no memory. */
pm_message *pm_message_new(const pm_message_limits *limits) __attribute__((warn_unused_result));
void pm_message_free(pm_message *message); /* NULL is allowed */

/* As new, for the next message on this connection; all that was borrowed from it is invalid. */
void pm_message_reset(pm_message *message);

/* Where everything read from this message lives, until reset or free. */
pm_arena *pm_message_arena(pm_message *message);

/* ---- Building it piece by piece ---- */

/* Envelope sender and recipients (RFC 5321), with or without angle brackets; copied. */
void pm_message_set_sender(pm_message *message, pm_slice address);
void pm_message_add_recipient(pm_message *message, pm_slice address);

/* A header field; copied. A value may be folded with LF or CRLF. */
void pm_message_add_header(pm_message *message, pm_slice name, pm_slice value);

/* The next piece of the body; copied. Pieces may split lines and characters anywhere. False when no
 * more is wanted (the limit is reached): the caller may stop sending. */
bool pm_message_add_body(pm_message *message, pm_slice chunk);

/* ---- Or from a whole message ---- */

/* Take a message (RFC 5322; LF or CRLF) that stays the caller's and unchanged until reset or free.
 * A line that is no header field ends the header; an mbox "From " line in front is passed over. */
void pm_message_read(pm_message *message, pm_slice bytes);

/* ---- Reading it ---- */

pm_slice pm_message_sender(const pm_message *message); /* empty when not known */
size_t pm_message_recipients(const pm_message *message);
pm_slice pm_message_recipient(const pm_message *message, size_t nth); /* without angle brackets */

/* All fields, in their order. The nth is NULL past the last. */
size_t pm_message_headers(const pm_message *message);
const pm_header *pm_message_header_at(const pm_message *message, size_t nth); /* from the top */

/* The nth field called name, from 0 at the top, still folded. Names compare without case. PM_ABSENT
 * when there are fewer. Borrowed. */
pm_status pm_message_header(const pm_message *message, const char *name, unsigned nth,
                            pm_slice *value_out);

/* As pm_message_header, for people and parsers: unfolded (RFC 5322 section 2.2.3; the tab of a fold
 * becomes a space, others stay), RFC 2047 words decoded, 8-bit bytes taken as UTF-8 or else
 * Latin-1, control characters but tab turned into spaces, trimmed. Always valid UTF-8. Borrowed
 * when nothing had to be changed. Also PM_LIMIT. */
pm_status pm_message_decoded(pm_message *message, const char *name, unsigned nth,
                             pm_slice *value_out);

/* The body as it came (up to the limit). */
pm_slice pm_message_body(const pm_message *message);

/* The text people read: the body, or the first text part of a multipart (text/plain before
 * text/html, depth-first), with transfer encoding (7bit, 8bit, binary, quoted-printable, base64)
 * undone and charset converted to UTF-8. Lines end as they came. The body itself, uncopied, when it
 * is plain 7bit or 8bit text in UTF-8 or ASCII. Always valid UTF-8. Empty when there is no text.
 * Worked out once. See mime.h for attached patches and for charsets that are not what they say. */
pm_slice pm_message_text(pm_message *message);

/* Was anything left out because of a limit? */
bool pm_message_cut(const pm_message *message);

/* The Date field as seconds since 1970 (RFC 5322 section 3.3, obsolete forms too); PM_ABSENT when
 * there is none or it is no date. */
pm_status pm_message_date(pm_message *message, int64_t *seconds_out);

#endif
