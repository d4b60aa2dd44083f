/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lua_test - scripts see letters and report facts; hostile ones cost their own facts and nothing
 * else.
 *
 * Every script that lua.md shows is run here too. What a pattern matches is lua_pattern_test.c's.
 */
#include <harness.h>

#include "field.h"
#include "letter_view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

const pm_plugin *pm_plugin_entry_lua(void);

static char folder[] = "/tmp/patchmark-lua-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static void path_of(const char *name, char path[64])
{
    snprintf(path, 64, "%s/%s.lua", folder, name);
}

static void write_script(const char *name, const char *source, size_t len)
{
    char path[64];
    FILE *file;

    path_of(name, path);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(source, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static void remove_script(const char *name)
{
    char path[64];

    path_of(name, path);
    assert_int_equal(unlink(path), 0);
}

/* The plugin with one script, test.lua, and other settings. */
static pm_bench *bench_bytes(const char *source, size_t len, const char *settings)
{
    char all[1024];
    pm_bench *bench;

    write_script("test", source, len);
    snprintf(all, sizeof(all), "script %s/test.lua\n%s\n", folder, settings);
    bench = pm_bench_new(pm_plugin_entry_lua(), all);
    remove_script("test");
    return bench;
}

static pm_bench *bench_with(const char *source, const char *settings)
{
    return bench_bytes(source, strlen(source), settings);
}

/* The same, with a scan() of these lines and the facts t and n. */
static pm_bench *bench_scan(const char *lines, const char *settings)
{
    char source[4096];
    pm_bench *bench;

    snprintf(source, sizeof(source),
             "patchmark.fact('t', 'text', 'a text')\n"
             "patchmark.fact('n', 'number', 'a number')\n"
             "function scan(letter)\n%s\nend\n",
             lines);
    bench = bench_with(source, settings);
    if (pm_bench_problem(bench) != NULL)
        fail_msg("%s: %s", lines, pm_bench_problem(bench));
    pm_bench_mail(bench, "Subject: [PATCH] mm: Fix it\nTo: dev@example.org\n\nIt leaks.\n");
    return bench;
}

static void must_contain(const char *text, const char *wanted)
{
    if (text == NULL || strstr(text, wanted) == NULL)
        fail_msg("\"%s\" expected in: %s", wanted, text == NULL ? "(nothing)" : text);
}

/* ---- What a script can do ---- */

static void a_rule_takes_ten_lines(void **state)
{
    pm_bench *bench =
        bench_with("patchmark.fact('size.files', 'number', 'files under mm/')\n"
                   "function scan(letter)\n"
                   "    local count = 0\n"
                   "    for _, path in ipairs(letter.path) do\n"
                   "        if path:find('^mm/') then count = count + 1 end\n"
                   "    end\n"
                   "    if count > 0 then\n"
                   "        report('size.files', count, { weight = 2, reason = 'mm' })\n"
                   "    end\n"
                   "end\n",
                   "");

    (void)state;
    assert_null(pm_bench_problem(bench));
    pm_bench_mail(bench, "Subject: x\n\n");
    pm_bench_text(bench, "path", "mm/slub.c");
    pm_bench_text(bench, "path", "mm/slab.c");
    pm_bench_text(bench, "path", "net/core.c");
    assert_int_equal(pm_bench_scan(bench), PM_OK);
    assert_int_equal(pm_bench_fact(bench, "size.files"), 2);
    assert_string_equal(pm_bench_fact_reason(bench, "size.files", 0), "mm");
    assert_string_equal(pm_bench_fact_source(bench, "size.files", 0), "test.lua");
    assert_true(pm_bench_fact_weight(bench, "size.files", 0) == 2);
    pm_bench_free(bench);
}

static void a_letter_has_the_fields_that_rules_have(void **state)
{
    const pm_field *host;
    const letter_field *own;
    size_t nth = 0;

    (void)state;
    for (; (host = pm_field_nth(nth)) != NULL; nth++) {
        own = letter_field_at(nth);
        if (own == NULL)
            fail_msg("letter_view.c lacks %s", host->name);
        assert_string_equal(own->name, host->name);
        assert_int_equal(own->type, host->type == PM_FIELD_TEXT     ? LETTER_TEXT
                                    : host->type == PM_FIELD_NUMBER ? LETTER_NUMBER
                                                                    : LETTER_FLAG);
        assert_int_equal(own->many, host->many);
    }
    assert_null(letter_field_at(nth));
}

static void fields_are_text_numbers_flags_and_lists(void **state)
{
    pm_bench *bench = bench_scan("report('t', letter.title)\n"
                                 "report('n', letter['path.lines'][2] + letter.path_lines[1])\n"
                                 "assert(letter.rfc == true and letter.resend == false)\n"
                                 "assert(letter.part == nil and #letter.prefix == 0)\n"
                                 "assert(letter.has_diff == letter['has-diff'])\n"
                                 "assert(letter.path == letter.path)\n"
                                 "report('t', letter:header('To'))\n"
                                 "assert(letter:header('Cc') == nil)\n"
                                 "report('n', #letter:headers('to'))\n",
                                 "");

    (void)state;
    pm_bench_number(bench, "rfc", 1);
    pm_bench_number(bench, "path.lines", 30);
    pm_bench_number(bench, "path.lines", 12);
    if (pm_bench_scan(bench) != PM_OK)
        fail_msg("%s", pm_bench_log(bench));
    assert_string_equal(pm_bench_fact_text(bench, "t", 0), "mm: Fix it");
    assert_int_equal(pm_bench_fact(bench, "n"), 42);
    assert_string_equal(pm_bench_fact_text(bench, "t", 1), "dev@example.org");
    pm_bench_free(bench);
}

static void facts_of_other_plugins_are_read_where_they_are_needed(void **state)
{
    pm_bench *bench = bench_with("patchmark.need('project')\n"
                                 "patchmark.need('many')\n"
                                 "patchmark.fact('t', 'text', 'x')\n"
                                 "function scan(letter)\n"
                                 "    local name, weight = letter:fact('project')\n"
                                 "    report('t', name, { weight = weight })\n"
                                 "    local all = letter:facts('many')\n"
                                 "    report('t', #all .. ' ' .. all[2].value .. ' ' ..\n"
                                 "        all[2].weight)\n"
                                 "end\n",
                                 "");

    (void)state;
    assert_null(pm_bench_problem(bench));
    pm_bench_mail(bench, "Subject: x\n\n");
    pm_bench_give_text(bench, "project", "linux", 7);
    pm_bench_give_number(bench, "many", 1, 1);
    pm_bench_give_number(bench, "many", 5, 2);
    assert_int_equal(pm_bench_scan(bench), PM_OK);
    assert_string_equal(pm_bench_fact_text(bench, "t", 0), "linux");
    assert_true(pm_bench_fact_weight(bench, "t", 0) == 7);
    assert_string_equal(pm_bench_fact_text(bench, "t", 1), "2 5 2.0");
    pm_bench_free(bench);
}

static void what_a_script_notes_a_later_letter_finds(void **state)
{
    pm_bench *bench = bench_scan("local seen = tonumber(letter:noted('seen') or '0') + 1\n"
                                 "assert(letter:note('seen', tostring(seen), 60) == true)\n"
                                 "assert(letter:noted('seen') == tostring(seen))\n"
                                 "if seen == 3 then letter:note('seen') end\n"
                                 "report('n', seen)\n",
                                 "");

    (void)state;
    for (int64_t i = 1; i <= 3; i++) {
        pm_bench_mail(bench, "Subject: x\n\n");
        assert_int_equal(pm_bench_scan(bench), PM_OK);
        assert_int_equal(pm_bench_fact(bench, "n"), i);
    }
    assert_null(pm_bench_noted(bench, "test:seen"));
    assert_int_equal(pm_bench_scan(bench), PM_OK);
    assert_string_equal(pm_bench_noted(bench, "test:seen"), "1");
    pm_bench_seconds(bench, 60);
    assert_null(pm_bench_noted(bench, "test:seen"));
    pm_bench_free(bench);

    bench = bench_scan("assert(letter:note('k', 'v', 9) == false)\n"
                       "assert(letter:noted('k') == nil)",
                       "");
    pm_bench_later(bench);
    assert_int_equal(pm_bench_scan(bench), PM_OK);
    pm_bench_free(bench);

    bench = bench_scan("letter:note('k', 'v', 0)", "");
    assert_int_equal(pm_bench_scan(bench), PM_FAULT);
    must_contain(pm_bench_log(bench), "seconds are from 1");
    assert_null(pm_bench_noted(bench, "test:k"));
    pm_bench_free(bench);
}

static void a_memory_that_knows_nothing_is_nil(void **state)
{
    pm_bench *bench = bench_scan("assert(letter:series() == nil)\n"
                                 "assert(letter:series('a@example.org') == nil)\n"
                                 "assert(letter:series_of('a@example.org') == nil)\n"
                                 "assert(letter:time_left() > 0)\n",
                                 "");

    (void)state;
    assert_int_equal(pm_bench_scan(bench), PM_OK);
    pm_bench_free(bench);
}

static void options_are_lists_of_text(void **state)
{
    pm_bench *bench =
        bench_with("patchmark.fact('t', 'text', 'x')\n"
                   "local branches = patchmark.option('branches')\n"
                   "assert(#patchmark.option('unset') == 0)\n"
                   "function scan() for _, b in ipairs(branches) do report('t', b) end end\n",
                   "options test { branches 6.1 \"6.6\"; branches 5.15 }");

    (void)state;
    assert_null(pm_bench_problem(bench));
    pm_bench_mail(bench, "Subject: x\n\n");
    assert_int_equal(pm_bench_scan(bench), PM_OK);
    assert_int_equal(pm_bench_facts(bench, "t"), 3);
    assert_string_equal(pm_bench_fact_text(bench, "t", 2), "5.15");
    pm_bench_free(bench);
}

static void log_goes_to_the_log(void **state)
{
    pm_bench *bench = bench_scan("log('seen ' .. letter.title)", "");

    (void)state;
    assert_int_equal(pm_bench_scan(bench), PM_OK);
    must_contain(pm_bench_log(bench), "test.lua: seen mm: Fix it");
    pm_bench_free(bench);
}

static void the_librarys_own_functions_do_as_lua_does(void **state)
{
    pm_bench *bench = bench_scan(
        "local list = { 3, 1, 2 }\n"
        "table.sort(list); assert(table.concat(list, ',') == '1,2,3')\n"
        "table.sort(list, function(a, b) return a > b end)\n"
        "assert(table.concat(list, ',') == '3,2,1')\n"
        "table.insert(list, 0); table.insert(list, 1, 9)\n"
        "assert(table.concat(list, ',') == '9,3,2,1,0')\n"
        "assert(table.remove(list) == 0 and table.remove(list, 1) == 9)\n"
        "assert(table.concat(list, ',') == '3,2,1' and table.remove({}) == nil)\n"
        "assert(select('#', table.unpack(list)) == 3 and table.pack(1, nil).n == 2)\n"
        "assert(('ab'):rep(3, '-') == 'ab-ab-ab' and (''):rep(1e15) == '' and ('a'):rep(-1) == "
        "'')\n"
        "assert(('%s %d %q'):format(nil, 3, 'x') == 'nil 3 \"x\"')\n"
        "assert(('Ab'):lower() == 'ab' and ('ab'):byte(1, -1) == 97 and #'abc' == 3)\n"
        "assert(utf8.len('\\u{e9}') == 1 and math.max(1, 2) == 2 and tonumber('ff', 16) == 255)\n"
        "assert(pcall(error, 'x') == false and select(2, pcall(error, 'x')) == 'x')\n"
        "for _, code in utf8.codes('a') do assert(code == 97) end\n",
        "");

    (void)state;
    if (pm_bench_scan(bench) != PM_OK)
        fail_msg("%s", pm_bench_log(bench));
    pm_bench_free(bench);
}

static void pairs_goes_in_the_same_order_always(void **state)
{
    pm_bench *bench =
        bench_scan("local map, made = { b = 1, a = 1, [10] = 1, [9] = 1, [true] = 1, c = 1 }, ''\n"
                   "for key in pairs(map) do\n"
                   "    map.b = nil\n"
                   "    made = made .. tostring(key) .. ' '\n"
                   "end\n"
                   "report('t', made)\n",
                   "");

    (void)state;
    assert_int_equal(pm_bench_scan(bench), PM_OK);
    assert_string_equal(pm_bench_fact_text(bench, "t", 0), "9 10 a c true ");
    pm_bench_free(bench);
}

/* ---- One letter does not know of another ---- */

static void nothing_is_kept_from_one_letter_to_the_next(void **state)
{
    pm_bench *bench = bench_with("patchmark.fact('n', 'number', 'x')\n"
                                 "local up, list = 0, {}\n"
                                 "global = 0\n"
                                 "function scan(letter)\n"
                                 "    up = up + 1\n"
                                 "    global = global + 1\n"
                                 "    list[#list + 1] = letter\n"
                                 "    another = (another or 0) + 1\n"
                                 "    report('n', up + global + #list + another)\n"
                                 "end\n",
                                 "states 1");

    (void)state;
    for (int i = 0; i < 3; i++) {
        pm_bench_mail(bench, "Subject: x\n\n");
        assert_int_equal(pm_bench_scan(bench), PM_OK);
        assert_int_equal(pm_bench_fact(bench, "n"), 4);
    }
    pm_bench_free(bench);
}

static void what_is_for_all_letters_cannot_be_changed(void **state)
{
    static const char *const attempts[] = {
        "string.find = nil",
        "string.mine = 1",
        "table.insert(string, 1)",
        "patchmark.fact = nil",
        "(''):x()",
        "local s = ''; s.find = nil",
        "math.pi2 = 1",
        "utf8.charpattern = 1",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
        pm_bench *bench = bench_scan(attempts[i], "");

        if (pm_bench_scan(bench) != PM_FAULT)
            fail_msg("%s was allowed", attempts[i]);
        pm_bench_free(bench);
    }
}

static void addresses_are_not_shown(void **state)
{
    pm_bench *bench = bench_scan("report('t', tostring({}) .. tostring(print or scan))\n"
                                 "report('t', ('%s %-10s|'):format({}, scan))\n"
                                 "assert(not pcall(string.format, '%p', {}))\n"
                                 "assert(not pcall(string.format, '%-5p', {}))\n"
                                 "assert(not pcall(string.format, '\\0%p', 'text'))\n"
                                 "assert(string.format('\\0%%p %s\\0', 'x') == '\\0%p x\\0')\n",
                                 "");

    (void)state;
    if (pm_bench_scan(bench) != PM_OK)
        fail_msg("%s", pm_bench_log(bench));
    assert_string_equal(pm_bench_fact_text(bench, "t", 0), "tablefunction");
    assert_string_equal(pm_bench_fact_text(bench, "t", 1), "table function  |");
    pm_bench_free(bench);
}

/* ---- Hostile scripts ---- */

static void what_a_script_has_no_business_with_does_not_exist(void **state)
{
    static const char *const names[] = {
        "io",
        "os",
        "package",
        "require",
        "debug",
        "coroutine",
        "load",
        "loadstring",
        "loadfile",
        "dofile",
        "collectgarbage",
        "setmetatable",
        "getmetatable",
        "rawset",
        "rawget",
        "rawequal",
        "next",
        "xpcall",
        "_G",
        "warn",
        "string.dump",
        "string.pack",
        "string.unpack",
        "table.move",
        "math.random",
        "math.randomseed",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char line[64];
        pm_bench *bench;

        snprintf(line, sizeof(line), "assert(%s == nil)", names[i]);
        bench = bench_scan(line, "");
        if (pm_bench_scan(bench) != PM_OK)
            fail_msg("%s exists", names[i]);
        pm_bench_free(bench);
    }
}

static void a_script_that_takes_too_much_is_stopped(void **state)
{
    static const char *const bombs[] = {
        "while true do end",
        "::again:: goto again",
        "goto go; ::go:: do goto go end",
        "repeat local x = 1 until false",
        "for i = 1, 1e18 do end",
        "local function f() return f() end f()",
        "local function f() return 1 + f() end f()",
        "local function f() f() f() end f()",
        "while true do pcall(function() while true do end end) end",
        "while true do pcall(error, {}) end",
        "local function f() while true do pcall(f) end end f()",
        "local function f() pcall(f) return f() end pcall(f)",
        "local f f = function() return pcall(pcall, f) end while true do f() end",
        "local t = {} while true do t[#t + 1] = t end",
        "local t = {} while true do t[#t + 1] = {} end",
        "local s = 'x' while true do s = s .. s end",
        "local s = ('x'):rep(1e8)",
        "local s = ('x'):rep(1e9, 'y')",
        "pcall(function() local s = ('x'):rep(1e9) end)",
        "while true do pcall(string.rep, 'x', 1e10) end",
        "while true do local s = ('x'):rep(1e6) end",
        "local s = ('x'):rep(1e6) while true do s:upper() end",
        "local s = ('x'):rep(1e6) while true do s:byte(1, 10000) end",
        "local s = ('x'):rep(1e6) while true do utf8.len(s) end",
        "local s = ('1'):rep(1e6) while true do tonumber(s) end",
        "local s = ('x'):rep(1e6) while true do s:find('y', 1, true) end",
        "local s = ('x'):rep(1e6) while true do local _ = s:rep(1) == s end",
        "('a'):rep(60):find(('a*'):rep(30) .. 'b')",
        "while true do ('a'):gsub('a', function() while true do end end) end",
        "local t = {} for i = 1, 1e5 do t[i] = '' end while true do table.concat(t) end",
        "local t = {} for i = 1, 1e9 do table.insert(t, 1, i) end",
        "local t = {} for i = 1, 1e5 do t[i] = -i end while true do table.sort(t) end",
        "table.sort({ 1, 2, 3 }, function() while true do end end)",
        "local t = {} for i = 1, 2e5 do t[i] = i end while true do table.unpack(t) end",
        "local t = {} for i = 1, 1e5 do t['k' .. i] = i end while true do pairs(t) end",
        "while true do local _ = letter:header('To') end",
        "while true do local _ = letter:headers('To') end",
        "while true do log(('x'):rep(100000)) end",
        "local function f(...) return f(1, ...) end f()",
        "local t = {} for i = 1, 1e9 do t[i] = i end",
        "error(('x'):rep(1e9))",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bombs) / sizeof(bombs[0]); i++) {
        char lines[256];
        pm_bench *bench;

        snprintf(lines, sizeof(lines), "report('t', 'before');\n%s", bombs[i]);
        bench = bench_scan(lines, "instructions 200K\nmemory 4M");
        if (pm_bench_scan(bench) != PM_LIMIT)
            fail_msg("%s: was not stopped: %s", bombs[i], pm_bench_log(bench));
        assert_int_equal(pm_bench_facts(bench, NULL), 0);
        must_contain(pm_bench_log(bench), "test.lua:");
        /* And the next letter is as good as any. */
        if (pm_bench_scan(bench) != PM_LIMIT)
            fail_msg("%s: went through at the second try", bombs[i]);
        pm_bench_free(bench);
    }
}

/* Few instructions of Lua, but much to do in C. */
static void what_is_done_in_c_counts_as_well(void **state)
{
    static const char *const calls[] = {
        "utf8.codes('x')(continued, 1)",   "table.concat(far, '', 40000, 60000)",
        "table.unpack(far, 40000, 60000)", "table.unpack({}, 1, 20000)",
        "table.unpack({}, -20000)",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        char lines[512];
        pm_bench *bench;

        /* So few of them in a list are kept where its length does not see them. */
        snprintf(lines, sizeof(lines),
                 "local continued = 'x' .. ('\\x80'):rep(1e5)\n"
                 "local far = {}\n"
                 "for i = 40000, 60000 do far[i] = '' end\n"
                 "for i = 1, 1000 do pcall(function() return %s end) end\n",
                 calls[i]);
        bench = bench_scan(lines, "instructions 200K\nmemory 4M");
        if (pm_bench_scan(bench) != PM_LIMIT)
            fail_msg("%s: was not stopped: %s", calls[i], pm_bench_log(bench));
        pm_bench_free(bench);
    }
}

static void characters_are_gone_through_as_lua_does(void **state)
{
    pm_bench *bench =
        bench_scan("local all = ''\n"
                   "for at, code in utf8.codes('a\\u{e4}\\u{20ac}z') do all = all .. at .. ':' .. "
                   "code .. ' ' end\n"
                   "report('t', all)\n"
                   "report('t', table.concat({'a', 'b', 'c'}, '-', 2, 3))\n"
                   "report('n', select('#', table.unpack({1, 2, 3}, 2, 5)))\n",
                   "");

    (void)state;
    if (pm_bench_scan(bench) != PM_OK)
        fail_msg("%s", pm_bench_log(bench));
    assert_string_equal(pm_bench_fact_text(bench, "t", 0), "1:97 2:228 4:8364 7:122 ");
    assert_string_equal(pm_bench_fact_text(bench, "t", 1), "b-c");
    assert_int_equal(pm_bench_fact(bench, "n"), 4);
    pm_bench_free(bench);
}

static void a_script_without_time_is_stopped(void **state)
{
    pm_bench *bench = bench_scan("while true do end", "instructions 900M");

    (void)state;
    pm_bench_time(bench, 0);
    assert_int_equal(pm_bench_scan(bench), PM_LIMIT);
    pm_bench_free(bench);
}

/* The plugin with another clock than the bench's, which stands still at 200 ms. */
typedef int64_t (*clock_function)(pm_scan *scan);

static clock_function other_clock, bench_clock;

static pm_status open_with_clock(const pm_host *host, const pm_settings *settings,
                                 void **instance_out)
{
    static pm_host changed;

    bench_clock = host->time_left;
    changed = *host;
    changed.time_left = other_clock;
    return pm_plugin_entry_lua()->open(&changed, settings, instance_out);
}

static const pm_plugin *plugin_with_clock(clock_function clock)
{
    static pm_plugin changed;

    other_clock = clock;
    changed = *pm_plugin_entry_lua();
    changed.open = open_with_clock;
    return &changed;
}

static int64_t ticks;

static int64_t ticking(pm_scan *scan)
{
    (void)scan;
    return 1000 - ticks++;
}

/* A minute: a test must not fail because the machine is busy. */
static int64_t patient(pm_scan *scan)
{
    return bench_clock(scan) * 300;
}

static void a_loop_ends_when_the_messages_time_does(void **state)
{
    static const char endless[] = "function scan()\n    while true do end\nend\n";
    char settings[128];
    pm_bench *bench;

    (void)state;
    write_script("test", endless, sizeof(endless) - 1);
    snprintf(settings, sizeof(settings), "script %s/test.lua\ninstructions 900M\n", folder);
    bench = pm_bench_new(plugin_with_clock(ticking), settings);
    remove_script("test");
    assert_null(pm_bench_problem(bench));
    pm_bench_mail(bench, "Subject: x\n\n");
    ticks = 0;
    assert_int_equal(pm_bench_scan(bench), PM_LIMIT);
    must_contain(pm_bench_log(bench), "test.lua:2: the message's time is spent");
    assert_true(ticks < 1100);
    pm_bench_free(bench);
}

static void a_script_that_fails_is_named_with_its_line(void **state)
{
    static const struct {
        const char *line, *says;
    } cases[] = {
        {"local x = nil + 1", "test.lua:4: attempt to perform arithmetic on a nil value"},
        {"letter.titel = nil; return letter.titel", "test.lua:4: a letter has no field \"titel\""},
        {"error('no good')", "test.lua:4: no good"},
        {"error({})", "error() was called with something that is no text"},
        {"error(nil)", "error() was called with something that is no text"},
        {"report('x', 'y')", "test.lua:4: report: \"x\" is not declared"},
        {"report('t', 1)", "test.lua:4: report: \"t\" is declared as text, and this is a number"},
        {"report('n', 'x')", "test.lua:4: report: \"n\" is declared as a number"},
        {"report('n', 1.5)", "test.lua:4: report: \"n\" is declared as a number"},
        {"report('t', ('x'):rep(1025))", "test.lua:4: report: the text is longer than 1024 bytes"},
        {"report('t', 'x', { weight = 0 })", "test.lua:4: report: weight is above 0"},
        {"report('t', 'x', { weight = 0/0 })", "test.lua:4: report: weight is above 0"},
        {"report('t', 'x', { reason = 1 })", "test.lua:4: report: reason wants text"},
        {"for i = 1, 257 do report('n', i) end", "test.lua:4: report: more than 256 facts"},
        {"letter:fact('project')", "test.lua:4: \"project\" is not needed"},
        {"patchmark.fact('late', 'text', 'x')", "test.lua:4: patchmark.fact belongs to the top"},
        {"local x <close> = {}", "test.lua:4: variable 'x' got a non-closable value"},
        {"('x'):rep('y')", "test.lua:4: bad argument"},
        {"table.insert(nil, 1)", "test.lua:4: bad argument #1 to 'insert'"},
        {"for _ in pairs({ [{}] = 1 }) do end", "test.lua:4: pairs cannot order a table"},
        {"return '1' + 1", "test.lua:4: attempt to perform arithmetic on a string value"},
        {"local function f() ('a'):gsub('a', f) end f()", "stack overflow"},
        {"return letter.title.x.y", "test.lua:4: attempt to index a nil value"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pm_bench *bench = bench_scan(cases[i].line, "");

        if (pm_bench_scan(bench) != PM_FAULT)
            fail_msg("%s: did not fail", cases[i].line);
        must_contain(pm_bench_log(bench), cases[i].says);
        assert_int_equal(pm_bench_facts(bench, NULL), 0);
        pm_bench_free(bench);
    }
}

static void a_script_that_fails_leaves_the_others_alone(void **state)
{
    static const char good[] = "patchmark.fact('good', 'number', 'x')\n"
                               "function scan() report('good', 1) end\n";
    static const char bad[] = "patchmark.fact('bad', 'number', 'x')\n"
                              "function scan() report('bad', 1) local s = ('x'):rep(1e9) end\n";
    char settings[256];
    pm_bench *bench;

    (void)state;
    write_script("bad", bad, sizeof(bad) - 1);
    write_script("good", good, sizeof(good) - 1);
    snprintf(settings, sizeof(settings), "script %s/bad.lua %s/good.lua\n", folder, folder);
    bench = pm_bench_new(pm_plugin_entry_lua(), settings);
    remove_script("bad");
    remove_script("good");
    assert_null(pm_bench_problem(bench));
    pm_bench_mail(bench, "Subject: x\n\n");
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pm_bench_scan(bench), PM_LIMIT);
        assert_int_equal(pm_bench_fact(bench, "good"), 1);
        assert_int_equal(pm_bench_facts(bench, "bad"), 0);
        must_contain(pm_bench_log(bench), "bad.lua: it took more than the option memory");
    }
    pm_bench_free(bench);
}

