# SPDX-License-Identifier: GPL-2.0-or-later
"""The macros that are known at some place, and what the condition of an #if comes to once they are expanded.

As cpp expands them: what a macro gives is looked at again with what follows it, and never for its own name. What is
not read, pasting and macros of which only the name is known, is said to be so and never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_STEPS = 20_000
_DEPTH = 40
_WORD = re.compile(r"[^\W\d]")
# include/linux/kconfig.h: what its own tricks with macros come to.
_OPTIONS = frozenset(("IS_ENABLED", "IS_BUILTIN", "IS_REACHABLE"))
_KCONFIG = frozenset(("__or", "__and", "__is_defined", "IS_BUILTIN", "IS_MODULE"))
_PIECE = re.compile(
    r"(?P<word>[^\W\d]\w*)|(?P<number>\.?\d(?:[eEpP][+-]|\w|\.)*)|'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|"
    r"&&|\|\||[!<>=]=|<<|>>|##|\S"
)


class UnreadError(Exception):
    """A condition that has no value here; the message ends a sentence that starts with the condition."""


Meaning = tuple[tuple[str, ...] | None, str]  # the parameters of a macro, None without; and what it stands for


Answer = bool | Meaning | None  # whether a macro is defined, or what it means where more than that was asked
Asked = Mapping[str, Answer]


@dataclass
class Macros:
    """The macros defined so far: name -> replacement text, empty for plain defines and for those with parameters.

    calls: of the latter what they are; their parameters, and the text. meant: of the names that are blanked as
    attributes those that mean something else."""

    values: dict[str, str] = field(default_factory=dict)
    calls: dict[str, tuple[tuple[str, ...], str]] = field(default_factory=dict)
    meant: frozenset[str] = frozenset()

    def defined(self, name: str) -> bool:
        return name in self.values

    def meaning(self, name: str) -> Meaning | None:
        """All that a macro is, None when there is none."""
        if (value := self.values.get(name)) is None:
            return None
        return self.calls.get(name) or (None, value)

    def copy(self) -> Macros:
        return Macros(dict(self.values), dict(self.calls), self.meant)

    def define(self, name: str, parameters: str | None, value: str) -> None:
        """Take in a #define. parameters: what stands in its brackets, None without."""
        given = tuple(p.strip() for p in parameters.split(",") if p.strip()) if parameters is not None else None
        self.put(name, (given, value))

    def undefine(self, name: str) -> None:
        """Take in an #undef."""
        self.put(name, None)

    def put(self, name: str, meaning: Meaning | None) -> None:
        """Let a name mean this from here on, None nothing."""
        self.calls.pop(name, None)
        if meaning is None:
            self.values.pop(name, None)
        elif meaning[0] is None:
            self.values[name] = meaning[1]
        else:
            self.values[name] = ""
            self.calls[name] = (meaning[0], meaning[1])

    def take(self, done: Done) -> None:
        """Take in what a file does to the macros before it."""
        for name in self.calls.keys() & (done.values.keys() | done.gone):
            del self.calls[name]
        for name in done.gone:
            self.values.pop(name, None)
        self.values.update(done.values)
        self.calls.update(done.calls)


@dataclass(frozen=True)
class Done:
    """What a file does to the macros before it. values, calls: of those that it leaves defined, as macros have them.
    gone: names that it leaves undefined."""

    values: Mapping[str, str]
    calls: Mapping[str, tuple[tuple[str, ...], str]]
    gone: frozenset[str]


class Layer(Macros):
    """What one file asks of the macros that are there before it, and what it does to them.

    asked: name -> whether it is defined, or what it means where more than that was asked."""

    def __init__(self, before: Macros) -> None:
        super().__init__(meant=before.meant)
        self.before = before
        self.asked: dict[str, Answer] = {}
        self.gone: set[str] = set()

    def defined(self, name: str) -> bool:
        if name in self.values or name in self.gone:
            return name in self.values
        found = self.before.defined(name)
        self.asked.setdefault(name, found)
        return found

    def meaning(self, name: str) -> Meaning | None:
        if name in self.values or name in self.gone:
            return super().meaning(name)
        found = self.asked[name] = self.before.meaning(name)
        return found

    def put(self, name: str, meaning: Meaning | None) -> None:
        super().put(name, meaning)
        (self.gone.add if meaning is None else self.gone.discard)(name)

    def done(self) -> Done:
        """What came of it."""
        return Done(self.values, self.calls, frozenset(self.gone))


