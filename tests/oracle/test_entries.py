# SPDX-License-Identifier: GPL-2.0-or-later
"""The rows of entries are whole: what one names is there, and nothing is named that no row has."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path
from typing import get_args

import pytest

import oracle.entries
import oracle.explain
from oracle.entries import ENTRIES, FOLIOS, PLAIN, Allowed, Entry, entry, generic
from oracle.explain import refine
from oracle.explain.calls import allowed, function, other_tables
from oracle.families import families, traits
from oracle.flavours import FLAVOURS
from oracle.results import abreast, result
from oracle.rules import RULES
from oracle.wire import Scenario, names, words

_FOLDER = Path(oracle.entries.__file__).parent
_FAMILY = re.compile(r"#define W_FAMILY W_FAM_(\w+)")
_WITH = [e for e in ENTRIES if e.reference]
_WORLD = "".join(path.read_text("utf-8") for path in sorted(_FOLDER.parent.glob("world/*.h")))


def test_each_function_has_one_row() -> None:
    assert len({e.name for e in ENTRIES}) == len(ENTRIES)
    assert all(entry(e.name) is e for e in ENTRIES)
    assert len({hash(e) for e in ENTRIES}) == len(ENTRIES)


@pytest.mark.parametrize("row", ENTRIES, ids=lambda e: e.name)
def test_what_a_row_names_is_there(row: Entry) -> None:
    adapter = _FOLDER / row.adapter
    assert "w_entry(void)" in adapter.read_text("utf-8")
    assert row.name in adapter.read_text("utf-8")
    assert set(row.flavours) <= set(FLAVOURS)
    assert {what.removesuffix(PLAIN) for what in row.breaks} <= set(names("DIFFS"))
    assert set(row.breaks.values()) <= set(RULES)
    assert all(re.search(rf"^#define {name}\b", _WORLD, re.MULTILINE) for name in row.beyond)
    assert max((len(call) for call in row.calls), default=0) <= len(row.options)
    assert _asks(row.destination) == ["scenario"]
    assert row.known_to(row.since or "6.12")
    assert not (row.until and row.known_to(row.until))


def _asks(name: str) -> list[str]:
    """The parameters of a function that have no default."""
    parameters = inspect.signature(function(name)).parameters.values()
    return [p.name for p in parameters if p.default is p.empty]


@pytest.mark.parametrize("row", _WITH, ids=lambda e: e.name)
def test_functions_of_the_reference_are_called_as_they_are_named(row: Entry) -> None:
    assert row.reference
    assert _asks(row.reference.call) == ["machine", "scenario"]
    if row.reference.untold:
        assert _asks(row.reference.untold) == ["scenario"]
        assert inspect.getdoc(function(row.reference.untold)), "why it has no word on them"
    assert all(re.fullmatch(r"returns|result \d", label) for label in row.reference.unsaid)


def test_what_is_allowed_is_described() -> None:
    described = set(re.findall(r"^- ([a-z-]+):", refine.__doc__ or "", re.MULTILINE))
    assert described == set(words("ALLOWANCES"))
    assert set(get_args(Allowed)) <= described
    assert all(allowed(e.name) <= described for e in ENTRIES)
    used = {name for e in _WITH if e.reference for name in e.reference.allows}
    assert used == set(get_args(Allowed))


def test_what_is_allowed_is_listed_beside_the_difference_that_it_is() -> None:
    """Each reason that the code gives is one of wire.h, and each of wire.h is given."""
    given: set[str] = set()
    for module in (refine, oracle.explain):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            match node:
                case ast.FunctionDef(name="_allowed"):
                    given |= {why for n in ast.walk(node) if isinstance(n, ast.Return) for why in _words(n.value)}
                case ast.Assign(targets=[ast.Name(id="why")], value=value):
                    given |= _words(value)
                case ast.Yield(value=ast.Tuple(elts=[first, *_])):
                    given |= _words(first)
    assert given - {""} == set(words("ALLOWANCES"))


def _words(node: ast.expr | None) -> set[str]:
    """What an expression may be, where that is said in words."""
    match node:
        case ast.Constant(value=str(text)):
            return {text}
        case ast.IfExp(body=body, orelse=other):
            return _words(body) | _words(other)
        case _:
            return set()


@pytest.mark.parametrize("row", ENTRIES, ids=lambda e: e.name)
def test_the_family_of_a_row_is_read(row: Entry) -> None:
    """Which traits there are is held by test_families.py."""
    assert _FAMILY.findall((_FOLDER / row.adapter).read_text("utf-8")) in [[name] for name in families()]
    assert traits(row.adapter) in families().values()


def test_families_are_read_as_the_world_has_them() -> None:
    assert {"COPIES", "MERGES_WRITE", "RESTORES_EXCLUSIVE"} < families()["FORK"]
    assert families()["FILL"] == frozenset()
    assert {"PROTECTS", "AGES", "COPIES", "COUNTS_ALONE"} < frozenset().union(*families().values())
    assert traits("copy_pte_range.h") == families()["FORK"]
    assert traits("generic.h") == frozenset()


def test_what_is_right_in_a_family_or_an_entry_only() -> None:
    assert allowed("change_pte_range") == {"follows-merge"}
    assert allowed("walk_pte_range") == {"aged-with-its-block", "dirty-of-its-batch"}
    assert allowed("try_to_unmap_one") == {"kept", "dirty-of-its-batch"}
    assert allowed("do_swap_page") == {"around"}
    assert allowed("move_ptes") == allowed("no_such_entry") == frozenset()


_RECORDS = re.compile(r"W\.dst_first = ")


@pytest.mark.parametrize("row", [*ENTRIES, generic("move_them", "mm/new.c")], ids=lambda e: e.name)
def test_a_destination_is_known_where_the_adapter_records_one(row: Entry) -> None:
    """Rows of the runner are counted from there (world/rows.c), but for those of a child."""
    records = _RECORDS.search((_FOLDER / row.adapter).read_text("utf-8")) is not None
    assert records == (row.destination not in {"state:first_slot", "state:same_slot"})


def test_entries_of_the_other_tables_are_counted_as_the_runner_does() -> None:
    moved = Scenario(0, 0, 0, 520, 524, 0, 1024, 0, (3, 0, 0, 9, 0, 0, 0, 0), (), ())
    assert other_tables("copy_pte_range", moved) == ("child PTE", 520)
    assert other_tables("move_ptes", moved) == ("new PTE", 3)
    assert other_tables("move_pages_ptes", moved) == ("new PTE", 509)
    assert other_tables("contpte_set_ptes", moved) == ("new PTE", 0)
    assert other_tables("no_such_entry", moved) == ("new PTE", 8)


def test_every_adapter_serves_an_entry() -> None:
    shared = {path.name for path in _FOLDER.glob("*.h") if "w_entry(void)" not in path.read_text("utf-8")}
    assert {path.name for path in _FOLDER.glob("*.h")} - shared == {e.adapter for e in ENTRIES}


def test_results_are_called_what_their_row_says() -> None:
    for known in ENTRIES:
        for at, name in enumerate(known.results):
            assert result(known.name, f"result {at}") == ("what it hands back*" if name.endswith(FOLIOS) else name)
    assert result("mlock_pte_range", "result 3") == result("no_such_entry", "result 0") == "what it hands back*"
    assert result("mlock_pte_range", "returns") == ""


def test_of_a_hash_states_side_by_side_tell_only_whether_it_is_the_same() -> None:
    states = [{"result 0": "1", "result 1": "77"}, {"result 0": "1", "result 1": "-5"}, {"result 1": "77"}]
    pages, which = "result 0 (pages that it handed out)", "result 1 (which pages)"
    same = {which: "value a"}
    assert abreast("follow_page_pte", states) == [{pages: "1", **same}, {pages: "1", which: "value b"}, same]
    assert abreast("no_such_entry", states) == [{f"{k} (what it hands back)": v for k, v in s.items()} for s in states]


def _texts(path: Path) -> set[str]:
    """The strings of a module, without its docstrings."""
    tree = ast.parse(path.read_text("utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    strings = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in docstrings)
    return {node.value for node in strings if isinstance(node.value, str)}


def test_an_entry_is_named_in_its_row_only() -> None:
    """What is true of one entry stands in its row: no module asks what it is called."""
    root, known = _FOLDER.parents[1], {e.name for e in ENTRIES}
    modules = [path for top in ("oracle", "reviewer") for path in (root / top).rglob("*.py") if path.parent != _FOLDER]
    asked = {str(path.relative_to(root)): named for path in modules if (named := known & _texts(path))}
    assert asked == {}
