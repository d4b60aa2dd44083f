# SPDX-License-Identifier: BSD-2-Clause
pm_fuzz(changelog pm_letter)
