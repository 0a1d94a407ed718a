# SPDX-License-Identifier: GPL-2.0-or-later
"""Units and answers as JSON, led by their type hints, and the key of a unit: what its answer depends on.

Nothing that was recorded is ever run or unpickled when it is read: a file of results may come from anyone.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from oracle.rules import Rule, rule
from oracle.wire import Scenario, scenario
from reviewer.cluster.units import Answer, Unit

_MOST = 64 << 20  # bytes of an answer


def encoded(value: Any) -> Any:
    """The JSON value of plain frozen data."""
    if isinstance(value, Rule):
        return value.id
    if isinstance(value, Scenario):
        return value.numbers()
    if is_dataclass(value):
        return [encoded(getattr(value, item.name)) for item in fields(value)]
    if isinstance(value, Mapping):
        return {str(key): encoded(entry) for key, entry in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple | list):
        return [encoded(entry) for entry in value]
    return value


def decoded(hint: Any, value: Any) -> Any:
    """The data of a JSON value; ValueError, TypeError, KeyError or LookupError when it is none."""
    origin, inner = get_origin(hint), get_args(hint)
    if hint is Rule:
        return rule(value)
    if hint is Scenario:
        return scenario(value)
    if is_dataclass(hint):
        made: Any = hint
        hints = _hints(made)
        return made(*(decoded(h, entry) for h, entry in zip(hints, value, strict=True)))
    if origin is tuple:
        kinds = [inner[0]] * len(value) if inner[-1] is Ellipsis else list(inner)
        return tuple(decoded(kind, entry) for kind, entry in zip(kinds, value, strict=True))
    if origin is frozenset:
        return frozenset(value)
    if origin is not None and origin is not Literal and isinstance(origin, type) and issubclass(origin, Mapping):
        return {key: decoded(inner[1], entry) for key, entry in value.items()}
    if NoneType in inner:
        return None if value is None else decoded(inner[0], value)
    if isinstance(hint, type) and not isinstance(value, hint):
        raise TypeError(f"{value!r} is no {hint.__name__}")
    return value


@cache
def _hints(cls: Any) -> list[Any]:
    told = get_type_hints(cls)
    return [told[item.name] for item in fields(cls)]


def packed(answer: Answer) -> bytes:
    """An answer to be kept."""
    return zlib.compress(json.dumps(encoded(answer), separators=(",", ":")).encode(), 6)


def unpacked(blob: bytes) -> Answer:
    """The answer that was kept. ValueError when it is damaged."""
    try:
        text = zlib.decompressobj().decompress(blob, _MOST)
        answer: Answer = decoded(Answer, json.loads(text))
    except (zlib.error, TypeError, LookupError, RecursionError) as error:
        raise ValueError("a result in this file is damaged") from error
    return answer


def key_of(unit: Unit) -> str:
    """The same for the same work, on any machine."""
    text = json.dumps([type(unit).__name__, encoded(unit)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
