-- SPDX-License-Identifier: BSD-2-Clause
-- offers - MTAs that let us do less than we like. Mail passes; what may be done is done.
-- log: event=mta-refuses-edits
-- log: queue-id=NOEDITS .* removal-failed=2 edits=incomplete
-- log: queue-id=NOHOLD .* edits=incomplete

dofile(FOLDER .. "/mta.lua")

local edits = SMFIF_ADDHDRS + SMFIF_CHGHDRS

-- No step but DATA may be left out, none may go unanswered. (libmilter takes an offer of nothing at all for
-- an MTA of the first days, and guesses.)
local connection = open()
negotiate(connection, edits, SMFIP_NODATA)
check("helo is left out", not mt.test_option(connection, SMFIP_NOHELO))
check("no answer to headers", not mt.test_option(connection, SMFIP_NR_HDR))
check("conninfo", mt.conninfo(connection, "client.example.org", "192.0.2.1") == nil)
check("helo", mt.helo(connection, "client.example.org") == nil)
begin(connection, "ALLSTEPS")
header(connection, "Subject", "[PATCH demo v2] demo: Step by step")
check("no answer to a header", mt.getreply(connection) == SMFIR_CONTINUE)
check("eoh", mt.eoh(connection) == nil)
body(connection, "Hello.\r\n")
check("end", finish(connection) == SMFIR_CONTINUE)
expect_mark(connection, "Patchmark-Revision", "2")
mt.disconnect(connection)

-- No edits at all.
connection = open()
negotiate(connection, SMFIF_DELRCPT)
begin(connection, "NOEDITS")
header(connection, "Patchmark-Kind", "forged")
header(connection, "Patchmark-Kind", "forged")
check("end", finish(connection) == SMFIR_CONTINUE)
check("an edit nevertheless", not mt.eom_check(connection, MT_HDRINSERT))
mt.disconnect(connection)

-- Neither recipients nor quarantine.
connection = open()
negotiate(connection, edits)
check("hold", send(connection, "NOHOLD", "hold me and archive me") == SMFIR_CONTINUE)
check("marked all the same", inserted(connection, "Patchmark-Kind"))
check("held", not mt.eom_check(connection, MT_QUARANTINE))
mt.disconnect(connection)
