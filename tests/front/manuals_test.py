#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""manuals_test - the manuals, the help texts, the shipped configuration and the program say the same.

    manuals_test.py BUILD

Holds names together: commands, options, statements, files, links. Whether a sentence is true is for those tests
that run what it describes: readme_test.py, rule_manuals_test.c, stranger.py.
"""
import functools
import os
import re
import shutil
import subprocess
import sys
import unittest

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = sys.argv[1]
del sys.argv[1]

PAGES = ("milter/front/command/patchmark.1", "milter/front/daemon/patchmarkd.8")


def read(name):
    with open(os.path.join(SOURCE, name), encoding="utf-8") as file:
        return file.read()


def find_manuals():
    found = []
    for folder, inside, names in os.walk(SOURCE):
        inside[:] = [name for name in inside if name not in ("build", ".git", "tests")]
        found += [os.path.relpath(os.path.join(folder, name), SOURCE) for name in names if name.endswith(".md")]
    return sorted(found)


def without_blocks(text):
    return re.sub(r"^ *```.*?^ *```$", "", text, flags=re.DOTALL | re.MULTILINE)


def anchors(text):
    """Of the headings, as web pages of repositories make them."""
    titles = re.findall(r"^#+ (.*)$", without_blocks(text), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def help_of(*command):
    return subprocess.run([os.path.join(BUILD, "patchmark"), *command, "--help"], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, check=True).stdout


@functools.cache
def commands():
    return [name for name in re.findall(r"^  ([a-z]+)  ", help_of(), re.MULTILINE) if name != "help"]


class Manuals(unittest.TestCase):
    def hold(self, pattern, text, where):
        """Like assertRegex, without showing a whole manual."""
        if re.search(pattern, text) is None:
            self.fail("nothing in %s is like %s" % (where, pattern))

    def miss(self, pattern, text, where):
        found = re.search(pattern, text)
        if found is not None:
            self.fail('%s has "%s"' % (where, found.group()))

    def test_every_link_leads_somewhere(self):
        for name in find_manuals():
            text = without_blocks(read(name))
            for link in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", text)):
                if re.match(r"[a-z]+:", link):
                    continue
                path, _, anchor = link.partition("#")
                path = os.path.normpath(os.path.join(os.path.dirname(name), path)) if path else name
                self.assertTrue(os.path.exists(os.path.join(SOURCE, path)), "%s: %s" % (name, link))
                if anchor:
                    self.assertIn(anchor, anchors(read(path)), "%s: %s" % (name, link))

    def test_every_manual_is_reached_from_the_readme(self):
        readme = read("README.md")
        for name in find_manuals():
            if name != "README.md":
                self.assertIn("](%s)" % name, readme)

    def test_every_command_that_a_manual_writes_is_there(self):
        for name in find_manuals():
            text = read(name)
            code = re.findall(r"```.*?```", text, re.DOTALL) + re.findall(r"`[^`\n]+`", text)
            for part in code:
                for command in re.findall(r"(?:^|\n|`|&& |\| )patchmark ([a-z]+)", part):
                    self.assertIn(command, commands() + ["help"], name)

    def test_every_command_and_option_is_in_the_manual_page(self):
        page = read(PAGES[0])
        self.assertGreater(len(commands()), 8)
        for command in commands():
            self.hold(r"(?m)^\.(It )?Cm %s\b" % command, page, PAGES[0])
            for option in re.findall(r"^  (?:-\w, )?--([a-z-]+)", help_of(command), re.MULTILINE):
                self.hold(r"Fl Fl %s\b" % option, page, PAGES[0])

    def test_every_option_in_the_manual_page_is_one_of_the_programs(self):
        known = {"version", "help"}
        for command in commands():
            known.update(re.findall(r"--([a-z-]+)", help_of(command)))
        for option in re.findall(r"Fl Fl ([a-z-]+)", read(PAGES[0])):
            self.assertIn(option, known)

    def test_every_verb_in_the_help_is_in_the_manual_page(self):
        page = read(PAGES[0])
        for command in ("series", "ctl", "plugin"):
            verbs = re.findall(r"^ {0,2}([a-z]+)(?: [A-Z.|]+)*  +\S", help_of(command), re.MULTILINE)
            self.assertGreater(len(verbs), 2)
            for verb in verbs:
                self.hold(r"(?m)^\.(It )?Cm (%s )?([a-z| ]*)\b%s\b" % (command, verb), page, PAGES[0])

    def test_help_fits_a_terminal(self):
        for command in [()] + [(name,) for name in commands()]:
            for line in help_of(*command).splitlines():
                self.assertLessEqual(len(line), 110, "patchmark %s" % " ".join(command))

    def test_the_manual_pages_are_well_formed(self):
        if shutil.which("mandoc") is None:
            self.skipTest("mandoc is not installed")
        for page in PAGES:
            done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", os.path.join(SOURCE, page)],
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
            self.assertEqual(done.stdout, "")

    def test_every_statement_is_in_the_manual_and_in_the_shipped_configuration(self):
        manual, shipped = read("milter/engine/config.md"), read("milter/front/patchmark.conf")
        source = read("milter/engine/config.c")
        tables = re.findall(r"static const statement_kind (\w+)_kinds\[\] = \{(.*?)^\};", source,
                            re.DOTALL | re.MULTILINE)
        self.assertGreater(len(tables), 4)
        for table, text in tables:
            for name in re.findall(r'\.name = "([a-z-]+)"', text):
                self.hold(r"(?m)(`%s\b|^ *%s )" % (name, name), manual, "config.md")
                if table != "project":
                    self.hold(r"(?m)(^#? *|\()%s( |$)|, %s " % (name, name), shipped, "patchmark.conf")

    def test_the_unit_lets_the_daemon_write_where_the_shipped_configuration_says(self):
        unit, shipped = read("systemd/patchmark.service.in"), read("milter/front/patchmark.conf")
        folders = {"store": "StateDirectory", "state-directory": "StateDirectory", "socket": "RuntimeDirectory",
                   "#control": "RuntimeDirectory"}
        places = {"StateDirectory": "/var/lib/", "RuntimeDirectory": "/run/"}
        for statement, folder in folders.items():
            name = re.search(r"(?m)^%s=(\S+)$" % folder, unit).group(1)
            self.hold(r"(?m)^%s (unix:)?%s%s\b" % (statement, places[folder], name), shipped, "patchmark.conf")

    def test_nothing_is_promised_for_later(self):
        for name in find_manuals() + list(PAGES) + ["milter/front/patchmark.conf"]:
            self.miss(r"(?i)\bTODO\b|\bnot yet (there|done|implemented|supported)|coming soon", read(name), name)

    def test_standards_are_spelled_alike(self):
        for name in find_manuals() + list(PAGES):
            self.miss(r"RFC-?\d{3,}|\brfc ?\d{3,}", read(name), name)


if __name__ == "__main__":
    unittest.main(verbosity=1)
