/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * letter_view - what a script sees of a letter: fields by the names rules use, header fields, facts
 * of other plugins, the memory of series, what it noted itself, the time that is left. Each is
 * fetched when it is asked for.
 */
#ifndef PATCHMARK_LUA_LETTER_VIEW_H
#define PATCHMARK_LUA_LETTER_VIEW_H

#include <lua.h>

#include <stddef.h>

typedef enum letter_type { LETTER_TEXT, LETTER_NUMBER, LETTER_FLAG } letter_type;

typedef struct letter_field {
    const char *name; /* as the host has it: "path.lines" */
    letter_type type;
    int many; /* a list of values */
} letter_field;

/* The nth field letters have; NULL past the last. The host's own list is the same, as a test sees
 * to. */
const letter_field *letter_field_at(size_t nth);

/* Once for each state. */
void letter_set_up(lua_State *lua);

/* Push the letter that is scanned. */
void letter_push(lua_State *lua);

#endif
