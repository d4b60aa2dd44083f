# SPDX-License-Identifier: BSD-2-Clause
pm_fuzz(syntax pm_engine)
