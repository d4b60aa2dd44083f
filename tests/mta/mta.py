# SPDX-License-Identifier: BSD-2-Clause
"""mta - a patchmarkd, a Postfix and the world around them, each in a folder of its own.

Nothing here touches a mail server that runs on the machine: own configuration, own queue, free ports
on 127.0.0.1, and only processes started here are ended. Standard library alone.
"""

import glob
import os
import pwd
import shutil
import signal
import smtplib
import socket
import socketserver
import struct
import subprocess
import tempfile
import threading
import time
import unittest

SKIPPED = 77  # what ctest takes for "skipped"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def make_folder(prefix="patchmark-"):
    """A folder that Postfix's user may look into; short, because a socket's path must be."""
    folder = tempfile.mkdtemp(prefix=prefix, dir="/tmp")
    os.chmod(folder, 0o755)
    return folder


def take_plugins(build, folder):
    """Into folder/plugins: copies of our own, for a daemon loads none that another user, who built them, may change."""
    os.mkdir(os.path.join(folder, "plugins"), 0o755)
    for path in glob.glob(os.path.join(build, "plugins-available", "*")):
        shutil.copyfile(path, os.path.join(folder, "plugins", os.path.basename(path)))


def wait_for(what, condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s for {what}")
        time.sleep(0.005)


class Patchmarkd:
    """A running patchmarkd. Ready when the constructor returns: it has said so through sd_notify."""

    def __init__(self, program, folder, configuration, name="patchmarkd"):
        self.program, self.folder = program, folder
        self.file = os.path.join(folder, name + ".conf")
        self.log_file = os.path.join(folder, name + ".log")
        self.notify_file = os.path.join(folder, name + ".notify")
        self.configure(configuration)
        self.process, self.notices = None, None

    def configure(self, configuration):
        with open(self.file, "w", encoding="utf-8") as file:
            file.write(configuration)

    def launch(self):
        """Start it without waiting for it."""
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(
                [self.program, "-c", self.file], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, "NOTIFY_SOCKET": self.notify_file})

    def start(self):
        self.notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notices.bind(self.notify_file)
        self.notices.settimeout(0.1)
        self.launch()
        self.expect_notice(b"READY=1")
        return self

    def expect_notice(self, wanted):
        deadline = time.monotonic() + 30
        while True:
            try:
                notice = self.notices.recv(64)
                break
            except TimeoutError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError(f"patchmarkd never said {wanted}:\n{self.log()}") from None
        if notice != wanted:
            raise AssertionError(f"patchmarkd said {notice} instead of {wanted}")

    def stop(self, how=signal.SIGTERM):
        """End it and give its exit status. libmilter takes some seconds."""
        if self.process is None:
            return 0
        self.process.send_signal(how)
        try:
            return self.process.wait(timeout=30)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            self.process = None
            if self.notices is not None:
                self.notices.close()
                os.unlink(self.notify_file)
                self.notices = None

    def log(self):
        with open(self.log_file, encoding="utf-8", errors="replace") as file:
            return file.read()

    def wait_for_log(self, text):
        wait_for(f"{text!r} in the log", lambda: text in self.log())


class DaemonCase(unittest.TestCase):
    """A folder of its own for each test; every patchmarkd that was started in it is ended with it."""

    def setUp(self):
        self.folder = make_folder()
        self.socket = os.path.join(self.folder, "socket")
        self.control = os.path.join(self.folder, "control")
        self.daemons = []

    def tearDown(self):
        for daemon in self.daemons:
            daemon.stop(signal.SIGKILL)
        shutil.rmtree(self.folder)

    def new_daemon(self, build, configuration, name="patchmarkd", kind=Patchmarkd):
        """One that is still to be started."""
        self.daemons.append(kind(os.path.join(build, "patchmarkd"), self.folder, configuration, name))
        return self.daemons[-1]


