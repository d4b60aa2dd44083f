/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * prose - a letter's text without the diffs in it: a shortlog inside a hunk is nobody's shortlog.
 *
 * Not quoting: readers pass over quoted lines themselves (lines.h).
 */
#ifndef PM_PROSE_H
#define PM_PROSE_H

#include "slice.h"

/* A place in a letter's text. Set rest to the text, and begin to its first byte. */
typedef struct pm_prose {
    pm_slice rest;
    const char *begin; /* of the stretch without diffs that the last line stands in */
} pm_prose;

static inline pm_prose pm_prose_of(pm_slice text)
{
    return (pm_prose){text, text.data};
}

/* Take the next line that is in no diff. A hunk ends where its header says, or at a line that no
 * hunk has. False when nothing was left. */
bool pm_prose_next(pm_prose *prose, pm_slice *line_out);

/* Where the first diff in text begins, outside quoting; PM_NOWHERE when there is none. */
size_t pm_diff_start(pm_slice text);

/* Does the diff of a file begin with line? rest is the text behind it. */
bool pm_diff_begins(pm_slice line, pm_slice rest);

/* "@@ -1,7 +1,8 @@": how many lines of each side the hunk has. */
bool pm_hunk_begins(pm_slice line, unsigned *old_out, unsigned *new_out);

#endif
