# SPDX-License-Identifier: GPL-2.0-or-later
"""What was read of a file is kept, in this process and in the cache, and is what reading it anew would give."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from memory import Files

from oracle.flavours import DEFAULT, FLAVOURS
from reviewer.csource.macros import Macros
from reviewer.errors import ToolError
from reviewer.slicing import kept
from reviewer.slicing.index import read_beneath
from reviewer.slicing.kept import CODE, read
from reviewer.slicing.reading import Read, made
from reviewer.slicing.stored import packed, unpacked
from reviewer.slicing.world import world
from reviewer.support import cache

_ROOT = Path(__file__).resolve().parents[2]
_TEXT = """\
#ifndef GUARD
#define GUARD
#define TWICE(x) ((x) + (x)) /* \u00fcber */
#undef GONE
#if defined(CONFIG_A) && N > 3
static inline int f(int n) { return TWICE(n); }
#else
int f(int n);
#error no
#endif
typedef struct { int a; } first_t, *second_t;
enum colour { RED, GREEN };
DEFINE_SPINLOCK(lock);
#endif
""".encode()
_MACROS = Macros({"CONFIG_A": "1", "N": "4", "GONE": "1", "OTHER": "1"})
_READING = """
import sys
from reviewer.slicing.kept import read
from reviewer.csource.macros import Macros
text = open(sys.argv[1], "rb").read()
for n in range(40):
    print(repr(read(f"a{n}.h", text, Macros({"CONFIG_A": "1", "N": sys.argv[2]})).items))
"""


@pytest.fixture(autouse=True)
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache of its own, and a process that has read nothing."""
    monkeypatch.setattr(cache, "folder", lambda: tmp_path)
    monkeypatch.setattr(kept, "_KEPT", kept._Kept(1 << 20))
    yield tmp_path


def _forget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_KEPT", kept._Kept(1 << 20))


def _same(one: Read, other: Read) -> bool:
    parts = ("items", "left_out", "faults", "asked", "own", "meant", "names")
    return all(getattr(one, part) == getattr(other, part) for part in parts)


@pytest.mark.parametrize("macros", [_MACROS, Macros(), Macros({"N": "9"}, meant=frozenset(("notrace",)))])
def test_what_is_kept_is_what_was_read(macros: Macros) -> None:
    one = made("a.h", _TEXT, macros, {})
    (other,) = unpacked("a.h", packed((one,)))
    assert _same(one, other)
    assert [item.text for item, _ in one.items] == [item.text for item, _ in other.items]


