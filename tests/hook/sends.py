# SPDX-License-Identifier: GPL-2.0-or-later
"""A kernel repository to send from, git send-email, and a server on the loopback address that takes what is sent."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
CASE = ROOT / "corpus" / "mremap-write-bit" / "series.mbox"
# As newer git calls the hook, seen from below: the process has that name, and says which file of how many it is.
_NEWER = """\
#!/bin/sh
GIT_SENDEMAIL_FILE_TOTAL=$#; GIT_SENDEMAIL_FILE_COUNTER=0; GIT_DIR=.git
export GIT_SENDEMAIL_FILE_TOTAL GIT_SENDEMAIL_FILE_COUNTER GIT_DIR
for file; do
	GIT_SENDEMAIL_FILE_COUNTER=$((GIT_SENDEMAIL_FILE_COUNTER + 1))
	git hook run sendemail-validate -- "$file" /dev/null || exit 1
done
"""


@dataclass
class Sender:
    """A repository, its user, and what the server got of them."""

    tree: Path
    home: Path
    port: int = 0
    got: list[str] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of the machine's user but the folder where compiled code is kept."""
        keep = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        who = {f"GIT_{role}_{what[0]}": what[1] for role in ("AUTHOR", "COMMITTER") for what in _WHO}
        return {
            **keep, **who, "HOME": str(self.home), "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache")),
            "GIT_CONFIG_NOSYSTEM": "1", "PYTHONPATH": str(ROOT), "REVIEW_PATCH_TRACE": "",
        }  # fmt: skip

    def run(self, *command: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """A command in the repository."""
        return subprocess.run(
            command, cwd=self.tree, env=self.environment, input=stdin, capture_output=True, check=False
        )

    def git(self, *words: str) -> str:
        """A git command that has to work."""
        done = self.run("git", *words)
        assert done.returncode == 0, done.stderr
        return done.stdout.decode().strip()

    def tool(self, *words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """review-patch, as installed."""
        return self.run(sys.executable, "-P", "-m", "reviewer", *words, stdin=stdin)

    def send(self, *words: str) -> tuple[int, str]:
        """git send-email: its status, and what the author reads."""
        options = ["--to=linux-mm@lists.example.org", "--confirm=never", "--suppress-cc=all", "--quiet"]
        server = ["--smtp-server=127.0.0.1", f"--smtp-server-port={self.port}"]
        done = self.run("git", "send-email", *options, *server, *words)
        return done.returncode, done.stderr.decode()

    def send_newer(self, *files: str) -> tuple[int, str]:
        """The hook's part of it, as git 2.41 and newer have it."""
        script = self.home / "git-send-email"
        script.write_text(_NEWER, "ascii")
        script.chmod(0o755)
        done = self.run(str(script), *files)
        return done.returncode, done.stderr.decode()

    def patches(self, name: str, *words: str) -> list[str]:
        """Files of git format-patch."""
        self.git("format-patch", "-q", "-o", str(self.home / name), *words)
        return sorted(str(path) for path in (self.home / name).iterdir())


_WHO = (("NAME", "Ida Lund"), ("EMAIL", "ida@example.org"), ("DATE", "2026-01-07T10:00:00+0000"))


def make(folder: Path) -> Sender:
    """A repository of the embedded tree with three commits: one that changes nothing of mm, a clean and a broken one.

    Commits have known ids, so that what was reviewed once is remembered."""
    made = Sender(folder / "linux", folder / "home")
    made.home.mkdir()
    shutil.copytree(ROOT / "corpus" / "tree", made.tree)
    made.git("init", "-q", "-b", "main")
    made.git("config", "reviewpatch.budget", "0.1")
    made.git("config", "reviewpatch.flavours", "x86-64")
    made.git("add", "-A")
    made.git("commit", "-qm", "base")
    (made.tree / "Makefile").write_text((made.tree / "Makefile").read_text() + "\n# nothing\n")
    made.git("commit", "-qam", "kbuild: say nothing")
    mails = CASE.read_text().split("\nFrom ")[1:]  # without the cover letter
    for mail in mails:
        done = made.run("git", "am", "-q", stdin=f"From {mail}\n".encode())
        assert done.returncode == 0, done.stderr
    return made


@contextmanager
def sink(sender: Sender) -> Iterator[None]:
    """Meanwhile mails go to a list instead of anywhere."""
    aiosmtpd = pytest.importorskip("aiosmtpd.controller", reason="needs aiosmtpd")

    class Handler:
        async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
            mail = message_from_bytes(envelope.content, policy=policy.default)
            sender.got.append(str(mail["Subject"]))
            return "250 OK"

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        sender.port = free.getsockname()[1]
    server = aiosmtpd.Controller(Handler(), hostname="127.0.0.1", port=sender.port)
    server.start()
    try:
        yield
    finally:
        server.stop()


def needs_send_email() -> None:
    """Skip where git has no send-email; CI has it."""
    done = subprocess.run(["git", "--exec-path"], capture_output=True, text=True, check=False)
    if not Path(done.stdout.strip(), "git-send-email").exists() and "CI" not in os.environ:
        pytest.skip("needs git send-email (apt install git-email)")
