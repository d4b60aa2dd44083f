/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trailers - machine-readable lines of a letter: base-commit, change-id, prerequisite-*, Based-on,
 * Supersedes, Obsoletes, Depends-on (git format-patch(1), b4, QEMU's custom).
 *
 * A prerequisite-change-id names another series and is never taken for this one's.
 */
#ifndef PM_TRAILERS_H
#define PM_TRAILERS_H

#include "arena.h"

typedef struct pm_trailers {
    pm_slice base_commit; /* hexadecimal; empty when there is none */
    pm_slice change_id;   /* of this series; from the body, or X-Change-ID */
    pm_slice *supersedes; /* Message-IDs, from Supersedes:, Obsoletes: and the like */
    size_t supersedes_count;
    pm_slice *based_on; /* Message-IDs, from Based-on: */
    size_t based_on_count;
    pm_slice *depends_on; /* Message-IDs, from Depends-on: and prerequisite-message-id: */
    size_t depends_on_count;
    pm_slice *prerequisites; /* prerequisite-change-id: values */
    size_t prerequisite_count;
} pm_trailers;

/* The trailers of text, outside quoting and diffs. PM_LIMIT past the budget (at most 200 of each).
 */
pm_status pm_trailers_find(pm_arena *arena, pm_slice text, pm_trailers *trailers_out);

#endif
