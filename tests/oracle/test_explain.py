# SPDX-License-Identifier: GPL-2.0-or-later
"""What the comparison with the reference allows, and what it does not."""

from __future__ import annotations

import pytest

from oracle.entries import ENTRIES
from oracle.explain import explain, judge, start_rows, tells
from oracle.explain.refine import compare
from oracle.reference.table import Vma
from oracle.reference.walkers.kernel import Kernel
from oracle.wire import AGENT, Folio, Scenario, Slot, mask, names

AGEING = ("aged-with-its-block", "dirty-of-its-batch")
PRIVATE, SHARED = Vma(0, 32), Vma(0, 32, shared=True, file=True)


def why(label: str, reference: str, real: str, vma: Vma = PRIVATE, protects: bool = False, **more: str) -> list[str]:
    """What each differing row is allowed by."""
    rows = {"PTE 0": "A[0] ro dirty", "child PTE 0": "A[0] rw dirty", "page A[1]": more.get("page", "mapcount 1")}
    zeros = {"PTE": 0, "new PTE": 0, "child PTE": 0}
    allows = ("follows-merge",) if protects else ()
    return [r.why for r in compare(rows | {label: reference}, rows | {label: real}, zeros, vma, allows)]


@pytest.mark.parametrize(
    ("reference", "real"),
    [
        ("A[1] ro", "none"),
        ("A[1] ro", "A[2] ro"),
        ("A[1] ro", "A[1] rw"),
        ("A[1] rw dirty", "A[1] ro dirty"),
        ("A[1] ro dirty", "A[1] ro"),
        ("A[1] ro soft-dirty", "A[1] ro"),
        ("A[1] ro", "A[1] ro uffd-wp"),
        ("A[1] ro protnone", "A[1] ro"),
        ("A[1] ro", "A[1] ro young"),  # no neighbour is
        ("swap 0:3 exclusive", "swap 0:3"),
        ("swap 0:3", "swap 0:4"),
        ("uffd-wp marker", "none"),
    ],
)
def test_a_changed_entry_is_wrong(reference: str, real: str) -> None:
    assert why("PTE 1", reference, real) == [""]


def test_counts_are_never_allowed_to_differ() -> None:
    for label, reference, real in (
        ("rss anon", "3", "4"),
        ("page A[1]", "mapcount 1", "mapcount 2"),
        ("page A[1]", "mapcount 1 exclusive", "mapcount 1"),
        ("folio A", "anon, 16 pages, refs 3", "anon, 16 pages, refs 4"),
        ("folio A", "anon, 16 pages, refs 3 dirty", "anon, 16 pages, refs 3"),
        ("swap 0:3", "count 1", "count 2"),
        ("returns", "1", "2"),
        ("!ending", "returned", "BUG"),
    ):
        assert why(label, reference, real) == [""], label


def test_bits_that_a_neighbour_has_may_be_merged() -> None:
    assert why("PTE 1", "A[1] ro", "A[1] ro dirty") == ["merged"]
    assert why("PTE 1", "A[1] ro", "A[1] ro dirty soft-dirty") == ["merged"]
    assert why("PTE 1", "B[1] ro", "B[1] ro dirty") == [""]


def test_write_may_follow_only_a_protection_change() -> None:
    merged = ("PTE 1", "A[1] ro", "A[1] rw dirty")
    assert why(*merged, SHARED, protects=True) == ["follows-merge"]
    assert why(*merged, SHARED) == [""]
    assert why(*merged, PRIVATE, protects=True) == [""]
    assert why(*merged, PRIVATE, protects=True, page="mapcount 1 exclusive") == ["follows-merge"]


def test_a_shared_child_may_write_where_its_neighbour_may() -> None:
    assert why("child PTE 1", "A[1] ro", "A[1] rw", SHARED) == ["merged-write"]
    assert why("child PTE 1", "A[1] ro", "A[1] rw", PRIVATE) == [""]


def test_members_of_a_folded_block_are_read_together() -> None:
    real = {f"PTE {i}": f"A[{i}] ro{' dirty' * (i == 3)} cont" for i in range(16)}
    reference = {label: text.replace(" dirty", "").removesuffix(" cont") + " dirty" for label, text in real.items()}
    assert compare(reference, real, {"PTE": 0}, PRIVATE) == []


def test_a_block_ages_as_one() -> None:
    real = {f"PTE {i}": f"A[{i}] ro cont" for i in range(16)}
    reference = {label: text.removesuffix(" cont") + " young" * (label != "PTE 0") for label, text in real.items()}
    aged = compare(reference, real, {"PTE": 0}, PRIVATE, AGEING)
    assert {row.why for row in aged} == {"aged-with-its-block"}
    assert {row.why for row in compare(reference, real, {"PTE": 0}, PRIVATE)} == {""}
    young = {label: text.removesuffix(" cont") + " young" for label, text in real.items()}
    assert {row.why for row in compare(young, real, {"PTE": 0}, PRIVATE, AGEING)} == {""}


def scenario(**slots: int) -> Scenario:
    """Two pages of an anonymous folio of four, both writable."""
    bits = mask("SLOT_BITS", "WRITE", "DIRTY", "EXCL")
    page = names("SLOT_KINDS").index("PAGE")
    folio = Folio(names("FOLIO_KINDS").index("ANON"), 2, mask("FOLIO_BITS", "SWAPBACKED"), 4)
    table = tuple(Slot(page, slots.get("bits", bits), 0, i) for i in range(2))
    vma = mask("VMA_BITS", "WRITE", "ANON_VMA")
    return Scenario(vma, 0, 32, 32, 34, 32, 34, 0, (0,) * 8, (folio,), table)


