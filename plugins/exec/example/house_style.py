#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""house_style - a program for patchmark's plugin exec: does a patch add lines that are too long?

    program house-style {
        command "/usr/share/patchmark/exec/house_style.py" --width 80
    }

It reports one fact, style.long-lines: how many lines wider than so many columns the patch adds. A
rule then says what that means:

    rule long-lines {
        why  "Whoever reviews this will say so anyway"
        when style.long-lines >= 3
        then tag "long-lines"
    }

It is an example: copy it, and patchmark_exec.py beside it, and change look(). Try it by hand with
`patchmark explain MAIL`.
"""

import argparse
import re

import patchmark_exec

HUNK = re.compile(r"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


def added_lines(text):
    """(path, number in the new file, line) for each line that the diffs in a text add."""
    path, number, old_left, new_left = "", 0, 0, 0
    for line in text.splitlines():
        if old_left <= 0 and new_left <= 0:
            hunk = HUNK.match(line)
            if line.startswith("+++ "):
                path = line[4:].split("\t")[0].removeprefix("b/")
            elif hunk:
                old_left, number, new_left = (
                    int(hunk[1] or 1), int(hunk[2]), int(hunk[3] or 1))
            continue
        # A hunk has as many lines as it says, so that "-- " below a diff is not taken for one.
        if line.startswith("+"):
            yield path, number, line[1:]
        if not line.startswith("-"):
            number += 1
            new_left -= 1
        if not line.startswith("+"):
            old_left -= 1


def width_of(line):
    """In columns: a tab goes on to the next multiple of eight."""
    return len(line.expandtabs(8))


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--width", type=int, default=100, help="columns a line may have")
    width = options.parse_args().width

    def look(letter):
        long = [(path, number) for path, number, line in added_lines(letter.first("text"))
                if width_of(line) > width]
        if long:
            path, number = long[0]
            yield patchmark_exec.Fact("style.long-lines", len(long),
                                      reason=f"{path}:{number} is the first of them")

    patchmark_exec.serve(look, fields=["text"], facts={
        "style.long-lines": (int, f"how many lines of more than {width} columns the patch adds"),
    })


if __name__ == "__main__":
    main()
