-- SPDX-License-Identifier: BSD-2-Clause
-- odd - mail as it should not be, and as it comes. Every one is answered, and marked.

dofile(FOLDER .. "/mta.lua")

local connection = open()

-- 8-bit bytes that are no UTF-8, control characters, an empty value.
begin(connection, "BYTES", "<>", {"<reader@example.org>", "<\xe9\xff@example.org>", ""})
header(connection, "From", "J\xf6rg M\xfcller <joerg@example.org>")
header(connection, "Subject", "[PATCH demo v2 1/1] demo: Gr\xfc\xdfe\x01\x02\x7f")
header(connection, "Message-ID", "<a\x1b[31m\xff@example.org>")
header(connection, "X-Empty", "")
body(connection, "\xff\xfe\r\r\n\n\r")
check("bytes", finish(connection) == SMFIR_CONTINUE)
expect_mark(connection, "Patchmark-Revision", "2")

-- 304 fields: the most a real message has had.
begin(connection, "FIELDS")
for i = 1, 302 do
    header(connection, "X-Field-" .. i, "value " .. i)
end
header(connection, "Subject", "[PATCH demo v9 0/1] demo: Wordy")
header(connection, "Cc", "reader@example.org")
check("fields", finish(connection) == SMFIR_CONTINUE)
expect_mark(connection, "Patchmark-Revision", "9")

-- A body past its limit (limits { body 64K }), in chunks that split lines and characters.
begin(connection, "BODY")
header(connection, "Subject", "[PATCH demo v3 0/1] demo: Long-winded")
header(connection, "Content-Type", "text/plain; charset=utf-8")
for _ = 1, 200 do
    body(connection, string.rep("\xe2\x82\xac and so on ", 80) .. "\r")
    body(connection, "\nnext\xe2")
end
check("body", finish(connection) == SMFIR_CONTINUE)
expect_mark(connection, "Patchmark-Revision", "3")

-- Parts in parts in parts, none of which ends.
begin(connection, "PARTS")
header(connection, "Subject", "[PATCH demo v6 0/1] demo: Boxes")
header(connection, "Content-Type", 'multipart/mixed; boundary="b0"')
for i = 0, 400 do
    body(connection, string.format('--b%d\r\nContent-Type: multipart/mixed; boundary="b%d"\r\n\r\n',
                                   i, i + 1))
end
check("parts", finish(connection) == SMFIR_CONTINUE)
expect_mark(connection, "Patchmark-Revision", "6")

-- No header, no body; header without body; body without header.
begin(connection, "NOTHING")
check("nothing", finish(connection) == SMFIR_CONTINUE)
expect_mark(connection, "Patchmark-Kind", "other")
begin(connection, "HEADER")
header(connection, "Subject", "[PATCH demo] demo: No body")
check("header", finish(connection) == SMFIR_CONTINUE)
begin(connection, "BODYONLY")
body(connection, "diff --git a/a b/a\r\n")
check("body only", finish(connection) == SMFIR_CONTINUE)
expect_mark(connection, "Patchmark-Kind", "other")
mt.disconnect(connection)

-- No queue id.
connection = open()
check("MAIL", mt.mailfrom(connection, "<writer@example.org>") == nil)
header(connection, "Subject", "Lunch?")
check("no queue id", finish(connection) == SMFIR_CONTINUE)
mt.disconnect(connection)

-- What a sender writes stays in its place in the log:
-- log: event=message queue-id=BYTES message-id=.*x1b.*xff
-- log: event=message queue-id=noqueue
