/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * status - what there is to tell of the daemon as a whole: for people at the control socket, and as
 * the gauges among the metrics.
 */
#ifndef PM_STATUS_H
#define PM_STATUS_H

#include "plugin_guard.h"
#include "store.h"
#include "strbuf.h"

/* The daemon has started. where is the store as it is configured, NULL: none; store may be NULL
 * when it could not be opened, and is borrowed until pm_status_end, as guard is. */
void pm_status_begin(const char *where, pm_store *store, pm_guard *guard);

/* The store is closed now. */
void pm_status_end(void);

/* One "name value" a line, as control.h lists them for `patchmark ctl status`. */
void pm_status_write(pm_strbuf *to);

/* All metrics, the gauges measured now. */
void pm_status_write_metrics(pm_strbuf *to);

#endif
