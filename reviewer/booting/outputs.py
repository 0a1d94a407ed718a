# SPDX-License-Identifier: GPL-2.0-or-later
"""Where kernels are built: a folder for each tree and flavour, kept so that the next build is short. Another
configuration is built in the same folder, since make knows what depends on an option.

A folder holds "out", which what is built writes to, and what this tool alone writes: the texts laid over the tree, and
what the folder is for. What lies in "out" is a stranger's: it is read as such.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from reviewer.errors import ToolError
from reviewer.support import cache

_NAME = "kernels"
_MOST = 6  # folders, of some 200 MB each
_ABOUT = "about.json"


@dataclass(frozen=True)
class Output:
    """The folder of one tree and flavour."""

    folder: Path

    @property
    def out(self) -> Path:
        """What the build writes to."""
        return self.folder / "out"

    @property
    def texts(self) -> Path:
        """What is kept of overlays."""
        return self.folder / "texts"

    @property
    def configured(self) -> Path:
        """The file that says what it was last configured for."""
        return self.folder / "configured"

    def read(self, name: str, most: int) -> bytes | None:
        """A file of what was built, if it is a plain one that lies there and is no longer than that."""
        file = self.out / name
        with suppress(OSError):
            if file.resolve() == self.out.resolve() / name:
                handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
                with os.fdopen(handle, "rb") as stream:
                    seen = os.fstat(handle)
                    return stream.read(most) if stat.S_ISREG(seen.st_mode) and seen.st_size <= most else None
        return None

    def write(self, name: str, content: bytes) -> None:
        """Put a file at the top of what is built, in place of whatever has that name."""
        aside = self.folder / "aside"
        aside.write_bytes(content)
        aside.replace(self.out / name)


@contextmanager
def output(source: Path, flavour: str, told: Callable[[str], None] = lambda _: None) -> Iterator[Output]:
    """The folder of a tree and flavour, this process' own meanwhile: another one waits. told: hears of that. ToolError
    where there is no room."""
    seen = source.stat()
    version = hashlib.sha256((source / "Makefile").read_bytes()).hexdigest()
    what = {"tree": str(source.resolve()), "node": [seen.st_dev, seen.st_ino], "version": version,
            "flavour": flavour}  # fmt: skip
    key = hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:16]
    made = Output(_kernels() / f"{flavour}-{key}")
    try:
        for folder in (made.folder, made.out, made.texts):
            folder.mkdir(parents=True, exist_ok=True)
        with (made.folder / "lock").open("w") as lock:
            _taken(lock.fileno(), told)
            (made.folder / _ABOUT).write_text(json.dumps({"tree": what["tree"], "flavour": flavour}), "utf-8")
            os.utime(made.folder)
            bound(_MOST)
            yield made
            os.utime(made.folder)
    except OSError as error:
        hint = "Set REVIEW_PATCH_CACHE to a folder with some GB of room."
        raise ToolError(
            f"a kernel cannot be built here: {error.strerror}", place=str(made.folder), hint=hint
        ) from error


def _taken(lock: int, told: Callable[[str], None]) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        told("waiting for another build of the same source")
        fcntl.flock(lock, fcntl.LOCK_EX)


def _kernels() -> Path:
    return cache.writable() / _NAME


def folders() -> list[tuple[Path, str, int]]:
    """(folder, what it is for, bytes) of each that is kept, the one used last at the end."""
    found = []
    with suppress(OSError):
        for folder in sorted(_kernels().iterdir(), key=lambda one: one.stat().st_mtime):
            found.append((folder, _about(folder), _size(folder)))
    return found


def _about(folder: Path) -> str:
    with suppress(OSError, ValueError, KeyError):
        said = json.loads((folder / _ABOUT).read_text("utf-8"))
        return f"{said['flavour']} of {said['tree']}"
    return "no one knows what"


def _size(folder: Path) -> int:
    total = 0
    for at, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += os.lstat(os.path.join(at, name)).st_blocks * 512  # noqa: PTH118
    return total


def bound(most: int) -> int:
    """Remove those used longest ago until so many are left, but none that is being used. Returns how many there are."""
    places = _kernels()
    left = sorted(places.iterdir(), key=lambda one: one.stat().st_mtime) if places.is_dir() else []
    for folder in left[: max(0, len(left) - most)]:
        with suppress(OSError), (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
            left.remove(folder)
    return len(left)
