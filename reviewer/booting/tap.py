# SPDX-License-Identifier: GPL-2.0-or-later
"""What a console says: results in TAP 13 (testanything.org, with the conventions of the kernel's
tools/testing/selftests/kselftest.h), and the kernel's complaints between them. A stranger's kernel wrote it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from reviewer.report.text import printable

LINES = 400  # of TAP, that are kept
_RESULTS = 20_000  # a program asks several things of each PTE of a table
_LENGTH = 300  # characters of a line
_COMPLAINTS = 60  # lines
_AFTER = 40  # lines in which a complaint says where it comes from
_WHERE = re.compile(r"\b\w+(?:\.\w+)*\+0x[0-9a-f]+/0x[0-9a-f]+")  # a function, as %pS prints it; registers are no news

_STAMP = re.compile(r"\[ *\d+\.\d{6}\](?:\[ *[TC]\d+\])? ")  # as CONFIG_PRINTK_TIME and _CALLER have it
_RESULT = re.compile(r"(not )?ok\b(?: +(\d{1,9}))?(?: +-)?(?: +(.*))?$")
_DIRECTIVE = re.compile(r"\s#\s*(SKIP|TODO)\b\s*(.*)$", re.IGNORECASE)
_PLAN = re.compile(r"1\.\.(\d{1,9})(?:\s*#.*)?$")
_STALL = "rcu: INFO"  # RCU's word for a CPU that does not come to it
# How a kernel begins when something is wrong: lib/bug.c, kernel/panic.c, arch/*/kernel/traps.c, mm/, kernel/watchdog.c.
_WRONG = re.compile(
    r"WARNING:|BUG[: ]|Oops|kernel BUG at|Kernel panic|Bad page (?:state|map|cache)|page_table_check|bad rss-counter|"
    rf"soft lockup|hung_task|blocked for more than|{_STALL}|general protection fault|Unable to handle|Internal error|"
    r"Unreliable|list_(?:add|del) corruption|refcount_t:|non-zero pgtables_bytes|swap_info_get|get_swap_device"
)
PANIC = re.compile(r"Kernel panic - not syncing: (.*)")
# A program that says so just before it calls what is asked about; where it never does, its last "state: " counts.
REACHED = "# state reached"


@dataclass(frozen=True)
class Result:
    """One test. directive: "SKIP", "TODO" or empty; reason: what stands after it."""

    good: bool
    name: str
    directive: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Heard:
    """results: in order, bounded. lines: those of TAP, its comments among them. kernel: lines in which the kernel
    complains. panic: how it died. plan: how many tests there were to be, None without a plan. bail: why it gave up.
    reached: whether the program said so (REACHED); late: what the kernel complained of from then on, or, where it did
    not, since its first word; without where it comes from, and stalls of RCU, which an emulator that gets no processor
    has as well."""

    results: tuple[Result, ...] = ()
    lines: tuple[str, ...] = ()
    kernel: tuple[str, ...] = ()
    panic: str = ""
    plan: int | None = None
    bail: str | None = None
    begun: bool = False
    reached: bool = False
    late: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether it came to its end."""
        return self.plan is not None and len(self.results) >= self.plan


def heard(console: str) -> Heard:
    """What a console says."""
    results, lines, panic = list[Result](), list[str](), ""
    plan, bail, begun, reached = None, None, False, False
    kernel, rest, early = list[str](), 0, 0
    for text, stamped in _lines(console):
        if stamped or PANIC.match(text):
            wrong = _WRONG.search(text) is not None
            rest = _AFTER if wrong else rest - 1
            kernel += [text] if wrong or (rest > 0 and _WHERE.search(text)) else []
            panic = panic or (found[1] if (found := PANIC.search(text)) else "")
        elif text.startswith("TAP version 1"):
            begun, early = True, early if begun else len(kernel)
            lines.append(text)
        elif begun:
            if text == REACHED and not reached:
                reached, early = True, len(kernel)
            found = _RESULT.match(text)
            results += [_result(found[1], found[3] or "")] if found else []
            plan = int(said[1]) if (said := _PLAN.match(text)) else plan
            bail = text.removeprefix("Bail out!").strip() if text.startswith("Bail out!") and bail is None else bail
            if found or said or text.startswith(("#", "Bail out!")):
                lines.append(text)
    late = [line for line in kernel[early:] if _WRONG.search(line) and _STALL not in line]
    return Heard(
        tuple(results[:_RESULTS]), bounded(lines, LINES), bounded(kernel, _COMPLAINTS), panic, plan, bail, begun,
        reached, bounded(late, _COMPLAINTS),
    )  # fmt: skip


def _lines(console: str) -> Iterator[tuple[str, bool]]:
    """(line, whether the kernel wrote it). Its own lines may begin in the middle of a program's, which goes on after
    them: "not " and "ok 3 - rule: kept" are one line."""
    cut = ""
    for line in console.replace("\r", "").split("\n"):
        starts = [found.start() for found in _STAMP.finditer(line)]
        own = cut + line[: starts[0] if starts else len(line)]
        cut = own if starts else ""
        if own and not starts:
            yield _told(own), False
        for start, end in pairwise((*starts, len(line))):
            yield _told(_STAMP.sub("", line[start:end], count=1)), True
    if cut:
        yield _told(cut), False


def _told(text: str) -> str:
    return printable(text[:_LENGTH]).replace("\t", " ").rstrip()


def _result(negated: str | None, rest: str) -> Result:
    found = _DIRECTIVE.search(f" {rest}")
    name = f" {rest}"[: found.start()].strip() if found else rest.strip()
    return Result(negated is None, name, found[1].upper() if found else "", found[2].strip() if found else "")


def bounded(lines: list[str], most: int) -> tuple[str, ...]:
    """The lines, or the first and last of them with one that says how many are left out."""
    if len(lines) <= most:
        return tuple(lines)
    half = most // 2
    return (*lines[:half], f"# {len(lines) - 2 * half} lines left out", *lines[-half:])
