# SPDX-License-Identifier: BSD-2-Clause
"""demo - a dozen letters through a private Postfix with patchmarkd as its milter, and where they end up.

usage: demo.py BUILD
"""

import email
import email.header
import glob
import os
import re
import shutil
import signal
import sys
import time

import mta

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
LETTERS = sorted(glob.glob(os.path.join(HERE, "demo", "*.eml")))

CONFIGURATION = """\
socket unix:{folder}/queue/patchmark/patchmark.sock
socket-group postfix
allow-root yes
instance demo.example.org
plugin-directory "{folder}/plugins"
include "{source}/rules/*.rules"
project linux {{
    lists       "*.lists.example.org"
    maintainers "{here}/demo/linux.maintainers"
}}
project qemu {{
    maintainers "{here}/demo/qemu.maintainers"
}}
"""

# A delivery agent for each message. It may not be root's.
SERVICES = """\
inbox unix - n n - - pipe
  flags=q user=nobody argv={folder}/file-by-inbox {folder}/mail
"""

ON_YOUR_OWN = """\
On a mail server of yours (/etc/patchmark/patchmark.conf names the socket; `patchmark check` prints these
lines for it):

  Postfix, main.cf:
    smtpd_milters = { unix:patchmark/patchmark.sock, default_action=accept }
    non_smtpd_milters = $smtpd_milters
    # patchmark.conf: socket unix:/var/spool/postfix/patchmark/patchmark.sock

  Sendmail, sendmail.mc:
    INPUT_MAIL_FILTER(`patchmark', `S=local:/run/patchmark/patchmark.sock')dnl
    dnl no F= flag: mail passes when the filter is away
    dnl patchmark.conf: socket unix:/run/patchmark/patchmark.sock
"""


def cut(text, width):
    return text if len(text) <= width else text[:width - 3] + "..."


def decoded(value):
    return str(email.header.make_header(email.header.decode_header(re.sub(r"\s*\n\s*", " ", value))))


def read(path):
    with open(path, "rb") as file:
        return email.message_from_binary_file(file)


def table(rows):
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def row(path, letter):
    part = letter.get("Patchmark-Part", "")
    revision = letter.get("Patchmark-Revision", "")
    return [cut(decoded(letter["Subject"]), 52), letter.get("Patchmark-Kind", "-"),
            letter.get("Patchmark-Project", "-"), letter.get("Patchmark-Subsystem", "-"),
            (f"v{revision} {part}" if revision else "-").strip(),
            os.path.basename(os.path.dirname(os.path.dirname(path)))]


def show_fields(letter):
    for name, value in letter.items():
        if name.lower().startswith("patchmark-"):
            print("    " + f"{name}: {value}".replace("\n", "\n    "))


def delivered(folder):
    """Path and message of each letter, in the order they were sent."""
    found = {}
    for path in glob.glob(os.path.join(folder, "mail", "*", "new", "*")):
        letter = read(path)
        found[letter["Message-ID"]] = (path, letter)
    return [found[read(path)["Message-ID"]] for path in LETTERS]


def show(folder):
    letters = delivered(folder)
    print()
    table([["subject", "kind", "project", "subsystem", "revision", "inbox"]] +
          [row(path, letter) for path, letter in letters])

    print("\nThe fields of the second one, for any mail filter to sort by:\n")
    show_fields(letters[1][1])

    forged = next(i for i, path in enumerate(LETTERS) if "forged" in path)
    print("\nOne of them brought fields of its own along:\n")
    show_fields(read(LETTERS[forged]))
    print("\nand was delivered without them:\n")
    show_fields(letters[forged][1])

    mail = os.path.join(folder, "mail")
    print(f"\nThe letters lie in {mail}, a Maildir for each inbox:\n")
    for inbox in sorted(os.listdir(mail)):
        count = len(os.listdir(os.path.join(mail, inbox, "new")))
        print(f"    {count:2}  {inbox}")
    remove = "sudo rm -r" if "SUDO_UID" in os.environ else "rm -r"
    print(f"\n({remove} {folder} when you have seen enough.)\n")


def run(build, folder):
    mta.take_plugins(build, folder)
    postfix = mta.Postfix(folder, "inbox", "{ unix:patchmark/patchmark.sock, default_action=accept }",
                          SERVICES.format(folder=folder))
    daemon = mta.Patchmarkd(os.path.join(build, "patchmarkd"), folder,
                            CONFIGURATION.format(folder=folder, here=HERE, source=SOURCE))
    shutil.copy(os.path.join(HERE, "demo", "file-by-inbox"), folder)
    os.mkdir(os.path.join(folder, "mail"))
    shutil.chown(os.path.join(folder, "mail"), "nobody")
    os.mkdir(os.path.join(folder, "queue", "patchmark"))
    try:
        daemon.start()
        postfix.start()
        print(f"A private Postfix listens at 127.0.0.1:{postfix.port}, with patchmarkd as its milter.")
        began = time.monotonic()
        for path in LETTERS:
            with open(path, "rb") as file:
                postfix.send(file.read().replace(b"\n", b"\r\n"))
        mta.wait_for("the letters to arrive", lambda: len(glob.glob(
            os.path.join(folder, "mail", "*", "new", "*"))) == len(LETTERS), 60)
        took = time.monotonic() - began
        print(f"{len(LETTERS)} letters were sent by SMTP and delivered in {took:.1f} s.")
        show(folder)
        print(ON_YOUR_OWN)
    except AssertionError:
        print(daemon.log() + postfix.log(), file=sys.stderr)
        raise
    finally:
        print("Stopping both.", flush=True)
        postfix.stop()
        daemon.stop()


def main(build):
    missing = mta.postfix_is_missing()
    if missing is not None:
        print(f"demo: {missing}", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # through every finally
    folder = mta.make_folder("patchmark-demo-")
    try:
        run(os.path.abspath(build), folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    for leftover in ("conf", "data", "plugins", "queue"):
        shutil.rmtree(os.path.join(folder, leftover), ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
