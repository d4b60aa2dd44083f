/* SPDX-License-Identifier: BSD-2-Clause */
/* run - running scripts, and what they say: declarations, reports, log lines; see run.h. */
#include "run.h"

#include "letter_view.h"

#include <lauxlib.h>

#include <string.h>

enum { LONGEST_TEXT = 1024, MOST_REPORTS = 256, REPORT_ITEMS = 5 };

static char reports_key; /* its address is the key of this run's reports in the registry */

/* ---- patchmark.fact, patchmark.need, patchmark.option ---- */

static run *at_top(lua_State *lua, const char *what)
{
    run *in = sandbox_context(lua);

    if (in->phase == RUN_SCANS)
        luaL_error(lua, "%s belongs to the top of the script, outside of functions", what);
    return in;
}

/* The host has said no. It names the place in the configuration; we, that in the script. */
static int refuse(lua_State *lua, const char *what, const char *name, pm_status status)
{
    return luaL_error(lua, "the %s \"%s\" was refused (%s)", what, name,
                      status == PM_LIMIT ? "there are too many of them"
                                         : "names are [a-z][a-z0-9.-]*");
}

static int declare_fact(lua_State *lua)
{
    static const char *const types[] = {"text", "number", NULL};
    const char *name = luaL_checkstring(lua, 1);
    const pm_fact_type type =
        luaL_checkoption(lua, 2, NULL, types) == 0 ? PM_FACT_TEXT : PM_FACT_NUMBER;
    const pm_fact_decl decl = {name, type, luaL_checkstring(lua, 3)};
    run *in = at_top(lua, "patchmark.fact");
    bool known;
    const char *wrong;
    pm_status status;

    if (in->phase != RUN_LOADS)
        return 0;
    known = script_find_fact(in->script, name) != NULL;
    wrong = script_add_fact(in->script, name, type);
    if (wrong != NULL)
        return luaL_error(lua, "fact \"%s\": %s", name, wrong);
    if (known)
        return 0;
    status = in->host->declare_fact(in->settings, &decl);
    return status == PM_OK ? 0 : refuse(lua, "fact", name, status);
}

static int declare_need(lua_State *lua)
{
    const char *name = luaL_checkstring(lua, 1), *wrong;
    run *in = at_top(lua, "patchmark.need");
    pm_status status;

    if (in->phase != RUN_LOADS)
        return 0;
    wrong = script_add_need(in->script, name);
    if (wrong != NULL)
        return luaL_error(lua, "need \"%s\": %s", name, wrong);
    status = in->host->declare_need(in->settings, name);
    return status == PM_OK ? 0 : refuse(lua, "need", name, status);
}

