#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""store_fault_test - patchmarkd with a memory that is locked, full, damaged, read-only or not there.

No message waits for it past its budget or fails for it: the marks that need no memory go on, and the log
and the metrics say what is wrong. The store itself, with the same faults: tests/store/fault_test.c. A
PostgreSQL that goes away: two_daemons_test.py.

usage: store_fault_test.py BUILD [unittest's arguments]
"""

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import unittest

import mta
import series_mail

BUILD = os.path.abspath(sys.argv.pop(1))

CONFIGURATION = """\
socket unix:{folder}/socket
control {folder}/control
allow-root yes
plugin-directory "{folder}/plugins"
store "{store}"
limits {{ time 1s; plugin-time 500ms }}
project demo {{ words demo; paths demo/ }}
"""


class Daemon(mta.Patchmarkd):
    """One that may be somebody else's process, for root can write everywhere."""

    who = {}

    def launch(self):
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(
                [self.program, "-c", self.file], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, "NOTIFY_SOCKET": self.notify_file}, **self.who)


class StoreFaultTest(mta.DaemonCase):
    def setUp(self):
        super().setUp()
        # Copies, for somebody else will run them: the build may lie in a folder that only root may enter.
        mta.take_plugins(BUILD, self.folder)
        self.program = shutil.copy(os.path.join(BUILD, "patchmarkd"), self.folder)
        self.store = os.path.join(self.folder, "memory", "series.db")
        os.mkdir(os.path.dirname(self.store), 0o755)
        self.series = series_mail.Series(1, 1)

    def daemon(self):
        text = CONFIGURATION.format(folder=self.folder, store=self.store)
        return self.new_daemon(os.path.dirname(self.program), text, kind=Daemon)

    def send(self, letter):
        conversation = mta.Conversation(os.path.join(self.folder, "socket"))
        edits, answer = conversation.send(letter.headers, letter.body)
        conversation.close()
        self.assertEqual(answer, "c")
        return series_mail.marks_of(edits)

    def expect_own_marks(self, letter):
        """What it says by itself; a cover is its own series' root whatever is remembered."""
        marks = self.send(letter)
        self.assertEqual((marks["Kind"], marks["Project"]), ([letter.kind], ["demo"]))
        self.assertEqual(marks.get("Part"), None if letter.part is None else [f"{letter.part}/3"])
        return marks

    def series_of_reply(self):
        """Of a reply to a patch: the memory alone knows its root."""
        return self.send(self.series.letters[-1]).get("Series")

    def metric(self, name):
        return mta.read_metrics(os.path.join(self.folder, "control"))[name]

    def fill(self):
        for letter in self.series.letters[:-1]:
            self.send(letter)
        self.assertEqual(self.series_of_reply(), [f"<{self.series.root}>"])

    def expect_trouble_is_told(self, daemon):
        self.assertGreater(self.metric("patchmark_memory_failed_total"), 0)
        self.assertIn(" memory=failed ", daemon.log())

    def test_one_that_is_locked_costs_what_only_it_knows_until_it_is_free(self):
        daemon = self.daemon().start()
        self.fill()
        other = series_mail.Series(2, 1)
        lock = sqlite3.connect(self.store, isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        for letter in other.letters:  # answered, although the lock is held
            self.expect_own_marks(letter)
        self.assertEqual(self.series_of_reply(), [f"<{self.series.root}>"], "reading goes on")
        self.expect_trouble_is_told(daemon)
        lock.execute("ROLLBACK")
        lock.close()
        mta.wait_for("what was kept", lambda: other.root in self.known())

    def known(self):
        done = subprocess.run([os.path.join(BUILD, "patchmark"), "series", "list", "--store", self.store,
                               "--limit", "0"], capture_output=True, text=True, check=True, timeout=60)
        return done.stdout

    def test_one_that_is_full_costs_what_is_new(self):
        daemon = self.daemon().start()
        self.fill()
        size = max(os.path.getsize(self.store), os.path.getsize(self.store + "-wal"))
        resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        for number in range(2, 12):
            for letter in series_mail.Series(number, 1).letters:
                self.expect_own_marks(letter)
        self.assertEqual(self.series_of_reply(), [f"<{self.series.root}>"], "what it knows, it knows")
        self.assertGreater(self.metric("patchmark_memory_failed_total"), 0)
        self.assertRegex(daemon.log(), 'event=store-away .*reason="[^"]*disk')
        resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE,
                         (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        mta.wait_for("room", lambda: self.send(series_mail.Series(20, 1).letters[0]) and
                     series_mail.Series(20, 1).root in self.known(), 60)
        mta.wait_for("its word", lambda: self.send(series_mail.Series(21, 1).letters[0]) and
                     "event=store-back" in daemon.log())

    def test_one_that_is_damaged_costs_what_was_in_it(self):
        daemon = self.daemon().start()
        self.fill()
        self.assertEqual(daemon.stop(), 0)
        with open(self.store, "r+b") as file:
            file.seek(4096)
            file.write(bytes(byte ^ 0x5a for byte in range(256)) * ((os.path.getsize(self.store) - 4096) // 256))
        daemon.start()
        for letter in self.series.letters + series_mail.Series(2, 1).letters:
            self.expect_own_marks(letter)
        log = daemon.log()
        self.assertTrue("memory=failed" in log or "event=no-memory-of-series" in log, log)
        verified = subprocess.run([os.path.join(BUILD, "patchmark"), "series", "verify", "--store",
                                   self.store], capture_output=True, text=True, check=False, timeout=60)
        self.assertNotEqual(verified.returncode, 0)

    def test_one_that_is_no_store_or_not_there_is_said_at_the_start_and_mail_flows(self):
        with open(self.store, "w", encoding="ascii") as file:
            file.write("These are somebody's notes.\n" * 1000)
        for store in (self.store, os.path.join(self.folder, "nowhere", "series.db")):
            self.store = store
            daemon = self.daemon().start()
            for letter in self.series.letters:
                self.expect_own_marks(letter)
            self.assertIn("event=no-memory-of-series", daemon.log())
            daemon.stop(signal.SIGKILL)

    @unittest.skipIf(os.geteuid() != 0, "only root can start it as somebody else")
    def test_one_that_is_read_only_costs_what_is_new(self):
        daemon = self.daemon().start()
        self.fill()
        self.assertEqual(daemon.stop(), 0)
        os.chmod(self.store, 0o644)
        os.chmod(daemon.log_file, 0o666)
        os.chmod(self.folder, 0o777)  # for its sockets; the memory's own folder stays root's
        for name in os.listdir(self.folder):
            if name.startswith(("socket", "control")):
                os.unlink(os.path.join(self.folder, name))
        daemon.who = {"user": 65534, "group": 65534, "extra_groups": []}
        daemon.launch()
        mta.wait_for("its socket", lambda: daemon.process.poll() is not None or
                     "event=started" in daemon.log() and os.path.exists(os.path.join(self.folder, "socket")))
        os.chmod(self.folder, 0o755)
        for letter in self.series.letters + series_mail.Series(2, 1).letters:
            self.expect_own_marks(letter)
        self.assertRegex(daemon.log(), "memory=failed|memory-of-series")


if __name__ == "__main__":
    unittest.main(verbosity=2)
