# SPDX-License-Identifier: GPL-2.0-or-later
"""Both runs of a finding side by side, step by step, and the picture of the page table after each step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from reviewer.model import Finding, State, Step
from reviewer.report.picture import Cell, Line, Picture, picture
from reviewer.report.runs import runs
from reviewer.report.svg import svg
from reviewer.report.wanted import wanted

_DRAWN, _BEATS = 384 << 10, 800  # characters of all pictures of a page, beats of all films


@dataclass(frozen=True)
class Event:
    """What a step did: a row and what it becomes, or words. wrong: the row stays so, and is not as it has to be."""

    label: str
    text: str
    wrong: bool = False

    def __str__(self) -> str:
        return f"{self.label} = {self.text}" if self.label else self.text


@dataclass(frozen=True)
class Beat:
    """Steps of both runs that do the same work; one of them may be missing."""

    sides: tuple[Step | None, Step | None]
    events: tuple[tuple[Event, ...], tuple[Event, ...]]


@dataclass(frozen=True)
class Film:
    """Both runs. frames: the picture at the start and after each beat, as far as there is room; steps: how many each
    run has; more: those of them that are not listed."""

    beats: tuple[Beat, ...]
    frames: tuple[str, ...]
    more: tuple[int, int]
    steps: tuple[int, int]


def film(finding: Finding, findings: int = 1) -> Film | None:
    """The runs of a finding, aligned; None where there is no trace. findings: how many share the page."""
    if (traces := finding.traces) is None or not (traces.before.steps or traces.after.steps):
        return None
    before, after = traces.before, traces.after
    told = [[_events(step) for step in side.steps] for side in (before, after)]
    wrong = _wrong(finding)
    every = _aligned(before.steps, after.steps)
    pairs = every[: max(_BEATS // findings, 8)]
    cut = [sum(pair[side] is not None for pair in every[len(pairs) :]) for side in (0, 1)]
    beats = []
    for pair in pairs:
        a, b = (None if at is None else side.steps[at] for side, at in zip((before, after), pair, strict=True))
        done = [tuple(_joined(told[s][at], wrong[s])) if at is not None else () for s, at in enumerate(pair)]
        beats.append(Beat((a, b), (done[0], done[1])))
    frames = tuple(_frames(finding, (before.steps, after.steps), told, pairs, _DRAWN // findings))
    steps = (len(before.steps) + before.more, len(after.steps) + after.more)
    return Film(tuple(beats), frames, (before.more + cut[0], after.more + cut[1]), steps)


def _frames(
    finding: Finding,
    steps: Sequence[Sequence[Step]],
    told: Sequence[Sequence[Sequence[Event]]],
    pairs: Sequence[tuple[int | None, int | None]],
    room: int,
) -> Iterator[str]:
    """The picture at the start and after each pair of steps, as far as all that they did is told."""
    start = {str(key): str(entry) for key, entry in finding.scenario.get("rows", {}).items()}
    rows, size = (dict(start), dict(start)), 0
    for pair in (None, *pairs):
        if any(at is not None and steps[s][at].more for s, at in enumerate(pair or ())):
            return  # what it leaves is not known
        for s, at in enumerate(pair or ()):
            rows[s].update({e.label: e.text for e in told[s][at] if e.label} if at is not None else {})
        before, after = (State("returned", {k: v for k, v in side.items() if k != "VMA"}) for side in rows)
        drawn = picture(replace(finding, before=before, after=after, reference=None))
        if drawn is None:
            return
        yield (text := svg(_unjudged(drawn)))
        size += len(text)
        if size > room:
            return


def _unjudged(drawn: Picture) -> Picture:
    """Nothing is right or wrong in the middle of a run."""

    def plain(line: Line) -> Line:
        return replace(line, cells=tuple(Cell(cell.entry, cell.what) for cell in line.cells))

    strips = (
        replace(
            strip,
            lines=tuple(map(plain, strip.lines)),
            facts=tuple(replace(fact, wrong=(False,) * len(fact.wrong)) for fact in strip.facts),
        )
        for strip in drawn.strips
    )
    return replace(drawn, strips=tuple(strips))


def _events(step: Step) -> list[Event]:
    parts = (event.partition(" = ") for event in step.events)
    return [Event(label, text) if mid else Event("", label) for label, mid, text in parts]


def _wrong(finding: Finding) -> tuple[set[Event], set[Event]]:
    """Of each run the rows that are not as they have to be at its end."""
    sides = [finding.before, finding.after, *([finding.reference] if finding.reference else [])]
    found: tuple[set[Event], set[Event]] = (set(), set())
    for label in dict.fromkeys((*finding.before.rows, *finding.after.rows)):
        texts = [side.rows.get(label, "-") for side in sides]
        for events, text, right in zip(found, texts, wanted(finding, texts), strict=False):
            events.update([Event(label, text)] if text != right else [])
    return found


def _joined(events: Sequence[Event], wrong: set[Event]) -> Iterable[Event]:
    """Like events in a row as one, wrong ones apart."""
    rows = [(event.label or f"\0{at}", (event.text, str(event in wrong))) for at, event in enumerate(events)]
    for run in runs(rows):
        text, marked = run.texts
        yield Event("" if run.label.startswith("\0") else run.label, text, marked == "True")


def _aligned(before: Sequence[Step], after: Sequence[Step]) -> list[tuple[int | None, int | None]]:
    """The pairing of steps that have most in common, in order."""
    best = [[0] * (len(after) + 1) for _ in range(len(before) + 1)]
    likes = [[_alike(a, b) for b in after] for a in before]
    for a in reversed(range(len(before))):
        for b in reversed(range(len(after))):
            pair = best[a + 1][b + 1] + likes[a][b] if likes[a][b] else 0
            best[a][b] = max(pair, best[a + 1][b], best[a][b + 1])
    found: list[tuple[int | None, int | None]] = []
    a = b = 0
    while a < len(before) and b < len(after):
        if likes[a][b] and best[a][b] == best[a + 1][b + 1] + likes[a][b]:
            found.append((a, b))
            a, b = a + 1, b + 1
        elif best[a][b] == best[a + 1][b]:
            found.append((a, None))
            a += 1
        else:
            found.append((None, b))
            b += 1
    return found + [(at, None) for at in range(a, len(before))] + [(None, at) for at in range(b, len(after))]


def _alike(a: Step, b: Step) -> int:
    """How much two steps have in common: the statement, and the rows they write."""
    shared = {e.partition(" = ")[0] for e in a.events} & {e.partition(" = ")[0] for e in b.events}
    return 2 * (a.function == b.function and (a.name or a.text) == (b.name or b.text)) + (3 if shared else 0)
