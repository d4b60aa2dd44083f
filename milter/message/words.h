/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * words - the inside of a header field's value: unfolding (RFC 5322 section 2.2.3), encoded words
 * (RFC 2047), raw 8-bit text, message-ids.
 *
 * The decoding of encoded words and charsets is the MIME library's (mime.h); this file decides when
 * it is needed, which is seldom.
 */
#ifndef PM_WORDS_H
#define PM_WORDS_H

#include "arena.h"

/* See pm_message_decoded, which is this on a field of a message. data is NULL past the budget. */
pm_slice pm_words_decode(pm_arena *arena, pm_slice value);

/* Take the next message-id (RFC 5322 section 3.6.4) off the front of rest, without its angle
 * brackets and white space next to them. Text between ids is ignored, and so are brackets around
 * nothing or around several words. An id without brackets counts when it is a word with an "@" in
 * it. Borrowed. False when none is left. */
bool pm_words_next_id(pm_slice *rest, pm_slice *id_out);

#endif
