# SPDX-License-Identifier: GPL-2.0-or-later
"""A file of results as one page that needs nothing else: totals, three charts, every series and finding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reviewer.cluster.shown import Rows, Shown
from reviewer.resources import folder

_BARS = 25  # of a chart
_WIDTH = 420  # of the longest bar


@dataclass(frozen=True)
class Bar:
    """One bar. length, part: in units of the page; part is what of it is told apart."""

    label: str
    told: str
    length: float
    part: float = 0.0


@dataclass(frozen=True)
class Chart:
    """A chart of bars. left: how many rows it does not show; legend: of the two colours."""

    title: str
    bars: tuple[Bar, ...]
    left: int
    legend: tuple[str, ...] = ()


def page(what: Shown) -> str:
    """The whole page; all text is escaped."""
    environment = Environment(loader=FileSystemLoader(folder("templates")), autoescape=True, undefined=StrictUndefined)
    environment.filters["number"] = lambda value: f"{value:,}"
    return environment.get_template("campaign.html.j2").render(what=what, charts=charts(what))


def charts(what: Shown) -> tuple[Chart, ...]:
    """Scenarios per function, findings by rule, and how much of what changed was run."""
    return tuple(chart for chart in (_scenarios(what.functions), _rules(what.rules), _coverage(what.functions))
        if chart.bars)  # fmt: skip


def _scenarios(functions: Rows) -> Chart:
    rows = [row for row in functions if row["scenarios"]]
    most = max((row["scenarios"] for row in rows), default=1)
    bars = [Bar(row["name"], f"{row['scenarios']:,}", _WIDTH * row["scenarios"] / most) for row in rows]
    return Chart("Scenarios per function", *_first(bars))


def _rules(rules: Rows) -> Chart:
    names = dict.fromkeys(row["rule"] for row in rules)
    numbers = {name: _numbers([row for row in rules if row["rule"] == name]) for name in names}
    most = max((sum(n) for n in numbers.values()), default=1)
    order = sorted(numbers, key=lambda name: (-numbers[name][0], -sum(numbers[name]), name))
    bars = [
        Bar(name, _said(numbers[name]), _WIDTH * sum(numbers[name]) / most, _WIDTH * numbers[name][0] / most)
        for name in order
    ]
    return Chart("Findings by rule", *_first(bars), legend=("introduced", "fixed, there before, or a question"))


def _numbers(rows: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    introduced = sum(r["number"] for r in rows if r["relation"] == "introduced" and r["kind"] != "static")
    return introduced, sum(r["number"] for r in rows) - introduced


def _said(numbers: tuple[int, int]) -> str:
    return f"{numbers[0]} introduced" + (f", {numbers[1]} other" if numbers[1] else "")


def _coverage(functions: Rows) -> Chart:
    rows = sorted((row for row in functions if row["changed"]), key=lambda r: (r["covered"] / r["changed"], r["name"]))
    bars = [
        Bar(row["name"], f"{row['covered']} of {row['changed']}", _WIDTH, _WIDTH * row["covered"] / row["changed"])
        for row in rows
    ]
    return Chart("Changed lines that ran", *_first(bars), legend=("ran", "did not, or are the same code"))


def _first(bars: Sequence[Bar]) -> tuple[tuple[Bar, ...], int]:
    return tuple(bars[:_BARS]), max(0, len(bars) - _BARS)
