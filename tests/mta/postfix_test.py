#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""postfix_test - from a real Postfix's SMTP port to the next hop, with patchmarkd in between.

Two private Postfixes hand mail to one sink, one with the milter and one without: what the two deliver
differs in our fields and in nothing else.

usage: postfix_test.py BUILD [unittest's arguments]
"""

import glob
import json
import os
import re
import shutil
import signal
import smtplib
import subprocess
import sys
import unittest

import mta

BUILD = os.path.abspath(sys.argv.pop(1))
HERE = os.path.dirname(os.path.abspath(__file__))

CONFIGURATION = """\
socket unix:{folder}/queue/patchmark.sock
socket-group postfix
allow-root yes
plugin-directory "{build}/plugins-available"
log-level info
allow {{
    discard yes
    reject yes
}}
include "{here}/test.rules"
project demo {{
    maintainers "{here}/demo/linux.maintainers"
}}
"""

FIELD = re.compile(rb"(?P<name>[!-9;-~]+):(?P<value>[^\r]*(?:\r\n[ \t][^\r]*)*)\r\n")


def take_fields(message, wanted):
    """The fields on top whose name the pattern matches, and what comes behind them."""
    fields = []
    while True:
        field = FIELD.match(message)
        if field is None or re.fullmatch(wanted, field["name"], re.IGNORECASE) is None:
            return fields, message
        fields.append((field["name"].decode(), field["value"]))
        message = message[field.end():]


class World:
    """What all tests share; starting a Postfix takes a second, stopping a patchmarkd five."""

    def __init__(self):
        self.sink = mta.Sink()
        self.folders = [mta.make_folder(), mta.make_folder()]
        self.marking = mta.Postfix(self.folders[0], self.sink.transport,
                                   "{ unix:patchmark.sock, default_action=accept }")
        self.plain = mta.Postfix(self.folders[1], self.sink.transport, "")
        self.patchmarkd = mta.Patchmarkd(
            os.path.join(BUILD, "patchmarkd"), self.folders[0],
            CONFIGURATION.format(folder=self.folders[0], build=BUILD, here=HERE))

    def start(self):
        self.patchmarkd.start()
        self.marking.start()
        self.plain.start()

    def stop(self):
        self.marking.stop()
        self.plain.stop()
        status = self.patchmarkd.stop()
        self.sink.close()
        for folder in self.folders:
            shutil.rmtree(folder, ignore_errors=True)
        return status


class PostfixTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World()
        try:
            cls.world.start()
        except BaseException:
            cls.world.stop()
            raise

    @classmethod
    def tearDownClass(cls):
        if cls.world.stop() != 0:
            raise AssertionError("patchmarkd ended badly")

    def deliver(self, message, postfix=None, **envelope):
        """Through one Postfix: the message as it comes out, and its recipients."""
        already = len(self.world.sink.messages)
        (postfix or self.world.marking).send(message, **envelope)
        _, recipients, delivered = self.world.sink.wait_for_messages(already + 1)[already]
        return delivered, recipients

    def marks_and_rest(self, delivered):
        """Our fields on top; then Postfix's own Received, left out; then the rest."""
        marks, rest = take_fields(delivered, b"Patchmark-.*")
        received, rest = take_fields(rest, b"Received")
        self.assertTrue(received, "Postfix's Received does not follow our fields")
        for field in received[1:]:  # brought along
            rest = field[0].encode() + b":" + field[1] + b"\r\n" + rest
        return marks, rest

    def expect_only_marks(self, message):
        """With and without the milter, but for our fields, is the same."""
        marks, rest = self.marks_and_rest(self.deliver(message)[0])
        _, plain = self.marks_and_rest(self.deliver(message, self.world.plain)[0])
        self.assertEqual(rest, plain)
        return [name for name, _ in marks]

    # ---- Every letter of the demo

    def test_a_letter_gets_marks_on_top_and_stays_as_it_is_byte_by_byte(self):
        for name in sorted(os.listdir(os.path.join(HERE, "demo"))):
            if not name.endswith(".eml") or "forged" in name:
                continue
            with self.subTest(name):
                message = mta.demo_letter(name)
                marks, rest = self.marks_and_rest(self.deliver(message)[0])
                self.assertEqual(rest, message)
                self.assertEqual([mark[0] for mark in marks][:2],
                                 ["Patchmark-Results", "Patchmark-Kind"])
                self.assertEqual(len([mark for mark in marks if mark[0] == "Patchmark-Inbox"]), 1)
                for _, value in marks:
                    self.assertRegex(value, rb"^ [!-~]", "one space behind the colon")

    def test_what_the_milter_adds_is_what_the_command_line_prints(self):
        for name in ("02-cover-v5.eml", "12-encoded.eml", "09-plain.eml"):
            with self.subTest(name):
                printed = subprocess.run(
                    [os.path.join(BUILD, "patchmark"), "classify", "--json",
                     "-c", self.world.patchmarkd.file, os.path.join(HERE, "demo", name)],
                    capture_output=True, check=True, timeout=60)
                headers = json.loads(printed.stdout)["headers"]
                marks, _ = self.marks_and_rest(self.deliver(mta.demo_letter(name))[0])
                unfolded = [[field, value.replace(b"\r\n\t", b" ").decode().strip()]
                            for field, value in marks]
                self.assertEqual(unfolded, headers)

    # ---- Forged fields

    def test_forged_fields_go_and_nothing_else_does(self):
        disguises = [b"Patchmark-Inbox: <kvm-x86.linux>", b"PATCHMARK-KIND: cover",
                     b"patchmark-inbox: <mm.linux>", b"Patchmark-Results: lists.example.org;\r\n\tv=1",
                     b"Patchmark-Made-Up:", b"Patchmark-Inbox:\r\n <folded.at.once>"]
        for count in (0, 1, 2, 3, 50):
            with self.subTest(count):
                clean = [b"X-Line-%d: stays" % i for i in range(count + 1)]
                dirty = [b"X-Line-0: stays"]
                for i in range(count):
                    dirty += [disguises[i % len(disguises)], clean[i + 1]]
                rest = mta.demo_letter("03-patch.eml")
                marks, delivered = self.marks_and_rest(
                    self.deliver(b"\r\n".join(dirty) + b"\r\n" + rest)[0])
                self.assertEqual(delivered, b"\r\n".join(clean) + b"\r\n" + rest)
                self.assertEqual(dict(marks)["Patchmark-Kind"], b" patch")

    def test_a_space_in_front_of_the_colon_hides_no_forged_field(self):
        message = mta.demo_letter("09-plain.eml")
        marks, rest = self.marks_and_rest(
            self.deliver(b"Patchmark-Inbox : <a.b>\r\nPatchmark-Kind\t: pull\r\n" + message)[0])
        self.assertEqual(rest, message)
        self.assertEqual([name for name, _ in marks].count("Patchmark-Inbox"), 1)

    def test_a_second_pass_changes_nothing(self):
        first, _ = self.deliver(mta.demo_letter("02-cover-v5.eml"))
        second, _ = self.deliver(first)
        marks, rest = self.marks_and_rest(first)
        marks_again, rest_again = self.marks_and_rest(second)
        self.assertEqual(marks_again, marks)
        received, rest_again = take_fields(rest_again, b"Received")
        self.assertEqual(len(received), 1, "the first pass's")
        self.assertEqual(rest_again, rest)

    # ---- Odd mail

    def test_odd_mail_passes_as_it_does_without_us(self):
        head = b"From: Writer <writer@example.org>\r\nTo: reader@example.org\r\n" \
               b"Date: Fri, 20 Nov 2026 10:00:00 +0000\r\nMessage-ID: <odd@example.org>\r\n"
        subject = b"Subject: [PATCH demo v2 0/3] demo: Odd\r\n"
        cases = {
            "8-bit header": b"Subject: [PATCH demo] demo: Gr\xfc\xdfe\r\n" + head + b"\r\nHello.\r\n",
            "UTF-8 header": "Subject: [PATCH demo] demo: Grüße\r\n".encode() + head + b"\r\nHello.\r\n",
            "NUL in the body": head + subject + b"\r\na\0b\0\0c\r\n",
            "8-bit body": head + subject + b"\r\n" + bytes(range(128, 256)) * 20 + b"\r\n",
            "304 fields": head + subject + b"".join(b"X-%d: %d\r\n" % (i, i) for i in range(300))
                          + b"\r\nHello.\r\n",
            "a long field": head + subject + b"References:" + b"".join(
                b"\r\n <%040d@example.org>" % i for i in range(800)) + b"\r\n\r\nHello.\r\n",
            "a body of 1.6 MB": head + subject + b"\r\n" + b"Some text, more of it.\r\n" * 70000,
            "long lines": head + subject + b"\r\n" + b"x" * 100000 + b"\r\n",
            "dots": head + subject + b"\r\n.\r\n..\r\n.x\r\n",
            "no body": head + subject,
            "an empty body": head + subject + b"\r\n",
            "base64": head + subject + b"Content-Transfer-Encoding: base64\r\n\r\nSGVsbG8uCg==\r\n",
            "unfinished multipart": head + subject + b"Content-Type: multipart/mixed; boundary=b\r\n"
                                    b"\r\n--b\r\nContent-Type: text/plain\r\n\r\nHello.\r\n",
        }
        for name, message in cases.items():
            with self.subTest(name):
                self.assertIn("Patchmark-Kind", self.expect_only_marks(message))

    # ---- One connection, several messages

    def test_each_message_of_a_connection_is_marked_by_itself(self):
        already = len(self.world.sink.messages)
        postfix = self.world.marking
        with smtplib.SMTP("127.0.0.1", postfix.port, timeout=60) as client:
            postfix.send(mta.demo_letter("01-cover.eml"), client=client)
            client.ehlo_or_helo_if_needed()
            client.mail("writer@example.org")
            client.rcpt("reader@example.org")
            client.rset()
            postfix.send(mta.demo_letter("09-plain.eml"), client=client)
            postfix.send(mta.demo_letter("08-pull.eml"), client=client)
        kinds = set()
        for _, _, delivered in self.world.sink.wait_for_messages(already + 3)[already:]:
            marks = dict(self.marks_and_rest(delivered)[0])
            message_id = re.search(rb"^Message-ID: (\S+)", delivered, re.MULTILINE)[1]
            kinds.add((message_id, marks["Patchmark-Kind"]))
        self.assertEqual(kinds, {(b"<20261116081240.1-1-petra@example.org>", b" cover"),
                                 (b"<lunch@example.org>", b" other"),
                                 (b"<pull-18-jo@example.org>", b" pull")})

    # ---- What rules may ask for

    def message(self, subject):
        return f"From: writer@example.org\r\nSubject: {subject}\r\n\r\nHello.\r\n".encode()

    def test_a_recipient_is_added_once(self):
        already = len(self.world.sink.messages)
        self.world.marking.send(self.message("archive me"),
                                recipients=["reader@example.org", "other@example.org"])
        _, recipients, _ = self.world.sink.wait_for_messages(already + 1)[already]
        self.assertEqual(sorted(recipients),
                         ["archive@example.org", "other@example.org", "reader@example.org"])

    def test_a_message_can_be_held_refused_and_thrown_away(self):
        already = len(self.world.sink.messages)
        postfix = self.world.marking
        with self.assertRaises(smtplib.SMTPDataError) as refused:
            postfix.send(self.message("reject me"))
        self.assertEqual(refused.exception.smtp_code, 550)
        self.assertEqual(refused.exception.smtp_error, b"5.7.1 100% of it is unwanted")
        postfix.send(self.message("discard me"))
        postfix.send(self.message("hold me"))
        hold = os.path.join(postfix.folder, "queue/hold/*")
        mta.wait_for("a message in the hold queue", lambda: glob.glob(hold))
        self.assertEqual(len(glob.glob(hold)), 1)
        self.deliver(self.message("last"))
        self.assertEqual(len(self.world.sink.messages), already + 1)

    # ---- When patchmarkd is away

    def test_mail_passes_while_patchmarkd_is_dead_and_is_marked_again_afterwards(self):
        world, message = self.world, mta.demo_letter("01-cover.eml")
        world.patchmarkd.stop(signal.SIGKILL)
        marks, rest = self.marks_and_rest(self.deliver(message)[0])
        self.assertEqual((marks, rest), ([], message))
        world.patchmarkd.start()
        marks, rest = self.marks_and_rest(self.deliver(message)[0])
        self.assertEqual(dict(marks)["Patchmark-Kind"], b" cover")
        self.assertEqual(rest, message)

    # ---- Its log

    def test_the_log_has_the_queue_id_of_postfix(self):
        self.deliver(mta.demo_letter("05-rfc.eml"))
        line = re.search(r"queue-id=(\S+) message-id=20261117083000.3-1-ada@example.org kind=cover",
                         self.world.patchmarkd.log())
        self.assertIsNotNone(line, self.world.patchmarkd.log())
        mta.wait_for("Postfix's log", lambda: f" {line[1]}: " in self.world.marking.log())


if __name__ == "__main__":
    REASON = mta.postfix_is_missing()
    if REASON is not None:
        print("skipped:", REASON)
        sys.exit(mta.SKIPPED)
    unittest.main(verbosity=2)
