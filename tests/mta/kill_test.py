#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""kill_test - patchmarkd is killed (SIGKILL) at random moments under load and started again at once.

What it had answered is remembered, its store is whole, and every message that was begun after a start gets
all its marks: those that were under way come again, as an MTA tries again what was deferred. A kill is
nobody's fault: no plugin is switched off for it, and none is kept from a message.

usage: kill_test.py BUILD

PATCHMARK_KILLS says how often (10), PATCHMARK_SEED repeats a run. Run it with 100 before a release.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time

import mta
import series_mail

BUILD = os.path.abspath(sys.argv[1])
KILLS = int(os.environ.get("PATCHMARK_KILLS", "10"))
SEED = int(os.environ.get("PATCHMARK_SEED", str(random.SystemRandom().randrange(1 << 32))))
CONNECTIONS = 4
WINDOW = 30        # letters that may overtake each other
VERIFY_EACH = 10   # kills

# No budgets: on a busy machine they may cost marks, and what is asked here is what a kill costs.
CONFIGURATION = """\
socket unix:{folder}/socket
control {folder}/control
allow-root yes
plugin-directory "{build}/plugins-available"
store "{folder}/series.db"
state-directory "{folder}"
limits {{ time 60s; plugin-time 60s }}
project demo {{
    words demo
    paths demo/
}}
"""


class Mail:
    """The letters to send, in an order of their own, and what has become of them."""

    def __init__(self, draw):
        self.draw, self.lock = draw, threading.Lock()
        self.window, self.next_number = [], 0
        self.answered, self.failures = {}, []
        self.interrupted = 0
        self.ends = threading.Event()

    def next(self):
        """A letter, and those that were answered before it."""
        with self.lock:
            while len(self.window) < WINDOW:
                for revision in (1, 2):
                    self.window += series_mail.Series(self.next_number, revision).letters
                self.next_number += 1
            letter = self.window.pop(self.draw.randrange(min(WINDOW, len(self.window))))
            return letter

    def known(self):
        with self.lock:
            return set(self.answered)

    def answer(self, letter):
        with self.lock:
            self.answered[letter.id] = letter


class Mta(threading.Thread):
    """One connection after the other, and one letter after the other until it is answered."""

    def __init__(self, path, mail):
        super().__init__(daemon=True)
        self.path, self.mail, self.conversation = path, mail, None

    def run(self):
        try:
            while not self.mail.ends.is_set():
                self.deliver(self.mail.next())
        except Exception as failure:  # pylint: disable=broad-except
            self.mail.failures.append(failure)
        finally:
            if self.conversation is not None:
                self.conversation.socket.close()

    def deliver(self, letter):
        while True:
            try:
                if self.conversation is None:
                    self.conversation = mta.Conversation(self.path)
                known = self.mail.known()
                edits, answer = self.conversation.send(letter.headers, letter.body,
                                                       queue_id=letter.id[:20].encode())
                break
            except OSError:
                if self.conversation is not None:
                    self.conversation.socket.close()
                    self.mail.interrupted += 1
                self.conversation = None
                if self.mail.ends.is_set():  # no daemon will come back
                    return
                time.sleep(0.002)
        self.check(letter, known, answer, series_mail.marks_of(edits))
        self.mail.answer(letter)

    @staticmethod
    def check(letter, known, answer, marks):
        wanted = series_mail.wanted_marks(letter, known)
        found = {name: marks.get(name) for name in wanted}
        if answer != "c" or found != wanted or "Results" not in marks or "Inbox" not in marks:
            raise AssertionError(f"{letter.id} is answered {answer} with {marks}, wanted {wanted}")


class Run:
    def __init__(self, folder):
        self.folder, self.draw = folder, random.Random(SEED)
        self.mail = Mail(random.Random(SEED + 1))
        self.daemon = mta.Patchmarkd(os.path.join(BUILD, "patchmarkd"), folder,
                                     CONFIGURATION.format(folder=folder, build=BUILD))

    def series(self, verb):
        done = subprocess.run([os.path.join(BUILD, "patchmark"), "series", verb, "--store",
                               os.path.join(self.folder, "series.db")],
                              capture_output=True, text=True, check=False, timeout=120)
        if done.returncode != 0:
            raise AssertionError(f"series {verb}: {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def check_store(self, answered):
        """Everything that was answered is there, under its series, and nothing is broken."""
        self.series("verify")
        lines = [json.loads(line) for line in self.series("export").splitlines()]
        references = {line["message_id"]: line for line in lines if line["type"] == "reference"}
        roots = {line["id"]: line for line in lines if line["type"] == "series"}
        for letter in answered:
            reference = references.get(letter.id)
            if reference is None:
                raise AssertionError(f"{letter.id} was answered and is not remembered")
            if letter.part is None:
                continue  # before what it answers has come, it is a series of its own
            if (reference["series"], reference["part"]) != (letter.root, letter.part):
                raise AssertionError(f"{letter.id} is remembered as {reference}")
            if letter.part == 0 and not roots[letter.root]["root"]:
                raise AssertionError(f"the cover {letter.id} was answered and is not known")

    def kill_once(self):
        """After a start, or in the middle of it."""
        if self.draw.random() < 0.2:
            self.daemon.launch()
            time.sleep(self.draw.uniform(0, 1.0))
        else:
            self.daemon.start()
            time.sleep(self.draw.uniform(0, 0.5))
        if self.daemon.process.poll() is not None:
            raise AssertionError(f"patchmarkd ended by itself: {self.daemon.process.returncode}")
        with self.mail.lock:
            answered = list(self.mail.answered.values())
        self.daemon.stop(signal.SIGKILL)
        return answered

    def check_log(self):
        log = self.daemon.log()
        for word in ("plugin-switched-off", "is not shown it again", "Sanitizer", "runtime error:",
                     "memory=failed"):
            if word in log:
                raise AssertionError(f"{word!r} is in the log")
        return log.count("ended without a word")

    def run(self):
        mtas = [Mta(os.path.join(self.folder, "socket"), self.mail) for _ in range(CONNECTIONS)]
        for one in mtas:
            one.start()
        try:
            for kill in range(1, KILLS + 1):
                answered = self.kill_once()
                if kill % VERIFY_EACH == 0:
                    self.check_store(answered)
                if self.mail.failures:
                    break
            self.daemon.start()
            already = len(self.mail.answered)
            mta.wait_for("mail after the last kill", lambda: self.mail.failures or
                         len(self.mail.answered) > already + 100, 60)
        finally:
            self.mail.ends.set()
            for one in mtas:
                one.join(60)
        if self.mail.failures:
            raise AssertionError(self.mail.failures)
        if self.daemon.stop() != 0:
            raise AssertionError("it did not stop in peace")
        self.check_store(self.mail.answered.values())
        suspected = self.check_log()
        print(f"{KILLS} kills, {len(self.mail.answered)} letters answered over {CONNECTIONS} connections, "
              f"{self.mail.interrupted} interrupted and tried again, "
              f"{suspected} visits to plugins cut short", flush=True)


def main():
    print(f"PATCHMARK_SEED={SEED}", flush=True)
    folder = mta.make_folder()
    run = Run(folder)
    try:
        run.run()
        return 0
    except AssertionError as failure:
        print("patchmarkd's log:\n" + run.daemon.log()[-20000:], failure, sep="\n")
        return 1
    finally:
        run.daemon.stop(signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
