-- A script that cannot be read: an error with its own file and line.
function scan(letter)
    report("site.lines" 1)
end
