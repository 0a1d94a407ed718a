# SPDX-License-Identifier: GPL-2.0-or-later
"""What was read of a file as bytes, for the cache: JSON with the numbers and macros, behind it the text of the items.

Data and nothing else: what unpacks it runs no code and makes no objects but its own, whoever wrote the file. What does
not unpack is as if it were not there.
"""

from __future__ import annotations

import json
from typing import Any

from reviewer.csource.items import Item
from reviewer.csource.macros import Done, Meaning
from reviewer.csource.preprocess import Branch
from reviewer.slicing.reading import Read

_ASKED = ("refs", "members")  # of an item
_KIND = {kind[0]: kind for kind in ("function", "macro", "type", "variable", "prototype")}


def packed(ways: tuple[Read, ...]) -> bytes:
    """These ways in which a file reads."""
    texts: list[str] = []
    heads = [_head(one, texts) for one in ways]
    head = json.dumps(heads, separators=(",", ":"), ensure_ascii=False).encode()
    return b"%d\n%b%b" % (len(head), head, "".join(texts).encode())


def unpacked(path: str, content: bytes) -> tuple[Read, ...]:
    """The ways in which the file of this path reads, none when they cannot be had."""
    try:
        size, _, rest = content.partition(b"\n")
        text, at, ways = rest[int(size) :].decode(), 0, []
        for head in json.loads(rest[: int(size)]):
            one, at = _way(path, head, text, at)
            ways.append(one)
        return tuple(ways)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        return ()


def _head(one: Read, texts: list[str]) -> dict[str, Any]:
    texts += [item.text for item, _ in one.items]
    return {
        "names": "\n".join("\t".join(names) for _, names in one.items),
        "kinds": "".join(item.kind[0] for item, _ in one.items),
        "lines": [item.line for item, _ in one.items],
        "sizes": [len(item.text) for item, _ in one.items],
        **{asked: _answers(one, asked) for asked in _ASKED},
        "left": [[b.first, b.last, b.why, b.line, b.path] for b in one.left_out],
        "faults": one.faults,
        "asked": one.asked,
        "values": one.own.values,
        "calls": one.own.calls,
        "gone": sorted(one.own.gone),
        "meant": [sorted(words) for words in one.meant],
    }


def _answers(one: Read, asked: str) -> dict[int, list[str]]:
    """What items were asked, so that the next process need not work it out."""
    known = ((n, vars(item).get(asked)) for n, (item, _) in enumerate(one.items))
    return {n: sorted(names) for n, names in known if names is not None}


def answers(ways: tuple[Read, ...]) -> int:
    """How many such answers there are in what was read."""
    return sum(asked in vars(item) for one in ways for item, _ in one.items for asked in _ASKED)


def _way(path: str, head: dict[str, Any], text: str, at: int) -> tuple[Read, int]:
    """One of them, and where the text of the next begins."""
    items = []
    names = head["names"].split("\n") if head["kinds"] else []
    for name, kind, line, size in zip(names, head["kinds"], head["lines"], head["sizes"], strict=True):
        defined = (name,) if "\t" not in name else tuple(name.split("\t"))
        items.append((Item(defined[0], _KIND[kind], path, line, text[at : at + size]), defined))
        at += size
    if at > len(text):
        raise ValueError("the text ends early")
    for asked in _ASKED:  # where cached_property keeps them
        for n, known in head[asked].items():
            vars(items[int(n)][0])[asked] = frozenset(known)
    before, after = (frozenset(words) for words in head["meant"])
    return Read(
        tuple(items),
        tuple(Branch(b[0], b[1], b[2], b[3], tuple((n, m) for n, m in b[4])) for b in head["left"]),
        tuple((line, what) for line, what in head["faults"]),
        {name: answer if isinstance(answer, bool) else _meaning(answer) for name, answer in head["asked"].items()},
        Done(
            head["values"], {n: (tuple(given), body) for n, (given, body) in head["calls"].items()},
            frozenset(head["gone"]),
        ),
        (before, after),
    ), at  # fmt: skip


def _meaning(answer: list[Any] | None) -> Meaning | None:
    if answer is None:
        return None
    given, body = answer
    return (tuple(given) if given is not None else None, body)
