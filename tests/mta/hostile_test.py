#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""hostile_test - plugins, scripts, programs and patterns that mean harm: mail keeps flowing.

The plugins are in hostile/; each misbehaves at a word in the title. What others get meanwhile is asked
here; how fast they get it is measured by `./dev bench hostile`.

usage: hostile_test.py BUILD MODULES [unittest's arguments]
"""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import unittest

import mta
import series_mail

BUILD = os.path.abspath(sys.argv.pop(1))
MODULES = os.path.abspath(sys.argv.pop(1))
HOSTILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "hostile")

# The honest plugin among them is "project". Time for a plugin is short, because the breaker waits for ten
# times as long before it takes a visit for one that never ends.
CONFIGURATION = """\
socket unix:{folder}/socket
control {folder}/control
allow-root yes
plugin-directory "{folder}/plugins"
state-directory "{folder}"
plugins project {plugins}
limits {{ time 10s; plugin-time {plugin_time} }}
project demo {{ words demo }}
"""

RULE = """\
rule seen-{name} {{ why "It came through"; when {fact} == 1; then tag "seen-{name}" }}
rule without-{name} {{ why "It did not"; when plugin.{name}.fault; then tag "without-{name}" }}
"""


def letter(subject, number=0):
    return [(b"From", b"Writer <writer@example.org>"), (b"To", b"dev@demo.lists.example.org"),
            (b"Message-ID", b"<%d@example.org>" % number), (b"Subject", b"[PATCH demo] " + subject)]


class Others(threading.Thread):
    """Harmless mail on a connection of its own, all the while."""

    def __init__(self, path, first):
        super().__init__(daemon=True)
        self.path, self.first, self.answered = path, first, 0
        self.ends, self.failure = threading.Event(), None
        self.start()

    def run(self):
        try:
            conversation = mta.Conversation(self.path)
            while not self.ends.is_set():
                edits, _ = conversation.send(letter(b"harmless", self.first + self.answered), b"x")
                if series_mail.marks_of(edits)["Project"] != ["demo"]:
                    raise AssertionError(edits)
                self.answered += 1
            conversation.close()
        except Exception as failure:  # pylint: disable=broad-except
            self.failure = failure

    def end(self):
        self.ends.set()
        self.join(60)
        if self.failure is not None:
            raise self.failure
        return self.answered


class HostileTest(mta.DaemonCase):
    def setUp(self):
        super().setUp()
        self.plugins = os.path.join(self.folder, "plugins")
        os.mkdir(self.plugins, 0o755)
        self.conversations = []

    def tearDown(self):
        for conversation in self.conversations:
            conversation.socket.close()
        super().tearDown()

    def install(self, name):
        """No links: who may write what a plugin is matters to the host."""
        module = os.path.join(MODULES, name + ".so")
        if not os.path.exists(module):
            module = os.path.join(BUILD, "plugins-available", name + ".so")
        shutil.copy(module, self.plugins)
        os.chmod(os.path.join(self.plugins, name + ".so"), 0o755)

    def text(self, *plugins, more="", plugin_time="50ms"):
        for name in ("project", *plugins):
            if not os.path.exists(os.path.join(self.plugins, name + ".so")):
                self.install(name)
        return CONFIGURATION.format(folder=self.folder, plugins=" ".join(plugins),
                                    plugin_time=plugin_time) + more

    def daemon(self, text):
        return self.new_daemon(BUILD, text)

    def start(self, name, **limits):
        """A daemon with one hostile plugin, and rules that say what became of it."""
        rules = RULE.format(name=name, fact=f"{name}.seen")
        return self.daemon(self.text(name, more=rules, **limits)).start()

    def connect(self):
        self.conversations.append(mta.Conversation(self.socket))
        return self.conversations[-1]

    def send(self, subject, number=0, body=b"Text.\r\n"):
        conversation = mta.Conversation(self.socket)
        edits, answer = conversation.send(letter(subject, number), body)
        conversation.close()
        self.assertEqual(answer, "c")
        return series_mail.marks_of(edits)

    def expect(self, tag, subject, number=0, body=b"Text.\r\n"):
        """It is answered, with the marks that the others give and with this tag."""
        marks = self.send(subject, number, body)
        self.assertEqual((marks["Kind"], marks["Project"]), (["patch"], ["demo"]))
        self.assertEqual(marks.get("Tag"), None if tag is None else [tag])

    def begin_hanging(self, subject, number):
        """A letter that gets no answer for now, on a connection of its own."""
        conversation = self.connect()
        conversation.begin()
        for field in letter(subject, number):
            conversation.header(*field)
        conversation.put("E")

    def metric(self, name, plugin):
        return mta.read_metrics(self.control)[f'patchmark_plugin_{name}{{plugin="{plugin}"}}']

    def status(self):
        done = subprocess.run([os.path.join(BUILD, "patchmark"), "ctl", "status", "--json", "--socket",
                               self.control], capture_output=True, text=True, check=True, timeout=60)
        return json.loads(done.stdout)

    # ---- Plugins in C

    def crash(self, daemon, number):
        conversation = self.connect()
        with self.assertRaises(OSError):
            conversation.send(letter(b"crash me", number))
        self.assertNotEqual(daemon.process.wait(timeout=30), 0)
        daemon.stop()  # what is left of it
        daemon.start()  # as systemd would

    def test_a_plugin_that_crashes_is_named_kept_from_the_letter_and_in_the_end_switched_off(self):
        daemon = self.start("crash")
        self.expect("seen-crash", b"harmless", 100)
        for crashes in (1, 2, 3):
            self.crash(daemon, crashes)
            self.assertRegex(daemon.log(), rf"event=plugin-crash plugin=crash mid={crashes}@example\.org "
                                           rf"signal=\w+ crashes={crashes}")
            self.assertEqual(self.metric("crashes", "crash"), crashes)
            self.assertEqual(self.metric("off", "crash"), crashes == 3)
            self.assertEqual(self.status()["plugins_off"], int(crashes == 3))
            self.expect("without-crash", b"crash me", crashes)
            self.expect("without-crash" if crashes == 3 else "seen-crash", b"harmless", 100 + crashes)
        self.assertIn("event=plugin-switched-off plugin=crash crashes=3", daemon.log())
        self.expect("without-crash", b"crash me", 4)
        self.assertEqual(mta.ask(self.control, b"reload\n")[0], "ok")
        self.assertEqual(daemon.log().count("event=plugin-switched-off"), 2, "a reload says it again")
        self.expect("without-crash", b"crash me", 5)

    def test_a_plugin_that_crashes_when_it_is_opened_is_named_and_in_the_end_left_closed(self):
        daemon = self.daemon(self.text("stillborn", more=RULE.format(name="stillborn",
                                                                     fact="stillborn.seen")))
        for crashes in (1, 2, 3):
            with self.assertRaisesRegex(AssertionError, "never said"):
                daemon.start()
            daemon.stop()  # what is left of it
            if crashes > 1:
                self.assertRegex(daemon.log(), rf"event=plugin-crash plugin=stillborn signal=\w+ "
                                               rf"crashes={crashes - 1} msg=\"patchmarkd ended while")
        daemon.start()
        self.assertIn("event=plugin-switched-off plugin=stillborn crashes=3", daemon.log())
        self.assertEqual(self.metric("off", "stillborn"), 1)
        self.expect("without-stillborn", b"harmless", 1)
        self.assertEqual(mta.ask(self.control, b"reload\n")[0], "ok")
        self.expect("without-stillborn", b"harmless", 2)

    def test_a_plugin_that_hangs_holds_up_nobody_else_and_is_left_out(self):
        daemon = self.start("hang")
        others = [Others(self.socket, number) for number in (1000, 2000)]
        for number in range(20):  # more than could hang before anybody can know
            self.begin_hanging(b"hang me", number)
        for number in range(20, 40):
            self.assertEqual(self.send(b"harmless", number)["Project"], ["demo"])
        mta.wait_for("the breaker", lambda: (self.send(b"harmless"), self.metric("off", "hang"))[1])
        self.assertIn("event=plugin-paused plugin=hang", daemon.log())
        for number in range(40, 60):
            self.expect("without-hang", b"hang me", number)
        for other in others:
            self.assertGreater(other.end(), 0)
        stuck = int(self.metric("stuck", "hang"))
        self.assertIn(stuck, range(2, 21))
        self.assertEqual(daemon.stop(), 0, "what hangs does not hold up the end")
        left = re.search(r"event=stopped left-to-the-mta=(\d+)\n", daemon.log())
        self.assertIn(int(left[1]), range(stuck, 21), "a scan is stuck when it is long overdue")

    def test_a_plugin_that_is_slow_again_and_again_is_left_out_for_longer_and_longer(self):
        daemon = self.start("slow")
        for number in range(5):
            self.expect("seen-slow", b"take your time", number)
        self.assertEqual(self.metric("overruns_total", "slow"), 5)
        self.expect("without-slow", b"take your time", 5)
        self.assertIn("event=plugin-paused plugin=slow ms=1000 ", daemon.log())
        self.assertEqual(self.metric("off", "slow"), 1)
        # One letter tries it when the time is over, and finds it as slow as before.
        mta.wait_for("another try", lambda: self.send(b"take your time")["Tag"] == ["seen-slow"])
        self.assertIn("event=plugin-paused plugin=slow ms=2000 ", daemon.log())
        # A letter it is quick with brings it back.
        mta.wait_for("it to be quick", lambda: self.send(b"harmless")["Tag"] == ["seen-slow"])
        self.assertEqual(self.metric("off", "slow"), 0)

    def test_a_plugin_that_takes_all_memory_gets_a_messages_share_and_the_next_one_has_all_again(self):
        daemon = self.start("hoard", plugin_time="10s")
        for number in range(10):
            marks = self.send(b"take all", number)
            self.assertEqual(marks["Kind"], ["patch"])
            self.assertEqual(marks["Inbox"], ["<unsorted.demo>"])
            self.expect("seen-hoard", b"harmless", 100 + number)
        self.assertEqual(self.metric("faults_total", "hoard"), 10)
        self.assertRegex(daemon.log(), "message-id=9@example.org .*partial=yes")
        resident = mta.read_metrics(self.control)["process_resident_memory_bytes"]
        self.assertLess(resident, 1 << 30)

    def test_a_plugin_that_lies_is_not_believed_and_breaks_no_header_field(self):
        daemon = self.daemon(self.text("lie", more='rule taken { why "How many lies were taken"; '
                                                   'when lie.count == 3; then tag "three" }\n'
                                                   'rule lied { why "It gave an odd answer"; '
                                                   'when plugin.lie.fault; then tag "lied" }\n')).start()
        conversation = self.connect()
        edits, answer = conversation.send(letter(b"tell lies"), b"Text.\r\n")
        self.assertEqual(answer, "c")
        for edit in edits:
            self.assertIn(edit[0], "i")
            self.assertRegex(edit[2], rb"^Patchmark-[A-Za-z-]+$")
            self.assertRegex(edit[3], rb"^[ -~]+(\n[\t ][ -~]+)*$", "ASCII, and folded")
            for line in (edit[2] + b": " + edit[3]).split(b"\n"):
                self.assertLess(len(line.expandtabs(8)), 79)
        marks = series_mail.marks_of(edits)
        self.assertNotIn("Forged", marks)
        self.assertEqual((marks["Kind"], marks["Project"], marks["Inbox"]),
                         (["patch"], ["demo"], ["<liars.demo>"]))
        self.assertEqual(marks["Subsystem"], ["liars"])
        self.assertEqual(sorted(marks["Tag"]), ["liar", "lied", "three"])
        self.assertEqual(marks["Series"], ["<0@example.org>"])
        self.assertIn("which it does not declare", daemon.log())
        self.assertNotRegex(daemon.log(), r"(?m)^Forged|[^\n -~]")
        self.expect(None, b"harmless")

    # ---- Those that fall over before they begin

    def stumble(self, how):
        return self.text("stumble", more=f"plugin stumble {{ how {how} }}\n")

    def test_a_plugin_that_will_not_open_is_refused_and_what_ran_goes_on(self):
        daemon = self.daemon(self.stumble("not")).start()
        for how, sentence in (("silently", "plugin stumble would not start and did not say why"),
                              ("loudly", "it stumbled")):
            daemon.configure(self.stumble(how))
            word, text = mta.ask(self.control, b"reload\n")
            self.assertEqual(word, "refused")
            self.assertIn(sentence, text)
            self.expect(None, b"harmless")

    # ---- Scripts and programs

    def test_scripts_that_loop_grow_or_recurse_cost_their_own_facts(self):
        shutil.copy(os.path.join(HOSTILE, "unruly.lua"), self.folder)
        rules = RULE.format(name="lua", fact="script.seen")
        self.daemon(self.text("lua", plugin_time="10s", more=f"plugin lua {{ script {self.folder}/unruly.lua }}\n"
                                                             + rules)).start()
        self.expect("seen-lua", b"harmless")
        for number, subject in enumerate((b"loop script", b"grow script", b"recurse script",
                                          b"search script")):
            self.expect("without-lua", subject, number)
            self.expect("seen-lua", b"harmless", 100 + number)
        self.assertEqual(self.metric("faults_total", "lua"), 4)

    def test_programs_that_hang_crash_or_flood_cost_their_own_facts(self):
        program = os.path.join(self.folder, "unruly.py")
        shutil.copy(os.path.join(HOSTILE, "unruly.py"), program)
        os.chmod(program, 0o755)
        rules = RULE.format(name="exec", fact="program.seen")
        more = f"plugin exec {{ program unruly {{ command {program}; deadline 300ms; start 30s }} }}\n{rules}"
        self.daemon(self.text("exec", plugin_time="1s", more=more)).start()
        for number, how in enumerate((b"hang", b"crash", b"flood", b"complain", b"nonsense")):
            mta.wait_for("the program", lambda: self.send(b"harmless")["Tag"] == ["seen-exec"])
            marks = self.send(how + b" program", number)
            self.assertEqual((marks["Project"], how in (b"complain", b"nonsense") or marks["Tag"]),
                             (["demo"], how in (b"complain", b"nonsense") or ["without-exec"]))
        mta.wait_for("the program", lambda: self.send(b"harmless")["Tag"] == ["seen-exec"])

    # ---- Patterns

    def test_patterns_that_go_astray_reach_a_limit_and_other_rules_hold(self):
        rules = "".join(f'rule p{number} {{ why "x"; when {field} ~ /{pattern}/; then tag "p{number}" }}\n'
                        for number, (field, pattern) in enumerate((
                            ("text", "^(a+)+$"), ("text", "(a|aa)+$"), ("text", "(.*)*b{20}"),
                            ("text", "(x+x+)+y"), ("title", "^(([a-z])+.)+[A-Z]([a-z])+$"))))
        rules += 'rule good { why "x"; when title ~ /astray/; then tag "good" }\n'
        daemon = self.daemon(self.text(more=rules)).start()
        body = b"a" * 5000 + b"!\r\n" + b"x" * 5000 + b"\r\n"
        self.expect("good", b"astray " + b"a" * 200, 1, body)
        reached = re.findall(r"event=pattern-limit rule=patchmarkd.conf:(p\d)", daemon.log())
        self.assertGreaterEqual(len(set(reached)), 2, reached)
        counted = mta.read_metrics(self.control)
        for rule in set(reached):
            self.assertEqual(counted[f'patchmark_pattern_limit_total{{rule="patchmarkd.conf:{rule}"}}'], 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
