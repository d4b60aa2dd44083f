# SPDX-License-Identifier: BSD-2-Clause
pm_fuzz(mailmap plugin_revision)
