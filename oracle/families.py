# SPDX-License-Identifier: GPL-2.0-or-later
"""What the family of an entry says of it: an adapter names one (W_FAMILY), world/family.h has the traits of each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

_FOLDER = Path(__file__).parent
_ROW = re.compile(r"\bX\((\w+),\s*((?:T\(\w+\)[\s\\]*)*)\)")
_NAMED = re.compile(r"#define W_FAMILY W_FAM_(\w+)")


@cache
def families() -> Mapping[str, frozenset[str]]:
    """Each family with its traits: "FORK" -> {"COPIES", "KEEPS_DIRTY", ...}."""
    text = (_FOLDER / "world" / "family.h").read_text("utf-8")
    table = text[text.index("#define W_FAMILIES(") :].partition("\n\n")[0]
    return MappingProxyType({name: frozenset(re.findall(r"T\((\w+)\)", row)) for name, row in _ROW.findall(table)})


@cache
def traits(adapter: str) -> frozenset[str]:
    """The traits of an adapter's family; none of one that is made from a signature."""
    named = _NAMED.search((_FOLDER / "entries" / adapter).read_text("utf-8"))
    return families()[named[1]] if named else frozenset()
