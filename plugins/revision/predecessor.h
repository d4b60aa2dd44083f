/* SPDX-License-Identifier: BSD-2-Clause */
/* predecessor - looking through the memory for the series a letter's series supersedes. */
#ifndef PM_PREDECESSOR_H
#define PM_PREDECESSOR_H

#include "mailmap.h"

#include <patchmark/plugin.h>

/* Report the facts supersedes and supersedes.runner-up for this letter, and remember the link; also
 * for later revisions that arrived before it. people may be NULL. PM_OK also when there is nothing
 * to report. */
pm_status pm_predecessor_report(const pm_host *host, pm_scan *scan, const pm_mailmap *people);

#endif
