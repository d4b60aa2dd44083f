#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""conversation - a patchmarkd, one miltertest script, and what it must have logged.

usage: conversation.py BUILD SCRIPT.lua

A line "-- log: PATTERN" in the script is a regular expression that must match a line of the log.
"""

import os
import re
import shutil
import subprocess
import sys

import mta

CONFIGURATION = """\
socket unix:{folder}/socket
allow-root yes
plugin-directory "{build}/plugins-available"
allow {{
    discard yes
    reject yes
}}
limits {{
    body 64K
    headers 400
}}
include "{here}/test.rules"
"""


def main(build, script):
    if shutil.which("miltertest") is None:
        print("skipped: miltertest (package miltertest) is not installed")
        return mta.SKIPPED
    here = os.path.dirname(os.path.abspath(__file__))
    folder = mta.make_folder()
    daemon = mta.Patchmarkd(os.path.join(build, "patchmarkd"), folder,
                            CONFIGURATION.format(folder=folder, build=build, here=here))
    try:
        daemon.start()
        talked = subprocess.run(
            ["miltertest", "-D", f"SOCKET=unix:{folder}/socket",
             "-D", f"FOLDER={os.path.dirname(os.path.abspath(script))}", "-s", script],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False)
        status = daemon.stop()
        failures = []
        if talked.returncode != 0:
            failures.append(f"miltertest exited with {talked.returncode}:\n{talked.stdout}{talked.stderr}")
        if status != 0:
            failures.append(f"patchmarkd exited with {status}")
        log = daemon.log()
        with open(script, encoding="utf-8") as lines:
            for pattern in re.findall(r"^-- log: (.*)$", lines.read(), re.MULTILINE):
                if re.search(pattern, log) is None:
                    failures.append(f"no line of the log matches {pattern!r}")
        if failures:
            print("\n".join(failures), "\npatchmarkd's log:\n" + log, sep="")
        return 1 if failures else 0
    finally:
        daemon.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
