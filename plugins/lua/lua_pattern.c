/* SPDX-License-Identifier: BSD-2-Clause */
/* lua_pattern - searching with Lua's patterns, step by counted step; see lua_pattern.h. */
#include "lua_pattern.h"

#include "sandbox.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum {
    MOST_CAPTURES = 32,
    MOST_DEPTH = 200, /* of recursion; as in Lua */
    STEPS_AT_ONCE = 256,
    UNCLOSED = -1, /* instead of a capture's length */
    POSITION = -2,
};

typedef struct capture {
    const char *at;
    ptrdiff_t len;
} capture;

typedef struct search {
    lua_State *lua;
    const char *subject, *end; /* what is searched */
    const char *pattern_end;
    size_t steps;
    int depth;
    int count; /* of captures, closed or not */
    capture captures[MOST_CAPTURES];
} search;

static const char *match(search *in, const char *at, const char *pattern);

static void step(search *in)
{
    if (++in->steps % STEPS_AT_ONCE == 0)
        sandbox_work(in->lua, STEPS_AT_ONCE);
}

/* ---- One character ---- */

static bool is_in_class(unsigned char c, unsigned char class)
{
    bool found;

    switch (tolower(class)) {
    case 'a':
        found = isalpha(c);
        break;
    case 'c':
        found = iscntrl(c);
        break;
    case 'd':
        found = isdigit(c);
        break;
    case 'g':
        found = isgraph(c);
        break;
    case 'l':
        found = islower(c);
        break;
    case 'p':
        found = ispunct(c);
        break;
    case 's':
        found = isspace(c);
        break;
    case 'u':
        found = isupper(c);
        break;
    case 'w':
        found = isalnum(c);
        break;
    case 'x':
        found = isxdigit(c);
        break;
    default:
        return class == c;
    }
    return isupper(class) ? !found : found;
}

/* Behind the class that begins at pattern: a character, %a, or a [set]. */
static const char *class_end(search *in, const char *pattern)
{
    const char first = *pattern++;

    if (first == '%') {
        if (pattern == in->pattern_end)
            luaL_error(in->lua, "malformed pattern (ends with '%%')");
        return pattern + 1;
    }
    if (first != '[')
        return pattern;
    if (*pattern == '^')
        pattern++;
    do { /* a ] that comes first is one of the set */
        step(in);
        if (pattern == in->pattern_end)
            luaL_error(in->lua, "malformed pattern (missing ']')");
        if (*pattern++ == '%' && pattern < in->pattern_end)
            pattern++;
    } while (*pattern != ']' || pattern == in->pattern_end);
    return pattern + 1;
}

/* set is at its "[", last at its "]". */
static bool is_in_set(search *in, unsigned char c, const char *set, const char *last)
{
    bool found = true;

    if (set[1] == '^') {
        found = false;
        set++;
    }
    while (++set < last) {
        step(in);
        if (*set == '%') {
            set++;
            if (is_in_class(c, (unsigned char)*set))
                return found;
        } else if (set[1] == '-' && set + 2 < last) {
            set += 2;
            if ((unsigned char)set[-2] <= c && c <= (unsigned char)*set)
                return found;
        } else if ((unsigned char)*set == c) {
            return found;
        }
    }
    return !found;
}

static bool matches_one(search *in, const char *at, const char *class, const char *end)
{
    step(in);
    if (at == in->end)
        return false;
    switch (*class) {
    case '.':
        return true;
    case '%':
        return is_in_class((unsigned char)*at, (unsigned char)class[1]);
    case '[':
        return is_in_set(in, (unsigned char)*at, class, end - 1);
    default:
        return *class == *at;
    }
}

/* ---- Items of a pattern ---- */

/* As many as there are, then fewer. */
static const char *longest(search *in, const char *at, const char *class, const char *end)
{
    ptrdiff_t count = 0;

    while (matches_one(in, at + count, class, end))
        count++;
    for (; count >= 0; count--) {
        const char *found = match(in, at + count, end + 1);

        if (found != NULL)
            return found;
    }
    return NULL;
}

/* None, then more. */
static const char *shortest(search *in, const char *at, const char *class, const char *end)
{
    for (;;) {
        const char *found = match(in, at, end + 1);

        if (found != NULL)
            return found;
        if (!matches_one(in, at, class, end))
            return NULL;
        at++;
    }
}

static const char *open_capture(search *in, const char *at, const char *pattern, ptrdiff_t len)
{
    const char *found;

    if (in->count == MOST_CAPTURES)
        luaL_error(in->lua, "too many captures");
    in->captures[in->count++] = (capture){at, len};
    found = match(in, at, pattern);
    if (found == NULL)
        in->count--;
    return found;
}

