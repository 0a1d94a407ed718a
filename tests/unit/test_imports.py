# SPDX-License-Identifier: GPL-2.0-or-later
"""Imports run one way: a module may use what stands above it in this list, and the oracle nothing of the reviewer."""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
# Rooms: a folder or a module below the packages. A room uses those before it; a new module of a room needs no row here.
_ORACLE = """
    rules flavours entries families wire differences sandbox channel answers runner order shrink reference
    explain
    observed results exhaustive workloads cost spending task sides judge faults campaign rules_table
    flavour_agreement
""".split()
_REVIEWER = """
    errors words limits model resources settings support intake trees csource slicing changes static building
    selection running findings reproducing patches pipeline report booting commands bench hook cluster cli __main__
""".split()
_ORDER = ["oracle", *(f"oracle.{room}" for room in _ORACLE), "reviewer", *(f"reviewer.{room}" for room in _REVIEWER)]


def _name(path: Path) -> str:
    parts = path.relative_to(_ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _modules() -> dict[str, Path]:
    return {_name(p): p for top in ("reviewer", "oracle") for p in (_ROOT / top).rglob("*.py")}


_MODULES = _modules()


def _imports(path: Path) -> set[str]:
    """The modules of ours that a file names: of a name that is taken from a package, the module if it is one."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            whole = (f"{node.module}.{alias.name}" for alias in node.names)
            found |= {name if name in _MODULES else node.module for name in whole}
    return found & _MODULES.keys()


def _room(module: str) -> str:
    return ".".join(module.split(".")[:2])


def test_every_room_has_its_place() -> None:
    assert {_room(module) for module in _MODULES} == set(_ORDER)


_FULL = "gc.get_stats()[2]['collections']"
_MADE = f"import gc; {{}}; had = {_FULL}; made = [[n] for n in range(100_000)]; print({_FULL} - had)"
_COMMAND = "import reviewer.cli, reviewer.__main__; reviewer.cli.main = lambda: 0; reviewer.__main__.main()"


def test_what_a_review_makes_is_seldom_looked_through_for_cycles() -> None:
    """In the command: whoever imports the package has it as it was."""
    imported, command = (
        int(
            subprocess.run(
                [sys.executable, "-c", _MADE.format(first)], cwd=_ROOT, capture_output=True, check=True
            ).stdout
        )
        for first in ("import reviewer.cli", _COMMAND)
    )
    assert imported > command


def test_rooms_import_one_way() -> None:
    place = {room: at for at, room in enumerate(_ORDER)}
    wrong = [
        f"{name} imports {other}"
        for name, path in _MODULES.items()
        for other in _imports(path)
        if place[_room(other)] > place[_room(name)]
    ]
    assert wrong == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = TopologicalSorter({name: _imports(path) for name, path in _MODULES.items()})
    graph.prepare()  # a circle is an error that names it


def test_the_oracle_does_not_know_the_reviewer() -> None:
    for name, path in _MODULES.items():
        if name.startswith("oracle"):
            assert [o for o in _imports(path) if o.startswith("reviewer")] == [], name


def test_report_knows_only_what_it_is_given() -> None:
    given = ("intake.addresses", "model", "errors", "limits", "resources", "support.bounded", "words")
    mine = (f"reviewer.{name}" for name in given)
    allowed = {"oracle.rules", "oracle.flavours", "oracle.wire", "oracle.results", *mine}
    for name, path in _MODULES.items():
        if name.startswith("reviewer.report."):
            others = {o for o in _imports(path) if o != "reviewer" and not o.startswith("reviewer.report")}
            assert others <= allowed, name
