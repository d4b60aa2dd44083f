# SPDX-License-Identifier: BSD-2-Clause
"""make_rules - a file of made-up rules: half of them patterns on title and paths, a quarter on the text
of the body, the rest on lists, authors, brackets and header fields. The same in every run.

usage: make_rules.py FILE COUNT
"""

import random
import sys

from make_mail import FOLDERS, PREFIXES, SYLLABLES


def word(draw, least=2):
    """One in eight of the words that mail has, else one of many more letters, as people's words have."""
    if draw.random() < 0.125:
        return "".join(draw.choices(SYLLABLES, k=draw.randint(least, 4)))
    return "".join(draw.choice("bcdfghklmnprstvwz") + draw.choice("aeiouy") + draw.choice(["", "", "n", "r", "st"])
                   for _ in range(draw.randint(least, 4)))


def condition(draw, number):
    """One condition; its kind by number, so that the shares are exact."""
    prefix, folder = draw.choice(PREFIXES), draw.choice(FOLDERS)
    path = folder.replace("/", r"\/")
    return [
        lambda: f"title ~ /^{prefix.replace('/', chr(92) + '/')}{word(draw, 3).capitalize()}/",
        lambda: f"path ~ /^{path}{word(draw, 3)}/",
        lambda: f"text ~ /\\b{word(draw, 3)} {word(draw, 3)}\\b/",
        lambda: f"list == {word(draw)}.lists.example.org",
        lambda: f"title ~ /^{word(draw)}: (fix|{word(draw, 3)}|add {word(draw)})/i",
        lambda: f"path under {folder}{word(draw, 3)}",
        lambda: f"kind == cover and text ~ /^{word(draw, 3)}-by: .*{word(draw, 3)}/m",
        lambda: draw.choice([f'author == "{word(draw)}@example.org"', f"prefix has {word(draw)}",
                             f"header.X-Mailer ~ /^{word(draw, 3)} /", f"project == linux and total == {number}"]),
    ][number % 8]()


def main(path, count):
    draw = random.Random(20261121)
    with open(path, "w", encoding="ascii") as file:
        for number in range(int(count)):
            file.write(f"rule made-up-{number} {{\n    why \"made up\"\n    when {condition(draw, number)}\n"
                       f"    then subsystem \"made-up-{number}\" weight 0.01\n}}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
