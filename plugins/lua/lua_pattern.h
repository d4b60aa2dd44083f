/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lua_pattern - string.find, match, gmatch and gsub with Lua's patterns (manual of Lua 5.4, section
 * 6.4.1), each step of a search counted as work.
 *
 * Lua's own search cannot be stopped, and a pattern such as ("a*"):rep(30) .. "b" takes it longer
 * than anyone will live. Here it ends at the limit like any other loop. The functions give what
 * Lua's own give; a test compares the two.
 */
#ifndef PATCHMARK_LUA_PATTERN_H
#define PATCHMARK_LUA_PATTERN_H

#include <lauxlib.h>

extern const luaL_Reg pattern_functions[];

#endif
