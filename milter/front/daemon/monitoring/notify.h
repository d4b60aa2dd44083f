/* SPDX-License-Identifier: BSD-2-Clause */
/* notify - tell who started us how we are, as sd_notify(3) describes it; without libsystemd. */
#ifndef PM_NOTIFY_H
#define PM_NOTIFY_H

/* Send one datagram: "READY=1". Nothing happens when nobody asked for it; who does not read cannot
 * hold us up for long. */
void pm_notify(const char *state);

/* We read our configuration again. "READY=1" says that it is done, whatever came of it. */
void pm_notify_reloading(void);

#endif
