# SPDX-License-Identifier: GPL-2.0-or-later
"""review-patch replay: one counterexample again, from its file alone, before and after side by side."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from oracle.runner import RefusedError, Runner, RunnerError
from reviewer.building.pair import build_from_text
from reviewer.commands.arguments import Parser
from reviewer.errors import ReviewError
from reviewer.findings.case import FORCED, REFERENCE
from reviewer.findings.exact import prepared
from reviewer.findings.findings import state_of
from reviewer.findings.tracing import calls, statements
from reviewer.limits import DOCUMENT
from reviewer.model import Finding, State
from reviewer.report import terminal
from reviewer.report.console import console
from reviewer.report.document import load_finding
from reviewer.report.text import printable
from reviewer.reproducing.files import written
from reviewer.reproducing.model import Cannot
from reviewer.reproducing.program import program_of
from reviewer.support.bounded import content


def parser() -> Parser:
    """The parser of its arguments."""
    made = Parser(prog="review-patch replay", description=__doc__)
    add = made.add_argument
    add("finding", metavar="FINDING.json", help="a finding, or a whole review written with --json")
    add("--id", default="", help="which finding of a review, when it has several")
    add("--trace", action="store_true", help="also list every PTE write and TLB flush in order, by call")
    add("--kselftest", metavar="DIR", type=Path, default=None,
        help="instead, write a C program there that brings the table about by system calls, makes the call and checks "
        "what came of it, in the manner of tools/testing/selftests/mm")  # fmt: skip
    return made


def main(argv: Sequence[str]) -> int:
    """Run a finding's scenario; 0 when it shows what the finding says, 1 when it shows something else. Or write a
    program for a running kernel; 1 when there is none."""
    args = parser().parse_args(argv)
    finding = load_finding(content(args.finding, DOCUMENT), args.finding, args.id).finding
    if args.kselftest is not None:
        return _kselftest(finding, args)
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


def _kselftest(finding: Finding, args: argparse.Namespace) -> int:
    made = program_of(finding, args.finding)
    out = console(sys.stdout)
    if isinstance(made, Cannot):
        out.print(printable(f"No program: {made.kind}. {made.sentence}."))
        return 1
    for path in written(made, args.kselftest):
        out.print(printable(str(path)))
    return 0


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
