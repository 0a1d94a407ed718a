# SPDX-License-Identifier: GPL-2.0-or-later
"""What a campaign is asked for: series out of files, mailboxes and maildirs, or entries of a tree as it is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reviewer.errors import ReviewError
from reviewer.intake.mail import read_messages
from reviewer.intake.series import series_from_messages
from reviewer.intake.subjects import Subject, parse_subject
from reviewer.model import Message, Series
from reviewer.settings import Settings

_BOXES = (".mbox", ".mbox.gz", ".eml")


@dataclass(frozen=True)
class Asked:
    """sources: paths of mails. entries: names of those to be run on the tree as it is. seeds: all of them count as one
    campaign of a pair. settings: as of a review."""

    sources: tuple[str, ...]
    entries: tuple[str, ...]
    tree: str | None
    base: str
    seeds: tuple[int, ...]
    settings: Settings


@dataclass(frozen=True)
class Target:
    """A series, or an entry of the tree. name: for people, and unlike all others; failed: why there is no series."""

    name: str
    series: Series | None = None
    entry: str = ""
    failed: str = ""

    def key(self, asked: Asked, head: str) -> str:
        """What its result depends on, but for the tool; head: the tree's commit, if it has any."""
        patches = self.series.patches if self.series else ()
        part = (self.series.missing, self.series.held, self.series.base_commit) if self.series else ()
        mails = [(p.index, p.subject, p.message.message_id, p.message.body, p.message.diff) for p in patches]
        what = (self.name, self.entry, self.failed, part, mails, asked.base, asked.seeds, asked.settings.told(), head)
        return hashlib.sha256(repr(what).encode()).hexdigest()


def sources(paths: Sequence[str]) -> list[str]:
    """The paths, with those of a folder of mailboxes in its place."""
    return [found for path in paths for found in _inside(path)]


def _inside(path: str) -> list[str]:
    place = Path(path)
    if not place.is_dir() or (place / "cur").is_dir() or (place / "new").is_dir():
        return [path]
    boxes = sorted(str(p) for p in place.iterdir() if p.name.endswith(_BOXES) or (p / "cur").is_dir())
    return boxes or [path]


def targets(source: str) -> Iterator[Target]:
    """The series of one file, maildir or folder; what cannot be read is one that failed."""
    name = Path(source).name if source != "-" else "standard input"
    name = f"{Path(source).parent.name}/{name}" if Path(source).parent.name else name
    try:
        groups = threads(read_messages(source))
    except ReviewError as error:
        yield Target(name, failed=str(error))
        return
    for number, messages in enumerate(groups, 1):
        called = name if len(groups) == 1 else f"{name} {number}"
        try:
            yield Target(called, series_from_messages(messages))
        except ReviewError as error:
            yield Target(called, failed=str(error))


def threads(messages: Sequence[Message]) -> list[tuple[Message, ...]]:
    """The messages of each series. Mails that answer one of another version, or are numbered otherwise, are of another
    series; so is each patch that neither has a number nor answers anything. What holds no patch is no series."""
    answered = {m.in_reply_to for m in messages if not parse_subject(m.subject).reply}
    roots: dict[str, str] = {}
    groups: dict[tuple[object, ...], list[Message]] = {}
    for message in messages:
        above = roots.get(message.in_reply_to) or next((roots[r] for r in message.references if r in roots), "")
        roots[message.message_id] = root = above or message.in_reply_to or message.message_id
        key = _group(message, parse_subject(message.subject), root, message.message_id in answered)
        groups.setdefault(key, []).append(message)
    posted = [g for key, g in groups.items() if key[0] and any(m.diff for m in g)]
    return [tuple(g) for g in posted] or [tuple(messages)]


def _group(message: Message, subject: Subject, root: str, answered: bool) -> tuple[object, ...]:
    if subject.reply:
        return (False, root)
    if subject.index and not (message.in_reply_to or answered):  # numbered, and not threaded
        return (True, message.author, subject.version, subject.total)
    return (True, root, subject.version, subject.total)
