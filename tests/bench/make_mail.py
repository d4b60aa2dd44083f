# SPDX-License-Identifier: BSD-2-Clause
"""make_mail - an mbox of made-up list mail in the shape of real one: covers, patches, replies, the rest.

The same in every run. Nobody's words: syllables put together.

usage: make_mail.py MBOX [MEGABYTES]
"""

import os
import random
import sys

FOLDERS = ["arch/x86/kvm/", "arch/x86/kvm/vmx/", "arch/arm64/kvm/", "arch/s390/kernel/", "mm/",
           "drivers/net/ethernet/", "drivers/net/phy/", "drivers/vfio/pci/", "drivers/gpu/drm/",
           "drivers/iommu/", "fs/ext4/", "fs/xfs/", "include/linux/", "kernel/sched/", "net/core/",
           "net/ipv4/", "tools/testing/selftests/", "Documentation/virt/kvm/", "virt/kvm/", "block/"]
PREFIXES = ["KVM: x86: ", "KVM: arm64: ", "s390: ", "mm: ", "net: ", "net: phy: ", "vfio/pci: ",
            "drm: ", "iommu: ", "ext4: ", "xfs: ", "sched: ", "selftests: ", "docs: ", "block: "]
LISTS = ["kvm", "linux-kernel", "linux-mm", "netdev", "linux-s390", "linux-fsdevel"]
SYLLABLES = ["ba", "co", "di", "fe", "gu", "la", "mo", "ni", "pe", "ra", "so", "tu", "vi", "wa"]


