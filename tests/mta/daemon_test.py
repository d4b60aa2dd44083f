#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""daemon_test - patchmarkd as a process: its socket, its signals, its end; and what goes over the wire.

usage: daemon_test.py BUILD [unittest's arguments]
"""

import grp
import os
import pwd
import re
import signal
import socket
import stat
import subprocess
import sys
import time
import unittest

import mta

BUILD = os.path.abspath(sys.argv.pop(1))
HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.join(BUILD, "patchmarkd")

BASE = f"""\
allow-root yes
plugin-directory "{BUILD}/plugins-available"
allow {{
    discard yes
    reject yes
}}
include "{HERE}/test.rules"
"""

COVER = [(b"From", b"Writer <writer@example.org>"), (b"Message-ID", b"<cover@example.org>"),
         (b"Subject", b"[PATCH demo v2 0/3] demo: Say more"), (b"To", b"dev@demo.lists.example.org")]


def names(edits):
    """The header fields that are put on top, as they will stand there."""
    return [edit[2].decode() for edit in reversed(edits) if edit[0] == "i"]


class DaemonTest(mta.DaemonCase):
    def daemon(self, configuration="", name="patchmarkd", where=None):
        where = f"unix:{self.socket}" if where is None else where
        return self.new_daemon(BUILD, f"socket {where}\n{BASE}{configuration}", name)

    def expect_refusal(self, daemon, sentence):
        """It does not start, says why, and exits with 2."""
        daemon.launch()
        status = daemon.process.wait(timeout=30)
        self.assertRegex(daemon.log(), sentence)
        self.assertEqual(status, 2)

    def expect_service(self):
        conversation = mta.Conversation(self.socket)
        edits, answer = conversation.send(COVER)
        conversation.close()
        self.assertEqual(answer, "c")
        self.assertIn("Patchmark-Kind", names(edits))

    # ---- What goes over the wire

    def test_edits_come_in_one_burst_with_removals_from_the_last_to_the_first(self):
        self.daemon().start()
        conversation = mta.Conversation(self.socket)
        forged = [(b"Patchmark-Kind", b"reply"), (b"Patchmark-Inbox", b"<a.b>"),
                  (b"PATCHMARK-KIND", b"pull"), (b"patchmark-kind", b"cover")]
        edits, answer = conversation.send(forged + COVER)
        conversation.close()
        self.assertEqual(answer, "c")
        removals = [edit[1:] for edit in edits if edit[0] == "m"]
        self.assertEqual([(index, value) for index, name, value in removals
                          if name == b"patchmark-kind"], [(3, b""), (2, b""), (1, b"")])
        self.assertEqual([(index, value) for index, name, value in removals
                          if name == b"patchmark-inbox"], [(1, b"")])
        self.assertEqual(len(removals), 4)
        self.assertEqual([edit[0] for edit in edits[:4]], ["m"] * 4, "removals come first")
        self.assertEqual({edit[1] for edit in edits[4:]}, {0}, "each on top of the one before")
        self.assertEqual(names(edits)[:2], ["Patchmark-Results", "Patchmark-Kind"])

    def test_a_value_has_no_leading_space_and_is_folded_for_the_mta(self):
        self.daemon("instance a-rather-long-name-of-a-mail-server.in-a-department.example.org\n").start()
        conversation = mta.Conversation(self.socket)
        edits, _ = conversation.send(COVER)
        conversation.close()
        values = [edit[3] for edit in edits if edit[0] == "i"]
        self.assertTrue(any(b"\n\t" in value for value in values), "nothing had to be folded")
        for value in values:
            self.assertNotRegex(value, rb"^[ \t]|\r|\n[^\t]|[^\n\t -~]")

    def test_steps_that_are_not_needed_are_not_asked_for_and_none_is_answered(self):
        self.daemon().start()
        conversation = mta.Conversation(self.socket)
        for step in "CHNT":
            self.assertTrue(conversation.steps & mta.NOT_SENT[step], step)
        for step in "MRLB":
            self.assertTrue(conversation.steps & mta.NOT_ANSWERED[step], step)
        conversation.close()

    def test_another_clients_conversation_on_the_same_connection_is_examined_too(self):
        self.daemon().start()
        conversation = mta.Conversation(self.socket)
        self.assertEqual(conversation.send(COVER)[1], "c")
        conversation.put("K")  # "quit, new connection follows": it is not negotiated again
        edits, answer = conversation.send([(b"Patchmark-Kind", b"forged")] + COVER)
        self.assertEqual(answer, "c")
        self.assertEqual(edits[0], ("m", 1, b"patchmark-kind", b""))
        self.assertIn("Patchmark-Kind", names(edits))
        conversation.close()

    def test_odd_bytes_are_passed_over(self):
        self.daemon().start()
        for junk in (b"GET / HTTP/1.1\r\n\r\n", b"\0" * 100, b"\xff" * 100, b"\0\0\0\x01Z"):
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(self.socket)
                client.sendall(junk)
        conversation = mta.Conversation(self.socket)
        references = b"\n ".join(b"<%040d@example.org>" % i for i in range(1100))
        self.assertGreater(len(references), 60000)
        edits, answer = conversation.send(COVER + [(b"References", references)],
                                          b"a\0b\r\n" * 1000 + b"\xe2\x82")
        conversation.close()
        self.assertEqual(answer, "c")
        self.assertIn("Patchmark-Kind", names(edits))
        self.expect_service()

    # ---- Its socket

    def test_a_second_one_does_not_take_a_live_socket(self):
        self.daemon().start()
        self.expect_refusal(self.daemon(name="second"), r"another patchmarkd listens there, process \d+")
        self.expect_service()

    def test_a_socket_another_program_listens_at_is_not_taken(self):
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(self.socket)
            other.listen()
            self.expect_refusal(self.daemon(), "another program listens there")
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(self.socket)

    def test_a_file_that_is_no_socket_is_not_removed(self):
        with open(self.socket, "w", encoding="utf-8") as file:
            file.write("precious")
        self.expect_refusal(self.daemon(), "is there and is no socket")
        with open(self.socket, encoding="utf-8") as file:
            self.assertEqual(file.read(), "precious")

    def test_a_lock_that_is_another_name_of_a_file_is_not_emptied(self):
        precious = os.path.join(self.folder, "precious")
        with open(precious, "w", encoding="utf-8") as file:
            file.write("precious")
        os.link(precious, self.socket + ".lock")
        self.expect_refusal(self.daemon(), r"socket\.lock: is there and is not patchmarkd's own")
        with open(precious, encoding="utf-8") as file:
            self.assertEqual(file.read(), "precious")

    def test_a_socket_left_by_a_dead_one_is_taken_over(self):
        first = self.daemon()
        first.start()
        first.stop(signal.SIGKILL)
        self.assertTrue(stat.S_ISSOCK(os.stat(self.socket).st_mode))
        self.daemon(name="second").start()
        self.expect_service()

    def test_a_folder_that_is_not_there_is_named(self):
        self.expect_refusal(self.daemon(where=f"unix:{self.folder}/nowhere/socket"),
                            "nowhere/socket: its folder does not exist")

    def test_a_port_in_use_is_not_taken_and_a_free_one_is(self):
        port = mta.free_port()
        with socket.socket() as other:
            other.bind(("127.0.0.1", port))
            other.listen()
            self.expect_refusal(self.daemon(where=f"inet:127.0.0.1:{port}"),
                                f"port {port} of 127.0.0.1: another program listens there")
        self.daemon(where=f"inet:{port}@127.0.0.1", name="second").start()
        with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
            client.sendall(b"\0\0\0\x0dO\0\0\0\x06\0\0\x01\xff\0\x1f\xff\xff")
            self.assertEqual(client.recv(5), b"\0\0\0\x0dO")

    def test_the_socket_has_the_mode_and_the_group_of_the_configuration(self):
        group = grp.getgrgid(os.getgroups()[-1] if os.geteuid() else 65534)
        self.daemon(f"socket-mode 0620\nsocket-group {group.gr_name}\n").start()
        there = os.stat(self.socket)
        self.assertEqual(stat.S_IMODE(there.st_mode), 0o620)
        self.assertEqual(there.st_gid, group.gr_gid)

    def test_a_group_that_is_not_there_is_named(self):
        self.expect_refusal(self.daemon("socket-group no-such-group\n"),
                            'socket-group "no-such-group": there is no such group')
        self.assertFalse(os.path.exists(self.socket), "nothing is left behind")

    @unittest.skipIf(os.geteuid() != 0, "not root, who may become somebody else")
    def test_a_socket_that_was_left_before_it_had_its_mode_is_taken_over(self):
        os.chown(self.folder, 65534, 65534)
        left = socket.socket(socket.AF_UNIX)
        left.bind(self.socket)
        left.close()
        os.chown(self.socket, 65534, 65534)
        os.chmod(self.socket, 0)
        daemon = self.daemon()
        os.chmod(self.folder, 0o755)
        self.assertNotIn("is somebody listening", self.start_as(daemon, 65534))

    def start_as(self, daemon, user):
        """Start it as another user until it serves or gives up, end it, and give its log."""
        for parent in (BUILD, os.path.dirname(BUILD)):
            if not os.access(parent, os.X_OK):
                self.skipTest(f"{parent} is not for everybody")
        with open(daemon.log_file, "ab") as log:
            daemon.process = subprocess.Popen([PROGRAM, "-c", daemon.file], stdin=subprocess.DEVNULL, stdout=log,
                                              stderr=log, user=user, group=user, extra_groups=[])
        mta.wait_for("its start or its end", lambda: "event=started" in daemon.log()
                     or daemon.process.poll() is not None)
        self.assertIn("event=started", daemon.log())
        daemon.stop(signal.SIGINT)
        return daemon.log()

    # ---- Its configuration

    def test_a_mistake_is_named_with_its_file_and_line(self):
        daemon = self.daemon("\n\nsocket-mod 0600\n")
        line = 2 + BASE.count("\n") + 2
        self.expect_refusal(daemon, re.escape(f"{daemon.file}:{line}:1: "))
        checked = subprocess.run([PROGRAM, "-t", "-c", daemon.file], capture_output=True, text=True,
                                 check=False, timeout=30)
        self.assertEqual(checked.returncode, 2)
        self.assertIn(f"{daemon.file}:{line}:1: ", checked.stderr)

    def test_a_reload_that_is_asked_for_while_it_starts_comes_after_the_start(self):
        """Reading the configuration takes as long as the slowest program of the plugin exec."""
        program, began, proceed = (os.path.join(self.folder, name) for name in ("slow.sh", "began", "go"))
        with open(program, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\n: >{began}\nwhile [ ! -e {proceed} ]; do sleep 0.05; done\n"
                       "printf 'patchmark-exec 1\\nfield title\\nfact slow.word text a word\\nready\\n'\n"
                       "cat >/dev/null\n")
        os.chmod(program, 0o755)
        os.chmod(self.folder, 0o755)
        daemon = self.daemon("plugins project thread subsystem revision exec\nplugin exec {\n    program slow {\n"
                             f"        command {program}\n        user {pwd.getpwuid(os.geteuid()).pw_name}\n"
                             "        start 60s\n        processes 1\n    }\n}\n")
        daemon.launch()
        mta.wait_for("its program", lambda: os.path.exists(began))
        daemon.process.send_signal(signal.SIGUSR1)
        with open(proceed, "w", encoding="utf-8"):
            pass
        daemon.wait_for_log("event=reloaded")
        self.assertLess(daemon.log().index("event=started"), daemon.log().index("event=reloaded"))
        self.expect_service()

    def test_options_have_long_names(self):
        for option, said in (("--help", "usage: patchmarkd"), ("--version", "patchmarkd ")):
            done = subprocess.run([PROGRAM, option], capture_output=True, text=True, check=False, timeout=30)
            self.assertEqual((done.returncode, done.stdout[:len(said)]), (0, said))

    @unittest.skipIf(os.geteuid() != 0, "not root")
    def test_root_is_refused(self):
        daemon = self.daemon()
        daemon.configure(f"socket unix:{self.socket}\n" + BASE.replace("allow-root yes", ""))
        self.expect_refusal(daemon, "does not run as root")

    def test_a_good_configuration_takes_over_and_a_bad_one_does_not(self):
        daemon = self.daemon()
        daemon.start()
        idle = mta.Conversation(self.socket)
        busy = mta.Conversation(self.socket, steps=mta.ALL_STEPS & ~mta.NOT_ANSWERED["B"])
        busy.begin()
        for name, value in COVER:
            busy.header(name, value)
        busy.step("B", b"x")  # which is answered: now it has begun, on the other side too

        daemon.configure(f"socket unix:{self.socket}\nfield-prefix Site-\n{BASE}")
        daemon.process.send_signal(signal.SIGUSR1)
        daemon.wait_for_log("event=reloaded")
        self.assertIn("Site-Kind", names(idle.send(COVER)[0]), "an open connection has the new one")
        self.assertIn("Patchmark-Kind", names(busy.finish()[0]), "a message keeps what it began with")
        self.assertIn("Site-Kind", names(busy.send(COVER)[0]))

        daemon.configure("field-prefix Broken-\nno-such-statement\n")
        daemon.process.send_signal(signal.SIGUSR1)
        daemon.wait_for_log("event=reload-failed")
        self.assertRegex(daemon.log(), re.escape(f"{daemon.file}:2:1: "))
        self.assertIn("Site-Kind", names(idle.send(COVER)[0]))
        idle.close()
        busy.close()

    def test_what_a_shadow_would_change_is_logged_and_not_done(self):
        daemon = self.daemon("shadow next {\n"
                             "    rule all {\n        why \"w\"\n        when kind == cover\n"
                             "        then inbox \"elsewhere\", discard, tag \"all\"\n    }\n"
                             "    rule never {\n        why \"w\"\n        when title ~ /zebra/\n"
                             "        then tag \"zebra\"\n    }\n}\n"
                             "shadow idle {\n    rule never {\n        why \"w\"\n"
                             "        when title ~ /zebra/\n        then tag \"zebra\"\n    }\n}\n")
        daemon.start()
        conversation = mta.Conversation(self.socket)
        edits, answer = conversation.send(COVER)
        conversation.close()
        self.assertEqual(answer, "c")
        self.assertNotIn(b"elsewhere", b"".join(edit[3] for edit in edits))
        self.assertNotIn("Patchmark-Tag", names(edits))
        daemon.wait_for_log("event=shadow ")
        lines = [line for line in daemon.log().splitlines() if "event=shadow " in line]
        self.assertEqual(len(lines), 1, "idle would change nothing")
        self.assertRegex(lines[0], r"queue-id=\S+ message-id=cover@example.org name=next "
                                   r"changes=inbox,tags,discard inbox=unsorted.demo "
                                   r"would-be=elsewhere.demo rules=patchmarkd.conf:all$")

    # ---- Its end

    def test_a_message_that_never_ends_does_not_hold_up_the_end(self):
        daemon = self.daemon()
        daemon.start()
        answered, waiting = mta.Conversation(self.socket), mta.Conversation(self.socket)
        self.assertEqual(answered.send(COVER)[1], "c")
        waiting.begin()
        waiting.header(*COVER[0])
        time.sleep(0.2)
        daemon.process.send_signal(signal.SIGTERM)
        daemon.expect_notice(b"STOPPING=1")
        self.assertEqual(daemon.process.wait(timeout=30), 0)
        self.assertIn("event=stopped left-to-the-mta=1\n", daemon.log())
        self.assertFalse(os.path.exists(self.socket), "the socket is left behind")
        for conversation in answered, waiting:
            with self.assertRaises(ConnectionError):
                conversation.finish()
            conversation.socket.close()


if __name__ == "__main__":
    unittest.main(verbosity=2)
