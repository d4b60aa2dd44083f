# SPDX-License-Identifier: BSD-2-Clause
pm_fuzz(diffstat pm_letter)
