# SPDX-License-Identifier: GPL-2.0-or-later
"""The registry of rules: each is one check, with an example that keeps it and one that breaks it.

A check is a function that takes what it judges and returns what is wrong, or None. Its docstring says what is right,
where the kernel says so, and what a violation looks like. Write one as

    @rule("B1", source="mm/internal.h folio_pte_batch_flags; include/linux/pgtable.h pmd_addr_end")
    def ends_with_table(nr: int, slot: int, end: int) -> str | None:
        '''...'''

    @ends_with_table.example
    def _() -> Example:
        return Example(right=(4, 508, 600), wrong=(5, 508, 600))

right and wrong are the arguments of the check; best is to get them by running the operation in question both ways.
An operation of the reference that refuses with a Violation is a check as well: let the Violation pass.
"""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from oracle.reference.pte import Violation
from oracle.rules import RULES

IDS = tuple(rule.id for rule in RULES.values() if rule.checked)
"""The rules that have a check here, in the order of the table (oracle/rules.toml)."""
Check = Callable[..., str | None]


@dataclass(frozen=True)
class Example:
    """Arguments for a check: right, which it accepts, and wrong, which it does not. A callable argument tuple (no
    parameters) is made at the call, for examples that a Violation ends."""

    right: tuple[Any, ...] | Callable[[], tuple[Any, ...]]
    wrong: tuple[Any, ...] | Callable[[], tuple[Any, ...]]


class RuleCheck:
    """A registered check: call it with what it judges; example() gives arguments to show it with."""

    def __init__(self, id: str, source: str, check: Check) -> None:
        self.id, self.source, self.check = id, source, check
        self.doc = inspect.getdoc(check) or ""
        self._example: Callable[[], Example] | None = None

    def __call__(self, *args: Any) -> str | None:
        """What is wrong, None when the rule is kept."""
        return self.check(*args)

    def example(self, make: Callable[[], Example]) -> Callable[[], Example]:
        """Decorator for the function that makes the example."""
        self._example = make
        return make

    def run(self, which: str) -> tuple[dict[str, Any], str | None]:
        """One side of the example ("right" or "wrong"): its arguments by name, and the verdict. A Violation of this
        rule counts as verdict; one of another rule passes through. LookupError without example."""
        if self._example is None:
            raise LookupError(f"rule {self.id} has no example")
        given = getattr(self._example(), which)
        try:
            values = given() if callable(given) else given
            return dict(zip(inspect.signature(self.check).parameters, values, strict=False)), self.check(*values)
        except Violation as broken:
            if broken.rule != self.id:
                raise
            return {}, str(broken)


_CHECKS: dict[str, RuleCheck] = {}


def rule(id: str, *, source: str) -> Callable[[Check], RuleCheck]:
    """Register a check. source: files and functions of the kernel that say so. ValueError on an ID that is unknown
    or taken."""
    if id not in IDS:
        raise ValueError(f"no rule {id}")

    def register(check: Check) -> RuleCheck:
        if id in _CHECKS:
            raise ValueError(f"rule {id} is registered twice")
        _CHECKS[id] = RuleCheck(id, source, check)
        return _CHECKS[id]

    return register


def all_rules() -> dict[str, RuleCheck]:
    """Every rule that a file of checks/ registers, in the order of IDS."""
    package = import_module("oracle.reference.checks")
    for module in pkgutil.iter_modules(package.__path__):
        import_module(f"oracle.reference.checks.{module.name}")
    return {id: _CHECKS[id] for id in IDS if id in _CHECKS}
