# SPDX-License-Identifier: BSD-2-Clause
"""patchmark_exec - what a program for patchmark's plugin exec needs to say, in Python 3.

Put this file beside your program and write a function that looks at a letter:

    import patchmark_exec

    def look(letter):
        if "urgent" in letter.first("title").lower():
            yield patchmark_exec.Fact("subject.urgent", 1, reason="it says so")

    patchmark_exec.serve(look, fields=["title"],
                         facts={"subject.urgent": (int, "1 when the subject says urgent")})

serve() greets patchmark, hands every letter to look(), sends the facts it yields, and returns when
patchmark has closed the input. An exception in look() costs that one letter its facts: its last line
is sent in their place, its traceback goes to patchmark's log.

print() must not be used: standard output belongs to the protocol. What is written to sys.stderr
stands in patchmark's log. The protocol: protocol.md.
"""

import sys
import traceback
from urllib.parse import unquote_to_bytes

VERSION = "patchmark-exec 1"


class Fact:
    """Something found in a letter: the name of a fact that serve() was told of, and its value.

    weight: how much it speaks for itself among facts of one name, above 0.
    reason: why, as a phrase for people; `patchmark explain` shows it.
    """

    def __init__(self, name, value, weight=1, reason=""):
        self.name, self.value, self.weight, self.reason = name, value, weight, reason


class Letter:
    """What patchmark sent of a letter: the fields and facts that serve() asked for.

    Values are text. Bytes that are no UTF-8 (mail may hold any) become surrogates, as everywhere in
    Python: value.encode("utf-8", "surrogateescape") has the bytes.
    """

    def __init__(self):
        self.values = {}

    def all(self, name):
        """Every value of a field or fact, in its order; empty when there is none."""
        return self.values.get(name, [])

    def first(self, name, otherwise=""):
        """The first value of a field or fact."""
        return self.all(name)[0] if self.all(name) else otherwise


def unescape(value):
    """The text behind a value's bytes as they stand in a line: %XX is the byte XX."""
    return unquote_to_bytes(value).decode("utf-8", "surrogateescape")


def escape(value):
    """The bytes to put in a line for a value: "%", control bytes but TAB, and DEL become %XX."""
    written = bytearray()
    for byte in str(value).encode("utf-8", "replace"):
        if byte == 0x25 or byte == 0x7F or (byte < 0x20 and byte != 0x09):
            written += b"%%%02X" % byte
        else:
            written.append(byte)
    return bytes(written)


def shorten(text, limit=1024):
    """Texts and reasons may have 1,024 bytes."""
    return text.encode("utf-8", "replace")[:limit].decode("utf-8", "ignore")


def say(*lines):
    """Send lines, at once: patchmark is waiting."""
    sys.stdout.buffer.write(b"".join(line + b"\n" for line in lines))
    sys.stdout.buffer.flush()


def greet(fields, needs, facts):
    lines = [VERSION.encode()]
    lines += [b"field " + name.encode() for name in fields]
    lines += [b"need " + name.encode() for name in needs]
    for name, (kind, meaning) in facts.items():
        lines.append(b"fact %s %s %s" % (name.encode(), b"number" if kind is int else b"text",
                                         escape(meaning)))
    say(*lines, b"ready")


def read_letter(source):
    """The next letter's id and content; (None, None) when there is none any more."""
    number, letter = None, Letter()
    for line in source:
        verb, _, rest = line.rstrip(b"\n").partition(b" ")
        if verb == b"letter":
            number = rest.split(b" ")[0]
        elif verb == b"field":
            name, _, value = rest.partition(b" ")
            letter.values.setdefault(name.decode(), []).append(unescape(value))
        elif verb == b"fact":
            name, _weight, value = rest.split(b" ", 2)
            letter.values.setdefault(name.decode(), []).append(unescape(value))
        elif verb == b"end":
            return number, letter
        # Anything else is from a newer patchmark, or its greeting; it may be passed over.
    return None, None


def answer(number, found):
    """The lines that report facts."""
    lines = []
    for fact in found:
        value = fact.value if isinstance(fact.value, int) else shorten(fact.value)
        lines.append(b"fact %s %s %s %s" % (number, fact.name.encode(),
                                            f"{fact.weight:.6f}".encode(), escape(value)))
        if fact.reason:
            lines.append(b"reason %s %s" % (number, escape(shorten(fact.reason))))
    return lines + [b"done " + number]


def serve(look, fields, facts, needs=()):
    """Answer letters until patchmark goes away.

    look:   called with each Letter; returns or yields Facts (None: there are none)
    fields: what to be sent of a letter; `patchmark plugin list --fields` prints all there are
    needs:  facts of other plugins to be sent, for instance "project"
    facts:  name -> (int or str, a sentence that says what it means): all that look() may report
    """
    greet(fields, needs, facts)
    while True:
        number, letter = read_letter(sys.stdin.buffer)
        if number is None:
            return
        try:
            # All of it before any of it is sent: patchmark wants whole answers.
            lines = answer(number, list(look(letter) or ()))
        except Exception as error:  # one letter's trouble must not be the next one's
            traceback.print_exc()
            lines = [b"sorry %s %s" % (number, escape(shorten(f"{type(error).__name__}: {error}")))]
        say(*lines)
