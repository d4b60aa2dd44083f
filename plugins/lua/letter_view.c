/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * letter_view - what a script sees of a letter; see letter_view.h.
 *
 * The letter is an empty table. What is missing in it is asked of the host, and kept there: a
 * second look costs nothing.
 */
#include "letter_view.h"

#include "run.h"
#include "sandbox.h"

#include <lauxlib.h>

enum { LONGEST_TEXT = 1024 * 1024, BYTES_A_STEP = 64, MOST_VALUES = 10000 };

static char letter_key; /* its address is the key of the letter's metatable in the registry */

/* milter/engine/facts/field.c in short. */
static const letter_field fields[] = {
    {"kind", LETTER_TEXT, 0},         {"subject", LETTER_TEXT, 0},
    {"title", LETTER_TEXT, 0},        {"prefix", LETTER_TEXT, 1},
    {"list-tag", LETTER_TEXT, 0},     {"reply", LETTER_FLAG, 0},
    {"rfc", LETTER_FLAG, 0},          {"resend", LETTER_FLAG, 0},
    {"revision", LETTER_NUMBER, 0},   {"revision.doubtful", LETTER_FLAG, 0},
    {"reroll", LETTER_NUMBER, 0},     {"part", LETTER_NUMBER, 0},
    {"total", LETTER_NUMBER, 0},      {"message-id", LETTER_TEXT, 0},
    {"in-reply-to", LETTER_TEXT, 0},  {"reference", LETTER_TEXT, 1},
    {"author", LETTER_TEXT, 0},       {"author.name", LETTER_TEXT, 0},
    {"date", LETTER_NUMBER, 0},       {"list", LETTER_TEXT, 1},
    {"addressee", LETTER_TEXT, 1},    {"sender", LETTER_TEXT, 0},
    {"recipient", LETTER_TEXT, 1},    {"tag", LETTER_TEXT, 1},
    {"has-diff", LETTER_FLAG, 0},     {"path", LETTER_TEXT, 1},
    {"path.old", LETTER_TEXT, 1},     {"path.lines", LETTER_NUMBER, 1},
    {"path.how", LETTER_TEXT, 1},     {"files-changed", LETTER_NUMBER, 0},
    {"insertions", LETTER_NUMBER, 0}, {"deletions", LETTER_NUMBER, 0},
    {"shortlog", LETTER_TEXT, 1},     {"shortlog.author", LETTER_TEXT, 1},
    {"changelog", LETTER_TEXT, 1},    {"changelog.revision", LETTER_NUMBER, 1},
    {"base-commit", LETTER_TEXT, 0},  {"change-id", LETTER_TEXT, 0},
    {"supersedes", LETTER_TEXT, 1},   {"based-on", LETTER_TEXT, 1},
    {"depends-on", LETTER_TEXT, 1},   {"text", LETTER_TEXT, 0},
    {"body-prose", LETTER_TEXT, 0},   {"size", LETTER_NUMBER, 0},
};

const letter_field *letter_field_at(size_t nth)
{
    return nth < sizeof(fields) / sizeof(fields[0]) ? &fields[nth] : NULL;
}

/* letter.path_lines is letter["path.lines"], letter.has_diff letter["has-diff"]. */
static int is_called(const letter_field *field, const char *name)
{
    const char *own = field->name;

    while (*own != '\0' && (*own == *name || (*name == '_' && (*own == '-' || *own == '.')))) {
        own++;
        name++;
    }
    return *own == '\0' && *name == '\0';
}

/* ---- From the host to Lua ---- */

static void push_slice(lua_State *lua, pm_slice value)
{
    const size_t len = value.len < LONGEST_TEXT ? value.len : LONGEST_TEXT;

    sandbox_work(lua, 1 + len / BYTES_A_STEP);
    lua_pushlstring(lua, len == 0 ? "" : value.data, len);
}

/* Is there a value? Of what cannot be told, the script need not know why: it ends here. */
static int is_there(lua_State *lua, pm_status status)
{
    run *in = sandbox_context(lua);

    if (status == PM_OK || status == PM_ABSENT)
        return status == PM_OK;
    in->failed = status;
    return luaL_error(lua, "the letter cannot be read now");
}

/* Pushes the nth value, if there is one. */
static int push_value(lua_State *lua, const letter_field *field, unsigned nth)
{
    const run *in = sandbox_context(lua);
    pm_slice text;
    int64_t number;

    if (field->type == LETTER_TEXT) {
        if (!is_there(lua, in->host->letter_text(in->scan, field->name, nth, &text)))
            return 0;
        push_slice(lua, text);
        return 1;
    }
    if (!is_there(lua, in->host->letter_number(in->scan, field->name, nth, &number)))
        return 0;
    sandbox_work(lua, 1);
    if (field->type == LETTER_FLAG)
        lua_pushboolean(lua, number != 0); /* 0 is true in Lua */
    else
        lua_pushinteger(lua, number);
    return 1;
}

