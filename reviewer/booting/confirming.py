# SPDX-License-Identifier: GPL-2.0-or-later
"""A finding held against running kernels: which trees it has to show on and which not, and what came of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from reviewer.booting.model import Boot, Verdict
from reviewer.model import Booted, Confirmation, Confirmed, Finding, Relation

Side = Literal["before", "after"]
Try = Callable[[Side], Boot]

# Where a fault has to show, and then where it has not to: of what was there before, on the tree alone.
_SIDES: Mapping[Relation, tuple[Side, ...]] = {
    "introduced": ("after", "before"), "fixed": ("before", "after"), "preexisting": ("before",),
}  # fmt: skip
_TRIED: Mapping[Verdict, Confirmation] = {
    Verdict.SHOWN: "not shown",  # of a side on which it should not
    Verdict.NOT_SHOWN: "not shown",
    Verdict.STATE_NOT_REACHED: "state not reached",
    Verdict.NOT_BUILT: "not tried",
    Verdict.NOT_BOOTED: "not tried",
}
_WORDS: Mapping[Side, str] = {"before": "before the patch", "after": "after the patch"}


def confirmed(finding: Finding, flavour: str, attempt: Try) -> Confirmed:
    """Boot what has to show it, and if that does what has not to. attempt: boots the tree of a side."""
    shows, *silent = _SIDES[finding.relation]
    first = attempt(shows)
    boots: list[tuple[Side, Boot]] = [(shows, first)]
    if first.verdict is not Verdict.SHOWN:
        return _made(_TRIED[first.verdict], flavour, boots)
    for side in silent:
        other = attempt(side)
        boots.append((side, other))
        if other.verdict is not Verdict.NOT_SHOWN:
            return _made(_TRIED[other.verdict], flavour, boots)
    return _made("confirmed on a running kernel", flavour, boots)


def untried(flavour: str, why: str) -> Confirmed:
    """No kernel could be asked."""
    return Confirmed("not tried", flavour, (why,), ())


def _made(verdict: Confirmation, flavour: str, boots: Sequence[tuple[Side, Boot]]) -> Confirmed:
    alone = len(boots) == 1
    reasons = tuple(f"{_told(side, boot, alone)}{boot.reasons[0]}" for side, boot in boots)
    told = tuple(
        Booted(side, boot.verdict.value, boot.reasons, boot.release, boot.tap, boot.kernel) for side, boot in boots
    )
    return Confirmed(verdict, flavour, reasons, told)


def _told(side: Side, boot: Boot, alone: bool) -> str:
    """Which kernel did what, before its first reason."""
    where = "It" if alone and side == "before" else f"The kernel {_WORDS[side]}"
    return f"{where} {_DID[boot.verdict]}: " if boot.verdict in _DID else ""


_DID = {
    Verdict.SHOWN: "shows the fault",
    Verdict.NOT_SHOWN: "does not show it",
    Verdict.STATE_NOT_REACHED: "was not brought into its state",
    Verdict.NOT_BUILT: "is not built",
    Verdict.NOT_BOOTED: "does not boot",
}
