#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""stranger - what somebody does who has patchmark installed and wants a plugin of their own.

    stranger.py BUILD CC

Installs the build into a folder of its own, begins a plugin with the installed program, builds it with CMake and
without, runs its tests, checks it, installs it, and sees a rule on its fact mark a letter. Nothing of the source
tree is used on the way. The last cases break the plugin and expect to be told.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

BUILD, CC = sys.argv[1:3]
del sys.argv[1:3]


class Stranger(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.root = tempfile.mkdtemp(prefix="patchmark-sdk-")
        cls.prefix = os.path.join(cls.root, "usr")
        # Neither CMake nor pkg-config may find a patchmark that this machine happens to have.
        cls.environment = {
            name: value for name, value in os.environ.items()
            if name not in ("DESTDIR", "CFLAGS", "LDFLAGS", "CMAKE_PREFIX_PATH")
        }
        cls.run_ok("cmake", "--install", BUILD, "--prefix", cls.prefix)
        cls.environment["PATH"] = os.path.join(cls.prefix, "bin") + ":" + os.environ["PATH"]
        cls.environment["CMAKE_PREFIX_PATH"] = cls.prefix
        cls.environment["CC"] = CC
        for folder, _, names in os.walk(cls.prefix):
            if "patchmark-plugin.pc" in names:
                cls.environment["PKG_CONFIG_PATH"] = folder
        # A name that is no C identifier.
        cls.run_ok("patchmark", "plugin", "new", "ask-me")
        cls.folder = os.path.join(cls.root, "ask-me")

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.root)

    @classmethod
    def run_any(cls, *command, cwd=None):
        return subprocess.run(command, cwd=cwd or cls.root, env=cls.environment, text=True, errors="replace",
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    @classmethod
    def run_ok(cls, *command, cwd=None):
        done = cls.run_any(*command, cwd=cwd)
        if done.returncode != 0:
            raise AssertionError("%s: exit status %d\n%s" % (" ".join(command), done.returncode, done.stdout))
        return done.stdout

    def build(self, folder, *options):
        """Configure, build and install it as its own CMakeLists.txt has it. The module."""
        build = os.path.join(folder, "build")
        self.run_ok("cmake", "-S", folder, "-B", build, *options)
        self.run_ok("cmake", "--build", build)
        return os.path.join(build, "ask-me.so")

    def pkg_config(self, *options):
        return self.run_ok("pkg-config", *options, "patchmark-plugin").split()

    def compile(self, source, name="ask-me", *options):
        """Build a module from source text with the compiler alone. The module."""
        folder = tempfile.mkdtemp(dir=self.root)
        with open(os.path.join(folder, "source.c"), "w") as file:
            file.write(source)
        module = os.path.join(folder, name + ".so")
        self.run_ok(CC, *self.pkg_config("--cflags"), *options, "-shared", "-o", module,
                    os.path.join(folder, "source.c"))
        return module

    def source(self):
        with open(os.path.join(self.folder, "ask-me.c")) as file:
            return file.read()

    # ---- The straight way ----

    def test_a_new_plugin_is_built_tested_checked_and_installed_and_a_rule_sees_its_fact(self):
        module = self.build(self.folder, "-DCMAKE_C_FLAGS=-Wall -Wextra -Werror")
        tests = self.run_ok("ctest", "--test-dir", os.path.join(self.folder, "build"), "--output-on-failure")
        for name in ("ask-me", "ask-me_symbols", "ask-me_check"):
            self.assertRegex(tests, r" %s \.+ +Passed" % name)

        samples = os.path.join(self.folder, "samples")
        said = self.run_ok("patchmark", "plugin", "check", module, os.path.join(samples, "questions.eml"))
        self.assertIn("ask-me.questions 2", said)

        self.run_ok("cmake", "--install", os.path.join(self.folder, "build"))
        directory = self.pkg_config("--variable=plugindir")[0]
        self.assertTrue(os.path.samefile(os.path.join(self.prefix, "lib"), os.path.join(directory, ".."))
                        or directory.startswith(self.prefix))
        self.assertTrue(os.path.exists(os.path.join(directory, "ask-me.so")))

        # The example of its own manual, as it stands there.
        with open(os.path.join(self.folder, "ask-me.md")) as file:
            example = file.read().split("```")[1]
        conf = os.path.join(self.root, "patchmark.conf")
        with open(conf, "w") as file:
            file.write('plugin-directory "%s"\n%s' % (os.path.realpath(directory), example))
        self.assertIn("fine", self.run_ok("patchmark", "check", "-c", conf))
        letter = self.run_ok("patchmark", "classify", "-c", conf, "--json", os.path.join(samples, "questions.eml"))
        self.assertEqual(json.loads(letter)["tags"], ["question"])
        letter = self.run_ok("patchmark", "classify", "-c", conf, "--json", os.path.join(samples, "none.eml"))
        self.assertEqual(json.loads(letter)["tags"], [])

    def test_a_compiler_and_pkg_config_are_enough(self):
        for options in ([], self.pkg_config("--libs")):
            module = self.compile(self.source(), "ask-me", *options)
            self.assertIn("fine.", self.run_ok("patchmark", "plugin", "check", module))
        self.assertRegex(self.pkg_config("--variable=abi_version")[0], r"^1\.[0-9]+$")

    def test_what_is_there_already_is_left_alone(self):
        before = self.source()
        again = self.run_any("patchmark", "plugin", "new", "ask-me")
        self.assertEqual(again.returncode, 2)
        self.assertIn("is there already", again.stdout)
        self.assertEqual(self.source(), before)

    def test_the_plugin_of_the_readme_is_built_and_used_as_it_says_there(self):
        with open(self.pkg_config("--variable=sdkdir")[0] + "/README.md") as file:
            parts = file.read().split("```")[1::2]
        blocks = [part.split("\n", 1) for part in parts]
        find = lambda language, word: next(text for said, text in blocks if said == language and word in text)
        folder = os.path.join(self.root, "shout")
        os.mkdir(folder)
        for name, text in (("shout.c", find("c", "PM_PLUGIN_ENTRY")), ("shout_test.c", find("c", "cmocka")),
                           ("CMakeLists.txt", find("cmake", "shout"))):
            with open(os.path.join(folder, name), "w") as file:
                file.write(text)
        self.build(folder)
        self.run_ok("ctest", "--test-dir", "build", "--output-on-failure", cwd=folder)
        by_hand = next(line for line in find("sh", "-o shout.so").splitlines() if "-o shout.so" in line)
        self.run_ok("sh", "-c", by_hand, cwd=folder)
        self.assertIn("fine.", self.run_ok("patchmark", "plugin", "check", "shout.so", cwd=folder))
        self.run_ok("cmake", "--install", "build", cwd=folder)
        with open(os.path.join(folder, "patchmark.conf"), "w") as file:
            directory = self.pkg_config("--variable=plugindir")[0]
            file.write('plugin-directory "%s"\n%s' % (os.path.realpath(directory), find("", "plugin shout")))
        said = self.run_ok("patchmark", "check", "-c", "patchmark.conf", cwd=folder)
        self.assertIn("1 rule, 1 example, 4 plugins", said)

    # ---- What `plugin check` finds ----

    def check_says(self, module, *parts, options=()):
        done = self.run_any("patchmark", "plugin", "check", *options, module)
        self.assertEqual(done.returncode, 1, done.stdout)
        for part in parts:
            self.assertIn(part, done.stdout)

    def broken(self, old, new, *options, name="ask-me"):
        source = self.source()
        self.assertIn(old, source)
        return self.compile(source.replace(old, new), name, *options)

    def test_a_second_export_is_named(self):
        self.check_says(self.broken("static const pm_fact_decl facts[]",
                                    '__attribute__((visibility("default"))) const int extra = 1;\n'
                                    "static const pm_fact_decl facts[]"), 'it exports "extra"')

    def test_an_entry_that_is_not_there_is_missed(self):
        self.check_says(self.compile("int none;\n"), "it does not export pm_plugin_entry")

    def test_an_import_from_the_host_is_named(self):
        module = self.broken("static pm_status scan_letter(void *instance, pm_scan *scan)\n{",
                             "void pm_log(int level, const char *event, const char *format, ...);\n"
                             "static pm_status scan_letter(void *instance, pm_scan *scan)\n{\n"
                             'pm_log(6, "x", "x");')
        self.check_says(module, 'it imports "pm_log", which no library that it names has')

    def test_a_wrong_abi_is_named(self):
        self.check_says(self.broken(".abi_minor = 0", ".abi_minor = 99"), "wants plugin ABI 1.99")

    def test_a_file_of_another_name_is_named(self):
        self.check_says(self.broken("", "", name="other"), "it says it is called ask-me")

    def test_a_fact_without_a_meaning_and_one_declared_twice_are_named(self):
        self.check_says(self.broken('"how many questions the letter asks"}', '""}'), "has no meaning")
        self.check_says(self.broken('    {"ask-me.questions", PM_FACT_NUMBER, "how',
                                    '    {"ask-me.questions", PM_FACT_NUMBER, "twice"},\n'
                                    '    {"ask-me.questions", PM_FACT_NUMBER, "how'), "is declared twice")

    def test_a_fact_that_is_not_declared_is_named(self):
        self.check_says(self.broken('.name = "ask-me.questions",', '.name = "ask-me.answers",'),
                        'reported "ask-me.answers", which is not declared')

    def test_a_default_out_of_its_range_is_named(self):
        self.check_says(self.broken('1000, "1"', '1000, "0"'), "is not within its own range, 1 to 1000")

    def test_a_crash_names_the_signal_and_the_letter(self):
        self.check_says(self.broken("int64_t count = 0;", "int64_t count = 0;\n"
                                    'if (own->host->letter_text(scan, "kind", 0, &text) == PM_OK &&\n'
                                    '    text.len == 5 && memcmp(text.data, "reply", 5) == 0)\n'
                                    "    *(volatile char *)16 = 1;"),
                        "it crashed with SIGSEGV while looking at a reply")

    def test_a_crash_under_hardship_names_it(self):
        self.check_says(self.broken("int64_t count = 0;", "int64_t count = 0;\n"
                                    "*(volatile char *)own->host->scratch(scan, 1) = 1;"),
                        "it crashed with SIGSEGV while looking at a cover letter, with little memory")

    def test_a_hang_names_the_letter(self):
        self.check_says(self.broken("int64_t count = 0;", "int64_t count = 0;\n"
                                    "for (volatile int i = 0;; i = 1)\n    ;"),
                        "it hangs: nothing happened for 1 seconds while looking at a cover letter",
                        options=("--timeout", "1"))

    def test_an_exit_is_noticed(self):
        self.check_says(self.broken("int64_t count = 0;", "int64_t count = 0;\nexit(0);"),
                        "it ended the whole program, with exit status 0, while looking at a cover letter")

    def test_state_that_threads_share_is_noticed(self):
        self.check_says(self.broken("int64_t count = 0;",
                                    "static volatile int64_t count; count++;"), "eight threads at once")

    def test_a_status_that_is_none_is_named(self):
        self.check_says(self.broken("return PM_ABSENT; /*", "return (pm_status)7; /*"), "which is no status")

    def test_a_file_that_is_broken_anywhere_is_survived(self):
        module = self.compile(self.source())
        with open(module, "rb") as file:
            whole = file.read()
        for size in (0, 10, 64, 500, len(whole) // 2, len(whole) - 1):
            with open(module, "wb") as file:
                file.write(whole[:size])
            done = self.run_any("patchmark", "plugin", "check", module)
            self.assertIn(done.returncode, (1, 2), done.stdout)
        for at in range(0, len(whole), 1999):
            with open(module, "wb") as file:
                file.write(whole[:at] + b"\xff" * 16 + whole[at + 16:])
            done = self.run_any("patchmark", "plugin", "check", "--timeout", "20", module)
            self.assertIn(done.returncode, (0, 1, 2), done.stdout)

    def test_an_answer_that_differs_from_the_expected_one_is_shown(self):
        module = self.compile(self.source())
        folder = tempfile.mkdtemp(dir=self.root)
        mail = shutil.copy(os.path.join(self.folder, "samples", "questions.eml"), folder)
        with open(os.path.join(folder, "questions.facts"), "w") as file:
            file.write("ask-me.questions 3\n")
        done = self.run_any("patchmark", "plugin", "check", module, mail)
        self.assertEqual(done.returncode, 1)
        self.assertIn('found "ask-me.questions 2", but', done.stdout)

    def test_settings_are_given_and_checked(self):
        module = self.compile(self.source())
        self.assertIn("fine.", self.run_ok("patchmark", "plugin", "check", "--settings", "least 3", module))
        self.check_says(module, "--settings", options=("--settings", "most 3"))


if __name__ == "__main__":
    unittest.main(verbosity=1)
