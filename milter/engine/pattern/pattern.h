/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pattern - regular expressions (pcre2pattern(3), with JIT) that hostile mail cannot make slow.
 *
 * Every match runs under match, depth and heap limits; a limit reached is no match, and for the
 * caller to count and log with the rule's name. Bytes, not characters, unless the flag u is given.
 *
 * Lines end with LF or CRLF, for mail comes with both: $ stands in front of either, . takes neither
 * CR nor LF.
 *
 * Flags: i (no case), m (^ and $ at lines), s (dot takes line ends too), x (Perl's /x), u (UTF-8).
 */
#ifndef PM_PATTERN_H
#define PM_PATTERN_H

#include "slice.h"

typedef struct pm_pattern pm_pattern; /* read-only once compiled; many threads match at once */

/* NULL with the sentence (no file or line) in message_out, of at least 256 bytes. */
pm_pattern *pm_pattern_compile(pm_slice expression, pm_slice flags, char *message_out,
                               size_t message_size) __attribute__((warn_unused_result));
void pm_pattern_free(pm_pattern *pattern);

/* PM_OK: it matches (where, in match_out, which may be NULL); PM_ABSENT: it does not; PM_LIMIT: a
 * limit was reached, taken for "does not". Subjects are cut at 1 MiB. */
pm_status pm_pattern_match(const pm_pattern *pattern, pm_slice subject, pm_slice *match_out);

/* Literal text: every match contains at least one of these (lower case stands for any when the case
 * does not count). Several such sets may be known, the one with the longest text first; PM_ABSENT
 * past the last one. What finds the few of 10,000 patterns worth trying. Borrowed. */
pm_status pm_pattern_literals(const pm_pattern *pattern, size_t nth, const pm_slice **literals_out,
                              size_t *count_out);
bool pm_pattern_nocase(const pm_pattern *pattern);

#endif
