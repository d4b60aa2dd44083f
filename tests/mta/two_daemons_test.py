#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""two_daemons_test - two patchmarkd that share one PostgreSQL, as two mail exchangers do.

Series are split over both, many at the same time: the memory is the one that a single daemon has after the
same mail, and both mark alike. When PostgreSQL goes away, mail flows; when it is back, so are
the marks.

usage: two_daemons_test.py BUILD [unittest's arguments]      PATCHMARK_SEED repeats a run
"""

import json
import os
import random
import subprocess
import sys
import threading
import unittest

import mta
import postgres
import series_mail

BUILD = os.path.abspath(sys.argv.pop(1))
SEED = int(os.environ.get("PATCHMARK_SEED", str(random.SystemRandom().randrange(1 << 32))))
SERIES = 12

CONFIGURATION = """\
socket unix:{folder}/{name}.sock
control {folder}/{name}.control
instance mx.example.org
allow-root yes
plugin-directory "{build}/plugins-available"
store "{store}"
limits {{ time {time}; plugin-time {time} }}
project demo {{ words demo; paths demo/ }}
"""


class Sender(threading.Thread):
    """One connection to one daemon, and the letters that come to it."""

    def __init__(self, path, letters):
        super().__init__(daemon=True)
        self.path, self.letters, self.failure = path, letters, None

    def run(self):
        try:
            conversation = mta.Conversation(self.path)
            for letter in self.letters:
                edits, answer = conversation.send(letter.headers, letter.body)
                if answer != "c" or "Kind" not in series_mail.marks_of(edits):
                    raise AssertionError(f"{letter.id} is answered {answer} with {edits}")
            conversation.close()
        except Exception as failure:  # pylint: disable=broad-except
            self.failure = failure


class TwoDaemonsTest(mta.DaemonCase):
    def setUp(self):
        super().setUp()
        self.server = postgres.Postgres().start()
        self.addCleanup(self.server.close)  # behind tearDown, which ends those who use it

    def daemon(self, name, store, time="60s"):
        text = CONFIGURATION.format(folder=self.folder, name=name, store=store, build=BUILD, time=time)
        return self.new_daemon(BUILD, text, name).start()

    def path(self, name):
        return os.path.join(self.folder, name + ".sock")

    def send(self, name, letter):
        conversation = mta.Conversation(self.path(name))
        edits, answer = conversation.send(letter.headers, letter.body)
        conversation.close()
        self.assertEqual(answer, "c")
        return series_mail.marks_of(edits)

    def memory(self, store):
        done = subprocess.run([os.path.join(BUILD, "patchmark"), "series", "export", "--store", store],
                              capture_output=True, text=True, check=True, timeout=120)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        for line in lines:
            if line["type"] == "link":  # how sure it was, with what had come by then
                del line["weight"], line["why"]
        return sorted(lines, key=lambda line: json.dumps(line, sort_keys=True))

    def away(self, name):
        return mta.read_metrics(os.path.join(self.folder, name + ".control"))["patchmark_store_away"]

    def send_at_once(self, draw, letters):
        """Covers, patches and replies to each of them, over two connections each."""
        shuffled = draw.sample(letters, len(letters))
        senders = [Sender(self.path(name), shuffled[nth::4])
                   for nth, name in enumerate(("one", "one", "other", "other"))]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join(120)
            self.assertIsNone(sender.failure)

    def test_what_both_know_is_what_one_would_know_and_they_mark_alike(self):
        draw = random.Random(SEED)
        series = [series_mail.Series(number, revision) for revision in (1, 2)
                  for number in range(SERIES)]
        letters = [letter for one in series for letter in one.letters]
        for name in ("one", "other"):
            self.daemon(name, self.server.store)
        # Two letters that speak of each other and are examined in the same instant do not see each other;
        # so what answers comes behind what it answers, and all else at once and in any order.
        for wave in (0, 1, 2):
            self.send_at_once(draw, [letter for letter in letters if wave ==
                                     letter.series.revision - 1 + (letter.part is None)])

        self.daemon("alone", f"{self.folder}/series.db")
        for letter in letters:
            self.send("alone", letter)
        for one in series:
            for parent in (one.letters[0], one.letters[2], one.letters[-1]):
                reply = series_mail.Letter(one, f"late.{parent.kind}", "Re: " + one.title, b"Fine.\r\n",
                                           None, parent.id)
                marked = [self.send(name, reply) for name in ("one", "other", "alone")]
                for marks in marked:
                    del marks["Results"]  # the second time, a letter is known by itself
                self.assertEqual(marked[0], marked[1])
                self.assertEqual(marked[0], marked[2])
                self.assertEqual(marked[0]["Series"], [f"<{one.root}>"])
                self.assertEqual(marked[0]["Chain"], [f"<cover.{one.number}.v1@example.org>"])
        self.maxDiff = None
        self.assertEqual(self.memory(self.server.store), self.memory(f"{self.folder}/series.db"))
        for store in (self.server.store, f"{self.folder}/series.db"):
            verified = subprocess.run([os.path.join(BUILD, "patchmark"), "series", "verify", "--store",
                                       store], capture_output=True, text=True, check=False)
            self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)

    def test_mail_flows_while_the_server_is_away_and_marks_come_back_with_it(self):
        known, missed = series_mail.Series(1000, 1), series_mail.Series(1001, 1)
        for name in ("one", "other"):
            self.daemon(name, self.server.store, "3s")
        for letter in known.letters[:-1]:
            self.assertEqual(self.send("one", letter)["Series"], [f"<{known.root}>"])
        self.server.stop()
        try:
            for name in ("one", "other"):
                marks = self.send(name, known.letters[-1])  # a reply to a patch: only memory knows its root
                self.assertEqual((marks["Kind"], marks["Project"]), (["reply"], ["demo"]))
                self.assertNotEqual(marks.get("Series"), [f"<{known.root}>"])
                for letter in missed.letters[:-1]:
                    self.send(name, letter)
        finally:
            self.server.start()
        for name in ("one", "other"):
            mta.wait_for("the store", lambda who=name: not self.away(who), 60)
            mta.wait_for("the marks", lambda who=name:
                         self.send(who, known.letters[-1]).get("Series") == [f"<{known.root}>"], 60)
        # A cover that came while it was away has been kept, and is written by now or soon.
        mta.wait_for("what was kept", lambda: missed.root in
                     [line["id"] for line in self.memory(self.server.store) if line["type"] == "series"], 60)


def main():
    print(f"PATCHMARK_SEED={SEED}", flush=True)
    reason = postgres.is_missing()
    if reason is not None:
        print("skipped:", reason)
        sys.exit(mta.SKIPPED)
    unittest.main(verbosity=2)


if __name__ == "__main__":
    main()
