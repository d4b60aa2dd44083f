-- SPDX-License-Identifier: BSD-2-Clause
--
-- backport - which stable branches a letter targets. Copy it: a script of your own begins like this.
-- What it can ask and say is explained in lua.md; what it finds, in backport.md.

-- 1. Every fact it may report, so that a rule that misspells one is an error before there is mail.
patchmark.fact("backport.branch", "text", "a stable branch the letter is for: 6.1")
patchmark.fact("backport.from", "text", "the oldest branch it is for, as its author says: 5.10+")
patchmark.fact("backport.upstream", "text", "the commit it is a copy of")

-- 2. What the site may set: options backport { branches 6.12 6.6 6.1 }
local maintained = patchmark.option("branches")

-- "6.1" is below "6.10": versions compare number by number.
local function is_at_least(version, least)
    local major, minor = version:match("^(%d+)%.(%d+)$")
    local least_major, least_minor = least:match("^(%d+)%.(%d+)$")
    if not major then return false end
    major, least_major = tonumber(major), tonumber(least_major)
    return major > least_major
        or (major == least_major and tonumber(minor) >= tonumber(least_minor))
end

-- [PATCH 6.1.y], [PATCH 5.15 1/2], [PATCH stable-4.19], [PATCH AUTOSEL 6.6], [PATCH 5.10/5.15].
-- Not v6.1: that is a revision of the letter. Not 2024.04: no kernel is called after a year.
local function branches_in_prefix(letter)
    for _, word in ipairs(letter.prefix) do
        for part in word:gmatch("[^/,+&]+") do
            local branch, rest = part:gsub("^stable%-", ""):match("^(%d%d?%.%d+)(.*)$")
            if rest == "" or rest == ".y" or rest == "-stable" then
                report("backport.branch", branch, { weight = 10, reason = "prefix " .. word })
            end
        end
    end
end

-- Cc: <stable@...> # 5.10+, # v4.19.x: 0123456789ab: what it needs there. By the kernel's rules each
-- means the branches from there on.
local function branches_in_trailer(line)
    local from = line:match("^[Cc][Cc]:%s*<?stable@[^#%[]*[#%[]%s*v?(%d%d?%.%d+)")
    if not from then return end
    report("backport.from", from .. "+", { weight = 5, reason = line:sub(1, 200) })
    for _, branch in ipairs(maintained) do
        if is_at_least(branch, from) then
            report("backport.branch", branch, { weight = 5, reason = "from " .. from .. " on" })
        end
    end
end

-- How a line says which commit this is a copy of.
local copies = {
    "^%s*commit (%x+) upstream",
    "^[%s%[]*[Uu]pstream commit:? (%x+)",
    "^%s*%(cherry picked from commit (%x+)",
}

local function upstream(line)
    for _, copy in ipairs(copies) do
        local commit = line:match(copy)
        if commit and #commit >= 12 and #commit <= 40 then
            report("backport.upstream", commit:lower(), { reason = line:sub(1, 200) })
        end
    end
end

-- 3. Called with every letter.
function scan(letter)
    if letter.kind == "reply" then return end -- replies quote what others said
    branches_in_prefix(letter)
    for line in (letter.text or ""):gmatch("[^\r\n]+") do
        branches_in_trailer(line)
        upstream(line)
    end
end
