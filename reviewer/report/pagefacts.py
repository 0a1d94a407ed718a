# SPDX-License-Identifier: GPL-2.0-or-later
"""What the pages under the columns of a picture say: AnonExclusive and mapcount."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from oracle.rules import reads as reads_of
from reviewer.model import Finding
from reviewer.report.states import StateRow

Said = Sequence[tuple[str, Mapping[str, str]]]
# What is shown by what a rule reads: exclusive says more beside how often a page is mapped.
_SHOWN = {"page exclusive": ("AnonExclusive", "mapcount"), "page mapcount": ("mapcount",)}


@dataclass(frozen=True)
class Fact:
    """AnonExclusive or mapcount of the pages of each column, in one state or in all."""

    name: str
    texts: tuple[str, ...]
    wrong: tuple[bool, ...]


def facts(finding: Finding, pages: Sequence[tuple[str, str]], told: Said, rows: Sequence[StateRow]) -> Iterator[Fact]:
    """AnonExclusive and mapcount of the pages, where the rule reads them or a state differs in them. pages: folio and
    pages of each column; told: the rows of each state by its name."""
    odd = {word for row in rows if row.label.startswith("page ") for cell in row.cells for word in cell.odd}
    reads = {what for facet in reads_of(finding.rule) or () for what in _SHOWN.get(facet, ())}
    reads |= {"AnonExclusive"} if "exclusive" in odd else set()
    reads |= {"mapcount"} if odd - {"exclusive"} else set()
    for what in ("AnonExclusive", "mapcount"):
        if what in reads:
            yield from _fact(what, pages, told)


def _fact(what: str, pages: Sequence[tuple[str, str]], told: Said) -> Iterator[Fact]:
    said = {name: tuple(_said(what, folio, span, texts) for folio, span in pages) for name, texts in told}
    right = said.get("should be", said.get("batch=1", said.get("before")))
    before: tuple[str, ...] = ()
    for name, texts in said.items():
        wrong = tuple(
            name != "start" and right is not None and a != b for a, b in zip(texts, right or texts, strict=True)
        )
        if texts != before and any(texts):
            alike = len(set(said.values())) == 1
            yield Fact(what if alike else f"{what}, {name}", texts, wrong)
        before = texts


def _said(what: str, folio: str, span: str, texts: Mapping[str, str]) -> str:
    """What the pages of a column say in one state; both, where they do not say alike."""
    if not folio:
        return ""
    first, last = int(span.partition(".")[0]), int(span.rpartition(".")[2])
    words = [texts.get(f"page {folio}[{n}]", "mapcount 0").split() for n in range(first, last + 1)]
    said = {("yes" if "exclusive" in w else "no") if what == "AnonExclusive" else w[1] for w in words if len(w) > 1}
    return "/".join(sorted(said))
