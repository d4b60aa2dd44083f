# SPDX-License-Identifier: BSD-2-Clause
pm_fuzz(examine pm_engine plugin_project plugin_revision)
