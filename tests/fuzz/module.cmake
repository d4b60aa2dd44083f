# SPDX-License-Identifier: BSD-2-Clause
pm_fuzz(module pm_command_plugin)
