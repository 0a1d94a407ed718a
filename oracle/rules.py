"""The table of rules: what a finding names, and what --only and --ignore select.

rules.toml beside this file is the table itself; a rule is looked up by ID, several by ID or category.
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


@dataclass(frozen=True)
class Rule:
    """One rule. title is a requirement: a clause that is true of correct code."""

    id: str
    title: str
    category: str
    severity: Severity


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


def parse(text: str) -> dict[str, Rule]:
    """Read a table of rules; ValueError on a severity that does not exist or an ID used twice."""
    rules: dict[str, Rule] = {}
    for category, entries in tomllib.loads(text).items():
        for name, (severity, title) in entries.items():
            if severity not in get_args(Severity):
                raise ValueError(f"rule {name}: no severity is called {severity!r}")
            if name in rules:
                raise ValueError(f"rule {name} is in {rules[name].category} and in {category}")
            rules[name] = Rule(name, title, category, severity)
    return rules


RULES: Mapping[str, Rule] = MappingProxyType(parse(files("oracle").joinpath("rules.toml").read_text("utf-8")))
CATEGORIES: tuple[str, ...] = tuple(dict.fromkeys(rule.category for rule in RULES.values()))


def rule(name: str) -> Rule:
    """The rule with this ID, in either case; UnknownRuleError otherwise."""
    found = RULES.get(name.upper())
    if found is None:
        raise UnknownRuleError(name, _near(name, RULES))
    return found


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
