# SPDX-License-Identifier: BSD-2-Clause
#
# PatchmarkPlugin - how a plugin is built. patchmark's own plugins and those of other people go through
# this one file: plugins/CMakeLists.txt includes it, and so does find_package(PatchmarkPlugin).
#
#     patchmark_add_plugin(NAME [SOURCES FILE...] [TEST FILE...] [SETTINGS TEXT] [PRIVATE LIBRARY...])
#
# SOURCES are NAME.c unless said otherwise. Makes
#
#   NAME               the module NAME.so, which exports its entry alone and imports nothing from its host
#   plugin_NAME        its static twin, whose entry is pm_plugin_entry_NAME, for tests and fuzzers
#   NAME_test          the cmocka test of TEST, on the harness
#   plugin_NAME_fuzz   a fuzzer (with PATCHMARK_FUZZ, which wants clang)
#   install            into the folder patchmark loads plugins from
#
# and the tests
#
#   NAME               NAME_test passes
#   NAME_symbols       exactly one symbol is exported
#   NAME_check         `patchmark plugin check` finds nothing, on the mails in samples/ too; SETTINGS is what
#                      must stand in the plugin's block for it to start, if anything must
#
# Whoever includes this says where things are:
#
#   PATCHMARK_PLUGIN_SDK        the folder of harness.c, plugin_fuzz.c and symbols.sh
#   PATCHMARK_PLUGIN_DIRECTORY  where plugins are installed
#   PATCHMARK_PLUGIN_OUTPUT     where modules are built; empty: in the folder being built
#   PATCHMARK_PLUGIN_FLAGS      a target with compiler flags, or nothing
#   PATCHMARK_PROGRAM           the command patchmark; empty: no NAME_check
#   PATCHMARK_LEAN              tests are built only when they are asked for by name

# Where a sanitizer is built in, its runtime comes with the host and not with the module.
function(patchmark_forbid_imports name)
    if(NOT PATCHMARK_SANITIZE AND NOT CMAKE_C_FLAGS MATCHES "-fsanitize")
        target_link_options(${name} PRIVATE -Wl,-z,defs)
    endif()
endfunction()

function(patchmark_add_plugin_test name)
    if(NOT TARGET PkgConfig::CMOCKA)
        message(STATUS "${name}_test is not built: there is no cmocka (apt-get install libcmocka-dev)")
        return()
    endif()
    add_executable(${name}_test ${ARGN})
    if(PATCHMARK_LEAN)
        set_target_properties(${name}_test PROPERTIES EXCLUDE_FROM_ALL ON)
    endif()
    target_link_libraries(${name}_test
        PRIVATE plugin_${name} Patchmark::Harness ${PATCHMARK_PLUGIN_FLAGS} PkgConfig::CMOCKA)
    add_test(NAME ${name} COMMAND ${name}_test WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
endfunction()

# From source, not from the twin: what a fuzzer is built with, a test could not be linked with.
function(patchmark_add_plugin_fuzzer name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "SETTINGS" "SOURCES;PRIVATE")
    string(MAKE_C_IDENTIFIER ${name} id)
    string(REPLACE "\"" "\\\"" settings "${arg_SETTINGS}")
    add_executable(plugin_${name}_fuzz ${PATCHMARK_PLUGIN_SDK}/plugin_fuzz.c ${arg_SOURCES})
    target_compile_definitions(plugin_${name}_fuzz
        PRIVATE PM_PLUGIN_STATIC PLUGIN_ENTRY=pm_plugin_entry_${id} "PLUGIN_SETTINGS=\"${settings}\"")
    target_compile_options(plugin_${name}_fuzz PRIVATE -g -fsanitize=fuzzer,address,undefined)
    target_link_options(plugin_${name}_fuzz PRIVATE -fsanitize=fuzzer,address,undefined)
    target_link_libraries(plugin_${name}_fuzz
        PRIVATE Patchmark::Harness ${PATCHMARK_PLUGIN_FLAGS} ${arg_PRIVATE})
endfunction()

function(patchmark_add_plugin name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "SETTINGS" "SOURCES;TEST;PRIVATE")
    if(NOT arg_SOURCES)
        set(arg_SOURCES ${name}.c)
    endif()

    add_library(${name} MODULE ${arg_SOURCES})
    add_library(plugin_${name} STATIC ${arg_SOURCES})
    set_target_properties(${name} plugin_${name} PROPERTIES
        C_VISIBILITY_PRESET hidden POSITION_INDEPENDENT_CODE ON)
    target_compile_features(${name} PRIVATE c_std_11)
    target_compile_features(plugin_${name} PRIVATE c_std_11)

    set_target_properties(${name} PROPERTIES PREFIX "" OUTPUT_NAME ${name})
    if(PATCHMARK_PLUGIN_OUTPUT)
        set_target_properties(${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${PATCHMARK_PLUGIN_OUTPUT})
    endif()
    target_link_libraries(${name}
        PRIVATE Patchmark::Plugin ${PATCHMARK_PLUGIN_FLAGS} ${arg_PRIVATE})
    patchmark_forbid_imports(${name})
    install(TARGETS ${name} LIBRARY DESTINATION ${PATCHMARK_PLUGIN_DIRECTORY})

    target_compile_definitions(plugin_${name} PRIVATE PM_PLUGIN_STATIC)
    target_include_directories(plugin_${name} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
    target_link_libraries(plugin_${name}
        PUBLIC Patchmark::Plugin PRIVATE ${PATCHMARK_PLUGIN_FLAGS} ${arg_PRIVATE})

    if(PATCHMARK_FUZZ)
        patchmark_add_plugin_fuzzer(${name} SETTINGS "${arg_SETTINGS}" SOURCES ${arg_SOURCES}
            PRIVATE ${arg_PRIVATE})
    endif()
    if(NOT BUILD_TESTING)
        return()
    endif()
    if(arg_TEST)
        patchmark_add_plugin_test(${name} ${arg_TEST})
    endif()
    add_test(NAME ${name}_symbols COMMAND ${PATCHMARK_PLUGIN_SDK}/symbols.sh $<TARGET_FILE:${name}>)
    if(PATCHMARK_PROGRAM)
        file(GLOB samples CONFIGURE_DEPENDS samples/*.eml)
        add_test(NAME ${name}_check COMMAND ${PATCHMARK_PROGRAM} plugin check
            --settings "${arg_SETTINGS}" $<TARGET_FILE:${name}> ${samples})
    endif()
endfunction()
