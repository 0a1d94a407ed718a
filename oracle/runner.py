"""Talks to a pair's process: campaigns, single scenarios, coverage. The process is contained from before its first
instruction (oracle/sandbox), and closes all but four system calls itself before any code under test runs."""

from __future__ import annotations

import select
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from oracle import sandbox
from oracle.sandbox import RUNNER, Limits, Policy
from oracle.wire import Scenario, names, scenario


class RunnerError(Exception):
    """The process died or did not answer; the pair cannot be exercised."""


class RefusedError(RunnerError):
    """The process does not take this command, or a scenario that no kernel can be in."""


@dataclass(frozen=True)
class Hit:
    """What a campaign met: relation (classes of campaign.c), rule or difference, how often, and in which scenarios,
    some of them by number, the first one first."""

    relation: str
    what: str
    count: int
    some: tuple[int, ...]

    @property
    def first(self) -> int:
        return self.some[0]

    @property
    def is_violation(self) -> bool:
        return self.relation in _BY_RULE


@dataclass(frozen=True)
class Side:
    """One of the four runs of a scenario. violated: rule -> (slot or -1, line in the world)."""

    ending: int
    violated: dict[str, tuple[int, int]]
    counts: dict[str, int]
    rows: dict[str, str]


@dataclass(frozen=True)
class Outcome:
    """A scenario run on all four sides: before, after, and each with batches forced to one.

    codes: "pair", "one" (both with batches of one), "batch-before", "batch-after" -> (difference, slot or page) in
    table order."""

    start: dict[str, str]
    sides: dict[str, Side]
    codes: dict[str, tuple[tuple[str, int], ...]]


# Memory and files once more by itself, world/sandbox.c. A campaign may take hours; each answer has its own time.
LIMITS = Limits(memory=1 << 30, cpu=86_400, wall=0.0, size=0)
_BY_RULE = frozenset({"introduced", "both", "fixed", "swapped"})


