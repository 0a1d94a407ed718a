# SPDX-License-Identifier: GPL-2.0-or-later
"""Bytes from outside, never more than a limit allows: files, standard input, and what was packed."""

from __future__ import annotations

import sys
import zlib
from pathlib import Path
from typing import BinaryIO

from reviewer.errors import ReviewError
from reviewer.limits import Limit


def standard_input(stream: BinaryIO | None = None) -> BinaryIO:
    """Standard input as bytes. ReviewError when whoever started us closed it."""
    if stream is None and sys.stdin is None:
        raise ReviewError("is closed", place="standard input", hint="Give a file instead of '-'.")
    return stream or sys.stdin.buffer


def content(source: str, limit: Limit) -> bytes:
    """A file, or standard input ("-"). ReviewError when it cannot be read or is too large."""
    try:
        if source == "-":
            data = standard_input().read(limit.most + 1)
        else:
            with Path(source).open("rb") as stream:
                data = stream.read(limit.most + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise ReviewError(getattr(error, "strerror", None) or str(error), place=source) from error
    limit.check(len(data), source, read=True)
    return data


def inflated(data: bytes, limit: Limit, place: str) -> bytes:
    """What zlib packed. zlib.error when it is damaged."""
    stream = zlib.decompressobj()
    whole = stream.decompress(data, limit.most + 1)
    limit.check(len(whole), place, read=True)
    if not stream.eof:
        raise zlib.error("it ends in the middle")
    return whole


def check_lines(data: bytes, limit: Limit, place: str, error: type[ReviewError]) -> None:
    """Raise the error for a line that is too long."""
    start = 0
    while len(data) - start > limit.most:
        end = data.rfind(b"\n", start, start + limit.most + 1)
        if end < 0:
            end = data.find(b"\n", start)
            limit.check((end if end >= 0 else len(data)) - start, place, error)
        start = end + 1