def demo_letter(name):
    """A letter of the demo, with the line ends that SMTP wants."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "demo", name), "rb") as file:
        return file.read().replace(b"\n", b"\r\n")


def ask(path, request, timeout=60):
    """One request at patchmarkd's control socket: the word of its answer, and the text behind it."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(timeout)
        client.connect(path)
        client.sendall(request)
        answer = b""
        while more := client.recv(65536):
            answer += more
    status, _, text = answer.partition(b"\n")
    word, size = status.decode().split()
    if int(size) != len(text):
        raise AssertionError(f"an answer of {size} bytes has {len(text)}")
    return word, text.decode()


def read_metrics(path):
    """All samples, by name and label as they are printed."""
    word, text = ask(path, b"metrics\n")
    if word != "ok":
        raise AssertionError(f"metrics are answered by {word}: {text}")
    return {name: float(value) for name, _, value in
            (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))}


class Sink:
    """An SMTP server at the end of the line. Keeps the bytes of each message, and its envelope."""

    def __init__(self):
        sink = self
        self.messages = []  # (sender, [recipient, ...], bytes)

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                sink.talk(self.rfile, self.wfile)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.transport = f"smtp:[127.0.0.1]:{self.port}"  # in Postfix's words
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def talk(self, lines, out):
        sender, recipients = None, []
        out.write(b"220 sink.example.org ESMTP\r\n")
        for line in lines:
            verb = line[:4].upper()
            if verb == b"EHLO":
                out.write(b"250-sink.example.org\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE\r\n")
                continue
            if verb == b"MAIL":
                sender, recipients = line[10:].split()[0].decode(), []
            elif verb == b"RCPT":
                recipients.append(line[8:].split()[0].decode().strip("<>"))
            elif verb == b"DATA":
                out.write(b"354 go on\r\n")
                self.messages.append((sender, recipients, self.read_message(lines)))
            elif verb == b"QUIT":
                out.write(b"221 bye\r\n")
                return
            out.write(b"250 fine\r\n")

    @staticmethod
    def read_message(lines):
        message = []
        for line in lines:
            if line == b".\r\n":
                break
            message.append(line[1:] if line.startswith(b".") else line)
        return b"".join(message)

    def wait_for_messages(self, count):
        wait_for(f"{count} messages at the sink", lambda: len(self.messages) >= count, 60)
        return self.messages

    def close(self):
        self.server.shutdown()
        self.server.server_close()


MASTER_CF = """\
{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""

MAIN_CF = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
myhostname = mx.example.org
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
disable_dns_lookups = yes
smtpd_peername_lookup = no
default_transport = {transport}
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_milters = {milters}
message_size_limit = 20480000
header_size_limit = 2048000
"""


def postfix_is_missing():
    """The sentence that says why there can be no Postfix here, or None."""
    if shutil.which("postfix", path="/usr/sbin:/usr/bin:/sbin") is None:
        return "Postfix (package postfix) is not installed"
    if os.geteuid() != 0:
        return "a private Postfix is started by root only"
    try:
        pwd.getpwnam("postfix")
    except KeyError:
        return "there is no user postfix (package postfix makes it)"
    return None


