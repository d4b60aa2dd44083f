/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sandbox - a Lua state in which other people's code can run; see sandbox.h.
 *
 * The library is chosen by name: what is not in the tables below does not exist for a script. Left
 * out on purpose: coroutines (each would need a hook of its own), metatables (finalizers run
 * without hooks, and __index makes loops in C), load, require, next and random (the same letter
 * gets the same answer), string.pack, io, os, debug.
 */
#include "sandbox.h"

#include "lua_pattern.h"

#include <prelude_source.h>

#include <lauxlib.h>
#include <lualib.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    HOOK_INSTRUCTIONS = 100,   /* between two looks at limits and clock */
    BYTES_AN_INSTRUCTION = 64, /* that a copy or a comparison does in the time of one */
    LARGE_BLOCK = 1024,        /* only these count as work: small ones depend on what is cached */
};

struct sandbox {
    lua_State *lua;
    sandbox_limits limits;
    size_t memory;
    int64_t work;
    sandbox_stop stop;
    sandbox_clock clock;
    void *context;
};

static char library_key; /* its address is the key of the library in the registry */

static sandbox *box_of(lua_State *lua)
{
    return *(sandbox **)lua_getextraspace(lua);
}

lua_State *sandbox_lua(const sandbox *box)
{
    return box->lua;
}

void *sandbox_context(lua_State *lua)
{
    return box_of(lua)->context;
}

sandbox_stop sandbox_stopped(const sandbox *box)
{
    return box->stop;
}

/* ---- Limits ---- */

/* To Lua this looks like a machine with little memory: it collects garbage, tries again, and then
 * raises an error of its own. */
static void *allocate(void *context, void *block, size_t old_size, size_t size)
{
    sandbox *box = context;
    void *made;

    if (block == NULL)
        old_size = 0; /* Lua tells the kind of object there */
    if (size == 0) {
        free(block);
        box->memory -= old_size;
        return NULL;
    }
    if (size > old_size) {
        if (size - old_size > box->limits.memory - box->memory) {
            box->work += (int64_t)(box->memory / BYTES_AN_INSTRUCTION); /* collecting garbage */
            return NULL;
        }
        if (size >= LARGE_BLOCK) {
            box->work += (int64_t)(size / BYTES_AN_INSTRUCTION);
            if (box->work > box->limits.work)
                return NULL;
        }
    }
    made = realloc(block, size);
    if (made != NULL)
        box->memory += size - old_size; /* wraps around to the right sum when it shrinks */
    return made;
}

/* "script.lua:7: " for the innermost function of a script. */
static void push_where(lua_State *lua)
{
    lua_Debug about;

    for (int level = 0; lua_getstack(lua, level, &about); level++) {
        lua_getinfo(lua, "Sl", &about);
        if (about.currentline > 0 && about.source[0] == '@') {
            lua_pushfstring(lua, "%s:%d: ", about.short_src, about.currentline);
            return;
        }
    }
    lua_pushliteral(lua, "");
}

static int raise_stop(lua_State *lua)
{
    const sandbox *box = box_of(lua);

    push_where(lua);
    if (box->stop == SANDBOX_NO_TIME)
        lua_pushliteral(lua, "the message's time is spent");
    else
        lua_pushfstring(lua,
                        "it took more than %I instructions (if it is no endless loop, raise the "
                        "option instructions)",
                        (LUAI_UACINT)box->limits.work);
    lua_concat(lua, 2);
    return lua_error(lua);
}

void sandbox_work(lua_State *lua, size_t instructions)
{
    sandbox *box = box_of(lua);

    if (instructions > (size_t)INT32_MAX)
        instructions = INT32_MAX; /* more than any limit; the sum must not overflow */
    box->work += (int64_t)instructions;
    if (box->stop == SANDBOX_RUNS && box->work > box->limits.work)
        box->stop = SANDBOX_NO_WORK;
    if (box->stop == SANDBOX_RUNS && box->clock != NULL && box->clock(box->context) <= 0)
        box->stop = SANDBOX_NO_TIME;
    if (box->stop != SANDBOX_RUNS)
        raise_stop(lua);
}

static void count(lua_State *lua, lua_Debug *about)
{
    (void)about;
    sandbox_work(lua, HOOK_INSTRUCTIONS);
}

