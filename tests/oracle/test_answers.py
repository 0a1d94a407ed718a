# SPDX-License-Identifier: GPL-2.0-or-later
"""Whatever a pair's process answers, in time or not: what is no answer is a RunnerError that says so."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from oracle import channel
from oracle.channel import Channel
from oracle.runner import RefusedError, Runner, RunnerError
from oracle.wire import Folio, Scenario, Slot, names

# Stands in the runner's place: takes a command and its key, and answers as the last lines say.
FAKE = """
import hashlib, sys, time
def take():
    n = int(sys.stdin.buffer.read(8), 16)
    return sys.stdin.buffer.read(n), sys.stdin.buffer.read(32)
def seal(text, key):
    return hashlib.blake2s(text + key, digest_size=16).hexdigest().encode() + b"\\n"
def say(*texts):
    sys.stdout.buffer.write(b"".join(texts))
    sys.stdout.buffer.flush()
def answer(text):
    command, key = take()
    say(text, seal(text, key))
"""
WAITS = "time.sleep(9)"
SPOILT = "without its seal"
OTHERWISE = {
    "it ends": ("", "has ended"),
    "it ends within an answer": ("take(); say(b'hit ')", "has ended"),
    "it says nothing": (f"take(); {WAITS}", "no answer within"),
    "it does not listen": (WAITS, "no answer within"),
    "no seal": (f"take(); say(b'.\\n'); {WAITS}", "no answer within"),
    "half a seal": (f"take(); say(b'.\\n0123'); {WAITS}", "no answer within"),
    "a byte now and then": ("take()\nwhile True: say(b'0 '); time.sleep(0.02)", "no answer within"),
    "an empty seal": (f"take(); say(b'.\\n\\n'); {WAITS}", SPOILT),
    "another seal": (f"take(); say(b'.\\n', b'0' * 32, b'\\n'); {WAITS}", SPOILT),
    "a longer seal": (f"command, key = take(); say(b'.\\n', b'0', seal(b'.\\n', key)); {WAITS}", SPOILT),
    "a seal of another key": (f"take(); say(b'.\\n', seal(b'.\\n', b'0' * 32)); {WAITS}", SPOILT),
    "a seal of another text": (
        f"command, key = take(); say(b'ran 1\\n.\\n', seal(b'ran 2\\n.\\n', key)); {WAITS}",
        SPOILT,
    ),
    "refused, unsealed": (f"take(); say(b'?\\n', b'0' * 32, b'\\n'); {WAITS}", SPOILT),
    "more before it": (f"say(b'ran 1\\n.\\n'); answer(b'.\\n'); {WAITS}", SPOILT),
    "more behind it": (f"command, key = take(); say(b'.\\n', seal(b'.\\n', key), b'hit'); {WAITS}", SPOILT),
    "more than there may be": ("take()\nwhile True: say(b'0' * 65536)", "more than 1 MiB"),
    "a line without end": (f"answer(b'0' * 65537 + b'\\n.\\n'); {WAITS}", "a line without end"),
    "a zero byte": (f"answer(b'ran \\0\\n.\\n'); {WAITS}", "no text"),
    "no ASCII": (f"answer(b'ran \\xff\\n.\\n'); {WAITS}", "no text"),
    "an escape sequence": (f"answer(b'\\x1b[2J\\n.\\n'); {WAITS}", "no text"),
}


@contextmanager
def process(script: str, timeout: float = 0.5) -> Iterator[Channel]:
    with subprocess.Popen(
        [sys.executable, "-S", "-E", "-c", FAKE + script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
    ) as started:
        assert started.stdin is not None
        assert started.stdout is not None
        try:
            yield Channel(started.stdin, started.stdout, timeout)
        finally:
            started.kill()


def test_an_answer_is_taken() -> None:
    with process("for n in range(3): answer(b'%d\\n.\\n' % n)\nanswer(b'?\\n')", 5) as it:
        assert [it.ask("campaign 1 0 10") for _ in range(3)] == [["0"], ["1"], ["2"]]
        with pytest.raises(RefusedError):
            it.ask("nonsense")
        with pytest.raises(RunnerError, match="has ended"):
            it.ask("nonsense")


@pytest.mark.parametrize(("script", "why"), OTHERWISE.values(), ids=OTHERWISE)
def test_what_is_no_answer(script: str, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "MOST", 1 << 20)
    with process(script, 0.5 if why.startswith("no answer") else 5) as it:
        started = time.monotonic()
        with pytest.raises(RunnerError, match=why) as caught:
            it.ask("campaign 1 0 10")
        assert not isinstance(caught.value, RefusedError)
        assert time.monotonic() - started < 4


def test_an_answer_given_again_is_none() -> None:
    again = "command, key = take(); last = seal(b'.\\n', key); say(b'.\\n', last); take(); say(b'.\\n', last)"
    with process(f"{again}; {WAITS}", 5) as it:
        assert it.ask("campaign 1 0 10") == []
        with pytest.raises(RunnerError, match=SPOILT):
            it.ask("campaign 1 10 10")


def test_a_command_that_is_not_read_is_not_waited_for() -> None:
    with process(WAITS) as it, pytest.raises(RunnerError, match="no answer within"):
        it.ask("take " + "0 " * (1 << 20))


class Told(Runner):
    """A runner that is told the lines of its next answer, as if they had come sealed."""

    def __init__(self, *lines: str) -> None:
        self.lines = list(lines)
        self.reached = frozenset({1}), frozenset({1})

    def ask(self, what: str) -> list[str]:
        return [] if what.startswith("take ") else self.lines


SLOTS = 16384  # two tables of the largest pages, 64K
SCENE = Scenario(1, 0, 0, 0, 2, 0, 2, 0, (0,) * 8, (Folio(0, 1, 0, 0),), (Slot(1, 0, 0, 0), Slot(1, 0, 0, 1)))
GOOD = SCENE.numbers()
ALL = ("before", "after", "before-one", "after-one")
SIDES = [f"side {name} 0{' 0' * len(names('COUNTS'))}" for name in ALL]
CODES = [f"codes {name} 0" for name in ("pair", "plain", "one", "batch-before", "batch-after")]
DIGEST = " ".join("7" * len(names("ASPECTS")))
Asked = Callable[[Runner], object]


def hits(runner: Runner) -> object:
    return runner.campaign(1, 100, 50)


def tables(runner: Runner) -> object:
    return runner.exhaust(0, 50, "0 0 0 0 0 0 0 0")


def steered(runner: Runner) -> object:
    return runner.steer(1, 50, 50, range(3))


def made(runner: Runner) -> object:
    return runner.scenario(1, 0)


def digests(runner: Runner) -> object:
    return runner.digests("after", 1, 0, 50)


def run(runner: Runner) -> object:
    return runner.run(SCENE)


def shown(runner: Runner) -> object:
    return runner.run(SCENE, rows=True)


def coverage(runner: Runner) -> object:
    return runner.coverage()


def traced(runner: Runner) -> object:
    return runner.trace("after")


SENSE: tuple[tuple[Asked, list[str]], ...] = (
    (hits, ["hit introduced 0 2 100 149", "hit plain 0 1 120"]),
    (tables, ["ran 40", "hit both 1 40 0"]),
    (steered, [f"shows 49 {GOOD}", "ran 50", "hit batch 0 1 49"]),
    (made, [GOOD]),
    (made, [SCENE.change(first=SLOTS - 2, start=SLOTS - 2, end=SLOTS, vma_end=SLOTS).numbers()]),
    (digests, [f"0 {DIGEST}", f"49 {DIGEST}"]),
    (run, [SIDES[0], "rule 0 -1 12", *SIDES[1:], CODES[0] + " 3 -1 4 17", *CODES[1:]]),
    (shown, [*SIDES, *CODES, *(f"rows {s}\nPTE 0\tnone" for s in ("start", *ALL))]),
    (coverage, ["before 1 2", "after 1 8191"]),
    (traced, ["@ 12", "PTE 0\tA[0] rw", "flush 1 page from PTE 0", "rule 3", "another CPU: PTE 1\tnone"]),
    (Runner.unasked, ["1 0"]),
    (lambda runner: runner.tables(3), ["100 4 1"]),
)
NONSENSE: tuple[tuple[Asked, list[str]], ...] = (
    (hits, ["hit introduced 0 -1 100"]),
    (hits, ["hit introduced 0 51 100"]),
    (hits, ["hit introduced 0 0"]),
    (hits, ["hit introduced 0 1"]),
    (hits, ["hit introduced 0 1 100 101"]),
    (hits, ["hit introduced 0 2 101 100"]),
    (hits, ["hit introduced 0 2 100 100"]),
    (hits, ["hit introduced 0 1 99"]),
    (hits, ["hit introduced 0 1 150"]),
    (hits, ["hit introduced 0 50" + "".join(f" {n}" for n in range(100, 117))]),
    (hits, ["hit introduced 127 1 100"]),
    (hits, ["hit plain 120 1 100"]),
    (hits, ["hit sound 0 1 100"]),
    (hits, ["hit plain 0 1 100", "hit plain 0 1 100"]),
    (hits, ["."]),
    (hits, [""]),
    (tables, []),
    (tables, ["ran 51"]),
    (tables, ["ran -1"]),
    (tables, ["ran"]),
    (tables, ["ran 9" + "9" * 5000]),
    (tables, ["ran 2", "hit plain 0 3 1"]),
    (steered, [f"shows 50 {GOOD}", "ran 50"]),
    (steered, [f"shows 1 {GOOD}", f"shows 1 {GOOD}", "ran 50"]),
    (steered, ["shows 1", "ran 50"]),
    (steered, ["ran 50", "hit plain 0 1 1"]),
    (made, []),
    (made, [GOOD, GOOD]),
    (made, [""]),
    (made, [GOOD + " 1"]),
    (made, [GOOD.replace(" ", "  ", 1)]),
    (made, [SCENE.change(start=3).numbers()]),
    (made, [SCENE.change(end=SLOTS + 1).numbers()]),
    (made, [SCENE.change(first=-1).numbers()]),
    (made, [SCENE.change(first=SLOTS - 1).numbers()]),
    (made, [SCENE.change(vma_end=SLOTS + 1).numbers()]),
    (made, [SCENE.change(vma=-1).numbers()]),
    (made, [SCENE.change(salt=1 << 40).numbers()]),
    (made, [SCENE.change(folios=(Folio(3, 1, 0, 0),)).numbers()]),
    (made, [SCENE.change(folios=(Folio(0, 10, 0, 0),)).numbers()]),
    (made, [SCENE.change(folios=(Folio(0, 1, 0, 4095),)).numbers()]),
    (made, [SCENE.change(folios=SCENE.folios * 513).numbers()]),
    (made, [SCENE.change(slots=(Slot(99),)).numbers()]),
    (made, [SCENE.change(slots=(Slot(1, 0, 1),)).numbers()]),
    (made, [SCENE.change(slots=(Slot(1, 256, 0),)).numbers()]),
    (digests, [f"50 {DIGEST}"]),
    (digests, [f"0 {DIGEST}", f"0 {DIGEST}"]),
    (digests, [f"0 {DIGEST} 7"]),
    (digests, [f"0 {DIGEST[:-1]}9999999999"]),
    (run, []),
    (run, [*SIDES[1:], *CODES]),
    (run, [*SIDES, SIDES[0], *CODES]),
    (run, [*SIDES, *CODES[1:]]),
    (run, [*SIDES[::-1], *CODES]),
    (run, ["rule 0 0 0", *SIDES, *CODES]),
    (run, [*SIDES, "rule 200 0 0", *CODES]),
    (run, [*SIDES, "rule 0 0", *CODES]),
    (run, [SIDES[0].replace(" 0", " 7", 1), *SIDES[1:], *CODES]),
    (run, [SIDES[0] + " 0", *SIDES[1:], *CODES]),
    (run, [*SIDES, CODES[0] + " 3", *CODES[1:]]),
    (run, [*SIDES, CODES[0] + " 200 1", *CODES[1:]]),
    (run, [*SIDES, *CODES, "rows start"]),
    (run, [*SIDES, *CODES, "and more"]),
    (run, ["PTE 0\tnone", *SIDES, *CODES]),
    (shown, [*SIDES, *CODES]),
    (shown, [*SIDES, *CODES, "rows start", "rows start"]),
    (coverage, []),
    (coverage, ["before 1"]),
    (coverage, ["after 1", "before 1"]),
    (coverage, ["before 1", "after 1", "after 1"]),
    (coverage, ["before 1", "after 2"]),
    (coverage, ["before 1", "after 1 8192"]),
    (coverage, ["before 1", "after 1 -2"]),
    (traced, ["@ x"]),
    (traced, ["@"]),
    (traced, ["rule 127"]),
    (traced, ["rule"]),
    (traced, [""]),
    (traced, ["a\tb\tc"]),
    (Runner.unasked, []),
    (Runner.unasked, ["1"]),
    (Runner.unasked, ["2 0"]),
    (lambda runner: runner.tables(3), ["-1 4 1"]),
    (lambda runner: runner.tables(3), ["100 4"]),
)


@pytest.mark.parametrize(("ask", "lines"), SENSE)
def test_sense_is_understood(ask: Asked, lines: list[str]) -> None:
    assert ask(Told(*"\n".join(lines).split("\n"))) is not None


@pytest.mark.parametrize(("ask", "lines"), NONSENSE)
def test_nonsense_is_called_so(ask: Asked, lines: list[str]) -> None:
    with pytest.raises(RunnerError, match="answered nonsense"):
        ask(Told(*lines))
