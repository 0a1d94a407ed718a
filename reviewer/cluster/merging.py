# SPDX-License-Identifier: GPL-2.0-or-later
"""The results of the rounds of one pair as one result: in whatever order they came, and however many ran at a time.

Rounds are put in order of seed and first scenario; joining two neighbours is associative, so the whole is the same
however it is come by.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import reduce

from oracle.campaign import Result
from oracle.faults import Fault


def merged(rounds: Iterable[tuple[tuple[int, int], Result]]) -> Result:
    """One result of ((seed, first), result) of each round; of no round none can be made."""
    return reduce(joined, (result for _, result in sorted(rounds, key=lambda r: r[0])))


def joined(first: Result, second: Result) -> Result:
    """Of two rounds, the first one's scenarios come first."""
    allowed = dict(first.allowed)
    for what, count in second.allowed:
        allowed[what] = allowed.get(what, 0) + count
    return Result(
        first.scenarios + second.scenarios, _faults(first.faults, second.faults), first.before | second.before,
        first.after | second.after, first.died or second.died, first.bound or second.bound, tuple(allowed.items()),
        tuple(rule for rule in first.unasked if rule in second.unasked),
    )  # fmt: skip


def _faults(first: tuple[Fault, ...], second: tuple[Fault, ...]) -> tuple[Fault, ...]:
    """Each kind of fault once, at the scenario that is known first, with the scenarios of both."""
    found = {_kind(fault): fault for fault in first}
    for fault in second:
        known = found.get(_kind(fault))
        found[_kind(fault)] = fault if known is None else _counted(known, fault)
    return tuple(sorted(found.values(), key=lambda f: (f.judgement.rank[:4], f.judgement.rule.id, _kind(f))))


def _kind(fault: Fault) -> tuple[str, str, str]:
    return fault.judgement.rule.id, fault.judgement.relation, fault.judgement.kind


def _counted(known: Fault, more: Fault) -> Fault:
    one, other = known.judgement, more.judgement
    sure = one.sure and other.sure and (one.hit.relation, one.hit.what) == (other.hit.relation, other.hit.what)
    also = known.also if known.also == more.also else tuple(sorted({*known.also, *more.also}))
    hit = replace(one.hit, count=one.hit.count + other.hit.count)
    meant = replace(one, hit=hit, count=one.count + other.count, sure=sure)
    return replace(known, judgement=meant, also=also)
