# SPDX-License-Identifier: BSD-2-Clause
pm_fuzz(maintainers plugin_subsystem)