/* Lua has run out of memory; or of work, which allocate() answers in the same way. */
static void note_no_memory(sandbox *box)
{
    if (box->stop == SANDBOX_RUNS)
        box->stop = box->work > box->limits.work ? SANDBOX_NO_WORK : SANDBOX_NO_MEMORY;
}

int sandbox_call(sandbox *box, lua_CFunction function, sandbox_clock clock, void *context)
{
    int status;

    box->work = 0;
    box->stop = SANDBOX_RUNS;
    box->clock = clock;
    box->context = context;
    lua_pushcfunction(box->lua, function);
    lua_pushlightuserdata(box->lua, context);
    status = lua_pcall(box->lua, 1, 0, 0);
    if (status == LUA_ERRMEM)
        note_no_memory(box);
    box->clock = NULL;
    box->context = NULL;
    return status;
}

/* ---- Functions of Lua's own library, made safe ---- */

/* Calls upvalue 1, a C function whose time grows with its arguments. */
static int counted(lua_State *lua)
{
    size_t work = 1;

    for (int i = lua_gettop(lua); i > 0; i--) {
        if (lua_type(lua, i) == LUA_TSTRING)
            work += (size_t)lua_rawlen(lua, i) / 16;
        else if (lua_type(lua, i) == LUA_TTABLE)
            work += (size_t)lua_rawlen(lua, i);
    }
    sandbox_work(lua, work);
    return lua_tocfunction(lua, lua_upvalueindex(1))(lua);
}

/* Calls upvalue 1, which takes a list and, from argument `first` on, the range of it that is
 * wanted: that counts, for a list of length 0 may have values far behind. */
static int counted_range(lua_State *lua, int first)
{
    const lua_Integer from = luaL_optinteger(lua, first, 1);
    const lua_Integer to = luaL_optinteger(lua, first + 1, (lua_Integer)lua_rawlen(lua, 1));

    if (to > from)
        sandbox_work(lua, (size_t)to - (size_t)from);
    return counted(lua);
}

static int join(lua_State *lua)
{
    return counted_range(lua, 3);
}

static int unpack(lua_State *lua)
{
    return counted_range(lua, 2);
}

/* One step of utf8.codes, which goes over as many bytes as do not begin a character. */
static int next_code(lua_State *lua)
{
    size_t len, at;
    const char *text = luaL_checklstring(lua, 1, &len);
    const lua_Integer before = lua_tointeger(lua, 2);
    const size_t begin = before > 0 ? (size_t)before : 0;

    for (at = begin; at < len && ((unsigned char)text[at] & 0xC0) == 0x80; at++)
        ;
    sandbox_work(lua, 1 + (at - begin) / 16);
    return lua_tocfunction(lua, lua_upvalueindex(1))(lua);
}

static int codes(lua_State *lua)
{
    const int count = counted(lua);

    lua_pushvalue(lua, -count);
    lua_pushcclosure(lua, next_code, 1);
    lua_replace(lua, -count - 1);
    return count;
}

/* Lua's own would go round a million million times for an empty text. */
static int repeat(lua_State *lua)
{
    const sandbox *box = box_of(lua);
    size_t len, between;
    lua_Number total;

    luaL_checklstring(lua, 1, &len);
    luaL_optlstring(lua, 3, "", &between);
    total = (lua_Number)(len + between) * (lua_Number)luaL_checkinteger(lua, 2);
    if (total <= 0) {
        lua_pushliteral(lua, "");
        return 1;
    }
    if (total > (lua_Number)box->limits.memory)
        total = (lua_Number)box->limits.memory; /* it will not get farther than that */
    sandbox_work(lua, (size_t)total / BYTES_AN_INSTRUCTION);
    return counted(lua);
}

/* Of what has an address, its type: addresses differ from run to run, and are nobody's business. */
static void hide_address(lua_State *lua, int at)
{
    switch (lua_type(lua, at)) {
    case LUA_TTABLE:
    case LUA_TFUNCTION:
    case LUA_TUSERDATA:
    case LUA_TLIGHTUSERDATA:
        lua_pushstring(lua, luaL_typename(lua, at));
        lua_replace(lua, at);
        break;
    default:
        break;
    }
}

