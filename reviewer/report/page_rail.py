# SPDX-License-Identifier: GPL-2.0-or-later
"""The series as a rail: at which patch a fault comes in, and at which it goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from reviewer.model import Finding, FunctionReview, PatchReview, Relation, Review
from reviewer.report import related

Part = Literal["", "in", "on", "out", "past"]  # past: it was there before the series

_LANES = 6
_GRAVE = ("high", "medium", "low", "question")


@dataclass(frozen=True)
class Stop:
    """A patch. lanes: what each lane does here; comes, goes: findings that it brings, takes away; cheaper: gains."""

    patch: PatchReview
    lanes: tuple[tuple[Part, str], ...]
    comes: tuple[Finding, ...]
    passing: tuple[Finding, ...]
    goes: tuple[Finding, ...]
    cheaper: tuple[Finding, ...]

    @property
    def mark(self) -> str:
        """How the patch stands: a fault, a passing one, open, well."""
        if self.comes:
            return "bad" if any(f.severity in ("high", "medium") for f in self.comes) else "asked"
        if self.passing:
            return "passing"
        return "open" if any(not f.settled for f in self.patch.functions) else "well"


def gain(finding: Finding) -> bool:
    """Whether it tells of work that became less."""
    return finding.kind == "cost" and finding.relation == "fixed"


def told(review: Review) -> tuple[Finding, ...]:
    """All that is told at length: what lasts beyond the series, the gravest first."""

    def grave(f: Finding) -> tuple[int, bool, int]:
        return _GRAVE.index(f.severity), f.kind == "static", f.patch

    relations: tuple[Relation, ...] = ("introduced", "preexisting", "fixed")
    return tuple(f for relation in relations for f in sorted(related.lasting(review, relation), key=grave))


def stops(review: Review) -> tuple[Stop, ...]:
    """The patches in order."""
    found, passing, lanes = told(review), related.transient(review), _lanes(review)

    def stop(patch: PatchReview) -> Stop:
        mine = [f for f in found if f.patch == patch.index]
        mended = [f for f in mine if f.relation == "fixed" and not gain(f)]
        return Stop(
            patch,
            lanes=tuple(_part(lane, patch.index, review.patches[-1].index) for lane in lanes),
            comes=tuple(f for f in mine if f.relation == "introduced"),
            passing=tuple(f for f in passing if f.patch == patch.index),
            goes=(*mended, *(f for f in passing if f.fixed_by_patch == patch.index)),
            cheaper=tuple(filter(gain, mine)),
        )

    return tuple(stop(patch) for patch in review.patches)


def _lanes(review: Review) -> list[Finding]:
    """The faults that have a lane: those that the series brings or mends, the gravest first."""
    faults = [f for f in (*related.transient(review), *told(review)) if not gain(f) and f.kind in ("violation", "cost")]
    faults = [f for f in faults if f.relation != "preexisting"]
    chosen = sorted(faults, key=lambda f: (f.fixed_by_patch is None, _GRAVE.index(f.severity)))[:_LANES]
    return sorted(chosen, key=lambda f: f.patch)


def _part(lane: Finding, at: int, last: int) -> tuple[Part, str]:
    first, end = lane.patch, lane.fixed_by_patch
    if lane.relation == "fixed":
        return ("past" if at < first else "out" if at == first else ""), "mended"
    kind = "passing" if end is not None else "stays"
    if at == first:
        return "in", kind
    if end is not None and at == end:
        return "out", kind
    return ("on" if first < at <= (end or last) else ""), kind


def run_of(functions: Sequence[FunctionReview]) -> tuple[int, int]:
    """How many changed lines of a patch ran, of how many."""
    changed = {(f.file, line) for f in functions for line in f.changed_lines}
    ran = {(f.file, line) for f in functions for line in f.covered_lines}
    return len(changed & ran), len(changed)
