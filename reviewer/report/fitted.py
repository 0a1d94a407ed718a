# SPDX-License-Identifier: GPL-2.0-or-later
"""A picture in the room there is: what says least is left out first, never a part of a line."""

from __future__ import annotations

from dataclasses import replace

from reviewer.report.drawn import text
from reviewer.report.picture import Picture, Strip
from reviewer.report.slots import LETTERS, meanings


def within(made: Picture, room: int) -> list[str] | None:
    """The fullest drawing of at most so many lines, None where there is none."""
    return next((found for found in map(text, _ways(made)) if len(found) <= room), None)


def least(made: Picture) -> list[str]:
    """The shortest drawing, even without what its letters mean."""
    return text(replace(_ways(made)[-1], legend=()))


def _ways(made: Picture) -> list[Picture]:
    """The picture, and that with ever less: what says least is left out first."""
    wrong = [any(map(strip.marked, range(len(strip.columns)))) for strip in made.strips]
    start = tuple(strip if odd else replace(strip, lines=strip.lines[:1])
                  for strip, odd in zip(made.strips, wrong, strict=True))  # fmt: skip
    ways = [made]
    ways.append(replace(ways[-1], notes=tuple(note for note in made.notes if note.wrong), like=""))
    ways.append(replace(ways[-1], vma=""))
    if any(wrong):
        ways.append(_with(ways[-1], start))
        ways.append(replace(ways[-1], notes=()))
        ways.append(_with(ways[-1], tuple(strip for strip, odd in zip(made.strips, wrong, strict=True) if odd)))
    return ways


def _with(made: Picture, strips: tuple[Strip, ...]) -> Picture:
    """The picture with only these, and with the letters that they use."""
    legend = meanings(cell.entry for strip in strips for line in strip.lines for cell in line.cells)
    used = "".join(sign for sign, _ in legend if sign in LETTERS)
    return replace(made, strips=strips, legend=legend, used=used)
