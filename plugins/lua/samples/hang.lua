-- A script that never ends; it costs what it has reported and nothing else.
patchmark.fact("site.lines", "number", "how many lines of a path change, at most")

function scan(letter)
    report("site.lines", 4711)
    while true do end
end