/* A list of texts; an empty one when the configuration does not have it. */
static int option(lua_State *lua)
{
    const char *name = luaL_checkstring(lua, 1);
    run *in = at_top(lua, "patchmark.option");
    script_option *found = script_find_option(in->script, name);

    lua_newtable(lua);
    if (found == NULL)
        return 1;
    if (in->phase == RUN_LOADS)
        found->asked_for = true;
    for (size_t i = 0; i < found->count; i++) {
        lua_pushstring(lua, found->values[i]);
        lua_rawseti(lua, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* ---- report and log ---- */

/* { weight = 2, reason = "...", source = "..." }: pushes the three. */
static void push_details(lua_State *lua, const script *in)
{
    lua_Number weight = 1;

    lua_settop(lua, 3);
    if (lua_isnil(lua, 3)) {
        lua_newtable(lua);
        lua_replace(lua, 3);
    }
    luaL_checktype(lua, 3, LUA_TTABLE);
    if (lua_getfield(lua, 3, "weight") != LUA_TNIL) {
        if (lua_type(lua, -1) != LUA_TNUMBER)
            luaL_error(lua, "report: weight wants a number");
        weight = lua_tonumber(lua, -1);
    }
    if (!(weight > 0) || weight > 1000)
        luaL_error(lua, "report: weight is above 0 and up to 1000");
    lua_pop(lua, 1);
    lua_pushnumber(lua, weight);
    if (lua_getfield(lua, 3, "reason") != LUA_TNIL && lua_type(lua, -1) != LUA_TSTRING)
        luaL_error(lua, "report: reason wants text");
    if (lua_getfield(lua, 3, "source") == LUA_TNIL) {
        lua_pop(lua, 1);
        lua_pushstring(lua, in->file);
    } else if (lua_type(lua, -1) != LUA_TSTRING) {
        luaL_error(lua, "report: source wants text");
    }
}

static void check_value(lua_State *lua, const script_fact *fact)
{
    int is_whole;

    if (fact->type == PM_FACT_NUMBER) {
        lua_tointegerx(lua, 2, &is_whole);
        if (lua_type(lua, 2) != LUA_TNUMBER || !is_whole)
            luaL_error(lua, "report: \"%s\" is declared as a number, and wants a whole one",
                       fact->name);
        return;
    }
    if (lua_type(lua, 2) != LUA_TSTRING)
        luaL_error(lua,
                   "report: \"%s\" is declared as text, and this is a %s (tostring() makes "
                   "text)",
                   fact->name, luaL_typename(lua, 2));
    if (lua_rawlen(lua, 2) > LONGEST_TEXT)
        luaL_error(lua, "report: the text is longer than %d bytes (cut it: text:sub(1, %d))",
                   LONGEST_TEXT, LONGEST_TEXT);
}

static int report(lua_State *lua)
{
    const char *name = luaL_checkstring(lua, 1);
    const run *in = sandbox_context(lua);
    const script_fact *fact = script_find_fact(in->script, name);
    lua_Integer count;

    if (in->phase != RUN_SCANS)
        return luaL_error(lua, "report belongs into scan(): there is no letter yet");
    if (fact == NULL)
        return luaL_error(lua,
                          "report: \"%s\" is not declared (patchmark.fact(\"%s\", \"text\", "
                          "\"what it means\") at the top)",
                          name, name);
    check_value(lua, fact);
    push_details(lua, in->script);

    lua_rawgetp(lua, LUA_REGISTRYINDEX, &reports_key);
    count = (lua_Integer)lua_rawlen(lua, -1) / REPORT_ITEMS;
    if (count == MOST_REPORTS)
        return luaL_error(lua, "report: more than %d facts about one letter", MOST_REPORTS);
    lua_replace(lua, 3);
    if (lua_isnil(lua, 5)) {
        lua_pushliteral(lua, "");
        lua_replace(lua, 5);
    }
    for (int item = REPORT_ITEMS; item > 0; item--) {
        /* From the stack: name, value, (the list), weight, reason, source. */
        lua_pushvalue(lua, item <= 2 ? item : item + 1);
        lua_rawseti(lua, 3, count * REPORT_ITEMS + item);
    }
    return 0;
}

static int write_log(lua_State *lua)
{
    const run *in = sandbox_context(lua);

    in->host->log(in->scan, PM_LEVEL_INFO, "%s: %s", in->script->file, luaL_checkstring(lua, 1));
    return 0;
}

/* ---- Handing over what was reported ---- */

static pm_slice slice_at(lua_State *lua, int at)
{
    pm_slice slice;

    slice.data = lua_tolstring(lua, at, &slice.len);
    return slice;
}

/* The list of reports is on top of the stack. */
static void hand_over(lua_State *lua, run *in)
{
    const lua_Integer items = (lua_Integer)lua_rawlen(lua, -1);
    const int list = lua_gettop(lua);

    for (lua_Integer first = 1; first < items; first += REPORT_ITEMS) {
        pm_fact fact = {.size = sizeof(fact)};

        for (int item = 0; item < REPORT_ITEMS; item++)
            lua_rawgeti(lua, list, first + item);
        fact.name = lua_tostring(lua, list + 1);
        if (lua_type(lua, list + 2) == LUA_TNUMBER)
            fact.number = lua_tointeger(lua, list + 2);
        else
            fact.text = slice_at(lua, list + 2);
        fact.weight = lua_tonumber(lua, list + 3);
        fact.reason = slice_at(lua, list + 4);
        fact.source = slice_at(lua, list + 5);
        in->failed = in->host->add_fact(in->scan, &fact);
        if (in->failed != PM_OK)
            luaL_error(lua, "there is no room for the fact \"%s\"", fact.name);
        lua_settop(lua, list);
    }
}

/* ---- Running ---- */

static int add_functions(lua_State *lua)
{
    static const luaL_Reg functions[] = {
        {"fact", declare_fact}, {"need", declare_need}, {"option", option}, {NULL, NULL}};

    luaL_newlib(lua, functions);
    sandbox_add(lua, "patchmark");
    lua_pushcfunction(lua, report);
    sandbox_add(lua, "report");
    lua_pushcfunction(lua, write_log);
    sandbox_add(lua, "log");
    letter_set_up(lua);
    return 0;
}

bool run_prepare(sandbox *box)
{
    return sandbox_call(box, add_functions, NULL, NULL) == LUA_OK;
}

/* Text only: bytecode can do what no script can. */
static int compile(lua_State *lua)
{
    const run *in = lua_touserdata(lua, 1);

    lua_pushfstring(lua, "@%s", in->script->file);
    if (luaL_loadbufferx(lua, in->script->source, in->script->size, lua_tostring(lua, -1), "t") !=
        LUA_OK)
        return lua_error(lua);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, in->script);
    return 0;
}

/* Runs the script from its top and pushes its function scan. */
static void run_top(lua_State *lua, const run *in)
{
    sandbox_push_environment(lua);
    lua_rawgetp(lua, LUA_REGISTRYINDEX, in->script);
    lua_pushvalue(lua, -2);
    lua_setupvalue(lua, -2, 1); /* _ENV, the one upvalue of a whole script */
    lua_call(lua, 0, 0);
    lua_pushliteral(lua, "scan");
    lua_rawget(lua, -2);
    if (!lua_isfunction(lua, -1))
        luaL_error(lua, "there is no function scan(letter)");
}

static int load(lua_State *lua)
{
    compile(lua);
    run_top(lua, lua_touserdata(lua, 1));
    return 0;
}

static int scan_letter(lua_State *lua)
{
    run *in = lua_touserdata(lua, 1);

    lua_newtable(lua);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &reports_key);
    run_top(lua, in);
    in->phase = RUN_SCANS;
    letter_push(lua);
    lua_call(lua, 1, 0);
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &reports_key);
    hand_over(lua, in);
    return 0;
}

