# SPDX-License-Identifier: GPL-2.0-or-later
"""Known upstream bugs that a finding is like: corpus/precedents.toml, cited as the kernel cites commits."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache

from reviewer.model import Finding
from reviewer.resources import folder

_MOST = 3


@dataclass(frozen=True)
class Precedent:
    """One bug. commit, fixes: twelve digits; function, commit, cve and message_id are "" when not known for certain."""

    rule: str
    function: str
    commit: str
    subject: str
    fixes: tuple[str, ...]
    cve: str
    message_id: str
    note: str

    @property
    def cited(self) -> str:
        """For people: 29f40594a281 ("mm/rmap: fix ..."), CVE-2026-31398."""
        name = f'{self.commit} ("{self.subject}")' if self.commit else f'"{self.subject}"'
        return f"{name}, {self.cve}" if self.cve else name


@cache
def precedents() -> tuple[Precedent, ...]:
    """All of them, in the order of the file."""
    entries = tomllib.loads((folder("corpus") / "precedents.toml").read_text(encoding="utf-8"))["precedent"]
    return tuple(Precedent(**{**entry, "fixes": tuple(entry["fixes"])}) for entry in entries)


def citing(findings: Iterable[Finding]) -> list[Finding]:
    """The findings with what they are like: a rule that it breaks in the same function, else the same rule. Nothing is
    like what became cheaper."""
    return [f if (f.kind, f.relation) == ("cost", "fixed") else replace(f, precedents=_like(f)) for f in findings]


def _like(finding: Finding) -> tuple[str, ...]:
    same = [p for p in precedents() if p.rule == finding.rule]
    broken = {finding.rule, *finding.also}
    here = [p for p in precedents() if p.rule in broken and p.function == finding.function]
    return tuple(p.cited for p in (here or same)[:_MOST])
