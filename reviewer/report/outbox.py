# SPDX-License-Identifier: GPL-2.0-or-later
"""The folder that reply drafts are written to: it never holds those of another series beside them.

Each draft begins with a header that names it as ours and seals it. A draft that nobody touched is cleared; one that was
edited, or that is none of ours, is somebody's work: then nothing is written, before or after.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from reviewer.errors import ReviewError
from reviewer.limits import MAIL

_SEAL = b"X-Review-Patch: draft "
_NAME = re.compile(r"\d{4,}-reply\.eml")


def sealed(mail: bytes) -> bytes:
    """The draft with its seal in front."""
    return _SEAL + _digest(mail) + b"\n" + mail


def check(directory: Path) -> tuple[Path, ...]:
    """The drafts in a folder, all of which may be cleared. ReviewError where one may not, or the folder is none."""
    try:
        if not directory.exists():
            return ()
        found = tuple(sorted(path for path in directory.iterdir() if _NAME.fullmatch(path.name)))
        kept = [path.name for path in found if not _untouched(path)]
    except OSError as problem:
        raise ReviewError(f"cannot be read: {problem.strerror}", place=str(directory)) from problem
    if kept:
        more = f" and {len(kept) - 1} more" if kept[1:] else ""
        raise ReviewError(
            f"{kept[0]}{more} was edited, or is no draft of this tool, and would be written over",
            place=f"--reply-dir {directory}", hint="Move it away, or name another folder.",
        )  # fmt: skip
    return found


def write(drafts: Mapping[str, bytes], directory: Path) -> tuple[Path, ...]:
    """Write the drafts into a directory, made when there are any, in the place of those of before; ReviewError when
    that fails."""
    old = check(directory)
    try:
        if drafts:
            directory.mkdir(parents=True, exist_ok=True)
        for path in old:
            path.unlink()
        for name, content in drafts.items():
            (directory / name).write_bytes(content)
    except OSError as problem:
        raise ReviewError(f"reply drafts cannot be written: {problem.strerror}", place=str(directory)) from problem
    return tuple(directory / name for name in drafts)


def _untouched(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        first, _, rest = stream.read(2 * MAIL.most).partition(b"\n")
    return first == _SEAL + _digest(rest)


def _digest(mail: bytes) -> bytes:
    return hashlib.sha256(mail).hexdigest()[:32].encode()
