# SPDX-License-Identifier: GPL-2.0-or-later
"""A scenario with its call and its tests as one function in C."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from oracle.entries import entry as known_entry
from oracle.wire import Scenario
from reviewer.reproducing.asked import AT_ONCE, FLUSH, OPENED, RECLAIMED, UNMAPPED, Asked, Test
from reviewer.reproducing.calls import calling
from reviewer.reproducing.model import NO_TABLE, Calling, CannotError, Needs
from reviewer.reproducing.racing import alone_in
from reviewer.reproducing.rows import Rows, one_by_one, words_about
from reviewer.reproducing.setup import PRESSED, SWAP, setup_of
from reviewer.reproducing.state import state_of
from reviewer.reproducing.table import Table, table_of

# What others do to a folio meanwhile, unless the system call itself does it on its way.
_OF_OTHERS = {"LOCKED": "locked by somebody", "EXTRA_REF": "held by somebody", "SWAPCACHE": "in the swap cache, too"}
_LOOKS = Needs(("PROC_PAGE_MONITOR", "PROC_FS", "PRINTK"))


def asked_of(entry: str, scenario: Scenario, flavour: str, rows: tuple[Rows, Rows], rule: str) -> Asked:
    """The table, the call and the set-up of a scenario. rows: those that should be left, and those that are not to be.
    CannotError where no steps are known for it."""
    table = table_of(scenario, flavour)
    right, wrong = (one_by_one(side, len(table.pages)) for side in rows)
    known = known_entry(entry)
    for label in known.reference.unsaid if known and known.reference else ():
        if label not in right:  # by the reference, which says nothing of it
            wrong = {row: text for row, text in wrong.items() if row != label}
    call = calling(entry, table)
    if call.drops is not None:
        table = alone_in(table)
    if odd := {bit for f in table.folios.values() for bit in f.bits & set(_OF_OTHERS)} - call.makes:
        raise CannotError(NO_TABLE, f"no step makes a folio {' and '.join(_OF_OTHERS[bit] for bit in sorted(odd))}")
    if call.faults is not None and not _alters_sharing(right, wrong):
        call = replace(call, alone=True)
    setup = setup_of(table, call, words_about(right, wrong), flushes=rule in FLUSH)
    return Asked(table, call, setup, right, wrong, rule)


def _alters_sharing(right: Rows, wrong: Rows) -> bool:
    """Whether the runs differ in who has a page for himself: else a fault is to find the counts of the scenario, in
    which no other process has it."""
    both = [(right.get(label, "").split(), wrong.get(label, "").split()) for label in {**right, **wrong}]
    return any(("exclusive" in a) != ("exclusive" in b) or ("rw" in b and "rw" not in a) for a, b in both)


def needs_of(asked: Asked, tests: Sequence[Test]) -> Needs:
    """What the kernel and its machine have to have for these tests."""
    needs = asked.setup.needs.and_of(asked.call.needs).and_of(_LOOKS)
    if any(t.when == RECLAIMED for t in tests):
        needs = needs.and_of(SWAP).and_of(PRESSED)
    return needs


def function_of(name: str, asked: Asked, tests: Sequence[Test]) -> list[str]:
    """The lines of the function, and of what it tries again and again."""
    setup, call = asked.setup, asked.call
    other, zero = call.zero if any("&there" in t.arguments for t in tests) else ("", "")
    back = any(t.function in ("comes_back", "is_mapped_frame") for t in tests)
    body = [
        f"struct place here{', there' if other else ''};", "", *call.first, *setup.steps,
        *(_kept(asked.table) if asked.flushes else ()), *call.before,
        *(["swap_space();"] if any(t.when == RECLAIMED for t in tests) else []),
        'here = (struct place){ "PTE", base, 0 };', *state_of(asked.table, setup),
        *([f"remember({at});" for at, _, _ in asked.table.mapped()] if back else []), "reached();", "",
        *(_used(asked) if asked.flushes else ()), *_called(name, call),
        *([f'there = (struct place){{ "{other}", {zero}, {call.pid or 0} }};'] if other else []),
        *_tested(asked, tests),
    ]  # fmt: skip
    again = {"table": setup.steps[1:], "call": call.text} if call.drops is not None else {}  # where it was laid
    parts = (line for part, steps in again.items() for line in (*_function(f"{name}_{part}", steps), ""))
    return [*parts, *_function(name, body)]


def _function(name: str, body: Sequence[str]) -> list[str]:
    return [f"static void {name}(void)", "{", *(f"\t{line}" if line else "" for line in body), "}"]


def _called(name: str, call: Calling) -> tuple[str, ...]:
    if call.drops is None:
        return call.text
    return (f"against_drops({call.drops.start}, {call.drops.stop}, {name}_table, {name}_call);",)


def _tested(asked: Asked, tests: Sequence[Test]) -> Iterator[str]:
    """The tests, with what has to be done between them."""
    done, vma, all_of = AT_ONCE, asked.table.vma, asked.table.inhabited
    for test in tests:
        if done < RECLAIMED == test.when:
            yield f"reclaim({vma.start}, {vma.stop});"
            if asked.call.gone and not asked.table.anonymous:
                yield f"map_file({vma.start}, {vma.stop}, PROT_READ, MAP_SHARED);"
        if done < OPENED == test.when:
            yield f"protect({vma.start}, {vma.stop}, PROT_READ | PROT_WRITE);"
        if done < UNMAPPED == test.when:
            yield f"unmap_all({all_of.start}, {all_of.stop});"
        done = test.when
        yield test.text


def _kept(table: Table) -> Iterator[str]:
    """Another mapping in the same page table: one that is empty would be freed, and the TLB flushed for that."""
    room = 1 << (table.flavour.page_shift - 3)
    for at in (table.wide.stop + 1, table.wide.start - 2):
        if 0 <= at + table.offset < room:
            yield f"map_anonymous({at}, {at + 1}, PROT_READ | PROT_WRITE);"
            yield f"touch_write({at});"
            return


def _used(asked: Asked) -> Iterator[str]:
    """Accesses that make translations, which the call has to flush; what is clean stays so."""
    for at, entry, _ in asked.table.mapped():
        if "PROTNONE" not in entry.bits and not asked.call.was.endswith("NONE"):
            writes = {"WRITE", "DIRTY"} <= entry.bits and asked.call.was in ("", "PROT_READ | PROT_WRITE")
            yield f"touch_{'write' if writes else 'read'}({at});"