/* Without %p, which prints addresses. */
static int format(lua_State *lua)
{
    size_t len;
    const char *at = luaL_checklstring(lua, 1, &len), *const end = at + len;

    /* By its length: Lua's own goes on behind a NUL. */
    while ((at = memchr(at, '%', (size_t)(end - at))) != NULL) {
        at++;
        at += strspn(at, "-+ #0123456789.");
        if (*at == 'p')
            return luaL_error(lua, "there is no %%p");
        at += at < end;
    }
    for (int i = lua_gettop(lua); i > 1; i--)
        hide_address(lua, i);
    return counted(lua);
}

static int to_string(lua_State *lua)
{
    luaL_checkany(lua, 1);
    hide_address(lua, 1);
    luaL_tolstring(lua, 1, NULL);
    return 1;
}

/* What a limit has stopped stays stopped. */
static int protected_call(lua_State *lua)
{
    sandbox *box = box_of(lua);
    int status;

    luaL_checkany(lua, 1);
    status = lua_pcall(lua, lua_gettop(lua) - 1, LUA_MULTRET, 0);
    if (status == LUA_ERRMEM)
        note_no_memory(box);
    if (box->stop != SANDBOX_RUNS)
        return lua_error(lua);
    if (!lua_checkstack(lua, 1))
        return luaL_error(lua, "too many results");
    lua_pushboolean(lua, status == LUA_OK);
    lua_insert(lua, 1);
    return lua_gettop(lua);
}

static int cannot_change(lua_State *lua)
{
    return luaL_error(lua, "this table is for all letters and cannot be changed");
}

/* ---- The safe library ---- */

typedef enum source {
    AS_IT_IS, /* Lua's own, whose time does not depend on what it is given */
    COUNTED,  /* Lua's own, by way of counted() */
} source;

static const struct {
    const char *library; /* NULL: the functions that stand alone */
    const char *name;
    source source;
    lua_CFunction guard; /* called instead, with Lua's own as upvalue 1; NULL: none */
} safe[] = {
    {NULL, "assert", AS_IT_IS, NULL},        {NULL, "error", AS_IT_IS, NULL},
    {NULL, "ipairs", AS_IT_IS, NULL},        {NULL, "pcall", COUNTED, protected_call},
    {NULL, "select", AS_IT_IS, NULL},        {NULL, "tonumber", COUNTED, NULL},
    {NULL, "tostring", COUNTED, to_string},  {NULL, "type", AS_IT_IS, NULL},
    {"string", "byte", COUNTED, NULL},       {"string", "char", AS_IT_IS, NULL},
    {"string", "format", COUNTED, format},   {"string", "len", AS_IT_IS, NULL},
    {"string", "lower", COUNTED, NULL},      {"string", "rep", COUNTED, repeat},
    {"string", "reverse", COUNTED, NULL},    {"string", "sub", AS_IT_IS, NULL},
    {"string", "upper", COUNTED, NULL},      {"table", "concat", COUNTED, join},
    {"table", "pack", AS_IT_IS, NULL},       {"table", "unpack", COUNTED, unpack},
    {"math", "abs", AS_IT_IS, NULL},         {"math", "ceil", AS_IT_IS, NULL},
    {"math", "exp", AS_IT_IS, NULL},         {"math", "floor", AS_IT_IS, NULL},
    {"math", "fmod", AS_IT_IS, NULL},        {"math", "huge", AS_IT_IS, NULL},
    {"math", "log", AS_IT_IS, NULL},         {"math", "max", AS_IT_IS, NULL},
    {"math", "maxinteger", AS_IT_IS, NULL},  {"math", "min", AS_IT_IS, NULL},
    {"math", "mininteger", AS_IT_IS, NULL},  {"math", "modf", AS_IT_IS, NULL},
    {"math", "sqrt", AS_IT_IS, NULL},        {"math", "tointeger", COUNTED, NULL},
    {"math", "type", AS_IT_IS, NULL},        {"utf8", "char", AS_IT_IS, NULL},
    {"utf8", "charpattern", AS_IT_IS, NULL}, {"utf8", "codepoint", COUNTED, NULL},
    {"utf8", "codes", COUNTED, codes},       {"utf8", "len", COUNTED, NULL},
    {"utf8", "offset", COUNTED, NULL},
};

static const luaL_Reg libraries[] = {
    {"_G", luaopen_base},   {"string", luaopen_string}, {"table", luaopen_table},
    {"math", luaopen_math}, {"utf8", luaopen_utf8},     {NULL, NULL},
};

