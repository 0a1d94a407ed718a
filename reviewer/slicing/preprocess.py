"""Resolves preprocessor conditionals in place: what is off becomes spaces, every line keeps its number.

Not a full preprocessor: macros are not expanded, includes are not followed. What is known is the kernel
configuration of the flavour, the macros seen in files read before, and what the world defines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_DIRECTIVE = re.compile(rb"^[ \t]*#[ \t]*(\w+)[ \t]*(.*?)[ \t]*$", re.DOTALL)
_COMMENT = re.compile(rb"/\*.*?\*/|//[^\n]*", re.DOTALL)
_TOKEN = re.compile(r"\s*(0[xX][0-9a-fA-F]+|\d+|[A-Za-z_]\w*|&&|\|\||[!<>=]=|<<|>>|[-+*/%()<>!~&|^?:,])[uUlL]*")


@dataclass
class Macros:
    """The macros defined so far: name -> replacement text (empty string for plain defines)."""

    values: dict[str, str] = field(default_factory=dict)

    def defined(self, name: str) -> bool:
        return name in self.values

    def copy(self) -> Macros:
        return Macros(dict(self.values))


class _Expression:
    """Evaluates an #if expression; unknown names are 0, as the C standard has it."""

    def __init__(self, text: str, macros: Macros, depth: int = 0) -> None:
        self.tokens = [m.group(1) for m in _TOKEN.finditer(text)]
        self.macros = macros
        self.depth = depth
        self.at = 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self.at += 1
        return token

    def value(self) -> int:
        return self.ternary() if self.tokens else 0

    def ternary(self) -> int:
        condition = self.binary(0)
        if self.peek() != "?":
            return condition
        self.take()
        yes = self.ternary()
        self.take()
        no = self.ternary()
        return yes if condition else no

    _LEVELS = (("||",), ("&&",), ("|",), ("^",), ("&",), ("==", "!="), ("<", ">", "<=", ">="), ("<<", ">>"),
               ("+", "-"), ("*", "/", "%"))  # fmt: skip

    def binary(self, level: int) -> int:
        if level == len(self._LEVELS):
            return self.unary()
        left = self.binary(level + 1)
        while (op := self.peek()) in self._LEVELS[level]:
            self.take()
            left = _apply(op, left, self.binary(level + 1))
        return left

    def unary(self) -> int:
        token = self.take()
        if token == "!":
            return int(not self.unary())
        if token in {"-", "+", "~"}:
            operand = self.unary()
            return {"-": -operand, "+": operand, "~": ~operand}[token]
        if token == "(":
            inner = self.ternary()
            self.take()
            return inner
        if token[:1].isdigit():
            return int(token, 0) if not re.fullmatch(r"0\d+", token) else int(token, 8)
        return self.name(token)

    def name(self, token: str) -> int:
        if token == "defined":
            bracket = self.peek() == "("
            self.at += bracket
            found = self.macros.defined(self.take())
            self.at += bracket
            return int(found)
        if self.peek() == "(":
            return self.call(token)
        text = self.macros.values.get(token, "")
        if not text or text == token or self.depth > 8:
            return 0
        return _Expression(text, self.macros, self.depth + 1).value()

    def call(self, token: str) -> int:
        start = self.at
        level = 0
        while self.at < len(self.tokens):
            level += {"(": 1, ")": -1}.get(self.take(), 0)
            if level == 0:
                break
        if token in {"IS_ENABLED", "IS_BUILTIN", "IS_REACHABLE"}:
            return int(self.macros.defined(self.tokens[start + 1]))
        return 0


def _apply(op: str, a: int, b: int) -> int:
    match op:
        case "||":
            return int(bool(a) or bool(b))
        case "&&":
            return int(bool(a) and bool(b))
        case "|":
            return a | b
        case "^":
            return a ^ b
        case "&":
            return a & b
        case "==":
            return int(a == b)
        case "!=":
            return int(a != b)
        case "<":
            return int(a < b)
        case ">":
            return int(a > b)
        case "<=":
            return int(a <= b)
        case ">=":
            return int(a >= b)
        case "<<":
            return a << min(max(b, 0), 128)
        case ">>":
            return a >> max(b, 0)
        case "+":
            return a + b
        case "-":
            return a - b
        case "*":
            return a * b
        case _:
            return 0 if b == 0 else (a // b if op == "/" else a % b)


def _evaluate(text: bytes, macros: Macros) -> bool:
    return bool(_Expression(_COMMENT.sub(b" ", text).replace(b"\\\n", b" ").decode("latin-1"), macros).value())


@dataclass
class _Level:
    active: bool  # this branch is compiled
    outer: bool  # the branch around it is compiled
    taken: bool  # some branch of this #if was compiled


def resolve(text: bytes, macros: Macros) -> bytes:
    """Blank what the conditionals leave out; macros gains the file's own #defines."""
    out: list[bytes] = []
    stack: list[_Level] = []
    for line in _logical_lines(text):
        active = not stack or stack[-1].active
        match = _DIRECTIVE.match(line) if b"#" in line else None
        if match is None:
            out.append(line if active else _blank(line))
            continue
        word, rest = match.group(1), match.group(2)
        if word in {b"if", b"ifdef", b"ifndef", b"elif", b"else", b"endif"}:
            _conditional(word, rest, stack, macros)
            out.append(_blank(line))
        elif active and word in {b"define", b"undef"}:
            out.append(_define(word, rest, line, macros))
        else:
            out.append(_blank(line))
    return b"".join(out)


def _conditional(word: bytes, rest: bytes, stack: list[_Level], macros: Macros) -> None:
    outer = not stack or stack[-1].active
    if word in {b"if", b"ifdef", b"ifndef"}:
        if word == b"if":
            truth = outer and _evaluate(rest, macros)
        else:
            name = _COMMENT.sub(b" ", rest).split()
            truth = bool(name) and macros.defined(name[0].decode("latin-1")) == (word == b"ifdef")
        stack.append(_Level(outer and truth, outer, truth))
    elif stack and word == b"endif":
        stack.pop()
    elif stack:
        level = stack[-1]
        truth = not level.taken and (word == b"else" or (level.outer and _evaluate(rest, macros)))
        level.active = level.outer and truth
        level.taken = level.taken or truth


def _define(word: bytes, rest: bytes, line: bytes, macros: Macros) -> bytes:
    match = re.match(rb"(\w+)(\([^)]*\))?[ \t]*(.*)", rest, re.DOTALL)
    if match is None:
        return _blank(line)
    name = match.group(1).decode("latin-1")
    if word == b"undef":
        macros.values.pop(name, None)
        return _blank(line)
    value = _COMMENT.sub(b" ", match.group(3)).decode("latin-1").strip()
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
