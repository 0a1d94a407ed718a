# SPDX-License-Identifier: GPL-2.0-or-later
"""Families of entries stand in one table, world/family.h: each is explained and used; checks ask for traits."""

from __future__ import annotations

import re
from collections import Counter

from oracle.entries import ENTRIES, GENERIC
from oracle.families import families
from reviewer.slicing import adapter
from reviewer.slicing.world import ENTRIES as ADAPTERS
from reviewer.slicing.world import WORLD

TABLE = (WORLD / "family.h").read_text("utf-8")
_NAMED = re.compile(r"\bW_FAM_(\w+)")


def rows(macro: str) -> list[str]:
    """The lines of a list of family.h, without what ends them."""
    body = re.search(rf"#define {macro}\(.*\) \\\n((?:.*\\\n)*.*)", TABLE)
    assert body is not None
    return [line.strip().removesuffix("\\").strip() for line in body.group(1).split("\n")]


def explained() -> dict[str, str]:
    """Family -> the line above its row."""
    text = "\n".join(rows("W_FAMILIES"))
    return {name: above for above, name in re.findall(r"(?:^|\n)(.*)\nX\((\w+),", text)}


def traits() -> dict[str, str]:
    """Trait -> what is said of it."""
    found = [re.fullmatch(r"X\((\w+)\)\s*(.*)", line) for line in rows("W_TRAITS") if line.startswith("X(")]
    return {m.group(1): m.group(2) for m in found if m is not None}


def checks() -> dict[str, str]:
    """The text of all that may ask for a trait, by file."""
    files = [p for where in (WORLD, ADAPTERS) for p in sorted(where.glob("*.[ch]")) if p.name != "family.h"]
    return {p.name: p.read_text("utf-8") for p in files}


def test_each_family_and_trait_has_a_line_that_says_what_it_means() -> None:
    comment = re.compile(r"/\* \S.{8,} \*/")
    assert explained().keys() == families().keys()
    assert not [name for name, above in explained().items() if not comment.fullmatch(above)]
    assert not [name for name, said in traits().items() if not re.fullmatch(r"/\* \S.* \*/", said)]
    assert len(families()) > 20
    assert len(traits()) > 40


def test_each_adapter_names_one_family_and_each_family_has_an_adapter() -> None:
    named = {e.adapter: _NAMED.findall((ADAPTERS / e.adapter).read_text("utf-8")) for e in ENTRIES}
    assert not {file: found for file, found in named.items() if len(found) != 1}
    made = set(adapter.FAMILIES.values())
    assert not _NAMED.findall((ADAPTERS / GENERIC).read_text("utf-8"))  # the slicer chooses one
    assert {f for one in named.values() for f in one} | made == families().keys()


def test_no_check_names_a_family() -> None:
    """Adapters do once, where they say which is theirs."""
    elsewhere = {
        name: found
        for name, text in checks().items()
        if (found := _NAMED.findall(re.sub(r"(?m)^#define W_FAMILY W_FAM_\w+$", "", text)))
    }
    assert not elsewhere
    assert not [name for name, text in checks().items() if name != "side.h" and re.search(r"(->|\.)family\b", text)]


def test_each_trait_is_asked_for_and_some_family_has_it() -> None:
    asked = Counter(re.findall(r"\bw_trait\([^,()]+, (\w+)\)", "\n".join(checks().values())))
    assert asked.keys() == traits().keys()
    assert frozenset[str]().union(*families().values()) == traits().keys()
