# SPDX-License-Identifier: GPL-2.0-or-later
"""A series that is handed over file by file, put together again.

From 2.41 on git says which file of how many it is, and the series is reviewed with the last one. Older git does not,
nor does b4, and each patch is reviewed as it comes. Between the calls what came is kept in a file that belongs to the
process that hands it over; what one that was stopped left behind the next one sweeps away.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

from reviewer.errors import ReviewError, ToolError
from reviewer.limits import MAIL_FILE
from reviewer.support import cache

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
        store = _store(sender(), fresh=number == 1)
        names = [*(_kept(store) if number > 1 else []), file]
        if number < total:
            _keep(store, names)
            return []
        store.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        raise ToolError("the names of the patches could not be kept", place=_FOLDER) from error
    if len(names) != total:
        raise ReviewError(f"of {total} files only {len(names)} were seen")
    return names


def before(giver: int, mail: bytes) -> list[bytes]:
    """The mails that a process gave before this one, which is kept for those that come after it; none when they
    cannot be kept."""
    with suppress(OSError, ValueError, ReviewError):
        earlier = _kept(_store(giver, fresh=False))
        store = _store(giver, fresh=not earlier)
        if sum(map(len, earlier)) + len(mail) <= MAIL_FILE.most:
            _keep(store, [*earlier, mail.decode("latin-1")])
        return [text.encode("latin-1") for text in earlier]
    return []


def _kept(store: Path) -> list[str]:
    return [str(entry) for entry in json.loads(store.read_text("ascii"))] if store.exists() else []


def _keep(store: Path, entries: list[str]) -> None:
    aside = store.with_suffix(".new")
    aside.write_text(json.dumps(entries), "ascii")
    aside.replace(store)


def _store(giver: int, fresh: bool) -> Path:
    """The file of a process. fresh: its first call, where what others left is swept."""
    folder = cache.writable() / _FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    mine = folder / _known_as(giver)
    if fresh:
        for old in folder.iterdir():
            pid = old.name.partition("-")[0]
            if old == mine or not pid.isdigit() or _known_as(int(pid)) != old.stem:
                old.unlink(missing_ok=True)
    return mine


def sender() -> int:
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
