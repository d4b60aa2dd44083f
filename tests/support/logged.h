/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logged - what the code under test writes into the log, as text to look at.
 *
 * Not for the tests of the log itself.
 */
#ifndef PM_TEST_LOGGED_H
#define PM_TEST_LOGGED_H

/* From now on the log goes to a file that only we see. Whatever goes wrong fails the test. */
void logged_begin(void);

/* All of it so far, at most the first 16 KiB; good until it is asked for again. */
const char *logged(void);

/* The log goes to standard error again. */
void logged_end(void);

#endif
