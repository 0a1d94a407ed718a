# SPDX-License-Identifier: GPL-2.0-or-later
"""What git send-email hands to its hook, file by file, put together to the series it is about to send.

From 2.41 on git says which file of how many it is, and the series is reviewed with the last one. Older git does not,
and each patch is reviewed as it comes. Between the calls the names are kept in a file that belongs to the process that
sends; what one that was stopped left behind the next one sweeps away.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

from reviewer import cache
from reviewer.errors import ReviewError, ToolError

_FOLDER = "sending"
_SENDER = b"git-send-email"


def numbered() -> tuple[int, int] | None:
    """Which file this is, of how many; None when git does not say."""
    try:
        number, total = (int(os.environ[f"GIT_SENDEMAIL_FILE_{name}"]) for name in ("COUNTER", "TOTAL"))
    except (KeyError, ValueError):
        return None
    return (number, total) if 1 <= number <= total else None


def collected(file: str) -> list[str]:
    """The files to review now: none while more of the series are to come. ReviewError when some got lost."""
    place = numbered()
    if place is None:
        return [file]
    number, total = place
    try:
        store = _store(fresh=number == 1)
        names = [*(json.loads(store.read_text("ascii")) if number > 1 and store.exists() else []), file]
        if number < total:
            _keep(store, names)
            return []
        store.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        raise ToolError("the names of the patches could not be kept", place=_FOLDER) from error
    if len(names) != total:
        raise ReviewError(f"of {total} files only {len(names)} were seen")
    return names


def _keep(store: Path, names: list[str]) -> None:
    aside = store.with_suffix(".new")
    aside.write_text(json.dumps(names), "ascii")
    aside.replace(store)


def _store(fresh: bool) -> Path:
    """The file of the process that sends. fresh: its first call, where what others left is swept."""
    folder = cache.writable() / _FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    mine = folder / _known_as(_sender())
    if fresh:
        for old in folder.iterdir():
            pid = old.name.partition("-")[0]
            if old == mine or not pid.isdigit() or _known_as(int(pid)) != old.stem:
                old.unlink(missing_ok=True)
    return mine


def _sender() -> int:
    """The git send-email above this process; else what leads its group."""
    pid = os.getppid()
    with suppress(OSError, ValueError, IndexError):
        while pid > 1:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if any(os.path.basename(word) == _SENDER for word in words):  # noqa: PTH119
                return pid
            pid = int(_stat(pid)[1])
    return os.getpgrp()


def _known_as(pid: int) -> str:
    """A process by its number and when it started: numbers come again."""
    try:
        return f"{pid}-{_stat(pid)[19]}"
    except (OSError, IndexError):
        return f"{pid}-"


def _stat(pid: int) -> list[str]:
    """The fields of a process from its state on; its name before that may hold anything."""
    return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
