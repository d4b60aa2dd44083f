# SPDX-License-Identifier: BSD-2-Clause
pm_fuzz(trailers pm_letter)
