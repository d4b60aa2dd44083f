-- SPDX-License-Identifier: BSD-2-Clause
-- unruly - a script that loops, eats memory or recurses at a word in the title.
patchmark.fact("script.seen", "number", "1: it came through")

local function deeper(n)
    return 1 + deeper(n + 1)
end

function scan(letter)
    local title = letter.title or ""

    while title:find("loop script") do
        pcall(function() while true do end end)
    end
    if title:find("grow script") then
        local all = {}
        while true do all[#all + 1] = ("x"):rep(100000) end
    end
    if title:find("recurse script") then deeper(1) end
    if title:find("search script") then
        local _ = ("a"):rep(50):find(("a*"):rep(30) .. "b")
    end
    report("script.seen", 1)
end