def answered(asked: Asked, macros: Macros) -> bool:
    """Whether these macros give the answers that others gave."""
    return all(
        (macros.defined(name) if type(answer) is bool else macros.meaning(name)) == answer
        for name, answer in asked.items()
    )


def pieces(text: str) -> list[str]:
    """The tokens of a line."""
    return [m.group(0) for m in _PIECE.finditer(text)]


def expanded(text: str, macros: Macros) -> tuple[list[str], str]:
    """The tokens of a condition with all macros in it expanded, and what of it is not known here and taken for 0.

    Raises UnreadError."""
    expansion = _Expansion(macros)
    return expansion.run([(t, frozenset()) for t in pieces(text)], 0), expansion.unknown


_Marked = tuple[str, frozenset[str]]  # a token, and the macros that it came of


class _Expansion:
    def __init__(self, macros: Macros) -> None:
        self.macros = macros
        self.steps = 0
        self.unknown = ""

    def run(self, tokens: Sequence[_Marked], depth: int) -> list[str]:
        out: list[str] = []
        todo = list(reversed(tokens))
        while todo:
            self._grown(1, depth)
            text, came = todo.pop()
            if text == "defined":
                out.append(self._defined(todo))
            elif text in came or not _WORD.match(text):
                out.append(text)
            elif _next(todo) == "(":
                todo += reversed(self._called(text, came, todo, depth))
            elif (meaning := self.macros.meaning(text)) is not None and meaning[0] is None:
                found = pieces(meaning[1]) or [self._zero(text)]
                self._grown(len(found), depth)
                todo += [(t, came | {text}) for t in reversed(found)]
            else:
                out.append(text)
        return out

    def _grown(self, by: int, depth: int) -> None:
        self.steps += by
        if self.steps > _STEPS or depth > _DEPTH:
            raise UnreadError("is too long to be read here")

    def _zero(self, name: str) -> str:
        self.unknown = self.unknown or f"asks for {name}, which has no value here"
        return "0"

    def _defined(self, todo: list[_Marked]) -> str:
        bracket = _next(todo) == "("
        if bracket:
            todo.pop()
        name = todo.pop()[0] if todo else ""
        if not _WORD.match(name) or (bracket and (not todo or todo.pop()[0] != ")")):
            raise UnreadError("has a 'defined' without a name")
        return str(int(self.macros.defined(name)))

    def _called(self, name: str, came: frozenset[str], todo: list[_Marked], depth: int) -> list[_Marked]:
        """What a word comes to that brackets follow."""
        parameters, body = self.macros.meaning(name) or ((), "")
        if parameters is None and body:
            return [(t, came | {name}) for t in pieces(body)]
        parameters = parameters or ()
        words = pieces(body)
        given, behind = _arguments(todo)
        if name in _OPTIONS and (not body or not _KCONFIG.isdisjoint(words)):
            return [(str(int(self.macros.defined("".join(t for t, _ in given[0])))), came)]
        if not body or "#" in words or "##" in words or "..." in "".join(parameters):
            return [(self._zero(f"{name}()"), came)]
        if len(given) != len(parameters) and (parameters or given != [[]]):
            raise UnreadError(f"calls {name}() with other arguments than it takes")
        values = {p: self.run(a, depth + 1) for p, a in zip(parameters, given, strict=False)}
        hidden = (came & behind) | {name}
        found: list[_Marked] = []
        for word in words:
            found += [(t, hidden) for t in values.get(word, [word])]
            self._grown(len(values.get(word, ())), depth)
        return found


def _next(todo: list[_Marked]) -> str:
    return todo[-1][0] if todo else ""


def _arguments(todo: list[_Marked]) -> tuple[list[list[_Marked]], frozenset[str]]:
    """What stands in the brackets that come next, and the macros that the closing one came of."""
    todo.pop()
    given: list[list[_Marked]] = [[]]
    level = 1
    while todo:
        text, came = todo.pop()
        level += {"(": 1, ")": -1}.get(text, 0)
        if not level:
            return given, came
        if text == "," and level == 1:
            given.append([])
        else:
            given[-1].append((text, came))
    raise UnreadError("has brackets that do not close")
