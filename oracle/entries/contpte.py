# SPDX-License-Identifier: GPL-2.0-or-later
"""Arm64's operations on contpte blocks: compared with plain ones, they have no walker."""

from __future__ import annotations

from dataclasses import replace

from oracle.entries.model import Entry
from oracle.flavours import of_arch

_TELLS = {"RETURN": "S9"}


def _contpte(name: str) -> Entry:
    options = ("slot", "length", "flags", "new slot", "race")
    return Entry(
        name, ("arch/arm64/mm/contpte.c",), "contpte.h", options, flavours=of_arch("arm64"), measured=False
    )  # fmt: skip


CONTPTE = (
    _contpte("contpte_set_ptes"),
    _contpte("contpte_clear_full_ptes"),
    _contpte("contpte_get_and_clear_full_ptes"),
    replace(_contpte("contpte_wrprotect_ptes"), breaks={"WRITE_GAINED": "C6"}),
    _contpte("contpte_ptep_set_access_flags"),
    replace(_contpte("contpte_clear_young_dirty_ptes"), results=("entries still young or dirty",)),
    _contpte("contpte_ptep_get"),
    _contpte("contpte_ptep_get_lockless"),
    replace(
        _contpte("contpte_test_and_clear_young_ptes"), since="7.2", results=("entries still young",), breaks=_TELLS
    ),
    replace(_contpte("contpte_clear_flush_young_ptes"), since="7.2", results=("entries still young",), breaks=_TELLS),
    replace(_contpte("contpte_ptep_test_and_clear_young"), until="7.2", breaks=_TELLS),
    replace(_contpte("contpte_ptep_clear_flush_young"), until="7.2", breaks=_TELLS),
    _contpte("__contpte_try_fold"),
    _contpte("__contpte_try_unfold"),
)
