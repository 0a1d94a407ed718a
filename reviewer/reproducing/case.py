# SPDX-License-Identifier: GPL-2.0-or-later
"""A scenario with its call and its tests as one function in C."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from oracle.entries import entry as known_entry
from oracle.wire import Scenario
from reviewer.reproducing.calls import calling
from reviewer.reproducing.consequences import AT_ONCE, RECLAIMED, UNMAPPED, Asked, Test
from reviewer.reproducing.model import Needs
from reviewer.reproducing.rows import Rows, words_about
from reviewer.reproducing.setup import PRESSED, SWAP, setup_of
from reviewer.reproducing.state import state_of
from reviewer.reproducing.table import table_of

_LOOKS = Needs(("PROC_PAGE_MONITOR", "PROC_FS", "PRINTK"))


def asked_of(entry: str, scenario: Scenario, flavour: str, rows: tuple[Rows, Rows], rule: str) -> Asked:
    """The table, the call and the set-up of a scenario. rows: those that should be left, and those that are not to be.
    CannotError where no steps are known for it."""
    table = table_of(scenario, flavour)
    right, wrong = rows
    known = known_entry(entry)
    for label in known.reference.unsaid if known and known.reference else ():
        if label not in right:  # by the reference, which says nothing of it
            wrong = {row: text for row, text in wrong.items() if row != label}
    call = calling(entry, table)
    return Asked(table, call, setup_of(table, call, words_about(right, wrong)), right, wrong, rule)


def needs_of(asked: Asked, tests: Sequence[Test]) -> Needs:
    """What the kernel and its machine have to have for these tests."""
    needs = asked.setup.needs.and_of(asked.call.needs).and_of(_LOOKS)
    if any(t.when == RECLAIMED for t in tests):
        needs = needs.and_of(SWAP).and_of(PRESSED)
    if any(t.when == UNMAPPED for t in tests):
        needs = needs.and_of(Needs(("COMPACTION",)))
    return needs


def function_of(name: str, asked: Asked, tests: Sequence[Test]) -> list[str]:
    """The lines of the function."""
    setup, call = asked.setup, asked.call
    other, zero = call.zero if any("&there" in t.arguments for t in tests) else ("", "")
    back = any(t.function in ("comes_back", "is_mapped_frame") for t in tests)
    body = [
        f"struct place here{', there' if other else ''};", "", *call.first, *setup.steps, *call.before,
        *(["swap_space();"] if any(t.when == RECLAIMED for t in tests) else []),
        'here = (struct place){ "PTE", base, 0 };', *state_of(asked.table, setup),
        *(_used(asked) if asked.flushes else ()),
        *([f"remember({at});" for at, _, _ in asked.table.mapped()] if back else []), "reached();", "", *call.text,
        *([f'there = (struct place){{ "{other}", {zero}, {call.pid or 0} }};'] if other else []),
        *_tested(asked, tests),
    ]  # fmt: skip
    return [f"static void {name}(void)", "{", *(f"\t{line}" if line else "" for line in body), "}"]


def _tested(asked: Asked, tests: Sequence[Test]) -> Iterator[str]:
    """The tests, with what has to be done between them."""
    done, vma, all_of = AT_ONCE, asked.table.vma, asked.table.inhabited
    for test in tests:
        if done < RECLAIMED == test.when:
            yield f"reclaim({vma.start}, {vma.stop});"
        if done < UNMAPPED == test.when:
            yield f"unmap_all({all_of.start}, {all_of.stop});"
        done = test.when
        yield test.text


def _used(asked: Asked) -> Iterator[str]:
    """Accesses that make translations, which the call has to flush."""
    for at, entry, _ in asked.table.mapped():
        if "PROTNONE" not in entry.bits and not asked.call.was.endswith("NONE"):
            yield f"touch_{'write' if 'WRITE' in entry.bits else 'read'}({at});"
