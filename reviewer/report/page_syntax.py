# SPDX-License-Identifier: GPL-2.0-or-later
"""Lines of C with the colours that Pygments gives them, as pairs of a class and text: the template escapes both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from pygments.lexers.c_cpp import CLexer
from pygments.token import Comment, Keyword, Literal, Number, String, _TokenType

Line = tuple[tuple[str, str], ...]  # (class, text)

_CLASSES: tuple[tuple[_TokenType, str], ...] = (
    (Comment.Preproc, "p"), (Comment.PreprocFile, "p"), (Comment, "c"), (Keyword, "k"), (String, "s"), (Number, "n"),
    (Literal, "n"),
)  # fmt: skip
_LEXER = CLexer(stripnl=False, ensurenl=False)
# The inside of a function: outside, Pygments looks for whole functions, which a hunk has not, and takes long over it.
_STATE = ("function",)


def coloured(path: str, lines: Sequence[str]) -> list[Line]:
    """The lines of a file, which follow each other; plain where it is no C."""
    if not path.endswith((".c", ".h")):
        return [(("", line),) for line in lines]
    text = "\n".join(lines)
    opened = "/*\n" if text.find("*/") >= 0 and not 0 <= text.find("/*") < text.find("*/") else ""
    found = list(_lines(opened + text))[bool(opened) :]
    return found or [()]


def _lines(text: str) -> Iterator[Line]:
    line: list[tuple[str, str]] = []
    for _, kind, value in _LEXER.get_tokens_unprocessed(text, stack=_STATE):
        first, *more = value.split("\n")
        line.append((_class(kind), first))
        for part in more:
            yield _merged(line)
            line = [(_class(kind), part)]
    yield _merged(line)


def _class(kind: _TokenType) -> str:
    return next((name for of, name in _CLASSES if kind in of), "")


def _merged(line: list[tuple[str, str]]) -> Line:
    parts = ((name, "".join(text for _, text in group)) for name, group in groupby(line, lambda part: part[0]))
    return tuple((name, text) for name, text in parts if text)
