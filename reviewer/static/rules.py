# SPDX-License-Identifier: GPL-2.0-or-later
"""The static rules: one query a file, whose leading comments say what the rule is and asks.

A query captures the place as @at; its other captures, and what its predicates say, are words for the summary.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from tree_sitter import Query, QueryCursor

from reviewer.csource.items import C_LANGUAGE, Item, deep, parse
from reviewer.static.predicates import Predicates
from reviewer.static.source import Source, text

_HEAD = re.compile(r"^; (\w+): (.*(?:\n;   .*)*)", re.MULTILINE)
_LONGEST = 60  # characters of source quoted in a summary


@dataclass(frozen=True)
class StaticRule:
    """One rule. related: rules of the oracle whose findings say the same, with a counterexample."""

    id: str
    related: frozenset[str]
    summary: str
    explanation: str
    query: Query


@dataclass(frozen=True)
class Remark:
    """One place that a rule asks about. what: the place as text, which stays when lines move."""

    rule: StaticRule
    file: str
    function: str
    line: int
    summary: str
    what: str


@cache
def static_rules() -> tuple[StaticRule, ...]:
    """All rules, in the order of their ids."""
    return tuple(_read(path) for path in sorted(Path(__file__).parent.glob("q*.scm")))


def _read(path: Path) -> StaticRule:
    source = path.read_text(encoding="utf-8")
    head = {name: re.sub(r"\n;\s+", " ", words) for name, words in _HEAD.findall(source)}
    related = frozenset(head["related"].split())
    return StaticRule(head["rule"], related, head["summary"], head["explanation"], Query(C_LANGUAGE, source))


def remarks(function: Item) -> list[Remark]:
    """What the rules ask about one function, in the order of its lines."""
    return [
        Remark(rule, function.file, function.name, function.line + line, summary, what)
        for rule, line, summary, what in _asked(function.text)
    ]


@lru_cache(maxsize=4096)
def _asked(function: str) -> tuple[tuple[StaticRule, int, str, str], ...]:
    """(rule, line from the first, summary, what) of each remark: both flavours and many patches have the same text."""
    roots = [n for n in parse(function.encode()).children if n.type == "function_definition" and not deep(n)]
    found: dict[tuple[str, int], tuple[StaticRule, int, str, str]] = {}
    for root in roots[:1]:
        predicates = Predicates(Source(root))
        for rule in static_rules():
            for _, captures in QueryCursor(rule.query).matches(root, predicates):
                place = captures["at"][0]
                words = {name: _short(text(nodes[0])) for name, nodes in captures.items()}
                summary = rule.summary.format(**words, **predicates.words.get(place.start_byte, {}))
                one = (rule, place.start_point[0], summary, f"{text(place)[:400]}\0{summary}")
                found.setdefault((rule.id, place.start_byte), one)
    return tuple(sorted(found.values(), key=lambda one: (one[1], one[0].id)))


def _short(source: str) -> str:
    return source if len(source) <= _LONGEST else f"{source[: _LONGEST - 4]} ..."
