# SPDX-License-Identifier: BSD-2-Clause
"""bench - how fast patchmark is, each figure beside its yardstick, the two taken in turns in one run.

A machine's load and frequency change within seconds; what is measured in turns suffers alike, so trust
the ratios. Figures are medians over rounds, one line each at the end: bench NAME VALUE UNIT.

usage: bench.py BUILD [NAME...] [--mbox FILE]     NAME: the beginning of a figure's name
"""

import argparse
import json
import os
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
HOSTILE = os.path.join(SOURCE, "tests", "mta", "hostile")
sys.path.insert(0, os.path.join(SOURCE, "tests", "mta"))
import mta  # noqa: E402

FIGURES = ["classify.vs_grep", "classify.messages_per_s", "classify.bytes_per_s",
           "milter.c1.ratio", "milter.c1.p50_us", "milter.c1.p99_us",
           "milter.c4.ratio", "milter.c4.p50_us", "milter.c4.p99_us",
           "milter.c50.ratio", "milter.c50.p50_us", "milter.c50.p99_us",
           "milter.c4.sqlite_ratio", "milter.c4.sqlite_work_ratio", "milter.c4.sqlite_again_ratio",
           "milter.c4.sqlite_again_work_ratio", "milter.rss_mb",
           "store.million.ratio", "store.million.work_ratio", "store.million.memory_mb",
           "maintainers.load_ms", "maintainers.path_us",
           "rules.1000.ratio", "rules.1000.stage_ratio", "rules.10000.ratio", "rules.10000.stage_ratio",
           "hostile.p99_ratio", "hostile.pattern.p99_ratio", "hostile.lua.p99_ratio",
           "hostile.exec.p99_ratio", "hostile.plugin.p99_ratio"]
# Ten minutes and more: measured only when asked for by name.
SLOW = ["store.million.ratio", "store.million.work_ratio", "store.million.memory_mb"]
ROUNDS = 5
HOSTILE_ROUNDS = 3


def say(text):
    print(text, flush=True)


