# SPDX-License-Identifier: GPL-2.0-or-later
"""What a slice does without, told by the compiler: helpers that do not compile here are stood in for.

Never what a patch changes, nor anything on the way to it: of that nothing could be said any more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from reviewer.csource.items import Item
from reviewer.slicing.slice import Slice

# Of a string that does not end gcc only warns, and then has no place for what it makes of the rest.
ERROR = re.compile(
    r"^([^:\n]+):(\d+):\d+: ((?:fatal )?error|note|warning(?=: missing terminating)): (.*)$", re.MULTILINE
)


def errors_in(text: str) -> list[tuple[str, int, str]]:
    """(file, line, message) of each error; gcc places one in a macro where that is defined, we where it is used."""
    found: list[tuple[str, int, str]] = []
    for file, line, kind, message in ERROR.findall(text):
        # A path of this machine is our own copy of the slice, which nobody else has.
        place = ("slice" if file.startswith("/") else file, int(line))
        if kind != "note":
            found.append((*place, message))
        elif message.startswith("in expansion of macro") and found:
            found[-1] = (*place, found[-1][2])
    return found


@dataclass
class Without:
    """What a slice does without: functions stood in for, and names left out, since they do not compile here.

    touched: names that a patch changes."""

    touched: frozenset[str] = frozenset()
    stubbed: set[str] = field(default_factory=set)
    dropped: set[str] = field(default_factory=set)

    def gained(self, piece: Slice, errors: list[tuple[str, int, str]]) -> tuple[str, int, str] | None:
        """Take in the parts of the slice in which errors lie. Returns the first error that cannot be helped, if any.

        A function gets a stand-in, a struct loses the member; a stand-in that fails too, and all else, is left out."""
        before = (len(self.stubbed), len(self.dropped))
        stood_in = frozenset(self.stubbed)  # of a function one error or many: it gets its stand-in first
        needed = piece.leading_to(self.touched) if self.touched else frozenset()
        for error in errors:
            item = culprit(piece, error)
            if item is None or item.name in needed:
                return error
            self._leave_out(item, error[1], stood_in)
        return None if before != (len(self.stubbed), len(self.dropped)) else errors[0]

    def _leave_out(self, item: Item, line: int, stood_in: frozenset[str]) -> None:
        lost = re.findall(r"(\w+)\s*(?:\[[^]]*\])?\s*[;,]", item.text.split("\n")[line - item.line])
        if item.kind in {"function", "prototype"} and item.name not in stood_in:
            self.stubbed.add(item.name)
        elif item.kind == "type" and lost and not self.dropped.issuperset(f"{item.name}.{m}" for m in lost):
            self.dropped |= {f"{item.name}.{m}" for m in lost}
        else:
            self.dropped.add(item.name)


def culprit(piece: Slice, error: tuple[str, int, str]) -> Item | None:
    """The part of the tree in which an error lies; None for the entry itself and what is not of the tree."""
    file, line, _ = error
    at = next((i for i in piece.parts if i.file == file and i.line <= line <= i.last_line), None)
    return at if at is not None and at.name != piece.entry else None
