# SPDX-License-Identifier: GPL-2.0-or-later
"""What the reference has a word on: the scenarios of each entry, and the rows of what it leaves."""

from __future__ import annotations

from collections.abc import Callable

from oracle.entries import OWN_FAILING
from oracle.entries import entry as known_entry
from oracle.explain import looks, merged, relocated, swapped, walks
from oracle.wire import FAILS, Scenario

ALONE = frozenset({
    "do_anonymous_page", "do_numa_page", "do_swap_page", "do_wp_page", "handle_pte_fault", "unuse_pte",
})  # fmt: skip
"""Entries that nobody but mappings and caches holds an anonymous folio for: they ask (W_FAM_FAULT in world.h)."""

AGES = frozenset({
    "folio_referenced_one", "madvise_cold_or_pageout_pte_range", "page_idle_clear_pte_refs_one", "walk_pte_range",
})  # fmt: skip
"""Entries that clear accessed bits, and a folded block's with those of one of its entries."""

AROUND = frozenset({"do_fault", "do_swap_page", "filemap_map_pages", "finish_fault", "handle_pte_fault"})
"""Faults that may map what is near, too."""

UNSAID = {
    "collapse_scan_pmd": {"returns", "result 0", "result 1"},  # what it found
    "do_anonymous_page": {"result 0"},  # how the fault would go on
    "do_fault": {"result 1", "result 2"},  # what is asked for around
    "do_numa_page": {"result 0"},
    "do_swap_page": {"result 0"},
    "do_wp_page": {"result 0"},
    "filemap_map_pages": {"result 0"},  # what is read ahead
    "handle_pte_fault": {"result 0"},
    "hpage_collapse_scan_pmd": {"returns", "result 0", "result 1"},
    "move_pages_pte": {"returns", "result 0"},  # how many pages came over, and what stopped it
    "move_pages_ptes": {"returns", "result 0"},
    "replace_page": {"result 1"},  # the entry as bits
    "try_collapse_pte_mapped_thp": {"returns"},  # why one is refused
    "walk_pte_range": {"returns", "result 1"},  # of a batch with a young entry all count as young
    "write_protect_page": {"result 1"},
}
"""Rows of an entry that the reference does not compute."""

UNTOLD: dict[str, Callable[[Scenario], bool]] = {
    "do_swap_page": swapped.untold,
    "folio_referenced_one": walks.untold_use,
    "handle_pte_fault": swapped.untold_any,
    "madvise_cold_or_pageout_pte_range": looks.untold_cold,
    "mincore_pte_range": looks.untold_incore,
    "move_pages_pte": relocated.untold,
    "move_pages_ptes": relocated.untold,
    "replace_page": merged.untold_merge,
}
"""Scenarios of an entry that the reference has no word on, and why not."""


def unfailing(entry: str, scenario: Scenario) -> Scenario:
    """The scenario without injected failures: how far an entry gets then is no matter of what is right for it."""
    known = known_entry(entry)
    if known is None or OWN_FAILING not in known.options:
        return scenario.change(mm=scenario.mm & ~FAILS) if scenario.fails else scenario
    at = known.options.index(OWN_FAILING)
    if not scenario.options[at] & 7:
        return scenario
    return scenario.change(options=(*scenario.options[:at], 0, *scenario.options[at + 1 :]))
