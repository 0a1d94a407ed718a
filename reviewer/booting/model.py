# SPDX-License-Identifier: GPL-2.0-or-later
"""What is handed on between a program that asks a kernel something and the verdict of kernels that ran it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

STATE, RULE, ALSO = "state: ", "rule: ", "also: "


@dataclass(frozen=True)
class Needs:
    """What a program needs of the kernel and the machine that it runs in.

    options: kernel configuration beyond the usual (config.py), "USERFAULTFD" or "NODES_SHIFT=2". memory: MiB. nodes:
    of NUMA. append: words of the kernel's command line. timeout: seconds of a boot with the program's run.
    """

    options: tuple[str, ...] = ()
    memory: int = 512
    cpus: int = 1
    nodes: int = 1
    append: tuple[str, ...] = ()
    timeout: int = 120


@dataclass(frozen=True)
class Program:
    """A C program that runs as the first process of a machine, prints TAP 13 and powers off.

    Its tests are called "state: ..." where they see whether what it set up is there, "rule: ..." where they ask for the
    consequence of a rule, "also: ..." where they decide nothing. headers: (file name, text) beside the source.
    """

    name: str
    source: str
    headers: tuple[tuple[str, str], ...] = ()
    needs: Needs = Needs()


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
