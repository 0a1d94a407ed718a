# SPDX-License-Identifier: GPL-2.0-or-later
"""Resolves preprocessor conditionals in place: what is off becomes spaces, every line keeps its number.

Not a full preprocessor: macros are not expanded, includes are not followed. What is known is the kernel
configuration of the flavour, the macros seen in files read before, and what the world defines. What is left out is
told as well, with the directive that does it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from reviewer.csource.expression import holds
from reviewer.csource.macros import Macros
from reviewer.csource.meanings import Meanings
from reviewer.csource.tokens import DIRECTIVE, plain

__all__ = ["Branch", "Macros", "conditionals", "resolve"]

_OPENING = frozenset((b"if", b"ifdef", b"ifndef"))
_BRANCHING = frozenset((b"elif", b"else"))
_LATER = frozenset((b"elifdef", b"elifndef"))
# What changes nothing of what code does; an include is another file's matter.
_IDLE = re.compile(rb"(?:include|warning|ident|sccs)(?!\w)|pragma\s+once\b|(?:\s|\\\n)*\Z")
_UNENDED = re.compile(rb"/\*(?:\\?\n)*\Z")
_DEEPEST = 200
_NAME = re.compile(r"\s*([^\W\d][\w$]*)")


@dataclass(frozen=True)
class Branch:
    """Lines first to last, which are left out. why: the condition that does it, on that line. path: of each
    conditional around them, the line of its #if and that of the branch they are in."""

    first: int
    last: int
    why: str
    line: int
    path: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Resolved:
    """text: what the conditionals leave. left_out: what they do not. faults: (line, directive) of those that end a
    compilation, or that are not followed here: an #error, an #endif of nothing, a condition without a value, a macro
    that is another one from there on. includes: the lines of those that are compiled."""

    text: bytes
    left_out: tuple[Branch, ...]
    faults: tuple[tuple[int, str], ...]
    includes: tuple[int, ...] = ()


@dataclass
class _Level:
    start: int  # line of the #if
    words: str  # the #if itself
    outer: bool  # the branch around it is compiled
    active: bool  # this branch is compiled
    taken: bool  # some branch of this #if was compiled
    line: int  # of this branch's directive
    why: str  # what holds if it is left out
    last: bool = False  # its #else was there


def resolve(text: bytes, macros: Macros) -> bytes:
    """Blank what the conditionals leave out; macros gains the file's own #defines."""
    return conditionals(text, macros).text


def conditionals(text: bytes, macros: Macros, shown: Mapping[int, int] | None = None) -> Resolved:
    """The same, with what is left out. shown: of the conditional on a line, the line of the branch to keep whatever is
    known."""
    walk = _Walk(plain(text), macros, shown or {})
    walk.run()
    faults = [
        *walk.faults,
        *walk.meanings.faults,
        *((level.start, f"{level.words} stays open") for level in walk.stack),
    ]
    return Resolved(b"".join(walk.out), tuple(walk.left_out), tuple(faults), tuple(walk.includes))


