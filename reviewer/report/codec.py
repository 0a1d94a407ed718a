# SPDX-License-Identifier: GPL-2.0-or-later
"""Frozen dataclasses to and from JSON values, led by their type hints.

encode() keeps the order of fields and mappings. decode() accepts just what the hints allow, and its error
names the spot: "findings[0].patch: expected a whole number, got text".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from reviewer.errors import ReviewError

_WORDS: dict[type, str] = {
    str: "text",
    int: "a whole number",
    float: "a fraction",
    bool: "true or false",
    NoneType: "null",
    dict: "an object",
    list: "a list",
}


def encode(value: Any) -> Any:
    """The JSON value of a dataclass, tuple, mapping or plain value; optional fields only where they say something."""
    if is_dataclass(value):
        held = ((item, getattr(value, item.name)) for item in fields(value))
        return {item.name: encode(entry) for item, entry in held if not _left_out(item, entry)}
    if isinstance(value, Mapping):
        return {str(key): encode(entry) for key, entry in value.items()}
    if isinstance(value, tuple | list):
        return [encode(entry) for entry in value]
    return value


def _left_out(item: Field[Any], entry: Any) -> bool:
    return bool(item.metadata.get("optional")) and entry == item.default


def decode(hint: Any, value: Any, spot: str = "") -> Any:
    """The value as the hint wants it; ReviewError, placed at the spot, when it does not fit."""
    origin, inner = get_origin(hint), get_args(hint)
    if hint is Any:
        return value
    if is_dataclass(hint):
        return _decode_dataclass(hint, value, spot)
    if origin is Literal:
        if value not in inner:
            raise ReviewError(f"expected one of {', '.join(map(repr, inner))}, got {value!r}", place=spot)
        return value
    if origin in (Union, UnionType):
        # The contract has no unions but "... or null".
        return None if value is None else decode(inner[0], value, spot)
    if origin is tuple:
        entries = _expect(list, value, spot)
        return tuple(decode(inner[0], entry, f"{spot}[{at}]") for at, entry in enumerate(entries))
    if origin is Mapping:
        entries = _expect(dict, value, spot)
        return {key: decode(inner[1], entry, f"{spot}.{key}") for key, entry in entries.items()}
    return _expect(hint, value, spot)


def _decode_dataclass(cls: Any, value: Any, spot: str) -> Any:
    entries = _expect(dict, value, spot)
    hints = get_type_hints(cls)
    needed = [f.name for f in fields(cls) if f.default is MISSING and f.default_factory is MISSING]
    for wrong, names in (("missing", set(needed) - set(entries)), ("not known", set(entries) - set(hints))):
        if names:
            raise ReviewError(f"{wrong}: {', '.join(sorted(names))}", place=spot)
    lead = f"{spot}." if spot else ""
    return cls(**{name: decode(hints[name], entry, lead + name) for name, entry in entries.items()})


def _expect(kind: type, value: Any, spot: str) -> Any:
    # bool is an int to Python, never to JSON.
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise ReviewError(f"expected {_WORDS[kind]}, got {_WORDS[type(value)]}", place=spot)
    return value
