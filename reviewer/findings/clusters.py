# SPDX-License-Identifier: GPL-2.0-or-later
"""Faults of one cause together: over the flavours, and over all that breaks by the same changed lines.

A cluster is shown on the fault that is worst, and named after the rule that explains it there; the other rules are kept
by name. Mended is only what breaks nowhere any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from oracle.faults import Fault
from oracle.flavours import FLAVOURS
from oracle.judge import Judgement, shows
from reviewer.findings.blame import Place, places
from reviewer.model import ChangedFunction, PatchTrees
from reviewer.running.tried import Ran

_Key = tuple[str, ...]


@dataclass(frozen=True)
class Member:
    """A fault, and the pair that showed it."""

    ran: Ran
    fault: Fault

    @property
    def judged(self) -> Judgement:
        return self.fault.judgement

    @property
    def key(self) -> _Key:
        return self.judged.rule.id, self.judged.relation, self.judged.kind


@dataclass(frozen=True)
class Cluster:
    """Faults of one cause. shown: the one to be shown, with the rule that explains it and the names of the others."""

    place: Place
    shown: Member
    members: tuple[Member, ...]

    @property
    def flavours(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(m.ran.flavour for m in self.members))


def alone(place: Place, ran: Ran, fault: Fault) -> Cluster:
    """A fault that belongs to no other."""
    member = Member(ran, fault)
    return Cluster(place, member, (member,))


def clusters(step: PatchTrees, changed: Sequence[ChangedFunction], ran: Sequence[Ran]) -> list[Cluster]:
    """The clusters of one entry, in the order in which its flavours show them. changed: all that the patch changes."""
    members = _true([Member(one, fault) for one in ran for fault in one.result.faults])
    where = _where(step, changed, members)
    groups: dict[_Key, list[Member]] = {}
    for member in members:
        groups.setdefault(_cause(member, where[member.key]), []).append(member)
    for key in sorted(groups, key=lambda key: min(m.judged.rank for m in groups[key])):
        for other in [k for k in groups if k != key and key in groups and _one(groups[key], groups[k])]:
            groups[key] += groups.pop(other)
    # A change of behaviour that comes of what does wrong is part of that.
    wrong = {key[2:] for key in groups if key[:2] == ("introduced", "violation")}
    kept = (key for key in groups if key[:2] != ("introduced", "behaviour") or key[2:] not in wrong)
    return [_cluster(groups[key], where) for key in kept]


def _where(step: PatchTrees, changed: Sequence[ChangedFunction], members: Sequence[Member]) -> dict[_Key, Place]:
    """Where each kind of fault comes from: asked of the first flavour that shows it."""
    first: dict[_Key, Member] = {}
    for member in members:
        first.setdefault(member.key, member)
    found: dict[_Key, Place] = {}
    for ran in dict.fromkeys(m.ran.flavour for m in first.values()):
        mine = [m for m in first.values() if m.ran.flavour == ran]
        told = places(step, changed, mine[0].ran, [m.fault for m in mine])
        found |= {m.key: place for m, place in zip(mine, told, strict=True)}
    return found


def _cause(member: Member, place: Place) -> _Key:
    """What faults of one cause have in common: the lines, where taking them back showed that; what is mended at once
    was one thing wrong."""
    judged = member.judged
    if judged.relation == "fixed":
        return ("fixed",)
    if place.how == "experiment":
        return judged.relation, judged.kind, place.file, str(place.changed_lines), str(place.removed_lines)
    return member.key


def _one(first: Sequence[Member], second: Sequence[Member]) -> bool:
    """Whether some smallest scenarios of both show what the other is named after: then one cause does."""
    return any(
        a.ran.flavour == b.ran.flavour and a.judged.relation == b.judged.relation and a.judged.kind == b.judged.kind
        and shows(a.fault.outcome, b.judged.hit) and shows(b.fault.outcome, a.judged.hit)
        for a in first for b in second
    )  # fmt: skip


def _cluster(group: Sequence[Member], where: dict[_Key, Place]) -> Cluster:
    blockless = any(FLAVOURS[m.ran.flavour].cont_ptes == 1 for m in group)

    def telling(judged: Judgement) -> tuple[bool, tuple[object, ...]]:
        """Blocks explain nothing where a flavour without any shows the same."""
        return blockless and judged.rule.category == "contpte", judged.rank

    worst = min(group, key=lambda m: (m.fault.worst.harm, telling(m.judged)))
    lead = min((m.judged for m in group if shows(worst.fault.outcome, m.judged.hit)), key=telling, default=worst.judged)
    named = sorted({j for m in group for j in (m.judged, m.fault.worst)}, key=lambda j: (j.harm, j.rank))
    also = dict.fromkeys([*(j.rule.id for j in named), *(name for m in group for name in m.fault.also)])
    also.pop(lead.rule.id, None)
    shown = replace(worst, fault=replace(worst.fault, judgement=lead, also=tuple(also)))
    return Cluster(where[worst.key], shown, tuple(group))


def _true(members: Sequence[Member]) -> list[Member]:
    """The faults without those that are mended only here and there."""
    broken = {name for m in members if m.judged.relation != "fixed" for name in m.fault.rules}

    def left(member: Member) -> Member:
        also = tuple(name for name in member.fault.also if name not in broken)
        return replace(member, fault=replace(member.fault, also=also))

    told = (m for m in members if m.judged.relation != "fixed" or m.judged.rule.id not in broken)
    return [left(m) if m.judged.relation == "fixed" else m for m in told]
