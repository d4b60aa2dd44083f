# SPDX-License-Identifier: BSD-2-Clause
pm_fuzz(message pm_message)
