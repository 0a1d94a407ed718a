# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether a macro means one thing throughout a file: a slice has each name once, above all that uses it.

So code that stands above a #define, below an #undef, or between two #defines would be compiled as something else than
it is; where that is so it is told, and nothing is claimed of the file.
"""

from __future__ import annotations

import re

from reviewer.csource.attributes import blanked, says_nothing
from reviewer.csource.macros import Macros, Meaning

_DEFINE = re.compile(r"([^\W\d][\w$]*)(?:\(([^)]*)\))?\s*(.*)", re.DOTALL)
_WORD = re.compile(rb"[A-Za-z_][\w$]*")


class Meanings:
    """The macros of a file as they are defined and undefined. faults: (line, what is not as a slice has it)."""

    def __init__(self, macros: Macros) -> None:
        self.macros = macros
        self.faults: list[tuple[int, str]] = []
        self._code: set[bytes] = set()  # words of the code so far, and of macros
        self._unread: list[bytes] = []  # code of which the words were not taken yet
        self._bodies: set[bytes] = set()
        self._gone: dict[bytes, Meaning] = {}  # what was undefined, and is not defined anew

    def used(self, code: bytes, line: int) -> None:
        """Take in code that is compiled, which starts on this line."""
        if not self._gone:  # no more than a #define below asks for it
            self._unread.append(code)
            return
        words = set(_WORD.findall(code))
        self._code |= words
        for word in words & self._gone.keys():
            self.faults.append((line, f"{word.decode()} is used after its #undef"))

    def undefined(self, words: str, line: int) -> None:
        """Take in an #undef."""
        match = _DEFINE.match(words)
        if match is None:
            self.faults.append((line, "#undef without a name"))
            return
        name = match.group(1)
        if (old := self.macros.meaning(name)) is not None:
            self._gone[name.encode()] = old
            self.macros.undefine(name)
        self.macros.meant |= {name} if blanked(name) else frozenset()

    def defined(self, words: str, line: int) -> bool:
        """Take in a #define; whether it is more than a name that is there."""
        match = _DEFINE.fullmatch(words)
        if match is None:
            self.faults.append((line, "#define without a name"))
            return False
        name, parameters, value = match.groups()
        self._code.update(*map(_WORD.findall, self._unread))
        self._unread.clear()
        word, idle = name.encode(), parameters is None and value in {name, ""}
        old = self._gone.pop(word, None)
        if old is None and (word in self._code or word in self._bodies):  # else it does not matter, and is not asked
            old = self.macros.meaning(name)
        used = word in self._code or (old is not None and word in self._bodies)
        self.macros.define(name, parameters, value)
        if used and old != self.macros.meaning(name) and not (idle and old is None):
            self.faults.append((line, f"#define {name} stands below code that uses it"))
        self._bodies.update(_WORD.findall(value.encode()))
        if blanked(name):
            self.macros.meant = self.macros.meant - {name} | (frozenset() if says_nothing(value) else {name})
        # "#define x x" only tells later headers that x is there.
        return not idle
