# SPDX-License-Identifier: GPL-2.0-or-later
"""A kernel of a source and what a patch makes of it, built in the sandbox: Makefiles and host programs are a
stranger's."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from oracle import sandbox
from oracle.sandbox import BUILDER, Limits, Policy
from reviewer.booting.config import lacking, merged, required, wanted
from reviewer.booting.outputs import Output, output
from reviewer.booting.overlaid import laid
from reviewer.booting.targets import Target, target
from reviewer.errors import ReviewError, ToolError
from reviewer.reproducing.model import Needs

# Of all a build takes the link the most, 600 MB; each process has that much and more.
LIMITS = Limits(memory=4 << 30, cpu=3600, wall=3600.0, size=1 << 30, processes=512, output=16 << 20)
_IMAGE = 256 << 20  # bytes
_CONFIG = 1 << 20
_SAID = 12  # lines of a build that failed
_SRC, _OUT = "/src", "/out"
_PATH = "/usr/local/bin:/usr/bin:/bin"
_DEVICES = ("/dev/zero", "/dev/urandom", "/dev/random")
# Data of bison, perl and the like, and where Debian's perl has its settings.
_READS = (Path("/usr/share"), Path("/etc/perl"))
_WRONG = re.compile(r"\berror\b|\*\*\*|undefined reference|fatal|not found|No such file|Killed", re.IGNORECASE)

Told = Callable[[str], None]


class BuildError(ReviewError):
    """A kernel cannot be built of these sources: the verdict says so."""


@dataclass(frozen=True)
class Kernel:
    """image: what a machine boots. release: as it calls itself, "7.3.4"."""

    image: bytes
    release: str


def build(
    source: Path, texts: Mapping[str, bytes | None], flavour: str, needs: Needs, told: Told, jobs: int = 0
) -> Kernel:
    """Build a kernel of a whole source, which is only read, with these texts in place of its own. told: hears what is
    being done, about once a second. BuildError where it cannot be built, ToolError where this machine lacks
    something."""
    if sandbox.current().bubblewrap is None:
        hint = sandbox.LAYERS[sandbox.NAMESPACES]
        raise ToolError("a kernel is only built, and run, in namespaces, which are missing here", hint=hint)
    aim = target(flavour)
    try:
        options = wanted(aim, needs)
    except ValueError as error:
        raise ReviewError(str(error), place="options of the program") from error
    with output(source, flavour, told) as made:
        shown = laid(made.texts, source, texts, _SRC)
        work = _Work(made, aim, shown, told, jobs or os.cpu_count() or 1)
        _made(work, options, required(aim, needs), texts)
        image = made.read(aim.image, _IMAGE)
        release = (made.read("include/config/kernel.release", 100) or b"").decode("ascii", "replace").strip()
    if not image:
        raise BuildError("the build left no kernel", place=aim.image)
    return Kernel(image, release if re.fullmatch(r"[\w.+~-]+", release) else "")


def _made(work: _Work, options: Mapping[str, str], least: Mapping[str, str], texts: Mapping[str, bytes | None]) -> None:
    """Configure and build."""
    # A patch may bring an option.
    asked = (sorted(options.items()), sorted((p, t) for p, t in texts.items() if Path(p).name.startswith("Kconfig")))
    key = hashlib.sha256(repr(asked).encode()).hexdigest()
    kept = work.output.configured.is_file() and work.output.configured.read_text("ascii") == key
    if not kept:
        _configured(work, options, least, key)
    try:
        work.make([work.aim.goal], "building")
    except BuildError:
        if not (kept and work.unconfigured):
            raise
        # The source may have got an option since.
        _configured(work, options, least, key)
        work.make([work.aim.goal], "building")


def _configured(work: _Work, options: Mapping[str, str], least: Mapping[str, str], key: str) -> None:
    """Configure, and note for what. BuildError where a tree lacks what is needed least."""
    made = work.output
    made.configured.unlink(missing_ok=True)
    work.make(["tinyconfig"], "configuring")
    made.write(".config", merged(_config(made), options).encode())
    work.make(["olddefconfig"], "configuring")
    if short := lacking(_config(made), least):
        raise BuildError(f"this tree cannot be configured with {', '.join(short)}")
    made.configured.write_text(key, "ascii")


def _config(made: Output) -> str:
    return (made.read(".config", _CONFIG) or b"").decode("utf-8", "replace")


class _Work:
    """make in one output folder, and what it says."""

    def __init__(self, made: Output, aim: Target, shown: Sequence[tuple[Path, str]], told: Told, jobs: int) -> None:
        self.output, self.aim = made, aim
        self.unconfigured = False  # that what failed was to take over the configuration
        self._shown, self._told, self._jobs = tuple(shown), told, jobs

    def make(self, goals: Sequence[str], what: str) -> None:
        """Run make. BuildError when it fails, with the lines that say why."""
        heard = _Heard(what, self._told)
        done = sandbox.watch(self._command(goals), self._policy(), heard)
        self.unconfigured = heard.says("syncconfig")
        if done.stopped or done.status:
            why = f"make was stopped: {done.stopped}" if done.stopped else f"make {goals[0]} failed"
            raise BuildError(why, details=heard.reasons())

    def _command(self, goals: Sequence[str]) -> list[str]:
        # No time, place or user of this machine in what is built.
        same = (
            "KBUILD_BUILD_TIMESTAMP=1970-01-01",
            "KBUILD_BUILD_USER=review",
            "KBUILD_BUILD_HOST=review",
            "LOCALVERSION=",
        )
        cross = [f"CROSS_COMPILE={self.aim.cross}"] if self.aim.cross else []
        program = shutil.which("make", path=_PATH)
        if program is None:
            raise ToolError("make is missing", hint="See review-patch doctor.")
        return [program, "-C", _SRC, f"O={_OUT}", f"ARCH={self.aim.arch}", *cross, *same, f"-j{self._jobs}", *goals]

    def _policy(self) -> Policy:
        temporary = self.output.out / "tmp"
        if temporary.is_symlink() or not temporary.is_dir():
            temporary.unlink(missing_ok=True)
            temporary.mkdir()
        environment = (("LC_ALL", "C"), ("PATH", _PATH), ("HOME", _OUT), ("TMPDIR", f"{_OUT}/tmp"))
        return Policy(BUILDER, LIMITS, _READS, self.output.out, finds_itself=True, environment=environment,
                      shows=self._shown, at=_OUT, devices=_DEVICES)  # fmt: skip


class _Heard:
    """What make says: counted for who waits, and its end kept for who has to know why it failed."""

    def __init__(self, what: str, told: Told) -> None:
        self._what, self._told, self._began = what, told, time.monotonic()
        self._steps, self._rest, self._lines = 0, b"", list[str]()

    def __call__(self, chunk: bytes) -> None:
        *lines, self._rest = (self._rest + chunk[-(1 << 16) :]).split(b"\n")
        self._rest = self._rest[-4096:]
        self._steps += sum(line.startswith(b"  ") for line in lines)
        self._lines = [*self._lines, *(line[:400].decode("utf-8", "replace") for line in lines)][-400:]
        self._told(f"{self._what}: {self._steps} steps, {time.monotonic() - self._began:.0f} s")

    def says(self, word: str) -> bool:
        """Whether a word is among its last lines."""
        return any(word in line for line in self._lines[-20:])

    def reasons(self) -> tuple[str, ...]:
        """The lines that say what is wrong, or the last ones."""
        wrong = [line for line in self._lines if _WRONG.search(line) and not line.startswith("make")]
        return tuple((wrong or self._lines)[:_SAID])