class Postfix:
    """A private Postfix that takes mail at a port of its own and hands everything to one transport."""

    def __init__(self, folder, transport, milters, services=""):
        self.folder, self.port = folder, free_port()
        owner = pwd.getpwnam("postfix")
        for name in ("conf", "queue", "data"):
            os.mkdir(os.path.join(folder, name), 0o755)
        os.chown(os.path.join(folder, "data"), owner.pw_uid, owner.pw_gid)
        values = {"folder": folder, "transport": transport, "milters": milters,
                  "port": f"127.0.0.1:{self.port}"}
        self.write("conf/main.cf", MAIN_CF.format(**values))
        self.write("conf/master.cf", MASTER_CF.format(**values) + services)

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    def run(self, verb):
        return subprocess.run(["postfix", "-c", os.path.join(self.folder, "conf"), verb],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
                              env={**os.environ, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
                              check=False)

    def start(self):
        started = self.run("start")
        if started.returncode != 0:
            raise AssertionError(f"Postfix did not start: {started.stderr}{self.log()}")
        return self

    def stop(self):
        self.run("stop")

    def log(self):
        try:
            with open(os.path.join(self.folder, "postfix.log"), encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def send(self, message, sender="list+bounces@example.org", recipients=("reader@example.org",),
             client=None):
        """Send bytes as they are. With a client, over its connection."""
        if client is not None:
            return client.sendmail(sender, list(recipients), message, ["BODY=8BITMIME"])
        with smtplib.SMTP("127.0.0.1", self.port, timeout=60) as once:
            return once.sendmail(sender, list(recipients), message, ["BODY=8BITMIME"])


# The milter protocol, version 6, as far as a test needs it (libmilter's mfdef.h has the whole).
ACTIONS = {"add-header": 0x01, "change-header": 0x10, "add-recipient": 0x04, "quarantine": 0x20}
ALL_ACTIONS, ALL_STEPS = 0x1FF, 0x1FFFFF
NOT_SENT = {"C": 0x1, "H": 0x2, "M": 0x4, "R": 0x8, "B": 0x10, "L": 0x20, "N": 0x40, "T": 0x200}
NOT_ANSWERED = {"L": 0x80, "C": 0x1000, "H": 0x2000, "M": 0x4000, "R": 0x8000, "T": 0x10000,
                "N": 0x40000, "B": 0x80000}


class Conversation:
    """The MTA's side of a milter connection over a unix socket, byte for byte."""

    def __init__(self, path, actions=ALL_ACTIONS, steps=ALL_STEPS):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect(path)
        self.put("O", struct.pack(">III", 6, actions, steps))
        command, data = self.get()
        if command != "O":
            raise AssertionError(f"negotiation is answered by {command!r}")
        _, self.actions, self.steps = struct.unpack(">III", data[:12])

    def put(self, command, data=b""):
        self.socket.sendall(struct.pack(">I", len(data) + 1) + command.encode() + data)

    def read(self, size):
        data = b""
        while len(data) < size:
            more = self.socket.recv(size - len(data))
            if not more:
                raise ConnectionError("patchmarkd has closed the connection")
            data += more
        return data

    def get(self):
        size = struct.unpack(">I", self.read(4))[0]
        data = self.read(size)
        return chr(data[0]), data[1:]

    def step(self, command, data=b""):
        """Send a step unless it was agreed to be left out; its answer, or None."""
        if self.steps & NOT_SENT.get(command, 0):
            return None
        self.put(command, data)
        if self.steps & NOT_ANSWERED.get(command, 0):
            return None
        return self.get()[0]

    def begin(self, queue_id=b"TEST", sender=b"<writer@example.org>",
              recipients=(b"<reader@example.org>",)):
        self.put("D", b"Mi\0" + queue_id + b"\0")
        self.step("M", sender + b"\0")
        for recipient in recipients:
            self.step("R", recipient + b"\0")
        self.step("T")

    def header(self, name, value):
        return self.step("L", name + b"\0" + value + b"\0")

    def finish(self):
        """End the message: the edits in their order, and the answer."""
        self.put("E")
        edits = []
        while True:
            command, data = self.get()
            if command in "cadrty":
                return edits, command + data.decode()
            edits.append((command, *self.edit(command, data)))

    @staticmethod
    def edit(command, data):
        if command in "im":  # insert, change: an index, a name, a value
            index = struct.unpack(">I", data[:4])[0]
            return (index, *data[4:].split(b"\0")[:2])
        return (data.rstrip(b"\0"),)

    def send(self, headers, body=b"", **envelope):
        self.begin(**envelope)
        for name, value in headers:
            self.header(name, value)
        self.step("N")
        for at in range(0, len(body), 65535):
            self.step("B", body[at:at + 65535])
        return self.finish()

    def close(self):
        self.put("Q")
        self.socket.close()
