# SPDX-License-Identifier: BSD-2-Clause
"""series_mail - made-up series as an MTA hands them over: covers, patches, replies, and the next revision.

The same numbers give the same letters. What they must be marked with is told beside them.
"""


class Letter:
    """One letter, and what is true of it: its series' root, and its part (None: a reply)."""

    def __init__(self, series, name, subject, body, part=None, parent=None):
        self.series, self.part, self.parent = series, part, parent
        self.id = f"{name}.{series.number}.v{series.revision}@example.org"
        self.root, self.body = series.root, body
        self.headers = [
            (b"From", series.author.encode()), (b"To", b"dev@demo.lists.example.org"),
            (b"Date", f"{1 + series.revision:02d} Nov 2026 10:{series.number % 60:02d}:"
                      f"{part or 0:02d} +0000".encode()),
            (b"Message-ID", f"<{self.id}>".encode()), (b"Subject", subject.encode())]
        if parent is not None:
            self.headers.append((b"In-Reply-To", f"<{parent}>".encode()))

    @property
    def kind(self):
        return "reply" if self.part is None else "cover" if self.part == 0 else "patch"


class Series:
    """One revision of a patch set: letters[0] is the cover."""

    PARTS = 3

    def __init__(self, number, revision):
        self.number, self.revision = number, revision
        self.author = f"Writer {number} <writer{number}@example.org>"
        self.root = f"cover.{number}.v{revision}@example.org"
        self.title = f"demo: Teach gadget {number} to count"
        self.letters = [self.cover()] + [self.patch(part) for part in range(1, self.PARTS + 1)]
        self.letters += [self.reply(self.letters[0]), self.reply(self.letters[-1])]

    @property
    def predecessor(self):
        return f"cover.{self.number}.v{self.revision - 1}@example.org" if self.revision > 1 else None

    def tag(self, part):
        return f"[PATCH demo v{self.revision} {part}/{self.PARTS}]"

    def patch_title(self, part):
        return f"demo: Step {part} of gadget {self.number}"

    def path(self, part):
        return f"demo/gadget{self.number}/step{part}.c"

    def cover(self):
        titles = "\r\n".join(f"  {self.patch_title(part)}" for part in range(1, self.PARTS + 1))
        rows = "\r\n".join(f" {self.path(part)} | 2 +-" for part in range(1, self.PARTS + 1))
        body = (f"It counts now.\r\n\r\nWriter {self.number} ({self.PARTS}):\r\n{titles}\r\n\r\n{rows}\r\n"
                f" {self.PARTS} files changed, {self.PARTS} insertions(+), {self.PARTS} deletions(-)\r\n")
        return Letter(self, "cover", f"{self.tag(0)} {self.title}", body.encode(), 0)

    def patch(self, part):
        path = self.path(part)
        body = (f"One step.\r\n---\r\n {path} | 2 +-\r\n 1 file changed, 1 insertion(+), 1 deletion(-)\r\n\r\n"
                f"diff --git a/{path} b/{path}\r\n--- a/{path}\r\n+++ b/{path}\r\n@@ -1 +1 @@\r\n-a\r\n+b\r\n")
        return Letter(self, f"patch{part}", f"{self.tag(part)} {self.patch_title(part)}", body.encode(),
                      part, self.root)

    def reply(self, to):
        subject = dict(to.headers)[b"Subject"].decode()
        return Letter(self, f"reply{to.part}", f"Re: {subject}", b"> One step.\r\n\r\nFine with me.\r\n",
                      None, to.id)


def marks_of(edits):
    """What a message was marked with: each field's values in their order, by name without prefix."""
    found = {}
    for edit in reversed(edits):
        if edit[0] == "i":
            name = edit[2].decode("ascii").removeprefix("Patchmark-")
            found.setdefault(name, []).append(edit[3].decode("ascii"))
    return found


def wanted_marks(letter, known):
    """The marks letter must have when the letters in known had come before."""
    series = letter.series
    wanted = {"Kind": [letter.kind], "Project": ["demo"]}
    if letter.part is None and letter.parent not in known:
        return wanted
    wanted["Series"] = [f"<{letter.root}>"]
    if letter.part is not None:
        wanted["Part"] = [f"{letter.part}/{series.PARTS}"]
        wanted["Revision"] = [str(series.revision)]
    if letter.part == 0 and series.predecessor in known:
        wanted["Supersedes"] = [f"<{series.predecessor}>"]
    return wanted
