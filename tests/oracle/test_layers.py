# SPDX-License-Identifier: GPL-2.0-or-later
"""The world's own C is built in layers: no object needs, through others, what itself defines."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path

import pytest

from oracle.flavours import DEFAULT, FLAVOURS
from reviewer.building.toolchain import compiler
from reviewer.slicing.world import WORLD

LONGEST = 300  # lines of a file
SOURCES = sorted(WORLD.glob("*.c"))
Needs = Mapping[str, Mapping[str, set[str]]]


def compiled(source: Path, where: Path, flavour: str) -> Path:
    made = where / f"{source.stem}.o"
    defines = [f"-D{name}={value}" for name, value in FLAVOURS[flavour].defines]
    how = ("-std=gnu11", "-O0", "-fno-common", f"-I{WORLD}", *defines)
    subprocess.run([compiler(), *how, "-c", source, "-o", made], check=True)
    return made


def needs(objects: list[Path]) -> dict[str, dict[str, set[str]]]:
    """Object -> the ones it is linked to -> by which symbols."""
    defined: dict[str, str] = {}
    undefined: dict[str, set[str]] = {}
    for each in objects:
        listed = subprocess.run(["nm", "-g", each], capture_output=True, text=True, check=True).stdout
        for *_, kind, name in map(str.split, listed.splitlines()):
            if kind == "U":
                undefined.setdefault(each.stem, set()).add(name)
            else:
                assert name not in defined, f"{name} in {each.stem} and {defined[name]}"
                defined[name] = each.stem
    found: dict[str, dict[str, set[str]]] = {each.stem: {} for each in objects}
    for user, names in undefined.items():
        for name in names & defined.keys():
            found[user].setdefault(defined[name], set()).add(name)
    return found


def circle(of: Needs) -> str:
    """One circle with the symbols that make it, empty when there is none."""
    try:
        TopologicalSorter(of).prepare()
    except CycleError as error:
        nodes = error.args[1]  # each before the one that needs it
        steps = [f"{user} needs {' '.join(sorted(of[user][used]))} of {used}" for used, user in pairwise(nodes)]
        return "; ".join(steps)
    return ""


@pytest.mark.parametrize("flavour", DEFAULT)
def test_no_object_of_the_world_needs_itself_through_others(flavour: str, tmp_path: Path) -> None:
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        objects = list(pool.map(lambda source: compiled(source, tmp_path, flavour), SOURCES))
    found = needs(objects)
    assert not circle(found)
    assert not found["world"], "the state of the machine is beneath all"
    assert sum(map(len, found.values())) > len(SOURCES)


def test_a_circle_is_found(tmp_path: Path) -> None:
    for name, text in (("one", "int two(void); int one(void) { return two(); }"),
                       ("two", "int one(void); int two(void) { return one(); }")):  # fmt: skip
        (tmp_path / f"{name}.c").write_text(text, encoding="utf-8")
    made = [compiled(tmp_path / f"{name}.c", tmp_path, DEFAULT[0]) for name in ("one", "two")]
    assert circle(needs(made)) in {
        "one needs two of two; two needs one of one",
        "two needs one of one; one needs two of two",
    }


def test_files_are_short_and_have_a_licence() -> None:
    files = [*WORLD.glob("*.[ch]")]
    assert not {p.name: n for p in files if (n := len(p.read_text("utf-8").splitlines())) >= LONGEST}
    assert not [p.name for p in files if not p.read_text("utf-8").startswith("/* SPDX-License-Identifier: ")]
