# SPDX-License-Identifier: GPL-2.0-or-later
"""What a patch may not bring to the code under test: the means to find what runs it, or to tell that it is run here.

Asked of what a patch changes, and of that only what it brings: names of the simulated world, where a frame, a return
address or the line is, and calls to an address that is made. Code can be written so that none of this sees it: what it
could do then, oracle/world/pipes.c and sandbox.c keep from counting.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable

from reviewer.csource.items import Item
from reviewer.errors import SliceError

_LITERAL = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.DOTALL)
_BUILTINS = (
    r"constant_p|choose_expr|types_compatible_p|expect|unreachable|offsetof|trap|prefetch|assume_aligned|has_attribute|"
    r"(?:dynamic_)?object_size|(?:add|sub|mul)_overflow|(?:clz|ctz|ffs|fls|popcount|parity)l{0,2}|bswap(?:16|32|64)|"
    r"mem(?:cpy|move|set|cmp)|strlen"
)
_NAMES = (
    (re.compile(r"\b(?:W|[Ww]_\w+|HAVE_\w+|lab_\w+)\b"), "a name of the simulated world"),
    (re.compile(rf"\b__builtin_(?!(?:{_BUILTINS})\b)\w+"), "a builtin that no kernel code needs here"),
    (re.compile(r"\b_(?:RET|THIS)_IP_\b|\b(?:__)?alloca\b"), "where the code runs"),
    (re.compile(r"\b__(?:LINE|COUNTER|BASE_FILE|INCLUDE_LEVEL|DATE|TIME|TIMESTAMP)__\b"), "where the code stands"),
    (re.compile(r"\b__(?:pic|PIC|pie|PIE|STDC_HOSTED|OPTIMIZE|OPTIMIZE_SIZE|NO_INLINE)__\b"), "how it is compiled"),
)
_CALLS = (
    (re.compile(r"\(\s*\*+\s*(?:(?:const|volatile)\s*)*\)\s*\("), "a cast to a function pointer"),
    (re.compile(r"\bgoto\s*\*"), "a jump to an address"),
)
# Where a type's name stands before it this is no call.
_POINTER = re.compile(r"\b(?!(?:return|else|do|case|sizeof)\b)\w+[\s*]+\(\s*\*[^()]*\)\s*\(")
_TYPEDEF = re.compile(r"\btypedef\b[^;{}]*?\(\s*\*+\s*(\w+)\s*\)\s*\(")
_INNER_TYPE = re.compile(r"\btypedef\b")


def refuse_brought(before: Iterable[Item], after: Iterable[Item], touched: Collection[str]) -> None:
    """Raise SliceError when the items of these names hold more that is refused after a patch than before it."""
    items = tuple(after)
    pointers = frozenset(m[1] for i in items if i.kind == "type" for m in _TYPEDEF.finditer(i.text))
    held = Counter[str]()
    for item in (i for i in before if i.name in touched):
        held.update(w for w, _ in _found(item, pointers))
    for item in (i for i in items if i.name in touched):
        for word, what in _found(item, pointers):
            held[word] -= 1
            if held[word] < 0:
                raise SliceError(f"the patch brings {word}: {what} is not for code under test", place=item.file)


def refuse_forging(text: str) -> None:
    """Raise SliceError when the text of a function holds any of it."""
    refuse_brought((), (Item("it", "function", "slice", 1, text),), {"it"})


def _found(item: Item, pointers: Collection[str]) -> list[tuple[str, str]]:
    """(what stands there, what that is)."""
    text = _LITERAL.sub(" ", item.text)
    _, brace, body = text.partition("{") if item.kind == "function" else ("", "", text)
    found = [(m[0], what) for form, what in _NAMES for m in form.finditer(text)]
    if item.kind in {"function", "macro", "variable"}:
        found += [("".join(m[0].split()), what) for form, what in _CALLS for m in form.finditer(body)]
    if item.kind == "function" and brace:
        found += [(" ".join(m[0].split()), "a function pointer of its own") for m in _POINTER.finditer(body)]
        found += [(m[0], "a type of its own") for m in _INNER_TYPE.finditer(body)]
        found += [(n, "a function pointer of its own") for n in sorted(pointers) for _ in re.findall(rf"\b{n}\b", body)]
    return found
