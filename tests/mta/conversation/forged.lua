-- SPDX-License-Identifier: BSD-2-Clause
-- forged - fields that only claim to be ours: 0, 1, 2, 3 and 50 of them, in every disguise. How many
-- were removed stands in the log, which the runner compares:
-- log: queue-id=FORGED1 .* removed=1
-- log: queue-id=FORGED2 .* removed=2
-- log: queue-id=FORGED3 .* removed=3
-- log: queue-id=FORGED50 .* removed=50
-- log: queue-id=DISCARDED .* answer=discard
-- log: queue-id=MANY .* removed=1500

dofile(FOLDER .. "/mta.lua")

local names = {"Patchmark-Inbox", "PATCHMARK-INBOX", "patchmark-kind", "Patchmark-Results",
               "Patchmark-Never-Heard-Of", "patchMark-Inbox", "Patchmark-"}
local values = {"<kvm-x86.linux>", "cover", "lists.example.org; v=1;\n\tkind=cover", "",
                "caf\xe9 \xff"}

for _, count in ipairs({0, 1, 2, 3, 50}) do
    local connection = open()
    begin(connection, "FORGED" .. count)
    header(connection, "From", "Mal Fidele <mal@example.org>")
    for i = 1, count do
        header(connection, names[i % #names + 1], values[i % #values + 1])
        header(connection, "Received", "from nowhere by mx" .. i)
    end
    header(connection, "Subject", "[PATCH demo v4 1/2] demo: Forged")
    header(connection, "X-Patchmark-Kind", "not ours")
    header(connection, "Patchmark", "not ours either")
    check("answer", finish(connection) == SMFIR_CONTINUE)
    check("something was removed", mt.eom_check(connection, MT_HDRDELETE) == (count > 0))
    for i = 1, count do
        local name = string.lower(names[i % #names + 1])
        check(name .. " stays", mt.eom_check(connection, MT_HDRDELETE, name))
    end
    check("not ours", not mt.eom_check(connection, MT_HDRDELETE, "x-patchmark-kind"))
    check("not ours", not mt.eom_check(connection, MT_HDRDELETE, "patchmark"))
    expect_mark(connection, "Patchmark-Revision", "4")
    mt.disconnect(connection)
end

-- More fields than are kept of a message (limits { headers 400 }): those behind are ours to remove too.
local connection = open()
begin(connection, "MANY")
for i = 1, 1500 do
    header(connection, "X-" .. i, "x")
    header(connection, "Patchmark-" .. i % 500, "forged")
end
check("many", finish(connection) == SMFIR_CONTINUE)
for i = 0, 499 do
    check("one of many", mt.eom_check(connection, MT_HDRDELETE, "patchmark-" .. i))
end
mt.disconnect(connection)

-- A message that goes away needs no edits.
connection = open()
begin(connection, "DISCARDED")
header(connection, "Patchmark-Kind", "forged")
header(connection, "Subject", "discard me")
check("discard", finish(connection) == SMFIR_DISCARD)
mt.disconnect(connection)
