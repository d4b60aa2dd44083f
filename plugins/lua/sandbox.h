/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sandbox - a Lua state in which other people's code can run: what it may call, how much memory it
 * may hold, how much work it may do, and until when.
 *
 * Work is counted in VM instructions. What a C function does for a script (searching, repeating,
 * allocating) counts as the instructions it would have taken, so that no single call goes on
 * unnoticed. Once a limit is reached nothing in the script runs any more: pcall does not catch it.
 *
 * Not here: what a script is and what it can ask patchmark for (script.h, letter_view.h).
 */
#ifndef PATCHMARK_LUA_SANDBOX_H
#define PATCHMARK_LUA_SANDBOX_H

#include <lua.h>

#include <stddef.h>
#include <stdint.h>

typedef struct sandbox sandbox;

typedef struct sandbox_limits {
    size_t memory; /* bytes, of the whole state */
    int64_t work;  /* instructions from one sandbox_begin to the next */
} sandbox_limits;

/* Microseconds left; work ends when it is <= 0. NULL: there is no clock. */
typedef int64_t (*sandbox_clock)(void *context);

typedef enum sandbox_stop {
    SANDBOX_RUNS,
    SANDBOX_NO_WORK,   /* more instructions than allowed */
    SANDBOX_NO_TIME,   /* the clock says so */
    SANDBOX_NO_MEMORY, /* more bytes than allowed */
} sandbox_stop;

/* A state with the safe library and no script. NULL for want of memory. */
sandbox *sandbox_new(sandbox_limits limits);
void sandbox_free(sandbox *box); /* NULL is allowed */

/* Call a C function of Lua with one light userdata, under fresh limits. LUA_OK, or one of Lua's
 * error codes with an error object left on the stack: the caller pops it. context is what
 * sandbox_context answers meanwhile, and what the clock is asked with. */
int sandbox_call(sandbox *box, lua_CFunction function, sandbox_clock clock, void *context);

/* Why the last call ended early, if a limit ended it. */
sandbox_stop sandbox_stopped(const sandbox *box);

lua_State *sandbox_lua(const sandbox *box);

/* ---- For functions that scripts call ---- */

void *sandbox_context(lua_State *lua);

/* Count this much work; does not return (raises an error) when it is more than is left. */
void sandbox_work(lua_State *lua, size_t instructions);

/* Push an environment for one run of a script: empty, with the safe library behind it. */
void sandbox_push_environment(lua_State *lua);

/* Add the function or table on top of the stack to the safe library, and pop it. A table can be
 * read by scripts and not be changed. While a state is set up only. */
void sandbox_add(lua_State *lua, const char *name);

#endif
