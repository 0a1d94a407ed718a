# SPDX-License-Identifier: GPL-2.0-or-later
"""What a boot showed, by what its console says, and how it ended."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reviewer.booting.model import RULE, STATE, Boot, Run, Verdict
from reviewer.booting.tap import Heard, Result, heard
from reviewer.words import count

_RELEASE = re.compile(r"# (\d+\.\d+[\w.+~-]{0,60}) ")
_EXIT = re.compile(r"Attempted to kill init! exitcode=0x([0-9a-f]{8})")
_TOLD = 5  # lines in a reason


def judge(run: Run, marked: bool = False) -> Boot:
    """The verdict of a boot. marked: the program says when its state is reached (tap.REACHED)."""
    said = heard(run.console)
    verdict, reasons = _verdict(run, said, marked)
    if said.kernel and verdict is not Verdict.NOT_BOOTED:
        reasons += (f"The kernel complained: {said.kernel[0]}.",)
    release = next((found[1] for line in said.lines if (found := _RELEASE.match(line))), "")
    return Boot(verdict, reasons, said.lines, said.kernel, release)


def _verdict(run: Run, said: Heard, marked: bool) -> tuple[Verdict, tuple[str, ...]]:
    if not said.begun:
        return Verdict.NOT_BOOTED, _silent(run, said)
    asked = [r for r in said.results if r.directive != "SKIP"]
    missed = [r.name for r in asked if r.name.startswith(STATE) and not r.good]
    if said.bail is not None:
        return Verdict.STATE_NOT_REACHED, (f"The program gave up: {said.bail}.",)
    if missed:
        return Verdict.STATE_NOT_REACHED, tuple(f"Not so: {name.removeprefix(STATE)}." for name in missed[:_TOLD])
    there = said.reached if marked else any(r.name.startswith(STATE) for r in asked)
    broken = [r.name for r in asked if r.name.startswith(RULE) and not r.good and not r.directive]
    if broken and (there or not marked):
        hung = () if said.whole else (f"{_ending(run, said)[0]}.",)
        return Verdict.SHOWN, (*(f"Not so: {name.removeprefix(RULE)}." for name in broken[:_TOLD]), *hung)
    if not said.whole:
        return _broken_off(run, said, there)
    rules = [r for r in asked if r.name.startswith(RULE)]
    if not rules:
        return Verdict.STATE_NOT_REACHED, _nothing_asked(said.results)
    if marked and not there:
        return Verdict.STATE_NOT_REACHED, ("The program never said that its state was reached.",)
    if said.panic and _ending(run, said)[1]:
        return Verdict.SHOWN, (f"The kernel panicked when all had been asked: {said.panic}.",)
    return Verdict.NOT_SHOWN, (f"{count(len(rules), 'test')} of the rule, and none fails.",)


def _silent(run: Run, said: Heard) -> tuple[str, ...]:
    """Why a program never said a word."""
    why = [f"The kernel panicked: {said.panic}"] if said.panic else []
    why += [f"The machine was stopped ({run.stopped})."] if run.stopped else []
    last = [line.strip() for line in run.console.splitlines() if line.strip()][-_TOLD:]
    return (
        *(why or ["The machine ended before the program said a word."]),
        *(f"It printed: {line}"[:200] for line in last),
    )


def _nothing_asked(results: Sequence[Result]) -> tuple[str, ...]:
    skipped = [r for r in results if r.directive == "SKIP"]
    why = tuple(f"Skipped: {r.name}{f', {r.reason}' if r.reason else ''}" for r in skipped[:_TOLD])
    return why or ("The program asked nothing.",)


def _broken_off(run: Run, said: Heard, reached: bool) -> tuple[Verdict, tuple[str, ...]]:
    """A program that never came to its end: a fault shows in that if it was past its set-up. A clock alone shows none:
    programs tell of a hang themselves, and kernels of a lockup, but the machine may have been busy."""
    if run.stopped and not said.panic and not said.late:
        return Verdict.NOT_BOOTED, (f"It did not end ({run.stopped}), and nothing says why: the machine may be slow.",)
    how, counts = _ending(run, said)
    when = "after its state was reached" if reached else "before its state was reached"
    verdict = Verdict.SHOWN if reached and counts else Verdict.STATE_NOT_REACHED
    return verdict, (f"{how} {when}.",)


def _ending(run: Run, said: Heard) -> tuple[str, bool]:
    """(how a machine ended, whether that can be what a fault does)."""
    if found := _EXIT.search(said.panic):
        code = int(found[1], 16)
        if code & 0x7F:
            return f"The program was killed by signal {code & 0x7F}", True
        return "The program ended by itself", False
    if said.panic:
        return f"The kernel panicked ({said.panic})", True
    if run.stopped:
        complained = f"The kernel complained ({said.late[0]}), and" if said.late else "It"
        return f"{complained} did not end ({run.stopped})", True
    return "The machine ended", False
