# SPDX-License-Identifier: GPL-2.0-or-later
"""A run told call by call: which statement of the kernel's code did what to the page tables.

A slice that is built to be traced tells each probe it passes (probes.py), between the raw accesses that the simulated
MMU tells. What the code under test calls to change entries, from set_ptes() down, is told as one call of the statement
it is made from. Nothing here runs unless a finding is explained or replayed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from oracle.runner import Runner
from oracle.wire import Scenario, names, words
from reviewer.building.pair import build_from_text
from reviewer.model import Step, Trace

SIDES = ("before", "after")
# What a report takes of a run: a block of 16 entries that is unfolded and set again is 32 events and a flush.
STEPS, EVENTS, TEXT = 48, 256, 160

_PLACE = re.compile(r'^#line (\d+) "([^"]+)"\n|\bW_COV\((\d+)\); ', re.MULTILINE)
_CALLED = re.compile(r"\b([A-Za-z_]\w*)\s*\(")
_NOT_CALLS = frozenset("if while for switch return sizeof typeof likely unlikely WARN_ON_ONCE VM_WARN_ON_ONCE".split())
_CHANGES = re.compile(r"pte|pmd|rmap|flush|tlb|lock|clear|set")


@dataclass(frozen=True)
class Statement:
    """Where a probe stands. text: the statement up to its end, or to the body that it opens; rest: the function from
    there on."""

    function: str
    file: str
    line: int
    text: str
    rest: str


@dataclass(frozen=True)
class Write:
    """An entry written: its label and text as in the rows of a state."""

    label: str
    text: str

    def __str__(self) -> str:
        return f"{self.label} = {self.text}"


@dataclass(frozen=True)
class Call:
    """What one statement of the code under test did. name: the function that it calls to do so, empty when it does so
    itself; line: of that call. rules: those broken meanwhile."""

    function: str
    file: str
    line: int
    name: str
    events: tuple[Write | str, ...]
    rules: tuple[str, ...] = ()
    text: str = ""  # the line of the call

    @property
    def writes(self) -> tuple[Write, ...]:
        return tuple(e for e in self.events if isinstance(e, Write))

    def told(self) -> str:
        """ "set_ptes() at mm/mremap.c:287"."""
        return f"{self.name or self.function}() at {self.file}:{self.line}"


def traced(
    code: tuple[str, str], flavour: str, scenario: Scenario, changed: Collection[str]
) -> tuple[list[Call], list[Call]]:
    """The calls of the runs before and after. code: both slices; changed: the functions that a patch changes, which
    count as code under test wherever they stand. Raises SliceError, RunnerError."""
    with Runner(build_from_text(code, flavour, ("before", "after"))) as runner:
        runner.run(scenario)
        before, after = (calls(runner.trace(s), statements(t), changed) for s, t in zip(SIDES, code, strict=True))
    return before, after


def told(made: Iterable[Call], barriers: bool) -> Trace:
    """A run for the report: the calls that did something, bounded. barriers: they are told as well."""
    quiet = () if barriers else words("BARRIERS")
    steps = [step for call in made if (step := _step(call, quiet)).events or step.rules]
    return Trace(tuple(steps[:STEPS]), max(0, len(steps) - STEPS))


def _step(call: Call, quiet: Collection[str]) -> Step:
    events = [text for event in call.events if (text := str(event)) not in quiet]
    text = call.text if len(call.text) <= TEXT else f"{call.text[:TEXT]}..."
    more = max(0, len(events) - EVENTS)
    return Step(call.function, call.file, call.line, call.name, text, tuple(events[:EVENTS]), call.rules, more)


def statements(text: str) -> dict[int, Statement]:
    """The statement of each probe of a slice."""
    found: dict[int, Statement] = {}
    file, line, at, function, end = "", 0, 0, "", 0
    for match in _PLACE.finditer(text):
        line += text.count("\n", at, match.end())
        at = match.end()
        if match[1]:
            file, line = match[2], int(match[1])
            head = _CALLED.search(text, at)
            function = head[1] if head else ""
            end = text.find("\n#line ", at) + 1 or len(text)
        else:
            rest = re.sub(r"\bW_COV\(\d+\); ", "", text[at:end])
            found[int(match[3])] = Statement(function, file, line, _statement(rest), rest)
    return found


def _statement(text: str) -> str:
    """Up to a semicolon or an opening brace outside parentheses."""
    depth = 0
    for at, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if (depth == 0 and sign in ";{") or depth < 0:
            return text[:at]
    return text


def calls(lines: Iterable[str], places: Mapping[int, Statement], changed: Collection[str]) -> list[Call]:
    """The lines of a trace by the statement of the code under test that was passed last."""
    found: list[Call] = []
    at: Statement | None = None
    beneath, events, rules = list[str](), list[Write | str](), list[str]()
    for line in [*lines, ""]:
        word, _, rest = line.partition(" ")
        place = places.get(int(rest)) if word == "@" else None
        ours = place is not None and (re.match(r"mm/.*\.c$", place.file) or place.function in changed)
        if at is not None and (not line or (ours and (events or rules))):
            found.append(_call(at, beneath, events, rules))
        if place is not None and ours:
            at, beneath, events, rules = place, [], [], []
        elif place is not None:
            beneath += [] if events or rules else [place.function]
        elif word == "rule":
            rules.append(names("RULES")[int(rest)])
        elif line and word != "@":
            label, _, text = line.partition("\t")
            events.append(Write(label, text) if text else label)
    return found


def _call(at: Statement, beneath: list[str], events: list[Write | str], rules: list[str]) -> Call:
    name, line = _callee(at, beneath)
    text = (
        " ".join(at.text.split()) if line < at.line + at.text.count("\n") + 1 else at.rest.split("\n")[line - at.line]
    )
    return Call(at.function, at.file, line, name, tuple(events), tuple(rules), text.strip())


def _callee(at: Statement, beneath: list[str]) -> tuple[str, int]:
    """What the statement calls to reach the functions beneath, and where: the one entered last, since arguments come
    first; or what the source names in its place (a macro). A declaration has no probe of its own: then the call comes
    later in the function."""
    called = dict(reversed(list(_calls_in(at.text))))
    last = [(f, called[f]) for f in reversed(beneath) if f in called]
    near = last or [c for c in _calls_in(at.text) if _CHANGES.search(c[0])]
    near = near or [c for c in _calls_in(at.rest) if c[0] in beneath]
    name, offset = near[0] if near else ("", 0)
    return name, at.line + at.rest.count("\n", 0, offset)


def _calls_in(text: str) -> Iterator[tuple[str, int]]:
    for match in _CALLED.finditer(text):
        if match[1] not in _NOT_CALLS:
            yield match[1], match.start()
