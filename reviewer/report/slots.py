# SPDX-License-Identifier: GPL-2.0-or-later
"""Entries as short signs: what an entry points to, and its bits as letters in fixed places.

The words are those of oracle/world/rows.c: "A[3] rw dirty", "swap 0:5", "migration read A[0]", "none".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# The letters in the order of their places, each with its word and what it says.
LETTERS: Mapping[str, tuple[str, str]] = {
    "w": ("rw", "writable"),
    "x": ("exec", "executable"),
    "d": ("dirty", "dirty"),
    "y": ("young", "accessed"),
    "s": ("soft-dirty", "soft-dirty"),
    "u": ("uffd-wp", "uffd-wp"),
    "n": ("protnone", "PROT_NONE"),
    "k": ("kernel-only", "valid, but not for user code"),
    "e": ("exclusive", "exclusive"),
    "c": ("cont", "in a contpte block"),
}
OFF = "-"
EMPTY = "."
MISSING = ""  # nothing is known of it
_LETTER = {word: letter for letter, (word, _) in LETTERS.items()}
_PAGE = re.compile(r"([A-Z]\d*)\[(\d+(?:\.\.\d+)?)\]")
_PFN = re.compile(r"pfn \+(-?\d+)")
_SHORT = (
    ("migration read-excl", "mig-rx"),
    ("migration read", "mig-r"),
    ("migration write", "mig-w"),
    ("device-exclusive", "devx"),
    ("device-private", "devp"),
    ("hwpoison", "poison"),
    ("uffd-wp marker", "m:wp"),
    ("poison marker", "m:poison"),
    ("guard marker", "m:guard"),
    ("zero page", "zero"),
    ("special", "special"),
    ("swap ", "swap "),
)


@dataclass(frozen=True)
class Signs:
    """An entry. kind: what it is if it is no plain page; folio and pages: what it points to; letters: its bits."""

    text: str
    kind: str
    folio: str
    pages: str
    letters: frozenset[str]

    @property
    def present(self) -> bool:
        """Whether it has a write bit to tell of."""
        return (
            bool(self.text) and not self.kind.startswith(("mig", "swap", "m:", "devx", "poison")) and self.kind != EMPTY
        )

    def bits(self, used: Iterable[str]) -> str:
        """Its letters in their places, of the places that are used; nothing where it has none to tell of."""
        if not (self.present or self.letters):
            return ""
        return "".join(letter if letter in self.letters else OFF for letter in used)

    def what(self, folio: str, pages: str) -> str:
        """What it points to, in short; nothing for the page that is said above it."""
        own = "" if (self.folio, self.pages) == (folio, pages) else f"{self.folio}{self.pages}"
        return "".join(filter(None, (self.kind, ":" if self.kind and own else "", own)))


def letters(words: Iterable[str]) -> frozenset[str]:
    """The letters of those words that name a bit."""
    return frozenset(_LETTER[word] for word in words if word in _LETTER)


def signs(text: str) -> Signs:
    """Read an entry's words."""
    if text in ("", "-"):
        return Signs("", MISSING, "", "", frozenset())
    if text == "none":
        return Signs(text, EMPTY, "", "", frozenset())
    page = _PAGE.search(text)
    kind = next((short for words, short in _SHORT if text.startswith(words)), "" if page else text.split(maxsplit=1)[0])
    rest = text[page.end() :] if page else text
    if pfn := _PFN.match(text):
        kind = f"pfn{pfn[1]}"
    elif kind == "swap ":
        kind = f"swap {text.split()[1]}"
    elif kind.startswith("m:"):
        rest = ""  # the marker's name is no bit
    return Signs(text, kind, page[1] if page else "", page[2] if page else "", letters(rest.split()))


def meanings(entries: Iterable[Signs]) -> tuple[tuple[str, str], ...]:
    """What the signs of these entries stand for: (sign, meaning), in the order of their places."""
    listed = list(entries)
    seen = {letter for entry in listed for letter in entry.letters}
    if any(entry.present for entry in listed):
        seen.add("w")
    kinds = {entry.kind for entry in listed}
    told = [(letter, LETTERS[letter][1]) for letter in LETTERS if letter in seen]
    told += [(EMPTY, "none")] if EMPTY in kinds else []
    return (*told, *((short, words) for words, short in _SHORT if short in kinds and short != words))
