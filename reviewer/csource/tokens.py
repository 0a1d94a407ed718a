# SPDX-License-Identifier: GPL-2.0-or-later
"""C's translation phases 1 to 3, as gcc -std=gnu11 has them: what all who read C here see of a text.

Line splices go behind the word they cut, comments become a blank, digraphs what they stand for, form feeds and vertical
tabs blanks; lines stay where they are. Trigraphs are off in GNU C, and no splices or comments then: they are left for
the compiler to refuse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

# A backslash ends a line even with blanks behind it (gcc warns).
_SPLICE = re.compile(rb"\\[ \t\f\v\0]*\r?\n")
_STRING = rb'"(?:\\[^\n]|[^"\\\n])*+(?:"|\\?(?=\n)|\\?\Z)'
_CHARACTER = _STRING.replace(b'"', b"'")
# Digraphs; and a stray backslash, which might end a line once comments are gone, as a stray of another kind.
_INSTEAD = {b"<:": b"[", b":>": b"]", b"<%": b"{", b"%>": b"}", b"%:": b"#", b"\\": b"@"}
# What a copy of the text does not keep, and literals, in which nothing else is looked for. Of a quote that does not
# close gcc takes the rest of the line. Each begins with a letter of its own, and not with a set: so the search passes
# over what begins with none of them.
_PLACES = rb"/\*|//[^\n]*|" + _STRING + rb"|" + _CHARACTER + rb"|<:|:>|<%|%>|%:|\f|\v|\0|\r(?=\n)|\\(?![uU])"
_PLACE = re.compile(_PLACES)
_RAW = re.compile(rb'(?<![\w$])(?:u8|[uUL])?R"([^ ()\\\t\v\f\n"]{0,16})\(|' + _PLACES)
_LITERAL = re.compile(_STRING + rb"|" + _CHARACTER)
# The literals of a text that went through plain().
LITERAL = re.compile(_LITERAL.pattern.decode())
# What may be a directive, once comments are gone.
_HASH = re.compile(rb"[ \t\f\v\0]*(?:#|%:|/)")
_SOLID = re.compile(rb"[^\s]*")
_GAP = rb"(?:[ \t]|\\\n)*+"
DIRECTIVE = re.compile(rb"(?<!\\\n)^" + _GAP + rb"#(?!#)" + _GAP + rb"(\w*)((?:[^\\\n]|\\[\s\S]?)*+)", re.MULTILINE)
_TOKEN = re.compile(
    r"(?P<word>[^\W\d][\w$]*)|(?P<number>\.?\d(?:[eEpP][+-]|[\w.])*)|(?P<string>\"(?:\\.|[^\"\\\n])*\")|"
    r"(?P<character>'(?:\\.|[^'\\\n])+')|(?P<line>\n)|"
    r"(?P<mark>\.\.\.|<<=|>>=|->|\+\+|--|<<|>>|[<>=!]=|&&|\|\||[-+*/%&|^]=|##|::|[^\s])"
)


@dataclass(frozen=True)
class Token:
    """kind: word, number, string, character or mark. line: in the text, from 1."""

    kind: str
    text: str
    line: int


def tokens(text: bytes) -> Iterator[Token]:
    """The tokens of a text; a backslash that ends a line is none."""
    line = 1
    for match in _TOKEN.finditer(plain(text).decode("utf-8", "replace").replace("\\\n", " \n")):
        if match.lastgroup == "line":
            line += 1
        elif match.lastgroup is not None:
            yield Token(match.lastgroup, match.group(0), line)


def bare(text: bytes) -> bytes:
    """The plain text with nothing in its literals: blanks, so that every place is that of plain()."""
    return _LITERAL.sub(_emptied, plain(text))


@lru_cache(maxsize=256)
def plain(text: bytes) -> bytes:
    """The text after the phases: every line keeps its number, and what is plain stays as it is."""
    parts = _SPLICE.split(text)
    copy = _Copy(b"".join(parts), list(accumulate(len(part) for part in parts[:-1])))
    place = _RAW if b'R"' in copy.text else _PLACE
    match = place.search(copy.text)
    while match is not None:
        found, end = match.group(0), match.end()
        copy.upto(match.start())
        if found == b"/*":
            end = copy.text.find(b"*/", end) + 2
            if end < 2:  # it does not end: left for the compiler to refuse
                copy.replaced(len(copy.text), b"/*" + _lines(copy.text[match.start() :]))
                break
            copy.comment(end)
        elif found.startswith(b"//"):
            copy.replaced(end, b" ")
        elif place is _RAW and match.group(1) is not None:
            closed = copy.text.find(b")" + match.group(1) + b'"', end)
            end = closed + len(match.group(1)) + 2 if closed >= 0 else len(copy.text)
            lines = _lines(copy.text[match.start() : end])
            copy.replaced(end, b"@" + lines.replace(b"\n", b"\\\n"))  # nothing that compiles
        else:
            copy.replaced(end, _INSTEAD.get(found, found if found[:1] in b"\"'" else b" "))
        match = place.search(copy.text, end)
    copy.upto(len(copy.text))
    return b"".join(copy.out) + b"\\\n" * len(copy.splices)


class _Copy:
    """The copy being made of a text without splices; what they ended is put back in after whole words."""

    def __init__(self, text: bytes, splices: list[int]) -> None:
        self.text = text
        self.splices = splices[::-1]  # places in the text, the next one last
        self.out: list[bytes] = []
        self.at = 0
        self.first = b""  # what the line starts with; a comment that takes it to a further one does not end it

    def upto(self, end: int) -> None:
        """Copy code."""
        self._seen(self.text[self.at : end])
        while self.splices and self.splices[-1] < end:
            cut = self.splices.pop()
            if cut > self.at and not self.text[cut - 1 : cut].isspace() and not self.text[cut : cut + 1].isspace():
                solid = _SOLID.match(self.text, cut)
                cut = min(end, solid.end() if solid is not None else cut)
            cut = max(cut, self.at)
            self.out += (self.text[self.at : cut], b"\\\n")
            self.at = cut
        self.out.append(self.text[self.at : end])
        self.at = end

    def replaced(self, end: int, by: bytes) -> None:
        """Copy something else instead, and the splices in it behind that."""
        self._seen(by)
        self.out.append(by)
        while self.splices and self.splices[-1] < end:
            self.splices.pop()
            self.out.append(b"\\\n")
        self.at = end

    def comment(self, end: int) -> None:
        """A comment is a blank; the lines that it takes end no directive, nor do they make one of what follows."""
        lines = _lines(self.text[self.at : end])
        if lines and self.first and (self.first == b"#" or _HASH.match(self.text, end)):
            lines = lines.replace(b"\n", b"\\\n")
        first = self.first
        self.replaced(end, b" " + lines)
        self.first = first

    def _seen(self, code: bytes) -> None:
        _, ended, last = code.rpartition(b"\n")
        self.first = b"" if ended else self.first
        self.first = self.first or last.strip()[:1].replace(b"%", b"#")


def _lines(text: bytes) -> bytes:
    return b"\n" * text.count(b"\n")


def _emptied(match: re.Match[bytes]) -> bytes:
    found = match.group(0)
    return found[:1] + b" " * (len(found) - 2) + found[:1] if len(found) > 1 and found[-1:] == found[:1] else found
