# SPDX-License-Identifier: BSD-2-Clause
pm_fuzz(module pm_base)
# It is the command line's own, and in no library.
foreach(target module_fuzz module_replay)
    if(TARGET ${target})
        target_sources(${target} PRIVATE ${PROJECT_SOURCE_DIR}/milter/front/command/plugin_module.c)
        target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/milter/front/command)
    endif()
endforeach()