/* ---- Loading ---- */

static void what_is_wrong_with_a_script_is_said_when_it_is_loaded(void **state)
{
    static const struct {
        const char *source, *settings, *says;
    } cases[] = {
        {"function scan(\n", "", "test.lua:2: "},
        {"x = = 1", "", "test.lua:1: unexpected symbol near '='"},
        {"local x = 1", "", "test.lua: there is no function scan(letter)"},
        {"scan = 1", "", "test.lua: there is no function scan(letter)"},
        {"while true do end", "", "test.lua:1: it took more than"},
        {"local s = ('x'):rep(1e9)", "", "test.lua: it took more than the option memory allows"},
        {"\n\nerror('not here')", "", "test.lua:3: not here"},
        {"patchmark.fact('a')", "", "test.lua:1: bad argument #2"},
        {"patchmark.fact('a', 'flag', 'x')", "", "test.lua:1: bad argument #2"},
        {"patchmark.fact('a', 'text')", "", "test.lua:1: bad argument #3"},
        {"patchmark.fact('a', 'text', 'x') patchmark.fact('a', 'number', 'x')", "",
         "test.lua:1: fact \"a\": it is declared with two types"},
        {"report('a', 1)", "", "test.lua:1: report belongs into scan()"},
        {"\x1bLua", "", "attempt to load a binary chunk"},
        {"function scan() end", "options test { branches 6.1 }",
         "the script test.lua has no option \"branches\""},
        {"function scan() end", "options other { branches 6.1 }",
         "there is no script other.lua among those named"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pm_bench *bench = bench_with(cases[i].source, cases[i].settings);

        must_contain(pm_bench_problem(bench), cases[i].says);
        pm_bench_free(bench);
    }
}

static void what_is_wrong_with_the_settings_is_said(void **state)
{
    static const struct {
        const char *settings, *says;
    } cases[] = {
        {"", "there is nothing to run"},
        {"script /nowhere/x.lua", "cannot read the script /nowhere/x.lua: No such file"},
        {"script /dev/null", "cannot read the script /dev/null: it is no regular file"},
        {"script plugins", "cannot read the script plugins: it is no regular file"},
        {"script a.lua; states 0", "states: wants a number from 1"},
        {"script plugins/backport/backport.lua plugins/backport/backport.lua",
         "two scripts are called backport.lua"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pm_bench *bench = pm_bench_new(pm_plugin_entry_lua(), cases[i].settings);

        must_contain(pm_bench_problem(bench), cases[i].says);
        pm_bench_free(bench);
    }
}

/* ---- Many at once ---- */

static void check_trials(const char *source, const char *states)
{
    char settings[128];
    const char *wrong;
    pm_bench *bench;

    write_script("test", source, strlen(source));
    snprintf(settings, sizeof(settings), "script %s/test.lua\nstates %s\n", folder, states);
    bench = pm_bench_new(plugin_with_clock(patient), settings);
    remove_script("test");
    assert_null(pm_bench_problem(bench));
    pm_bench_mail(bench, "Subject: [PATCH] mm: Fix it\nTo: dev@example.org\n\nIt leaks.\n");
    wrong = pm_bench_trials(bench);
    if (wrong != NULL)
        fail_msg("states %s: %s", states, wrong);
    pm_bench_free(bench);
}

static void it_stands_every_trial_with_many_states_and_with_few(void **state)
{
    static const char source[] = "patchmark.fact('t', 'text', 'x')\n"
                                 "patchmark.fact('n', 'number', 'x')\n"
                                 "function scan(letter)\n"
                                 "    for word in (letter.subject or ''):gmatch('%a+') do\n"
                                 "        report('t', word, { reason = letter:header('To') })\n"
                                 "    end\n"
                                 "    report('n', #letter.path + #(letter.text or ''))\n"
                                 "end\n";

    (void)state;
    check_trials(source, "8");
    check_trials(source, "2");
    check_trials(source, "1");
}

static void states_that_are_thrown_away_are_made_again_on_many_threads(void **state)
{
    (void)state;
    check_trials("function scan(letter) if letter.title then error('again') end end\n", "3");
}

/* ---- The manual ---- */

/* The script in a block of lua.md, and behind "--> " the facts it reports about the letter there.
 */
static void check_example(const char *source, size_t len)
{
    pm_bench *bench = bench_bytes(
        source, len,
        strstr(source, "patchmark.option") == NULL ? "" : "options test { branches 6.6 6.1 }");
    const char *at = source, *end = source + len;

    if (pm_bench_problem(bench) != NULL)
        fail_msg("%.*s\n%s", (int)len, source, pm_bench_problem(bench));
    pm_bench_mail(bench, "Subject: [PATCH v2 0/3] mm: slub: Fix what leaks\n"
                         "To: Dev <dev@example.org>\nX-Mailer: b4 0.14\n"
                         "Message-ID: <1@example.org>\n\nIt leaks.\n\nTested-on: board-7\n");
    pm_bench_text(bench, "kind", "cover");
    pm_bench_text(bench, "author", "ann@example.org");
    pm_bench_number(bench, "total", 3);
    pm_bench_text(bench, "path", "mm/slub.c");
    pm_bench_text(bench, "path", "Documentation/mm/slub.rst");
    pm_bench_number(bench, "path.lines", 12);
    pm_bench_number(bench, "path.lines", 3);
    pm_bench_give_text(bench, "project", "linux", 10);
    if (pm_bench_scan(bench) != PM_OK)
        fail_msg("%.*s\n%s", (int)len, source, pm_bench_log(bench));

    while ((at = strstr(at, "--> ")) != NULL && at < end) {
        char name[64], value[64], number[32];
        bool found = false;

        assert_int_equal(sscanf(at, "--> %63s %63[^\n]", name, value), 2);
        for (unsigned nth = 0; nth < pm_bench_facts(bench, name); nth++) {
            const char *text = pm_bench_fact_text(bench, name, nth);

            snprintf(number, sizeof(number), "%lld", (long long)pm_bench_fact(bench, name));
            found |= strcmp(text == NULL ? number : text, value) == 0;
        }
        if (!found)
            fail_msg("%.*s\ndoes not report %s %s", (int)len, source, name, value);
        at++;
    }
    pm_bench_free(bench);
}

static void every_script_of_the_manual_runs(void **state)
{
    static char manual[64 * 1024];
    FILE *file = fopen("plugins/lua/lua.md", "r");
    unsigned count = 0;

    (void)state;
    assert_non_null(file);
    manual[fread(manual, 1, sizeof(manual) - 1, file)] = '\0';
    fclose(file);
    for (char *at = manual, *end; (at = strstr(at, "\n```lua\n")) != NULL; at = end) {
        at += strlen("\n```lua\n");
        end = strstr(at, "\n```\n");
        assert_non_null(end);
        *end++ = '\0';
        check_example(at, strlen(at));
        count++;
    }
    assert_true(count >= 5);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_takes_ten_lines),
        cmocka_unit_test(a_letter_has_the_fields_that_rules_have),
        cmocka_unit_test(fields_are_text_numbers_flags_and_lists),
        cmocka_unit_test(facts_of_other_plugins_are_read_where_they_are_needed),
        cmocka_unit_test(what_a_script_notes_a_later_letter_finds),
        cmocka_unit_test(a_memory_that_knows_nothing_is_nil),
        cmocka_unit_test(options_are_lists_of_text),
        cmocka_unit_test(log_goes_to_the_log),
        cmocka_unit_test(the_librarys_own_functions_do_as_lua_does),
        cmocka_unit_test(pairs_goes_in_the_same_order_always),
        cmocka_unit_test(nothing_is_kept_from_one_letter_to_the_next),
        cmocka_unit_test(what_is_for_all_letters_cannot_be_changed),
        cmocka_unit_test(addresses_are_not_shown),
        cmocka_unit_test(what_a_script_has_no_business_with_does_not_exist),
        cmocka_unit_test(a_script_that_takes_too_much_is_stopped),
        cmocka_unit_test(what_is_done_in_c_counts_as_well),
        cmocka_unit_test(characters_are_gone_through_as_lua_does),
        cmocka_unit_test(a_script_without_time_is_stopped),
        cmocka_unit_test(a_loop_ends_when_the_messages_time_does),
        cmocka_unit_test(a_script_that_fails_is_named_with_its_line),
        cmocka_unit_test(a_script_that_fails_leaves_the_others_alone),
        cmocka_unit_test(what_is_wrong_with_a_script_is_said_when_it_is_loaded),
        cmocka_unit_test(what_is_wrong_with_the_settings_is_said),
        cmocka_unit_test(it_stands_every_trial_with_many_states_and_with_few),
        cmocka_unit_test(states_that_are_thrown_away_are_made_again_on_many_threads),
        cmocka_unit_test(every_script_of_the_manual_runs),
    };

    return cmocka_run_group_tests_name("lua", tests, make_folder, remove_folder);
}
