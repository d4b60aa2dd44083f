# SPDX-License-Identifier: BSD-2-Clause
"""postgres - a private PostgreSQL in a folder of its own, on a unix socket."""

import glob
import os
import pwd
import shutil
import signal
import subprocess
import tempfile

import mta


def is_missing():
    """The sentence that says why there can be no PostgreSQL here, or None."""
    if not glob.glob("/usr/lib/postgresql/*/bin/postgres"):
        return "PostgreSQL (package postgresql) is not installed"
    return None


class Postgres:
    def __init__(self):
        self.programs = os.path.dirname(sorted(glob.glob("/usr/lib/postgresql/*/bin/postgres"))[-1])
        self.folder = tempfile.mkdtemp(prefix="patchmark-pg-", dir="/tmp")
        self.who = {}
        if os.geteuid() == 0:  # PostgreSQL refuses root
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self.who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self.store = f"postgresql://patchmark@/postgres?host={self.folder}"
        self.process = None
        self.run("initdb", "-D", "data", "-A", "trust", "-U", "patchmark", "-E", "UTF8",
                 "--locale=C", "-N")

    def run(self, program, *arguments):
        subprocess.run([os.path.join(self.programs, program), *arguments], cwd=self.folder, check=True,
                       stdin=subprocess.DEVNULL, capture_output=True, timeout=120, **self.who)

    def is_ready(self):
        return subprocess.run([os.path.join(self.programs, "pg_isready"), "-q", "-h", self.folder],
                              check=False, timeout=30).returncode == 0

    def start(self):
        with open(os.path.join(self.folder, "log"), "ab") as log:
            self.process = subprocess.Popen(
                [os.path.join(self.programs, "postgres"), "-D", "data", "-k", self.folder, "-h", "",
                 "-F", "-c", "max_connections=60", "-c", "dynamic_shared_memory_type=mmap"],
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **self.who)
        mta.wait_for("PostgreSQL", self.is_ready, 60)
        return self

    def stop(self, how=signal.SIGQUIT):
        """SIGQUIT: at once, as a crash would."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(timeout=60)
            self.process = None

    def close(self):
        self.stop()
        shutil.rmtree(self.folder)
