# SPDX-License-Identifier: BSD-2-Clause
pm_fuzz(shortlog pm_letter)
