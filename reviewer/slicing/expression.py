"""#if conditions: what is defined so far, and whether a condition holds."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

COMMENT = re.compile(rb"/\*.*?\*/|//[^\n]*", re.DOTALL)
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


def holds(text: bytes, macros: Macros) -> bool:
    """Whether the condition of an #if or #elif holds."""
    return bool(_Expression(COMMENT.sub(b" ", text).replace(b"\\\n", b" ").decode("latin-1"), macros).value())
