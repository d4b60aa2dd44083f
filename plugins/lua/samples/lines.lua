-- A script that works, and declares the same fact as the one before.
patchmark.need("project")
patchmark.fact("site.lines", "number", "how many lines of a path change, at most")

function scan(letter)
    if letter:fact("project") ~= "kernel" then return end
    report("site.lines", math.max(0, table.unpack(letter.path_lines)))
end
