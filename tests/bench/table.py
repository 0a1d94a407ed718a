# SPDX-License-Identifier: GPL-2.0-or-later
"""Rows as a table and as JSON, and what differs between two sets of them: counts and words exactly, seconds never."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from tests.bench.one import COUNTS, Cost, Said
from tests.bench.rounds import Row

SCHEMA = "review-patch-performance/1"
_HEAD = ("input", "cache", "CPU s", "Python", "compilers", "runners", "wall s", "peak MiB", *COUNTS[:2],
         "runners started", COUNTS[3])  # fmt: skip


def table(rows: Sequence[Row], beside: Sequence[Row] = ()) -> str:
    """The rows as Markdown. beside: those of the other checkout, the figure of which stands before the arrow."""
    before = {(row.input, row.state): row for row in beside}
    lines = [_HEAD, ("---",) * 2 + ("--:",) * (len(_HEAD) - 2)]
    for row in rows:
        old = before.get((row.input, row.state))
        cells = _cells(row.cost)
        both = zip(_cells(old.cost), cells, strict=True) if old else ((cell, cell) for cell in cells)
        lines.append((row.input, row.state, *(a if a == b else f"{a} -> {b}" for a, b in both)))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cells(cost: Cost) -> list[str]:
    seconds = (cost.cpu, cost.python, cost.compilers, cost.runners, cost.wall)
    return [*(f"{s:.1f}" for s in seconds), f"{cost.peak:.0f}", *(f"{cost.counts[name]:,}" for name in COUNTS)]


def document(about: Mapping[str, Any], rows: Sequence[Row], beside: Sequence[Row] = ()) -> dict[str, Any]:
    """What is stored. about: tree, compiler, and how it was measured."""
    sides = {"rows": rows, "beside": beside}
    return {"schema": SCHEMA, **about, **{name: [_stored(row) for row in side] for name, side in sides.items()}}


def _stored(row: Row) -> dict[str, Any]:
    told = asdict(row)
    told["cost"] = {name: round(v, 3) if isinstance(v, float) else v for name, v in told["cost"].items()}
    return told


def stored(document: Mapping[str, Any], which: str = "rows") -> list[Row]:
    """The rows of a document. ValueError when it is none of these."""
    if document.get("schema") != SCHEMA:
        raise ValueError(f"no document of {SCHEMA}")
    return [
        Row(one["input"], one["state"], Cost(**one["cost"]), Said(**{k: _tuple(v) for k, v in one["said"].items()}),
            tuple(one["odd"]))
        for one in document[which]
    ]  # fmt: skip


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def counts_differ(old: Sequence[Row], new: Sequence[Row]) -> list[str]:
    """A line for each count that is another one."""
    return [
        f"{b.input}, {b.state}: {name} {a.cost.counts[name]:,} -> {b.cost.counts[name]:,}"
        for a, b in _both(old, new) for name in COUNTS if a.cost.counts[name] != b.cost.counts[name]
    ]  # fmt: skip


def said_differs(old: Sequence[Row], new: Sequence[Row]) -> list[str]:
    """A line for each verdict or finding that is another one: that may not be."""
    found = []
    for a, b in _both(old, new):
        where = f"{b.input}, {b.state}"
        if a.said.verdict != b.said.verdict:
            found.append(f"{where}: {a.said.verdict} -> {b.said.verdict}")
        found += [f"{where}: {line}" for line in _lines(a.said.findings, b.said.findings)]
    return found


def claims_differ(old: Sequence[Row], new: Sequence[Row]) -> list[str]:
    """A line for each function of which it is something else that shows that it is right."""
    return [
        f"{b.input}, {b.state}: {line}" for a, b in _both(old, new) for line in _lines(a.said.claims, b.said.claims)
    ]


def states_differ(rows: Sequence[Row]) -> list[str]:
    """A line for what an input comes to in one state of the cache, and not in another."""
    first: dict[str, Row] = {}
    found = []
    for row in rows:
        was = first.setdefault(row.input, row)
        found += [f"{row.input}: it is not the same {was.state} and {row.state}"] if was.said != row.said else []
    return found


def _both(old: Sequence[Row], new: Sequence[Row]) -> Iterator[tuple[Row, Row]]:
    before = {(row.input, row.state): row for row in old}
    return ((before[row.input, row.state], row) for row in new if (row.input, row.state) in before)


def _lines(old: Sequence[str], new: Sequence[str]) -> list[str]:
    return [f"- {line}" for line in old if line not in new] + [f"+ {line}" for line in new if line not in old]