/* Wraps the table on top of the stack so that it can be read only. */
static void protect(lua_State *lua)
{
    lua_newtable(lua); /* what scripts see */
    lua_newtable(lua); /* its metatable */
    lua_pushvalue(lua, -3);
    lua_setfield(lua, -2, "__index");
    lua_pushcfunction(lua, cannot_change);
    lua_setfield(lua, -2, "__newindex");
    lua_setmetatable(lua, -2);
    lua_remove(lua, -2);
}

void sandbox_add(lua_State *lua, const char *name)
{
    if (lua_istable(lua, -1))
        protect(lua);
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &library_key);
    lua_insert(lua, -2);
    lua_setfield(lua, -2, name);
    lua_pop(lua, 1);
}

/* Copies the safe functions of one of Lua's libraries into the table on top of the stack. */
static void copy_safe(lua_State *lua, const char *library)
{
    lua_getfield(lua, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_getfield(lua, -1, library == NULL ? "_G" : library);
    for (size_t i = 0; i < sizeof(safe) / sizeof(safe[0]); i++) {
        if (library == NULL ? safe[i].library != NULL
                            : safe[i].library == NULL || strcmp(safe[i].library, library) != 0)
            continue;
        lua_getfield(lua, -1, safe[i].name);
        if (safe[i].source == COUNTED)
            lua_pushcclosure(lua, safe[i].guard == NULL ? counted : safe[i].guard, 1);
        lua_setfield(lua, -4, safe[i].name);
    }
    lua_pop(lua, 2);
}

/* What prelude.lua returns: a function that takes next and gives pairs, insert, remove, sort. */
static void run_prelude(lua_State *lua)
{
    if (luaL_loadbufferx(lua, prelude_source, sizeof(prelude_source), "=prelude", "t") != LUA_OK)
        lua_error(lua);
    lua_getglobal(lua, "next");
    lua_getglobal(lua, "type");
    lua_getglobal(lua, "error");
    lua_call(lua, 3, 4);
}

static int set_up(lua_State *lua)
{
    for (const luaL_Reg *library = libraries; library->name != NULL; library++) {
        luaL_requiref(lua, library->name, library->func, 0);
        lua_pop(lua, 1);
    }
    lua_newtable(lua);
    copy_safe(lua, NULL);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &library_key);

    run_prelude(lua);
    lua_newtable(lua);
    copy_safe(lua, "table");
    lua_insert(lua, -4); /* below insert, remove, sort */
    lua_setfield(lua, -4, "sort");
    lua_setfield(lua, -3, "remove");
    lua_setfield(lua, -2, "insert");
    sandbox_add(lua, "table");
    sandbox_add(lua, "pairs");

    lua_newtable(lua);
    copy_safe(lua, "string");
    luaL_setfuncs(lua, pattern_functions, 0);
    lua_pushliteral(lua, ""); /* any string: they share one metatable */
    lua_newtable(lua);
    lua_pushvalue(lua, -3);
    lua_setfield(lua, -2, "__index");
    lua_setmetatable(lua, -2);
    lua_pop(lua, 1);
    sandbox_add(lua, "string");

    lua_newtable(lua);
    copy_safe(lua, "math");
    sandbox_add(lua, "math");
    lua_newtable(lua);
    copy_safe(lua, "utf8");
    sandbox_add(lua, "utf8");
    lua_sethook(lua, count, LUA_MASKCOUNT, HOOK_INSTRUCTIONS);
    return 0;
}

void sandbox_push_environment(lua_State *lua)
{
    lua_newtable(lua);
    lua_newtable(lua);
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &library_key);
    lua_setfield(lua, -2, "__index");
    lua_setmetatable(lua, -2);
}

sandbox *sandbox_new(sandbox_limits limits)
{
    sandbox *box = calloc(1, sizeof(*box));

    if (box == NULL)
        return NULL;
    box->limits = limits;
    box->lua = lua_newstate(allocate, box);
    if (box->lua == NULL) {
        free(box);
        return NULL;
    }
    *(sandbox **)lua_getextraspace(box->lua) = box;
    if (sandbox_call(box, set_up, NULL, NULL) != LUA_OK) {
        sandbox_free(box);
        return NULL;
    }
    return box;
}

void sandbox_free(sandbox *box)
{
    if (box == NULL)
        return;
    lua_close(box->lua);
    free(box);
}
