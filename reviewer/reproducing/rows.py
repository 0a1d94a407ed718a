# SPDX-License-Identifier: GPL-2.0-or-later
"""The rows of a finding (oracle/world/rows.c) as words that can be compared."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from reviewer.model import Finding

Rows = Mapping[str, str]
PAGE = re.compile(r"[A-Z]\d*\[\d+\]")
_PTE = re.compile(r"(PTE|new PTE|child PTE) (-?\d{1,5})")
_FLAGS = {"rw", "ro", "exec", "dirty", "young", "soft-dirty", "uffd-wp", "protnone", "exclusive", "cont"}
_UNSEEN = {"young", "cont", "exec"}  # by whoever uses the memory
_PMD = re.compile(r"PMD of PTE (-?\d{1,5})")
_FIRST = re.compile(r"([A-Z]\d*)\[0\](.*)")
_COUNT = re.compile(r"(refs|mapcount|count) (-?\d{1,9})")


@dataclass(frozen=True)
class Row:
    """A row of a PTE: the table it is of, its number, and what it should hold and what the wrong run leaves."""

    table: str
    at: int
    right: str
    wrong: str

    @property
    def differs(self) -> frozenset[str]:
        """Words that one of the two has and the other has not; "place" where they map different things."""
        one, other = (frozenset(text.split()) for text in (self.right, self.wrong))
        words = ((one ^ other) & _FLAGS) - _UNSEEN
        return words | {"place"} if _place(self.right) != _place(self.wrong) else words


def one_by_one(rows: Rows, pages: int) -> Rows:
    """The rows with what a PMD maps as the PTEs beneath would. pages: of a table."""
    more: dict[str, str] = {}
    for label, text in rows.items():
        at, first = _PMD.fullmatch(label), _FIRST.fullmatch(text)
        if at and first:
            more |= {f"PTE {int(at[1]) + n}": f"{first[1]}[{n}]{first[2]}" for n in range(pages)}
    return {**rows, **more}


def _place(text: str) -> str:
    return " ".join(word for word in text.split() if word not in _FLAGS).replace("none", "")


def rows_of(right: Rows, wrong: Rows) -> list[Row]:
    """The rows of PTEs after the call, in the order of the finding."""
    found = ((_PTE.fullmatch(label), label) for label in {**right, **wrong})
    return [Row(m[1], int(m[2]), _seen(right.get(label, "")), _seen(wrong.get(label, ""))) for m, label in found if m]


def _seen(text: str) -> str:
    """What no access of a process may use is the same to it, whether valid for the kernel or for nobody."""
    return " ".join(text.replace(" kernel-only", " protnone").split())


def words_about(right: Rows, wrong: Rows) -> frozenset[str]:
    """The words in which the two runs differ, over all PTEs."""
    return frozenset(word for row in rows_of(right, wrong) for word in row.differs)


def differing(text: str) -> dict[str, int]:
    """The counts of a row of a folio, page or swap slot, by their names."""
    return {name: int(value) for name, value in _COUNT.findall(text)}


def count_of(text: str) -> int | None:
    """How often the page of such a row is mapped; None if it does not say."""
    return differing(text).get("mapcount")


def right_and_wrong(finding: Finding) -> tuple[Rows, Rows]:
    """What should have been left, by the reference or else by the code before the patch, and what the run left that is
    wrong: that before the patch where the patch mends it, else that after it."""
    fixed = finding.relation == "fixed"
    wrong = finding.before.rows if fixed else finding.after.rows
    if finding.reference is not None:
        return finding.reference.rows, wrong
    return (finding.after if fixed else finding.before).rows, wrong
