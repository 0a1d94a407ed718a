# SPDX-License-Identifier: GPL-2.0-or-later
"""What was made once is kept: objects, programs and what came of compiling, by the hash of what went in.

Each file ends with the checksum of its name and what is before it, so that a damaged or a wrong one is made anew;
linkers and the system do not look there. The folder is bounded: what was used longest ago goes first, but nothing that
was used within the hour. A folder that cannot be written to is read all the same, and what is new goes to one that ends
with this process.
"""

from __future__ import annotations

import atexit
import fcntl
import hashlib
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from shutil import rmtree

import platformdirs

from reviewer.errors import ToolError

SIZE = 512 << 20  # bytes, where `git config reviewpatch.cacheSize` says nothing else
_RECENT = 3600.0  # seconds
_SUM = 32  # bytes of the checksum at a file's end
_ROOM = 64 << 20  # bytes: with less a disk is full
_WORK = "work"
SETTING = "reviewpatch.cacheSize"
_HINT = "Set REVIEW_PATCH_CACHE to a folder that can be written to."


@cache
def folder() -> Path:
    """Where things are kept: $REVIEW_PATCH_CACHE, else the user's cache directory; else a folder of this process."""
    chosen = os.environ.get("REVIEW_PATCH_CACHE")
    wanted = Path(chosen).absolute() if chosen else Path(platformdirs.user_cache_dir("review-patch"))
    with suppress(OSError):
        wanted.mkdir(parents=True, exist_ok=True)
        return wanted
    return _own()


def writable() -> Path:
    """Where new things go, and are run from: folder(), unless that is read-only or full, or not to be run from."""
    return folder() if _usable(folder()) and _room(folder()) >= _ROOM else _own()


@cache
def _usable(place: Path) -> bool:
    return os.access(place, os.W_OK | os.X_OK) and not _mounted(place, os.ST_RDONLY | os.ST_NOEXEC)


def _room(place: Path) -> int:
    """Bytes that are free."""
    seen = os.statvfs(place)
    return seen.f_bavail * seen.f_frsize


def get(name: str) -> Path | None:
    """The file of that name, whole and ready to use; None when it has to be made."""
    found = _whole(name)
    return found[0] if found is not None else None


def content(name: str) -> bytes | None:
    """What the file of that name holds; None when it has to be made."""
    found = _whole(name)
    return found[1] if found is not None else None


def text(name: str) -> str | None:
    """The same as text."""
    held = content(name)
    return held.decode("utf-8", "replace") if held is not None else None


def _whole(name: str) -> tuple[Path, bytes] | None:
    """The file of that name, and what it holds but for its checksum. A damaged one goes."""
    for place in dict.fromkeys((writable(), folder())):
        path = place / name
        if path.is_dir() and place == writable():
            rmtree(path, ignore_errors=True)
        with suppress(OSError):
            content = path.read_bytes()
            if len(content) > _SUM and _checksum(name, content[:-_SUM]) == content[-_SUM:]:
                if place != writable():
                    path = put(name, content[:-_SUM], mode=path.stat().st_mode & 0o777)
                os.utime(path)
                return path, content[:-_SUM]
            if place == writable():
                path.unlink()
    return None


def put(name: str, content: bytes, mode: int = 0o644) -> Path:
    """Keep something under a name. ToolError when there is no room for it."""
    path = writable() / name
    aside = path.with_name(f".{name}.{os.getpid()}-{threading.get_ident()}")
    try:
        aside.write_bytes(content + _checksum(name, content))
        aside.chmod(mode)
        aside.replace(path)
    except OSError as error:
        with suppress(OSError):
            aside.unlink()
        raise ToolError(f"there is no room: {error.strerror}", place=str(path.parent), hint=_HINT) from error
    _bound_once()
    return path


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for the time being. What a process that was killed left is swept away by the next one."""
    try:
        with tempfile.TemporaryDirectory(dir=_work(writable()), ignore_cleanup_errors=True) as made:
            yield Path(made)
    except OSError as error:
        raise ToolError(f"no room to work in: {error.strerror}", place=str(writable()), hint=_HINT) from error


@cache
def _work(place: Path) -> Path:
    """This process' own folder of scratch folders; whoever holds the lock in one is alive."""
    works = place / _WORK
    works.mkdir(exist_ok=True)
    for old in works.iterdir():
        if not _held(old):
            rmtree(old, ignore_errors=True)
    mine = Path(tempfile.mkdtemp(dir=works))
    lock = os.open(mine / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC)
    fcntl.flock(lock, fcntl.LOCK_EX)
    atexit.register(rmtree, mine, ignore_errors=True)
    return mine


def _held(old: Path) -> bool:
    """Whether the process a folder belongs to is there. Without a lock it may be about to take it."""
    try:
        lock = os.open(old / "lock", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        with suppress(OSError):
            return time.time() - old.stat().st_mtime < _RECENT
        return True
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(lock)
    return False


@cache
def _own() -> Path:
    """A folder that ends with this process."""
    made = Path(tempfile.mkdtemp(prefix="review-patch-"))
    atexit.register(rmtree, made, ignore_errors=True)
    if _mounted(made, os.ST_NOEXEC):
        raise ToolError("no folder was found from which programs may be run", place=str(made), hint=_HINT)
    return made


def _mounted(place: Path, how: int) -> bool:
    return bool(os.statvfs(place).f_flag & how)


def _checksum(name: str, content: bytes) -> bytes:
    """Of what is kept under this name and no other."""
    whole = hashlib.blake2b(name.encode() + b"\0", digest_size=_SUM)
    whole.update(content)
    return whole.digest()


@cache
def _bound_once() -> None:
    """A run adds some MB: to look once is enough."""
    bound(limit())


def limit() -> int:
    """The size to keep to, in bytes: `git config reviewpatch.cacheSize` of the user, else SIZE."""
    said = _set("--type=int")
    return int(said) if said.isdecimal() else SIZE


def refused() -> str:
    """What is set and is no size; "" when none is set, or one that holds."""
    return "" if _set("--type=int").isdecimal() else _set()


def _set(*how: str) -> str:
    """The size that is set, as git has it; "" when it has none."""
    asked = ["git", "config", "--global", *how, "--get", SETTING]
    with suppress(OSError):
        done = subprocess.run(asked, capture_output=True, text=True, errors="replace", cwd="/", check=False)
        return done.stdout.strip() if done.returncode == 0 else ""
    return ""


def bound(size: int, recent: float = _RECENT) -> int:
    """Remove what was used longest ago until so many bytes are left. Returns how many there are then."""
    found = sorted(files(), key=lambda one: one[1])
    total = sum(length for _, _, length in found)
    for path, used, length in found:
        if total <= size or time.time() - used < recent:
            break
        with suppress(OSError):
            path.unlink()
            total -= length
    return total


def files() -> list[tuple[Path, float, int]]:
    """(file, last use, bytes) of all that is kept."""
    found = []
    with os.scandir(writable()) as entries:
        for entry in entries:
            with suppress(OSError):
                if entry.is_file(follow_symlinks=False):
                    seen = entry.stat(follow_symlinks=False)
                    found.append((Path(entry.path), seen.st_mtime, seen.st_size))
    return found
