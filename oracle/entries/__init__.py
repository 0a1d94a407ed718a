# SPDX-License-Identifier: GPL-2.0-or-later
"""The functions that can be called on a scenario: a row each (model.py says of what), by what they have to do with.

An adapter is a few lines of C in this folder that turn the scenario's range and options into arguments, and
do what the function's caller does around it (locks held, TLB flushed after). One adapter can serve several
entries: W_ENTRY_<name> is defined.
"""

from __future__ import annotations

from oracle.entries.batching import BATCHING, CONTPTE
from oracle.entries.damon import DAMON
from oracle.entries.faults import FAULTS
from oracle.entries.huge import OF_HUGE_PAGES
from oracle.entries.model import DIGEST, FOLIOS, OWN_FAILING, PLAIN, Allowed, Entry, Reference
from oracle.entries.reports import REPORTS
from oracle.entries.walks import WALKS
from oracle.flavours import DEFAULT, of_arch

__all__ = [
    "DIGEST", "ENTRIES", "FOLIOS", "GENERIC", "OWN_FAILING", "PLAIN", "Allowed", "Entry", "Reference", "entry",
    "generic",
]  # fmt: skip

# What a helper is run through are the first few that reach it.
ENTRIES: tuple[Entry, ...] = (*BATCHING, *CONTPTE, *WALKS, *OF_HUGE_PAGES, *FAULTS, *REPORTS, *DAMON)
_BY_NAME = {e.name: e for e in ENTRIES}

GENERIC = "generic.h"  # beside the adapter that is made from the function's signature


def generic(name: str, file: str) -> Entry:
    """An entry for a function that has no adapter here; files below arch/ are those of one architecture."""
    of = file.split("/")[1] if file.startswith("arch/") else ""
    flavours = tuple(name for name in DEFAULT if name in of_arch(of))
    return Entry(
        name,
        (file,),
        GENERIC,
        ("slot", "length"),
        flavours=flavours,
        measured=False,
        calls=(),
        destination="state:same_place",
    )


def entry(name: str) -> Entry | None:
    """The entry of that function name."""
    return _BY_NAME.get(name)
