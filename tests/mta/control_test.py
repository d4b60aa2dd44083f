#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""control_test - the control socket of a running patchmarkd, and `patchmark ctl` in front of it.

usage: control_test.py BUILD [unittest's arguments]
"""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import unittest

import mta

BUILD = os.path.abspath(sys.argv.pop(1))
HERE = os.path.dirname(os.path.abspath(__file__))

BASE = f"""\
allow-root yes
plugin-directory "{BUILD}/plugins-available"
limits {{ time 60s }}
allow {{ discard yes; reject yes }}
include "{HERE}/test.rules"
"""

COVER = [(b"From", b"Writer <writer@example.org>"), (b"Message-ID", b"<cover@example.org>"),
         (b"Subject", b"[PATCH demo v2 0/3] demo: Say more"), (b"To", b"dev@demo.lists.example.org")]


def letter(subject, number=0):
    return [(b"From", b"Writer <writer@example.org>"), (b"Subject", subject),
            (b"Message-ID", b"<%d@example.org>" % number)]


class ControlTest(mta.DaemonCase):
    def text(self, more=""):
        return f"socket unix:{self.socket}\ncontrol {self.control}\n{BASE}{more}"

    def daemon(self, more="", name="patchmarkd"):
        return self.new_daemon(BUILD, self.text(more), name)

    def ctl(self, *arguments):
        return subprocess.run([os.path.join(BUILD, "patchmark"), "ctl", *arguments],
                              capture_output=True, text=True, check=False, timeout=120)

    def send(self, *letters):
        conversation = mta.Conversation(self.socket)
        answers = [conversation.send(one) for one in letters]
        conversation.close()
        return answers

    # ---- What there is to ask

    def test_status_tells_people_and_programs_how_it_is(self):
        daemon = self.daemon(f"store {self.folder}/series.db\n").start()
        self.send(COVER)
        text = self.ctl("status", "-c", daemon.file)
        self.assertEqual(text.returncode, 0, text.stderr)
        self.assertRegex(text.stdout, f"(?m)^process +{daemon.process.pid}$")
        self.assertRegex(text.stdout, f"(?m)^configuration +{daemon.file}$")
        self.assertRegex(text.stdout, "(?m)^messages +1$")
        status = json.loads(self.ctl("status", "--json", "--socket", self.control).stdout)
        self.assertEqual((status["pid"], status["rules"], status["plugins"], status["messages"],
                          status["under_way"], status["store_state"]),
                         (daemon.process.pid, 5, 4, 1, 0, "ready"))
        self.assertNotIn("reload", status, "nothing was reloaded yet")

    def test_metrics_add_up_to_what_was_sent(self):
        self.daemon(f"store {self.folder}/series.db\n").start()
        self.send(COVER, COVER + [(b"Patchmark-Kind", b"forged"), (b"Patchmark-Kind", b"forged")],
                  letter(b"archive me", 1), letter(b"hold me", 2), letter(b"discard me", 3),
                  letter(b"reject me", 4), letter(b"Re: mark me", 5))
        edits, _ = self.send(letter(b"mark me", 6))[0]
        counted = mta.read_metrics(self.control)
        wanted = {"patchmark_connections_total": 2,
                  'patchmark_messages_total{kind="cover"}': 2,
                  "patchmark_message_seconds_count": 8,
                  'patchmark_message_seconds_bucket{le="+Inf"}': 8,
                  "patchmark_messages_under_way": 0,
                  "patchmark_messages_unexamined_total": 0,
                  "patchmark_forged_fields_removed_total": 2,
                  "patchmark_forged_fields_left_total": 0,
                  "patchmark_quarantined_total": 1,
                  "patchmark_discarded_total": 1,
                  "patchmark_rejected_total": 1,
                  "patchmark_recipients_added_total": 1,
                  'patchmark_rule_fired_total{rule="test.rules:marked"}': 2,
                  'patchmark_rule_fired_total{rule="test.rules:back"}': 1,
                  'patchmark_pattern_limit_total{rule="test.rules:back"}': 0,
                  'patchmark_plugin_faults_total{plugin="subsystem"}': 0,
                  "patchmark_rules": 5, "patchmark_plugins": 4,
                  "patchmark_store_away": 0, "patchmark_store_queued": 0}
        self.assertEqual({name: counted.get(name) for name in wanted}, wanted)
        kinds = [value for name, value in counted.items()
                 if name.startswith("patchmark_messages_total")]
        self.assertEqual(sum(kinds), 8)
        self.assertGreaterEqual(counted["patchmark_marks_total"],
                                sum(edit[0] == "i" for edit in edits))
        self.assertGreater(counted["patchmark_store_committed_total"], 0)
        self.assertGreater(counted["process_resident_memory_bytes"], 1 << 20)

    def test_metrics_are_what_prometheus_reads(self):
        daemon = self.daemon().start()
        self.send(COVER)
        text = self.ctl("metrics", "-c", daemon.file)
        self.assertEqual(text.returncode, 0, text.stderr)
        families, samples = set(), set()
        for line in text.stdout.splitlines():
            if line.startswith("# TYPE "):
                families.add(line.split()[2])
                continue
            if line.startswith("# HELP "):
                continue
            self.assertRegex(line, r'^[a-z_]+(\{[a-z]+="([^"\\]|\\.)*"\})? [0-9.]+$')
            name = line.split("{")[0].split()[0]
            self.assertTrue(any(name == family or name in (f"{family}_bucket", f"{family}_sum",
                                                           f"{family}_count")
                                for family in families), line)
            self.assertNotIn(line.rpartition(" ")[0], samples, "a sample twice")
            samples.add(line.rpartition(" ")[0])

    def test_a_pattern_at_its_limit_is_counted_and_logged_with_the_rules_name(self):
        daemon = self.daemon('rule slow { why x; when text ~ /^(a+)+$/; then tag slow }\n').start()
        conversation = mta.Conversation(self.socket)
        edits, answer = conversation.send(COVER, b"a" * 60 + b"!\r\n")
        conversation.close()
        self.assertEqual(answer, "c")
        self.assertIn(b"Patchmark-Kind", [edit[2] for edit in edits if edit[0] == "i"])
        counted = mta.read_metrics(self.control)
        limits = {name: value for name, value in counted.items()
                  if name.startswith("patchmark_pattern_limit_total") and value > 0}
        self.assertEqual(limits, {'patchmark_pattern_limit_total{rule="patchmarkd.conf:slow"}': 1})
        self.assertIn("event=pattern-limit rule=patchmarkd.conf:slow", daemon.log())

    def test_shadows_are_counted_by_name(self):
        self.daemon("shadow next { rule all { why x; when kind == cover; then inbox other } }\n"
                    "shadow idle { rule none { why x; when title ~ /zebra/; then tag z } }\n").start()
        self.send(COVER, COVER, letter(b"Re: mark me", 5))
        counted = mta.read_metrics(self.control)
        wanted = {'patchmark_shadow_tried_total{shadow="next"}': 3,
                  'patchmark_shadow_different_total{shadow="next"}': 2,
                  'patchmark_shadow_tried_total{shadow="idle"}': 3,
                  'patchmark_shadow_different_total{shadow="idle"}': 0,
                  'patchmark_shadow_skipped_total{shadow="idle"}': 0}
        self.assertEqual({name: counted.get(name) for name in wanted}, wanted)

    # ---- Reload

    def test_a_good_configuration_is_in_force_when_ctl_is_back(self):
        daemon = self.daemon().start()
        idle, busy = mta.Conversation(self.socket), mta.Conversation(self.socket)
        busy.begin()
        for name, value in COVER:
            busy.header(name, value)
        mta.wait_for("the message", lambda:
                     mta.read_metrics(self.control)["patchmark_messages_under_way"] == 1)
        daemon.configure(self.text("field-prefix Site-\n"))
        done = self.ctl("reload", "-c", daemon.file)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn(b"Site-Kind", [edit[2] for edit in idle.send(COVER)[0]])
        self.assertIn(b"Patchmark-Kind", [edit[2] for edit in busy.finish()[0]],
                      "a message keeps what it began with")
        status = json.loads(self.ctl("status", "--json", "-c", daemon.file).stdout)
        self.assertEqual((status["reload"], status["reload_errors"]), ("ok", 0))
        idle.close()
        busy.close()

    def test_a_bad_configuration_is_told_as_check_does_and_the_old_one_kept(self):
        daemon = self.daemon().start()
        cases = [("no-such-statement\n", rf"{daemon.file}:\d+:1: "),
                 ('rule r { why x; when kind == cover; then tag a\n'
                  'example "Subject: [PATCH] no cover" }\n', r"does not hold for this example")]
        for number, (more, sentence) in enumerate(cases, 1):
            daemon.configure(self.text("field-prefix Broken-\n" + more))
            checked = subprocess.run([os.path.join(BUILD, "patchmark"), "check", "-c", daemon.file],
                                     capture_output=True, text=True, check=False, timeout=60)
            refused = self.ctl("reload", "-c", daemon.file)
            self.assertEqual(refused.returncode, 1)
            self.assertRegex(refused.stderr, sentence)
            for line in checked.stderr.splitlines():
                self.assertIn(line, refused.stderr)
            self.assertIn(b"Patchmark-Kind", [edit[2] for edit in self.send(COVER)[0][0]])
            counted = mta.read_metrics(self.control)
            self.assertEqual(counted['patchmark_reloads_total{result="failed"}'], number)
            self.assertEqual(daemon.log().count("event=reload-failed"), number)

    def test_what_only_a_restart_changes_is_said(self):
        daemon = self.daemon().start()
        daemon.configure(self.text().replace(self.socket, self.socket + "2"))
        done = self.ctl("reload", "--socket", self.control)
        self.assertEqual(done.returncode, 0)
        self.assertIn("another socket is taken by a restart only", done.stderr)

    def test_a_signal_and_a_request_at_once_are_done_one_after_the_other(self):
        daemon = self.daemon().start()
        for _ in range(5):
            daemon.process.send_signal(signal.SIGUSR1)
            self.assertEqual(mta.ask(self.control, b"reload\n")[0], "ok")
        mta.wait_for("the last", lambda: daemon.log().count("event=reloaded") >= 6)

    def test_who_started_it_is_told_of_a_reload(self):
        daemon = self.daemon().start()
        self.assertEqual(mta.ask(self.control, b"reload\n")[0], "ok")
        self.assertRegex(daemon.notices.recv(200), rb"^RELOADING=1\nMONOTONIC_USEC=\d+$")
        self.assertEqual(daemon.notices.recv(200), b"READY=1")

    # ---- The end

    def test_stop_ends_it_as_sigterm_does(self):
        daemon = self.daemon().start()
        self.assertEqual(self.ctl("stop", "-c", daemon.file).returncode, 0)
        self.assertEqual(daemon.process.wait(timeout=30), 0)
        self.assertIn("event=stopped", daemon.log())
        self.assertFalse(os.path.exists(self.control), "the socket is left behind")
        asked = self.ctl("reload", "-c", daemon.file)
        self.assertEqual(asked.returncode, 2)
        self.assertRegex(asked.stderr, "no answer from patchmarkd .*is patchmarkd running")

    # ---- Clients

    def test_silent_ones_and_odd_ones_hold_nobody_up(self):
        self.daemon().start()
        silent = [socket.socket(socket.AF_UNIX) for _ in range(20)]
        for client in silent:
            client.connect(self.control)
        self.assertEqual(self.send(COVER)[0][1], "c", "mail goes on")
        # Eight are let in at a time, for five seconds each; who waits behind them has their turn.
        self.assertEqual(mta.ask(self.control, b"status\n")[0], "ok")
        for client in silent:
            client.close()

    def test_garbage_is_answered_with_an_error_and_a_megabyte_is_not_read(self):
        self.daemon().start()
        for odd in (b"GET / HTTP/1.1\r\n\r\n", b"\0\xff\n", b"\n", b"statu\n", b"STATUS\n",
                    b"status extra\n", b"a" * 256):
            self.assertEqual(mta.ask(self.control, odd)[0], "error", odd)
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(30)
            client.connect(self.control)
            with self.assertRaises((ConnectionError, BrokenPipeError)):
                for _ in range(1024):
                    client.sendall(b"a" * 1024)
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(self.control)
            client.sendall(b"metrics\n")  # and away
        self.assertEqual(mta.ask(self.control, b"status\n")[0], "ok")
        self.assertEqual(self.send(COVER)[0][1], "c")

    # ---- The socket itself

    def test_it_is_the_daemons_users_alone_and_one_left_behind_is_replaced(self):
        first = self.daemon()
        first.start()
        self.assertEqual(stat.S_IMODE(os.stat(self.control).st_mode), 0o600)
        first.stop(signal.SIGKILL)
        self.assertTrue(stat.S_ISSOCK(os.stat(self.control).st_mode))
        self.daemon(name="second").start()
        self.assertEqual(mta.ask(self.control, b"status\n")[0], "ok")

    @unittest.skipIf(os.geteuid() != 0, "not root")
    def test_another_user_is_refused_whatever_the_permissions(self):
        daemon = self.daemon().start()
        os.chmod(self.control, 0o666)
        stranger = os.fork()
        if stranger == 0:
            os.setuid(65534)
            try:
                refused = mta.ask(self.control, b"stop\n", 10) is None
            except (OSError, ValueError):
                refused = True
            os._exit(0 if refused else 1)
        self.assertEqual(os.waitpid(stranger, 0)[1], 0)
        self.assertIn("event=control-refused uid=65534", daemon.log())
        self.assertIsNone(daemon.process.poll())

    def test_without_a_place_for_it_mail_goes_on(self):
        daemon = self.daemon()
        daemon.configure(self.text().replace(self.control, f"{self.folder}/nowhere/control"))
        daemon.start()
        self.assertEqual(self.send(COVER)[0][1], "c")
        self.assertIn("event=no-control-socket", daemon.log())
        daemon.configure(self.text().replace(f"control {self.control}", "control none"))
        asked = self.ctl("status", "-c", daemon.file)
        self.assertEqual(asked.returncode, 2)
        self.assertIn("names no control socket", asked.stderr)

    def test_a_configuration_that_is_broken_still_leads_to_the_daemon(self):
        daemon = self.daemon().start()
        daemon.configure(self.text("rule {\n"))
        self.assertEqual(self.ctl("status", "-c", daemon.file).returncode, 0)
        self.assertEqual(self.ctl("reload", "-c", daemon.file).returncode, 1)

    # ---- Housekeeping

    def test_a_filled_store_is_brought_within_its_budget_and_the_newest_stay(self):
        store = os.path.join(self.folder, "series.db")
        with tempfile.NamedTemporaryFile("w", suffix=".mbox") as mbox:
            for number in range(600):
                titles = "\n".join(f"  demo: A title that takes its room {number} {line}"
                                   for line in range(40))
                mbox.write(f"From x Thu Jan  1 00:00:00 2026\nFrom: w@example.org\n"
                           f"Message-ID: <{number}@example.org>\n"
                           f"Date: {1 + number // 60:02d} Nov 2026 10:{number % 60:02d}:00 +0000\n"
                           f"Subject: [PATCH demo 0/40] demo: Cover {number}\n\n"
                           f"W (40):\n{titles}\n\n demo/a.c | 2 +-\n 1 file changed, "
                           f"1 insertion(+), 1 deletion(-)\n\n")
            mbox.flush()
            daemon = self.daemon(f"store {store}\n")
            warmed = subprocess.run([os.path.join(BUILD, "patchmark"), "warm", "-c", daemon.file,
                                     mbox.name], capture_output=True, text=True, check=False)
            self.assertEqual(warmed.returncode, 0, warmed.stderr)
        before = os.path.getsize(store)
        self.assertGreater(before, 1200000, "filled enough for the smallest budget")
        daemon.configure(self.text(f"store {store}\nmemory {{ retention 100y; size 1M }}\n"))
        daemon.start()
        daemon.wait_for_log("event=housekeeping")
        mta.wait_for("the count", lambda: "patchmark_store_series" in
                     mta.read_metrics(self.control))
        counted = mta.read_metrics(self.control)
        gone = counted['patchmark_series_forgotten_total{reason="size"}']
        self.assertGreater(gone, 0)
        self.assertEqual(counted["patchmark_store_series"], 600 - gone)
        self.assertLessEqual(counted["patchmark_store_used_bytes"], 1 << 20)
        self.assertEqual(daemon.stop(), 0)
        patchmark = os.path.join(BUILD, "patchmark")
        known = subprocess.run([patchmark, "series", "list", "--store", store, "--limit", "0",
                                "--json"], capture_output=True, text=True, check=True).stdout
        left = [json.loads(line)["id"] for line in known.splitlines()]
        self.assertEqual(left, [f"{number}@example.org" for number in range(599, int(gone) - 1, -1)])
        self.assertLess(os.path.getsize(store), before)

        # What it does, people can do.
        forgot = subprocess.run([patchmark, "series", "forget", "--store", store, "--size", "512K"],
                                capture_output=True, text=True, check=False)
        self.assertEqual(forgot.returncode, 0, forgot.stderr)
        self.assertRegex(forgot.stdout, "0 series forgotten for their age, [1-9][0-9]* for the size")
        wrong = subprocess.run([patchmark, "series", "forget", "--store", store, "--older-than", "2"],
                               capture_output=True, text=True, check=False)
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("--older-than wants a number with its unit", wrong.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
