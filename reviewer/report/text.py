# SPDX-License-Identifier: GPL-2.0-or-later
"""Text from mails is untrusted: what a terminal, a page or a mail could take for a command is spelt out."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from reviewer.words import count, ranges

__all__ = ["count", "one_line", "printable", "ranges"]

T = TypeVar("T")

# Control, format (right-to-left overrides among them), lone surrogates, line and paragraph separators.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def printable(value: T) -> T:
    """The value, whatever it is made of, with every text in it made harmless."""
    copy: Any = value
    if isinstance(copy, str):
        copy = "".join(map(_spelt, copy))
    elif is_dataclass(copy) and not isinstance(copy, type):
        copy = replace(copy, **{item.name: printable(getattr(copy, item.name)) for item in fields(copy)})
    elif isinstance(copy, Mapping):
        copy = {printable(key): printable(entry) for key, entry in copy.items()}
    elif isinstance(copy, tuple | list):
        copy = type(copy)(printable(entry) for entry in copy)
    safe: T = copy
    return safe


def one_line(text: str) -> str:
    """The text with every run of white space as one blank, fit for a heading or a mail header."""
    return " ".join(text.split())


def shortened(text: str, most: int) -> str:
    """The text, or as much of it as fits with the dots that say so."""
    return text if len(text) <= most else f"{text[: most - 3].rstrip()}..."


def _spelt(char: str) -> str:
    if char in "\n\t" or unicodedata.category(char) not in _UNSAFE:
        return char
    return f"\\x{ord(char):02x}" if ord(char) < 0x100 else f"\\u{ord(char):04x}"
