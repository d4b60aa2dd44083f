/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * interrupt - Ctrl-C in the middle of an archive: the message at hand is finished, then the command
 * ends by itself.
 *
 * A second Ctrl-C ends it at once.
 */
#ifndef PM_INTERRUPT_H
#define PM_INTERRUPT_H

#include <stdbool.h>

/* From now on SIGINT and SIGTERM only ask, once each. */
void pm_interrupt_listen(void);

/* Has somebody asked? */
bool pm_interrupted(void);

#endif
