# SPDX-License-Identifier: GPL-2.0-or-later
"""The reference says what the real code does: batch detection, contpte, and the world's primitives.

`python tests/kernel/reference.py` runs the same in any number; here is what two minutes of CI allow.
REFERENCE_SEQUENCES multiplies the sequences.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oracle.reference.batch import Compare
from oracle.reference.contpte import ContPte
from oracle.reference.pte import DIRTY, KERNEL_ONLY, PROTNONE, WRITE, YOUNG, Pte
from reviewer.trees.kernel import KernelTree
from tests.kernel import batches, lab, sequences
from tests.kernel.conftest import VERSIONS
from tests.kernel.lab import Lab, make
from tests.kernel.machine import Machine
from tests.kernel.maker import Maker

pytestmark = pytest.mark.kernel
_TIMES = int(os.environ.get("REFERENCE_SEQUENCES", "1"))
_FLAVOURS = ("x86-64", "arm64-4k")


def version_of(kernel: KernelTree) -> str:
    return kernel.name.removeprefix("linux ").rsplit(".", 1)[0]


@pytest.fixture(scope="module")
def programs() -> dict[tuple[str, str], Path]:
    return {}


@pytest.fixture
def program(
    kernel: KernelTree, flavour: str, programs: dict[tuple[str, str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The laboratory of a tree and flavour, built once."""
    key = (kernel.name, flavour)
    if key not in programs:
        programs[key] = make(kernel.at(kernel.head), flavour, tmp_path_factory.mktemp("lab"))
    return programs[key]


every_flavour = pytest.mark.parametrize("flavour", _FLAVOURS)
every_tree = pytest.mark.parametrize("kernel", VERSIONS, indirect=True)
arm64 = pytest.mark.parametrize("flavour", ["arm64-4k"])


@every_tree
@every_flavour
def test_batch_detection_on_every_table(kernel: KernelTree, flavour: str, program: Path) -> None:
    with Lab(program) as running:
        done = batches.compare_folio(running, version_of(kernel), flavour, bits=1, breaks=2)
        assert done.differences == []
        # Two places; of the three states two can come first.
        assert done.tables == 2 * 2 * sum(3**n for n in range(6)) == 1456
        done = batches.compare_folio(running, version_of(kernel), flavour, bits=5, longest=4)
        assert done.differences == []
        assert done.tables > 3000
        done = batches.compare_swap(running, version_of(kernel), flavour, longest=5)
        assert done.differences == []
        assert done.tables > 25_000


@pytest.mark.parametrize("kernel", ["7.2"], indirect=True)
@pytest.mark.parametrize("flavour", ["x86-64"])
def test_a_wrong_scan_is_told(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Compare, "from_6_17", lambda flags: Compare(False, bool(flags & 1), False))
    with Lab(program) as running:
        assert batches.compare_folio(running, "7.2", "x86-64", bits=5, longest=3).differences


@every_tree
@arm64
def test_contpte(kernel: KernelTree, flavour: str, program: Path) -> None:
    with Lab(program) as running:
        done = sequences.compare(running, version_of(kernel), flavour, seed=1, count=4000 * _TIMES, everything=False)
    assert done.differences == []
    assert (done.sequences, sum(done.refused.values())) == (4000 * _TIMES, 0)


@every_tree
@every_flavour
def test_the_world(kernel: KernelTree, flavour: str, program: Path) -> None:
    with Lab(program) as running:
        done = sequences.compare(running, version_of(kernel), flavour, seed=2, count=1000 * _TIMES, everything=True)
    assert done.differences == []
    assert (done.sequences, sum(done.refused.values())) == (1000 * _TIMES, 0)


@pytest.mark.parametrize("kernel", ["7.2"], indirect=True)
@every_flavour
def test_the_world_as_hypothesis_has_it(kernel: KernelTree, flavour: str, program: Path) -> None:
    """The same, chosen and shrunk by Hypothesis, which keeps what failed."""
    with Lab(program) as running:

        @settings(max_examples=150 * _TIMES, deadline=None, derandomize=True,
                  suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])  # fmt: skip
        @given(st.randoms(use_true_random=False), st.integers(1, 4))
        def same(rng: random.Random, steps: int) -> None:
            machine = Machine(flavour, version_of(kernel))
            made = Maker(machine, rng, everything=True)
            made.make(steps)
            [seen] = running.run([made.operations], lab.ALL)
            assert seen.words.tobytes() == made.words.tobytes(), sequences.explain(made, seen)

        same()


@pytest.mark.parametrize("kernel", ["7.2"], indirect=True)
@arm64
def test_a_difference_is_explained(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forgets(ptes: ContPte, slot: int, nr: int) -> None:
        """Write-protects a part of a block without unfolding it."""
        for at in range(slot, slot + nr):
            ptes.tables[at] = ptes.tables[at].wrprotect()

    monkeypatch.setattr(ContPte, "wrprotect_ptes", forgets)
    with Lab(program) as running:
        found = sequences.compare(running, "7.2", "arm64-4k", seed=1, count=400, everything=False).differences
    assert found
    assert "reference" in min(found, key=len)


# What remains different, each on its page of docs/kernel-findings.md: the reference has it as 7.3 does.

_PROTNONE = (lab.SET, 0, 16, DIRTY | YOUNG | PROTNONE, lab.PFN_BASE + 32, 1)
_HOLE = (lab.CLEAR, 4, 2, 0, 0, 0)
_FREE = (lab.CLEAR_AD, 0, 2, 3, 0, 0)


def after(program: Path, *operations: lab.Operation) -> list[int]:
    """The first words of the table after the last operation."""
    with Lab(program) as running:
        [seen] = running.run([operations])
    return seen.words.tolist()[-lab.SLOTS :]


@pytest.mark.parametrize("kernel", ["6.12"], indirect=True)
@arm64
def test_6_12_makes_blocks_without_access_valid(kernel: KernelTree, program: Path) -> None:
    """Valid, and of no use to user code."""
    source = (kernel.at(kernel.head).read("arch/arm64/mm/contpte.c") or b"").partition(b"void contpte_set_ptes(")[2]
    mended = b"pte_valid(" in source.partition(b"\n}\n")[0]  # so in 6.12.117, not yet in 6.12.107
    bits = after(program, _PROTNONE)[0] >> 4
    assert bits & (PROTNONE | KERNEL_ONLY) == (PROTNONE if mended else KERNEL_ONLY)


@pytest.mark.parametrize("kernel", ["7.2"], indirect=True)
@arm64
def test_7_2_makes_entries_out_of_nothing(program: Path) -> None:
    table = after(program, _PROTNONE, _HOLE)
    assert table[4] == table[5] == batches.word(Pte())
    table = after(program, _PROTNONE, _HOLE, _FREE)
    assert table[4] == table[5] != batches.word(Pte())


@pytest.mark.parametrize("kernel", ["7.3"], indirect=True)
@arm64
def test_7_3_does_neither(program: Path) -> None:
    table = after(program, _PROTNONE, _HOLE, _FREE)
    assert table[4] == table[5] == batches.word(Pte())
    assert all(word & PROTNONE << 4 and not word & (WRITE | 128) << 4 for word in [*table[:4], *table[6:16]])
