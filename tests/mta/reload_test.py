#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""reload_test - the configuration is read again and again while mail goes through.

No connection is lost, no message goes without its marks, each carries those of one configuration whole,
and memory does not grow.

usage: reload_test.py BUILD

PATCHMARK_RELOADS says how many reloads (300). Run it with 10000 under each sanitizer before a release:
what they find ends the daemon, or is in its log, and either fails the test.
"""

import os
import shutil
import socket
import sys
import threading
import time

import mta

BUILD = os.path.abspath(sys.argv[1])
RELOADS = int(os.environ.get("PATCHMARK_RELOADS", "300"))
CONNECTIONS = 4
# What was freed is held back by AddressSanitizer; little of it, for that is no growth.
os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=8"
SANITIZER_WORDS = ("Sanitizer", "runtime error:")

# Two configurations that take turns; what a message gets tells which of them it was answered by.
CONFIGURATION = """\
socket unix:{folder}/socket
control {folder}/control
allow-root yes
log-level warning
plugin-directory "{build}/plugins-available"
store "{folder}/series.db"
field-prefix {name}-
limits {{ time 60s }}
project demo {{
    words demo
    paths demo/
}}
rule {name}-only {{
    why "Tells which configuration this is"
    when title ~ /more/
    then tag "{name}"
    example "Subject: [PATCH] demo: Say more"
}}
"""
NAMES = ("even", "odd")
BAD = "control {folder}/control\nno-such-statement\n"


class Load(threading.Thread):
    """One connection of an MTA that is never closed, and one message after the other."""

    def __init__(self, path, number):
        super().__init__(daemon=True)
        self.path, self.number = path, number
        self.sent, self.failure, self.ends = 0, None, threading.Event()

    def run(self):
        try:
            conversation = mta.Conversation(self.path)
            while not self.ends.is_set():
                self.check(*conversation.send(self.letter(), b"demo\n" * 20))
                self.sent += 1
            conversation.close()
        except Exception as failure:  # pylint: disable=broad-except
            self.failure = failure

    def letter(self):
        """The same series again and again: what ever more of them cost is not asked here."""
        return [(b"From", b"Writer <writer@example.org>"),
                (b"Message-ID", b"<%d@example.org>" % self.number),
                (b"Subject", b"[PATCH demo v2 0/3] demo: Say more"),
                (b"To", b"dev@lists.example.org"), (b"even-Kind", b"x"), (b"odd-Kind", b"x")]

    @staticmethod
    def check(edits, answer):
        added = {edit[2].decode(): edit[3].decode() for edit in edits if edit[0] == "i"}
        removed = [edit[2].decode() for edit in edits if edit[0] == "m"]
        found = [name for name in NAMES if f"{name}-Kind" in added]
        if answer != "c" or len(found) != 1:
            raise AssertionError(f"answered {answer} with {added}")
        if added[f"{found[0]}-Tag"] != found[0] or removed != [f"{found[0]}-kind"]:
            raise AssertionError(f"two configurations in one message: {added}, without {removed}")


class Run:
    def __init__(self, folder):
        self.folder = folder
        self.control = os.path.join(folder, "control")
        self.daemon = mta.Patchmarkd(os.path.join(BUILD, "patchmarkd"), folder, self.text(0))
        self.resident = []  # (reloads, bytes)
        self.keeps_books = False

    def text(self, number):
        return CONFIGURATION.format(folder=self.folder, build=BUILD, name=NAMES[number % 2])

    def drain_notices(self):
        """Who started the daemon reads what it says."""
        self.daemon.notices.settimeout(None)
        while True:
            try:
                if not self.daemon.notices.recv(64):
                    return
            except OSError:
                return

    def expect(self, wanted, number):
        word, text = mta.ask(self.control, b"reload\n", 120)
        if word != wanted:
            raise AssertionError(f"reload {number} was answered by {word}: {text}")

    def reload(self, number):
        self.daemon.configure(self.text(number))
        self.expect("ok", number)
        if number % 50 == 0:
            self.daemon.configure(BAD.format(folder=self.folder))
            self.expect("refused", number)

    def measure(self, number):
        resident = mta.read_metrics(self.control)["process_resident_memory_bytes"]
        self.resident.append((number, resident))
        print(f"after {number} reloads: {resident / 1048576:.1f} MiB", flush=True)

    def all_reloads(self, loads):
        marks = {RELOADS * tenth // 10 for tenth in range(1, 11)}
        began = time.monotonic()
        for number in range(1, RELOADS + 1):
            sent = sum(load.sent for load in loads)
            self.reload(number)
            failures = [load.failure for load in loads if load.failure is not None]
            if failures:
                raise AssertionError(f"after {number} reloads: {failures}")
            if number in marks:
                self.measure(number)
            # Under load: mail never waits for a reload, but this waits for mail.
            mta.wait_for("a message", lambda seen=sent: any(load.failure for load in loads) or
                         sum(load.sent for load in loads) > seen, 60)
        print(f"{RELOADS} reloads in {time.monotonic() - began:.0f} s", flush=True)

    def check_sums(self, loads):
        sent = sum(load.sent for load in loads)
        counted = mta.read_metrics(self.control)
        bad = RELOADS // 50
        wanted = {"patchmark_connections_total": CONNECTIONS,
                  'patchmark_messages_total{kind="cover"}': sent,
                  "patchmark_messages_under_way": 0,
                  "patchmark_message_seconds_count": sent,
                  "patchmark_forged_fields_removed_total": sent,
                  'patchmark_reloads_total{result="ok"}': RELOADS,
                  'patchmark_reloads_total{result="failed"}': bad}
        found = {name: counted[name] for name in wanted}
        if found != wanted:
            raise AssertionError(f"counted {found}, not {wanted}")
        fired = sum(value for name, value in counted.items()
                    if name.startswith("patchmark_rule_fired_total"))
        if fired != sent:
            raise AssertionError(f"{fired} rules fired on {sent} messages")
        print(f"{sent} messages over {CONNECTIONS} connections, none lost", flush=True)

    def check_growth(self):
        """From the first tenth on, when every part has taken what it keeps. What is left is an
        allocator's noise; a snapshot that stays behind each time shows above it. ThreadSanitizer's own
        books grow by 4 KiB with each dlopen, even of what is loaded: its figure says nothing of ours."""
        first, last = self.resident[0], self.resident[-1]
        each = (last[1] - first[1]) / (last[0] - first[0])
        print(f"growth: {each:.0f} bytes a reload", flush=True)
        if RELOADS >= 3000 and each > 2048 and not self.keeps_books:
            raise AssertionError(f"memory grows by {each:.0f} bytes a reload: {self.resident}")

    def run(self):
        self.daemon.start()
        with open(f"/proc/{self.daemon.process.pid}/maps", encoding="utf-8") as maps:
            self.keeps_books = "libtsan" in maps.read()
        threading.Thread(target=self.drain_notices, daemon=True).start()
        loads = [Load(os.path.join(self.folder, "socket"), number) for number in range(CONNECTIONS)]
        for load in loads:
            load.start()
        try:
            self.all_reloads(loads)
        finally:
            for load in loads:
                load.ends.set()
            for load in loads:
                load.join(60)
        if any(load.failure is not None or load.sent == 0 for load in loads):
            raise AssertionError([(load.sent, load.failure) for load in loads])
        self.check_sums(loads)
        self.check_growth()
        notices = self.daemon.notices
        notices.shutdown(socket.SHUT_RDWR)
        status = self.daemon.stop()  # LeakSanitizer looks now
        log = self.daemon.log()
        if status != 0 or any(word in log for word in SANITIZER_WORDS):
            raise AssertionError(f"patchmarkd ended with {status}")


def main():
    folder = mta.make_folder()
    run = Run(folder)
    try:
        run.run()
        return 0
    except AssertionError as failure:
        print(failure, "\npatchmarkd's log:\n" + run.daemon.log()[-20000:], sep="")
        return 1
    finally:
        run.daemon.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
