# SPDX-License-Identifier: GPL-2.0-or-later
"""States of which a program written by hand had told what a kernel does, given to the generator (make boot): what is
no finding, since the engine allows it by name or no rule speaks of it, comes out the same."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from oracle.flavours import FLAVOURS
from oracle.wire import Folio, Scenario, Slot, mask, names
from reviewer.booting.model import Verdict
from reviewer.booting.trial import Place, tried
from reviewer.reproducing.case import asked_of
from reviewer.reproducing.many import Scene, program_of_many
from tests.boot.conftest import FLAVOUR

pytestmark = pytest.mark.boot
_PTES = range(16)


@dataclass(frozen=True)
class State:
    """A folio of 64K, of which each entry has these bits. right, wrong: what an entry is left as, from its page on."""

    entry: str
    bits: tuple[str, ...]
    options: tuple[int, ...]
    table: str
    right: str
    wrong: str
    verdict: Verdict
    says: str

    def scenario(self) -> Scenario:
        page, bits = names("SLOT_KINDS").index("PAGE"), mask("SLOT_BITS", *self.bits)
        folio = Folio(names("FOLIO_KINDS").index("ANON"), 4, mask("FOLIO_BITS", "SWAPBACKED"), 64)
        return Scenario(
            vma=mask("VMA_BITS", "WRITE"), mm=0, first=32, start=32, end=48, vma_first=32, vma_end=48, salt=1,
            options=(*self.options, *(0,) * (8 - len(self.options))), folios=(folio,),
            slots=tuple(Slot(page, bits, 0, at) for at in _PTES),
        )  # fmt: skip

    def rows(self, text: str) -> dict[str, str]:
        return {f"{self.table} {at}": f"A[{at}] {text}" for at in _PTES}


_STATES = {
    "mprotect makes dirty entries soft-dirty": State(
        "change_pte_range", ("DIRTY", "EXCL"), (0, 1), "PTE", "ro dirty", "ro dirty soft-dirty", Verdict.SHOWN,
        "is not soft-dirty",
    ),
    "a child has no access where its parent has none": State(
        "copy_pte_range", ("DIRTY", "PROTNONE", "EXCL"), (0,), "child PTE", "ro dirty protnone", "ro dirty",
        Verdict.NOT_SHOWN, "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("state", _STATES.values(), ids=_STATES.keys())
def test_a_state_made_by_hand_before(source: Path, state: State) -> None:
    if "soft-dirty" in state.wrong and "MEM_SOFT_DIRTY" not in FLAVOURS[FLAVOUR].config:
        pytest.skip("no soft-dirty bits")
    rows = (state.rows(state.right), state.rows(state.wrong))
    asked = asked_of(state.entry, state.scenario(), FLAVOUR, rows, "X1")
    program = program_of_many("by-hand", [Scene("by-hand", asked)])
    told = program.source.replace('run_scene(scene_0, "by-hand")', "run(scene_0, RULE, RULE)")  # which says what is so
    boot = tried(replace(program, source=told), {}, Place(source, FLAVOUR), "before")
    assert boot.verdict is state.verdict and state.says in " ".join(boot.reasons), boot
