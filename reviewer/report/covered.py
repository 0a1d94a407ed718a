# SPDX-License-Identifier: GPL-2.0-or-later
"""What ran and how far, and what did not and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from textwrap import fill

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from reviewer.model import FunctionReview, Review
from reviewer.report import view
from reviewer.report.places import called
from reviewer.report.text import count

Listed = Sequence[tuple[int, FunctionReview]]


def functions(review: Review, out: Console, *, whole: bool, heading: Callable[[Console, str], None]) -> None:
    """Each function; unless whole, of those that ran in full one line a patch."""
    entries = [(patch.index, function) for patch in review.patches for function in patch.functions]
    for holds, title, short in (
        (view.exercised, "Exercised", _ran),
        (view.settled, "Not run, and nothing open", _named),
        (lambda f: not view.exercised(f) and not f.settled, "Not exercised", None),
    ):
        listed = [(index, function) for index, function in entries if holds(function)]
        if listed:
            heading(out, title)
        brief = [] if whole or short is None else [(i, f) for i, f in listed if f.settled]
        for index in dict.fromkeys(index for index, _ in listed):
            mine = [f for i, f in brief if i == index]
            if mine and short is not None:
                told = f"{index}/{review.series.total} {short(mine)}"
                out.print(Text(fill(told, out.width, subsequent_indent="    ", break_on_hyphens=False)))
            for function in (f for i, f in listed if i == index and (i, f) not in brief):
                _function(f"{index}/{review.series.total}", function, out)


def _ran(functions: Sequence[FunctionReview]) -> str:
    lines = sum(len({*f.changed_lines} & {*f.covered_lines}) for f in functions)
    of = count(sum(len({*f.changed_lines}) for f in functions), "changed line")
    flavours = dict.fromkeys(name for f in functions for name in f.flavours)
    most = max(f.scenarios for f in functions)
    named = ", ".join(called(f) for f in functions)
    return f"{named}: {lines} of {of} run; {count(most, 'scenario')} on {', '.join(flavours)}"


def _named(functions: Sequence[FunctionReview]) -> str:
    claims: dict[str, list[str]] = {}
    for f in functions:
        claims.setdefault(view.claim(f), []).append(called(f))
    return "; ".join(f"{', '.join(names)}: {claim}" for claim, names in claims.items())


def _function(patch: str, function: FunctionReview, out: Console) -> None:
    through = f", through {function.entry}()" if function.entry not in ("", function.name) else ""
    status = Text(view.claim(function), style="green" if function.settled else "yellow")
    out.print(Text.assemble(f"{patch} ", (called(function), "bold"), f" in {function.file}{through}: ", status))
    if function.why:
        _indent(out, function.why)
    if view.exercised(function):
        _indent(out, f"{view.coverage(function)}; {count(function.scenarios, 'scenario')}")
        if function.exhaustive:
            _indent(out, f"exhaustive: {function.exhaustive}")
        asked = f"; not asked: {', '.join(function.not_asked)}" if function.not_asked else ""
        _indent(out, f"on {', '.join(function.flavours)}; stubs: {', '.join(function.stubs) or 'none'}{asked}")


def _indent(out: Console, text: str) -> None:
    out.print(Padding(Text(text), (0, 0, 0, 4), expand=False))
