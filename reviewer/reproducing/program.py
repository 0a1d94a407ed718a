# SPDX-License-Identifier: GPL-2.0-or-later
"""A finding as a C program in the manner of kselftests."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from pathlib import Path

from oracle.wire import Scenario
from reviewer.findings.exact import prepared
from reviewer.model import Finding
from reviewer.reproducing.asked import LOG, Asked, Test
from reviewer.reproducing.case import asked_of, function_of, needs_of
from reviewer.reproducing.consequences import tests_of
from reviewer.reproducing.model import NO_CONSEQUENCE, NOT_RUN, Cannot, CannotError, Program
from reviewer.reproducing.rows import right_and_wrong

_HARNESS = Path(__file__).with_name("harness")
_HEADERS = (
    "tap.h", "look.h", "access.h", "memory.h", "file.h", "huge.h", "swap.h", "device.h", "race.h", "nodes.h", "scan.h",
    "uffd.h", "checks.h",
)  # fmt: skip
_ROWS = 40  # of the table, in the comment
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
    entry = str(finding.scenario["entry"])
    asked = asked_of(entry, scenario, flavour, right_and_wrong(finding), finding.rule)
    tests = tests_of(asked)
    log = bool({finding.rule, *finding.also} & LOG)
    ends = any(side.ending in _ENDS for side in (finding.before, finding.after))
    if not any(t.rule for t in tests) and not log and not ends:
        what = f"what {finding.rule} is about here shows in nothing that such a program looks at"
        raise CannotError(NO_CONSEQUENCE, what)
    name = _NAME.sub("-", f"{finding.function[:60]}-{finding.id[:20]}").strip("-") or "program"
    return Program(name, _text(finding, asked, tests, log), headers(), needs_of(asked, tests))


def headers() -> tuple[tuple[str, str], ...]:
    """The harness, which every program includes: (file, text)."""
    return tuple((name, (_HARNESS / name).read_text(encoding="utf-8")) for name in _HEADERS)


def _text(finding: Finding, asked: Asked, tests: Sequence[Test], log: bool) -> str:
    lines = [
        "// SPDX-License-Identifier: GPL-2.0-or-later", *_comment(finding), '#include "checks.h"', "",
        *function_of("the_case", asked, tests), "", "int main(void)", "{", "\tbegin();",
        f"\trun(the_case, RULE, {'RULE' if log else 'ALSO'});", "\treturn end();", "}",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _comment(finding: Finding) -> list[str]:
    said = _UNSAFE.sub("", f"{finding.rule} in {finding.function}(): {finding.summary}")
    table = finding.scenario["rows"].items()
    held = [(label, text) for label, text in table if text != "none" or len(table) <= _ROWS]
    rows = [_UNSAFE.sub("", f"{label}: {text}") for label, text in held[:_ROWS]]
    return [
        "/*",
        *(f" * {line}" for line in textwrap.wrap(said, 100)),
        " *",
        *(f" * {row}" for row in rows),
        " */",
    ]
