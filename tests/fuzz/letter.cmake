# SPDX-License-Identifier: BSD-2-Clause
pm_fuzz(letter pm_letter)
