-- SPDX-License-Identifier: BSD-2-Clause
-- mta - the MTA's side of a conversation in few words, for the scripts beside it. miltertest has `mt`
-- and the protocol's constants; the runner defines SOCKET.
--
-- Steps that patchmarkd asks to be left out (connect, helo, end of header) are left out here too:
-- miltertest takes them for mistakes.

function check(what, fine)
    if not fine then
        mt.echo(debug.traceback("failed: " .. what, 2)) -- miltertest does not print errors
        error(what, 2)
    end
end

function open()
    local connection = mt.connect(SOCKET, 50, 0.1)
    check("nobody listens at " .. SOCKET, connection ~= nil)
    return connection
end

-- As an MTA that offers these and no more; nil: all there are. (miltertest 1.5 takes the two in the
-- other order than its manual has them.)
function negotiate(connection, actions, steps)
    check("negotiate", mt.negotiate(connection, 6, steps, actions) == nil)
end

function begin(connection, queue_id, sender, recipients)
    mt.macro(connection, SMFIC_MAIL, "i", queue_id)
    check("MAIL", mt.mailfrom(connection, sender or "<writer@example.org>") == nil)
    for _, recipient in ipairs(recipients or {"<reader@example.org>"}) do
        check("RCPT", mt.rcptto(connection, recipient) == nil)
    end
end

function header(connection, name, value)
    check("header " .. name, mt.header(connection, name, value) == nil)
end

function body(connection, text)
    check("body", mt.bodystring(connection, text) == nil)
end

-- Ends the message and gives the answer to it.
function finish(connection)
    local failed = mt.eom(connection)
    check("end of message: " .. tostring(failed), failed == nil)
    return mt.getreply(connection)
end

-- A whole message with one subject.
function send(connection, queue_id, subject)
    begin(connection, queue_id)
    header(connection, "From", "Writer <writer@example.org>")
    header(connection, "Subject", subject)
    header(connection, "Message-ID", "<" .. queue_id .. "@example.org>")
    body(connection, "Hello.\r\n")
    return finish(connection)
end

function inserted(connection, name, value)
    if value == nil then
        return mt.eom_check(connection, MT_HDRINSERT, name)
    end
    return mt.eom_check(connection, MT_HDRINSERT, name, value)
end

function expect_mark(connection, name, value)
    check("no " .. name, inserted(connection, name))
    check(name .. " is " .. tostring(mt.getheader(connection, name, 0)) .. ", not " .. value,
          inserted(connection, name, value))
end
