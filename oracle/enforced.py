# SPDX-License-Identifier: GPL-2.0-or-later
"""Which check enforces each rule: read from the sources, so that what is said of it cannot rot.

A rule is enforced at run time where the world's C raises it, and by comparison where a difference of two states
means it (the tables of oracle/judge.py). NOTES says of the others what shows them, or why nothing does.
`python -m oracle.enforced` prints docs/rules.md.
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

# Rules with no check of their own: what shows a breach under another rule, or why nothing can.
NOTES = {
    "B14": "forcing every batch to one PTE is this rule itself; a difference is named after what was lost",
    "S5": "B5, B6: taking the first entry's bits for all shows as write gained or soft-dirty lost",
    "S6": "D1, S4: dirty that was thrown away is missing in the folio",
    "S13": "a plain dereference is no access that can be hooked; on arm64 what it misses shows as S4 or D1",
    "S14": "C4, C2: a contiguous bit that generic code kept or set is on an incomplete block",
    "C5": "none: a block that stays unfolded costs, which X4 counts as folds and unfolds",
    "C11": "none: X4 counts folds and unfolds",
    "C13": "none: no tree has NAPOT user mappings (docs/kernel-findings.md)",
    "D9": "D7, B5: markers and restored entries come out wrong when more than one is unmapped",
    "E1": "E2, E4, E5: the wrong page's exclusivity shows as write without it, or as a page left exclusive",
    "G7": "G4, X2: counting a page that does not exist crashes or leaves rss wrong",
    "T3": "none: a flush too many is allowed; X4 counts it",
    "T8": "T2: an entry whose own flush was left out is stale at the end",
    "T10": "none: it allows something",
    "X4": "counters on fixed scenarios (oracle/cost.py)",
    **dict.fromkeys((f"Q{n}" for n in range(1, 9)), "a question about the source, not about a run (reviewer/static)"),
}  # fmt: skip

# Rules with a check, a breach of which always shows under another name, too: what they add is the word for it.
FOLLOWS = {
    "D6": "E4, D11, L8: the entry that must not be writable has become so",
    "E4": "E2: a page that got write by another one's AnonExclusive has it without its own",
    "G8": "L9, D7: what the reverse map leaves and returns is not what the reference says",
}  # fmt: skip


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
            "Made by `python -m oracle.enforced`; a test compares. \"At run time\" names the files that raise the rule",
            "while a function runs or on the state it leaves; \"by comparison\" the differences that mean it, between",
            "before and after, or between a run and the same with every batch forced to one PTE. \"With\" names the",
            "rules that a breach always shows as well; every other rule has an edit that it alone finds",
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
