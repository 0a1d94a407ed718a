# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs an attack: its C in the code under test, or its text as a mail, with what it is after in reach.

What decides is outside of the tool: a canary file that is to be written, a secret that is to be read, a listener on
the loopback address that is to be called, and a snapshot of the folder that they lie in.
"""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import socket
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from unittest import mock

from oracle import sandbox
from oracle.entries import entry
from oracle.runner import Runner, RunnerError
from reviewer.building import toolchain
from reviewer.building.objects import compiled, runtime
from reviewer.building.pair import build_from_text, slice_of
from reviewer.errors import ReviewError
from reviewer.resources import folder
from reviewer.support import cache
from reviewer.trees.kernel import open_tree

HERE = Path(__file__).resolve().parent
_FUNCTION = "\nstatic int move_ptes("
SECRET = "the_secret_of_this_machine"
# Writes the canary, tells the secret and calls the listener, as far as it is let.
_PAYLOAD = """
extern int open(const char *, int, ...), socket(int, int, int), connect(int, const void *, unsigned), close(int);
extern long read(int, void *, unsigned long), write(int, const void *, unsigned long);
void payload(void);
void payload(void)
{
	char text[64];
	unsigned short address[8] = { 2, @PORT@, 0x007f, 0x0100 };
	int from = open("@SECRET@", 0), to = open("@CANARY@", 0101, 0666), line = socket(2, 1, 0);
	long got = from < 0 ? 0 : read(from, text, sizeof(text));

	write(1, text, got);
	write(to, text, got);
	connect(line, address, sizeof(address));
	close(line);
}
"""
# What can be switched off: by the name of a layer, or what refuses the text or the object.
TEXT, OBJECT = "text", "object"


@dataclass(frozen=True)
class Attack:
    """what: in words. scope, body: C at file scope, and in move_ptes(). goal: "run" (before or beside what the runner
    lets it), "read", "hang", "memory". refused: TEXT or OBJECT, what refuses it first; empty when it is C like any
    other. held: what holds it even with all that switched off, which it cannot get round ("runner": what that closes
    itself; "limits"); empty when it then gets what it is after. beyond: a layer that alone does not hold it."""

    name: str
    what: str
    goal: str
    refused: str
    held: str = ""
    beyond: str = ""
    scope: str = ""
    body: str = ""


@dataclass
class Prey:
    """What an attack is after. lost() says what it got."""

    place: Path
    listener: socket.socket
    before: dict[str, bytes] = field(default_factory=dict)

    def text(self, code: str) -> str:
        """The code with the places of this prey in it."""
        port = self.listener.getsockname()[1]
        swapped = (port & 255) << 8 | port >> 8  # as the network has it
        return (
            code.replace("@PAYLOAD@", _PAYLOAD)
            .replace("@CANARY@", str(self.place / "canary"))
            .replace("@SECRET@", str(self.place / "secret"))
            .replace("@FIFO@", str(self.place / "fifo"))
            .replace("@PORT@", str(swapped))
        )

    def lost(self, told: str) -> list[str]:
        """What the attack came to. told: all that the tool said."""
        found = [] if self._files() == self.before else ["files changed"]
        self.listener.settimeout(0)
        try:
            self.listener.accept()[0].close()
            found.append("the listener was called")
        except BlockingIOError:
            pass
        return found + (["the secret was told"] if SECRET in told else [])

    def _files(self) -> dict[str, bytes]:
        return {str(p): p.read_bytes() if p.is_file() else b"" for p in sorted(self.place.rglob("*"))}


@contextmanager
def prey(place: Path) -> Iterator[Prey]:
    """A folder with a secret and a FIFO nobody writes to, and a listener."""
    place.mkdir()
    place.joinpath("secret").write_text(f"{SECRET} leaked;\n", "ascii")
    os.mkfifo(place / "fifo")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made = Prey(place, listener)
        made.before = made._files()
        yield made


def attacks() -> list[Attack]:
    """All of this folder, by name."""
    files = sorted(HERE.glob("*.toml"))
    return [Attack(f.stem, **tomllib.loads(f.read_text("utf-8"))) for f in files]


@contextmanager
def off(*names: str) -> Iterator[None]:
    """Meanwhile without these: TEXT, OBJECT, or layers of the sandbox."""
    with ExitStack() as stack:
        if TEXT in names:
            stack.enter_context(mock.patch("reviewer.building.objects.refuse_unsafe", lambda _: None))
        if OBJECT in names:
            stack.enter_context(mock.patch("reviewer.building.objects.refuse_unsafe_object", lambda *_: None))
        stack.enter_context(sandbox.using(sandbox.found().without(*names)))
        yield


def attempt(attack: Attack, target: Prey, kept: Path) -> str:
    """Let an attack be built and run as replay does with the code of a finding, which no slicer has been at. What the
    tool says of it, with what it keeps."""
    shutil.copytree(_made(), kept)
    before = _slice()
    start = before.index(_FUNCTION)
    body = before.index("\n{", start) + 2
    # At its very start, where nothing of the world is known yet.
    text = f"{target.text(attack.scope)}\n{before[:body]}\n{target.text(attack.body)}{before[body:]}"
    less = replace(toolchain.LIMITS, memory=512 << 20, wall=20.0)
    with mock.patch.object(cache, "writable", lambda: kept), mock.patch.object(toolchain, "LIMITS", less):
        try:
            with Runner(build_from_text((before, text), "x86-64"), timeout=5) as runner:
                said = str(runner.campaign(1, 0, 200))
        except (ReviewError, RunnerError) as error:
            said = str(error)
    files = b"".join(p.read_bytes() for p in sorted(kept.iterdir()) if p.is_file())
    return said + files.decode("latin-1")


@functools.cache
def _made() -> Path:
    """A cache that holds what no attack changes: the simulated world, and the side before."""
    place = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    with mock.patch.object(cache, "writable", lambda: place):
        runtime("x86-64")
        compiled(_slice(), "before")
    shutil.rmtree(place / "work", ignore_errors=True)
    return place


@functools.cache
def _slice() -> str:
    known = entry("move_ptes")
    assert known is not None
    with open_tree(folder("corpus") / "tree") as kernel:
        return slice_of(kernel.at(kernel.head), known, "x86-64").text
