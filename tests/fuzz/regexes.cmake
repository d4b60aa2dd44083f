# SPDX-License-Identifier: BSD-2-Clause
pm_fuzz(regexes plugin_subsystem PkgConfig::PCRE2)