class Runner:
    """One running pair. Use as a context manager; every method raises RunnerError when the process is gone."""

    def __init__(self, program: Path, timeout: float = 60.0) -> None:
        self.timeout = timeout
        try:
            self.process = sandbox.start([program], Policy(RUNNER, LIMITS, (program,)))
        except OSError as error:
            raise RunnerError(f"the pair's process cannot be started: {error.strerror}") from error
        self.pending = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        sandbox.stop(self.process)
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()

    def ask(self, command: str) -> list[str]:
        """Send one command and take its answer, without the closing mark."""
        if self.process.stdin is None or self.process.stdout is None:
            raise RunnerError("the pair's process has no pipes")
        try:
            self.process.stdin.write(command.encode() + b"\n")
        except OSError as error:
            raise RunnerError("the pair's process has ended") from error
        lines: list[str] = []
        for line in self._lines():
            if line == ".":
                return lines
            if line == "?":
                raise RefusedError(f"the pair's process refused {command[:40]!r}")
            lines.append(line)
        raise RunnerError("the pair's process has ended")

    def _lines(self) -> Iterator[str]:
        stream = self.process.stdout
        if stream is None:
            return
        while True:
            while b"\n" in self.pending:
                line, self.pending = self.pending.split(b"\n", 1)
                yield line.decode("utf-8", "replace")
            if not select.select([stream], [], [], self.timeout)[0]:
                raise RunnerError(f"no answer within {self.timeout:.0f} s")
            chunk = stream.read(1 << 16)
            if not chunk:
                return
            self.pending += chunk

    def campaign(self, seed: int, first: int, count: int, thorough: bool = False) -> list[Hit]:
        """Run scenarios first..first+count of a seed. thorough: ask every rule of every scenario, not of one in
        eight where both sides end alike."""
        return _hits(self.ask(f"c {seed} {first} {count} {int(thorough)}"))

    def tables(self, ptes: int) -> tuple[int, int, int]:
        """(how many small tables of up to so many PTEs there are, over how many states, in how many places); the
        first is 0 for entries that need more than a table. See world/enumerate.c."""
        count, states, places = map(int, self.ask(f"n {ptes}")[0].split())
        return count, states, places

    def exhaust(self, first: int, count: int, options: str) -> tuple[int, list[Hit]]:
        """Run small tables first..first+count, after tables() was asked: (those a kernel can be in, hits)."""
        ran, *rest = self.ask(f"e {first} {count} {options}")
        return int(ran.split()[1]), _hits(rest)

    def steer(self, seed: int, count: int, steered: int, near: range) -> tuple[int, list[Hit], dict[int, Scenario]]:
        """Run so many scenarios, each near one of the first count of a seed that was the first to reach one of the
        probes of near (world/steer.c): (those run, hits, the scenarios that hits name by their number)."""
        lines = self.ask(f"m {seed} {count} {steered} {near.start} {near.stop}")
        first = {}
        while lines[0].startswith("shows "):
            _, index, numbers = lines.pop(0).split(" ", 2)
            first[int(index)] = scenario(numbers)
        return int(lines[0].split()[1]), _hits(lines[1:]), first

    def table(self, index: int, options: str) -> Scenario:
        """A small table by its number, after tables() was asked."""
        return scenario(self.ask(f"p {index} {options}")[0])

    def digests(self, side: str, seed: int, first: int, count: int) -> dict[int, tuple[int, ...]]:
        """Index -> digest of each aspect (wire.h) of the state that a side ("before" or "after") leaves, the scenario
        cut down to what every flavour can represent."""
        lines = (map(int, line.split()) for line in self.ask(f"d {side} {seed} {first} {count}"))
        return {index: tuple(rest) for index, *rest in lines}

    def digest(self, side: str, what: Scenario) -> tuple[int, ...] | None:
        """The same of one scenario, None where that says nothing; RefusedError when it is impossible."""
        self.ask(f"s {what.numbers()}")
        lines = self.ask(f"h {side}")
        return tuple(map(int, lines[0].split()[1:])) if lines else None

    def scenario(self, seed: int, index: int) -> Scenario:
        """The scenario of an index."""
        return scenario(self.ask(f"g {seed} {index}")[0])

    def run(self, what: Scenario, rows: bool = False) -> Outcome:
        """Run one scenario on all four sides. rows: also the states as text."""
        self.ask(f"s {what.numbers()}")
        return _outcome(self.ask("x" if rows else "q"))

    def attempt(self, what: Scenario, *, rows: bool = False, whole: bool = False) -> Outcome | None:
        """Run a scenario that may be impossible: None when the runner refuses it. whole: as many calls as its range
        takes (world/whole.c), each side on the state that its own calls left; none forced to batches of one."""
        try:
            self.ask(f"s {what.numbers()}")
        except RefusedError:
            return None
        return _outcome(self.ask("a" if whole else "x" if rows else "q"))

    def trace(self, side: str) -> list[str]:
        """What a side ("before" or "after") does to the tables, in order, on the scenario last run."""
        return self.ask(f"t {side}")

    def unasked(self) -> tuple[str, ...]:
        """Rules that the way this entry is run leaves out: B10 without hardware that acts, B14 where batches are not
        forced to one."""
        agent, forced = self.ask("k")[0].split()
        return tuple(rule for rule, asked in (("B10", agent), ("B14", forced)) if asked == "0")

    def coverage(self) -> tuple[frozenset[int], frozenset[int]]:
        """Probe numbers reached since the start, before and after."""
        before, after = (line.split()[1:] for line in self.ask("v"))
        return frozenset(map(int, before)), frozenset(map(int, after))


def _hits(lines: list[str]) -> list[Hit]:
    hits = []
    for line in lines:
        _, relation, code, number, *some = line.split()
        known = names("RULES") if relation in _BY_RULE else names("DIFFS")
        hits.append(Hit(relation, known[int(code)], int(number), tuple(map(int, some))))
    return hits


def _outcome(lines: list[str]) -> Outcome:
    sides: dict[str, tuple[int, dict[str, int]]] = {}
    rules: dict[str, dict[str, tuple[int, int]]] = {}
    codes: dict[str, tuple[tuple[str, int], ...]] = {}
    rows: dict[str, dict[str, str]] = {}
    side = where = ""
    for line in lines:
        word, _, rest = line.partition(" ")
        if where and "\t" in line:
            label, _, text = line.partition("\t")
            rows[where][label] = text
        elif word == "side":
            side, *numbers = rest.split()
            sides[side] = (int(numbers[0]), dict(zip(names("COUNTS"), map(int, numbers[1:]), strict=True)))
            rules[side] = {}
        elif word == "rule":
            rule, slot, at = map(int, rest.split())
            rules[side][names("RULES")[rule]] = (slot, at)
        elif word == "codes":
            name, _, *pairs = rest.split()
            codes[name] = tuple((names("DIFFS")[int(pairs[i])], int(pairs[i + 1])) for i in range(0, len(pairs), 2))
        elif word == "rows":
            where = rest
            rows[where] = {}
    made = {n: Side(e, rules[n], c, rows.get(n, {})) for n, (e, c) in sides.items()}
    return Outcome(rows.get("start", {}), made, codes)
