# SPDX-License-Identifier: GPL-2.0-or-later
"""What the runner may answer: each form of a line as the world prints it (world/commands.c), with every number held
against what was asked for. Anything else is a RunnerError: the code under test may have written over what was
counted."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from oracle.channel import nonsense
from oracle.flavours import FLAVOURS
from oracle.wire import Scenario, names, scenario

PROBES = 8192  # W_COVERED of world/world.h
_ENDINGS = 7  # enum w_ending there
# Of world/wire.h: W_MAX_SLOTS with the largest pages of all flavours, W_MAX_FOLIOS, order and pages of one.
_SLOTS, _FOLIOS, _ORDER, _PAGES = 2 << max(f.page_shift for f in FLAVOURS.values()) - 3, 512, 9, 4096
_BY_RULE = frozenset({"introduced", "both", "fixed", "swapped"})
_RELATIONS = _BY_RULE | {"batch", "plain", "unbatch", "opaque", "allowed", "drift"}
_ON_FOLIO = frozenset({"PAGE", "MIG_READ", "MIG_EXCL", "MIG_WRITE", "DEV_EXCL", "DEV_PRIV", "PMD", "CACHED"})
_SIDES = ("before", "after", "before-one", "after-one")
_CODES = ("pair", "plain", "one", "batch-before", "batch-after")

_HIT = re.compile(r"hit ([a-z]+) (\d{1,3}) (\d{1,18})((?: \d{1,18}){1,16})")
_NUMBERS = re.compile(r"-?\d{1,20}(?: -?\d{1,20})*")
_DIGEST = re.compile(rf"\d{{1,18}}(?: \d{{1,10}}){{{len(names('ASPECTS'))}}}")
_SIDE = re.compile(rf"side ([a-z-]+) (\d)((?: \d{{1,10}}){{{len(names('COUNTS'))}}})")
_RULE = re.compile(r"rule (\d{1,3}) (-?\d{1,10}) (-?\d{1,10})")
_DIFFERENCES = re.compile(r"codes ([a-z-]+) -?\d{1,20}((?: \d{1,3} -?\d{1,10}){0,64})")
_REACHED = re.compile(r"(before|after)((?: \d{1,4})*)")
_TRACED = re.compile(r"@ \d{1,4}|rule \d{1,3}|(?!@|rule\b)[ -~]+(?:\t[ -~]+)?")


@dataclass(frozen=True)
class Hit:
    """What a campaign met: relation (classes of campaign.c), rule or difference, how often, and in which scenarios,
    some of them by number, the first one first."""

    relation: str
    what: str
    count: int
    some: tuple[int, ...]

    @property
    def first(self) -> int:
        return self.some[0]

    @property
    def is_violation(self) -> bool:
        return self.relation in _BY_RULE


@dataclass(frozen=True)
class Side:
    """One of the four runs of a scenario. violated: rule -> (slot or -1, line in the world, W_LEFT of world.h)."""

    ending: int
    violated: dict[str, tuple[int, int]]
    counts: dict[str, int]
    rows: dict[str, str]

    def left(self, rule: str) -> bool:
        """Whether a rule that breaks was asked of the state that is left, when the code under test had returned."""
        return self.violated.get(rule, (0, 0))[1] == -1


@dataclass(frozen=True)
class Outcome:
    """A scenario run on all four sides: before, after, and each with batches forced to one.

    codes: "pair", "one" (both with batches of one), "batch-before", "batch-after" -> (difference, slot or page) in
    table order."""

    start: dict[str, str]
    sides: dict[str, Side]
    codes: dict[str, tuple[tuple[str, int], ...]]


def numbers(line: str, *most: int) -> list[int]:
    """A line of so many numbers, each from 0 up to its own bound."""
    found = list(map(int, _fit(_NUMBERS, line)[0].split(" ")))
    _need(len(found) == len(most) and all(0 <= n <= m for n, m in zip(found, most, strict=True)), line)
    return found


def only(lines: Sequence[str]) -> str:
    """The line of an answer that has one."""
    _need(len(lines) == 1, f"{len(lines)} lines for one")
    return lines[0]


def hits(lines: Iterable[str], ran: int, indexes: Collection[int]) -> list[Hit]:
    """What so many scenarios showed, of which those of these numbers may be told."""
    found: dict[tuple[str, str], Hit] = {}
    for line in lines:
        relation, code, count, rest = _fit(_HIT, line).groups()
        some = tuple(map(int, rest.split()))
        _need(relation in _RELATIONS and len(some) <= int(count) <= ran, line)
        _need(all(i in indexes for i in some) and all(a < b for a, b in pairwise(some)), line)
        hit = Hit(relation, _name("RULES" if relation in _BY_RULE else "DIFFS", code), int(count), some)
        _need((hit.relation, hit.what) not in found, line)
        found[hit.relation, hit.what] = hit
    return list(found.values())


def ran(lines: list[str], most: int) -> tuple[int, list[str]]:
    """How many were run of so many, and the lines behind that."""
    word, _, count = (*lines, "")[0].partition(" ")
    _need(word == "ran", word)
    return numbers(count, most)[0], lines[1:]


def shown(lines: list[str], indexes: range) -> tuple[dict[int, Scenario], list[str]]:
    """The scenarios told by number, and the lines behind them."""
    found: dict[int, Scenario] = {}
    while lines and lines[0].startswith("shows "):
        index, _, rest = lines[0][6:].partition(" ")
        at = numbers(index, indexes.stop)[0]
        _need(at in indexes and at not in found, lines[0])
        found[at], lines = table(rest), lines[1:]
    return found, lines


def table(line: str) -> Scenario:
    """A scenario that the world has room for."""
    _fit(_NUMBERS, line)
    try:
        it = scenario(line)
    except ValueError as error:
        raise nonsense(str(error)) from error
    kinds = names("SLOT_KINDS")
    _need(0 <= it.first <= _SLOTS - len(it.slots) and 0 <= it.start <= it.end <= _SLOTS, "a range outside the tables")
    _need(0 <= it.vma_first <= it.vma_end <= _SLOTS, "a VMA outside the tables")
    _need(min(it.vma, it.mm, it.salt) >= 0 and max(it.vma, it.mm, it.salt) < 1 << 32, "bits of no scenario")
    _need(len(it.folios) <= _FOLIOS, "too many folios")
    for f in it.folios:
        _need(0 <= f.kind < len(names("FOLIO_KINDS")) and 0 <= f.bits < 1 << 16, "a folio of no kind")
        _need(0 <= f.order <= _ORDER and 0 <= f.pfn <= _PAGES - (1 << f.order), "a folio outside the memory")
    for s in it.slots:
        _need(0 <= s.kind < len(kinds) and 0 <= s.bits < 1 << 8, "an entry of no kind")
        _need(0 <= s.folio < (len(it.folios) if kinds[s.kind] in _ON_FOLIO else 1 << 16), "an entry of no folio")
        _need(0 <= s.index < 1 << 16, "an entry of no page")
    return it


def digests(lines: Iterable[str], indexes: range) -> dict[int, tuple[int, ...]]:
    """Index -> digests."""
    found: dict[int, tuple[int, ...]] = {}
    for line in lines:
        index, *rest = map(int, _fit(_DIGEST, line)[0].split())
        _need(index in indexes and index not in found and max(rest) < 1 << 32, line)
        found[index] = tuple(rest)
    return found


def coverage(lines: Sequence[str], known: Sequence[frozenset[int]]) -> tuple[frozenset[int], frozenset[int]]:
    """Probes reached before and after, which are no fewer than those known already."""
    found = []
    for line, name, was in zip(lines, ("before", "after"), known, strict=False):
        match = _fit(_REACHED, line)
        probes = frozenset(map(int, match[2].split()))
        _need(match[1] == name and probes >= was and max(probes, default=0) < PROBES, line)
        found.append(probes)
    _need(len(lines) == len(found) == 2, f"{len(lines)} lines of coverage")
    return found[0], found[1]


def trace(lines: list[str]) -> list[str]:
    """The lines of a run told as it goes."""
    for line in lines:
        _fit(_TRACED, line)
        if line.startswith("rule "):
            _name("RULES", line[5:])
    return lines


def outcome(lines: Iterable[str], sides: Sequence[str] = _SIDES, codes: Sequence[str] = _CODES,
            rows: bool = False) -> Outcome:  # fmt: skip
    """What each side came to, what differs between them and, with rows, the states as text."""
    ends: dict[str, tuple[int, dict[str, int]]] = {}
    rules: dict[str, dict[str, tuple[int, int]]] = {}
    differ: dict[str, tuple[tuple[str, int], ...]] = {}
    told: dict[str, dict[str, str]] = {}
    for line in lines:
        word, _, rest = line.partition(" ")
        if told and "\t" in line:
            label, _, text = line.partition("\t")
            list(told.values())[-1][label] = text
        elif word == "side":
            name, ending, counts = _fit(_SIDE, line).groups()
            _need(name not in ends and int(ending) < _ENDINGS, line)
            ends[name] = (int(ending), dict(zip(names("COUNTS"), map(int, counts.split()), strict=True)))
            rules[name] = {}
        elif word == "rule":
            code, slot, at = _fit(_RULE, line).groups()
            _need(bool(rules), line)
            list(rules.values())[-1][_name("RULES", code)] = (int(slot), int(at))
        elif word == "codes":
            name, pairs = _fit(_DIFFERENCES, line).groups()
            n = pairs.split()
            differ[name] = tuple((_name("DIFFS", n[i]), int(n[i + 1])) for i in range(0, len(n), 2))
        else:
            _need(word == "rows" and rest not in told, line)
            told[rest] = {}
    _need((*ends,) == (*sides,) and (*differ,) == (*codes,), "not the sides that were asked for")
    _need((*told,) == (("start", *sides) if rows else ()), "not the states that were asked for")
    made = {n: Side(e, rules[n], c, told.get(n, {})) for n, (e, c) in ends.items()}
    return Outcome(told.get("start", {}), made, differ)


def _name(which: str, code: str) -> str:
    known = names(which)
    _need(int(code) < len(known), f"{code} of {len(known)} {which.lower()}")
    return known[int(code)]


def _fit(form: re.Pattern[str], line: str) -> re.Match[str]:
    match = form.fullmatch(line)
    if match is None:
        raise nonsense(repr(line[:60]))
    return match


def _need(true: bool, line: str) -> None:
    if not true:
        raise nonsense(repr(line[:60]))
