/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * subject_number - the numbers in a subject and what each of them counts: revisions (v2), places in
 * a series (3/12), versions of kernels and branches (5.10.y, v2019.04).
 *
 * Private to subject_token.c, which knows in which order they are tried.
 */
#ifndef PM_SUBJECT_NUMBER_H
#define PM_SUBJECT_NUMBER_H

#include "subject_token.h"

/* How many digits text begins with. */
size_t pm_subject_count_digits(pm_slice text);

/* "2", "2.1", "4a": what may follow "v". Fill in token's numbers when text is one. Four digits are
 * a year, two after the dot a kernel. */
bool pm_subject_read_revision_number(pm_slice text, pm_subject_token *token);

/* "v2", "V2.1", "take2", "#2": fill in token when text is one. */
bool pm_subject_read_revision(pm_slice text, pm_subject_token *token);

/* Is text a word behind which a revision's number comes as the next token: "version", "take"? */
bool pm_subject_is_introducer(pm_slice text);

/* "3" and "12" of "3/12", "0" and "n": fill in token's when both are numbers of a count. */
bool pm_subject_read_part_of(pm_slice part, pm_slice total, pm_subject_token *token);

/* "3/12", "#3/12", "3of12": fill in token when text is one. */
bool pm_subject_read_count(pm_slice text, pm_subject_token *token);

/* "v20/4", which is v2 and 0/4 glued together: the part is as wide as the total, as git writes it.
 */
bool pm_subject_split_revision_count(pm_slice text, pm_slice *revision_out, pm_slice *count_out);

/* A version, or several with slashes between them: "5.10", "4.19/5.4/5.10", "v5.13-rc1". */
bool pm_subject_are_versions(pm_slice text);

/* Does a name speak of a branch for old releases, "for-stable-5.10", "linux-6.1.y"? */
bool pm_subject_names_stable(pm_slice text);

/* "v2019.04", "2023.05-rc1": months, which are no old release. */
bool pm_subject_is_year(pm_slice text);

#endif
