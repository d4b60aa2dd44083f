#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""decisions_test - the decision log of a running patchmarkd, and `patchmark series late`: what was marked,
and what evidence that came later says of it.

usage: decisions_test.py BUILD [unittest's arguments]
"""

import json
import os
import shutil
import subprocess
import sys
import unittest

import mta

BUILD = os.path.abspath(sys.argv.pop(1))

BASE = f"""\
allow-root yes
plugin-directory "{BUILD}/plugins-available"
limits {{ time 60s }}
allow {{ reject yes }}
project kitchen {{ paths teapot/ stove/; words kitchen }}
rule lids   {{ why "Lids";   when path under teapot/; then subsystem "lids" weight 6 }}
rule stoves {{ why "Stoves"; when path under stove/;  then subsystem "stoves" weight 6 }}
rule away   {{ why "Nobody wants it"; when title ~ /reject me/; then reject "no" }}
"""

COVER, FIRST, SECOND, REPLY = (f"{name}@example.org" for name in
                               ("cover.0", "patch.1", "patch.2", "reply.1"))


def diff(path):
    return (f"Because.\n---\n {path} | 2 +-\n 1 file changed, 1 insertion(+), 1 deletion(-)\n\n"
            f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -1 +1 @@\n-old\n+new\n")


def letter(name, subject, body, answers=None, sender="Ann Author <ann@example.org>"):
    header = [("From", sender), ("Subject", subject), ("Message-ID", f"<{name}>"),
              ("Date", "Mon, 5 Jan 2026 10:00:00 +0000")]
    if answers is not None:
        header += [("In-Reply-To", f"<{answers}>"), ("References", f"<{answers}>")]
    return [(field.encode(), value.encode()) for field, value in header], body.encode()


SERIES = {
    COVER: letter(COVER, "[PATCH 0/2] stove: Boil in parallel",
                  "This is faster.\n\nAnn Author (2):\n  teapot: Add a lid\n  stove: Boil\n\n"
                  " stove/boil.c | 2 +-\n 1 file changed, 1 insertion(+), 1 deletion(-)\n"),
    FIRST: letter(FIRST, "[PATCH 1/2] teapot: Add a lid", diff("teapot/lid.c"), COVER),
    SECOND: letter(SECOND, "[PATCH 2/2] stove: Boil", diff("stove/boil.c"), COVER),
    REPLY: letter(REPLY, "Re: [PATCH 1/2] teapot: Add a lid", "Does it?\n", FIRST,
                  "Carl Critic <carl@example.net>"),
}


class DecisionsTest(mta.DaemonCase):
    def setUp(self):
        super().setUp()
        self.state = os.path.join(self.folder, "state")
        os.mkdir(self.state)

    def daemon(self, more=""):
        text = (f"socket unix:{self.socket}\ncontrol {self.control}\n"
                f"store {self.folder}/series.db\nstate-directory {self.state}\n{BASE}{more}")
        return self.new_daemon(BUILD, text).start()

    def send(self, *letters):
        """One after the other, each when what there is to say of the one before has been said."""
        conversation = mta.Conversation(self.socket)
        for header, body in letters:
            logged = len(self.log("decision"))
            edits, answer = conversation.send(header, body)
            self.assertIn(answer[0], "cy")
            self.assertTrue(edits or answer[0] == "y")
            mta.wait_for("the decision", lambda now=logged: len(self.log("decision")) > now)
        conversation.close()

    def lines(self):
        """All files, the oldest first."""
        names = sorted((name for name in os.listdir(self.state) if name.startswith("decisions")),
                       key=lambda name: -int("0" + name.partition("jsonl.")[2]))
        for name in names:
            with open(os.path.join(self.state, name), encoding="utf-8") as file:
                yield from (line for line in file if line.endswith("\n"))

    def log(self, kind):
        return [record for record in map(json.loads, self.lines()) if record["type"] == kind]

    def series(self, *arguments):
        return subprocess.run([os.path.join(BUILD, "patchmark"), "series", *arguments],
                              capture_output=True, text=True, check=False, timeout=120)

    def late(self, daemon, status, *more):
        """What `patchmark series late` lists, by message."""
        asked = self.series("late", "--json", "-c", daemon.file, *more)
        self.assertEqual((asked.returncode, asked.stderr), (status, ""))
        found = [json.loads(line) for line in asked.stdout.splitlines()]
        self.assertEqual(len({one["message_id"] for one in found}), len(found))
        return {one["message_id"]: one for one in found}

    # ---- What was marked

    def test_a_decision_says_what_was_marked_and_whose_word_it_was(self):
        self.daemon()
        self.send(SERIES[COVER], SERIES[FIRST], SERIES[REPLY])
        cover, patch, reply = self.log("decision")
        self.assertEqual((cover["message_id"], cover["kind"], cover["part"], cover["total"]),
                         (COVER, "cover", 0, 2))
        self.assertEqual((cover["series"], cover["chain"], cover["supersedes"]), (COVER, COVER, None))
        self.assertEqual((cover["project"], cover["inbox"], cover["subsystems"]),
                         ("kitchen", "stoves.kitchen", ["stoves"]))
        self.assertEqual(cover["by"]["inbox"], ["patchmarkd.conf:stoves"])
        self.assertTrue(cover["delivered"] and cover["queue_id"])
        self.assertEqual((patch["inbox"], patch["by"]["inbox"]), ("stoves.kitchen", ["thread"]))
        self.assertEqual(patch["said"]["subsystem"], [["lids", 6]])
        self.assertEqual((reply["series"], reply["project"], reply["said"]["project"]),
                         (COVER, "kitchen", []))
        self.assertEqual(reply["by"], {"project": ["thread"], "inbox": ["thread"],
                                       "subsystem": ["thread"]})

    def test_mail_of_no_series_is_not_in_it_and_what_was_rejected_is_never_late(self):
        daemon = self.daemon()
        conversation = mta.Conversation(self.socket)
        conversation.send([(b"From", b"a@example.org"), (b"Subject", b"Tea?"),
                           (b"Message-ID", b"<chat@example.org>")], b"Yes.\n")
        conversation.close()
        self.send(letter(FIRST, "[PATCH 1/2] teapot: reject me", diff("teapot/lid.c"), COVER),
                  SERIES[COVER])
        self.assertEqual([(one["message_id"], one["delivered"]) for one in self.log("decision")],
                         [(FIRST, False), (COVER, True)])
        self.assertNotIn(FIRST, self.late(daemon, 1))  # the cover's own word replaced the patch's

    # ---- What came late

    def test_in_order_nothing_is_late(self):
        daemon = self.daemon()
        self.send(*(SERIES[name] for name in (COVER, FIRST, SECOND, REPLY)))
        self.assertEqual(self.late(daemon, 0), {})
        daemon.stop()
        self.assertEqual(self.log("late"), [])
        self.assertEqual(self.late(daemon, 0), {})

    def test_patches_and_replies_before_their_cover_are_told_of_and_listed(self):
        daemon = self.daemon()
        self.send(*(SERIES[name] for name in (FIRST, REPLY, COVER)))
        mta.wait_for("what is late", lambda: len(self.log("late")) == 3)
        told = {one["message_id"]: one for one in self.log("late")}
        self.assertEqual(set(told), {FIRST, REPLY, COVER})
        for name in (FIRST, REPLY):
            self.assertEqual(told[name]["because"], COVER)
            self.assertEqual(told[name]["was"]["inbox"], "lids.kitchen")
            self.assertEqual(told[name]["now"]["inbox"], "stoves.kitchen")
            self.assertIn("inbox", told[name]["changes"])
        self.assertEqual(told[COVER]["changes"], ["subsystems"])
        self.assertEqual(mta.read_metrics(self.control)["patchmark_late_total"], 3)
        self.assertEqual(self.late(daemon, 1), told)
        text = self.series("late", "-c", daemon.file)
        self.assertEqual((text.returncode, text.stderr), (1, ""))
        self.assertRegex(text.stdout, rf"(?m)^stove: Boil in parallel  <{COVER}>$")
        self.assertRegex(text.stdout, r"(?m)^        inbox       lids.kitchen -> stoves.kitchen$")
        self.assertRegex(text.stdout, rf"(?m)^        because of  <{COVER}>$")
        self.assertIn("... and 2 more",
                      self.series("late", "--limit", "1", "-c", daemon.file).stdout)
        self.assertEqual(self.late(daemon, 1, "--since", "1h"), told)
        daemon.stop()
        self.assertEqual(self.late(daemon, 1), told, "without the daemon it is the same")
        daemon.start()
        self.send(SERIES[SECOND])
        daemon.stop()
        self.assertEqual(len(self.log("late")), 3, "nothing is told twice, also by the next daemon")

    def test_a_correction_is_told_of_by_who_makes_it(self):
        daemon = self.daemon()
        self.send(letter("v1@example.org", "[PATCH] teapot: Whistle", diff("teapot/whistle.c")),
                  letter("w2@example.org", "[PATCH v2] stove: Hum", diff("stove/hum.c")))
        self.assertEqual(self.late(daemon, 0), {})
        linked = self.series("link", "-c", daemon.file, "w2@example.org", "v1@example.org")
        self.assertEqual((linked.returncode, linked.stderr), (0, ""))
        self.assertIn("1 message would now be marked otherwise", linked.stdout)
        told, = self.log("late")
        self.assertEqual((told["message_id"], told["because"], told["correction"]),
                         ("w2@example.org", None, "series link w2@example.org v1@example.org"))
        self.assertEqual((told["now"]["supersedes"], told["now"]["chain"]),
                         ("v1@example.org", "v1@example.org"))
        self.assertEqual(self.late(daemon, 1), {"w2@example.org": told})
        self.send(letter("w2.again@example.org", "Re: [PATCH v2] stove: Hum", "Why?\n",
                         "w2@example.org"),
                  letter("w2@example.org", "[PATCH v2] stove: Hum", diff("stove/hum.c")))
        daemon.stop()
        self.assertEqual(len(self.log("late")), 1, "the daemon has seen that it was told")

    def test_without_a_log_it_is_said_what_to_do(self):
        daemon = self.daemon("decision-log { size 0 }\n")
        conversation = mta.Conversation(self.socket)
        conversation.send(*SERIES[COVER])
        conversation.close()
        daemon.stop()
        self.assertEqual(list(self.lines()), [])
        asked = self.series("late", "-c", daemon.file)
        self.assertEqual(asked.returncode, 2)
        self.assertIn("there is no decisions.jsonl", asked.stderr)
        asked = self.series("late", "--store", f"{self.folder}/series.db")
        self.assertEqual(asked.returncode, 2)
        self.assertIn("--log DIR", asked.stderr)

    # ---- Its files

    def test_files_are_turned_away_by_size_and_the_oldest_go(self):
        self.daemon("decision-log { size 2K; keep 3 }\n")
        for number in range(20):
            self.send_unwatched(letter(f"{number}@example.org", f"[PATCH] teapot: Lid {number}",
                                       diff("teapot/lid.c")))
        mta.wait_for("the last", lambda: any("19@example.org" in line for line in self.lines()))
        names = sorted(name for name in os.listdir(self.state) if name.startswith("decisions"))
        self.assertEqual(names, ["decisions.jsonl"] + [f"decisions.jsonl.{n}" for n in (1, 2, 3)])
        for name in names:
            self.assertLessEqual(os.path.getsize(os.path.join(self.state, name)), 2048)
        ids = [one["message_id"] for one in self.log("decision")]
        self.assertEqual(ids, [f"{number}@example.org" for number in range(20 - len(ids), 20)])

    def send_unwatched(self, one):
        conversation = mta.Conversation(self.socket)
        self.assertEqual(conversation.send(*one)[1], "c")
        conversation.close()

    def expect_mail_without_a_log(self, daemon):
        for _ in range(3):
            self.send_unwatched(SERIES[COVER])
        name = 'patchmark_decisions_dropped_total{reason="disk"}'
        mta.wait_for("the lines to be given up",
                     lambda: mta.read_metrics(self.control)[name] == 3)
        self.assertEqual(daemon.log().count("event=decision-log"), 1, "said once a minute")
        self.assertIn("decisions.jsonl: ", daemon.log())

    def test_a_folder_that_cannot_be_written_costs_lines_and_no_mail(self):
        shutil.rmtree(self.state)
        with open(self.state, "w", encoding="utf-8"):  # root may write into any folder
            pass
        self.expect_mail_without_a_log(self.daemon())

    @unittest.skipUnless(os.path.exists("/dev/full"), "no /dev/full")
    def test_a_full_disk_costs_lines_and_what_was_lost_is_told(self):
        os.symlink("/dev/full", os.path.join(self.state, "decisions.jsonl"))
        daemon = self.daemon()
        self.expect_mail_without_a_log(daemon)
        os.unlink(os.path.join(self.state, "decisions.jsonl"))
        self.send_unwatched(SERIES[FIRST])
        mta.wait_for("the next line", lambda: self.log("decision") != [])
        dropped, = self.log("dropped")
        self.assertEqual(dropped["count"], 3)
        self.assertEqual([one["message_id"] for one in self.log("decision")], [FIRST])


if __name__ == "__main__":
    unittest.main(verbosity=2)
