# SPDX-License-Identifier: GPL-2.0-or-later
"""A survey as JSON (survey.schema.json) and as a table."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from reviewer.report.text import printable
from reviewer.words import count


@dataclass(frozen=True)
class Surveyed:
    """A function that touches PTEs. why: what keeps it from being exercised, or the entry it was run
    through and where runs ended for want of a model.
    ends: where they do so, whichever entry it is run through.
    lines, covered: with code, and run by some scenario, over all flavours. violations: rules and relations that
    the unchanged code breaks."""

    name: str
    file: str
    batches: bool
    exercisable: bool
    why: str
    flavours: tuple[str, ...]
    lines: int
    covered: int
    stubs: tuple[str, ...]
    ends: tuple[str, ...]
    scenarios: int
    violations: int


def dumps(tree: str, functions: Sequence[Surveyed]) -> str:
    """The JSON document of a survey."""
    return json.dumps({"tree": tree, "functions": [asdict(f) for f in functions]}, indent=2) + "\n"


def totals(functions: Sequence[Surveyed]) -> str:
    """One line that sums up."""
    batching = [f for f in functions if f.batches]
    run = [f for f in functions if f.exercisable]
    return (
        f"{count(len(functions), 'function')} touching PTEs, {len(run)} can be exercised; "
        f"{len(batching)} batch, {sum(f.exercisable for f in batching)} of them can; "
        f"{sum(f.covered for f in run)} of {sum(f.lines for f in run)} lines run; "
        f"{sum(f.violations > 0 for f in functions)} with violations{_lacking(functions)}"
    )


def _lacking(functions: Sequence[Surveyed]) -> str:
    """What a tree has that is not modelled, and how many functions come to it: what to add first."""
    met = Counter(name for f in functions for name in f.ends)
    named = ", ".join(f"{name} ({times})" for name, times in met.most_common())
    return f"; not modelled, with the functions that come to it: {named}" if met else ""


def render(tree: str, functions: Sequence[Surveyed], out: Console) -> None:
    """Print the table, file by file: what can be exercised first, then what cannot and why."""
    table = Table(title=str(printable(tree)), box=None, title_justify="left", pad_edge=False)
    for heading in ("function", "batches", "lines run", "on", ""):
        table.add_column(heading, no_wrap=heading == "function", justify="right" if heading == "lines run" else "left")
    file = ""
    for f in sorted(functions, key=lambda f: (f.file, not f.exercisable, f.name)):
        if f.file != file:
            file = f.file
            table.add_row(Text(str(printable(file)), style="bold"))
        ran = f"{f.covered} of {f.lines}" if f.exercisable else "none"
        table.add_row(f"  {f.name}", "yes" if f.batches else "", ran, " ".join(f.flavours), _note(f),
                      style="" if f.exercisable else "dim")  # fmt: skip
    out.print(table)
    out.print(totals(functions))


def _note(function: Surveyed) -> str:
    broken = f"{function.violations} violations" if function.violations else ""
    stubs = f"stubs: {', '.join(function.stubs)}" if function.stubs else ""
    return str(printable("; ".join(part for part in (broken, function.why, stubs) if part)))
