-- SPDX-License-Identifier: BSD-2-Clause
-- verdict - what rules may ask for beside marks.
-- log: queue-id=COPY .* recipients=1
-- log: queue-id=HOLD .* quarantined=yes
-- log: queue-id=BACK .* answer=reject
-- log: queue-id=AWAY .* answer=discard

dofile(FOLDER .. "/mta.lua")

local connection = open()

check("copy", send(connection, "COPY", "archive me") == SMFIR_CONTINUE)
check("no copy", mt.eom_check(connection, MT_RCPTADD, "<archive@example.org>"))
check("reader gets it twice", not mt.eom_check(connection, MT_RCPTADD, "<Reader@EXAMPLE.org>"))

check("hold", send(connection, "HOLD", "hold me") == SMFIR_CONTINUE)
check("not held", mt.eom_check(connection, MT_QUARANTINE, "look at it"))
check("not marked", inserted(connection, "Patchmark-Kind"))

check("back", send(connection, "BACK", "reject me") == SMFIR_REPLYCODE)
check("reply", mt.eom_check(connection, MT_SMTPREPLY, "550", "5.7.1", "100%% of it is unwanted"))

check("away", send(connection, "AWAY", "discard me") == SMFIR_DISCARD)

check("mark", send(connection, "MARK", "mark me") == SMFIR_CONTINUE)
expect_mark(connection, "Patchmark-Site", "seen")

-- The next one on this connection is none of these.
check("plain", send(connection, "PLAIN", "Lunch?") == SMFIR_CONTINUE)
check("held", not mt.eom_check(connection, MT_QUARANTINE))
check("copied", not mt.eom_check(connection, MT_RCPTADD, "<archive@example.org>"))
mt.disconnect(connection)
