/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * address - mailboxes in header fields (RFC 5322 section 3.4, obsolete forms, and what people
 * write).
 *
 * Not a validator: it finds the part that looks like an address.
 */
#ifndef PM_ADDRESS_H
#define PM_ADDRESS_H

#include "arena.h"

typedef struct pm_mailbox {
    pm_slice name;    /* decoded, without quotes; empty when there is none */
    pm_slice address; /* as written, local part and domain; lower case is the reader's business */
} pm_mailbox;

/* Take the next mailbox off the front of rest, an address list still folded and encoded; groups
 * give their members. False when none is left. Quoted strings, comments and encoded names are
 * understood; borrowed where nothing had to be decoded. A comment behind an address is its name
 * when it has no other. A name without an address is passed over. Both are always valid UTF-8. */
bool pm_address_next(pm_arena *arena, pm_slice *rest, pm_mailbox *mailbox_out);

#endif
