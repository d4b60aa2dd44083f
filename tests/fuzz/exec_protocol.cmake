# SPDX-License-Identifier: BSD-2-Clause
pm_fuzz(exec_protocol plugin_exec)
