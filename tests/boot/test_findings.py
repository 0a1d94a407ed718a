# SPDX-License-Identifier: GPL-2.0-or-later
"""Faults of unpatched kernels (docs/kernel-findings.md), each from a review to a booted kernel that shows it, without a
line written for it; and scenarios of unpatched functions, which leave on a booted kernel what they leave here."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from oracle.entries import ENTRIES
from reviewer.booting.model import Verdict
from reviewer.booting.sources import whole
from reviewer.booting.trial import Place, tried
from reviewer.pipeline import Settings
from reviewer.reproducing.model import Program
from reviewer.reproducing.program import program_of
from reviewer.trees.kernel import open_tree
from tests.boot.running import both_machines
from tests.kernel.editing import reviewed, with_statement

pytestmark = pytest.mark.boot
_FLAVOUR = os.environ.get("FLAVOUR", "x86-64")


@dataclass(frozen=True)
class Fault:
    """since, until: the kernels that have it, as (version, patch level)."""

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
)


@pytest.fixture(scope="module")
def source() -> Path:
    if not (said := os.environ.get("KERNEL_SOURCE")):
        pytest.skip("KERNEL_SOURCE names no whole kernel source")
    return whole(said)


def _version(source: Path) -> tuple[int, int]:
    said = dict(line.split(" = ") for line in (source / "Makefile").read_text("utf-8").split("\n")[:6] if " = " in line)
    return int(said["VERSION"]), int(said["PATCHLEVEL"])


@pytest.mark.parametrize("fault", _FAULTS, ids=lambda f: f"{f.rule} {f.function}")
def test_a_fault_of_the_tree_shows_on_it(source: Path, fault: Fault) -> None:
    """Of a patch that adds a statement, the finding that was there before."""
    if _FLAVOUR not in fault.flavours or not fault.since <= _version(source) < fault.until:
        pytest.skip("not a fault of this kernel")
    line = with_statement({"file": fault.file, "function": fault.function}, "barrier();")
    with open_tree(str(source)) as kernel:
        review = reviewed(kernel.at(kernel.head), [line], settings=Settings(budget=2.0, flavours=(_FLAVOUR,)))
    finding = next(f for f in review.findings if f.relation == "preexisting" and f.rule == fault.rule)
    program = program_of(finding, finding.id)
    assert isinstance(program, Program), program
    boot = tried(program, {}, Place(source, _FLAVOUR), "before")
    print(f"{fault.function} on {boot.release} {_FLAVOUR}: {boot.verdict.value}. {' '.join(boot.reasons)[:200]}")
    assert boot.verdict is Verdict.SHOWN, boot


def test_both_machines_leave_the_same(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = sorted(e.name for e in ENTRIES if e.system)
    figures = both_machines(str(source), source, _FLAVOUR, names, count=3, seed=5)
    with capsys.disabled():
        print("", *(f"{name}: {dict(mine.came)}" for name, mine in figures.items() if mine.came), sep="\n")
    assert sum(mine.came["agrees"] for mine in figures.values()) >= 20
    assert not {name: mine.wrong for name, mine in figures.items() if mine.came["differs"]}
