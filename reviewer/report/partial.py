# SPDX-License-Identifier: GPL-2.0-or-later
"""What is said of a series of which not all patches were given: nothing for the series as a whole."""

from __future__ import annotations

from collections.abc import Mapping

from reviewer.model import Relation, Series
from reviewer.words import count, patches

_HEADINGS: Mapping[Relation, str] = {
    "introduced": "Introduced by {}",
    "preexisting": "There before {}",
    "fixed": "Fixed or made cheaper by {}",
}


def this(series: Series) -> str:
    """What was reviewed: "this series", of a part "these patches", "this patch"."""
    if not series.part:
        return "this series"
    return "these patches" if series.patches[1:] else "this patch"


def headings(series: Series) -> dict[Relation, str]:
    """The heading of the findings of each relation."""
    return {relation: text.format(this(series)) for relation, text in _HEADINGS.items()}


def size(series: Series) -> str:
    """How many patches there are: "7 patches", "2 of 7 patches"."""
    whole = count(series.total, "patch", "patches")
    return f"{len(series.patches)} of {whole}" if series.part else whole


def unseen(series: Series) -> str:
    """Which patches were not looked at, as a sentence; "" when all were."""
    told = [f"The tree is taken to hold {patches(series.held)}" if series.held else ""]
    if series.missing:
        verb = "was" if len(series.missing) == 1 else "were"
        told.append(f"{patches(series.missing)} of {series.total} {verb} not seen")
    if series.left_out:
        told.append(f"left out, as no part of it: {', '.join(series.left_out)}")
    text = "; ".join(filter(None, told))
    return f"{text[0].upper()}{text[1:]}." if text else ""


def whole(series: Series) -> str:
    """How a summary begins: "The series as a whole", of a part "Of the series only patch 3"."""
    if series.part:
        return f"Of the series only {patches(patch.index for patch in series.patches)}"
    return f"The {'series' if series.total > 1 else 'patch'} as a whole"
