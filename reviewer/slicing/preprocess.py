"""Resolves preprocessor conditionals in place: what is off becomes spaces, every line keeps its number.

Not a full preprocessor: macros are not expanded, includes are not followed. What is known is the kernel
configuration of the flavour, the macros seen in files read before, and what the world defines. What is left out is
told as well, with the directive that does it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from reviewer.slicing.expression import COMMENT, Macros, holds

__all__ = ["Branch", "Macros", "conditionals", "resolve"]

_DIRECTIVE = re.compile(rb"^[ \t]*#[ \t]*(\w+)[ \t]*(.*?)[ \t]*$", re.DOTALL)
_OPENING = frozenset((b"if", b"ifdef", b"ifndef"))
_BRANCHING = frozenset((b"elif", b"elifdef", b"elifndef", b"else"))


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
    compilation: an #error, an #endif of nothing, an #if that stays open."""

    text: bytes
    left_out: tuple[Branch, ...]
    faults: tuple[tuple[int, str], ...]


@dataclass
class _Level:
    start: int  # line of the #if
    words: str  # the #if itself
    outer: bool  # the branch around it is compiled
    active: bool  # this branch is compiled
    taken: bool  # some branch of this #if was compiled
    line: int  # of this branch's directive
    why: str  # what holds if it is left out


def resolve(text: bytes, macros: Macros) -> bytes:
    """Blank what the conditionals leave out; macros gains the file's own #defines."""
    return conditionals(text, macros).text


def conditionals(text: bytes, macros: Macros, shown: Mapping[int, int] | None = None) -> Resolved:
    """The same, with what is left out. shown: of the conditional on a line, the line of the branch to keep whatever is
    known."""
    walk = _Walk(macros, shown or {})
    line = 1
    for logical in _logical_lines(text):
        walk.step(logical, line)
        line += logical.count(b"\n")
    walk.close(line)
    walk.faults += [(level.start, f"{level.words.strip()} stays open") for level in walk.stack]
    return Resolved(b"".join(walk.out), tuple(walk.left_out), tuple(walk.faults))


class _Walk:
    """One pass over a file."""

    def __init__(self, macros: Macros, shown: Mapping[int, int]) -> None:
        self.macros = macros
        self.shown = shown
        self.stack: list[_Level] = []
        self.out: list[bytes] = []
        self.left_out: list[Branch] = []
        self.faults: list[tuple[int, str]] = []
        self.since = 1  # the line after the last directive of a conditional

    def step(self, line: bytes, number: int) -> None:
        active = not self.stack or self.stack[-1].active
        match = _DIRECTIVE.match(line) if b"#" in line else None
        if match is None:
            self.out.append(line if active else _blank(line))
            return
        word, rest = match.group(1), match.group(2)
        if word in _OPENING | _BRANCHING | {b"endif"}:
            self.close(number)
            self._conditional(word, rest, number)
            self.since = number + max(1, line.count(b"\n"))
            self.out.append(_blank(line))
        elif active and word in {b"define", b"undef"}:
            self.out.append(_define(word, rest, line, self.macros))
        else:
            self.faults += [(number, "#error")] if active and word == b"error" else []
            self.out.append(_blank(line))

    def close(self, number: int) -> None:
        """The lines up to this one are left out, if a conditional around them says so."""
        off = next((level for level in self.stack if not level.active), None)
        if off is not None and self.since < number:
            path = tuple((level.start, level.line) for level in self.stack)
            self.left_out.append(Branch(self.since, number - 1, off.why, off.line, path))

    def _conditional(self, word: bytes, rest: bytes, number: int) -> None:
        outer = not self.stack or self.stack[-1].active
        condition = " ".join(COMMENT.sub(b" ", rest).decode("utf-8", "replace").split())
        if word in _OPENING:
            truth = outer and self._truth(word, rest, number, number)
            words = f"#{word.decode()} {condition}"
            self.stack.append(_Level(number, words, outer, truth, truth, number, _off(word, condition)))
        elif self.stack and word == b"endif":
            self.stack.pop()
        elif self.stack:
            level = self.stack[-1]
            truth = level.outer and not level.taken and self._truth(word, rest, level.start, number)
            why = f"#else of '{level.words}'" if word == b"else" else _off(word, condition)
            level.active, level.line = truth, number
            level.why = f"{why}, of which an earlier branch holds" if level.taken and word != b"else" else why
            level.taken = level.taken or truth
        else:
            self.faults.append((number, f"#{word.decode()} without an #if"))

    def _truth(self, word: bytes, rest: bytes, start: int, number: int) -> bool:
        if start in self.shown:
            return self.shown[start] == number
        if word in {b"if", b"elif"}:
            return holds(rest, self.macros)
        if word == b"else":
            return True
        name = COMMENT.sub(b" ", rest).split()
        return bool(name) and self.macros.defined(name[0].decode("latin-1")) != word.endswith(b"ndef")


def _off(word: bytes, condition: str) -> str:
    """What is so where a branch is left out."""
    state = ("off", "on") if condition.startswith("CONFIG_") else ("not defined", "defined")
    if word.endswith(b"def"):
        return f"{condition} is {state[word.endswith(b'ndef')]}"
    return f"'#{word.decode()} {condition}' does not hold"


def _define(word: bytes, rest: bytes, line: bytes, macros: Macros) -> bytes:
    match = re.match(rb"(\w+)(\([^)]*\))?[ \t]*(.*)", rest, re.DOTALL)
    if match is None:
        return _blank(line)
    name = match.group(1).decode("latin-1")
    if word == b"undef":
        macros.values.pop(name, None)
        return _blank(line)
    value = COMMENT.sub(b" ", match.group(3)).decode("latin-1").strip()
    macros.values[name] = "" if match.group(2) else value
    # "#define x x" only tells later headers that x is there.
    return _blank(line) if not match.group(2) and value in {name, ""} else line


def _blank(line: bytes) -> bytes:
    return re.sub(rb"[^\n]", b" ", line)


def _logical_lines(text: bytes) -> list[bytes]:
    """Physical lines, those ending in a backslash joined with the next; comments over lines kept whole."""
    lines: list[bytes] = []
    pending = b""
    for line in text.splitlines(keepends=True):
        pending += line
        if line.rstrip(b"\r\n").endswith(b"\\") or _open_comment(pending):
            continue
        lines.append(pending)
        pending = b""
    if pending:
        lines.append(pending)
    return lines


def _open_comment(text: bytes) -> bool:
    """A directive whose comment goes on in the next line belongs with it."""
    return text.lstrip().startswith(b"#") and text.rfind(b"/*") > text.rfind(b"*/")
