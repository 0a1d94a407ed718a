# SPDX-License-Identifier: GPL-2.0-or-later
"""What git show and git log -p print, as the mails that git format-patch would make of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from reviewer.errors import MailError
from reviewer.limits import MAILS

# In a diff no line starts so, and a message is indented.
_COMMIT = re.compile(rb"^(?=commit [0-9a-f]{7,64}\b[^\n]*\n(?:Merge|Author|tree)\b)", re.MULTILINE)
_FIELD = re.compile(r"(\w+):?\s+(.*)")
_DIFF = re.compile(rb"^diff --(?:git|cc|combined) ", re.MULTILINE)


_BLOBS = re.compile(rb"^index ([0-9a-f]{7,64})\.\.([0-9a-f]{7,64})", re.MULTILINE)


def is_shown(data: bytes) -> bool:
    """Whether this is commits as git shows them, not mail."""
    return bool(_COMMIT.match(data))


def mails(label: str, data: bytes) -> Iterator[bytes]:
    """One mail for each commit, the oldest first. MailError for a merge."""
    commits = _COMMIT.split(data)[1:]
    MAILS.check(len(commits), label, MailError)
    commits = _oldest_first(commits)
    # What changes nothing, as the cover letter of b4, is no patch.
    commits = [commit for commit in commits if _DIFF.search(commit)] or commits
    for number, commit in enumerate(commits, 1):
        start = found.start() if (found := _DIFF.search(commit)) else len(commit)
        head, _, text = commit[:start].decode("utf-8", "replace").replace("\r\n", "\n").partition("\n\n")
        fields = {match[1]: match[2] for line in head.split("\n") if (match := _FIELD.fullmatch(line))}
        if "Merge" in fields:
            name = fields.get("commit", "")[:12]
            hint = f"Give what it merged: git log -p {name}^1..{name}^2"
            raise MailError(f"commit {name} is a merge, and a series is a straight line", place=label, hint=hint)
        lines = [line.removeprefix("    ") for line in text.split("\n")]
        subject, _, body = "\n".join(lines).strip("\n").partition("\n\n")
        author = fields.get("Author", fields.get("author", "")).strip()
        date = fields.get("Date", fields.get("AuthorDate", "")).strip()
        top = f"From: {author}\nDate: {date}\nSubject: [PATCH {number}/{len(commits)}] {' '.join(subject.split())}\n"
        kind = "MIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n"
        yield f"{top}{kind}\n{body}\n---\n".encode() + commit[start:]


def _oldest_first(commits: list[bytes]) -> list[bytes]:
    """git log begins with the newest commit, unless told otherwise: what a commit leaves is what a later one finds."""
    blobs = [_BLOBS.findall(commit) for commit in commits]
    pairs = list(pairwise(({old for old, _ in one}, {new for _, new in one}) for one in blobs))
    forward = sum(1 for (_, left), (found, _) in pairs if left & found)
    backward = sum(1 for (found, _), (_, left) in pairs if left & found)
    return commits if forward > backward else commits[::-1]
