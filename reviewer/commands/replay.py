# SPDX-License-Identifier: GPL-2.0-or-later
"""review-patch replay: one counterexample again, from its file alone, before and after side by side."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import replace

from oracle.flavours import FLAVOURS
from oracle.runner import RefusedError, Runner, RunnerError
from oracle.wire import Scenario, scenario
from reviewer.building.pair import build_from_text
from reviewer.commands.arguments import Parser
from reviewer.errors import ReviewError
from reviewer.findings.case import FORCED, REFERENCE
from reviewer.findings.findings import state_of, unpacked
from reviewer.findings.tracing import calls, statements
from reviewer.limits import DOCUMENT, NUMBERS
from reviewer.model import Finding, State
from reviewer.report import terminal
from reviewer.report.console import console
from reviewer.report.document import load_finding
from reviewer.report.text import printable
from reviewer.support.bounded import content

_NUMBERS = re.compile(r"-?[0-9]{1,400}(?: -?[0-9]{1,400})*")
_WORD = 1 << 63


def parser() -> Parser:
    """The parser of its arguments."""
    made = Parser(prog="review-patch replay", description=__doc__)
    add = made.add_argument
    add("finding", metavar="FINDING.json", help="a finding, or a whole review written with --json")
    add("--id", default="", help="which finding of a review, when it has several")
    add("--trace", action="store_true", help="also list every PTE write and TLB flush in order, by call")
    return made


def main(argv: Sequence[str]) -> int:
    """Run a finding's scenario; 0 when it shows what the finding says, 1 when it shows something else."""
    args = parser().parse_args(argv)
    finding = load_finding(content(args.finding, DOCUMENT), args.finding, args.id).finding
    before, after, one, traces = _run(finding, args.finding, args.trace)
    out = console(sys.stdout)
    told = finding.reference
    forced = replace(one, source=FORCED) if told and told.source != REFERENCE else told
    shown = replace(finding, before=before, after=after, reference=forced)
    terminal.render_finding(printable(shown), out)
    for name, lines in traces:
        out.print(f"\n{name}:")
        for line in lines:
            out.print(f"  {printable(line)}")
    same = (before.as_json(), after.as_json()) == (
        finding.before.as_json(),
        finding.after.as_json(),
    ) or finding.kind == "cost"
    out.print("\nThe states are those of the finding." if same else "\nThe states differ from those the finding holds.")
    return 0 if same else 1


def prepared(finding: Finding, place: str) -> tuple[tuple[str, str], Scenario, str]:
    """The code of both sides, the scenario and the flavour that a finding holds.

    ReviewError where it holds none, or what no review writes."""
    if finding.kind == "static":
        raise ReviewError("this finding was read in the source: there is nothing to run", place=place)
    try:
        exact, flavour = finding.scenario["exact"], str(finding.scenario["flavour"])
        numbers = str(exact["numbers"])
        NUMBERS.check(numbers.count(" ") + 1, place)
        if _NUMBERS.fullmatch(numbers) is None:
            raise ValueError("its scenario is no row of numbers")
        code, what = unpacked(exact), scenario(numbers)
        if not all(abs(int(number)) < _WORD for number in numbers.split()):
            raise ValueError("a number of its scenario is beyond 64 bits")
        if flavour not in FLAVOURS:
            raise ValueError(f"no flavour is called {flavour!r}; there are {', '.join(FLAVOURS)}")
    except (KeyError, TypeError, ValueError) as error:
        why = f"it has no {error}" if isinstance(error, KeyError) else error
        raise ReviewError(f"this finding cannot be replayed: {why}", place=place) from error
    return code, what, flavour


def _run(finding: Finding, place: str, trace: bool) -> tuple[State, State, State, list[tuple[str, list[str]]]]:
    code, what, flavour = prepared(finding, place)
    program = build_from_text(code, flavour, ("before", "after") if trace else ())
    try:
        with Runner(program) as runner:
            outcome = runner.run(what, rows=True)
            sides = zip(("before", "after"), code, strict=True) if trace else ()
            traces = [(side, _lines(runner.trace(side), text, finding.function)) for side, text in sides]
    except RefusedError as error:
        raise ReviewError("the scenario is not one a kernel can be in", place=place) from error
    except RunnerError as error:
        raise ReviewError(str(error), place=place) from error
    return state_of(outcome, "before"), state_of(outcome, "after"), state_of(outcome, "after-one"), traces


def _lines(trace: list[str], text: str, changed: str) -> list[str]:
    """A trace for people: each call with what it did."""
    lines = []
    for call in calls(trace, statements(text), {changed}):
        if not call.events and not call.rules:
            continue
        lines.append(f"{call.told()}{f', in {call.function}()' if call.name else ''}")
        lines += [f"  {event}" for event in call.events]
        lines += [f"  breaks {rule}" for rule in call.rules]
    return lines