class _Walk:
    """One pass over a file, from directive to directive."""

    def __init__(self, text: bytes, macros: Macros, shown: Mapping[int, int]) -> None:
        self.text = text
        self.macros = macros
        self.meanings = Meanings(macros)
        self.shown = shown
        self.stack: list[_Level] = []
        self.out: list[bytes] = []
        self.left_out: list[Branch] = []
        self.faults: list[tuple[int, str]] = []
        self.includes: list[int] = []
        self.since = 1  # the line after the last directive of a conditional

    def run(self) -> None:
        at, number = 0, 1
        for match in DIRECTIVE.finditer(self.text):
            code = self.text[at : match.start()]
            self._copy(code, number)
            number += code.count(b"\n")
            self._step(match.group(0), match.group(1), match.group(2), number)
            at = match.end()
            number += match.group(0).count(b"\n")
            if len(self.stack) > _DEEPEST:
                self.faults.append((number, "conditionals are nested too deep to be read here"))
                self.text = self.text[:at] + _blank(self.text[at:])
                self.stack.clear()
                break
        code = self.text[at:]
        self._copy(code, number)
        number += code.count(b"\n")
        self.close(number + (not code.endswith(b"\n")))
        if _UNENDED.search(self.text, self.text.rfind(b"/*")):
            self.faults.append((number, "a comment does not end"))

    def _active(self) -> bool:
        return not self.stack or self.stack[-1].active

    def _step(self, line: bytes, word: bytes, rest: bytes, number: int) -> None:
        words = " ".join(rest.replace(b"\\\n", b" ").decode("utf-8", "replace").split())
        if word in _LATER:  # some compilers know them and some do not
            self.faults.append((number, f"#{word.decode()}"))
        if word in _OPENING | _BRANCHING | {b"endif"}:
            self.close(number)
            self._conditional(word.decode(), words, number)
            self.since = number + 1 + line.count(b"\n")
            self.out.append(_blank(line))
        elif not self._active():
            self.out.append(_blank(line))
        elif word in {b"define", b"undef"}:
            self._define(word, words, line, number)
        else:
            self.includes += [number] if word == b"include" else []
            if word not in _LATER and not _IDLE.match(word + rest):
                told = "" if word == b"error" else f" {words}"
                self.faults.append((number, f"#{word.decode('utf-8', 'replace')}{told[:60]}"))
            self.out.append(_blank(line))

    def _define(self, word: bytes, words: str, line: bytes, number: int) -> None:
        if word == b"define":
            self.out.append(line if self.meanings.defined(words, number) else _blank(line))
        else:
            self.meanings.undefined(words, number)
            self.out.append(_blank(line))

    def _copy(self, code: bytes, number: int) -> None:
        active = self._active()
        self.out.append(code if active else _blank(code))
        if active:
            self.meanings.used(code, number)

    def close(self, number: int) -> None:
        """The lines up to this one are left out, if a conditional around them says so."""
        if self.stack and not self.stack[-1].active and self.since < number:
            off = next(level for level in self.stack if not level.active)
            path = tuple((level.start, level.line) for level in self.stack)
            self.left_out.append(Branch(self.since, number - 1, off.why, off.line, path))

    def _conditional(self, word: str, condition: str, number: int) -> None:
        outer = not self.stack or self.stack[-1].active
        level = self.stack[-1] if self.stack else None
        if word.encode() in _OPENING:
            truth = outer and self._truth(word, condition, number, number)
            words = f"#{word} {condition}"
            self.stack.append(_Level(number, words, outer, truth, truth, number, _off(word, condition)))
        elif level is None:
            self.faults.append((number, f"#{word} without an #if"))
        elif word == "endif":
            self.stack.pop()
        elif level.last:
            self.faults.append((number, f"#{word} after #else"))
        else:
            truth = level.outer and not level.taken and self._truth(word, condition, level.start, number)
            why = f"#else of '{level.words}'" if word == "else" else _off(word, condition)
            level.active, level.line, level.last = truth, number, word == "else"
            level.why = f"{why}, of which an earlier branch holds" if level.taken and word != "else" else why
            level.taken = level.taken or truth

    def _truth(self, word: str, condition: str, start: int, number: int) -> bool:
        if start in self.shown:
            return self.shown[start] == number
        if word == "else":
            return True
        if word in {"if", "elif"}:
            truth, unsure = holds(condition, self.macros)
            self.faults += [(number, f"#{word} {condition[:60]} {unsure}")] if unsure else []
            return truth
        name = _NAME.match(condition)
        if name is None:
            self.faults.append((number, f"#{word} without a name"))
        return name is not None and self.macros.defined(name.group(1)) != (word == "ifndef")


def _off(word: str, condition: str) -> str:
    """What is so where a branch is left out."""
    state = ("off", "on") if condition.startswith("CONFIG_") else ("not defined", "defined")
    if word.endswith("def"):
        return f"{condition} is {state[word.endswith('ndef')]}"
    return f"'#{word} {condition}' does not hold"


def _blank(text: bytes) -> bytes:
    return b"\n" * text.count(b"\n")