static const char *close_capture(search *in, const char *at, const char *pattern)
{
    const char *found;
    int last = in->count - 1;

    while (last >= 0 && in->captures[last].len != UNCLOSED)
        last--;
    if (last < 0)
        luaL_error(in->lua, "invalid pattern capture");
    in->captures[last].len = at - in->captures[last].at;
    found = match(in, at, pattern);
    if (found == NULL)
        in->captures[last].len = UNCLOSED;
    return found;
}

/* %b(): up to the second character that ends what the first began. */
static const char *balanced(search *in, const char *at, const char *pattern)
{
    size_t open = 1;

    if (pattern + 1 >= in->pattern_end)
        luaL_error(in->lua, "malformed pattern (missing arguments to '%%b')");
    if (at == in->end || *at != pattern[0])
        return NULL;
    while (++at < in->end) {
        step(in);
        if (*at == pattern[1] && --open == 0)
            return at + 1;
        if (*at != pattern[1] && *at == pattern[0])
            open++;
    }
    return NULL;
}

/* %1: the same once more. */
static const char *again(search *in, const char *at, char digit)
{
    const int index = digit - '1';
    size_t len;

    if (index < 0 || index >= in->count || in->captures[index].len == UNCLOSED)
        luaL_error(in->lua, "invalid capture index %%%d", index + 1);
    len = (size_t)in->captures[index].len; /* of a position: more than there is */
    if (len > (size_t)(in->end - at))
        return NULL;
    sandbox_work(in->lua, len / 16);
    return memcmp(in->captures[index].at, at, len) == 0 ? at + len : NULL;
}

/* %f[set]: between a character that is not in the set and one that is. */
static bool is_frontier(search *in, const char *at, const char *set, const char *end)
{
    const char before = '\0', *previous = at == in->subject ? &before : at - 1;
    const char *next = at == in->end ? &before : at;

    return !is_in_set(in, (unsigned char)*previous, set, end - 1) &&
           is_in_set(in, (unsigned char)*next, set, end - 1);
}

/* %b, %f or %1: an item of its own, which is never repeated. */
static bool is_special(const char *pattern)
{
    return *pattern == '%' &&
           (pattern[1] == 'b' || pattern[1] == 'f' || isdigit((unsigned char)pattern[1]));
}

/* The end of what it matches, NULL when it does not; what follows it in the pattern is in
 * *behind_out. */
static const char *match_special(search *in, const char *at, const char *pattern,
                                 const char **behind_out)
{
    const char kind = pattern[1];
    const char *end;

    if (kind == 'f') {
        if (pattern[2] != '[')
            luaL_error(in->lua, "missing '[' after '%%f' in pattern");
        *behind_out = class_end(in, pattern + 2);
        return is_frontier(in, at, pattern + 2, *behind_out) ? at : NULL;
    }
    end = kind == 'b' ? balanced(in, at, pattern + 2) : again(in, at, kind);
    *behind_out = pattern + (kind == 'b' ? 4 : 2);
    return end;
}

static const char *match_items(search *in, const char *at, const char *pattern)
{
    const char *end, *found;

    for (;;) {
        step(in);
        if (pattern == in->pattern_end)
            return at;
        if (*pattern == '(')
            return pattern[1] == ')' ? open_capture(in, at, pattern + 2, POSITION)
                                     : open_capture(in, at, pattern + 1, UNCLOSED);
        if (*pattern == ')')
            return close_capture(in, at, pattern + 1);
        if (*pattern == '$' && pattern + 1 == in->pattern_end)
            return at == in->end ? at : NULL;
        if (is_special(pattern)) {
            at = match_special(in, at, pattern, &pattern);
            if (at == NULL)
                return NULL;
            continue;
        }

        end = class_end(in, pattern);
        switch (end < in->pattern_end ? *end : '\0') {
        case '?':
            if (matches_one(in, at, pattern, end) && (found = match(in, at + 1, end + 1)) != NULL)
                return found;
            pattern = end + 1;
            break;
        case '+':
            return matches_one(in, at, pattern, end) ? longest(in, at + 1, pattern, end) : NULL;
        case '*':
            return longest(in, at, pattern, end);
        case '-':
            return shortest(in, at, pattern, end);
        default:
            if (!matches_one(in, at, pattern, end))
                return NULL;
            at++;
            pattern = end;
            break;
        }
    }
}

/* The end of what matches the pattern from at on; NULL when nothing does. */
static const char *match(search *in, const char *at, const char *pattern)
{
    const char *found;

    if (++in->depth > MOST_DEPTH)
        luaL_error(in->lua, "pattern too complex");
    found = match_items(in, at, pattern);
    in->depth--;
    return found;
}

/* A match that begins exactly here. */
static const char *try_at(search *in, const char *at, const char *pattern)
{
    in->count = 0;
    in->depth = 0;
    return match(in, at, pattern);
}

