# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of rules: what a finding names, and what --only and --ignore select.

rules.toml beside this file is the table itself. A rule is looked up by ID, several by ID or category.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources import files
from types import MappingProxyType
from typing import Literal, get_args

Severity = Literal["high", "medium", "low", "question"]
# What breaking a rule means at worst, the worst first.
Harm = Literal["crash", "foreign", "write", "lost", "stale", "count", "cost", "none"]
HARMS: tuple[str, ...] = get_args(Harm)


@dataclass(frozen=True)
class Rule:
    """One rule. title is a requirement: a clause that is true of correct code. rank: of the rules that a scenario
    breaks, the lowest explains it. question and remedy: what to ask of code that breaks it, and what mends it. reads:
    the observables that it speaks of, None for any. note, follows: see rules.toml."""

    id: str
    title: str
    category: str
    severity: Severity
    harm: Harm
    rank: int
    question: str
    remedy: str
    reads: frozenset[str] | None = None
    note: str = ""
    follows: str = ""

    @property
    def checked(self) -> bool:
        """Whether the reference has a check for it: not for what any code may be asked, nor for the source alone."""
        return self.category not in ("behaviour", "ending", "cost", "static")


class UnknownRuleError(LookupError):
    """A name that is neither a rule nor a category; near holds names it may have meant."""

    def __init__(self, name: str, near: tuple[str, ...]) -> None:
        super().__init__(name)
        self.name = name
        self.near = near

    def __str__(self) -> str:
        meant = f"did you mean {' or '.join(self.near)}?"
        known = f"the categories are {', '.join(CATEGORIES)}"
        return f"no rule or category is called {self.name!r}; {meant if self.near else known}"


_KEYS = frozenset({"severity", "harm", "title", "question", "remedy", "reads"})


def parse(text: str) -> dict[str, Rule]:
    """Read a table of rules; ValueError where a rule is there twice, out of the order, lacks a word or has one too
    many, or is of a severity or harm that does not exist."""
    table = tomllib.loads(text)
    order: list[str] = " ".join(table.pop("order")).split()
    rules: dict[str, Rule] = {}
    for category, entries in table.items():
        for name, words in entries.items():
            if not _KEYS <= words.keys() <= _KEYS | {"note", "follows"}:
                raise ValueError(f"rule {name}: lacks {_KEYS - words.keys() or 'nothing'}, or has more than a rule has")
            if words["severity"] not in get_args(Severity) or words["harm"] not in HARMS:
                raise ValueError(f"rule {name}: no severity or harm is called {words['severity']!r}, {words['harm']!r}")
            if name in rules:
                raise ValueError(f"rule {name} is in {rules[name].category} and in {category}")
            if order.count(name) != 1:
                raise ValueError(f"rule {name} is not once in the order")
            reads = None if words["reads"] == "any" else frozenset(words["reads"])
            rules[name] = Rule(name, category=category, rank=order.index(name), **words | {"reads": reads})
    if unknown := set(order) - rules.keys():
        raise ValueError(f"no rule is called {', '.join(sorted(unknown))}")
    return rules


RULES: Mapping[str, Rule] = MappingProxyType(parse(files("oracle").joinpath("rules.toml").read_text("utf-8")))
CATEGORIES: tuple[str, ...] = tuple(dict.fromkeys(rule.category for rule in RULES.values()))


def rule(name: str) -> Rule:
    """The rule with this ID, in either case; UnknownRuleError otherwise."""
    found = RULES.get(name.upper())
    if found is None:
        raise UnknownRuleError(name, _near(name, RULES))
    return found


def reads(name: str) -> frozenset[str] | None:
    """The observables that a rule speaks of: None for any, and for a rule of another version that is none here."""
    return RULES[name].reads if name in RULES else None


def select(names: Iterable[str]) -> frozenset[str]:
    """The IDs that the given IDs and categories stand for, as --only and --ignore take them."""
    chosen: set[str] = set()
    for name in names:
        members = [r.id for r in RULES.values() if name.lower() == r.category or name.upper() == r.id]
        if not members:
            raise UnknownRuleError(name, _near(name, [*RULES, *CATEGORIES]))
        chosen.update(members)
    return frozenset(chosen)


def _near(name: str, known: Iterable[str]) -> tuple[str, ...]:
    spelt = {entry.lower(): entry for entry in known}
    return tuple(spelt[match] for match in get_close_matches(name.lower(), spelt, n=3, cutoff=0.6))
