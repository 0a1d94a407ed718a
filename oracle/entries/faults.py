# SPDX-License-Identifier: GPL-2.0-or-later
"""Faults, insertion by drivers, and what swapoff puts back."""

from __future__ import annotations

from oracle.entries.model import Entry, Reference

_FAULT = ("slot", "how", "failing call", "odd folio", "file system", "race")
_GOES_ON = ("result 0",)  # how the fault would go on


def _fault(name: str, system: str, call: str, untold: str = "", told: int = 90, around: bool = False) -> Entry:
    reference = Reference(call, untold, told, _GOES_ON, allows=("around",) if around else ())
    return Entry(name, ("mm/memory.c",), "do_fault_of.h", _FAULT, reference, part="fault", system=system)


def _insert(name: str, reference: Reference, *results: str) -> Entry:
    options = ("slot", "how", "failing call")
    return Entry(name, ("mm/memory.c",), "insert_pages.h", options, reference, part="call", results=results)


# The kinds of entries that do_fault_of.h chooses from, of which an access comes to the function.
_SWAPPED = "SWAP SWAPCACHED MIG_READ MIG_EXCL MIG_WRITE DEV_EXCL MARKER_WP MARKER_POISON MARKER_GUARD"

# Those that lead to little come first: what a helper is run through are the first few that reach it.
FAULTS = (
    Entry("finish_fault", ("mm/memory.c",), "finish_fault.h", ("slot", "file size", "how", "failing call"),
          Reference("faults:finish", allows=("around",)), part="fault", system="access alone CACHED raced:PAGE"),
    Entry("do_fault", ("mm/memory.c",), "do_fault.h",
          ("slot", "file size", "how", "failing call", "file system", "race", "odd folio", "pages around"),
          Reference("faults:missing", unsaid=("result 1", "result 2"), allows=("around",)),  # what is asked for around
          part="fault", system="access alone NONE CACHED"),
    Entry("filemap_map_pages", ("mm/filemap.c", "mm/memory.c"), "filemap_map_pages.h",
          ("slot", "file size", "pages around", "read-ahead", "odd folio", "failing call"),
          Reference("faults:around", unsaid=("result 0",), allows=("around",)),  # what is read ahead
          part="fault", results=("mmap_miss of the file",), system="access NONE CACHED raced:PAGE"),
    _insert("insert_pages", Reference("filled:several"), "pages not inserted"),
    _insert("insert_page", Reference("filled:one")),
    _insert("insert_pfn", Reference("filled:pfn")),
    _insert("remap_pte_range", Reference("filled:pfns")),
    _fault("do_anonymous_page", "access NONE MARKER_WP", "touched:missing"),
    _fault("do_numa_page", "", "touched:hinted"),
    _fault("do_wp_page", "access PAGE ZERO", "touched:protected"),
    _fault("do_swap_page", f"access {_SWAPPED}", "swapped:fault", "swapped:untold", told=45, around=True),
    _fault("handle_pte_fault", f"access NONE PAGE ZERO {_SWAPPED}",
           "swapped:anything", "swapped:untold_any", told=80, around=True),
    Entry("unuse_pte", ("mm/swapfile.c",), "unuse_pte.h", ("slot", "", "failing call", "odd folio"),
          Reference("swapped:off"), measured=False, system="swapoff"),
)  # fmt: skip
