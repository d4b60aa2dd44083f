/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plugin_order - the order plugins run in: each behind those that report what it needs, and else as
 * the configuration names them.
 */
#ifndef PM_PLUGIN_ORDER_H
#define PM_PLUGIN_ORDER_H

#include "plugin_host.h"

/* Put plugins into that order. False after an error (a circle, a fact nobody reports) was added;
 * the order is then of no use. */
bool pm_plugins_sort(pm_loaded **plugins, size_t count, pm_errors *errors);

#endif
