-- SPDX-License-Identifier: BSD-2-Clause
--
-- prelude - functions of the safe library that are written in Lua, where every step of theirs is
-- counted. In C, one call of table.insert on a long table, or one table.sort of long texts, would
-- take long without anyone noticing.
--
-- Not for scripts to read or change: they get the functions, not this file's locals.

local next, type, error = ...

local function want_table(value, name)
    if type(value) ~= "table" then
        error("bad argument #1 to '" .. name .. "' (table expected, got " .. type(value) .. ")", 3)
    end
end

local function less_than(a, b)
    return a < b
end

-- Merge sort: equals stay in order, and a comparison that makes no sense does no harm.
local function merge(from, to, low, middle, high, less)
    local left, right = low, middle
    for at = low, high - 1 do
        if left < middle and (right >= high or not less(from[right], from[left])) then
            to[at] = from[left]
            left = left + 1
        else
            to[at] = from[right]
            right = right + 1
        end
    end
end

local function sort(list, less)
    want_table(list, "sort")
    less = less or less_than
    local count, width, from, to = #list, 1, list, {}
    while width < count do
        for low = 1, count, 2 * width do
            local middle, high = low + width, low + 2 * width
            if middle > count + 1 then middle = count + 1 end
            if high > count + 1 then high = count + 1 end
            merge(from, to, low, middle, high, less)
        end
        from, to = to, from
        width = 2 * width
    end
    if from ~= list then
        for at = 1, count do list[at] = from[at] end
    end
end

local function insert(list, ...)
    want_table(list, "insert")
    local at, value = ...
    local count = #list
    if value == nil then
        list[count + 1] = at
        return
    end
    if type(at) ~= "number" or at < 1 or at > count + 1 then
        error("bad argument #2 to 'insert' (position out of bounds)", 2)
    end
    for i = count, at, -1 do list[i + 1] = list[i] end
    list[at] = value
end

local function remove(list, at)
    want_table(list, "remove")
    local count = #list
    at = at or count
    if count == 0 then return nil end
    if type(at) ~= "number" or at < 1 or at > count + 1 then
        error("bad argument #2 to 'remove' (position out of bounds)", 2)
    end
    local value = list[at]
    for i = at, count do list[i] = list[i + 1] end
    return value
end

-- The order in which pairs goes. Lua's own differs from run to run.
local ranks = { number = 1, string = 2, boolean = 3 }

local function comes_before(a, b)
    local left, right = ranks[type(a)], ranks[type(b)]
    if left ~= right then return left < right end
    if left == 3 then return a == false and b end
    return a < b
end

local function pairs(map)
    want_table(map, "pairs")
    local keys, count = {}, 0
    for key in next, map do
        if not ranks[type(key)] then
            error("pairs cannot order a " .. type(key) .. " (keys are numbers, text, true, false)", 2)
        end
        count = count + 1
        keys[count] = key
    end
    sort(keys, comes_before)

    local at = 0
    return function()
        while at < count do
            at = at + 1
            local value = map[keys[at]]
            if value ~= nil then return keys[at], value end
        end
    end
end

return pairs, insert, remove, sort
