# SPDX-License-Identifier: GPL-2.0-or-later
"""Which check enforces each rule: read from the sources, so that what is said of it cannot rot.

A rule is enforced at run time where the world's C raises it, and by comparison where a difference of two states
means it (the tables of oracle/judge.py). A note in rules.toml says of the others what shows them, or why nothing does.
`python -m oracle.rules_table` prints docs/rules.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from oracle.judge import meanings
from oracle.rules import RULES
from oracle.wire import names

_FOLDER = Path(__file__).parent
_RAISED = re.compile(r"\b(?:w_)?violate\((\w+),|\bW_RULE_(\w+)")

_SOURCE = "a question about the source, not about a run (reviewer/static)"
# Rules with no check of their own: what shows a breach under another rule, or why nothing can.
NOTES = {r.id: r.note or _SOURCE for r in RULES.values() if r.note or r.category == "static"}
# Rules with a check, a breach of which always shows under another name, too: what they add is the word for it.
FOLLOWS = {r.id: r.follows for r in RULES.values() if r.follows}


@dataclass(frozen=True)
class Enforcement:
    """raised: files of the world and the entries that raise the rule; differences: of two states that mean it."""

    raised: tuple[str, ...]
    differences: tuple[str, ...]


def enforcement() -> dict[str, Enforcement]:
    """How each rule is enforced, in the order of the table of rules."""
    raised: dict[str, list[str]] = {}
    for path in sorted([*_FOLDER.glob("world/*.[ch]"), *_FOLDER.glob("entries/*.h")]):
        for direct, other in set(_RAISED.findall(path.read_text(encoding="utf-8"))):
            raised.setdefault(direct or other, []).append(path.name)
    told = meanings()
    return {r: Enforcement(tuple(dict.fromkeys(raised.get(r, ()))), told.get(r, ())) for r in RULES}


def table() -> str:
    """docs/rules.md."""
    checked = set(names("RULES"))
    rows = ["# What enforces each rule", "",
            "Made by `python -m oracle.rules_table`; a test compares. \"At run time\" names the files that raise the",
            "rule while a function runs or on the state it leaves; \"by comparison\" the differences that mean it,",
            "between before and after, or between a run and the same with every batch forced to one PTE. \"With\"",
            "names the rules that a breach always shows as well; every other rule has an edit that it alone finds",
            "(tests/kernel/alone.toml).", "",
            "| rule | requirement | at run time | by comparison | otherwise |", "|---|---|---|---|---|"]  # fmt: skip
    words = NOTES | {name: f"with {why}" for name, why in FOLLOWS.items()}
    for name, how in enforcement().items():
        cells = [name, RULES[name].title, ", ".join(how.raised) if name in checked else "",
                 ", ".join(how.differences), words.get(name, "")]  # fmt: skip
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join([*rows, *_asked()]) + "\n"


def _asked() -> list[str]:
    rows = ["", "## What a reply asks", "",
            "In the order in which rules explain: of those that a scenario breaks the first one here is the headline.",
            "The harm is what breaking it means at worst.", "",
            "| rule | harm | question | remedy |", "|---|---|---|---|"]  # fmt: skip
    for r in sorted(RULES.values(), key=lambda r: r.rank):
        rows.append(f"| {r.id} | {r.harm} | {r.question} | {r.remedy} |")
    return rows


if __name__ == "__main__":
    print(table(), end="")
