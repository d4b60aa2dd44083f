#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""readme_test - the README, done word for word as somebody does who has never seen patchmark.

    readme_test.py BUILD CC

Installs the build into a folder of its own and starts a daemon there. What the README has in blocks is then taken
from it as it stands: those marked `conf` are written into the file that the sentence before names, those marked `sh`
are run. What of it needs another machine is played: systemctl does what the unit says, sudo nothing.

Not the SDK's own manual: tests/sdk/stranger.py walks that.
"""
import glob
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import unittest

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(SOURCE, "tests", "mta"))
import mta  # pylint: disable=wrong-import-position

BUILD, CC = sys.argv[1:3]
del sys.argv[1:3]


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


def write(path, text, mode="w"):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, mode, encoding="utf-8") as file:
        file.write(text)


def steps_of(heading, manual="README.md"):
    """The blocks under a heading: (language, text, all that was said before it)."""
    section = read(SOURCE, manual).split("\n## %s\n" % heading)[1].split("\n## ")[0]
    parts = re.split(r"^ *```(\w*)\n(.*?)^ *```$", section, flags=re.DOTALL | re.MULTILINE)
    return [(parts[at], textwrap.dedent(parts[at + 1]), parts[at - 1]) for at in range(1, len(parts), 3)]


LETTER = [(b"From", b" Ann Author <ann@example.org>"), (b"To", b" linux-kernel@vger.kernel.org"),
          (b"Message-ID", b" <20261121.7@example.org>"), (b"Subject", b" [PATCH 2/3] frob: Fix the lock")]


class Readme(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.root = mta.make_folder("patchmark-readme-")
        cls.prefix = os.path.join(cls.root, "usr")
        cls.environment = {
            name: value for name, value in os.environ.items()
            if name not in ("DESTDIR", "CFLAGS", "LDFLAGS", "CMAKE_PREFIX_PATH")
        }
        subprocess.run(["cmake", "--install", BUILD, "--prefix", cls.prefix], env=cls.environment,
                       stdout=subprocess.DEVNULL, check=True)
        cls.etc = os.path.join(cls.prefix, "etc", "patchmark")
        cls.shipped = read(cls.etc, "patchmark.conf")

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.root)

    def setUp(self):
        """A host of its own for each test: the shipped configuration, a daemon, an empty home."""
        self.home = tempfile.mkdtemp(dir=self.root)
        self.environment = {**self.environment, "CC": CC, "CMAKE_PREFIX_PATH": self.prefix,
                            "PATH": ":".join((os.path.join(self.home, "bin"),
                                              os.path.join(self.prefix, "bin"), os.environ["PATH"]))}
        self.put_in_place()
        # Beside the program, where it is found before the one that this machine may have.
        self.daemon = mta.Patchmarkd(os.path.join(self.prefix, "sbin", "patchmarkd"),
                                     os.path.join(self.prefix, "bin"), self.beside(), "patchmark").start()

    def tearDown(self):
        self.daemon.stop(signal.SIGINT)  # at once; how it stops is for tests/mta
        os.unlink(self.daemon.log_file)
        shutil.rmtree(self.etc)

    def put_in_place(self):
        """The shipped configuration names where things were to be installed; they are in our folder."""
        plugins = os.path.dirname(glob.glob(self.prefix + "/lib/**/thread.so", recursive=True)[0])
        state = os.path.join(self.home, "state")
        text = self.shipped
        for what, where in (("socket", "unix:%s/milter.sock" % self.home), ("plugin-directory", plugins),
                            ("store", state + "/series.db"), ("state-directory", state)):
            text, found = re.subn("^%s .*" % what, "%s %s" % (what, where), text, flags=re.MULTILINE)
            self.assertEqual(found, 1, what)
        text = re.sub(r"^include /.*/rules/", "include %s/share/patchmark/rules/" % self.prefix, text,
                      flags=re.MULTILINE)
        os.makedirs(state)
        os.makedirs(os.path.join(self.etc, "rules"), exist_ok=True)
        write(os.path.join(self.etc, "patchmark.conf"), text)
        reload = re.search(r"^ExecReload=\S*/patchmark (.*) -c \S+$", read(BUILD, "systemd/patchmark.service"),
                           re.MULTILINE).group(1)
        self.stand_in("systemctl", '[ "$*" = "reload patchmark" ] || exit 9\nexec patchmark %s' % reload)
        self.stand_in("sudo", 'exec "$@"')

    def stand_in(self, name, script):
        path = os.path.join(self.home, "bin", name)
        write(path, "#!/bin/sh\n%s\n" % script)
        os.chmod(path, 0o755)

    def beside(self):
        return ('include "../etc/patchmark/patchmark.conf"\nallow-root yes\ncontrol %s/control.sock\n'
                % self.home)

    def run_block(self, text, expected=0):
        """Run it as it stands, each command in the folder that the one before has left."""
        text = text.replace("/etc/patchmark", self.etc).replace("/usr/share/", self.prefix + "/share/")
        done = subprocess.run(["sh", "-eu", "-c", text], cwd=self.home, env=self.environment, text=True,
                              errors="replace", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        self.assertEqual(done.returncode, expected, text + done.stdout + self.daemon.log())
        return done.stdout

    def write_block(self, text, before):
        """Into the file that was named last; patchmark.conf has something already."""
        name = re.findall(r"`(/etc/patchmark/[^`]+\.[a-z]+)`", before)[-1].replace("/etc/patchmark", self.etc)
        write(name, text.replace("/etc/patchmark", self.etc), "a" if name.endswith("/patchmark.conf") else "w")

    def marks_of(self, letter):
        """What the running daemon adds to a letter: 'Name: value'."""
        conversation = mta.Conversation(os.path.join(self.home, "milter.sock"))
        edits, answer = conversation.send(letter, b"It was taken twice.\r\n")
        conversation.close()
        self.assertIn(answer[0], "ac")
        return ["%s: %s" % (edit[2].decode(), edit[3].decode().strip()) for edit in edits if edit[0] == "i"]

    def test_a_first_rule_is_checked_reloaded_in_effect_and_explained(self):
        (_, rule, where), (_, service, _), (_, explain, _) = steps_of("Your first rule")[:3]
        self.assertNotIn("Patchmark-Subsystem: frob", self.marks_of(LETTER))

        self.write_block(rule, where)
        said = self.run_block(service)
        self.assertIn("fine.", said)
        self.assertIn("in force since", said)
        self.assertIn("Patchmark-Inbox: <frob.linux>", self.marks_of(LETTER))

        said = self.run_block(explain)
        self.assertRegex(said, r"fired +ours\.rules:frobnicator: The frobnicator team reads these first")
        self.assertRegex(said, r"inbox +frob\.linux")

    def test_a_first_rule_with_a_mistake_is_refused_and_named_and_changes_nothing(self):
        (_, rule, where), (_, service, _) = steps_of("Your first rule")[:2]
        for right, wrong, said in (("title", "titel", 'ours.rules:3:17: '), ("frob: /", "from: /", "example")):
            self.write_block(rule.replace(right, wrong, 1), where)
            self.assertIn(said, self.run_block(service, expected=1))
            done = self.run_block("systemctl reload patchmark", expected=1)
            self.assertIn("stays in force", done)
            self.assertNotIn("Patchmark-Subsystem: frob", self.marks_of(LETTER))

    def test_rules_are_tried_on_an_archive_and_as_a_shadow_before_they_count(self):
        steps = steps_of("Your first rule")
        (_, rule, _), (_, letter, _) = steps[0], steps[2]
        (_, following, next_conf), (_, replay, _), (_, shadow, patchmark_conf) = steps[3:6]
        write(os.path.join(self.etc, "next.d", "ours.rules"), rule)
        self.run_block(letter)

        self.write_block(following, next_conf)
        said = self.run_block(replay, expected=1)  # something would change
        self.assertIn("unsorted.linux -> frob.linux", said)
        self.assertIn("+ ours.rules:frobnicator", said)

        self.write_block(shadow, patchmark_conf)
        self.run_block("patchmark check; systemctl reload patchmark")
        self.assertIn("Patchmark-Inbox: <unsorted.linux>", self.marks_of(LETTER))
        self.daemon.wait_for_log("event=shadow")
        self.assertIn("would-be=frob.linux", self.daemon.log())

        self.run_block("mv /etc/patchmark/next.d/ours.rules /etc/patchmark/rules; systemctl reload patchmark")
        self.assertIn("Patchmark-Inbox: <frob.linux>", self.marks_of(LETTER))

    def test_a_first_plugin_is_made_built_checked_loaded_and_a_rule_follows_from_it(self):
        (_, make, _), (_, conf, where), (_, service, _) = steps_of("Your first plugin")
        said = self.run_block(make)
        self.assertIn("100% tests passed", said)
        self.assertIn("hello.questions 2", said)

        self.write_block(conf, where)
        said = self.run_block("cd hello\n" + service)
        self.assertIn("hello.questions", said)
        self.assertIn("+ Patchmark-Tag: question", said)
        answer = [(b"Subject", b" Re: frob?"), (b"In-Reply-To", b" <20261121.7@example.org>")]
        conversation = mta.Conversation(os.path.join(self.home, "milter.sock"))
        edits, _ = conversation.send(answer, b"Is it hot?\r\nHow hot?\r\n")
        conversation.close()
        self.assertIn((b"Patchmark-Tag", b"question"), [(edit[2], edit[3].strip()) for edit in edits])

    def test_a_first_script_in_lua_is_loaded_and_a_rule_follows_from_it(self):
        (_, script, _), (_, conf, _) = steps_of("A rule in ten lines", "plugins/lua/lua.md")
        write(os.path.join(self.etc, "big.lua"), script)
        self.write_block(conf, "`/etc/patchmark/patchmark.conf`")
        said = self.run_block("patchmark check && systemctl reload patchmark && patchmark plugin list")
        self.assertRegex(said, r"fact +site\.big")
        self.assertIn(" 5 plugins", said)

    def test_a_first_program_is_started_and_the_example_of_its_rule_holds(self):
        (_, copy, _), (_, conf, _) = steps_of("In five minutes", "plugins/exec/exec.md")
        self.run_block(copy)
        self.write_block(conf, "`/etc/patchmark/patchmark.conf`")
        said = self.run_block("patchmark check && systemctl reload patchmark && patchmark plugin list")
        self.assertRegex(said, r"fact +style\.long-lines")
        self.assertIn(" 5 plugins", said)

    def test_every_link_of_an_installed_manual_leads_somewhere(self):
        manuals = glob.glob(self.prefix + "/share/doc/patchmark/**/*.md", recursive=True)
        self.assertIn(os.path.join(self.prefix, "share/doc/patchmark/README.md"), manuals)
        for manual in manuals:
            text = re.sub(r"^ *```.*?^ *```$|`[^`]*`", "", read(manual), flags=re.DOTALL | re.MULTILINE)
            for link in re.findall(r"\]\(([^)#\s]+)", text):
                if not re.match(r"[a-z]+:", link):
                    path = os.path.normpath(os.path.join(os.path.dirname(manual), link))
                    self.assertTrue(os.path.exists(path), "%s: %s" % (manual, link))

    def test_a_maintainers_file_is_named_for_a_build_that_is_not_installed(self):
        conf = next(text for _, text, _ in steps_of("Try it on your own mail") if "maintainers" in text)
        # A developer's build may know a MAINTAINERS file already.
        write(os.path.join(self.home, "build", "release", "patchmark.conf"),
              re.sub(r"^project .*\n", "", read(BUILD, "patchmark.conf"), flags=re.MULTILINE))
        write(os.path.join(self.home, "mine.conf"),
              conf.replace("/srv/linux/MAINTAINERS", os.path.join(SOURCE, "tests/mta/demo/linux.maintainers")))
        self.assertIn("fine.", self.run_block("patchmark check -c mine.conf"))
        said = self.run_block("echo arch/arm64/kvm/arm.c | patchmark maintainers -c mine.conf -")
        self.assertIn("\t", said)


if __name__ == "__main__":
    unittest.main(verbosity=1)