/* ---- What was captured ---- */

/* Capture 0 of a pattern without any is the whole match. */
static void push_capture(search *in, int index, const char *from, const char *to)
{
    if (index >= in->count) {
        if (index != 0)
            luaL_error(in->lua, "invalid capture index %%%d", index + 1);
        lua_pushlstring(in->lua, from, (size_t)(to - from));
    } else if (in->captures[index].len == POSITION) {
        lua_pushinteger(in->lua, in->captures[index].at - in->subject + 1);
    } else if (in->captures[index].len == UNCLOSED) {
        luaL_error(in->lua, "unfinished capture");
    } else {
        lua_pushlstring(in->lua, in->captures[index].at, (size_t)in->captures[index].len);
    }
}

static int push_captures(search *in, const char *from, const char *to)
{
    const int count = in->count == 0 ? 1 : in->count;

    luaL_checkstack(in->lua, count, "too many captures");
    for (int i = 0; i < count; i++)
        push_capture(in, i, from, to);
    return count;
}

/* ---- The four functions ---- */

/* Subject and pattern, arguments 1 and 2; returns the pattern. Captures are left as they are: most
 * searches have none. */
static const char *begin(search *in, lua_State *lua)
{
    const char *pattern;
    size_t len;

    in->lua = lua;
    in->subject = luaL_checklstring(lua, 1, &len);
    in->end = in->subject + len;
    pattern = luaL_checklstring(lua, 2, &len);
    in->pattern_end = pattern + len;
    in->steps = 0;
    sandbox_work(lua, 1);
    return pattern;
}

/* Where to begin, as an argument says it: from 1, or from the end. NULL: behind the end. */
static const char *start(const search *in, int argument)
{
    const lua_Integer len = in->end - in->subject;
    lua_Integer from = luaL_optinteger(in->lua, argument, 1);

    if (from < 0)
        from = from < -len ? 1 : len + from + 1;
    if (from == 0)
        from = 1;
    return from > len + 1 ? NULL : in->subject + from - 1;
}

static bool has_specials(const char *pattern, const char *end)
{
    while (pattern < end)
        if (strchr("^$*+?.([%-", *pattern++) != NULL && pattern[-1] != '\0')
            return true;
    return false;
}

static int find_plain(search *in, const char *from, const char *needle)
{
    const size_t len = (size_t)(in->pattern_end - needle), left = (size_t)(in->end - from);
    const char *found;

    sandbox_work(in->lua, left / 16);
    found = len == 0 ? from : memmem(from, left, needle, len); /* in linear time */
    if (found == NULL) {
        lua_pushnil(in->lua);
        return 1;
    }
    lua_pushinteger(in->lua, found - in->subject + 1);
    lua_pushinteger(in->lua, found - in->subject + (ptrdiff_t)len);
    return 2;
}

/* From here on, where a match could begin: at the pattern's first character, if that is a plain
 * one. NULL: nowhere. */
static const char *seek(search *in, const char *from, const char *pattern)
{
    const size_t left = (size_t)(in->end - from);
    const char *found;

    if (pattern == in->pattern_end || has_specials(pattern, pattern + 1) || *pattern == ')' ||
        (pattern[1] != '\0' && strchr("?*-", pattern[1]) != NULL))
        return from;
    found = memchr(from, *pattern, left);
    sandbox_work(in->lua, 1 + (found == NULL ? left : (size_t)(found - from)) / 16);
    return found;
}

typedef enum answer { WHERE_AND_CAPTURES, CAPTURES } answer;

static int first_match(search *in, const char *pattern, const char *from, answer wanted)
{
    const bool anchored = *pattern == '^' && pattern < in->pattern_end;

    for (pattern += anchored; from != NULL; from = anchored || from == in->end ? NULL : from + 1) {
        const char *to;

        if (!anchored && (from = seek(in, from, pattern)) == NULL)
            break;
        to = try_at(in, from, pattern);
        if (to == NULL)
            continue;
        if (wanted == CAPTURES)
            return push_captures(in, from, to);
        lua_pushinteger(in->lua, from - in->subject + 1);
        lua_pushinteger(in->lua, to - in->subject);
        return 2 + (in->count == 0 ? 0 : push_captures(in, from, to));
    }
    lua_pushnil(in->lua);
    return 1;
}

static int text_find(lua_State *lua)
{
    search in;
    const char *pattern = begin(&in, lua), *from = start(&in, 3);

    if (from != NULL && (lua_toboolean(lua, 4) || !has_specials(pattern, in.pattern_end)))
        return find_plain(&in, from, pattern);
    return first_match(&in, pattern, from, WHERE_AND_CAPTURES);
}

static int text_match(lua_State *lua)
{
    search in;
    const char *pattern = begin(&in, lua);

    return first_match(&in, pattern, start(&in, 3), CAPTURES);
}

