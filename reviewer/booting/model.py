# SPDX-License-Identifier: GPL-2.0-or-later
"""What is handed on between a program that asks a kernel something and the verdict of kernels that ran it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

STATE, RULE, ALSO = "state: ", "rule: ", "also: "


class Verdict(Enum):
    """What one boot showed. NOT_ASKED has no word of its own: a rule that was skipped leaves NOT_SHOWN out."""

    SHOWN = "shown"
    NOT_SHOWN = "not shown"
    STATE_NOT_REACHED = "state not reached"
    NOT_BUILT = "not built"
    NOT_BOOTED = "not booted"


@dataclass(frozen=True)
class Run:
    """How a machine ended. console: what it printed, bounded and harmless. stopped: the limit that ended it, empty
    when it powered off by itself. seconds: of the boot, for progress and never for a review."""

    console: str
    stopped: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Boot:
    """The verdict of one boot. reasons: sentences. tap: its lines. kernel: lines in which the kernel complained.
    release: the kernel's own name, "7.3.4", empty where it said none."""

    verdict: Verdict
    reasons: tuple[str, ...] = ()
    tap: tuple[str, ...] = ()
    kernel: tuple[str, ...] = ()
    release: str = ""
