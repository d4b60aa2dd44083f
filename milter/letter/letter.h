/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * letter - a message understood as patch mail: what the mail itself says, nothing more.
 *
 * Which project and subsystem it belongs to is not here: plugins find that out.
 */
#ifndef PM_LETTER_H
#define PM_LETTER_H

#include "address.h"
#include "changelog.h"
#include "diffstat.h"
#include "kind.h"
#include "message.h"
#include "path_index.h"
#include "shortlog.h"
#include "subject.h"
#include "trailers.h"

struct pm_letter {
    pm_message *message; /* where it was read from, and what everything here borrows from */

    pm_kind kind;
    const char *kind_why; /* a literal: "0/N in the subject" */
    unsigned tags;        /* PM_TAG_* */
    double confidence;    /* 0 to 1, in kind, revision and part together */

    pm_subject subject;
    pm_shortlog shortlog;
    pm_diffstat diffstat; /* the diffstat, or the diff's paths when there is none */
    pm_changelog changelog;
    pm_trailers trailers;
    bool has_diff; /* outside quoting */

    pm_slice message_id;  /* without angle brackets; empty when there is none */
    pm_slice in_reply_to; /* the first id of In-Reply-To; empty when there is none */
    pm_slice *references; /* oldest first; at most 200, the newest ones */
    size_t reference_count;

    pm_mailbox author;       /* From, or the real author behind a list's "via" rewriting */
    pm_mailbox sender;       /* From as it stands */
    pm_mailbox patch_author; /* the in-body From: of a patch; empty when there is none */
    int64_t date;            /* seconds since 1970; 0 when there is none */

    pm_slice *lists; /* where it was sent: List-Id values (kvm.vger.kernel.org), lower case */
    size_t list_count;
    pm_slice *addressees; /* To and Cc addresses, lower case, at most 500 */
    size_t addressee_count;

    pm_slice text;  /* pm_message_text */
    pm_slice prose; /* the beginning of text, up to the first diff */
};

/* Read a message that is complete. The letter lives in the message's arena. index (may be NULL)
 * resolves truncated paths and must outlive the letter. PM_LIMIT past the arena's budget: the
 * letter then is PM_KIND_OTHER with what had been read. */
pm_status pm_letter_read(pm_message *message, const pm_path_index *index, pm_letter **letter_out);

#endif