/* Upvalues: subject, pattern, where to go on, where the last match ended (-1: there was none). */
static int next_match(lua_State *lua)
{
    const char *pattern, *last;
    search in;

    lua_settop(lua, 0);
    lua_pushvalue(lua, lua_upvalueindex(1));
    lua_pushvalue(lua, lua_upvalueindex(2));
    pattern = begin(&in, lua);
    last = in.subject + lua_tointeger(lua, lua_upvalueindex(4));
    for (const char *from = in.subject + lua_tointeger(lua, lua_upvalueindex(3)); from <= in.end;
         from++) {
        const char *to;

        if ((from = seek(&in, from, pattern)) == NULL)
            break;
        to = try_at(&in, from, pattern);
        if (to == NULL || to == last)
            continue;
        lua_pushinteger(lua, to - in.subject);
        lua_pushvalue(lua, -1);
        lua_replace(lua, lua_upvalueindex(3));
        lua_replace(lua, lua_upvalueindex(4));
        return push_captures(&in, from, to);
    }
    return 0;
}

static int text_gmatch(lua_State *lua)
{
    search in;
    const char *from;

    begin(&in, lua);
    from = start(&in, 3);
    lua_settop(lua, 2);
    lua_pushinteger(lua, (from == NULL ? in.end + 1 : from) - in.subject);
    lua_pushinteger(lua, -1);
    lua_pushcclosure(lua, next_match, 4);
    return 1;
}

/* "%1 and %0" with the captures put in. */
static void add_expanded(search *in, luaL_Buffer *into, const char *from, const char *to)
{
    size_t len;
    const char *with = lua_tolstring(in->lua, 3, &len), *end = with + len;

    sandbox_work(in->lua, len / 16);
    for (const char *next; (next = memchr(with, '%', (size_t)(end - with))) != NULL;
         with = next + 2) {
        luaL_addlstring(into, with, (size_t)(next - with));
        if (next[1] == '%') {
            luaL_addchar(into, '%');
        } else if (next[1] == '0') {
            luaL_addlstring(into, from, (size_t)(to - from));
        } else if (isdigit((unsigned char)next[1])) {
            push_capture(in, next[1] - '1', from, to);
            luaL_tolstring(in->lua, -1, NULL); /* a position is a number */
            lua_remove(in->lua, -2);
            luaL_addvalue(into);
        } else {
            luaL_error(in->lua, "invalid use of '%%' in replacement string");
        }
    }
    luaL_addlstring(into, with, (size_t)(end - with));
}

static void add_replacement(search *in, luaL_Buffer *into, const char *from, const char *to)
{
    const int type = lua_type(in->lua, 3);

    if (type == LUA_TFUNCTION) {
        lua_pushvalue(in->lua, 3);
        lua_call(in->lua, push_captures(in, from, to), 1);
    } else if (type == LUA_TTABLE) {
        push_capture(in, 0, from, to);
        lua_gettable(in->lua, 3);
    } else {
        add_expanded(in, into, from, to);
        return;
    }
    if (!lua_toboolean(in->lua, -1)) {
        lua_pop(in->lua, 1);
        luaL_addlstring(into, from, (size_t)(to - from));
        return;
    }
    if (!lua_isstring(in->lua, -1))
        luaL_error(in->lua, "invalid replacement value (a %s)", luaL_typename(in->lua, -1));
    luaL_addvalue(into);
}

static int text_gsub(lua_State *lua)
{
    search in;
    const char *pattern = begin(&in, lua), *at = in.subject, *last = NULL;
    const bool anchored = *pattern == '^' && pattern < in.pattern_end;
    const lua_Integer most = luaL_optinteger(lua, 4, in.end - in.subject + 1);
    const int type = lua_type(lua, 3);
    lua_Integer count = 0;
    luaL_Buffer made;

    luaL_argexpected(lua,
                     type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION ||
                         type == LUA_TTABLE,
                     3, "string/function/table");
    luaL_buffinit(lua, &made);
    for (pattern += anchored; count < most;) {
        const char *to = try_at(&in, at, pattern);

        if (to != NULL && to != last) {
            count++;
            add_replacement(&in, &made, at, to);
            at = last = to;
        } else if (at < in.end) {
            luaL_addlstring(&made, at++, 1);
        } else {
            break;
        }
        if (anchored)
            break;
    }
    luaL_addlstring(&made, at, (size_t)(in.end - at));
    luaL_pushresult(&made);
    lua_pushinteger(lua, count);
    return 2;
}

const luaL_Reg pattern_functions[] = {
    {"find", text_find}, {"match", text_match}, {"gmatch", text_gmatch},
    {"gsub", text_gsub}, {NULL, NULL},
};
