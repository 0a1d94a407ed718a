"""The functions that can be called on a scenario: what each is named, where it lies, which adapter calls it.

An adapter is a few lines of C in this folder that turn the scenario's range and options into arguments, and
do what the function's caller does around it (locks held, TLB flushed after). One adapter can serve several
entries: W_ENTRY_<name> is defined.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """name: the kernel function. files: where it may lie, newest kernel first. adapter: file beside this one.
    options: names of the scenario's options by number, for people. flavours: empty for all. measured: whether cost
    is compared (not for the primitives themselves)."""

    name: str
    files: tuple[str, ...]
    adapter: str
    options: tuple[str, ...] = ()
    flavours: tuple[str, ...] = ()
    measured: bool = True


_BATCH = ("flags", "max_nr", "from slot")
_CONTPTE = """
    contpte_set_ptes contpte_clear_full_ptes contpte_get_and_clear_full_ptes contpte_wrprotect_ptes
    contpte_ptep_set_access_flags contpte_clear_young_dirty_ptes contpte_ptep_get contpte_ptep_get_lockless
    contpte_test_and_clear_young_ptes contpte_clear_flush_young_ptes contpte_ptep_test_and_clear_young
    contpte_ptep_clear_flush_young __contpte_try_fold __contpte_try_unfold
""".split()


def _contpte(name: str) -> Entry:
    options = ("slot", "length", "flags", "new slot", "race")
    return Entry(name, ("arch/arm64/mm/contpte.c",), "contpte.h", options, ("arm64-4k",), measured=False)


ENTRIES: tuple[Entry, ...] = (
    Entry("copy_pte_range", ("mm/memory.c",), "copy_pte_range.h", ("child without uffd", "failing call")),
    Entry("folio_pte_batch", ("mm/util.c", "mm/internal.h"), "folio_pte_batch.h", _BATCH, measured=False),
    Entry("folio_pte_batch_flags", ("mm/internal.h",), "folio_pte_batch_flags.h", _BATCH, measured=False),
    Entry("madvise_free_pte_range", ("mm/madvise.c",), "madvise_free_pte_range.h", ("failing call",)),
    Entry("move_ptes", ("mm/mremap.c",), "move_ptes.h", ("new slot", "need_rmap_locks")),
    Entry("swap_pte_batch", ("mm/internal.h",), "swap_pte_batch.h", ("", "max_nr", "from slot"), measured=False),
    Entry("change_pte_range", ("mm/mprotect.c",), "change_pte_range.h", ("purpose", "new protection")),
    Entry("zap_pte_range", ("mm/memory.c",), "zap_pte_range.h", ("details",)),
    Entry("try_to_unmap_one", ("mm/rmap.c",), "try_to_unmap_one.h", ("slot of the folio", "ttu flags")),
    *map(_contpte, _CONTPTE),
)


GENERIC = "generic.h"  # beside the adapter that is made from the function's signature


def generic(name: str, file: str) -> Entry:
    """An entry for a function that has no adapter here; files below arch/ are those of one architecture."""
    flavours = {"arm64": ("arm64-4k",), "x86": ("x86-64",)}.get(
        file.split("/")[1] if file.startswith("arch/") else "", ()
    )
    return Entry(name, (file,), GENERIC, ("slot", "length"), flavours, measured=False)


def entry(name: str) -> Entry | None:
    """The entry of that function name."""
    return next((e for e in ENTRIES if e.name == name), None)
