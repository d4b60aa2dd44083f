# SPDX-License-Identifier: BSD-2-Clause
pm_fuzz(subject pm_letter)
