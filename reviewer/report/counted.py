"""The counts of a cost finding as a table: a line for each flavour and class of folios at its largest size."""

from __future__ import annotations

from reviewer.model import Finding


def table(finding: Finding) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """(heads, rows) of text. A cell is what each PTE costs, "before → after" where that changed."""
    largest = {(c.flavour, c.folios): c for c in finding.counts}
    names = tuple(dict.fromkeys(name for c in finding.counts for name in c.before))
    rows = tuple(
        (c.flavour, c.folios, str(c.ptes), *(_cell(c.before.get(n, 0), c.after.get(n, 0)) for n in names))
        for c in largest.values()
    )
    return ("flavour", "folios", "PTEs", *names), rows


def _cell(before: float, after: float) -> str:
    return f"{before:g}" if before == after else f"{before:g} \N{RIGHTWARDS ARROW} {after:g}"
