# SPDX-License-Identifier: GPL-2.0-or-later
"""What the patches of a series change, as a review carries it, so that a finding can be tried without the series."""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass

from reviewer.errors import ReviewError
from reviewer.limits import DIFFS, PATCH
from reviewer.model import Series
from reviewer.support.bounded import inflated


@dataclass(frozen=True)
class Diff:
    """What a patch changes, packed (pack()), by its number in the series."""

    index: int
    subject: str
    diff: str


def pack(text: bytes) -> str:
    """A diff as a document carries it."""
    return base64.b85encode(zlib.compress(text, 9)).decode("ascii")


def unpack(packed: str, place: str) -> bytes:
    """The diff of pack(). ReviewError when it is damaged or too large."""
    try:
        return inflated(base64.b85decode(packed), PATCH, place)
    except (ValueError, zlib.error) as error:
        raise ReviewError("a diff in it is damaged", place=place) from error


def carried(series: Series, last: int) -> tuple[Diff, ...]:
    """Of the patches up to that one."""
    mine = [p for p in series.patches if p.index <= last]
    packed = tuple(Diff(p.index, p.subject, pack(p.message.diff)) for p in mine if p.message.diff)
    return packed if len(packed) == len(mine) and sum(len(d.diff) for d in packed) <= DIFFS.most else ()
