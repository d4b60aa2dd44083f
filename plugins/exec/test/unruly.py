#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""unruly - a program for the plugin exec that behaves as badly as its first argument says.

The second argument is a folder: each start adds a line to `starts` in it, and the test may put a
file `calm` there, from which on the program behaves. What it reports is word.count, the number of
words in the title, and echo, the title itself.
"""

import os
import signal
import subprocess
import sys
import time

how, folder = sys.argv[1], sys.argv[2]
source, sink = sys.stdin.buffer, sys.stdout.buffer


def is_calm():
    return os.path.exists(os.path.join(folder, "calm"))


def count_start():
    with open(os.path.join(folder, "starts"), "a") as starts:
        starts.write(f"{os.getpid()}\n")
    with open(os.path.join(folder, "starts")) as starts:
        return len(starts.readlines())


def say(line):
    sink.write(line + b"\n")
    sink.flush()


def hang():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(1000)


def greet():
    for line in (version, b"field title", b"field text", b"field path", b"field part",
                 b"need project", b"fact word.count number how many words the title has",
                 b"fact echo text the title", *extra, b"ready"):
        say(line)


def flood(stream):
    while True:
        stream.write(b"x" * 99 + b"\n")
        stream.flush()


def letters():
    """The id and title of each, the title as it was sent."""
    title = b""
    for line in source:
        line = line[:-1]
        if line.startswith(b"field title "):
            title = line[12:]
        if line.startswith(b"letter "):
            number, title = line.split(b" ")[1], b""
        if line.startswith(b"end "):
            yield number, title


def answer(number, title, unusual=b"word.count"):
    say(b"fact %s %s 1 %d" % (number, unusual, len(title.split())))
    say(b"fact %s echo 2.5 %s" % (number, title))
    say(b"reason %s because 100%%25 of it is there" % number)
    say(b"done " + number)


starts = count_start()
version, extra = b"patchmark-exec 1", []

# Before the greeting.
if not is_calm():
    if how == "silent":
        hang()
    if how == "dies-at-once" or (how == "dies-later" and starts > 1):
        print("this is why", file=sys.stderr)
        sys.exit(7)
    if how == "old":
        version = b"patchmark-exec 0"
    if how == "other-greeting" and starts > 1:
        extra = [b"field total"]
    if how == "unknown-field":
        extra = [b"field titel"]
    if how == "endless-greeting":
        while True:
            say(b"field x%d" % time.monotonic_ns())
greet()
if how == "dead-reader" and not is_calm():
    hang()

seen = 0
for number, title in letters():
    seen += 1
    if is_calm() or title.startswith(b"calm"):
        answer(number, title)
    elif how == "hangs":
        hang()
    elif how == "hangs-halfway":
        say(b"fact %s word.count 1 5" % number)
        hang()
    elif how == "third-crashes" and seen == 3:
        os.kill(os.getpid(), signal.SIGSEGV)
    elif how == "garbage":
        say(b"\x00\xff\x1b[31m what?")
    elif how == "other-id":
        answer(b"4711", title)
    elif how == "undeclared":
        answer(number, title, unusual=b"word.cuont")
    elif how == "wrong-type":
        say(b"fact %s word.count 1 many" % number)
        say(b"done " + number)
    elif how == "endless-line":
        while True:
            sink.write(b"x" * 1000)
    elif how == "endless-answer":
        while True:
            say(b"fact %s word.count 1 1" % number)
    elif how == "floods-errors":
        flood(sys.stderr.buffer)
    elif how == "closes-output":
        os.close(1)
        hang()
    elif how == "stops":
        os.kill(os.getpid(), signal.SIGSTOP)
    elif how == "says-twice":
        answer(number, title)
        answer(number, title)
    elif how == "sorry":
        say(b"sorry %s not today" % number)
    elif how == "grandchild":
        child = subprocess.Popen(["sleep", "1000"])
        with open(os.path.join(folder, "child"), "w") as pid:
            pid.write(str(child.pid))
        os._exit(0)
    else:
        answer(number, title)
