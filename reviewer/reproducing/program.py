# SPDX-License-Identifier: GPL-2.0-or-later
"""A finding as a C program in the manner of kselftests."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

from oracle.wire import Scenario
from reviewer.findings.exact import prepared
from reviewer.model import Finding
from reviewer.reproducing.calls import calling
from reviewer.reproducing.consequences import AT_ONCE, LOG, RECLAIMED, UNMAPPED, Asked, Test, tests_of
from reviewer.reproducing.model import NO_CONSEQUENCE, NOT_RUN, Calling, Cannot, CannotError, Needs, Program
from reviewer.reproducing.rows import right_and_wrong, words_about
from reviewer.reproducing.setup import PRESSED, SWAP, setup_of
from reviewer.reproducing.state import state_of
from reviewer.reproducing.table import Table, table_of

_HARNESS = Path(__file__).with_name("harness")
_HEADERS = ("tap.h", "look.h", "access.h", "memory.h", "nodes.h", "uffd.h", "checks.h")
_ENDS = ("timeout", "step budget")
_NAME = re.compile(r"[^A-Za-z0-9_]+")
# What may stand in a comment of C and says the same to a compiler whoever wrote it.
_UNSAFE = re.compile(r"[^A-Za-z0-9 .,:;()\[\]'\-+=<>_/]")


def program_of(finding: Finding, place: str) -> Program | Cannot:
    """The program of a finding, or why there is none. place: where the finding came from, for errors.

    ReviewError where the finding holds nothing to run."""
    if finding.kind == "cost":
        return Cannot(NOT_RUN, "it is about how much work is done, which the counts of the review show")
    _, scenario, flavour = prepared(finding, place)
    try:
        return _program(finding, scenario, flavour)
    except CannotError as error:
        return Cannot(error.kind, error.sentence)


def _program(finding: Finding, scenario: Scenario, flavour: str) -> Program:
    table = table_of(scenario, flavour)
    call = calling(str(finding.scenario["entry"]), table)
    right, wrong = right_and_wrong(finding)
    setup = setup_of(table, call, words_about(right, wrong))
    asked = Asked(table, call, setup, right, wrong, finding.rule)
    tests = tests_of(asked)
    log = bool({finding.rule, *finding.also} & LOG)
    ends = any(side.ending in _ENDS for side in (finding.before, finding.after))
    if not any(t.rule for t in tests) and not log and not ends:
        what = f"what {finding.rule} is about shows in no byte, bit or count that a process sees"
        raise CannotError(NO_CONSEQUENCE, what)
    needs = setup.needs.and_of(call.needs).and_of(_LOOKS)
    if any(t.when == RECLAIMED for t in tests):
        needs = needs.and_of(SWAP).and_of(PRESSED)
    if any(t.when == UNMAPPED for t in tests):
        needs = needs.and_of(Needs(("COMPACTION",)))
    name = _NAME.sub("-", f"{finding.function}-{finding.id}")
    return Program(name, _text(finding, asked, tests, ends, log), headers(), needs)


_LOOKS = Needs(("PROC_PAGE_MONITOR", "PROC_FS", "PRINTK"))


def headers() -> tuple[tuple[str, str], ...]:
    """The harness, which every program includes: (file, text)."""
    return tuple((name, (_HARNESS / name).read_text(encoding="utf-8")) for name in _HEADERS)


def _text(finding: Finding, asked: Asked, tests: Sequence[Test], ends: bool, log: bool) -> str:
    setup, call = asked.setup, asked.call
    name, zero = call.zero
    moved = ["static char *moved;", ""] if any("moved" in line for line in call.before) else []
    back = any(t.function in ("comes_back", "is_mapped_frame") for t in tests)
    body = [
        f"struct place here{', there' if name else ''};", "", *setup.steps, *call.before,
        *(["swap_space();"] if any(t.when == RECLAIMED for t in tests) else []),
        'here = (struct place){ "PTE", base, 0 };', *state_of(asked.table, setup),
        *(_used(asked.table, call) if asked.flushes else ()),
        *([f"remember({at});" for at, _, _ in asked.table.mapped()] if back else []), "reached();", "", *call.text,
        *([f'there = (struct place){{ "{name}", {zero}, {call.pid or 0} }};'] if name else []),
        *_tested(asked.table, tests),
    ]  # fmt: skip
    lines = [
        "// SPDX-License-Identifier: GPL-2.0-or-later", *_comment(finding), '#include "checks.h"', "", *moved,
        "static void the_case(void)", "{", *(f"\t{line}" if line else "" for line in body), "}", "",
        "int main(void)", "{", "\tbegin();",
        f"\trun(the_case, {'RULE' if ends else 'ALSO'}, {'RULE' if log else 'ALSO'});", "\treturn end();", "}",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _tested(table: Table, tests: Sequence[Test]) -> Iterator[str]:
    """The tests, with what has to be done between them."""
    done = AT_ONCE
    for test in tests:
        if done < RECLAIMED == test.when:
            yield f"reclaim({table.vma.start}, {table.vma.stop});"
        if done < UNMAPPED == test.when:
            yield f"unmap_all({table.inhabited.start}, {table.inhabited.stop});"
        done = test.when
        yield test.text


def _used(table: Table, call: Calling) -> Iterator[str]:
    """Accesses that make translations, which the call has to flush."""
    for at, entry, _ in table.mapped():
        if "PROTNONE" not in entry.bits and not call.was.endswith("NONE"):
            yield f"touch_{'write' if 'WRITE' in entry.bits else 'read'}({at});"


def _comment(finding: Finding) -> list[str]:
    said = _UNSAFE.sub("", f"{finding.rule} in {finding.function}(): {finding.summary}")
    rows = [_UNSAFE.sub("", f"{label}: {text}") for label, text in finding.scenario["rows"].items()]
    return [
        "/*",
        *(f" * {line}" for line in textwrap.wrap(said, 100)),
        " *",
        *(f" * {row}" for row in rows[:40]),
        " */",
    ]