def test_a_zap_gives_everything_back() -> None:
    before = start_rows("zap_pte_range", scenario(), Kernel())
    assert before["PTE 1"] == "A[1] rw dirty"
    assert before["folio A"] == "anon, 4 pages, refs 3"
    after = explain("zap_pte_range", scenario(), Kernel())
    assert after["PTE 1"] == "none"
    assert after["folio A"].startswith("anon, 4 pages, refs 1")
    assert "rss anon" not in after


def test_a_move_is_judged_on_the_rows_it_leaves() -> None:
    left = explain("move_ptes", scenario(), Kernel())
    assert left["new PTE 1"] == "A[1] rw dirty soft-dirty"
    assert judge("move_ptes", scenario(), Kernel(), left) == []
    lost = left | {"new PTE 1": "A[1] rw dirty"}
    assert [row.label for row in judge("move_ptes", scenario(), Kernel(), lost)] == ["new PTE 1"]


def test_a_migration_keeps_what_the_entry_said() -> None:
    left = explain("try_to_migrate_one", scenario(), Kernel())
    assert left["PTE 0"] == "migration write A[0] dirty"
    assert left["page A[0]"] == "mapcount 0"
    assert left["folio A"].startswith("anon, 4 pages, refs 1 dirty")
    old = explain("try_to_migrate_one", scenario(), Kernel(migration_ages=False))
    assert old["PTE 0"] == "migration write A[0]"


def test_mlock_takes_only_a_folio_that_is_mapped_whole() -> None:
    part = scenario()
    page = part.slots[0]
    whole = part.change(slots=tuple(page.__class__(page.kind, page.bits, 0, i) for i in range(4)), end=36, vma_end=36)
    assert "result 1" not in explain("mlock_pte_range", part, Kernel())
    assert explain("mlock_pte_range", whole, Kernel())["result 1"] == "1"


def test_mbind_counts_what_it_cannot_move() -> None:
    strict = scenario().change(options=(0, 3, 0, 0, 0, 0, 0, 0))
    left = explain("queue_folios_pte_range", strict, Kernel())
    assert (left["returns"], left["result 0"]) == ("-5", "2")
    before = explain("queue_folios_pte_range", strict, Kernel(mbind_counts_runs=False))
    assert before["result 0"] == "1"


def test_swap_in_maps_the_page_that_the_entry_names() -> None:
    swapped = names("SLOT_KINDS").index("SWAPCACHED")
    folio = Folio(0, 2, mask("FOLIO_BITS", "SWAPBACKED", "SWAPCACHE"), 4)
    slots = tuple(Slot(swapped, mask("SLOT_BITS", "EXCL"), 0, i) for i in range(4))
    cached = scenario().change(folios=(folio,), slots=slots, end=36, vma_end=36, salt=1 << 4)
    assert tells("do_swap_page", cached)
    left = explain("do_swap_page", cached, Kernel())
    assert [left[f"PTE {i}"].split()[0] for i in range(4)] == [f"A[{i}]" for i in range(4)]
    assert left["page A[3]"] == "mapcount 1 exclusive"
    assert "rss swap" not in left
    alone = cached.change(slots=(*slots[:3], Slot()))
    assert [explain("do_swap_page", alone, Kernel())[f"PTE {i}"][:4] for i in (0, 1)] == ["A[0]", "swap"]


def test_what_the_reference_has_no_word_on() -> None:
    assert tells("move_ptes", scenario())
    assert not tells("folio_pte_batch", scenario())
    assert not tells("move_ptes", scenario().change(mm=AGENT))
    assert not tells("mlock_pte_range", scenario().change(options=(0, 0, 1, 0, 0, 0, 0, 0)))
    assert not tells("folio_referenced_one", scenario().change(salt=1 << 11))
    huge = scenario().change(slots=(Slot(names("SLOT_KINDS").index("PMD")),))
    assert not tells("zap_pte_range", huge)


def test_an_entry_without_a_walker_is_refused() -> None:
    with pytest.raises(KeyError):
        explain("folio_pte_batch", scenario(), Kernel())


def test_only_what_is_its_own_measure_has_no_walker() -> None:
    """A batch is scanned entry by entry, a contpte operation run as plain ones; hugetlb has no table of PTEs."""
    without = {entry.name for entry in ENTRIES if entry.reference is None}
    scanned = {"folio_pte_batch", "folio_pte_batch_flags", "swap_pte_batch"}
    plain = {name for name in without if "contpte" in name}
    assert without - plain == scanned | {"try_to_unmap_poisoned_hugetlb_one"}


def test_ageing_may_tell_a_folio_of_the_dirty_bit_of_its_batch() -> None:
    rows = {"PTE 0": "A[0] ro dirty", "PTE 1": "B[0] ro"}
    dirty = {"folio A": "file, 4 pages, refs 1 dirty", "folio B": "file, 4 pages, refs 1 dirty"}
    clean = {label: text.removesuffix(" dirty") for label, text in dirty.items()}

    def whys(reference: dict[str, str], real: dict[str, str], ages: bool) -> list[str]:
        return [row.why for row in compare(rows | reference, rows | real, {"PTE": 0}, PRIVATE, AGEING if ages else ())]

    assert whys(clean, dirty, ages=True) == ["dirty-of-its-batch", ""]
    assert whys(dirty, clean, ages=True) == whys(clean, dirty, ages=False) == ["", ""]
