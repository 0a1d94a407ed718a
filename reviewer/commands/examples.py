# SPDX-License-Identifier: GPL-2.0-or-later
"""The examples of the rules (oracle/reference/checks) in the words and pictures of a report."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import Any

from oracle.explain.rows import entry_words, folio_name
from oracle.reference.examples import PFN
from oracle.reference.folio import Folio, Memory
from oracle.reference.primitives import Ptes
from oracle.reference.pte import CONT, DIRTY, HW_DIRTY, LETTERS, Kind, Pte
from oracle.reference.rules import RuleCheck
from oracle.reference.table import PageTables, Rss, Vma
from oracle.reference.tlb import DeferredFlush, Gather, Tlb
from oracle.reference.walkers.machine import Machine
from reviewer.report.picture import Picture
from reviewer.report.tables import Page, tabled
from reviewer.words import count, ranges

_BITS = {letter: bit for bit, letter in LETTERS}
_KINDS = {kind.name.lower().replace("_", "-"): kind for kind in Kind}
_QUOTED = re.compile(
    rf"(?:(?P<kind>{'|'.join(sorted(_KINDS, key=len, reverse=True))}) )?(?P<pfn>pfn |at )?0x(?P<page>[0-9a-f]+)"
    rf"(?: (?P<bits>{''.join(f'{letter}?' for letter in _BITS)})(?![a-z]))?"
    rf"|swap (?P<type>\d+):(?P<offset>\d+)(?: (?P<swap_bits>{''.join(f'{letter}?' for letter in _BITS)})(?![a-z]))?"
)  # fmt: skip


@dataclass(frozen=True)
class ExampleSide:
    """One side of an example. verdict: what is wrong with it, "" where the rule is kept; picture: its tables, None
    when it has none; notes: (name, text) of all else."""

    verdict: str
    picture: Picture | None
    notes: tuple[tuple[str, str], ...]


def cases(check: RuleCheck) -> tuple[ExampleSide, ExampleSide]:
    """The example of a rule: right, and wrong."""
    right, wrong = (_case(*check.run(which)) for which in ("right", "wrong"))
    return right, wrong


def _case(arguments: Mapping[str, Any], verdict: str | None) -> ExampleSide:
    folios = sorted(_folios(arguments.values()), key=lambda folio: folio.pfn)
    page = _pages(folios, arguments)
    words = _words(page)
    lines = dict(_lines(arguments))
    texts = {name: {slot: words(pte) for slot, pte in held.items()} for name, held in lines.items()}
    pages = {f"{folio_name(i)}[{n}]": Page(folio.mapcounts[n], folio.exclusive[n])
             for i, folio in enumerate(folios) for n in range(folio.nr)}  # fmt: skip
    notes = [(f"folio {folio_name(i)}", _folio_words(folio, not lines)) for i, folio in enumerate(folios)]
    notes += [("vma" if isinstance(value, Machine) else name.replace("_", " "), text)
              for name, value in arguments.items() if name not in lines
              for text in _told(name, value, words, page)]  # fmt: skip
    shown = any(p.mapcount or p.exclusive for p in pages.values())
    told = _translated(verdict or "", words, page) if lines or folios else verdict or ""
    marked = _marked(told, list(texts.values())[-1]) if texts and "child" not in texts else -1
    return ExampleSide(told, tabled(texts, pages if shown else {}, marked), tuple(notes))


def _marked(verdict: str, last: Mapping[int, str]) -> int:
    """The slot that a verdict speaks of, -1 for none."""
    named = re.search(r"\bPTE (\d+)", verdict)
    return int(named[1]) if named else next((slot for slot, text in last.items() if verdict.startswith(text)), -1)


def _lines(arguments: Mapping[str, Any]) -> Iterator[tuple[str, dict[int, Pte]]]:
    """The arguments that are states of a table, each as its entries by slot; a lone entry where there is no table."""
    found: dict[str, dict[int, Pte]] = {}
    for name, value in arguments.items():
        found |= dict(_tables(name, value))
    if not found:
        found = {name: {0: value} for name, value in arguments.items() if isinstance(value, Pte)}
    yield from ((name, held) for name, held in found.items() if held)


def _tables(name: str, value: Any) -> Iterator[tuple[str, dict[int, Pte]]]:
    if isinstance(value, PageTables | Ptes):
        yield "table", _filled(value if isinstance(value, PageTables) else value.tables)
    elif isinstance(value, Tlb):
        yield "table", _filled(value.tables)
        yield from ((f"CPU {cpu} holds", held) for cpu, held in enumerate(value.held))
    elif isinstance(value, Machine):
        child = _filled(value.other.tables)
        yield "parent" if child else "table", _filled(value.mm.tables)
        yield "child", child
    elif isinstance(value, list) and value and all(isinstance(one, Pte) for one in value) and name != "states":
        yield name, dict(enumerate(value))


def _filled(tables: PageTables) -> dict[int, Pte]:
    """The entries from the first to the last that is there."""
    there = [slot for slot, pte in enumerate(tables.entries) if not pte.none]
    return {slot: tables.entries[slot] for slot in range(there[0], there[-1] + 1)} if there else {}


def _folios(values: Iterable[Any]) -> Iterator[Folio]:
    for value in values:
        if isinstance(value, Folio):
            yield value
        elif isinstance(value, Memory | Machine):
            yield from value if isinstance(value, Memory) else value.memory
        elif isinstance(value, list | tuple):
            yield from (one for one in value if isinstance(one, Folio))
        elif isinstance(value, Ptes) and hasattr(value, "memory"):
            yield from value.memory


def _pages(folios: Sequence[Folio], arguments: Mapping[str, Any]) -> Callable[[int], str]:
    """Names of pages. Without a folio all are of one that is not shown."""
    held = (pte for _, entries in _lines(arguments) for pte in entries.values())
    plain = [pte.pfn for pte in held if not pte.none and pte.kind is not Kind.SWAP]
    base = PFN if not plain or min(plain) >= PFN else 0

    def page(pfn: int) -> str:
        for i, folio in enumerate(folios):
            if 0 <= pfn - folio.pfn < folio.nr:
                return f"{folio_name(i)}[{pfn - folio.pfn}]"
        return f"pfn +{pfn - base}" if folios or pfn < base else f"A[{pfn - base}]"

    return page


def _words(page: Callable[[int], str]) -> Callable[[Pte], str]:
    def words(pte: Pte) -> str:
        noted = pte.set(DIRTY) if pte.bits & HW_DIRTY else pte
        return entry_words(noted, page) + (" cont" if pte.present and pte.bits & CONT else "")

    return words


def _folio_words(folio: Folio, whole: bool) -> str:
    """whole: with its pages, which no table shows."""
    flags = ("dirty", "referenced", "lazyfree", "swapcache", "locked", "mlocked", "writeback", "partially_mapped")
    words = [folio.kind.value, f"{folio.nr} page{'s' * folio.large}", f"refs {folio.refs}"]
    words += [count(folio.pins, "pin")] if folio.pins else []
    words += [name.replace("_", "-") for name in flags if getattr(folio, name)]
    if whole and any(folio.mapcounts):
        words.append(f"mapcounts {' '.join(map(str, folio.mapcounts))}")
    if whole and any(folio.exclusive):
        words.append(f"AnonExclusive pages {ranges(i for i, e in enumerate(folio.exclusive) if e)}")
    return ", ".join(words)


def _told(name: str, value: Any, words: Callable[[Pte], str], page: Callable[[int], str]) -> Iterator[str]:
    """What there is to say of an argument that is no table; nothing where all of it is told elsewhere."""
    if isinstance(value, Machine):
        yield from _told("vma", value.vma, words, page)
    elif isinstance(value, Gather):
        yield f"covers PTE {value.start}..{value.end - 1}" if value.start is not None else "covers nothing"
    elif isinstance(value, DeferredFlush):
        yield "; ".join(f"PTE {a}..{b - 1} put off" for a, b in value.pending) or "nothing put off"
    elif not isinstance(value, Folio | Memory | PageTables | Ptes | Tlb):
        told = page(value) if name == "freed" and isinstance(value, int) else _plain(name, value, words, page)
        if told is not None:
            yield told


def _plain(name: str, value: Any, words: Callable[[Pte], str], page: Callable[[int], str]) -> str | None:
    """A plain value in words; None for a list of folios, which have lines of their own."""
    if isinstance(value, Pte):
        return words(value)
    if isinstance(value, Vma):
        return _vma(value)
    if isinstance(value, bool) or value is None:
        return "yes" if value else "no"
    if isinstance(value, range):
        return f"{value.start}..{value.stop - 1}" if value else "none"
    if isinstance(value, Rss):
        return f"rss {value.name.lower()}"
    if isinstance(value, Counter | dict):
        return ", ".join(f"{_plain(name, k, words, page)} {v}" for k, v in value.items()) or "nothing"
    if isinstance(value, list | tuple):
        if any(isinstance(one, Folio) for one in value):
            return None
        if name == "freed":
            return ", ".join(page(one) if isinstance(one, int) else f"swap {one[0]}:{one[1]}" for one in value)
        inner = [str(_plain(name, one, words, page)) for one in value]
        return ", ".join(f"({one})" if isinstance(v, tuple) and not isinstance(v, Pte) else one
                         for one, v in zip(inner, value, strict=True)) or "none"  # fmt: skip
    if is_dataclass(value):
        told = ((f.name.replace("_", "-"), getattr(value, f.name)) for f in fields(value))
        return ", ".join(f"{n} {_plain(name, v, words, page)}" for n, v in told if not callable(v))
    if isinstance(value, Enum):
        return str(value.name.lower())
    return f"{value:#x}" if name in ("field", "pfn") else str(value)


def _vma(vma: Vma) -> str:
    kind = f"{'shared' if vma.shared else 'private'} file" if vma.file else f"{'shared ' * vma.shared}anonymous"
    flags = ("soft_dirty", "uffd_wp", "uffd_rwp", "uffd_remap", "locked", "unnoticed", "droppable", "executable")
    words = [kind, f"PTE {vma.start}..{vma.end - 1}", *(["read-only"] if not vma.write else [])]
    return ", ".join([*words, *(flag.replace("_", "-") for flag in flags if getattr(vma, flag))])


def _translated(verdict: str, words: Callable[[Pte], str], page: Callable[[int], str]) -> str:
    """A verdict of a check with its entries in the words of a report."""

    def entry(match: re.Match[str]) -> str:
        if match["pfn"]:
            return f"{'at ' if match['pfn'] == 'at ' else ''}{page(int(match['page'], 16))}"
        bits = sum(_BITS[letter] for letter in match["bits"] or match["swap_bits"] or "")
        if match["type"]:
            return words(Pte(Kind.SWAP, int(match["offset"]), bits, int(match["type"])))
        return words(Pte(_KINDS[match["kind"] or "present"], int(match["page"], 16), bits))

    told = _QUOTED.sub(entry, verdict).replace("True", "yes").replace("False", "no")
    return re.sub(r"\b(?:entry|slot) (\d+)", r"PTE \1", told)
