# SPDX-License-Identifier: GPL-2.0-or-later
"""What the subject of a mail says: reply or not, the [PATCH v4 2/9] part, and the rest."""

from __future__ import annotations

import re
from dataclasses import dataclass

_REPLY = re.compile(r"\s*(?:re|aw|sv|fwd?)\s*(?:\[\d+\])?:\s*", re.IGNORECASE)
_BRACKETS = re.compile(r"\s*\[([^\[\]]*)\]\s*")
_VERSION = re.compile(r"(?:patch|rfc)?v(\d+)(?:\.\d+)?", re.IGNORECASE)
_NUMBER = re.compile(r"(\d{1,4})/(\d{1,4})")  # more is a boast


@dataclass(frozen=True)
class Subject:
    """A parsed subject. index and total are 0 when it has no n/m; version is 1 when it names none."""

    text: str
    reply: bool
    patch: bool  # says [PATCH] or n/m
    version: int
    index: int
    total: int

    @property
    def numbered(self) -> bool:
        return self.total > 0


def parse_subject(subject: str) -> Subject:
    """Read "Re: [PATCH RFC mm-unstable v2 1/3] mm: text" apart. Every string is a subject."""
    rest = _REPLY.sub("", subject) if (reply := bool(_REPLY.match(subject))) else subject
    words: list[str] = []
    # Like git am: all brackets in front are for the list, not part of the subject.
    while match := _BRACKETS.match(rest):
        words += match[1].replace(",", " ").split()
        rest = rest[match.end() :]
    versions = [int(match[1][:9]) for word in words if (match := _VERSION.fullmatch(word))]
    numbers = [(int(match[1]), int(match[2])) for word in words if (match := _NUMBER.fullmatch(word))]
    index, total = next((pair for pair in numbers if pair[0] <= pair[1]), (0, 0))
    return Subject(
        text=rest.strip(),
        reply=reply,
        patch=bool(numbers) or any("patch" in word.lower() for word in words),
        version=versions[-1] if versions else 1,
        index=index,
        total=total,
    )