class Writer:
    def __init__(self):
        self.random = random.Random(20261121)
        self.number = 0

    def word(self):
        return "".join(self.random.choices(SYLLABLES, k=self.random.randint(1, 4)))

    def words(self, count):
        return " ".join(self.word() for _ in range(count))

    def paragraph(self):
        words = [self.word() for _ in range(self.random.randint(20, 80))]
        lines, line = [], ""
        for word in words:
            if len(line) + len(word) > 70:
                lines.append(line)
                line = ""
            line += word + " "
        return "\n".join(lines + [line.rstrip() + "."]) + "\n"

    def path(self):
        return self.random.choice(FOLDERS) + self.word() + self.random.choice([".c", ".c", ".h", ".rst"])

    def title(self):
        return self.random.choice(PREFIXES) + self.words(5).capitalize()

    def token(self, length):
        return "".join(self.random.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnop0123456789+/", k=length))

    def header(self, subject, author, reply_to=None):
        self.number += 1
        name = f"{author[0].capitalize()} {author[1].capitalize()}"
        address = f"{author[0]}@{author[1]}.example.org"
        mailing_list = self.random.choice(LISTS)
        message_id = f"<20261121{self.number:06d}.{self.random.randint(1, 99999)}-1-{address}>"
        lines = [f"From bounces@lists.example.org Sat Nov 21 10:00:00 2026",
                 f"Return-Path: <{mailing_list}+bounces-{self.number}@lists.example.org>"]
        for hop in range(self.random.randint(2, 5)):
            lines.append(f"Received: from {self.word()}.example.org ({self.word()}.example.org [192.0.2.{hop + 1}])\n"
                         f"\tby mx{hop}.example.org (Postfix) with ESMTPS id {self.token(11)}\n"
                         f"\tfor <reader@example.org>; Sat, 21 Nov 2026 10:00:0{hop} +0000 (UTC)")
        lines += ["DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/simple; d=example.org;\n"
                  "\ts=s20261121; h=from:subject:date:message-id:to:cc:mime-version;\n"
                  + "\n".join("\t " + self.token(64) for _ in range(6)),
                  f"ARC-Seal: i=1; a=rsa-sha256; d=lists.example.org; s=arc; cv=none;\n\tb={self.token(64)}\n\t {self.token(64)}",
                  "Authentication-Results: mx.example.org; dkim=pass header.d=example.org; spf=pass",
                  f"From: {name} <{address}>",
                  f"To: {mailing_list}@lists.example.org",
                  "Cc: " + ",\n\t".join(f"{self.word().capitalize()} <{self.word()}@example.org>"
                                        for _ in range(self.random.randint(1, 12))),
                  f"Subject: {subject}",
                  f"Date: Sat, 21 Nov 2026 {self.number // 3600 % 24:02d}:{self.number // 60 % 60:02d}:{self.number % 60:02d} +0000",
                  f"Message-ID: {message_id}"]
        if reply_to:
            lines += [f"In-Reply-To: {reply_to}", f"References: {reply_to}"]
        lines += ["X-Mailer: git-send-email 2.39.5", "Precedence: bulk",
                  f"X-Mailing-List: {mailing_list}@lists.example.org",
                  f"List-Id: <{mailing_list}.lists.example.org>",
                  f"List-Subscribe: <mailto:{mailing_list}+subscribe@lists.example.org>",
                  f"List-Unsubscribe: <mailto:{mailing_list}+unsubscribe@lists.example.org>",
                  "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
                  "Content-Transfer-Encoding: 8bit"]
        return "\n".join(lines) + "\n\n", message_id

    def stat(self, paths):
        width = max(map(len, paths))
        rows, plus, minus = [], 0, 0
        for path in paths:
            added, removed = self.random.randint(1, 60), self.random.randint(0, 40)
            plus, minus = plus + added, minus + removed
            rows.append(f" {path:{width}} | {added + removed:3} {'+' * min(added, 30)}{'-' * min(removed, 20)}")
        return "\n".join(rows) + (f"\n {len(paths)} files changed, {plus} insertions(+), "
                                  f"{minus} deletions(-)\n")

    def diff(self, path):
        text = (f"diff --git a/{path} b/{path}\nindex {self.random.getrandbits(28):07x}.."
                f"{self.random.getrandbits(28):07x} 100644\n--- a/{path}\n+++ b/{path}\n")
        for _ in range(self.random.randint(1, 5)):
            text += f"@@ -{self.random.randint(1, 900)},9 +{self.random.randint(1, 900)},12 @@ {self.word()}()\n"
            for _ in range(self.random.randint(8, 30)):
                text += self.random.choice("   +-") + "\t" + self.words(self.random.randint(1, 6)) + ";\n"
        return text

    def series(self):
        """A cover, its patches, and what people say to them."""
        author, count = (self.word(), self.word()), self.random.randint(2, 8)
        revision = self.random.choice(["", "", " v2", " v3", " v5"])
        titles = [self.title() for _ in range(count)]
        head, cover = self.header(f"[PATCH{revision} 0/{count}] {titles[0]}", author)
        paths = sorted({self.path() for _ in range(count * 2)})
        text = "\n".join(self.paragraph() for _ in range(self.random.randint(2, 6)))
        if revision:
            text += f"\nChanges since v{int(revision[2:]) - 1}:\n" + "".join(
                f" - {self.words(7)}\n" for _ in range(4))
        text += f"\n{author[0].capitalize()} {author[1].capitalize()} ({count}):\n" + "".join(
            f"  {title}\n" for title in titles)
        yield head + text + "\n" + self.stat(paths) + "\n-- \n2.39.5\n\n"
        for i, title in enumerate(titles, 1):
            own = sorted({self.path() for _ in range(self.random.randint(1, 3))})
            head, patch = self.header(f"[PATCH{revision} {i}/{count}] {title}", author, cover)
            yield (head + self.paragraph() + f"\nSigned-off-by: {author[0]} <{author[0]}@example.org>\n---\n"
                   + self.stat(own) + "\n" + "".join(self.diff(path) for path in own) + "-- \n2.39.5\n\n")
            if self.random.random() < 0.6:
                head, _ = self.header(f"Re: [PATCH{revision} {i}/{count}] {title}",
                                      (self.word(), self.word()), patch)
                quoted = "".join("> " + line + "\n" for line in self.diff(own[0]).splitlines()[:60])
                yield head + "On Sat, 21 Nov 2026, somebody wrote:\n" + quoted + "\n" + self.paragraph() + "\n"
        if self.random.random() < 0.5:
            head, _ = self.header(self.words(6).capitalize(), (self.word(), self.word()))
            yield head + "\n".join(self.paragraph() for _ in range(3)) + "\n"


def main(path, megabytes="40"):
    wanted, written, writer = int(float(megabytes) * 1e6), 0, Writer()
    with open(path + ".part", "w", encoding="ascii") as file:
        while written < wanted:
            for message in writer.series():
                written += file.write(message)
    os.replace(path + ".part", path)


if __name__ == "__main__":
    main(*sys.argv[1:])
