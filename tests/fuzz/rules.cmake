# SPDX-License-Identifier: BSD-2-Clause
pm_fuzz(rules pm_engine)
