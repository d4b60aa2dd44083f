# SPDX-License-Identifier: BSD-2-Clause
pm_fuzz(source pm_message)
