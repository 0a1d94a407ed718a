# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether the condition of an #if holds, as cpp reckons: in 64 bits, with and without a sign."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable

from reviewer.csource.macros import Macros, UnreadError, expanded

_NUMBER = re.compile(r"(0[xX][0-9a-fA-F]+|0[bB][01]+|0[0-7]*|[1-9][0-9]*)([uUlL]*)")
_SUFFIX = re.compile(r"(?i:u?(?:l|ll)?|(?:l|ll)u)")
_CHARACTER = re.compile(r"'([^\\'])'")
_WORD = re.compile(r"[^\W\d]")
_RANK = {"||": 1, "&&": 2, "|": 3, "^": 4, "&": 5, "==": 6, "!=": 6, "<": 7, ">": 7, "<=": 7, ">=": 7, "<<": 8,
         ">>": 8, "+": 9, "-": 9, "*": 10, "/": 10, "%": 10}  # fmt: skip
_PLAIN: dict[str, Callable[[int, int], int]] = {
    "|": operator.or_, "^": operator.xor, "&": operator.and_, "+": operator.add, "-": operator.sub, "*": operator.mul
}  # fmt: skip
_COMPARED: dict[str, Callable[[int, int], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge
}  # fmt: skip
_DEPTH = 60
_BITS = 64


def holds(condition: str, macros: Macros) -> tuple[bool, str]:
    """Whether the condition of an #if or #elif holds, and why that is not certain."""
    try:
        tokens, unknown = expanded(condition, macros)
        return _Expression(tokens).whole() != 0, unknown
    except UnreadError as error:
        return False, str(error)


class _Value(int):
    """A number. unsigned: as C has it."""

    unsigned = False

    @classmethod
    def of(cls, number: int, unsigned: bool = False) -> _Value:
        number &= (1 << _BITS) - 1
        made = cls(number if unsigned or number < 1 << (_BITS - 1) else number - (1 << _BITS))
        made.unsigned = unsigned
        return made


class _Expression:
    """Names that are left are 0, as the C standard has it."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0
        self.idle = 0  # operands around this place that are not evaluated

    def whole(self) -> int:
        value = self.ternary()
        if self.at < len(self.tokens):
            raise UnreadError(f"has {self.peek()} where it should end")
        return value

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, wanted: str = "") -> str:
        token = self.peek()
        if not token or wanted not in {"", token}:
            raise UnreadError(f"lacks {wanted or 'an operand'}")
        self.at += 1
        return token

    def ternary(self) -> _Value:
        self.deeper()
        condition = self.binary(1)
        if self.peek() == "?":
            self.take()
            yes = self.operand(self.ternary, idle=not condition)
            self.take(":")
            no = self.operand(self.ternary, idle=bool(condition))
            condition = _Value.of(yes if condition else no, yes.unsigned or no.unsigned)
        self.depth -= 1
        return condition

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > _DEPTH:
            raise UnreadError("is nested too deep to be read here")

    def operand(self, read: Callable[[], _Value], *, idle: bool) -> _Value:
        self.deeper()
        self.idle += idle
        value = read()
        self.idle -= idle
        self.depth -= 1
        return value

    def binary(self, least: int) -> _Value:
        left = self.unary()
        while (rank := _RANK.get(op := self.peek(), 0)) >= least:
            self.take()
            idle = (op == "&&" and not left) or (op == "||" and bool(left))
            right = self.operand(lambda above=rank + 1: self.binary(above), idle=idle)  # type: ignore[misc]
            left = self.apply(op, left, right)
        return left

    def unary(self) -> _Value:
        signs = []
        while (token := self.take()) in {"!", "-", "+", "~"}:
            signs.append(token)
        value = self.primary(token)
        for sign in reversed(signs):
            value = _signed(sign, value)
        return value

    def primary(self, token: str) -> _Value:
        if token == "(":
            value = self.ternary()
            self.take(")")
            return value
        if (number := _NUMBER.fullmatch(token)) is not None and _SUFFIX.fullmatch(number.group(2)):
            digits = number.group(1)
            size = int(digits[:70], 8 if digits.isdigit() and digits[0] == "0" else 0)
            if len(digits) > 70 or size >> _BITS:
                raise UnreadError(f"has {token[:24]}, which is too large")
            return _Value.of(size, "u" in number.group(2).lower() or bool(size >> (_BITS - 1)))
        if (character := _CHARACTER.fullmatch(token)) is not None and character.group(1).isascii():
            return _Value.of(ord(character.group(1)))
        if _WORD.match(token) and self.peek() != "(":
            return _Value.of(0)
        raise UnreadError(f"has {token[:24]}, which has no value here")

    def apply(self, op: str, a: _Value, b: _Value) -> _Value:
        unsigned = a.unsigned or b.unsigned
        if op in {"&&", "||"}:
            return _Value.of((a and b) != 0 if op == "&&" else (a or b) != 0)
        if op in {"<<", ">>"}:
            return _shifted(a, b if op == "<<" else -int(b))
        x, y = _Value.of(a, unsigned), _Value.of(b, unsigned)
        if op in _COMPARED:
            return _Value.of(_COMPARED[op](x, y))
        if op in _PLAIN:
            return _Value.of(_PLAIN[op](x, y), unsigned)
        if not y and not self.idle:
            raise UnreadError("divides by zero")
        quotient = abs(x) // (abs(y) or 1) * (1 if (x < 0) == (y < 0) else -1)
        return _Value.of(quotient if op == "/" else x - y * quotient, unsigned)


def _signed(sign: str, value: _Value) -> _Value:
    if sign == "!":
        return _Value.of(not value)
    return _Value.of({"-": -int(value), "+": int(value), "~": ~int(value)}[sign], value.unsigned)


def _shifted(value: _Value, left: int) -> _Value:
    by = min(abs(left), _BITS)
    return _Value.of(value << by if left >= 0 else value >> by, value.unsigned)