static void push_field(lua_State *lua, const letter_field *field)
{
    if (!field->many) {
        if (push_value(lua, field, 0))
            return;
        if (field->type == LETTER_FLAG)
            lua_pushboolean(lua, 0);
        else
            lua_pushnil(lua);
        return;
    }
    lua_newtable(lua);
    for (unsigned nth = 0; nth < MOST_VALUES && push_value(lua, field, nth); nth++)
        lua_rawseti(lua, -2, (lua_Integer)nth + 1);
}

/* letter.NAME, the first time. Upvalue: the table of methods. */
static int look_up(lua_State *lua)
{
    const char *name = luaL_checkstring(lua, 2);
    const letter_field *field;

    lua_pushvalue(lua, 2);
    if (lua_rawget(lua, lua_upvalueindex(1)) != LUA_TNIL)
        return 1;
    for (size_t nth = 0; (field = letter_field_at(nth)) != NULL; nth++) {
        if (!is_called(field, name))
            continue;
        push_field(lua, field);
        lua_pushvalue(lua, 2);
        lua_pushvalue(lua, -2);
        lua_rawset(lua, 1);
        return 1;
    }
    return luaL_error(
        lua, "a letter has no field \"%s\" (patchmark plugin list --fields prints them)", name);
}

/* ---- letter:header, letter:headers ---- */

/* Decoded and unfolded, as header.NAME in rules. */
static int push_header(lua_State *lua, unsigned nth)
{
    const run *in = sandbox_context(lua);
    const char *name = lua_pushfstring(lua, "header.%s", luaL_checkstring(lua, 2));
    pm_slice value;

    if (!is_there(lua, in->host->letter_text(in->scan, name, nth, &value)))
        return 0;
    push_slice(lua, value);
    return 1;
}

static int header(lua_State *lua)
{
    return push_header(lua, 0);
}

static int headers(lua_State *lua)
{
    lua_settop(lua, 2);
    lua_newtable(lua);
    for (unsigned nth = 0; nth < MOST_VALUES && push_header(lua, nth); nth++) {
        lua_rawseti(lua, 3, (lua_Integer)nth + 1);
        lua_settop(lua, 3);
    }
    lua_settop(lua, 3);
    return 1;
}

/* ---- letter:fact, letter:facts ---- */

/* Pushes value and weight of the nth fact of the name that is argument 2. */
static int push_fact(lua_State *lua, unsigned nth)
{
    run *in = sandbox_context(lua);
    const char *name = luaL_checkstring(lua, 2);
    double weight = 0;
    pm_slice text;
    int64_t number;
    pm_status status;

    if (!script_needs(in->script, name))
        return luaL_error(lua, "\"%s\" is not needed (patchmark.need(\"%s\") at the top)", name,
                          name);
    sandbox_work(lua, 1);
    status = in->host->fact_text(in->scan, name, nth, &text, &weight);
    if (status != PM_FAULT) {
        if (!is_there(lua, status))
            return 0;
        push_slice(lua, text);
    } else {
        if (!is_there(lua, in->host->fact_number(in->scan, name, nth, &number, &weight)))
            return 0;
        lua_pushinteger(lua, number);
    }
    lua_pushnumber(lua, weight);
    return 2;
}

static int fact(lua_State *lua)
{
    return push_fact(lua, 0);
}

static int facts(lua_State *lua)
{
    lua_settop(lua, 2);
    lua_newtable(lua);
    for (unsigned nth = 0; nth < MOST_VALUES && push_fact(lua, nth) > 0; nth++) {
        lua_createtable(lua, 0, 2);
        lua_insert(lua, 4);
        lua_setfield(lua, 4, "weight");
        lua_setfield(lua, 4, "value");
        lua_rawseti(lua, 3, (lua_Integer)nth + 1);
    }
    return 1;
}

/* ---- letter:series, letter:series_of ---- */

static void set_text(lua_State *lua, const char *name, pm_slice value)
{
    if (value.len == 0)
        return;
    push_slice(lua, value);
    lua_setfield(lua, -2, name);
}

static void set_number(lua_State *lua, const char *name, int64_t value)
{
    lua_pushinteger(lua, value);
    lua_setfield(lua, -2, name);
}

static void set_texts(lua_State *lua, const char *name, const pm_slice *values, size_t count)
{
    lua_newtable(lua);
    for (size_t i = 0; i < count && i < MOST_VALUES; i++) {
        push_slice(lua, values[i]);
        lua_rawseti(lua, -2, (lua_Integer)i + 1);
    }
    lua_setfield(lua, -2, name);
}

