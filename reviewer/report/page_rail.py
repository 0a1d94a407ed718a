# SPDX-License-Identifier: GPL-2.0-or-later
"""The series as a rail: at which patch a fault comes in, and at which it goes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from reviewer.model import Finding, FunctionReview, PatchReview, Review

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


def passing(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The faults of one patch that a later one of the series repairs."""
    return tuple(f for f in findings if f.relation == "introduced" and f.fixed_by_patch is not None)


def repairs(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """What is told with the fault that it repairs, which the series itself brought."""
    gone = {(f.rule, f.scenario.get("entry"), f.fixed_by_patch) for f in passing(findings)}
    return tuple(f for f in findings if f.relation == "fixed" and (f.rule, f.scenario.get("entry"), f.patch) in gone)


def lasting(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """All that is told at length: neither what passes nor what repairs it, the gravest first."""
    apart = {id(f) for f in (*passing(findings), *repairs(findings))}
    order = {"introduced": 0, "preexisting": 1, "fixed": 2}
    rest = [f for f in findings if id(f) not in apart]
    return tuple(sorted(rest, key=lambda f: (order[f.relation], _GRAVE.index(f.severity), f.kind == "static", f.patch)))


def stops(review: Review) -> tuple[Stop, ...]:
    """The patches in order."""
    found = review.findings
    lanes = _lanes(review)
    apart = {id(f) for f in repairs(found)}
    later = passing(found)

    def stop(patch: PatchReview) -> Stop:
        mine = [f for f in found if f.patch == patch.index and id(f) not in apart]
        brought = [f for f in mine if f.relation == "introduced"]
        mended = [f for f in mine if f.relation == "fixed" and not gain(f)]
        return Stop(
            patch,
            lanes=tuple(_part(lane, patch.index, review.patches[-1].index) for lane in lanes),
            comes=tuple(f for f in brought if f.fixed_by_patch is None),
            passing=passing(brought),
            goes=(*mended, *(f for f in later if f.fixed_by_patch == patch.index)),
            cheaper=tuple(filter(gain, mine)),
        )

    return tuple(stop(patch) for patch in review.patches)


def _lanes(review: Review) -> list[Finding]:
    """The faults that have a lane: those that the series brings or mends, the gravest first."""
    apart = {id(f) for f in repairs(review.findings)}
    faults = [f for f in review.findings if id(f) not in apart and not gain(f) and f.kind in ("violation", "cost")]
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
