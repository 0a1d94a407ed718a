# SPDX-License-Identifier: GPL-2.0-or-later
"""The counts of a cost finding as small multiples: what each PTE costs over 16 to 512 of them, before and after."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reviewer.model import Finding
from reviewer.report.counted import moved

Series = tuple[tuple[int, float, float], ...]  # PTEs, before, after

_CHARTS, _GAINS = 12, 4
_EACH = 2  # of a counter
WIDE, HIGH, SIDE, TOP, BOTTOM = 220, 110, 48, 8, 18
_SHAPES = (
    (-0.7, "once for the range"), (-0.1, "less for each PTE as the range grows"),
    (0.1, "linear: the same for each PTE"),
    (0.7, "more for each PTE as the range grows"), (math.inf, "quadratic: each PTE costs more, the longer the range"),
)  # fmt: skip


@dataclass(frozen=True)
class Curve:
    """One side: points of the line in the drawing, the first and last value, how it grows."""

    side: str
    dots: tuple[tuple[str, str], ...]
    first: str
    last: str
    grows: str
    labels: tuple[str, str]  # where these two are written

    @property
    def path(self) -> str:
        return " ".join(f"{x},{y}" for x, y in self.dots)


@dataclass(frozen=True)
class Chart:
    """A counter of the classes of folios that show the same."""

    counter: str
    where: str
    curves: tuple[Curve, Curve]
    ticks: tuple[tuple[str, int], ...]

    @property
    def words(self) -> str:
        """The chart as a sentence."""
        ends = f"at {self.ticks[0][1]} and {self.ticks[-1][1]} PTEs"
        told = (f"{c.side} {c.first} and {c.last} ({c.grows})" for c in self.curves)
        return f"{self.counter} per PTE, {ends}: {'; '.join(told)}. {self.where}."


def charts(finding: Finding) -> tuple[Chart, ...]:
    """What moved, the largest change of a counter first; classes, then flavours, that show the same are one chart."""
    classes: dict[tuple[str, Series, str], list[str]] = {}
    for counter, folios, flavour in moved(finding):
        series = _series(finding, counter, folios, flavour)
        if len(series) > 1:
            classes.setdefault((counter, series, flavour), []).append(folios)
    flavours: dict[tuple[str, Series, tuple[str, ...]], list[str]] = {}
    for (counter, series, flavour), folios_of in classes.items():
        flavours.setdefault((counter, series, tuple(folios_of)), []).append(flavour)
    found: dict[str, list[Chart]] = {}
    for (counter, series, names), at in sorted(flavours.items(), key=lambda item: -_most(item[0][1])):
        if len(mine := found.setdefault(counter, [])) < _EACH:
            more = f" and {len(names) - 2} more" if len(names) > 2 else ""
            mine.append(_chart(counter, f"{', '.join(names[:2])}{more}; {', '.join(at)}", series))
    most = _CHARTS if finding.relation == "introduced" else _GAINS
    return tuple(chart for mine in found.values() for chart in mine)[:most]


def _most(series: Series) -> float:
    return max(abs(after - before) for _, before, after in series)


def _series(finding: Finding, counter: str, folios: str, flavour: str) -> Series:
    mine = [c for c in finding.counts if (c.folios, c.flavour) == (folios, flavour)]
    return tuple(sorted((c.ptes, _number(c.before, counter), _number(c.after, counter)) for c in mine))


def _number(counts: Mapping[str, object], counter: str) -> float:
    value = counts.get(counter, 0)
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else 0.0


def _chart(counter: str, where: str, series: Series) -> Chart:
    ptes = [n for n, _, _ in series]
    top = max(max(before, after) for _, before, after in series) or 1.0
    low, high = math.log2(ptes[0]), math.log2(ptes[-1])

    def x(n: int) -> str:
        return f"{SIDE + (WIDE - 2 * SIDE) * (math.log2(n) - low) / ((high - low) or 1):.1f}"

    def y(value: float) -> float:
        return HIGH - BOTTOM - (HIGH - TOP - BOTTOM) * value / top

    labels = [_apart([y(before), y(after)]) for _, before, after in (series[0], series[-1])]
    curves = [
        Curve(
            side, tuple((x(row[0]), f"{y(row[at]):.1f}") for row in series), f"{series[0][at]:.3g}",
            f"{series[-1][at]:.3g}", grows([(row[0], row[at]) for row in series]),
            (f"{labels[0][at - 1]:.1f}", f"{labels[1][at - 1]:.1f}"),
        )
        for at, side in enumerate(("before", "after"), 1)
    ]  # fmt: skip
    return Chart(counter, where, (curves[0], curves[1]), tuple((x(n), n) for n in ptes))


def _apart(ends: list[float], least: float = 12) -> list[float]:
    """Where to write the last values, so that one does not cover the other."""
    if abs(ends[0] - ends[1]) >= least:
        return ends
    middle, low = sum(ends) / 2, ends[0] > ends[1]
    up, down = middle - least / 2, middle + least / 2
    shift = max(0.0, down - (HIGH - BOTTOM))
    return [down - shift, up - shift] if low or ends[0] == ends[1] else [up - shift, down - shift]


def grows(series: Iterable[tuple[int, float]]) -> str:
    """How what each PTE costs grows with the range, in words."""
    points = list(series)
    (n, first), (m, last) = points[0], points[-1]
    if not first or not last or n == m:
        return "none" if first == last == 0 else _SHAPES[2 if first == last else 3 if first < last else 1][1]
    exponent = math.log(last / first) / math.log(m / n)
    return next(words for most, words in _SHAPES if exponent <= most)