static void push_series(lua_State *lua, const pm_series *series)
{
    lua_newtable(lua);
    set_text(lua, "id", series->id);
    set_number(lua, "revision", series->revision);
    if (series->total >= 0)
        set_number(lua, "total", series->total);
    set_number(lua, "date", series->date);
    set_number(lua, "last_seen", series->last_seen);
    set_text(lua, "title", series->title);
    set_text(lua, "author", series->author);
    set_text(lua, "author_name", series->author_name);
    set_text(lua, "change_id", series->change_id);
    set_text(lua, "project", series->project);
    set_text(lua, "inbox", series->inbox);
    set_text(lua, "supersedes", series->supersedes);
    set_texts(lua, "subsystems", series->subsystems, series->subsystem_count);
    set_texts(lua, "titles", series->titles, series->title_count);
    set_texts(lua, "paths", series->paths, series->path_count);
}

/* nil where the memory does not know, or cannot tell in time. */
static int series(lua_State *lua)
{
    const run *in = sandbox_context(lua);
    const pm_series *found;
    pm_status status;
    pm_slice id;

    if (lua_isnoneornil(lua, 2)) {
        status = in->host->own_series(in->scan, &found);
    } else {
        id.data = luaL_checklstring(lua, 2, &id.len);
        status = in->host->series(in->scan, id, &found);
    }
    if (status == PM_OK)
        push_series(lua, found);
    else
        lua_pushnil(lua);
    return 1;
}

/* The series of a Message-ID, and the part it is; a reply is none. */
static int series_of(lua_State *lua)
{
    const run *in = sandbox_context(lua);
    pm_slice message_id, found;
    int32_t part;

    message_id.data = luaL_checklstring(lua, 2, &message_id.len);
    if (in->host->reference(in->scan, message_id, &found, &part) != PM_OK)
        return 0;
    push_slice(lua, found);
    if (part < 0)
        return 1;
    lua_pushinteger(lua, part);
    return 2;
}

/* ---- letter:note, letter:noted ---- */

/* What one script notes no other one sees: "SCRIPT:KEY". Pushes it. */
static pm_slice push_note_key(lua_State *lua)
{
    const run *in = sandbox_context(lua);
    pm_slice key;

    lua_pushfstring(lua, "%s:%s", in->script->name, luaL_checkstring(lua, 2));
    key.data = lua_tolstring(lua, -1, &key.len);
    return key;
}

/* letter:note(key, value, seconds): true, or false where there is no memory that takes it. Without
 * a value it is forgotten. */
static int note(lua_State *lua)
{
    const run *in = sandbox_context(lua);
    const int64_t seconds = lua_isnoneornil(lua, 3) ? 0 : luaL_checkinteger(lua, 4);
    pm_slice value = {"", 0}, key;
    pm_status status;

    if (!lua_isnoneornil(lua, 3))
        value.data = luaL_checklstring(lua, 3, &value.len);
    key = push_note_key(lua);
    sandbox_work(lua, 1 + (key.len + value.len) / BYTES_A_STEP);
    status = in->host->note(in->scan, key, value, seconds);
    if (status == PM_FAULT)
        return luaL_error(lua,
                          "note: a key and the script's name have %d bytes at most, a value %d, "
                          "and seconds are from 1 to %d",
                          PM_NOTE_KEY_MOST - 1, PM_NOTE_VALUE_MOST, PM_NOTE_SECONDS_MOST);
    lua_pushboolean(lua, status == PM_OK);
    return 1;
}

/* nil where nothing is noted, or it cannot be told in time. */
static int noted(lua_State *lua)
{
    const run *in = sandbox_context(lua);
    const pm_slice key = push_note_key(lua);
    pm_slice value;

    if (in->host->noted(in->scan, key, &value) == PM_OK)
        push_slice(lua, value);
    else
        lua_pushnil(lua);
    return 1;
}

static int time_left(lua_State *lua)
{
    const run *in = sandbox_context(lua);

    lua_pushinteger(lua, in->host->time_left(in->scan) / 1000);
    return 1;
}

/* ---- The letter itself ---- */

void letter_set_up(lua_State *lua)
{
    static const luaL_Reg methods[] = {
        {"header", header}, {"headers", headers}, {"fact", fact},
        {"facts", facts},   {"series", series},   {"series_of", series_of},
        {"note", note},     {"noted", noted},     {"time_left", time_left},
        {NULL, NULL},
    };

    lua_newtable(lua);
    luaL_newlib(lua, methods);
    lua_pushcclosure(lua, look_up, 1);
    lua_setfield(lua, -2, "__index");
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &letter_key);
}

void letter_push(lua_State *lua)
{
    lua_newtable(lua);
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &letter_key);
    lua_setmetatable(lua, -2);
}