def test_the_next_process_reads_it_from_the_cache(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = read("a.h", _TEXT, _MACROS)
    assert [path.name.startswith("read-") for path in empty.iterdir()] == [True]
    _forget(monkeypatch)
    monkeypatch.setattr(kept, "made", lambda *_: pytest.fail("it was read anew"))
    assert _same(first, read("a.h", _TEXT, _MACROS))


def test_what_items_were_asked_is_kept_as_well(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(f"static int f{n}(struct s *p) {{ return g{n}(p->m{n}); }}\n" for n in range(12)).encode()
    before = [(item.refs, item.members) for item, _ in made("a.c", text, _MACROS, {}).items]
    assert all("refs" not in vars(item) for item, _ in read("a.c", text, _MACROS).items)
    (path,) = empty.iterdir()
    whole = path.read_bytes()
    kept.save()
    assert path.read_bytes() == whole
    assert [(item.refs, item.members) for item, _ in read("a.c", text, _MACROS).items] == before
    kept.save()
    _forget(monkeypatch)
    items = [item for item, _ in read("a.c", text, _MACROS).items]
    assert [(vars(item)["refs"], vars(item)["members"]) for item in items] == before


def test_it_serves_wherever_what_it_asks_for_is_the_same() -> None:
    first = read("a.h", _TEXT, _MACROS)
    assert read("a.h", _TEXT, Macros({**_MACROS.values, "OTHER": "2", "FURTHER": ""})) is first
    assert read("a.h", _TEXT, Macros({**_MACROS.values, "N": "3"})) is not first
    assert read("a.h", _TEXT, Macros({**_MACROS.values, "GUARD": ""})).items == ()
    assert read("a.h", _TEXT, _MACROS) is first


def test_a_macro_that_is_defined_below_its_use_is_asked_for() -> None:
    text = b"int f(void) { return A; }\n#define A 1\n"
    assert read("a.c", text, Macros({"A": "1"})).faults == ()
    assert len(read("a.c", text, Macros({"A": "2"})).faults) == 1
    assert len(read("a.c", text, Macros()).faults) == 1


def test_what_a_file_does_to_macros() -> None:
    macros = _MACROS.copy()
    read("a.h", _TEXT, macros).take(macros)
    assert not macros.defined("GONE")
    assert macros.meaning("TWICE") == (("x",), "((x) + (x))")
    read("b.h", b"#define TWICE 2\n", macros).take(macros)
    assert macros.meaning("TWICE") == (None, "2")
    assert "TWICE" not in macros.calls


@pytest.mark.parametrize("damage", ["truncated", "garbage", "empty", "other"])
def test_a_damaged_file_is_made_anew(empty: Path, monkeypatch: pytest.MonkeyPatch, damage: str) -> None:
    first = read("a.h", _TEXT, _MACROS)
    (path,) = empty.iterdir()
    whole = path.read_bytes()
    if damage == "other":  # whole by its checksum, and yet not what belongs there
        cache.put(path.name, b'9\n[{"a":1}]')
    else:
        path.write_bytes({"truncated": whole[:-40], "garbage": b"\xff" * len(whole), "empty": b""}[damage])
    _forget(monkeypatch)
    assert _same(first, read("a.h", _TEXT, _MACROS))
    assert path.read_bytes() == whole


@pytest.mark.parametrize(
    "content", [b"", b"x", b"3\n[1]", b"2\n[]\xff", b"99999\n[]", b"4\nnull", b"-1\n[]", b"[" * 99999]
)
def test_what_does_not_unpack_is_not_there(content: bytes) -> None:
    assert unpacked("a.h", content) == ()


def test_a_text_that_ends_early_does_not_unpack() -> None:
    whole = packed((made("a.h", _TEXT, _MACROS, {}),))
    assert unpacked("a.h", whole[:-3]) == ()


def test_where_nothing_can_be_written_it_is_read_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise ToolError("there is no room")

    monkeypatch.setattr(cache, "put", full)
    assert read("a.h", _TEXT, _MACROS).names["f"].kind == "function"


def test_what_is_kept_in_a_process_is_bounded() -> None:
    held = kept._Kept(10)
    for n in range(9):
        held.put((f"{n}.h", b"12345", ()), (made(f"{n}.h", b"12345", Macros(), {}),))
    assert [bool(held.get((f"{n}.h", b"12345", ()))) for n in range(9)] == [False] * 7 + [True] * 2


def test_a_header_that_changes_is_the_only_one_read_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    files = Files({
        "include/linux/pgtable.h": "#define ASKED 1\n",
        "include/linux/mm.h": "#ifdef ASKED\nint f(void);\n#endif\n",
        "include/linux/rmap.h": "int g(void);\n",
        "mm/x.c": "int h(void) { return f(); }\n",
    })  # fmt: skip
    seen: list[str] = []

    def noted(path: str, *given: Any) -> Read:
        seen.append(path)
        return made(path, *given)

    monkeypatch.setattr(kept, "made", noted)
    further = Files({**files, "include/linux/pgtable.h": "#define ASKED 1\n#define OTHER 2\n"})
    without = Files({**files, "include/linux/pgtable.h": "#define OTHER 2\n"})
    read_by = []
    for tree in (files, further, without):
        seen.clear()
        for flavour in DEFAULT:
            assert read_beneath(tree, "mm/x.c", FLAVOURS[flavour], ()) is not None
        read_by.append(sorted(seen))
    assert read_by[0] == sorted(files)
    assert read_by[1] == ["include/linux/pgtable.h"]
    assert read_by[2] == ["include/linux/mm.h", "include/linux/pgtable.h"]


@pytest.mark.slow
def test_two_processes_at_once(tmp_path: Path) -> None:
    text, place = tmp_path / "text", tmp_path / "cache"
    text.write_bytes(_TEXT * 20)
    environment = {**os.environ, "REVIEW_PATCH_CACHE": str(place), "PYTHONPATH": str(_ROOT)}
    started = [
        subprocess.Popen([sys.executable, "-c", _READING, str(text), n], stdout=subprocess.PIPE, env=environment)
        for n in "343"
    ]
    third, fourth, again = (one.communicate(timeout=120)[0] for one in started)
    assert third == again != fourth
    command = [sys.executable, "-c", _READING, str(text), "4"]
    assert subprocess.run(command, capture_output=True, env=environment, check=True).stdout == fourth


def test_another_version_of_what_reads_keeps_its_own() -> None:
    """Whatever reading a file imports is part of the name under which it is kept."""
    seen: set[Path] = set()
    todo = [_ROOT / "reviewer/slicing/reading.py", _ROOT / "reviewer/slicing/stored.py"]
    while todo:
        path = todo.pop()
        seen.add(path)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("reviewer", "oracle")):
                other = _ROOT / f"{(node.module or '').replace('.', '/')}.py"
                todo += [other] if other not in seen else []
    assert {path.name for path in {*CODE} - seen} == {"locals.scm"}
    assert seen <= {*CODE}


def test_the_world_is_read_once_and_healed(empty: Path) -> None:
    first = world.__wrapped__()
    (path,) = empty.glob("world-*")
    whole = path.read_bytes()
    assert world.__wrapped__() == first
    cache.put(path.name, b'{"refs":[]}')
    assert world.__wrapped__() == first
    path.write_bytes(whole[:-5])
    assert world.__wrapped__() == first
    assert path.read_bytes() == whole
