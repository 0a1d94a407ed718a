# SPDX-License-Identifier: GPL-2.0-or-later
"""Faults of unpatched kernels (docs/kernel-findings.md), each from a review to a booted kernel that shows it, without a
line written for it; and scenarios of unpatched functions, which leave on a booted kernel what they leave here."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from reviewer.booting.model import Verdict
from reviewer.booting.trial import Place, tried
from reviewer.pipeline import Settings
from reviewer.reproducing.model import Program
from reviewer.reproducing.program import program_of
from reviewer.trees.kernel import open_tree
from tests.boot.conftest import FLAVOUR
from tests.boot.running import CALLED, both_machines
from tests.kernel.editing import reviewed, with_statement

pytestmark = pytest.mark.boot


@dataclass(frozen=True)
class Fault:
    """since, until: the first kernel that has it, and the first that has it no more."""

    file: str
    function: str
    rule: str
    flavours: tuple[str, ...]
    since: tuple[int, int] = (0, 0)
    until: tuple[int, int] = (99, 0)


_FAULTS = (
    Fault("mm/khugepaged.c", "try_collapse_pte_mapped_thp", "D1", ("x86-64", "arm64-4k"), since=(7, 2)),
    Fault("mm/rmap.c", "folio_referenced_one", "S8", ("arm64-4k",), since=(7, 2)),
    Fault("mm/memory.c", "do_swap_page", "X5", ("arm64-4k",)),
    Fault("mm/madvise.c", "madvise_cold_or_pageout_pte_range", "G3", ("x86-64", "arm64-4k"), (7, 2), (7, 3)),
)


@pytest.mark.parametrize("fault", _FAULTS, ids=lambda f: f"{f.rule} {f.function}")
def test_a_fault_of_the_tree_shows_on_it(source: Path, fault: Fault, capsys: pytest.CaptureFixture[str]) -> None:
    """Of a patch that adds a statement, the finding that was there before."""
    line = with_statement({"file": fault.file, "function": fault.function}, "barrier();")
    with open_tree(str(source)) as kernel:
        version = tuple(map(int, kernel.name.removeprefix("linux ").split(".")[:2]))
        if FLAVOUR not in fault.flavours or not fault.since <= version < fault.until:
            pytest.skip("not a fault of this kernel")
        review = reviewed(kernel.at(kernel.head), [line], settings=Settings(budget=2.0, flavours=(FLAVOUR,)))
    finding = next(f for f in review.findings if f.relation == "preexisting" and f.rule == fault.rule)
    program = program_of(finding, finding.id)
    assert isinstance(program, Program), program
    boot = tried(program, {}, Place(source, FLAVOUR), "before")
    with capsys.disabled():
        print(f"\n{fault.function} on {boot.release} {FLAVOUR}: {boot.verdict.value}. {boot.reasons[0]}")
    assert boot.verdict is Verdict.SHOWN, boot


def test_both_machines_leave_the_same(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figures = both_machines(str(source), source, FLAVOUR, CALLED, count=3, seed=5)
    with capsys.disabled():
        print("", *(f"{name}: {dict(mine.came)}" for name, mine in figures.items() if mine.came), sep="\n")
    came = sum((mine.came for mine in figures.values()), Counter[str]())
    assert not {name: mine.wrong for name, mine in figures.items() if mine.came["differs"]}
    assert came["agrees"] >= 0.9 * came.total() and came.total() >= 2 * len(figures), came
