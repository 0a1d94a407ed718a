# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls that look at a range and tell of it, or take what they look for."""

from __future__ import annotations

from oracle.explain.state import lru_of
from reviewer.reproducing.model import INTERLEAVING, NO_CALL, NO_TABLE, Calling, CannotError, Needs
from reviewer.reproducing.numbers import under_migration
from reviewer.reproducing.sharing import shared_with_another
from reviewer.reproducing.table import Table

_STRICT, _MOVE, _MOVE_ALL = 1, 2, 4  # MPOL_MF_*
_ASKED = (_STRICT, _MOVE, _MOVE_ALL, _STRICT | _MOVE, _STRICT | _MOVE_ALL)  # oracle/entries/queue_folios_pte_range.h
_EIO = 5


def mincore(table: Table) -> Calling:
    """mincore(): whether a page is there, by an entry or else by the page cache or swap cache."""
    extents = {at for folio in table.folios.values() if folio.kind != "ANON" for at in folio.extent}
    says = [("it_returns", "0")]
    for at in table.asked:
        entry = table.entries.get(at)
        kind = entry.kind if entry else "NONE"
        if kind == "SWAP":
            there = entry is not None and "CACHED" in entry.bits
        else:
            there = kind in ("PAGE", "ZERO", "DEV_EXCL") or at in extents
        says.append(("is_in_core", f"{at}, {'true' if there else 'false'}"))
    return Calling((f"look_in_core({table.asked.start}, {table.asked.stop});",), says=tuple(says))


def nodes(table: Table) -> Calling:
    """mbind() to nodes, or migrate_pages() away from them; each folio is brought to the node that the scenario has it
    on before, or is allocated there."""
    scenario = table.scenario
    how, mask = _ASKED[scenario.options[0] % 5], scenario.options[1] & 3
    inverted = bool(scenario.options[0] & 256)
    if scenario.salt & 0x700 == 0x700:
        raise CannotError(NO_TABLE, "its VMA is one of which no pages are moved")
    if under_migration(scenario) or any(lru.isolated for lru in lru_of(scenario, scenario.options[2])):
        raise CannotError(INTERLEAVING, "somebody has taken its pages off their lists")
    if not inverted and how != _MOVE_ALL:
        raise CannotError(NO_CALL, "who takes pages away from nodes takes all of them, and does not insist")
    if inverted and table.cuts_huge:
        raise CannotError(NO_CALL, "mbind() of a part splits the VMA, and a PMD with it")
    if mask == 0 or (not inverted and mask == 3):
        raise CannotError(NO_CALL, "no other node is named to which its pages might go")
    before, says = ["allocate_on(-1);"], []
    ptes = _mapped(table)
    for number, mine in ptes.items():
        is_on = _node(table, number)
        before.append(f"to_node({mine[0]}, {mine[0] + 1}, {is_on});")
        before += [f"is_on_node(STATE, {at}, {is_on});" for at in mine]
        meant = not inverted or bool(set(mine) & set(table.asked))  # migrate_pages() is for the whole process
        goes = meant and bool(mask >> is_on & 1) != inverted and _may_go(table, mine, how)
        if goes and number in table.huge and table.folios[number].kind != "ANON":
            continue  # it is unmapped on the way, where a PMD maps a file
        says += [("is_on_node", f"{at}, {1 - is_on if goes else is_on}") for at in mine]
    call = f"bind_to({table.asked.start}, {table.asked.stop}, {mask}, {how});" if inverted else f"away_from({mask});"
    if how == _STRICT:
        wrong = any(not mask >> _node(table, e.folio) & 1 for at, e, _ in table.mapped() if at in table.asked)
        says.append(("it_returns", str(-_EIO if wrong else 0)))
    first = ("two_nodes();", f"allocate_on({_node(table, min(ptes, default=0))});")
    return Calling((call,), before=tuple(before), first=first, says=tuple(says), beyond=True, bits=True,
                   needs=Needs(("NUMA", "MIGRATION", "COMPACTION", "NUMA_EMU"), nodes=2))  # fmt: skip


def _mapped(table: Table) -> dict[int, list[int]]:
    """The PTEs of each folio that is mapped, by its number."""
    found: dict[int, list[int]] = {}
    for at, entry, _ in table.mapped():
        found.setdefault(entry.folio, []).append(at)
    return found


def _node(table: Table, number: int) -> int:
    """The node of a folio of the scenario: two alternate every 2M (oracle/world/k_sched.h)."""
    scenario = table.scenario
    return (scenario.folios[number].pfn >> 9 ^ scenario.salt >> 1) & 1 if scenario.folios else 0


def _may_go(table: Table, mine: list[int], how: int) -> bool:
    """Whether a folio that is mapped at these PTEs may be moved."""
    if "PINNED" in table.folios[table.entries[mine[0]].folio].bits:
        return False
    return bool(how & _MOVE_ALL) or (bool(how & _MOVE) and not set(mine) & shared_with_another(table))
