# SPDX-License-Identifier: GPL-2.0-or-later
"""Talks to a pair's process: campaigns, single scenarios, coverage. The process is contained from before its first
instruction (oracle/sandbox), and closes all but four system calls itself before any code under test runs. What it
answers is taken only with its seal, and only if it makes sense (channel.py, answers.py)."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from oracle import answers, sandbox
from oracle.answers import Hit, Outcome, Side
from oracle.channel import Channel, RefusedError, RunnerError
from oracle.sandbox import RUNNER, Limits, Policy
from oracle.wire import Scenario, command

__all__ = ["LIMITS", "Hit", "Outcome", "RefusedError", "Runner", "RunnerError", "Side"]

# Memory and files once more by itself, world/sandbox.c. A campaign may take hours; each answer has its own time.
LIMITS = Limits(memory=1 << 30, cpu=86_400, wall=0.0, size=0)
_COUNT = (1 << 63) - 1


class Runner:
    """One running pair. Use as a context manager; every method raises RunnerError when the process is gone."""

    def __init__(self, program: Path, timeout: float = 60.0) -> None:
        try:
            self.process = sandbox.start([program], Policy(RUNNER, LIMITS, (program,)))
        except OSError as error:
            raise RunnerError(f"the pair's process cannot be started: {error.strerror}") from error
        if self.process.stdin is None or self.process.stdout is None:
            raise RunnerError("the pair's process has no pipes")
        self.channel = Channel(self.process.stdin, self.process.stdout, timeout)
        self.reached = frozenset[int](), frozenset[int]()

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

    def ask(self, what: str) -> list[str]:
        """Send one command (wire.command) and take its answer, without the closing mark."""
        try:
            return self.channel.ask(what)
        except RefusedError:
            raise
        except RunnerError as error:
            sandbox.trouble(str(error))
            raise

    def campaign(self, seed: int, first: int, count: int, thorough: bool = False) -> list[Hit]:
        """Run scenarios first..first+count of a seed. thorough: ask every rule of every scenario, not of one in
        eight where both sides end alike."""
        lines = self.ask(command("campaign", seed, first, count, int(thorough)))
        return answers.hits(lines, count, range(first, first + count))

    def tables(self, ptes: int) -> tuple[int, int, int]:
        """(how many small tables of up to so many PTEs there are, over how many states, in how many places); the
        first is 0 for entries that need more than a table. See world/enumerate.c."""
        count, states, places = answers.numbers(
            answers.only(self.ask(command("tables", ptes))), _COUNT, 1 << 16, 1 << 16
        )
        return count, states, places

    def exhaust(self, first: int, count: int, options: str) -> tuple[int, list[Hit]]:
        """Run small tables first..first+count, after tables() was asked: (those a kernel can be in, hits)."""
        ran, lines = answers.ran(self.ask(command("exhaust", first, count, options)), count)
        return ran, answers.hits(lines, ran, range(first, first + count))

    def steer(self, seed: int, count: int, steered: int, near: range) -> tuple[int, list[Hit], dict[int, Scenario]]:
        """Run so many scenarios, each near one of the first count of a seed that was the first to reach one of the
        probes of near (world/steer.c): (those run, hits, the scenarios that hits name by their number)."""
        lines = self.ask(command("steer", seed, count, steered, near.start, near.stop))
        first, lines = answers.shown(lines, range(steered))
        ran, lines = answers.ran(lines, steered)
        return ran, answers.hits(lines, ran, first), first

    def table(self, index: int, options: str) -> Scenario:
        """A small table by its number, after tables() was asked."""
        return answers.table(answers.only(self.ask(command("table", index, options))))

    def digests(self, side: str, seed: int, first: int, count: int) -> dict[int, tuple[int, ...]]:
        """Index -> digest of each aspect (wire.h) of the state that a side ("before" or "after") leaves, the scenario
        cut down to what every flavour can represent."""
        return answers.digests(self.ask(command("digests", side, seed, first, count)), range(first, first + count))

    def digest(self, side: str, what: Scenario) -> tuple[int, ...] | None:
        """The same of one scenario, None where that says nothing; RefusedError when it is impossible."""
        self.ask(command("take", what.numbers()))
        return answers.digests(self.ask(command("digest", side)), range(1)).get(0)

    def scenario(self, seed: int, index: int) -> Scenario:
        """The scenario of an index."""
        return answers.table(answers.only(self.ask(command("scenario", seed, index))))

    def run(self, what: Scenario, rows: bool = False) -> Outcome:
        """Run one scenario on all four sides. rows: also the states as text."""
        self.ask(command("take", what.numbers()))
        return answers.outcome(self.ask(command("rows" if rows else "run")), rows=rows)

    def attempt(self, what: Scenario, *, rows: bool = False, whole: bool = False) -> Outcome | None:
        """Run a scenario that may be impossible: None when the runner refuses it. whole: as many calls as its range
        takes (world/whole.c), each side on the state that its own calls left; none forced to batches of one."""
        try:
            self.ask(command("take", what.numbers()))
        except RefusedError:
            return None
        if whole:
            return answers.outcome(self.ask(command("whole")), ("before", "after"), ("pair",))
        return answers.outcome(self.ask(command("rows" if rows else "run")), rows=rows)

    def trace(self, side: str) -> list[str]:
        """What a side ("before" or "after") does to the tables, in order, on the scenario last run."""
        return answers.trace(self.ask(command("trace", side)))

    def unasked(self) -> tuple[str, ...]:
        """Rules that the way this entry is run leaves out: B10 without hardware that acts, B14 where batches are not
        forced to one."""
        agent, forced = answers.numbers(answers.only(self.ask(command("able"))), 1, 1)
        return tuple(rule for rule, asked in (("B10", agent), ("B14", forced)) if not asked)

    def coverage(self) -> tuple[frozenset[int], frozenset[int]]:
        """Probe numbers reached since the start, before and after."""
        self.reached = answers.coverage(self.ask(command("coverage")), self.reached)
        return self.reached