class Bench:
    def __init__(self, build, names, mbox):
        self.build, self.names = os.path.abspath(build), names
        self.figures = []
        self.folder = os.path.join(self.build, "bench")
        os.makedirs(self.folder, exist_ok=True)
        self.mbox = mbox or self.make_mail()

    def wants(self, beginning):
        """Is any figure that begins so asked for?"""
        return any(figure.startswith(beginning) and (
            any(figure.startswith(name) for name in self.names) if self.names
            else figure not in SLOW) for figure in FIGURES)

    def figure(self, name, value, unit):
        if self.wants(name):
            self.figures.append(f"bench {name} {value:.6g} {unit}")

    def program(self, name):
        return os.path.join(self.build, name)

    def make_mail(self):
        path, maker = os.path.join(self.folder, "made-up.mbox"), os.path.join(HERE, "make_mail.py")
        if not os.path.exists(path) or os.path.getmtime(path) < os.path.getmtime(maker):
            say("making mail up ...")
            subprocess.run([sys.executable, "-B", maker, path], check=True)
        return path

    # ---- The command line, beside grep

    def seconds(self, command, **how):
        """How long it takes. Its output goes to a file: grep stops early when it sees /dev/null."""
        with open(os.path.join(self.folder, "output"), "wb") as output:
            began = time.perf_counter()
            subprocess.run(command, check=True, stdout=output, stderr=subprocess.DEVNULL, **how)
            return time.perf_counter() - began

    def classify(self):
        size = os.path.getsize(self.mbox)
        ours = [self.program("patchmark"), "classify", self.mbox]
        json_too = [self.program("patchmark"), "classify", "--json", self.mbox]
        grep = ["grep", "-c", "^Subject:", self.mbox]
        count = len(subprocess.run(json_too, check=True, capture_output=True).stdout.splitlines())
        times = [(self.seconds(ours), self.seconds(json_too), self.seconds(grep))
                 for _ in range(2 * ROUNDS)]
        mine, as_json, yardstick = (statistics.median(column) for column in zip(*times))
        say(f"classify: {count} messages, {size / 1e6:.1f} MB in {mine:.3f} s, with --json {as_json:.3f} s; "
            f"grep {yardstick:.4f} s")
        self.figure("classify.vs_grep", mine / yardstick, "times")
        self.figure("classify.messages_per_s", count / mine, "messages/s")
        self.figure("classify.bytes_per_s", size / mine, "bytes/s")

    # ---- The milter, beside one that does nothing

    def usual_fields(self, *more):
        """How many fields patchmarkd adds to a message, on average: with the memory on, more."""
        shown = subprocess.run([self.program("patchmark"), "classify", "--json", *more, self.mbox],
                               check=True, capture_output=True).stdout.splitlines()[:2000]
        return round(statistics.mean(len(json.loads(line)["headers"]) for line in shown))

    def configuration(self, folder, socket="patchmark.sock", more=""):
        with open(self.program("patchmark.conf"), encoding="utf-8") as file:
            built = re.sub(r"(?m)^socket\b.*\n", "", file.read())
        return f"socket unix:{folder}/{socket}\nallow-root yes\n{more}{built}"

    def loadgen(self, socket, mbox, connections, seconds, *more):
        return [self.program("tests/bench/loadgen"), "-s", socket, "-f", mbox, "-c", str(connections),
                "-t", str(seconds), *more]

    def load(self, socket, connections, *passes):
        out = subprocess.run(self.loadgen(socket, self.mbox, connections, 2, *passes), check=True, capture_output=True, text=True, timeout=60).stdout
        found = {key: float(value) for key, value in re.findall(r"(\w+)=(\S+)", out)}
        if found["failed"]:
            raise AssertionError(f"the filter at {socket} failed: {out}")
        return found

    def load_and_work(self, process, socket, connections, *passes):
        """The same, and the processor time that a message cost the filter."""
        before = self.worked_us(process.pid)
        found = self.load(socket, connections, *passes)
        found["filter_us"] = (self.worked_us(process.pid) - before) / found["messages"]
        return found

    @staticmethod
    def worked_us(pid):
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * 1e6 / os.sysconf("SC_CLK_TCK")

    @staticmethod
    def resident_mb(pid):
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            return int(re.search(r"VmHWM:\s+(\d+)", file.read())[1]) / 1024

    def milter(self):
        subprocess.run(["cmake", "--build", self.build, "--target", "loadgen", "noopmilter"],
                       check=True, stdout=subprocess.DEVNULL)
        folder = tempfile.mkdtemp(prefix="patchmark-")
        fields = self.usual_fields()
        noop_socket, our_socket = f"{folder}/noop.sock", f"{folder}/patchmark.sock"
        noop = subprocess.Popen([self.program("tests/bench/noopmilter"), f"local:{noop_socket}",
                                 str(fields)])
        ours = mta.Patchmarkd(self.program("patchmarkd"), folder, self.configuration(folder))
        remembering = mta.Patchmarkd(
            self.program("patchmarkd"), folder,
            self.configuration(folder, "sqlite.sock",
                               f"store {folder}/series.db\nstate-directory {folder}\n"),
            "remembering")
        try:
            ours.start()
            mta.wait_for("the filter that does nothing", lambda: os.path.exists(noop_socket))
            for connections in (1, 4, 50):
                if self.wants(f"milter.c{connections}."):
                    self.milter_rounds(connections, noop_socket, our_socket, fields)
            if self.wants("milter.c4.sqlite"):
                remembering.start()
                self.sqlite_rounds(folder, remembering.process, f"{folder}/sqlite.sock")
            if not any(self.wants(f"milter.c{connections}.") for connections in (1, 4, 50)):
                self.load(our_socket, 4)
            self.figure("milter.rss_mb", self.resident_mb(ours.process.pid), "MB")
        finally:
            noop.kill()
            noop.wait()
            ours.stop()
            remembering.stop()
            shutil.rmtree(folder)

    def milter_rounds(self, connections, noop_socket, our_socket, fields):
        rounds = [(self.load(our_socket, connections), self.load(noop_socket, connections))
                  for _ in range(ROUNDS)]
        mine, yardstick = ({key: statistics.median(one[key] for one in column) for key in column[0]}
                           for column in zip(*rounds))
        say(f"milter, {connections} connection(s): {mine['messages_per_s']:.0f} messages/s, "
            f"p50 {mine['p50_us']:.0f} us, p99 {mine['p99_us']:.0f} us; doing nothing but adding {fields} "
            f"fields: {yardstick['messages_per_s']:.0f}, p50 {yardstick['p50_us']:.0f}, "
            f"p99 {yardstick['p99_us']:.0f}")
        name = f"milter.c{connections}"
        self.figure(f"{name}.ratio", mine["messages_per_s"] / yardstick["messages_per_s"], "times")
        self.figure(f"{name}.p50_us", mine["p50_us"], "us")
        self.figure(f"{name}.p99_us", mine["p99_us"], "us")

    def sqlite_rounds(self, folder, process, store_socket):
        """With the memory on there are more fields to add, so the yardstick adds as many. First each
        round is new mail, the same for both; then all are mail that was here before, as it comes
        from several lists. Both processors are busy, so beside the messages a second stands what a
        message costs in processor time, loadgen's included: others' work does not show in it."""
        fields = self.usual_fields("--store", f"{folder}/fields.db")
        noop_socket = f"{folder}/noop-sqlite.sock"
        noop = subprocess.Popen([self.program("tests/bench/noopmilter"), f"local:{noop_socket}",
                                 str(fields)])
        new, again, first_pass = [], [], 0
        try:
            mta.wait_for("the filter that does nothing", lambda: os.path.exists(noop_socket))
            for _ in range(ROUNDS):
                passes = ("-p", str(first_pass))
                yardstick = self.load_and_work(noop, noop_socket, 4, *passes)
                mine = self.load_and_work(process, store_socket, 4, *passes)
                new.append((mine, yardstick))
                first_pass = int(mine["next_pass"])
            for _ in range(ROUNDS):
                yardstick = self.load_and_work(noop, noop_socket, 4, "-r")
                again.append((self.load_and_work(process, store_socket, 4, "-r"), yardstick))
        finally:
            noop.kill()
            noop.wait()
        self.sqlite_figures("sqlite", f"new mail, {fields} fields", new)
        self.sqlite_figures("sqlite_again", f"mail that was here before, {fields} fields", again)

    def sqlite_figures(self, name, what, rounds):
        mine, yardstick = ({key: statistics.median(one[key] for one in column) for key in column[0]}
                           for column in zip(*rounds))
        for who, one in (("milter with the memory on", mine), ("doing nothing", yardstick)):
            say(f"{who}, {what}, 4 connections: {one['messages_per_s']:.0f} messages/s, "
                f"p50 {one['p50_us']:.0f} us, p99 {one['p99_us']:.0f} us; processor time a message: "
                f"{one['filter_us']:.0f} us, loadgen's {one['work_us']:.0f} us")
        self.figure(f"milter.c4.{name}_ratio", statistics.median(
            ours["messages_per_s"] / theirs["messages_per_s"] for ours, theirs in rounds), "times")
        self.figure(f"milter.c4.{name}_work_ratio", statistics.median(
            (theirs["filter_us"] + theirs["work_us"]) / (ours["filter_us"] + ours["work_us"])
            for ours, theirs in rounds), "times")

    # ---- The memory, beside itself when it was empty

    def store(self):
        subprocess.run(["cmake", "--build", self.build, "--target", "store_bench"],
                       check=True, stdout=subprocess.DEVNULL)
        out = subprocess.run([self.program("tests/bench/store_bench"), "1000000"], check=True,
                             capture_output=True, text=True).stdout
        say(out)
        ratio = re.search(r"the last \d+ took ([\d.]+) times the first", out)
        work = re.search(r"\(at work: ([\d.]+)\)", out)
        memory = re.findall(r"peak memory (\d+) MiB", out)
        self.figure("store.million.ratio", float(ratio[1]), "times")
        # Processor time alone: what others do with the disk meanwhile does not show in it.
        self.figure("store.million.work_ratio", float(work[1]), "times")
        self.figure("store.million.memory_mb", float(memory[-1]), "MB")

    # ---- MAINTAINERS, beside get_maintainer.pl where there is one

    def maintainers_file(self):
        """The configuration's own for Linux, or one made up with as many sections and patterns."""
        with open(self.program("patchmark.conf"), encoding="utf-8") as file:
            named = re.search(r'project linux \{ maintainers "([^"]+)"', file.read())
        if named is not None and os.path.exists(named[1]):
            return named[1]
        path = os.path.join(self.folder, "made-up.maintainers")
        draw = random.Random(20261121)
        with open(path, "w", encoding="ascii") as file:
            file.write("Maintainers List\n----------------\n\n")
            for section in range(2300):
                file.write(f"MADE UP SECTION {section}\nM:\tSomebody <s{section}@example.org>\n"
                           "S:\tMaintained\n")
                for _ in range(3):
                    file.write(f"F:\td{draw.randrange(30)}/e{draw.randrange(60)}/"
                               f"f{draw.randrange(900)}{draw.choice(['/', '*', '.c', ''])}\n")
                file.write("\n")
        return path

    @staticmethod
    def paths_under(file):
        """200,000 paths that its patterns speak of, and some they do not."""
        with open(file, encoding="utf-8") as lines:
            patterns = [line[2:].strip() for line in lines if line.startswith("F:")]
        draw = random.Random(20261121)
        return "".join(re.sub(r"[*?\[\]]+", "x", draw.choice(patterns)).rstrip("/")
                       + draw.choice(["", "/some/file.c", "/Makefile"]) + "\n" for _ in range(200000))

    def maintainers(self):
        file, count = self.maintainers_file(), 200000
        paths = self.paths_under(file).encode()
        ours = [self.program("patchmark"), "maintainers", "--file", file, "-"]
        none, many, start = [], [], []
        for _ in range(2 * ROUNDS):
            none.append(self.seconds(ours, input=b""))
            many.append(self.seconds(ours, input=paths))
            start.append(self.seconds([self.program("patchmark"), "--version"]))
        # Small differences of large times: the fastest rounds are those nothing else disturbed.
        load = min(none) - min(start)
        each = (min(many) - min(none)) / count
        say(f"maintainers: {file} read in {load * 1e3:.2f} ms (the program starts in "
            f"{min(start) * 1e3:.2f} ms), {each * 1e6:.3f} us a path, printed")
        script = os.path.join(os.path.dirname(file), "get_maintainer.pl")
        if os.path.exists(script):
            took = self.seconds(["perl", script, "--no-tree", "--no-git-fallback", "--mpath", file, "-f",
                                 paths.split(b"\n", 1)[0].decode()])
            say(f"get_maintainer.pl: {took * 1e3:.0f} ms for one path")
        self.figure("maintainers.load_ms", load * 1e3, "ms")
        self.figure("maintainers.path_us", each * 1e6, "us")

    # ---- More rules, beside those that are shipped

    def rules(self):
        subprocess.run(["cmake", "--build", self.build, "--target", "rules_bench"],
                       check=True, stdout=subprocess.DEVNULL)
        counts, files = (1000, 10000), [self.program("patchmark.conf")]
        for count in counts:
            made = os.path.join(self.folder, f"made-up-{count}")
            subprocess.run([sys.executable, "-B", os.path.join(HERE, "make_rules.py"), made + ".rules",
                            str(count)], check=True)
            with open(made + ".conf", "w", encoding="utf-8") as file:
                file.write(f'include "{files[0]}"\ninclude "{made}.rules"\n')
            files.append(made + ".conf")
        out = subprocess.run([self.program("tests/bench/rules_bench"), self.mbox, *files], check=True,
                             capture_output=True, text=True).stdout
        say(out.rstrip())
        times = [(float(stage), float(whole)) for stage, whole in
                 re.findall(r"stage_us=(\S+) whole_us=(\S+)", out)]
        for count, (stage, whole) in zip(counts, times[1:]):
            self.figure(f"rules.{count}.ratio", whole / times[0][1], "times")
            self.figure(f"rules.{count}.stage_ratio", stage / times[0][0], "times")

    # ---- Harmless mail beside hostile mail, and beside the same mail when it does no harm

    def hostile_cases(self, folder):
        """What is hostile about a letter that says the words of hostile_mail."""
        program = os.path.join(folder, "unruly.py")
        shutil.copy(os.path.join(HOSTILE, "unruly.py"), program)
        os.chmod(program, 0o755)
        plugins = os.path.join(folder, "plugins")
        os.mkdir(plugins, 0o755)
        for module in ("tests/mta/hostile/slow.so", *(f"plugins-available/{name}.so"
                                                       for name in ("project", "lua", "exec"))):
            shutil.copy(self.program(module), plugins)
        return {"pattern": 'plugins project\nrule slow { why x; when text ~ /(a|aa)+$/; then tag slow }\n',
                "lua": f"plugins lua\nplugin lua {{ script {HOSTILE}/unruly.lua }}\n",
                "exec": f"plugins exec\nplugin exec {{ program unruly {{ command {program} }} }}\n",
                "plugin": "plugins slow\n"}

    @staticmethod
    def hostile_mail(path, subject, letter):
        with open(path, "w", encoding="ascii") as file:
            for number in range(20):
                file.write(f"From x Thu Jan  1 00:00:00 2026\nFrom: w@example.org\n"
                           f"Message-ID: <{number}@example.org>\nSubject: [PATCH] demo: {subject}\n\n"
                           f"{letter * 900}!\n\n")
        return path

    def beside(self, socket, mbox):
        """The p99 of four connections while a fifth brings other mail, one letter after the other."""
        other = subprocess.Popen(self.loadgen(socket, mbox, 1, 3), stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        try:
            return self.load(socket, 4)["p99_us"]
        finally:
            other.wait(timeout=60)

    def hostile(self):
        subprocess.run(["cmake", "--build", self.build, "--target", "loadgen", "hostile_slow"],
                       check=True, stdout=subprocess.DEVNULL)
        folder, ratios = mta.make_folder(), []
        calm = self.hostile_mail(f"{folder}/calm.mbox", "Nothing of the kind at all", "b")
        harmful = self.hostile_mail(f"{folder}/hostile.mbox", "take your time, hang program, loop script",
                                    "a")
        try:
            for name, text in self.hostile_cases(folder).items():
                if not self.wants("hostile.p99_ratio") and not self.wants(f"hostile.{name}."):
                    continue
                daemon = mta.Patchmarkd(self.program("patchmarkd"), folder,
                                        f"socket unix:{folder}/{name}.sock\nallow-root yes\n"
                                        f"log-level error\nplugin-directory {folder}/plugins\n{text}", name)
                daemon.start()
                try:
                    rounds = [(self.beside(f"{folder}/{name}.sock", harmful),
                               self.beside(f"{folder}/{name}.sock", calm)) for _ in range(HOSTILE_ROUNDS)]
                finally:
                    daemon.stop(signal.SIGKILL)
                mine, yardstick = (statistics.median(column) for column in zip(*rounds))
                say(f"hostile {name}: p99 of others {mine:.0f} us, {yardstick:.0f} us when nothing is hostile")
                self.figure(f"hostile.{name}.p99_ratio", mine / yardstick, "times")
                ratios.append(mine / yardstick)
        finally:
            shutil.rmtree(folder)
        self.figure("hostile.p99_ratio", max(ratios), "times")

    def run(self):
        for part in (self.classify, self.milter, self.store, self.maintainers, self.rules, self.hostile):
            if self.wants(part.__name__ + "."):
                part()
        print("\n".join([""] + self.figures))


def main():
    parser = argparse.ArgumentParser(description="measure speed beside yardsticks",
                                     epilog="figures: " + " ".join(FIGURES))
    parser.add_argument("build", help="the folder of a release build")
    parser.add_argument("names", nargs="*", metavar="NAME",
                        help="only figures whose name begins so: milter, classify.vs_grep")
    parser.add_argument("--mbox", metavar="FILE", help="your own mail instead of made-up mail")
    options = parser.parse_intermixed_args()
    for name in options.names:
        if not any(figure.startswith(name) for figure in FIGURES):
            parser.error(f'no figure begins with "{name}" (there are {" ".join(FIGURES)})')
    Bench(options.build, options.names, options.mbox).run()


if __name__ == "__main__":
    main()
