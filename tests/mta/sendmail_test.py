#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""sendmail_test - through a real Sendmail to the next hop, with patchmarkd in between and without.

Sendmail and Postfix exclude each other as packages, so Sendmail is downloaded and unpacked into the build
folder, never installed. It runs in mount and host name namespaces of its own: Sendmail asks the resolver
for its host's name, and nothing of this test shall leave the machine.

usage: sendmail_test.py BUILD [unittest's arguments]
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import mta

BUILD = os.path.abspath(sys.argv.pop(1))
HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGES = ["sendmail-bin", "sendmail-cf", "libwrap0", "m4"]
ROOT = os.path.join(BUILD, "sendmail")

CONFIGURATION = """\
socket unix:{folder}/socket
allow-root yes
plugin-directory "{build}/plugins-available"
allow {{
    discard yes
    reject yes
}}
include "{here}/test.rules"
"""

MC = """\
OSTYPE(`linux')dnl
define(`confDOMAIN_NAME', `mx.example.org')dnl
define(`confPID_FILE', `{folder}/pid')dnl
define(`QUEUE_DIR', `{folder}/queue')dnl
define(`MSP_QUEUE_DIR', `{folder}/queue')dnl
define(`STATUS_FILE', `{folder}/statistics')dnl
define(`confHOST_STATUS_DIRECTORY', `')dnl
define(`confSERVICE_SWITCH_FILE', `{folder}/service.switch')dnl
define(`confDELIVERY_MODE', `i')dnl
define(`confTO_IDENT', `0')dnl
undefine(`ALIAS_FILE')dnl
FEATURE(`nocanonify')dnl
FEATURE(`promiscuous_relay')dnl
FEATURE(`accept_unresolvable_domains')dnl
FEATURE(`accept_unqualified_senders')dnl
define(`SMART_HOST', `esmtp:[127.0.0.1]')dnl
define(`ESMTP_MAILER_ARGS', `TCP $h {sink}')dnl
MAILER(`smtp')dnl
{filter}
"""


def get_sendmail():
    """The sentence that says why there is none, or None."""
    if os.geteuid() != 0:
        return "namespaces are made by root only"
    if subprocess.run(["unshare", "-u", "-m", "true"], capture_output=True, check=False).returncode:
        return "this machine makes no namespaces, not even for root"
    if os.path.exists(os.path.join(ROOT, "complete")):
        return None
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        return "Sendmail comes from a Debian archive, and this is no Debian"
    shutil.rmtree(ROOT, ignore_errors=True)
    os.mkdir(ROOT)
    got = subprocess.run(["apt-get", "-qq", "download", *PACKAGES], cwd=ROOT, timeout=120,
                         capture_output=True, text=True, check=False)
    if got.returncode != 0:
        return "Sendmail could not be downloaded: " + got.stderr.strip().splitlines()[-1]
    for package in os.listdir(ROOT):
        subprocess.run(["dpkg-deb", "-x", package, "."], cwd=ROOT, check=True, timeout=60)
    # Set-gid to a group that is not here; and a set-gid program would not look into LD_LIBRARY_PATH.
    os.chmod(os.path.join(ROOT, "usr/libexec/sendmail/sendmail"), 0o755)
    open(os.path.join(ROOT, "complete"), "w", encoding="ascii").close()
    return None


class Sendmail:
    """One configuration. Each message has a process of its own, spoken to through its pipes."""

    def __init__(self, folder, name, sink_port, filter_line):
        self.folder, self.cf = folder, os.path.join(folder, name + ".cf")
        macros = os.path.join(ROOT, "usr/share/sendmail/cf/")
        source = MC.format(folder=folder, sink=sink_port, filter=filter_line)
        made = subprocess.run(
            [os.path.join(ROOT, "usr/bin/m4"), f"-D_CF_DIR_={macros}", macros + "m4/cf.m4", "-"],
            input=source, capture_output=True, text=True, check=True, timeout=30)
        with open(self.cf, "w", encoding="utf-8") as file:
            file.write(made.stdout)
        self.write("hosts", "127.0.0.1 mx.example.org localhost\n")
        self.write("resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
        self.write("service.switch", "hosts files\naliases files\n")
        os.makedirs(os.path.join(folder, "queue"), mode=0o700, exist_ok=True)

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="ascii") as file:
            file.write(text)

    def send(self, message):
        """Send bytes as they are; the answer to them."""
        inside = (f"hostname mx.example.org && mount --bind {self.folder}/hosts /etc/hosts && "
                  f"mount --bind {self.folder}/resolv.conf /etc/resolv.conf && "
                  f"exec {ROOT}/usr/libexec/sendmail/sendmail -C {self.cf} -bs")
        libraries = f"{ROOT}/usr/lib/x86_64-linux-gnu:{ROOT}/lib/x86_64-linux-gnu"
        with subprocess.Popen(["unshare", "-u", "-m", "sh", "-c", inside], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env={**os.environ, "LD_LIBRARY_PATH": libraries}) as process:
            try:
                self.expect(process, "2")
                for line, answer in (("EHLO client.example.org", "2"),
                                     ("MAIL FROM:<list+bounces@example.org> BODY=8BITMIME", "2"),
                                     ("RCPT TO:<reader@example.org>", "2"), ("DATA", "3")):
                    self.say(process, line.encode() + b"\r\n")
                    self.expect(process, answer)
                self.say(process, re.sub(rb"(?m)^\.", b"..", message) + b".\r\n")
                answer = self.expect(process, "")
                self.say(process, b"QUIT\r\n")
                process.wait(timeout=60)
            finally:
                process.kill()
        return answer

    @staticmethod
    def say(process, data):
        process.stdin.write(data)
        process.stdin.flush()

    @staticmethod
    def expect(process, code):
        while True:
            line = process.stdout.readline().decode(errors="replace")
            if not line:
                raise AssertionError("Sendmail has gone")
            if line[3:4] != "-":
                break
        if not line.startswith(code):
            raise AssertionError(f"Sendmail says {line!r}")
        return line.strip()


class SendmailTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sink = mta.Sink()
        # Not in /tmp: Sendmail takes no socket below a folder that everybody may write to.
        closed = [place for place in ("/run", "/var/lib") if not os.stat(place).st_mode & 0o002]
        cls.folder = tempfile.mkdtemp(prefix="patchmark-", dir=closed[0])
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.daemon = mta.Patchmarkd(
            os.path.join(BUILD, "patchmarkd"), cls.folder,
            CONFIGURATION.format(folder=cls.folder, build=BUILD, here=HERE)).start()
        cls.plain = Sendmail(cls.folder, "plain", cls.sink.port, "")
        cls.marking = Sendmail(cls.folder, "marking", cls.sink.port,
                               f"INPUT_MAIL_FILTER(`patchmark', `S=local:{cls.folder}/socket')dnl")

    @classmethod
    def tearDownClass(cls):
        status = cls.daemon.stop()
        cls.sink.close()
        if status != 0:
            raise AssertionError("patchmarkd ended badly")

    def deliver(self, message, sendmail=None):
        already = len(self.sink.messages)
        answer = (sendmail or self.marking).send(message)
        self.assertTrue(answer.startswith("250"), answer)
        return self.sink.wait_for_messages(already + 1)[already][2]

    def marks_and_rest(self, delivered):
        """Our fields on top; then Sendmail's Received, left out; then the rest."""
        marks = re.match(rb"(?:Patchmark-[^\r]*\r\n(?:[ \t][^\r]*\r\n)*)*", delivered)[0]
        received = re.match(rb"Received:[^\r]*\r\n(?:[ \t][^\r]*\r\n)*", delivered[len(marks):])
        self.assertIsNotNone(received, delivered[:2000])
        return marks, delivered[len(marks) + len(received[0]):]

    def test_a_letter_gets_marks_on_top_and_is_else_as_without_us(self):
        for name in ("02-cover-v5.eml", "03-patch.eml", "12-encoded.eml", "09-plain.eml"):
            with self.subTest(name):
                marks, rest = self.marks_and_rest(self.deliver(mta.demo_letter(name)))
                without, plain = self.marks_and_rest(self.deliver(mta.demo_letter(name), self.plain))
                self.assertEqual(without, b"")
                self.assertEqual(rest, plain)
                self.assertTrue(marks.startswith(b"Patchmark-Results: "), marks)
                self.assertEqual(marks.count(b"Patchmark-Inbox: "), 1)

    def test_forged_fields_go_and_nothing_else_does(self):
        disguises = [b"Patchmark-Inbox: <kvm-x86.linux>", b"PATCHMARK-KIND: cover",
                     b"patchmark-inbox: <mm.linux>", b"Patchmark-Results: a;\r\n\tv=1"]
        rest = mta.demo_letter("03-patch.eml")
        for count in (0, 1, 2, 3, 50):
            with self.subTest(count):
                clean = b"".join(b"X-Line-%d: stays\r\n" % i for i in range(count + 1))
                dirty = b"X-Line-0: stays\r\n"
                for i in range(count):
                    dirty += disguises[i % 4] + b"\r\nX-Line-%d: stays\r\n" % (i + 1)
                marks, delivered = self.marks_and_rest(self.deliver(dirty + rest))
                _, wanted = self.marks_and_rest(self.deliver(clean + rest, self.plain))
                self.assertEqual(delivered, wanted)
                self.assertIn(b"Patchmark-Kind: patch\r\n", marks)

    def test_a_second_pass_changes_nothing(self):
        first = self.deliver(mta.demo_letter("02-cover-v5.eml"))
        marks, rest = self.marks_and_rest(first)
        marks_again, rest_again = self.marks_and_rest(self.deliver(first))
        _, rest_again = self.marks_and_rest(rest_again)  # the first pass's Received
        self.assertEqual(marks_again, marks)
        self.assertEqual(rest_again, rest)

    def test_a_rule_can_refuse_a_message(self):
        answer = self.marking.send(b"From: writer@example.org\r\nSubject: reject me\r\n\r\nHello.\r\n")
        self.assertEqual(answer, "550 5.7.1 100% of it is unwanted")


if __name__ == "__main__":
    REASON = get_sendmail()
    if REASON is not None:
        print("skipped:", REASON)
        sys.exit(mta.SKIPPED)
    unittest.main(verbosity=2)
