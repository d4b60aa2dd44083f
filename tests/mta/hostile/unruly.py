#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""unruly - a program for the plugin exec that hangs, crashes, floods or talks nonsense at a word in the title."""

import os
import sys
import time

TITLE = "field title "


def say(text):
    print(text, flush=True)


def misbehave(title):
    if "hang program" in title:
        time.sleep(3600)
    if "crash program" in title:
        os.abort()
    while "flood program" in title:
        say("fact 1 program.seen 1 1")
    while "complain program" in title:
        print("x" * 10000, file=sys.stderr, flush=True)
    if "nonsense program" in title:
        say("\x00\xff fact done 1 2 3")


def main():
    for line in ("patchmark-exec 1", "field title", "fact program.seen number 1: it came through", "ready"):
        say(line)
    title = ""
    for line in sys.stdin:
        if line.startswith(TITLE):
            title = line[len(TITLE):]
        if line.startswith("end "):
            number = line.split()[1]
            misbehave(title)
            say(f"fact {number} program.seen 1 1")
            say(f"done {number}")
            title = ""


main()
