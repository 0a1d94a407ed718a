# SPDX-License-Identifier: GPL-2.0-or-later
"""What macros declare at file level, as the C that it amounts to: tracepoints, static keys, other variables.

A tracepoint is a function that takes what TP_PROTO says and does nothing (include/linux/tracepoint.h); so what its
calls pass is compiled against the tree's own declaration, and evaluated.
"""

from __future__ import annotations

import re
from functools import lru_cache

from reviewer.csource.attributes import blank_attributes
from reviewer.csource.items import Item
from reviewer.csource.tokens import plain

_NESTED = rb"(?:[^()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*"
_EVENT = re.compile(
    rb"^(?:TRACE_EVENT|DEFINE_EVENT|DECLARE_TRACE)(?:_\w+)?\s*\(\s*(?:\w+\s*,\s*)?(\w+)\s*,\s*"
    rb"TP_PROTO\s*\((" + _NESTED + rb")\)",
    re.MULTILINE,
)
_VARIABLE = re.compile(
    rb"^(?:static[ \t]+|extern[ \t]+)?(?:DEFINE|DECLARE)_"
    rb"(STATIC_KEY|PER_CPU|SPINLOCK|MUTEX|STATIC_SRCU|SRCU|WAIT_QUEUE_HEAD)(\w*)\s*\(((?:[^()]|\([^()]*\))*)\)",
    re.MULTILINE,
)
_TRACE_HEADER = re.compile(rb"^[ \t]*#[ \t]*include[ \t]+<(trace/events/\w+\.h)>", re.MULTILINE)
_QUOTED = re.compile(rb'^[ \t]*#[ \t]*include[ \t]+"([^"]+)"', re.MULTILINE)
_OBJECTS = {
    "SPINLOCK": "spinlock_t {} = {{ 0, -1 }}",
    "MUTEX": "struct mutex {}",
    "STATIC_SRCU": "struct srcu_struct {}",
    "SRCU": "struct srcu_struct {}",
    "WAIT_QUEUE_HEAD": "struct list_head {}",
}


def trace_headers(source: bytes) -> list[str]:
    """The headers of tracepoints that a file includes."""
    found = _TRACE_HEADER.findall(source) if b"trace/events/" in source else []
    return [f"include/{name.decode()}" for name in found]


def quoted_headers(source: bytes) -> list[str]:
    """The headers that a file includes by quotes, as it names them."""
    return [name.decode("latin-1") for name in _QUOTED.findall(source) if b".." not in name]


@lru_cache(maxsize=128)
def tracepoints(path: str, text: bytes) -> tuple[Item, ...]:
    """What calls of the tracepoints declared in this text come to; the names that may be called are the items'."""
    return events(path, plain(text))


def events(path: str, text: bytes) -> tuple[Item, ...]:
    """The same of a text that is plain."""
    found = []
    for match in _EVENT.finditer(text) if b"TP_PROTO" in text else ():
        name, line = match.group(1).decode(), _line(text, match)
        bare = blank_attributes(match.group(2))
        parameters = " ".join(bare.decode("utf-8", "replace").split())
        for called in (f"trace_{name}", f"trace_{name}_tp", f"trace_call__{name}"):
            found.append(Item(called, "function", path, line, f"static inline void {called}({parameters}) {{ }}"))
        asked = f"trace_{name}_enabled"
        text_of = f"static inline bool {asked}(void) {{ return w_traced(); }}"
        found.append(Item(asked, "function", path, line, text_of))
    return tuple(found)


def variables(path: str, text: bytes) -> list[Item]:
    """Variables that macros define or declare in a text whose conditionals are resolved."""
    found = []
    for match in _VARIABLE.finditer(text):
        kind, suffix = match.group(1).decode(), match.group(2).decode()
        given = [part.strip().decode("utf-8", "replace") for part in match.group(3).split(b",")]
        declared = _declared(kind, suffix, given)
        if declared is not None:
            name, written = declared
            found.append(Item(name, "variable", path, _line(text, match), f"{written};"))
    return found


def _declared(kind: str, suffix: str, given: list[str]) -> tuple[str, str] | None:
    """(name, declaration), None for what is not known here."""
    if kind == "STATIC_KEY" and (value := re.match(r"_(?:ARRAY_)?(TRUE|FALSE)(?:_RO)?$", suffix)) is not None:
        size = f"[{given[1]}]" if "ARRAY" in suffix and len(given) == 2 else ""
        return given[0], f"struct static_key_{value.group(1).lower()} {given[0]}{size}"
    if kind == "PER_CPU" and len(given) == 2:
        return given[1], f"{given[0]} {given[1]}"
    if kind in _OBJECTS and not suffix and len(given) == 1:
        return given[0], _OBJECTS[kind].format(given[0])
    return None


def _line(text: bytes, match: re.Match[bytes]) -> int:
    start = match.start() + len(match.group(0)) - len(match.group(0).lstrip())
    return text.count(b"\n", 0, start) + 1
