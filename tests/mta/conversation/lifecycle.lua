-- SPDX-License-Identifier: BSD-2-Clause
-- lifecycle - every way in which a conversation begins, breaks off and goes on.

dofile(FOLDER .. "/mta.lua")

-- A port scan, a health check: connect and close, no word said.
for _ = 1, 20 do
    mt.disconnect(open(), false)
end

-- A polite MTA that has no mail after all.
connection = open()
negotiate(connection)
mt.disconnect(connection)

-- Several messages on one connection; nothing of one is in the next.
connection = open()
check("first", send(connection, "FIRST", "[PATCH demo v3 0/2] demo: First") == SMFIR_CONTINUE)
expect_mark(connection, "Patchmark-Kind", "cover")
expect_mark(connection, "Patchmark-Revision", "3")
check("second", send(connection, "SECOND", "Lunch?") == SMFIR_CONTINUE)
expect_mark(connection, "Patchmark-Kind", "other")
check("a revision from the message before", not inserted(connection, "Patchmark-Revision"))

-- RSET behind MAIL, behind RCPT, inside the header, inside the body; then a message as usual.
begin(connection, "RSET1", nil, {})
check("abort", mt.abort(connection) == nil)
begin(connection, "RSET2")
check("abort", mt.abort(connection) == nil)
begin(connection, "RSET3")
header(connection, "Subject", "[PATCH demo v7 0/9] demo: Never ends")
header(connection, "Patchmark-Kind", "forged")
check("abort", mt.abort(connection) == nil)
begin(connection, "RSET4")
header(connection, "Patchmark-Kind", "forged")
body(connection, "half a")
check("abort", mt.abort(connection) == nil)
check("after RSET", send(connection, "AFTER", "[PATCH demo] demo: As usual") == SMFIR_CONTINUE)
check("an aborted message's field was removed from this one",
      not mt.eom_check(connection, MT_HDRDELETE))
check("a part of the aborted message", not inserted(connection, "Patchmark-Part"))

-- Two MAILs, the second without an abort of the first.
begin(connection, "MAIL1")
header(connection, "Patchmark-Kind", "forged")
check("MAIL twice", send(connection, "MAIL2", "Lunch?") == SMFIR_CONTINUE)
check("the first one's field", not mt.eom_check(connection, MT_HDRDELETE))
expect_mark(connection, "Patchmark-Kind", "other")
mt.disconnect(connection)

-- The MTA's process dies at each step.
for step = 1, 4 do
    connection = open()
    begin(connection, "DIES")
    if step > 1 then
        header(connection, "Subject", "[PATCH demo] demo: Dies")
    end
    if step > 2 then
        body(connection, "half a")
    end
    if step > 3 then
        finish(connection)
    end
    mt.disconnect(connection, false)
end

-- Many at once, in step with each other: each keeps its own.
connections = {}
for i = 1, 40 do
    connections[i] = open()
    begin(connections[i], "MANY" .. i)
end
for i = 1, 40 do
    header(connections[i], "Subject", "[PATCH demo v" .. i .. " 0/2] demo: One of many")
    header(connections[i], "Patchmark-Revision", "1000")
end
for i = 1, 40 do
    body(connections[i], "text of " .. i .. "\r\n")
end
for i = 1, 40 do
    check("many", finish(connections[i]) == SMFIR_CONTINUE)
    if i > 1 then
        expect_mark(connections[i], "Patchmark-Revision", tostring(i))
    end
    mt.disconnect(connections[i])
end

-- All is well still.
connection = open()
check("last", send(connection, "LAST", "[PATCH demo v2] demo: Last") == SMFIR_CONTINUE)
expect_mark(connection, "Patchmark-Revision", "2")
mt.disconnect(connection)
