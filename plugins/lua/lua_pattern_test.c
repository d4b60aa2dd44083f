/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lua_pattern_test - our search gives what Lua's own gives, and ends where Lua's own does not.
 *
 * Both run in one state, on patterns made at random of all there is in patterns, errors included.
 */
#include "sandbox.h"

#include <lauxlib.h>
#include <lualib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *chunk; /* what run_chunk runs */

/* With `original`, Lua's own string library. */
static int run_chunk(lua_State *lua)
{
    if (luaL_loadbufferx(lua, chunk, strlen(chunk), "@test", "t") != LUA_OK)
        return lua_error(lua);
    sandbox_push_environment(lua);
    luaL_requiref(lua, "string", luaopen_string, 0);
    lua_setfield(lua, -2, "original");
    lua_setupvalue(lua, -2, 1);
    lua_call(lua, 0, 0);
    return 0;
}

static int run(sandbox *box, const char *source)
{
    chunk = source;
    return sandbox_call(box, run_chunk, NULL, NULL);
}

static void must_run(const char *source)
{
    sandbox *box = sandbox_new((sandbox_limits){64 * 1024 * 1024, INT64_C(4000000000)});

    assert_non_null(box);
    if (run(box, source) != LUA_OK)
        fail_msg("%s", lua_tostring(sandbox_lua(box), -1));
    sandbox_free(box);
}

static void searches_give_what_luas_own_give(void **state)
{
    (void)state;
    must_run(
        "local seed = 4711\n"
        "local function random(most)\n"
        "    seed = (seed * 1103515245 + 12345) % 2147483648\n"
        "    return seed // 65536 % most + 1\n"
        "end\n"
        "local items = { 'a', 'b', '.', '%a', '%d', '%S', '%%', '[ab]', '[^a]', '[%d-]', '[a-c]',\n"
        "    '[]]', '(', ')', '()', '%1', '%2', '%b()', '%bab', '%f[a]', '%f[%W]', '^', '$', '-',\n"
        "    '[^]a]', '[%]', '[', '%', '%b', '%f', '\\0', '[\\0a]', 'x?', '%0', '(a*)', '(.-)' }\n"
        "local repeats = { '', '', '', '*', '+', '-', '?' }\n"
        "local letters = { 'a', 'a', 'b', 'c', '(', ')', '1', ' ', '\\0', '-', ']' }\n"
        "local function make(from, most, behind)\n"
        "    local made = ''\n"
        "    for _ = 1, random(most) - 1 do\n"
        "        made = made .. from[random(#from)] .. (behind and behind[random(#behind)] or '')\n"
        "    end\n"
        "    return made\n"
        "end\n"
        "local function same(what, ...)\n"
        "    local mine = table.pack(pcall(string[what], ...))\n"
        "    local own = table.pack(pcall(original[what], ...))\n"
        "    local equal = mine.n == own.n\n"
        "    for i = 1, mine.n do equal = equal and mine[i] == own[i] end\n"
        "    if not equal and (mine[1] or own[1] or mine[2] ~= own[2]) then\n"
        "        error(string.format('%s(%q, %q): %s, not %s', what, (...), (select(2, ...)),\n"
        "            mine[2], own[2]))\n"
        "    end\n"
        "end\n"
        "local function all(matches)\n"
        "    local made = {}\n"
        "    for a, b in matches do made[#made + 1] = tostring(a) .. '|' .. tostring(b) end\n"
        "    return table.concat(made, ';')\n"
        "end\n"
        "for round = 1, 20000 do\n"
        "    local text, pattern = make(letters, 12), make(items, 5, repeats)\n"
        "    local from = random(30) - 15\n"
        "    same('find', text, pattern, from)\n"
        "    same('match', text, pattern, from)\n"
        "    same('find', text, pattern, from, true)\n"
        "    same('gsub', text, pattern, '<%0%%>')\n"
        "    same('gsub', text, pattern, '%1', 2)\n"
        "    same('gsub', text, pattern, { a = 'A', b = false })\n"
        "    same('gsub', text, pattern, function(x) return x and x .. '!' end)\n"
        "    local fine, mine = pcall(all, string.gmatch(text, pattern, from))\n"
        "    local own_fine, own = pcall(all, original.gmatch(text, pattern, from))\n"
        "    assert(fine == own_fine and (not fine or mine == own), pattern)\n"
        "end\n");
}

static void what_goes_wrong_is_said_as_lua_says_it(void **state)
{
    (void)state;
    must_run("local function says(wanted, f, ...)\n"
             "    local fine, text = pcall(f, ...)\n"
             "    assert(not fine and text:find(wanted, 1, true), text)\n"
             "end\n"
             "says('missing', string.find, 'a', '[a')\n"
             "says('ends with', string.find, 'a', 'a%')\n"
             "says('unfinished capture', string.match, 'a', '(a')\n"
             "says('invalid pattern capture', string.match, 'a', 'a)')\n"
             "says('invalid capture index', string.match, 'a', '%1')\n"
             "says('too many captures', string.match, 'a', ('()'):rep(33))\n"
             "says('too complex', string.match, ('a'):rep(300), ('a?'):rep(300))\n"
             "says(\"invalid use of '%'\", string.gsub, 'a', 'a', '%x')\n"
             "says('invalid replacement value', string.gsub, 'a', 'a', function() return {} end)\n"
             "says('string/function/table', string.gsub, 'a', 'a', true)\n");
}

static void a_search_without_end_ends_at_the_limit(void **state)
{
    static const char *const endless[] = {
        "('a'):rep(60):find(('a*'):rep(30) .. 'b')",
        "('a'):rep(60):match(('a-'):rep(30) .. 'b')",
        "for _ in ('a'):rep(1000):gmatch('.-.-.-.-b') do end",
        "('a'):rep(1000):gsub('.-.-.-.-b', '')",
        "('a'):rep(100000):find(('[' .. ('b'):rep(1000) .. ']'):rep(2))",
        "('('):rep(100000):find(('%b()'):rep(2))",
        "local s = ('a'):rep(100000); for i = 1, 1e9 do s:find('b', 1, true) end",
        "('a'):rep(100000):match('^(.*)(.*)%1%2$')",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(endless) / sizeof(endless[0]); i++) {
        sandbox *box = sandbox_new((sandbox_limits){8 * 1024 * 1024, 1000000});
        char source[200];

        snprintf(source, sizeof(source), "local _ = 0; %s%s",
                 strncmp(endless[i], "(", 1) == 0 ? "local _ = " : "", endless[i]);
        assert_int_not_equal(run(box, source), LUA_OK);
        if (sandbox_stopped(box) != SANDBOX_NO_WORK)
            fail_msg("%s: %s", endless[i], lua_tostring(sandbox_lua(box), -1));
        sandbox_free(box);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(searches_give_what_luas_own_give),
        cmocka_unit_test(what_goes_wrong_is_said_as_lua_says_it),
        cmocka_unit_test(a_search_without_end_ends_at_the_limit),
    };

    return cmocka_run_group_tests_name("pattern", tests, NULL, NULL);
}