/* The sentence Lua left behind. Looks only, as nothing may be allocated outside of a call. */
static const char *error_text(const sandbox *box)
{
    lua_State *lua = sandbox_lua(box);
    const char *text = lua_type(lua, -1) == LUA_TSTRING ? lua_tostring(lua, -1) : NULL;

    if (text == NULL)
        return "error() was called with something that is no text";
    if (strcmp(text, "not enough memory") != 0) /* Lua's own, without a place */
        return text;
    return sandbox_stopped(box) == SANDBOX_NO_WORK
               ? "it took more than the option instructions allows"
               : "it took more than the option memory allows";
}

/* Does the sentence begin with a place in the script? */
static bool has_place(const char *text, const script *in)
{
    const size_t len = strlen(in->file);

    return strncmp(text, in->file, len) == 0 && text[len] == ':';
}

pm_status run_load(sandbox *box, const pm_host *host, const pm_settings *settings, script *which)
{
    run in = {.host = host, .settings = settings, .script = which, .phase = RUN_LOADS};
    const int folder = (int)(which->file - which->path);
    const char *text;

    if (sandbox_call(box, load, NULL, &in) == LUA_OK)
        return PM_OK;
    text = error_text(box);
    if (has_place(text, which))
        host->problem(settings, "script", "%.*s%s", folder, which->path, text);
    else
        host->problem(settings, "script", "%s: %s", which->path, text);
    lua_pop(sandbox_lua(box), 1);
    return PM_FAULT;
}

bool run_compile(sandbox *box, script *which)
{
    run in = {.script = which, .phase = RUN_LOADS};

    return sandbox_call(box, compile, NULL, &in) == LUA_OK;
}

static int64_t time_left(void *context)
{
    const run *in = context;

    return in->host->time_left(in->scan);
}

pm_status run_letter(sandbox *box, const pm_host *host, pm_scan *scan, script *which)
{
    run in = {.host = host, .scan = scan, .script = which, .phase = RUN_TOP};
    const char *text;

    if (sandbox_call(box, scan_letter, time_left, &in) == LUA_OK)
        return PM_OK;
    text = error_text(box);
    if (has_place(text, which))
        host->log(scan, PM_LEVEL_WARNING, "%s", text);
    else
        host->log(scan, PM_LEVEL_WARNING, "%s: %s", which->file, text);
    lua_pop(sandbox_lua(box), 1);
    if (in.failed != PM_OK)
        return in.failed;
    return sandbox_stopped(box) == SANDBOX_RUNS ? PM_FAULT : PM_LIMIT;
}
