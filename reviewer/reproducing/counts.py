# SPDX-License-Identifier: GPL-2.0-or-later
"""What is asked of pages, folios and VMAs rather than of entries: data that reclaim keeps, counts, what comes back."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.reproducing.asked import LOOKS, LOST, RECLAIMED, UNMAPPED, Asked, Test
from reviewer.reproducing.rows import PAGE, count_of, differing, rows_of


def of_vmas(asked: Asked) -> Iterator[Test]:
    """What smaps counts, where the rows say all that is mapped and nothing is left to the system call's chance."""
    call, vma = asked.call, asked.table.vma
    mapped = [at for at, e in asked.table.entries.items() if e.kind != "NONE" and at in vma]
    if call.gone or call.again or call.faults is not None or any(f"PTE {at}" not in asked.right for at in mapped):
        return
    if call.pid and vma != asked.table.asked:  # a fork copies all of the VMA
        return
    moved = vma if call.pid else asked.table.asked
    for table, name, ptes in (("PTE", "&here", vma), (call.zero[0], "&there", moved)):
        rows = [row.right.split() for row in rows_of(asked.right, asked.wrong) if row.table == table and row.at in ptes]
        first = [words[0] for words in rows if words]
        if not table or any(word.startswith(("migration", "pfn")) for word in first):
            continue
        resident = sum(bool(PAGE.match(word)) or word == "device-exclusive" for word in first)
        yield Test(LOOKS, "is_counted", False, f"{name}, {ptes.start}, {ptes.stop}, {resident}, {first.count('swap')}")


def of_folios(asked: Asked) -> Iterator[Test]:
    """Of pages and folios rather than entries: data that reclaim keeps, counts, memory that comes back."""
    for at, entry, _ in asked.table.mapped():
        if at not in asked.table.vma:
            continue
        name = _name(entry.folio)
        if _forgotten(name, at, asked) and "DIRTY" in entry.bits and asked.readable(at):
            moved = asked.call.zero[0] == "new PTE" and at in asked.table.asked
            yield Test(RECLAIMED, "survives", True, f"&{'there' if moved else 'here'}, {at}, {at}")
        if asked.call.moves:
            continue
        label = f"page {name}[{entry.index}]"
        one, other = (count_of(rows.get(label, "")) for rows in (asked.right, asked.wrong))
        known = one is not None and not (asked.call.again and one)
        if one != other and known and at not in asked.setup.others.shared:
            yield Test(LOOKS, "is_mapped_frame", True, f"{at}, {one}")
        if not asked.call.again and not asked.call.beyond and _leaks(name, asked):
            yield Test(UNMAPPED, "comes_back", True, f"{at}")


def of_drops(asked: Asked) -> Iterator[Test]:
    """What a call leaves whose table goes meanwhile: of the pages that it had taken off their lists none."""
    names = {_name(entry.folio) for _, entry, _ in asked.table.mapped()}
    if asked.rule in LOST or any(_leaks(name, asked) for name in names):
        yield Test(UNMAPPED, "nothing_strays", True, "")


def _leaks(name: str, asked: Asked) -> bool:
    """Whether the wrong run leaves more references than are right, or than what maps it still accounts for. A folio
    that is only mapped less is not lost, and its frames may long be another's."""
    both = (asked.right, asked.wrong)
    one, other = (differing(rows.get(f"folio {name}", "")).get("refs") for rows in both)
    maps = [sum(count_of(text) or 0 for at, text in rows.items() if at.startswith(f"page {name}[")) for rows in both]
    return one is not None and other is not None and (other > one or other - maps[1] > one - maps[0] >= 0)


def _forgotten(name: str, at: int, asked: Asked) -> bool:
    """Whether the wrong run has lost that a page was written to: neither its folio says so nor an entry."""
    flags = [set(rows.get(f"folio {name}", "").split()) for rows in (asked.right, asked.wrong)]
    lost = "dirty" in flags[0] and "dirty" not in flags[1]
    for row in rows_of(asked.right, asked.wrong):
        if row.at == at and row.right.startswith(f"{name}["):
            if "dirty" in row.wrong.split():
                return False
            lost = lost or ("dirty" in row.right.split() and "dirty" not in flags[1])
    return lost


def _name(number: int) -> str:
    """What rows call a folio by its number."""
    letter = chr(ord("A") + number % 26)
    return f"{letter}{number // 26}" if number >= 26 else letter
